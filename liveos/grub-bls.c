/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Menu entries out of files, as Fedora's GRUB shows them: its command blscfg makes a menu entry of
 * each, with the variables of `options` and `grub_users` replaced, as does this.
 */

#include "liveos/grub-bls.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"
#include "liveos/cmdline.h"
#include "liveos/grub-edit.h"
#include "liveos/grub-env.h"
#include "liveos/grub-linux.h"
#include "liveos/grub-words.h"
#include "liveos/kernel.h"

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* Options for an entry that has none. */
#define DEFAULT_OPTIONS "$default_kernelopts"

/* A command that does nothing, as GRUB's language has no empty blocks. */
#define NOTHING "set root=\"$root\""

static bool is_blscfg(const GrubScript *script, const GrubCommand *command) {
        return grub_command_is(script, command, "blscfg");
}

static bool is_insmod_blscfg(const GrubScript *script, const GrubCommand *command) {
        return grub_command_is(script, command, "insmod") && command->n_words == 2 &&
               str_equal(script->words[command->first + 1].value, "blscfg");
}

static GrubMenuSource find_source(const GrubScript *script) {
        GrubMenuSource source = {};

        for (size_t i = 0; i < script->n_commands; i++) {
                const GrubCommand *command = &script->commands[i];

                source.has_linux |= grub_boot_command_suffix(script, command, "linux") != NULL;
                source.has_blscfg |= is_blscfg(script, command);
        }
        return source;
}

int grub_find_menu_source(const char *text, GrubMenuSource *ret, Failure *reterr) {
        _cleanup_grub_script_ GrubScript script = {};
        int r = grub_script_parse(text, &script, reterr);

        if (r < 0)
                return r;
        *ret = find_source(&script);
        return 0;
}

/* The words of the command that set a variable: `set NAME=…` or `NAME=…`; NULL for another one. */
static const char *assigned_value(
                const GrubScript *script,
                const GrubCommand *command,
                const char *name) {
        const GrubWord *word = &script->words[command->first];
        const char *rest;

        if (grub_command_is(script, command, "set") && command->n_words == 2)
                word++;
        else if (command->n_words != 1)
                return NULL;
        rest = str_after_prefix(word->value, name);
        /* What GRUB would have to work out first is nothing that could be known here. */
        return rest && *rest == '=' && word->variable_at == SIZE_MAX ? rest + 1 : NULL;
}

/* The menu's text while it is made. */
typedef struct Menu {
        const GrubBls *bls;
        const GrubScript *script;
        bool has_load_video; /* grub.cfg has that function, which its entries begin with */
        Buffer text;
        Failure *reterr;
} Menu;

/* grub.cfg sets what grubenv has not set. A variable without a value is "". */
static int find_variable(const Menu *menu, const char *name, char **ret) {
        const char *found = "";
        int r = grub_env_get(menu->bls->env, name, ret);

        if (r < 0 || *ret)
                return r;
        for (size_t i = 0; i < menu->script->n_commands; i++) {
                const char *value = assigned_value(menu->script, &menu->script->commands[i], name);

                if (value)
                        found = value;
        }
        *ret = strdup(found);
        return *ret ? 0 : -ENOMEM;
}

static int expand_variable(const Menu *menu, const char *name, size_t n, Buffer *to) {
        _cleanup_free_ char *copy = strndup(name, n), *value = NULL;
        int r = copy ? find_variable(menu, copy, &value) : -ENOMEM;

        return r < 0 ? r : buffer_append_string(to, value);
}

/* The text with its variables replaced, once: what a value has is text. Errors: -E2BIG when it gets
 * longer than a command line may be. */
static int expand(const Menu *menu, const char *text, char **ret) {
        _cleanup_buffer_ Buffer expanded = {};

        while (*text) {
                size_t n = *text == '$' ? strspn(text + 1, NAME_BYTES) : 0;
                int r = n > 0 ? expand_variable(menu, text + 1, n, &expanded)
                              : buffer_append(&expanded, text, 1);

                if (r < 0)
                        return r;
                if (expanded.size >= CMDLINE_MAX_BYTES)
                        return -E2BIG;
                text += 1 + n;
        }
        *ret = buffer_take(&expanded);
        return *ret ? 0 : -ENOMEM;
}

