/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The routes are set by `ip`, not by rtnetlink messages of our own: a batch is text that a test can
 * compare and an administrator can read, any host with a network has the program, and attributes
 * nested by hand for links, peers, addresses and two kinds of routes would be longer than all of
 * this file. It runs as the id that owns the user namespace, which is nobody else's: over the two
 * namespaces it may do everything, and nothing else anywhere.
 */

#include "container/network-router.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/strings.h"
#include "container/network-guard.h"
#include "container/process.h"

#define SAID_SIZE  512u
#define INSIDE_FD  3
#define INSIDE_NET "/proc/self/fd/3"
#define EXIT_NO_IP 127

static const char *const programs[] = { "/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip" };

/* What a router needs beside routes. ICMP messages are how a refusal is seen at once; the kernel
 * sends few of them, else. The translator slirp4netns asks for the container's address. */
static const struct {
        const char *path;
        const char *value;
} switches[] = {
        { "/proc/sys/net/ipv4/ip_forward", "1" },
        { "/proc/sys/net/ipv4/icmp_ratelimit", "0" },
        { "/proc/sys/net/ipv4/conf/" NETWORK_TAP "/proxy_arp", "1" },
        { "/proc/sys/net/ipv6/conf/all/forwarding", "1" },
        { "/proc/sys/net/ipv6/icmp/ratelimit", "0" },
};

static int become_owner(uint32_t owner, int userns_fd) {
        if (setgroups(0, NULL) < 0 || setresgid(owner, owner, owner) < 0 ||
            setresuid(owner, owner, owner) < 0 || setns(userns_fd, CLONE_NEWUSER) < 0)
                return -errno;
        return 0;
}

static int become_router(uint32_t owner, int userns_fd) {
        int r = become_owner(owner, userns_fd);

        if (r < 0)
                return r;
        return unshare(CLONE_NEWNET) < 0 ? -errno : 0;
}

int network_router_new(uint32_t owner, int userns_fd) {
        _cleanup_close_ int our_end = -EBADF, child_end = -EBADF;
        char path[64];
        int ends[2], r;
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        our_end = ends[0];
        child_end = ends[1];
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                (void) close(TAKE_FD(our_end));
                process_tell_and_live(child_end, become_router(owner, userns_fd));
        }
        (void) close(TAKE_FD(child_end));
        r = process_told(our_end);
        if (r == 0) {
                (void) snprintf(path, sizeof(path), "/proc/%d/ns/net", (int) pid);
                r = open(path, O_RDONLY | O_CLOEXEC);
                r = r < 0 ? -errno : r;
        }
        process_kill(pid);
        return r;
}

typedef struct Ip {
        const NetworkRouter *router;
        const char *where; /* for failures: "router" */
        int netns_fd;      /* where it works */
        int text_fd;       /* its lines */
        int said_fd;       /* writing end: what it says when it refuses */
        bool forwards;     /* set the switches of a router, too */
} Ip;

/* A kernel without IPv6 lacks the switches for it. */
static int set_switches(void) {
        for (size_t i = 0; i < ELEMENTSOF(switches); i++) {
                _cleanup_close_ int fd = open(switches[i].path, O_WRONLY | O_CLOEXEC);
                int r = fd < 0 ? -errno
                               : fd_write_all(fd, switches[i].value, strlen(switches[i].value));

                if (r == -ENOENT)
                        continue;
                if (r < 0) {
                        dprintf(STDERR_FILENO, "%s: %s", switches[i].path, strerror(-r));
                        return r;
                }
        }
        return 0;
}

static int arrange_descriptors(const Ip *ip) {
        const int keep_fds[] = { INSIDE_FD };
        const int to[] = { STDIN_FILENO, STDERR_FILENO, INSIDE_FD };
        int from[] = { ip->text_fd, ip->said_fd, ip->router->inside_fd };

        for (size_t i = 0; i < ELEMENTSOF(from); i++) {
                from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 10);
                if (from[i] < 0)
                        return -errno;
        }
        for (size_t i = 0; i < ELEMENTSOF(from); i++)
                if (dup2(from[i], to[i]) < 0)
                        return -errno;
        return process_close_but(keep_fds, ELEMENTSOF(keep_fds));
}

