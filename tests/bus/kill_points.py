# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Workers and the service at chosen points of their work: killed, or cancelled. Shared by the test of
# samples, test-e2e-kills, and by the sections of the same in tests/soak.
#
# The points are the system calls of a worker and of all that it starts, counted by tests/lib/stepper.c
# for each stage. Each verb of a worker is a class here: what starts it, and what may have come of it.

import collections
import hashlib

from dbus_wire import Connection
from e2e_lab import *

LIVE = BOOTSTRAP + PXE + "os: {hostname: live}\n"
# After how many seconds everything was gone; and whether the work went on to its good end all the same,
# so that these are not a clean-up's.
Kill = collections.namedtuple("Kill", "seconds went_on")
# Counts differ a little from run to run; a point that is not reached is tried once more, earlier.
REACHED = 0.9
CANCEL_SECONDS = 2
# Within which, of a hundred times ninety-nine, nothing is left of who was killed.
CLEAN_SECONDS = 0.5


def live(uid=USER):
    return build(LIVE, "pxe-artifacts", "b", "true", uid=uid)


def ended(number):
    """The job's state; it is over, or soon will be."""
    return wait_for(f"the end of job {number}",
                    lambda: get(job(number), "State") not in ("queued", "running") and
                    get(job(number), "State"))


def remove(number):
    call(artifact(number), "Remove")


def check_failed(number, state):
    assert get(job(number), "State") == state, f"job {number} is {get(job(number), 'State')}"
    message = get(job(number), "ErrorMessage")
    assert len(message) > 20, f"job {number} says \"{message}\""
    fails("Unknown object", call, artifact(number), "ListFiles")


class Work:
    """What starts a worker, what may have come of it when it was disturbed and when it was not."""

    verb = None
    # Stages in which a cancel may come too late.
    too_late = ()

    def close(self):
        """Takes away what was made for it."""


class Build(Work):
    verb = "build"

    def start(self):
        return live()

    def check(self, number, mode):
        state = ended(number)
        if state == "done":
            # A part that had nothing left to do, or whose death nobody had to notice.
            assert mode == "self", "it is done, although its worker was killed"
            remove(number)
            return True
        wanted = {"worker": ["interrupted"], "self": ["failed", "interrupted"],
                  "hold": ["cancelled"]}[mode]
        assert state in wanted, f"job {number} is {state}"
        check_failed(number, state)
        return False

    def finish(self, number):
        ends(number, "done")
        remove(number)


