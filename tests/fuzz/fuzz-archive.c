/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A context's tar stream, read by the two visitors that there are: one that collects and one that
 * copies. Names stay inside, sizes below the limits, and both see the same.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/fd.h"
#include "common/strings.h"

#define ENTRIES_MAX 64U
#define BYTES_MAX   65536U

typedef struct Seen {
        size_t n;
        uint64_t bytes;
        int copy_fd; /* -EBADF: collect */
} Seen;

static void check_name(const char *name) {
        fuzz_check(*name && *name != '/' && !strstr(name, "//"));
        fuzz_check(strcmp(name, "..") != 0 && strncmp(name, "../", 3) != 0);
        fuzz_check(!strstr(name, "/../") && !str_has_suffix(name, "/.."));
        fuzz_check(!str_has_suffix(name, "/"));
}

static int visit(void *userdata, ArchiveEntry *entry, Failure *reterr _unused_) {
        _cleanup_free_ char *content = NULL;
        Seen *seen = userdata;
        size_t size = 0;
        int r;

        check_name(archive_entry_name(entry));
        fuzz_check((archive_entry_permissions(entry) & ~(mode_t) 0777) == 0);
        seen->n++;
        seen->bytes += archive_entry_bytes(entry);
        fuzz_check(seen->n <= ENTRIES_MAX && seen->bytes <= BYTES_MAX);
        if (seen->copy_fd >= 0)
                return archive_entry_copy(entry, seen->copy_fd);
        r = archive_entry_read(entry, BYTES_MAX, &content, &size);
        fuzz_check(r < 0 || (size == archive_entry_bytes(entry) && content[size] == '\0'));
        return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const ArchiveLimits limits = { .max_bytes = BYTES_MAX, .max_entries = ENTRIES_MAX };
        static int null_fd = -EBADF;
        static locale_t utf8;
        Seen collected = { .copy_fd = -EBADF }, copied = {};
        Failure failure = {}, again = {};
        int fd = fuzz_file(data, size), r;

        if (null_fd < 0) {
                null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
                /* The reader asks for it each time; as long as we have it, no file is read for that. */
                utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
                fuzz_check(utf8);
        }
        copied.copy_fd = null_fd;
        r = archive_visit(fd, &limits, visit, &collected, &failure);
        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -EBADMSG || r == -EFBIG);
        fuzz_check(lseek(fd, 0, SEEK_SET) == 0);
        fuzz_check(archive_visit(fd, &limits, visit, &copied, &again) == r);
        fuzz_check(collected.n == copied.n && collected.bytes == copied.bytes);
        return 0;
}
