/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Strings and lists of strings. Nothing here knows what the strings mean. */

#include "common/strings.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

bool str_equal(const char *a, const char *b) {
        if (!a || !b)
                return a == b;
        return strcmp(a, b) == 0;
}

bool str_is_empty(const char *s) {
        return !s || s[0] == '\0';
}

const char *str_after_prefix(const char *s, const char *prefix) {
        size_t n = strlen(prefix);

        return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

bool str_has_suffix(const char *s, const char *suffix) {
        size_t n = strlen(s), m = strlen(suffix);

        return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

char *str_printf(const char *format, ...) {
        char *s = NULL;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&s, format, ap);
        va_end(ap);
        return n < 0 ? NULL : s;
}

int str_to_u64(const char *s, uint64_t max, uint64_t *ret) {
        uint64_t value = 0;

        assert(ret);
        if (str_is_empty(s))
                return -EINVAL;
        for (; *s; s++) {
                if (*s < '0' || *s > '9')
                        return -EINVAL;
                if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
                    __builtin_add_overflow(value, (uint64_t) (*s - '0'), &value))
                        return -ERANGE;
        }
        if (value > max)
                return -ERANGE;
        *ret = value;
        return 0;
}

/* C0 and DEL; C1 as UTF-8 has it (U+0080 to U+009F); line and paragraph separators; the marks,
 * embeddings, overrides and isolates of writing from right to left (U+200E, U+200F, U+061C,
 * U+2028 to U+202E, U+2066 to U+2069). */
size_t str_control_size(const char *text) {
        const unsigned char *s = (const unsigned char *) text;

        if (s[0] < 0x20 || s[0] == 0x7f)
                return 1;
        if ((s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f) || (s[0] == 0xd8 && s[1] == 0x9c))
                return 2;
        if (s[0] != 0xe2)
                return 0;
        if (s[1] == 0x80 && (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae)))
                return 3;
        return s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9 ? 3 : 0;
}

void str_blank_controls(char *s) {
        while (*s) {
                size_t n = str_control_size(s);

                memset(s, ' ', n);
                s += n > 0 ? n : 1;
        }
}

/* The bytes of the UTF-8 sequence at `s`, 0 when it is not well-formed (RFC 3629, table in
 * section 4: no overlong forms, no surrogates, nothing above U+10FFFF). */
static size_t utf8_sequence(const unsigned char *s) {
        static const struct {
                unsigned char first_min, first_max, second_min, second_max;
                size_t size;
        } forms[] = {
                { 0x01, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
                { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
                { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
                { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
                { 0xf4, 0xf4, 0x80, 0x8f, 4 },
        };

        for (size_t i = 0; i < ELEMENTSOF(forms); i++) {
                if (s[0] < forms[i].first_min || s[0] > forms[i].first_max)
                        continue;
                if (forms[i].size > 1 && (s[1] < forms[i].second_min || s[1] > forms[i].second_max))
                        return 0;
                for (size_t k = 2; k < forms[i].size; k++)
                        if (s[k] < 0x80 || s[k] > 0xbf)
                                return 0;
                return forms[i].size;
        }
        return 0;
}

bool str_is_utf8(const char *s) {
        while (*s) {
                size_t n = utf8_sequence((const unsigned char *) s);

                if (n == 0)
                        return false;
                s += n;
        }
        return true;
}

void str_make_utf8(char *s) {
        while (*s) {
                size_t n = utf8_sequence((const unsigned char *) s);

                if (n == 0)
                        *s = '?';
                s += n > 0 ? n : 1;
        }
}

size_t str_distance(const char *a, const char *b) {
        size_t row[65], n = strlen(a), m = strlen(b);

        if (n > 64 || m > 64)
                return SIZE_MAX;
        for (size_t j = 0; j <= m; j++)
                row[j] = j;
        for (size_t i = 1; i <= n; i++) {
                size_t diagonal = row[0];

                row[0] = i;
                for (size_t j = 1; j <= m; j++) {
                        size_t change = diagonal + (a[i - 1] != b[j - 1]);
                        size_t least = row[j] < row[j - 1] ? row[j] : row[j - 1];

                        diagonal = row[j];
                        row[j] = change < least + 1 ? change : least + 1;
                }
        }
        return row[m];
}

size_t strv_length(char *const *list) {
        size_t n = 0;

        while (list && list[n])
                n++;
        return n;
}

bool strv_contains(char *const *list, const char *s) {
        STRV_FOREACH(each, list)
                if (str_equal(*each, s))
                        return true;
        return false;
}

int strv_append_take(char ***list, char *take_s) {
        size_t n = strv_length(*list);
        char **grown;

        if (!take_s)
                return -ENOMEM;
        grown = reallocarray(*list, n + 2, sizeof(char *));
        if (!grown) {
                free(take_s);
                return -ENOMEM;
        }
        grown[n] = take_s;
        grown[n + 1] = NULL;
        *list = grown;
        return 0;
}

int strv_append(char ***list, const char *s) {
        return strv_append_take(list, strdup(s));
}

int strv_append_all(char ***list, char *const *more) {
        STRV_FOREACH(each, more) {
                int r = strv_append(list, *each);

                if (r < 0)
                        return r;
        }
        return 0;
}

char *strv_join(char *const *list, const char *separator) {
        size_t size = 1;
        char *joined, *end;

        STRV_FOREACH(s, list)
                size += strlen(*s) + strlen(separator);
        joined = end = malloc(size);
        if (!joined)
                return NULL;
        STRV_FOREACH(s, list) {
                if (s != list)
                        end = stpcpy(end, separator);
                end = stpcpy(end, *s);
        }
        *end = '\0';
        return joined;
}

char **strv_split(const char *s, const char *separators) {
        _cleanup_strv_ char **list = calloc(1, sizeof(char *));

        if (!list)
                return NULL;
        for (s += strspn(s, separators); *s; s += strspn(s, separators)) {
                size_t n = strcspn(s, separators);

                if (strv_append_take(&list, strndup(s, n)) < 0)
                        return NULL;
                s += n;
        }
        return TAKE_PTR(list);
}

char **strv_free(char **list) {
        STRV_FOREACH(s, list)
                free(*s);
        free(list);
        return NULL;
}