class Validate(Work):
    """The call itself waits for this worker, so it goes on in the background."""

    verb = "validate"

    def start(self):
        words = ["call", "org.pxed1", *MANAGER, "Build", "ssa{sv}", "tiny.raw", LIVE, 0]
        return subprocess.Popen(as_user(USER, "busctl", "--system", *words), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def check(self, process, mode):
        done = wait_exit(process)
        if done.returncode == 0 and mode == "self":
            number = int(done.stdout.split("_")[-1].strip().strip('"'))
            Build().finish(number)
            return True
        assert done.returncode and len(done.stderr) > 20, done
        return False

    def finish(self, process):
        done = wait_exit(process)
        assert done.returncode == 0, done
        Build().finish(int(done.stdout.split("_")[-1].strip().strip('"')))


class Sweep(Work):
    """What a job leaves is removed all the same, by another worker."""

    verb = "sweep"

    def start(self):
        return live()

    def check(self, number, _):
        self.finish(number)
        return True

    def finish(self, number):
        Build().finish(number)


def digest_of(root):
    """Of a whole tree, names and content; NULL when it is not there."""
    path = TARGET / root
    if not path.exists():
        return None
    total = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        total.update(f"{file.relative_to(path)}\0".encode())
        total.update(file.read_bytes() if file.is_file() else b"")
    return total.hexdigest()


class Export(Work):
    """What is served is one of the two exports, whole."""

    verb = "export"
    # Not "copy.1", which copies.
    too_late = ("copy", "switch")

    def __init__(self):
        self.artifacts = [self.artifact(word) for word in ("first", "second")]
        self.served = {root: set() for root in ("tftp", "http")}
        for number in self.artifacts:
            ends(self.export(number), "done")
            for root, known in self.served.items():
                known.add(digest_of(root))
        assert all(len(known) == 2 for known in self.served.values()), self.served

    @staticmethod
    def artifact(word):
        number = build(PXE + "os: {additionalFiles: [{destination: /etc/tiny-dracut, content: '"
                       f"echo {word} >/usr/lib/tiny-initrd/init'}}]}}\n", "format", "s", "pxe")
        ends(number, "done")
        return number

    @staticmethod
    def export(number):
        return call(artifact(number), "Export", "sa{sv}", "lab", 0, uid=USER)[0]

    def start(self):
        self.artifacts.reverse()
        return self.export(self.artifacts[0])

    def check_served(self):
        for root, known in self.served.items():
            assert digest_of(root) in known, f"{root} is neither of the two exports"

    def check(self, number, mode):
        state = ended(number)
        # What an export has switched stays switched.
        wanted = {"worker": ["interrupted"], "self": ["failed", "interrupted", "done"],
                  "hold": ["cancelled", "done"]}[mode]
        assert state in wanted, f"job {number} is {state}"
        self.check_served()
        return state == "done"

    def finish(self, number):
        ends(number, "done")
        self.check_served()

    def close(self):
        for number in self.artifacts:
            remove(number)


class Restore(Export):
    verb = "restore"
    too_late = ("start", "switch")

    def start(self):
        # After an interruption nobody knows what lies beside the roots, and there is no way back.
        if not call(MANAGER, "ListTargets")[0][3]:
            for number in self.artifacts:
                ends(self.export(number), "done")
        return call(MANAGER, "RestoreExport", "sa{sv}", "lab", 0)[0]


class Plan(Work):
    """Whose job leaves nothing but its answer."""

    verb = "plan"

    def start(self):
        return call(MANAGER, "Plan", "ssa{sv}", "tiny.raw", LIVE, 0, uid=USER)[0]

    def check(self, number, mode):
        state = ended(number)
        wanted = {"worker": ["interrupted"], "self": ["failed", "interrupted", "done"],
                  "hold": ["cancelled"]}[mode]
        assert state in wanted, f"job {number} is {state}"
        if state == "done":
            assert call(job(number), "GetPlan"), "a plan of nothing"
        else:
            check_failed(number, state)
        return state == "done"

    def finish(self, number):
        ends(number, "done")


class Import(Work):
    """What builds can be made from is one of the two images, whole."""

    verb = "import"
    name = "imported.raw"

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="import.", dir=DATA))
        self.sources = [self.folder / word for word in ("first", "second")]
        for number, path in enumerate(self.sources):
            path.write_bytes((IMAGES / "tiny.raw").read_bytes())
            # Behind its last partition.
            os.truncate(path, path.stat().st_size + (number + 1) * 4096)
        self.known = {path.read_bytes() for path in self.sources}
        self.finish(self.start())

    def start(self):
        self.sources.reverse()
        connection = Connection(USER)
        with open(self.sources[0], "rb") as source:
            answer = connection.call("org.pxed1", *MANAGER, "ImportImage", "hsa{sv}", 0, self.name,
                                     {"replace": ("b", True)}, fds=[source.fileno()])
        connection.close()
        assert not answer.error, answer.text
        return answer.body[0]

    def check_image(self):
        assert (IMAGES / self.name).read_bytes() in self.known, "half of an image"

    def check(self, number, mode):
        state = ended(number)
        wanted = {"worker": ["interrupted"], "self": ["failed", "interrupted", "done"],
                  "hold": ["cancelled"]}[mode]
        assert state in wanted, f"job {number} is {state}"
        self.check_image()
        return state == "done"

    def finish(self, number):
        ends(number, "done")
        self.check_image()

    def close(self):
        call(MANAGER, "RemoveImage", "s", self.name)
        for path in self.sources:
            path.unlink()
        self.folder.rmdir()


# All that a worker is started for but looks, which change nothing; and what of it is a job.
WORKS = Validate, Build, Plan, Import, Sweep, Export, Restore
JOBS = Build, Plan, Import, Export, Restore


