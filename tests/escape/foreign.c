/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The other ways into a kernel for x86-64: calls of 32-bit programs and of x32, which have numbers of
 * their own, and calls that this machine alone has. */

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/escape/escape.h"

#ifdef __x86_64__

#define X32_BIT 0x40000000L
/* A kernel that serves no 32-bit programs has no gate for them. */
#define NONE (SIGNALLED + SIGSEGV)

/* int 0x80 has the numbers of i386, from a 64-bit program, too. */
static int call_32(const Attempt *attempt) {
        int result = (int) attempt->numbers[0];

        __asm__ volatile("int $0x80"
                         : "+a"(result)
                         : "b"(attempt->numbers[1]),
                           "c"(attempt->numbers[2]),
                           "d"(attempt->numbers[3])
                         : "r8", "r9", "r10", "r11", "memory");
        return result < 0 ? -result : WORKS;
}

static const Attempt rows[] = {
        { "i386_getpid", call_32, EITHER(ENOSYS, NONE), EITHER(WORKS, NONE), NULL, { 20 } },
        { "i386_mount",
          call_32,
          EITHER(ENOSYS, NONE),
          EITHER(EFAULT, NONE),
          NULL,
          { 21, 0, 0, 0 } },
        { "i386_unshare",
          call_32,
          EITHER(ENOSYS, NONE),
          EITHER(WORKS, NONE),
          NULL,
          { 310, 0x20000 } },
        { "i386_ptrace",
          call_32,
          EITHER(ENOSYS, NONE),
          EITHER(WORKS, NONE),
          NULL,
          { 26, 0, 0, 0 } },
        { "i386_socketcall",
          call_32,
          EITHER(ENOSYS, NONE),
          EITHER(EINVAL, NONE),
          NULL,
          { 102, 0, 0 } },
        { "x32_getpid", call, ENOSYS, UNTRIED, NULL, { X32_BIT | SYS_getpid } },
        { "x32_mount", call, ENOSYS, UNTRIED, NULL, { X32_BIT | SYS_mount } },
        { "x32_ptrace", call, ENOSYS, UNTRIED, NULL, { X32_BIT | 521, 0, 0, 0 } },
        { "iopl", call, EPERM, EITHER(WORKS, ENOSYS), NULL, { SYS_iopl, 3 } },
        { "ioperm", call, EPERM, EITHER(WORKS, ENOSYS), NULL, { SYS_ioperm, 0x80, 1, 1 } },
        { "modify_ldt", call, ENOSYS, UNTRIED, NULL, { SYS_modify_ldt, 0, 0, 0 } },
        { "uselib", call, ENOSYS, UNTRIED, NULL, { SYS_uselib, 0 } },
        { "ustat", call, ENOSYS, UNTRIED, NULL, { SYS_ustat, 0, 0 } },
        { "sysfs", call, ENOSYS, UNTRIED, NULL, { SYS_sysfs, 3 } },
};

const Attempts foreign_attempts = ATTEMPTS(rows);

#else

const Attempts foreign_attempts = {};

#endif