_Noreturn static void run_ip(const Ip *ip) {
        char *const no_environment[] = { NULL };
        int r;

        process_die_with_parent(/* lifeline_fd= */ -EBADF);
        r = process_null_stdio(/* all= */ true);
        if (r >= 0)
                r = become_owner(ip->router->owner, ip->router->userns_fd);
        if (r >= 0 && setns(ip->netns_fd, CLONE_NEWNET) < 0)
                r = -errno;
        if (r >= 0)
                r = arrange_descriptors(ip);
        if (r < 0)
                process_exit(r);
        if (ip->forwards && set_switches() < 0)
                _exit(EXIT_FAILURE);
        process_default_signals();
        for (size_t i = 0; i < ELEMENTSOF(programs); i++) {
                char *const argv[] = { (char *) "ip", (char *) "-batch", (char *) "-", NULL };

                (void) execve(programs[i], argv, no_environment);
        }
        dprintf(STDERR_FILENO, "cannot execute ip (package iproute2): %s", strerror(errno));
        _exit(EXIT_NO_IP);
}

/* Its end is its end of file. */
static int await_ip(const Ip *ip, pid_t pid, int said_fd, Failure *reterr) {
        char said[SAID_SIZE];
        size_t used = 0;
        ssize_t size;
        int status, r;

        while ((size = read(said_fd, said + used, sizeof(said) - 1 - used)) > 0)
                used += (size_t) size;
        said[used] = '\0';
        r = process_wait(pid, &status);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot wait for the container's network");
        if (status == 0)
                return 0;
        str_blank_controls(said);
        return failure_set(
                        reterr,
                        -EOPNOTSUPP,
                        "Cannot set the routes of the container's network (%s): %s.",
                        ip->where,
                        used > 0 ? said : "ip failed without a word");
}

static int start_ip(Ip *ip, const Buffer *text, Failure *reterr) {
        _cleanup_close_ int text_fd = memfd_create("routes", MFD_CLOEXEC), read_fd = -EBADF,
                            write_fd = -EBADF;
        int ends[2], r;
        pid_t pid;

        r = text_fd < 0 ? -errno : fd_write_all(text_fd, text->data, text->size);
        if (r >= 0 && (lseek(text_fd, 0, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC) < 0))
                r = -errno;
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot set the routes of the container");
        read_fd = ends[0];
        write_fd = ends[1];
        ip->text_fd = text_fd;
        ip->said_fd = write_fd;
        pid = fork();
        if (pid < 0)
                return failure_set_errno(reterr, -errno, "Cannot set the routes of the container");
        if (pid == 0)
                run_ip(ip);
        (void) close(TAKE_FD(write_fd));
        return await_ip(ip, pid, read_fd, reterr);
}

/* Asks the kernel for a route; nothing is sent. */
static bool has_ipv6(void) {
        struct sockaddr_in6 address = { .sin6_family = AF_INET6,
                                        .sin6_port = 1,
                                        .sin6_addr = { { { 0x20 } } } };
        _cleanup_close_ int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        return fd >= 0 && connect(fd, (struct sockaddr *) &address, sizeof(address)) >= 0;
}

static int configure(const NetworkRouter *router, const NetworkGuard *guard, Failure *reterr) {
        _cleanup_buffer_ Buffer outer = {}, inner = {};
        Ip ip = { .router = router,
                  .where = "router",
                  .netns_fd = router->netns_fd,
                  .forwards = true };
        int r = network_guard_router(guard, INSIDE_NET, &outer);

        if (r >= 0)
                r = network_guard_inside(guard, &inner);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot set the routes of the container");
        r = start_ip(&ip, &outer, reterr);
        if (r < 0)
                return r;
        ip = (Ip){ .router = router, .where = "container", .netns_fd = router->inside_fd };
        return start_ip(&ip, &inner, reterr);
}

int network_router_set_up(const NetworkRouter *router, Failure *reterr) {
        _cleanup_free_ Cidr *own = NULL, *allow = NULL;
        NetworkGuard guard = { .ipv6 = router->ipv6 && has_ipv6() };
        int r = network_guard_own(&own, &guard.n_own);

        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot list the addresses of this host");
        r = network_guard_read(router->allow, &allow, &guard.n_allow);
        if (r < 0)
                return failure_set(
                                reterr,
                                r,
                                "\"%.200s\" is no list of ranges of addresses for the network.",
                                router->allow);
        guard.own = own;
        guard.allow = allow;
        return configure(router, &guard, reterr);
}
