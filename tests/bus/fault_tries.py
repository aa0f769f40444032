# SPDX-License-Identifier: LGPL-2.1-or-later
#
# One try each of what may go wrong below the service: no space, an error of the disk that comes late, a
# system call that fails, a loss of power. tests/bus/test-faults takes some of each, the sections
# faults and powerloss of scripts/soak take all. Every try asserts the same: a job is done and its
# artifact complete, or it is not done and says why; no record is torn, and nothing is left.

from fault_lab import *

# A whole build of the tiny image needs a little less than this of each folder.
NEED_KIB = {"state": 9 << 10, "scratch": 8 << 10}
PLENTY_KIB = 96 << 10
DURABLE = "durable"
WHOLE = BOOTSTRAP + PXE


def check_end(lab, number, end, *errors):
    """What the service said of a build is so on disk, and it has one of these errors if any."""
    state, name, message = end
    if state in ("failed", "interrupted"):
        is_sane(message)
        assert not errors or name in errors, f"{name}: {message}"
    assert not [path.name for path in lab.state.glob("artifacts/.new-*")] or state is None
    if state == "done":
        verify_artifact(lab.state / f"artifacts/{number}")
    elif state:
        assert not (lab.state / f"artifacts/{number}").exists(), f"{state}, but there is an artifact"


