/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writing an artifact where the user wants it: from a folder that stands for the service. */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "client/output.h"
#include "common/archive.h"
#include "common/buffer.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"

typedef struct Content {
        const char *path;
        const char *text;
        mode_t permissions;
} Content;

static const Content contents[] = {
        { "image.iso", "the iso", 0644 },
        { "manifest.json", "{}\n", 0644 },
        { "pxe/http/image.iso", "the iso", 0644 },
        { "pxe/http/user/none", "nobody's", 0 },
        { "pxe/http/user/private", "mine", 0600 },
        { "pxe/http/user/tool", "#!", 0777 },
        { "pxe/tftp/boot/grub2/grub.cfg", "menuentry\n", 0644 },
        { "pxe/tftp/boot/initrd.img", "initrd", 0644 },
        { "pxe/tftp/bootx64.efi", "MZ", 0644 },
};

static int open_below(const Artifact *artifact, const char *path, Failure *reterr) {
        int fd = openat(artifact->folder_fd, path, O_RDONLY | O_CLOEXEC);

        return fd < 0 ? failure_set_errno(reterr, -errno, "Cannot open '%s'", path) : fd;
}

/* An artifact in `folder_fd` with the contents whose paths begin with `prefix`. */
static void make_artifact(int folder_fd, const char *prefix, Artifact *ret) {
        *ret = (Artifact){ .open_file = open_below, .folder_fd = folder_fd };
        for (size_t i = 0; i < ELEMENTSOF(contents); i++) {
                const char *text = contents[i].text;
                char digest[DIGEST_SIZE];

                if (!str_after_prefix(contents[i].path, prefix))
                        continue;
                digest_bytes(text, strlen(text), digest);
                assert_ok(artifact_add_file(
                                ret,
                                contents[i].path,
                                strlen(text),
                                digest,
                                contents[i].permissions));
                assert_ok(fs_write_in_root(folder_fd, contents[i].path, text, strlen(text), 0600));
        }
}

typedef struct Bench {
        char *source;
        char *target;
        int source_fd;
        int target_fd;
        Artifact artifact;
} Bench;

static void bench_init(Bench *bench, const char *prefix) {
        bench->source = test_folder_new(&bench->source_fd);
        bench->target = test_folder_new(&bench->target_fd);
        make_artifact(bench->source_fd, prefix, &bench->artifact);
}

static void bench_done(Bench *bench) {
        artifact_done(&bench->artifact);
        test_folder_remove(&bench->source);
        test_folder_remove(&bench->target);
        (void) close(bench->source_fd);
        (void) close(bench->target_fd);
}
#define _cleanup_bench_ _cleanup_(bench_done)

static int write_output(
                Bench *bench,
                OutputFormat format,
                const char *name,
                const char *pxe_name,
                PlaceFlags flags,
                Failure *failure) {
        _cleanup_output_ Output output = OUTPUT_NULL;
        _cleanup_free_ char *path = str_printf("%s/%s", bench->target, name);
        _cleanup_free_ char *pxe_path = pxe_name ? str_printf("%s/%s", bench->target, pxe_name)
                                                 : NULL;
        int r = output_open(format, path, pxe_path, flags, &output, failure);

        return r < 0 ? r : output_write(&output, &bench->artifact, failure);
}

static void expect_file(const Bench *bench, const char *path, const char *text) {
        _cleanup_free_ char *data = NULL;
        size_t size;

        assert_ok(fs_read_in_root(bench->target_fd, path, 1000, &data, &size));
        ck_assert_str_eq(data, text);
}

static void expect_mode(const Bench *bench, const char *path, mode_t expected) {
        struct stat st;

        ck_assert_int_eq(fstatat(bench->target_fd, path, &st, 0), 0);
        ck_assert_uint_eq(st.st_mode, expected);
}

/* The names in the target, so that nothing temporary is overlooked. */
static void expect_names(const Bench *bench, size_t expected) {
        _cleanup_closedir_ DIR *d = fs_opendir(openat(bench->target_fd, ".", O_RDONLY | O_CLOEXEC));
        size_t n = 0;

        while (fs_readdir(d))
                n++;
        ck_assert_uint_eq(n, expected);
}

