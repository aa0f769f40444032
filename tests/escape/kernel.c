/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Interfaces of the kernel in which there is much code, or which know no namespaces. Arguments are such
 * that nothing happens where the call is served, but the clock's, which are not tried outside. */

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tests/escape/escape.h"

#define KEYRING KEY_SPEC_PROCESS_KEYRING

static int try_bpf(const Attempt *attempt) {
        union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY,
                                .key_size = 4,
                                .value_size = 4,
                                .max_entries = 1 };

        return ANSWER(syscall(SYS_bpf, attempt->numbers[0], &attr, sizeof(attr)));
}

static int try_perf(const Attempt *attempt) {
        struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
                                        .size = sizeof(attr),
                                        .config = PERF_COUNT_SW_CPU_CLOCK };

        return ANSWER(syscall(SYS_perf_event_open, &attr, attempt->numbers[0], 0, -1, 0));
}

static int try_ring(const Attempt *attempt) {
        struct io_uring_params parameters = {};

        return ANSWER(syscall(SYS_io_uring_setup, attempt->numbers[0], &parameters));
}

static int try_read_memory(const Attempt *attempt) {
        char from[4] = "abc", to[4];
        struct iovec local = { to, sizeof(to) }, remote = { from, sizeof(from) };

        return ANSWER(syscall(attempt->numbers[0], getpid(), &local, 1, &remote, 1, 0));
}

static int try_getfd(const Attempt *attempt) {
        int fd = (int) syscall(SYS_pidfd_open, getppid(), 0);

        return fd < 0 ? errno : ANSWER(syscall(SYS_pidfd_getfd, fd, attempt->numbers[0], 0));
}

static int try_handle(const Attempt *attempt) {
        struct {
                struct file_handle handle;
                unsigned char bytes[128];
        } space = { .handle.handle_bytes = sizeof(space.bytes) };
        int mount_id;

        return ANSWER(name_to_handle_at(AT_FDCWD, attempt->text, &space.handle, &mount_id, 0));
}

/* The root folder of most file systems is inode 2: so a mount that is shown leads to what is not. */
static int try_open_handle(const Attempt *attempt) {
        struct {
                struct file_handle handle;
                unsigned int inode[2];
        } space = { .handle = { .handle_bytes = 8, .handle_type = 1 }, .inode = { 2, 0 } };
        int fd = open(attempt->text, O_RDONLY | O_CLOEXEC);

        return fd < 0 ? errno : ANSWER(open_by_handle_at(fd, &space.handle, O_RDONLY));
}

static int set_clock(const Attempt *attempt) {
        const struct timespec time = { .tv_sec = 1 };

        return ANSWER(clock_settime((clockid_t) attempt->numbers[0], &time));
}

static int set_time(const Attempt *attempt) {
        const struct timeval time = { .tv_sec = attempt->numbers[0] };

        return ANSWER(settimeofday(&time, NULL));
}

static int adjust_clock(const Attempt *attempt) {
        struct timex change = { .modes = (unsigned) attempt->numbers[0] };

        return ANSWER(adjtimex(&change));
}

static int adjust_one_clock(const Attempt *attempt) {
        struct timex change = { .modes = (unsigned) attempt->numbers[0] };

        return ANSWER(clock_adjtime(CLOCK_REALTIME, &change));
}

static int wait_for_waking(const Attempt *attempt) {
        timer_t timer;

        return ANSWER(timer_create((clockid_t) attempt->numbers[0], NULL, &timer));
}

