/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * `iso` and `pxe`: every way in which their keys can be wrong, in the order in which they are judged,
 * for both where both have the key; and how the URL of the ISO comes about. A row is what stands in
 * the node and the whole of what is said, without its place.
 */

#include "tests/lib/test.h"

#include <stdio.h>

#include "common/buffer.h"
#include "common/strings.h"
#include "config/config-url.h"
#include "config/config.h"

static char *messages_of(const Diagnostics *diagnostics) {
        _cleanup_buffer_ Buffer text = {};

        for (size_t i = 0; i < diagnostics->n_items; i++)
                assert_ok(
                                buffer_printf(&text,
                                              "%s%s",
                                              i > 0 ? "\n" : "",
                                              diagnostics->items[i].message));
        return text.data ? buffer_take(&text) : strdup("");
}

/* Judges "node: {inside}", for a build of such an image when there is an order. */
static void expect_of(
                ConfigImage image,
                const char *node,
                const char *inside,
                const Order *order,
                const char *expected) {
        _cleanup_free_ char *text = str_printf("%s: {%s}\n", node, inside), *found = NULL;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        int r = config_parse(text, strlen(text), &config, &diagnostics);

        if (r >= 0 && order)
                r = config_check(&config, order, image, &diagnostics);
        found = messages_of(&diagnostics);
        ck_assert_msg(str_equal(found, expected), "%s: \"%s\", not \"%s\"", text, found, expected);
        ck_assert_int_eq(r, diagnostics.n_errors > 0 ? -EBADMSG : 0);
        ck_assert(expected[0] == '\0' || image == CONFIG_IMAGE_NONE || r < 0);
}

static void expect(const char *node, const char *inside, const Order *order, const char *expected) {
        expect_of(CONFIG_IMAGE_DISK, node, inside, order, expected);
}

/* ---- what both have; @ stands for the node ---- */

#define ARGUMENTS   "kernelCommandLine: {extraCommandLine: "
#define FILES       "additionalFiles: "
#define FILE_KEYS   "@.additionalFiles[0]"
#define UNKNOWN     "is not a known key; known here are "
#define DESTINATION FILE_KEYS ".destination: "
#define PERMISSIONS FILE_KEYS ".permissions: "

#define KDUMP_PREVIEW                                                      \
        "@.kdumpBootFiles: is a preview; add \"kdump-boot-files\" to the " \
        "list previewFeatures of this file"
#define WITH_KDUMP "}\npreviewFeatures: [kdump-boot-files]\nos: {"

