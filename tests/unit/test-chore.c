/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/chore.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "common/fd.h"
#include "common/strings.h"
#include "tests/lib/test.h"

/* What the child sees. */
typedef struct Fds {
        int kept;
        int other;
} Fds;

typedef struct Heard {
        sd_event *event;
        bool failed;
        Failure why;
} Heard;

static void on_end(const Failure *why, void *userdata) {
        Heard *heard = userdata;

        heard->failed = why;
        if (why)
                heard->why = *why;
        assert_ok(sd_event_exit(heard->event, 0));
}

static int go_well(const void *argument, Failure *reterr _unused_) {
        const Fds *fds = argument;

        if (fcntl(fds->other, F_GETFD) >= 0 || errno != EBADF)
                return -EEXIST;
        return fd_write_all(fds->kept, "well", 4);
}

static int fail_with_words(const void *argument _unused_, Failure *reterr) {
        return failure_set(reterr, -ENOSPC, "The %s is full.", "glass");
}

static int fail_without_words(const void *argument _unused_, Failure *reterr _unused_) {
        return -EROFS;
}

static int die(const void *argument _unused_, Failure *reterr _unused_) {
        return raise(SIGKILL);
}

static void run(int (*function)(const void *argument, Failure *reterr),
                const Fds *fds,
                Heard *ret_heard) {
        const ChoreWork work = { .run = function,
                                 .argument = fds,
                                 .fds = { fds->kept },
                                 .n_fds = 1 };
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(chore_freep) Chore *chore = NULL;
        sigset_t signals;

        (void) sigemptyset(&signals);
        (void) sigaddset(&signals, SIGCHLD);
        (void) sigprocmask(SIG_BLOCK, &signals, NULL);
        assert_ok(sd_event_new(&event));
        *ret_heard = (Heard){ .event = event };
        assert_ok(chore_start(&chore, event, &work, on_end, ret_heard));
        assert_ok(sd_event_loop(event));
}

TEST(ends)
{
        _cleanup_close_ int kept = test_file("", 0), other = test_file("", 0);
        const Fds fds = { kept, other };
        char text[8] = "";
        Heard heard;

        run(go_well, &fds, &heard);
        ck_assert_msg(!heard.failed, "%s", heard.why.message);
        ck_assert_int_eq((int) pread(kept, text, sizeof(text) - 1, 0), 4);
        ck_assert_str_eq(text, "well");
        run(fail_with_words, &fds, &heard);
        ck_assert_int_eq(heard.why.error, -ENOSPC);
        ck_assert_str_eq(heard.why.message, "The glass is full.");
        run(fail_without_words, &fds, &heard);
        ck_assert_int_eq(heard.why.error, -EROFS);
        assert_failure(&heard.why, "Read-only file system");
        run(die, &fds, &heard);
        ck_assert_int_eq(heard.why.error, -EIO);
        assert_failure(&heard.why, "signal 9");
}