TEST(iso)
{
        _cleanup_bench_ Bench bench = {};
        Failure failure = {};

        (void) umask(022);
        bench_init(&bench, "");
        assert_ok(write_output(&bench, OUTPUT_ISO, "a.iso", NULL, 0, &failure));
        expect_file(&bench, "a.iso", "the iso");
        expect_mode(&bench, "a.iso", S_IFREG | 0644);
        expect_names(&bench, 1);

        /* An older file is replaced. */
        assert_ok(fs_write_in_root(bench.target_fd, "a.iso", "old", 3, 0600));
        assert_ok(write_output(&bench, OUTPUT_ISO, "a.iso", NULL, 0, &failure));
        expect_file(&bench, "a.iso", "the iso");
        expect_names(&bench, 1);
}

TEST(pxe_dir)
{
        _cleanup_bench_ Bench bench = {};
        Failure failure = {};

        (void) umask(022);
        bench_init(&bench, "pxe/");
        assert_ok(write_output(&bench, OUTPUT_PXE_DIR, "pxe/", NULL, 0, &failure));
        expect_file(&bench, "pxe/boot/grub2/grub.cfg", "menuentry\n");
        expect_file(&bench, "pxe/bootx64.efi", "MZ");
        expect_names(&bench, 1);
}

/* As tar does it that has not to preserve them. */
static const struct {
        mode_t umask;
        mode_t folder, boot, private, tool;
} umask_table[] = {
        { 0, 0777, 0644, 0600, 0777 },   { 002, 0775, 0644, 0600, 0775 },
        { 022, 0755, 0644, 0600, 0755 }, { 027, 0750, 0640, 0600, 0750 },
        { 077, 0700, 0600, 0600, 0700 },
};

TEST_ROWS(permissions_in_a_folder, ELEMENTSOF(umask_table)) {
        _cleanup_bench_ Bench bench = {};
        Failure failure = {};

        bench_init(&bench, "pxe/");
        (void) umask(umask_table[_i].umask);
        assert_ok(write_output(&bench, OUTPUT_PXE_DIR, "pxe", NULL, 0, &failure));
        expect_mode(&bench, "pxe", S_IFDIR | umask_table[_i].folder);
        expect_mode(&bench, "pxe/boot", S_IFDIR | umask_table[_i].folder);
        expect_mode(&bench, "pxe/boot/initrd.img", S_IFREG | umask_table[_i].boot);
        expect_mode(&bench, "pxe/image.iso", S_IFREG | umask_table[_i].boot);
        expect_mode(&bench, "pxe/user/none", S_IFREG);
        expect_mode(&bench, "pxe/user/private", S_IFREG | umask_table[_i].private);
        expect_mode(&bench, "pxe/user/tool", S_IFREG | umask_table[_i].tool);
}

TEST(iso_with_pxe)
{
        _cleanup_bench_ Bench bench = {};
        Failure failure = {};

        bench_init(&bench, "");
        assert_ok(write_output(&bench, OUTPUT_ISO, "a.iso", "pxe", 0, &failure));
        expect_file(&bench, "a.iso", "the iso");
        expect_file(&bench, "pxe/image.iso", "the iso");
        expect_names(&bench, 2);
}

static int list_entry(void *userdata, ArchiveEntry *entry, Failure *reterr _unused_) {
        return buffer_printf(
                        userdata,
                        "%04o %s\n",
                        (unsigned) archive_entry_permissions(entry),
                        archive_entry_name(entry));
}

TEST(pxe_tar)
{
        _cleanup_bench_ Bench bench = {};
        _cleanup_free_ char *command = NULL;
        _cleanup_buffer_ Buffer names = {};
        _cleanup_close_ int fd = -EBADF;
        ArchiveLimits limits = { .max_bytes = 1000, .max_entries = 100 };
        Failure failure = {};

        (void) umask(077); /* which whoever unpacks it decides */
        bench_init(&bench, "");
        assert_ok(write_output(&bench, OUTPUT_PXE_TAR, "a.tar.gz", NULL, 0, &failure));
        expect_names(&bench, 1);
        command = str_printf("gzip -d %s/a.tar.gz", bench.target);
        ck_assert_int_eq(system(command), 0);
        fd = openat(bench.target_fd, "a.tar", O_RDONLY | O_CLOEXEC);
        assert_ok(archive_visit(fd, &limits, list_entry, &names, &failure));
        ck_assert_str_eq(
                        names.data,
                        "0644 image.iso\n"
                        "0000 user/none\n"
                        "0600 user/private\n"
                        "0777 user/tool\n"
                        "0644 boot/grub2/grub.cfg\n"
                        "0644 boot/initrd.img\n"
                        "0644 bootx64.efi\n");
}

