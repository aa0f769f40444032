/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The files of an ISO, as intake lists them: names stay inside, sizes below the limits, a twin is a file
 * that came before, and where a file is said to lie there are the bytes that reading it gives. The input
 * begins where a medium's volume descriptors do.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/strings.h"

#define SYSTEM_AREA 32768U /* ECMA-119: of whoever starts from it */
#define INPUT_MAX   (512U * 1024U)
#define ENTRIES_MAX 64U
#define BYTES_MAX   (1024U * 1024U)

typedef struct Seen {
        size_t n;
        uint64_t bytes;
        int copy_fd; /* all contents, one after the other */
        char names[ENTRIES_MAX][128];
} Seen;

static uint8_t medium[SYSTEM_AREA + INPUT_MAX];

static bool is_seen(const Seen *seen, const char *name) {
        for (size_t i = 0; i < seen->n && i < ENTRIES_MAX; i++)
                if (strncmp(seen->names[i], name, sizeof(seen->names[i]) - 1) == 0)
                        return true;
        return false;
}

static int visit(void *userdata, ArchiveEntry *entry, Failure *reterr _unused_) {
        const char *name = archive_entry_name(entry), *twin = archive_entry_twin(entry);
        Seen *seen = userdata;

        fuzz_check(*name && *name != '/' && !strstr(name, "//") && !strstr(name, "/../"));
        fuzz_check(strcmp(name, "..") != 0 && strncmp(name, "../", 3) != 0);
        fuzz_check((archive_entry_permissions(entry) & ~(mode_t) 0777) == 0);
        fuzz_check(seen->n < ENTRIES_MAX);
        if (twin)
                fuzz_check(is_seen(seen, twin) && archive_entry_bytes(entry) == 0);
        (void) snprintf(seen->names[seen->n++], sizeof(seen->names[0]), "%s", name);
        seen->bytes += archive_entry_bytes(entry);
        fuzz_check(seen->bytes <= BYTES_MAX);
        return archive_entry_copy(entry, seen->copy_fd);
}

/* The same files once more; `userdata` is what was copied, as far as it was compared. */
static int visit_places(void *userdata, ArchiveEntry *entry, Failure *reterr _unused_) {
        uint64_t offset = UINT64_MAX, bytes = archive_entry_bytes(entry);
        static uint8_t copy[BYTES_MAX];
        Seen *seen = userdata;
        int r = archive_entry_place(entry, &offset);

        fuzz_check(r == 0 || r == -EBADMSG || r == -EOPNOTSUPP);
        if (r == 0) {
                fuzz_check(offset <= sizeof(medium) && bytes <= sizeof(medium) - offset);
                fuzz_check(pread(seen->copy_fd, copy, bytes, (off_t) seen->bytes) ==
                           (ssize_t) bytes);
                fuzz_check(memcmp(copy, medium + offset, bytes) == 0);
        }
        seen->bytes += bytes;
        /* What cannot be read ends it, as it does when it is copied. */
        return r == -EOPNOTSUPP ? 0 : r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const ArchiveLimits limits = { .max_bytes = BYTES_MAX, .max_entries = ENTRIES_MAX };
        static Seen seen = { .copy_fd = -EBADF };
        Failure failure = {};
        int fd, r;

        if (size > INPUT_MAX)
                return 0;
        if (seen.copy_fd < 0)
                seen.copy_fd = memfd_create("copy", MFD_CLOEXEC);
        fuzz_check(ftruncate(seen.copy_fd, 0) == 0 && lseek(seen.copy_fd, 0, SEEK_SET) == 0);
        seen.n = 0;
        seen.bytes = 0;
        memcpy(medium + SYSTEM_AREA, data, size);
        fd = fuzz_file(medium, SYSTEM_AREA + size);
        r = archive_visit_iso(fd, &limits, visit, &seen, &failure);
        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        seen.bytes = 0;
        if (r == 0)
                r = archive_visit_iso(fd, &limits, visit_places, &seen, &failure);
        fuzz_check(r == 0 || r == -EBADMSG || r == -EFBIG || r == -ENOMEM);
        return 0;
}
