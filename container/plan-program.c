/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plan of a container for one program of the host: the program, what it needs to run, nothing else.
 * No /proc, no /etc, no folder that could be written to. */

#include <errno.h>

#include "common/cleanup.h"
#include "container/plan-op.h"
#include "container/program-needs.h"

#define LIBRARY (OP_READ_ONLY | OP_NOSUID | OP_NODEV)

const char *const program_libraries[] = {
        "/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache",
};

const size_t n_program_libraries = ELEMENTSOF(program_libraries);

const char *const program_devices[] = { "/dev/null", "/dev/urandom" };

const size_t n_program_devices = ELEMENTSOF(program_devices);

int plan_add_program(Plan *plan, const char *path) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n_program_libraries; i++)
                r = plan_add_host_folder(plan, program_libraries[i], LIBRARY);
        for (size_t i = 0; r >= 0 && i < n_program_devices; i++)
                r = plan_add_host_path(plan, program_devices[i], OP_NOSUID | OP_NOEXEC);
        return r < 0 ? r : plan_add_host_path(plan, path, LIBRARY);
}
