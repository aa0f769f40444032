/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * grub.cfg: words, edits, and the whole transformation of the samples in tests/data/grub. A sample's
 * results lie beside it; PXED_TEST_ACCEPT=1 writes them anew, for reading in a diff.
 */

#include "tests/lib/test.h"

#include <fcntl.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/grub-edit.h"
#include "liveos/grub-live.h"
#include "liveos/grub-words.h"

/* Words are separated by '|' here, commands by '/'. */
static char *describe(const GrubScript *script) {
        _cleanup_strv_ char **commands = NULL;

        for (size_t i = 0; i < script->n_commands; i++) {
                const GrubCommand *command = &script->commands[i];
                _cleanup_strv_ char **words = NULL;

                for (size_t k = 0; k < command->n_words; k++)
                        assert_ok(strv_append(&words, script->words[command->first + k].value));
                assert_ok(strv_append_take(&commands, strv_join(words, "|")));
        }
        return strv_join(commands, "/");
}

static const struct {
        const char *text;
        const char *words;
} word_rows[] = {
        { "", "" },
        { "  \n\t\n", "" },
        { "linux /vmlinuz ro", "linux|/vmlinuz|ro" },
        { "a;b\nc&&d||e", "a/b/c/d/e" },
        { "# a comment\na # another ' one\nb#c", "a/b#c" },
        { "a 'b c' \"d e\"f", "a|b c|d ef" },
        { "a ''", "a|" },
        { "a b\\ c \\'", "a|b c|'" },
        { "a 'b\\'c", "a|b\\c" },
        { "a \"b\\\"c\\$d\\\\e\\f\"", "a|b\"c$d\\e\\f" },
        { "a \\\n b\\\nc \"d\\\ne\"", "a|bc|de" },
        { "a 'b\nc'", "a|b\nc" },
        { "a $x ${y}z \"$1 $?\"", "a|$x|${y}z|$1 $?" },
        { "a $\"b c\"", "a|b c" },
        { "if [ x$y = xz ]; then a; else b; fi", "[|x$y|=|xz|]/a/b/fi" },
        { "if ! a; then while b; do c; done", "a/b/c/done" },
        { "menuentry 'x' { a; }", "menuentry|x/a" },
        { "function f { a\n}", "function|f/a" },
        { "a\r\nb c\r\n", "a/b|c" },
        { "a\r\nb c\r", "a/b|c" },
        { "a b\r;c\rd\r\r\ne", "a|b/c\rd/e" },
        { "a $", "a|$" },
        { "a \\", "a" },
        { "set root='hd0,gpt2'", "set|root=hd0,gpt2" },
};

TEST_ROWS(words, ELEMENTSOF(word_rows)) {
        _cleanup_grub_script_ GrubScript script = {};
        _cleanup_free_ char *words = NULL;

        assert_ok(grub_script_parse(word_rows[_i].text, &script, NULL));
        words = describe(&script);
        ck_assert_str_eq(words, word_rows[_i].words);
}

TEST(places_and_lines)
{
        static const char text[] = "a 'b c'\n\n  if d; then \"e\"$f; fi # g\n";
        static const struct {
                const char *raw;
                size_t variable_at;
        } expected[] = {
                { "a", SIZE_MAX },    { "'b c'", SIZE_MAX }, { "if", SIZE_MAX }, { "d", SIZE_MAX },
                { "then", SIZE_MAX }, { "\"e\"$f", 1 },      { "fi", SIZE_MAX },
        };
        static const unsigned lines[] = { 1, 3, 3, 3 };
        _cleanup_grub_script_ GrubScript script = {};

        assert_ok(grub_script_parse(text, &script, NULL));
        ck_assert_uint_eq(script.n_words, ELEMENTSOF(expected));
        for (size_t i = 0; i < script.n_words; i++) {
                const GrubWord *word = &script.words[i];
                _cleanup_free_ char *raw = strndup(text + word->begin, word->end - word->begin);

                ck_assert_str_eq(raw, expected[i].raw);
                ck_assert_uint_eq(word->variable_at, expected[i].variable_at);
        }
        ck_assert_uint_eq(script.n_commands, ELEMENTSOF(lines));
        for (size_t i = 0; i < script.n_commands; i++)
                ck_assert_uint_eq(script.commands[i].line, lines[i]);
}

