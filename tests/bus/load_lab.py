# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Many clients, bad clients and greedy clients, each for so many seconds; returns figures. Shared by the
# short test and the long one.

import collections
import heapq
import random
import struct

from fake_lab import *

MIB = 1 << 20
USERS = (65534, 1, 3, 4)
CONNECTIONS, JOBS = 64, 8
# Of each connection, so that no user comes to the limit of calls.
CALLS_PER_SECOND = 5
# One call in so many is another than ListJobs.
OTHERS_EVERY = 10
STATS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.Debug.Stats")

# Seconds of each call; bytes that the service grew by; descriptors before and after.
Figures = collections.namedtuple("Figures", "seconds grown before after")


def show(what, figures):
    print("# %s: %d calls, p50 %.1f ms, p99 %.1f ms, RSS %+.1f MiB, descriptors %d -> %d" % (
        what, len(figures.seconds), percentile(figures.seconds, 0.5) * 1e3,
        percentile(figures.seconds, 0.99) * 1e3, figures.grown / MIB, figures.before,
        figures.after), flush=True)


def measured(root, act):
    """Runs `act`, which returns seconds, between two looks at the service."""
    ours(root, MANAGER, "ListJobs")
    pid, before = service_pid(), descriptor_count()
    size = resident_bytes(pid)
    seconds = act()
    wait_for("descriptors to be closed", lambda: descriptor_count() <= before)
    return Figures(seconds, resident_bytes(pid) - size, before, descriptor_count())


def begin_other(chance, connection):
    chance.choice((
        lambda: begin_ours(connection, MANAGER, "ListArtifacts"),
        lambda: connection.begin(SERVICE, "/org/pxed1", OBJECT_MANAGER, "GetManagedObjects"),
        lambda: connection.begin(SERVICE, "/org/pxed1", INTROSPECTABLE, "Introspect"),
        lambda: begin_ours(connection, job(chance.randrange(1, 12)), "GetLog", "tu", 0, 0),
    ))()


def drive(connections, seconds, chance):
    """Every connection calls at its own moments and reads what comes. Returns the time of each
    ListJobs."""
    now = time.monotonic()
    end = now + seconds
    due = [(now + chance.random() / CALLS_PER_SECOND, number) for number in range(len(connections))]
    heapq.heapify(due)
    by_socket = {c.socket: c for c in connections}
    pending, taken = {}, []
    while due or pending:
        now = time.monotonic()
        while due and due[0][0] <= now:
            at, number = heapq.heappop(due)
            connection = connections[number]
            if chance.randrange(OTHERS_EVERY) == 0:
                begin_other(chance, connection)
            serial = begin_ours(connection, MANAGER, "ListJobs")
            pending[connection, serial] = time.monotonic()
            if now < end:
                heapq.heappush(due, (at + chance.uniform(0.5, 1.5) / CALLS_PER_SECOND, number))
        assert now < end + PATIENCE, f"{len(pending)} calls have no answer"
        wait = due[0][0] - now if due else 1
        for ready in select.select(list(by_socket), [], [], max(0, wait))[0]:
            connection = by_socket[ready]
            connection.fill()
            while message := connection.take():
                begin = pending.pop((connection, message.reply_to), None)
                if begin:
                    assert not message.error, message.text
                    taken.append(message.time - begin)
    return taken


