/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What libfuse finds under the name of fusermount in a reader's cage. There everything is mounted
 * before the reader begins, so all that is left to do is to hand the device, which this process has
 * inherited, to the library over the socket it names in _FUSE_COMMFD. Options and the mount point
 * that the library gives are not looked at.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "container/fuse-cage.h"

static int send_device(int socket_fd) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int))];
        } control = {};
        char byte = 0;
        struct iovec data = { .iov_base = &byte, .iov_len = 1 };
        struct msghdr message = {
                .msg_iov = &data,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        const int device_fd = FUSE_CAGE_DEVICE_FD;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);

        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &device_fd, sizeof(int));
        return sendmsg(socket_fd, &message, MSG_NOSIGNAL) == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(void) {
        const char *text = getenv("_FUSE_COMMFD");
        long socket_fd;
        char *end;

        if (!text || *text == '\0')
                return EXIT_FAILURE;
        socket_fd = strtol(text, &end, 10);
        if (*end != '\0' || socket_fd < 0 || socket_fd > FUSE_CAGE_DESCRIPTOR_MAX)
                return EXIT_FAILURE;
        return send_device((int) socket_fd);
}
