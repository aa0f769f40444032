/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * grub.cfg of a Live OS. An entry that starts something else (another OS, the firmware's setup, a
 * kernel that is not on the medium) is left alone. Where a command must not do what it did, another
 * takes its place: GRUB's language has no empty blocks, so nothing may simply be cut out.
 */

#include "liveos/grub-live.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "liveos/grub-edit.h"
#include "liveos/grub-linux.h"
#include "liveos/grub-words.h"

#define ALPHAS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define DIGITS "0123456789"

typedef struct Entry {
        bool is_live;    /* starts a kernel of the medium */
        bool is_foreign; /* starts something else */
        bool has_initrd; /* has an initrd command */
} Entry;

/* More paths than that no boot menu has; what comes after is left as it is. */
#define MOVED_MAX 256

/* A path of the image that has another name on the medium. */
typedef struct Moved {
        const GrubWord *from;
        const char *to;
} Moved;

typedef struct Transform {
        const char *text;
        const GrubLive *wish;
        GrubScript script;
        GrubArguments arguments;
        GrubEdits edits;
        Entry *entries; /* by number; the last one stands for what is in no entry */
        Moved *moved;
        size_t n_moved;
} Transform;

static void transform_done(Transform *t) {
        grub_script_done(&t->script);
        grub_arguments_done(&t->arguments);
        grub_edits_done(&t->edits);
        free(t->entries);
        free(t->moved);
}
#define _cleanup_transform_ _cleanup_(transform_done)

static Entry *entry_of(const Transform *t, const GrubCommand *command) {
        return &t->entries[command->entry == GRUB_NO_ENTRY ? t->script.n_entries : command->entry];
}

/* What is in no entry is everybody's. */
static bool is_ours(const Transform *t, const GrubCommand *command) {
        const Entry *entry = entry_of(t, command);

        return command->entry == GRUB_NO_ENTRY || entry->is_live || !entry->is_foreign;
}

static const GrubKernel *kernel_of(const Transform *t, const GrubCommand *command) {
        if (!grub_boot_command_suffix(&t->script, command, "linux"))
                return NULL;
        return grub_linux_find_kernel(&t->script, command, t->wish);
}

/* Commands that start something else than Linux, or a Linux below something else. */
static bool is_foreign_command(const Transform *t, const GrubCommand *command) {
        static const char *const foreign[] = {
                "chainloader", "multiboot", "multiboot2", "xen_hypervisor", "fwsetup",
                "appleloader", "ntldr",     "exit",       "reboot",         "halt",
        };

        for (size_t i = 0; i < ELEMENTSOF(foreign); i++)
                if (grub_command_is(&t->script, command, foreign[i]))
                        return true;
        return false;
}

static int no_kernel(const Transform *t, bool has_linux, Failure *reterr) {
        if (has_linux)
                return failure_set(
                                reterr,
                                -ENOENT,
                                "No menu entry of the image's grub.cfg starts its kernel (linux …/vmlinuz-%s): make the file anew in the image with grub-mkconfig.",
                                t->wish->kernels[0].version);
        return failure_set(
                        reterr,
                        -ENOENT,
                        "The image's grub.cfg has no 'linux' command, so it starts no kernel: make the file anew in the image with grub-mkconfig.");
}

/* First reading: which entry starts what. */
static int judge_entries(Transform *t, Failure *reterr) {
        bool has_linux = false, is_live = false;

        t->entries = calloc(t->script.n_entries + 1, sizeof(Entry));
        if (!t->entries)
                return -ENOMEM;
        for (size_t i = 0; i < t->script.n_commands; i++) {
                const GrubCommand *command = &t->script.commands[i];
                Entry *entry = entry_of(t, command);
                bool is_linux = grub_boot_command_suffix(&t->script, command, "linux");

                has_linux |= is_linux;
                if (kernel_of(t, command))
                        entry->is_live = is_live = true;
                else if (is_linux || is_foreign_command(t, command))
                        entry->is_foreign = true;
                if (grub_boot_command_suffix(&t->script, command, "initrd"))
                        entry->has_initrd = true;
        }
        return is_live ? 0 : no_kernel(t, has_linux, reterr);
}

/* True when both words are the same bytes of the text. */
static bool is_same_text(const Transform *t, const GrubWord *a, const GrubWord *b) {
        return a->end - a->begin == b->end - b->begin &&
               memcmp(t->text + a->begin, t->text + b->begin, a->end - a->begin) == 0;
}

static const Moved *find_moved(const Transform *t, const GrubWord *word) {
        for (size_t i = 0; i < t->n_moved; i++)
                if (is_same_text(t, t->moved[i].from, word))
                        return &t->moved[i];
        return NULL;
}

