# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Builds of one image in two ways, in turn, so that both meet the same machine; and what came of it.
# On a busy machine the processor's time says more than the clock's.

import argparse
import os
import pathlib
import resource
import statistics
import sys

TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "tests/lib"))

from worker_run import BOOTSTRAP, Worker


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("image", type=pathlib.Path, help="as scripts/make-base-image makes it")
    return parser.parse_args()


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(worker, image, reader, environment):
    """Returns the seconds by the clock and of the processors, of all processes of a build."""
    os.environ.update(environment)
    before = processor_seconds()
    run = worker.build(image, seconds=3600, reader=reader, config=BOOTSTRAP, words=())
    for name in environment:
        del os.environ[name]
    if not run.done:
        sys.exit(f"The build failed: {run.failure}")
    return run.seconds, processor_seconds() - before


def compare(image, pairs, ways, ratio_max=None):
    """`ways` are two of (name, reader, environment). The end is a failure when the second takes more of the
    processors' time than that share of the first."""
    results = {name: [] for name, _, _ in ways}
    with Worker() as worker:
        for pair in range(pairs + 1):
            for name, reader, environment in ways if pair % 2 else reversed(ways):
                result = measure(worker, image, reader, environment)
                # The first of each warms caches up.
                if pair:
                    results[name].append(result)
                    print(f"{name:32} {result[0]:8.2f} s {result[1]:8.2f} s of processors",
                          flush=True)
    first, second = (results[name] for name, _, _ in ways)
    for index, what in enumerate(("by the clock", "of processors")):
        ratios = [b[index] / a[index] for a, b in zip(first, second)]
        median = statistics.median(ratios)
        print(f"{ways[1][0]} / {ways[0][0]}, {what}: median {median:.3f}, "
              f"{min(ratios):.3f} to {max(ratios):.3f}, of {pairs} pairs")
    if ratio_max and median > ratio_max:
        sys.exit(f"The median of the processors' time is more than {ratio_max}.")
