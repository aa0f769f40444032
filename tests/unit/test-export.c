/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An export next to somebody who may write to the folder around a target's roots. What they do in the moment
 * after a folder was made is done by mkdirat() here, which stands before libc's.
 */

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/verbs.h"
#include "tests/lib/test.h"

#define LIST   "0644 pxe/tftp/boot/grub2/grub.cfg\n"
#define NOBODY 65534

/* The folder that is taken for something else once it was made, and how. */
static const char *awaited;
static void (*attack)(int folder_fd, const char *name);

int mkdirat(int folder_fd, const char *path, mode_t mode) {
        const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
        int r = (int) syscall(SYS_mkdirat, folder_fd, path, mode);

        if (r == 0 && str_equal(awaited, name)) {
                awaited = NULL;
                attack(folder_fd, path);
        }
        return r;
}

static void put_folder_of_their_own(int folder_fd, const char *name) {
        assert_ok(renameat(folder_fd, name, folder_fd, "aside"));
        assert_ok((int) syscall(SYS_mkdirat, folder_fd, name, 0755));
        assert_ok(fchownat(folder_fd, name, NOBODY, NOBODY, 0));
}

static void put_link(int folder_fd, const char *name) {
        assert_ok(unlinkat(folder_fd, name, AT_REMOVEDIR));
        assert_ok(symlinkat("../outside", folder_fd, name));
}

typedef struct Place {
        char *folder;
        int fd;
} Place;

static Place place_new(void) {
        Place place = {};

        place.folder = test_folder_new(&place.fd);
        assert_ok(fs_write_in_root(
                        place.fd,
                        "artifact/pxe/tftp/boot/grub2/grub.cfg",
                        "menu",
                        4,
                        0400));
        assert_ok(fs_mkdir_beneath(place.fd, "targets/outside", 0755));
        return place;
}

static void place_done(Place *place) {
        (void) close(place->fd);
        test_folder_remove(&place->folder);
}

static bool is_there(const Place *place, const char *path) {
        return faccessat(place->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) >= 0;
}

/* As the service starts it, with descriptors by number. Does not return. */
static _Noreturn void run_worker(const Place *place) {
        int lifeline[2], r = pipe2(lifeline, O_CLOEXEC);
        const Order order = { .verb = ORDER_EXPORT,
                              .tftp_name = (char *) "tftp",
                              .http_name = (char *) "http" };
        const struct {
                int fd, number;
        } table[] = {
                { open("/dev/null", O_WRONLY), ORDER_FD_REPORT },
                { lifeline[0], ORDER_FD_LIFELINE },
                { fd_open_beneath(place->fd, "artifact", O_RDONLY | O_DIRECTORY, 0),
                  ORDER_FD_OUTPUT },
                { fd_open_beneath(place->fd, "targets", O_RDONLY | O_DIRECTORY, 0), ORDER_FD_TFTP },
                { fd_open_beneath(place->fd, "targets", O_RDONLY | O_DIRECTORY, 0), ORDER_FD_HTTP },
                { test_file(LIST, strlen(LIST)), ORDER_FD_FILES },
        };
        int lifted[ELEMENTSOF(table)];

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                lifted[i] = fcntl(table[i].fd, F_DUPFD, 100);
        (void) fcntl(lifeline[1], F_DUPFD, 100);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(table); i++)
                (void) dup2(lifted[i], table[i].number);
        _exit(-verb_export(&order));
}

/* Returns what the worker did. */
static int run_export(const Place *place) {
        pid_t pid = fork();
        int status;

        if (pid == 0)
                run_worker(place);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status));
        return -WEXITSTATUS(status);
}

TEST(unhindered)
{
        _cleanup_(place_done) Place place = place_new();

        assert_errno(run_export(&place), 0);
        ck_assert(is_there(&place, "targets/tftp/boot/grub2/grub.cfg"));
        ck_assert(!is_there(&place, "targets/.tftp.new"));
}

TEST(folder_of_their_own_in_its_place)
{
        _cleanup_(place_done) Place place = place_new();

        if (geteuid() != 0)
                return;
        awaited = ".tftp.new";
        attack = put_folder_of_their_own;
        assert_errno(run_export(&place), -EPERM);
        ck_assert(!is_there(&place, "targets/tftp"));
        ck_assert(!is_there(&place, "targets/.tftp.new/boot"));
}

TEST(link_in_the_place_of_a_folder)
{
        _cleanup_(place_done) Place place = place_new();

        awaited = "boot";
        attack = put_link;
        assert_errno(run_export(&place), -ELOOP);
        ck_assert(!is_there(&place, "targets/outside/grub2"));
        ck_assert(!is_there(&place, "targets/tftp"));
}

/* Who may rename there could have folders removed that they may not remove. */
TEST(folder_of_somebody_else_stays)
{
        _cleanup_(place_done) Place place = place_new();

        assert_ok(fs_write_in_root(place.fd, "targets/.tftp.new/theirs", "", 0, 0600));
        assert_errno(run_export(&place), -ENOTEMPTY);
        ck_assert(is_there(&place, "targets/.tftp.new/theirs"));
        ck_assert(!is_there(&place, "targets/tftp"));
}
