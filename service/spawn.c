/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Starting a program. Descriptors are first lifted above the numbers that the program expects, so
 * that moving one into place cannot overwrite another.
 */

#include "service/spawn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/strings.h"

#define FDS_MAX 32

/* Handed on where they are set: they steer a developer's build only. */
static const char *const passed_variables[] = { "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS" };

int spawn_pipe(int *ret_read_fd, int *ret_write_fd) {
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        *ret_read_fd = fds[0];
        *ret_write_fd = fds[1];
        return 0;
}

static int make_environment(char ***ret) {
        _cleanup_strv_ char **environment = NULL;
        int r = strv_append(&environment, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");

        if (r >= 0)
                r = strv_append(&environment, "LANG=C.UTF-8");
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(passed_variables); i++) {
                const char *name = passed_variables[i], *value = getenv(name);

                if (value)
                        r = strv_append_take(&environment, str_printf("%s=%s", name, value));
        }
        if (r < 0)
                return r;
        *ret = TAKE_PTR(environment);
        return 0;
}

static int set_attributes(posix_spawnattr_t *attributes) {
        sigset_t empty, all;
        int r;

        (void) sigemptyset(&empty);
        (void) sigfillset(&all);
        r = posix_spawnattr_setsigmask(attributes, &empty);
        if (r == 0)
                r = posix_spawnattr_setsigdefault(attributes, &all);
        if (r == 0)
                r = posix_spawnattr_setpgroup(attributes, 0);
        if (r == 0)
                r = posix_spawnattr_setflags(
                                attributes,
                                POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                POSIX_SPAWN_SETPGROUP);
        return -r;
}

/* What to do with descriptors in the new process; `lifted` has them out of the way. */
static int set_actions(posix_spawn_file_actions_t *actions, const int *lifted, size_t n_fds) {
        int r = 0;

        for (int fd = 0; r == 0 && (size_t) fd < n_fds; fd++)
                if (lifted[fd] >= 0)
                        r = posix_spawn_file_actions_adddup2(actions, lifted[fd], fd);
                else if (fd <= STDERR_FILENO)
                        r = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
        if (r == 0)
                r = posix_spawn_file_actions_addclosefrom_np(actions, (int) n_fds);
        return -r;
}

static int spawn_lifted(
                const char *path,
                char *const *argv,
                const int *lifted,
                size_t n_fds,
                pid_t *ret_pid) {
        _cleanup_strv_ char **environment = NULL;
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        int r = make_environment(&environment);

        if (r < 0)
                return r;
        (void) posix_spawn_file_actions_init(&actions);
        (void) posix_spawnattr_init(&attributes);
        r = set_actions(&actions, lifted, n_fds);
        if (r >= 0)
                r = set_attributes(&attributes);
        if (r >= 0)
                r = -posix_spawn(ret_pid, path, &actions, &attributes, argv, environment);
        (void) posix_spawnattr_destroy(&attributes);
        (void) posix_spawn_file_actions_destroy(&actions);
        return r;
}

int spawn_program(
                const char *path,
                char *const *argv,
                const int *fds,
                size_t n_fds,
                pid_t *ret_pid) {
        int lifted[FDS_MAX], r = 0;

        assert(path && argv && fds && n_fds > STDERR_FILENO && n_fds <= FDS_MAX && ret_pid);

        for (size_t i = 0; i < n_fds; i++)
                lifted[i] = -EBADF;
        for (size_t i = 0; r >= 0 && i < n_fds; i++)
                if (fds[i] >= 0) {
                        lifted[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FDS_MAX);
                        r = lifted[i] < 0 ? -errno : 0;
                }
        if (r >= 0)
                r = spawn_lifted(path, argv, lifted, n_fds, ret_pid);
        for (size_t i = 0; i < n_fds; i++)
                cleanup_close(&lifted[i]);
        return r;
}
