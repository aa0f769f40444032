/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A folder in memory with one node in it, over the host's folder and seen by this process alone. */

#include "container/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "container/detached.h"
#include "container/namespace.h"
#include "container/privilege.h"

#define TUN_MAJOR 10
#define TUN_MINOR 200

int tun_provide(void) {
        static const DetachedOption options[] = { { "size", "4k" }, { "mode", "0755" }, {} };
        PRIVILEGED;
        _cleanup_close_ int mount_fd = -EBADF, target_fd = -EBADF;
        int r;

        if (unshare(CLONE_NEWNS) < 0)
                return -errno;
        r = namespace_make_private();
        if (r < 0)
                return r;
        target_fd = open("/dev/net", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (target_fd < 0)
                return -errno;
        mount_fd = detached_filesystem("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
        if (mount_fd < 0)
                return mount_fd;
        r = detached_attach(mount_fd, target_fd);
        if (r < 0)
                return r;
        (void) umask(0);
        r = mknodat(mount_fd, "tun", S_IFCHR | 0666, makedev(TUN_MAJOR, TUN_MINOR));
        return r < 0 ? -errno : 0;
}
