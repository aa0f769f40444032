# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of faults share: small and failing file systems for the service's folders, system
# calls that fail, and the look at what is on disk: records, artifacts and every file of them, against
# what the service has said.

import contextlib
import fcntl
import hashlib
import struct

from e2e_lab import *

FS_IOC_SHUTDOWN = 0x8004587D
LOGFLUSH, NOLOGFLUSH = 1, 2
ENDED = ("done", "failed", "cancelled", "interrupted")
NO_SPACE = "org.pxed1.Error.NoSpace"
INJECT = BUILD / "tests/inject"
FAKE_WORKER = TREE / "tests/bus/fake-worker"
REAL_WORKER = BUILD / "liveos/pxed-worker"
BOOT_ID = pathlib.Path("/proc/sys/kernel/random/boot_id")
BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
CHUNK = 1 << 20


def run(*words, check=True):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, f"{words}: {done.stderr.strip()}"
    return done


# --- what is on disk --------------------------------------------------------------------------


def digest(path):
    """Of what the disk has, as far as the kernel lets go of what it has in memory."""
    result = hashlib.sha256()
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := file.read(CHUNK):
            result.update(chunk)
    return result.hexdigest()


def record_of(folder):
    record = json.loads((folder / "record.json").read_text())
    assert record["version"] == 1 and str(record["id"]) == folder.name
    return record


def verify_artifact(folder):
    """Asserts that all of it is there, as record and manifest say."""
    try:
        size = record_of(folder)["size"]
        manifest = folder / "files/manifest.json"
        files = json.loads(manifest.read_text())["files"]
        assert files, "no files"
        for file in files:
            path = folder / "files" / file["path"]
            assert path.stat().st_size == file["size"], f"{file['path']} has another size"
            assert digest(path) == file["sha256"], f"{file['path']} has other bytes"
            size -= file["size"]
        assert size == manifest.stat().st_size, "the sizes do not add up"
    except (OSError, ValueError, KeyError, AssertionError) as error:
        raise AssertionError(f"artifact {folder.name}: {error}") from None


def check_store(state, said_done=()):
    """Asserts that no record is torn, no artifact incomplete, and nothing said that is not so. To be
    called while no service runs. Returns the states on disk."""
    states = {}
    for folder in state.glob("jobs/[1-9]*"):
        if not (folder / "record.json").exists():
            log = folder / "log"
            assert not log.exists() or log.stat().st_size == 0, f"job {folder.name} lost its record"
            continue
        try:
            states[int(folder.name)] = record_of(folder)["state"]
        except (ValueError, KeyError, AssertionError) as error:
            raise AssertionError(f"torn record of job {folder.name}: {error}") from None
    for folder in state.glob("artifacts/[1-9]*"):
        verify_artifact(folder)
    for number in said_done:
        assert (state / f"artifacts/{number}").exists(), f"job {number} is done without artifact"
        assert number in states, f"job {number} is done without record"
    for number, is_now in states.items():
        if is_now == "done":
            assert (state / f"artifacts/{number}").exists(), f"record {number}: done, no artifact"
    return states


def is_sane(text):
    """Whether it is a sentence for people."""
    assert 20 < len(text) < 1000 and "Success" not in text and "(null)" not in text, text
    assert "\n" not in text and not text.startswith(":"), text


# --- file systems -----------------------------------------------------------------------------


@contextlib.contextmanager
def tmpfs(place, size_kib):
    place.mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", f"size={size_kib}k,mode=0755", "tmpfs", place)
    try:
        yield place
    finally:
        unmount(place)


def unmount(place):
    """Waits for the last process that died to let go of it."""
    wait_for(f"{place} to be unmounted", lambda: run("umount", place, check=False).returncode == 0)


class Disk:
    """A file system of its own on a loop device, on a sparse file in a tmpfs."""

    MKFS = {"ext4": ("mkfs.ext4", "-q", "-F"),
            "xfs": ("mkfs.xfs", "-q", "-f", "-m", "rmapbt=0,reflink=0")}
    SIZE_MIB = {"ext4": 64, "xfs": 320}

    def __init__(self, kind, folder):
        self.file, self.place = folder / f"{kind}.disk", folder / kind
        self.place.mkdir()
        self.file.touch()
        os.truncate(self.file, self.SIZE_MIB[kind] << 20)
        run(*self.MKFS[kind], self.file)
        self.mount()

    def mount(self):
        run("mount", "-o", "loop", self.file, self.place)
        expect_mounts()

    def shut_down(self, flag):
        """Nothing reaches the disk any more."""
        fd = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, FS_IOC_SHUTDOWN, struct.pack("I", flag))
        finally:
            os.close(fd)

    def remount(self):
        unmount(self.place)
        self.mount()


