/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The config: every sample in tests/data/configs, and what follows from a good one. A bad sample's
 * diagnostics are compared whole with the file beside it; PXED_TEST_ACCEPT writes them anew.
 */

#include "tests/lib/test.h"

#include <dirent.h>
#include <fcntl.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/json.h"
#include "common/strings.h"
#include "config/config.h"

static int open_samples(const char *name) {
        const char *data = getenv("PXED_TEST_DATA");
        _cleanup_free_ char *path = NULL;
        int fd;

        ck_assert_msg(data, "PXED_TEST_DATA must name tests/data");
        path = str_printf("%s/configs/%s", data, name);
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
        return fd;
}

static char *read_sample(int folder_fd, const char *name, size_t *ret_size) {
        char *text = NULL;

        assert_ok(fs_read_in_root(folder_fd, name, 4 * CONFIG_MAX_BYTES, &text, ret_size));
        return text;
}

/* Parses, and judges for what the sample's second line says is to be made. */
static int judge(const char *text, size_t size, Config *config, Diagnostics *diagnostics) {
        static const struct {
                const char *line;
                Order order;
        } makes[] = {
                { "\n# make: iso\n", { .format = ORDER_FORMAT_ISO } },
                { "\n# make: iso-with-pxe\n",
                  { .format = ORDER_FORMAT_ISO, .pxe_artifacts = true } },
                { "\n# make: pxe\n", { .format = ORDER_FORMAT_PXE } },
        };
        int r = config_parse(text, size, config, diagnostics);

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(makes); i++)
                if (strstr(text, makes[i].line))
                        r = config_check(config, &makes[i].order, CONFIG_IMAGE_DISK, diagnostics);
        return r;
}

static char *diagnostics_to_text(const Diagnostics *diagnostics) {
        _cleanup_buffer_ Buffer text = {};

        for (size_t i = 0; i < diagnostics->n_items; i++) {
                const Diagnostic *d = &diagnostics->items[i];

                assert_ok(
                                buffer_printf(&text,
                                              "%u:%u: %s%s\n",
                                              d->line,
                                              d->column,
                                              d->severity == REPORT_WARNING ? "warning: " : "",
                                              d->message));
        }
        return buffer_take(&text);
}

static void check_sample(int folder_fd, const char *name, bool is_good) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        _cleanup_free_ char *text = NULL, *found = NULL, *expected = NULL, *beside = NULL;
        size_t size, expected_size;
        int r;

        text = read_sample(folder_fd, name, &size);
        r = judge(text, size, &config, &diagnostics);
        found = diagnostics_to_text(&diagnostics);
        if (is_good) {
                ck_assert_msg(r == 0 && found[0] == '\0', "%s: %s", name, found);
                return;
        }
        ck_assert_msg(r == -EBADMSG, "%s: %d", name, r);
        beside = str_printf("%.*s.expected", (int) (strlen(name) - strlen(".yaml")), name);
        if (getenv("PXED_TEST_ACCEPT"))
                assert_ok(fs_write_in_root(folder_fd, beside, found, strlen(found), 0644));
        expected = read_sample(folder_fd, beside, &expected_size);
        ck_assert_msg(str_equal(found, expected),
                      "%s: found\n%sinstead of\n%s",
                      name,
                      found,
                      expected);
}

static void check_samples(const char *folder, bool is_good, size_t n_at_least) {
        _cleanup_closedir_ DIR *d = fs_opendir(open_samples(folder));
        struct dirent *entry;
        size_t n = 0;

        while ((entry = fs_readdir(d)))
                if (str_has_suffix(entry->d_name, ".yaml")) {
                        check_sample(dirfd(d), entry->d_name, is_good);
                        n++;
                }
        ck_assert_uint_ge(n, n_at_least);
}

TEST(good_samples)
{ check_samples("good", /* is_good= */ true, 10); }

TEST(bad_samples)
{ check_samples("bad", /* is_good= */ false, 60); }

static void check_list(char *const *list, const char *expected) {
        _cleanup_free_ char *joined = strv_join(list, "|");

        ck_assert_str_eq(joined, expected);
}

