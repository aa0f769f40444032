/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A boot menu entry out of a file, and the menu that is made of it. The first line is a variable's
 * value in grubenv, the rest the entry. Whatever both say, the menu has one entry that starts one
 * kernel with one initrd, and no word of them becomes a command.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "liveos/bls.h"
#include "liveos/cmdline.h"
#include "liveos/grub-bls.h"
#include "liveos/grub-live.h"
#include "liveos/grub-words.h"

static const GrubKernel kernel = { "6.6.1", "/boot/vmlinuz", "/boot/initrd.img" };

static void check_entry(const BlsEntry *entry) {
        fuzz_check(str_equal(entry->id, "entry"));
        fuzz_check(!str_is_empty(entry->values[BLS_LINUX]));
        for (BlsKey key = 0; key < _BLS_KEY_MAX; key++)
                fuzz_check(!entry->values[key] ||
                           (*entry->values[key] && !strchr(entry->values[key], '\n')));
}

/* The commands of the menu are those that were written, and stand where they were written. */
static void check_menu(const char *menu) {
        static const char *const commands[] = { "set", "menuentry", "set", "linux", "initrd" };
        _cleanup_grub_script_ GrubScript script = {};
        const GrubCommand *linux_command;

        fuzz_check(grub_script_parse(menu, &script, NULL) == 0);
        fuzz_check(script.n_entries == 1 && script.n_commands == ELEMENTSOF(commands));
        for (size_t i = 0; i < script.n_commands; i++) {
                fuzz_check(grub_command_is(&script, &script.commands[i], commands[i]));
                fuzz_check((script.commands[i].entry == 0) == (i >= 2));
        }
        linux_command = &script.commands[3];
        fuzz_check(str_equal(script.words[linux_command->first + 1].value, kernel.vmlinuz));
        for (size_t i = 1; i < linux_command->n_words; i++)
                fuzz_check(script.words[linux_command->first + i].variable_at == SIZE_MAX);
}

static void check_live(const char *menu) {
        _cleanup_free_ char *live = NULL;
        const GrubLive wish = { .medium = MEDIUM_PXE,
                                .root = "live:http://h/image.iso",
                                .kernels = &kernel,
                                .n_kernels = 1 };
        Failure failure = {};
        int r = grub_make_live(menu, &wish, &live, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -E2BIG);
        fuzz_check(r < 0 || strstr(live, " root=live:http://h/image.iso"));
}

static void check_texts(const BlsEntry *entry, const char *env) {
        const BlsEntries entries = { .items = (BlsEntry *) entry, .n_items = 1 };
        const GrubBls bls = { .entries = &entries, .env = env, .kernels = &kernel, .n_kernels = 1 };
        _cleanup_free_ char *menu = NULL;
        Failure failure = {};
        int r = grub_bls_to_menu("set tuned_params='a b'\nblscfg\n", &bls, &menu, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -ENOPKG || r == -ENOEXEC || r == -E2BIG);
        if (r < 0)
                return;
        check_menu(menu);
        check_live(menu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *value = fuzz_take_line(&data, &size), *text = fuzz_string(data, size),
                            *env = str_printf("kernelopts=%s\n", value);
        _cleanup_bls_entry_ BlsEntry entry = {};
        Failure failure = {};
        int r = bls_entry_parse("entry", text, &entry, &failure);

        fuzz_check(env);
        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -ENOEXEC || r == -EOPNOTSUPP);
        if (r < 0)
                return 0;
        check_entry(&entry);
        (void) bls_entry_is_rescue(&entry);
        check_texts(&entry, env);
        return 0;
}
