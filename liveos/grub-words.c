/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reading GRUB's script language. One pass over the bytes, following GRUB's own lexer where it
 * decides about the borders and values of words; expansion is left to GRUB, a variable stays the
 * text that it is.
 */

#include "liveos/grub-words.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"

#define DIGITS   "0123456789"
#define ALPHAS   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define SPECIALS "?#*@"
#define METAS    "{}|&;<>"

typedef struct Lexer {
        const char *text;
        size_t at;
        unsigned line; /* where `at` is */
        GrubScript script;
        size_t words_allocated;
        size_t commands_allocated;
        size_t command_first; /* first word of the command being read; n_words when there is none */
        unsigned command_line;
        size_t entries[GRUB_DEPTH_MAX]; /* of each open brace: the entry that its block is part of */
        size_t blocks[GRUB_DEPTH_MAX];  /* … and the GrubBlock around what is in it */
        bool opened[GRUB_DEPTH_MAX];    /* … which this brace has begun */
        size_t blocks_allocated;
        size_t depth;
        Failure *reterr;
} Lexer;

static char peek(const Lexer *lexer) {
        return lexer->text[lexer->at];
}

static char peek_next(const Lexer *lexer) {
        return peek(lexer) == '\0' ? '\0' : lexer->text[lexer->at + 1];
}

static void step(Lexer *lexer) {
        if (peek(lexer) == '\n')
                lexer->line++;
        lexer->at++;
}

/* Makes room for one more item of an array of the script. */
static int grow(void *array, size_t n, size_t *allocated, size_t item_size) {
        void **pointer = array, *grown;
        size_t more = *allocated > 0 ? *allocated * 2 : 64;

        if (n < *allocated)
                return 0;
        grown = reallocarray(*pointer, more, item_size);
        if (!grown)
                return -ENOMEM;
        *pointer = grown;
        *allocated = more;
        return 0;
}

static int not_closed(const Lexer *lexer, const char *what, unsigned line) {
        return failure_set(
                        lexer->reterr,
                        -ENOEXEC,
                        "The image's grub.cfg, line %u: the %s is not closed; make the file anew with grub-mkconfig.",
                        line,
                        what);
}

static int too_large(const Lexer *lexer, const char *what) {
        return failure_set(
                        lexer->reterr,
                        -E2BIG,
                        "The image's grub.cfg, line %u: there are too many %s for a boot menu.",
                        lexer->line,
                        what);
}

/* The size of the variable at `s` ("$x", "${x}", "$1", "$?"), 0 when the dollar begins none. */
static size_t variable_size(const char *s) {
        bool braces = s[1] == '{';
        const char *name = s + 1 + braces;
        size_t n;

        if (*name == '\0')
                return 0;
        if (strchr(SPECIALS, *name))
                n = 1;
        else if (strchr(DIGITS, *name))
                n = strspn(name, DIGITS);
        else
                n = strspn(name, ALPHAS DIGITS);
        if (n == 0 || (braces && name[n] != '}'))
                return 0;
        return 1 + n + 2 * (size_t) braces;
}

/* A dollar sign outside of single quotes. */
static int read_dollar(Lexer *lexer, Buffer *value, size_t *variable_at) {
        size_t n = variable_size(lexer->text + lexer->at);
        int r;

        /* What is no variable is a mistake for GRUB, so it is nothing that could be compared either. */
        if (*variable_at == SIZE_MAX)
                *variable_at = value->size;
        if (n == 0)
                n = 1;
        r = buffer_append(value, lexer->text + lexer->at, n);
        lexer->at += n;
        return r;
}

static int read_single_quotes(Lexer *lexer, Buffer *value) {
        unsigned line = lexer->line;

        for (step(lexer); peek(lexer) != '\''; step(lexer)) {
                int r;

                if (peek(lexer) == '\0')
                        return not_closed(lexer, "single quote", line);
                r = buffer_append(value, lexer->text + lexer->at, 1);
                if (r < 0)
                        return r;
        }
        step(lexer);
        return 0;
}

/* The backslash in double quotes protects only `$`, `\`, `"` and the line's end; before anything
 * else it stands for itself. */
static int read_quoted_backslash(Lexer *lexer, Buffer *value) {
        char next = peek_next(lexer);
        int r = 0;

        if (next == '\0' || !strchr("$\\\"\n", next))
                r = buffer_append(value, "\\", 1);
        step(lexer);
        if (next == '\0' || r < 0)
                return r;
        if (next != '\n')
                r = buffer_append(value, &next, 1);
        step(lexer);
        return r;
}

