/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Extended attributes, written into an initramfs and read out of it. */

#include "liveos/attribute-list.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <linux/limits.h>

#include "common/archive.h"
#include "common/cleanup.h"
#include "common/fd.h"
#include "common/strings.h"

static int append_escaped(Buffer *list, const char *s) {
        int r = 0;

        for (const unsigned char *p = (const unsigned char *) s; *p && r >= 0; p++)
                r = *p > ' ' && *p < 0x7f && *p != '%' ? buffer_append(list, p, 1)
                                                       : buffer_printf(list, "%%%02x", *p);
        return r;
}

int attribute_list_append(
                Buffer *list,
                const char *path,
                const char *name,
                const void *value,
                size_t size) {
        const unsigned char *bytes = value;
        int r = append_escaped(list, name);

        if (r >= 0)
                r = buffer_append(list, " ", 1);
        for (size_t i = 0; i < size && r >= 0; i++)
                r = buffer_printf(list, "%02x", bytes[i]);
        if (r >= 0)
                r = buffer_append(list, " ", 1);
        if (r >= 0)
                r = append_escaped(list, path);
        if (r >= 0)
                r = buffer_append(list, "\n", 1);
        return r >= 0 && list->size > ATTRIBUTE_LIST_MAX_BYTES ? -EFBIG : r;
}

/* Two digits as they are written above; -1 for others. */
static int read_byte(const char *s) {
        static const char digits[] = "0123456789abcdef";
        const char *high = s[0] ? strchr(digits, s[0]) : NULL;
        const char *low = high && s[1] ? strchr(digits, s[1]) : NULL;

        return low ? (int) ((high - digits) * 16 + (low - digits)) : -1;
}

typedef struct Line {
        char name[XATTR_NAME_MAX + 1];
        unsigned char value[XATTR_SIZE_MAX];
        size_t size;
        char path[PATH_MAX];
} Line;

/* A word up to `end`; returns what is behind it, NULL when it is none or longer than `max` with its NUL. */
static const char *read_escaped(const char *at, char end, char *ret, size_t max) {
        size_t n = 0;

        for (; *at && *at != end; at++) {
                int byte = *at == '%' ? read_byte(at + 1) : (unsigned char) *at;

                if (byte <= 0 || *at == '\n' || n + 1 == max)
                        return NULL;
                if (*at == '%')
                        at += 2;
                ret[n++] = (char) byte;
        }
        ret[n] = '\0';
        return *at == end && n > 0 ? at + 1 : NULL;
}

static const char *read_value(const char *at, Line *ret) {
        int byte;

        for (ret->size = 0; (byte = read_byte(at)) >= 0; at += 2) {
                if (ret->size == sizeof(ret->value))
                        return NULL;
                ret->value[ret->size++] = (unsigned char) byte;
        }
        return *at == ' ' ? at + 1 : NULL;
}

static const char *read_line(const char *at, Line *ret) {
        at = read_escaped(at, ' ', ret->name, sizeof(ret->name));
        if (!at || !archive_attribute_is_told(ret->name))
                return NULL;
        at = read_value(at, ret);
        return at ? read_escaped(at, '\n', ret->path, sizeof(ret->path)) : NULL;
}

static int apply(const Line *line, int root_fd, Failure *reterr) {
        bool is_users = !str_equal(line->name, ARCHIVE_CAPABILITY);
        _cleanup_close_ int fd = fd_open_beneath(
                        root_fd,
                        line->path,
                        O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
                        0);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return 0;
        if (fsetxattr(fd, line->name, line->value, line->size, 0) >= 0 ||
            (is_users && errno == EOPNOTSUPP))
                return 0;
        return failure_set_errno(
                        reterr,
                        -errno,
                        "'%s' of the ISO's root cannot be given its attribute '%s'",
                        line->path,
                        line->name);
}

int attribute_list_apply(const char *text, int root_fd, Failure *reterr) {
        _cleanup_free_ Line *line = malloc(sizeof(Line));
        int r = line ? 0 : -ENOMEM;

        while (r >= 0 && *text) {
                text = read_line(text, line);
                if (!text)
                        return failure_set(
                                        reterr,
                                        -EBADMSG,
                                        "The ISO's root has a damaged list of attributes, /%s: make the ISO anew from the disk image.",
                                        ATTRIBUTE_LIST_PATH);
                r = apply(line, root_fd, reterr);
        }
        return r;
}
