/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A password that was not escaped may hold nearly everything, also what ends an authority. So all that
 * stands in front of the last '@' of the word is hidden: a path with an '@' in it loses its beginning,
 * which nobody misses.
 */

#include "liveos/redact.h"

#include <stdbool.h>
#include <string.h>

#define STARS      "***"
#define WORD_ENDS  " \t\"'<>"
#define SCHEME_END "://"

/* How many bytes from `s` on are to be hidden. */
static size_t secret_size(const char *s, bool is_cut) {
        size_t word = strcspn(s, WORD_ENDS);
        const char *at = memrchr(s, '@', word);

        if (at)
                return (size_t) (at - s);
        return is_cut && s[word] == '\0' && memchr(s, ':', word) ? word : 0;
}

void redact_urls(char *line, size_t cut_bytes) {
        bool is_cut = strlen(line) >= cut_bytes;

        for (char *s = strstr(line, SCHEME_END); s; s = strstr(s, SCHEME_END)) {
                size_t size, stars;

                s += strlen(SCHEME_END);
                size = secret_size(s, is_cut);
                stars = size < strlen(STARS) ? size : strlen(STARS);
                memcpy(s, STARS, stars);
                memmove(s + stars, s + size, strlen(s + size) + 1);
        }
}
