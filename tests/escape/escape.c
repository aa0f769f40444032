/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs the battery: each attempt in a process of its own, with ten seconds to live, and one line of
 * output. The test knows from --list what the lines have to say. */

#include "tests/escape/escape.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_SECONDS 10
#define OTHER_USER       1000

Target target;

static const Attempts *const all[] = {
        &mount_attempts,   &namespace_attempts, &device_attempts, &kernel_attempts,
        &foreign_attempts, &process_attempts,   &proc_attempts,   &file_attempts,
        &network_attempts, &bound_attempts,
};

int call(const Attempt *attempt) {
        const long *n = attempt->numbers;

        return ANSWER(syscall(n[0], n[1], n[2], n[3], n[4], n[5], n[6]));
}

int open_text(const Attempt *attempt) {
        return ANSWER(open(attempt->text, (int) attempt->numbers[0] | O_CLOEXEC | O_NONBLOCK));
}

int execute_as_other(const char *path, const char *argument) {
        int status;
        pid_t pid = fork();

        if (pid < 0)
                return errno;
        if (pid == 0) {
                if (setresgid(OTHER_USER, OTHER_USER, OTHER_USER) < 0 ||
                    setresuid(OTHER_USER, OTHER_USER, OTHER_USER) < 0)
                        _exit(EXIT_FAILURE);
                (void) execl(path, path, argument, NULL);
                _exit(EXIT_FAILURE);
        }
        if (waitpid(pid, &status, 0) < 0)
                return errno;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? WORKS : KEPT;
}

/* For execute_as_other(): 0 when the program was given root's id, or a capability. */
static int has_root(void) {
        return geteuid() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int has_capability(void) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

        if (syscall(SYS_capget, &header, data) < 0)
                return EXIT_FAILURE;
        return data[0].effective != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const char *one_name(int result, char *space, size_t size) {
        if (result == WORKS)
                return "works";
        if (result == KEPT)
                return "kept";
        if (result == UNTRIED)
                return "-";
        if (result < SIGNALLED)
                return strerrorname_np(result);
        (void) snprintf(space, size, "SIG%s", sigabbrev_np(result - SIGNALLED));
        return space;
}

static const char *result_name(int result, char *space, size_t size) {
        char first[16], second[16];

        if (result <= EITHER_MASK)
                return one_name(result, space, size);
        (void) snprintf(space,
                        size,
                        "%s/%s",
                        one_name(result & EITHER_MASK, first, sizeof(first)),
                        one_name(result >> 16, second, sizeof(second)));
        return space;
}

/* Outside, what an attempt does to mounts, host name and the like goes away with its process. */
static void take_own_view(void) {
        if (unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC) < 0 ||
            mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                _exit(EXIT_FAILURE);
}

static int try_attempt(const Attempt *attempt, int is_outside) {
        int *result = mmap(
                        NULL,
                        sizeof(int),
                        PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS,
                        -1,
                        0);
        int status = 0, value;
        pid_t pid;

        if (result == MAP_FAILED)
                return errno;
        *result = EBADE;
        pid = fork();
        if (pid < 0)
                return errno;
        if (pid == 0) {
                (void) alarm(PATIENCE_SECONDS);
                if (is_outside)
                        take_own_view();
                *result = attempt->run(attempt);
                _exit(EXIT_SUCCESS);
        }
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                continue;
        value = WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) : *result;
        (void) munmap(result, sizeof(int));
        return value;
}

static void list(const Attempt *attempt) {
        char expected[32], outside[32];

        (void) printf("%s %s %s\n",
                      attempt->name,
                      result_name(attempt->expected, expected, sizeof(expected)),
                      result_name(attempt->outside, outside, sizeof(outside)));
}

static void attack(const Attempt *attempt) {
        char space[32];
        int result = try_attempt(attempt, /* is_outside= */ 0);

        (void) printf("escape %s %s\n", attempt->name, result_name(result, space, sizeof(space)));
}

static void attack_outside(const Attempt *attempt) {
        char space[32];
        int result = attempt->outside;

        if (result != UNTRIED)
                result = try_attempt(attempt, /* is_outside= */ 1);
        (void) printf("escape %s %s\n", attempt->name, result_name(result, space, sizeof(space)));
}

static void for_all(void (*function)(const Attempt *attempt)) {
        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
                for (size_t j = 0; j < all[i]->n_rows; j++) {
                        function(&all[i]->rows[j]);
                        (void) fflush(stdout);
                }
}

static const char *word(const char *name) {
        const char *value = getenv(name);

        return value ? value : "/none";
}

int main(int argc, char **argv) {
        const char *verb = argc == 2 ? argv[1] : "";

        target = (Target){ .canary = word("ESCAPE_CANARY"),
                           .plants = word("ESCAPE_PLANTS"),
                           .socket = word("ESCAPE_SOCKET"),
                           .abstract = word("ESCAPE_ABSTRACT"),
                           .port = atoi(word("ESCAPE_PORT")) };
        if (strcmp(verb, "--list") == 0)
                for_all(list);
        else if (strcmp(verb, "--inside") == 0)
                for_all(attack);
        else if (strcmp(verb, "--outside") == 0)
                for_all(attack_outside);
        else if (strcmp(verb, "--has-root") == 0)
                return has_root();
        else if (strcmp(verb, "--has-capability") == 0)
                return has_capability();
        else
                return EXIT_FAILURE;
        return EXIT_SUCCESS;
}
