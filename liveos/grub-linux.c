/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The `linux` command. An argument is compared by the name that GRUB's language leaves plain: one
 * whose name comes out of a variable is nobody's but the image's and stays.
 */

#include "liveos/grub-linux.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "liveos/cmdline.h"

/* Arguments that say where an installed OS lies, and those that an earlier run has put there. They
 * make no sense for a Live OS, which would wait for disks that are not there, or come anew. A '*' at
 * the end stands for any rest. */
static const char *const installed_only[] = {
        "rootflags",      "rootfstype",       "resume",         "resume_offset", "mount.usr",
        "mount.usrflags", "mount.usrfstype",  "luks.uuid",      "luks.name",     "rd.luks.uuid",
        "rd.luks.name",   "rd.luks.partuuid", "rd.luks.serial", "rd.lvm.lv",     "rd.lvm.vg",
        "rd.md.uuid",     "rd.dm.uuid",       "rd.live.*",      "rd.overlay",    "rd.overlay.*",
};

/* Arguments that have to be there once at most, so a new one replaces an old one. */
static const char *const only_once[] = { "ip", "rd.neednet" };

/* Say one thing together: who says "selinux" anew replaces them all. */
static const char *const of_selinux[] = { "enforcing", "security", "selinux" };

static bool word_is_one_of(const char *word, const char *const *names, size_t n_names) {
        for (size_t i = 0; i < n_names; i++) {
                size_t n = strlen(names[i]);
                bool is = names[i][n - 1] == '*' ? strncmp(word, names[i], n - 1) == 0
                                                 : cmdline_word_is(word, names[i]);

                if (is)
                        return true;
        }
        return false;
}

static int check_word(const char *word, Failure *reterr) {
        if (!cmdline_word_is(word, "root"))
                return 0;
        return failure_set(
                        reterr,
                        -EINVAL,
                        "The kernel argument '%s' cannot be set for a Live OS, whose root file system is the one on its medium: remove it from extraCommandLine.",
                        word);
}

int grub_arguments_init(GrubArguments *arguments, const GrubLive *wish, Failure *reterr) {
        _cleanup_strv_ char **words = NULL, **plain = NULL;
        _cleanup_free_ char *root = wish->root ? str_printf("root=%s", wish->root) : NULL;

        if (wish->root && !root)
                return -ENOMEM;
        STRV_FOREACH(text, wish->arguments) {
                int r = cmdline_add_text(&words, *text, reterr);

                if (r < 0)
                        return r;
        }
        STRV_FOREACH(word, words) {
                _cleanup_free_ char *s = cmdline_unquote(*word);
                int r = s ? check_word(s, reterr) : -ENOMEM;

                if (r >= 0)
                        r = cmdline_add(&plain, s);
                if (r < 0)
                        return r;
        }
        *arguments = (GrubArguments){ .root = TAKE_PTR(root), .words = TAKE_PTR(plain) };
        return 0;
}

void grub_arguments_done(GrubArguments *arguments) {
        free(arguments->root);
        (void) strv_free(arguments->words);
        *arguments = (GrubArguments){};
}

const char *grub_boot_command_suffix(
                const GrubScript *script,
                const GrubCommand *command,
                const char *name) {
        static const char *const suffixes[] = { "", "efi", "16" };
        const GrubWord *word = &script->words[command->first];
        const char *rest = str_after_prefix(word->value, name);

        if (!rest || word->variable_at != SIZE_MAX)
                return NULL;
        for (size_t i = 0; i < ELEMENTSOF(suffixes); i++)
                if (str_equal(rest, suffixes[i]))
                        return suffixes[i];
        return NULL;
}

