/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Writing JSON (RFC 8259), indented by two blanks; reading is the config's YAML parser, as JSON is a
 * subset of YAML. The calls are made in document order; `key` is the member's name inside an object
 * and NULL inside an array. Errors are remembered and come from json_finish().
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/buffer.h"

typedef struct Json {
        Buffer text;
        unsigned depth;
        bool has_members; /* of the object or array that is open */
        int error;
} Json;

void json_begin_object(Json *json, const char *key);
void json_end_object(Json *json);
void json_begin_array(Json *json, const char *key);
void json_end_array(Json *json);

/* NULL is written as null. Control characters, quotes, backslashes and Unicode's line breaks are
 * escaped; what is not UTF-8 is replaced by '?'. */
void json_string(Json *json, const char *key, const char *value);
void json_number(Json *json, const char *key, uint64_t value);
void json_integer(Json *json, const char *key, int64_t value);
void json_bool(Json *json, const char *key, bool value);

/* The document with a newline at its end; caller frees. Errors: -ENOMEM. Leaves an empty writer. */
int json_finish(Json *json, char **ret_text);

void json_done(Json *json);
#define _cleanup_json_ _cleanup_(json_done)