static const struct {
        const char *inside, *expected;
} both[] = {
        /* the kernel's arguments */
        { ARGUMENTS "[a, b=c, \"d e\", 'f\"g', h$i]}", "" },
        { ARGUMENTS "[a, \"\"]}", "@.kernelCommandLine.extraCommandLine[1]: must not be empty" },
        { ARGUMENTS "[\"a\\nb\"]}",
          "@.kernelCommandLine.extraCommandLine[0]: must not contain line breaks or other control "
          "characters" },
        { ARGUMENTS "a}",
          "@.kernelCommandLine.extraCommandLine: must be a list, each entry on a line that begins "
          "with \"- \", but is text" },
        { ARGUMENTS "[[a]]}",
          "@.kernelCommandLine.extraCommandLine[0]: must be text, but is a list" },
        { "kernelCommandLine: {extra: []}",
          "@.kernelCommandLine.extra: " UNKNOWN "extraCommandLine" },
        /* files */
        { FILES "[{destination: a/b.txt, content: \"\"}]", "" },
        { FILES "[{destination: /a, source: b, permissions: 0o600}]", "" },
        { FILES "[{destination: \"\", content: a}]", DESTINATION "must not be empty" },
        { FILES "[{content: a}]", FILE_KEYS ": lacks \"destination\"; add it" },
        { FILES "[{destination: ~, content: a}]", FILE_KEYS ": lacks \"destination\"; add it" },
        { FILES "[{destination: a}]",
          FILE_KEYS ": lacks \"source\" or \"content\"; add one of them" },
        { FILES "[{destination: a, source: ~}]",
          FILE_KEYS ": lacks \"source\" or \"content\"; add one of them" },
        { FILES "[{destination: a, source: b, content: c}]",
          FILE_KEYS ".content: cannot stand beside \"source\"; keep one of them" },
        { FILES "[{destination: a, source: b, content: \"\"}]",
          FILE_KEYS ".content: cannot stand beside \"source\"; keep one of them" },
        { FILES "[{destination: a, source: \"\"}]", FILE_KEYS ".source: must not be empty" },
        { FILES "[{destination: a, content: b, permissions: 1000}]",
          PERMISSIONS "\"1000\" must lie between 0 and 0777; set-user-id, set-group-id and sticky "
                      "bits are not supported" },
        { FILES "[{destination: a, content: b, permissions: 4755}]",
          PERMISSIONS "\"4755\" must lie between 0 and 0777; set-user-id, set-group-id and sticky "
                      "bits are not supported" },
        { FILES "[{destination: a, content: b, permissions: 689}]",
          PERMISSIONS "\"689\" must be an octal number such as \"0644\"" },
        { FILES "[{destination: a, content: b, permissions: rw}]",
          PERMISSIONS "\"rw\" must be an octal number such as \"0644\"" },
        { FILES "{a: b}",
          "@.additionalFiles: must be a list, each entry on a line that begins with \"- \", but is a "
          "mapping" },
        { FILES "[{destination: a, content: b}, {destination: c}]",
          "@.additionalFiles[1]: lacks \"source\" or \"content\"; add one of them" },
        /* files: what a medium cannot hold */
        { FILES "[{destination: ../a, content: b}]",
          DESTINATION "\"../a\" must not contain \"..\"; write the path that is meant" },
        { FILES "[{destination: a/../../b, content: b}]",
          DESTINATION "\"a/../../b\" must not contain \"..\"; write the path that is meant" },
        { FILES "[{destination: boot/grub2/grub.cfg, content: b}]",
          DESTINATION "\"boot/grub2/grub.cfg\" is a place that the build itself fills; choose "
                      "another" },
        { FILES "[{destination: EFI/BOOT/BOOTX64.EFI, content: b}]",
          DESTINATION "\"EFI/BOOT/BOOTX64.EFI\" is a place that the build itself fills; choose "
                      "another" },
        { FILES "[{destination: \"a:b\", content: b}]",
          DESTINATION "\"a:b\" contains one of the characters * : ; ? \\ which the medium cannot "
                      "hold; choose another name" },
        { FILES "[{destination: a, content: b}, {destination: A, content: b}]",
          "@.additionalFiles[1].destination: \"A\" is also the destination in line 1, as upper and "
          "lower case are the same on the medium; choose another" },
        { FILES "[{destination: a, content: b}, {destination: ./a, content: b}]",
          "@.additionalFiles[1].destination: \"a\" is also the destination in line 1; choose "
          "another" },
        { FILES "[{destination: a, content: b}, {destination: A/c, content: b}]",
          "@.additionalFiles[1].destination: \"A/c\" lies below \"a\", which line 1 makes a file; "
          "choose another" },
        /* the initramfs */
        { "initramfsType: full-os", "" },
        { "initramfsType: bootstrap", "" },
        { "initramfsType: \"\"", "" },
        { "initramfsType: ~", "" },
        { "initramfsType: full",
          "@.initramfsType: \"full\" is not known; must be bootstrap or full-os" },
        { "initramfsType: Bootstrap",
          "@.initramfsType: \"Bootstrap\" is not known; must be bootstrap or full-os" },
        { "initramfsType: [full-os]", "@.initramfsType: must be text, but is a list" },
        /* kdump */
        { "kdumpBootFiles: none", KDUMP_PREVIEW },
        { "kdumpBootFiles: none" WITH_KDUMP, "" },
        { "kdumpBootFiles: keep" WITH_KDUMP, "" },
        { "kdumpBootFiles: all" WITH_KDUMP,
          "@.kdumpBootFiles: \"all\" is not known; must be none or keep" },
        /* all of them, in the order of the text */
        { ARGUMENTS "[\"\"]}, " FILES "[{destination: a}], initramfsType: x",
          "@.kernelCommandLine.extraCommandLine[0]: must not be empty\n"
          "@.additionalFiles[0]: lacks \"source\" or \"content\"; add one of them\n"
          "@.initramfsType: \"x\" is not known; must be bootstrap or full-os" },
};