TEST(entries)
{
        static const size_t expected[] = {
                GRUB_NO_ENTRY,
                GRUB_NO_ENTRY, /* submenu, its menuentry */
                0,
                0,
                0,             /* a, if, b */
                GRUB_NO_ENTRY, /* menuentry */
                1,
                GRUB_NO_ENTRY, /* c, d */
        };
        _cleanup_grub_script_ GrubScript script = {};

        assert_ok(grub_script_parse(
                        "submenu s {\nmenuentry 1 {\na; if x; then b; fi\n}\nmenuentry 2 { c }\n}\nd",
                        &script,
                        NULL));
        /* `fi` is a command for this reader, too; it stands in entry 0. */
        ck_assert_uint_eq(script.n_entries, 2);
        ck_assert_uint_eq(script.n_commands, ELEMENTSOF(expected) + 1);
        for (size_t i = 0, k = 0; i < script.n_commands; i++)
                if (!grub_command_is(&script, &script.commands[i], "fi"))
                        ck_assert_uint_eq(script.commands[i].entry, expected[k++]);
}

static const struct {
        const char *text;
        const char *message;
} broken_rows[] = {
        { "a\nb 'c", "line 2: the single quote is not closed" },
        { "a\n\nb \"c\nd", "line 3: the double quote is not closed" },
        { "menuentry x {\na\n", "line 3: the last block is not closed" },
        { "a\n}\n", "line 2: a block is closed that was not opened" },
};

TEST_ROWS(broken_text, ELEMENTSOF(broken_rows)) {
        GrubScript script = {};
        Failure failure = {};

        assert_errno(grub_script_parse(broken_rows[_i].text, &script, &failure), -ENOEXEC);
        assert_failure(&failure, broken_rows[_i].message);
}

TEST(bounds)
{
        _cleanup_free_ char *words = malloc(GRUB_TEXT_MAX_BYTES + 2), *deep = NULL;
        GrubScript script = {};
        Failure failure = {};

        for (size_t i = 0; i < GRUB_TEXT_MAX_BYTES; i++)
                words[i] = i % 2 ? ' ' : 'a';
        words[GRUB_TEXT_MAX_BYTES] = '\0';
        assert_errno(grub_script_parse(words, &script, &failure), -E2BIG);
        assert_failure(&failure, "too many words");
        strcpy(words + GRUB_TEXT_MAX_BYTES, "a");
        assert_errno(grub_script_parse(words, &script, &failure), -E2BIG);
        assert_failure(&failure, "more than 1048576 bytes");
        deep = strndup(memset(words, '{', 1000), GRUB_DEPTH_MAX + 1);
        assert_errno(grub_script_parse(deep, &script, &failure), -E2BIG);
        assert_failure(&failure, "too many blocks in one another");
}

static const struct {
        const char *value;
        const char *quoted;
} quote_rows[] = {
        { "ro", "ro" },
        { "root=live:LABEL=CDROM", "root=live:LABEL=CDROM" },
        { "root=live:http://h:8/a.iso?b&c", "'root=live:http://h:8/a.iso?b&c'" },
        { "", "''" },
        { "a b", "'a b'" },
        { "$x", "'$x'" },
        { "it's", "'it'\\''s'" },
        { "#", "'#'" },
        { "a\\b\"c", "'a\\b\"c'" },
};

TEST_ROWS(quote, ELEMENTSOF(quote_rows)) {
        _cleanup_free_ char *quoted = grub_quote(quote_rows[_i].value);

        ck_assert_str_eq(quoted, quote_rows[_i].quoted);
}

