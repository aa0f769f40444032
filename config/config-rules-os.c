/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Rules of accounts, modules and overlays. What a table could not read is NULL or zero in the struct
 * and was reported already; rules pass it over.
 */

#include "config/config-rules-os.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-refuse.h"
#include "config/config-scalar.h"
#include "config/config-values-os.h"

/* The only file system of a Live OS that an overlay can keep its changes on: the root is an overlay
 * itself, or an initramfs. */
#define OVERLAY_HOME "/run/"

/* ---- users ---- */

/* The table cannot know that the value is a path. */
static int resolve_file(ConfigReading *reading, const YamlNode *node, ConfigPassword *password) {
        Failure failure = {};
        int r;

        if (!password->value ||
            (password->type != PASSWORD_PLAIN_FILE && password->type != PASSWORD_HASHED_FILE))
                return 0;
        r = config_scalar_resolve_path(reading, &password->value, &failure);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                config_refuse(reading, node, "%s", failure.message);
        return 0;
}

int config_rule_password(ConfigReading *reading, const YamlNode *node, void *target) {
        const YamlNode *value = yaml_get(node, "value"), *type = yaml_get(node, "type");
        ConfigPassword *password = target;

        if (!type) {
                if (value)
                        config_refuse(reading,
                                      node,
                                      "lacks \"type\", which says what value is; add it");
                return 0;
        }
        if (password->type == PASSWORD_LOCKED && value && str_equal(yaml_string(type), "locked"))
                config_refuse_key(
                                reading,
                                value,
                                "cannot be given with the type locked, which has no password; "
                                "remove it");
        if (password->type != PASSWORD_LOCKED && !value)
                config_refuse(reading,
                              node,
                              "lacks \"value\", which the type %s needs; add it",
                              yaml_string(type));
        if (password->type == PASSWORD_HASHED && password->value &&
            !config_value_is_hash(password->value))
                config_refuse(reading,
                              value,
                              "is no hash as crypt(5) has them, which begins with \"$\"; make one "
                              "with \"openssl passwd -6\", or set type to plain-text");
        return resolve_file(reading, value, password);
}

/* ---- modules ---- */

/* What a line of modprobe.d can hold as one word: nothing that ends it, and no quotes. */
static bool is_option_value(const char *value) {
        for (; *value; value++)
                if (isspace((unsigned char) *value) || iscntrl((unsigned char) *value) ||
                    strchr("\"'\\#", *value))
                        return false;
        return true;
}

int config_rule_module(ConfigReading *reading, const YamlNode *node, void *target) {
        const YamlNode *options = yaml_get(node, "options");
        const ConfigModule *module = target;

        if (options && options->n_children > 0 && module->load_mode == MODULE_DISABLE)
                config_refuse_key(
                                reading,
                                options,
                                "cannot be given for a module that is disabled; remove them or set "
                                "another loadMode");
        YAML_FOREACH(option, options)
        if (yaml_string(option) && option->value[0] == '\0')
                config_refuse(reading, option, "must not be empty");
        else if (yaml_string(option) && !is_option_value(option->value))
                config_refuse(reading,
                              option,
                              "\"%.100s\" must not contain blanks, quotes, \"#\", backslashes or "
                              "control characters",
                              option->value);
        return 0;
}

/* ---- overlays ---- */

static void refuse_other_home(ConfigReading *reading, const YamlNode *node, const char *path) {
        if (path && !str_after_prefix(path, OVERLAY_HOME))
                config_refuse(reading,
                              node,
                              "\"%.100s\" must lie below " OVERLAY_HOME
                              ", as a Live OS has no other file system that can hold the changes "
                              "of an overlay; what is there is gone at the next boot",
                              path);
}

/* The unit that mounts it would wait for itself. */
static void refuse_own_dependency(ConfigReading *reading, const YamlNode *list, const char *path) {
        YAML_FOREACH(dependency, list)
        if (str_equal(yaml_string(dependency), path))
                config_refuse(reading, dependency, "is the overlay's own mountPoint; remove it");
}

/* The folders are the overlay's own, and their options too. */
static int refuse_folder_options(ConfigReading *reading, const YamlNode *node, const char *text) {
        static const char *const ours[] = { "lowerdir", "upperdir", "workdir" };
        _cleanup_strv_ char **options = strv_split(text ? text : "", ",");

        if (!options)
                return -ENOMEM;
        STRV_FOREACH(option, options)
                for (size_t i = 0; i < ELEMENTSOF(ours); i++) {
                        const char *rest = str_after_prefix(*option, ours[i]);

                        if (rest && (*rest == '=' || *rest == '+'))
                                config_refuse(reading,
                                              node,
                                              "\"%.100s\" is set by lowerDirs, upperDir and workDir; "
                                              "leave it out here",
                                              *option);
                }
        return 0;
}

static bool lies_in(const char *path, const char *folder) {
        const char *rest = str_after_prefix(path, folder);

        return rest && *rest == '/';
}

