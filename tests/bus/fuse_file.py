# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A file system of a user's own with one file, "image", whose server may stop to answer reads: the
# few opcodes of the kernel's protocol (linux/fuse.h) that reading a file needs, over /dev/fuse, so
# that no library decides what is answered. Needs root, as others are to read it.

import ctypes
import errno
import os
import select
import stat
import struct
import threading

LOOKUP, GETATTR, OPEN, READ, STATFS, RELEASE, INIT, FLUSH = 1, 3, 14, 15, 17, 18, 26, 25
FORGET, INTERRUPT, BATCH_FORGET = 2, 36, 42
ROOT, FILE = 1, 2
OPEN_DIRECT = 1  # FOPEN_DIRECT_IO: every read is asked for while its reader waits
IN_HEADER = struct.Struct("<IIQQIIII")
REQUEST_MAX = 1 << 20

libc = ctypes.CDLL(None, use_errno=True)


def attributes(node, size):
    mode = stat.S_IFDIR | 0o755 if node == ROOT else stat.S_IFREG | 0o644
    return struct.pack("<QQQQQQIIIIIIIIII", node, size, (size + 511) // 512, 0, 0, 0, 0, 0, 0, mode,
                       1, 0, 0, 0, 4096, 0)


class FuseFile:
    """Mounted at `folder` until end(); serves in a thread."""

    def __init__(self, folder, content, stall_after=None):
        """Reads beyond that many bytes are taken and never answered."""
        self.folder = folder
        self.content = content
        self.stall_after = stall_after
        self.stalled = threading.Event()
        self.device = os.open("/dev/fuse", os.O_RDWR)
        self.wake, self.waker = os.pipe()
        data = f"fd={self.device},rootmode=40000,user_id=0,group_id=0,allow_other"
        if libc.mount(b"pxed-test", os.fsencode(folder), b"fuse", 6, data.encode()) != 0:
            raise OSError(ctypes.get_errno(), "mount fuse")
        self.server = threading.Thread(target=self.serve, daemon=True)
        self.server.start()

    def end(self):
        """The server dies: the kernel answers what still waits with an error."""
        if self.device < 0:
            return
        os.write(self.waker, b"!")
        self.server.join()
        os.close(self.device)
        self.device = -1
        libc.umount2(os.fsencode(self.folder), 2)

    def serve(self):
        while True:
            ready, _, _ = select.select([self.device, self.wake], [], [])
            if self.wake in ready:
                return
            try:
                request = os.read(self.device, REQUEST_MAX)
            except OSError as error:
                if error.errno in (errno.ENODEV, errno.ECONNABORTED):
                    return
                continue
            _, opcode, unique, node, *_ = IN_HEADER.unpack_from(request)
            answer = self.answer(opcode, node, request[IN_HEADER.size:])
            if answer is not None:
                error, payload = (answer, b"") if isinstance(answer, int) else (0, answer)
                os.write(self.device, struct.pack("<IiQ", 16 + len(payload), -error, unique) + payload)

    def answer(self, opcode, node, body):
        """The payload, an errno, or None for no answer."""
        size = len(self.content)
        if opcode == INIT:
            return struct.pack("<IIIIHHIIHHI7I", 7, 31, 65536, 0, 12, 9, 65536, 1, 0, 0, 0, *[0] * 7)
        if opcode == LOOKUP:
            if body.rstrip(b"\0") != b"image":
                return errno.ENOENT
            return struct.pack("<QQQQII", FILE, 0, 60, 60, 0, 0) + attributes(FILE, size)
        if opcode == GETATTR:
            return struct.pack("<QII", 60, 0, 0) + attributes(node, size)
        if opcode == OPEN:
            return struct.pack("<QII", 1, OPEN_DIRECT, 0)
        if opcode == READ:
            _, offset, length = struct.unpack_from("<QQI", body)
            if self.stall_after is not None and offset + length > self.stall_after:
                self.stalled.set()
                return None
            return self.content[offset:offset + length]
        if opcode == STATFS:
            return struct.pack("<QQQQQIIII6I", 0, 0, 0, 0, 0, 4096, 255, 4096, 0, *[0] * 6)
        if opcode == RELEASE:
            return b""
        return None if opcode in (FORGET, BATCH_FORGET, INTERRUPT) else errno.ENOSYS
