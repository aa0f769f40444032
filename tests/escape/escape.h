/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The escape battery: what a hostile script tries, one row for each attempt. The program is static,
 * since the image that it attacks from has no C library.
 *
 * Every attempt has the answer that it must get in the cage of a command, and the one that plain root
 * gets outside, which shows that it is the walls that hold and not the attempt that is broken.
 */

#include <stddef.h>

#define WORKS 0 /* else an errno, or one of these */
/* The call was served, but what it gave is the cage's own and nothing of the host. */
#define KEPT 10000
/* Not to be tried outside: it would harm, or say nothing. */
#define UNTRIED 10001
/* Plus the number of the signal that ended the attempt. */
#define SIGNALLED 20000
/* Kernels differ: the second is what others answer. */
#define EITHER(a, b) ((a) | (b) << 16)
#define EITHER_MASK  0xffff
/* Root of a virtual machine may lack CAP_SYS_RESOURCE. */
#define NEEDS_RESOURCE EITHER(WORKS, EPERM)

typedef struct Attempt Attempt;

struct Attempt {
        const char *name;
        int (*run)(const Attempt *attempt);
        int expected;
        int outside;
        const char *text;
        long numbers[7];
};

typedef struct Attempts {
        const Attempt *rows;
        size_t n_rows;
} Attempts;

#define ATTEMPTS(table) \
        { table, sizeof(table) / sizeof((table)[0]) }

extern const Attempts mount_attempts;
extern const Attempts namespace_attempts;
extern const Attempts device_attempts;
extern const Attempts kernel_attempts;
extern const Attempts foreign_attempts;
extern const Attempts process_attempts;
extern const Attempts proc_attempts;
extern const Attempts file_attempts;
extern const Attempts network_attempts;
extern const Attempts bound_attempts;

/* What the attempts are told about the machine, from the environment. */
typedef struct Target {
        const char *canary;   /* a file of the host that everybody can read */
        const char *plants;   /* a folder with the device nodes and setuid programs of the image */
        const char *socket;   /* of the system bus */
        const char *abstract; /* name of an abstract socket on which the host listens */
        int port;             /* of 127.0.0.1 on which the host listens */
} Target;

extern Target target;

#define ANSWER(expression) ((expression) < 0 ? errno : WORKS)

/* The raw system call numbers[0], with numbers[1] and so on as its arguments. */
int call(const Attempt *attempt);

/* Opens `text` with the flags numbers[0]. */
int open_text(const Attempt *attempt);

/* In a child that is another user, executes `path` with the argument: WORKS when it exits with 0. */
int execute_as_other(const char *path, const char *argument);
