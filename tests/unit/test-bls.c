/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Boot menu entries out of files: reading them, finding them in an image, and the menu that comes of
 * them. The sample's results lie in tests/data/grub; PXED_TEST_ACCEPT=1 writes them anew, for
 * reading in a diff.
 */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/bls.h"
#include "liveos/grub-bls.h"
#include "liveos/grub-env.h"
#include "liveos/grub-live.h"
#include "liveos/grub-words.h"

static const struct {
        const char *text;
        const char *values[_BLS_KEY_MAX];
} entry_rows[] = {
        { "linux /vmlinuz-1\n", { [BLS_LINUX] = "/vmlinuz-1" } },
        { "linux /vmlinuz-1", { [BLS_LINUX] = "/vmlinuz-1" } },
        { "title  A title, with \"quotes\"  \nversion 1\nlinux\t/vmlinuz-1\r\n",
          { [BLS_TITLE] = "A title, with \"quotes\"",
            [BLS_VERSION] = "1",
            [BLS_LINUX] = "/vmlinuz-1" } },
        { "# title no\n  # nor this\n\n \t\nlinux /k\n", { [BLS_LINUX] = "/k" } },
        { "linux /k\noptions a b\noptions c=\"d e\"\noptions\n",
          { [BLS_LINUX] = "/k", [BLS_OPTIONS] = "a b c=\"d e\"" } },
        { "linux /k\ngrub_class kernel\ngrub_class fedora\n",
          { [BLS_LINUX] = "/k", [BLS_GRUB_CLASS] = "kernel fedora" } },
        { "linux /k\ninitrd /a\ninitrd /b $tuned_initrd\ngrub_arg --unrestricted\n",
          { [BLS_LINUX] = "/k" } },
        { "linux /k\nmachine-id 1\nsort-key fedora\narchitecture x64\nnew-key a\nnew-key b\n",
          { [BLS_LINUX] = "/k" } },
        { "Linux /no\nlinuxx /no\nlinux /k\ntitle\n", { [BLS_LINUX] = "/k" } },
        { "linux /k\ngrub_users $grub_users\ngrub_hotkey k\n",
          { [BLS_LINUX] = "/k", [BLS_GRUB_USERS] = "$grub_users", [BLS_GRUB_HOTKEY] = "k" } },
};

TEST_ROWS(entry, ELEMENTSOF(entry_rows)) {
        _cleanup_bls_entry_ BlsEntry entry = {};
        Failure failure = {};

        ck_assert_msg(bls_entry_parse("e", entry_rows[_i].text, &entry, &failure) >= 0,
                      "%s",
                      failure.message);
        ck_assert_str_eq(entry.id, "e");
        for (BlsKey key = 0; key < _BLS_KEY_MAX; key++)
                ck_assert_msg(str_equal(entry.values[key], entry_rows[_i].values[key]),
                              "key %d: \"%s\" instead of \"%s\"",
                              (int) key,
                              entry.values[key],
                              entry_rows[_i].values[key]);
}

static const struct {
        const char *text;
        int error;
        const char *message;
} broken_rows[] = {
        { "", -ENOEXEC, "/boot/loader/entries/e.conf has no 'linux' line, so it starts no kernel" },
        { "title x\nlinux\n", -ENOEXEC, "has no 'linux' line" },
        { "title a\nlinux /k\ntitle a\n",
          -ENOEXEC,
          "/boot/loader/entries/e.conf, line 3: 'title' is there twice; leave one of the two." },
        { "linux /k\nlinux /l\n", -ENOEXEC, "line 2: 'linux' is there twice" },
        { "version 1\nversion 2\nlinux /k\n", -ENOEXEC, "line 2: 'version' is there twice" },
        { "machine-id\nmachine-id a\n", -ENOEXEC, "line 2: 'machine-id' is there twice" },
        { "title a\n\nuki /EFI/Linux/a.efi\n",
          -EOPNOTSUPP,
          "/boot/loader/entries/e.conf, line 3, has 'uki', which cannot be made into" },
        { "efi /EFI/a.efi\n", -EOPNOTSUPP, "line 1, has 'efi'" },
        { "uki-url http://h/a.efi\n", -EOPNOTSUPP, "line 1, has 'uki-url'" },
        { "linux /k\ndevicetree /a.dtb\n", -EOPNOTSUPP, "line 2, has 'devicetree'" },
};

