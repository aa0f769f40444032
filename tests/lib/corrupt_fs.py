# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Seeded damage to the file systems of an image, and the build of what is left of it: it has to end
# well or with a sentence, in time, and the kernel has to be as it was.

import json
import os
import pathlib
import random
import subprocess

from worker_run import WORKER, Worker

TREE = pathlib.Path(__file__).resolve().parents[2]
TAINTED = pathlib.Path("/proc/sys/kernel/tainted")
# A build of the tiny image takes seconds.
PATIENCE = 240

# Kinds of file system with who reads them, and the partition that is damaged.
KINDS = {
    "ext4": ("kernel", "ext4", 1), "ext4-userspace": ("userspace", "ext4", 1),
    "xfs": ("kernel", "xfs", 1), "btrfs": ("kernel", "btrfs", 1),
    "squashfs": ("kernel", "squashfs", 1), "squashfs-userspace": ("userspace", "squashfs", 1),
    "erofs": ("kernel", "erofs", 1), "vfat": ("kernel", "ext4", 0),
}


def make_image(root, path):
    subprocess.run([TREE / "tests/lib/tiny-image", "--root", root, path], check=True)


def partitions(path):
    table = json.loads(subprocess.check_output(["sfdisk", "--json", path]))["partitiontable"]
    return [(part["start"] * 512, part["size"] * 512) for part in table["partitions"]]


def used_blocks(file, start, size, block=4096):
    """Where something stands: damage to what is empty would be no damage."""
    found = []
    for offset in range(start, start + size, block):
        file.seek(offset)
        if file.read(block).strip(b"\0"):
            found.append(offset)
    return found


class Damage:
    """Damages one partition of an image, a copy of `whole`, anew for each number."""

    def __init__(self, whole, partition, folder):
        self.start, self.size = partitions(whole)[partition]
        with open(whole, "rb") as file:
            self.blocks = used_blocks(file, self.start, self.size)
            self.whole = whole
        self.path = folder / "damaged.raw"
        subprocess.run(["cp", "--sparse=always", whole, self.path], check=True)
        self.changed = []

    def restore(self):
        with open(self.whole, "rb") as whole, open(self.path, "r+b") as file:
            for offset, size in self.changed:
                whole.seek(offset)
                file.seek(offset)
                file.write(whole.read(size))
        self.changed = []

    def place(self, chance):
        """Half of it goes to the first blocks in use, where superblock and tables are."""
        blocks = self.blocks[:64] if chance.random() < 0.5 else self.blocks
        return chance.choice(blocks) + chance.randrange(4096)

    def apply(self, seed):
        """Returns the path of the damaged image."""
        chance = random.Random(seed)
        self.restore()
        with open(self.path, "r+b") as file:
            for _ in range(chance.choice((1, 1, 2, 8, 64))):
                offset, size = self.place(chance), chance.choice((1, 1, 2, 4, 8, 512))
                size = min(size, self.start + self.size - offset)
                file.seek(offset)
                old = file.read(size)
                new = chance.choice((
                    lambda: bytes(byte ^ 1 << chance.randrange(8) for byte in old),
                    lambda: chance.randbytes(size),
                    lambda: b"\xff" * size,
                    lambda: b"\0" * size))()
                file.seek(offset)
                file.write(new)
                self.changed.append((offset, size))
        return self.path


def loops_of(path):
    """Loop devices that still hold the image."""
    files = pathlib.Path("/sys/block").glob("loop*/loop/backing_file")
    found = []
    for file in files:
        try:
            if file.read_text().strip() == str(path):
                found.append(file.parts[3])
        except OSError:
            pass  # it was just let go
    return found


def judge(run, path, tainted):
    """What is wrong with how the build ended; None when nothing is."""
    if run.hung:
        return f"no end after {PATIENCE} s"
    if run.done == bool(run.failure):
        return f"neither good nor failed: status {run.process.returncode}, log {run.log[-3:]}"
    if run.failure and (len(run.failure) < 20 or "\n" in run.failure):
        return f"not a sentence: {run.failure!r}"
    if loops_of(path):
        return f"loop devices are left: {loops_of(path)}"
    if TAINTED.read_text() != tainted:
        return f"the kernel is tainted: {TAINTED.read_text().strip()}"
    return None


def build_damaged(worker, damage, reader, seed):
    """Returns the run, and what is wrong with it."""
    tainted = TAINTED.read_text()
    run = worker.start(damage.apply(seed), reader=reader).wait(PATIENCE)
    # Of a good build the artifact is whole.
    wrong = judge(run, damage.path, tainted)
    if not wrong and run.done:
        names = set(os.listdir(worker.output))
        if names != {"image.iso", "manifest.json"}:
            wrong = f"an artifact of {names}"
    if not wrong and run.failure and os.listdir(worker.output):
        wrong = f"it failed and left {os.listdir(worker.output)}"
    return run, wrong
