/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counting signals, and waiting without missing one. */

#include "client/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "common/cleanup.h"

static volatile sig_atomic_t interrupts;

static const int watched[] = { SIGINT, SIGTERM, SIGHUP };

static void on_signal(int number _unused_) {
        interrupts++;
}

void interrupt_watch(void) {
        struct sigaction action = { .sa_handler = on_signal };

        (void) sigemptyset(&action.sa_mask);
        for (size_t i = 0; i < ELEMENTSOF(watched); i++)
                (void) sigaction(watched[i], &action, NULL);
}

unsigned interrupt_count(void) {
        return (unsigned) interrupts;
}

int interrupt_poll(int fd, short events, int timeout_msec, unsigned seen) {
        struct pollfd p = { .fd = fd, .events = events };
        struct timespec timeout = {
                .tv_sec = timeout_msec / 1000,
                .tv_nsec = (long) (timeout_msec % 1000) * 1000000,
        };
        sigset_t blocked, before;
        int r = 0;

        (void) sigemptyset(&blocked);
        for (size_t i = 0; i < ELEMENTSOF(watched); i++)
                (void) sigaddset(&blocked, watched[i]);
        (void) sigprocmask(SIG_BLOCK, &blocked, &before);
        if (interrupt_count() == seen)
                r = ppoll(&p, 1, timeout_msec < 0 ? NULL : &timeout, &before);
        if (r < 0)
                r = errno == EINTR ? 0 : -errno;
        (void) sigprocmask(SIG_SETMASK, &before, NULL);
        return r;
}