TEST_ROWS(broken_entry, ELEMENTSOF(broken_rows)) {
        BlsEntry entry;
        Failure failure = {};

        assert_errno(bls_entry_parse("e", broken_rows[_i].text, &entry, &failure),
                     broken_rows[_i].error);
        assert_failure(&failure, broken_rows[_i].message);
}

TEST(hostile_id)
{
        _cleanup_bls_entry_ BlsEntry entry = {};

        assert_ok(bls_entry_parse("a\nb\xff\x1b[", "linux /k\n", &entry, NULL));
        ck_assert_str_eq(entry.id, "a b? [");
}

static const struct {
        const char *text;
        bool is_rescue;
} rescue_rows[] = {
        { "title Fedora Linux (6.6.1-200.fc39.x86_64) 39\nlinux /vmlinuz-6.6.1-200\n", false },
        { "title Fedora Linux (0-rescue-0123) 39\nlinux /vmlinuz-x\n", true },
        { "title A Rescue system\nlinux /vmlinuz-x\n", true },
        { "linux /boot/vmlinuz-0-rescue-0123\n", true },
        { "linux /rescue/vmlinuz-1\n", false },
};

TEST_ROWS(rescue, ELEMENTSOF(rescue_rows)) {
        _cleanup_bls_entry_ BlsEntry entry = {};

        assert_ok(bls_entry_parse("e", rescue_rows[_i].text, &entry, NULL));
        ck_assert_int_eq(bls_entry_is_rescue(&entry), rescue_rows[_i].is_rescue);
}

static void put(int root_fd, const char *name, const char *text) {
        _cleanup_free_ char *path = str_printf(BLS_FOLDER "/%s", name);

        assert_ok(fs_write_in_root(root_fd, path, text, strlen(text), 0644));
}

static char *list(const BlsEntries *entries) {
        _cleanup_strv_ char **ids = NULL;

        for (size_t i = 0; i < entries->n_items; i++)
                assert_ok(strv_append(&ids, entries->items[i].id));
        return strv_join(ids, " ");
}

TEST(read_folder)
{
        _cleanup_close_ int root_fd = -EBADF;
        _cleanup_folder_ char *folder _unused_ = test_folder_new(&root_fd);
        _cleanup_bls_entries_ BlsEntries none = {}, entries = {};
        _cleanup_free_ char *ids = NULL;

        assert_ok(bls_entries_read(root_fd, &none, NULL));
        ck_assert_int_eq(none.n_items, 0);
        ck_assert(!bls_is_used(root_fd));
        put(root_fd, "m-6.9.12.conf", "version 6.9.12\nlinux /vmlinuz-6.9.12\n");
        put(root_fd, "m-6.10.1.conf", "version 6.10.1\nlinux /vmlinuz-6.10.1\n");
        put(root_fd, "b.conf", "linux /vmlinuz-6.10.1\n");
        put(root_fd, "a.conf", "linux /vmlinuz-6.10.1\n");
        put(root_fd, "m-6.10.1-debug.conf", "version 6.10.1\nlinux /vmlinuz-6.10.1\n");
        put(root_fd, "m-0-rescue.conf", "title x (0-rescue-m)\nlinux /vmlinuz-0-rescue-m\n");
        put(root_fd, ".hidden.conf", "uki x\n");
        put(root_fd, "m.conf.rpmsave", "uki x\n");
        assert_ok(bls_entries_read(root_fd, &entries, NULL));
        ids = list(&entries);
        ck_assert_str_eq(ids, "m-6.10.1-debug m-6.10.1 m-6.9.12 b a");
        ck_assert(bls_is_used(root_fd));
}