class NoSpace:
    """enospc_sweep: a folder of the service lies on a file system of a given size."""

    def __init__(self):
        self.lab = FaultLab()
        self.lab.make_image()
        self.ends = {}

    def size(self, folder, index, count):
        """0 would be no limit for a tmpfs."""
        return max(4, NEED_KIB[folder] * index // max(1, count - 1))

    def attempt(self, folder, size_kib):
        lab = self.lab
        sizes = {"state": PLENTY_KIB, "scratch": PLENTY_KIB} | {folder: size_kib}
        with tmpfs(lab.folder / "store", sizes["state"]) as store, \
                tmpfs(lab.folder / "small", sizes["scratch"]) as small:
            lab.place(store, REAL_WORKER)
            lab.config.write_text(lab.config.read_text().replace(f"{store}/scratch", f"{small}/scratch"))
            lab.scratch = small / "scratch"
            lab.said_done.clear()
            try:
                self.build_in(folder, size_kib)
            finally:
                lab.kill()
            check_store(lab.state, lab.said_done)

    def build_in(self, folder, size_kib):
        lab = self.lab
        number = lab.start_build(WHOLE)
        end = ("refused", "", "") if number is None else lab.end_of(number)
        check_end(lab, number, end, NO_SPACE)
        self.ends[folder, end[0]] = self.ends.get((folder, end[0]), 0) + 1
        if number is not None:
            assert not list(lab.scratch.iterdir()), f"{size_kib} KiB: scratch is not empty"


class LateError:
    """late_eio: the disk takes what is written, and fails when it is to be kept."""

    def __init__(self, chance):
        self.lab, self.chance = FaultLab(), chance
        self.lab.make_image()
        self.ends = {}

    def attempt(self, worker):
        lab = self.lab
        with tmpfs(lab.folder / "full", 96 << 10) as full:
            disk = Disk("ext4", full)
            lab.place(disk.place, worker)
            lab.said_done.clear()
            try:
                self.build_on(disk, full, worker)
            finally:
                (full / "filler").unlink(missing_ok=True)
                lab.kill()
                unmount(disk.place)

    def build_on(self, disk, full, worker):
        lab = self.lab
        call(MANAGER, "ListJobs")
        os.sync()
        self.fill(full, self.chance.randrange(0, 1 << 20 if worker == FAKE_WORKER else 12 << 20))
        number = lab.start_build(DURABLE if worker == FAKE_WORKER else WHOLE)
        end = ("refused", "", "") if number is None else lab.end_of(number)
        self.ends[end[0]] = self.ends.get(end[0], 0) + 1
        if end[0] in ("failed", "interrupted"):
            is_sane(end[2])
        lab.kill()
        (full / "filler").unlink(missing_ok=True)
        # Not what is in memory counts, but what is read back later.
        disk.remount()
        check_store(lab.state, lab.said_done)
        after = lab.states()
        assert all(after.get(done) == "done" for done in lab.said_done), f"said done, now {after}"
        assert not set(after.values()) - set(ENDED), after

    def fill(self, folder, leave):
        stat = os.statvfs(folder)
        size = max(0, stat.f_bavail * stat.f_frsize - leave)
        with open(folder / "filler", "wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, max(1, size))


class FailingCall:
    """fail_kth_syscall: the K-th call of a set fails, in the service or in a real worker."""

    SETS = ("open", "write", "fsync", "rename", "ioctl", "mount")
    ERRORS = {"open": errno.EIO, "write": errno.EIO, "fsync": errno.EIO, "rename": errno.EIO,
              "ioctl": errno.EIO, "mount": errno.ENOMEM}

    def __init__(self, who):
        self.lab, self.who = FaultLab(), who
        self.ends, self.calls = {}, {}
        lab = self.lab
        if who == "service":
            lab.wrap_service()
            lab.place(lab.folder, FAKE_WORKER)
            self.config = DURABLE
        else:
            lab.make_image()
            lab.place(lab.folder, lab.wrap("worker", REAL_WORKER, "[[ $1 == build ]]", "pxed-worker"))
            self.config = WHOLE
        end_service()

    def count(self, name):
        """How many calls of the set there are when none fails."""
        if name not in self.calls:
            self.attempt(name, 0)
            self.calls[name] = wait_for("the number of calls", self.lab.count)[0]
        return self.calls[name]

    def attempt(self, name, at):
        lab = self.lab
        lab.fail(self.who, "--set", name, "--at", at, "--errno", self.ERRORS[name])
        number = lab.start_build(self.config)
        end = ("refused", "", "") if number is None else lab.end_of(number)
        assert at or end[0] == "done", f"without a failing call: {end}"
        lab.fail(self.who)
        try:
            self.look(number, end)
        finally:
            key = f"{name} {end[0] or 'service ended'}"
            self.ends[key] = self.ends.get(key, 0) + 1

    def look(self, number, end):
        lab = self.lab
        if self.who == "service":
            end_service()
            check_store(lab.state, lab.said_done)
            lab.states()  # of a service for which nothing fails
            wait_for("the last removal", lambda: not list(lab.state.glob("*/.gone-*")))
            end_service()
        states = check_store(lab.state, lab.said_done)
        assert not set(states.values()) & {"queued", "running"} or self.who == "worker", states
        if number is not None and end[0]:
            check_end(lab, number, end)
        assert not list(lab.scratch.glob("job-*")), "scratch is not empty"
        lab.forget_all()
        if self.who == "service":
            end_service()


class PowerLoss:
    """powerloss_N: at a random moment nothing reaches the disk any more, then the machine starts
    again."""

    def __init__(self, kind, chance):
        self.lab, self.chance = FaultLab(), chance
        self.memory = tmpfs(self.lab.folder / "memory", 512 << 10)
        self.disk = Disk(kind, self.memory.__enter__())
        self.lab.place(self.disk.place, FAKE_WORKER)
        self.boots = 0
        self.ends = {}
        begin = time.monotonic()
        self.highest = build(DURABLE)
        assert self.lab.end_of(self.highest)[0] == "done"
        self.longest = 1.5 * (time.monotonic() - begin)
        self.lab.forget_all()

    def end(self):
        self.lab.kill()
        unmount(self.disk.place)
        run("umount", BOOT_ID, check=False)
        self.memory.__exit__(None, None, None)

    def reboot(self):
        """Another kernel runs, by what it says."""
        self.boots += 1
        text = f"{self.boots:08x}-0000-4000-8000-000000000000\n"
        (self.lab.folder / "boot_id").write_text(text)
        run("umount", BOOT_ID, check=False)
        run("mount", "--bind", self.lab.folder / "boot_id", BOOT_ID)
        expect_mounts()

    def attempt(self):
        lab = self.lab
        lab.states()
        begin = time.monotonic()
        numbers = [build(DURABLE)]
        assert numbers[0] > self.highest, f"number {numbers[0]} again, {self.highest} was given"
        self.watch(numbers, begin + self.chance.uniform(0, self.longest))
        self.disk.shut_down(self.chance.choice((LOGFLUSH, NOLOGFLUSH)))
        lab.states()
        self.watch(numbers, time.monotonic() + 0.05)
        lab.kill()
        self.highest = max(self.highest, *numbers)
        self.disk.remount()
        rebooted = self.chance.random() < 0.5
        if rebooted:
            self.reboot()
        check_store(lab.state, lab.said_done)
        self.look(numbers, rebooted)

    def watch(self, numbers, until):
        """Hears what the service says meanwhile, and keeps it busy."""
        while time.monotonic() < until:
            with contextlib.suppress(CallError):
                states = self.lab.states()
                if states.get(numbers[-1]) in ENDED:
                    numbers.append(build(DURABLE))

    def look(self, numbers, rebooted):
        """What the next service says of them."""
        lab, said = self.lab, set(self.lab.said_done)
        states = lab.states()
        for number in numbers:
            state = states.get(number, "unknown")
            self.ends[state] = self.ends.get(state, 0) + 1
            assert state in ("done", "failed", "interrupted"), f"job {number} is {state}"
            if state == "interrupted":
                text = get(job(number), "ErrorMessage", uid=USER)
                assert ("lost power" in text) == rebooted, text
        assert said <= {number for number, state in states.items() if state == "done"}, \
            f"{said} were done, now {states}"
        for number, state in states.items():
            assert state == "done" or not (lab.state / f"artifacts/{number}").exists(), \
                f"job {number} is {state} and has an artifact"
        for done in lab.said_done:
            verify_artifact(lab.state / f"artifacts/{done}")
        lab.forget_all()
