/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The part of a plan that is the same for every job, as one table. What it binds of the host is
 * constant text: no path of a caller is ever in it. */

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "container/plan-op.h"

#define MIB            (1024ull * 1024ull)
#define TMP_SIZE_BYTES (1024 * MIB)
#define RUN_SIZE_BYTES (64 * MIB)
#define DEV_SIZE_BYTES (1 * MIB)
#define SHM_SIZE_BYTES (256 * MIB)

#define READ_ONLY (OP_READ_ONLY | OP_NOSUID | OP_NODEV)
#define DATA_ONLY (OP_NOSUID | OP_NODEV | OP_NOEXEC)

/* Folders that are links into /usr on most hosts and folders of their own on some. */
static const char *const program_folders[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64" };

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
                             "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n";
static const char group[] = "root:x:0:\n"
                            "tty:x:5:\n"
                            "nogroup:x:65534:\n";

/* /proc is mounted and masked while init is still real root: the masks are locked when the container
 * gets its own user namespace. /.inner/proc is the same, unmasked, behind a folder that only the
 * conductor can enter: the kernel lets a command have a /proc of its own PID namespace only where
 * one without masks is mounted already. */
static const MountOp base_ops[] = {
        { OP_BIND, READ_ONLY | OP_RECURSIVE, "/usr", "/usr", -EBADF },
        { OP_BIND, READ_ONLY | OP_OPTIONAL, "/etc/ld.so.cache", "/etc/ld.so.cache", -EBADF },
        { OP_BIND, READ_ONLY | OP_OPTIONAL, "/etc/alternatives", "/etc/alternatives", -EBADF },
        { OP_FILE, 0, "/etc/passwd", (char *) passwd, -EBADF, .mode = 0644 },
        { OP_FILE, 0, "/etc/group", (char *) group, -EBADF, .mode = 0644 },
        { OP_DIRECTORY, 0, "/sys", NULL, -EBADF, .mode = 0555 },
        { OP_DIRECTORY, 0, "/root", NULL, -EBADF, .mode = 0555 },

        { OP_TMPFS, DATA_ONLY | OP_OWNED, "/.inner", NULL, -EBADF, .size_bytes = 4096, .mode = 0700 },
        { OP_PROC, DATA_ONLY, "/.inner/proc", NULL, -EBADF },
        { OP_PROC, DATA_ONLY, "/proc", NULL, -EBADF },
        { OP_MASK, 0, "/proc/keys", NULL, -EBADF },
        { OP_MASK, 0, "/proc/kcore", NULL, -EBADF },
        { OP_MASK, 0, "/proc/sysrq-trigger", NULL, -EBADF },
        { OP_MASK, 0, "/proc/timer_list", NULL, -EBADF },
        { OP_MASK, 0, "/proc/acpi", NULL, -EBADF },
        { OP_MASK, 0, "/proc/scsi", NULL, -EBADF },
        { OP_SHIELD, 0, "/proc/sys", NULL, -EBADF },

        { OP_TMPFS, OP_NOSUID | OP_NOEXEC, "/dev", NULL, -EBADF, .size_bytes = DEV_SIZE_BYTES, .mode = 0755 },
        { OP_BIND, OP_NOSUID | OP_NOEXEC, "/dev/null", "/dev/null", -EBADF },
        { OP_BIND, OP_NOSUID | OP_NOEXEC, "/dev/zero", "/dev/zero", -EBADF },
        { OP_BIND, OP_NOSUID | OP_NOEXEC, "/dev/full", "/dev/full", -EBADF },
        { OP_BIND, OP_NOSUID | OP_NOEXEC, "/dev/random", "/dev/random", -EBADF },
        { OP_BIND, OP_NOSUID | OP_NOEXEC, "/dev/urandom", "/dev/urandom", -EBADF },
        { OP_DEVPTS, OP_NOSUID | OP_NOEXEC, "/dev/pts", NULL, -EBADF },
        { OP_TMPFS, DATA_ONLY, "/dev/shm", NULL, -EBADF, .size_bytes = SHM_SIZE_BYTES, .mode = 01777 },
        { OP_SYMLINK, 0, "/dev/ptmx", "pts/ptmx", -EBADF },
        { OP_SYMLINK, 0, "/dev/fd", "/proc/self/fd", -EBADF },
        { OP_SYMLINK, 0, "/dev/stdin", "/proc/self/fd/0", -EBADF },
        { OP_SYMLINK, 0, "/dev/stdout", "/proc/self/fd/1", -EBADF },
        { OP_SYMLINK, 0, "/dev/stderr", "/proc/self/fd/2", -EBADF },

        { OP_TMPFS, DATA_ONLY | OP_OWNED, "/tmp", NULL, -EBADF, .size_bytes = TMP_SIZE_BYTES, .mode = 01777 },
        { OP_TMPFS, DATA_ONLY | OP_OWNED, "/run", NULL, -EBADF, .size_bytes = RUN_SIZE_BYTES, .mode = 0755 },
};

static int add_program_folder(Plan *plan, const char *path) {
        char text[PATH_MAX];
        struct stat st;
        ssize_t size;

        if (lstat(path, &st) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (!S_ISLNK(st.st_mode))
                return plan_add_op(
                        plan,
                        &(MountOp) { .kind = OP_BIND,
                                     .flags = READ_ONLY | OP_RECURSIVE,
                                     .target = (char *) path,
                                     .source = (char *) path,
                                     .source_fd = -EBADF });
        size = readlink(path, text, sizeof(text) - 1);
        if (size < 0)
                return -errno;
        text[size] = '\0';
        return plan_add_op(
                plan,
                &(MountOp) { .kind = OP_SYMLINK,
                             .target = (char *) path,
                             .source = text,
                             .source_fd = -EBADF });
}

int plan_add_base(Plan *plan) {
        int r;

        for (size_t i = 0; i < ELEMENTSOF(base_ops); i++) {
                r = plan_add_op(plan, &base_ops[i]);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < ELEMENTSOF(program_folders); i++) {
                r = add_program_folder(plan, program_folders[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}
