/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Base configs: what comes of several texts together, and where their mistakes are. */

#include "tests/lib/test.h"

#include <stdio.h>

#include "common/buffer.h"
#include "common/strings.h"
#include "config/config.h"

#define PREVIEW    "previewFeatures: [base-configs]\n"
#define BASE(path) PREVIEW "baseConfigs: [{path: " path "}]\n"

/* Files by their paths; the first is the config itself. */
typedef struct Text {
        const char *path, *text;
} Text;

typedef struct Texts {
        const Text *list;
        char **asked; /* list: what was loaded */
} Texts;

static int load(void *userdata,
                const char *path,
                size_t index,
                char **ret_text,
                size_t *ret_size,
                Failure *reterr) {
        Texts *texts = userdata;

        ck_assert_uint_eq(index, strv_length(texts->asked));
        assert_ok(strv_append(&texts->asked, path));
        for (const Text *text = texts->list + 1; text->path; text++)
                if (str_equal(text->path, path)) {
                        *ret_text = strdup(text->text);
                        *ret_size = strlen(text->text);
                        return 0;
                }
        return failure_set(reterr, -ENOENT, "is not there");
}

static int parse_with(
                const char *text,
                size_t size,
                ConfigLoad loader,
                void *userdata,
                Config *config,
                Diagnostics *diagnostics) {
        const ConfigTexts texts = {
                .text = text,
                .size = size,
                .load = loader,
                .userdata = userdata,
        };

        return config_parse_texts(&texts, config, diagnostics);
}

static int parse(Texts *texts, Config *config, Diagnostics *diagnostics) {
        const char *text = texts->list[0].text;

        return parse_with(text, strlen(text), load, texts, config, diagnostics);
}

static char *list_to_text(char *const *list) {
        return strv_join(list, " ");
}

static void check_list(char *const *list, const char *expected) {
        _cleanup_free_ char *text = list_to_text(list);

        ck_assert_str_eq(text, expected);
}

/* ---- what is merged ---- */

static const Text whole[] = {
        { "config.yaml",
          PREVIEW "baseConfigs: [{path: sub/one.yaml}, {path: ../two.yaml}]\n"
                  "os:\n"
                  "  hostname: top\n"
                  "  kernelCommandLine: {extraCommandLine: [c]}\n"
                  "  services: {enable: [off-below], disable: [on-below.service]}\n"
                  "  additionalFiles:\n"
                  "  - {destination: /same, content: top}\n"
                  "  - {destination: /top, source: top.txt}\n"
                  "iso: {kernelCommandLine: {extraCommandLine: [i3]}}\n"
                  "pxe: {bootstrapBaseUrl: \"\", initramfsType: \"\"}\n"
                  "scripts: {network: false, postCustomization: [{path: run.sh}]}\n"
                  "output: {image: {format: \"\"}}\n" },
        { "sub/one.yaml",
          "input: {image: {path: images/a.raw}}\n"
          "output: {image: {path: out, format: pxe-dir}}\n"
          "os:\n"
          "  hostname: one\n"
          "  kernelCommandLine: {extraCommandLine: [a]}\n"
          "  services: {enable: [on-below, kept], disable: [off-below.service]}\n"
          "  additionalFiles:\n"
          "  - {destination: /same, source: one.txt}\n"
          "  - {destination: /one, source: ../shared.txt, permissions: 600}\n"
          "iso:\n"
          "  initramfsType: full-os\n"
          "  kernelCommandLine: {extraCommandLine: [i1]}\n"
          "  additionalFiles:\n"
          "  - {destination: Docs/readme, content: one}\n"
          "  - {destination: docs/other, content: one}\n"
          "pxe: {bootstrapBaseUrl: http://one/, initramfsType: bootstrap}\n"
          "scripts: {network: true, postCustomization: [{path: run.sh}, {content: exit}]}\n" },
        { "../two.yaml",
          "os: {kernelCommandLine: {extraCommandLine: [b]}}\n"
          "iso:\n"
          "  kernelCommandLine: {extraCommandLine: [i2]}\n"
          "  additionalFiles: [{destination: docs/README, source: two.txt}]\n"
          "pxe: {bootstrapBaseUrl: http://two/}\n"
          "scripts: {postCustomization: [{path: run.sh}]}\n"
          "output: {image: {format: \"\"}}\n" },
        {},
};

