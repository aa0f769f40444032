/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Runs a function of our own where hostile bytes can do no harm: a child without any capability, in
 * user, mount, PID, network, IPC and UTS namespaces of its own, with an empty root, under the
 * strictest filter, with limits on memory and time. A parser that is taken over there can only lie
 * about what it read. The child dies with its parent.
 */

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"

typedef enum SealedProfile {
        SEALED_READER, /* read, seek, memory, write to out_fd; any other call kills it */
        SEALED_COPIER, /* also what copying between descriptors needs: reflink, fsync, truncate */
        _SEALED_PROFILE_MAX,
} SealedProfile;

typedef struct Sealed {
        const char *name; /* in failures, after "The": "reader of the partition table" */
        SealedProfile profile;

        /* Runs in the child: a copy of the caller's memory, of descriptors only 0 to 2 on
         * /dev/null, out_fd and keep_fds. What it writes to out_fd is the result; it returns 0
         * or a negative errno above -156. It cannot open anything, nor start processes; what a
         * library loads late (iconv, locales, nss) must have been loaded before. */
        int (*function)(void *userdata, int out_fd);
        void *userdata;

        const int *keep_fds; /* borrowed */
        size_t n_keep_fds;

        uint64_t max_memory_bytes; /* address space; 0 for none (a sanitizer needs terabytes) */
        uint64_t max_file_bytes;   /* what it may write to files; 0 for none at all */
        uint64_t cpu_seconds;      /* 0 for 10 */
        uint64_t timeout_usec;     /* wall clock; 0 for 60 s */
        size_t max_output_bytes;   /* of the result */
        int lifeline_fd; /* its end of file ends the child (-ECANCELED); -EBADF for none */
} Sealed;

/* The limit of memory for a parser: 256 MiB, or 0 in a build with AddressSanitizer. */
uint64_t sealed_memory_default(void);

#define SEALED_INIT ((Sealed){ .lifeline_fd = -EBADF })

/* Blocks until the child is gone, but not for one that the kernel cannot end: if it still waits for a
 * descriptor's file system a quarter of a second after it was killed, it is left behind, with nothing but
 * keep_fds and no way to do anything with them. The caller has one thread. The result is followed by a NUL that
 * does not count; the caller frees it. Also works when the caller is not root, as far as the kernel
 * lets everyone make user namespaces.
 * Errors: what the function returned (no failure is filled: it says why in its own output, which is
 * handed over in this case too); -EBADMSG when it was killed, e.g. by its filter or a limit;
 * -E2BIG when the result is larger than allowed; -ETIMEDOUT; -ECANCELED when the lifeline ended;
 * otherwise what setting it up gave. */
int sealed_run(const Sealed *sealed, char **ret_result, size_t *ret_size, Failure *reterr);