# --- the service ------------------------------------------------------------------------------


class FaultLab:
    """The service with folders, worker and program of the test's choice."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="faults.", dir=DATA))
        self.folder.chmod(0o755)
        self.images = self.folder / "images"
        self.images.mkdir()
        (self.images / "tiny.raw").write_text("enough for a worker that only pretends")
        self.state, self.scratch = STATE, SCRATCH
        # polkitd has a view of its own, in which a file system that it has seen stays mounted.
        busctl("call", *BUS, "StartServiceByName", "su", "org.freedesktop.PolicyKit1", 0)
        self.config = pathlib.Path(os.environ["PXED_CONFIG"])
        self.said_done = set()

    def make_image(self):
        (self.images / "tiny.raw").unlink()
        run(TREE / "tests/lib/tiny-image", self.images / "tiny.raw")

    def place(self, folder, worker, free_bytes=0):
        """Where the service has its folders from its next start on."""
        self.state, self.scratch = folder / "state", folder / "scratch"
        self.config.write_text(f"state: {self.state}\nscratch: {self.scratch}\nworker: {worker}\n"
                               f"images: [{self.images}]\nwithoutLimits: allow\n"
                               f"limits: {{freeBytes: {free_bytes}, runningPerUser: 2}}\n")

    def wrap(self, name, program, guard, comm):
        """A program that runs the other one with the calls failing that `fail` says."""
        path, arguments = self.folder / name, self.folder / f"{name}.inject"
        arguments.write_text("")
        # A sanitizer that looks for leaks at the end makes calls, too, and takes its own failures for findings.
        path.write_text(f"#!/bin/bash\nread -ra words <{arguments}\n"
                        f"if ((${{#words[@]}})) && {guard}; then\n"
                        f"    export ASAN_OPTIONS=${{ASAN_OPTIONS:-}}:detect_leaks=0\n"
                        f"    exec {INJECT} \"${{words[@]}}\" --comm {comm} "
                        f"--count {self.folder}/count {program} \"$@\"\nfi\nexec {program} \"$@\"\n")
        path.chmod(0o755)
        return path

    def fail(self, name, *words):
        """From now on; nothing fails without words."""
        (self.folder / f"{name}.inject").write_text(" ".join(map(str, words)) + "\n")

    def wrap_service(self):
        services = pathlib.Path(os.environ["DBUS_SYSTEM_BUS_ADDRESS"].partition("=")[2]).parent
        file = services / "services/org.pxed1.service"
        wrapper = self.wrap("service", BUILD / "service/pxed", "true", "pxed")
        file.write_text(re.sub(r'(?m)^Exec="[^"]*"', f'Exec="{wrapper}"', file.read_text()))
        busctl("call", *BUS, "ReloadConfig")

    def count(self):
        """How many calls there were, and which one failed; None while they go on."""
        text = read_or_nothing(self.folder / "count")
        return (int(text.split()[0]), text.split()[1]) if text.endswith("\n") else None

    def start_build(self, config):
        """Its number; None when it was refused, for a reason that is told well."""
        (self.folder / "count").unlink(missing_ok=True)
        try:
            return build(config)
        except CallError as error:
            is_sane(str(error))
            return None

    def states(self):
        """By number, as the service says; remembers which it called done."""
        states = {number: state for number, *_, state, _, _, _ in call(MANAGER, "ListJobs")}
        self.said_done |= {number for number, state in states.items() if state == "done"}
        return states

    def end_of(self, number):
        """How the job ended, with its error; (None, …) when the service went away instead."""
        pid = service_pid()
        end = time.monotonic() + 4 * PATIENCE
        while pid and service_pid() == pid:
            assert time.monotonic() < end, f"job {number} does not end"
            with contextlib.suppress(CallError):
                if (state := self.states().get(number)) in ENDED:
                    if state == "done":
                        return state, "", ""
                    return (state, get(job(number), "ErrorName"),
                            get(job(number), "ErrorMessage", uid=USER))
            select.select([], [], [], 0.02)
        return None, "", ""

    def kill(self):
        """Ends the service at once, and waits for its processes."""
        end_service(signal.SIGKILL)
        wait_for("its processes to end", lambda: not strangers())

    def forget_all(self):
        """Removes what is there, for the next try."""
        for number, *_ in call(MANAGER, "ListArtifacts"):
            call(artifact(number), "Remove", uid=USER)
        for number in self.states():
            call(job(number), "Forget")
        self.said_done.clear()
