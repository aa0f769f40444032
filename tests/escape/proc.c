/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What /proc and /sys could give or take. */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/escape/escape.h"

/* A mask is the device null, or an empty folder, in the place of the thing. */
static int see_behind_mask(const Attempt *attempt) {
        int fd = open(attempt->text, (int) attempt->numbers[0] | O_NONBLOCK | O_CLOEXEC);
        struct stat st;
        DIR *d;

        if (fd < 0)
                return errno;
        if (fstat(fd, &st) < 0)
                return errno;
        if (S_ISCHR(st.st_mode))
                return st.st_rdev == makedev(1, 3) ? KEPT : WORKS;
        d = S_ISDIR(st.st_mode) ? fdopendir(fd) : NULL;
        if (!d)
                return WORKS;
        for (struct dirent *entry; (entry = readdir(d));)
                if (entry->d_name[0] != '.')
                        return WORKS;
        return KEPT;
}

static int read_text(const Attempt *attempt) {
        int fd = open(attempt->text, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        char bytes[64];

        return fd < 0 ? errno : ANSWER(read(fd, bytes, sizeof(bytes)));
}

static int follow(const Attempt *attempt) {
        char text[256];

        return ANSWER(readlink(attempt->text, text, sizeof(text)));
}

static int enter(const Attempt *attempt) {
        return ANSWER(chdir(attempt->text));
}

/* KEPT when the file says only zeros for what it is about. */
static int read_addresses(const Attempt *attempt) {
        FILE *f = fopen(attempt->text, "re");
        char line[256], *end;

        if (!f)
                return errno;
        while (fgets(line, sizeof(line), f))
                if (strtoull(line, &end, 16) != 0 && end > line)
                        return WORKS;
        return KEPT;
}

static int write_text(const Attempt *attempt) {
        const char *text = (const char *) attempt->numbers[0];
        int fd = open(attempt->text, O_WRONLY | O_CLOEXEC);

        return fd < 0 ? errno : ANSWER(write(fd, text, strlen(text)));
}

static int see_cgroup(const Attempt *attempt) {
        FILE *f = fopen(attempt->text, "re");
        char line[512];

        if (!f)
                return errno;
        while (fgets(line, sizeof(line), f))
                if (!strstr(line, ":/\n"))
                        return WORKS;
        return KEPT;
}

#define WRITE(name, path, error, outside, text)           \
        {                                                 \
                name, write_text, error, outside, path, { \
                        (long) (text)                     \
                }                                         \
        }

static const Attempt rows[] = {
        { "proc_keys", see_behind_mask, KEPT, WORKS, "/proc/keys", { O_RDONLY } },
        { "proc_kcore",
          see_behind_mask,
          EITHER(KEPT, ENOENT),
          UNTRIED,
          "/proc/kcore",
          { O_RDONLY } },
        { "proc_sysrq",
          see_behind_mask,
          EITHER(KEPT, ENOENT),
          UNTRIED,
          "/proc/sysrq-trigger",
          { O_WRONLY } },
        { "proc_timer_list", see_behind_mask, KEPT, UNTRIED, "/proc/timer_list", { O_RDONLY } },
        { "proc_acpi", see_behind_mask, EITHER(KEPT, ENOENT), UNTRIED, "/proc/acpi", { O_RDONLY } },
        { "proc_scsi", see_behind_mask, EITHER(KEPT, ENOENT), UNTRIED, "/proc/scsi", { O_RDONLY } },
        { "proc_kmsg", open_text, EACCES, WORKS, "/proc/kmsg", { O_RDONLY } },
        { "proc_kpageflags", open_text, EACCES, UNTRIED, "/proc/kpageflags", { O_RDONLY } },
        { "proc_vmallocinfo", open_text, EACCES, WORKS, "/proc/vmallocinfo", { O_RDONLY } },
        { "proc_slabinfo", open_text, EACCES, UNTRIED, "/proc/slabinfo", { O_RDONLY } },
        { "proc_pagetypeinfo", open_text, EACCES, UNTRIED, "/proc/pagetypeinfo", { O_RDONLY } },
        { "proc_kallsyms", read_addresses, KEPT, UNTRIED, "/proc/kallsyms" },
        { "proc_iomem", read_addresses, KEPT, WORKS, "/proc/iomem" },
        { "proc_cgroup", see_cgroup, KEPT, UNTRIED, "/proc/self/cgroup" },
        { "init_root", enter, EACCES, WORKS, "/proc/1/root" },
        { "init_cwd", enter, EACCES, WORKS, "/proc/1/cwd" },
        { "init_fd", open_text, EACCES, WORKS, "/proc/1/fd/0", { O_RDONLY } },
        { "init_exe", follow, EACCES, WORKS, "/proc/1/exe" },
        { "init_namespace", follow, EACCES, WORKS, "/proc/1/ns/mnt" },
        { "init_mem", open_text, EACCES, WORKS, "/proc/1/mem", { O_RDWR } },
        { "init_environ", read_text, EACCES, WORKS, "/proc/1/environ" },
        { "init_maps", open_text, EACCES, WORKS, "/proc/1/maps", { O_RDONLY } },
        { "init_syscall", read_text, EACCES, UNTRIED, "/proc/1/syscall" },
        { "init_stack", read_text, EACCES, UNTRIED, "/proc/1/stack" },
        WRITE("init_oom", "/proc/1/oom_score_adj", EACCES, UNTRIED, "1000"),
        WRITE("lower_oom", "/proc/self/oom_score_adj", EACCES, EITHER(WORKS, EACCES), "-1000"),
        WRITE("uid_map", "/proc/self/uid_map", EPERM, EPERM, "0 0 1\n"),
        WRITE("gid_map", "/proc/self/gid_map", EPERM, EPERM, "0 0 1\n"),
        WRITE("setgroups", "/proc/self/setgroups", EACCES, WORKS, "allow"),
        WRITE("sysctl_core_pattern", "/proc/sys/kernel/core_pattern", EACCES, UNTRIED, "|/evil"),
        WRITE("sysctl_modprobe",
              "/proc/sys/kernel/modprobe",
              EITHER(EACCES, ENOENT),
              UNTRIED,
              "/evil"),
        WRITE("sysctl_hostname", "/proc/sys/kernel/hostname", EACCES, WORKS, "evil"),
        WRITE("sysctl_drop_caches", "/proc/sys/vm/drop_caches", EACCES, UNTRIED, "1"),
        WRITE("sysctl_panic", "/proc/sys/kernel/panic", EACCES, UNTRIED, "1"),
        WRITE("sysctl_sysrq", "/proc/sys/kernel/sysrq", EITHER(EACCES, ENOENT), UNTRIED, "1"),
        /* Since 6.14 this one belongs to the PID namespace, so that only our read-only cover holds. */
        WRITE("sysctl_pid_max", "/proc/sys/kernel/pid_max", EITHER(EACCES, EROFS), UNTRIED, "9999"),
        WRITE("sysctl_own_network",
              "/proc/sys/net/ipv4/ip_forward",
              EITHER(EACCES, EROFS),
              UNTRIED,
              "1"),
        WRITE("sysctl_own_ipc", "/proc/sys/kernel/shmmax", EROFS, UNTRIED, "1"),
        WRITE("sysctl_own_user",
              "/proc/sys/user/max_user_namespaces",
              EITHER(EACCES, EROFS),
              UNTRIED,
              "1"),
        WRITE("interrupts", "/proc/irq/default_smp_affinity", EACCES, UNTRIED, "1"),
        WRITE("memory_types", "/proc/mtrr", EITHER(EACCES, ENOENT), UNTRIED, "x"),
        WRITE("binfmt_register", "/proc/sys/fs/binfmt_misc/register", ENOENT, UNTRIED, "x"),
        WRITE("sys_uevent_helper", "/sys/kernel/uevent_helper", ENOENT, UNTRIED, "/evil"),
        WRITE("sys_power", "/sys/power/state", ENOENT, UNTRIED, "x"),
        WRITE("sys_release_agent", "/sys/fs/cgroup/release_agent", ENOENT, UNTRIED, "/evil"),
        WRITE("sys_cgroup", "/sys/fs/cgroup/cgroup.procs", ENOENT, UNTRIED, "0"),
        { "sys_kernel", enter, ENOENT, WORKS, "/sys/kernel" },
        { "sys_debug", enter, ENOENT, UNTRIED, "/sys/kernel/debug/tracing" },
        { "sys_firmware", enter, ENOENT, UNTRIED, "/sys/firmware/efi/efivars" },
        { "sys_block", enter, ENOENT, WORKS, "/sys/block" },
};

const Attempts proc_attempts = ATTEMPTS(rows);
