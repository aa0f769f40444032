/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The launcher and its socket. A request is one packet: which of the worker's descriptors come along, then
 * the words. An answer is one, too. Both ends are the same program, but the one that asks is the one that
 * strangers talk to: the other believes it nothing.
 */

#include "service/launcher.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/strings.h"
#include "service/spawn.h"

#define WORDS_COUNT_MAX 256

/* Where the launcher finds its socket. */
#define LAUNCHER_FD 3

static_assert(SPAWN_FDS_MAX <= 32, "descriptors are bits of a number");

struct Launcher {
        pid_t pid;
        int fd;
        char *program;
};

/* Begins a request; the words follow, each with its NUL. */
typedef struct Head {
        uint32_t n_fds;   /* of the table, with those that are missing in it */
        uint32_t present; /* bit N: descriptor N of the table comes along */
} Head;

typedef struct Answer {
        int error;
        pid_t pid;
} Answer;

/* Aligned as control messages have to be. */
typedef union Control {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(SPAWN_FDS_MAX * sizeof(int))];
} Control;

/* ---- in the launcher ---- */

typedef struct Request {
        Head head;
        char words[LAUNCHER_WORDS_MAX];
        size_t words_size;
        int received[SPAWN_FDS_MAX];
        size_t n_received;
} Request;

static void close_received(Request *request) {
        for (size_t i = 0; i < request->n_received; i++)
                (void) close(request->received[i]);
        request->n_received = 0;
}

static void take_fds(Request *request, struct msghdr *message) {
        request->n_received = 0;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                assert(request->n_received + n <= SPAWN_FDS_MAX);
                memcpy(request->received + request->n_received, CMSG_DATA(c), n * sizeof(int));
                request->n_received += n;
        }
}

