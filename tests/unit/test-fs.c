/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files and folders: what is written, with which mode, and that removal stays inside. */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "common/fs.h"
#include "common/strings.h"

typedef struct Place {
        char *folder;
        int fd;
} Place;

static Place place_new(void) {
        Place place = {};

        place.folder = test_folder_new(&place.fd);
        return place;
}

static void place_done(Place *place) {
        test_folder_remove(&place->folder);
        (void) close(place->fd);
}

static void check_content(int fd, const char *path, const char *expected) {
        _cleanup_free_ char *data = NULL;
        size_t size;

        assert_ok(fs_read_in_root(fd, path, 1000, &data, &size));
        ck_assert_str_eq(data, expected);
}

static mode_t mode_of(int fd, const char *path) {
        struct stat st;

        assert_ok(fs_stat_in_root(fd, path, &st));
        return st.st_mode & 07777;
}

static bool is_there(int fd, const char *path) {
        struct stat st;

        return fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

TEST(write_makes_folders_and_sets_modes)
{
        _cleanup_(place_done) Place place = place_new();

        (void) umask(0077);
        assert_ok(fs_write_in_root(place.fd, "/a/b//c/file", "abc", 3, 0664));
        check_content(place.fd, "a/b/c/file", "abc");
        ck_assert_uint_eq(mode_of(place.fd, "a/b/c/file"), 0664);
        ck_assert_uint_eq(mode_of(place.fd, "a/b/c"), 0755);
        ck_assert_uint_eq(mode_of(place.fd, "a"), 0755);
        assert_ok(fs_write_in_root(place.fd, "a/b/c/file", "d", 1, 0600));
        check_content(place.fd, "a/b/c/file", "d");
        ck_assert_uint_eq(mode_of(place.fd, "a/b/c/file"), 0600);
}

TEST(write_sees_links_as_the_root_does)
{
        _cleanup_(place_done) Place place = place_new();

        ck_assert_int_eq(symlinkat("/real", place.fd, "link"), 0);
        ck_assert_int_eq(symlinkat("../../up", place.fd, "out"), 0);
        assert_errno(fs_mkdir_in_root(place.fd, "link/a", 0755), -EEXIST); /* it leads nowhere */
        assert_ok(fs_mkdir_in_root(place.fd, "real", 0755));
        assert_ok(fs_write_in_root(place.fd, "link/file", "a", 1, 0644));
        check_content(place.fd, "real/file", "a");
        assert_ok(fs_write_in_root(place.fd, "out", "b", 1, 0644));
        check_content(place.fd, "up", "b");
}

static const struct {
        const char *path;
        int result;
} unwritable[] = {
        { "", -EINVAL },
        { "/", -EINVAL },
        { "folder", -EISDIR },
        { "file/below", -ENOTDIR },
};

TEST_ROWS(what_cannot_be_written, ELEMENTSOF(unwritable)) {
        _cleanup_(place_done) Place place = place_new();

        assert_ok(fs_mkdir_in_root(place.fd, "folder", 0755));
        assert_ok(fs_write_in_root(place.fd, "file", "a", 1, 0644));
        assert_errno(fs_write_in_root(place.fd, unwritable[_i].path, "a", 1, 0644),
                     unwritable[_i].result);
}

TEST(read_is_bounded_and_does_not_hang)
{
        _cleanup_(place_done) Place place = place_new();
        _cleanup_free_ char *data = NULL;
        size_t size;

        assert_ok(fs_write_in_root(place.fd, "file", "abc", 3, 0644));
        ck_assert_int_eq(mkfifoat(place.fd, "fifo", 0644), 0);
        assert_errno(fs_read_in_root(place.fd, "file", 2, &data, &size), -EFBIG);
        assert_errno(fs_read_in_root(place.fd, "fifo", 2, &data, &size), -EINVAL);
        assert_errno(fs_read_in_root(place.fd, "/", 2, &data, &size), -EINVAL);
        assert_errno(fs_read_in_root(place.fd, "none", 2, &data, &size), -ENOENT);
        assert_errno(fs_read_in_root(place.fd, "../../etc/passwd", 9999, &data, &size), -ENOENT);
}

TEST(mkdir_in_root)
{
        _cleanup_(place_done) Place place = place_new();

        (void) umask(0077);
        assert_ok(fs_mkdir_in_root(place.fd, "a/b/c/", 0711));
        assert_ok(fs_mkdir_in_root(place.fd, "a/b/c", 0700)); /* stays as it is */
        ck_assert_uint_eq(mode_of(place.fd, "a/b/c"), 0711);
        assert_ok(fs_write_in_root(place.fd, "file", "a", 1, 0644));
        assert_errno(fs_mkdir_in_root(place.fd, "file", 0755), -ENOTDIR);
        assert_errno(fs_mkdir_in_root(place.fd, "file/a", 0755), -ENOTDIR);
}

TEST(mkdir_beneath_follows_no_link)
{
        _cleanup_(place_done) Place place = place_new();

        assert_ok(fs_mkdir_beneath(place.fd, "a/b", 0755));
        ck_assert_int_eq(symlinkat("a", place.fd, "link"), 0);
        assert_errno(fs_mkdir_beneath(place.fd, "link/c", 0755), -ELOOP);
        assert_errno(fs_mkdir_beneath(place.fd, "../c", 0755), -EXDEV);
        assert_errno(fs_mkdir_beneath(place.fd, "/c", 0755), -EXDEV);
        ck_assert(!is_there(place.fd, "a/c"));
}

TEST(write_atomic_replaces)
{
        _cleanup_(place_done) Place place = place_new();

        (void) umask(0077);
        assert_ok(fs_write_in_root(place.fd, ".record.new", "left", 4, 0600));
        assert_ok(fs_write_atomic(place.fd, "record", "one", 3, 0644));
        check_content(place.fd, "record", "one");
        ck_assert_uint_eq(mode_of(place.fd, "record"), 0644);
        assert_ok(fs_write_atomic(place.fd, "record", "two", 3, 0644));
        check_content(place.fd, "record", "two");
        ck_assert(!is_there(place.fd, ".record.new"));
}

TEST(write_atomic_leaves_nothing_half_done)
{
        _cleanup_(place_done) Place place = place_new();

        assert_ok(fs_write_in_root(place.fd, "record/file", "a", 1, 0600));
        assert_errno(fs_write_atomic(place.fd, "record", "one", 3, 0644), -EISDIR);
        ck_assert(!is_there(place.fd, ".record.new"));
        check_content(place.fd, "record/file", "a");
}

TEST(remove_tree)
{
        _cleanup_(place_done) Place place = place_new();

        assert_ok(fs_write_in_root(place.fd, "kept/file", "a", 1, 0644));
        assert_ok(fs_write_in_root(place.fd, "tree/a/b/file", "a", 1, 0400));
        ck_assert_int_eq(symlinkat("../kept", place.fd, "tree/link"), 0);
        ck_assert_int_eq(symlinkat("kept", place.fd, "link"), 0);
        assert_ok(fs_remove_tree(place.fd, "tree"));
        assert_ok(fs_remove_tree(place.fd, "tree"));
        assert_ok(fs_remove_tree(place.fd, "link"));
        ck_assert(!is_there(place.fd, "tree"));
        ck_assert(!is_there(place.fd, "link"));
        check_content(place.fd, "kept/file", "a");
}

TEST(remove_marked_tree)
{
        _cleanup_(place_done) Place place = place_new();

        assert_ok(fs_write_in_root(place.fd, "ours/.marker", "", 0, 0644));
        assert_ok(fs_write_in_root(place.fd, "ours/a/.marker", "", 0, 0644));
        assert_ok(fs_write_in_root(place.fd, "theirs/a/.marker", "", 0, 0644));
        assert_ok(fs_mkdir_beneath(place.fd, "empty", 0755));
        assert_ok(fs_remove_marked_tree(place.fd, "ours", ".marker"));
        assert_ok(fs_remove_marked_tree(place.fd, "ours", ".marker"));
        assert_ok(fs_remove_marked_tree(place.fd, "empty", ".marker"));
        assert_errno(fs_remove_marked_tree(place.fd, "theirs", ".marker"), -ENOTEMPTY);
        ck_assert(!is_there(place.fd, "ours"));
        ck_assert(!is_there(place.fd, "empty"));
        check_content(place.fd, "theirs/a/.marker", "");
}

/* What cannot be removed leaves the tree as ours as it was. */
TEST(the_marker_goes_last)
{
        _cleanup_(place_done) Place place = place_new();

        assert_ok(fs_write_in_root(place.fd, "ours/.marker", "", 0, 0644));
        assert_ok(fs_mkdir_beneath(place.fd, "ours/mounted", 0755));
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return; /* of root alone */
        ck_assert_int_eq(chdir(place.folder), 0);
        ck_assert_int_eq(mount("tmpfs", "ours/mounted", "tmpfs", 0, NULL), 0);
        (void) close(place.fd); /* it is the other namespace's */
        place.fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_lt(fs_remove_marked_tree(place.fd, "ours", ".marker"), 0);
        check_content(place.fd, "ours/.marker", "");
        ck_assert_int_eq(umount2("ours/mounted", MNT_DETACH), 0);
        assert_ok(fs_remove_marked_tree(place.fd, "ours", ".marker"));
}

TEST(remove_contents_keeps_the_folder)
{
        _cleanup_(place_done) Place place = place_new();

        assert_ok(fs_write_in_root(place.fd, "a/b/file", "a", 1, 0644));
        assert_ok(fs_write_in_root(place.fd, "file", "a", 1, 0644));
        assert_ok(fs_remove_contents(place.fd));
        ck_assert(!is_there(place.fd, "a"));
        ck_assert(!is_there(place.fd, "file"));
        ck_assert(is_there(place.fd, "."));
}

/* Deeper than descriptors or the stack would reach. */
TEST(remove_deep_tree)
{
        _cleanup_(place_done) Place place = place_new();
        int fd = dup(place.fd);

        for (unsigned i = 0; i < 3000; i++) {
                int next;

                ck_assert_int_eq(mkdirat(fd, "d", 0755), 0);
                next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                ck_assert_int_ge(next, 0);
                (void) close(fd);
                fd = next;
        }
        (void) close(fd);
        assert_ok(fs_write_in_root(place.fd, "d/.removed-0", "a", 1, 0644)); /* a name in its way */
        assert_ok(fs_remove_tree(place.fd, "d"));
        ck_assert(!is_there(place.fd, "d"));
}

TEST(readdir_leaves_out_the_dots)
{
        _cleanup_(place_done) Place place = place_new();
        _cleanup_closedir_ DIR *d = NULL;
        struct dirent *entry;

        assert_ok(fs_write_in_root(place.fd, "...", "a", 1, 0644));
        d = fs_opendir(dup(place.fd));
        ck_assert_ptr_nonnull(d);
        entry = fs_readdir(d);
        ck_assert_str_eq(entry->d_name, "...");
        ck_assert_ptr_null(fs_readdir(d));
        ck_assert_int_eq(errno, 0);
        ck_assert_ptr_null(fs_opendir(-EBADF));
        ck_assert_int_eq(errno, EBADF);
}
