/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Kernel command lines. Words keep the quotes that they came with, so that a line that nobody asked
 * to change does not change.
 */

#include "liveos/cmdline.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/strings.h"

#define BLANKS " \t\n"

/* The end of the word at `s`; NULL when a quote is not closed. */
static const char *word_end(const char *s) {
        bool quoted = false;

        for (; *s && (quoted || !strchr(BLANKS, *s)); s++)
                if (*s == '"')
                        quoted = !quoted;
        return quoted ? NULL : s;
}

static int check_text(const char *text, Failure *reterr) {
        for (const char *s = text; *s; s++)
                if (((unsigned char) *s < 0x20 && !strchr(BLANKS, *s)) || *s == 0x7f)
                        return failure_set(
                                        reterr,
                                        -EINVAL,
                                        "The kernel arguments have a control character (0x%02x): remove it.",
                                        (unsigned) *s);
        return 0;
}

int cmdline_add_text(char ***words, const char *text, Failure *reterr) {
        int r = check_text(text, reterr);

        if (r < 0)
                return r;
        for (text += strspn(text, BLANKS); *text; text += strspn(text, BLANKS)) {
                const char *end = word_end(text);

                if (!end)
                        return failure_set(
                                        reterr,
                                        -EINVAL,
                                        "The kernel arguments '%s' have a double quote that is not closed: add the other one.",
                                        text);
                r = strv_append_take(words, strndup(text, (size_t) (end - text)));
                if (r < 0)
                        return r;
                text = end;
        }
        return 0;
}

/* Takes word `i` out of the list. */
static void drop(char **words, size_t i) {
        free(words[i]);
        for (; words[i]; i++)
                words[i] = words[i + 1];
}

int cmdline_add(char ***words, const char *word) {
        int r = strv_append(words, word);

        if (r < 0)
                return r;
        for (size_t i = 0; (*words)[i + 1];)
                if (str_equal((*words)[i], word))
                        drop(*words, i);
                else
                        i++;
        return 0;
}

static char same_dash(char c) {
        return c == '-' ? '_' : c;
}

bool cmdline_word_is(const char *word, const char *name) {
        if (*word == '"')
                word++;
        for (; *name; word++, name++)
                if (same_dash(*word) != same_dash(*name))
                        return false;
        return *word == '\0' || *word == '=' || (*word == '"' && word[1] == '\0');
}

/* The word's part before '='. NULL when memory is out. */
static char *word_name(const char *word) {
        if (*word == '"')
                word++;
        return strndup(word, strcspn(word, "=\""));
}

const char *cmdline_find(char *const *words, const char *name) {
        const char *found = NULL;

        STRV_FOREACH(word, words)
                if (cmdline_word_is(*word, name))
                        found = *word;
        return found;
}

int cmdline_add_default(char ***words, const char *word) {
        _cleanup_free_ char *name = word_name(word);

        if (!name)
                return -ENOMEM;
        return cmdline_find(*words, name) ? 0 : strv_append(words, word);
}

int cmdline_replace(char ***words, const char *word) {
        _cleanup_free_ char *name = word_name(word), *copy = strdup(word);
        size_t i = 0;

        if (!name || !copy)
                return -ENOMEM;
        while (*words && (*words)[i] && !cmdline_word_is((*words)[i], name))
                i++;
        if (!*words || !(*words)[i])
                return strv_append_take(words, TAKE_PTR(copy));
        free((*words)[i]);
        (*words)[i] = TAKE_PTR(copy);
        (void) cmdline_remove(*words + i + 1, name);
        return 0;
}

bool cmdline_remove(char **words, const char *name) {
        bool found = false;

        for (size_t i = 0; words && words[i];)
                if (cmdline_word_is(words[i], name)) {
                        drop(words, i);
                        found = true;
                } else
                        i++;
        return found;
}

char *cmdline_unquote(const char *word) {
        char *s = malloc(strlen(word) + 1), *end = s;

        if (!s)
                return NULL;
        for (; *word; word++)
                if (*word != '"')
                        *end++ = *word;
        *end = '\0';
        return s;
}

int cmdline_join(char *const *words, char **ret_line, Failure *reterr) {
        _cleanup_free_ char *line = strv_join(words, " ");

        if (!line)
                return -ENOMEM;
        if (strlen(line) >= CMDLINE_MAX_BYTES)
                return failure_set(
                                reterr,
                                -E2BIG,
                                "The kernel command line would have %zu bytes, but the kernel takes no more than %d: shorten extraCommandLine.",
                                strlen(line),
                                CMDLINE_MAX_BYTES - 1);
        *ret_line = TAKE_PTR(line);
        return 0;
}
