/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Stands in for the worker and runs the real one under ptrace, with every process and thread that it
 * starts, in whatever namespace. It counts their system calls, each under the stage in whose name it is
 * made, and at the k-th of a stage it kills and lets go of all.
 *
 * A stage is what the report says: who announces one, and whoever it starts from then on, works for
 * it. What the worker's outermost process starts before there are stages in it works for the stage,
 * too, but is counted apart as "intake.1", "intake.2", in the order of its starting.
 *
 * Three processes: this one stands where the service sees it, waits for the worker and ends as it does.
 * The worker is its child. The tracer is another, so that nothing is traced any more as soon as it has
 * killed: what then happens, happens at its own pace.
 *
 * Beside the link by which this is started lie "real-worker", a link; "step", which says what to do to the
 * next worker with that verb; and "stepped", a fifo for the answer:
 *
 *   (empty)                    nothing, the real worker is executed
 *   VERB count                 lines "STAGE NUMBER" when the worker has ended, then "end"
 *   VERB worker STAGE K        the outermost process is killed at the K-th call
 *   VERB self STAGE K          the process that makes the K-th call is killed
 *   VERB hold STAGE K          that process is held there, and every other at its next call, until
 *                              nobody holds the lifeline any more
 *                              "reached PID CALL NANOSECONDS" (CLOCK_MONOTONIC), or "end" when it never
 *                              came to that
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The worker's, see config/order.h. */
#define REPORT_FD   3
#define LIFELINE_FD 4

/* What the tracer keeps. */
#define TRACER_ANSWER_FD   3
#define TRACER_GO_FD       4
#define TRACER_LIFELINE_FD 5

#define OPTIONS                                                                                   \
        (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | \
         PTRACE_O_TRACEEXEC)
#define STAGE_PREFIX "stage "
#define STAGE_MAX    48
#define STAGES_MAX   64
#define TASKS_MAX    4096

typedef struct Count {
        char stage[STAGE_MAX];
        uint64_t calls;
} Count;

typedef struct Task {
        pid_t pid;
        int stage;  /* index of its count; -1 as long as its parent has not told */
        bool waits; /* has stopped for the first time, and its parent has not told yet */
} Task;

typedef struct Step {
        char verb[STAGE_MAX];
        char mode[STAGE_MAX]; /* empty: nothing is asked for */
        char stage[STAGE_MAX];
        uint64_t k;
} Step;

static Step step;
static int answer_fd = -1;
static pid_t worker;
static bool executed; /* from then on calls are the worker's own */
static unsigned n_children;
static Count counts[STAGES_MAX];
static size_t n_counts;
static Task tasks[TASKS_MAX];
static size_t n_tasks;

static _Noreturn void die(const char *what) {
        perror(what);
        _exit(99);
}

static int find_stage(const char *name) {
        for (size_t i = 0; i < n_counts; i++)
                if (strcmp(counts[i].stage, name) == 0)
                        return (int) i;
        if (n_counts == STAGES_MAX)
                die("too many stages");
        (void) snprintf(counts[n_counts].stage, STAGE_MAX, "%s", name);
        return (int) n_counts++;
}

static Task *find_task(pid_t pid) {
        for (size_t i = 0; i < n_tasks; i++)
                if (tasks[i].pid == pid)
                        return &tasks[i];
        return NULL;
}

static Task *add_task(pid_t pid, int stage) {
        Task *task = find_task(pid);

        if (!task) {
                if (n_tasks == TASKS_MAX)
                        die("too many processes");
                task = &tasks[n_tasks++];
        }
        *task = (Task){ .pid = pid, .stage = stage };
        return task;
}

static void drop_task(pid_t pid) {
        Task *task = find_task(pid);

        if (task)
                *task = tasks[--n_tasks];
}

static void let_run(pid_t pid, int number) {
        /* Fails when it has been killed meanwhile. */
        (void) ptrace(PTRACE_SYSCALL, pid, NULL, (void *) (intptr_t) number);
}

/* A fifo takes a line of this size whole. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
        va_list args;
        int r;

        va_start(args, format);
        r = vdprintf(answer_fd, format, args);
        va_end(args);
        if (r < 0)
                die("stepped");
}

/* ---- the tracer ---- */

static _Noreturn void finish(void) {
        for (size_t i = 0; i < n_counts && strcmp(step.mode, "count") == 0; i++)
                say("%s %" PRIu64 "\n", counts[i].stage, counts[i].calls);
        say("end\n");
        _exit(EXIT_SUCCESS);
}

