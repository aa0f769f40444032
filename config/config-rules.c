/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Rules between keys. A list of files and its struct's array go side by side, so a rule finds the
 * place of an entry by its index.
 */

#include "config/config-rules.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-medium.h"
#include "config/config-refuse.h"
#include "config/config-rules-os.h"
#include "config/destination.h"

int config_rule_kernel_arguments(ConfigReading *reading, const YamlNode *node, void *target) {
        char **const *arguments = target;
        size_t bytes = 0;

        STRV_FOREACH(argument, *arguments)
                bytes += strlen(*argument) + 1;
        if (bytes > CONFIG_MAX_KERNEL_BYTES)
                config_refuse(reading,
                              yaml_get(node, "extraCommandLine"),
                              "has %zu bytes of arguments, but at most %d fit the kernel command "
                              "line",
                              bytes,
                              CONFIG_MAX_KERNEL_BYTES);
        return 0;
}

/* ---- services ---- */

bool config_is_same_unit(const char *a, const char *b) {
        size_t n = strlen(a), m = strlen(b);
        const char *longer = n > m ? a : b;

        if (str_equal(a, b))
                return true;
        return strncmp(a, b, n < m ? n : m) == 0 && str_equal(longer + (n < m ? n : m), ".service");
}

int config_rule_services(ConfigReading *reading, const YamlNode *node, void *target _unused_) {
        const YamlNode *enable = yaml_get(node, "enable"), *disable = yaml_get(node, "disable");

        if (!enable || !disable || enable->n_children > CONFIG_MAX_ENTRIES ||
            disable->n_children > CONFIG_MAX_ENTRIES)
                return 0;
        YAML_FOREACH(off, disable)
        YAML_FOREACH(on, enable)
        if (yaml_string(on) && yaml_string(off) && config_is_same_unit(on->value, off->value)) {
                config_refuse(reading,
                              off,
                              "\"%.100s\" is also to be enabled, in line %" PRIu32 "; keep one",
                              off->value,
                              on->line);
                break;
        }
        return 0;
}

/* ---- destinations ---- */

static void refuse_same(ConfigReading *reading, const Destination *a, const Destination *b) {
        const YamlNode *first = a->of;

        config_refuse(reading,
                      b->of,
                      "\"%.100s\" is also the destination in line %" PRIu32 "%s; choose another",
                      b->path,
                      first->line,
                      str_equal(a->path, b->path)
                                      ? ""
                                      : ", as upper and lower case are the same on the medium");
}

static void refuse_clashes(ConfigReading *reading, const Destination *sorted, size_t n) {
        const Destination *base = sorted;

        for (size_t i = 1; i < n; i++) {
                DestinationClash kind = destination_clash(base, &sorted[i]);
                const YamlNode *first = base->of;

                if (kind == DESTINATION_SAME)
                        refuse_same(reading, base, &sorted[i]);
                else if (kind == DESTINATION_BELOW)
                        config_refuse(reading,
                                      sorted[i].of,
                                      "\"%.100s\" lies below \"%.100s\", which line %" PRIu32
                                      " makes a file; choose another",
                                      sorted[i].path,
                                      base->path,
                                      first->line);
                else
                        base = &sorted[i];
        }
}

/* What a list was read into: entries of `size` bytes with the pointer `destination` in them. */
typedef struct Entries {
        const void *list;
        size_t n;
        size_t size;
        size_t destination;
} Entries;

#define FILES(array, n_array) \
        ((Entries){ array, n_array, sizeof(ConfigFile), offsetof(ConfigFile, destination) })
#define DOWNLOADS(array, n_array) \
        ((Entries){ array, n_array, sizeof(ConfigDownload), offsetof(ConfigDownload, destination) })

/* NULL when that was wrong in itself. */
static const char *destination_of(const Entries *entries, size_t i) {
        return i < entries->n ? *(char *const *) ((const char *) entries->list + i * entries->size + entries->destination)
                              : NULL;
}

