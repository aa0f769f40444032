/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs a program, one of whose system calls fails: the K-th of a set, counted over the program and all
 * that it starts, as the calls come.
 *
 *   inject --set NAME... --at K --errno E [--comm NAME] [--count FILE] PROGRAM [ARGUMENT...]
 *
 * K 0 lets all succeed. With --comm only processes of that name count. At the end, the number of
 * calls goes to FILE, with the name of the one that failed.
 *
 * The kernel stops each call by a seccomp filter and asks a process beside: unlike with ptrace,
 * nothing else is slower or looks different to the program, which is this very process, with its
 * number, parent and descriptors.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <seccomp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The sets by name; what a kernel or libseccomp does not know is left out. */
static const struct {
        const char *name;
        const char *calls[10];
} sets[] = {
        { "open", { "open", "openat", "openat2", "creat" } },
        { "write", { "write", "pwrite64", "writev", "copy_file_range", "ftruncate" } },
        { "fsync", { "fsync", "fdatasync", "syncfs" } },
        { "rename", { "rename", "renameat", "renameat2", "linkat", "mkdirat" } },
        { "ioctl", { "ioctl" } },
        { "mount",
          { "mount",
            "fsopen",
            "fsconfig",
            "fsmount",
            "open_tree",
            "move_mount",
            "mount_setattr",
            "umount2",
            "pivot_root" } },
};

typedef struct Options {
        scmp_filter_ctx filter;
        unsigned long at;
        int error;
        const char *comm;
        const char *count_path;
} Options;

/* Shared by both processes. */
typedef struct Meeting {
        atomic_int listener_fd; /* number in the program; -1 until it is there */
        atomic_bool ready;      /* the other one has it, too */
} Meeting;

static _Noreturn void die(const char *what) {
        fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
        exit(125);
}

static void add_set(scmp_filter_ctx filter, const char *name) {
        for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
                if (strcmp(sets[i].name, name) != 0)
                        continue;
                for (size_t k = 0; k < 10 && sets[i].calls[k]; k++) {
                        int number = seccomp_syscall_resolve_name(sets[i].calls[k]);

                        if (number >= 0 && seccomp_rule_add(filter, SCMP_ACT_NOTIFY, number, 0) < 0)
                                die(sets[i].calls[k]);
                }
                return;
        }
        errno = EINVAL;
        die(name);
}

static bool counts(const Options *options, pid_t pid) {
        char path[64], comm[32] = "";
        FILE *f;

        if (!options->comm)
                return true;
        (void) snprintf(path, sizeof(path), "/proc/%d/comm", pid);
        f = fopen(path, "re");
        if (!f)
                return false;
        if (!fgets(comm, sizeof(comm), f))
                comm[0] = '\0';
        (void) fclose(f);
        comm[strcspn(comm, "\n")] = '\0';
        return strcmp(comm, options->comm) == 0;
}

static void write_count(const Options *options, unsigned long n, int failed) {
        char *name = failed >= 0 ? seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, failed)
                                 : NULL;
        FILE *f = options->count_path ? fopen(options->count_path, "we") : NULL;

        if (f) {
                fprintf(f, "%lu %s\n", n, name ? name : "-");
                (void) fclose(f);
        }
        free(name);
}

/* Until nobody is left who could be asked about. */
static void answer_all(const Options *options, int listener_fd) {
        struct seccomp_notif *request;
        struct seccomp_notif_resp *answer;
        struct pollfd p = { .fd = listener_fd, .events = POLLIN };
        unsigned long n = 0;
        int failed = -1;

        if (seccomp_notify_alloc(&request, &answer) < 0)
                die("memory");
        for (;;) {
                bool fails;

                if (poll(&p, 1, -1) < 0 && errno != EINTR)
                        die("poll");
                if (p.revents & (POLLHUP | POLLERR))
                        break;
                memset(request, 0, sizeof(*request));
                if (seccomp_notify_receive(listener_fd, request) < 0)
                        continue; /* it was killed meanwhile */
                n += counts(options, (pid_t) request->pid);
                fails = n == options->at && failed < 0 && n > 0;
                if (fails)
                        failed = request->data.nr;
                *answer = (struct seccomp_notif_resp){
                        .id = request->id,
                        .error = fails ? -options->error : 0,
                        .flags = fails ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE,
                };
                (void) seccomp_notify_respond(listener_fd, answer);
        }
        write_count(options, n, failed);
}

static void pause_a_little(void) {
        const struct timespec interval = { .tv_nsec = 200 * 1000 };

        (void) nanosleep(&interval, NULL);
}

/* A grandchild, so that the program does not meet it as a child. It keeps none of the program's
 * descriptors open. */
static void start_answering(const Options *options, Meeting *meeting) {
        int program_fd = pidfd_open(getpid(), 0), listener_fd;
        pid_t pid = fork();

        if (program_fd < 0 || pid < 0)
                die("fork");
        if (pid > 0) {
                (void) waitpid(pid, NULL, 0);
                (void) close(program_fd);
                return;
        }
        if (fork() > 0)
                _exit(0);
        (void) setsid();
        if (dup2(program_fd, STDIN_FILENO) < 0 || close_range(1, ~0U, 0) < 0)
                _exit(125);
        while (atomic_load(&meeting->listener_fd) < 0)
                pause_a_little();
        listener_fd = pidfd_getfd(STDIN_FILENO, atomic_load(&meeting->listener_fd), 0);
        if (listener_fd < 0)
                _exit(125);
        (void) close(STDIN_FILENO);
        atomic_store(&meeting->ready, true);
        answer_all(options, listener_fd);
        _exit(0);
}

static char **parse(int argc, char **argv, Options *ret) {
        int i = 1;

        *ret = (Options){ .filter = seccomp_init(SCMP_ACT_ALLOW), .error = EIO };
        if (!ret->filter)
                die("filter");
        for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
                const char *option = argv[i], *value = argv[i + 1];

                if (strcmp(option, "--set") == 0)
                        add_set(ret->filter, value);
                else if (strcmp(option, "--at") == 0)
                        ret->at = strtoul(value, NULL, 10);
                else if (strcmp(option, "--errno") == 0)
                        ret->error = atoi(value);
                else if (strcmp(option, "--comm") == 0)
                        ret->comm = value;
                else if (strcmp(option, "--count") == 0)
                        ret->count_path = value;
                else
                        break;
        }
        if (i >= argc) {
                errno = EINVAL;
                die("no program");
        }
        return argv + i;
}

int main(int argc, char **argv) {
        Options options;
        char **program = parse(argc, argv, &options);
        Meeting *meeting = mmap(
                        NULL,
                        sizeof(*meeting),
                        PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS,
                        -1,
                        0);

        if (meeting == MAP_FAILED)
                die("memory");
        atomic_init(&meeting->listener_fd, -1);
        atomic_init(&meeting->ready, false);
        start_answering(&options, meeting);
        if (seccomp_attr_set(options.filter, SCMP_FLTATR_CTL_NNP, 0) < 0 ||
            seccomp_load(options.filter) < 0)
                die("filter");
        atomic_store(&meeting->listener_fd, seccomp_notify_fd(options.filter));
        while (!atomic_load(&meeting->ready))
                pause_a_little();
        if (close_range((unsigned) atomic_load(&meeting->listener_fd),
                        (unsigned) atomic_load(&meeting->listener_fd),
                        0) < 0)
                die("listener");
        (void) execv(program[0], program);
        die(program[0]);
}
