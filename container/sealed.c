/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The child gives up one thing after another while it still may, and ends with nothing but
 * memory, a few descriptors and a handful of system calls. The parent only reads a bounded pipe. */

#include "container/sealed.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "container/detached.h"
#include "container/namespace.h"
#include "container/part.h"
#include "container/process.h"
#include "container/userns.h"

/* An id of the host that belongs to nobody: below 2^31, above what ranges are handed out from. */
#define SEALED_ID            2147352576u
#define CPU_DEFAULT_SECONDS  10u
#define TIMEOUT_DEFAULT_USEC (UINT64_C(60) * 1000000u)
#define MEMORY_DEFAULT_BYTES (UINT64_C(256) * 1024 * 1024)
#define CHUNK_SIZE           65536u
#define DYING_MSEC           250  /* until a killed child counts as lost */
#define LEAVING_MSEC         5000 /* from the end of its result until a child counts as stuck */
#define EMPTY_FOLDER         "/tmp"

#define NAMESPACES \
        (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

#ifdef __SANITIZE_ADDRESS__
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

static const Part parts[_SEALED_PROFILE_MAX] = {
        [SEALED_READER] = PART_READER,
        [SEALED_COPIER] = PART_COPIER,
};

typedef struct Child {
        const Sealed *sealed;
        pid_t pid;
        bool is_lost;    /* it hangs in the kernel, and is no child of ours any more */
        int userns_fd;   /* -EBADF when the caller is not root */
        int lifeline_fd; /* the child's: end of file when the parent is gone */
        int death_fd;    /* the parent's end of it */
        int out_fd;      /* writing end */
        int result_fd;   /* reading end */
        int failure_fd;  /* both ends */
        int failed_fd;
} Child;

#define CHILD_INIT                       \
        ((Child){ .userns_fd = -EBADF,   \
                  .lifeline_fd = -EBADF, \
                  .death_fd = -EBADF,    \
                  .out_fd = -EBADF,      \
                  .result_fd = -EBADF,   \
                  .failure_fd = -EBADF,  \
                  .failed_fd = -EBADF })

uint64_t sealed_memory_default(void) {
        return sanitized ? 0 : MEMORY_DEFAULT_BYTES;
}

/* Once; it may be gone already. */
static void child_end(Child *child) {
        if (child->pid <= 0)
                return;
        child->is_lost = !process_kill_within(child->pid, DYING_MSEC);
        child->pid = 0;
}

static void child_done(Child *child) {
        int *fds[] = { &child->userns_fd, &child->lifeline_fd, &child->death_fd, &child->out_fd,
                       &child->result_fd, &child->failure_fd,  &child->failed_fd };

        child_end(child);
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                if (*fds[i] >= 0)
                        (void) close(TAKE_FD(*fds[i]));
}

_Noreturn static void fail(const Child *child, int error, const char *step) {
        Failure failure = {};

        (void) failure_set_errno(&failure, error, "Cannot %s of the %s", step, child->sealed->name);
        (void) fd_write_all(child->failure_fd, &failure, sizeof(failure));
        _exit(EXIT_FAILURE);
}

static int enter_empty_root(void) {
        const DetachedOption options[] = { { "size", "4k" }, { "mode", "0555" }, {} };
        _cleanup_close_ int mount_fd = -EBADF, target_fd = -EBADF;
        int r;

        r = namespace_make_private();
        if (r < 0)
                return r;
        mount_fd = detached_filesystem(
                        "tmpfs",
                        options,
                        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                        MOUNT_ATTR_NOEXEC);
        if (mount_fd < 0)
                return mount_fd;
        target_fd = open(EMPTY_FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (target_fd < 0)
                return -errno;
        r = detached_attach(mount_fd, target_fd);
        return r < 0 ? r : namespace_pivot(mount_fd);
}

static int close_descriptors(const Child *child) {
        const Sealed *sealed = child->sealed;
        _cleanup_free_ int *keep_fds = calloc(sealed->n_keep_fds + 3, sizeof(int));
        size_t n = 0;

        if (!keep_fds)
                return -ENOMEM;
        for (size_t i = 0; i < sealed->n_keep_fds; i++)
                keep_fds[n++] = sealed->keep_fds[i];
        keep_fds[n++] = child->out_fd;
        keep_fds[n++] = child->failure_fd;
        keep_fds[n++] = child->lifeline_fd;
        return process_close_but(keep_fds, n);
}

static int set_limits(const Sealed *sealed) {
        uint64_t cpu_seconds = sealed->cpu_seconds > 0 ? sealed->cpu_seconds : CPU_DEFAULT_SECONDS;
        uint64_t memory_bytes = sealed->max_memory_bytes > 0 ? sealed->max_memory_bytes
                                                             : RLIM_INFINITY;
        const PlanLimit limits[] = {
                { RLIMIT_CORE, 0 },
                { RLIMIT_CPU, cpu_seconds },
                { RLIMIT_FSIZE, sealed->max_file_bytes },
                { RLIMIT_AS, memory_bytes },
        };

        return process_set_limits(limits, ELEMENTSOF(limits));
}

_Noreturn static void child_run(Child *child) {
        const Sealed *sealed = child->sealed;
        int r;

        process_die_with_parent(child->lifeline_fd);
        (void) prctl(PR_SET_DUMPABLE, 0);
        (void) setsid();
        r = process_null_stdio(/* all= */ true);
        if (r >= 0)
                r = close_descriptors(child);
        if (r < 0)
                fail(child, r, "arrange the descriptors");
        r = enter_empty_root();
        if (r < 0)
                fail(child, r, "empty the root");
        process_die_with_parent(child->lifeline_fd);
        (void) close(child->lifeline_fd);
        r = set_limits(sealed);
        if (r >= 0)
                r = part_confine(parts[sealed->profile]);
        if (r < 0)
                fail(child, r, "give up the privileges");
        (void) close(child->failure_fd);
        process_exit(sealed->function(sealed->userdata, child->out_fd));
}

static int make_pipe(int *ret_read, int *ret_write) {
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        *ret_read = ends[0];
        *ret_write = ends[1];
        return 0;
}

/* In namespaces of its own from the first instruction, and with no right outside of them. */
static pid_t child_fork(const Child *child) {
        pid_t pid;

        if (child->userns_fd >= 0)
                return namespace_fork_inside(child->userns_fd, NAMESPACES);
        pid = namespace_fork(NAMESPACES | CLONE_NEWUSER);
        return pid < 0 ? -errno : pid;
}

static int child_start(Child *child) {
        int r;

        if (geteuid() == 0) {
                child->userns_fd = userns_new(
                                /* owner= */ 0,
                                SEALED_ID,
                                1,
                                /* limits= */ NULL,
                                0);
                if (child->userns_fd < 0)
                        return child->userns_fd;
        }
        r = make_pipe(&child->lifeline_fd, &child->death_fd);
        if (r >= 0)
                r = make_pipe(&child->result_fd, &child->out_fd);
        if (r >= 0)
                r = make_pipe(&child->failed_fd, &child->failure_fd);
        if (r < 0)
                return r;
        child->pid = child_fork(child);
        if (child->pid < 0)
                return child->pid;
        if (child->pid == 0)
                child_run(child);
        /* Its end of file is the child's end. */
        (void) close(TAKE_FD(child->out_fd));
        (void) close(TAKE_FD(child->failure_fd));
        return 0;
}

static uint64_t now_usec(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000u + (uint64_t) now.tv_nsec / 1000u;
}

/* Returns 1 when more may come, 0 at the end. */
static int take_result(const Child *child, Buffer *result, char *chunk) {
        ssize_t size = read(child->result_fd, chunk, CHUNK_SIZE);
        int r;

        if (size < 0)
                return errno == EINTR ? 1 : -errno;
        if (size == 0)
                return 0;
        if ((size_t) size > child->sealed->max_output_bytes - result->size)
                return -E2BIG;
        r = buffer_append(result, chunk, (size_t) size);
        return r < 0 ? r : 1;
}

static int collect(const Child *child, Buffer *result) {
        uint64_t timeout = child->sealed->timeout_usec > 0 ? child->sealed->timeout_usec
                                                           : TIMEOUT_DEFAULT_USEC;
        uint64_t deadline = now_usec() + timeout, now;
        struct pollfd fds[] = {
                { .fd = child->result_fd, .events = POLLIN },
                { .fd = child->sealed->lifeline_fd, .events = POLLIN },
        };
        _cleanup_free_ char *chunk = malloc(CHUNK_SIZE);
        int r;

        if (!chunk)
                return -ENOMEM;
        for (;;) {
                now = now_usec();
                r = now < deadline ? poll(fds, ELEMENTSOF(fds), (int) ((deadline - now) / 1000) + 1)
                                   : 0;
                if (r == 0)
                        return -ETIMEDOUT;
                if (r < 0 && errno != EINTR)
                        return -errno;
                if (r < 0)
                        continue;
                if (fds[1].revents != 0)
                        return -ECANCELED;
                r = take_result(child, result, chunk);
                if (r <= 0)
                        return r;
        }
}

static int collect_failure(Child *child, int error, Failure *reterr) {
        const char *name = child->sealed->name;

        child_end(child);
        if (child->is_lost && error != -ECANCELED)
                return failure_set(
                                reterr,
                                error,
                                "The %s took too long and cannot even be ended: the file system of what it reads does not answer; copy that to a disk of this host first.",
                                name);
        if (error == -E2BIG)
                return failure_set(
                                reterr,
                                error,
                                "The %s gave more than the %zu bytes that it may.",
                                name,
                                child->sealed->max_output_bytes);
        if (error == -ETIMEDOUT)
                return failure_set(reterr, error, "The %s took too long and was ended.", name);
        if (error == -ECANCELED)
                return failure_set(reterr, error, "The %s was cancelled.", name);
        return failure_set_errno(reterr, error, "Cannot follow the %s", name);
}

/* A child whose result has ended may still hang, as closing its files asks their file systems. */
static int await_end(const Child *child) {
        _cleanup_close_ int pid_fd = process_open(child->pid);
        struct pollfd fds[] = {
                { .fd = pid_fd, .events = POLLIN },
                { .fd = child->sealed->lifeline_fd, .events = POLLIN },
        };
        uint64_t deadline = now_usec() + LEAVING_MSEC * UINT64_C(1000), now;
        int r;

        if (pid_fd < 0)
                return pid_fd;
        for (now = now_usec(); now < deadline; now = now_usec()) {
                r = poll(fds, ELEMENTSOF(fds), (int) ((deadline - now) / 1000) + 1);
                if (r < 0 && errno != EINTR)
                        return -errno;
                if (r <= 0)
                        continue;
                return fds[0].revents != 0 ? 0 : -ECANCELED;
        }
        return -ETIMEDOUT;
}

/* Succeeds when the function ran to its end, whatever it returned. */
static int finish(Child *child, int *ret_returned, Failure *reterr) {
        Failure failure;
        int status, r;

        r = await_end(child);
        if (r < 0)
                return collect_failure(child, r, reterr);
        r = process_wait(child->pid, &status);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot wait for the %s", child->sealed->name);
        child->pid = 0;
        if (read(child->failed_fd, &failure, sizeof(failure)) == (ssize_t) sizeof(failure)) {
                if (reterr)
                        *reterr = failure;
                return failure.error;
        }
        if (WIFSIGNALED(status))
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The %s was ended by signal %d (%s); its input is damaged, or made "
                                "to break it.",
                                child->sealed->name,
                                WTERMSIG(status),
                                strsignal(WTERMSIG(status)));
        if (process_result(status, ret_returned) == 0)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The %s gave up with exit code %d; its input is damaged, or made "
                                "to break it.",
                                child->sealed->name,
                                WEXITSTATUS(status));
        return 0;
}

int sealed_run(const Sealed *sealed, char **ret_result, size_t *ret_size, Failure *reterr) {
        _cleanup_(child_done) Child child = CHILD_INIT;
        _cleanup_buffer_ Buffer result = {};
        int returned, r;
        size_t size;
        char *bytes;

        assert(sealed->name && sealed->function && sealed->profile < _SEALED_PROFILE_MAX);
        child.sealed = sealed;
        r = child_start(&child);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot start the %s", sealed->name);
        r = collect(&child, &result);
        if (r < 0)
                return collect_failure(&child, r, reterr);
        r = finish(&child, &returned, reterr);
        if (r < 0)
                return r;
        size = result.size;
        bytes = buffer_take(&result);
        if (!bytes)
                return failure_set_errno(
                                reterr,
                                -ENOMEM,
                                "Cannot take the result of the %s",
                                sealed->name);
        *ret_result = bytes;
        *ret_size = size;
        return returned;
}
