/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Keys of SSH. The home is found as somebody in the image would find it, since /home is a link in more
 * than one distribution; below it nothing is a link, since what is there belongs to a user.
 */

#include "liveos/customize-accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "config/config-values-os.h"
#include "liveos/context.h"

#define KEYS_MAX_BYTES (1024U * 1024)
#define KEYS_FOLDER    ".ssh"
#define KEYS_NAME      "authorized_keys"

/* The lines that the file has, and what is to be added. */
typedef struct Keys {
        char **known;
        Buffer text;
} Keys;

static void keys_done(Keys *keys) {
        strv_free(keys->known);
        buffer_done(&keys->text);
}

static int add_key(Keys *keys, const char *line) {
        int r;

        if (strv_contains(keys->known, line))
                return 0;
        r = strv_append(&keys->known, line);
        return r < 0 ? r : buffer_printf(&keys->text, "%s\n", line);
}

/* Lines that are no keys, such as comments, are not copied; one that is a private key is refused. */
static int add_file(Keys *keys, const char *entry, const char *path, Failure *reterr) {
        _cleanup_close_ int fd = context_open(entry, reterr);
        _cleanup_strv_ char **lines = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size, n = 0;
        int r;

        if (fd < 0)
                return fd;
        r = fd_read_all(fd, KEYS_MAX_BYTES, &text, &size);
        lines = r >= 0 ? strv_split(text, "\r\n") : NULL;
        if (r >= 0 && !lines)
                r = -ENOMEM;
        for (char **line = lines; r >= 0 && *line; line++) {
                if ((*line)[0] == '#')
                        continue;
                r = config_value_ssh_key(line, /* reterr= */ NULL);
                if (r >= 0)
                        r = add_key(keys, *line);
                n++;
        }
        if (r < 0 || n == 0)
                return failure_set(
                                reterr,
                                r < 0 ? r : -EINVAL,
                                "sshPublicKeyPaths: '%s' does not hold public keys of SSH, one in "
                                "a line: give the file that ends in .pub.",
                                path);
        return 0;
}

static int read_known(int fd, Keys *keys) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = fd_pread_all(fd, KEYS_MAX_BYTES, &text, &size);

        if (r < 0)
                return r;
        keys->known = strv_split(text, "\r\n");
        if (!keys->known)
                return -ENOMEM;
        /* A last line without an end would become one with the first of ours. */
        return size > 0 && text[size - 1] != '\n' ? buffer_append_string(&keys->text, "\n") : 0;
}

/* Its mode and owner are set in any case: sshd refuses keys that others could write. */
static int settle(int fd, mode_t mode, const Account *account) {
        if (fchown(fd, account->uid, account->gid) < 0 || fchmod(fd, mode) < 0)
                return -errno;
        return 0;
}

static int open_keys_folder(int home_fd, const Account *account) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (mkdirat(home_fd, KEYS_FOLDER, 0700) < 0 && errno != EEXIST)
                return -errno;
        fd = fd_open_child(home_fd, KEYS_FOLDER, O_RDONLY | O_DIRECTORY);
        if (fd < 0)
                return fd;
        r = settle(fd, 0700, account);
        return r < 0 ? r : TAKE_FD(fd);
}

/* Not blocking: a fifo may lie there. */
static int open_keys(int folder_fd) {
        int fd = fd_open_beneath(folder_fd, KEYS_NAME, O_RDWR | O_CREAT | O_NONBLOCK, 0600);
        struct stat st;

        if (fd < 0)
                return fd;
        if (fstat(fd, &st) >= 0 && S_ISREG(st.st_mode))
                return fd;
        (void) close(fd);
        return -EINVAL;
}

static int write_keys(
                int home_fd,
                const ConfigUser *user,
                const Account *account,
                Failure *reterr) {
        _cleanup_close_ int folder_fd = open_keys_folder(home_fd, account), fd = -EBADF;
        _cleanup_(keys_done) Keys keys = {};
        int r = folder_fd;

        if (r >= 0)
                r = fd = open_keys(folder_fd);
        if (r >= 0)
                r = read_known(fd, &keys);
        for (size_t i = 0; r >= 0 && i < strv_length(user->ssh_key_paths); i++)
                r = add_file(&keys, user->ssh_key_entries[i], user->ssh_key_paths[i], reterr);
        for (char *const *key = user->ssh_keys; r >= 0 && key && *key; key++)
                r = add_key(&keys, *key);
        if (r >= 0 && lseek(fd, 0, SEEK_END) < 0)
                r = -errno;
        if (r >= 0)
                r = fd_write_all(fd, keys.text.data ? keys.text.data : "", keys.text.size);
        return r < 0 ? r : settle(fd, 0600, account);
}

int accounts_add_keys(
                int root_fd,
                const ConfigUser *user,
                const Account *account,
                Failure *reterr) {
        _cleanup_close_ int home_fd = fd_open_in_root(
                        root_fd,
                        account->home[0] ? account->home : "/",
                        O_RDONLY | O_DIRECTORY,
                        0);
        int r;

        if (home_fd < 0)
                return failure_set_errno(
                                reterr,
                                home_fd,
                                "the home '%.255s', where SSH keys belong, cannot be opened",
                                account->home);
        r = write_keys(home_fd, user, account, reterr);
        return r < 0 ? failure_default(reterr,
                                       r,
                                       "~/" KEYS_FOLDER "/" KEYS_NAME
                                       " cannot be written (a link in its way is not followed)")
                     : 0;
}