class Stepper(Lab):
    """A lab whose worker can be stopped or killed at any of its system calls."""

    def __init__(self):
        super().__init__()
        (self.folder / "worker").unlink()
        (self.folder / "worker").symlink_to(BUILD / "tests/stepper")
        os.mkfifo(self.folder / "stepped")
        self.answers = os.open(self.folder / "stepped", os.O_RDWR | os.O_NONBLOCK)
        self.counts = {}
        (self.folder / "step").write_text("")
        self.image(to=IMAGES)

    def ask(self, text):
        # A service that starts has workers of its own first.
        call(MANAGER, "ListTargets")
        (self.folder / "step").write_text(text)
        self.text = ""
        while self.read():
            pass
        self.text = ""

    def read(self):
        try:
            new = os.read(self.answers, 65536).decode()
        except BlockingIOError:
            return False
        self.text += new
        return True

    def answer(self):
        """The words of the answer's last line."""
        poll = select.poll()
        poll.register(self.answers, select.POLLIN)
        while not re.search(r"(?m)^(end|reached .*)\n", self.text):
            # Of a worker each of whose calls stops, which takes several times as long.
            assert poll.poll(4 * PATIENCE * 1000), "the stepper says nothing"
            self.read()
        return self.text.splitlines()[-1].split()

    def count(self, work):
        """How many calls each stage has."""
        if work.verb in self.counts:
            return self.counts[work.verb]
        self.ask(f"{work.verb} count")
        work.finish(work.start())
        assert self.answer() == ["end"]
        lines = [line.split() for line in self.text.splitlines()[:-1]]
        self.counts[work.verb] = {stage: int(calls) for stage, calls in lines}
        clean()
        return self.counts[work.verb]

    def reach(self, work, mode, stage, k):
        """Starts it; returns what start() did, and the moment, None when the point never came."""
        self.ask(f"{work.verb} {mode} {stage} {k}")
        started = work.start()
        words = self.answer()
        self.ask("")
        return started, int(words[3]) / 1e9 if words[0] == "reached" else None

    def kill_at(self, work, mode, stage, k):
        """Kills there; asserts that nothing is left and that the end is told. Returns a Kill; None when
        the point never came."""
        started, moment = self.reach(work, mode, stage, k)
        if moment is None:
            work.finish(started)
            clean()
            return None
        clean()
        seconds = time.monotonic() - moment
        went_on = work.check(started, mode)
        clean()
        return Kill(seconds, went_on)

    def cancel_at(self, work, stage, k):
        """The same for a cancel: until the job's state tells and everything is gone."""
        started, moment = self.reach(work, "hold", stage, k)
        if moment is None:
            work.finish(started)
            clean()
            return None
        begin = time.monotonic()
        call(job(started), "Cancel")
        clean()
        state = ended(started)
        seconds = time.monotonic() - begin
        assert state == "cancelled" or stage in work.too_late, f"job {started} is {state}"
        work.check(started, "hold")
        clean()
        return seconds


def measure():
    """How long a build takes; it succeeds."""
    begin = time.monotonic()
    Build().finish(live())
    return time.monotonic() - begin


def check_after_service_kill(number):
    """Returns the state. A record tells the truth in any case."""
    state = get(job(number), "State")
    if state == "done":
        assert call(artifact(number), "ListFiles")
        remove(number)
    else:
        check_failed(number, "interrupted")
        assert get(job(number), "ErrorName") == "org.pxed1.Error.Interrupted"
    return state


def kill_service(after_seconds):
    """Kills it then, with jobs of two users that run side by side. Returns after how many seconds all
    that the kernel takes down was gone, and how the two jobs ended."""
    pid = service_pid()
    numbers = live(), live(uid=OTHER)
    lives_on(pid, after_seconds)
    assert kill(pid), "the service is dead already"
    begin = time.monotonic()
    wait_for("its processes, mounts and loop devices to go",
             lambda: not (loop_devices() | (mounts() - MOUNTS_BEFORE) | strangers()))
    seconds = time.monotonic() - begin
    states = [check_after_service_kill(number) for number in numbers]
    clean()
    for number in numbers:
        call(job(number), "Forget")
    return seconds, states


def at_reachable_point(chance, calls, action):
    """Does `action(k)` at a random call; returns k and what it returned."""
    for _ in range(8):
        k = chance.randint(1, max(1, int(calls * REACHED)))
        result = action(k)
        if result is not None:
            return k, result
        calls = k
    raise AssertionError(f"no point of {calls} is reached")