/* With this process's end nobody is traced any more, and goes on. */
static _Noreturn void act_and_leave(const Task *task, uint64_t call) {
        struct pollfd lifeline = { .fd = TRACER_LIFELINE_FD };
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        if (strcmp(step.mode, "self") == 0)
                (void) kill(task->pid, SIGKILL);
        else if (strcmp(step.mode, "worker") == 0)
                (void) kill(worker, SIGKILL);
        say("reached %d %" PRIu64 " %lld\n",
            (int) task->pid,
            call,
            (long long) now.tv_sec * 1000000000LL + now.tv_nsec);
        if (strcmp(step.mode, "hold") == 0)
                (void) poll(&lifeline, 1, -1);
        _exit(EXIT_SUCCESS);
}

/* The name of the stage that this call announces, or nothing. */
static bool announces(pid_t pid, const struct __ptrace_syscall_info *info, char ret[STAGE_MAX]) {
        char text[STAGE_MAX] = "";
        struct iovec to = { text, sizeof(text) - 1 };
        struct iovec from = { (void *) info->entry.args[1], sizeof(text) - 1 };

        if (info->entry.nr != SYS_write || info->entry.args[0] != REPORT_FD)
                return false;
        if (info->entry.args[2] < from.iov_len)
                to.iov_len = from.iov_len = info->entry.args[2];
        if (process_vm_readv(pid, &to, 1, &from, 1, 0) < 0 ||
            strncmp(text, STAGE_PREFIX, strlen(STAGE_PREFIX)) != 0)
                return false;
        text[strcspn(text, "\n")] = '\0';
        (void) snprintf(ret, STAGE_MAX, "%s", text + strlen(STAGE_PREFIX));
        return true;
}

static void on_call(Task *task) {
        struct __ptrace_syscall_info info;
        char stage[STAGE_MAX];
        Count *count;

        if (ptrace(PTRACE_GET_SYSCALL_INFO, task->pid, (void *) sizeof(info), &info) < 0 ||
            info.op != PTRACE_SYSCALL_INFO_ENTRY || !executed)
                return;
        count = &counts[task->stage];
        count->calls++;
        if (strcmp(count->stage, step.stage) == 0 && count->calls == step.k)
                act_and_leave(task, info.entry.nr);
        if (announces(task->pid, &info, stage))
                task->stage = find_stage(stage);
}

/* The child's first stop may come before this, and waits for it then. */
static void on_birth(const Task *parent) {
        int stage = parent->stage;
        unsigned long pid = 0;
        Task *child;

        if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid) < 0)
                return;
        if (parent->pid == worker) {
                char name[STAGE_MAX + 16];

                (void) snprintf(name, sizeof(name), "%.32s.%u", counts[stage].stage, ++n_children);
                stage = find_stage(name);
        }
        child = find_task((pid_t) pid);
        if (!child) {
                (void) add_task((pid_t) pid, stage);
                return;
        }
        child->stage = stage;
        if (child->waits)
                let_run(child->pid, 0);
        child->waits = false;
}

static void on_stop(pid_t pid, int status) {
        int number = WSTOPSIG(status), event = status >> 16;
        Task *task = find_task(pid);

        if (!task)
                task = add_task(pid, -1);
        if (task->stage < 0) {
                task->waits = true;
                return;
        }
        switch (event) {
        case PTRACE_EVENT_FORK:
        case PTRACE_EVENT_VFORK:
        case PTRACE_EVENT_CLONE:
                on_birth(task);
                break;
        case PTRACE_EVENT_EXEC:
                executed = true;
                break;
        case PTRACE_EVENT_STOP:
                if (number != SIGTRAP) {
                        (void) ptrace(PTRACE_LISTEN, pid, NULL, NULL);
                        return;
                }
                break;
        default:
                if (number != (SIGTRAP | 0x80)) {
                        let_run(pid, number);
                        return;
                }
                on_call(task);
                break;
        }
        let_run(pid, 0);
}

static _Noreturn void trace(int ready_fd) {
        int status;
        pid_t pid;

        (void) add_task(worker, find_stage("start"));
        if (ptrace(PTRACE_SEIZE, worker, NULL, (void *) OPTIONS) < 0 ||
            ptrace(PTRACE_INTERRUPT, worker, NULL, NULL) < 0)
                die("ptrace");
        if (write(ready_fd, "", 1) < 0)
                die("pipe");
        for (;;) {
                pid = waitpid(-1, &status, __WALL);
                if (pid < 0 && errno == EINTR)
                        continue;
                if (pid < 0)
                        finish();
                if (WIFSTOPPED(status))
                        on_stop(pid, status);
                else
                        drop_task(pid);
        }
}

