/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The lists are the kernel's own: mountinfo, and /sys/block for loop devices. */

#include "container/leftovers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "common/fs.h"
#include "common/strings.h"
#include "container/execute-mount.h"

/* mountinfo writes blanks, backslashes and the like as three octal digits. */
static void unescape(char *path) {
        char *to = path;

        for (const char *from = path; *from; to++) {
                unsigned byte;

                if (*from == '\\' && sscanf(from + 1, "%3o", &byte) == 1) {
                        *to = (char) byte;
                        from += 4;
                } else
                        *to = *from++;
        }
        *to = '\0';
}

static int list_mounts(const char *prefix, char ***ret) {
        _cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
        _cleanup_strv_ char **points = NULL;
        _cleanup_free_ char *line = NULL;
        size_t size = 0;

        if (!f)
                return -errno;
        while (getline(&line, &size, f) >= 0) {
                char point[PATH_MAX];

                if (sscanf(line, "%*s %*s %*s %*s %4095s", point) != 1)
                        continue;
                unescape(point);
                if (str_after_prefix(point, prefix) && strv_append(&points, point) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(points);
        return 0;
}

/* Backwards, as the list has a mount before what lies on top of it. */
int leftovers_unmount(const char *prefix) {
        _cleanup_strv_ char **points = NULL;
        int r = list_mounts(prefix, &points), result;

        if (r < 0)
                return r;
        result = (int) strv_length(points);
        for (size_t i = strv_length(points); i > 0; i--) {
                r = execute_mount_remove(points[i - 1]);
                if (r < 0 && r != -EINVAL)
                        result = -EBUSY;
        }
        return result;
}

static bool is_backed_by(const char *device, const char *prefix) {
        _cleanup_free_ char *path = str_printf("/sys/block/%s/loop/backing_file", device);
        _cleanup_fclose_ FILE *f = path ? fopen(path, "re") : NULL;
        char backing[PATH_MAX + 16];

        return f && fgets(backing, sizeof(backing), f) && str_after_prefix(backing, prefix);
}

/* Returns 1 when it was, 0 when it is not what is looked for. */
static int clear_loop(const char *name, const char *prefix, dev_t device) {
        _cleanup_free_ char *path = str_printf("/dev/%s", name);
        struct loop_info64 info = {};
        _cleanup_close_ int fd = -EBADF;

        if (!path || !is_backed_by(name, prefix))
                return 0;
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || ioctl(fd, LOOP_GET_STATUS64, &info) < 0 || info.lo_device != device)
                return 0;
        /* It may have become another's between the two looks; now that it is open it cannot. */
        if (!is_backed_by(name, prefix))
                return 0;
        return ioctl(fd, LOOP_CLR_FD, 0) < 0 && errno != ENXIO ? -EBUSY : 1;
}

int leftovers_clear_loops(const char *prefix, dev_t device) {
        _cleanup_closedir_ DIR *d = opendir("/sys/block");
        int n = 0, result = 0;

        if (!d)
                return errno == ENOENT ? 0 : -errno;
        for (struct dirent *e = fs_readdir(d); e; e = fs_readdir(d)) {
                int r = str_after_prefix(e->d_name, "loop") ? clear_loop(e->d_name, prefix, device)
                                                            : 0;

                if (r < 0)
                        result = r;
                else
                        n += r;
        }
        return result < 0 ? result : n;
}