/* With the node's name in the place of each '@'. */
static char *name_node(const char *text, const char *node) {
        _cleanup_buffer_ Buffer named = {};

        for (; *text; text++)
                assert_ok(*text == '@' ? buffer_append_string(&named, node)
                                       : buffer_append(&named, text, 1));
        return named.data ? buffer_take(&named) : strdup("");
}

TEST_ROWS(iso_and_pxe, ELEMENTSOF(both)) {
        _cleanup_free_ char *iso = name_node(both[_i].expected, "iso");
        _cleanup_free_ char *pxe = name_node(both[_i].expected, "pxe");

        expect("iso", both[_i].inside, /* order= */ NULL, iso);
        expect("pxe", both[_i].inside, /* order= */ NULL, pxe);
}

/* ---- URLs ---- */

static const char *const url_keys[] = {
        "bootstrapBaseUrl",
        "bootstrapFileUrl",
        "isoImageBaseUrl",
        "isoImageFileUrl",
};

TEST(iso_has_no_urls)
{
        for (size_t i = 0; i < ELEMENTSOF(url_keys); i++) {
                _cleanup_free_ char *inside = str_printf("%s: http://host/x.iso", url_keys[i]);
                _cleanup_free_ char *expected = str_printf(
                                "iso.%s: " UNKNOWN
                                "kernelCommandLine, additionalFiles, initramfsType, "
                                "kdumpBootFiles",
                                url_keys[i]);

                expect("iso", inside, /* order= */ NULL, expected);
        }
}

static const struct {
        const char *url, *expected; /* behind the key */
} protocols[] = {
        { "\"\"", NULL },
        { "~", NULL },
        { "ftp://host/x.iso", NULL },
        { "http://host/x.iso", NULL },
        { "https://host/x.iso", NULL },
        { "nfs://host/folder/x.iso", NULL },
        { "tftp://host/x.iso", NULL },
        { "torrent://host/x.iso", "" },
        { "file:///x", "" },
        { "Http://host/x.iso", "" },
        { "host/x.iso", "" },
        { "//host/x.iso", "" },
        { "\"http:\"", "" },
};

TEST_ROWS(url_protocols, ELEMENTSOF(protocols)) {
        const char *url = protocols[_i].url;

        for (size_t i = 0; i < ELEMENTSOF(url_keys); i++) {
                _cleanup_free_ char *inside = str_printf("%s: %s", url_keys[i], url);
                _cleanup_free_ char *expected = NULL;

                expected = protocols[_i].expected
                                           ? str_printf("pxe.%s: \"%.*s\" must begin with ftp://, "
                                                        "http://, https://, nfs:// or tftp:// in "
                                                        "lower case",
                                                        url_keys[i],
                                                        (int) strcspn(url + (url[0] == '"'), "\""),
                                                        url + (url[0] == '"'))
                                           : strdup("");
                expect("pxe", inside, /* order= */ NULL, expected);
        }
}

