/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Packing: a config and its files become a context. */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "client/pack.h"
#include "common/archive.h"
#include "common/buffer.h"
#include "common/fs.h"
#include "common/strings.h"

typedef struct Bench {
        char *folder;
        int fd;
        char *config_path;
        Pack pack;
} Bench;

#define BASE                                 \
        "os:\n"                              \
        "  additionalFiles:\n"               \
        "  - {source: a, destination: /a}\n" \
        "  - {source: ../none, destination: /b}\n"
#define PREVIEW   "previewFeatures: [base-configs]\n"
#define WITH_BASE PREVIEW "baseConfigs: [{path: sub/base.yaml}]\n"

static void bench_init(Bench *bench, const char *config) {
        bench->folder = test_folder_new(&bench->fd);
        bench->config_path = str_printf("%s/config.yaml", bench->folder);
        bench->pack = PACK_NULL;
        assert_ok(fs_write_in_root(bench->fd, "config.yaml", config, strlen(config), 0600));
        assert_ok(fs_write_in_root(bench->fd, "sub/a", "A", 1, 0600));
        assert_ok(fs_write_in_root(bench->fd, "run.sh", "#!/bin/sh", 9, 0750));
        assert_ok(fs_write_in_root(bench->fd, "sub/base.yaml", BASE, strlen(BASE), 0600));
        ck_assert_int_eq(symlinkat("sub/a", bench->fd, "link"), 0);
        ck_assert_int_eq(mkfifoat(bench->fd, "fifo", 0600), 0);
}

static void bench_done(Bench *bench) {
        pack_done(&bench->pack);
        test_folder_remove(&bench->folder);
        free(bench->config_path);
        (void) close(bench->fd);
}
#define _cleanup_bench_ _cleanup_(bench_done)

static int load_and_check(Bench *bench, Failure *failure) {
        Order order = { .verb = ORDER_BUILD };
        int r = pack_load(bench->config_path, &bench->pack, failure);

        return r < 0 ? r : pack_check(&bench->pack, &order, CONFIG_IMAGE_DISK, failure);
}

static int note(void *userdata, ArchiveEntry *entry, Failure *reterr _unused_) {
        _cleanup_free_ char *data = NULL;
        size_t size;

        assert_ok(archive_entry_read(entry, 10000, &data, &size));
        return buffer_printf(
                        userdata,
                        "%s %o %s|",
                        archive_entry_name(entry),
                        archive_entry_permissions(entry),
                        data);
}

#define CONFIG                                          \
        "os:\n"                                         \
        "  additionalFiles:\n"                          \
        "  - {source: ./sub//a, destination: /a}\n"     \
        "  - {source: link, destination: /b}\n"         \
        "  - {source: sub/../sub/a, destination: /c}\n" \
        "  - {content: here, destination: /d}\n"        \
        "scripts: {postCustomization: [{path: run.sh}]}\n"

TEST(context)
{
        _cleanup_bench_ Bench bench = {};
        _cleanup_buffer_ Buffer seen = {};
        _cleanup_close_ int fd = -EBADF;
        ArchiveLimits limits = { .max_bytes = 10000, .max_entries = 10 };
        Failure failure = {};

        bench_init(&bench, CONFIG);
        ck_assert_msg(load_and_check(&bench, &failure) == 0, "%s", failure.message);
        ck_assert(pack_names_files(&bench.pack));
        assert_ok(pack_write(&bench.pack, &fd, &failure));
        assert_ok(archive_visit(fd, &limits, note, &seen, &failure));
        ck_assert_str_eq(
                        seen.data,
                        "config.yaml 644 " CONFIG "|files/sub/a 600 A|files/link 600 A|"
                        "outside/2 600 A|files/run.sh 750 #!/bin/sh|");
}

#define CONFIG_OF_FOLDERS                                  \
        "os:\n"                                            \
        "  additionalDirs:\n"                              \
        "  - {source: dir/, destination: /a}\n"            \
        "  - {source: ../%s/tree, destination: /b}\n"      \
        "  additionalFiles:\n"                             \
        "  - {source: dir/a, destination: /c}\n"           \
        "  users:\n"                                       \
        "  - name: u\n"                                    \
        "    password: {type: hashed-file, value: hash}\n" \
        "    sshPublicKeyPaths: [key.pub]\n"

