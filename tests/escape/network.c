/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sockets, in a job that was not given the network. */

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/escape/escape.h"

#define FAMILY_HIGH 200

static int make_socket(const Attempt *attempt) {
        const long *n = attempt->numbers;

        return ANSWER(socket((int) n[0], (int) n[1] | SOCK_CLOEXEC, (int) n[2]));
}

static int make_socket_high(const Attempt *attempt) {
        const long *n = attempt->numbers;

        return ANSWER(syscall(SYS_socket, n[0] | 1L << 32, n[1], n[2]));
}

static int make_pair(const Attempt *attempt) {
        int ends[2];

        return ANSWER(socketpair((int) attempt->numbers[0], SOCK_STREAM, 0, ends));
}

static int connect_path(const Attempt *attempt) {
        const char *path = attempt->text ? attempt->text : target.socket;
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        return fd < 0 ? errno : ANSWER(connect(fd, (void *) &address, sizeof(address)));
}

static int connect_abstract(const Attempt *attempt) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, (int) attempt->numbers[0] | SOCK_CLOEXEC, 0);
        size_t size = strlen(target.abstract);

        (void) memcpy(address.sun_path + 1, target.abstract, size);
        size += offsetof(struct sockaddr_un, sun_path) + 1;
        return fd < 0 ? errno : ANSWER(connect(fd, (void *) &address, (socklen_t) size));
}

static int connect_host(const Attempt *attempt) {
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = htons((in_port_t) target.port),
                                       .sin_addr.s_addr = htonl((in_addr_t) attempt->numbers[0]) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        return fd < 0 ? errno : ANSWER(connect(fd, (void *) &address, sizeof(address)));
}

static int send_to(const Attempt *attempt) {
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = htons(53),
                                       .sin_addr.s_addr = htonl((in_addr_t) attempt->numbers[0]) };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        return fd < 0 ? errno : ANSWER(sendto(fd, "x", 1, 0, (void *) &address, sizeof(address)));
}

static int raise_loopback(const Attempt *attempt) {
        struct ifreq request = { .ifr_flags = IFF_UP };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        (void) snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", attempt->text);
        return fd < 0 ? errno : ANSWER(ioctl(fd, SIOCSIFFLAGS, &request));
}

/* Waits for the kernel's answer to a request for a new interface. */
static int make_interface(const Attempt *attempt) {
        struct {
                struct nlmsghdr header;
                struct ifinfomsg info;
        } request = { .header = { .nlmsg_len = sizeof(request),
                                  .nlmsg_type = RTM_NEWLINK,
                                  .nlmsg_flags = (__u16) attempt->numbers[0] } };
        struct {
                struct nlmsghdr header;
                struct nlmsgerr error;
                char space[256];
        } answer = {};
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

        if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0 ||
            recv(fd, &answer, sizeof(answer), 0) < 0)
                return errno;
        return answer.header.nlmsg_type == NLMSG_ERROR ? -answer.error.error : EBADMSG;
}

static int set_option(const Attempt *attempt) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int value = 1;

        if (fd < 0)
                return errno;
        return ANSWER(
                        setsockopt(fd,
                                   (int) attempt->numbers[0],
                                   (int) attempt->numbers[1],
                                   &value,
                                   sizeof(value)));
}

#define REFUSED EAFNOSUPPORT
#define NETLINK(name, protocol, outside)                     \
        {                                                    \
                name, make_socket, REFUSED, outside, NULL, { \
                        AF_NETLINK, SOCK_RAW, protocol       \
                }                                            \
        }

