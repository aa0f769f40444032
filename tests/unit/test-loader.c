/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Boot loaders: which is picked from which lists, what is said when one is missing, the prefix. */

#include "tests/lib/test.h"

#include <endian.h>
#include <fcntl.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/loader.h"

#define BOTH (1U << MEDIUM_ISO | 1U << MEDIUM_PXE)
#define ISO  (1U << MEDIUM_ISO)
#define PXE  (1U << MEDIUM_PXE)

#define SIGNED "usr/lib/grub/x86_64-efi-signed/"
#define DEBIAN_ROOT                                                        \
        "usr/lib/shim/BOOTX64.CSV usr/lib/shim/shimx64.efi.signed " SIGNED \
        "gcdx64.efi.signed " SIGNED "grubnetx64.efi.signed " SIGNED "grubx64.efi.signed"
#define DEBIAN_ESP \
        "EFI/debian/shimx64.efi EFI/debian/grubx64.efi EFI/BOOT/BOOTX64.EFI EFI/BOOT/grubx64.efi"

static const struct {
        const char *name;
        const char *esp, *root;
        const char *id;
        Family family;
        Arch arch;
        unsigned media;
        /* What comes out; "ESP:" in front of what lies there. NULL: not asked for. */
        const char *shim, *iso, *pxe;
        const char *iso_prefix, *pxe_prefix;
} rows[] = {
        { .name = "debian",
          .esp = DEBIAN_ESP,
          .root = DEBIAN_ROOT,
          .family = FAMILY_DEBIAN,
          .arch = ARCH_X86_64,
          .media = BOTH,
          .shim = "usr/lib/shim/shimx64.efi.signed",
          .iso = SIGNED "gcdx64.efi.signed",
          .iso_prefix = "/boot/grub",
          .pxe = SIGNED "grubnetx64.efi.signed",
          .pxe_prefix = "/grub" },
        { .name = "debian without gcd, for an ISO",
          .esp = DEBIAN_ESP,
          .root = "usr/lib/shim/shimx64.efi.signed.latest " SIGNED "grubx64.efi.signed",
          .family = FAMILY_DEBIAN,
          .arch = ARCH_X86_64,
          .media = ISO,
          .shim = "usr/lib/shim/shimx64.efi.signed.latest",
          .iso = SIGNED "grubx64.efi.signed",
          .iso_prefix = "/EFI/debian" },
        { .name = "debian, shim on the ESP alone",
          .esp = DEBIAN_ESP,
          .root = SIGNED "grubnetx64.efi.signed",
          .family = FAMILY_DEBIAN,
          .arch = ARCH_X86_64,
          .media = PXE,
          .shim = "ESP:EFI/BOOT/BOOTX64.EFI",
          .pxe = SIGNED "grubnetx64.efi.signed",
          .pxe_prefix = "/grub" },
        { .name = "azurelinux",
          .esp = "boot/grub2/grub.cfg EFI/BOOT/bootx64.efi EFI/BOOT/grubx64.efi",
          .family = FAMILY_AZURELINUX,
          .arch = ARCH_X86_64,
          .media = BOTH,
          .shim = "ESP:EFI/BOOT/bootx64.efi",
          .iso = "ESP:EFI/BOOT/grubx64.efi",
          .pxe = "ESP:EFI/BOOT/grubx64.efi" },
        { .name = "azurelinux, another spelling, a slash in front",
          .esp = "/efi/boot/BOOTX64.EFI /Efi/Boot/GrubX64.efi",
          .family = FAMILY_AZURELINUX,
          .arch = ARCH_X86_64,
          .media = BOTH,
          .shim = "ESP:efi/boot/BOOTX64.EFI",
          .iso = "ESP:Efi/Boot/GrubX64.efi",
          .pxe = "ESP:Efi/Boot/GrubX64.efi" },
        { .name = "azurelinux, no prefix",
          .esp = "EFI/BOOT/bootaa64.efi EFI/BOOT/grubaa64-noprefix.efi",
          .family = FAMILY_AZURELINUX,
          .arch = ARCH_AARCH64,
          .media = BOTH,
          .shim = "ESP:EFI/BOOT/bootaa64.efi",
          .iso = "ESP:EFI/BOOT/grubaa64-noprefix.efi",
          .iso_prefix = "",
          .pxe = "ESP:EFI/BOOT/grubaa64-noprefix.efi",
          .pxe_prefix = "" },
        { .name = "no ESP, all in /boot/efi",
          .root = "boot/efi/EFI/BOOT/bootx64.efi boot/efi/EFI/BOOT/grubx64.efi",
          .family = FAMILY_UNKNOWN,
          .arch = ARCH_X86_64,
          .media = BOTH,
          .shim = "boot/efi/EFI/BOOT/bootx64.efi",
          .iso = "boot/efi/EFI/BOOT/grubx64.efi",
          .pxe = "boot/efi/EFI/BOOT/grubx64.efi" },
        { .name = "fedora",
          .esp = "EFI/BOOT/BOOTX64.EFI EFI/BOOT/fbx64.efi EFI/fedora/shimx64.efi EFI/fedora/grubx64.efi",
          .family = FAMILY_FEDORA,
          .arch = ARCH_X86_64,
          .media = PXE,
          .shim = "ESP:EFI/BOOT/BOOTX64.EFI",
          .pxe = "ESP:EFI/fedora/grubx64.efi" },
        { .name = "fedora beside others",
          .esp = "EFI/BOOT/BOOTX64.EFI EFI/debian/grubx64.efi EFI/fedora.old/grubx64.efi EFI/Fedora/grubx64.efi",
          .id = "fedora",
          .family = FAMILY_FEDORA,
          .arch = ARCH_X86_64,
          .media = BOTH,
          .shim = "ESP:EFI/BOOT/BOOTX64.EFI",
          .iso = "ESP:EFI/Fedora/grubx64.efi",
          .pxe = "ESP:EFI/Fedora/grubx64.efi" },
        { .name = "azurelinux 4",
          .esp = "EFI/BOOT/BOOTAA64.EFI EFI/azurelinux/shimaa64.efi EFI/azurelinux/grubaa64.efi",
          .id = "azurelinux",
          .family = FAMILY_AZURELINUX,
          .arch = ARCH_AARCH64,
          .media = BOTH,
          .shim = "ESP:EFI/BOOT/BOOTAA64.EFI",
          .iso = "ESP:EFI/azurelinux/grubaa64.efi",
          .pxe = "ESP:EFI/azurelinux/grubaa64.efi" },
        { .name = "shim of a vendor",
          .esp = "EFI/a/b/shimx64.efi EFI/opensuse/shim.efi EFI/acme/shimx64.efi EFI/acme/grubx64.efi",
          .family = FAMILY_UNKNOWN,
          .arch = ARCH_X86_64,
          .media = ISO,
          .shim = "ESP:EFI/acme/shimx64.efi",
          .iso = "ESP:EFI/acme/grubx64.efi" },
};

