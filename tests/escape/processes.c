/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Other processes, and more rights for this one: capabilities, setuid programs, priorities, limits. */

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/escape/escape.h"

/* The first process of a PID namespace takes from within only signals that it has handlers for: when
 * it had died, so had everybody here. */
static int kill_init(const Attempt *attempt) {
        if (kill(1, (int) attempt->numbers[0]) < 0)
                return errno;
        return kill(1, 0) < 0 ? errno : KEPT;
}

static int signal_init_by_descriptor(const Attempt *attempt) {
        int fd = (int) syscall(SYS_pidfd_open, 1, 0);

        if (fd < 0)
                return errno;
        return syscall(SYS_pidfd_send_signal, fd, attempt->numbers[0], NULL, 0) < 0 ? errno : KEPT;
}

/* In a command's namespace there are its supervisor, the script, this program and its child. */
static int find_strangers(const Attempt *attempt) {
        long found = 0;

        for (pid_t pid = 2; pid < 4096; pid++)
                if (pid != getpid() && pid != getppid() && kill(pid, 0) == 0)
                        found++;
        return found > attempt->numbers[0] ? WORKS : KEPT;
}

static int raise_capability(const Attempt *attempt) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

        if (syscall(SYS_capget, &header, data) < 0)
                return errno;
        for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
                data[i].permitted = data[i].effective = UINT32_MAX;
        header.pid = (int) attempt->numbers[0];
        return ANSWER(syscall(SYS_capset, &header, data));
}

static int raise_inheritable(const Attempt *attempt) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

        if (syscall(SYS_capget, &header, data) < 0)
                return errno;
        data[0].inheritable |= 1u << attempt->numbers[0];
        return ANSWER(syscall(SYS_capset, &header, data));
}

static int has_in_bounding_set(const Attempt *attempt) {
        return prctl(PR_CAPBSET_READ, attempt->numbers[0], 0, 0, 0) == 1 ? WORKS : KEPT;
}

static int try_prctl(const Attempt *attempt) {
        const long *n = attempt->numbers;

        return ANSWER(prctl((int) n[0], n[1], n[2], n[3], n[4]));
}

/* Setuid and file capabilities, both on programs that the image brings. */
static int execute_plant(const Attempt *attempt) {
        char path[PATH_MAX], argument[32];

        (void) snprintf(path, sizeof(path), "%s/%s", target.plants, attempt->text);
        (void) snprintf(argument,
                        sizeof(argument),
                        "--has-%s",
                        strcmp(attempt->text, "setuid") == 0 ? "root" : "capability");
        return execute_as_other(path, argument);
}

static int has_new_privileges(const Attempt *attempt) {
        return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == attempt->numbers[0] ? WORKS : KEPT;
}

static int set_policy(const Attempt *attempt) {
        struct sched_param parameter = { .sched_priority = 1 };

        return ANSWER(sched_setscheduler(0, (int) attempt->numbers[0], &parameter));
}

static int set_deadline(const Attempt *attempt) {
        struct {
                unsigned size, policy;
                unsigned long long flags;
                int nice;
                unsigned priority;
                unsigned long long runtime, deadline, period;
        } attr = { sizeof(attr), SCHED_DEADLINE, 0, 0, 0, 10000000, 20000000, 20000000 };

        return ANSWER(syscall(SYS_sched_setattr, attempt->numbers[0], &attr, 0));
}

static int set_nice(const Attempt *attempt) {
        return ANSWER(setpriority(PRIO_PROCESS, 0, (int) attempt->numbers[0]));
}

static int set_io_class(const Attempt *attempt) {
        int value = IOPRIO_PRIO_VALUE((int) attempt->numbers[0], 0);

        return ANSWER(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, value));
}

static int raise_limit(const Attempt *attempt) {
        struct rlimit limit;

        if (getrlimit((__rlimit_resource_t) attempt->numbers[0], &limit) < 0)
                return errno;
        limit.rlim_max += 1;
        return ANSWER(setrlimit((__rlimit_resource_t) attempt->numbers[0], &limit));
}

static int raise_limit_of_init(const Attempt *attempt) {
        const struct rlimit limit = { 1 << 20, 1 << 20 };

        return ANSWER(prlimit(1, (__rlimit_resource_t) attempt->numbers[0], &limit, NULL));
}

/* To whoever listens, a message comes from the process that the kernel names. */
static int forge_sender(const Attempt *attempt) {
        struct ucred sender = { (pid_t) attempt->numbers[0], getuid(), getgid() };
        char space[CMSG_SPACE(sizeof(sender))] = {}, byte = 0;
        struct iovec data = { &byte, 1 };
        struct msghdr message = {
                .msg_iov = &data,
                .msg_iovlen = 1,
                .msg_control = space,
                .msg_controllen = sizeof(space),
        };
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        int ends[2];

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                return errno;
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_CREDENTIALS;
        header->cmsg_len = CMSG_LEN(sizeof(sender));
        (void) memcpy(CMSG_DATA(header), &sender, sizeof(sender));
        return ANSWER(sendmsg(ends[0], &message, 0));
}

