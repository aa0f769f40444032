# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What runs on this machine, read out of /proc. Any process may go meanwhile; it is then as if it had
# never been there.

import os
import pathlib
import re


def parent_of(pid):
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def words_of(pid):
    return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")


def processes():
    """All of them, as {pid: (parent, words)}; the words of a zombie are empty."""
    found = {}
    # Not by pathlib's glob(): that fails when a process goes while it is looked at.
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                found[int(name)] = parent_of(name), words_of(name)
            except OSError:
                pass
    return found


def running(program):
    """The processes in whose command line such a word ends."""
    return [pid for pid, (_, words) in processes().items()
            if any(word.endswith(program) for word in words)]


def family(ancestor):
    """Its descendants, as {pid: words}."""
    everybody = processes()
    found = [ancestor]
    for pid in found:
        found += [child for child, (parent, _) in everybody.items() if parent == pid]
    return {pid: everybody[pid][1] for pid in found[1:]}


def descendants(ancestor):
    return list(family(ancestor))


def launcher_of(service):
    found, = [pid for pid, (parent, words) in processes().items()
              if parent == service and words[0] == "pxed-launcher"]
    return found


def capabilities(pid):
    """Its five sets, as numbers."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {name: int(bits, 16) for name, bits in re.findall(r"(?m)^Cap(\w+):\s*(\w+)", text)}