static int note_moved(Transform *t, const GrubWord *from, const char *to) {
        Moved *moved;

        if (t->n_moved == MOVED_MAX || find_moved(t, from))
                return 0;
        moved = reallocarray(t->moved, t->n_moved + 1, sizeof(Moved));
        if (!moved)
                return -ENOMEM;
        moved[t->n_moved++] = (Moved){ .from = from, .to = to };
        t->moved = moved;
        return 0;
}

/* An entry that had no initrd gets one: there is nothing else that a Live OS could start from. */
static int add_initrd(Transform *t, const GrubCommand *command, const GrubKernel *kernel) {
        const GrubWord *first = &t->script.words[command->first],
                       *last = first + command->n_words - 1;
        const char *suffix = grub_boot_command_suffix(&t->script, command, "linux");
        _cleanup_free_ char *path = grub_quote(kernel->initrd);
        size_t line = first->begin, indent;

        while (line > 0 && t->text[line - 1] != '\n')
                line--;
        indent = strspn(t->text + line, " \t");
        if (!path)
                return -ENOMEM;
        return grub_edits_add(
                        &t->edits,
                        last->end,
                        last->end,
                        str_printf("\n%.*sinitrd%s %s",
                                   (int) indent,
                                   t->text + line,
                                   suffix,
                                   path));
}

static int edit_linux(
                Transform *t,
                const GrubCommand *command,
                const GrubKernel *kernel,
                Failure *reterr) {
        int r = note_moved(t, &t->script.words[command->first + 1], kernel->vmlinuz);

        if (r >= 0)
                r = grub_linux_edit(&t->script, command, kernel, &t->arguments, &t->edits, reterr);
        if (r >= 0 && !entry_of(t, command)->has_initrd)
                r = add_initrd(t, command, kernel);
        return r;
}

/* All files of the line (microcode, too) become the one initrd of the medium. */
static int edit_initrd(Transform *t, const GrubCommand *command, const GrubKernel *kernel) {
        const GrubWord *words = &t->script.words[command->first];

        if (command->n_words < 2)
                return 0;
        for (size_t i = 1; i < command->n_words; i++) {
                int r = note_moved(t, &words[i], kernel->initrd);

                if (r < 0)
                        return r;
        }
        return grub_edits_add(
                        &t->edits,
                        words[1].begin,
                        words[command->n_words - 1].end,
                        grub_quote(kernel->initrd));
}

/* The kernels and their initrds. An initrd belongs to the kernel line before it in its entry. */
static int edit_kernels(Transform *t, Failure *reterr) {
        const GrubKernel *kernel = NULL;
        size_t entry = GRUB_NO_ENTRY;

        for (size_t i = 0; i < t->script.n_commands; i++) {
                const GrubCommand *command = &t->script.commands[i];
                int r = 0;

                if (command->entry != entry)
                        kernel = NULL;
                entry = command->entry;
                if (grub_boot_command_suffix(&t->script, command, "linux")) {
                        kernel = kernel_of(t, command);
                        if (kernel)
                                r = edit_linux(t, command, kernel, reterr);
                } else if (kernel && grub_boot_command_suffix(&t->script, command, "initrd"))
                        r = edit_initrd(t, command, kernel);
                if (r < 0)
                        return r;
        }
        return 0;
}

static bool is_name(const char *s) {
        return *s != '\0' && !strchr(DIGITS, *s) && s[strspn(s, ALPHAS DIGITS)] == '\0';
}

/* Words behind the command's name that are no options. */
static size_t count_plain_words(const GrubScript *script, const GrubCommand *command) {
        size_t n = 0;

        for (size_t i = 1; i < command->n_words; i++)
                n += script->words[command->first + i].value[0] != '-';
        return n;
}

/* The variable that a `search` sets: --set=NAME, --set NAME or -s NAME; "root" without a name. Where
 * the name is a word of its own, it must not be the only one: that one is searched for. */
static const char *search_variable(const GrubScript *script, const GrubCommand *command) {
        for (size_t i = 1; i < command->n_words; i++) {
                const char *word = script->words[command->first + i].value;
                const char *name = str_after_prefix(word, "--set=");

                if (name)
                        return is_name(name) ? name : "root";
                if (!str_equal(word, "--set") && !str_equal(word, "-s"))
                        continue;
                if (i + 1 < command->n_words && count_plain_words(script, command) > 1) {
                        name = script->words[command->first + i + 1].value;
                        return is_name(name) ? name : "root";
                }
        }
        return "root";
}

