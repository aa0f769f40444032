/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What each part of the container may ask of the kernel. Unknown calls give ENOSYS, so that
 * programs written for a newer kernel fall back; calls that are known and refused give EPERM,
 * which is what programs test for. 32-bit programs are not served. */

#include "container/seccomp-tables.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stddef.h>
#include <sys/personality.h>
#include <sys/socket.h>

static const SeccompGroup programs[] = {
        /* processes and threads */
        { "arch_prctl clone close_range execve execveat exit exit_group fork get_robust_list getcpu "
          "getpgid getpgrp getpid getppid getsid gettid pidfd_open prctl rseq set_robust_list "
          "set_tid_address setpgid setsid sysinfo uname vfork wait4 waitid" },
        /* who one is */
        { "capget capset getegid geteuid getgid getgroups getresgid getresuid getuid setfsgid "
          "setfsuid setgid setgroups setregid setresgid setresuid setreuid setuid" },
        /* memory */
        { "brk madvise membarrier memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap "
          "msync munlock munlockall munmap readahead" },
        /* signals */
        { "kill pause pidfd_send_signal restart_syscall rt_sigaction rt_sigpending rt_sigprocmask "
          "rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo "
          "sigaltstack signalfd signalfd4 tgkill tkill" },
        /* time, but for setting it */
        { "alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep "
          "setitimer time timer_create timer_delete timer_getoverrun timer_gettime timer_settime "
          "timerfd_create timerfd_gettime timerfd_settime times" },
        /* limits and scheduling */
        { "getpriority getrlimit getrusage ioprio_get ioprio_set prlimit64 "
          "sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr "
          "sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr "
          "sched_setparam sched_setscheduler sched_yield setpriority setrlimit" },
        /* files by name; the kernel itself refuses devices to a user namespace */
        { "access chdir chmod chown chroot creat faccessat faccessat2 fchmodat fchmodat2 fchownat "
          "futimesat getcwd getxattr lchown lgetxattr link linkat listxattr llistxattr "
          "lremovexattr lsetxattr lstat mkdir mkdirat mknod mknodat newfstatat open openat openat2 "
          "readlink readlinkat removexattr rename renameat renameat2 rmdir setxattr stat statfs "
          "statx symlink symlinkat truncate umask unlink unlinkat utime utimensat utimes" },
        /* files by descriptor */
        { "close copy_file_range dup dup2 dup3 fadvise64 fallocate fchdir fchmod fchown fcntl "
          "fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync "
          "ftruncate getdents getdents64 ioctl lseek pipe pipe2 pread64 preadv preadv2 pwrite64 "
          "pwritev pwritev2 read readv sendfile splice sync sync_file_range syncfs tee write "
          "writev" },
        /* waiting for events */
        { "epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd "
          "eventfd2 futex inotify_add_watch inotify_init inotify_init1 inotify_rm_watch poll ppoll "
          "pselect6 select" },
        /* talking to others in the container */
        { "msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget "
          "socketpair" },
        /* giving up more */
        { "landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp getrandom" },
        {},
};

static const SeccompGroup sockets[] = {
        { "accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg "
          "recvmsg sendmmsg sendmsg sendto setsockopt shutdown socket" },
        {},
};

static const SeccompGroup no_sockets[] = {
        { "socket", EAFNOSUPPORT },
        { "getsockopt recvfrom recvmsg sendmsg sendto setsockopt shutdown" },
        {},
};

static const SeccompGroup cages[] = {
        { "fsconfig fsmount fsopen mount mount_setattr move_mount open_tree pivot_root umount2 "
          "unshare" },
        {},
};

static const SeccompGroup refused[] = {
        { "acct add_key adjtimex bpf clock_adjtime clock_settime delete_module fanotify_init "
          "finit_module fsconfig fsmount fsopen fspick init_module io_uring_enter io_uring_register "
          "io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mount "
          "mount_setattr move_mount name_to_handle_at open_by_handle_at open_tree perf_event_open "
          "pidfd_getfd pivot_root process_vm_readv process_vm_writev ptrace quotactl quotactl_fd "
          "reboot request_key setdomainname sethostname setns settimeofday swapoff swapon syslog "
          "umount2 unshare userfaultfd vhangup",
          EPERM },
        {},
};