/* Text of all that means something to GRUB, and of words of it. */
static void random_value(unsigned *seed, char *ret, size_t size) {
        static const char *const pieces[] = {
                "a",    " ",        "\t",   "\n",   "'",    "\"",    "\\",         "$",
                "#",    "{",        "}",    "|",    "&",    ";",     "<",          ">",
                "*",    "?",        "[",    "]",    "=",    "!",     "~",          "\x01",
                "\x7f", "\xc3\xa4", "\r\n", "\\\n", "${x}", "'\\''", "menuentry ", "; linux ",
        };
        size_t n;

        *ret = '\0';
        *seed = *seed * 1103515245U + 12345U;
        for (n = (*seed >> 16) % 12; n > 0; n--) {
                *seed = *seed * 1103515245U + 12345U;
                if (strlen(ret) + 16 < size)
                        strcat(ret, pieces[(*seed >> 16) % ELEMENTSOF(pieces)]);
        }
}

/* The text has these words and no others, and no variables. */
static void check_words(const char *text, const char *const *words, size_t n_words) {
        _cleanup_grub_script_ GrubScript script = {};

        assert_ok(grub_script_parse(text, &script, NULL));
        ck_assert_uint_eq(script.n_words, n_words);
        for (size_t i = 0; i < n_words; i++) {
                ck_assert_str_eq(script.words[i].value, words[i]);
                ck_assert_uint_eq(script.words[i].variable_at, SIZE_MAX);
        }
}

/* Whatever is quoted is read back as one word of the same value, without variables, and what stands
 * around it stays what it was. */
TEST(grub_quote_roundtrip)
{
        unsigned seed = 1;

        for (unsigned round = 0; round < 20000; round++) {
                _cleanup_free_ char *quoted = NULL, *text = NULL;
                char value[128];

                random_value(&seed, value, sizeof(value));
                quoted = grub_quote(value);
                text = str_printf("menuentry %s { linux %s after; }", quoted, quoted);
                check_words(text,
                            (const char *const[]){ "menuentry", value, "linux", value, "after" },
                            5);
        }
}

/* The same by the two ways that lead from a user into a menu: the volume's label and the kernel
 * arguments, of which GRUB's language must make nothing but arguments. */
TEST(nothing_breaks_out_of_its_word)
{
        static const GrubKernel kernel = { "1", "/k", "/i" };
        unsigned seed = 7, n_made = 0;

        for (unsigned round = 0; round < 20000; round++) {
                _cleanup_free_ char *redirector = NULL, *live = NULL;
                _cleanup_grub_script_ GrubScript script = {}, menu = {};
                char value[128], *arguments[] = { value, NULL };
                const GrubLive wish = { .medium = MEDIUM_ISO,
                                        .label = value,
                                        .root = value,
                                        .arguments = arguments,
                                        .kernels = &kernel,
                                        .n_kernels = 1 };

                random_value(&seed, value, sizeof(value));
                redirector = grub_make_redirector(value);
                assert_ok(grub_script_parse(redirector, &script, NULL));
                ck_assert_uint_eq(script.n_commands, 3);
                ck_assert_str_eq(script.words[3].value, value);
                if (grub_make_live("menuentry x {\n\tlinux /vmlinuz-1 ro\n\tinitrd /i\n}\n",
                                   &wish,
                                   &live,
                                   NULL) < 0)
                        continue;
                n_made++;
                assert_ok(grub_script_parse(live, &menu, NULL));
                ck_assert_uint_eq(menu.n_commands, 3);
                ck_assert_uint_eq(menu.n_entries, 1);
                for (size_t i = 0; i < menu.n_words; i++)
                        ck_assert_uint_eq(menu.words[i].variable_at, SIZE_MAX);
        }
        ck_assert_uint_gt(n_made, 5000);
}