/* Returns 0 when the service has gone. */
static int receive(Request *request) {
        struct iovec parts[] = {
                { .iov_base = &request->head, .iov_len = sizeof(request->head) },
                { .iov_base = request->words, .iov_len = sizeof(request->words) },
        };
        Control control;
        struct msghdr message = {
                .msg_iov = parts,
                .msg_iovlen = ELEMENTSOF(parts),
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        ssize_t n;

        do
                n = recvmsg(LAUNCHER_FD, &message, MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        if (n <= 0)
                return n < 0 ? -errno : 0;
        take_fds(request, &message);
        if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || (size_t) n < sizeof(Head))
                request->head = (Head){};
        request->words_size = (size_t) n < sizeof(Head) ? 0 : (size_t) n - sizeof(Head);
        return 1;
}

/* The words where they lie in the request. */
static int split_words(Request *request, char **argv) {
        size_t n = 0;

        if (request->words_size == 0 || request->words[request->words_size - 1] != '\0')
                return -EINVAL;
        for (size_t at = 0; at < request->words_size; at += strlen(request->words + at) + 1) {
                if (n == WORDS_COUNT_MAX)
                        return -E2BIG;
                argv[n++] = request->words + at;
        }
        argv[n] = NULL;
        return 0;
}

static int fill_table(const Request *request, int *table) {
        size_t n = 0;

        if (request->head.n_fds <= STDERR_FILENO || request->head.n_fds > SPAWN_FDS_MAX)
                return -EINVAL;
        for (size_t i = 0; i < request->head.n_fds; i++) {
                bool is_present = request->head.present >> i & 1;

                if (is_present && n == request->n_received)
                        return -EINVAL;
                table[i] = is_present ? request->received[n++] : -EBADF;
        }
        return n == request->n_received ? 0 : -EINVAL;
}

static void carry_out(const char *program, Request *request, Answer *ret) {
        char *argv[WORDS_COUNT_MAX + 1];
        int table[SPAWN_FDS_MAX];

        *ret = (Answer){ .error = split_words(request, argv) };
        if (ret->error >= 0)
                ret->error = fill_table(request, table);
        if (ret->error >= 0)
                ret->error = spawn_sibling(program, argv, table, request->head.n_fds, &ret->pid);
        close_received(request);
}

/* The first packet says which program it is for. */
static int hear_program(char *ret, size_t size) {
        ssize_t n = recv(LAUNCHER_FD, ret, size, 0);

        return n <= 0 || ret[n - 1] != '\0' ? -EPIPE : 0;
}

void launcher_run(void) {
        static Request request;
        char program[PATH_MAX];
        Answer answer;

        (void) prctl(PR_SET_NAME, LAUNCHER_NAME);
        if (hear_program(program, sizeof(program)) < 0)
                return;
        while (receive(&request) > 0) {
                carry_out(program, &request, &answer);
                if (send(LAUNCHER_FD, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
                        return;
        }
}

/* ---- in the service ---- */

static int spawn_self(Launcher *launcher, int theirs) {
        char *const argv[] = { (char *) LAUNCHER_NAME, NULL };
        posix_spawn_file_actions_t actions;
        int r;

        (void) posix_spawn_file_actions_init(&actions);
        r = posix_spawn_file_actions_adddup2(&actions, theirs, LAUNCHER_FD);
        if (r == 0)
                r = posix_spawn_file_actions_addclosefrom_np(&actions, LAUNCHER_FD + 1);
        if (r == 0)
                r = posix_spawn(&launcher->pid, "/proc/self/exe", &actions, NULL, argv, environ);
        (void) posix_spawn_file_actions_destroy(&actions);
        return -r;
}

int launcher_start(Launcher **ret, const char *program, Failure *reterr) {
        _cleanup_(launcher_freep) Launcher *launcher = calloc(1, sizeof(*launcher));
        _cleanup_close_ int theirs = -EBADF;
        int fds[2], r;

        assert(ret && program);

        if (!launcher)
                return -ENOMEM;
        launcher->fd = -EBADF;
        launcher->program = strdup(program);
        if (!launcher->program)
                return -ENOMEM;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
                return failure_set_errno(reterr, -errno, "Cannot make a socket for the launcher");
        launcher->fd = fds[0];
        theirs = fds[1];
        r = spawn_self(launcher, theirs);
        if (r >= 0 && send(launcher->fd, program, strlen(program) + 1, MSG_NOSIGNAL) < 0)
                r = -errno;
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot start the launcher");
        *ret = TAKE_PTR(launcher);
        return 0;
}

const char *launcher_get_program(const Launcher *launcher) {
        return launcher->program;
}

int launcher_get_fd(const Launcher *launcher) {
        return launcher->fd;
}

static int ask(const Launcher *launcher,
               struct iovec *parts,
               size_t n_parts,
               const int *fds,
               size_t n_fds) {
        Control control = {};
        struct msghdr message = { .msg_iov = parts, .msg_iovlen = n_parts };
        struct cmsghdr *c;

        if (n_fds > 0) {
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
                c = CMSG_FIRSTHDR(&message);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
                memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
        }
        return sendmsg(launcher->fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int hear(const Launcher *launcher, Answer *ret) {
        ssize_t n;

        do
                n = recv(launcher->fd, ret, sizeof(*ret), 0);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return errno == ECONNRESET ? -EPIPE : -errno;
        return n == sizeof(*ret) ? 0 : -EPIPE;
}

/* Returns how many there are. */
static int gather_words(char *const *argv, struct iovec *parts) {
        size_t n = strv_length(argv), size = 0;

        if (n > WORDS_COUNT_MAX)
                return -E2BIG;
        for (size_t i = 0; i < n; i++) {
                parts[i] = (struct iovec){ .iov_base = argv[i], .iov_len = strlen(argv[i]) + 1 };
                size += parts[i].iov_len;
        }
        return size > LAUNCHER_WORDS_MAX ? -E2BIG : (int) n;
}

static int exchange(
                const Launcher *launcher,
                char *const *argv,
                const int *fds,
                size_t n_fds,
                Answer *ret) {
        Head head = { .n_fds = (uint32_t) n_fds };
        struct iovec parts[WORDS_COUNT_MAX + 1];
        int present[SPAWN_FDS_MAX], n_words = gather_words(argv, parts + 1), r;
        size_t n_present = 0;

        if (n_words < 0)
                return n_words;
        for (size_t i = 0; i < n_fds; i++)
                if (fds[i] >= 0) {
                        head.present |= UINT32_C(1) << i;
                        present[n_present++] = fds[i];
                }
        parts[0] = (struct iovec){ .iov_base = &head, .iov_len = sizeof(head) };
        r = ask(launcher, parts, (size_t) n_words + 1, present, n_present);
        return r < 0 ? r : hear(launcher, ret);
}

int launcher_spawn(
                Launcher *launcher,
                char *const *argv,
                const int *fds,
                size_t n_fds,
                pid_t *ret_pid) {
        Answer answer;
        int r;

        assert(launcher && argv && argv[0] && fds && n_fds <= SPAWN_FDS_MAX && ret_pid);

        r = exchange(launcher, argv, fds, n_fds, &answer);
        if (r < 0)
                return r;
        if (answer.error < 0) {
                if (answer.pid > 0)
                        (void) waitpid(answer.pid, /* wstatus= */ NULL, 0);
                return answer.error;
        }
        *ret_pid = answer.pid;
        return 0;
}

Launcher *launcher_free(Launcher *launcher) {
        if (!launcher)
                return NULL;
        cleanup_close(&launcher->fd);
        if (launcher->pid > 0) {
                (void) kill(launcher->pid, SIGKILL);
                (void) waitpid(launcher->pid, /* wstatus= */ NULL, 0);
        }
        free(launcher->program);
        free(launcher);
        return NULL;
}