static const char *base_name(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

const GrubKernel *grub_linux_find_kernel(
                const GrubScript *script,
                const GrubCommand *command,
                const GrubLive *wish) {
        const GrubWord *path = &script->words[command->first + 1];
        const char *base, *version;

        assert(wish->n_kernels > 0);
        if (command->n_words < 2)
                return NULL;
        base = base_name(path->value);
        version = str_after_prefix(base, "vmlinuz-");
        for (size_t i = 0; i < wish->n_kernels; i++)
                if (str_equal(path->value, wish->kernels[i].vmlinuz) ||
                    (version && str_equal(version, wish->kernels[i].version)))
                        return &wish->kernels[i];
        /* A name that GRUB works out, or the link that means the newest. */
        if (str_equal(base, "vmlinuz") || (path->variable_at != SIZE_MAX && strchr(base, '$')))
                return &wish->kernels[0];
        return NULL;
}

/* The `linux` line while it is being changed. Words are numbered from the first argument on. */
typedef struct Line {
        const GrubWord *words;
        size_t n_words;
        const GrubArguments *arguments;
        size_t insert_at; /* number of the word before which new arguments go */
        bool is_complete; /* they stand there already */
        bool has_root;
        GrubEdits *edits;
} Line;

/* The word's name is plain text, so it can be compared. */
static bool has_plain_name(const GrubWord *word) {
        return word->variable_at == SIZE_MAX || word->variable_at > strcspn(word->value, "=");
}

static bool is_plain(const GrubWord *word) {
        return word->variable_at == SIZE_MAX;
}

/* Arguments of each machine's own (grubenv) come last, so that they win. */
static size_t find_insert_at(const GrubWord *words, size_t n_words) {
        for (size_t i = 0; i < n_words; i++)
                if (!is_plain(&words[i]) && (str_equal(words[i].value, "$kernelopts") ||
                                             str_equal(words[i].value, "${kernelopts}")))
                        return i;
        return n_words;
}

/* True when the new arguments stand, in their order, right where they would be put. */
static bool is_complete(const Line *line) {
        size_t n = strv_length(line->arguments->words);

        if (n > line->insert_at)
                return false;
        for (size_t i = 0; i < n; i++) {
                const GrubWord *word = &line->words[line->insert_at - n + i];

                if (!is_plain(word) || !str_equal(word->value, line->arguments->words[i]))
                        return false;
        }
        return true;
}

/* True for the words that is_complete() has found. */
static bool is_kept(const Line *line, size_t i) {
        size_t n = strv_length(line->arguments->words);

        return line->is_complete && i < line->insert_at && i >= line->insert_at - n;
}

static bool is_superseded(const Line *line, const GrubWord *word) {
        if (!has_plain_name(word))
                return false;
        if (is_plain(word) && strv_contains(line->arguments->words, word->value))
                return true;
        if (word_is_one_of(word->value, installed_only, ELEMENTSOF(installed_only)))
                return true;
        if (word_is_one_of(word->value, of_selinux, ELEMENTSOF(of_selinux)) &&
            cmdline_find(line->arguments->words, "selinux"))
                return true;
        for (size_t i = 0; i < ELEMENTSOF(only_once); i++)
                if (cmdline_word_is(word->value, only_once[i]) &&
                    cmdline_find(line->arguments->words, only_once[i]))
                        return true;
        return false;
}

/* Drops the word with the blanks before it. */
static int drop_word(Line *line, size_t i) {
        const GrubWord *word = &line->words[i];

        return grub_edits_add(line->edits, word[-1].end, word->end, strdup(""));
}

static int edit_root(Line *line, size_t i) {
        const GrubWord *word = &line->words[i];

        if (!line->arguments->root || line->has_root)
                return drop_word(line, i);
        line->has_root = true;
        return grub_edits_add(
                        line->edits,
                        word->begin,
                        word->end,
                        grub_quote(line->arguments->root));
}

static int edit_words(Line *line) {
        for (size_t i = 0; i < line->n_words; i++) {
                const GrubWord *word = &line->words[i];
                int r = 0;

                if (has_plain_name(word) && cmdline_word_is(word->value, "root"))
                        r = edit_root(line, i);
                else if (!is_kept(line, i) && is_superseded(line, word))
                        r = drop_word(line, i);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What is to be put in as GRUB's words, each quoted. */
static int quote_new_words(const Line *line, char ***ret) {
        _cleanup_strv_ char **quoted = NULL;
        int r = 0;

        if (line->arguments->root && !line->has_root)
                r = strv_append_take(&quoted, grub_quote(line->arguments->root));
        STRV_FOREACH(word, line->arguments->words)
                if (r >= 0 && !line->is_complete)
                        r = strv_append_take(&quoted, grub_quote(*word));
        if (r < 0)
                return r;
        *ret = TAKE_PTR(quoted);
        return 0;
}

/* A root that comes to arguments which stand already goes before them, so that they end the line. */
static int insert_words(Line *line) {
        _cleanup_strv_ char **quoted = NULL;
        _cleanup_free_ char *run = NULL;
        size_t n_kept = line->is_complete ? strv_length(line->arguments->words) : 0;
        bool at_end = line->insert_at - n_kept == line->n_words;
        const GrubWord *word = &line->words[line->insert_at - n_kept];
        size_t at = at_end ? word[-1].end : word->begin;
        int r = quote_new_words(line, &quoted);

        if (r < 0 || !quoted)
                return r;
        run = strv_join(quoted, " ");
        if (!run)
                return -ENOMEM;
        return grub_edits_add(
                        line->edits,
                        at,
                        at,
                        at_end ? str_printf(" %s", run) : str_printf("%s ", run));
}

/* GRUB puts quotes around an argument with blanks and a backslash before each quote. */
static size_t word_size(const char *value) {
        size_t size = strlen(value) + (strpbrk(value, " \t") ? 2 : 0);

        for (; (value = strpbrk(value, "\\'\"")); value++)
                size++;
        return size;
}

/* The line as GRUB gives it to the kernel; a variable counts as long as its name. */
static int check_size(const Line *line, const GrubKernel *kernel, Failure *reterr) {
        size_t size = strlen("BOOT_IMAGE=") + strlen(kernel->vmlinuz);

        for (size_t i = 0; i < line->n_words; i++) {
                const GrubWord *word = &line->words[i];

                if (has_plain_name(word) && cmdline_word_is(word->value, "root"))
                        continue;
                if (!is_superseded(line, word))
                        size += 1 + word_size(word->value);
        }
        if (line->arguments->root)
                size += 1 + word_size(line->arguments->root);
        STRV_FOREACH(word, line->arguments->words)
                size += 1 + word_size(*word);
        if (size < CMDLINE_MAX_BYTES)
                return 0;
        return failure_set(
                        reterr,
                        -E2BIG,
                        "The command line of kernel %s in the image's boot menu would have %zu bytes, but the kernel takes no more than %d: shorten extraCommandLine.",
                        kernel->version,
                        size,
                        CMDLINE_MAX_BYTES - 1);
}

int grub_linux_edit(
                const GrubScript *script,
                const GrubCommand *command,
                const GrubKernel *kernel,
                const GrubArguments *arguments,
                GrubEdits *edits,
                Failure *reterr) {
        const GrubWord *path = &script->words[command->first + 1];
        Line line = { .words = path + 1,
                      .n_words = command->n_words - 2,
                      .arguments = arguments,
                      .edits = edits };
        int r;

        assert(command->n_words >= 2);
        line.insert_at = find_insert_at(line.words, line.n_words);
        line.is_complete = is_complete(&line);
        r = check_size(&line, kernel, reterr);
        if (r >= 0)
                r = grub_edits_add(edits, path->begin, path->end, grub_quote(kernel->vmlinuz));
        if (r >= 0)
                r = edit_words(&line);
        return r < 0 ? r : insert_words(&line);
}