static void refuse_nested(
                ConfigReading *reading,
                const YamlNode *upper,
                const ConfigOverlay *overlay) {
        if (!overlay->upper_dir || !overlay->work_dir)
                return;
        if (str_equal(overlay->upper_dir, overlay->work_dir))
                config_refuse(reading,
                              upper,
                              "is also the workDir; the two need folders of their own");
        else if (lies_in(overlay->upper_dir, overlay->work_dir) ||
                 lies_in(overlay->work_dir, overlay->upper_dir))
                config_refuse(reading,
                              upper,
                              "and the workDir lie in each other; put the two side by side");
}

int config_rule_overlay(ConfigReading *reading, const YamlNode *node, void *target) {
        const YamlNode *lower = yaml_get(node, "lowerDirs"), *upper = yaml_get(node, "upperDir");
        const ConfigOverlay *overlay = target;

        refuse_other_home(reading, upper, overlay->upper_dir);
        refuse_other_home(reading, yaml_get(node, "workDir"), overlay->work_dir);
        refuse_own_dependency(reading, yaml_get(node, "mountDependencies"), overlay->mount_point);
        if (lower && lower->kind == YAML_LIST && lower->n_children == 0)
                config_refuse(reading, lower, "is empty; name at least one folder");
        refuse_nested(reading, upper, overlay);
        if (overlay->is_initrd)
                config_refuse_key(
                                reading,
                                yaml_get(node, "isInitrdOverlay"),
                                "cannot apply to a Live OS, whose initrd does not mount what the "
                                "OS has; leave it out, and the overlay is mounted when the OS "
                                "starts");
        return refuse_folder_options(reading, yaml_get(node, "mountOptions"), overlay->options);
}

/* ---- names ---- */

/* The value of entry `i`'s key as it was read: text, or the number behind a flag. */
typedef struct Key {
        const char *name;     /* of the list, and … */
        const char *of_entry; /* … of the key in its entries */
        size_t list, n_list;  /* in Config: the array and its length */
        size_t size;          /* of an entry */
        size_t value;         /* in the entry */
        size_t has_value;     /* of a number; CONFIG_NOWHERE for text */
} Key;

#define TEXT(list, array, n, structure, key, member)                                        \
        {                                                                                   \
                list, key, offsetof(Config, array), offsetof(Config, n), sizeof(structure), \
                                offsetof(structure, member), CONFIG_NOWHERE                 \
        }
#define NUMBER(list, array, n, structure, key, member, flag)                                \
        {                                                                                   \
                list, key, offsetof(Config, array), offsetof(Config, n), sizeof(structure), \
                                offsetof(structure, member), offsetof(structure, flag)      \
        }

/* What no two entries of a list may share. */
static const Key unique_keys[] = {
        TEXT("groups", groups, n_groups, ConfigGroup, "name", name),
        NUMBER("groups", groups, n_groups, ConfigGroup, "gid", gid, has_gid),
        TEXT("users", users, n_users, ConfigUser, "name", name),
        NUMBER("users", users, n_users, ConfigUser, "uid", uid, has_uid),
        TEXT("modules", modules, n_modules, ConfigModule, "name", name),
        TEXT("overlays", overlays, n_overlays, ConfigOverlay, "mountPoint", mount_point),
        TEXT("overlays", overlays, n_overlays, ConfigOverlay, "upperDir", upper_dir),
        TEXT("overlays", overlays, n_overlays, ConfigOverlay, "workDir", work_dir),
};

static bool is_same(const Key *key, const char *a, const char *b) {
        if (key->has_value == CONFIG_NOWHERE) {
                const char *s = *(char *const *) (a + key->value);

                return s && str_equal(s, *(char *const *) (b + key->value));
        }
        return *(const bool *) (a + key->has_value) && *(const bool *) (b + key->has_value) &&
               *(const int64_t *) (a + key->value) == *(const int64_t *) (b + key->value);
}

static void refuse_twice(
                ConfigReading *reading,
                const YamlNode *list,
                const Key *key,
                const Config *config) {
        const char *array = *(char *const *) ((const char *) config + key->list);
        size_t n = *(const size_t *) ((const char *) config + key->n_list);

        YAML_FOREACH(second, list)
        YAML_FOREACH(first, list) {
                const YamlNode *value = yaml_get(second, key->of_entry);

                if (first->index >= second->index || second->index >= n)
                        break;
                if (!is_same(key,
                             array + first->index * key->size,
                             array + second->index * key->size))
                        continue;
                config_refuse(reading,
                              value,
                              "\"%.100s\" is given in line %" PRIu32 " already; keep one of them",
                              yaml_string(value),
                              yaml_get(first, key->of_entry)->line);
                break;
        }
}

int config_rule_os_names(ConfigReading *reading, const YamlNode *node, void *target) {
        for (size_t i = 0; i < ELEMENTSOF(unique_keys); i++)
                refuse_twice(reading, yaml_get(node, unique_keys[i].name), &unique_keys[i], target);
        return 0;
}
