/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Keys of one mapping that exclude each other, as data: the reader judges by it, and the JSON Schema
 * says it.
 */

#include <stdbool.h>

struct ConfigReading;
struct YamlNode;

typedef struct ConfigChoice {
        const char *const *keys; /* NULL-terminated; at most one of them is given */
        bool is_required;        /* and one must be */
        bool ignores_empty;      /* "" is as good as not given */
        const char *why;         /* one at most, ", as …"; or NULL */
        /* None is given when the key has the value; all three NULL: no such case. */
        const char *unless_key;
        const char *unless_value;
        const char *unless_why; /* ", which …; what to do" */
} ConfigChoice;

/* Reports what a mapping's keys are not to each other. */
void config_choice_judge(
                struct ConfigReading *reading,
                const struct YamlNode *node,
                const ConfigChoice *choice);

/* The first of the keys that is given; NULL when none is. */
const struct YamlNode *config_choice_first(const struct YamlNode *node, const ConfigChoice *choice);
