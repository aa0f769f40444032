/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names for those capabilities that a part of ours has. */

#include "container/capability-sets.h"
#include "common/cleanup.h"

static const struct {
        int number;
        const char *name;
} names[] = {
        { CAP_CHOWN, "chown" },
        { CAP_DAC_OVERRIDE, "dac_override" },
        { CAP_DAC_READ_SEARCH, "dac_read_search" },
        { CAP_FOWNER, "fowner" },
        { CAP_FSETID, "fsetid" },
        { CAP_KILL, "kill" },
        { CAP_SETGID, "setgid" },
        { CAP_SETUID, "setuid" },
        { CAP_SETPCAP, "setpcap" },
        { CAP_NET_BIND_SERVICE, "net_bind_service" },
        { CAP_NET_RAW, "net_raw" },
        { CAP_SYS_CHROOT, "sys_chroot" },
        { CAP_SYS_PTRACE, "sys_ptrace" },
        { CAP_SYS_ADMIN, "sys_admin" },
        { CAP_SYS_NICE, "sys_nice" },
        { CAP_SYS_RESOURCE, "sys_resource" },
        { CAP_MKNOD, "mknod" },
        { CAP_SETFCAP, "setfcap" },
};

void capability_print(uint64_t mask, FILE *f) {
        fputs("capabilities", f);
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (mask & CAPABILITY(names[i].number)) {
                        fprintf(f, " %s", names[i].name);
                        mask &= ~CAPABILITY(names[i].number);
                }
        /* Nothing is left out in silence. */
        if (mask != 0)
                fprintf(f, " 0x%llx", (unsigned long long) mask);
        fputc('\n', f);
}
