/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libselinux opens its files by name and follows links, so that it is given copies. Beside those is no
 * ".bin": compiled patterns are a program that an image would hand to the library for regular expressions. */

#include "liveos/file-contexts.h"

#include <errno.h>
#include <fcntl.h>
#include <selinux/label.h>
#include <selinux/selinux.h>
#include <stdarg.h>
#include <string.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/selinux.h"

#define TYPE_DEFAULT   "targeted" /* as libselinux has it */
#define NAME           "file_contexts"
#define FILE_MAX_BYTES (16U * 1024 * 1024) /* Fedora's has a third of a MiB */

/* What libselinux looks for beside the file that it is given. */
static const char *const suffixes[] = { "", ".homedirs", ".local", ".subs", ".subs_dist" };

struct FileContexts {
        struct selabel_handle *handle;
};

/* What libselinux said first; it has no place for it that would be ours. */
static char said[256];

static int _printf_(2, 3) on_message(int type _unused_, const char *format, ...) {
        va_list args;

        if (said[0])
                return 0;
        va_start(args, format);
        (void) vsnprintf(said, sizeof(said), format, args);
        va_end(args);
        str_blank_controls(said);
        str_make_utf8(said);
        return 0;
}

/* Only the policy knows its labels, and it is the image's. */
static int accept_label(char **label _unused_) {
        return 0;
}

static int not_understood(int error, const char *what, Failure *reterr) {
        const char *why = strstr(said, NAME) ?: said; /* not where the copy lies */
        size_t n = strlen(said);

        while (n > 0 && strchr(" .", said[n - 1]))
                said[--n] = '\0';
        return failure_set(
                        reterr,
                        error == ENOMEM ? -ENOMEM : -EBADMSG,
                        "%s (%s).",
                        what,
                        n > 0 ? why : strerror(error));
}

int file_contexts_find(int root_fd, char **ret_path) {
        _cleanup_free_ char *text = NULL, *type = NULL, *path = NULL;
        struct stat st;
        size_t size;
        int r = fs_read_in_root(root_fd, SELINUX_CONFIG, SELINUX_MAX_BYTES, &text, &size);

        if (r < 0)
                return r;
        type = selinux_text_get(text, "SELINUXTYPE");
        if (type)
                path = str_printf(
                                "etc/selinux/%s/contexts/files/" NAME,
                                *type ? type : TYPE_DEFAULT);
        if (!path)
                return -ENOMEM;
        r = fs_stat_in_root(root_fd, path, &st);
        if (r >= 0)
                *ret_path = TAKE_PTR(path);
        return r;
}

static int copy_text(int root_fd, const char *path, int folder_fd, const char *suffix) {
        _cleanup_free_ char *from = str_printf("%s%s", path, suffix), *data = NULL;
        _cleanup_free_ char *to = str_printf(NAME "%s", suffix);
        size_t size;
        int r = from && to ? fs_read_in_root(root_fd, from, FILE_MAX_BYTES, &data, &size) : -ENOMEM;

        if (r == -ENOENT && *suffix)
                return 0;
        return r < 0 ? r : fs_write_in_root(folder_fd, to, data, size, 0600);
}

static int copy_texts(int root_fd, const char *path, const char *folder) {
        _cleanup_close_ int folder_fd = -EBADF;
        int r = 0;

        if (mkdir(folder, 0700) < 0)
                return -errno;
        folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder_fd < 0)
                return -errno;
        for (size_t i = 0; i < ELEMENTSOF(suffixes) && r >= 0; i++)
                r = copy_text(root_fd, path, folder_fd, suffixes[i]);
        return r;
}

int file_contexts_open(
                int root_fd,
                const char *path,
                const char *folder,
                FileContexts **ret,
                Failure *reterr) {
        _cleanup_free_ char *copy = str_printf("%s/" NAME, folder);
        FileContexts *contexts = malloc(sizeof(FileContexts));
        const struct selinux_opt options[] = {
                { SELABEL_OPT_PATH, copy },
                /* Else a pattern that is none is taken for one that matches nothing. */
                { SELABEL_OPT_VALIDATE, (char *) true },
        };
        int r = contexts && copy ? copy_texts(root_fd, path, folder) : -ENOMEM;

        if (r < 0) {
                free(contexts);
                return failure_set_errno(reterr, r, "The image's /%s cannot be read", path);
        }
        said[0] = '\0';
        selinux_set_callback(SELINUX_CB_LOG, (union selinux_callback){ .func_log = on_message });
        selinux_set_callback(
                        SELINUX_CB_VALIDATE,
                        (union selinux_callback){ .func_validate = accept_label });
        contexts->handle = selabel_open(SELABEL_CTX_FILE, options, ELEMENTSOF(options));
        if (!contexts->handle) {
                free(contexts);
                return not_understood(
                                errno,
                                "The image's list of SELinux labels is not understood",
                                reterr);
        }
        *ret = contexts;
        return 0;
}

int file_contexts_look_up(
                FileContexts *contexts,
                const char *path,
                mode_t mode,
                char **ret_label,
                Failure *reterr) {
        char *label = NULL;
        int r;

        said[0] = '\0';
        r = selabel_lookup_raw(contexts->handle, &label, path, (int) mode);
        if (r < 0 && errno != ENOENT)
                return not_understood(
                                errno,
                                "No SELinux label can be looked up in the image's list",
                                reterr);
        if (r < 0)
                return 0;
        *ret_label = label; /* of malloc(), as freecon() is free() */
        return 1;
}

FileContexts *file_contexts_free(FileContexts *contexts) {
        if (!contexts)
                return NULL;
        selabel_close(contexts->handle);
        free(contexts);
        return NULL;
}
