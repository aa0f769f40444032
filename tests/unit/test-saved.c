/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an ISO remembers: the files of both generations of Image Customizer, and ours. */

#include "tests/lib/test.h"

#include "common/strings.h"
#include "config/saved.h"

#define OS_NODE "os: {dracutPackage: null, selinuxRequestedMode: '', selinuxPolicyPackage: null}\n"

static const struct {
        const char *text;
        const char *arguments; /* with '|' between */
        const char *url;
        ConfigKdump kdump;
} good_rows[] = {
        { "", "", NULL },
        { "{}", "", NULL },
        { "liveos: {kernelCommandLine: {extraCommandLine: [rd.info, 'a=\"b c\"']}}\npxe: {}\n" OS_NODE,
          "rd.info|a=\"b c\"",
          NULL },
        { "iso: {kernelCommandLine: {extraCommandLine: [x]}}\n", "x", NULL },
        { "liveos: {kdumpBootFiles: keep}\nnew: {key: 1}\n", "", NULL, KDUMP_KEEP },
        { "liveos: {kdumpBootFiles: none}\n", "", NULL, KDUMP_NONE },
        { "liveos: {kdumpBootFiles: null}\n", "", NULL, KDUMP_UNSET },
        { "liveos: {kdumpBootFiles: ''}\n", "", NULL, KDUMP_UNSET },
        { "iso: {kernelCommandLine: {extraCommandLine: []}}\n"
          "pxe: {isoImageBaseUrl: 'http://h/', isoImageFileUrl: 'http://h/x.iso'}\n",
          "",
          "http://h/x.iso" },
        { "pxe: {isoImageFileUrl: ''}\n", "", NULL },
        { "{\"pxe\": {\"bootstrapFileUrl\": \"tftp://h/y.iso\"}}", "", "tftp://h/y.iso" },
};

TEST_ROWS(good, ELEMENTSOF(good_rows)) {
        _cleanup_saved_config_ SavedConfig saved = {};
        _cleanup_free_ char *joined = NULL;
        const char *text = good_rows[_i].text;

        assert_ok(saved_config_parse(text, strlen(text), &saved, NULL));
        joined = strv_join(saved.kernel_arguments, "|");
        ck_assert_str_eq(joined, good_rows[_i].arguments);
        ck_assert_pstr_eq(saved.pxe.bootstrap_file_url, good_rows[_i].url);
        ck_assert_int_eq(saved.kdump, good_rows[_i].kdump);
}

/* What of it becomes the URL, when the new ISO is called new.iso. */
static const struct {
        const char *node;
        const char *url;
        const char *name;
} url_rows[] = {
        { "isoImageBaseUrl: 'http://h/a', isoImageFileUrl: ''", "http://h/a/new.iso", "new.iso" },
        { "isoImageBaseUrl: '', isoImageFileUrl: 'http://h/x.iso'", "http://h/x.iso", "x.iso" },
        { "isoImageBaseUrl: 'http://h/a', isoImageFileUrl: 'http://h/x.iso'",
          "http://h/x.iso",
          "x.iso" },
        { "bootstrapBaseUrl: 'nfs://h/a/'", "nfs://h/a/image.iso", "image.iso" },
        { "bootstrapBaseUrl: '', isoImageBaseUrl: 'http://h'", "http://h/new.iso", "new.iso" },
        { "isoImageBaseUrl: null", NULL, "new.iso" },
};

TEST_ROWS(url, ELEMENTSOF(url_rows)) {
        _cleanup_saved_config_ SavedConfig saved = {};
        _cleanup_free_ char *text = str_printf("pxe: {%s}\n", url_rows[_i].node), *url = NULL,
                            *name = NULL;

        assert_ok(saved_config_parse(text, strlen(text), &saved, NULL));
        ck_assert_int_eq(config_has_url(&saved.pxe), url_rows[_i].url != NULL);
        assert_ok(config_bootstrap_url(&saved.pxe, "new.iso", &url, &name));
        ck_assert_pstr_eq(url, url_rows[_i].url);
        ck_assert_str_eq(name, url_rows[_i].name);
}

