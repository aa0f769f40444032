# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the end-to-end tests share: pxectl as one of several users, tiny images, a worker that can be
# held at a stage, and the look for whatever a job may have left behind. It is for the inside of
# scripts/with-bus, where /proc shows the bus, the service, its workers and the test, and nothing else.
#
# Nothing here sleeps for a time that was guessed: it waits for a process, a pipe or a call that
# returns when the job has ended; what has no event is asked for again, for PATIENCE seconds at most.

import contextlib
import errno
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import tempfile
import time

from bus_calls import *
from processes import *

TREE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["PXED_BUILD_DIR"])

# By test-e2e.rules: the first two may build and export, the second not with the network; the third
# may do nothing, the fourth what an administrator authenticates. None may manage others' objects.
USER, OTHER, REFUSED, CHALLENGED = 65534, 1, 5, 2

STATE = pathlib.Path(os.environ["PXED_STATE_DIR"])
SCRATCH = pathlib.Path(os.environ["PXED_SCRATCH_DIR"])
IMAGES = pathlib.Path(os.environ["PXED_IMAGE_DIR"])
TARGET = pathlib.Path(os.environ["PXED_TARGET_DIR"])
DATA = STATE.parent

# For a whole job: some take half a minute when nothing else runs.
JOB_PATIENCE = 10 * PATIENCE
BUILD_STAGES = ["intake", "context", "image", "preflight", "customize", "inspect", "live", "digest",
                "initrd", "rootfs", "boot-files", "iso", "pxe", "manifest"]
FULL_OS = "iso: {initramfsType: full-os}\n"
BOOTSTRAP = "iso: {initramfsType: bootstrap}\n"
PXE_URL = "http://192.0.2.1/image.iso"
PXE = f"pxe: {{initramfsType: bootstrap, bootstrapFileUrl: '{PXE_URL}'}}\n"


# --- users' calls -----------------------------------------------------------------------------