TEST(edits)
{
        _cleanup_grub_edits_ GrubEdits edits = {};
        _cleanup_free_ char *text = NULL, *same = NULL;

        assert_ok(grub_edits_apply(&edits, "unchanged", &same));
        ck_assert_str_eq(same, "unchanged");
        assert_ok(grub_edits_add(&edits, 8, 11, strdup("C")));
        assert_ok(grub_edits_add(&edits, 3, 3, strdup("1")));
        assert_ok(grub_edits_add(&edits, 3, 4, strdup("")));
        assert_ok(grub_edits_add(&edits, 3, 3, strdup("2")));
        assert_ok(grub_edits_add(&edits, 11, 11, strdup("!")));
        assert_ok(grub_edits_apply(&edits, "one two ten", &text));
        ck_assert_str_eq(text, "one12two C!");
}

TEST(edits_overlap)
{
        _cleanup_grub_edits_ GrubEdits overlap = {}, outside = {};
        char *text = NULL;

        assert_ok(grub_edits_add(&overlap, 0, 3, strdup("")));
        assert_ok(grub_edits_add(&overlap, 2, 4, strdup("")));
        assert_errno(grub_edits_apply(&overlap, "abcdef", &text), -EINVAL);
        assert_ok(grub_edits_add(&outside, 5, 7, strdup("")));
        assert_errno(grub_edits_apply(&outside, "abcdef", &text), -EINVAL);
        assert_errno(grub_edits_add(&outside, 0, 0, NULL), -ENOMEM);
}

/* The wishes. */
static const GrubKernel one_kernel[] = {
        { "6.1.0-56-cloud-amd64", "/boot/vmlinuz", "/boot/initrd.img" },
};
static const GrubKernel two_kernels[] = {
        { "6.1.0-18-amd64", "/boot/vmlinuz-6.1.0-18-amd64", "/boot/initrd.img-6.1.0-18-amd64" },
        { "6.1.0-13-amd64", "/boot/vmlinuz-6.1.0-13-amd64", "/boot/initrd.img-6.1.0-13-amd64" },
};
static char *const live_arguments[] = {
        (char *) "console=ttyS0,115200 quiet",  (char *) "rd.live.image",
        (char *) "rd.live.dir=liveos",          (char *) "rd.live.squashimg=rootfs.img",
        (char *) "rd.live.overlay.overlayfs=1", NULL,
};
static char *const pxe_arguments[] = {
        (char *) "rd.live.image",
        (char *) "rd.live.dir=liveos",
        (char *) "rd.live.squashimg=rootfs.img",
        (char *) "rd.live.overlay.overlayfs=1",
        (char *) "ip=dhcp",
        (char *) "rd.neednet=1",
        (char *) "note=\"two words\"",
        NULL,
};

static const struct {
        const char *sample;
        const char *result; /* what comes behind the sample's name */
        const GrubKernel *kernels;
        size_t n_kernels;
        MediumKind medium;
        const char *root;
        char *const *arguments;
} samples[] = {
        { "debian", "iso", one_kernel, 1, MEDIUM_ISO, "live:LABEL=CDROM", live_arguments },
        { "debian", "pxe", one_kernel, 1, MEDIUM_PXE, "live:http://h/image.iso", pxe_arguments },
        { "debian", "full-os", one_kernel, 1, MEDIUM_PXE, NULL, NULL },
        { "azurelinux", "iso", one_kernel, 1, MEDIUM_ISO, "live:LABEL=CDROM", live_arguments },
        { "azurelinux",
          "pxe",
          one_kernel,
          1,
          MEDIUM_PXE,
          "live:http://h/image.iso?a&b",
          pxe_arguments },
        { "azurelinux", "full-os", one_kernel, 1, MEDIUM_ISO, NULL, NULL },
        { "desktop", "iso", two_kernels, 2, MEDIUM_ISO, "live:LABEL=CDROM", live_arguments },
        { "desktop", "pxe", two_kernels, 2, MEDIUM_PXE, "live:tftp://h/image.iso", pxe_arguments },
        { "plain", "iso", one_kernel, 1, MEDIUM_ISO, "live:LABEL=CDROM", live_arguments },
        { "plain", "pxe", one_kernel, 1, MEDIUM_PXE, "live:http://h/image.iso", pxe_arguments },
};