/* Folders as they are, empty ones too; what is named twice comes once. */
TEST(folders)
{
        _cleanup_bench_ Bench bench = {};
        _cleanup_buffer_ Buffer seen = {};
        _cleanup_close_ int fd = -EBADF;
        _cleanup_free_ char *config = NULL;
        ArchiveLimits limits = { .max_bytes = 10000, .max_entries = 20, .with_folders = true };
        Failure failure = {};

        bench_init(&bench, "{}");
        config = str_printf(CONFIG_OF_FOLDERS, strrchr(bench.folder, '/') + 1);
        assert_ok(fs_write_in_root(bench.fd, "config.yaml", config, strlen(config), 0600));
        assert_ok(fs_write_in_root(bench.fd, "dir/a", "A", 1, 0600));
        assert_ok(fs_write_in_root(bench.fd, "tree/x/b", "B", 1, 0640));
        assert_ok(fs_mkdir_in_root(bench.fd, "tree/empty", 0700));
        assert_ok(fs_write_in_root(bench.fd, "hash", "$", 1, 0600));
        assert_ok(fs_write_in_root(bench.fd, "key.pub", "K", 1, 0600));
        ck_assert_msg(load_and_check(&bench, &failure) == 0, "%s", failure.message);
        assert_ok(pack_write(&bench.pack, &fd, &failure));
        assert_ok(archive_visit(fd, &limits, note, &seen, &failure));
        ck_assert_str_eq(
                        strchr(seen.data, '|'),
                        "|files/dir 755 |files/dir/a 600 A|outside/1 755 |"
                        "outside/1/empty 700 |outside/1/x 755 |outside/1/x/b 640 B|"
                        "files/key.pub 600 K|files/hash 600 $|");
}

TEST(folder_with_a_link)
{
        _cleanup_bench_ Bench bench = {};
        _cleanup_close_ int fd = -EBADF;
        Failure failure = {};

        bench_init(&bench, "os: {additionalDirs: [{source: sub, destination: /a}]}\n");
        ck_assert_int_eq(symlinkat("/etc/passwd", bench.fd, "sub/link"), 0);
        assert_ok(load_and_check(&bench, &failure));
        assert_errno(pack_write(&bench.pack, &fd, &failure), -EINVAL);
        ck_assert_str_eq(
                        failure.message,
                        "The folder 'sub' holds 'link', which is a link: only files and folders "
                        "can be sent; take it out, and make it by a script if the OS needs it.");
}

static const struct {
        const char *config;
        const char *printed; /* behind the config's path */
} bad_table[] = {
        { "os:\n  hostnam: x\n",
          ":2:3: error: os.hostnam: is not a known key; did you mean \"hostname\"?\n" },
        { "os:\n  additionalFiles:\n  - {source: none, destination: /a}\n",
          ":3:5: error: os.additionalFiles: cannot use the file 'none': No such file or directory\n" },
        { "os:\n  additionalFiles:\n  - {source: fifo, destination: /a}\n",
          ":3:5: error: os.additionalFiles: cannot use the file 'fifo': it is not a regular file\n" },
        { "iso:\n  additionalFiles:\n  - {source: none, destination: a}\n",
          ":3:5: error: iso.additionalFiles: cannot use the file 'none': No such file or directory\n" },
        { "pxe:\n  additionalFiles:\n  - {source: sub, destination: a}\n",
          ":3:5: error: pxe.additionalFiles: cannot use the file 'sub': Is a directory\n" },
        { "scripts:\n  postCustomization:\n  - {path: sub}\n",
          ":3:5: error: scripts.postCustomization: cannot use the file 'sub': Is a directory\n" },
        { "os:\n  additionalDirs:\n  - {source: run.sh, destination: /a}\n",
          ":3:5: error: os.additionalDirs: cannot use the folder 'run.sh': Not a directory\n" },
        { "os:\n  users:\n  - {name: u, sshPublicKeyPaths: [none]}\n",
          ":3:5: error: os.users[].sshPublicKeyPaths: cannot use the file 'none': No such file or directory\n" },
        { "os:\n  packages:\n    removeLists: [run.sh]\n",
          ":3:19: error: os.packages.removeLists: 'run.sh', line 1, column 1: config: must be a "
          "mapping (key: value), but is empty\n" },
        { "os:\n  packages:\n    sources:\n    - folder: run.sh\n",
          ":4:7: error: os.packages.sources[].folder: cannot use the folder 'run.sh': Not a "
          "directory\n" },
};

TEST_ROWS(bad, ELEMENTSOF(bad_table)) {
        _cleanup_bench_ Bench bench = {};
        _cleanup_free_ char *printed = NULL, *expected = NULL;
        Failure failure = {};
        FILE *to;
        size_t size;

        bench_init(&bench, bad_table[_i].config);
        assert_errno(load_and_check(&bench, &failure), -EBADMSG);
        assert_failure(&failure, "is not valid: 1 error.");
        to = open_memstream(&printed, &size);
        pack_print_diagnostics(&bench.pack, to);
        ck_assert_int_eq(fclose(to), 0);
        expected = str_printf("%s%s", bench.config_path, bad_table[_i].printed);
        ck_assert_str_eq(printed, expected);
}

/* Paths in a base config start from its own folder. */
TEST(context_with_a_base_config)
{
        _cleanup_bench_ Bench bench = {};
        _cleanup_buffer_ Buffer seen = {};
        _cleanup_close_ int fd = -EBADF;
        ArchiveLimits limits = { .max_bytes = 10000, .max_entries = 10 };
        Failure failure = {};

        bench_init(&bench, WITH_BASE);
        assert_ok(fs_write_in_root(bench.fd, "none", "N", 1, 0600));
        ck_assert_msg(load_and_check(&bench, &failure) == 0, "%s", failure.message);
        ck_assert(pack_names_files(&bench.pack));
        assert_ok(pack_write(&bench.pack, &fd, &failure));
        assert_ok(archive_visit(fd, &limits, note, &seen, &failure));
        ck_assert_str_eq(
                        seen.data,
                        "config.yaml 644 " WITH_BASE "|bases/0 644 " BASE "|files/sub/a 600 A|"
                        "files/none 600 N|");
}

