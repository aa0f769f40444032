/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Headers of image formats, as the sealed reader looks at them. The first byte says how the rest is a
 * file: as it is, or in pieces (where, a number; how many bytes, by eight; the bytes) in a file of zeros,
 * as the formats have their headers far apart.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/strings.h"
#include "liveos/image-format.h"

#define FILE_BYTES (1024U * 1024U)
#define DISK_MAX   (UINT64_C(1) << 32)
#define PIECE_MAX  (255U * 8U)

/* Where formats have what they are known by; those from the metadata on are where a piece can say. */
static const uint32_t places[] = {
        0,
        0x40,
        0x200,
        0x400,
        0x600,
        0x800,
        0x8000,
        0x10000,
        0x20000,
        0x30000,
        0x40000,
        0x50000,
        FILE_BYTES - 512,
};

static unsigned char *contents; /* of the file, in memory */

static void put_pieces(const uint8_t *data, size_t size) {
        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                memset(contents + places[i],
                       0,
                       FILE_BYTES - places[i] < PIECE_MAX ? FILE_BYTES - places[i] : PIECE_MAX);
        while (size > 0) {
                uint32_t at = places[fuzz_take_byte(&data, &size) % ELEMENTSOF(places)];
                size_t n = (size_t) fuzz_take_byte(&data, &size) * 8;

                n = n > size ? size : n;
                n = n > FILE_BYTES - at ? FILE_BYTES - at : n;
                memcpy(contents + at, data, n);
                data += n;
                size -= n;
        }
}

static int open_pieces(void) {
        static int fd = -EBADF;

        if (fd < 0) {
                fd = memfd_create("image", MFD_CLOEXEC);
                fuzz_check(fd >= 0 && ftruncate(fd, FILE_BYTES) == 0);
                contents = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
                fuzz_check(contents != MAP_FAILED);
        }
        return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        ImageFormat format = { .kind = _IMAGE_KIND_INVALID };
        int pieces_fd = open_pieces(), fd, r;
        Failure failure = {};

        if (fuzz_take_byte(&data, &size) & 1) {
                put_pieces(data, size);
                fd = pieces_fd;
        } else {
                fd = fuzz_file(data, size);
        }
        r = image_format_probe(fd, DISK_MAX, &format, &failure);
        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r >= 0 || r == -EOPNOTSUPP || r == -ENOEXEC || r == -EFBIG || r == -ENOMEM);
        if (r < 0) {
                fuzz_check(format.kind == _IMAGE_KIND_INVALID);
                return 0;
        }
        fuzz_check(format.kind >= 0 && format.kind < _IMAGE_KIND_MAX);
        fuzz_check(format.disk_bytes <= DISK_MAX);
        fuzz_check(format.kind == IMAGE_RAW || format.disk_bytes > 0);
        return 0;
}
