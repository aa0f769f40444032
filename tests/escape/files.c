/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files of the host: by name, through links, through what is shared; and what a script was given. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/escape/escape.h"

/* numbers[0]: what stands before the host's path. */
static int open_canary(const Attempt *attempt) {
        char path[PATH_MAX];

        (void) snprintf(path, sizeof(path), "%s%s", attempt->text, target.canary);
        return ANSWER(open(path, (int) attempt->numbers[0] | O_CLOEXEC));
}

static int open_canary_folder(const Attempt *attempt) {
        char path[PATH_MAX], *slash;

        (void) snprintf(path, sizeof(path), "%s", target.canary);
        slash = strrchr(path, '/');
        if (slash)
                slash[1] = '\0';
        return ANSWER(open(path, (int) attempt->numbers[0] | O_DIRECTORY | O_CLOEXEC));
}

/* Also outside, where it must not stay. */
static int open_a_link_to(const char *path, const char *link_path) {
        int answer;

        (void) unlink(link_path);
        if (symlink(path, link_path) < 0)
                return errno;
        answer = ANSWER(open(link_path, O_RDONLY | O_CLOEXEC));
        (void) unlink(link_path);
        return answer;
}

static int open_by_link(const Attempt *attempt) {
        return open_a_link_to(target.canary, attempt->text);
}

/* A chain of links, of which each leads up more folders than there are. */
static int open_by_climbing(const Attempt *attempt) {
        char path[PATH_MAX];

        (void) snprintf(path, sizeof(path), "../../../../../../../..%s", target.canary);
        return open_a_link_to(path, attempt->text);
}

static int make_hard_link(const Attempt *attempt) {
        return ANSWER(link((const char *) attempt->numbers[0], attempt->text));
}