def build(config, *options, image="tiny.raw", uid=USER):
    return call(MANAGER, "Build", "ssa{sv}", image, config, len(options) // 3, *options, uid=uid)[0]


def pxectl(*words, uid=USER, prefix=(), **options):
    """Runs it to its end, or asserts that it ends."""
    command = as_user(uid, "pxectl", *words) if not prefix else [str(w) for w in (*prefix, *words)]
    return subprocess.run(command, capture_output=True, text=True, check=False,
                          timeout=JOB_PATIENCE, **options)


def start_pxectl(*words, uid=USER):
    return subprocess.Popen(as_user(uid, "pxectl", *words), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def sentence(done):
    """The one line in which pxectl says why it failed."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("pxectl: ")]
    assert len(lines) == 1, f"not one sentence: {done.stderr!r}"
    return lines[0].removeprefix("pxectl: ")


# --- waiting ----------------------------------------------------------------------------------


def wait_end(number):
    """Returns how the job ended."""
    done = pxectl("status", "--wait", "--json", "--quiet", number, uid=0)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def ends(number, state, *words):
    """The job ends in that state, for a reason that has all the words."""
    end = wait_end(number)
    assert end["state"] == state, end
    for word in words:
        assert re.search(word, end["errorMessage"] or ""), f'"{end["errorMessage"]}" lacks "{word}"'


def wait_log(number, word):
    wait_for(f"'{word}' in the log", lambda: word in call(job(number), "GetLog", "tu", 0, 0)[0])


def wait_exit(process):
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError(f"{process.args} does not end: {process.communicate()}") from None
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def kill(pid, number=signal.SIGKILL):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def lives_on(pid, seconds):
    """Whether the process still lives after that time; comes back earlier when not."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return not poll.poll(seconds * 1000)
    finally:
        os.close(fd)


def kill_after(pid, seconds):
    """Kills the process at that moment of its life, unless it is over before. Waits for its end."""
    if lives_on(pid, seconds) and kill(pid):
        assert not lives_on(pid, PATIENCE), f"process {pid} does not die"


# --- the service and its worker ---------------------------------------------------------------


def daemon(name):
    """The process of the bus or of what it has started; None when there is none."""
    for pid, (_, words) in processes().items():
        if os.path.basename(words[0]) == name:
            return pid
    return None


@contextlib.contextmanager
def traced(trace, *words):
    """What strace, with these words, sees of the service, of its launcher and of all that they start goes
    to the file."""
    service = service_pid()
    pids = [service, launcher_of(service)]
    who = [word for pid in pids for word in ("-p", str(pid))]
    with subprocess.Popen(["strace", "-f", "-q", *words, "-o", trace, *who]) as tracer:
        wait_for("strace", lambda: not any("TracerPid:\t0\n" in read_or_nothing(
            pathlib.Path(f"/proc/{pid}/status")) for pid in pids))
        try:
            yield
        finally:
            tracer.send_signal(signal.SIGINT)


def write_traced_worker(path, program):
    """A worker for traced(): without a search for leaks, which does not work for who is traced."""
    path.write_text('#!/bin/bash\nexport ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"\n'
                    f'exec {program} "$@"\n')
    path.chmod(0o755)


def worker_of(number):
    """The outermost process of the job's worker; None while or when there is none."""
    service = service_pid()
    for pid, (parent, words) in processes().items():
        if parent == service and f"--job-id={number}" in words:
            return pid
    return None


class Lab:
    """A folder with images, configs and the worker that can be held; see held-worker."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lab.", dir=DATA))
        self.folder.chmod(0o755)
        self.out = self.folder / "out"
        self.out.mkdir()
        self.out.chmod(0o777)
        config = pathlib.Path(os.environ["PXED_CONFIG"])
        text = config.read_text()
        real = re.search(r"(?m)^worker: (.*)", text).group(1)
        (self.folder / "worker").symlink_to(TREE / "tests/bus/held-worker")
        (self.folder / "real-worker").symlink_to(real)
        os.mkfifo(self.folder / "held")
        self.held = os.open(self.folder / "held", os.O_RDWR | os.O_NONBLOCK)
        self.hold(None)
        config.write_text(text.replace(f"worker: {real}", f"worker: {self.folder}/worker"))

    def image(self, *options, name="tiny.raw", to=None):
        """Makes a tiny image; returns its path."""
        path = (to or self.folder) / name
        subprocess.run([TREE / "tests/lib/tiny-image", *options, path], check=True)
        path.chmod(0o644)
        return path

    def config(self, text, name="config.yaml"):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o644)
        return path

    def hold(self, stage):
        """From now on workers stop at the beginning of that stage, until they are killed."""
        (self.folder / "hold").write_text(stage or "")
        while True:
            try:
                os.read(self.held, 4096)
            except BlockingIOError:
                return

    def wait_held(self):
        """Waits for a worker to be held; returns its process."""
        poll = select.poll()
        poll.register(self.held, select.POLLIN)
        assert poll.poll(PATIENCE * 1000), "no worker came to that stage"
        return int(os.read(self.held, 4096).split()[0])


# --- what may be left -------------------------------------------------------------------------


def read_or_nothing(path):
    try:
        return path.read_text(errors="replace")
    except OSError as error:
        # EINVAL: the process is a zombie. ENODEV: the device goes at this moment.
        if error.errno in (errno.ENOENT, errno.ESRCH, errno.EINVAL, errno.ENXIO, errno.ENODEV):
            return ""
        raise


def loop_devices():
    files = pathlib.Path("/sys/block").glob("loop*/loop/backing_file")
    return {f"{path.parts[3]} of {text.strip()}" for path in files
            if DATA.name in (text := read_or_nothing(path))}


def mounts():
    found = set()
    # Not by glob(): it stumbles over a process that goes meanwhile.
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for line in read_or_nothing(pathlib.Path("/proc", pid, "mountinfo")).splitlines():
            if DATA.name in line or " - overlay " in line or " /dev/loop" in line:
                found.add("mount " + " ".join(line.split()[3:]))
    return found


def is_daemon(parent, words):
    """What the bus has started, or the bus."""
    name = os.path.basename(words[0])
    return parent == 1 and name in ("dbus-daemon", "pxed", "polkitd") and \
        "--job-id" not in " ".join(words)


def strangers():
    """Processes that are neither the test's nor a daemon's. Asks nobody: the bus may stand still."""
    everybody = processes()
    daemons = {pid for pid, process in everybody.items() if is_daemon(*process)}
    mine = {1, os.getpid(), *descendants(os.getpid()), *daemons}
    return {f"process {pid} {' '.join(words) or '(zombie)'}"
            for pid, (parent, words) in everybody.items()
            if pid not in mine and not (parent in daemons and words[0] == "pxed-launcher")}


def files():
    found = {f"scratch: {path.name}" for path in SCRATCH.iterdir()}
    found |= {f"artifacts: {path.name}" for path in STATE.glob("artifacts/.*")}
    found |= {f"jobs: {path.name}" for path in STATE.glob("jobs/.*")}
    found |= {f"images: {path.name}" for path in IMAGES.glob(".*")}
    return found | {f"target: {path.name}" for path in TARGET.glob(".*")
                    if not path.name.endswith(".previous")}


def store_id():
    """What tells this run's cgroups from those of others; as service/store.c makes it."""
    st = os.stat(STATE)
    return f"{(st.st_dev << 40 ^ st.st_ino) & (1 << 64) - 1:x}"


def groups():
    """The cgroups of this service's jobs."""
    wanted = f"pxed-job-{store_id()}-"
    return {f"cgroup: {os.path.join(top, name)}" for top, names, _ in os.walk("/sys/fs/cgroup")
            for name in names if name.startswith(wanted)}


def service_descriptors():
    pid = service_pid()
    return len(os.listdir(f"/proc/{pid}/fd")) if pid else 0


MOUNTS_BEFORE = mounts()


def expect_mounts():
    """What the test itself has mounted is no leak."""
    MOUNTS_BEFORE.update(mounts())


def leaks():
    return sorted(loop_devices() | (mounts() - MOUNTS_BEFORE) | strangers() | files() |
                  groups())


def clean():
    """Asserts that nothing is left; the kernel may take a moment to take things down."""
    end = time.monotonic() + PATIENCE
    while left := leaks():
        assert time.monotonic() < end, f"left behind: {left}"
        select.select([], [], [], 0.01)


def end_all_jobs():
    """After a test that failed, so that the next one finds an empty queue."""
    for number, *_, state, _, _, _ in call(MANAGER, "ListJobs"):
        if state in ("queued", "running"):
            worker = worker_of(number)
            if worker:
                kill(worker)
            else:
                call(job(number), "Cancel")