/* ---- the other two ---- */

static pid_t start_worker(const char *path, char **argv, int go_fd) {
        pid_t pid = fork();
        char byte;

        if (pid != 0)
                return pid;
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        /* It cannot work under ptrace and would say so. */
        (void) setenv("LSAN_OPTIONS", "detect_leaks=0", 1);
        (void) setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
        if (read(go_fd, &byte, 1) != 1)
                _exit(99);
        (void) close(go_fd);
        argv[0] = (char *) path;
        (void) execv(path, argv);
        die(path);
}

static pid_t start_tracer(int go_fd) {
        pid_t pid = fork();

        if (pid == 0) {
                int answer = fcntl(answer_fd, F_DUPFD_CLOEXEC, 100);
                int lifeline = fcntl(LIFELINE_FD, F_DUPFD_CLOEXEC, 100);

                if (dup2(answer, TRACER_ANSWER_FD) < 0 || dup2(go_fd, TRACER_GO_FD) < 0 ||
                    dup2(lifeline, TRACER_LIFELINE_FD) < 0)
                        die("dup");
                answer_fd = TRACER_ANSWER_FD;
                (void) close_range(TRACER_LIFELINE_FD + 1, ~0U, 0);
                trace(TRACER_GO_FD);
        }
        return pid;
}

static _Noreturn void end_as(int status) {
        static const struct rlimit no_core = { 0, 0 };

        if (!WIFSIGNALED(status))
                _exit(WEXITSTATUS(status));
        (void) setrlimit(RLIMIT_CORE, &no_core);
        (void) signal(WTERMSIG(status), SIG_DFL);
        (void) raise(WTERMSIG(status));
        _exit(99);
}

static int open_beside(const char *folder, const char *name, int flags) {
        int folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
        int fd = openat(folder_fd, name, flags | O_CLOEXEC);

        (void) close(folder_fd);
        return fd;
}

/* What is asked for, if anything is. */
static void read_step(const char *folder) {
        FILE *file = fdopen(open_beside(folder, "step", O_RDONLY), "re");

        if (!file)
                die("step");
        if (fscanf(file, "%47s %47s %47s %" SCNu64, step.verb, step.mode, step.stage, &step.k) < 2)
                step.mode[0] = '\0';
        (void) fclose(file);
}

/* It is for one worker. */
static void forget_step(const char *folder) {
        int fd = open_beside(folder, "step", O_WRONLY | O_TRUNC);

        if (fd < 0)
                die("step");
        (void) close(fd);
}

static void open_answer(const char *folder) {
        answer_fd = open_beside(folder, "stepped", O_WRONLY | O_NONBLOCK);
        if (answer_fd < 0)
                die("stepped");
}

static void find_worker(const char *self, char folder[PATH_MAX], char path[PATH_MAX]) {
        char *link = NULL;

        if (asprintf(&link, "%s", self) < 0)
                die("memory");
        (void) snprintf(folder, PATH_MAX, "%s", dirname(link));
        free(link);
        if (asprintf(&link, "%s/real-worker", folder) < 0 || !realpath(link, path))
                die("real-worker");
        free(link);
}

int main(int argc, char **argv) {
        char folder[PATH_MAX], path[PATH_MAX];
        int go[2], status;
        pid_t tracer;

        find_worker(argv[0], folder, path);
        read_step(folder);
        if (step.mode[0] == '\0' || argc < 2 || strcmp(argv[1], step.verb) != 0) {
                argv[0] = path;
                (void) execv(path, argv);
                die(path);
        }
        forget_step(folder);
        open_answer(folder);
        /* Above all that the worker is given. */
        if (pipe2(go, O_CLOEXEC) < 0 || (go[0] = fcntl(go[0], F_DUPFD_CLOEXEC, 100)) < 0 ||
            (go[1] = fcntl(go[1], F_DUPFD_CLOEXEC, 100)) < 0)
                die("pipe");
        worker = start_worker(path, argv, go[0]);
        tracer = start_tracer(go[1]);
        if (worker < 0 || tracer < 0)
                die("fork");
        (void) close_range(3, ~0U, 0);
        while (waitpid(worker, &status, 0) < 0)
                if (errno != EINTR)
                        die("waitpid");
        end_as(status);
}
