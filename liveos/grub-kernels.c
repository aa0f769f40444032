/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Entries for kernels that the menu does not know. A copy has the paths of the medium in place of the
 * pattern's, as the entries of grub-bls.c have, and the new version wherever the old one stands.
 */

#include "liveos/grub-kernels.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"
#include "liveos/grub-edit.h"
#include "liveos/grub-linux.h"
#include "liveos/grub-words.h"

#define DIGITS "0123456789"
#define ALPHAS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* A command that does nothing, as GRUB's language has no empty blocks. */
#define NOTHING "true"

/* What an entry starts. */
typedef struct Entry {
        const GrubKernel *kernel; /* one that is there; NULL for none */
        const char *gone; /* the version of one that is gone; into the words; NULL for none */
} Entry;

typedef struct Follower {
        const char *text;
        const GrubFollow *follow;
        GrubScript script;
        GrubEdits edits;
        Entry *entries; /* by number */
        size_t pattern; /* the block of the first entry that starts a kernel; GRUB_NO_BLOCK for none */
        bool has_kernel; /* an entry starts one that is there */
} Follower;

static void follower_done(Follower *f) {
        grub_script_done(&f->script);
        grub_edits_done(&f->edits);
        free(f->entries);
}

static bool is_linux(const Follower *f, const GrubCommand *command) {
        return grub_boot_command_suffix(&f->script, command, "linux") && command->n_words > 1;
}

/* The version in the path that a `linux` command has; NULL for another kind of name. */
static const char *version_of(const Follower *f, const GrubCommand *command) {
        const GrubWord *path = &f->script.words[command->first + 1];
        const char *slash = strrchr(path->value, '/');

        return path->variable_at == SIZE_MAX
                               ? str_after_prefix(slash ? slash + 1 : path->value, "vmlinuz-")
                               : NULL;
}

static int judge_entries(Follower *f) {
        const GrubLive wish = { .kernels = f->follow->kernels, .n_kernels = f->follow->n_kernels };

        f->entries = calloc(f->script.n_entries + 1, sizeof(Entry));
        if (!f->entries)
                return -ENOMEM;
        for (size_t i = 0; i < f->script.n_commands; i++) {
                const GrubCommand *command = &f->script.commands[i];
                const char *version;
                Entry *entry;

                if (command->entry == GRUB_NO_ENTRY || !is_linux(f, command))
                        continue;
                entry = &f->entries[command->entry];
                version = version_of(f, command);
                if (!entry->kernel)
                        entry->kernel = grub_linux_find_kernel(&f->script, command, &wish);
                if (!entry->kernel && version && strv_contains(f->follow->before, version))
                        entry->gone = version;
        }
        return 0;
}

static void find_pattern(Follower *f) {
        f->pattern = GRUB_NO_BLOCK;
        for (size_t i = 0; i < f->script.n_blocks; i++) {
                size_t number = f->script.blocks[i].entry;

                if (number == GRUB_NO_ENTRY)
                        continue;
                f->has_kernel |= f->entries[number].kernel != NULL;
                if (f->pattern == GRUB_NO_BLOCK &&
                    (f->entries[number].kernel || f->entries[number].gone))
                        f->pattern = i;
        }
}

/* ---- entries that go ---- */

static bool is_gone(const Follower *f, size_t entry) {
        return entry != GRUB_NO_ENTRY && !f->entries[entry].kernel && f->entries[entry].gone;
}

/* In a submenu may be what belongs to no entry in it: whoever opens it starts that. */
static bool starts_what_stays(const Follower *f, const GrubBlock *block) {
        for (size_t i = 0; i < f->script.n_commands; i++) {
                const GrubCommand *command = &f->script.commands[i];
                size_t at = f->script.words[command->first].begin;

                if (at >= block->begin && at < block->end && is_linux(f, command) &&
                    !is_gone(f, command->entry))
                        return true;
        }
        return false;
}