static const struct {
        const char *config;
        const char *printed; /* behind the folder's path */
} base_table[] = {
        { WITH_BASE,
          "sub/base.yaml:4:5: error: os.additionalFiles: cannot use the file 'none': No such file or "
          "directory\n" },
        { PREVIEW "baseConfigs: [{path: nowhere}]\n",
          "config.yaml:2:15: error: baseConfigs: \"nowhere\" cannot be opened: No such file or "
          "directory\n" },
        { PREVIEW "baseConfigs: [{path: fifo}]\n",
          "config.yaml:2:15: error: baseConfigs: \"fifo\" is not a regular file\n" },
        { PREVIEW "baseConfigs: [{path: sub}]\n",
          "config.yaml:2:15: error: baseConfigs: \"sub\" is not a regular file\n" },
        { PREVIEW "baseConfigs: [{path: config.yaml}]\n",
          "config.yaml:2:15: error: baseConfigs: \"config.yaml\" leads back to itself (config.yaml, "
          "config.yaml); leave one of these steps out\n" },
};

TEST_ROWS(base, ELEMENTSOF(base_table)) {
        _cleanup_bench_ Bench bench = {};
        _cleanup_free_ char *printed = NULL, *expected = NULL;
        Failure failure = {};
        FILE *to;
        size_t size;

        bench_init(&bench, base_table[_i].config);
        assert_errno(load_and_check(&bench, &failure), -EBADMSG);
        to = open_memstream(&printed, &size);
        pack_print_diagnostics(&bench.pack, to);
        ck_assert_int_eq(fclose(to), 0);
        expected = str_printf("%s/%s", bench.folder, base_table[_i].printed);
        ck_assert_str_eq(printed, expected);
}

#define WITH_SOURCES \
        "os: {packages: {install: [a], installLists: [list.yaml], sources: [{folder: sub}]}}\n"

/* Those of the command line start from the current folder, also when they are written as others are. */
TEST(package_sources)
{
        _cleanup_strv_ char **paths = NULL;
        _cleanup_bench_ Bench bench = {};
        _cleanup_buffer_ Buffer seen = {};
        _cleanup_close_ int fd = -EBADF;
        ArchiveLimits limits = { .max_bytes = 10000, .max_entries = 20 };
        Failure failure = {};

        bench_init(&bench, WITH_SOURCES);
        assert_ok(fs_write_in_root(bench.fd, "list.yaml", "packages: [b]", 13, 0644));
        assert_ok(fs_write_in_root(bench.fd, "here/sub/c", "C", 1, 0600));
        assert_ok(fs_write_in_root(bench.fd, "here/own.repo", "R", 1, 0600));
        ck_assert_int_eq(fchdir(bench.fd), 0);
        ck_assert_int_eq(chdir("here"), 0);
        assert_ok(strv_append(&paths, "sub"));
        assert_ok(strv_append(&paths, "own.repo"));
        assert_ok(pack_add_package_sources(&bench.pack, paths, PACK_TRUSTED, &failure));
        ck_assert_msg(load_and_check(&bench, &failure) == 0, "%s", failure.message);
        ck_assert(bench.pack.config.packages.sources[1].trusted);
        ck_assert(!bench.pack.config.packages.sources[0].trusted);
        ck_assert_uint_eq(bench.pack.config.packages.n_sources, 3);
        assert_ok(pack_write(&bench.pack, &fd, &failure));
        assert_ok(archive_visit(fd, &limits, note, &seen, &failure));
        ck_assert_msg(strstr(seen.data, "|outside/0/c 600 C|outside/1 600 R|"), "%s", seen.data);
        ck_assert_msg(strstr(seen.data, "|files/list.yaml 644 packages: [b]|"), "%s", seen.data);
        ck_assert_msg(strstr(seen.data, "|files/sub/a 600 A|"), "%s", seen.data);
        ck_assert_msg(strstr(seen.data, "|sources.yaml 644 {"), "%s", seen.data);
}

TEST(package_sources_that_are_not_there)
{
        char *paths[] = { (char *) "/nowhere/at-all", NULL };
        _cleanup_pack_ Pack pack = PACK_NULL;
        Failure failure = {};

        assert_errno(pack_add_package_sources(&pack, paths, 0, &failure), -ENOENT);
        ck_assert_str_eq(
                        failure.message,
                        "Cannot use the package source '/nowhere/at-all': No such file or directory");
}

TEST(no_config)
{
        _cleanup_pack_ Pack pack = PACK_NULL;
        Failure failure = {};

        assert_errno(pack_load("/nowhere/config.yaml", &pack, &failure), -ENOENT);
        ck_assert_str_eq(
                        failure.message,
                        "Cannot open the config '/nowhere/config.yaml': No such file or directory");
        assert_errno(pack_load("/", &pack, &failure), -EISDIR);
}
