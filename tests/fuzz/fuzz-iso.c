/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The files of an ISO, as intake lists them: names stay inside, sizes below the limits, a twin is a file
 * that came before. The input begins where a medium's volume descriptors do.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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
        int null_fd;
        char names[ENTRIES_MAX][128];
} Seen;

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
        return archive_entry_copy(entry, seen->null_fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const ArchiveLimits limits = { .max_bytes = BYTES_MAX, .max_entries = ENTRIES_MAX };
        static uint8_t medium[SYSTEM_AREA + INPUT_MAX];
        static Seen seen = { .null_fd = -EBADF };
        Failure failure = {};
        int r;

        if (size > INPUT_MAX)
                return 0;
        if (seen.null_fd < 0)
                seen.null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        seen.n = 0;
        seen.bytes = 0;
        memcpy(medium + SYSTEM_AREA, data, size);
        r = archive_visit_iso(
                        fuzz_file(medium, SYSTEM_AREA + size),
                        &limits,
                        visit,
                        &seen,
                        &failure);
        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -EBADMSG || r == -EFBIG || r == -ENOMEM);
        return 0;
}
