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
} good_rows[] = {
        { "", "", NULL },
        { "{}", "", NULL },
        { "liveos: {kernelCommandLine: {extraCommandLine: [rd.info, 'a=\"b c\"']}}\npxe: {}\n" OS_NODE,
          "rd.info|a=\"b c\"",
          NULL },
        { "iso: {kernelCommandLine: {extraCommandLine: [x]}}\n", "x", NULL },
        { "liveos: {kdumpBootFiles: keep}\nnew: {key: 1}\n", "", NULL },
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
        ck_assert_pstr_eq(saved.bootstrap_url, good_rows[_i].url);
}

static const struct {
        const char *text;
        const char *says;
} bad_rows[] = {
        { "iso: [", "line" },
        { "liveos: {kernelCommandLine: {extraCommandLine: [a, [b]]}}", "no kernel argument" },
        { "liveos: {kernelCommandLine: {extraCommandLine: [a, {b: c}]}}", "no kernel argument" },
        { "pxe: {bootstrapFileUrl: 'gopher://h/x.iso'}", "URL of an earlier config" },
        { "pxe: {bootstrapFileUrl: 'http://h/a b'}", "URL of an earlier config" },
        { "pxe: {isoImageFileUrl: 'http://h/$x'}", "URL of an earlier config" },
};

TEST_ROWS(bad, ELEMENTSOF(bad_rows)) {
        _cleanup_saved_config_ SavedConfig saved = {};
        const char *text = bad_rows[_i].text;
        Failure failure = {};

        assert_errno(saved_config_parse(text, strlen(text), &saved, &failure), -EBADMSG);
        assert_failure(&failure, bad_rows[_i].says);
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
        SavedConfig saved = { .dracut = (char *) dracut_rows[_i].version };
        _cleanup_free_ char *text = NULL;
        char *to;

        assert_ok(saved_config_format(&saved, &text));
        to = text;
        for (const char *from = text; *from; from++)
                if (*from != ' ' && *from != '\n')
                        *to++ = *from;
        *to = '\0';
        ck_assert_msg(strstr(text, dracut_rows[_i].node), "%s", text);
        /* Its nodes are those that the peer wants, and no other. */
        ck_assert_msg(str_after_prefix(text, "{\"liveos\":{\"kernelCommandLine\":"), "%s", text);
        ck_assert(strstr(text, "\"pxe\":{},\"os\":{"));
}