static int samples_open(void) {
        const char *data = getenv("PXED_TEST_DATA");
        _cleanup_free_ char *folder = NULL;
        int fd;

        ck_assert_msg(data, "PXED_TEST_DATA must name tests/data");
        folder = str_printf("%s/grub", data);
        fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        return fd;
}

static char *sample_read(const char *name) {
        _cleanup_close_ int folder_fd = samples_open();
        char *text = NULL;
        size_t size;

        assert_ok(fs_read_in_root(folder_fd, name, GRUB_TEXT_MAX_BYTES, &text, &size));
        return text;
}

static GrubLive sample_wish(int i) {
        return (GrubLive){
                .medium = samples[i].medium,
                .label = "CDROM",
                .root = samples[i].root,
                .arguments = samples[i].arguments,
                .kernels = samples[i].kernels,
                .n_kernels = samples[i].n_kernels,
        };
}

TEST_ROWS(sample, ELEMENTSOF(samples)) {
        _cleanup_free_ char *name = str_printf("%s.cfg", samples[_i].sample),
                            *result_name = str_printf(
                                            "%s-%s.cfg",
                                            samples[_i].sample,
                                            samples[_i].result),
                            *text = sample_read(name), *live = NULL, *expected = NULL;
        GrubLive wish = sample_wish(_i);
        Failure failure = {};

        ck_assert_msg(grub_make_live(text, &wish, &live, &failure) >= 0, "%s", failure.message);
        if (getenv("PXED_TEST_ACCEPT")) {
                _cleanup_close_ int folder_fd = samples_open();

                assert_ok(fs_write_in_root(folder_fd, result_name, live, strlen(live), 0644));
        }
        expected = sample_read(result_name);
        ck_assert_str_eq(live, expected);
}

TEST_ROWS(again_changes_nothing, ELEMENTSOF(samples)) {
        _cleanup_free_ char *name = str_printf("%s.cfg", samples[_i].sample),
                            *text = sample_read(name), *once = NULL, *twice = NULL;
        GrubLive wish = sample_wish(_i);

        assert_ok(grub_make_live(text, &wish, &once, NULL));
        assert_ok(grub_make_live(once, &wish, &twice, NULL));
        ck_assert_str_eq(once, twice);
}

/* Any live menu can be turned into any other of the same medium, as if it had never been live. */
TEST(old_live_arguments_go)
{
        GrubLive bootstrap = sample_wish(0), full_os = bootstrap;
        _cleanup_free_ char *text = sample_read("debian.cfg"), *direct = NULL, *live = NULL,
                            *back = NULL;
        char *none[] = { NULL };

        full_os.root = NULL;
        full_os.arguments = none;
        assert_ok(grub_make_live(text, &full_os, &direct, NULL));
        bootstrap.arguments = pxe_arguments;
        assert_ok(grub_make_live(text, &bootstrap, &live, NULL));
        assert_ok(grub_make_live(live, &full_os, &back, NULL));
        ck_assert_ptr_null(strstr(back, "rd.live"));
        ck_assert_ptr_null(strstr(back, "root=live"));
}

