/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A menu that follows the kernels: which entries come, where and with which words, and which go. */

#include "tests/lib/test.h"

#include <stdlib.h>

#include "common/strings.h"
#include "liveos/grub-kernels.h"

/* Entries as grub-mkconfig writes them, of the version X. */
#define ENTRY(title, x)                                                \
        "menuentry '" title "' --class os {\n\techo 'Loading " x "'\n" \
        "\tlinux /vmlinuz-" x " root=UUID=1 ro\n\tinitrd /ucode /initrd-" x "\n}\n"
#define MADE(title, x)                                                 \
        "menuentry '" title "' --class os {\n\techo 'Loading " x "'\n" \
        "\tlinux /boot/vmlinuz-" x " root=UUID=1 ro\n\tinitrd /boot/initrd-" x "\n}"
#define SUBMENU(entries) "submenu 'Advanced' {\n" entries "}\n"

static const struct {
        const char *name;
        const char *kernels; /* those that are there, newest first */
        const char *before;
        const char *text;
        const char *expected; /* NULL: the text itself */
} rows[] = {
        { "as before", "6.1-2 6.1-1", "6.1-2 6.1-1", ENTRY("Debian", "6.1-2"), NULL },
        { "no entry", "6.1-2", "6.1-1", "set timeout=0\nlinux /vmlinuz-6.1-1\n", NULL },
        { "other systems stay",
          "6.1-2",
          "6.1-2",
          ENTRY("Debian", "6.1-2") ENTRY("Other", "5.0") "menuentry Firmware { fwsetup; }\n",
          NULL },
        { "newer comes first",
          "6.1-10 6.1-2",
          "6.1-2",
          "set default=0\n" ENTRY("Debian", "6.1-2") SUBMENU(ENTRY("Debian, with 6.1-2", "6.1-2")),
          "set default=0\n" MADE("Debian, with Linux 6.1-10", "6.1-10") "\n" ENTRY(
                          "Debian",
                          "6.1-2") SUBMENU(ENTRY("Debian, with 6.1-2", "6.1-2")) },
        { "older comes behind",
          "6.1-10 6.1-2 6.1-1",
          "6.1-10",
          ENTRY("Debian", "6.1-10") SUBMENU(ENTRY("With 6.1-10", "6.1-10")) "set a=b\n",
          ENTRY("Debian", "6.1-10") "submenu 'Advanced' {\n" ENTRY("With 6.1-10", "6.1-10") "}\n" MADE(
                          "Debian, with Linux 6.1-2",
                          "6.1-2") "\n" MADE("Debian, with Linux 6.1-1", "6.1-1") "\nset a=b\n" },
        { "another one takes its place",
          "6.1-10",
          "6.1-1",
          ENTRY("Linux 6.1-1", "6.1-1") SUBMENU(ENTRY("a", "6.1-1") ENTRY("b", "6.1-1")),
          MADE("Linux 6.1-10", "6.1-10") "\ntrue\ntrue\n" },
        { "of two the older goes",
          "6.1-10",
          "6.1-10 6.1-1",
          ENTRY("Debian", "6.1-10") SUBMENU(ENTRY("a", "6.1-10") ENTRY("b", "6.1-1")),
          ENTRY("Debian", "6.1-10") SUBMENU(ENTRY("a", "6.1-10") "true\n") },
        { "a submenu stays that starts one by itself",
          "6.1-10",
          "6.1-10 6.1-1",
          ENTRY("Debian", "6.1-10") SUBMENU(ENTRY("b", "6.1-1") "linux /vmlinuz-6.1-10\n"),
          ENTRY("Debian", "6.1-10") SUBMENU("true\nlinux /vmlinuz-6.1-10\n") },
        { "what follows a brace at once",
          "6.1-10",
          "6.1-10 6.1-1",
          ENTRY("Debian", "6.1-10") "menuentry b { linux /vmlinuz-6.1-1; }# it's old\nset a=b\n"
                                    "menuentry b { linux /vmlinuz-6.1-1; } # old\n"
                                    "menuentry b { linux /vmlinuz-6.1-1; } set c=d\n"
                                    "if true; then menuentry b { linux /vmlinuz-6.1-1; } ; fi\n",
          ENTRY("Debian", "6.1-10") "true;# it's old\nset a=b\n"
                                    "true # old\n"
                                    "true; set c=d\n"
                                    "if true; then true ; fi\n" },
        { "in a submenu alone",
          "6.1-2 6.1-1",
          "6.1-1",
          SUBMENU(ENTRY("With 6.1-1", "6.1-1")),
          MADE("With 6.1-2", "6.1-2") "\n" SUBMENU(ENTRY("With 6.1-1", "6.1-1")) },
        { "the link means the newest",
          "6.1-2 6.1-1",
          "6.1-1",
          "menuentry a {\n linux /vmlinuz\n}\n",
          NULL },
        { "one without an entry was so before",
          "6.1-2 6.1-1",
          "6.1-2 6.1-1",
          ENTRY("Debian", "6.1-2"),
          NULL },
        { "all but the one with the entry are left",
          "6.1-2 6.1-1",
          "6.1-3 6.1-2 6.1-1",
          ENTRY("Debian", "6.1-3"),
          MADE("Debian, with Linux 6.1-2",
               "6.1-2") "\n" MADE("Debian, with Linux 6.1-1", "6.1-1") "\ntrue\n" },
        { "versions are compared whole",
          "6.1-2 6.1-20",
          "6.1-2",
          ENTRY("With 6.1-2 not 6.1-20 or 16.1-2", "6.1-2"),
          ENTRY("With 6.1-2 not 6.1-20 or 16.1-2", "6.1-2")
                          MADE("With 6.1-20 not 6.1-20 or 16.1-2", "6.1-20") "\n" },
        { "no initrd, no title's version, quotes",
          "6.1-2 6.1-1",
          "6.1-1",
          "menuentry \"it's $x\" { linux16 /a/vmlinuz-6.1-1 a; }",
          "menuentry \"it's $x\" { linux16 /boot/vmlinuz-6.1-2 a; }\n"
          "menuentry \"it's $x\" { linux16 /a/vmlinuz-6.1-1 a; }" },
};