/* `translated`: $"…", in which a dollar means nothing. */
static int read_double_quotes(Lexer *lexer, bool translated, Buffer *value, size_t *variable_at) {
        unsigned line = lexer->line;

        step(lexer);
        while (peek(lexer) != '"') {
                int r;

                if (peek(lexer) == '\0')
                        return not_closed(lexer, "double quote", line);
                if (peek(lexer) == '\\')
                        r = read_quoted_backslash(lexer, value);
                else if (peek(lexer) == '$' && !translated)
                        r = read_dollar(lexer, value, variable_at);
                else {
                        r = buffer_append(value, lexer->text + lexer->at, 1);
                        step(lexer);
                }
                if (r < 0)
                        return r;
        }
        step(lexer);
        return 0;
}

static int read_backslash(Lexer *lexer, Buffer *value) {
        char next = peek_next(lexer);
        int r = next != '\n' ? buffer_append(value, &next, 1) : 0;

        step(lexer);
        step(lexer);
        return r;
}

/* What is put behind a word must not become a part of it. A CR, which is nothing to GRUB, would with a line
 * behind it be half that line's end; half an escape, at the very end of the text, would swallow a byte. */
static bool ends_word(const Lexer *lexer) {
        const char *s = lexer->text + lexer->at;

        s += strspn(s, "\r");
        return *s == '\0' || strchr(" \t\n" METAS, *s) || (s[0] == '\\' && s[1] == '\0');
}

/* One run of the word: quotes, an escape, a variable, or a plain byte. */
static int read_piece(Lexer *lexer, Buffer *value, size_t *variable_at) {
        char c = peek(lexer);
        int r;

        if (c == '\'')
                return read_single_quotes(lexer, value);
        if (c == '"')
                return read_double_quotes(lexer, /* translated= */ false, value, variable_at);
        if (c == '\\')
                return read_backslash(lexer, value);
        if (c == '$' && peek_next(lexer) == '"') {
                step(lexer);
                return read_double_quotes(lexer, /* translated= */ true, value, variable_at);
        }
        if (c == '$')
                return read_dollar(lexer, value, variable_at);
        r = buffer_append(value, &c, 1);
        step(lexer);
        return r;
}

static int read_word(Lexer *lexer) {
        _cleanup_buffer_ Buffer value = {};
        GrubScript *script = &lexer->script;
        GrubWord word = { .begin = lexer->at, .variable_at = SIZE_MAX };
        unsigned line = lexer->line;
        int r = 0;

        if (script->n_words == GRUB_WORDS_MAX)
                return too_large(lexer, "words");
        while (r >= 0 && !ends_word(lexer))
                r = read_piece(lexer, &value, &word.variable_at);
        if (r >= 0)
                r = grow(&script->words,
                         script->n_words,
                         &lexer->words_allocated,
                         sizeof(GrubWord));
        if (r < 0)
                return r;
        word.end = lexer->at;
        word.value = buffer_take(&value);
        if (!word.value)
                return -ENOMEM;
        if (lexer->command_first == script->n_words)
                lexer->command_line = line;
        script->words[script->n_words++] = word;
        return 0;
}

static size_t current_entry(const Lexer *lexer) {
        return lexer->depth > 0 ? lexer->entries[lexer->depth - 1] : GRUB_NO_ENTRY;
}

/* True for the reserved words after which a command may stand on the same line. */
static bool is_reserved(const Lexer *lexer, const GrubWord *word) {
        static const char *const reserved[] = {
                "if", "then", "else", "elif", "while", "until", "do", "!", "time",
        };
        size_t size = word->end - word->begin;

        for (size_t i = 0; i < ELEMENTSOF(reserved); i++)
                if (strlen(reserved[i]) == size &&
                    memcmp(lexer->text + word->begin, reserved[i], size) == 0)
                        return true;
        return false;
}

static int end_command(Lexer *lexer) {
        GrubScript *script = &lexer->script;
        size_t first = lexer->command_first;
        int r;

        while (first < script->n_words && is_reserved(lexer, &script->words[first]))
                first++;
        lexer->command_first = script->n_words;
        if (first == script->n_words)
                return 0;
        r = grow(&script->commands,
                 script->n_commands,
                 &lexer->commands_allocated,
                 sizeof(GrubCommand));
        if (r < 0)
                return r;
        script->commands[script->n_commands++] = (GrubCommand){
                .first = first,
                .n_words = script->n_words - first,
                .entry = current_entry(lexer),
                .line = lexer->command_line,
        };
        return 0;
}

