/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From text to config: the one that was given, and the base configs that it names. Each text is read
 * by itself, so that a mistake has its own place, and then laid on top of those that came before it.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"
#include "config/config-merge.h"
#include "config/config-path.h"
#include "config/config-sources.h"
#include "config/config-tables.h"
#include "config/config.h"
#include "config/context.h"
#include "config/yaml.h"

typedef struct Chain {
        ConfigLoad load;
        void *userdata;
        Diagnostics *diagnostics;
        Config merged;
        char **paths;                   /* list: the base configs that were read */
        bool is_open[CONFIG_MAX_BASES]; /* of each: its own base configs are being read */
        unsigned depth;
} Chain;

static void chain_done(Chain *chain) {
        config_done(&chain->merged);
        strv_free(chain->paths);
}

typedef struct Text {
        const char *data;
        size_t size;
        const char *path; /* NULL for the config itself */
} Text;

static int follow_bases(Chain *chain, Config *config);

static int read_tree(Chain *chain, const YamlNode *root, const char *folder) {
        ConfigReading reading = { .diagnostics = chain->diagnostics, .folder = folder };
        uint32_t file = chain->diagnostics->file;
        _cleanup_config_ Config config = {};
        int r = config_read_map(&reading, root, &config_table, &config);

        if (r >= 0)
                r = follow_bases(chain, &config);
        chain->diagnostics->file = file;
        if (r < 0 || chain->diagnostics->n_errors > 0)
                return r;
        return config_merge_map(&reading, root, &config_table, &chain->merged, &config);
}

static int read_text(Chain *chain, const Text *text) {
        _cleanup_free_ char *folder = text->path ? config_path_folder(text->path) : NULL;
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        int r;

        if (text->path && !folder)
                return -ENOMEM;
        r = yaml_tree_read(text->data, text->size, &tree, chain->diagnostics);
        if (r == -EBADMSG)
                return 0; /* is in the diagnostics */
        if (r < 0 || yaml_tree_root(tree)->kind == YAML_NULL)
                return r;
        return read_tree(chain, yaml_tree_root(tree), folder);
}

/* ---- base configs ---- */

static _printf_(3,
                4) void refuse_base(Chain *chain, const ConfigBase *base, const char *format, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        diagnostics_add_at(
                        chain->diagnostics,
                        REPORT_ERROR,
                        &base->place,
                        "baseConfigs: \"%.200s\" %s",
                        base->path,
                        text ? text : "");
}

/* The steps from an open base config back to itself. */
static void refuse_cycle(Chain *chain, const ConfigBase *base) {
        _cleanup_buffer_ Buffer steps = {};
        bool is_step = false;

        for (size_t i = 0; chain->paths[i]; i++) {
                is_step = is_step || str_equal(chain->paths[i], base->path);
                if (is_step && chain->is_open[i])
                        (void) buffer_printf(&steps, "%.200s, ", chain->paths[i]);
        }
        refuse_base(chain,
                    base,
                    "leads back to itself (%s%.200s); leave one of these steps out",
                    steps.size > 0 ? steps.data : "",
                    base->path);
}

/* Whether a base config has to be read now; what speaks against it was reported. */
static bool is_wanted(Chain *chain, const ConfigBase *base) {
        for (size_t i = 0; chain->paths && chain->paths[i]; i++) {
                if (!str_equal(chain->paths[i], base->path))
                        continue;
                if (chain->is_open[i])
                        refuse_cycle(chain, base);
                return false;
        }
        if (strv_length(chain->paths) == CONFIG_MAX_BASES)
                refuse_base(chain,
                            base,
                            "is one more than the %d base configs that are read; put some together",
                            CONFIG_MAX_BASES);
        else if (chain->depth == CONFIG_MAX_BASE_DEPTH)
                refuse_base(chain,
                            base,
                            "is the base of a base and so on, more than %d deep; name it further up",
                            CONFIG_MAX_BASE_DEPTH);
        else
                return true;
        return false;
}

static int follow_base(Chain *chain, const ConfigBase *base) {
        size_t index = strv_length(chain->paths);
        _cleanup_free_ char *data = NULL;
        Text text = { .path = base->path };
        Failure failure = {};
        int r;

        if (!is_wanted(chain, base))
                return 0;
        if (strv_append(&chain->paths, base->path) < 0)
                return -ENOMEM;
        r = chain->load(chain->userdata, base->path, index, &data, &text.size, &failure);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                (void) failure_default(&failure, r, "cannot be read");
                refuse_base(chain, base, "%s", failure.message);
                return 0;
        }
        if (diagnostics_add_file(chain->diagnostics, base->path) < 0)
                return -ENOMEM;
        text.data = data;
        chain->is_open[index] = true;
        chain->depth++;
        r = read_text(chain, &text);
        chain->depth--;
        chain->is_open[index] = false;
        return r;
}

static int follow_bases(Chain *chain, Config *config) {
        int r = 0;

        for (size_t i = 0; i < config->n_bases && r >= 0; i++) {
                ConfigBase *base = &config->bases[i];
                char *path = base->path ? config_path_join("", base->path) : NULL;

                if (base->path && !path)
                        return -ENOMEM;
                free(base->path);
                base->path = path; /* one file, one name */
                r = path ? follow_base(chain, base) : 0;
        }
        return r;
}

/* ---- the whole ---- */

static int load_nothing(
                void *userdata _unused_,
                const char *path _unused_,
                size_t index _unused_,
                char **ret_text _unused_,
                size_t *ret_size _unused_,
                Failure *reterr) {
        return failure_set(
                        reterr,
                        -ENOENT,
                        "did not come with the config; send config and files together (pxectl "
                        "build does)");
}

static int add_sources(const ConfigTexts *texts, Chain *chain) {
        uint32_t file = chain->diagnostics->file;
        int r;

        if (!texts->sources)
                return 0;
        if (diagnostics_add_file(chain->diagnostics, CONTEXT_SOURCES) < 0)
                return -ENOMEM;
        r = config_packages_add_sources(
                        &chain->merged.packages,
                        texts->sources,
                        texts->sources_size,
                        chain->diagnostics);
        chain->diagnostics->file = file;
        return r == -EBADMSG ? 0 : r; /* is in the diagnostics */
}

int config_parse_texts(const ConfigTexts *texts, Config *ret, Diagnostics *diagnostics) {
        _cleanup_(chain_done) Chain chain = {
                .load = texts->load ? texts->load : load_nothing,
                .userdata = texts->userdata,
                .diagnostics = diagnostics,
        };
        int r = read_text(&chain, &(Text){ .data = texts->text, .size = texts->size });

        if (r >= 0)
                r = add_sources(texts, &chain);
        diagnostics_sort(diagnostics);
        if (r >= 0)
                r = diagnostics_result(diagnostics);
        if (r >= 0)
                r = config_name_sources(&chain.merged);
        if (r < 0)
                return r;
        chain.merged.base_paths = TAKE_PTR(chain.paths);
        *ret = chain.merged;
        chain.merged = (Config){};
        return 0;
}

int config_parse(const char *text, size_t size, Config *ret, Diagnostics *diagnostics) {
        const ConfigTexts texts = { .text = text, .size = size };

        return config_parse_texts(&texts, ret, diagnostics);
}
