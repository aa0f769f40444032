/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/target.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fs.h"
#include "common/strings.h"
#include "tests/lib/test.h"

/* A store, and a target whose roots are there. */
typedef struct Place {
        char *folder;
        int folder_fd;
        SettingsTarget settings;
        Store store;
} Place;

static void place_init(Place *place) {
        _cleanup_free_ char *state = NULL, *scratch = NULL;

        *place = (Place){ .folder_fd = -EBADF, .store = STORE_NULL };
        place->folder = test_folder_new(&place->folder_fd);
        state = str_printf("%s/state", place->folder);
        scratch = str_printf("%s/scratch", place->folder);
        assert_ok(store_open(state, scratch, &place->store, NULL));
        place->settings = (SettingsTarget){
                .name = (char *) "lab",
                .tftp_root = str_printf("%s/tftp", place->folder),
                .http_root = str_printf("%s/http", place->folder),
        };
        assert_ok(mkdirat(place->folder_fd, "tftp", 0755));
        assert_ok(mkdirat(place->folder_fd, "http", 0755));
}

static void place_done(Place *place) {
        free(place->settings.tftp_root);
        free(place->settings.http_root);
        store_done(&place->store);
        (void) close(place->folder_fd);
        test_folder_remove(&place->folder);
}

/* What a worker does to a root. */
static void exchange(const Place *place, const char *root) {
        assert_ok(mkdirat(place->folder_fd, "fresh", 0755));
        assert_ok(renameat2(place->folder_fd, "fresh", place->folder_fd, root, RENAME_EXCHANGE));
        /* The old folder stays, so that its number is not given again. */
        (void) fs_remove_tree(place->folder_fd, "old");
        assert_ok(renameat(place->folder_fd, "fresh", place->folder_fd, "old"));
}

static void assert_numbers(const Target *target, uint32_t current, uint32_t previous) {
        ck_assert_uint_eq(target->current, current);
        ck_assert_uint_eq(target->previous, previous);
        ck_assert_uint_eq(target->incoming, 0);
}

TEST(numbers_follow_the_exports)
{
        _cleanup_(place_done) Place place;
        Target target, loaded;

        place_init(&place);
        target = loaded = (Target){ .settings = &place.settings };
        assert_ok(target_load(&target, &place.store, NULL));
        assert_numbers(&target, 0, 0);
        for (uint32_t artifact = 3; artifact < 5; artifact++) {
                assert_ok(target_begin_change(&target, &place.store, artifact, NULL));
                assert_ok(target_end_change(&target, &place.store, TARGET_CHANGED, NULL));
        }
        assert_ok(target_load(&loaded, &place.store, NULL));
        assert_numbers(&loaded, 4, 3);
        assert_ok(target_begin_change(&target, &place.store, 3, NULL));
        assert_ok(target_end_change(&target, &place.store, TARGET_CHANGED, NULL));
        assert_ok(target_load(&loaded, &place.store, NULL));
        assert_numbers(&loaded, 3, 4);
}

static const struct {
        bool http, tftp; /* exchanged before the interruption */
        uint32_t current, previous;
        int result;
} interruptions[] = {
        { false, false, 4, 3, 0 },
        { true, false, 0, 0, -EIO },
        { false, true, 0, 0, -EIO },
        { true, true, 5, 0, 0 },
};

/* By the service that lives, and by the one that comes after it. */
TEST_ROWS(interruptions, ELEMENTSOF(interruptions)) {
        _cleanup_(place_done) Place place;
        Failure failure = {}, later = {};
        Target target, successor;

        place_init(&place);
        target = successor = (Target){ .settings = &place.settings };
        target.current = 4;
        target.previous = 3;
        assert_ok(target_begin_change(&target, &place.store, 5, NULL));
        if (interruptions[_i].http)
                exchange(&place, "http");
        if (interruptions[_i].tftp)
                exchange(&place, "tftp");
        assert_errno(target_load(&successor, &place.store, &later), interruptions[_i].result);
        assert_numbers(&successor, interruptions[_i].current, interruptions[_i].previous);
        assert_errno(target_end_change(&target, &place.store, TARGET_INTERRUPTED, &failure),
                     interruptions[_i].result);
        assert_numbers(&target, interruptions[_i].current, interruptions[_i].previous);
        if (interruptions[_i].result < 0)
                assert_failure(&failure, "'lab' was left with the");
        assert_ok(target_load(&successor, &place.store, &later));
        assert_numbers(&successor, interruptions[_i].current, interruptions[_i].previous);
}

TEST(nothing_to_end)
{
        _cleanup_(place_done) Place place;
        Target target;

        place_init(&place);
        target = (Target){ .settings = &place.settings, .current = 2, .previous = 1 };
        assert_ok(target_end_change(&target, &place.store, TARGET_INTERRUPTED, NULL));
        assert_numbers(&target, 2, 1);
}

TEST(garbage_counts_as_nothing)
{
        _cleanup_(place_done) Place place;
        Failure failure = {};
        Target target;

        place_init(&place);
        target = (Target){ .settings = &place.settings };
        assert_ok(fs_write_in_root(place.store.targets_fd, "lab.json", "{garbage", 8, 0600));
        assert_errno(target_load(&target, &place.store, &failure), -EIO);
        assert_failure(&failure, "What was exported to 'lab' is taken for nothing: ");
        assert_numbers(&target, 0, 0);
}

/* Whose links are followed on the way to a root. */
TEST(links_of_root_alone_lead_to_a_root)
{
        _cleanup_(place_done) Place place;
        _cleanup_free_ char *path = NULL;
        _cleanup_target_root_ TargetRoot root = TARGET_ROOT_NULL, none = TARGET_ROOT_NULL;
        struct stat there, found;
        Failure failure = {};

        place_init(&place);
        path = str_printf("%s/second/deep/root", place.folder);
        assert_ok(fs_mkdir_beneath(place.folder_fd, "there/deep", 0755));
        assert_ok(symlinkat("there", place.folder_fd, "first"));
        assert_ok(symlinkat("./first/../first", place.folder_fd, "second"));
        assert_ok(target_open_root(path, &root, &failure));
        assert_ok(fstat(root.folder_fd, &found));
        assert_ok(fstatat(place.folder_fd, "there/deep", &there, 0));
        ck_assert_uint_eq(found.st_ino, there.st_ino);
        ck_assert_str_eq(root.name, "root");
        if (geteuid() != 0)
                return;
        assert_ok(fchownat(place.folder_fd, "first", 65534, 65534, AT_SYMLINK_NOFOLLOW));
        assert_errno(target_open_root(path, &none, &failure), -EIO);
        assert_failure(&failure, "is reached by a link that is not root's");
}

TEST(links_without_end_lead_to_no_root)
{
        _cleanup_(place_done) Place place;
        _cleanup_free_ char *path = NULL;
        TargetRoot none = TARGET_ROOT_NULL;

        place_init(&place);
        path = str_printf("%s/link/root", place.folder);
        assert_ok(symlinkat("link", place.folder_fd, "link"));
        assert_errno(target_open_root(path, &none, /* reterr= */ NULL), -EIO);
}
