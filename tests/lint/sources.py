# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the checks of this folder share: which files the project consists of, and how a check ends.
# A check looks at the tree that it stands in, or at the one that its first argument names.

import pathlib
import re
import sys

TREE = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
if len(sys.argv) <= 1:
    TREE = TREE.parents[2]

# The rooms, and what each may include beside itself.
ROOMS = {
    "common": set(),
    "dbus": set(),
    "config": {"common"},
    "polkit": {"common"},
    "container": {"common"},
    "liveos": {"common", "config", "container"},
    "service": {"common", "dbus", "config", "polkit"},
    "client": {"common", "dbus", "config"},
}
FOLDERS = [*ROOMS, "tests", "docs", "scripts", ".ci"]


def files():
    """Every file of the project; build folders and what editors leave are none."""
    # In a worktree of git, .git is a file.
    found = [path for path in TREE.iterdir() if path.is_file() and path.name != ".git"]
    for folder in FOLDERS:
        found += [path for path in (TREE / folder).rglob("*") if path.is_file()]
    return sorted(path for path in found if "__pycache__" not in path.parts)


def c_files():
    return [path for path in files() if path.suffix in (".c", ".h")]


def mounter_files():
    """What ever has CAP_SYS_ADMIN of the host in effect; nothing where the build does not say it."""
    build = TREE / "container/meson.build"
    found = re.search(r"mounter_sources = files\((.*?)\)", build.read_text(), re.DOTALL) \
        if build.is_file() else None
    if not found:
        return []
    capability = TREE / "common/capability.c"
    return [*([capability] if capability.is_file() else []),
            *(TREE / "container" / file for file in re.findall(r"'([^']+)'", found.group(1)))]


def name(path):
    return str(path.relative_to(TREE))


def finish(mistakes, praise):
    print("\n".join(mistakes) or praise)
    sys.exit(1 if mistakes else 0)
