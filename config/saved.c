/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The saved config. It is written as JSON, which is YAML, too. */

#include "config/saved.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/strings.h"
#include "config/config-url.h"
#include "config/yaml.h"

#define ARGUMENTS_MAX 1024

static int read_arguments(const YamlNode *medium, SavedConfig *saved, Failure *reterr) {
        const YamlNode *list = yaml_get(yaml_get(medium, "kernelCommandLine"), "extraCommandLine");

        YAML_FOREACH(argument, list) {
                const char *text = yaml_string(argument);
                int r;

                if (!text || argument->index >= ARGUMENTS_MAX)
                        return failure_set(
                                        reterr,
                                        -EBADMSG,
                                        "The ISO's /" SAVED_CONFIG_PATH ", line %" PRIu32
                                        ": this is no kernel argument.",
                                        argument->line);
                r = strv_append(&saved->kernel_arguments, text);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* In the order of ConfigKdump. */
static const char *const kdump_words[] = { "", "none", "keep" };

static int read_kdump(const YamlNode *medium, SavedConfig *saved, Failure *reterr) {
        const YamlNode *node = yaml_get(medium, "kdumpBootFiles");
        const char *word = yaml_string(node);

        if (!node)
                return 0;
        for (size_t i = 0; word && i < ELEMENTSOF(kdump_words); i++)
                if (str_equal(word, kdump_words[i])) {
                        saved->kdump = (ConfigKdump) i;
                        return 0;
                }
        return failure_set(
                        reterr,
                        -EBADMSG,
                        "The ISO's /" SAVED_CONFIG_PATH ", line %" PRIu32
                        ": kdumpBootFiles must be none or keep.",
                        node->line);
}

typedef struct UrlKey {
        const char *key;
        size_t offset; /* of a member of ConfigMedium */
        int (*check)(char **value, Failure *reterr);
        bool is_legacy;
} UrlKey;

/* Ours, and the peer's until 0.15. Of several of a kind the last one counts. */
static const UrlKey url_keys[] = {
        { "isoImageBaseUrl",
          offsetof(ConfigMedium, bootstrap_base_url),
          config_url_check_base,
          true },
        { "bootstrapBaseUrl",
          offsetof(ConfigMedium, bootstrap_base_url),
          config_url_check_base,
          false },
        { "isoImageFileUrl",
          offsetof(ConfigMedium, bootstrap_file_url),
          config_url_check_file,
          false },
        { "bootstrapFileUrl",
          offsetof(ConfigMedium, bootstrap_file_url),
          config_url_check_file,
          false },
};

/* An empty one is none. */
static int read_url(const YamlNode *node, const UrlKey *key, ConfigMedium *pxe, Failure *reterr) {
        char **member = (char **) ((char *) pxe + key->offset);
        const char *url = yaml_string(yaml_get(node, key->key));
        Failure why = {};
        int r;

        if (str_is_empty(url))
                return 0;
        free(*member);
        *member = strdup(url);
        if (!*member)
                return -ENOMEM;
        if (key->offset == offsetof(ConfigMedium, bootstrap_base_url))
                pxe->base_url_is_legacy = key->is_legacy;
        r = key->check(member, &why);
        if (r >= 0 || r == -ENOMEM)
                return r;
        return failure_set(
                        reterr,
                        -EBADMSG,
                        "The ISO remembers a URL of an earlier config that is none: %s",
                        why.message);
}

static int read_urls(const YamlNode *node, SavedConfig *saved, Failure *reterr) {
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(url_keys) && r >= 0; i++)
                r = read_url(node, &url_keys[i], &saved->pxe, reterr);
        return r;
}

static int read_medium(const YamlNode *medium, SavedConfig *saved, Failure *reterr) {
        int r = read_arguments(medium, saved, reterr);

        return r < 0 ? r : read_kdump(medium, saved, reterr);
}

int saved_config_parse(const char *text, size_t size, SavedConfig *saved, Failure *reterr) {
        static const char *const generations[] = { "iso", "liveos" };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        int r = yaml_tree_read(text, size, &tree, &diagnostics);

        if (r == -EBADMSG || r > 0)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "A saved-configs.yaml of the ISO, line %" PRIu32 ": %s.",
                                diagnostics.items[0].line,
                                diagnostics.items[0].message);
        for (size_t i = 0; i < ELEMENTSOF(generations) && r >= 0; i++)
                r = read_medium(yaml_get(yaml_tree_root(tree), generations[i]), saved, reterr);
        return r < 0 ? r : read_urls(yaml_get(yaml_tree_root(tree), "pxe"), saved, reterr);
}

