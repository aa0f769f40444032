/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a build is to do: command line, config and defaults together. */

#include "tests/lib/test.h"

#include "client/build-plan.h"
#include "common/strings.h"

#define CONFIG_PLAIN  "pxe: {bootstrapBaseUrl: 'http://s/'}\n"
#define CONFIG_LEGACY "pxe: {isoImageBaseUrl: 'http://s/'}\n"
#define CONFIG_OUTPUT \
        "input: {image: {path: in.raw}}\noutput: {image: {path: out.tar.gz, format: pxe-tar}}\n"
#define CONFIG_FILES "os: {additionalFiles: [{source: a, destination: /a}]}\n"

static int make_plan(
                const BuildArguments *arguments,
                const char *config,
                BuildPlan *plan,
                Failure *failure) {
        Pack pack = PACK_NULL;
        int r;

        pack.path = "dir/config.yaml";
        assert_ok(config_parse(config, strlen(config), &pack.config, &pack.diagnostics));
        r = build_plan_make(arguments, &pack, plan, failure);
        pack_done(&pack);
        return r;
}

static const struct {
        const char *name;
        BuildArguments arguments;
        const char *config;
        const char *image_file;
        const char *image_name;
        OutputFormat format;
        const char *output_path;
        const char *iso_name;
        const char *title;
} good_table[] = {
        { "all from the config",
          {},
          CONFIG_OUTPUT,
          "dir/in.raw",
          NULL,
          OUTPUT_PXE_TAR,
          "dir/out.tar.gz",
          NULL,
          "in.raw" },
        { "the command line goes first",
          { .image = "./x.raw", .path = "y.iso", .format = "iso" },
          CONFIG_OUTPUT,
          "./x.raw",
          NULL,
          OUTPUT_ISO,
          "y.iso",
          "y.iso",
          "x.raw" },
        { "a name",
          { .image = "debian.raw" },
          "",
          NULL,
          "debian.raw",
          OUTPUT_ISO,
          NULL,
          NULL,
          NULL },
        { "a file that exists",
          { .image = "/dev/null" },
          "",
          "/dev/null",
          NULL,
          OUTPUT_ISO,
          NULL,
          NULL,
          "null" },
        { "always a file",
          { .image_file = "debian.raw" },
          "",
          "debian.raw",
          NULL,
          OUTPUT_ISO,
          NULL,
          NULL,
          "debian.raw" },
        { "format from the path",
          { .image = "a", .path = "o/pxe.tar.gz" },
          "",
          NULL,
          "a",
          OUTPUT_PXE_TAR,
          "o/pxe.tar.gz",
          NULL,
          NULL },
        { "the older pxe, a folder",
          { .image = "a", .path = "pxe", .format = "pxe" },
          "",
          NULL,
          "a",
          OUTPUT_PXE_DIR,
          "pxe",
          NULL,
          NULL },
        { "the older pxe, an archive",
          { .image = "a", .path = "pxe.tgz", .format = "pxe" },
          "",
          NULL,
          "a",
          OUTPUT_PXE_TAR,
          "pxe.tgz",
          NULL,
          NULL },
        { "the older pxe in the config",
          { .image = "a" },
          "output: {image: {path: pxe.tar.gz, format: pxe}}",
          NULL,
          "a",
          OUTPUT_PXE_TAR,
          "dir/pxe.tar.gz",
          NULL,
          NULL },
        { "a name that no URL can have",
          { .image = "a", .path = "my image.iso" },
          CONFIG_PLAIN,
          NULL,
          "a",
          OUTPUT_ISO,
          "my image.iso",
          NULL,
          NULL },
        { "no waiting leaves the config's path alone",
          { .image = "./a", .no_wait = true },
          CONFIG_OUTPUT,
          "./a",
          NULL,
          OUTPUT_PXE_TAR,
          NULL,
          NULL,
          "a" },
        { "title", { .image = "./a", .title = "T" }, "", "./a", NULL, OUTPUT_ISO, NULL, NULL, "T" },
};

static void expect_text(const char *row, const char *got, const char *expected) {
        ck_assert_msg(str_equal(got, expected),
                      "%s: \"%s\" instead of \"%s\"",
                      row,
                      got ?: "NULL",
                      expected ?: "NULL");
}

TEST_ROWS(good, ELEMENTSOF(good_table)) {
        _cleanup_build_plan_ BuildPlan plan = {};
        const char *row = good_table[_i].name;
        Failure failure = {};
        int r = make_plan(&good_table[_i].arguments, good_table[_i].config, &plan, &failure);

        ck_assert_msg(r == 0, "%s: %s", row, failure.message);
        expect_text(row, plan.image_file, good_table[_i].image_file);
        expect_text(row, plan.image_name, good_table[_i].image_name);
        expect_text(row, plan.output_path, good_table[_i].output_path);
        expect_text(row, plan.order.iso_name, good_table[_i].iso_name);
        expect_text(row, plan.title, good_table[_i].title);
        ck_assert_int_eq(plan.format, good_table[_i].format);
        ck_assert_int_eq(
                        plan.order.format,
                        plan.format == OUTPUT_ISO ? ORDER_FORMAT_ISO : ORDER_FORMAT_PXE);
}

static const struct {
        BuildArguments arguments;
        const char *config;
        const char *message;
} bad_table[] = {
        { {}, "", "No image is given" },
        { { .image = "a", .image_file = "b" }, "", "Both --image and --image-file" },
        { { .image = "a" },
          CONFIG_FILES,
          "an image by name cannot be combined with a config that" },
        { { .image = "a", .format = "vhdx" }, "", "no output image format 'vhdx'" },
        { { .image = "a", .path = "b", .no_wait = true }, "", "With --no-wait nothing is written" },
        { { .image = "a", .path = "p", .format = "pxe-dir", .pxe_folder = "q" },
          "",
          "go with the output image format iso only; with pxe-dir" },
        { { .image = "a", .pxe_folder = "q" }, "", "needs --output-path" },
        { { .image = "a", .volume_id = "lower" }, "", "volume id \"lower\"" },
        { { .image = "a", .volume_id = "autos" }, "", "or auto" },
        { { .image = "a", .compressor = "rar" }, "", "rar" },
        { { .image = "a", .compression_level = 99 }, "", "99" },
        { { .image = "a", .path = "my image.iso" },
          CONFIG_LEGACY,
          "joined with the ISO's own name" },
        { { .image = "a", .title = "\xff" }, "", "not UTF-8" },
};

TEST_ROWS(bad, ELEMENTSOF(bad_table)) {
        _cleanup_build_plan_ BuildPlan plan = {};
        Failure failure = {};

        assert_errno(make_plan(&bad_table[_i].arguments, bad_table[_i].config, &plan, &failure),
                     -EINVAL);
        assert_failure(&failure, bad_table[_i].message);
}

/* A title that is made of a file's name is one that the service takes. */
TEST(long_titles_are_cut)
{
        _cleanup_build_plan_ BuildPlan plan = {};
        char path[300] = "./";

        for (size_t i = 0; i < 140; i++)
                memcpy(path + 2 + 2 * i, "\xc3\xb6", 2);
        path[282] = '\0';
        assert_ok(make_plan(&(BuildArguments){ .image = path }, "", &plan, /* failure= */ NULL));
        ck_assert_uint_eq(strlen(plan.title), 160);
        ck_assert(str_is_utf8(plan.title));
}
