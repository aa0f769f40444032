/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GRUB's language as words. Words lie in the text in their order; each value, quoted anew, is one
 * word of the same value again, wherever it stands.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "liveos/grub-words.h"

static void check_quote(const char *value) {
        _cleanup_grub_script_ GrubScript script = {};
        _cleanup_free_ char *quoted = grub_quote(value), *text = NULL;

        fuzz_check(quoted);
        text = str_printf("menuentry x {\n\tlinux %s after\n}\n", quoted);
        fuzz_check(text);
        fuzz_check(grub_script_parse(text, &script, NULL) == 0);
        fuzz_check(script.n_commands == 2 && script.commands[1].n_words == 3);
        fuzz_check(script.n_words == 5);
        fuzz_check(strcmp(script.words[3].value, value) == 0);
        fuzz_check(script.words[3].variable_at == SIZE_MAX);
        fuzz_check(strcmp(script.words[4].value, "after") == 0);
}

static void check_words(const GrubScript *script, size_t size) {
        size_t at = 0;

        for (size_t i = 0; i < script->n_words; i++) {
                const GrubWord *word = &script->words[i];

                fuzz_check(word->begin >= at && word->begin < word->end && word->end <= size);
                fuzz_check(word->variable_at == SIZE_MAX ||
                           word->variable_at <= strlen(word->value));
                at = word->end;
        }
        for (size_t i = 0; i < script->n_commands; i++) {
                const GrubCommand *command = &script->commands[i];

                fuzz_check(command->n_words > 0);
                fuzz_check(command->first + command->n_words <= script->n_words);
                fuzz_check(command->entry == GRUB_NO_ENTRY || command->entry < script->n_entries);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_string(data, size);
        _cleanup_grub_script_ GrubScript script = {};
        Failure failure = {};
        int r = grub_script_parse(text, &script, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -ENOEXEC || r == -E2BIG);
        if (strlen(text) < 4096)
                check_quote(text);
        if (r < 0)
                return 0;
        check_words(&script, strlen(text));
        for (size_t i = 0; i < script.n_words && i < 16; i++)
                check_quote(script.words[i].value);
        return 0;
}