static int fail_options(const Menu *menu, const BlsEntry *entry, int error) {
        if (error == -E2BIG)
                return failure_set(
                                menu->reterr,
                                error,
                                "The 'options' of the image's boot menu entry /" BLS_FOLDER
                                "/%s.conf are longer than the %d bytes that a kernel takes: shorten them.",
                                entry->id,
                                CMDLINE_MAX_BYTES - 1);
        if (error == -EINVAL)
                return failure_set(
                                menu->reterr,
                                -ENOEXEC,
                                "The 'options' of the image's boot menu entry /" BLS_FOLDER
                                "/%s.conf are no kernel arguments: a double quote is not closed, or there is a control character; correct them.",
                                entry->id);
        return error;
}

/* Appends a blank and the word as one of GRUB's. */
static int add_word(Menu *menu, const char *prefix, const char *word) {
        _cleanup_free_ char *quoted = grub_quote(word);

        return quoted ? buffer_printf(&menu->text, " %s%s", prefix, quoted) : -ENOMEM;
}

static int add_options(Menu *menu, const BlsEntry *entry) {
        const char *options = entry->values[BLS_OPTIONS];
        _cleanup_free_ char *expanded = NULL;
        _cleanup_strv_ char **words = NULL;
        int r = expand(menu, options ? options : DEFAULT_OPTIONS, &expanded);

        if (r >= 0)
                r = cmdline_add_text(&words, expanded, /* reterr= */ NULL);
        if (r < 0)
                return fail_options(menu, entry, r);
        STRV_FOREACH(word, words) {
                _cleanup_free_ char *plain = cmdline_unquote(*word);

                r = plain ? add_word(menu, "", plain) : -ENOMEM;
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Who may start the entry: without users everybody, as with blscfg, whatever `superusers` says. */
static int add_users(Menu *menu, const BlsEntry *entry) {
        const char *value = entry->values[BLS_GRUB_USERS];
        _cleanup_free_ char *users = NULL;
        int r = expand(menu, value ? value : "", &users);

        if (r < 0)
                return r == -E2BIG ? fail_options(menu, entry, r) : r;
        return *users ? add_word(menu, "--users ", users)
                      : buffer_append_string(&menu->text, " --unrestricted");
}

static int add_head(Menu *menu, const BlsEntry *entry, const GrubKernel *kernel) {
        const char *title = entry->values[BLS_TITLE], *hotkey = entry->values[BLS_GRUB_HOTKEY];
        const char *class_list = entry->values[BLS_GRUB_CLASS];
        _cleanup_free_ char *name = strdup(title ? title : kernel->version);
        _cleanup_strv_ char **classes = strv_split(class_list ? class_list : "", " \t");
        int r = name && classes ? buffer_append_string(&menu->text, "menuentry") : -ENOMEM;

        if (r < 0)
                return r;
        str_make_utf8(name);
        str_blank_controls(name);
        r = add_word(menu, "", name);
        STRV_FOREACH(class, classes)
                if (r >= 0)
                        r = add_word(menu, "--class ", *class);
        if (r >= 0)
                r = add_users(menu, entry);
        if (r >= 0 && hotkey)
                r = add_word(menu, "--hotkey=", hotkey);
        if (r >= 0)
                r = add_word(menu, "--id ", entry->id);
        return r < 0 ? r : buffer_append_string(&menu->text, " {\n");
}

static int add_body(Menu *menu, const BlsEntry *entry, const GrubKernel *kernel) {
        int r = 0;

        if (menu->has_load_video)
                r = buffer_append_string(&menu->text, "\tload_video\n");
        if (r >= 0)
                r = buffer_append_string(&menu->text, "\tset gfxpayload=keep\n\tlinux");
        if (r >= 0)
                r = add_word(menu, "", kernel->vmlinuz);
        if (r >= 0)
                r = add_options(menu, entry);
        if (r >= 0)
                r = buffer_append_string(&menu->text, "\n\tinitrd");
        if (r >= 0)
                r = add_word(menu, "", kernel->initrd);
        return r < 0 ? r : buffer_append_string(&menu->text, "\n}");
}

/* The kernel that an entry starts: by the file's name, or by the entry's version where the file has
 * none in its name (MACHINE-ID/VERSION/linux). NULL when the medium does not have it. */
static const GrubKernel *find_kernel(const GrubBls *bls, const BlsEntry *entry) {
        const char *path = entry->values[BLS_LINUX], *slash = strrchr(path, '/');
        const char *base = slash ? slash + 1 : path, *version = str_after_prefix(base, "vmlinuz-");

        if (!version && (str_equal(base, "linux") || str_equal(base, "vmlinuz")))
                version = entry->values[BLS_VERSION];
        for (size_t i = 0; version && i < bls->n_kernels; i++)
                if (str_equal(bls->kernels[i].version, version))
                        return &bls->kernels[i];
        return NULL;
}

/* Adds the entries kernel by kernel, in the order of the kernels, which is the newest first. */
static int add_entries(Menu *menu) {
        const GrubBls *bls = menu->bls;

        for (size_t k = 0; k < bls->n_kernels; k++)
                for (size_t i = 0; i < bls->entries->n_items; i++) {
                        const BlsEntry *entry = &bls->entries->items[i];
                        int r = 0;

                        if (find_kernel(bls, entry) != &bls->kernels[k])
                                continue;
                        if (menu->text.size > 0)
                                r = buffer_append_string(&menu->text, "\n");
                        if (r >= 0)
                                r = add_head(menu, entry, &bls->kernels[k]);
                        if (r >= 0)
                                r = add_body(menu, entry, &bls->kernels[k]);
                        if (r < 0)
                                return r;
                }
        return 0;
}

static int fail_no_entry(const Menu *menu) {
        if (menu->bls->entries->n_items == 0)
                return failure_set(
                                menu->reterr,
                                -ENOPKG,
                                "The image's grub.cfg takes its menu from /" BLS_FOLDER
                                " (blscfg), but there is no entry that is not for rescue: make them anew in the image with kernel-install, or set GRUB_ENABLE_BLSCFG=false in /etc/default/grub and make grub.cfg anew with grub-mkconfig.");
        return failure_set(
                        menu->reterr,
                        -ENOPKG,
                        "No boot menu entry of the image's /" BLS_FOLDER
                        " starts its kernel (linux …/vmlinuz-%s): make the entries anew in the image with kernel-install.",
                        menu->bls->kernels[0].version);
}

static bool has_function(const GrubScript *script, const char *name) {
        for (size_t i = 0; i < script->n_commands; i++) {
                const GrubCommand *command = &script->commands[i];

                if (grub_command_is(script, command, "function") && command->n_words == 2 &&
                    str_equal(script->words[command->first + 1].value, name))
                        return true;
        }
        return false;
}

static int replace_command(
                const GrubScript *script,
                const GrubCommand *command,
                GrubEdits *edits,
                char *take_text) {
        const GrubWord *words = &script->words[command->first];

        return grub_edits_add(edits, words[0].begin, words[command->n_words - 1].end, take_text);
}

/* The first blscfg makes way for the menu, others for nothing. */
static int edit(const Menu *menu, const char *text, char **ret) {
        _cleanup_grub_edits_ GrubEdits edits = {};
        const GrubScript *script = menu->script;
        const char *next = menu->text.size > 0 ? menu->text.data : NOTHING;

        for (size_t i = 0; i < script->n_commands; i++) {
                const GrubCommand *command = &script->commands[i];
                int r = 0;

                if (is_insmod_blscfg(script, command))
                        r = replace_command(script, command, &edits, strdup(NOTHING));
                else if (is_blscfg(script, command)) {
                        r = replace_command(script, command, &edits, strdup(next));
                        next = NOTHING;
                }
                if (r < 0)
                        return r;
        }
        return grub_edits_apply(&edits, text, ret);
}

static int make_menu(Menu *menu, const char *text, char **ret) {
        GrubMenuSource source = find_source(menu->script);
        int r;

        if (!source.has_blscfg) {
                *ret = strdup(text);
                return *ret ? 0 : -ENOMEM;
        }
        menu->has_load_video = has_function(menu->script, "load_video");
        r = add_entries(menu);
        if (r >= 0 && menu->text.size == 0 && !source.has_linux)
                r = fail_no_entry(menu);
        return r < 0 ? r : edit(menu, text, ret);
}

int grub_bls_to_menu(const char *text, const GrubBls *bls, char **ret, Failure *reterr) {
        _cleanup_grub_script_ GrubScript script = {};
        Menu menu = { .bls = bls, .script = &script, .reterr = reterr };
        int r = grub_script_parse(text, &script, reterr);

        assert(bls->n_kernels > 0);
        if (r >= 0)
                r = make_menu(&menu, text, ret);
        buffer_done(&menu.text);
        return r;
}
