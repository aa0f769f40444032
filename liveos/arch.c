/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The machine that an image is for: from the image's programs, never from the machine that builds. */

#include "liveos/arch.h"

#include <assert.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"

static const struct {
        uint16_t machine;
        const char *name, *efi_suffix, *grub_platform;
} archs[_ARCH_MAX] = {
        [ARCH_X86_64] = { EM_X86_64, "x86_64", "x64", "x86_64-efi" },
        [ARCH_AARCH64] = { EM_AARCH64, "aarch64", "aa64", "arm64-efi" },
};

const char *arch_to_string(Arch arch) {
        assert(arch >= 0 && arch < _ARCH_MAX);
        return archs[arch].name;
}

const char *arch_efi_suffix(Arch arch) {
        assert(arch >= 0 && arch < _ARCH_MAX);
        return archs[arch].efi_suffix;
}

const char *arch_grub_platform(Arch arch) {
        assert(arch >= 0 && arch < _ARCH_MAX);
        return archs[arch].grub_platform;
}

Arch arch_host(void) {
        struct utsname machine;

        if (uname(&machine) < 0)
                return _ARCH_INVALID;
        for (Arch arch = 0; arch < _ARCH_MAX; arch++)
                if (str_equal(archs[arch].name, machine.machine))
                        return arch;
        return _ARCH_INVALID;
}

int arch_from_elf(const void *data, size_t size, Arch *ret) {
        Elf64_Ehdr header;

        /* The machine stands at the same place for 32 and 64 bits. */
        if (size < offsetof(Elf64_Ehdr, e_entry) || memcmp(data, ELFMAG, SELFMAG) != 0)
                return -EINVAL;
        memcpy(&header, data, offsetof(Elf64_Ehdr, e_entry));
        if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
                return -EOPNOTSUPP;
        for (Arch arch = 0; arch < _ARCH_MAX; arch++)
                if (archs[arch].machine == le16toh(header.e_machine)) {
                        *ret = arch;
                        return 0;
                }
        return -EOPNOTSUPP;
}

static int read_program(int root_fd, const char *path, Arch *ret) {
        char header[sizeof(Elf64_Ehdr)];
        _cleanup_close_ int fd = fd_open_in_root(
                        root_fd,
                        path,
                        O_RDONLY | O_NONBLOCK | O_NOCTTY,
                        0);
        ssize_t n;

        if (fd < 0)
                return fd;
        do
                n = pread(fd, header, sizeof(header), 0);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : arch_from_elf(header, (size_t) n, ret);
}

int arch_read(int root_fd, Arch *ret, Failure *reterr) {
        static const char *const programs[] = {
                "usr/lib/systemd/systemd",
                "lib/systemd/systemd",
                "sbin/init",
                "bin/sh",
                "usr/bin/env",
        };

        for (size_t i = 0; i < ELEMENTSOF(programs); i++) {
                int r = read_program(root_fd, programs[i], ret);

                if (r == -EOPNOTSUPP)
                        return failure_set(
                                        reterr,
                                        r,
                                        "The image's program '/%s' is for a machine that no Live OS can be made for: there are %s and %s.",
                                        programs[i],
                                        arch_to_string(ARCH_X86_64),
                                        arch_to_string(ARCH_AARCH64));
                if (r >= 0)
                        return 0;
        }
        return failure_set(
                        reterr,
                        -ENOEXEC,
                        "The image has no programs (neither '/usr/lib/systemd/systemd' nor '/bin/sh'), so it is no installed OS.");
}
