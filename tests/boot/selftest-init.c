/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The whole user space of the self-test's machine: a static /init that shows that firmware, loader
 * and kernel did their part, and ends the machine. Its console is the kernel's own. */

#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

int main(void) {
        char line[4096] = "";
        FILE *f;

        (void) mount("proc", "/proc", "proc", 0, NULL);
        f = fopen("/proc/cmdline", "re");
        if (f && fgets(line, sizeof(line), f))
                printf("\nPXED-PROOF-BEGIN\ncmdline=%sPXED-PROOF-END\n", line);
        fflush(stdout);
        return reboot(RB_POWER_OFF);
}