static const Attempt rows[] = {
        { "bpf", try_bpf, EPERM, WORKS, NULL, { BPF_MAP_CREATE } },
        { "perf_event_open", try_perf, EPERM, WORKS, NULL, { 0 } },
        { "perf_event_open_all", try_perf, EPERM, UNTRIED, NULL, { -1 } },
        { "io_uring_setup", try_ring, EPERM, WORKS, NULL, { 4 } },
        { "io_uring_enter", call, EPERM, EBADF, NULL, { SYS_io_uring_enter, -1 } },
        { "io_uring_register", call, EPERM, UNTRIED, NULL, { SYS_io_uring_register, -1 } },
        { "add_key",
          call,
          EPERM,
          WORKS,
          NULL,
          { SYS_add_key, (long) "user", (long) "pxed-escape", (long) "x", 1, KEYRING } },
        { "request_key",
          call,
          EPERM,
          UNTRIED,
          NULL,
          { SYS_request_key, (long) "user", (long) "pxed-escape", 0, 0 } },
        { "keyctl", call, EPERM, WORKS, NULL, { SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEYRING, 1 } },
        { "keyctl_join", call, EPERM, UNTRIED, NULL, { SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING } },
        { "userfaultfd", call, EPERM, WORKS, NULL, { SYS_userfaultfd, O_CLOEXEC } },
        { "kexec_load", call, EPERM, UNTRIED, NULL, { SYS_kexec_load, 0, 17, 0, 0 } },
        { "kexec_file_load", call, EPERM, UNTRIED, NULL, { SYS_kexec_file_load, -1, -1, 0, 0, 0 } },
        { "init_module", call, EPERM, UNTRIED, NULL, { SYS_init_module, 0, 0, 0 } },
        { "finit_module", call, EPERM, UNTRIED, NULL, { SYS_finit_module, -1, 0, 0 } },
        { "delete_module", call, EPERM, UNTRIED, NULL, { SYS_delete_module, (long) "none", 0 } },
        { "swapon", call, EPERM, ENOENT, NULL, { SYS_swapon, (long) "/none", 0 } },
        { "swapoff", call, EPERM, ENOENT, NULL, { SYS_swapoff, (long) "/none" } },
        { "reboot", call, EPERM, EINVAL, NULL, { SYS_reboot, 0, 0, 0, 0 } },
        { "syslog", call, EPERM, WORKS, NULL, { SYS_syslog, 10 /* size of the buffer */ } },
        { "acct", call, EPERM, ENOENT, NULL, { SYS_acct, (long) "/none" } },
        { "quotactl", call, EPERM, UNTRIED, NULL, { SYS_quotactl, 0, 0, 0, 0 } },
        { "quotactl_fd", call, EPERM, UNTRIED, NULL, { SYS_quotactl_fd, -1, 0, 0, 0 } },
        { "name_to_handle_at", try_handle, EPERM, WORKS, "/etc/passwd" },
        { "open_by_handle_at", try_open_handle, EPERM, UNTRIED, "/" },
        { "ptrace_traceme", call, EPERM, WORKS, NULL, { SYS_ptrace, PTRACE_TRACEME } },
        { "ptrace_init", call, EPERM, UNTRIED, NULL, { SYS_ptrace, PTRACE_SEIZE, 1 } },
        { "process_vm_readv", try_read_memory, EPERM, WORKS, NULL, { SYS_process_vm_readv } },
        { "process_vm_writev", try_read_memory, EPERM, WORKS, NULL, { SYS_process_vm_writev } },
        { "pidfd_getfd", try_getfd, EPERM, WORKS, NULL, { 1 } },
        { "kcmp", call, EPERM, UNTRIED, NULL, { SYS_kcmp, 1, 1, 1, 0, 0 } },
        { "personality_no_random",
          call,
          ENOSYS,
          WORKS,
          NULL,
          { SYS_personality, ADDR_NO_RANDOMIZE } },
        { "personality_executable_data",
          call,
          ENOSYS,
          WORKS,
          NULL,
          { SYS_personality, READ_IMPLIES_EXEC } },
        { "lookup_dcookie", call, EPERM, UNTRIED, NULL, { SYS_lookup_dcookie, 0, 0, 0 } },
        { "fanotify_init", call, EPERM, WORKS, NULL, { SYS_fanotify_init, 0, O_RDONLY } },
        { "clock_settime", set_clock, EPERM, UNTRIED, NULL, { CLOCK_REALTIME } },
        { "settimeofday", set_time, EPERM, UNTRIED, NULL, { 1 } },
        { "adjtimex", adjust_clock, EPERM, UNTRIED, NULL, { ADJ_FREQUENCY } },
        { "clock_adjtime", adjust_one_clock, EPERM, UNTRIED, NULL, { ADJ_FREQUENCY } },
        { "alarm_of_clock",
          wait_for_waking,
          EITHER(EPERM, EOPNOTSUPP),
          UNTRIED,
          NULL,
          { CLOCK_REALTIME_ALARM } },
        { "vhangup", call, EPERM, UNTRIED, NULL, { SYS_vhangup } },
        { "sethostname", call, EPERM, WORKS, NULL, { SYS_sethostname, (long) "evil", 4 } },
        { "setdomainname", call, EPERM, WORKS, NULL, { SYS_setdomainname, (long) "evil", 4 } },
        { "set_mempolicy", call, ENOSYS, UNTRIED, NULL, { SYS_set_mempolicy, 0, 0, 0 } },
        { "mbind", call, ENOSYS, UNTRIED, NULL, { SYS_mbind, 0, 0, 0, 0, 0, 0 } },
        { "migrate_pages", call, ENOSYS, UNTRIED, NULL, { SYS_migrate_pages, 0, 0, 0, 0 } },
        { "move_pages", call, ENOSYS, UNTRIED, NULL, { SYS_move_pages, 0, 0, 0, 0, 0, 0 } },
        { "memfd_secret", call, ENOSYS, UNTRIED, NULL, { 447, 0 } },
        { "process_madvise", call, ENOSYS, UNTRIED, NULL, { 440, -1, 0, 0, 0, 0 } },
        { "cachestat", call, ENOSYS, UNTRIED, NULL, { 451, -1, 0, 0, 0 } },
        { "lsm_set_self_attr", call, ENOSYS, UNTRIED, NULL, { 460, 0, 0, 0, 0 } },
        { "io_setup", call, ENOSYS, UNTRIED, NULL, { SYS_io_setup, 1, 0 } },
        { "mq_open", call, ENOSYS, UNTRIED, NULL, { SYS_mq_open, (long) "/x", 0, 0, 0 } },
        { "remap_file_pages",
          call,
          ENOSYS,
          UNTRIED,
          NULL,
          { SYS_remap_file_pages, 0, 0, 0, 0, 0 } },
        { "pkey_alloc", call, ENOSYS, UNTRIED, NULL, { SYS_pkey_alloc, 0, 0 } },
        { "process_mrelease", call, ENOSYS, UNTRIED, NULL, { SYS_process_mrelease, -1, 0 } },
        { "unknown_call", call, ENOSYS, UNTRIED, NULL, { 999 } },
};

const Attempts kernel_attempts = ATTEMPTS(rows);