static void load_whole(Config *config) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        Texts texts = { .list = whole };
        int r = parse(&texts, config, &diagnostics);

        ck_assert_msg(r == 0, "%s", r < 0 ? diagnostics.items[0].message : "");
        check_list(texts.asked, "sub/one.yaml ../two.yaml");
        strv_free(texts.asked);
}

TEST(of_single_values_the_last_counts)
{
        _cleanup_config_ Config config = {};

        load_whole(&config);
        ck_assert_str_eq(config.hostname, "top");
        ck_assert_str_eq(config.image_path, "sub/images/a.raw");
        ck_assert_str_eq(config.output_path, "sub/out");
        ck_assert_str_eq(config.output_format, "pxe-dir");
        ck_assert(!config.network);
        ck_assert(config.iso.present && config.pxe.present);
        ck_assert_int_eq(config.iso.initramfs_type, INITRAMFS_FULL_OS);
        ck_assert_int_eq(config.pxe.initramfs_type, INITRAMFS_BOOTSTRAP);
        ck_assert_str_eq(config.pxe.bootstrap_base_url, "http://two/");
        ck_assert_str_eq(config.pxe.url_key, "bootstrapBaseUrl");
        ck_assert_uint_eq(config.pxe.url_place.file, 2);
}

TEST(lists_follow_each_other)
{
        _cleanup_free_ char *below = NULL, *top = NULL;
        _cleanup_config_ Config config = {};

        load_whole(&config);
        check_list(config.kernel_arguments, "a b c");
        check_list(config.iso.kernel_arguments, "i1 i2 i3");
        check_list(config.services_enable, "kept off-below");
        check_list(config.services_disable, "on-below.service");
        ck_assert_uint_eq(config.n_scripts, 4);
        ck_assert_str_eq(config.scripts[0].path, "sub/run.sh");
        ck_assert_str_eq(config.scripts[1].content, "exit");
        ck_assert_str_eq(config.scripts[2].path, "../run.sh");
        ck_assert_str_eq(config.scripts[3].path, "run.sh");
        below = config_place_to_text(&config, &config.scripts[2].place);
        ck_assert_str_eq(below, "line 6 of ../two.yaml");
        top = config_place_to_text(&config, &config.scripts[3].place);
        ck_assert_str_eq(top, "line 12");
}

TEST(a_file_takes_the_place_of_a_base_s)
{
        _cleanup_config_ Config config = {};

        load_whole(&config);
        ck_assert_uint_eq(config.n_files, 3);
        ck_assert_str_eq(config.files[0].source, "shared.txt");
        ck_assert_uint_eq(config.files[0].permissions, 0600);
        ck_assert_str_eq(config.files[1].content, "top");
        ck_assert_str_eq(config.files[2].source, "top.txt");
        ck_assert_uint_eq(config.iso.n_files, 2);
        ck_assert_str_eq(config.iso.files[0].destination, "docs/other");
        ck_assert_str_eq(config.iso.files[1].source, "../two.txt");
}

TEST(sources_have_names_in_the_context)
{
        _cleanup_strv_ char **paths = NULL, **entries = NULL;
        _cleanup_free_ ConfigSource *sources = NULL;
        _cleanup_config_ Config config = {};
        size_t n;

        load_whole(&config);
        assert_ok(config_sources(&config, &sources, &n));
        for (size_t i = 0; i < n; i++) {
                assert_ok(strv_append(&paths, sources[i].path));
                assert_ok(strv_append(&entries, sources[i].entry));
        }
        check_list(paths, "top.txt run.sh shared.txt sub/run.sh ../two.txt ../run.sh");
        check_list(entries,
                   "files/top.txt files/run.sh files/shared.txt files/sub/run.sh outside/4 "
                   "outside/5");
}

