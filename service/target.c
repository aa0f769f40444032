/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What was exported to which target: one small record each. An exchange gives a root another folder,
 * so that its inode tells whether it took place.
 */

#include "service/target.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fs.h"
#include "common/strings.h"
#include "config/order.h"
#include "service/log-events.h"
#include "service/record.h"
#include "service/system-failure.h"

#define LINKS_MAX 8U /* on the way to a root, one in another */

static const RecordMember members[] = {
        { "current", RECORD_U32, offsetof(Target, current) },
        { "previous", RECORD_U32, offsetof(Target, previous) },
        { "incoming", RECORD_U32, offsetof(Target, incoming) },
        { "tftpInode", RECORD_U64, offsetof(Target, tftp_inode) },
        { "httpInode", RECORD_U64, offsetof(Target, http_inode) },
};

static int read_record(Target *target, const Store *store, const char *name, Failure *reterr) {
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = fs_read_in_root(store->targets_fd, name, RECORD_MAX_BYTES, &text, &size);
        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return system_failure_set(reterr, r, "Cannot read the record");
        r = record_parse(text, size, &tree, reterr);
        return r < 0 ? r
                     : record_read(yaml_tree_root(tree),
                                   members,
                                   ELEMENTSOF(members),
                                   target,
                                   reterr);
}

int target_load(Target *target, const Store *store, Failure *reterr) {
        const SettingsTarget *settings = target->settings;
        _cleanup_free_ char *name = str_printf("%s.json", settings->name);
        int r;

        *target = (Target){ .settings = settings };
        r = name ? read_record(target, store, name, reterr) : -ENOMEM;
        if (r >= 0)
                return target_end_change(target, store, TARGET_INTERRUPTED, reterr);
        *target = (Target){ .settings = settings };
        (void) failure_default(reterr, r, "The record cannot be read");
        failure_prefix(reterr, "What was exported to '%s' is taken for nothing: ", settings->name);
        return r;
}

static int save(const Target *target, const Store *store, Failure *reterr) {
        _cleanup_free_ char *name = str_printf("%s.json", target->settings->name), *text = NULL;
        _cleanup_json_ Json json = {};
        int r;

        record_begin(&json);
        record_write(&json, members, ELEMENTSOF(members), target);
        json_end_object(&json);
        r = name ? json_finish(&json, &text) : -ENOMEM;
        if (r >= 0)
                r = fs_write_atomic(store->targets_fd, name, text, strlen(text), 0600);
        if (r < 0)
                return system_failure_set(
                                reterr,
                                r,
                                "Cannot note what is exported to '%s'",
                                target->settings->name);
        return 0;
}

/* 0 when there is none: no file system gives that number to a folder. */
static uint64_t inode_of(const char *path) {
        struct stat st;

        return lstat(path, &st) < 0 ? 0 : (uint64_t) st.st_ino;
}

int target_begin_change(Target *target, const Store *store, uint32_t artifact, Failure *reterr) {
        int r;

        assert(artifact > 0 && target->incoming == 0);

        target->incoming = artifact;
        target->tftp_inode = inode_of(target->settings->tftp_root);
        target->http_inode = inode_of(target->settings->http_root);
        r = save(target, store, reterr);
        if (r < 0)
                target->incoming = 0;
        return r;
}

int target_end_change(Target *target, const Store *store, TargetEnd end, Failure *reterr) {
        bool tftp = target->tftp_inode != inode_of(target->settings->tftp_root);
        bool http = target->http_inode != inode_of(target->settings->http_root);
        bool both = end == TARGET_CHANGED || (tftp && http), half = !both && (tftp || http);
        int r;

        if (target->incoming == 0)
                return 0;
        if (both || half) {
                /* After an interruption nobody knows what lies beside the roots. */
                target->previous = end == TARGET_CHANGED ? target->current : 0;
                target->current = both ? target->incoming : 0;
        }
        target->incoming = 0;
        r = save(target, store, reterr);
        if (r < 0 || !half)
                return r;
        return failure_set(
                        reterr,
                        -EIO,
                        "The target '%s' was left with the %s of one export and the %s of another; export to it again.",
                        target->settings->name,
                        tftp ? "tftpRoot" : "httpRoot",
                        tftp ? "httpRoot" : "tftpRoot");
}

