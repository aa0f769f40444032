/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The translator opens the namespaces by name; it gets them as descriptors, since it may not look at
 * the container's processes. That it is ready it says by a number, pasta by writing its pid file,
 * which is a pipe here; what it says on its standard error comes through the same pipe and becomes
 * the failure's cause. */

#include "container/network.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/strings.h"
#include "container/network-guard.h"
#include "container/network-router.h"
#include "container/process.h"
#include "container/tun.h"

#define ANSWER_SIZE  512
#define EXIT_NO_TOOL 127

struct Kind;

typedef struct Translator {
        const struct Kind *kind;
        uint32_t owner;
        int userns_fd;
        int netns_fd;
        int answer_fd; /* writing end */
} Translator;

/* clang-format off */
static const char *const pasta[] = {
        "pasta", "--foreground", "--quiet", "--stderr",
        "--ns-ifname", NETWORK_TAP, "--no-map-gw", "--dns-forward", NETWORK_NAME_SERVER,
        "--tcp-ports", "none", "--udp-ports", "none", "--tcp-ns", "none", "--udp-ns", "none",
        "--no-dhcp", "--no-dhcpv6", "--no-ra",
        "--pid", "/proc/self/fd/2",
        "--no-netns-quit", "--userns", "/proc/self/fd/3", "--netns", "/proc/self/fd/4",
        NULL,
};

/* IPv4 alone. Its gateway and name server are the second and third address of its network. */
static const char *const slirp4netns[] = {
        "slirp4netns", "--disable-host-loopback", "--enable-seccomp", "--cidr=192.0.0.0/24",
        "--mtu=65520", "--ready-fd=2",
        "--netns-type=path", "--userns-path=/proc/self/fd/3", "/proc/self/fd/4", NETWORK_TAP,
        NULL,
};
/* clang-format on */

static const struct Kind {
        const char *path;
        const char *const *arguments;
        bool ipv6;
} kinds[] = {
        { "/usr/bin/pasta", pasta, true },
        { "/usr/bin/slirp4netns", slirp4netns, false },
};

/* Puts the three descriptors on the numbers that the arguments name. All are moved out of the way
 * first, as each may sit on a place of another. */
static int arrange_descriptors(const Translator *translator) {
        const int keep_fds[] = { 3, 4 };
        int from[] = { translator->answer_fd, translator->userns_fd, translator->netns_fd };

        for (size_t i = 0; i < ELEMENTSOF(from); i++) {
                from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 10);
                if (from[i] < 0 || dup2(from[i], STDERR_FILENO + (int) i) < 0)
                        return -errno;
        }
        return process_close_but(keep_fds, ELEMENTSOF(keep_fds));
}

_Noreturn static void translate(const Translator *translator, pid_t parent) {
        int r;

        process_set_killable_for_memory(true);
        r = process_null_stdio(/* all= */ true);
        if (r >= 0)
                r = tun_provide();
        if (r >= 0)
                r = arrange_descriptors(translator);
        if (r < 0)
                _exit(EXIT_FAILURE);
        if (setgroups(0, NULL) < 0 ||
            setresgid(translator->owner, translator->owner, translator->owner) < 0 ||
            setresuid(translator->owner, translator->owner, translator->owner) < 0 ||
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                _exit(EXIT_FAILURE);
        process_die_with_parent(/* lifeline_fd= */ -EBADF);
        if (getppid() != parent)
                _exit(EXIT_FAILURE);
        /* It takes a signal that is ignored already for a failure. */
        process_default_signals();
        environ = NULL;
        (void) execv(translator->kind->path, (char *const *) translator->kind->arguments);
        dprintf(STDERR_FILENO, "cannot execute %s: %s", translator->kind->path, strerror(errno));
        _exit(EXIT_NO_TOOL);
}

/* Whether the last line is a number. Before it there may be lines about what is lacking, e.g. IPv6. */
static bool says_ready(const char *answer, size_t size) {
        if (size > 0 && answer[size - 1] == '\n')
                size--;
        for (size_t i = size; i > 0 && answer[i - 1] != '\n'; i--)
                if (!strchr("0123456789", answer[i - 1]))
                        return false;
        return size > 0 && answer[size - 1] != '\n';
}

/* Returns once the translator has said that it is ready, or why it is not. */
static int await_answer(int fd, Failure *reterr) {
        char answer[ANSWER_SIZE];
        size_t used = 0;
        ssize_t size;

        do {
                size = read(fd, answer + used, sizeof(answer) - 1 - used);
                if (size < 0)
                        return failure_set_errno(reterr, -errno, "Cannot wait for the network");
                used += (size_t) size;
                answer[used] = '\0';
                if (says_ready(answer, used))
                        return 0;
        } while (size > 0 && used < sizeof(answer) - 1);
        str_blank_controls(answer);
        return failure_set(
                        reterr,
                        -EOPNOTSUPP,
                        "Cannot connect the container to the network: %s",
                        used > 0 ? answer : "it gave up without a word");
}

static int open_namespace(pid_t pid, const char *kind) {
        char path[64];
        int fd;

        (void) snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int) pid, kind);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int start(Translator *translator, pid_t *ret_pid) {
        pid_t parent = getpid(), pid;

        /* The translator opens its pid file by name, and owns it for that. */
        if (fchown(translator->answer_fd, translator->owner, translator->owner) < 0)
                return -errno;
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0)
                translate(translator, parent);
        *ret_pid = pid;
        return 0;
}

/* The first that is installed. */
static const struct Kind *find_kind(void) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (access(kinds[i].path, X_OK) >= 0)
                        return &kinds[i];
        return NULL;
}

/* Starts the translator on the router's namespace, and returns once it runs. */
static int start_translator(
                const struct Kind *kind,
                const NetworkRouter *router,
                pid_t *ret_pid,
                Failure *reterr) {
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF;
        Translator translator = { .kind = kind,
                                  .owner = router->owner,
                                  .userns_fd = router->userns_fd,
                                  .netns_fd = router->netns_fd };
        int ends[2], r;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return failure_set_errno(reterr, -errno, "Cannot connect the network");
        read_fd = ends[0];
        translator.answer_fd = write_fd = ends[1];
        r = start(&translator, ret_pid);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot start the network");
        (void) close(TAKE_FD(write_fd));
        return await_answer(read_fd, reterr);
}

int network_connect(pid_t pid, uint32_t owner, const char *allow, pid_t *ret_pid, Failure *reterr) {
        _cleanup_close_ int userns_fd = -EBADF, inside_fd = -EBADF, netns_fd = -EBADF;
        NetworkRouter router = { .owner = owner, .allow = allow };
        const struct Kind *kind = find_kind();
        int r;

        if (!kind)
                return failure_set(
                                reterr,
                                -EOPNOTSUPP,
                                "Cannot connect the container to the network: neither pasta (package passt) nor slirp4netns is installed; install one.");
        router.ipv6 = kind->ipv6;
        router.userns_fd = userns_fd = open_namespace(pid, "user");
        router.inside_fd = inside_fd = open_namespace(pid, "net");
        if (userns_fd < 0 || inside_fd < 0)
                return failure_set_errno(
                                reterr,
                                userns_fd < 0 ? userns_fd : inside_fd,
                                "Cannot open the container's network");
        router.netns_fd = netns_fd = network_router_new(owner, userns_fd);
        if (netns_fd < 0)
                return failure_set_errno(reterr, netns_fd, "Cannot make the network's router");
        r = start_translator(kind, &router, ret_pid, reterr);
        return r < 0 ? r : network_router_set_up(&router, reterr);
}

void network_disconnect(pid_t pid) {
        process_kill(pid);
}