/* An id that the namespace does not map. */
static int become(const Attempt *attempt) {
        return ANSWER(setresuid((uid_t) attempt->numbers[0], (uid_t) -1, (uid_t) -1));
}

static const Attempt rows[] = {
        { "kill_init", kill_init, KEPT, UNTRIED, NULL, { SIGKILL } },
        { "stop_init", kill_init, KEPT, UNTRIED, NULL, { SIGSTOP } },
        { "signal_init_by_descriptor",
          signal_init_by_descriptor,
          KEPT,
          UNTRIED,
          NULL,
          { SIGKILL } },
        /* The script's shell may be one more. */
        { "find_strangers", find_strangers, KEPT, UNTRIED, NULL, { 1 } },
        { "raise_capabilities", raise_capability, EPERM, UNTRIED, NULL, { 0 } },
        { "raise_capabilities_of_init", raise_capability, EPERM, UNTRIED, NULL, { 1 } },
        { "inherit_sys_admin", raise_inheritable, EPERM, WORKS, NULL, { CAP_SYS_ADMIN } },
        { "bounding_sys_admin", has_in_bounding_set, KEPT, WORKS, NULL, { CAP_SYS_ADMIN } },
        { "bounding_sys_ptrace", has_in_bounding_set, KEPT, WORKS, NULL, { CAP_SYS_PTRACE } },
        { "bounding_sys_module", has_in_bounding_set, KEPT, WORKS, NULL, { CAP_SYS_MODULE } },
        { "bounding_sys_rawio", has_in_bounding_set, KEPT, WORKS, NULL, { CAP_SYS_RAWIO } },
        { "bounding_sys_resource", has_in_bounding_set, KEPT, UNTRIED, NULL, { CAP_SYS_RESOURCE } },
        { "bounding_net_admin", has_in_bounding_set, KEPT, WORKS, NULL, { CAP_NET_ADMIN } },
        { "bounding_net_raw", has_in_bounding_set, KEPT, WORKS, NULL, { CAP_NET_RAW } },
        { "bounding_bpf", has_in_bounding_set, KEPT, WORKS, NULL, { CAP_BPF } },
        { "bounding_mac_admin", has_in_bounding_set, KEPT, WORKS, NULL, { CAP_MAC_ADMIN } },
        { "bounding_syslog", has_in_bounding_set, KEPT, WORKS, NULL, { CAP_SYSLOG } },
        { "ambient_sys_admin",
          try_prctl,
          EPERM,
          UNTRIED,
          NULL,
          { PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN } },
        { "clear_no_new_privs", try_prctl, EINVAL, EINVAL, NULL, { PR_SET_NO_NEW_PRIVS, 0 } },
        { "has_new_privileges", has_new_privileges, KEPT, WORKS, NULL, { 0 } },
        { "replace_executable",
          try_prctl,
          EPERM,
          UNTRIED,
          NULL,
          { PR_SET_MM, PR_SET_MM_EXE_FILE, 0, 0, 0 } },
        { "io_flusher", try_prctl, EPERM, NEEDS_RESOURCE, NULL, { PR_SET_IO_FLUSHER, 1 } },
        { "setuid_program", execute_plant, KEPT, WORKS, "setuid" },
        { "file_capability", execute_plant, KEPT, WORKS, "filecap" },
        { "realtime_fifo", set_policy, EPERM, UNTRIED, NULL, { SCHED_FIFO } },
        { "realtime_round_robin", set_policy, EPERM, UNTRIED, NULL, { SCHED_RR } },
        { "realtime_deadline", set_deadline, EPERM, UNTRIED, NULL, { 0 } },
        { "negative_nice", set_nice, EACCES, WORKS, NULL, { -20 } },
        { "io_realtime", set_io_class, EPERM, WORKS, NULL, { IOPRIO_CLASS_RT } },
        { "raise_descriptors", raise_limit, EPERM, NEEDS_RESOURCE, NULL, { RLIMIT_NOFILE } },
        { "raise_processes", raise_limit, EPERM, UNTRIED, NULL, { RLIMIT_NPROC } },
        { "raise_core", raise_limit, EPERM, UNTRIED, NULL, { RLIMIT_CORE } },
        { "raise_locked_memory", raise_limit, EPERM, UNTRIED, NULL, { RLIMIT_MEMLOCK } },
        { "raise_descriptors_of_init",
          raise_limit_of_init,
          EPERM,
          UNTRIED,
          NULL,
          { RLIMIT_NOFILE } },
        { "forge_sender", forge_sender, EPERM, WORKS, NULL, { 1 } },
        { "become_unmapped_user", become, EINVAL, WORKS, NULL, { 100000 } },
};

const Attempts process_attempts = ATTEMPTS(rows);