static int judge_destinations(
                ConfigReading *reading,
                const YamlNode *list,
                Entries entries,
                bool ignore_case) {
        _cleanup_free_ Destination *sorted = calloc(entries.n + 1, sizeof(Destination));
        size_t n = 0;

        if (!sorted)
                return -ENOMEM;
        YAML_FOREACH(child, list)
        if (destination_of(&entries, child->index))
                sorted[n++] = (Destination){
                        .path = destination_of(&entries, child->index),
                        .order = child->index,
                        .ignore_case = ignore_case,
                        .of = yaml_get(child, "destination"),
                };
        destinations_sort(sorted, n);
        refuse_clashes(reading, sorted, n);
        return 0;
}

int config_rule_os(ConfigReading *reading, const YamlNode *node, void *target) {
        const Config *config = target;
        int r = config_rule_os_names(reading, node, target);

        if (r < 0)
                return r;
        return judge_destinations(
                        reading,
                        yaml_get(node, "additionalFiles"),
                        FILES(config->files, config->n_files),
                        /* ignore_case= */ false);
}

int config_rule_medium(ConfigReading *reading, const YamlNode *node, void *target) {
        const YamlNode *list = yaml_get(node, "additionalFiles");
        const ConfigMedium *medium = target;

        YAML_FOREACH(child, list) {
                const char *path = child->index < medium->n_files
                                                   ? medium->files[child->index].destination
                                                   : NULL;

                if (path && config_medium_is_generated(path))
                        config_refuse(reading,
                                      yaml_get(child, "destination"),
                                      "\"%.100s\" is a place that the build itself fills; choose "
                                      "another",
                                      path);
        }
        return judge_destinations(
                        reading,
                        list,
                        FILES(medium->files, medium->n_files),
                        /* ignore_case= */ true);
}

/* ---- pxe ---- */

/* A file cannot be made there, or would stand in the way of a device. */
static bool is_of_kernel(const char *path) {
        static const char *const folders[] = { "/dev", "/proc", "/sys" };

        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                const char *rest = str_after_prefix(path, folders[i]);

                if (rest && (*rest == '/' || *rest == '\0'))
                        return true;
        }
        return false;
}

static int judge_downloads(ConfigReading *reading, const YamlNode *list, const ConfigMedium *pxe) {
        Entries entries = DOWNLOADS(pxe->downloads, pxe->n_downloads);

        YAML_FOREACH(child, list) {
                const char *path = destination_of(&entries, child->index);

                if (path && is_of_kernel(path))
                        config_refuse(reading,
                                      yaml_get(child, "destination"),
                                      "\"%.100s\" must not lie below /dev, /proc or /sys, which hold "
                                      "no files; choose a file, and let a service of your own write it "
                                      "to a device",
                                      path);
        }
        return judge_destinations(reading, list, entries, /* ignore_case= */ false);
}

static bool is_given(const YamlNode *url) {
        return yaml_string(url) && url->value[0] != '\0';
}

static const char *const url_keys[] = {
        "bootstrapBaseUrl", "bootstrapFileUrl", "isoImageBaseUrl", "isoImageFileUrl", NULL,
};

const ConfigChoice config_choice_url = {
        .keys = url_keys,
        .ignores_empty = true,
        .why = ", as there is one ISO to fetch",
        .unless_key = "initramfsType",
        .unless_value = "full-os",
        .unless_why = ", which fetches nothing; remove it or set initramfsType to bootstrap",
};

/* The name from the table, which outlives the text. */
static const char *url_key(const char *name) {
        for (size_t i = 0; url_keys[i]; i++)
                if (str_equal(url_keys[i], name))
                        return url_keys[i];
        return NULL;
}

int config_rule_pxe(ConfigReading *reading, const YamlNode *node, void *target) {
        const YamlNode *url = config_choice_first(node, &config_choice_url);
        ConfigMedium *pxe = target;
        int r = judge_downloads(reading, yaml_get(node, "downloads"), pxe);

        if (r < 0)
                return r;
        pxe->base_url_is_legacy = is_given(yaml_get(node, "isoImageBaseUrl"));
        if (url) {
                pxe->url_key = url_key(url->key);
                pxe->url_place = (ConfigPlace){
                        .line = url->key_line,
                        .column = url->key_column,
                        .file = reading->diagnostics->file,
                };
        }
        return config_rule_medium(reading, node, target);
}
