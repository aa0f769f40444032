/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What could be used up: each attempt takes until it is told that there is no more. */

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <unistd.h>

#include "tests/escape/escape.h"

#define MIB (1024L * 1024L)

static int open_many(const Attempt *attempt) {
        for (long i = 0; i < attempt->numbers[0]; i++)
                if (open(attempt->text, O_RDONLY | O_CLOEXEC) < 0)
                        return errno;
        return WORKS;
}

static int watch_much(const Attempt *attempt) {
        for (long i = 0; i < attempt->numbers[0]; i++)
                if (inotify_init1(IN_CLOEXEC) < 0)
                        return errno;
        return WORKS;
}

static int fill(const Attempt *attempt) {
        int fd = open(attempt->text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        int r;

        if (fd < 0)
                return errno;
        r = ANSWER(fallocate(fd, 0, 0, attempt->numbers[0] * MIB));
        (void) unlink(attempt->text);
        return r;
}

static int lock_memory(const Attempt *attempt) {
        size_t size = (size_t) (attempt->numbers[0] * MIB);
        void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        return memory == MAP_FAILED ? errno : ANSWER(mlock(memory, size));
}

static int lock_the_future(const Attempt *attempt) {
        size_t size = (size_t) (attempt->numbers[0] * MIB);

        if (mlockall(MCL_FUTURE) < 0)
                return errno;
        return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                                               MAP_FAILED
                               ? errno
                               : WORKS;
}

static int share_huge_pages(const Attempt *attempt) {
        size_t size = (size_t) (attempt->numbers[0] * MIB);

        return ANSWER(shmget(IPC_PRIVATE, size, SHM_HUGETLB | IPC_CREAT | 0600));
}

static int enlarge_pipe(const Attempt *attempt) {
        int ends[2];

        if (pipe(ends) < 0)
                return errno;
        return ANSWER(fcntl(ends[0], F_SETPIPE_SZ, (int) (attempt->numbers[0] * MIB)));
}

static int dump_core(const Attempt *attempt) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_CORE, &limit) < 0)
                return errno;
        return limit.rlim_max > (rlim_t) attempt->numbers[0] ? WORKS : KEPT;
}

static const Attempt rows[] = {
        { "many_descriptors", open_many, EMFILE, UNTRIED, "/", { 5000 } },
        { "many_watchers", watch_much, EMFILE, UNTRIED, NULL, { 5000 } },
        { "fill_run", fill, ENOSPC, UNTRIED, "/run/much", { 1024 } },
        { "fill_tmp", fill, ENOSPC, UNTRIED, "/tmp/much", { 4096 } },
        { "fill_shm", fill, ENOSPC, UNTRIED, "/dev/shm/much", { 1024 } },
        { "lock_memory", lock_memory, ENOMEM, WORKS, NULL, { 64 } },
        { "lock_the_future", lock_the_future, EAGAIN, WORKS, NULL, { 64 } },
        { "share_huge_pages", share_huge_pages, EPERM, UNTRIED, NULL, { 2 } },
        { "enlarge_pipe", enlarge_pipe, EPERM, NEEDS_RESOURCE, NULL, { 16 } },
        { "dump_core", dump_core, KEPT, UNTRIED, NULL, { 0 } },
};

const Attempts bound_attempts = ATTEMPTS(rows);
