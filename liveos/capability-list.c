/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* File capabilities, written into an initramfs and read out of it. */

#include "liveos/capability-list.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <linux/capability.h>

#include "common/cleanup.h"
#include "common/fd.h"

#define ATTRIBUTE "security.capability"

int capability_list_append(Buffer *list, const char *path, const void *value, size_t size) {
        const unsigned char *bytes = value;
        int r = 0;

        for (size_t i = 0; i < size && r >= 0; i++)
                r = buffer_printf(list, "%02x", bytes[i]);
        if (r >= 0)
                r = buffer_append(list, " ", 1);
        for (const unsigned char *p = (const unsigned char *) path; *p && r >= 0; p++)
                r = *p > ' ' && *p < 0x7f && *p != '%' ? buffer_append(list, p, 1)
                                                       : buffer_printf(list, "%%%02x", *p);
        return r < 0 ? r : buffer_append(list, "\n", 1);
}

/* Two digits as they are written above; -1 for others. */
static int read_byte(const char *s) {
        static const char digits[] = "0123456789abcdef";
        const char *high = s[0] ? strchr(digits, s[0]) : NULL;
        const char *low = high && s[1] ? strchr(digits, s[1]) : NULL;

        return low ? (int) ((high - digits) * 16 + (low - digits)) : -1;
}

typedef struct Line {
        unsigned char value[sizeof(struct vfs_ns_cap_data)];
        size_t size;
        char path[PATH_MAX];
} Line;

/* Returns what is behind the line; NULL when it is none. */
static const char *read_value(const char *at, Line *ret) {
        int byte;

        for (ret->size = 0; (byte = read_byte(at)) >= 0; at += 2) {
                if (ret->size == sizeof(ret->value))
                        return NULL;
                ret->value[ret->size++] = (unsigned char) byte;
        }
        return *at == ' ' ? at + 1 : NULL;
}

static const char *read_path(const char *at, Line *ret) {
        size_t n = 0;

        for (; *at && *at != '\n'; at++) {
                int byte = *at == '%' ? read_byte(at + 1) : (unsigned char) *at;

                if (byte <= 0 || n + 1 == sizeof(ret->path))
                        return NULL;
                if (*at == '%')
                        at += 2;
                ret->path[n++] = (char) byte;
        }
        ret->path[n] = '\0';
        return *at == '\n' && n > 0 ? at + 1 : NULL;
}

static int apply(const Line *line, int root_fd, Failure *reterr) {
        _cleanup_close_ int fd = fd_open_beneath(
                        root_fd,
                        line->path,
                        O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
                        0);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return 0;
        if (fsetxattr(fd, ATTRIBUTE, line->value, line->size, 0) < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "'%s' of the ISO's root cannot be given its capabilities",
                                line->path);
        return 0;
}

int capability_list_apply(const char *text, int root_fd, Failure *reterr) {
        int r = 0;

        while (*text && r >= 0) {
                Line line;

                text = read_value(text, &line);
                if (text)
                        text = read_path(text, &line);
                if (!text)
                        return failure_set(
                                        reterr,
                                        -EBADMSG,
                                        "The ISO's root has a damaged list of capabilities, /%s: make the ISO anew from the disk image.",
                                        CAPABILITY_LIST_PATH);
                r = apply(&line, root_fd, reterr);
        }
        return r;
}
