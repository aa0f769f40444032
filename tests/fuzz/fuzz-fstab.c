/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* fstab of the image: whatever it says, a mount point stays below the root. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "liveos/fstab.h"

static void check_entry(const Fstab *fstab, const FstabEntry *entry) {
        _cleanup_free_ char *value = NULL;

        fuzz_check(entry->spec && entry->type && entry->options);
        fuzz_check(str_equal(entry->path, "none") || entry->path[0] == '/');
        fuzz_check(!strstr(entry->path, "//") && !strstr(entry->path, "/./"));
        fuzz_check(!strstr(entry->path, "/../") && !str_has_suffix(entry->path, "/.."));
        fuzz_check(str_equal(entry->path, "/") || !str_has_suffix(entry->path, "/"));
        fuzz_check(fstab_find(fstab, entry->path));
        fuzz_check(fstab_entry_option(entry, "subvol", &value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_string(data, size);
        _cleanup_fstab_ Fstab fstab = {};
        Failure failure = {};
        int r = fstab_parse(text, &fstab, &failure);

        fuzz_check_result(r, &failure, FUZZ_SENTENCE);
        fuzz_check(r == 0 || r == -ENOEXEC || r == -E2BIG);
        fuzz_check(fstab.n_items <= FSTAB_MAX_ENTRIES);
        for (size_t i = 0; r >= 0 && i < fstab.n_items; i++)
                check_entry(&fstab, &fstab.items[i]);
        return 0;
}
