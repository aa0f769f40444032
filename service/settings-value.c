/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Single texts of the settings. What is wrong is said without the text: its place is told beside. */

#include "service/settings-value.h"

#include <stddef.h>
#include <string.h>

#include "common/cidr.h"
#include "common/cleanup.h"
#include "common/strings.h"

#define NOT_A_TEXT      "must be a text"
#define NAME_MAX_SIZE   64U
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static bool is_text(const char *text) {
        return text && *text;
}

const char *settings_value_path(const char *text) {
        if (!is_text(text))
                return NOT_A_TEXT;
        return *text == '/' && strspn(text, "/") < strlen(text)
                               ? NULL
                               : "must be an absolute path below /";
}

const char *settings_value_name(const char *text) {
        if (!is_text(text))
                return NOT_A_TEXT;
        return strlen(text) <= NAME_MAX_SIZE && !strchr(".-", *text) &&
                                               text[strspn(text, NAME_CHARACTERS)] == '\0'
                               ? NULL
                               : "must be 1 to 64 letters, digits, '.', '_' and '-', the first of them a letter, a digit or '_'";
}

const char *settings_value_url(const char *text) {
        if (!is_text(text))
                return NOT_A_TEXT;
        return str_after_prefix(text, "http://") || str_after_prefix(text, "https://")
                               ? NULL
                               : "must begin with http:// or https://";
}

/* What a container must not reach whoever wants it: itself, everybody at once, nobody. */
static const char *const never_allowed[] = {
        "0.0.0.0/8", "127.0.0.0/8", "192.0.0.0/24", "224.0.0.0/4",   "240.0.0.0/4",
        "::/96",     "fe80::/10",   "ff00::/8",     "::ffff:0:0/96",
};

const char *settings_value_range(const char *text) {
        Cidr range, never;

        if (!text || cidr_parse(text, &range) < 0)
                return "must be a range of addresses, as 10.1.0.0/16 or fd00:1::/32, or one address";
        for (size_t i = 0; i < ELEMENTSOF(never_allowed); i++)
                if (cidr_parse(never_allowed[i], &never) >= 0 && cidr_overlaps(&range, &never))
                        return "must not meet loopback, multicast, IPv6's link-local or reserved addresses, which are never let through";
        return NULL;
}