static const SeccompGroup parsing[] = {
        { "brk close clock_getres clock_gettime exit exit_group fadvise64 fcntl fstat futex getegid "
          "geteuid getgid getpid getrandom getrlimit gettid gettimeofday getuid lseek madvise mmap "
          "mprotect mremap munmap newfstatat poll ppoll pread64 preadv read readv restart_syscall "
          "rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield sigaltstack "
          "sysinfo tgkill time uname write writev" },
        /* What libraries try in passing, for time zones, locales and the like: the root is empty. */
        { "access faccessat faccessat2 lstat open openat openat2 readlink readlinkat stat statfs "
          "statx",
          ENOENT },
        {},
};

static const SeccompGroup copying[] = {
        { "copy_file_range fallocate fdatasync fstatfs fsync ftruncate pwrite64 pwritev sendfile "
          "sync_file_range" },
        {},
};

/* A program that reads an image and answers on a descriptor: nothing that changes a file by name, no
 * connection to anybody, no other process but the one that hands it the device. */
static const SeccompGroup serving[] = {
        { "access arch_prctl brk clock_getres clock_gettime clock_nanosleep clone close dup dup2 "
          "dup3 execve exit exit_group faccessat faccessat2 fadvise64 fcntl fork fstat fstatfs futex "
          "getcwd getegid geteuid getgid getpid getppid getrandom getrlimit getrusage gettid "
          "gettimeofday getuid lseek lstat madvise membarrier mmap mprotect mremap munmap nanosleep "
          "newfstatat open openat pipe pipe2 poll ppoll pread64 preadv prlimit64 read readlink "
          "readlinkat readv recvmsg restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask "
          "rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_getaffinity sched_yield sendmsg "
          "set_robust_list set_tid_address sigaltstack socketpair splice stat statfs statx sysinfo "
          "tgkill time umask uname vfork vmsplice wait4 waitid write writev" },
        { "socket", EAFNOSUPPORT },
        {},
};

/* A program that reads one file and writes another, with threads. It cannot make a file or a process;
 * that it may be executed at all is for its own beginning. */
static const SeccompGroup converting[] = {
        { "access arch_prctl brk clock_getres clock_gettime clock_nanosleep close dup epoll_create1 "
          "epoll_ctl epoll_pwait epoll_wait eventfd2 execve exit exit_group faccessat faccessat2 "
          "fadvise64 fallocate fcntl fdatasync fstat fstatfs fsync ftruncate futex getcwd getegid "
          "geteuid getgid getpid getppid getrandom getrlimit getrusage gettid gettimeofday getuid "
          "lseek lstat madvise membarrier mmap mprotect mremap munmap nanosleep newfstatat open "
          "openat pipe2 poll ppoll pread64 preadv prlimit64 pwrite64 pwritev read readlink "
          "readlinkat readv restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask "
          "rt_sigreturn rt_sigtimedwait sched_getaffinity sched_yield set_robust_list "
          "set_tid_address sigaltstack signalfd4 stat statfs statx sync_file_range sysinfo tgkill "
          "time timerfd_create timerfd_settime uname write writev" },
        { "ioctl", ENOTTY },
        { "socket", EAFNOSUPPORT },
        {},
};

static const SeccompRow threads_only[] = {
        { "clone", 0, { { 0, MATCH_BITS, CLONE_THREAD } } },
        {},
};

static const SeccompRow personalities[] = {
        { "personality", 0, { { 0, MATCH_EQUAL, PER_LINUX } } },
        { "personality", 0, { { 0, MATCH_EQUAL, PER_LINUX32 } } },
        { "personality", 0, { { 0, MATCH_EQUAL, UNAME26 } } },
        { "personality", 0, { { 0, MATCH_EQUAL, PER_LINUX32 | UNAME26 } } },
        { "personality", 0, { { 0, MATCH_EQUAL, 0xffffffff } } },
        {},
};

/* A parser's own limits, and nobody else's. */
static const SeccompRow no_control[] = {
        { "ioctl", ENOTTY },
        { "prlimit64", 0, { { 0, MATCH_EQUAL, 0 } } },
        {},
};

static const SeccompRow reflink_only[] = {
        { "ioctl", 0, { { 1, MATCH_EQUAL, FICLONE } } },
        { "ioctl", ENOTTY, { { 1, MATCH_NOT_EQUAL, FICLONE } } },
        { "prlimit64", 0, { { 0, MATCH_EQUAL, 0 } } },
        {},
};

/* Of the internet's protocols there remain those up to ICMPv6: UDP, TCP, ICMP. What lies above are
 * MPTCP, SCTP, L2TP and the like, and DCCP stands alone among the low numbers; a socket of one loads
 * its module, whoever asks. */
