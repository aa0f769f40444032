/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The machine of an image, from made-up ELF headers. */

#include "tests/lib/test.h"

#include <elf.h>
#include <fcntl.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/arch.h"

static Elf64_Ehdr make_header(unsigned char class, unsigned char data, uint16_t machine) {
        return (Elf64_Ehdr){
                .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, class, data, EV_CURRENT },
                .e_machine = machine,
        };
}

static const struct {
        unsigned char class, data;
        uint16_t machine;
        int r;
        Arch arch;
} rows[] = {
        { ELFCLASS64, ELFDATA2LSB, EM_X86_64, 0, ARCH_X86_64 },
        { ELFCLASS64, ELFDATA2LSB, EM_AARCH64, 0, ARCH_AARCH64 },
        { ELFCLASS64, ELFDATA2LSB, EM_RISCV, -EOPNOTSUPP, 0 },
        { ELFCLASS64, ELFDATA2MSB, EM_X86_64, -EOPNOTSUPP, 0 },
        { ELFCLASS32, ELFDATA2LSB, EM_386, -EOPNOTSUPP, 0 },
        { ELFCLASS32, ELFDATA2LSB, EM_X86_64, -EOPNOTSUPP, 0 },
};

TEST_ROWS(elf, ELEMENTSOF(rows)) {
        Elf64_Ehdr header = make_header(rows[_i].class, rows[_i].data, rows[_i].machine);
        Arch arch = _ARCH_INVALID;

        assert_errno(arch_from_elf(&header, sizeof(header), &arch), rows[_i].r);
        if (rows[_i].r >= 0)
                ck_assert_int_eq(arch, rows[_i].arch);
}

TEST(no_elf)
{
        Elf64_Ehdr header = make_header(ELFCLASS64, ELFDATA2LSB, EM_X86_64);
        Arch arch;

        assert_errno(arch_from_elf(&header, 19, &arch), -EINVAL);
        assert_errno(arch_from_elf("#!/bin/sh\necho this is a script\n", 32, &arch), -EINVAL);
}

TEST(names)
{
        ck_assert_str_eq(arch_to_string(ARCH_X86_64), "x86_64");
        ck_assert_str_eq(arch_efi_suffix(ARCH_X86_64), "x64");
        ck_assert_str_eq(arch_grub_platform(ARCH_X86_64), "x86_64-efi");
        ck_assert_str_eq(arch_to_string(ARCH_AARCH64), "aarch64");
        ck_assert_str_eq(arch_efi_suffix(ARCH_AARCH64), "aa64");
        ck_assert_str_eq(arch_grub_platform(ARCH_AARCH64), "arm64-efi");
}

TEST(image)
{
        Elf64_Ehdr header = make_header(ELFCLASS64, ELFDATA2LSB, EM_AARCH64);
        _cleanup_close_ int fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&fd);
        Failure failure = {};
        Arch arch;

        assert_errno(arch_read(fd, &arch, &failure), -ENOEXEC);
        assert_failure(&failure, "The image has no programs");
        /* The usual link of a merged /usr, absolute: it must not lead out of the image. */
        assert_ok(fs_write_in_root(fd, "usr/bin/dash", &header, sizeof(header), 0755));
        assert_ok(symlinkat("/usr/bin", fd, "bin"));
        assert_ok(symlinkat("/bin/dash", fd, "usr/bin/sh"));
        assert_ok(arch_read(fd, &arch, NULL));
        ck_assert_int_eq(arch, ARCH_AARCH64);
        header.e_machine = EM_S390;
        assert_ok(fs_write_in_root(fd, "usr/bin/dash", &header, sizeof(header), 0755));
        assert_errno(arch_read(fd, &arch, &failure), -EOPNOTSUPP);
        assert_failure(&failure, "The image's program '/bin/sh' is for a machine");
}
