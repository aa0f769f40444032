/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The machine that an image is for, and the names that firmware and GRUB have for it. */

#include <stddef.h>

#include "common/failure.h"

typedef enum Arch {
        ARCH_X86_64,
        ARCH_AARCH64,
        _ARCH_MAX,
        _ARCH_INVALID = -22, /* -EINVAL */
} Arch;

/* "x64", "aa64": the part of a loader's file name. */
const char *arch_efi_suffix(Arch arch);

/* "x86_64-efi", "arm64-efi": GRUB's platform. */
const char *arch_grub_platform(Arch arch);

/* "x86_64", "aarch64". */
const char *arch_to_string(Arch arch);

/* Of this host, as the kernel calls it; _ARCH_INVALID for a machine that is none of these. */
Arch arch_host(void);

/* From the first bytes of a program (an ELF header). Errors: -EINVAL when it is no ELF program,
 * -EOPNOTSUPP when it is for another machine. Pure. */
int arch_from_elf(const void *data, size_t size, Arch *ret);

/* From the programs of the image. Blocks. Errors: -ENOEXEC when there is none to look at,
 * -EOPNOTSUPP when they are for a machine that no Live OS can be made for. */
int arch_read(int root_fd, Arch *ret, Failure *reterr);
