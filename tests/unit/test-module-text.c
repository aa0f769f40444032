/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of modprobe.d and modules-load.d. */

#include "common/strings.h"
#include "liveos/module-text.h"
#include "tests/lib/test.h"

typedef enum Edit { ADD, DROP, SET } Edit;

static const struct {
        Edit edit;
        const char *text, *directive, *module, *result;
} edits[] = {
        { ADD, "", "blacklist", "kvm", "blacklist kvm\n" },
        { ADD, "blacklist kvm", "blacklist", "kvm", "blacklist kvm" },
        { ADD, "#a\nblacklist kvm_x", "blacklist", "kvm", "#a\nblacklist kvm_x\nblacklist kvm\n" },
        { ADD, " blacklist\tkvm-x \n", "blacklist", "kvm_x", " blacklist\tkvm-x \n" },
        { ADD, "#kvm\nkvm x\n", "", "kvm", "#kvm\nkvm x\nkvm\n" },
        { ADD, "kvm\r\n", "", "kvm", "kvm\r\n" },
        { DROP, "a\nblacklist kvm\nb\nblacklist kvm\n", "blacklist", "kvm", "a\nb\n" },
        { DROP,
          "#blacklist kvm\noptions kvm a\n",
          "blacklist",
          "kvm",
          "#blacklist kvm\noptions kvm a\n" },
        { DROP, "kvm\nkvm-intel\nkvm_intel", "", "kvm_intel", "kvm\n" },
        { DROP, "", "", "kvm", "" },
        { SET, "", NULL, "kvm", "options kvm a=1 b=2\n" },
        { SET,
          "options kvm a=9 c\nx\noptions kvm d=4",
          NULL,
          "kvm",
          "x\noptions kvm c d=4 a=1 b=2\n" },
        { SET,
          "options kvm_amd a=9\noptions\noptions kvm\n",
          NULL,
          "kvm",
          "options kvm_amd a=9\noptions\noptions kvm a=1 b=2\n" },
};

TEST_ROWS(edits, ELEMENTSOF(edits)) {
        char *options[] = { (char *) "a=1", (char *) "b=2", NULL };
        const char *text = edits[_i].text, *module = edits[_i].module;
        _cleanup_free_ char *result = NULL, *again = NULL;

        if (edits[_i].edit == ADD) {
                assert_ok(module_text_add(text, edits[_i].directive, module, &result));
                assert_ok(module_text_add(result, edits[_i].directive, module, &again));
                ck_assert(module_text_has(result, edits[_i].directive, module));
        } else if (edits[_i].edit == DROP) {
                assert_ok(module_text_drop(text, edits[_i].directive, module, &result));
                assert_ok(module_text_drop(result, edits[_i].directive, module, &again));
                ck_assert(!module_text_has(result, edits[_i].directive, module));
        } else {
                assert_ok(module_text_set_options(text, module, options, &result));
                assert_ok(module_text_set_options(result, module, options, &again));
        }
        ck_assert_str_eq(result, edits[_i].result);
        ck_assert_str_eq(again, result);
}