/* What is left of one key of a base and one on top. */
static const struct {
        const char *below, *above;
        InitramfsType iso, pxe;
        const char *base_url, *file_url, *arguments, *files;
} merges[] = {
        { "{}", "", .arguments = "", .files = "" },
        { "iso: {initramfsType: full-os}", "", .iso = INITRAMFS_FULL_OS },
        { "{}", "iso: {initramfsType: full-os}", .iso = INITRAMFS_FULL_OS },
        { "iso: {initramfsType: full-os}",
          "iso: {initramfsType: bootstrap}",
          .iso = INITRAMFS_BOOTSTRAP },
        { "iso: {initramfsType: full-os}", "iso: {initramfsType: \"\"}", .iso = INITRAMFS_FULL_OS },
        { "iso: {initramfsType: full-os}", "iso: {initramfsType: ~}", .iso = INITRAMFS_FULL_OS },
        { "iso: {initramfsType: full-os}", "iso: ~", .iso = INITRAMFS_FULL_OS },
        { "iso: {initramfsType: full-os}",
          "pxe: {initramfsType: bootstrap}",
          .iso = INITRAMFS_FULL_OS,
          .pxe = INITRAMFS_BOOTSTRAP },
        { "pxe: {initramfsType: bootstrap}",
          "pxe: {initramfsType: full-os}",
          .pxe = INITRAMFS_FULL_OS },
        { "pxe: {bootstrapBaseUrl: http://a/}", "", .base_url = "http://a/" },
        { "{}", "pxe: {bootstrapBaseUrl: http://b/}", .base_url = "http://b/" },
        { "pxe: {bootstrapBaseUrl: http://a/}",
          "pxe: {bootstrapBaseUrl: http://b/}",
          .base_url = "http://b/" },
        { "pxe: {bootstrapBaseUrl: http://a/}",
          "pxe: {bootstrapBaseUrl: \"\"}",
          .base_url = "http://a/" },
        { "pxe: {isoImageBaseUrl: http://a/}",
          "pxe: {bootstrapBaseUrl: http://b/}",
          .base_url = "http://b/" },
        { "pxe: {bootstrapFileUrl: http://a/x.iso}", "", .file_url = "http://a/x.iso" },
        { "pxe: {bootstrapFileUrl: http://a/x.iso}",
          "pxe: {isoImageFileUrl: http://b/y.iso}",
          .file_url = "http://b/y.iso" },
        { "pxe: {bootstrapFileUrl: http://a/x.iso}",
          "pxe: {bootstrapFileUrl: \"\", bootstrapBaseUrl: ~}",
          .file_url = "http://a/x.iso" },
        { "iso: {kernelCommandLine: {extraCommandLine: [a]}}", "", .arguments = "a" },
        { "{}", "iso: {kernelCommandLine: {extraCommandLine: [b]}}", .arguments = "b" },
        { "iso: {kernelCommandLine: {extraCommandLine: [a, x]}}",
          "iso: {kernelCommandLine: {extraCommandLine: [b, x]}}",
          .arguments = "a x b x" },
        { "iso: {kernelCommandLine: {extraCommandLine: [a]}}",
          "iso: {kernelCommandLine: {extraCommandLine: []}}",
          .arguments = "a" },
        { "iso: {kernelCommandLine: {extraCommandLine: [a]}}",
          "iso: {kernelCommandLine: ~}",
          .arguments = "a" },
        { "pxe: {additionalFiles: [{destination: a, source: s}]}", "", .files = "a=b/s" },
        { "{}", "pxe: {additionalFiles: [{destination: a, source: s}]}", .files = "a=s" },
        { "pxe: {additionalFiles: [{destination: a, source: s}]}",
          "pxe: {additionalFiles: [{destination: c, source: s}]}",
          .files = "a=b/s c=s" },
        { "pxe: {additionalFiles: [{destination: a, source: s}, {destination: c, source: /s}]}",
          "pxe: {additionalFiles: [{destination: A, source: s}]}",
          .files = "c=/s A=s" },
        { "pxe: {additionalFiles: [{destination: a, source: s}]}",
          "pxe: {additionalFiles: []}",
          .files = "a=b/s" },
        { "pxe: {additionalFiles: [{destination: a, source: s}]}",
          "iso: {additionalFiles: [{destination: a, source: s}]}",
          .files = "a=b/s" },
};

