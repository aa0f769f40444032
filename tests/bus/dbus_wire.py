# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The wire of D-Bus, as far as hostile tests need it: connections as any user, messages as the test
# wants them, good or bad, and nothing that reads, answers or waits by itself. Where a well-behaved
# client is enough, bus_calls.py has one.

import array
import os
import re
import select
import socket
import struct
import time

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
NO_REPLY, NO_START, INTERACTIVE = 1, 2, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY, DESTINATION, SENDER, SIGNATURE, FDS = range(1, 10)
HEADER_TYPES = {PATH: "o", INTERFACE: "s", MEMBER: "s", ERROR_NAME: "s", REPLY: "u",
                DESTINATION: "s", SENDER: "s", SIGNATURE: "g", FDS: "u"}
NUMBERS = {"y": "B", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d",
           "h": "I", "b": "I"}
BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")


def split(signature):
    """The complete types that a signature is made of."""
    types, depth, begin = [], 0, 0
    for at, letter in enumerate(signature):
        depth += (letter in "({") - (letter in ")}")
        if depth == 0 and letter != "a":
            types.append(signature[begin:at + 1])
            begin = at + 1
    return types


def alignment(letter):
    if letter in NUMBERS:
        return struct.calcsize(NUMBERS[letter])
    return {"s": 4, "o": 4, "g": 1, "v": 1, "a": 4, "(": 8, "{": 8}[letter]


class Writer:
    def __init__(self):
        self.data = bytearray()

    def align(self, size):
        self.data += bytes(-len(self.data) % size)

    def put(self, kind, value):
        letter = kind[0]
        self.align(alignment(letter))
        if letter in NUMBERS:
            self.data += struct.pack("<" + NUMBERS[letter], value)
        elif letter in "sog":
            raw = value.encode() if isinstance(value, str) else value
            self.data += struct.pack("<B" if letter == "g" else "<I", len(raw)) + raw + b"\0"
        elif letter == "v":
            self.put("g", value[0])
            self.put(value[0], value[1])
        elif letter == "a":
            self.put_array(kind[1:], value)
        else:
            for inner, item in zip(split(kind[1:-1]), value, strict=True):
                self.put(inner, item)

    def put_array(self, inner, items):
        at = len(self.data)
        self.data += bytes(4)
        self.align(alignment(inner[0]))
        begin = len(self.data)
        for item in items.items() if isinstance(items, dict) else items:
            self.put(inner, item)
        struct.pack_into("<I", self.data, at, len(self.data) - begin)


class Reader:
    def __init__(self, data, order):
        self.data, self.order, self.at = data, order, 0

    def get(self, kind):
        letter = kind[0]
        self.at += -self.at % alignment(letter)
        if letter in NUMBERS:
            value, = struct.unpack_from(self.order + NUMBERS[letter], self.data, self.at)
            self.at += struct.calcsize(NUMBERS[letter])
            return bool(value) if letter == "b" else value
        if letter in "sog":
            size = self.get("y" if letter == "g" else "u")
            self.at += size + 1
            return self.data[self.at - size - 1:self.at - 1].decode()
        if letter == "v":
            return self.get(self.get("g"))
        if letter == "a":
            return self.get_array(kind[1:])
        return tuple(self.get(inner) for inner in split(kind[1:-1]))

    def get_array(self, inner):
        size = self.get("u")
        self.at += -self.at % alignment(inner[0])
        end, items = self.at + size, []
        while self.at < end:
            items.append(self.get(inner))
        return dict(items) if inner[0] == "{" else items


class Message:
    def __init__(self, kind, serial, flags, fields, body, order):
        self.kind, self.serial, self.flags, self.fields = kind, serial, flags, fields
        self.path, self.interface = fields.get(PATH), fields.get(INTERFACE)
        self.member, self.sender = fields.get(MEMBER), fields.get(SENDER)
        self.reply_to, self.error = fields.get(REPLY), fields.get(ERROR_NAME)
        self.destination = fields.get(DESTINATION)
        self.time = time.monotonic()
        reader = Reader(body, order)
        self.body = [reader.get(kind) for kind in split(fields.get(SIGNATURE, ""))]

    @property
    def text(self):
        """An error's name and sentence, as one."""
        return f"{self.error}: {self.body[0] if self.body else ''}" if self.error else None


class Closed(Exception):
    pass