def load(root, seconds, chance):
    """64 connections of 4 users, 8 jobs of theirs."""
    jobs = []
    for uid in USERS:
        owner = Connection(uid)
        jobs += [start(owner, "hang") for _ in range(JOBS // len(USERS))]
        owner.close()
    wait_for("two to run", lambda: sum(
        item[4] == "running" for item in ours(root, MANAGER, "ListJobs").body[0]) == 2)

    def act():
        connections = [Connection(USERS[i % len(USERS)]) for i in range(CONNECTIONS)]
        try:
            return drive(connections, seconds, chance)
        finally:
            for connection in connections:
                connection.close()

    try:
        return measured(root, act)
    finally:
        for number in jobs:
            ours(root, job(number), "Cancel")
        wait_for("all to end", lambda: all(state_of(root, number) == "cancelled"
                                           for number in jobs))


def flood_forever(connections, calls_per_second):
    """In a process of its own: so many calls of each connection, spread over the time, or as many as go;
    answers are thrown away as they come. Nothing is built anew for a call, since what floods must be
    faster than who answers."""
    poll = select.poll()
    by_fd = {c.socket.fileno(): c.socket for c in connections}
    for fd in by_fd:
        poll.register(fd, select.POLLIN)
    call = bytearray(connections[0].encode(CALL, {
        PATH: "/org/pxed1", INTERFACE: MANAGER[1], MEMBER: "ListJobs", DESTINATION: SERVICE}))
    begin, sent, pace = time.monotonic(), 0, calls_per_second * len(connections)
    while True:
        due = int((time.monotonic() - begin) * pace)
        for sent in range(sent + 1, due + 1):
            struct.pack_into("<I", call, Connection.SERIAL_AT, 1000 + sent)
            connections[sent % len(connections)].socket.sendall(call)
        for fd, _ in poll.poll(1):
            by_fd[fd].recv(1 << 16)


def paced(connection, seconds, calls_per_second=20):
    """The times of one well-behaved client."""
    taken, end = [], time.monotonic() + seconds
    while True:
        begin = time.perf_counter()
        answer = ours(connection, MANAGER, "ListJobs")
        taken.append(time.perf_counter() - begin)
        assert not answer.error, answer.text
        if time.monotonic() >= end:
            return taken
        time.sleep(1 / calls_per_second)


def flood(root, seconds, connections, calls_per_second=100):
    """One user calls far too often, another sees how long a call takes."""
    victim = Connection(USERS[1])

    def act():
        greedy = [Connection(USERS[0]) for _ in range(connections)]
        child = os.fork()
        if child == 0:
            try:
                flood_forever(greedy, calls_per_second)
            finally:
                os._exit(1)
        for connection in greedy:
            connection.close()
        try:
            return paced(victim, seconds)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    try:
        return measured(root, act)
    finally:
        victim.close()


def held_by_bus(root, name):
    """What of this connection's messages the bus holds, since nobody has read them."""
    stats = root.call(*STATS, "GetConnectionStats", "s", name).body[0]
    return stats["IncomingBytes"], stats["IncomingFDs"]


def slow_reader(root, calls):
    """A client that asks for everything and never reads. Returns the figures of another one, and the
    most that the bus held of the service's."""
    owner, other = Connection(USERS[0]), Connection(USERS[1])
    number = start(owner, "ok")
    wait_state(owner, number, "done")
    service = root.call(*BUS, "GetNameOwner", "s", SERVICE).body[0]
    held = [(0, 0)]

    def act():
        deaf = Connection(USERS[0], buffer=4096)
        taken = []
        for call in range(calls):
            begin_ours(deaf, artifact(number), "OpenFile", "s", "image.iso")
            deaf.begin(SERVICE, "/org/pxed1", INTROSPECTABLE, "Introspect")
            begin_ours(deaf, job(number), "GetLog", "tu", 0, 0)
            if call % 10 == 0:
                taken += paced(other, seconds=0)
                held.append(held_by_bus(root, service))
        # Whoever reads again is served again, though not in what the bus itself holds against it.
        deaf.signals()
        deaf.close()
        return taken

    try:
        return measured(root, act), tuple(map(max, zip(*held)))
    finally:
        assert not ours(owner, artifact(number), "Remove").error
        owner.close()
        other.close()


def stalls_without_a_wall(messages=400):
    """The control: a connection that sends descriptors to one that never reads is heard by the bus
    no more."""
    sender, deaf = Connection(0), Connection(USERS[0], buffer=4096)
    fd = os.memfd_create("nothing")
    sender.socket.settimeout(1)
    try:
        for _ in range(messages):
            sender.send(SIGNAL, {PATH: "/", INTERFACE: "a.b", MEMBER: "C", DESTINATION: deaf.name},
                        "h", 0, fds=[fd])
        sender.call(*BUS, "GetId", patience=2)
        return False
    except (AssertionError, TimeoutError):
        return True
    finally:
        os.close(fd)
        deaf.close()
        sender.close()
