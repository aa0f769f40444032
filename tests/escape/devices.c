/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Devices: new nodes, nodes that the image brings, nodes that should not be there, terminals. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/escape/escape.h"

static int make_node(const Attempt *attempt) {
        dev_t device = makedev((unsigned) attempt->numbers[1], (unsigned) attempt->numbers[2]);

        (void) unlink(attempt->text);
        return ANSWER(mknod(attempt->text, (mode_t) attempt->numbers[0] | 0666, device));
}

static int open_plant(const Attempt *attempt) {
        char path[PATH_MAX];

        (void) snprintf(path, sizeof(path), "%s/%s", target.plants, attempt->text);
        return ANSWER(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

/* As another user, who may open what its mode lets him. */
static int open_plant_as_other(const Attempt *attempt) {
        if (setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0)
                return errno;
        return open_plant(attempt);
}

static int on_terminal(const Attempt *attempt) {
        int fd = posix_openpt(O_RDWR | O_NOCTTY);
        char byte = 'x';

        return fd < 0 ? errno : ANSWER(ioctl(fd, (unsigned long) attempt->numbers[0], &byte));
}

static int take_terminal(const Attempt *attempt) {
        return ANSWER(ioctl((int) attempt->numbers[0], TIOCSCTTY, 0));
}

static int on_folder(const Attempt *attempt) {
        int fd = open(attempt->text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        unsigned long request = (unsigned long) attempt->numbers[0];
        int flags = FS_IMMUTABLE_FL;

        return fd < 0 ? errno : ANSWER(ioctl(fd, request, &flags));
}

static int change_mode(const Attempt *attempt) {
        return ANSWER(chmod(attempt->text, 0777));
}

static int change_owner(const Attempt *attempt) {
        return ANSWER(chown(attempt->text, 1, 1));
}

static int make_file(const Attempt *attempt) {
        return ANSWER(open(attempt->text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
}

static const Attempt rows[] = {
        { "mknod_block", make_node, EPERM, WORKS, "/tmp/block", { S_IFBLK, 7, 0 } },
        { "mknod_memory", make_node, EPERM, WORKS, "/tmp/memory", { S_IFCHR, 1, 1 } },
        { "mknod_zero", make_node, EPERM, WORKS, "/tmp/zero", { S_IFCHR, 1, 5 } },
        { "open_char_of_image", open_plant, EACCES, WORKS, "char" },
        { "open_block_of_image", open_plant, EACCES, WORKS, "block" },
        { "open_char_of_image_as_other", open_plant_as_other, EACCES, WORKS, "char" },
        { "dev_mem", open_text, ENOENT, UNTRIED, "/dev/mem", { O_RDONLY } },
        { "dev_kmem", open_text, ENOENT, UNTRIED, "/dev/kmem", { O_RDONLY } },
        { "dev_port", open_text, ENOENT, UNTRIED, "/dev/port", { O_RDONLY } },
        { "dev_kmsg", open_text, ENOENT, WORKS, "/dev/kmsg", { O_RDONLY } },
        { "dev_loop_control", open_text, ENOENT, WORKS, "/dev/loop-control", { O_RDWR } },
        { "dev_loop", open_text, ENOENT, WORKS, "/dev/loop0", { O_RDONLY } },
        { "dev_fuse", open_text, ENOENT, WORKS, "/dev/fuse", { O_RDWR } },
        { "dev_tun", open_text, ENOENT, WORKS, "/dev/net/tun", { O_RDWR } },
        { "dev_kvm", open_text, ENOENT, UNTRIED, "/dev/kvm", { O_RDWR } },
        { "dev_vhost", open_text, ENOENT, UNTRIED, "/dev/vhost-vsock", { O_RDWR } },
        { "dev_mapper", open_text, ENOENT, UNTRIED, "/dev/mapper/control", { O_RDWR } },
        { "dev_console", open_text, ENOENT, UNTRIED, "/dev/console", { O_WRONLY } },
        { "dev_tty", open_text, ENOENT, UNTRIED, "/dev/tty", { O_RDWR } },
        { "dev_tty1", open_text, ENOENT, WORKS, "/dev/tty1", { O_WRONLY | O_NOCTTY } },
        { "terminal_type", on_terminal, EPERM, UNTRIED, NULL, { TIOCSTI } },
        /* The kernel looks at the low half only. */
        { "terminal_type_high", on_terminal, EPERM, UNTRIED, NULL, { TIOCSTI | (1L << 32) } },
        { "terminal_select", on_terminal, EPERM, UNTRIED, NULL, { TIOCLINUX } },
        { "terminal_console", on_terminal, EITHER(EPERM, EINVAL), UNTRIED, NULL, { TIOCCONS } },
        { "take_terminal_of_stdin", take_terminal, ENOTTY, UNTRIED, NULL, { STDIN_FILENO } },
        { "take_terminal_of_stdout", take_terminal, ENOTTY, UNTRIED, NULL, { STDOUT_FILENO } },
        { "freeze_filesystem", on_folder, EITHER(EPERM, EOPNOTSUPP), UNTRIED, "/", { FIFREEZE } },
        { "trim_filesystem", on_folder, EITHER(EPERM, ENOTTY), UNTRIED, "/", { FITRIM } },
        { "set_immutable", on_folder, EPERM, UNTRIED, "/opt", { FS_IOC_SETFLAGS } },
        { "chmod_of_null", change_mode, EPERM, UNTRIED, "/dev/null" },
        { "chown_of_null", change_owner, EPERM, UNTRIED, "/dev/null" },
        { "chmod_of_dev", change_mode, EPERM, UNTRIED, "/dev" },
        { "new_file_in_dev", make_file, EACCES, UNTRIED, "/dev/new" },
};

const Attempts device_attempts = ATTEMPTS(rows);