static int make_file(const Attempt *attempt) {
        return ANSWER(open(attempt->text, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

static int change_mode(const Attempt *attempt) {
        return ANSWER(chmod(attempt->text, (mode_t) attempt->numbers[0]));
}

static int remove_it(const Attempt *attempt) {
        return ANSWER(unlinkat(AT_FDCWD, attempt->text, (int) attempt->numbers[0]));
}

static int set_attribute(const Attempt *attempt) {
        return ANSWER(setxattr((const char *) attempt->numbers[0], attempt->text, "y", 1, 0));
}

/* Nothing but the three is open, whatever the worker holds. */
static int find_descriptors(const Attempt *attempt) {
        for (int fd = (int) attempt->numbers[0]; fd < 4096; fd++)
                if (fcntl(fd, F_GETFD) >= 0)
                        return WORKS;
        return KEPT;
}

static int is_terminal(const Attempt *attempt) {
        for (int fd = 0; fd < (int) attempt->numbers[0]; fd++)
                if (isatty(fd))
                        return WORKS;
        return KEPT;
}

/* Standard input is the device null and not what the worker had. */
static int has_input(const Attempt *attempt) {
        char bytes[16];
        ssize_t n = read((int) attempt->numbers[0], bytes, sizeof(bytes));

        return n < 0 ? errno : n == 0 ? KEPT : WORKS;
}

static int find_environment(const Attempt *attempt) {
        static const char known[] = " PATH HOME LANG TERM PWD OLDPWD SHLVL _ ESCAPE_CANARY "
                                    "ESCAPE_PLANTS ESCAPE_SOCKET ESCAPE_ABSTRACT ESCAPE_PORT ";
        char name[64];

        for (char **p = environ; *p; p++) {
                (void) snprintf(name,
                                sizeof(name),
                                "%s%.*s ",
                                attempt->text,
                                (int) strcspn(*p, "="),
                                *p);
                if (!strstr(known, name))
                        return WORKS;
        }
        return KEPT;
}

/* The session is the script's own, and no process of it has a terminal. */
static int has_foreign_session(const Attempt *attempt) {
        return getsid(0) == (pid_t) attempt->numbers[0] ? WORKS : KEPT;
}

static const Attempt rows[] = {
        { "canary", open_canary, ENOENT, WORKS, "", { O_RDONLY } },
        { "canary_write", open_canary, ENOENT, WORKS, "", { O_WRONLY } },
        { "canary_folder", open_canary_folder, ENOENT, WORKS, NULL, { O_RDONLY } },
        { "canary_above_root", open_canary, ENOENT, WORKS, "/../../..", { O_RDONLY } },
        { "canary_of_own_root", open_canary, ENOENT, WORKS, "/proc/self/root", { O_RDONLY } },
        { "canary_of_own_cwd",
          open_canary,
          ENOENT,
          WORKS,
          "/proc/self/cwd/../../../../../../..",
          { O_RDONLY } },
        { "canary_of_own_task", open_canary, ENOENT, WORKS, "/proc/thread-self/root" },
        { "canary_of_init", open_canary, EACCES, WORKS, "/proc/1/root", { O_RDONLY } },
        { "link_in_tmp", open_by_link, ENOENT, WORKS, "/tmp/link" },
        { "link_in_run", open_by_link, ENOENT, WORKS, "/run/link" },
        { "link_in_tree", open_by_link, ENOENT, UNTRIED, "/opt/link" },
        { "climb_in_tmp", open_by_climbing, ENOENT, WORKS, "/tmp/climb" },
        { "climb_in_tree", open_by_climbing, ENOENT, UNTRIED, "/opt/climb" },
        { "hard_link_of_null",
          make_hard_link,
          EXDEV,
          UNTRIED,
          "/opt/null",
          { (long) "/dev/null" } },
        { "hard_link_of_shared",
          make_hard_link,
          EXDEV,
          UNTRIED,
          "/opt/shared",
          { (long) "/_pxed-scripts/postCustomization-0" } },
        { "places_of_worker", open_text, ENOENT, UNTRIED, "/work", { O_RDONLY } },
        { "places_of_image", open_text, ENOENT, UNTRIED, "/image/disk", { O_RDONLY } },
        { "places_of_result", open_text, ENOENT, UNTRIED, "/out", { O_RDONLY } },
        { "unmasked_proc", open_text, ENOENT, UNTRIED, "/.inner/proc/keys", { O_RDONLY } },
        { "state_of_service", open_text, ENOENT, UNTRIED, "/var/lib/pxed", { O_RDONLY } },
        { "scratch_of_others", open_text, ENOENT, UNTRIED, "/var/tmp/pxed", { O_RDONLY } },
        { "write_shared_files", make_file, EROFS, UNTRIED, "/_imageconfigs/new" },
        { "write_shared_scripts", make_file, EROFS, UNTRIED, "/_pxed-scripts/new" },
        { "change_shared_script",
          change_mode,
          EROFS,
          UNTRIED,
          "/_pxed-scripts/postCustomization-0",
          { 0777 } },
        { "remove_shared_script",
          remove_it,
          EROFS,
          UNTRIED,
          "/_pxed-scripts/postCustomization-0",
          { 0 } },
        { "remove_mount_point", remove_it, EBUSY, UNTRIED, "/proc", { AT_REMOVEDIR } },
        { "trusted_attribute",
          set_attribute,
          EPERM,
          WORKS,
          "trusted.overlay.redirect",
          { (long) "/etc" } },
        { "find_descriptors", find_descriptors, KEPT, UNTRIED, NULL, { STDERR_FILENO + 1 } },
        { "is_terminal", is_terminal, KEPT, UNTRIED, NULL, { STDERR_FILENO + 1 } },
        { "has_input", has_input, KEPT, UNTRIED, NULL, { STDIN_FILENO } },
        { "find_environment", find_environment, KEPT, UNTRIED, " " },
        { "has_foreign_session", has_foreign_session, KEPT, UNTRIED, NULL, { 0 } },
};

const Attempts file_attempts = ATTEMPTS(rows);