static const Attempt rows[] = {
        { "vsock", make_socket, REFUSED, WORKS, NULL, { AF_VSOCK, SOCK_STREAM } },
        { "packet", make_socket, REFUSED, WORKS, NULL, { AF_PACKET, SOCK_RAW } },
        { "alg", make_socket, REFUSED, UNTRIED, NULL, { AF_ALG, SOCK_SEQPACKET } },
        { "key", make_socket, REFUSED, UNTRIED, NULL, { AF_KEY, SOCK_RAW, 2 } },
        { "xdp", make_socket, REFUSED, UNTRIED, NULL, { AF_XDP, SOCK_RAW } },
        { "bluetooth", make_socket, REFUSED, UNTRIED, NULL, { AF_BLUETOOTH, SOCK_RAW } },
        { "can", make_socket, REFUSED, UNTRIED, NULL, { AF_CAN, SOCK_RAW } },
        { "tipc", make_socket, REFUSED, UNTRIED, NULL, { AF_TIPC, SOCK_SEQPACKET } },
        { "rds", make_socket, REFUSED, UNTRIED, NULL, { AF_RDS, SOCK_SEQPACKET } },
        { "smc", make_socket, REFUSED, UNTRIED, NULL, { AF_SMC, SOCK_STREAM } },
        { "ax25", make_socket, REFUSED, UNTRIED, NULL, { AF_AX25, SOCK_DGRAM } },
        { "unknown_family", make_socket, REFUSED, UNTRIED, NULL, { FAMILY_HIGH, SOCK_STREAM } },
        { "negative_family", make_socket, REFUSED, UNTRIED, NULL, { -1, SOCK_STREAM } },
        { "vsock_pair", make_pair, REFUSED, EOPNOTSUPP, NULL, { AF_VSOCK } },
        { "inet_pair", make_pair, REFUSED, EOPNOTSUPP, NULL, { AF_INET } },
        { "tipc_pair", make_pair, REFUSED, UNTRIED, NULL, { AF_TIPC } },
        NETLINK("netlink_audit", NETLINK_AUDIT, UNTRIED),
        NETLINK("netlink_uevent", NETLINK_KOBJECT_UEVENT, WORKS),
        NETLINK("netlink_generic", NETLINK_GENERIC, WORKS),
        NETLINK("netlink_diag", NETLINK_SOCK_DIAG, WORKS),
        NETLINK("netlink_netfilter", NETLINK_NETFILTER, UNTRIED),
        NETLINK("netlink_xfrm", NETLINK_XFRM, UNTRIED),
        NETLINK("netlink_connector", NETLINK_CONNECTOR, UNTRIED),
        NETLINK("netlink_selinux", NETLINK_SELINUX, UNTRIED),
        { "mptcp", make_socket, EPROTONOSUPPORT, UNTRIED, NULL, { AF_INET, SOCK_STREAM, 262 } },
        { "sctp", make_socket, EPROTONOSUPPORT, UNTRIED, NULL, { AF_INET, SOCK_STREAM, 132 } },
        { "sctp_6", make_socket, EPROTONOSUPPORT, UNTRIED, NULL, { AF_INET6, SOCK_STREAM, 132 } },
        { "l2tp", make_socket, EPROTONOSUPPORT, UNTRIED, NULL, { AF_INET, SOCK_DGRAM, 115 } },
        { "udplite", make_socket, EPROTONOSUPPORT, UNTRIED, NULL, { AF_INET, SOCK_DGRAM, 136 } },
        { "dccp", make_socket, EPROTONOSUPPORT, UNTRIED, NULL, { AF_INET, 6, 33 } },
        { "dccp_6", make_socket, EPROTONOSUPPORT, UNTRIED, NULL, { AF_INET6, 6, 33 } },
        /* The kernel looks at the low half of an argument only. */
        { "vsock_high", make_socket_high, REFUSED, UNTRIED, NULL, { AF_VSOCK, SOCK_STREAM } },
        { "raw", make_socket, EPERM, WORKS, NULL, { AF_INET, SOCK_RAW, IPPROTO_ICMP } },
        { "raw_6", make_socket, EPERM, UNTRIED, NULL, { AF_INET6, SOCK_RAW, IPPROTO_ICMPV6 } },
        { "system_bus", connect_path, ENOENT, WORKS, NULL },
        { "journal", connect_path, ENOENT, UNTRIED, "/run/systemd/journal/stdout" },
        { "container_daemon", connect_path, ENOENT, UNTRIED, "/run/docker.sock" },
        { "abstract_socket", connect_abstract, ECONNREFUSED, WORKS, NULL, { SOCK_STREAM } },
        { "host_loopback", connect_host, ENETUNREACH, WORKS, NULL, { INADDR_LOOPBACK } },
        { "host_loopback_any", connect_host, ENETUNREACH, WORKS, NULL, { INADDR_ANY } },
        { "cloud_metadata", connect_host, ENETUNREACH, UNTRIED, NULL, { 0xa9fea9fe } },
        { "private_range", send_to, ENETUNREACH, UNTRIED, NULL, { 0x0a000001 } },
        { "documentation_range", send_to, ENETUNREACH, UNTRIED, NULL, { 0xc0000201 } },
        { "broadcast", send_to, ENETUNREACH, UNTRIED, NULL, { 0xffffffff } },
        { "raise_loopback", raise_loopback, EPERM, UNTRIED, "lo" },
        { "make_interface", make_interface, EPERM, UNTRIED, NULL, { NLM_F_REQUEST | NLM_F_ACK } },
        { "mark", set_option, EPERM, WORKS, NULL, { SOL_SOCKET, SO_MARK } },
        { "transparent", set_option, EPERM, WORKS, NULL, { SOL_IP, 19 /* IP_TRANSPARENT */ } },
        { "force_buffer", set_option, EPERM, WORKS, NULL, { SOL_SOCKET, SO_RCVBUFFORCE } },
        { "debug_socket", set_option, EACCES, WORKS, NULL, { SOL_SOCKET, SO_DEBUG } },
};

const Attempts network_attempts = ATTEMPTS(rows);