TEST(hostile_folder)
{
        static const char text[] = "linux /k\n";
        _cleanup_close_ int root_fd = -EBADF;
        _cleanup_folder_ char *folder _unused_ = test_folder_new(&root_fd);
        _cleanup_free_ char *large = malloc(BLS_ENTRY_MAX_BYTES + 2);
        BlsEntries entries;
        Failure failure = {};

        memset(large, '#', BLS_ENTRY_MAX_BYTES + 1);
        large[BLS_ENTRY_MAX_BYTES + 1] = '\0';
        put(root_fd, "a.conf", large);
        assert_errno(bls_entries_read(root_fd, &entries, &failure), -EFBIG);
        assert_failure(&failure, "The image's /boot/loader/entries/a.conf cannot be read");
        assert_ok(fs_write_in_root(root_fd, BLS_FOLDER "/a.conf", "linux /k\0", 9, 0644));
        assert_errno(bls_entries_read(root_fd, &entries, &failure), -ENOEXEC);
        assert_failure(&failure, "/boot/loader/entries/a.conf is not text.");
        assert_ok(unlinkat(root_fd, BLS_FOLDER "/a.conf", 0));
        assert_ok(mkdirat(root_fd, BLS_FOLDER "/a.conf", 0755));
        ck_assert_int_lt(bls_entries_read(root_fd, &entries, &failure), 0);
        assert_failure(&failure, "/boot/loader/entries/a.conf cannot be read");
        assert_ok(unlinkat(root_fd, BLS_FOLDER "/a.conf", AT_REMOVEDIR));
        for (int i = 0; i <= BLS_ENTRIES_MAX; i++) {
                _cleanup_free_ char *name = str_printf("%d.conf", i);

                put(root_fd, name, text);
        }
        assert_errno(bls_entries_read(root_fd, &entries, &failure), -E2BIG);
        assert_failure(&failure, "has more than 128 boot menu entries: remove some of them.");
}

static const struct {
        const char *block;
        const char *name;
        const char *value;
} env_rows[] = {
        { "# GRUB Environment Block\na=b\n######", "a", "b" },
        { "# GRUB Environment Block\na=b\n######", "b", NULL },
        { "a=x\\\\y\\\nz\nb=2\n", "a", "x\\y\nz" },
        { "a=x\\\nb=2\n", "b", NULL },
        { "ab=1\na=2\n", "a", "2" },
        { "a=\n", "a", "" },
        { "a=b\\", "a", "b\\" },
        { "a", "a", NULL },
        { "", "a", NULL },
};

TEST_ROWS(env, ELEMENTSOF(env_rows)) {
        _cleanup_free_ char *value = NULL;

        assert_ok(grub_env_get(env_rows[_i].block, env_rows[_i].name, &value));
        ck_assert_msg(str_equal(value, env_rows[_i].value), "\"%s\"", value);
}

TEST(new_env)
{
        _cleanup_free_ char *block = grub_env_new(), *value = NULL;

        ck_assert_int_eq(strlen(block), GRUB_ENV_BYTES);
        ck_assert_int_eq(strncmp(block, "# GRUB Environment Block\n#", 26), 0);
        assert_ok(grub_env_get(block, "", &value));
        ck_assert_ptr_null(value);
}

static const GrubKernel kernels[] = {
        { "6.10.1", "/boot/vmlinuz-6.10.1", "/boot/initramfs-6.10.1.img" },
        { "6.6.1+debug", "/boot/vmlinuz-6.6.1+debug", "/boot/initramfs-6.6.1+debug.img" },
        { "6.6.1", "/boot/vmlinuz-6.6.1", "/boot/initramfs-6.6.1.img" },
};

/* Entries of texts, in the order that they have. */
static BlsEntries make_entries(const char *const *texts) {
        BlsEntries entries = { .items = calloc(8, sizeof(BlsEntry)) };

        for (; texts[entries.n_items]; entries.n_items++) {
                _cleanup_free_ char *id = str_printf("e%zu", entries.n_items);

                assert_ok(
                                bls_entry_parse(id,
                                                texts[entries.n_items],
                                                &entries.items[entries.n_items],
                                                NULL));
        }
        return entries;
}