TEST(defect_10_used_folder_is_refused)
{
        _cleanup_bench_ Bench bench = {};
        Failure failure = {};

        bench_init(&bench, "pxe/");
        assert_ok(fs_mkdir_in_root(bench.target_fd, "pxe", 0755));
        assert_ok(write_output(&bench, OUTPUT_PXE_DIR, "pxe", NULL, 0, &failure));
        assert_errno(write_output(&bench, OUTPUT_PXE_DIR, "pxe", NULL, 0, &failure), -EEXIST);
        assert_failure(&failure, "pxe' is not empty; name a new one, or let it be replaced");

        /* With force, nothing of the old one stays. */
        assert_ok(fs_write_in_root(bench.target_fd, "pxe/old", "x", 1, 0600));
        assert_ok(write_output(&bench, OUTPUT_PXE_DIR, "pxe", NULL, PLACE_REPLACE, &failure));
        ck_assert_int_lt(faccessat(bench.target_fd, "pxe/old", F_OK, 0), 0);
        expect_file(&bench, "pxe/bootx64.efi", "MZ");
        expect_names(&bench, 1);
}

static const struct {
        const char *name;
        OutputFormat format;
        const char *path;
        PlaceFlags flags;
        int expected;
        const char *message;
} refused_table[] = {
        { "folder for an ISO", OUTPUT_ISO, "folder", 0, -EISDIR, "is a folder" },
        { "folder, forced", OUTPUT_ISO, "folder", PLACE_REPLACE, -EISDIR, "is a folder" },
        { "fifo for an ISO", OUTPUT_ISO, "fifo", 0, -ENOTSUP, "not a regular file" },
        { "file for a folder", OUTPUT_PXE_DIR, "file", 0, -ENOTDIR, "is not a folder" },
        { "file, forced", OUTPUT_PXE_DIR, "file", PLACE_REPLACE, -ENOTDIR, "is not a folder" },
        { "no folder around", OUTPUT_ISO, "none/a.iso", 0, -ENOENT, "none' for the result" },
        { "no name", OUTPUT_PXE_DIR, "none/..", 0, -EINVAL, "is not a name" },
};

TEST_ROWS(refused, ELEMENTSOF(refused_table)) {
        _cleanup_bench_ Bench bench = {};
        Failure failure = {};

        bench_init(&bench, "");
        assert_ok(fs_write_in_root(bench.target_fd, "file", "old", 3, 0600));
        assert_ok(fs_write_in_root(bench.target_fd, "folder/old", "old", 3, 0600));
        ck_assert_int_eq(mkfifoat(bench.target_fd, "fifo", 0600), 0);
        assert_errno(write_output(&bench,
                                  refused_table[_i].format,
                                  refused_table[_i].path,
                                  NULL,
                                  refused_table[_i].flags,
                                  &failure),
                     refused_table[_i].expected);
        assert_failure(&failure, refused_table[_i].message);
        expect_names(&bench, 3);
}

/* Where the user lives is not replaced, whatever is said. */
TEST(home_is_refused)
{
        _cleanup_bench_ Bench bench = {};
        Failure failure = {};

        bench_init(&bench, "");
        assert_ok(fs_write_in_root(bench.target_fd, "home/me/file", "x", 1, 0600));
        ck_assert_int_eq(fchdir(bench.target_fd), 0);
        ck_assert_int_eq(chdir("home/me"), 0);
        assert_errno(write_output(&bench, OUTPUT_PXE_DIR, "home", NULL, PLACE_REPLACE, &failure),
                     -EPERM);
        ck_assert_int_eq(chdir("/"), 0);
        ck_assert_int_eq(setenv("HOME", bench.target, 1), 0);
        assert_errno(write_output(&bench, OUTPUT_PXE_DIR, "", NULL, PLACE_REPLACE, &failure),
                     -EPERM);
        expect_file(&bench, "home/me/file", "x");
}