/* A submenu goes with the last of its entries, and no entry with one in it that stays. */
static bool goes(const Follower *f, size_t block) {
        bool has_entry = false;

        for (size_t i = block; i < f->script.n_blocks; i++) {
                const GrubBlock *inner = &f->script.blocks[i];

                if (inner->begin >= f->script.blocks[block].end)
                        break;
                if (inner->entry == GRUB_NO_ENTRY)
                        continue;
                has_entry = true;
                if (!is_gone(f, inner->entry))
                        return false;
        }
        return has_entry && !starts_what_stays(f, &f->script.blocks[block]);
}

/* Whether a command may end here by itself: what else stands behind the brace on the same line is a command,
 * which would become words of the one before. */
static bool ends_command(const char *s) {
        const char *next = s + strspn(s, " \t\r");

        return *next == '\0' || strchr("\n;&|}", *next) || (*next == '#' && next > s);
}

static int remove_gone(Follower *f) {
        size_t until = 0;
        int r = 0;

        for (size_t i = 0; i < f->script.n_blocks && r >= 0; i++) {
                const GrubBlock *block = &f->script.blocks[i];

                if (block->begin < until || !goes(f, i))
                        continue;
                until = block->end;
                r = grub_edits_add(
                                &f->edits,
                                block->begin,
                                block->end,
                                strdup(ends_command(f->text + until) ? NOTHING : NOTHING ";"));
        }
        return r;
}

/* ---- entries that come ---- */

static bool is_part_of_version(char c) {
        return c != '\0' && strchr(ALPHAS DIGITS "._+", c);
}

/* Appends text with another version where the old one stands as a whole. Returns 1 when it does. */
static int add_text(
                Buffer *buffer,
                const char *text,
                size_t size,
                const char *old,
                const char *new) {
        size_t n = old ? strlen(old) : 0;
        int found = 0, r = 0;

        for (size_t i = 0; i < size && r >= 0;) {
                bool here = n > 0 && size - i >= n && memcmp(text + i, old, n) == 0 &&
                            (i == 0 || !is_part_of_version(text[i - 1])) &&
                            (i + n == size || !is_part_of_version(text[i + n]));

                r = here ? buffer_append_string(buffer, new) : buffer_append(buffer, text + i, 1);
                i += here ? n : 1;
                found |= here;
        }
        return r < 0 ? r : found;
}

/* A copy while it is made: the pattern's text up to `at` is in it. */
typedef struct Copy {
        const Follower *f;
        const GrubKernel *kernel;
        const char *old; /* the pattern's version; NULL for none */
        size_t at;
        Buffer text;
} Copy;

static int copy_until(Copy *copy, size_t end) {
        int r = add_text(
                        &copy->text,
                        copy->f->text + copy->at,
                        end - copy->at,
                        copy->old,
                        copy->kernel->version);

        copy->at = end;
        return r;
}

static int copy_word_as(Copy *copy, const GrubWord *word, const char *value) {
        _cleanup_free_ char *quoted = value ? grub_quote(value) : NULL;
        int r = quoted ? copy_until(copy, word->begin) : -ENOMEM;

        copy->at = word->end;
        return r < 0 ? r : buffer_append_string(&copy->text, quoted);
}

/* Two entries of one title could not be told apart. */
static int copy_title(Copy *copy, const GrubWord *title) {
        _cleanup_buffer_ Buffer named = {};
        int r = add_text(
                        &named,
                        title->value,
                        strlen(title->value),
                        copy->old,
                        copy->kernel->version);

        if (title->variable_at != SIZE_MAX)
                return 0; /* GRUB's to work out */
        if (r == 0)
                r = buffer_printf(&named, ", with Linux %s", copy->kernel->version);
        return r < 0 ? r : copy_word_as(copy, title, named.data);
}

/* All files of an initrd line become the one of the medium, as in any entry. */
static int copy_initrd(Copy *copy, const GrubCommand *command) {
        const GrubWord *first = &copy->f->script.words[command->first + 1];
        const GrubWord whole = {
                .begin = first->begin,
                .end = first[command->n_words - 2].end,
        };

        return copy_word_as(copy, &whole, copy->kernel->initrd);
}