static char *files_to_text(const ConfigMedium *medium) {
        _cleanup_strv_ char **list = NULL;

        for (size_t i = 0; i < medium->n_files; i++)
                assert_ok(strv_append_take(
                                &list,
                                str_printf("%s=%s",
                                           medium->files[i].destination,
                                           medium->files[i].source)));
        return list_to_text(list);
}

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DOWNLOAD(url, destination) \
        "{url: \"" url "\", sha256: " DIGEST ", destination: " destination "}"

static const Text downloads[] = {
        { "config.yaml", BASE("a") "pxe: {downloads: [" DOWNLOAD("http://above/", "/b") "]}\n" },
        { "a",
          "pxe: {downloads: [" DOWNLOAD("http://h/a", "/a") ", " DOWNLOAD(
                          "http://h/b",
                          "/b") ", " DOWNLOAD("http://h/B", "/B") "]}\n" },
        {},
};

TEST(a_download_takes_the_place_of_a_base_s)
{
        static const char *const expected[] = { "http://h/a", "http://h/B", "http://above/" };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        Texts texts = { .list = downloads };

        assert_ok(parse(&texts, &config, &diagnostics));
        ck_assert_uint_eq(config.pxe.n_downloads, ELEMENTSOF(expected));
        for (size_t i = 0; i < ELEMENTSOF(expected); i++)
                ck_assert_str_eq(config.pxe.downloads[i].url, expected[i]);
        strv_free(texts.asked);
}

TEST_ROWS(merged, ELEMENTSOF(merges)) {
        _cleanup_free_ char *top = str_printf(BASE("b/base") "%s\n", merges[_i].above),
                            *files = NULL;
        const Text list[] = { { "", top }, { "b/base", merges[_i].below }, {} };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        Texts texts = { .list = list };

        assert_ok(parse(&texts, &config, &diagnostics));
        ck_assert_int_eq(config.iso.initramfs_type, merges[_i].iso);
        ck_assert_int_eq(config.pxe.initramfs_type, merges[_i].pxe);
        ck_assert_pstr_eq(config.pxe.bootstrap_base_url, merges[_i].base_url);
        ck_assert_pstr_eq(config.pxe.bootstrap_file_url, merges[_i].file_url);
        check_list(config.iso.kernel_arguments, merges[_i].arguments ? merges[_i].arguments : "");
        files = files_to_text(&config.pxe);
        ck_assert_str_eq(files, merges[_i].files ? merges[_i].files : "");
        strv_free(texts.asked);
}

static const Text diamond[] = {
        { "config.yaml", PREVIEW "baseConfigs: [{path: a}, {path: ./sub/../b}, {path: a}]\n" },
        { "a", BASE("c") "os: {kernelCommandLine: {extraCommandLine: [a]}}\n" },
        { "b", BASE("c") "os: {kernelCommandLine: {extraCommandLine: [b]}}\n" },
        { "c", "os: {kernelCommandLine: {extraCommandLine: [c]}}\n" },
        {},
};

TEST(one_that_is_named_twice_is_read_once)
{
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        Texts texts = { .list = diamond };

        assert_ok(parse(&texts, &config, &diagnostics));
        check_list(texts.asked, "a c b");
        check_list(config.kernel_arguments, "c a b");
        strv_free(texts.asked);
}

