/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The supervisor builds the root, starts the program and waits for it; when it then exits, the
 * kernel ends everything that the program left running, as they share the PID namespace. What the
 * image says about its own folders is looked up as if the image were the root (links cannot lead
 * out).
 */

#include "container/command-cage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "container/cage-mounts.h"
#include "container/capability-sets.h"
#include "container/detached.h"
#include "container/namespace.h"
#include "container/part.h"
#include "container/process.h"

#define EXIT_SIGNALLED 128
#define RESOLV_CONF    "/etc/resolv.conf"

static const struct {
        Part part;
        CageRoot own_root; /* what is mounted in the container's own root */
} profiles[_COMMAND_PROFILE_MAX] = {
        [COMMAND_IMAGE] = { PART_IMAGE, CAGE_ROOT_OWN },
        [COMMAND_TOOL] = { PART_TOOL, CAGE_ROOT_OWN },
        [COMMAND_CONVERTER] = { PART_CONVERTER, CAGE_ROOT_AS_IT_IS },
};

static const char *const environment[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME=/root",
        "LANG=C.UTF-8",
        "TERM=dumb",
};

_Noreturn static void fail(const CommandCage *cage, int error, const char *what, const char *name) {
        Failure failure = {};

        (void) failure_set_errno(
                        &failure,
                        error,
                        "Cannot %s \"%s\" for the command \"%s\"",
                        what,
                        name,
                        cage->command->argv[0]);
        (void) fd_write_all(cage->failure_fd, &failure, sizeof(failure));
        _exit(EXIT_FAILURE);
}

/* A folder of the root as its inhabitants see it, made if it is missing. */
static int open_folder(int root_fd, const char *name) {
        int r = fd_open_in_root(root_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);

        if (r != -ENOENT)
                return r;
        if (mkdirat(root_fd, name, 0755) < 0)
                return -errno;
        return fd_open_in_root(root_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
}

static int mount_on(int root_fd, const char *name, int mount_fd) {
        _cleanup_close_ int target_fd = -EBADF;

        if (mount_fd < 0)
                return mount_fd;
        target_fd = open_folder(root_fd, name);
        if (target_fd < 0)
                return target_fd;
        return detached_attach(mount_fd, target_fd);
}

static int mask(int proc_fd, const char *name) {
        _cleanup_close_ int target_fd = fd_open_beneath(
                        proc_fd,
                        name,
                        O_PATH | O_CLOEXEC,
                        /* mode= */ 0);

        if (target_fd == -ENOENT)
                return 0;
        return target_fd < 0 ? target_fd : detached_mask(target_fd);
}

static int shield(int proc_fd, const char *name) {
        _cleanup_close_ int target_fd = fd_open_beneath(
                        proc_fd,
                        name,
                        O_PATH | O_CLOEXEC,
                        /* mode= */ 0);

        return target_fd < 0 ? target_fd : detached_shield(target_fd, /* recursive= */ false);
}

static int close_proc(int proc_fd) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n_cage_masks; i++)
                r = mask(proc_fd, cage_masks[i]);
        return r < 0 ? r : shield(proc_fd, CAGE_SHIELD);
}

static int mount_row(int root_fd, const CageMount *row) {
        _cleanup_close_ int mount_fd = -EBADF;
        char path[64];
        int r;

        (void) snprintf(path, sizeof(path), "/%s", row->place);
        if (row->fstype)
                mount_fd = detached_filesystem(row->fstype, row->options, row->attributes);
        else
                mount_fd = detached_clone(AT_FDCWD, path, /* recursive= */ true);
        r = mount_on(root_fd, row->place, mount_fd);
        if (r >= 0 && row->fstype && str_equal(row->fstype, "proc"))
                r = close_proc(mount_fd);
        return r;
}

static void mount_rows(const CommandCage *cage, int root_fd, CageRoot root) {
        for (size_t i = 0; i < n_cage_mounts; i++) {
                int r = cage_mounts[i].roots & root ? mount_row(root_fd, &cage_mounts[i]) : 0;

                if (r < 0)
                        fail(cage, r, "mount", cage_mounts[i].place);
        }
}

static int mount_bind(int root_fd, const CommandBind *bind) {
        _cleanup_close_ int mount_fd = -EBADF, target_fd = -EBADF;
        int r;

        mount_fd = detached_clone(AT_FDCWD, bind->source, /* recursive= */ true);
        if (mount_fd < 0)
                return mount_fd;
        r = detached_set(
                        mount_fd,
                        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
                        /* userns_fd= */ -EBADF);
        if (r < 0)
                return r;
        target_fd = fd_open_in_root(root_fd, bind->target, O_PATH | O_CLOEXEC, 0);
        return target_fd < 0 ? target_fd : detached_attach(mount_fd, target_fd);
}

/* The image's resolv.conf is often a link to what a running system would have put in /run; that
 * is this command's own now, so the file can be made there. An image without the file gets none. */
static int make_link_target(int root_fd) {
        char text[PATH_MAX];
        const char *target;
        ssize_t size;

        size = readlinkat(root_fd, RESOLV_CONF + 1, text, sizeof(text) - 1);
        if (size < 0)
                return -errno;
        text[size] = '\0';
        target = str_after_prefix(text, "/run/");
        if (!target)
                target = str_after_prefix(text, "../run/");
        /* One that goes up again would make the file in the image itself. */
        if (!target || strstr(target, ".."))
                return -ENOENT;
        (void) memmove(text + strlen("/run/"), target, strlen(target) + 1);
        (void) memcpy(text, "/run/", strlen("/run/"));
        return fs_write_in_root(root_fd, text, "", 0, 0644);
}

