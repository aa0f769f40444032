/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How the files of tables write their rows. Nobody else includes this. */

#include "config/config-reader.h"

#define NOT_YET       "is not supported by this version of pxed; leave it out"
#define NOT_LIVE(why) "cannot apply to a Live OS, " why "; leave it out"

#define KEY(key_name, key_type, structure, member, ...) \
        { .name = key_name, .type = key_type, .offset = offsetof(structure, member), __VA_ARGS__ }
/* A list of mappings; their number is in the member of the same name with n_ before it. */
#define LIST_KEY(key_name, structure, member, entries, ...)  \
        KEY(key_name,                                        \
            CONFIG_MAPS,                                     \
            structure,                                       \
            member,                                          \
            .extra_offset = offsetof(structure, n_##member), \
            .table = &(entries),                             \
            __VA_ARGS__)
#define FORGOTTEN(key_name, key_type, ...) \
        { .name = key_name, .type = key_type, .offset = CONFIG_NOWHERE, __VA_ARGS__ }
#define REFUSED(key_name, key_reason) \
        { .name = key_name, .type = CONFIG_REFUSED, .reason = key_reason }

#define TABLE(array) .keys = array, .n_keys = ELEMENTSOF(array)
/* A mapping that leaves no trace of itself. */
#define NO_TRACE .place_offset = CONFIG_NOWHERE, .flag_offset = CONFIG_NOWHERE
/* An entry of a list, with its place in a member of that name. */
#define ENTRY_OF(structure)                                                    \
        .size = sizeof(structure), .place_offset = offsetof(structure, place), \
        .flag_offset = CONFIG_NOWHERE
