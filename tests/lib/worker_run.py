# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Builds by the real worker without a service: for tests that make very many of them, or compare
# some. The worker gets what a service would give it, and its container is the whole one. For root;
# PXED_BUILD_DIR names the build.

import fcntl
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

WORKER = pathlib.Path(os.environ["PXED_BUILD_DIR"]) / "liveos/pxed-worker"
IDS_BASE = 0x60000000
SLOTS = 4096
GIB = 1 << 30
FULL_OS = "iso: {initramfsType: full-os}\n"
BOOTSTRAP = "iso: {initramfsType: bootstrap}\n"
# Above those that the worker is to find its own at.
FIRST_FD = 100

# So that folders are removed then, too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


class Run:
    """A build that was started; wait() fills in how it ended: `done`, or `failure` with the worker's
    sentence, or neither when it broke a promise. `log` has the log's lines, `seconds` how long it
    took."""

    def __init__(self, process, report, lifeline):
        self.process, self.report, self.lifeline = process, report, lifeline
        self.begin = time.monotonic()
        self.done, self.failure, self.log = False, None, []

    def cancel(self):
        if self.lifeline is not None:
            os.close(self.lifeline)
            self.lifeline = None

    def read(self, seconds):
        """The report to its end; None when there is no end after that time."""
        text, end = b"", time.monotonic() + seconds
        while select.select([self.report], [], [], max(0, end - time.monotonic()))[0]:
            piece = os.read(self.report, 65536)
            if not piece:
                return text.decode(errors="replace")
            text += piece
        return None

    def wait(self, seconds=300):
        text = self.read(seconds)
        self.hung = text is None
        self.cancel()
        said = self.process.communicate()[0].decode(errors="replace")
        self.seconds = time.monotonic() - self.begin
        os.close(self.report)
        for line in (text or "").splitlines():
            word, _, rest = line.partition(" ")
            self.done |= line == "done"
            if word == "failure":
                self.failure = rest.partition(" ")[2]
            if word == "log":
                self.log.append(rest.partition(" ")[2])
        assert "Sanitizer" not in said and "runtime error" not in said, said[-3000:]
        return self


class Worker:
    """A folder for builds, one at a time. Its ids and its group of processes are its own, also beside
    the workers of other tests."""

    number = 0

    def __init__(self):
        Worker.number += 1
        self.number = Worker.number
        self.ids_base = IDS_BASE + (os.getpid() * 4 + self.number) % SLOTS * 65536
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pxed-run.", dir="/var/tmp"))
        self.output = self.folder / "output"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def start(self, image, reader="auto", config=FULL_OS, words=("--compressor=gzip",
                                                                 "--compression-level=1")):
        for folder in (self.folder / "scratch", self.output):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
        (self.folder / "config.yaml").write_text(config)
        report, report_end = os.pipe()
        lifeline_end, lifeline = os.pipe()
        low = [report_end, lifeline_end,
               *(os.open(path, os.O_RDONLY) for path in (
                   self.folder / "config.yaml", image, self.folder / "scratch", self.output))]
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, FIRST_FD) for fd in low]
        moves = "".join(f" {3 + i}<&{fd} {fd}<&-" for i, fd in enumerate(high))
        command = [WORKER, "build", "--format=iso", "--context-is-text", "--image-is-ours",
                   "--without-limits", f"--store-id={os.getpid()}", f"--job-id={self.number}",
                   f"--ids-base={self.ids_base}",
                   f"--context-max-bytes={GIB}", f"--image-max-bytes={64 * GIB}",
                   f"--memory-max-bytes={4 * GIB}", f"--scratch-max-bytes={16 * GIB}",
                   "--processes-max=1024", *words]
        if reader != "auto":
            command.append(f"--reader={reader}")
        process = subprocess.Popen(["bash", "-c", f'exec "$0" "$@"{moves}', *map(str, command)],
                                   pass_fds=high, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for fd in (*low, *high):
            os.close(fd)
        return Run(process, report, lifeline)

    def build(self, image, seconds=300, **options):
        return self.start(image, **options).wait(seconds)