/* One line each: text and the line that comes out. */
static char *const extra[] = { (char *) "a=1", (char *) "b", NULL };
static const struct {
        const char *text;
        const char *root;
        const char *live;
} line_rows[] = {
        { "linux /vmlinuz-1 ro\ninitrd /i",
          "live:X",
          "linux /boot/vmlinuz ro root=live:X a=1 b\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1\ninitrd /i",
          "live:X",
          "linux /boot/vmlinuz root=live:X a=1 b\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 root=$x ro\ninitrd /i",
          "live:X",
          "linux /boot/vmlinuz root=live:X ro a=1 b\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 root=a ro root=b\ninitrd /i",
          "live:X",
          "linux /boot/vmlinuz root=live:X ro a=1 b\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 root=a ro root=b\ninitrd /i",
          NULL,
          "linux /boot/vmlinuz ro a=1 b\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 root=a\ninitrd /i",
          NULL,
          "linux /boot/vmlinuz a=1 b\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 b ro a=1\ninitrd /i",
          NULL,
          "linux /boot/vmlinuz ro a=1 b\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 ro a=1 b\ninitrd /i",
          "live:X",
          "linux /boot/vmlinuz ro root=live:X a=1 b\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 a=1 b $kernelopts\ninitrd /i",
          "live:X",
          "linux /boot/vmlinuz root=live:X a=1 b $kernelopts\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 a=2 ro\ninitrd /i",
          NULL,
          "linux /boot/vmlinuz a=2 ro a=1 b\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 ro $kernelopts\ninitrd /i",
          NULL,
          "linux /boot/vmlinuz ro a=1 b $kernelopts\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 $kernelopts x\ninitrd /i",
          "live:X",
          "linux /boot/vmlinuz root=live:X a=1 b $kernelopts x\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 ro # x\ninitrd /i",
          NULL,
          "linux /boot/vmlinuz ro a=1 b # x\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 \"$x\"oot=1\ninitrd /i",
          NULL,
          "linux /boot/vmlinuz \"$x\"oot=1 a=1 b\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 resume=/dev/sda2 ro\ninitrd /i",
          NULL,
          "linux /boot/vmlinuz ro a=1 b\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 rootflags=subvol=@ rootfstype=btrfs\ninitrd /i",
          NULL,
          "linux /boot/vmlinuz a=1 b\ninitrd /boot/initrd.img" },
        { "linux /vmlinuz-1 rd.lvm.lv=a/b rd.luks.uuid=c mount.usr=/d rd.lvm=0 luks.x\ninitrd /i",
          NULL,
          "linux /boot/vmlinuz rd.lvm=0 luks.x a=1 b\ninitrd /boot/initrd.img" },
        { "linux16 (hd0,1)/@/boot/vmlinuz-1 x\ninitrd16 /u /i",
          NULL,
          "linux16 /boot/vmlinuz x a=1 b\ninitrd16 /boot/initrd.img" },
        { "linuxefi /vmlinuz x",
          NULL,
          "linuxefi /boot/vmlinuz x a=1 b\ninitrdefi /boot/initrd.img" },
        { "\tlinux /vmlinuz x\nboot",
          NULL,
          "\tlinux /boot/vmlinuz x a=1 b\n\tinitrd /boot/initrd.img\nboot" },
        { "if [ -f /i ]; then linux /vmlinuz-1; initrd /i; fi",
          NULL,
          "if [ -f /boot/initrd.img ]; then linux /boot/vmlinuz a=1 b; initrd /boot/initrd.img; fi" },
        { "set root='hd0,1'\nlinux /vmlinuz-1\ninitrd /i",
          NULL,
          "set root=\"$root\"\nlinux /boot/vmlinuz a=1 b\ninitrd /boot/initrd.img" },
        { "root=hd0,1\nlinux /vmlinuz-1\ninitrd /i",
          NULL,
          "root=\"$root\"\nlinux /boot/vmlinuz a=1 b\ninitrd /boot/initrd.img" },
        { "set root=$d\nlinux /vmlinuz-1\ninitrd /i",
          NULL,
          "set root=$d\nlinux /boot/vmlinuz a=1 b\ninitrd /boot/initrd.img" },
};

