/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which machines a kernel runs programs of is nothing that it tells in a container; so it is tried. */

#include "liveos/foreign.h"

#include <errno.h>
#include <fcntl.h>

#include "container/command.h"
#include "liveos/arch.h"
#include "liveos/customize.h"
#include "liveos/places.h"

#define TIMEOUT_USEC (UINT64_C(60) * 1000000)

static bool can_run(void) {
        static const char *const argv[] = { "/bin/sh", "-c", ":", NULL };
        Command command = COMMAND_INIT;

        command.argv = argv;
        command.root = PLACE_TREE;
        command.profile = COMMAND_IMAGE;
        command.timeout_usec = TIMEOUT_USEC;
        return command_run(&command, /* reterr= */ NULL) == 0;
}

int foreign_check(const Build *build, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_PATH | O_DIRECTORY | O_CLOEXEC);
        bool runs_tools = build->initramfs != INITRAMFS_FULL_OS || customize_wanted(build);
        Arch arch, host = arch_host();
        int r;

        if (root_fd < 0)
                return failure_set_errno(reterr, -errno, "The image's tree cannot be opened");
        r = arch_read(root_fd, &arch, reterr);
        if (r < 0 || arch == host || !runs_tools || can_run())
                return r;
        return failure_set(
                        reterr,
                        -ENOEXEC,
                        "The image is for %s, and this host cannot run its programs, which this build needs (dracut makes the initrd, and the config may have scripts): build on a host of that machine, or install an emulator here (qemu-user-static with binfmt-support).",
                        arch_to_string(arch));
}