static void check_file(const LoaderFile *file, const char *expected) {
        const char *in_esp = expected ? str_after_prefix(expected, "ESP:") : NULL;

        ck_assert_pstr_eq(file->path, in_esp ? in_esp : expected);
        if (expected)
                ck_assert_int_eq(file->place, in_esp ? LOADER_IN_ESP : LOADER_IN_ROOT);
}

TEST_ROWS(pick, ELEMENTSOF(rows)) {
        _cleanup_strv_ char **esp = strv_split(rows[_i].esp ? rows[_i].esp : "", " "),
                            **root = strv_split(rows[_i].root ? rows[_i].root : "", " ");
        OsRelease os = { .id = (char *) rows[_i].id, .family = rows[_i].family };
        LoaderSearch search = { .esp_paths = esp,
                                .root_paths = root,
                                .os = &os,
                                .arch = rows[_i].arch,
                                .media = rows[_i].media };
        _cleanup_loaders_ Loaders loaders = {};
        Failure failure = {};

        ck_assert_msg(loaders_pick(&search, &loaders, &failure) >= 0,
                      "%s: %s",
                      rows[_i].name,
                      failure.message);
        ck_assert_int_eq(loaders.arch, rows[_i].arch);
        check_file(&loaders.shim, rows[_i].shim);
        check_file(&loaders.grub[MEDIUM_ISO], rows[_i].iso);
        check_file(&loaders.grub[MEDIUM_PXE], rows[_i].pxe);
        ck_assert_pstr_eq(loaders.prefix[MEDIUM_ISO], rows[_i].iso_prefix);
        ck_assert_pstr_eq(loaders.prefix[MEDIUM_PXE], rows[_i].pxe_prefix);
}

static const struct {
        const char *esp, *root;
        Family family;
        Arch arch;
        unsigned media;
        const char *message;
} failure_rows[] = {
        { NULL,
          NULL,
          FAMILY_DEBIAN,
          ARCH_X86_64,
          BOTH,
          "The image has no shim for x86_64 that starts from a medium: looked for, without regard to case, "
          "/usr/lib/shim/shimx64.efi.signed, /usr/lib/shim/shimx64.efi.signed.latest, ESP:/EFI/BOOT/bootx64.efi, "
          "/boot/efi/EFI/BOOT/bootx64.efi, ESP:/EFI/*/shimx64.efi, /boot/efi/EFI/*/shimx64.efi "
          "(ESP: the EFI system partition). Install in the image shim-signed." },
        { DEBIAN_ESP,
          "usr/lib/shim/shimx64.efi.signed",
          FAMILY_DEBIAN,
          ARCH_X86_64,
          PXE,
          "The image has no GRUB for x86_64 that starts from the network: looked for, without regard to case, "
          "/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed (ESP: the EFI system partition). "
          "Install in the image grub-efi-amd64-signed." },
        { "EFI/BOOT/bootaa64.efi",
          NULL,
          FAMILY_AZURELINUX,
          ARCH_AARCH64,
          ISO,
          "The image has no GRUB for aarch64 that starts from an ISO: looked for, without regard to case, "
          "ESP:/EFI/BOOT/grubaa64.efi, /boot/efi/EFI/BOOT/grubaa64.efi, ESP:/EFI/BOOT/grubaa64-noprefix.efi, "
          "/boot/efi/EFI/BOOT/grubaa64-noprefix.efi, ESP:/EFI/*/grubaa64.efi, /boot/efi/EFI/*/grubaa64.efi "
          "(ESP: the EFI system partition). Install in the image grub2-efi-binary." },
        { "EFI/BOOT/bootx64.efi",
          NULL,
          FAMILY_UNKNOWN,
          ARCH_AARCH64,
          ISO,
          "Install in the image the package of its distribution that has it." },
};

