# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Several services on buses of their own, each of which is called at the moment at which it leaves; see
# idle-race.c. Shared by test-idle-race and the section of the same name in tests/soak. Runs outside of
# scripts/with-bus.

import os
import pathlib
import subprocess
import tempfile

TREE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["PXED_BUILD_DIR"])
# A try takes a second of waiting and little work.
SIDE_BY_SIDE = 5


def start(seed, count, settings, watched):
    command = [TREE / "scripts/with-bus", "--build-dir", BUILD, "--settings", settings,
               *([TREE / "tests/bus/name-watcher"] if watched else []),
               BUILD / "tests/bus/idle-race", seed, count]
    return subprocess.Popen([str(word) for word in command], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def race(seed, count, watched=False):
    """With `watched` the name is watched as by systemd. Returns how many calls were made, how many of them were lost, answered by the old service, by
    the new one, and what was said of them."""
    shares = [count * (i + 1) // SIDE_BY_SIDE - count * i // SIDE_BY_SIDE
              for i in range(SIDE_BY_SIDE)]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as settings:
        settings.write("idleSeconds: 1\n")
        settings.flush()
        running = [start(seed + i, share, settings.name, watched)
                   for i, share in enumerate(shares) if share]
        done = [(*process.communicate(), process.returncode) for process in running]
    sums = [0, 0, 0, 0]
    for out, err, status in done:
        numbers = [int(word) for word in out.split()]
        assert len(numbers) == 4 and (status == 0 or numbers[1]), f"status {status}: {out}{err}"
        sums = [a + b for a, b in zip(sums, numbers)]
    return *sums, "".join(err for _, err, _ in done)
