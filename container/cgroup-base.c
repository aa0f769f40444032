/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* /proc/self/cgroup says in which group this process is, mountinfo where that can be seen. */

#include "container/cgroup-base.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "common/strings.h"

/* Where the processes of a delegated group go, as in version 2 a group has processes or groups. */
#define LEAF       "pxed-service"
#define MOVES_MAX  16u
#define LINE_SIZE  8192
#define WORD_MAX   1024
#define FOLDER_SET (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

static const char *const controllers[_CGROUP_LIMIT_MAX] = {
        [CGROUP_MEMORY] = "memory",
        [CGROUP_PROCESSES] = "pids",
        [CGROUP_DEVICES] = "devices",
};

CgroupHierarchy cgroup_base_hierarchy(CgroupLimit limit, CgroupBackend backend) {
        return backend == CGROUP_V2 ? HIERARCHY_UNIFIED : (CgroupHierarchy) limit;
}

int cgroup_write(int folder_fd, const char *file, const char *text) {
        _cleanup_close_ int fd = openat(folder_fd, file, O_WRONLY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

int cgroup_read(int folder_fd, const char *file, char *ret_text, size_t size) {
        _cleanup_close_ int fd = openat(folder_fd, file, O_RDONLY | O_CLOEXEC);
        size_t used = 0;
        ssize_t n;

        if (fd < 0)
                return -errno;
        while (used < size - 1 && (n = read(fd, ret_text + used, size - 1 - used)) != 0) {
                if (n < 0)
                        return -errno;
                used += (size_t) n;
        }
        ret_text[used] = '\0';
        return 0;
}

int cgroup_open_folder(int folder_fd, const char *name) {
        int fd = openat(folder_fd, name, FOLDER_SET | O_NOFOLLOW);

        return fd < 0 ? -errno : fd;
}

/* One of the words between `separators`. */
static bool has_word(const char *words, const char *separators, const char *word) {
        size_t length = strlen(word);

        for (words += strspn(words, separators); *words; words += strspn(words, separators)) {
                size_t n = strcspn(words, separators);

                if (n == length && strncmp(words, word, n) == 0)
                        return true;
                words += n;
        }
        return false;
}

/* The group of this process; `controller` is NULL for version 2. */
static int find_group(const char *controller, char ret[static PATH_MAX]) {
        _cleanup_fclose_ FILE *f = fopen("/proc/self/cgroup", "re");
        char line[LINE_SIZE];

        while (f && fgets(line, sizeof(line), f)) {
                char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;

                if (!path)
                        continue;
                *path++ = '\0';
                path[strcspn(path, "\n")] = '\0';
                if (controller ? !has_word(names + 1, ",", controller) : names[1] != '\0')
                        continue;
                (void) snprintf(ret, PATH_MAX, "%.*s", PATH_MAX - 1, path);
                /* Above the root of our namespace there is nothing that we could open. */
                return strstr(ret, "/..") ? -EXDEV : 0;
        }
        return -ENOENT;
}

/* The first mount of the hierarchy: where it is, and which group is its top. */
static int find_mount(
                const char *controller,
                char ret_root[static WORD_MAX],
                char ret_point[static WORD_MAX]) {
        _cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
        char line[LINE_SIZE], type[32], options[WORD_MAX];

        while (f && fgets(line, sizeof(line), f)) {
                const char *rest = strstr(line, " - ");

                if (!rest || sscanf(line, "%*s %*s %*s %1023s %1023s", ret_root, ret_point) != 2 ||
                    sscanf(rest + 3, "%31s %*s %1023s", type, options) != 2)
                        continue;
                if (controller ? str_equal(type, "cgroup") && has_word(options, ",", controller)
                               : str_equal(type, "cgroup2"))
                        return 0;
        }
        return -ENOENT;
}

static int open_home(const char *controller, char ret_group[static PATH_MAX]) {
        char root[WORD_MAX], point[WORD_MAX];
        _cleanup_free_ char *path = NULL;
        const char *below;
        int r;

        r = find_group(controller, ret_group);
        if (r >= 0)
                r = find_mount(controller, root, point);
        if (r < 0)
                return r;
        below = str_equal(root, "/") ? ret_group : str_after_prefix(ret_group, root);
        if (!below || (*below != '\0' && *below != '/'))
                return -EXDEV;
        path = str_printf("%s%s", point, below);
        r = path ? open(path, FOLDER_SET) : -1;
        return r < 0 ? -errno : r;
}

static void open_v1(CgroupBase *base, CgroupLimit limit) {
        char group[PATH_MAX];
        int fd = open_home(controllers[limit], group);

        if (fd < 0)
                return;
        base->home_fds[limit] = fd;
        base->folder_fds[limit] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        base->backend[limit] = CGROUP_V1;
}

static bool is_delegated(int group_fd) {
        static const char *const marks[] = { "trusted.delegate", "user.delegate" };
        char value[2];

        for (size_t i = 0; i < ELEMENTSOF(marks); i++)
                if (fgetxattr(group_fd, marks[i], value, sizeof(value)) == 1 && value[0] == '1')
                        return true;
        return false;
}

static unsigned move_listed(int from_fd, int to_fd) {
        _cleanup_close_ int fd = openat(from_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
        _cleanup_fclose_ FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
        unsigned n = 0;
        char pid[32];

        if (f)
                (void) TAKE_FD(fd);
        while (f && fgets(pid, sizeof(pid), f)) {
                pid[strcspn(pid, "\n")] = '\0';
                (void) cgroup_write(to_fd, "cgroup.procs", pid);
                n++;
        }
        return n;
}

/* All of a delegated group are the service and its workers. Returns where they are now. */
static int make_leaf(int group_fd) {
        int leaf_fd;

        if (mkdirat(group_fd, LEAF, 0755) < 0 && errno != EEXIST)
                return -errno;
        leaf_fd = openat(group_fd, LEAF, FOLDER_SET | O_NOFOLLOW);
        if (leaf_fd < 0)
                return -errno;
        for (unsigned i = 0; i < MOVES_MAX && move_listed(group_fd, leaf_fd) > 0; i++)
                continue;
        return leaf_fd;
}

/* The folder for groups of version 2. The top of all needs no leaf, and has no cgroup.type. */
static int open_folder_v2(int *home_fd, const char *group) {
        int leaf_fd, fd;

        if (str_has_suffix(group, "/" LEAF)) {
                fd = openat(*home_fd, "..", FOLDER_SET);
                return fd < 0 ? -errno : fd;
        }
        if (faccessat(*home_fd, "cgroup.type", F_OK, 0) < 0) {
                fd = fcntl(*home_fd, F_DUPFD_CLOEXEC, 3);
                return fd < 0 ? -errno : fd;
        }
        if (!is_delegated(*home_fd))
                return -EPERM;
        leaf_fd = make_leaf(*home_fd);
        if (leaf_fd < 0)
                return leaf_fd;
        fd = *home_fd;
        *home_fd = leaf_fd;
        return fd;
}

static void open_v2(CgroupBase *base) {
        static const char *const orders[] = { "+memory", "+pids" };
        char group[PATH_MAX], enabled[WORD_MAX];
        _cleanup_close_ int home_fd = open_home(/* controller= */ NULL, group);
        int fd;

        if (home_fd < 0)
                return;
        fd = open_folder_v2(&home_fd, group);
        if (fd < 0)
                return;
        base->folder_fds[HIERARCHY_UNIFIED] = fd;
        base->home_fds[HIERARCHY_UNIFIED] = TAKE_FD(home_fd);
        for (size_t i = 0; i < ELEMENTSOF(orders); i++)
                (void) cgroup_write(fd, "cgroup.subtree_control", orders[i]);
        if (cgroup_read(fd, "cgroup.subtree_control", enabled, sizeof(enabled)) < 0)
                enabled[0] = '\0';
        for (CgroupLimit limit = 0; limit < _CGROUP_LIMIT_MAX; limit++)
                if (base->backend[limit] == CGROUP_NONE &&
                    (limit == CGROUP_DEVICES || has_word(enabled, " \n", controllers[limit])))
                        base->backend[limit] = CGROUP_V2;
}

void cgroup_base_open(CgroupBase *ret) {
        *ret = CGROUP_BASE_NULL;
        for (CgroupLimit limit = 0; limit < _CGROUP_LIMIT_MAX; limit++)
                open_v1(ret, limit);
        open_v2(ret);
}

void cgroup_base_done(CgroupBase *base) {
        for (size_t i = 0; i < _HIERARCHY_MAX; i++) {
                cleanup_close(&base->folder_fds[i]);
                cleanup_close(&base->home_fds[i]);
        }
        *base = CGROUP_BASE_NULL;
}
