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

static void check_config(const Config *config) {
        _cleanup_free_ ConfigSource *sources = NULL;
        size_t n;

        fuzz_check(config_sources(config, &sources, &n) >= 0);
        for (size_t i = 0; i < n; i++)
                fuzz_check(!strstr(sources[i].entry, "..") || !strstr(sources[i].entry, "../"));
        for (size_t i = 0; i < config->n_files; i++) {
                check_file(&config->files[i]);
                fuzz_check(config->files[i].destination[0] == '/');
        }
        for (size_t i = 0; i < config->pxe.n_files; i++) {
                check_file(&config->pxe.files[i]);
                fuzz_check(config->pxe.files[i].destination[0] != '/');
        }
}

static void check_build(const Config *config, const Order *order) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *url = NULL, *name = NULL;

        check_diagnostics(&diagnostics, config_check(config, order, &diagnostics));
        fuzz_check(config_bootstrap_url(config, order->iso_name, &url, &name) >= 0);
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

static int load(void *userdata,
                const char *path,
                size_t index,
                char **ret_text,
                size_t *ret_size,
                Failure *reterr _unused_) {
        Input text;

        fuzz_check(index < CONFIG_MAX_BASES && !strstr(path, "/../"));
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
        r = config_parse_with_bases(text.data, text.size, load, &input, &config, &diagnostics);

        check_diagnostics(&diagnostics, r);
        if (r < 0)
                return 0;
        check_config(&config);
        check_build(&config, &order);
        return 0;
}