static const Text accounts[] = {
        { "config.yaml",
          BASE("sub/a") "os:\n"
                        "  users: [{name: top, uid: 7}]\n"
                        "  selinux: {mode: \"\"}\n"
                        "  overlays: []\n" },
        { "sub/a",
          "os:\n"
          "  users:\n"
          "  - {name: below, uid: 7, sshPublicKeyPaths: [k.pub],\n"
          "     password: {type: hashed-file, value: ./secret}}\n"
          "  - {name: other, password: {type: plain-text, value: ./word}}\n"
          "  additionalDirs: [{source: tree/, destination: /}]\n"
          "  selinux: {mode: enforcing}\n" },
        {},
};

/* Each text by itself has unique names; what two of them say of one is done one after the other. */
TEST(accounts_are_put_together)
{
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        Texts texts = { .list = accounts };

        assert_ok(parse(&texts, &config, &diagnostics));
        ck_assert_uint_eq(config.n_users, 3);
        ck_assert_str_eq(config.users[0].name, "below");
        ck_assert(config.users[0].has_uid && config.users[0].uid == 7);
        ck_assert_str_eq(config.users[0].password.value, "sub/secret");
        ck_assert_str_eq(config.users[0].password.entry, "files/sub/secret");
        check_list(config.users[0].ssh_key_entries, "files/sub/k.pub");
        ck_assert_str_eq(config.users[1].password.value, "./word");
        ck_assert_ptr_null(config.users[1].password.entry);
        ck_assert_str_eq(config.users[2].name, "top");
        ck_assert_str_eq(config.dirs[0].entry, "files/sub/tree");
        ck_assert_int_eq(config.selinux.mode, SELINUX_ENFORCING);
        strv_free(texts.asked);
}

static const Text packages[] = {
        { "config.yaml",
          BASE("sub/base.yaml") "os:\n"
                                "  packages:\n"
                                "    install: [c]\n"
                                "    installLists: [list.yaml]\n"
                                "    sources: [{folder: debs}]\n"
                                "    updateExistingPackages: false\n" },
        { "sub/base.yaml",
          "os:\n"
          "  packages:\n"
          "    install: [a, b]\n"
          "    installLists:\n"
          "    - list.yaml\n"
          "    - /srv/list.yaml\n"
          "    sources: [{folder: ../debs, key: k.asc}, {repositoryFile: own.list}]\n"
          "    updateExistingPackages: true\n"
          "    disableImageRepositories: true\n" },
        {},
};

static int read_wrong_list(
                void *userdata,
                const ConfigPath *list,
                char **ret_text,
                size_t *ret_size) {
        assert_ok(strv_append(userdata, list->entry));
        *ret_text = strdup("packages: [/]");
        *ret_size = strlen(*ret_text);
        return 0;
}

static void check_package_sources(const ConfigPackages *merged) {
        ck_assert_uint_eq(merged->n_sources, 4);
        ck_assert_str_eq(merged->sources[0].folder, "debs");
        ck_assert_str_eq(merged->sources[0].key, "sub/k.asc");
        ck_assert_str_eq(merged->sources[1].repository_file, "sub/own.list");
        ck_assert_str_eq(merged->sources[2].folder_entry, "files/debs");
        ck_assert(!merged->sources[2].is_of_caller);
        ck_assert_str_eq(merged->sources[3].folder, "debs");
        ck_assert(merged->sources[3].is_of_caller);
        ck_assert_str_eq(merged->sources[3].folder_entry, "outside/0");
}

