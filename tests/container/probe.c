/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tries one thing and exits with the errno that it got: 0 means that it worked. */

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"

#define ANSWER(expression) ((expression) < 0 ? errno : 0)

static int try_mount(const char *argument _unused_) {
        return ANSWER(mount("tmpfs", "/tmp", "tmpfs", 0, NULL));
}

static int try_umount(const char *argument) {
        return ANSWER(umount2(argument, MNT_DETACH));
}

static int try_fsopen(const char *argument _unused_) {
        return ANSWER(fsopen("tmpfs", 0));
}

static int try_unshare(const char *argument _unused_) {
        return ANSWER(unshare(CLONE_NEWUSER));
}

static int try_clone(const char *argument _unused_) {
        long r = syscall(SYS_clone, (unsigned long) CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

        if (r == 0)
                _exit(0);
        return ANSWER(r);
}

static int try_clone3(const char *argument _unused_) {
        return ANSWER(syscall(SYS_clone3, NULL, 0));
}

static int try_socket(const char *argument) {
        return ANSWER(socket(atoi(argument), SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int try_audit(const char *argument _unused_) {
        return ANSWER(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 9));
}

static int try_keyctl(const char *argument _unused_) {
        return ANSWER(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1));
}

static int try_ptrace(const char *argument _unused_) {
        return ANSWER(ptrace(PTRACE_TRACEME, 0, 0, 0));
}

static int try_tiocsti(const char *argument _unused_) {
        return ANSWER(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

static int try_read(const char *argument) {
        char byte;
        int fd = open(argument, O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return errno;
        return ANSWER(read(fd, &byte, 1));
}

static int try_write(const char *argument) {
        int fd = open(argument, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

        if (fd < 0)
                return errno;
        return ANSWER(write(fd, "x", 1));
}

static int try_mknod(const char *argument) {
        return ANSWER(mknod(argument, S_IFCHR | 0666, makedev(1, 5)));
}

static int try_mkfifo(const char *argument) {
        return ANSWER(mkfifo(argument, 0600));
}

static int try_chown(const char *argument) {
        return ANSWER(lchown(argument, 33, 33));
}

/* 0 when the bounding set has it. */
static int try_capability(const char *argument) {
        return prctl(PR_CAPBSET_READ, atoi(argument), 0, 0, 0) == 1 ? 0 : EPERM;
}

static int try_privileges(const char *argument _unused_) {
        return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : EPERM;
}

/* How many of a process's sets of capabilities are not empty. */
static int count_capabilities(const char *argument) {
        static const char *const sets[] = { "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:" };
        char path[64], line[256];
        FILE *f;
        int n = 0;

        (void) snprintf(path, sizeof(path), "/proc/%s/status", argument);
        f = fopen(path, "re");
        if (!f)
                return errno;
        while (fgets(line, sizeof(line), f))
                for (size_t i = 0; i < ELEMENTSOF(sets); i++)
                        if (strncmp(line, sets[i], strlen(sets[i])) == 0)
                                n += strtoull(line + strlen(sets[i]), NULL, 16) > 0;
        (void) fclose(f);
        return n;
}

/* How many programs of seccomp hold this process. */
static int count_filters(const char *argument _unused_) {
        char line[256];
        FILE *f = fopen("/proc/self/status", "re");
        int n = -1;

        while (f && fgets(line, sizeof(line), f))
                (void) sscanf(line, "Seccomp_filters: %d", &n);
        if (f)
                (void) fclose(f);
        return n;
}

/* What needs no capability, so that a filter alone can refuse it. */
static int try_unshare_files(const char *argument _unused_) {
        return ANSWER(unshare(CLONE_FILES));
}

/* How many descriptors are open. */
static int count_descriptors(const char *argument _unused_) {
        int n = 0;

        for (int fd = 0; fd < 1024; fd++)
                n += fcntl(fd, F_GETFD) >= 0;
        return n;
}

/* The first signal that is ignored or blocked. */
static int find_odd_signal(const char *argument _unused_) {
        sigset_t blocked;

        (void) sigprocmask(SIG_SETMASK, NULL, &blocked);
        for (int number = 1; number < SIGRTMIN; number++) {
                struct sigaction action = {};

                (void) sigaction(number, NULL, &action);
                if (action.sa_handler == SIG_IGN || sigismember(&blocked, number) == 1)
                        return number;
        }
        return 0;
}

/* Leaves a process behind that ignores what it can. */
static int leave_process(const char *argument _unused_) {
        pid_t pid = fork();

        if (pid < 0)
                return errno;
        if (pid > 0)
                return 0;
        (void) setsid();
        (void) signal(SIGTERM, SIG_IGN);
        (void) signal(SIGHUP, SIG_IGN);
        while (pause() < 0)
                continue;
        return 0;
}

/* Leaves processes behind, each of another user. */
static int fork_as_others(const char *argument) {
        for (unsigned uid = 1; uid <= (unsigned) atoi(argument); uid++) {
                pid_t child = fork();

                if (child < 0)
                        return errno;
                if (child > 0)
                        continue;
                if (setresuid(uid, uid, uid) < 0)
                        _exit(EXIT_FAILURE);
                while (pause() < 0)
                        continue;
        }
        return 0;
}

static int pid(const char *argument _unused_) {
        char text[32] = "";
        int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return errno;
        if (read(fd, text, sizeof(text) - 1) < 0)
                return errno;
        return atoi(text) == getpid() ? getpid() : ESRCH;
}

static int wait_forever(const char *argument _unused_) {
        while (pause() < 0)
                continue;
        return 0;
}

static int crash(const char *argument _unused_) {
        (void) signal(SIGSEGV, SIG_DFL);
        (void) kill(getpid(), SIGSEGV);
        return 0;
}

static const struct {
        const char *name;
        int (*function)(const char *argument);
} tries[] = {
        { "mount", try_mount },
        { "umount", try_umount },
        { "fsopen", try_fsopen },
        { "unshare", try_unshare },
        { "clone", try_clone },
        { "clone3", try_clone3 },
        { "socket", try_socket },
        { "audit", try_audit },
        { "keyctl", try_keyctl },
        { "ptrace", try_ptrace },
        { "tiocsti", try_tiocsti },
        { "read", try_read },
        { "write", try_write },
        { "mknod", try_mknod },
        { "mkfifo", try_mkfifo },
        { "chown", try_chown },
        { "capability", try_capability },
        { "privileges", try_privileges },
        { "descriptors", count_descriptors },
        { "capabilities", count_capabilities },
        { "filters", count_filters },
        { "unshare-files", try_unshare_files },
        { "signals", find_odd_signal },
        { "leave", leave_process },
        { "fork-as-others", fork_as_others },
        { "pid", pid },
        { "wait", wait_forever },
        { "crash", crash },
};

int main(int argc, char **argv) {
        for (size_t i = 0; argc > 1 && i < ELEMENTSOF(tries); i++)
                if (strcmp(tries[i].name, argv[1]) == 0)
                        _exit(tries[i].function(argc > 2 ? argv[2] : ""));
        fprintf(stderr, "probe: what?\n");
        _exit(250);
}