TEST_ROWS(line, ELEMENTSOF(line_rows)) {
        static const GrubKernel kernel = { "1", "/boot/vmlinuz", "/boot/initrd.img" };
        GrubLive wish = { .medium = MEDIUM_ISO,
                          .label = "CDROM",
                          .root = line_rows[_i].root,
                          .arguments = extra,
                          .kernels = &kernel,
                          .n_kernels = 1 };
        _cleanup_free_ char *live = NULL, *again = NULL;
        Failure failure = {};

        ck_assert_msg(grub_make_live(line_rows[_i].text, &wish, &live, &failure) >= 0,
                      "%s",
                      failure.message);
        ck_assert_str_eq(live, line_rows[_i].live);
        assert_ok(grub_make_live(live, &wish, &again, NULL));
        ck_assert_str_eq(again, live);
}

static const struct {
        const char *search;
        const char *iso;
        const char *pxe;
} search_rows[] = {
        { "search --no-floppy --fs-uuid --set=root U-1",
          "search --no-floppy --label MY_ISO --set=root",
          "set root=\"$root\"" },
        { "search --set=dev --label X",
          "search --no-floppy --label MY_ISO --set=dev",
          "set dev=\"$dev\"" },
        { "search --set dev --fs-uuid U-1",
          "search --no-floppy --label MY_ISO --set=dev",
          "set dev=\"$dev\"" },
        { "search --label CDROM --set root",
          "search --no-floppy --label MY_ISO --set=root",
          "set root=\"$root\"" },
        { "search --label --set CDROM",
          "search --no-floppy --label MY_ISO --set=root",
          "set root=\"$root\"" },
        { "search -n -u U-1 -s",
          "search --no-floppy --label MY_ISO --set=root",
          "set root=\"$root\"" },
        { "search -f /x", "search --no-floppy --label MY_ISO --set=root", "set root=\"$root\"" },
        { "search.fs_label X dev hd0,gpt2",
          "search --no-floppy --label MY_ISO --set=dev",
          "set dev=\"$dev\"" },
        { "search.file /x", "search --no-floppy --label MY_ISO --set=root", "set root=\"$root\"" },
        { "research x", "research x", "research x" },
};

TEST_ROWS(search, ELEMENTSOF(search_rows)) {
        static const GrubKernel kernel = { "1", "/vmlinuz-1", "/i" };
        GrubLive wish = { .medium = MEDIUM_ISO,
                          .label = "MY_ISO",
                          .kernels = &kernel,
                          .n_kernels = 1 };
        _cleanup_free_ char *text = str_printf(
                                            "%s\nlinux /vmlinuz-1\ninitrd /i\n",
                                            search_rows[_i].search),
                            *iso = NULL, *pxe = NULL;

        assert_ok(grub_make_live(text, &wish, &iso, NULL));
        ck_assert_int_eq(strncmp(iso, search_rows[_i].iso, strlen(search_rows[_i].iso)), 0);
        ck_assert_str_eq(iso + strlen(search_rows[_i].iso), "\nlinux /vmlinuz-1\ninitrd /i\n");
        wish.medium = MEDIUM_PXE;
        assert_ok(grub_make_live(text, &wish, &pxe, NULL));
        ck_assert_int_eq(strncmp(pxe, search_rows[_i].pxe, strlen(search_rows[_i].pxe)), 0);
}

static char *const with_root[] = { (char *) "quiet root=/dev/sda", NULL };
static char *const with_quote[] = { (char *) "a=\"b", NULL };
static const struct {
        const char *text;
        char *const *arguments;
        int error;
        const char *message;
} failure_rows[] = {
        { "set default=0\n", NULL, -ENOENT, "has no 'linux' command, so it starts no kernel" },
        { "linux /vmlinuz-2 x\n",
          NULL,
          -ENOENT,
          "No menu entry of the image's grub.cfg starts its kernel (linux …/vmlinuz-1)" },
        { "linux\n", NULL, -ENOENT, "No menu entry" },
        { "linux '/vmlinuz-1\n", NULL, -ENOEXEC, "line 1: the single quote is not closed" },
        { "linux /vmlinuz-1\n",
          with_root,
          -EINVAL,
          "The kernel argument 'root=/dev/sda' cannot be set" },
        { "linux /vmlinuz-1\n", with_quote, -EINVAL, "a double quote that is not closed" },
};

