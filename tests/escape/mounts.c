/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Mounts: new ones, weaker flags for those that are there, and what lies below them. */

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/escape/escape.h"

static int mount_text(const Attempt *attempt) {
        return ANSWER(mount("none", "/tmp", attempt->text, 0, NULL));
}

static int mount_union(const Attempt *attempt) {
        return ANSWER(mount("none", "/tmp", "overlay", 0, attempt->text));
}

static int mount_flags(const Attempt *attempt) {
        return ANSWER(
                        mount(attempt->text,
                              attempt->text,
                              NULL,
                              (unsigned long) attempt->numbers[0],
                              NULL));
}

/* Outside, the flags to clear have to be there first. */
static int clear(const Attempt *attempt) {
        struct mount_attr attr = { .attr_clr = (uint64_t) attempt->numbers[0] };

        return ANSWER(mount_setattr(AT_FDCWD, attempt->text, 0, &attr, sizeof(attr)));
}

static int unmount(const Attempt *attempt) {
        return ANSWER(umount2(attempt->text, MNT_DETACH));
}

/* The folder that is left open over a chroot(2) leads to the outside of it. */
static int break_chroot(const Attempt *attempt) {
        int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 || (mkdir(attempt->text, 0700) < 0 && errno != EEXIST) ||
            chroot(attempt->text) < 0 || fchdir(fd) < 0)
                return errno;
        for (int i = 0; i < 64; i++)
                if (chdir("..") < 0)
                        return errno;
        if (chroot(".") < 0)
                return errno;
        return ANSWER(access(target.canary, R_OK));
}

static const Attempt rows[] = {
        { "mount_tmpfs", mount_text, EPERM, WORKS, "tmpfs" },
        { "mount_proc", mount_text, EPERM, WORKS, "proc" },
        { "mount_sysfs", mount_text, EPERM, WORKS, "sysfs" },
        { "mount_devtmpfs", mount_text, EPERM, WORKS, "devtmpfs" },
        { "mount_devpts", mount_text, EPERM, WORKS, "devpts" },
        { "mount_mqueue", mount_text, EPERM, UNTRIED, "mqueue" },
        { "mount_cgroup", mount_text, EPERM, UNTRIED, "cgroup" },
        { "mount_cgroup2", mount_text, EPERM, WORKS, "cgroup2" },
        { "mount_debugfs", mount_text, EPERM, UNTRIED, "debugfs" },
        { "mount_securityfs", mount_text, EPERM, UNTRIED, "securityfs" },
        { "mount_binfmt_misc", mount_text, EPERM, UNTRIED, "binfmt_misc" },
        { "mount_fuse", mount_text, EPERM, EINVAL, "fuse" },
        { "mount_ext4", mount_text, EPERM, UNTRIED, "ext4" },
        { "mount_overlay", mount_union, EPERM, WORKS, "lowerdir=/usr:/etc" },
        { "mount_bind", mount_flags, EPERM, WORKS, "/tmp", { MS_BIND } },
        { "mount_remount", mount_flags, EPERM, WORKS, "/", { MS_REMOUNT | MS_BIND } },
        { "mount_remount_dev", mount_flags, EPERM, UNTRIED, "/dev", { MS_REMOUNT | MS_BIND } },
        { "mount_shared", mount_flags, EPERM, WORKS, "/", { MS_REC | MS_SHARED } },
        { "mount_slave", mount_flags, EPERM, WORKS, "/", { MS_REC | MS_SLAVE } },
        { "fsopen", call, EPERM, WORKS, NULL, { SYS_fsopen, (long) "tmpfs", 0 } },
        { "fspick", call, EPERM, WORKS, NULL, { SYS_fspick, AT_FDCWD, (long) "/", 0 } },
        { "fsconfig", call, EPERM, EINVAL, NULL, { SYS_fsconfig, -1, 0, 0, 0, 0 } },
        { "fsmount", call, EPERM, EBADF, NULL, { SYS_fsmount, -1, 0, 0 } },
        { "open_tree",
          call,
          EPERM,
          WORKS,
          NULL,
          { SYS_open_tree, AT_FDCWD, (long) "/", OPEN_TREE_CLONE } },
        { "move_mount",
          call,
          EPERM,
          EITHER(EBADF, ENOENT),
          NULL,
          { SYS_move_mount, -1, (long) "", -1, (long) "", MOVE_MOUNT_F_EMPTY_PATH } },
        { "clear_nodev", clear, EPERM, WORKS, "/", { MOUNT_ATTR_NODEV } },
        { "clear_nosuid", clear, EPERM, WORKS, "/", { MOUNT_ATTR_NOSUID } },
        { "clear_read_only", clear, EPERM, WORKS, "/", { MOUNT_ATTR_RDONLY } },
        { "clear_noexec_of_tmp", clear, EPERM, UNTRIED, "/tmp", { MOUNT_ATTR_NOEXEC } },
        { "umount_mask_of_keys", unmount, EPERM, UNTRIED, "/proc/keys" },
        { "umount_mask_of_sys", unmount, EPERM, UNTRIED, "/proc/sys" },
        { "umount_proc", unmount, EPERM, WORKS, "/proc" },
        { "umount_dev", unmount, EPERM, WORKS, "/dev" },
        { "umount_root", unmount, EPERM, UNTRIED, "/" },
        { "pivot_root", call, EPERM, UNTRIED, NULL, { SYS_pivot_root, (long) "/", (long) "/" } },
        { "break_chroot", break_chroot, ENOENT, WORKS, "/tmp/chroot" },
        { "open_tree_attr", call, ENOSYS, UNTRIED, NULL, { 467, AT_FDCWD, (long) "/", 1, 0, 0 } },
        { "listmount", call, ENOSYS, UNTRIED, NULL, { 458, 0, 0, 0, 0 } },
};

const Attempts mount_attempts = ATTEMPTS(rows);