static int mount_resolver(int root_fd) {
        const CommandBind bind = { RESOLV_CONF, RESOLV_CONF };
        int r;

        r = mount_bind(root_fd, &bind);
        if (r != -ENOENT)
                return r;
        r = make_link_target(root_fd);
        if (r == -ENOENT || r == -EINVAL)
                return 0;
        return r < 0 ? r : mount_bind(root_fd, &bind);
}

/* Puts a copy of the folder's mounts on the folder itself: a mount of this namespace's own to pivot
 * into. Returns a descriptor of it. */
static int take_root(const char *path) {
        _cleanup_close_ int mount_fd = -EBADF, target_fd = -EBADF;
        int r;

        mount_fd = detached_clone(AT_FDCWD, path, /* recursive= */ true);
        if (mount_fd < 0)
                return mount_fd;
        target_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (target_fd < 0)
                return -errno;
        r = detached_attach(mount_fd, target_fd);
        return r < 0 ? r : TAKE_FD(mount_fd);
}

static void build_root(const CommandCage *cage) {
        const Command *command = cage->command;
        _cleanup_close_ int root_fd = take_root(command->root);
        int r;

        if (root_fd < 0)
                fail(cage, root_fd, "enter the root", command->root);
        mount_rows(cage, root_fd, CAGE_ROOT_IMAGE);
        for (unsigned i = 0; i < command->n_binds; i++) {
                r = mount_bind(root_fd, &command->binds[i]);
                if (r < 0)
                        fail(cage, r, "mount", command->binds[i].target);
        }
        if (command->network) {
                r = mount_resolver(root_fd);
                if (r < 0)
                        fail(cage, r, "mount", RESOLV_CONF);
        }
        r = namespace_pivot(root_fd);
        if (r < 0)
                fail(cage, r, "enter the root", command->root);
}

/* The container's own root, with a /proc of the command's own and without the one that is not
 * masked. */
static void adapt_root(const CommandCage *cage) {
        _cleanup_close_ int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (root_fd < 0)
                fail(cage, -errno, "open", "/");
        mount_rows(cage, root_fd, profiles[cage->command->profile].own_root);
}

static int connect_stdio(const CommandCage *cage) {
        const Command *command = cage->command;
        int out_fd = command->stdout_fd >= 0 ? command->stdout_fd : cage->output_fd;

        /* Only what lies above the three is duplicated on them, so none is overwritten before
         * its turn: the conductor's own 0 to 2 are always open. */
        if (command->stdin_fd >= 0 && dup2(command->stdin_fd, STDIN_FILENO) < 0)
                return -errno;
        if (dup2(out_fd, STDOUT_FILENO) < 0 || dup2(cage->output_fd, STDERR_FILENO) < 0)
                return -errno;
        return process_close_but(&cage->failure_fd, 1);
}

static char **make_environment(const Command *command) {
        const char *epoch = getenv(COMMAND_EPOCH);
        _cleanup_strv_ char **list = NULL;

        for (size_t i = 0; i < ELEMENTSOF(environment); i++)
                if (strv_append(&list, environment[i]) < 0)
                        return NULL;
        if (epoch && strv_append_take(&list, str_printf(COMMAND_EPOCH "=%s", epoch)) < 0)
                return NULL;
        if (strv_append_all(&list, (char *const *) command->environment) < 0)
                return NULL;
        return TAKE_PTR(list);
}

_Noreturn static void execute(const CommandCage *cage) {
        const Command *command = cage->command;
        const char *cwd = command->cwd ? command->cwd : "/";
        char **list = make_environment(command);
        int r;

        if (!list)
                fail(cage, -ENOMEM, "make the environment", "");
        (void) setsid();
        process_default_signals();
        if (chdir(cwd) < 0)
                fail(cage, -errno, "enter the folder", cwd);
        r = connect_stdio(cage);
        if (r < 0)
                fail(cage, r, "connect the input and output", "");
        r = part_confine(profiles[command->profile].part);
        if (r < 0)
                fail(cage, r, "confine", "the process");
        /* Last, as they are the program's and no sanitizer's. */
        r = process_set_limits(command->limits, command->n_limits);
        if (r < 0)
                fail(cage, r, "set", "the limits");
        environ = list;
        (void) execvp(command->argv[0], (char *const *) command->argv);
        fail(cage, -errno, "execute", command->argv[0]);
}

/* Waits for the program, and reaps what is orphaned meanwhile. */
static int supervise(pid_t program) {
        int status;
        pid_t pid;

        for (;;) {
                pid = waitpid(-1, &status, 0);
                if (pid < 0 && errno != EINTR)
                        return EXIT_FAILURE;
                if (pid != program)
                        continue;
                return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNALLED + WTERMSIG(status);
        }
}

int command_cage_namespaces(const Command *command) {
        return CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | (command->network ? 0 : CLONE_NEWNET);
}

void command_cage_run(const CommandCage *cage) {
        pid_t program;
        int r;

        process_die_with_parent(/* lifeline_fd= */ -EBADF);
        r = namespace_make_private();
        if (r < 0)
                fail(cage, r, "detach", "the mount namespace");
        if (cage->command->root)
                build_root(cage);
        else
                adapt_root(cage);
        program = fork();
        if (program < 0)
                fail(cage, -errno, "start", "a process");
        if (program == 0)
                execute(cage);
        if (process_close_but(NULL, 0) < 0 || capability_limit(CAPABILITIES_NONE) < 0)
                _exit(EXIT_FAILURE);
        _exit(supervise(program));
}
