/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The part of a plan that is the same for every job, as one table. What it binds of the host is
 * constant text: no path of a caller is ever in it. */

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "container/network-guard.h"
#include "container/plan-op.h"

#define MIB      (1024ull * 1024ull)
#define PROGRAMS (OP_READ_ONLY | OP_NOSUID | OP_NODEV | OP_RECURSIVE)
#define OPTIONAL (OP_READ_ONLY | OP_NOSUID | OP_NODEV | OP_OPTIONAL)
#define DATA     (OP_NOSUID | OP_NODEV | OP_NOEXEC)
#define OWNED    (DATA | OP_OWNED)
#define DEVICES  (OP_NOSUID | OP_NOEXEC)

/* Folders that are links into /usr on most hosts and folders of their own on some. */
static const char *const program_folders[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64" };

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
                             "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n";
static const char group[] = "root:x:0:\n"
                            "tty:x:5:\n"
                            "nogroup:x:65534:\n";
static const char resolv_conf[] = "nameserver " NETWORK_NAME_SERVER "\n";

/* /proc is mounted and masked while init is still real root: the masks are locked when the
 * container gets its own user namespace. /.inner/proc is the same, unmasked, behind a folder
 * that only the conductor can enter: the kernel lets a command have a /proc of its own PID
 * namespace only where one without masks is mounted already. */
static const struct {
        OpKind kind;
        unsigned flags;
        const char *target;
        const char *source;
        uint64_t size_bytes;
        mode_t mode;
} base_ops[] = {
        { OP_BIND, PROGRAMS, "/usr", "/usr", 0, 0 },
        { OP_BIND, OPTIONAL, "/etc/ld.so.cache", "/etc/ld.so.cache", 0, 0 },
        { OP_BIND, OPTIONAL, "/etc/alternatives", "/etc/alternatives", 0, 0 },
        { OP_FILE, 0, "/etc/passwd", passwd, 0, 0644 },
        { OP_FILE, 0, "/etc/group", group, 0, 0644 },
        { OP_FILE, 0, "/etc/resolv.conf", resolv_conf, 0, 0644 },
        { OP_DIRECTORY, 0, "/sys", NULL, 0, 0555 },
        { OP_DIRECTORY, 0, "/root", NULL, 0, 0555 },

        { OP_TMPFS, OWNED, "/.inner", NULL, 1 * MIB, 0700 },
        { OP_PROC, DATA, "/.inner/proc", NULL, 0, 0 },
        { OP_PROC, DATA, "/proc", NULL, 0, 0 },
        { OP_MASK, 0, "/proc/keys", NULL, 0, 0 },
        { OP_MASK, 0, "/proc/kcore", NULL, 0, 0 },
        { OP_MASK, 0, "/proc/sysrq-trigger", NULL, 0, 0 },
        { OP_MASK, 0, "/proc/timer_list", NULL, 0, 0 },
        { OP_MASK, 0, "/proc/acpi", NULL, 0, 0 },
        { OP_MASK, 0, "/proc/scsi", NULL, 0, 0 },
        { OP_SHIELD, 0, "/proc/sys", NULL, 0, 0 },

        { OP_TMPFS, DEVICES, "/dev", NULL, 1 * MIB, 0755 },
        { OP_BIND, DEVICES, "/dev/null", "/dev/null", 0, 0 },
        { OP_BIND, DEVICES, "/dev/zero", "/dev/zero", 0, 0 },
        { OP_BIND, DEVICES, "/dev/full", "/dev/full", 0, 0 },
        { OP_BIND, DEVICES, "/dev/random", "/dev/random", 0, 0 },
        { OP_BIND, DEVICES, "/dev/urandom", "/dev/urandom", 0, 0 },
        { OP_DEVPTS, DEVICES, "/dev/pts", NULL, 0, 0 },
        { OP_TMPFS, DATA, "/dev/shm", NULL, 256 * MIB, 01777 },
        { OP_SYMLINK, 0, "/dev/ptmx", "pts/ptmx", 0, 0 },
        { OP_SYMLINK, 0, "/dev/fd", "/proc/self/fd", 0, 0 },
        { OP_SYMLINK, 0, "/dev/stdin", "/proc/self/fd/0", 0, 0 },
        { OP_SYMLINK, 0, "/dev/stdout", "/proc/self/fd/1", 0, 0 },
        { OP_SYMLINK, 0, "/dev/stderr", "/proc/self/fd/2", 0, 0 },

        { OP_TMPFS, OWNED, "/tmp", NULL, 1024 * MIB, 01777 },
        { OP_TMPFS, OWNED, "/run", NULL, 64 * MIB, 0755 },
};

int plan_add_host_path(Plan *plan, const char *path, unsigned flags) {
        return plan_add_op(
                        plan,
                        &(MountOp){ .kind = OP_BIND,
                                    .flags = flags,
                                    .target = (char *) path,
                                    .source = (char *) path,
                                    .source_fd = -EBADF });
}

int plan_add_host_folder(Plan *plan, const char *path, unsigned flags) {
        char text[PATH_MAX];
        struct stat st;
        ssize_t size;

        if (lstat(path, &st) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (!S_ISLNK(st.st_mode))
                return plan_add_host_path(plan, path, flags);
        size = readlink(path, text, sizeof(text) - 1);
        if (size < 0)
                return -errno;
        text[size] = '\0';
        return plan_add_op(
                        plan,
                        &(MountOp){ .kind = OP_SYMLINK,
                                    .target = (char *) path,
                                    .source = text,
                                    .source_fd = -EBADF });
}

int plan_add_base(Plan *plan) {
        int r;

        for (size_t i = 0; i < ELEMENTSOF(base_ops); i++) {
                r = plan_add_op(plan,
                                &(MountOp){ .kind = base_ops[i].kind,
                                            .flags = base_ops[i].flags,
                                            .target = (char *) base_ops[i].target,
                                            .source = (char *) base_ops[i].source,
                                            .source_fd = -EBADF,
                                            .size_bytes = base_ops[i].size_bytes,
                                            .mode = base_ops[i].mode });
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < ELEMENTSOF(program_folders); i++) {
                r = plan_add_host_folder(plan, program_folders[i], PROGRAMS);
                if (r < 0)
                        return r;
        }
        return 0;
}
