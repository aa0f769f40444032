/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A folder in memory with one node in it, over the host's folder and seen by this process alone. */

#include "container/tun.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "common/cleanup.h"
#include "container/detached.h"
#include "container/privilege.h"

#define TUN_MAJOR 10
#define TUN_MINOR 200

int tun_provide(void) {
        static const DetachedOption options[] = { { "size", "4k" }, { "mode", "0755" }, {} };
        PRIVILEGED;
        _cleanup_close_ int fd = detached_cover(
                        "/dev/net",
                        options,
                        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);

        if (fd < 0)
                return fd;
        (void) umask(0);
        return mknodat(fd, "tun", S_IFCHR | 0666, makedev(TUN_MAJOR, TUN_MINOR)) < 0 ? -errno : 0;
}