static int to_menu(
                const char *text,
                const char *const *texts,
                const char *env,
                char **ret,
                Failure *reterr) {
        _cleanup_bls_entries_ BlsEntries entries = make_entries(texts);
        GrubBls bls = { .entries = &entries,
                        .env = env,
                        .kernels = kernels,
                        .n_kernels = ELEMENTSOF(kernels) };

        return grub_bls_to_menu(text, &bls, ret, reterr);
}

#define HEAD(title, head) "menuentry " title head " {\n\tset gfxpayload=keep\n\tlinux "
#define TAIL              "\n\tinitrd /boot/initramfs-6.10.1.img\n}"

static const struct {
        const char *cfg;
        const char *env;
        const char *entries[4];
        const char *menu;
} menu_rows[] = {
        { "set default=0\n", "", { "linux /vmlinuz-6.10.1\n" }, "set default=0\n" },
        { "insmod blscfg # the module alone\n", "", {}, "insmod blscfg # the module alone\n" },
        { "blscfg",
          "",
          { "linux /vmlinuz-6.10.1\n" },
          HEAD("6.10.1", " --unrestricted --id e0") "/boot/vmlinuz-6.10.1" TAIL },
        { "  insmod blscfg\n  blscfg non-default; a\n",
          "",
          { "title It's\nlinux /boot/vmlinuz-6.10.1\noptions root=UUID=1 a='b \"c d\" $ ;{\n" },
          "  set root=\"$root\"\n  " HEAD(
                          "'It'\\''s'",
                          " --unrestricted --id e0") "/boot/vmlinuz-6.10.1 root=UUID=1 'a='\\''b' 'c d' '$' ';{'" TAIL
                                                     "; a\n" },
        /* Each command but the first is one that does nothing. */
        { "if a; then blscfg; else blscfg; fi",
          "",
          { "linux /vmlinuz-6.10.1\n" },
          "if a; then " HEAD("6.10.1", " --unrestricted --id e0") "/boot/vmlinuz-6.10.1" TAIL
                                                                  "; else set root=\"$root\"; fi" },
        { "function load_video {\na\n}\nblscfg",
          "",
          { "linux /vmlinuz-6.10.1\n" },
          "function load_video {\na\n}\nmenuentry 6.10.1 --unrestricted --id e0 {\n\tload_video\n\tset gfxpayload=keep\n\tlinux /boot/vmlinuz-6.10.1" TAIL },
        /* grubenv before grub.cfg; what grub.cfg works out and what nobody sets is nothing. */
        { "set kernelopts=no\ntuned_params=\"t u\"\nset x=$y\nblscfg",
          "kernelopts=root=/dev/sda1 ro\n",
          { "linux /vmlinuz-6.10.1\noptions $kernelopts $tuned_params a$x$none.b\n" },
          "set kernelopts=no\ntuned_params=\"t u\"\nset x=$y\n" HEAD(
                          "6.10.1",
                          " --unrestricted --id e0") "/boot/vmlinuz-6.10.1 root=/dev/sda1 ro t u a.b" TAIL },
        { "set kernelopts=yes\nblscfg",
          "default_kernelopts=$kernelopts\n",
          { "linux /vmlinuz-6.10.1\n" },
          "set kernelopts=yes\n" HEAD(
                          "6.10.1",
                          " --unrestricted --id e0") "/boot/vmlinuz-6.10.1 '$kernelopts'" TAIL },
        { "blscfg",
          "grub_users=root admin\n",
          { "linux /vmlinuz-6.10.1\ngrub_users $grub_users\ngrub_arg --unrestricted\ngrub_hotkey k\ngrub_class kernel\ngrub_class a;b\n" },
          HEAD("6.10.1",
               " --class kernel --class 'a;b' --users 'root admin' --hotkey=k --id e0") "/boot/vmlinuz-6.10.1" TAIL },
        { "blscfg",
          "",
          { "linux /vmlinuz-6.10.1\ngrub_users $grub_users\n" },
          HEAD("6.10.1", " --unrestricted --id e0") "/boot/vmlinuz-6.10.1" TAIL },
        /* Only what starts a kernel of the medium. */
        { "blscfg",
          "",
          { "linux /vmlinuz-6.10.10\n",
            "version 6.10.1\nlinux /m/6.10.1/linux\n",
            "linux /memtest\nversion 6.10.1\n" },
          HEAD("6.10.1", " --unrestricted --id e1") "/boot/vmlinuz-6.10.1" TAIL },
        { "blscfg\nlinux /vmlinuz-6.10.1\n",
          "",
          {},
          "set root=\"$root\"\nlinux /vmlinuz-6.10.1\n" },
};

