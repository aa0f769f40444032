/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/artifact.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/fs.h"
#include "common/strings.h"
#include "tests/lib/test.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FILE_(p) \
        "{\"path\": \"" p "\", \"size\": 3, \"permissions\": \"0640\", \"sha256\": \"" DIGEST "\"}"
#define FILES(f) "{\"version\": 1, \"files\": [" f "]}"

static void open_store(Store *ret, char **ret_folder) {
        _cleanup_free_ char *state = NULL, *scratch = NULL;
        _cleanup_close_ int fd = -EBADF;

        *ret_folder = test_folder_new(&fd);
        state = str_printf("%s/state", *ret_folder);
        scratch = str_printf("%s/scratch", *ret_folder);
        *ret = STORE_NULL;
        assert_ok(store_open(state, scratch, ret, NULL));
}

static Artifact *new_artifact(uint32_t id) {
        Artifact *artifact = calloc(1, sizeof(*artifact));

        *artifact = (Artifact){
                .id = id,
                .owner = 1000,
                .title = strdup("t"),
                .format = strdup("iso"),
        };
        return artifact;
}

TEST(publish_load_hide)
{
        _cleanup_(artifact_freep) Artifact *artifact = new_artifact(5), *loaded = NULL;
        _cleanup_close_ int files_fd = -EBADF, fd = -EBADF;
        _cleanup_folder_ char *folder = NULL;
        _cleanup_store_ Store store = {};
        Failure failure = {};
        char name[24];

        open_store(&store, &folder);
        files_fd = assert_ok(artifact_create_output(&store, 5, NULL));
        assert_errno(artifact_publish(artifact, &store, &failure), -EIO);
        assert_failure(&failure, "manifest");
        assert_ok(fs_write_in_root(files_fd, "a", "abc", 3, 0644));
        assert_ok(fs_write_in_root(files_fd, "unlisted", "x", 1, 0644));
        assert_ok(fs_write_in_root(
                        files_fd,
                        ARTIFACT_MANIFEST,
                        FILES(FILE_("a")),
                        strlen(FILES(FILE_("a"))),
                        0644));
        assert_errno(artifact_load(&store, 5, &loaded, NULL), -ENOENT);
        assert_ok(artifact_publish(artifact, &store, &failure));
        assert_ok(artifact_load(&store, 5, &loaded, NULL));
        ck_assert_uint_eq(loaded->owner, 1000);
        ck_assert_uint_eq(loaded->size_bytes, 3 + strlen(FILES(FILE_("a"))));
        ck_assert_uint_gt(loaded->created_usec, 0);
        fd = assert_ok(artifact_open_file(loaded, &store, "a", NULL));
        ck_assert_int_lt((int) write(fd, "x", 1), 0);
        assert_errno(artifact_open_file(loaded, &store, "unlisted", &failure), -ENOENT);
        assert_errno(artifact_open_file(loaded, &store, "../record.json", &failure), -ENOENT);
        assert_ok(artifact_hide(loaded, &store, name));
        ck_assert_str_eq(name, ".gone-5");
}

/* A descriptor for reading is all that a stranger needs to open a file anew, or to run it. */
TEST(published_files_are_sealed)
{
        static const unsigned char capability[20] = { 1, 0, 0, 2, 0x80 };
        _cleanup_(artifact_freep) Artifact *artifact = new_artifact(5);
        _cleanup_close_ int files_fd = -EBADF, fd = -EBADF;
        _cleanup_folder_ char *folder = NULL;
        _cleanup_store_ Store store = {};
        char value[64];
        struct stat st;

        open_store(&store, &folder);
        files_fd = assert_ok(artifact_create_output(&store, 5, NULL));
        assert_ok(fs_write_in_root(
                        files_fd,
                        ARTIFACT_MANIFEST,
                        FILES(FILE_("a")),
                        strlen(FILES(FILE_("a"))),
                        0666));
        assert_ok(fs_write_in_root(files_fd, "a", "abc", 3, 0777));
        fd = assert_ok(openat(files_fd, "a", O_RDONLY | O_CLOEXEC));
        if (geteuid() == 0) {
                ck_assert_int_eq(fchown(fd, 1000, 1000), 0);
                ck_assert_int_eq(
                                fsetxattr(fd,
                                          "security.capability",
                                          capability,
                                          sizeof(capability),
                                          /* flags= */ 0),
                                0);
        }
        ck_assert_int_eq(fchmod(fd, 06777), 0);
        assert_ok(artifact_publish(artifact, &store, NULL));
        ck_assert_int_eq(fstat(fd, &st), 0);
        ck_assert_uint_eq(st.st_mode, S_IFREG | 0400);
        ck_assert_uint_eq(st.st_uid, geteuid());
        ck_assert_int_lt((int) fgetxattr(fd, "security.capability", value, sizeof(value)), 0);
        ck_assert_int_eq(fstatat(files_fd, ARTIFACT_MANIFEST, &st, 0), 0);
        ck_assert_uint_eq(st.st_mode, S_IFREG | 0400);
}

TEST(lies_of_a_worker)
{
        static const char *const places[] = { "/etc/passwd", "../record.json" };

        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                _cleanup_(artifact_freep) Artifact *artifact = new_artifact(5);
                _cleanup_close_ int files_fd = -EBADF;
                _cleanup_folder_ char *folder = NULL;
                _cleanup_store_ Store store = {};
                Failure failure = {};

                open_store(&store, &folder);
                files_fd = assert_ok(artifact_create_output(&store, 5, NULL));
                ck_assert_int_eq(symlinkat(places[i], files_fd, "a"), 0);
                assert_ok(fs_write_in_root(
                                files_fd,
                                ARTIFACT_MANIFEST,
                                FILES(FILE_("a")),
                                strlen(FILES(FILE_("a"))),
                                0644));
                assert_errno(artifact_publish(artifact, &store, &failure), -EIO);
                assert_failure(&failure, "'a'");
        }
}