/* The command line's sources come last, and start from another folder. */
TEST(packages_are_put_together)
{
        static const char sources[] = "{\"sources\": [{\"folder\": \"debs\"}]}";
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_strv_ char **entries = NULL, **names = NULL;
        _cleanup_config_ Config config = {};
        Texts texts = { .list = packages };
        const ConfigTexts all = {
                .text = packages[0].text,
                .size = strlen(packages[0].text),
                .load = load,
                .userdata = &texts,
                .sources = sources,
                .sources_size = strlen(sources),
        };

        assert_ok(config_parse_texts(&all, &config, &diagnostics));
        check_list(config.packages.sets[PACKAGES_INSTALL].names, "a b c");
        ck_assert(config.packages.disable_image_repositories);
        check_package_sources(&config.packages);
        ck_assert_uint_eq(config_packages_steps(&config.packages), 2);
        for (size_t i = 0; i < 2; i++) {
                ck_assert(config_packages_update_existing(&config.packages, i) == (i == 0));
                assert_errno(config_packages_gather(
                                             &config.packages,
                                             i,
                                             PACKAGES_INSTALL,
                                             read_wrong_list,
                                             &entries,
                                             &names,
                                             &diagnostics),
                             -EBADMSG);
        }
        check_list(entries, "files/sub/list.yaml outside/4 files/list.yaml");
        ck_assert_uint_eq(diagnostics.n_items, 3);
        ck_assert_uint_eq(diagnostics.items[1].file, 1);
        ck_assert_uint_eq(diagnostics.items[1].line, 6);
        ck_assert_uint_eq(diagnostics.items[1].column, 7);
        ck_assert_uint_eq(diagnostics.items[2].file, 0);
        strv_free(texts.asked);
}

/* ---- what is wrong ---- */

#define TEN(x) x "," x "," x "," x "," x "," x "," x "," x "," x "," x
#define FIFTY  TEN("l") "," TEN("l") "," TEN("l") "," TEN("l") "," TEN("l")
#define LISTS  "os: {packages: {installLists: [" FIFTY "]}}\n"
#define SOURCE TEN("{folder: a}") "," TEN("{folder: a}")

#define FULL_OS "pxe: {initramfsType: full-os}\n"
#define URL     "pxe: {bootstrapFileUrl: http://h/x.iso}\n"