TEST_ROWS(failures, ELEMENTSOF(failure_rows)) {
        static const GrubKernel kernel = { "1", "/boot/vmlinuz", "/boot/initrd.img" };
        GrubLive wish = { .medium = MEDIUM_ISO,
                          .label = "CDROM",
                          .arguments = failure_rows[_i].arguments,
                          .kernels = &kernel,
                          .n_kernels = 1 };
        char *live = NULL;
        Failure failure = {};

        assert_errno(grub_make_live(failure_rows[_i].text, &wish, &live, &failure),
                     failure_rows[_i].error);
        assert_failure(&failure, failure_rows[_i].message);
        ck_assert_ptr_null(live);
}

/* The kernel gets "BOOT_IMAGE=/k", a blank and the argument: 2047 bytes are the most. */
TEST(longest_line)
{
        static const GrubKernel kernel = { "1", "/k", "/i" };
        char *argument = malloc(4096 + 1), *arguments[] = { argument, NULL };
        GrubLive wish = { .medium = MEDIUM_PXE,
                          .arguments = arguments,
                          .kernels = &kernel,
                          .n_kernels = 1 };
        _cleanup_free_ char *live = NULL, *owner _unused_ = argument;
        Failure failure = {};

        memset(argument, 'x', 4096);
        argument[2047 - strlen("BOOT_IMAGE=/k ")] = '\0';
        assert_ok(grub_make_live("linux /vmlinuz-1\n", &wish, &live, NULL));
        strcat(argument, "x");
        assert_errno(grub_make_live("\nlinux /vmlinuz-1\n", &wish, &live, &failure), -E2BIG);
        assert_failure(&failure, "of kernel 1 in the image's boot menu would have 2048 bytes");
}

TEST(redirector)
{
        _cleanup_free_ char *iso = grub_make_redirector("MY_ISO"),
                            *pxe = grub_make_redirector(NULL);

        ck_assert_str_eq(
                        iso,
                        "search --no-floppy --label MY_ISO --set=root\n"
                        "set prefix=($root)/boot/grub2\n"
                        "configfile $prefix/grub.cfg\n");
        ck_assert_str_eq(pxe, "set prefix=($root)/boot/grub2\nconfigfile $prefix/grub.cfg\n");
}

/* A path that has another name on the medium is changed wherever it is a word, at a line's end as in
 * the middle, and where it is only part of one, nowhere. */
TEST(defect_19_every_path_that_moved)
{
        static const GrubKernel kernel = { "1", "/boot/vmlinuz", "/boot/initrd.img" };
        static const char text[] = "if [ -f /b/i ]; then a /b/i; fi\n"
                                   "b /b/i\n"
                                   "c \"/b/i\" '/b/i' /b/i2 x/b/i\n"
                                   "d /b/vmlinuz-1;e /b/vmlinuz-1\n"
                                   "linux /b/vmlinuz-1 ro\n"
                                   "initrd /b/i\n"
                                   "f /b/i";
        GrubLive wish = { .medium = MEDIUM_ISO,
                          .label = "CDROM",
                          .kernels = &kernel,
                          .n_kernels = 1 };
        _cleanup_free_ char *live = NULL;

        assert_ok(grub_make_live(text, &wish, &live, NULL));
        ck_assert_str_eq(
                        live,
                        "if [ -f /boot/initrd.img ]; then a /boot/initrd.img; fi\n"
                        "b /boot/initrd.img\n"
                        "c \"/b/i\" '/b/i' /b/i2 x/b/i\n"
                        "d /boot/vmlinuz;e /boot/vmlinuz\n"
                        "linux /boot/vmlinuz ro\n"
                        "initrd /boot/initrd.img\n"
                        "f /boot/initrd.img");
}
