/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keys that exclude each other. The order of the text counts: the first stays, the others are told. */

#include "config/config-choice.h"

#include "common/strings.h"
#include "config/config-reader.h"
#include "config/config-refuse.h"

static bool is_chosen(const YamlNode *node, const ConfigChoice *choice) {
        if (node->kind == YAML_NULL || !strv_contains((char *const *) choice->keys, node->key))
                return false;
        return !choice->ignores_empty || !str_equal(yaml_string(node), "");
}

const YamlNode *config_choice_first(const YamlNode *node, const ConfigChoice *choice) {
        YAML_FOREACH(child, node) {
                if (is_chosen(child, choice))
                        return child;
        }
        return NULL;
}

static void refuse_none(ConfigReading *reading, const YamlNode *node, const ConfigChoice *choice) {
        _cleanup_free_ char *names = strv_join((char *const *) choice->keys, "\" or \"");

        config_refuse(reading, node, "lacks \"%s\"; add one of them", names ? names : "");
}

void config_choice_judge(ConfigReading *reading, const YamlNode *node, const ConfigChoice *choice) {
        const YamlNode *first = config_choice_first(node, choice);

        if (!first && choice->is_required)
                refuse_none(reading, node, choice);
        if (!first)
                return;
        YAML_FOREACH(child, node) {
                if (child != first && is_chosen(child, choice))
                        config_refuse_key(
                                        reading,
                                        child,
                                        "cannot stand beside \"%s\"%s; keep one of them",
                                        first->key,
                                        choice->why ? choice->why : "");
        }
        if (choice->unless_key &&
            str_equal(yaml_string(yaml_get(node, choice->unless_key)), choice->unless_value))
                config_refuse_key(
                                reading,
                                first,
                                "cannot be given with \"%s: %s\"%s",
                                choice->unless_key,
                                choice->unless_value,
                                choice->unless_why);
}