static const struct {
        Text texts[4];
        const char *expected; /* a line for each: file, line, column, message */
} wrong[] = {
        { { { "", "baseConfigs: [{path: a}]\n" }, { "a", "{}" } },
          ":1:1: baseConfigs: is a preview; add \"base-configs\" to the list previewFeatures of this "
          "file\n" },
        { { { "", BASE("a") }, { "a", "baseConfigs: [{path: b}]" }, { "b", "os: {}" } },
          "a:1:1: baseConfigs: is a preview; add \"base-configs\" to the list previewFeatures of "
          "this file\n" },
        { { { "", BASE("none") } }, ":2:15: baseConfigs: \"none\" is not there\n" },
        { { { "", PREVIEW "baseConfigs: [{path: \"\"}, {}, 7]\n" } },
          ":2:22: baseConfigs[0].path: must not be empty\n"
          ":2:27: baseConfigs[1]: lacks \"path\"; add it\n"
          ":2:31: baseConfigs[2]: must be a mapping (key: value), but is text\n" },
        { { { "", BASE("d/a") "os: {hostname: -}\n" },
            { "d/a", BASE("b") "os:\n  hostnam: a\n" },
            { "d/b", "\n\niso: 7\n" } },
          ":3:16: os.hostname: \"-\" is not a host name; it has at most 64 characters, in parts of "
          "letters, digits and inner hyphens with dots between\n"
          "d/a:4:3: os.hostnam: is not a known key; did you mean \"hostname\"?\n"
          "d/b:3:6: iso: must be a mapping (key: value), but is text\n" },
        { { { "", BASE("a") }, { "a", "os: [\n" } },
          "a:2:1: the text is not valid YAML: did not find expected node content, while parsing a "
          "flow node that begins in line 2\n" },
        { { { "", BASE("a") }, { "a", BASE("a") } },
          "a:2:15: baseConfigs: \"a\" leads back to itself (a, a); leave one of these steps out\n" },
        { { { "", BASE("a") }, { "a", BASE("d/b") }, { "d/b", BASE("../a") } },
          "d/b:2:15: baseConfigs: \"a\" leads back to itself (a, d/b, a); leave one of these steps "
          "out\n" },
        { { { "", BASE("a") URL }, { "a", "\npxe: {isoImageBaseUrl: http://h/}\n" } },
          ":3:7: pxe.bootstrapFileUrl: cannot stand beside \"isoImageBaseUrl\" in line 2 of a, as "
          "there is one ISO to fetch; keep one of them\n" },
        { { { "", BASE("a") URL }, { "a", FULL_OS } },
          ":3:7: pxe: \"bootstrapFileUrl\" cannot be given with \"initramfsType: full-os\", which "
          "fetches nothing; the one is here, the other in line 1 of a; keep one of them\n" },
        { { { "", BASE("a") FULL_OS }, { "a", URL } },
          ":3:1: pxe: \"bootstrapFileUrl\" cannot be given with \"initramfsType: full-os\", which "
          "fetches nothing; the one is here, the other in line 1 of a; keep one of them\n" },
        { { { "", BASE("a") "os: {additionalFiles: [{destination: /a/b, content: x}]}\n" },
            { "a", "os: {additionalFiles: [{destination: /a, content: x}]}\n" } },
          ":3:24: os.additionalFiles: \"/a/b\" and \"/a\" in line 1 of a cannot both be files, as "
          "one lies below the other; choose another\n" },
        { { { "", BASE("a") LISTS }, { "a", LISTS } },
          ":3:16: os.packages: has, with those of the base configs, 100 list files, but at most 64 "
          "are supported\n" },
        { { { "", BASE("a") "os: {packages: {sources: [" SOURCE "]}}\n" },
            { "a", "os: {packages: {sources: [" SOURCE "]}}\n" } },
          ":3:26: os.packages.sources: has, with those of the base configs, 40 entries, but at most "
          "32 are supported\n" },
        { { { "", BASE("a") "iso: {additionalFiles: [{destination: A, content: x}]}\n" },
            { "a", "iso: {additionalFiles: [{destination: a/b, content: x}]}\n" } },
          ":3:25: iso.additionalFiles: \"A\" and \"a/b\" in line 1 of a cannot both be files, as "
          "one lies below the other; choose another\n" },
        { { { "", BASE("a") "pxe: {downloads: [" DOWNLOAD("http://h/a", "/a") "]}\n" },
            { "a", "pxe: {downloads: [" DOWNLOAD("http://h/b", "/a/b") "]}\n" } },
          ":3:19: pxe.downloads: \"/a\" and \"/a/b\" in line 1 of a cannot both be files, as "
          "one lies below the other; choose another\n" },
};

static char *diagnostics_to_text(const Diagnostics *diagnostics) {
        _cleanup_buffer_ Buffer text = {};

        for (size_t i = 0; i < diagnostics->n_items; i++) {
                const Diagnostic *d = &diagnostics->items[i];
                const char *file = diagnostics_file_name(diagnostics, d->file);

                assert_ok(
                                buffer_printf(&text,
                                              "%s:%u:%u: %s\n",
                                              file ? file : "",
                                              d->line,
                                              d->column,
                                              d->message));
        }
        return buffer_take(&text);
}

TEST_ROWS(mistakes, ELEMENTSOF(wrong)) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        _cleanup_free_ char *found = NULL;
        Texts texts = { .list = wrong[_i].texts };

        assert_errno(parse(&texts, &config, &diagnostics), -EBADMSG);
        found = diagnostics_to_text(&diagnostics);
        ck_assert_str_eq(found, wrong[_i].expected);
        strv_free(texts.asked);
}