/* By NFS a folder is mounted, with what dracut makes of the URL. */
static const struct {
        const char *folder; /* of the ISO, as a URL */
        bool is_mounted;
} nfs[] = {
        { "nfs://host/live", true },       { "nfs://192.0.2.1/srv/live-1.0_~+", true },
        { "nfs://host/", true }, /* the server's root */
        { "nfs://host", false },           { "nfs://host:2049/live", false },
        { "nfs://user@host/live", false }, { "nfs://[fe80::1]/live", false },
        { "nfs://host/a,b", false },       { "nfs://host/a:b", false },
        { "nfs://host/a%20b", false },
};

#define NO_MOUNT                                                                             \
        "must name a host and a folder, which is mounted, by letters, digits and . _ ~ + - " \
        "alone, such as nfs://host/folder/%s, or nfs://host//%s for the server's root"

static void expect_mounted(const char *key, const char *url, const char *name, bool is_mounted) {
        _cleanup_free_ char *inside = str_printf("%s: \"%s\"", key, url);
        _cleanup_free_ char
                        *expected = str_printf("pxe.%s: \"%s\" " NO_MOUNT, key, url, name, name);

        expect("pxe", inside, /* order= */ NULL, is_mounted ? "" : expected);
}

TEST_ROWS(nfs_mounts_a_folder, ELEMENTSOF(nfs)) {
        const char *folder = nfs[_i].folder;
        _cleanup_free_ char *base = str_printf("%s/", folder);
        _cleanup_free_ char *file = str_printf("%s/x.iso", folder);

        expect_mounted("bootstrapBaseUrl", base, "", nfs[_i].is_mounted);
        expect_mounted("isoImageFileUrl", file, "image.iso", nfs[_i].is_mounted);
        if (!str_has_suffix(folder, "/"))
                expect_mounted("isoImageBaseUrl", folder, "", nfs[_i].is_mounted);
}

TEST(nfs_has_no_query)
{ expect_mounted("bootstrapFileUrl", "nfs://host/live/x.iso?y", "image.iso", false); }

/* Any two of them are one too many, whatever their kinds and their order. */
TEST(one_url_at_most)
{
        for (size_t i = 0; i < ELEMENTSOF(url_keys); i++)
                for (size_t k = 0; k < ELEMENTSOF(url_keys); k++) {
                        _cleanup_free_ char *inside = str_printf(
                                        "%s: http://host/x.iso, %s: http://host/y.iso",
                                        url_keys[i],
                                        url_keys[k]);
                        _cleanup_free_ char *expected = str_printf(
                                        "pxe.%s: cannot stand beside \"%s\", as there is one ISO "
                                        "to fetch; keep one of them",
                                        url_keys[k],
                                        url_keys[i]);

                        if (i != k)
                                expect("pxe", inside, /* order= */ NULL, expected);
                }
}

/* ---- what is to be made ---- */

static const Order make_iso = { .format = ORDER_FORMAT_ISO };
static const Order make_both = { .format = ORDER_FORMAT_ISO, .pxe_artifacts = true };
static const Order make_pxe = { .format = ORDER_FORMAT_PXE };

TEST(no_url_with_full_os)
{
        for (size_t i = 0; i < ELEMENTSOF(url_keys); i++) {
                _cleanup_free_ char *said = str_printf(
                                "initramfsType: full-os, %s: http://host/x.iso",
                                url_keys[i]);
                _cleanup_free_ char *meant = str_printf("%s: http://host/x.iso", url_keys[i]);
                _cleanup_free_ char *of_said = str_printf(
                                "pxe.%s: cannot be given with \"initramfsType: full-os\", which "
                                "fetches nothing; remove it or set initramfsType to bootstrap",
                                url_keys[i]);
                _cleanup_free_ char *of_meant = str_printf(
                                "pxe.%s: cannot be given without an initramfsType, as that means "
                                "full-os, which fetches nothing; remove it or set "
                                "pxe.initramfsType to bootstrap",
                                url_keys[i]);

                expect("pxe", said, /* order= */ NULL, of_said);
                expect("pxe", meant, &make_pxe, of_meant);
                expect("pxe", meant, &make_iso, "");
                expect("pxe", meant, &make_both, ""); /* an ISO is bootstrap when nothing is said */
        }
}

