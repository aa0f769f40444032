/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Chores. The child holds none of the service's descriptors but those that it was told: a lifeline of
 * a worker kept open here would keep that worker alive after the service's death. What went wrong
 * comes back through a pipe as the Failure that it is: both ends are the same program, and it is less
 * than a pipe takes at once.
 */

#include "service/chore.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service/spawn.h"

static_assert(sizeof(Failure) <= PIPE_BUF, "a failure is written to its pipe at once");

struct Chore {
        sd_event_source *child_source;
        ChoreCallback callback;
        void *userdata;
        int report_fd; /* read end */
};

/* ---- in the child ---- */

static int compare_numbers(const void *a, const void *b) {
        const int *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

/* Closes all from `first` on but those that are kept. */
static int close_others(const ChoreWork *work, int report_fd) {
        int kept[CHORE_FDS_MAX + 1] = { report_fd };
        unsigned first = STDERR_FILENO + 1;

        memcpy(kept + 1, work->fds, work->n_fds * sizeof(*kept));
        qsort(kept, work->n_fds + 1, sizeof(*kept), compare_numbers);
        for (size_t i = 0; i <= work->n_fds; i++) {
                unsigned next = (unsigned) kept[i];

                if (next > first && syscall(SYS_close_range, first, next - 1, 0) < 0)
                        return -errno;
                if (next >= first)
                        first = next + 1;
        }
        return syscall(SYS_close_range, first, ~0U, 0) < 0 ? -errno : 0;
}

static _Noreturn void run_in_child(const ChoreWork *work, int report_fd) {
        Failure failure = {};
        int r = close_others(work, report_fd);

        if (r >= 0)
                r = work->run(work->argument, &failure);
        if (r >= 0)
                _exit(EXIT_SUCCESS);
        (void) failure_default(&failure, r, "It cannot be done");
        if (write(report_fd, &failure, sizeof(failure)) < 0)
                _exit(EXIT_FAILURE + 1);
        _exit(EXIT_FAILURE);
}

/* ---- in the service ---- */

/* What became of it; false when all went well. */
static bool judge_end(const Chore *chore, const siginfo_t *info, Failure *ret) {
        if (info->si_code == CLD_EXITED && info->si_status == EXIT_SUCCESS)
                return false;
        if (read(chore->report_fd, ret, sizeof(*ret)) != (ssize_t) sizeof(*ret) || ret->error >= 0)
                (void) failure_set(
                                ret,
                                -EIO,
                                "A process of the service that waits for the disk was ended (%s %d); try again.",
                                info->si_code == CLD_EXITED ? "status" : "signal",
                                info->si_status);
        return true;
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata) {
        Chore *chore = userdata;
        bool is_nobodys = sd_event_source_get_floating(source) > 0;
        Failure failure = {};
        bool failed = judge_end(chore, info, &failure);

        if (chore->callback)
                chore->callback(failed ? &failure : NULL, chore->userdata);
        if (is_nobodys)
                (void) sd_event_source_set_floating(source, false); /* its last reference */
        return 0;
}

static void free_memory(void *userdata) {
        Chore *chore = userdata;

        cleanup_close(&chore->report_fd);
        free(chore);
}

/* From here on the event loop owns it. */
static int give_to_loop(Chore *chore) {
        int r = sd_event_source_set_destroy_callback(chore->child_source, free_memory);

        if (r >= 0)
                r = sd_event_source_set_floating(chore->child_source, true);
        if (r < 0)
                return r;
        sd_event_source_unref(chore->child_source);
        return 0;
}

int chore_start(Chore **ret,
                sd_event *event,
                const ChoreWork *work,
                ChoreCallback callback,
                void *userdata) {
        _cleanup_(chore_freep) Chore *chore = calloc(1, sizeof(*chore));
        _cleanup_close_ int report_fd = -EBADF;
        pid_t pid;
        int r;

        assert(event && work->run && work->n_fds <= CHORE_FDS_MAX && (callback || !ret));

        if (!chore)
                return -ENOMEM;
        *chore = (Chore){ .callback = callback, .userdata = userdata, .report_fd = -EBADF };
        r = spawn_pipe(&chore->report_fd, &report_fd);
        if (r < 0)
                return r;
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0)
                run_in_child(work, report_fd);
        r = sd_event_add_child(event, &chore->child_source, pid, WEXITED, on_child, chore);
        if (r < 0) {
                /* Whoever asked is told that it was not done; so it must not be done later. */
                (void) kill(pid, SIGKILL);
                (void) waitpid(pid, NULL, 0);
                return r;
        }
        if (!ret) {
                r = give_to_loop(chore);
                if (r >= 0)
                        TAKE_PTR(chore);
                return r;
        }
        *ret = TAKE_PTR(chore);
        return 0;
}

Chore *chore_free(Chore *chore) {
        if (!chore)
                return NULL;
        sd_event_source_disable_unref(chore->child_source);
        free_memory(chore);
        return NULL;
}
