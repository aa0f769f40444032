/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config/file-list.h"

#include "common/strings.h"
#include "tests/lib/test.h"

TEST(comes_back)
{
        static const FileListItem items[] = {
                { "image.iso", 0644 },    { "manifest.json", 0 },   { "pxe/http/a b", 0600 },
                { "pxe/http/a-b", 0777 }, { "pxe/http/a/b", 0755 },
        };
        _cleanup_file_list_ FileList list = {};
        _cleanup_buffer_ Buffer text = {};

        for (size_t i = 0; i < ELEMENTSOF(items); i++)
                assert_ok(file_list_append(&text, items[i].path, items[i].permissions | 04000));
        assert_ok(file_list_parse(text.data, text.size, &list, NULL));
        ck_assert_uint_eq(list.n_items, ELEMENTSOF(items));
        for (size_t i = 0; i < ELEMENTSOF(items); i++) {
                const FileListItem *item = file_list_find(&list, items[i].path);

                ck_assert_ptr_eq(item, &list.items[i]);
                ck_assert_uint_eq(item->permissions, items[i].permissions);
        }
        ck_assert_ptr_null(file_list_find(&list, "pxe/http/a"));
        ck_assert_ptr_null(file_list_find(&list, ""));
}

TEST(may_be_empty)
{
        _cleanup_file_list_ FileList list = {};

        assert_ok(file_list_parse("", 0, &list, NULL));
        ck_assert_ptr_null(file_list_find(&list, "a"));
}

#define LIST(text) \
        { text, sizeof(text) - 1 }

static const struct {
        const char *text;
        size_t size;
} bad_table[] = {
        LIST("0644 a"),           LIST("0644 a\n\n"),       LIST("\n"),        LIST("644 a\n"),
        LIST("4755 a\n"),         LIST("00644 a\n"),        LIST("0648 a\n"),  LIST("0644\ta\n"),
        LIST("0644 \n"),          LIST("0644\n"),           LIST(" 0644 a\n"), LIST("0644 a\0\n"),
        LIST("0644 b\n0644 a\n"), LIST("0644 a\n0600 a\n"), LIST("-644 a\n"),
};

TEST_ROWS(is_refused, ELEMENTSOF(bad_table)) {
        FileList list = {};
        Failure failure = {};

        assert_errno(file_list_parse(bad_table[_i].text, bad_table[_i].size, &list, &failure),
                     -EBADMSG);
        assert_failure(&failure, "The list of the artifact's files is none.");
}

TEST(has_a_bound)
{
        _cleanup_buffer_ Buffer text = {};
        FileList list = {};

        for (unsigned i = 0; text.size <= FILE_LIST_MAX_BYTES; i++)
                assert_ok(buffer_printf(&text, "0644 %08u\n", i));
        assert_errno(file_list_parse(text.data, text.size, &list, NULL), -EBADMSG);
}