TEST_ROWS(menu, ELEMENTSOF(menu_rows)) {
        _cleanup_free_ char *menu = NULL;
        Failure failure = {};

        ck_assert_msg(to_menu(menu_rows[_i].cfg,
                              menu_rows[_i].entries,
                              menu_rows[_i].env,
                              &menu,
                              &failure) >= 0,
                      "%s",
                      failure.message);
        ck_assert_str_eq(menu, menu_rows[_i].menu);
}

/* Kernels newest first, whatever the entries' order; 6.6.1 and 6.6.1+debug are two. */
TEST(newest_kernel_first)
{
        static const char *const texts[] = { "linux /vmlinuz-6.6.1\n",
                                             "linux /vmlinuz-6.6.1+debug\n",
                                             "linux /vmlinuz-6.10.1\n",
                                             "linux /vmlinuz-6.6.1\ntitle 'again'\n",
                                             NULL };
        static const char *const order[] = { "--id e2 ",
                                             "linux /boot/vmlinuz-6.10.1\n",
                                             "--id e1 ",
                                             "linux /boot/vmlinuz-6.6.1+debug\n",
                                             "initrd /boot/initramfs-6.6.1+debug.img\n",
                                             "--id e0 ",
                                             "linux /boot/vmlinuz-6.6.1\n",
                                             "initrd /boot/initramfs-6.6.1.img\n",
                                             "--id e3 " };
        _cleanup_free_ char *menu = NULL;
        const char *at;

        assert_ok(to_menu("blscfg\n", texts, "", &menu, NULL));
        at = menu;
        for (size_t i = 0; i < ELEMENTSOF(order); i++) {
                at = strstr(at, order[i]);
                ck_assert_msg(at, "%s is not where it should be:\n%s", order[i], menu);
        }
}

static const struct {
        const char *cfg;
        const char *env;
        const char *entries[2];
        int error;
        const char *message;
} failure_rows[] = {
        { "blscfg\n",
          "",
          {},
          -ENOPKG,
          "takes its menu from /boot/loader/entries (blscfg), but there is no entry that is not for rescue: make them anew" },
        { "blscfg\n",
          "",
          { "linux /vmlinuz-6.6\n" },
          -ENOPKG,
          "No boot menu entry of the image's /boot/loader/entries starts its kernel (linux …/vmlinuz-6.10.1)" },
        { "blscfg\n",
          "",
          { "linux /vmlinuz-6.10.1\noptions a=\"b\n" },
          -ENOEXEC,
          "The 'options' of the image's boot menu entry /boot/loader/entries/e0.conf are no kernel arguments" },
        { "blscfg\n",
          "k=\a\n",
          { "linux /vmlinuz-6.10.1\noptions $k\n" },
          -ENOEXEC,
          "a control character" },
        { "blscfg '\n", "", {}, -ENOEXEC, "line 1: the single quote is not closed" },
};

TEST_ROWS(menu_failures, ELEMENTSOF(failure_rows)) {
        char *menu = NULL;
        Failure failure = {};

        assert_errno(to_menu(failure_rows[_i].cfg,
                             failure_rows[_i].entries,
                             failure_rows[_i].env,
                             &menu,
                             &failure),
                     failure_rows[_i].error);
        assert_failure(&failure, failure_rows[_i].message);
        ck_assert_ptr_null(menu);
}

/* A variable that is long is not made longer by asking for it often. */
TEST(too_many_variables)
{
        _cleanup_free_ char *env = malloc(1024 + 1);
        const char *texts[] = { "linux /vmlinuz-6.10.1\noptions $a $a $a\n", NULL };
        char *menu = NULL;
        Failure failure = {};

        memset(env, 'x', 1024);
        memcpy(env, "a=", 2);
        env[1024] = '\0';
        assert_errno(to_menu("blscfg\n", texts, env, &menu, &failure), -E2BIG);
        assert_failure(&failure, "e0.conf are longer than the 2047 bytes that a kernel takes");
}

