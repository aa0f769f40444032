/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The whole way of a grub.cfg. The first byte says for which medium, the first line has the user's
 * kernel arguments, the rest is the image's file. Doing it again changes nothing, and no line is lost
 * that is not about booting.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "liveos/grub-live.h"
#include "liveos/grub-words.h"

static const GrubKernel kernels[] = {
        { "6.6.1-2", "/boot/vmlinuz-6.6.1-2", "/boot/initrd.img-6.6.1-2" },
        { "6.1.0-13-amd64", "/boot/vmlinuz-6.1.0-13-amd64", "/boot/initrd.img-6.1.0-13-amd64" },
};

static bool is_in_word(const GrubScript *script, size_t at) {
        for (size_t i = 0; i < script->n_words; i++)
                if (at >= script->words[i].begin && at < script->words[i].end)
                        return true;
        return false;
}

/* Comments are nobody's business: they are there afterwards in the same order, byte by byte. */
static void check_comments(const char *before, const char *after) {
        _cleanup_grub_script_ GrubScript script = {};

        fuzz_check(grub_script_parse(before, &script, NULL) == 0);
        for (const char *s = before; (s = strstr(s, "\n#keep ")); s++) {
                size_t n = 1 + strcspn(s + 1, "\n");

                if (is_in_word(&script, (size_t) (s + 1 - before)))
                        continue;
                after = memmem(after, strlen(after), s, n);
                fuzz_check(after);
                after += n;
        }
}

static void check_again(const char *text, const GrubLive *wish) {
        _cleanup_free_ char *again = NULL;
        Failure failure = {};
        int r = grub_make_live(text, wish, &again, &failure);

        if (r < 0)
                fprintf(stderr, "again: %s\n%s\n", failure.message, text);
        fuzz_check(r == 0);
        if (strcmp(text, again) != 0)
                fprintf(stderr, "once:\n%s\nagain:\n%s\n", text, again);
        fuzz_check(strcmp(text, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        uint8_t kind = fuzz_take_byte(&data, &size);
        _cleanup_free_ char *arguments = fuzz_take_line(&data, &size);
        _cleanup_free_ char *text = fuzz_string(data, size), *live = NULL;
        char *const list[] = { arguments, NULL };
        const GrubLive wish = {
                .medium = kind & 1 ? MEDIUM_PXE : MEDIUM_ISO,
                .label = kind & 2 ? "A label's" : "CDROM",
                .root = kind & 4 ? NULL : "live:LABEL=CDROM",
                .arguments = list,
                .kernels = kernels,
                .n_kernels = 1 + (kind & 8 ? 1 : 0),
        };
        Failure failure = {};
        int r = grub_make_live(text, &wish, &live, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -ENOENT || r == -ENOEXEC || r == -E2BIG || r == -EINVAL);
        if (r < 0)
                return 0;
        check_comments(text, live);
        check_again(live, &wish);
        return 0;
}
