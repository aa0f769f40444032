/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The order: round trips, refusals with their sentences, and the rules for single members. */

#include "tests/lib/test.h"

#include "common/strings.h"
#include "config/order.h"

static void check_argv(char *const *argv, const char *expected) {
        _cleanup_free_ char *joined = strv_join(argv, " ");

        ck_assert_str_eq(joined, expected);
}

TEST(zero_members_do_not_travel)
{
        _cleanup_strv_ char **argv = NULL;

        assert_ok(order_to_argv(&(Order){}, &argv));
        check_argv(argv, "validate --format=iso");
}

TEST(everything_travels)
{
        _cleanup_strv_ char **argv = NULL, **again = NULL;
        _cleanup_order_ Order order = {};
        static const char *const words[] = {
                "build",
                "--format=pxe",
                "--reader=userspace",
                "--pxe-artifacts",
                "--context-is-text",
                "--image-is-ours",
                "--network",
                "--network-allow=10.1.0.0/16,fd00::/8",
                "--without-limits",
                "--store-id=7",
                "--job-id=18446744073709551615",
                "--ids-base=4294967295",
                "--owner-uid=1000",
                "--context-max-bytes=1",
                "--image-max-bytes=2",
                "--memory-max-bytes=3",
                "--scratch-max-bytes=4",
                "--processes-max=5",
                "--iso-name=a.iso",
                "--volume-id=CD_1",
                "--compressor=gzip",
                "--compression-level=9",
                "--source-date-epoch=4294967295",
                "--tftp-name=tftp",
                "--http-name=http",
                NULL,
        };

        assert_ok(order_from_argv((char *const *) words, &order, NULL));
        ck_assert_int_eq(order.verb, ORDER_BUILD);
        ck_assert_int_eq(order.format, ORDER_FORMAT_PXE);
        ck_assert_int_eq(order.reader, ORDER_READER_USERSPACE);
        ck_assert(order.pxe_artifacts && order.context_is_text);
        ck_assert(order.image_is_ours && order.network);
        ck_assert_uint_eq(order.job_id, UINT64_MAX);
        ck_assert_uint_eq(order.ids_base, UINT32_MAX);
        assert_ok(order_to_argv(&order, &argv));
        assert_ok(strv_append_all(&again, (char *const *) words));
        ck_assert_uint_eq(strv_length(argv), strv_length(again));
        for (size_t i = 0; argv[i]; i++)
                ck_assert_str_eq(argv[i], again[i]);
}

static const struct {
        const char *words[4];
        const char *message;
} refusals[] = {
        { { NULL },
          "order: \"\" is not a verb; known are validate, build, plan, export, restore, import, probe, sweep and look" },
        { { "--network" },
          "order: \"--network\" is not a verb; known are validate, build, plan, export, restore, import, probe, sweep and look" },
        { { "build", "--job" }, "order: \"--job\" is not a known option" },
        { { "build", "network" }, "order: \"network\" is not a known option" },
        { { "build", "--networks" }, "order: \"--networks\" is not a known option" },
        { { "build", "--network=yes" },
          "order: \"--network=yes\" has no value that --network takes" },
        { { "build", "--job-id" }, "order: \"--job-id\" has no value that --job-id takes" },
        { { "build", "--job-id=" }, "order: \"--job-id=\" has no value that --job-id takes" },
        { { "build", "--ids-base=4294967296" },
          "order: \"--ids-base=4294967296\" has no value that --ids-base takes" },
        { { "build", "--network", "--network" }, "order: --network is given twice" },
        { { "build", "--network-allow=10.1.0.0/16,10.1.0.0/8" },
          "order: \"10.1.0.0/8\" is no range of addresses" },
        { { "build", "--tftp-name=a", "--tftp-name=b" }, "order: --tftp-name is given twice" },
        { { "build", "--format=raw" },
          "order: \"--format=raw\" is no format or a second one; known are iso and pxe" },
        { { "build", "--format=iso", "--format=iso" },
          "order: \"--format=iso\" is no format or a second one; known are iso and pxe" },
        { { "build", "--compression-level=23" },
          "compression level 23: zstd has the levels 1 to 22" },
        { { "build", "--volume-id=cd" },
          "volume id \"cd\": must be 1 to 32 of the characters A-Z, 0-9, '_' and '-', the first of "
          "them not '-', or auto" },
};