typedef struct List {
        char **versions;
        char **paths;
        GrubKernel items[4];
        size_t n_items;
} List;

static void list_init(List *list, const char *text) {
        *list = (List){ .versions = strv_split(text, " ") };
        STRV_FOREACH(version, list->versions) {
                assert_ok(strv_append_take(&list->paths, str_printf("/boot/vmlinuz-%s", *version)));
                assert_ok(strv_append_take(&list->paths, str_printf("/boot/initrd-%s", *version)));
        }
        for (; list->versions[list->n_items]; list->n_items++)
                list->items[list->n_items] = (GrubKernel){
                        .version = list->versions[list->n_items],
                        .vmlinuz = list->paths[2 * list->n_items],
                        .initrd = list->paths[2 * list->n_items + 1],
                };
}

TEST_ROWS(follow, ELEMENTSOF(rows)) {
        _cleanup_strv_ char **before = strv_split(rows[_i].before, " ");
        _cleanup_free_ char *text = NULL;
        Failure failure = {};
        List list;
        GrubFollow follow;

        list_init(&list, rows[_i].kernels);
        follow = (GrubFollow){ .kernels = list.items, .n_kernels = list.n_items, .before = before };
        assert_ok(grub_follow_kernels(rows[_i].text, &follow, &text, &failure));
        ck_assert_msg(str_equal(text, rows[_i].expected ? rows[_i].expected : rows[_i].text),
                      "%s:\n%s",
                      rows[_i].name,
                      text);
        strv_free(list.versions);
        strv_free(list.paths);
}

TEST(broken_text)
{
        static const GrubKernel kernel = { "1", "/k", "/i" };
        const GrubFollow follow = { .kernels = &kernel, .n_kernels = 1 };
        char *text = NULL;
        Failure failure = {};

        assert_errno(grub_follow_kernels("menuentry a {", &follow, &text, &failure), -ENOEXEC);
        assert_failure(&failure, "block is not closed");
}
