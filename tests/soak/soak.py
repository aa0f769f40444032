# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What sections in Python share: their arguments, rows that count, and percentiles of what was
# measured. How a section looks stands in docs/HACKING.md.

import argparse
import contextlib
import math
import pathlib
import random
import sys
import time

TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "tests/bus"))


def arguments(whole, quick):
    """Parses the command line. `count` is the number of tries, `whole` or `quick` unless given;
    `chance` a generator from the seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--count", type=int)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.count is None:
        options.count = quick if options.quick else whole
    options.chance = random.Random(options.seed)
    return options


def percentile(values, share):
    """The smallest of the values that so many of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class Row:
    """A line of the table. It is printed by print(), also when nothing was tried."""

    def __init__(self, what):
        self.what = what
        self.tried = self.failed = 0
        self.seconds = []
        self.figures = []

    @contextlib.contextmanager
    def trial(self, name):
        """Counts what happens in it. What goes wrong is shown and does not go further."""
        self.tried += 1
        try:
            yield
        except Exception as error:
            self.finding(f"{name}: {type(error).__name__}: {error}")

    def finding(self, text):
        self.failed += 1
        print(f"{self.what}: {text}"[:3000], file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def clock(self):
        """Measures what is done in it, if it goes well."""
        begin = time.monotonic()
        yield
        self.seconds.append(time.monotonic() - begin)

    def print(self):
        figures = list(self.figures)
        if self.seconds:
            parts = [f"{name} {1000 * value:.1f}" for name, value in (
                ("p50", percentile(self.seconds, 0.5)), ("p99", percentile(self.seconds, 0.99)),
                ("max", max(self.seconds)))]
            figures.append(", ".join(parts) + " ms")
        print("row", self.what, self.tried, self.failed, "; ".join(figures), sep="\t", flush=True)


def finish(rows):
    """The section's last line."""
    for row in rows:
        row.print()
    sys.exit(any(row.failed or not row.tried for row in rows))