class Connection:
    """One connection, as a user. Reads when it is asked to, and keeps what nobody asked for."""

    SERIAL_AT = 8  # in each message

    def __init__(self, uid=0, buffer=None):
        path = re.search(r"unix:path=([^,;]+)", os.environ["DBUS_SYSTEM_BUS_ADDRESS"]).group(1)
        self.socket = socket.socket(socket.AF_UNIX)
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.serial, self.pending, self.received, self.fds = 0, b"", [], []
        # The bus takes the user from the moment of connect().
        os.seteuid(uid)
        try:
            self.socket.connect(path)
            self.socket.sendall(b"\0AUTH EXTERNAL " + str(uid).encode().hex().encode() + b"\r\n")
            assert self.line().startswith(b"OK "), "the bus refuses the user"
        finally:
            os.seteuid(0)
        self.socket.sendall(b"NEGOTIATE_UNIX_FD\r\n")
        self.line()
        self.socket.sendall(b"BEGIN\r\n")
        self.name = self.call(*BUS, "Hello").body[0]

    def line(self):
        while b"\r\n" not in self.pending:
            self.pending += self.socket.recv(4096)
        line, self.pending = self.pending.split(b"\r\n", 1)
        return line

    def close(self):
        self.socket.close()
        for fd in self.fds:
            os.close(fd)
        self.fds = []

    # --- sending ---

    def encode(self, kind, fields, signature="", *values, flags=0, fds=(), body=None):
        """A message with the next serial, as bytes."""
        writer = Writer()
        for inner, value in zip(split(signature), values, strict=True):
            writer.put(inner, value)
        body = bytes(writer.data) if body is None else body
        if signature:
            fields = fields | {SIGNATURE: signature}
        if fds:
            fields = fields | {FDS: len(fds)}
        self.serial += 1
        header = Writer()
        for inner, value in zip("yyyyuu", (ord("l"), kind, flags, 1, len(body), self.serial)):
            header.put(inner, value)
        header.put("a(yv)", [(code, (HEADER_TYPES[code], value))
                             for code, value in fields.items()])
        header.align(8)
        return bytes(header.data) + body

    def send(self, kind, fields, signature="", *values, flags=0, fds=(), body=None):
        data = self.encode(kind, fields, signature, *values, flags=flags, fds=fds, body=body)
        if fds:
            rights = array.array("i", fds)
            sent = self.socket.sendmsg([data],
                                       [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights.tobytes())])
            data = data[sent:]
        self.socket.sendall(data)
        return self.serial

    def begin(self, name, path, interface, member, signature="", *values, flags=0, fds=()):
        """Sends a call and returns its serial."""
        fields = {PATH: path, INTERFACE: interface, MEMBER: member, DESTINATION: name}
        return self.send(CALL, fields, signature, *values, flags=flags, fds=fds)

    def call(self, name, path, interface, member, signature="", *values, flags=0, fds=(),
             patience=30):
        """Returns the answer, which may be an error."""
        return self.answer(self.begin(name, path, interface, member, signature, *values,
                                      flags=flags, fds=fds), patience)

    def reply(self, message, signature="", *values, body=None):
        fields = {REPLY: message.serial, DESTINATION: message.sender}
        self.send(RETURN, fields, signature, *values, body=body)

    def reply_error(self, message, name, text):
        fields = {REPLY: message.serial, DESTINATION: message.sender, ERROR_NAME: name}
        self.send(ERROR, fields, "s", text)

    def match(self, rule):
        answer = self.call(*BUS, "AddMatch", "s", rule)
        assert not answer.error, answer.text

    # --- receiving ---

    def fill(self):
        """Reads once what is there."""
        data, rights, _, _ = self.socket.recvmsg(1 << 16, socket.CMSG_SPACE(64 * 4))
        for _, _, raw in rights:
            fds = array.array("i")
            fds.frombytes(raw[:len(raw) - len(raw) % fds.itemsize])
            self.fds += fds
        if not data:
            raise Closed()
        self.pending += data

    def take(self):
        """The next message of what was read; None when it is not whole yet."""
        if len(self.pending) < 16:
            return None
        order = "<" if self.pending[:1] == b"l" else ">"
        size, serial, fields_size = struct.unpack_from(order + "III", self.pending, 4)
        begin = 16 + fields_size + -fields_size % 8
        if len(self.pending) < begin + size:
            return None
        reader = Reader(self.pending[:begin], order)
        reader.at = 12
        fields = dict(reader.get("a(yv)"))
        message = Message(self.pending[1], serial, self.pending[2], fields,
                          self.pending[begin:begin + size], order)
        self.pending = self.pending[begin + size:]
        return message

    def next(self, patience=30):
        """The next message, or None after that many seconds."""
        end = time.monotonic() + patience
        while not (message := self.take()):
            ready = select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]
            if not ready:
                return None
            self.fill()
        return message

    def answer(self, serial, patience=30):
        end = time.monotonic() + patience
        for message in self.received:
            if message.reply_to == serial:
                self.received.remove(message)
                return message
        while message := self.next(max(0, end - time.monotonic())):
            if message.reply_to == serial:
                return message
            self.received.append(message)
        raise AssertionError(f"no answer within {patience} s")

    def signals(self):
        """All that came so far, but for the bus's own words to every connection. A call and its
        answer come after whatever was sent to this connection before."""
        self.call(*BUS, "GetId")
        taken, self.received = self.received, []
        return [m for m in taken if m.kind == SIGNAL and m.sender != "org.freedesktop.DBus"]