/* `search.fs_uuid WHAT VARIABLE HINT…` and its kin. */
static const char *dotted_search_variable(const GrubScript *script, const GrubCommand *command) {
        const char *name = command->n_words > 2 ? script->words[command->first + 2].value : "";

        return is_name(name) ? name : "root";
}

static int replace_command(Transform *t, const GrubCommand *command, char *take_text) {
        const GrubWord *words = &t->script.words[command->first];

        return grub_edits_add(
                        &t->edits,
                        words[0].begin,
                        words[command->n_words - 1].end,
                        take_text);
}

/* On an ISO the volume is searched for; from the network nothing is, $root is the server already. */
static int edit_search(Transform *t, const GrubCommand *command, const char *variable) {
        _cleanup_free_ char *label = NULL;

        if (t->wish->medium == MEDIUM_PXE)
                return replace_command(
                                t,
                                command,
                                str_printf("set %s=\"$%s\"", variable, variable));
        label = grub_quote(t->wish->label);
        if (!label)
                return -ENOMEM;
        return replace_command(
                        t,
                        command,
                        str_printf("search --no-floppy --label %s --set=%s", label, variable));
}

/* The word that sets $root to a device: of `set root=…` or `root=…`; NULL for any other command. */
static const GrubWord *find_root_assignment(const Transform *t, const GrubCommand *command) {
        const GrubWord *word = &t->script.words[command->first];
        const char *value;

        if (grub_command_is(&t->script, command, "set") && command->n_words == 2)
                word++;
        else if (command->n_words != 1)
                return NULL;
        value = str_after_prefix(word->value, "root=");
        if (!value || *value == '\0')
                return NULL;
        /* On an ISO a variable holds what a search has found. */
        if (word->variable_at != SIZE_MAX && t->wish->medium != MEDIUM_PXE)
                return NULL;
        return word;
}

/* Paths that are asked for elsewhere, such as `[ -f $prefix/initrd ]`. */
static int edit_moved(Transform *t, const GrubCommand *command) {
        for (size_t i = 1; i < command->n_words; i++) {
                const GrubWord *word = &t->script.words[command->first + i];
                const Moved *moved = find_moved(t, word);
                int r = 0;

                if (moved)
                        r = grub_edits_add(
                                        &t->edits,
                                        word->begin,
                                        word->end,
                                        grub_quote(moved->to));
                if (r < 0)
                        return r;
        }
        return 0;
}

static int edit_other(Transform *t, const GrubCommand *command) {
        const GrubWord *word = &t->script.words[command->first], *root;

        if (grub_boot_command_suffix(&t->script, command, "linux") ||
            grub_boot_command_suffix(&t->script, command, "initrd") || !is_ours(t, command))
                return 0;
        if (grub_command_is(&t->script, command, "search"))
                return edit_search(t, command, search_variable(&t->script, command));
        if (word->variable_at == SIZE_MAX && str_after_prefix(word->value, "search."))
                return edit_search(t, command, dotted_search_variable(&t->script, command));
        root = find_root_assignment(t, command);
        if (root)
                return grub_edits_add(&t->edits, root->begin, root->end, strdup("root=\"$root\""));
        return edit_moved(t, command);
}

static int transform(Transform *t, char **ret, Failure *reterr) {
        int r = grub_script_parse(t->text, &t->script, reterr);

        if (r >= 0)
                r = grub_arguments_init(&t->arguments, t->wish, reterr);
        if (r >= 0)
                r = judge_entries(t, reterr);
        if (r >= 0)
                r = edit_kernels(t, reterr);
        for (size_t i = 0; r >= 0 && i < t->script.n_commands; i++)
                r = edit_other(t, &t->script.commands[i]);
        return r < 0 ? r : grub_edits_apply(&t->edits, t->text, ret);
}

int grub_make_live(const char *text, const GrubLive *wish, char **ret, Failure *reterr) {
        _cleanup_transform_ Transform t = { .text = text, .wish = wish };

        assert(wish->n_kernels > 0);
        assert(wish->medium == MEDIUM_PXE || wish->label);
        return transform(&t, ret, reterr);
}

char *grub_make_redirector(const char *label) {
        static const char rest[] = "set prefix=($root)/" MEDIUM_GRUB_FOLDER "\n"
                                   "configfile $prefix/grub.cfg\n";
        _cleanup_free_ char *quoted = label ? grub_quote(label) : NULL;

        if (!label)
                return strdup(rest);
        if (!quoted)
                return NULL;
        return str_printf("search --no-floppy --label %s --set=root\n%s", quoted, rest);
}