TEST(damage_is_found)
{
        _cleanup_bench_ Bench bench = {};
        Failure failure = {};

        bench_init(&bench, "");
        assert_ok(fs_write_in_root(bench.source_fd, "pxe/tftp/bootx64.efi", "MX", 2, 0600));
        assert_errno(write_output(&bench, OUTPUT_PXE_DIR, "pxe", NULL, 0, &failure), -EILSEQ);
        assert_failure(&failure, "'pxe/tftp/bootx64.efi' is not what the build made");
        expect_names(&bench, 0);
        assert_errno(write_output(&bench, OUTPUT_PXE_TAR, "a.tar.gz", NULL, 0, &failure), -EILSEQ);
        expect_names(&bench, 0);
}

/* The old folder stays whole when the new one does not come about. */
TEST(failure_keeps_the_old)
{
        _cleanup_bench_ Bench bench = {};
        Failure failure = {};

        bench_init(&bench, "");
        assert_ok(fs_write_in_root(bench.target_fd, "pxe/old", "old", 3, 0600));
        ck_assert_int_eq(unlinkat(bench.source_fd, "pxe/http/image.iso", 0), 0);
        assert_errno(write_output(&bench, OUTPUT_PXE_DIR, "pxe", NULL, PLACE_REPLACE, &failure),
                     -ENOENT);
        expect_file(&bench, "pxe/old", "old");
        expect_names(&bench, 1);
}

TEST(missing_parts)
{
        _cleanup_bench_ Bench iso = {}, pxe = {};
        Failure failure = {};

        bench_init(&iso, "image.iso");
        bench_init(&pxe, "pxe/");
        assert_errno(write_output(&iso, OUTPUT_PXE_DIR, "pxe", NULL, 0, &failure), -ENODATA);
        assert_failure(&failure, "has no PXE files");
        assert_errno(write_output(&iso, OUTPUT_ISO, "a.iso", "pxe", 0, &failure), -ENODATA);
        assert_errno(write_output(&pxe, OUTPUT_ISO, "a.iso", NULL, 0, &failure), -ENODATA);
        assert_failure(&failure, "has no ISO");
        expect_names(&iso, 0);
        expect_names(&pxe, 0);
}

TEST(paths_of_an_artifact)
{
        static const struct {
                const char *path;
                int expected;
        } table[] = {
                { "pxe/a", 0 },         { "/pxe/a", -EBADMSG },  { "pxe/../../a", -EBADMSG },
                { "pxe//a", -EBADMSG }, { "pxe/./a", -EBADMSG }, { "pxe/a/", -EBADMSG },
                { "", -EBADMSG },       { "..", -EBADMSG },
        };
        _cleanup_artifact_ Artifact artifact = {};
        char digest[DIGEST_SIZE];

        digest_bytes("", 0, digest);
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                assert_errno(artifact_add_file(&artifact, table[i].path, 0, digest, 0644),
                             table[i].expected);
        assert_errno(artifact_add_file(&artifact, "a", 0, "12", 0644), -EBADMSG);
}

TEST(permissions_of_an_artifact)
{
        static const struct {
                uint32_t permissions;
                int expected;
        } table[] = {
                { 0, 0 },
                { 0600, 0 },
                { 0777, 0 },
                { 01000, -EBADMSG },
                { 04755, -EBADMSG },
                { UINT32_MAX, -EBADMSG },
        };
        _cleanup_artifact_ Artifact artifact = {};
        char digest[DIGEST_SIZE];

        digest_bytes("", 0, digest);
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                assert_errno(artifact_add_file(&artifact, "a", 0, digest, table[i].permissions),
                             table[i].expected);
        ck_assert_uint_eq(artifact.n_files, 3);
        ck_assert_uint_eq(artifact.files[2].permissions, 0777);
}
