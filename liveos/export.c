/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Export: an artifact's server trees copied beside the roots of a target, then exchanged with them by
 * one rename each. What was served before stays beside as the previous export, so that a restore is
 * the same exchange once more. The HTTP root goes first: a client that starts from the new TFTP files
 * then never misses the ISO that they name.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "common/walk.h"
#include "config/artifact.h"
#include "config/file-list.h"
#include "config/report.h"
#include "liveos/child.h"
#include "liveos/places.h"
#include "liveos/verbs.h"

#define MARKER_TEXT "This folder is an export of pxed and is replaced as a whole by the next one.\n"

/* One root of a target. */
typedef struct Root {
        const char *word; /* in sentences */
        const char *tree; /* in the artifact */
        int folder_fd;    /* holds the root */
        const char *name; /* of the root in it */
        char *fresh;      /* the tree being built, beside */
        char *previous;   /* what the last exchange replaced, beside */
} Root;

#define ROOTS 2

static void roots_done(Root (*roots)[ROOTS]) {
        for (size_t i = 0; i < ROOTS; i++) {
                free((*roots)[i].fresh);
                free((*roots)[i].previous);
        }
}

static int roots_init(const Order *order, Root (*ret)[ROOTS], Failure *reterr) {
        (*ret)[0] = (Root){
                "httpRoot", ARTIFACT_HTTP, ORDER_FD_HTTP, order->http_name, NULL, NULL
        };
        (*ret)[1] = (Root){
                "tftpRoot", ARTIFACT_TFTP, ORDER_FD_TFTP, order->tftp_name, NULL, NULL
        };
        for (size_t i = 0; i < ROOTS; i++) {
                Root *root = &(*ret)[i];

                if (!root->name || strchr(root->name, '/'))
                        return failure_set(reterr, -EINVAL, "The target has no %s.", root->word);
                root->fresh = str_printf(ORDER_ROOT_NEW, root->name);
                root->previous = str_printf(".%s.previous", root->name);
                if (!root->fresh || !root->previous)
                        return -ENOMEM;
        }
        return 0;
}