/* Notes what begins with the last command, unless that is a function or the like. */
static int note_block(Lexer *lexer, size_t *entry, size_t *block) {
        GrubScript *script = &lexer->script;
        const GrubCommand *command = &script->commands[script->n_commands - 1];
        bool is_entry = grub_command_is(script, command, "menuentry");
        int r;

        if (!is_entry && !grub_command_is(script, command, "submenu"))
                return 0;
        r = grow(&script->blocks, script->n_blocks, &lexer->blocks_allocated, sizeof(GrubBlock));
        if (r < 0)
                return r;
        if (is_entry)
                *entry = script->n_entries++;
        script->blocks[script->n_blocks] = (GrubBlock){
                .begin = script->words[command->first].begin,
                .title = command->n_words > 1 ? command->first + 1 : GRUB_NO_TITLE,
                .entry = is_entry ? *entry : GRUB_NO_ENTRY,
                .parent = *block,
        };
        *block = script->n_blocks++;
        return 0;
}

static int open_block(Lexer *lexer) {
        size_t entry = current_entry(lexer), n_before = lexer->script.n_commands;
        size_t outer = lexer->depth > 0 ? lexer->blocks[lexer->depth - 1] : GRUB_NO_BLOCK;
        size_t block = outer;
        int r = end_command(lexer);

        if (r < 0)
                return r;
        if (lexer->depth == GRUB_DEPTH_MAX)
                return too_large(lexer, "blocks in one another");
        if (lexer->script.n_commands > n_before)
                r = note_block(lexer, &entry, &block);
        if (r < 0)
                return r;
        lexer->entries[lexer->depth] = entry;
        lexer->blocks[lexer->depth] = block;
        lexer->opened[lexer->depth++] = block != outer;
        return 0;
}

static int close_block(Lexer *lexer) {
        int r = end_command(lexer);

        if (r < 0)
                return r;
        if (lexer->depth == 0)
                return failure_set(
                                lexer->reterr,
                                -ENOEXEC,
                                "The image's grub.cfg, line %u: a block is closed that was not opened; make the file anew with grub-mkconfig.",
                                lexer->line);
        lexer->depth--;
        if (lexer->opened[lexer->depth])
                lexer->script.blocks[lexer->blocks[lexer->depth]].end = lexer->at + 1;
        return 0;
}

/* What stands between words; it moves on by at least one byte. */
static int read_separator(Lexer *lexer) {
        char c = peek(lexer);
        int r = 0;

        if (c == '{')
                r = open_block(lexer);
        else if (c == '}')
                r = close_block(lexer);
        else if (strchr("\n" METAS, c))
                r = end_command(lexer);
        step(lexer);
        return r;
}

static int read_token(Lexer *lexer) {
        if (peek(lexer) == '#') {
                lexer->at += strcspn(lexer->text + lexer->at, "\n");
                return 0;
        }
        if (peek(lexer) == '\\' && peek_next(lexer) == '\n') {
                step(lexer);
                step(lexer);
                return 0;
        }
        return ends_word(lexer) ? read_separator(lexer) : read_word(lexer);
}

static int read_text(Lexer *lexer) {
        int r = 0;

        while (r >= 0 && peek(lexer) != '\0')
                r = read_token(lexer);
        if (r >= 0)
                r = end_command(lexer);
        if (r >= 0 && lexer->depth > 0)
                r = not_closed(lexer, "last block", lexer->line);
        return r;
}

int grub_script_parse(const char *text, GrubScript *ret, Failure *reterr) {
        Lexer lexer = { .text = text, .line = 1, .reterr = reterr };
        int r;

        assert(text);
        if (strnlen(text, GRUB_TEXT_MAX_BYTES + 1) > GRUB_TEXT_MAX_BYTES)
                return failure_set(
                                reterr,
                                -E2BIG,
                                "The image's grub.cfg has more than %u bytes.",
                                GRUB_TEXT_MAX_BYTES);
        r = read_text(&lexer);
        if (r < 0) {
                grub_script_done(&lexer.script);
                return r;
        }
        *ret = lexer.script;
        return 0;
}

bool grub_command_is(const GrubScript *script, const GrubCommand *command, const char *name) {
        const GrubWord *word = &script->words[command->first];

        return word->variable_at == SIZE_MAX && str_equal(word->value, name);
}

char *grub_quote(const char *value) {
        static const char plain[] = ALPHAS DIGITS "./:=,@%+-~";
        _cleanup_buffer_ Buffer quoted = {};

        if (*value && value[strspn(value, plain)] == '\0')
                return strdup(value);
        /* In single quotes everything means itself but the quote, which is put between two runs. */
        if (buffer_append(&quoted, "'", 1) < 0)
                return NULL;
        for (; *value; value++)
                if ((*value == '\'' ? buffer_append_string(&quoted, "'\\''")
                                    : buffer_append(&quoted, value, 1)) < 0)
                        return NULL;
        if (buffer_append(&quoted, "'", 1) < 0)
                return NULL;
        return buffer_take(&quoted);
}

void grub_script_done(GrubScript *script) {
        for (size_t i = 0; i < script->n_words; i++)
                free(script->words[i].value);
        free(script->words);
        free(script->commands);
        free(script->blocks);
        *script = (GrubScript){};
}