static const struct {
        const char *text;
        const char *says;
} bad_rows[] = {
        { "iso: [", "line" },
        { "liveos: {kernelCommandLine: {extraCommandLine: [a, [b]]}}", "no kernel argument" },
        { "liveos: {kernelCommandLine: {extraCommandLine: [a, {b: c}]}}", "no kernel argument" },
        { "liveos: {kdumpBootFiles: all}", "kdumpBootFiles must be none or keep" },
        { "liveos: {kdumpBootFiles: [none]}", "kdumpBootFiles must be none or keep" },
        { "pxe: {bootstrapFileUrl: 'gopher://h/x.iso'}", "URL of an earlier config" },
        { "pxe: {bootstrapFileUrl: 'http://h/a b'}", "URL of an earlier config" },
        { "pxe: {isoImageFileUrl: 'http://h/$x'}", "URL of an earlier config" },
        { "pxe: {isoImageBaseUrl: 'http://h/?x'}", "URL of an earlier config" },
        { "pxe: {bootstrapBaseUrl: 'file:///x'}", "URL of an earlier config" },
};

TEST_ROWS(bad, ELEMENTSOF(bad_rows)) {
        _cleanup_saved_config_ SavedConfig saved = {};
        const char *text = bad_rows[_i].text;
        Failure failure = {};

        assert_errno(saved_config_parse(text, strlen(text), &saved, &failure), -EBADMSG);
        ck_assert_int_eq(failure.error, -EBADMSG);
        assert_failure(&failure, bad_rows[_i].says);
}

static void strip_blanks(char *text) {
        char *to = text;

        for (const char *from = text; *from; from++)
                if (*from != ' ' && *from != '\n')
                        *to++ = *from;
        *to = '\0';
}

/* Old before new, in two files. */
TEST(adds_up)
{
        static const char first[] = "iso: {kernelCommandLine: {extraCommandLine: [a]}}";
        static const char second[] = "liveos: {kernelCommandLine: {extraCommandLine: [b]}}";
        _cleanup_saved_config_ SavedConfig saved = {};

        assert_ok(saved_config_parse(first, strlen(first), &saved, NULL));
        assert_ok(saved_config_parse(second, strlen(second), &saved, NULL));
        ck_assert_str_eq(saved.kernel_arguments[0], "a");
        ck_assert_str_eq(saved.kernel_arguments[1], "b");
}

/* The word is the peer's, and the key is left out when there is none: it has not always known it. */
TEST(kdump_is_written)
{
        static const char *const nodes[] = {
                [KDUMP_UNSET] = "{\"liveos\":{\"kernel",
                [KDUMP_NONE] = "{\"liveos\":{\"kdumpBootFiles\":\"none\",\"kernel",
                [KDUMP_KEEP] = "{\"liveos\":{\"kdumpBootFiles\":\"keep\",\"kernel",
        };

        for (size_t i = 0; i < ELEMENTSOF(nodes); i++) {
                const SavedConfig saved = { .kdump = (ConfigKdump) i };
                _cleanup_saved_config_ SavedConfig again = {};
                _cleanup_free_ char *text = NULL;

                assert_ok(saved_config_format(&saved, &text));
                assert_ok(saved_config_parse(text, strlen(text), &again, NULL));
                ck_assert_int_eq(again.kdump, saved.kdump);
                strip_blanks(text);
                ck_assert_msg(str_after_prefix(text, nodes[i]), "%s", text);
        }
}

static const struct {
        const char *version;
        const char *node; /* what is written of it, without blanks and newlines */
} dracut_rows[] = {
        { NULL, "\"dracutPackage\":null" },
        { "102-7.azl3",
          "\"dracutPackage\":{\"PackageVersionComponents\":[102],\"PackageRelease\":7,"
          "\"DistroName\":\"azl\",\"DistroVersion\":3}" },
        { "5.10.3-2.cm2",
          "\"dracutPackage\":{\"PackageVersionComponents\":[5,10,3],\"PackageRelease\":2,"
          "\"DistroName\":\"cm\",\"DistroVersion\":2}" },
        { "059-4", "\"dracutPackage\":null" },
        { "102-7.azl", "\"dracutPackage\":null" },
        { "102-7.azl3~x", "\"dracutPackage\":null" },
        { "-", "\"dracutPackage\":null" },
};

TEST_ROWS(dracut, ELEMENTSOF(dracut_rows)) {
        const SavedConfig saved = { .dracut = (char *) dracut_rows[_i].version };
        _cleanup_free_ char *text = NULL;

        assert_ok(saved_config_format(&saved, &text));
        strip_blanks(text);
        ck_assert_msg(strstr(text, dracut_rows[_i].node), "%s", text);
        /* Its nodes are those that the peer wants, and no other. */
        ck_assert_msg(str_after_prefix(text, "{\"liveos\":{\"kernelCommandLine\":"), "%s", text);
        ck_assert(strstr(text, "\"pxe\":{},\"os\":{"));
}
