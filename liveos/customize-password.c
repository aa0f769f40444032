/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Passwords. Plain ones are hashed here, in the container, and chpasswd of the image gets the hash by a
 * pipe: an argument would be in /proc for everybody. What held a secret is wiped.
 */

#include "liveos/customize-accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/strings.h"
#include "config/config-values-os.h"
#include "liveos/context.h"
#include "liveos/password.h"

/* No password matches it. Not "!", which sshd without PAM takes for an account that is closed to keys,
 * too. */
#define LOCKED "*"

static void wipe(char **secret) {
        if (*secret)
                explicit_bzero(*secret, strlen(*secret));
        free(*secret);
}
#define _cleanup_wipe_ _cleanup_(wipe)

/* The file's one line, without its end. */
static int read_secret(const char *entry, char **ret, Failure *reterr) {
        _cleanup_close_ int fd = context_open(entry, reterr);
        _cleanup_wipe_ char *text = NULL;
        size_t size;
        int r;

        if (fd < 0)
                return fd;
        r = fd_read_all(fd, CONFIG_MAX_SECRET_BYTES, &text, &size);
        if (r >= 0 && strlen(text) != size)
                r = -EINVAL;
        if (r >= 0) {
                text[strcspn(text, "\r\n")] = '\0';
                r = config_value_secret(&text, /* reterr= */ NULL);
        }
        /* What stands behind the first line must be nothing. */
        if (r >= 0 && size - strlen(text) > 2)
                r = -EINVAL;
        if (r < 0)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "the password's file does not hold one line of 1 to %d bytes.",
                                CONFIG_MAX_SECRET_BYTES - 1);
        *ret = TAKE_PTR(text);
        return 0;
}

static int take_hash(const char *hash, char **ret, Failure *reterr) {
        if (!config_value_is_hash(hash))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "the password's file holds no hash as crypt(5) has them, which "
                                "begins with \"$\": make one with \"openssl passwd -6\".");
        *ret = strdup(hash);
        return *ret ? 0 : -ENOMEM;
}

/* What belongs in shadow(5). */
static int make_hash(const ConfigPassword *password, char **ret, Failure *reterr) {
        _cleanup_wipe_ char *secret = NULL;
        int r = 0;

        if (password->type == PASSWORD_LOCKED) {
                *ret = strdup(LOCKED);
                return *ret ? 0 : -ENOMEM;
        }
        if (password->entry)
                r = read_secret(password->entry, &secret, reterr);
        else
                secret = strdup(password->value);
        if (r < 0)
                return r;
        if (!secret)
                return -ENOMEM;
        if (password->type == PASSWORD_PLAIN || password->type == PASSWORD_PLAIN_FILE)
                return password_hash(secret, ret, reterr);
        return take_hash(secret, ret, reterr);
}

/* The line is shorter than a pipe, so that nobody has to read it for it to be written whole. */
static int open_line(const char *line, int *ret_fd) {
        int fds[2], r;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        r = fd_write_all(fds[1], line, strlen(line));
        (void) close(fds[1]);
        if (r < 0)
                (void) close(fds[0]);
        else
                *ret_fd = fds[0];
        return r;
}

int accounts_set_password(const Build *build, const ConfigUser *user, Failure *reterr) {
        _cleanup_wipe_ char *hash = NULL, *line = NULL;
        _cleanup_close_ int fd = -EBADF;
        int r = make_hash(&user->password, &hash, reterr);

        if (r < 0)
                return r;
        line = str_printf("%s:%s\n", user->name, hash);
        r = line ? open_line(line, &fd) : -ENOMEM;
        if (r < 0)
                return failure_set_errno(reterr, r, "no pipe to chpasswd can be made");
        return accounts_run(
                        build,
                        (const char *const[]){ "chpasswd", "--encrypted", NULL },
                        fd,
                        reterr);
}
