/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writing JSON. A writer of one page needs no library; reading, which does, is not here. */

#include "common/json.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/strings.h"

static void json_add(Json *json, const char *s) {
        if (json->error == 0)
                json->error = buffer_append_string(&json->text, s);
}

static void json_new_line(Json *json) {
        json_add(json, "\n");
        for (unsigned i = 0; i < json->depth; i++)
                json_add(json, "  ");
}

/* Characters beyond ASCII that a reader may take for a line break or refuse: C1 controls, line and
 * paragraph separator, byte order mark, non-characters. Returns the size, 0 for any other. */
static size_t json_special(const char *s, unsigned *ret_code) {
        static const struct {
                const char *bytes;
                unsigned code;
        } specials[] = {
                { "\xe2\x80\xa8", 0x2028 }, { "\xe2\x80\xa9", 0x2029 }, { "\xef\xbb\xbf", 0xfeff },
                { "\xef\xbf\xbe", 0xfffe }, { "\xef\xbf\xbf", 0xffff },
        };
        unsigned char first = (unsigned char) s[0], second = (unsigned char) s[first ? 1 : 0];

        if (first == 0xc2 && second <= 0x9f) {
                *ret_code = second;
                return 2;
        }
        for (size_t i = 0; i < ELEMENTSOF(specials); i++)
                if (str_after_prefix(s, specials[i].bytes)) {
                        *ret_code = specials[i].code;
                        return strlen(specials[i].bytes);
                }
        return 0;
}

/* Appends the character at `s` and returns its size. */
static size_t json_character(Json *json, const char *s) {
        unsigned code = (unsigned char) *s;
        size_t size = json_special(s, &code);
        char piece[8] = { *s };

        if (*s == '"' || *s == '\\')
                (void) snprintf(piece, sizeof(piece), "\\%c", *s);
        else if (*s == '\n')
                (void) snprintf(piece, sizeof(piece), "\\n");
        else if (size > 0 || code < 0x20 || code == 0x7f)
                (void) snprintf(piece, sizeof(piece), "\\u%04x", code);
        json_add(json, piece);
        return size > 0 ? size : 1;
}

static void json_quote(Json *json, const char *value) {
        _cleanup_free_ char *clean = strdup(value);

        if (!clean) {
                json->error = -ENOMEM;
                return;
        }
        str_make_utf8(clean);
        json_add(json, "\"");
        for (const char *s = clean; *s;)
                s += json_character(json, s);
        json_add(json, "\"");
}

/* The comma, line and name in front of a value. */
static void json_lead(Json *json, const char *key) {
        if (json->has_members)
                json_add(json, ",");
        if (json->depth > 0)
                json_new_line(json);
        json->has_members = true;
        if (key) {
                json_quote(json, key);
                json_add(json, ": ");
        }
}

static void json_begin(Json *json, const char *key, const char *bracket) {
        json_lead(json, key);
        json_add(json, bracket);
        json->depth++;
        json->has_members = false;
}

static void json_end(Json *json, const char *bracket) {
        assert(json->depth > 0);
        json->depth--;
        if (json->has_members)
                json_new_line(json);
        json_add(json, bracket);
        json->has_members = true;
}

void json_begin_object(Json *json, const char *key) {
        json_begin(json, key, "{");
}

void json_end_object(Json *json) {
        json_end(json, "}");
}

void json_begin_array(Json *json, const char *key) {
        json_begin(json, key, "[");
}

void json_end_array(Json *json) {
        json_end(json, "]");
}

void json_string(Json *json, const char *key, const char *value) {
        json_lead(json, key);
        if (value)
                json_quote(json, value);
        else
                json_add(json, "null");
}

void json_number(Json *json, const char *key, uint64_t value) {
        char digits[24];

        (void) snprintf(digits, sizeof(digits), "%" PRIu64, value);
        json_lead(json, key);
        json_add(json, digits);
}

void json_integer(Json *json, const char *key, int64_t value) {
        char digits[24];

        (void) snprintf(digits, sizeof(digits), "%" PRIi64, value);
        json_lead(json, key);
        json_add(json, digits);
}

void json_bool(Json *json, const char *key, bool value) {
        json_lead(json, key);
        json_add(json, value ? "true" : "false");
}

int json_finish(Json *json, char **ret_text) {
        int error;

        assert(json->depth == 0);
        json_add(json, "\n");
        error = json->error;
        if (error == 0) {
                *ret_text = buffer_take(&json->text);
                if (!*ret_text)
                        error = -ENOMEM;
        }
        json_done(json);
        return error;
}

void json_done(Json *json) {
        buffer_done(&json->text);
        *json = (Json){};
}
