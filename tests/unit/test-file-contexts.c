/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Labels by an image's own list: its files, its patterns, and what is wrong with them. */

#include "liveos/file-contexts.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/selinux.h"
#include "tests/lib/test.h"

#define LIST "etc/selinux/strict/contexts/files/file_contexts"

typedef struct File {
        const char *path;
        const char *text;
} File;

static const File image[] = {
        { SELINUX_CONFIG, "SELINUX=enforcing\nSELINUXTYPE=strict\n" },
        { LIST,
          "/.*\tu:r:any\n"
          "/\t-d\tu:r:root\n"
          "/etc(/.*)?\tu:r:etc\n"
          "/etc/shadow.*\t--\tu:r:shadow\n"
          "/dev/.*\t-c\tu:r:device\n"
          "/run/.*\t<<none>>\n"
          "/usr/lib(/.*)?\tu:r:lib\n" },
        { LIST ".homedirs", "/home/[^/]+\t-d\tu:r:home\n" },
        { LIST ".local", "/srv/mine\tu:r:mine\n" },
        { LIST ".subs_dist", "/lib64 /usr/lib\n" },
        { LIST ".subs", "/opt/etc /etc\n" },
};

static void write_files(int fd, const File *files, size_t n) {
        for (size_t i = 0; i < n; i++)
                assert_ok(fs_write_in_root(
                                fd,
                                files[i].path,
                                files[i].text,
                                strlen(files[i].text),
                                0644));
}

/* As labels.c does it; the copies lie beside the image. */
static int open_list(int fd, const char *folder, FileContexts **ret, Failure *failure) {
        _cleanup_free_ char *copies = str_printf("%s/copies", folder), *path = NULL;

        assert_ok(file_contexts_find(fd, &path));
        ck_assert_str_eq(path, LIST);
        return file_contexts_open(fd, path, copies, ret, failure);
}

/* ---- labels ---- */

static const struct {
        const char *path;
        mode_t type;
        const char *label; /* NULL for none */
} lookups[] = {
        { "/", S_IFDIR, "u:r:root" },
        { "/etc", S_IFDIR, "u:r:etc" },
        { "/etc/passwd", S_IFREG, "u:r:etc" },
        { "/etc/shadow", S_IFREG, "u:r:shadow" },
        { "/etc/shadow", S_IFLNK, "u:r:etc" },
        { "/etc/gr\xc3\xb6\xc3\x9f"
          "e\xff\n",
          S_IFREG,
          "u:r:etc" },
        { "/dev/null", S_IFCHR, "u:r:device" },
        { "/dev/null", S_IFIFO, "u:r:any" },
        { "/run/lock", S_IFDIR, NULL },
        { "/home/someone", S_IFDIR, "u:r:home" },
        { "/srv/mine", S_IFREG, "u:r:mine" },
        { "/lib64/x", S_IFREG, "u:r:lib" },
        { "/opt/etc/shadow-", S_IFREG, "u:r:shadow" },
        { "/elsewhere", S_IFSOCK, "u:r:any" },
};

TEST_ROWS(looks_up, ELEMENTSOF(lookups)) {
        const typeof(lookups[0]) *row = &lookups[_i];
        _cleanup_(file_contexts_freep) FileContexts *contexts = NULL;
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        _cleanup_free_ char *label = NULL;
        Failure failure = {};
        int r;

        write_files(fd, image, ELEMENTSOF(image));
        assert_ok(open_list(fd, folder, &contexts, &failure));
        r = file_contexts_look_up(contexts, row->path, row->type | 0644, &label, &failure);
        ck_assert_int_eq(r, row->label ? 1 : 0);
        ck_assert_pstr_eq(label, row->label);
}

/* ---- what an image may have instead ---- */

static const struct {
        const char *list;
        const char *part;
} lists[] = {
        { "/a\tu:r:a\nonly-a-pattern\n", "line 2 is missing fields" },
        { "/a -x u:r:a\n", "(file_contexts:  line 1 has invalid file type -x)" },
        { "/[a\tu:r:a\n", "invalid regex" },
        { "/\x1b[2J(a\tu:r:a\n", "line 1 has invalid" },
        { "/a\tu:r:a\n/a\tu:r:b\n", "Multiple different specifications for /a" },
};

TEST_ROWS(refuses, ELEMENTSOF(lists)) {
        const File list = { LIST, lists[_i].list };
        _cleanup_(file_contexts_freep) FileContexts *contexts = NULL;
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        Failure failure = {};

        write_files(fd, image, ELEMENTSOF(image));
        write_files(fd, &list, 1);
        assert_errno(open_list(fd, folder, &contexts, &failure), -EBADMSG);
        assert_failure(&failure, "The image's list of SELinux labels is not understood (");
        assert_failure(&failure, lists[_i].part);
        ck_assert_ptr_null(strpbrk(failure.message, "\x1b\n"));
}

/* What was compiled of the list is not read, and links end in the image. */
TEST(reads_only_the_images_text)
{
        const File compiled = { LIST ".bin", "\x8a\xff\x7c\xf9 garbage" };
        _cleanup_(file_contexts_freep) FileContexts *contexts = NULL;
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        _cleanup_free_ char *label = NULL;
        Failure failure = {};

        write_files(fd, image, ELEMENTSOF(image));
        write_files(fd, &compiled, 1);
        ck_assert_int_eq(unlinkat(fd, LIST ".local", 0), 0);
        ck_assert_int_eq(symlinkat("/etc/passwd", fd, LIST ".local"), 0);
        assert_ok(open_list(fd, folder, &contexts, &failure));
        ck_assert_int_eq(
                        file_contexts_look_up(contexts, "/srv/mine", S_IFREG, &label, &failure),
                        1);
        ck_assert_str_eq(label, "u:r:any");
}

/* ---- where it is ---- */

static const struct {
        const char *config; /* NULL: there is none */
        const char *list;
        int result;
        const char *path;
} places[] = {
        { "SELINUXTYPE=strict\n", LIST, 0, LIST },
        { "SELINUX=disabled\n",
          "etc/selinux/targeted/contexts/files/file_contexts",
          0,
          "etc/selinux/targeted/contexts/files/file_contexts" },
        { "SELINUXTYPE=other\n", LIST, -ENOENT, NULL },
        { NULL, LIST, -ENOENT, NULL },
};

TEST_ROWS(finds, ELEMENTSOF(places)) {
        const typeof(places[0]) *row = &places[_i];
        const File files[] = { { row->list, "" }, { SELINUX_CONFIG, row->config } };
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        _cleanup_free_ char *path = NULL;

        write_files(fd, files, row->config ? 2 : 1);
        ck_assert_int_eq(file_contexts_find(fd, &path), row->result);
        ck_assert_pstr_eq(path, row->path);
}
