/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The line of grub.cfg that starts a kernel: which kernel it is, and its arguments as a Live OS needs
 * them. Part of grub-live.h's transformation. Pure.
 */

#include <stddef.h>

#include "common/failure.h"
#include "liveos/grub-edit.h"
#include "liveos/grub-live.h"
#include "liveos/grub-words.h"

/* Arguments as the kernel is to get them, without quotes. */
typedef struct GrubArguments {
        char *root;   /* "root=…", NULL for none */
        char **words; /* list: all others, none twice */
} GrubArguments;

/* Errors: -EINVAL when an argument cannot be given to a Live OS. */
int grub_arguments_init(GrubArguments *arguments, const GrubLive *wish, Failure *reterr);
void grub_arguments_done(GrubArguments *arguments);

/* What follows the name of a command for one part of booting ("linux" or "initrd"): "" for "linux",
 * "efi" for "linuxefi"; NULL when the command is another one. */
const char *grub_boot_command_suffix(
                const GrubScript *script,
                const GrubCommand *command,
                const char *name);

/* The kernel of the medium that a `linux` command starts; NULL when it is none of them. */
const GrubKernel *grub_linux_find_kernel(
                const GrubScript *script,
                const GrubCommand *command,
                const GrubLive *wish);

/* Notes the changes to a `linux` command. Errors: -E2BIG when the line gets too long, -ENOMEM. */
int grub_linux_edit(
                const GrubScript *script,
                const GrubCommand *command,
                const GrubKernel *kernel,
                const GrubArguments *arguments,
                GrubEdits *edits,
                Failure *reterr);
