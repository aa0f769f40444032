/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The config as a user writes it, judged for each kind of build. The first byte says which; a byte that
 * is not UTF-8 ends the config, and its base configs follow, whatever their paths. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "config/config.h"

static void check_diagnostics(const Diagnostics *diagnostics, int result) {
        fuzz_check(result == 0 || result == -EBADMSG);
        fuzz_check((result < 0) == (diagnostics->n_errors > 0));
        fuzz_check(diagnostics->n_items <= DIAGNOSTICS_MAX);
        for (size_t i = 0; i < diagnostics->n_items; i++) {
                const Diagnostic *d = &diagnostics->items[i];

                fuzz_check(d->message && str_is_utf8(d->message));
                fuzz_check((d->line == 0) == (d->column == 0));
        }
}

static void check_file(const ConfigFile *file) {
        fuzz_check(file->destination && !strstr(file->destination, "/../"));
        fuzz_check(!file->source != !file->content);
        fuzz_check((file->permissions & ~(mode_t) 0777) == 0);
}

/* Has a component "..". A name may end in two dots. */
static bool climbs(const char *path) {
        size_t size = strlen(path);

        return strncmp(path, "../", 3) == 0 || strstr(path, "/../") || strcmp(path, "..") == 0 ||
               (size > 3 && strcmp(path + size - 3, "/..") == 0);
}

static void check_config(const Config *config) {
        _cleanup_free_ ConfigSource *sources = NULL;
        size_t n;

        fuzz_check(config_sources(config, &sources, &n) >= 0);
        for (size_t i = 0; i < n; i++)
                fuzz_check(sources[i].path && !climbs(sources[i].entry));
        for (size_t i = 0; i < config->n_files; i++) {
                check_file(&config->files[i]);
                fuzz_check(config->files[i].destination[0] == '/');
        }
        for (size_t i = 0; i < config->pxe.n_files; i++) {
                check_file(&config->pxe.files[i]);
                fuzz_check(config->pxe.files[i].destination[0] != '/');
        }
}

static int give_bytes(void *userdata, const ConfigPath *list, char **ret_text, size_t *ret_size) {
        (void) list;
        *ret_text = strdup(userdata);
        *ret_size = *ret_text ? strlen(*ret_text) : 0;
        return *ret_text ? 0 : -ENOMEM;
}

/* The same bytes as a list file, and as what the command line adds. */
static void check_packages(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = strndup((const char *) data, size);
        ConfigPath list = { .path = (char *) "list" };
        ConfigPackages one = { .sets[PACKAGES_INSTALL] = { .lists = &list, .n_lists = 1 } };
        _cleanup_(config_packages_done) ConfigPackages more = {};
        _cleanup_diagnostics_ Diagnostics found = {}, more_found = {};
        _cleanup_strv_ char **names = NULL;
        int r = config_packages_gather(
                        &one,
                        /* step= */ 0,
                        PACKAGES_INSTALL,
                        give_bytes,
                        text,
                        &names,
                        &found);

        check_diagnostics(&found, r);
        STRV_FOREACH(name, names)
                fuzz_check((*name)[0] != '-' && !strpbrk(*name, "/ \n*"));
        r = config_packages_add_sources(&more, (const char *) data, size, &more_found);
        check_diagnostics(&more_found, r);
        for (size_t i = 0; r >= 0 && i < more.n_sources; i++)
                fuzz_check(!more.sources[i].folder != !more.sources[i].repository_file);
}

static void check_build(const Config *config, const Order *order) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *url = NULL, *name = NULL;

        check_diagnostics(
                        &diagnostics,
                        config_check(config, order, CONFIG_IMAGE_DISK, &diagnostics));
        fuzz_check(!config_asks_image(config, order) || diagnostics.n_errors > 0);
        fuzz_check(config_bootstrap_url(&config->pxe, order->iso_name, &url, &name) >= 0);
        fuzz_check(!url || name);
        fuzz_check(!name || !strchr(name, '/'));
        fuzz_check(config_initramfs_type(config, order->format) > INITRAMFS_UNSET);
}

typedef struct Input {
        const char *data;
        size_t size;
} Input;

/* Takes the text up to the next end; false when there is no more. */
static bool take_text(Input *input, Input *ret_text) {
        const char *end = input->size > 0 ? memchr(input->data, 0xff, input->size) : NULL;
        size_t n = end ? (size_t) (end - input->data) : input->size;

        if (!input->data)
                return false;
        *ret_text = (Input){ input->data, n };
        *input = end ? (Input){ end + 1, input->size - n - 1 } : (Input){};
        return true;
}

/* Base configs may lie in a folder further up, and nowhere else does a path climb. */
static bool climbs_inside(const char *path) {
        while (strncmp(path, "../", 3) == 0)
                path += 3;
        return strstr(path, "/../");
}

static int load(void *userdata,
                const char *path,
                size_t index,
                char **ret_text,
                size_t *ret_size,
                Failure *reterr _unused_) {
        Input text;

        fuzz_check(index < CONFIG_MAX_BASES && !climbs_inside(path));
        if (!take_text(userdata, &text))
                return -ENOENT;
        *ret_text = strndup(text.data, text.size);
        *ret_size = strlen(*ret_text);
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        uint8_t kind = fuzz_take_byte(&data, &size);
        Order order = {
                .format = kind & 1 ? ORDER_FORMAT_PXE : ORDER_FORMAT_ISO,
                .pxe_artifacts = (kind & 3) == 2,
                .iso_name = kind & 4 ? (char *) "other.iso" : NULL,
        };
        Input input = { (const char *) data, size }, text;
        int r;

        if (!take_text(&input, &text))
                return 0;
        r = config_parse_texts(
                        &(ConfigTexts){
                                        .text = text.data,
                                        .size = text.size,
                                        .load = load,
                                        .userdata = &input,
                        },
                        &config,
                        &diagnostics);

        check_packages(data, size);

        check_diagnostics(&diagnostics, r);
        if (r < 0)
                return 0;
        check_config(&config);
        check_build(&config, &order);
        return 0;
}