static int copy_command(Copy *copy, const GrubCommand *command) {
        const GrubScript *script = &copy->f->script;

        if (command->n_words < 2)
                return 0;
        if (is_linux(copy->f, command))
                return copy_word_as(
                                copy,
                                &script->words[command->first + 1],
                                copy->kernel->vmlinuz);
        if (grub_boot_command_suffix(script, command, "initrd"))
                return copy_initrd(copy, command);
        return 0;
}

static int make_copy(Copy *copy) {
        const GrubScript *script = &copy->f->script;
        const GrubBlock *block = &script->blocks[copy->f->pattern];
        int r = 0;

        copy->at = block->begin;
        for (size_t i = 0; i < script->n_commands && !copy->old; i++)
                if (script->commands[i].entry == block->entry &&
                    is_linux(copy->f, &script->commands[i]))
                        copy->old = version_of(copy->f, &script->commands[i]);
        if (block->title != GRUB_NO_TITLE)
                r = copy_title(copy, &script->words[block->title]);
        for (size_t i = 0; i < script->n_commands && r >= 0; i++)
                if (script->commands[i].entry == block->entry)
                        r = copy_command(copy, &script->commands[i]);
        return r < 0 ? r : copy_until(copy, block->end);
}

static bool has_entry(const Follower *f, const GrubKernel *kernel) {
        for (size_t i = 0; i < f->script.n_entries; i++)
                if (f->entries[i].kernel == kernel)
                        return true;
        return false;
}

static size_t outermost(const Follower *f, size_t block) {
        while (f->script.blocks[block].parent != GRUB_NO_BLOCK)
                block = f->script.blocks[block].parent;
        return block;
}

/* Behind the last entry of a newer kernel, else in front of the first of all. */
static size_t find_place(const Follower *f, const GrubKernel *kernel, bool *ret_behind) {
        size_t place = outermost(f, f->pattern);

        *ret_behind = false;
        for (size_t i = 0; i < f->script.n_blocks; i++) {
                size_t number = f->script.blocks[i].entry;

                if (number == GRUB_NO_ENTRY || !f->entries[number].kernel ||
                    f->entries[number].kernel > kernel)
                        continue;
                place = outermost(f, i);
                *ret_behind = true;
        }
        return *ret_behind ? f->script.blocks[place].end : f->script.blocks[place].begin;
}

static int add_entry(Follower *f, const GrubKernel *kernel) {
        Copy copy = { .f = f, .kernel = kernel };
        _cleanup_free_ char *text = NULL;
        bool behind;
        size_t at = find_place(f, kernel, &behind);
        int r = make_copy(&copy);

        if (r >= 0)
                text = buffer_take(&copy.text);
        buffer_done(&copy.text);
        if (r < 0 || !text)
                return r < 0 ? r : -ENOMEM;
        return grub_edits_add(&f->edits, at, at, str_printf(behind ? "\n%s" : "%s\n", text));
}

static int add_missing(Follower *f) {
        int r = 0;

        for (size_t i = 0; i < f->follow->n_kernels && r >= 0; i++) {
                const GrubKernel *kernel = &f->follow->kernels[i];
                bool is_new = !strv_contains(f->follow->before, kernel->version);

                if (!has_entry(f, kernel) && (is_new || !f->has_kernel))
                        r = add_entry(f, kernel);
        }
        return r;
}

int grub_follow_kernels(const char *text, const GrubFollow *follow, char **ret, Failure *reterr) {
        _cleanup_(follower_done) Follower f = { .text = text, .follow = follow };
        int r = grub_script_parse(text, &f.script, reterr);

        assert(follow->n_kernels > 0);
        if (r >= 0)
                r = judge_entries(&f);
        if (r < 0)
                return r;
        find_pattern(&f);
        if (f.pattern != GRUB_NO_BLOCK)
                r = add_missing(&f);
        if (r >= 0)
                r = remove_gone(&f);
        return r < 0 ? r : grub_edits_apply(&f.edits, text, ret);
}