#define NO_URL(node)                                                                              \
        "pxe.bootstrapBaseUrl: is missing, but with the initramfs type bootstrap a machine that " \
        "boots over the network has to fetch the ISO; set it or bootstrapFileUrl, or set " node   \
        ".initramfsType to full-os"

TEST(defect_6_bootstrap_needs_a_url)
{
        expect("pxe", "initramfsType: bootstrap", &make_pxe, NO_URL("pxe"));
        expect("pxe", "initramfsType: bootstrap, bootstrapBaseUrl: \"\"", &make_pxe, NO_URL("pxe"));
        expect("pxe", "initramfsType: bootstrap", &make_iso, "");
        expect("iso", "initramfsType: bootstrap", &make_iso, "");
        expect("iso", "initramfsType: bootstrap", &make_both, NO_URL("iso"));
        expect("iso", "initramfsType: full-os", &make_both, "");
        for (size_t i = 0; i < ELEMENTSOF(url_keys); i++) {
                _cleanup_free_ char *inside = str_printf(
                                "initramfsType: bootstrap, %s: http://host/x.iso",
                                url_keys[i]);

                expect("pxe", inside, &make_pxe, "");
        }
}

#define OR_AN_ISO ", unless the image is an ISO that remembers a URL"

/* It may know what the config does not say: then its reader judges that. */
TEST(an_iso_may_remember_the_url)
{
        static const char *const lack = "initramfsType: bootstrap";
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};

        expect_of(CONFIG_IMAGE_MAYBE_ISO, "pxe", lack, &make_pxe, "");
        expect_of(CONFIG_IMAGE_MAYBE_ISO, "iso", "", &make_both, "");
        expect_of(CONFIG_IMAGE_NONE, "pxe", lack, &make_pxe, NO_URL("pxe") OR_AN_ISO);
        expect_of(CONFIG_IMAGE_NONE, "iso", lack, &make_both, NO_URL("iso") OR_AN_ISO);
        assert_ok(config_parse("{}", 2, &config, &diagnostics));
        assert_ok(config_check(&config, &make_both, CONFIG_IMAGE_NONE, &diagnostics));
        ck_assert_uint_eq(diagnostics.n_items, 1);
        ck_assert_int_eq(diagnostics.items[0].severity, REPORT_WARNING);
        ck_assert(config_asks_image(&config, &make_both) && !config_asks_image(&config, &make_iso));
}

#define VAIN(why, node)                                                         \
        "pxe.bootstrapFileUrl: cannot be given " why "; remove it or set " node \
        ".initramfsType to bootstrap"
#define MEANT "without an initramfsType, as that means full-os, which fetches nothing"
#define OF_ISO \
        "without an initramfsType, as the image is an ISO of the type full-os, which fetches nothing"
#define OF_BOTH "with an ISO of the initramfs type full-os, whose PXE tree fetches nothing"
#define NO_LABELS(node)                                                                            \
        "os.selinux.mode: SELinux cannot be on in a Live OS of the initramfs type full-os, as an " \
        "initramfs carries no labels; set it to disabled, or set " node                            \
        ".initramfsType to bootstrap"
#define OR_BOOTSTRAP ", unless the image is an ISO of the type bootstrap"

