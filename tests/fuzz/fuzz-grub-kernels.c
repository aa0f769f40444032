/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A menu that follows the kernels. The first byte says how many there are, the rest is the image's file. What
 * comes of it is GRUB's language, and starts a kernel when the file did.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>

#include "liveos/grub-kernels.h"
#include "liveos/grub-words.h"

static const GrubKernel kernels[] = {
        { "6.6.1-2", "/boot/vmlinuz-6.6.1-2", "/boot/initrd.img-6.6.1-2" },
        { "6.1.0-13-amd64", "/boot/vmlinuz-6.1.0-13-amd64", "/boot/initrd.img-6.1.0-13-amd64" },
};

/* Those that the menu was made for. */
static const char *const before[] = { "6.1.0-13-amd64", "5.10", NULL };

static int make_live(const char *text, size_t n_kernels) {
        const GrubLive wish = {
                .medium = MEDIUM_PXE,
                .kernels = kernels,
                .n_kernels = n_kernels,
        };
        _cleanup_free_ char *live = NULL;

        return grub_make_live(text, &wish, &live, /* reterr= */ NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        size_t n_kernels = fuzz_take_byte(&data, &size) & 1 ? 2 : 1;
        _cleanup_free_ char *text = fuzz_string(data, size), *followed = NULL;
        _cleanup_grub_script_ GrubScript script = {};
        const GrubFollow follow = {
                .kernels = kernels,
                .n_kernels = n_kernels,
                .before = (char *const *) before,
        };
        Failure failure = {};
        int r = grub_follow_kernels(text, &follow, &followed, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -ENOEXEC || r == -E2BIG);
        if (r < 0)
                return 0;
        r = grub_script_parse(followed, &script, /* reterr= */ NULL);
        fuzz_check(r == 0 || r == -E2BIG);
        if (r == 0 && make_live(text, n_kernels) == 0) {
                r = make_live(followed, n_kernels);
                fuzz_check(r == 0 || r == -E2BIG);
        }
        return 0;
}