TEST_ROWS(root_names, 4) {
        static const char *const names[] = { "", ".", "..", "a/b" };
        _cleanup_free_ char *tftp = str_printf("--tftp-name=%s", names[_i]);
        _cleanup_free_ char *http = str_printf("--http-name=%s", names[_i]);
        const char *const tftp_words[] = { "export", tftp, NULL };
        const char *const http_words[] = { "export", http, NULL };
        _cleanup_order_ Order order = {};

        assert_errno(order_from_argv((char *const *) tftp_words, &order, NULL), -EINVAL);
        assert_errno(order_from_argv((char *const *) http_words, &order, NULL), -EINVAL);
}

TEST_ROWS(refusals, ELEMENTSOF(refusals)) {
        _cleanup_order_ Order order = {};
        Failure failure = {};

        assert_errno(order_from_argv((char *const *) refusals[_i].words, &order, &failure),
                     -EINVAL);
        ck_assert_str_eq(failure.message, refusals[_i].message);
        ck_assert_ptr_null(order.tftp_name);
}

TEST(formats)
{
        ck_assert_str_eq(order_format_to_string(ORDER_FORMAT_ISO), "iso");
        ck_assert_str_eq(order_format_to_string(ORDER_FORMAT_PXE), "pxe");
        ck_assert_ptr_null(order_format_to_string(_ORDER_FORMAT_INVALID));
        ck_assert_int_eq(order_format_from_string("pxe"), ORDER_FORMAT_PXE);
        ck_assert_int_eq(order_format_from_string("ISO"), _ORDER_FORMAT_INVALID);
}

static const struct {
        const char *name;
        int result;
} iso_names[] = {
        { "image.iso", 0 },   { "A+b_c-1.iso", 0 },   { ".iso", -EINVAL },
        { "a.ISO", -EINVAL }, { "a/b.iso", -EINVAL }, { "-a.iso", -EINVAL },
        { "..iso", -EINVAL }, { "a b.iso", -EINVAL }, { "\xc3\xa4.iso", -EINVAL },
        { "", -EINVAL },
};

TEST_ROWS(iso_names, ELEMENTSOF(iso_names)) {
        assert_errno(order_check_iso_name(iso_names[_i].name, NULL), iso_names[_i].result);
}

TEST(iso_name_is_bounded)
{
        char name[102];

        memset(name, 'a', sizeof(name));
        strcpy(name + 96, ".iso");
        assert_errno(order_check_iso_name(name, NULL), 0);
        memset(name, 'a', sizeof(name));
        strcpy(name + 97, ".iso");
        assert_errno(order_check_iso_name(name, NULL), -EINVAL);
}

static const struct {
        const char *id;
        int result;
} volume_ids[] = {
        { "CDROM", 0 },    { "A-B_9", 0 },     { "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", 0 },
        { "", -EINVAL },   { "cd", -EINVAL },  { "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456", -EINVAL },
        { "-A", -EINVAL }, { "A B", -EINVAL }, { "auto", 0 },
};

TEST_ROWS(volume_ids, ELEMENTSOF(volume_ids)) {
        assert_errno(order_check_volume_id(volume_ids[_i].id, NULL), volume_ids[_i].result);
}

static const struct {
        const char *compressor;
        uint32_t level;
        int result;
} compressors[] = {
        { "zstd", 0, 0 },        { "zstd", 22, 0 },      { "zstd", 23, -EINVAL }, { "gzip", 9, 0 },
        { "gzip", 10, -EINVAL }, { "xz", 0, 0 },         { "xz", 1, -EINVAL },    { "lz4", 0, 0 },
        { "lzo", 9, 0 },         { "ZSTD", 1, -EINVAL }, { "", 0, -EINVAL },
};

TEST_ROWS(compressors, ELEMENTSOF(compressors)) {
        assert_errno(order_check_compressor(
                                     compressors[_i].compressor,
                                     compressors[_i].level,
                                     NULL),
                     compressors[_i].result);
}
