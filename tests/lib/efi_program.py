# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Programs for EFI that do nothing, but have the form of real ones: PE files with the sections of a GRUB,
# of a shim, or of a kernel, and signatures by keys of one's own.

import pathlib
import struct
import subprocess

HEADERS = 512


def run(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout}"


def program(**sections):
    """A PE32+ file with these sections; a name of more than 8 bytes lies behind them, as GNU tools
    have it."""
    content = {name.encode(): data + b"\0" * (-len(data) % 512) for name, data in sections.items()}
    data, table, strings = b"", b"", b""
    for name, body in content.items():
        word = name
        if len(name) > 8:
            word = b"/%d" % (4 + len(strings))
            strings += name + b"\0"
        table += struct.pack("<8sIIIIIIHHI", word, len(body), 4096 * (1 + len(data) // 4096),
                             len(body), HEADERS + len(data), 0, 0, 0, 0, 0x40000040)
        data += body
    symbols = HEADERS + len(data) if strings else 0
    optional = struct.pack("<HBBIIIIIQIIHHHHHHIIIIHHQQQQII", 0x20b, 2, 0, 0, len(data), 0, 4096, 4096, 0,
                           4096, 512, 0, 0, 0, 0, 0, 0, 0, 4096 * (2 + len(data) // 4096), HEADERS,
                           0, 10, 0, 0, 0, 0, 0, 0, 16) + bytes(16 * 8)
    machine = struct.pack("<HHIIIHH", 0x8664, len(content), 0, symbols, 0, len(optional), 0x22)
    headers = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + machine + optional + table
    tail = struct.pack("<I", 4 + len(strings)) + strings if strings else b""
    file = headers.ljust(HEADERS, b"\0") + data + tail
    return file + b"\0" * (-len(file) % 8)


def grub(prefix):
    """With what tells where a GRUB looks for its menu: the header of its modules, then one object of the
    type "prefix"."""
    text = prefix.encode() + b"\0"
    text += b"\0" * (-len(text) % 8)
    mods = struct.pack("<IIQQ", 0x676d696d, 0, 24, 24 + 8 + len(text))
    return program(mods=mods + struct.pack("<II", 3, 8 + len(text)) + text)


def shim(certificate):
    """With a certificate of its own, in DER; without one for None."""
    if certificate is None:
        return program(**{".text": b"shim"})
    header = struct.pack("<IIII", len(certificate), 0, 16, 16 + len(certificate))
    return program(**{".vendor_cert": header + certificate})


class Signer:
    """A key with a certificate that vouches for itself, in a folder."""

    def __init__(self, folder, name):
        self.key, self.pem, self.der = (pathlib.Path(folder, f"{name}.{end}")
                                        for end in ("key", "pem", "der"))
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out",
            self.pem, "-subj", f"/CN={name}", "-days", "3650")
        run("openssl", "x509", "-in", self.pem, "-outform", "DER", "-out", self.der)

    def certificate(self):
        return self.der.read_bytes()

    def sign(self, path):
        signed = path.with_suffix(".signing")
        run("osslsigncode", "sign", "-certs", self.pem, "-key", self.key, "-in", path, "-out", signed)
        signed.chmod(path.stat().st_mode & 0o777)
        signed.rename(path)