static int open_folder(int from_fd, const char *path, unsigned links);

/* A link counts only when it is root's: who may write to a folder on the way could lead an export anywhere. */
static int follow_link(int folder_fd, const char *part, unsigned links) {
        _cleanup_close_ int fd = openat(folder_fd, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        char text[PATH_MAX];
        struct stat st;
        ssize_t size;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISLNK(st.st_mode))
                return -ENOTDIR;
        if (links == 0 || st.st_uid != geteuid())
                return -ELOOP;
        size = readlinkat(fd, "", text, sizeof(text) - 1);
        if (size < 0)
                return -errno;
        text[size] = '\0';
        return open_folder(folder_fd, text, links - 1);
}

/* As a folder first: that is what has an automounter mount it. */
static int open_part(int folder_fd, const char *part, unsigned links) {
        int fd = openat(folder_fd, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd >= 0)
                return fd;
        return errno == ENOTDIR ? follow_link(folder_fd, part, links) : -errno;
}

/* From "/" or `from_fd`, part by part. Returns a descriptor that is none for reading. */
static int open_folder(int from_fd, const char *path, unsigned links) {
        _cleanup_strv_ char **parts = strv_split(path, "/");
        int fd = openat(from_fd, *path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (!parts || fd < 0) {
                cleanup_close(&fd);
                return parts ? -errno : -ENOMEM;
        }
        STRV_FOREACH(part, parts) {
                int next_fd = open_part(fd, *part, links);

                (void) close(fd);
                if (next_fd < 0)
                        return next_fd;
                fd = next_fd;
        }
        return fd;
}

/* The folder that holds a root. */
static int open_parent(const char *path) {
        _cleanup_close_ int fd = open_folder(AT_FDCWD, path, LINKS_MAX);
        int r = fd < 0 ? fd : openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd >= 0 && r < 0 ? -errno : r;
}

int target_open_root(const char *path, TargetRoot *ret, Failure *reterr) {
        const char *name = strrchr(path, '/');
        _cleanup_free_ char *folder = NULL;
        _cleanup_target_root_ TargetRoot root = TARGET_ROOT_NULL;

        assert(name && name[1] != '\0'); /* by the settings' rules */
        folder = strndup(path, name == path ? 1 : (size_t) (name - path));
        root.name = strdup(name + 1);
        if (!folder || !root.name)
                return -ENOMEM;
        root.folder_fd = open_parent(folder);
        if (root.folder_fd == -ELOOP)
                return failure_set(
                                reterr,
                                -EIO,
                                "The folder '%s', which holds the target's root, is reached by a link that is not root's; write its path without links into the service's settings.",
                                folder);
        if (root.folder_fd < 0)
                return failure_set(
                                reterr,
                                -EIO,
                                "The folder '%s', which holds the target's root, cannot be opened (%s); it has to exist.",
                                folder,
                                strerror(-root.folder_fd));
        *ret = root;
        root = TARGET_ROOT_NULL;
        return 0;
}

void target_sweep(const Target *target) {
        const char *const paths[] = { target->settings->tftp_root, target->settings->http_root };

        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                _cleanup_target_root_ TargetRoot root = TARGET_ROOT_NULL;
                _cleanup_free_ char *name = NULL;
                int r = target_open_root(paths[i], &root, /* reterr= */ NULL);

                if (r < 0)
                        continue;
                name = str_printf(ORDER_ROOT_NEW, root.name);
                r = name ? fs_remove_marked_tree(root.folder_fd, name, ORDER_ROOT_MARKER) : -ENOMEM;
                if (r < 0)
                        log_trouble(r,
                                    "Cannot remove what an export left beside '%s', ignoring: %s",
                                    paths[i],
                                    strerror(-r));
        }
}

void target_root_done(TargetRoot *root) {
        cleanup_close(&root->folder_fd);
        free(root->name);
        *root = TARGET_ROOT_NULL;
}