static void load(const char *name, Config *config) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_close_ int folder_fd = open_samples("good");
        _cleanup_free_ char *text = NULL;
        size_t size;

        text = read_sample(folder_fd, name, &size);
        assert_ok(config_parse(text, size, config, &diagnostics));
}

TEST(values_arrive)
{
        _cleanup_config_ Config config = {};

        load("whole.yaml", &config);
        ck_assert_str_eq(config.image_path, "image.raw");
        ck_assert_str_eq(config.output_path, "out/live");
        ck_assert_str_eq(config.output_format, "pxe-tar");
        ck_assert_str_eq(config.hostname, "live.example.org");
        ck_assert(config.network);
        check_list(config.kernel_arguments, "console=ttyS0");
        check_list(config.services_enable, "sshd|getty@ttyS0.service|dev-disk-by\\x2dlabel.device");
        check_list(config.services_disable, "cron.service");
        ck_assert_uint_eq(config.n_files, 2);
        ck_assert(!config.files[0].has_permissions);
        ck_assert_str_eq(config.files[1].destination, "/etc/outside");
        ck_assert(config.files[1].has_permissions);
        ck_assert_uint_eq(config.files[1].permissions, 0755);
        ck_assert_ptr_null(config.files[1].content);
}

TEST(media_arrive)
{
        _cleanup_config_ Config config = {};

        load("whole.yaml", &config);
        ck_assert(config.iso.present);
        ck_assert_int_eq(config.iso.initramfs_type, INITRAMFS_BOOTSTRAP);
        ck_assert_uint_eq(config.iso.place.line, 11);
        ck_assert_uint_eq(config.iso.place.column, 1);
        check_list(config.iso.kernel_arguments, "rd.debug|a=b c");
        ck_assert_uint_eq(config.iso.n_files, 2);
        ck_assert_str_eq(config.iso.files[0].destination, "docs/readme.txt");
        ck_assert_uint_eq(config.iso.files[0].place.line, 17);
        ck_assert_str_eq(config.iso.files[1].content, "");
        ck_assert_uint_eq(config.iso.files[1].permissions, 0600);
        ck_assert_str_eq(config.pxe.url_key, "bootstrapFileUrl");
        ck_assert_uint_eq(config.pxe.files[0].permissions, 0444);
        check_list(config.pxe.kernel_arguments, "ip=dhcp");
}

TEST(scripts_arrive)
{
        _cleanup_config_ Config config = {};
        const ConfigScript *first;

        load("whole.yaml", &config);
        ck_assert_uint_eq(config.n_scripts, 2);
        first = &config.scripts[0];
        ck_assert_str_eq(first->path, "scripts/first.sh");
        ck_assert_str_eq(first->entry, "files/scripts/first.sh");
        ck_assert_str_eq(first->interpreter, "/bin/bash");
        check_list(first->arguments, "--flag||7");
        check_list(first->environment, "A=b|_C2=3|EMPTY=");
        ck_assert_str_eq(first->name, "the first");
        ck_assert_str_eq(config.scripts[1].content, "echo hello\n");
        ck_assert_ptr_null(config.scripts[1].entry);
}

TEST(sources_are_distinct_and_in_order)
{
        _cleanup_strv_ char **paths = NULL, **entries = NULL;
        _cleanup_free_ ConfigSource *sources = NULL;
        _cleanup_config_ Config config = {};
        size_t n;

        load("whole.yaml", &config);
        assert_ok(config_sources(&config, &sources, &n));
        for (size_t i = 0; i < n; i++) {
                assert_ok(strv_append(&paths, sources[i].path));
                assert_ok(strv_append(&entries, sources[i].entry));
                ck_assert(!sources[i].is_folder && !sources[i].is_secret);
        }
        check_list(paths, "readme.txt|/srv/tools.tar|../outside.txt|scripts/first.sh");
        check_list(entries, "files/readme.txt|outside/1|outside/2|files/scripts/first.sh");
        ck_assert_str_eq(config.files[0].entry, "files/readme.txt"); /* written "./readme.txt" */
        ck_assert_str_eq(config.files[1].entry, "outside/2");
        ck_assert_str_eq(config.pxe.files[0].entry, "outside/1");
}

