/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "container/process.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/fd.h"
#include "tests/lib/test.h"

typedef struct Child {
        int fd;
        pid_t pid;
} Child;

/* One that tells this and lives; `is_mute` when it cannot tell, though it could hear. */
static Child start(int result, bool is_mute) {
        int ends[2];
        pid_t pid;

        assert_ok(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                (void) close(ends[0]);
                if (is_mute)
                        (void) shutdown(ends[1], SHUT_WR);
                (void) signal(SIGPIPE, SIG_IGN);
                process_tell_and_live(ends[1], result);
        }
        (void) close(ends[1]);
        return (Child){ .fd = ends[0], .pid = pid };
}

TEST(what_a_child_tells_is_heard)
{
        static const int results[] = { 0, -EPERM, -ENOSPC };

        for (size_t i = 0; i < ELEMENTSOF(results); i++) {
                Child child = start(results[i], false);

                assert_errno(process_told(child.fd), results[i]);
                /* It lives on. */
                ck_assert_int_eq(waitpid(child.pid, NULL, WNOHANG), 0);
                (void) close(child.fd);
                ck_assert_int_eq(waitpid(child.pid, NULL, 0), child.pid);
        }
}

TEST(a_child_that_cannot_tell_ends)
{
        Child child = start(0, true);

        assert_errno(process_told(child.fd), -ECHILD);
        /* Though nobody has let it go. */
        ck_assert_int_eq(waitpid(child.pid, NULL, 0), child.pid);
        (void) close(child.fd);
}