/* A root may be replaced when it is missing, empty, or an export of ours. */
static int check_root(const Root *root, Failure *reterr) {
        int fd = openat(root->folder_fd,
                        root->name,
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_closedir_ DIR *d = NULL;

        if (fd < 0 && errno == ENOENT)
                return 0;
        if (fd < 0 || !(d = fs_opendir(fd)))
                return failure_set_errno(
                                reterr,
                                -errno,
                                "The target's %s '%s' cannot be opened as a folder",
                                root->word,
                                root->name);
        if (faccessat(dirfd(d), ORDER_ROOT_MARKER, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
            !fs_readdir(d))
                return 0;
        return failure_set(
                        reterr,
                        -ENOTEMPTY,
                        "The target's %s '%s' holds files that no export put there: move them away, or configure an empty folder for the target.",
                        root->word,
                        root->name);
}

/* One tree on its way. */
typedef struct Copy {
        const char *tree; /* in the artifact */
        int to_folder_fd;
        const FileList *list;
} Copy;

/* What the manifest does not name was not checked when the artifact was published. */
static int find_permissions(
                const Copy *copy,
                const WalkEntry *entry,
                mode_t *ret,
                Failure *reterr) {
        _cleanup_free_ char *path = str_printf("%s/%s", copy->tree, entry->path);
        const FileListItem *item = path ? file_list_find(copy->list, path) : NULL;

        if (!path)
                return -ENOMEM;
        if (!item || !S_ISREG(entry->st.st_mode))
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "'%s' of the artifact is no file of its manifest: build it again.",
                                entry->path);
        *ret = item->permissions;
        return 0;
}

/* Nobody but root may read it before it is whole. */
static int copy_file(int from_fd, int to_fd, mode_t permissions) {
        int r = fd_copy_file(from_fd, to_fd);

        if (r >= 0 && (fchmod(to_fd, permissions) < 0 || fsync(to_fd) < 0))
                r = -errno;
        return r;
}

static int copy_entry(void *userdata, const WalkEntry *entry, Failure *reterr) {
        const Copy *copy = userdata;
        _cleanup_close_ int from_fd = -EBADF, to_fd = -EBADF;
        mode_t permissions = 0;
        int r;

        if (S_ISDIR(entry->st.st_mode)) {
                r = fs_mkdir_beneath(copy->to_folder_fd, entry->path, 0755);
                return r < 0 ? failure_set_errno(reterr, r, "'%s' cannot be made", entry->path) : 0;
        }
        r = find_permissions(copy, entry, &permissions, reterr);
        if (r < 0)
                return r;
        from_fd = fd_open_beneath(entry->folder_fd, entry->name, O_RDONLY, 0);
        if (from_fd < 0)
                return failure_set_errno(reterr, from_fd, "'%s' cannot be read", entry->path);
        to_fd = fd_open_beneath(copy->to_folder_fd, entry->path, O_WRONLY | O_CREAT | O_EXCL, 0600);
        r = to_fd < 0 ? to_fd : copy_file(from_fd, to_fd, permissions);
        if (r == -ENOSPC)
                return failure_set(
                                reterr,
                                r,
                                "No space is left to export '%s': free some in the folder that holds the target's roots.",
                                entry->path);
        return r < 0 ? failure_set_errno(reterr, r, "'%s' cannot be exported", entry->path) : 0;
}

/* The first file of the new tree. Who may write to the folder around it may have put one of their own in its
 * place, and could turn its folders into links while it is filled: that one is not the marker's owner's. */
static int write_marker(int tree_fd) {
        _cleanup_close_ int fd = fd_open_beneath(
                        tree_fd,
                        ORDER_ROOT_MARKER,
                        O_WRONLY | O_CREAT | O_EXCL,
                        0644);
        struct stat tree, marker;

        if (fd < 0)
                return fd;
        if (fstat(tree_fd, &tree) < 0 || fstat(fd, &marker) < 0 || fchmod(fd, 0644) < 0)
                return -errno;
        if (tree.st_uid != marker.st_uid)
                return -EPERM;
        return fd_write_all(fd, MARKER_TEXT, strlen(MARKER_TEXT));
}

static int make_fresh(const Root *root, Failure *reterr) {
        int r = fs_remove_marked_tree(root->folder_fd, root->fresh, ORDER_ROOT_MARKER);

        if (r == -ENOTEMPTY)
                return failure_set(
                                reterr,
                                r,
                                "'%s' beside the target's %s holds files that no export put there: move it away.",
                                root->fresh,
                                root->word);
        if (r >= 0 && mkdirat(root->folder_fd, root->fresh, 0755) < 0)
                r = -errno;
        return r < 0 ? failure_set_errno(
                                       reterr,
                                       r,
                                       "No folder can be made beside the %s",
                                       root->word)
                     : 0;
}

/* Builds the new tree beside the root, whole and on disk. */
static int build_fresh(const Root *root, const FileList *list, Failure *reterr) {
        _cleanup_close_ int from_fd = -EBADF, to_fd = -EBADF;
        Copy copy = { .tree = root->tree, .list = list };
        int r = make_fresh(root, reterr);

        if (r < 0)
                return r;
        to_fd = fd_open_beneath(root->folder_fd, root->fresh, O_RDONLY | O_DIRECTORY, 0);
        from_fd = fd_open_beneath(ORDER_FD_OUTPUT, root->tree, O_RDONLY | O_DIRECTORY, 0);
        if (to_fd < 0)
                return failure_set_errno(reterr, to_fd, "The new %s cannot be opened", root->word);
        if (from_fd == -ENOENT && str_equal(root->tree, ARTIFACT_TFTP))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The artifact has no PXE tree to export: build it with --output-image-format pxe-dir, or an ISO with --output-pxe-artifacts-dir.");
        if (from_fd < 0 && from_fd != -ENOENT)
                return failure_set_errno(reterr, from_fd, "The artifact cannot be read");
        r = write_marker(to_fd);
        if (r < 0)
                return failure_set_errno(reterr, r, "The new %s cannot be written", root->word);
        copy.to_folder_fd = to_fd;
        if (from_fd >= 0)
                r = walk_tree(from_fd, copy_entry, &copy, reterr);
        if (r >= 0 && syncfs(to_fd) < 0)
                r = failure_set_errno(reterr, -errno, "The new %s is not on disk", root->word);
        return r;
}

static int exchange(int folder_fd, const char *a, const char *b) {
        return syscall(SYS_renameat2, folder_fd, a, folder_fd, b, RENAME_EXCHANGE) < 0 ? -errno : 0;
}

/* What has the name gets the other one in exchange, if there is anything. Returns 1 then. */
static int take_name(int folder_fd, const char *from, const char *to) {
        int r = exchange(folder_fd, from, to);

        if (r != -ENOENT)
                return r < 0 ? r : 1;
        return renameat(folder_fd, from, folder_fd, to) < 0 ? -errno : 0;
}

/* The new tree takes the root's name at once; what had it becomes the previous export. What that was
 * has the new tree's name then, and is removed by the caller. */
static int switch_root(const Root *root, Failure *reterr) {
        int r = take_name(root->folder_fd, root->fresh, root->name);

        if (r > 0)
                r = take_name(root->folder_fd, root->fresh, root->previous);
        if (r >= 0 && fsync(root->folder_fd) < 0)
                r = -errno;
        return r < 0 ? failure_set_errno(
                                       reterr,
                                       r,
                                       "The target's %s cannot be exchanged",
                                       root->word)
                     : 0;
}

static int read_list(FileList *ret, Failure *reterr) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = fd_pread_all(ORDER_FD_FILES, FILE_LIST_MAX_BYTES, &text, &size);

        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "The list of the artifact's files cannot be read");
        return file_list_parse(text, size, ret, reterr);
}

