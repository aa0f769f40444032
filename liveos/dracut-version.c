/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The version is read and not asked for: nothing of the image runs before it is known to be good. */

#include "liveos/dracut-version.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/fs.h"
#include "common/strings.h"

#define FILE_MAX_BYTES (1024U * 1024U)

/* Where an installed dracut tells its version, by the line that begins so; the first that is there
 * counts. Upstream has the first place no more from 110 on, but some packages still make it. */
typedef struct VersionPlace {
        const char *path;
        const char *line;
} VersionPlace;

static const VersionPlace places[] = {
        { "usr/lib/dracut/dracut-version.sh", "DRACUT_VERSION=" },
        { "usr/bin/dracut", "DRACUT_VERSION=" },
        { "usr/share/pkgconfig/dracut.pc", "Version: " },
};

int dracut_version_parse(const char *text, unsigned *ret_version) {
        size_t n = strspn(text, "0123456789");
        unsigned version = 0;

        if (n == 0 || n > 6 || (text[n] != '\0' && !strchr("-+.~ ", text[n])))
                return -EINVAL;
        for (size_t i = 0; i < n; i++)
                version = version * 10 + (unsigned) (text[i] - '0');
        *ret_version = version;
        return 0;
}

/* The version on the line of the text that begins so. Errors: -ENODATA when there is none, -EINVAL. */
static int find_version(
                const char *text,
                const char *line_begin,
                unsigned *ret_version,
                char ret_text[static DRACUT_VERSION_SIZE]) {
        _cleanup_strv_ char **lines = strv_split(text, "\n");

        if (!lines)
                return -ENOMEM;
        STRV_FOREACH(line, lines) {
                const char *value = str_after_prefix(*line, line_begin);

                if (!value)
                        continue;
                value += strspn(value, "\"'");
                (void) snprintf(ret_text,
                                DRACUT_VERSION_SIZE,
                                "%.*s",
                                (int) strcspn(value, "\"' \t\r"),
                                value);
                str_make_utf8(ret_text);
                str_blank_controls(ret_text);
                return dracut_version_parse(ret_text, ret_version);
        }
        return -ENODATA;
}

static int fail_version(const char *path, Failure *reterr) {
        return failure_set(
                        reterr,
                        -ENOPKG,
                        "The image's file '/%s' does not tell the version of dracut: install dracut anew in the image.",
                        path);
}

/* Errors: -ENOENT when there is no such file, -ENODATA when it has no such line. */
static int read_place(
                int root_fd,
                const VersionPlace *place,
                unsigned *ret_version,
                char ret_text[static DRACUT_VERSION_SIZE],
                Failure *reterr) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = fs_read_in_root(root_fd, place->path, FILE_MAX_BYTES, &text, &size);

        if (r == -ENOENT)
                return r;
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "The image's file '/%s' cannot be read",
                                place->path);
        r = find_version(text, place->line, ret_version, ret_text);
        return r == -EINVAL ? fail_version(place->path, reterr) : r;
}

int dracut_version_read(
                int root_fd,
                unsigned *ret_version,
                char ret_text[static DRACUT_VERSION_SIZE],
                Failure *reterr) {
        const char *found = NULL;

        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                int r = read_place(root_fd, &places[i], ret_version, ret_text, reterr);

                if (r == -ENOENT)
                        continue;
                if (r != -ENODATA)
                        return r;
                found = places[i].path;
        }
        return found ? fail_version(found, reterr) : -ENOENT;
}