static const char *const fedora_entries[] = {
        "title Fedora Linux (6.10.1) 40 (Server Edition)\n"
        "version 6.10.1\n"
        "linux /vmlinuz-6.10.1\n"
        "initrd /initramfs-6.10.1.img $tuned_initrd\n"
        "options $kernelopts $tuned_params resume=UUID=77d9 quiet\n"
        "grub_users $grub_users\n"
        "grub_arg --unrestricted\n"
        "grub_class kernel\n",
        "title Fedora Linux (6.6.1) 40 (Server Edition)\n"
        "version 6.6.1\n"
        "linux /vmlinuz-6.6.1\n"
        "initrd /initramfs-6.6.1.img\n"
        "options root=/dev/mapper/fedora-root ro rd.lvm.lv=fedora/root console=ttyS0\n"
        "grub_class kernel\n",
        NULL,
};
static char *const live_arguments[] = { (char *) "rd.live.image",
                                        (char *) "rd.live.dir=liveos",
                                        (char *) "rd.overlay=1",
                                        NULL };
static char *const pxe_arguments[] = { (char *) "rd.live.image",
                                       (char *) "rd.live.dir=liveos",
                                       (char *) "rd.overlay=1",
                                       (char *) "ip=dhcp",
                                       NULL };

static const struct {
        const char *result;
        MediumKind medium;
        const char *root;
        char *const *arguments;
} samples[] = {
        { "iso", MEDIUM_ISO, "live:LABEL=CDROM", live_arguments },
        { "pxe", MEDIUM_PXE, "live:http://h/image.iso", pxe_arguments },
        { "full-os", MEDIUM_PXE, NULL, NULL },
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

static char *sample_read(int folder_fd, const char *name) {
        char *text = NULL;
        size_t size;

        assert_ok(fs_read_in_root(folder_fd, name, GRUB_TEXT_MAX_BYTES, &text, &size));
        return text;
}

TEST_ROWS(sample, ELEMENTSOF(samples)) {
        _cleanup_close_ int folder_fd = samples_open();
        _cleanup_free_ char *name = str_printf("fedora-%s.cfg", samples[_i].result),
                            *text = sample_read(folder_fd, "fedora.cfg"), *menu = NULL,
                            *live = NULL, *again = NULL, *expected = NULL;
        GrubLive wish = { .medium = samples[_i].medium,
                          .label = "CDROM",
                          .root = samples[_i].root,
                          .arguments = samples[_i].arguments,
                          .kernels = kernels,
                          .n_kernels = ELEMENTSOF(kernels) };

        assert_ok(to_menu(text, fedora_entries, "saved_entry=m-6.10.1\n", &menu, NULL));
        assert_ok(grub_make_live(menu, &wish, &live, NULL));
        assert_ok(grub_make_live(live, &wish, &again, NULL));
        ck_assert_str_eq(again, live);
        if (getenv("PXED_TEST_ACCEPT"))
                assert_ok(fs_write_in_root(folder_fd, name, live, strlen(live), 0644));
        expected = sample_read(folder_fd, name);
        ck_assert_str_eq(live, expected);
}

TEST_ROWS(menu_source, 4) {
        static const struct {
                const char *text;
                bool has_linux;
                bool has_blscfg;
        } rows[] = {
                { "set a=b\n# blscfg\necho blscfg linux\n", false, false },
                { "if a; then blscfg; fi\n", false, true },
                { "menuentry x { linuxefi /k; }\n", true, false },
                { "linux /k\nblscfg\n", true, true },
        };
        GrubMenuSource source;

        assert_ok(grub_find_menu_source(rows[_i].text, &source, NULL));
        ck_assert_int_eq(source.has_linux, rows[_i].has_linux);
        ck_assert_int_eq(source.has_blscfg, rows[_i].has_blscfg);
}