static const struct {
        const char *text;
        OrderFormat format;
        InitramfsType type;
} types[] = {
        { "{}", ORDER_FORMAT_ISO, INITRAMFS_BOOTSTRAP },
        { "{}", ORDER_FORMAT_PXE, INITRAMFS_FULL_OS },
        { "iso: {initramfsType: full-os}", ORDER_FORMAT_ISO, INITRAMFS_FULL_OS },
        { "iso: {initramfsType: bootstrap}", ORDER_FORMAT_PXE, INITRAMFS_FULL_OS },
        { "pxe: {initramfsType: bootstrap}", ORDER_FORMAT_PXE, INITRAMFS_BOOTSTRAP },
        { "pxe: {initramfsType: \"\"}", ORDER_FORMAT_PXE, INITRAMFS_FULL_OS },
};

TEST_ROWS(initramfs_type, ELEMENTSOF(types)) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};

        assert_ok(config_parse(types[_i].text, strlen(types[_i].text), &config, &diagnostics));
        ck_assert_int_eq(config_initramfs_type(&config, types[_i].format), types[_i].type);
}

static const struct {
        const char *text, *iso_name, *url, *name;
} urls[] = {
        { "{}", NULL, NULL, "image.iso" },
        { "{}", "a.iso", NULL, "a.iso" },
        { "pxe: {bootstrapBaseUrl: http://host}", "a.iso", "http://host/image.iso", "image.iso" },
        { "pxe: {bootstrapBaseUrl: http://host/x/}", NULL, "http://host/x/image.iso", "image.iso" },
        { "pxe: {isoImageBaseUrl: http://host/x}", "a.iso", "http://host/x/a.iso", "a.iso" },
        { "pxe: {isoImageBaseUrl: http://host/x}", NULL, "http://host/x/image.iso", "image.iso" },
        { "pxe: {bootstrapFileUrl: nfs://h/x/live.iso}",
          "a.iso",
          "nfs://h/x/live.iso",
          "live.iso" },
        { "pxe: {isoImageFileUrl: \"ftp://u:p@h:2/l.iso?a=b/c\"}",
          NULL,
          "ftp://u:p@h:2/l.iso?a=b/c",
          "l.iso" },
};

TEST_ROWS(bootstrap_url, ELEMENTSOF(urls)) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *url = NULL, *name = NULL;
        _cleanup_config_ Config config = {};

        assert_ok(config_parse(urls[_i].text, strlen(urls[_i].text), &config, &diagnostics));
        assert_ok(config_bootstrap_url(&config.pxe, urls[_i].iso_name, &url, &name));
        ck_assert_pstr_eq(url, urls[_i].url);
        ck_assert_str_eq(name, urls[_i].name);
}

/* xorshift: the same bytes in every run. */
static uint32_t next_random(uint32_t *state) {
        *state ^= *state << 13;
        *state ^= *state >> 17;
        *state ^= *state << 5;
        return *state;
}

/* Any bytes end in a config or in diagnostics; the sanitizers see to the rest. */
TEST(mutated_samples_are_survived)
{
        static const char spice[] = "{}[]:,-&*!|>'\"%@`#?\n\t \0\x80\xff~<=.";
        _cleanup_close_ int folder_fd = open_samples("good");
        _cleanup_free_ char *text = NULL;
        uint32_t state = 20240229;
        size_t size;

        text = read_sample(folder_fd, "whole.yaml", &size);
        for (unsigned round = 0; round < 3000; round++) {
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                _cleanup_free_ char *mutated = malloc(size + 1);
                _cleanup_config_ Config config = {};
                size_t kept = 1 + next_random(&state) % size;
                int r;

                memcpy(mutated, text, size + 1); /* its NUL too */
                for (unsigned i = 1 + next_random(&state) % 8; i > 0; i--)
                        mutated[next_random(&state) %
                                size] = spice[next_random(&state) % (sizeof(spice) - 1)];
                r = judge(mutated, round % 2 ? size : kept, &config, &diagnostics);
                ck_assert(r == 0 || r == -EBADMSG);
                ck_assert((diagnostics.n_errors > 0) == (r < 0));
        }
}