TEST_ROWS(missing, ELEMENTSOF(failure_rows)) {
        _cleanup_strv_ char **esp = strv_split(
                                            failure_rows[_i].esp ? failure_rows[_i].esp : "",
                                            " "),
                            **root = strv_split(
                                            failure_rows[_i].root ? failure_rows[_i].root : "",
                                            " ");
        OsRelease os = { .family = failure_rows[_i].family };
        LoaderSearch search = { .esp_paths = esp,
                                .root_paths = root,
                                .os = &os,
                                .arch = failure_rows[_i].arch,
                                .media = failure_rows[_i].media };
        Loaders loaders = {};
        Failure failure = {};

        assert_errno(loaders_pick(&search, &loaders, &failure), -ENOPKG);
        assert_failure(&failure, failure_rows[_i].message);
        ck_assert_ptr_null(loaders.shim.path);
}

TEST(list_root)
{
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        _cleanup_strv_ char **paths = NULL;
        _cleanup_free_ char *joined = NULL;

        assert_ok(fs_write_in_root(fd, "boot/efi/EFI/BOOT/bootx64.efi", "x", 1, 0644));
        assert_ok(fs_write_in_root(fd, "boot/vmlinuz", "x", 1, 0644));
        assert_ok(fs_write_in_root(fd, "usr/lib/shim/shimx64.efi.signed", "x", 1, 0644));
        assert_ok(symlinkat("shimx64.efi.signed", fd, "usr/lib/shim/link"));
        assert_ok(loader_list_root(fd, &paths, NULL));
        joined = strv_join(paths, " ");
        ck_assert_str_eq(joined, "boot/efi/EFI/BOOT/bootx64.efi usr/lib/shim/shimx64.efi.signed");
}

/* A PE program with nothing but a section "mods" at 0x100, in it one module and then the prefix. */
static size_t make_grub(unsigned char program[static 512], const char *prefix) {
        unsigned char *mods = program + 0x100;
        size_t prefix_size = strlen(prefix) + 1, mods_size = 24 + 16 + 8 + prefix_size;
        struct {
                size_t at;
                uint32_t value;
        } numbers[] = {
                { 0x3c, 0x40 },
                { 0x40 + 6, 1 },  /* sections */
                { 0x40 + 20, 0 }, /* no optional header */
                { 0x58 + 16, (uint32_t) mods_size },
                { 0x58 + 20, 0x100 },
                { 0x100, 0x676d696d },
                { 0x108, 24 },
                { 0x100 + 24, 0 }, /* a module */
                { 0x100 + 28, 16 },
                { 0x100 + 40, 3 }, /* the prefix */
                { 0x100 + 44, (uint32_t) (8 + prefix_size) },
        };

        memset(program, 0, 512);
        memcpy(program, "MZ", 2);
        memcpy(program + 0x40, "PE\0", 4);
        memcpy(program + 0x58, "mods", 5);
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
                uint32_t value = htole32(numbers[i].value);

                memcpy(program + numbers[i].at, &value, sizeof(value));
        }
        memcpy(mods + 48, prefix, prefix_size);
        return 0x100 + mods_size;
}

static const char *const prefixes[] = { "/boot/grub2", "", "(,gpt2)/boot/grub" };

TEST_ROWS(prefix, ELEMENTSOF(prefixes)) {
        unsigned char program[512];
        char prefix[LOADER_PREFIX_MAX];
        size_t size = make_grub(program, prefixes[_i]);

        assert_ok(loader_read_prefix(program, size, prefix));
        ck_assert_str_eq(prefix, prefixes[_i]);
}

/* Cut anywhere, with any byte changed: an answer or none, but nothing outside of it is read. */
TEST(hostile_program)
{
        unsigned char program[512];
        char prefix[LOADER_PREFIX_MAX];
        size_t size = make_grub(program, "/boot/grub2");

        assert_errno(loader_read_prefix(NULL, 0, prefix), -ENODATA);
        assert_errno(loader_read_prefix(program, size - 1, prefix), -ENODATA);
        for (size_t i = 0; i < size; i++) {
                _cleanup_free_ unsigned char *copy = malloc(size);

                memcpy(copy, program, size);
                copy[i] = (unsigned char) ~copy[i];
                (void) loader_read_prefix(copy, size, prefix);
                (void) loader_read_prefix(copy, i, prefix);
        }
}