/* What is judged for a build has its place in the base config, too. */
TEST(a_build_is_judged_in_all_texts)
{
        static const Text list[] = {
                { "", BASE("a") "pxe: {initramfsType: \"\"}\n" },
                { "a", "\npxe: {bootstrapBaseUrl: http://h/}\n" },
                {},
        };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        Order order = { .format = ORDER_FORMAT_PXE };
        _cleanup_config_ Config config = {};
        _cleanup_free_ char *found = NULL;
        Texts texts = { .list = list };

        assert_ok(parse(&texts, &config, &diagnostics));
        assert_errno(config_check(&config, &order, CONFIG_IMAGE_DISK, &diagnostics), -EBADMSG);
        found = diagnostics_to_text(&diagnostics);
        ck_assert_str_eq(
                        found,
                        "a:2:7: pxe.bootstrapBaseUrl: cannot be given without an initramfsType, as that "
                        "means full-os, which fetches nothing; remove it or set pxe.initramfsType to "
                        "bootstrap\n");
        strv_free(texts.asked);
}

/* ---- bounds ---- */

/* Base config n names what `format` makes of n + 1. */
static int load_endless(
                void *userdata,
                const char *path,
                size_t index,
                char **ret_text,
                size_t *ret_size,
                Failure *reterr _unused_) {
        ck_assert_uint_lt(index, CONFIG_MAX_BASES);
        (*(size_t *) userdata)++;
        *ret_text = str_printf(BASE("%sx"), path);
        *ret_size = strlen(*ret_text);
        return 0;
}

TEST(depth_is_bounded)
{
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        size_t n = 0;

        assert_errno(parse_with(BASE("x"),
                                strlen(BASE("x")),
                                load_endless,
                                &n,
                                &config,
                                &diagnostics),
                     -EBADMSG);
        ck_assert_uint_eq(n, CONFIG_MAX_BASE_DEPTH);
        ck_assert_str_eq(
                        diagnostics.items[0].message,
                        "baseConfigs: \"xxxxxxxxx\" is the base of a base and so on, more than 8 deep; name "
                        "it further up");
}

static int load_empty(
                void *userdata,
                const char *path _unused_,
                size_t index _unused_,
                char **ret_text,
                size_t *ret_size,
                Failure *reterr _unused_) {
        (*(size_t *) userdata)++;
        *ret_text = strdup("");
        *ret_size = 0;
        return 0;
}

TEST(number_is_bounded)
{
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        _cleanup_buffer_ Buffer text = {};
        size_t n = 0;

        assert_ok(buffer_printf(&text, PREVIEW "baseConfigs:\n"));
        for (unsigned i = 0; i <= CONFIG_MAX_BASES; i++)
                assert_ok(buffer_printf(&text, "- path: base%u\n", i));
        assert_errno(parse_with(text.data, text.size, load_empty, &n, &config, &diagnostics),
                     -EBADMSG);
        ck_assert_uint_eq(n, CONFIG_MAX_BASES);
        ck_assert_uint_eq(diagnostics.n_items, 1);
        ck_assert_str_eq(
                        diagnostics.items[0].message,
                        "baseConfigs: \"base32\" is one more than the 32 base configs that are read; put "
                        "some together");
}

/* Lists do not grow beyond what one file may have. */
TEST(entries_are_bounded)
{
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_buffer_ Buffer base = {};
        _cleanup_config_ Config config = {};
        Text list[] = {
                { "", BASE("a") "scripts: {postCustomization: [{content: x}]}\n" },
                {},
                {},
        };
        Texts texts = { .list = list };

        assert_ok(buffer_printf(&base, "scripts:\n  postCustomization:\n"));
        for (unsigned i = 0; i < 2000; i++)
                assert_ok(buffer_printf(&base, "  - content: x\n"));
        list[1] = (Text){ "a", base.data };
        assert_errno(parse(&texts, &config, &diagnostics), -EBADMSG);
        ck_assert_str_eq(
                        diagnostics.items[0].message,
                        "scripts.postCustomization: has, with the entries of the base configs, 2001 entries, "
                        "but at most 2000 are supported");
        strv_free(texts.asked);
}
