# SPDX-License-Identifier: LGPL-2.1-or-later
#
# An image that can be customized in earnest: a tiny one with this host's own shadow in it, and its
# root file system afterwards, taken out of the ISO.

import ctypes
import os
import pathlib
import re
import shutil
import subprocess

PROGRAMS = ["useradd", "usermod", "groupadd", "chpasswd", "chage"]

# chpasswd that is slow enough to be seen in /proc with its arguments.
SLOW_CHPASSWD = '#!/bin/sh\nsleep 1\nexec /usr/sbin/chpasswd "$@"\n'

ACCOUNTS = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nknown:x:500:500::/home/known:/bin/sh\n"
                  "foo:x:501:501::/home/foo:/bin/sh\nfoobar:x:502:502::/home/foobar:/bin/ash\n",
    "etc/group": "root:x:0:\nknown:x:500:\nfoo:x:501:\nfoobar:x:502:\nwheel:x:10:\n",
    "etc/shadow": "".join(f"{name}:*:19000:0:99999:7:::\n"
                          for name in ("root", "known", "foo", "foobar")),
    "etc/gshadow": "".join(f"{name}:*::\n" for name in ("root", "known", "foo", "foobar", "wheel")),
}


def write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def libraries(program):
    """The files that the dynamic linker takes, and itself."""
    text = subprocess.check_output(["ldd", program], text=True)
    return {pathlib.Path(path) for path in re.findall(r"(/\S+) \(0x", text)}


def copy_library(root, path):
    """/lib is a link to /usr/lib in these images; where the linker is called from has to stay."""
    target = str(path)
    if target.startswith("/lib/"):
        target = "/usr" + target
    target = root / target.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path.resolve(), target)


def add_program(root, name):
    """A program of this host, with what it needs to run."""
    program = shutil.which(name, path="/usr/sbin:/usr/bin")
    assert program, f"this host has no {name}"
    (root / "usr/sbin").mkdir(parents=True, exist_ok=True)
    shutil.copy(program, root / "usr/sbin" / name)
    for path in libraries(program):
        copy_library(root, path)


def shadow_tree(root):
    """What `tiny-image --add` puts into an image for it to have accounts."""
    for name in PROGRAMS:
        add_program(root, name)
    write(root / "etc/skel/.profile", "# new\n")
    shutil.copy("/etc/login.defs", root / "etc")
    for path, text in ACCOUNTS.items():
        write(root / path, text, 0o640 if "shadow" in path else 0o644)
    keys = root / "home/known/.ssh/authorized_keys"
    write(keys, "ssh-rsa OLD known@before")
    keys.chmod(0o666)
    for path in (root / "home/known", keys.parent, keys):
        shutil.chown(path, 500, 500)


def unpack_root(iso, folder):
    """The root file system of a bootstrap ISO, with owners and modes; returns its folder."""
    folder.mkdir()
    subprocess.run(["bsdtar", "-C", folder, "-xf", iso, "liveos/rootfs.img"], check=True)
    subprocess.run(["unsquashfs", "-no-progress", "-quiet", "-d", folder / "root",
                    folder / "liveos/rootfs.img"], check=True, stdout=subprocess.DEVNULL)
    return folder / "root"


def label_of(path):
    """Of SELinux; None without one."""
    try:
        return os.getxattr(path, "security.selinux", follow_symlinks=False).rstrip(b"\0").decode()
    except OSError:
        return None


def fields(root, path, name):
    """The account's line in passwd, shadow or group, as a list."""
    for line in (root / path).read_text().splitlines():
        if line.startswith(name + ":"):
            return line.split(":")
    return None


def opens(password, hashed):
    """Whether the password is that of the hash."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    return library.crypt(password.encode(), hashed.encode()) == hashed.encode()