/* Nobody says the type: an ISO stays what it is. */
static const struct {
        const char *text;
        const Order *order;
        const char *of[CONFIG_IMAGE_ISO_FULL_OS + 1]; /* what is said for each image */
        bool asks;
} untyped[] = {
        { "pxe: {bootstrapFileUrl: 'http://h/x.iso'}\n",
          &make_pxe,
          { VAIN(MEANT, "pxe") OR_BOOTSTRAP, VAIN(MEANT, "pxe"), "", "", VAIN(OF_ISO, "pxe") },
          true },
        { "pxe: {bootstrapFileUrl: 'http://h/x.iso'}\n",
          &make_both,
          { "", "", "", "", VAIN(OF_BOTH, "iso") },
          false },
        { "os: {selinux: {mode: enforcing}}\n",
          &make_pxe,
          { NO_LABELS("pxe") OR_BOOTSTRAP, NO_LABELS("pxe"), "", "", NO_LABELS("pxe") },
          true },
        { "os: {selinux: {mode: enforcing}}\n",
          &make_iso,
          { "", "", "", "", NO_LABELS("iso") },
          false },
        { "os: {selinux: {mode: disabled}}\n", &make_iso, { "", "", "", "", "" }, false },
};

TEST_ROWS(an_iso_stays_of_its_type, ELEMENTSOF(untyped)) {
        const char *text = untyped[_i].text;

        for (ConfigImage image = CONFIG_IMAGE_NONE; image <= CONFIG_IMAGE_ISO_FULL_OS; image++) {
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                _cleanup_config_ Config config = {};
                _cleanup_free_ char *found = NULL;

                assert_ok(config_parse(text, strlen(text), &config, &diagnostics));
                (void) config_check(&config, untyped[_i].order, image, &diagnostics);
                found = messages_of(&diagnostics);
                ck_assert_str_eq(found, untyped[_i].of[image]);
                ck_assert(*found == '\0' ||
                          (diagnostics.n_errors == 0) == (image == CONFIG_IMAGE_NONE));
                ck_assert(config_asks_image(&config, untyped[_i].order) == untyped[_i].asks);
        }
}

#define TAKEN(node, name)                               \
        node ".additionalFiles[0].destination: \"" name \
             "\" is the place of the ISO that is fetched; choose another"

/* By the name that the config says, and by one that is known later. */
TEST(iso_name_is_taken)
{
        static const char *const
                        text = "pxe: {additionalFiles: [{destination: Live.iso, content: a}]}";
        static const char *const files = "initramfsType: bootstrap, "
                                         "additionalFiles: [{destination: image.iso, content: a}]";
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};

        expect_of(CONFIG_IMAGE_MAYBE_ISO, "pxe", files, &make_pxe, "");
        expect("pxe", files, &make_pxe, NO_URL("pxe") "\n" TAKEN("pxe", "image.iso"));
        assert_ok(config_parse(text, strlen(text), &config, &diagnostics));
        assert_ok(config_check_iso_name(&config, &make_pxe, "image.iso", &diagnostics));
        assert_errno(config_check_iso_name(&config, &make_pxe, "live.iso", &diagnostics), -EBADMSG);
        ck_assert_uint_eq(diagnostics.n_items, 1);
        ck_assert_str_eq(diagnostics.items[0].message, TAKEN("pxe", "Live.iso"));
}

static const struct {
        const char *base, *name, *joined;
} joins[] = {
        { "http://host", "image.iso", "http://host/image.iso" },
        { "http://host/", "image.iso", "http://host/image.iso" },
        { "http://host/a", "b.iso", "http://host/a/b.iso" },
        { "http://host/a/", "b.iso", "http://host/a/b.iso" },
        { "tftp://[fe80::1]:69", "b.iso", "tftp://[fe80::1]:69/b.iso" },
        { "ftp://u:p@host/a%20b", "b.iso", "ftp://u:p@host/a%20b/b.iso" },
};

TEST_ROWS(url_joined, ELEMENTSOF(joins)) {
        _cleanup_free_ char *joined = config_url_join(joins[_i].base, joins[_i].name);
        _cleanup_free_ char *name = config_url_name(joined);
        char *checked = strdup(joined);

        ck_assert_str_eq(joined, joins[_i].joined);
        ck_assert_str_eq(name, joins[_i].name);
        assert_ok(config_url_check_file(&checked, /* reterr= */ NULL));
        free(checked);
}