/* Splits "102-7.azl3". Returns false for a version of another form, which the peer cannot say. */
static bool split_version(
                const char *text,
                const char **ret_release,
                const char **ret_distribution,
                const char **ret_number) {
        const char *s = text + strspn(text, "0123456789.");

        if (s == text || *s != '-' || !isdigit((unsigned char) s[1]))
                return false;
        *ret_release = s + 1;
        s = *ret_release + strspn(*ret_release, "0123456789");
        if (*s != '.' || !islower((unsigned char) s[1]))
                return false;
        *ret_distribution = s + 1;
        while (islower((unsigned char) *++s))
                ;
        *ret_number = s;
        return isdigit((unsigned char) *s) && s[strspn(s, "0123456789")] == '\0';
}

static void add_package(Json *json, const char *key, const char *version) {
        const char *release = NULL, *distribution = NULL, *number = NULL;
        _cleanup_free_ char *name = NULL;

        if (!version || !split_version(version, &release, &distribution, &number)) {
                json_string(json, key, NULL);
                return;
        }
        name = strndup(distribution, (size_t) (number - distribution));
        json_begin_object(json, key);
        json_begin_array(json, "PackageVersionComponents");
        for (const char *s = version; s < release;) {
                char *end;

                json_number(json, NULL, strtoull(s, &end, 10));
                s = end + 1;
        }
        json_end_array(json);
        json_number(json, "PackageRelease", strtoull(release, NULL, 10));
        json_string(json, "DistroName", name);
        json_number(json, "DistroVersion", strtoull(number, NULL, 10));
        json_end_object(json);
}

int saved_config_format(const SavedConfig *saved, char **ret) {
        _cleanup_json_ Json json = {};

        json_begin_object(&json, NULL);
        json_begin_object(&json, "liveos");
        if (saved->kdump != KDUMP_UNSET)
                json_string(&json, "kdumpBootFiles", kdump_words[saved->kdump]);
        json_begin_object(&json, "kernelCommandLine");
        json_begin_array(&json, "extraCommandLine");
        STRV_FOREACH(argument, saved->kernel_arguments)
                json_string(&json, NULL, *argument);
        json_end_array(&json);
        json_end_object(&json);
        json_end_object(&json);
        /* The peer wants these nodes, whatever is in them. */
        json_begin_object(&json, "pxe");
        json_end_object(&json);
        json_begin_object(&json, "os");
        add_package(&json, "dracutPackage", saved->dracut);
        json_string(&json, "selinuxRequestedMode", "");
        json_string(&json, "selinuxPolicyPackage", NULL);
        json_end_object(&json);
        json_end_object(&json);
        return json_finish(&json, ret);
}

int saved_config_format_url(const SavedConfig *saved, char **ret) {
        _cleanup_json_ Json json = {};

        json_begin_object(&json, NULL);
        json_begin_object(&json, "pxe");
        json_string(&json, "bootstrapFileUrl", saved->pxe.bootstrap_file_url);
        json_end_object(&json);
        json_end_object(&json);
        return json_finish(&json, ret);
}

void saved_config_done(SavedConfig *saved) {
        (void) strv_free(saved->kernel_arguments);
        free(saved->pxe.bootstrap_base_url);
        free(saved->pxe.bootstrap_file_url);
        free(saved->dracut);
        *saved = (SavedConfig){};
}