#define INTERNET_LAST 58
#define INTERNET_DCCP 33

/* clang-format off */

/* Typing into a terminal for somebody else; audit and other netlink, which know no namespaces;
 * socketpair(), which makes its sockets before it asks their family whether it has pairs. */
#define GUARDS_COMMON                                                                              \
        { "ioctl", EPERM, { { 1, MATCH_LOW, TIOCSTI } } },                                         \
        { "ioctl", EPERM, { { 1, MATCH_LOW, TIOCLINUX } } },                                       \
        { "clone", EPERM, { { 0, MATCH_BITS, CLONE_NEWUSER } } },                                  \
        { "socketpair", EAFNOSUPPORT, { { 0, MATCH_NOT_EQUAL, AF_UNIX } } },                       \
        { "socket", EAFNOSUPPORT,                                                                  \
          { { 0, MATCH_EQUAL, AF_NETLINK }, { 2, MATCH_NOT_EQUAL, NETLINK_ROUTE } } },             \
        { "socket", EPROTONOSUPPORT,                                                               \
          { { 0, MATCH_EQUAL, AF_INET }, { 2, MATCH_ABOVE, INTERNET_LAST } } },                    \
        { "socket", EPROTONOSUPPORT,                                                               \
          { { 0, MATCH_EQUAL, AF_INET }, { 2, MATCH_EQUAL, INTERNET_DCCP } } },                    \
        { "socket", EPROTONOSUPPORT,                                                               \
          { { 0, MATCH_EQUAL, AF_INET6 }, { 2, MATCH_ABOVE, INTERNET_LAST } } },                   \
        { "socket", EPROTONOSUPPORT,                                                               \
          { { 0, MATCH_EQUAL, AF_INET6 }, { 2, MATCH_EQUAL, INTERNET_DCCP } } }

/* clang-format on */

static const SeccompRow conductor_guards[] = {
        GUARDS_COMMON,
        { "unshare", EPERM, { { 0, MATCH_BITS, CLONE_NEWUSER } } },
        {},
};

/* clone3 is not in any list: its flags lie in memory, where no filter can look; it gives ENOSYS and
 * libraries take clone. */
static const SeccompRow image_guards[] = {
        GUARDS_COMMON,
        { "clone", EPERM, { { 0, MATCH_BITS, CLONE_NEWNS } } },
        { "clone", EPERM, { { 0, MATCH_BITS, CLONE_NEWCGROUP } } },
        { "clone", EPERM, { { 0, MATCH_BITS, CLONE_NEWUTS } } },
        { "clone", EPERM, { { 0, MATCH_BITS, CLONE_NEWIPC } } },
        { "clone", EPERM, { { 0, MATCH_BITS, CLONE_NEWPID } } },
        { "clone", EPERM, { { 0, MATCH_BITS, CLONE_NEWNET } } },
        {},
};

#define FAMILY(name)   (UINT64_C(1) << (name))
#define USUAL_FAMILIES (FAMILY(AF_UNIX) | FAMILY(AF_INET) | FAMILY(AF_INET6) | FAMILY(AF_NETLINK))

const SeccompTable seccomp_tables[_SECCOMP_FILTER_MAX] = {
        [SECCOMP_CONDUCTOR] = { .name = "conductor",
                                .default_error = ENOSYS,
                                .groups = { programs, sockets, cages, refused },
                                .rows = personalities,
                                .guards = conductor_guards,
                                .socket_families = USUAL_FAMILIES },
        [SECCOMP_IMAGE] = { .name = "image",
                            .default_error = ENOSYS,
                            .groups = { programs, sockets, refused },
                            .rows = personalities,
                            .guards = image_guards,
                            .socket_families = USUAL_FAMILIES },
        [SECCOMP_TOOL] = { .name = "tool",
                           .default_error = ENOSYS,
                           .groups = { programs, no_sockets, refused },
                           .rows = personalities,
                           .guards = image_guards },
        [SECCOMP_READER] = { .name = "reader", .groups = { parsing }, .rows = no_control },
        [SECCOMP_FUSE] = { .name = "fuse",
                           .default_error = ENOSYS,
                           .groups = { serving, refused },
                           .guards = image_guards },
        [SECCOMP_CONVERTER] = { .name = "converter",
                                .default_error = ENOSYS,
                                .groups = { converting, refused },
                                .rows = threads_only },
        [SECCOMP_COPIER] = { .name = "copier",
                             .groups = { parsing, copying },
                             .rows = reflink_only },
};
