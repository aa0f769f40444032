/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A line is split in words at blanks, which is all the grammar that these files have. */

#include "liveos/module-text.h"

#include <errno.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"

#define BLANKS  " \t\r"
#define OPTIONS "options"

static bool is_module(const char *a, const char *b) {
        for (; *a && *b; a++, b++)
                if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b)))
                        return false;
        return *a == *b;
}

/* The words of a line when it says that of the module, else NULL; NULL too when memory is out, which
 * then is what appending finds as well. */
static char **match(const char *line, size_t size, const char *directive, const char *module) {
        _cleanup_free_ char *copy = strndup(line, size);
        _cleanup_strv_ char **words = copy ? strv_split(copy, BLANKS) : NULL;
        size_t i = *directive ? 1 : 0, n = strv_length(words);

        if (n <= i || !is_module(words[i], module))
                return NULL;
        if (*directive ? !str_equal(words[0], directive) : n != 1)
                return NULL;
        return TAKE_PTR(words);
}

/* One line's size with its end. */
static size_t line_size(const char *text) {
        size_t size = strcspn(text, "\n");

        return size + (text[size] == '\n');
}

bool module_text_has(const char *text, const char *directive, const char *module) {
        for (; *text; text += line_size(text)) {
                _cleanup_strv_ char **words = match(text, strcspn(text, "\n"), directive, module);

                if (words)
                        return true;
        }
        return false;
}

/* Copies all lines but those, whose words behind directive and module go to `rest`, which may be
 * NULL. */
static int copy_others(
                const char *text,
                const char *directive,
                const char *module,
                Buffer *to,
                char ***rest) {
        int r = 0;

        for (; *text && r >= 0; text += line_size(text)) {
                _cleanup_strv_ char **words = match(text, strcspn(text, "\n"), directive, module);

                if (!words)
                        r = buffer_append(to, text, line_size(text));
                else if (rest)
                        r = strv_append_all(rest, words + 2);
        }
        /* What comes next must not continue a last line without an end. */
        if (r >= 0 && to->size > 0 && to->data[to->size - 1] != '\n')
                r = buffer_append_string(to, "\n");
        return r;
}

static int hand_over(Buffer *text, char **ret) {
        *ret = buffer_take(text);
        return *ret ? 0 : -ENOMEM;
}

int module_text_drop(const char *text, const char *directive, const char *module, char **ret) {
        _cleanup_buffer_ Buffer to = {};
        int r = copy_others(text, directive, module, &to, /* rest= */ NULL);

        return r < 0 ? r : hand_over(&to, ret);
}

int module_text_add(const char *text, const char *directive, const char *module, char **ret) {
        _cleanup_buffer_ Buffer to = {};
        bool has = module_text_has(text, directive, module);
        int r = has ? buffer_append_string(&to, text)
                    : copy_others(text, directive, module, &to, /* rest= */ NULL);

        if (r >= 0 && !has)
                r = buffer_printf(&to, "%s%s%s\n", directive, *directive ? " " : "", module);
        return r < 0 ? r : hand_over(&to, ret);
}

/* Whether one of the options sets what the word does. */
static bool is_set(const char *word, char *const *options) {
        size_t n = strcspn(word, "=");

        STRV_FOREACH(option, options)
                if (strcspn(*option, "=") == n && strncmp(*option, word, n) == 0)
                        return true;
        return false;
}

int module_text_set_options(
                const char *text,
                const char *module,
                char *const *options,
                char **ret) {
        _cleanup_strv_ char **known = NULL;
        _cleanup_buffer_ Buffer to = {};
        int r = copy_others(text, OPTIONS, module, &to, &known);

        if (r >= 0)
                r = buffer_printf(&to, OPTIONS " %s", module);
        for (char *const *word = known; r >= 0 && word && *word; word++)
                if (!is_set(*word, options))
                        r = buffer_printf(&to, " %s", *word);
        for (char *const *option = options; r >= 0 && option && *option; option++)
                r = buffer_printf(&to, " %s", *option);
        if (r >= 0)
                r = buffer_append_string(&to, "\n");
        return r < 0 ? r : hand_over(&to, ret);
}