/* Everything that takes time, in a child, so that the job can be cancelled. */
static int prepare(void *userdata, Failure *reterr) {
        _cleanup_file_list_ FileList list = {};
        const Root *roots = userdata;
        int r = read_list(&list, reterr);

        for (size_t i = 0; i < ROOTS && r >= 0; i++)
                r = check_root(&roots[i], reterr);
        for (size_t i = 0; i < ROOTS && r >= 0; i++) {
                r = build_fresh(&roots[i], &list, reterr);
                report_progress(ORDER_FD_REPORT, (unsigned) (i + 1) * 450);
        }
        return r;
}

static int export_run(Root *roots, Failure *reterr) {
        Child child = CHILD_NONE;
        int r;

        report_stage(ORDER_FD_REPORT, "copy");
        r = child_start(prepare, roots, &child, reterr);
        if (r >= 0)
                r = child_wait_lifeline(&child, ORDER_FD_LIFELINE, reterr);
        if (r >= 0)
                report_stage(ORDER_FD_REPORT, "switch");
        for (size_t i = 0; i < ROOTS && r >= 0; i++)
                r = switch_root(&roots[i], reterr);
        for (size_t i = 0; i < ROOTS; i++)
                (void) fs_remove_marked_tree(roots[i].folder_fd, roots[i].fresh, ORDER_ROOT_MARKER);
        return r;
}

static int restore_run(Root *roots, Failure *reterr) {
        report_stage(ORDER_FD_REPORT, "switch");
        for (size_t i = 0; i < ROOTS; i++)
                if (faccessat(roots[i].folder_fd, roots[i].previous, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                        return failure_set(
                                        reterr,
                                        -ENODATA,
                                        "The target has no previous export to go back to.");
        for (size_t i = 0; i < ROOTS; i++) {
                int r = exchange(roots[i].folder_fd, roots[i].previous, roots[i].name);

                if (r >= 0 && fsync(roots[i].folder_fd) < 0)
                        r = -errno;
                if (r < 0)
                        return failure_set_errno(
                                        reterr,
                                        r,
                                        "The target's %s cannot be exchanged",
                                        roots[i].word);
        }
        return 0;
}

static int run_on_roots(const Order *order, int (*run)(Root *roots, Failure *reterr)) {
        _cleanup_(roots_done) Root roots[ROOTS] = {};
        Failure failure = {};
        int r = roots_init(order, &roots, &failure);

        if (r >= 0)
                r = run(roots, &failure);
        if (r < 0) {
                (void) failure_default(&failure, r, "The target cannot be changed");
                report_failure(ORDER_FD_REPORT, &failure);
                return r;
        }
        report_done(ORDER_FD_REPORT);
        return 0;
}

int verb_export(const Order *order) {
        return run_on_roots(order, export_run);
}

int verb_restore(const Order *order) {
        return run_on_roots(order, restore_run);
}
