/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A part without a row cannot be confined, and what is printed is what confines. */

#include "container/part.h"

#include <assert.h>

#include "common/cleanup.h"
#include "container/capability-sets.h"
#include "container/seccomp-print.h"
#include "container/seccomp.h"

static const struct {
        const char *name;
        uint64_t capabilities;
        SeccompFilter filter;
} parts[_PART_MAX] = {
        [PART_CONDUCTOR] = { "conductor", CAPABILITIES_CONDUCTOR, SECCOMP_CONDUCTOR },
        [PART_IMAGE] = { "image", CAPABILITIES_IMAGE, SECCOMP_IMAGE },
        [PART_TOOL] = { "tool", CAPABILITIES_TOOL, SECCOMP_TOOL },
        [PART_FUSE] = { "fuse", CAPABILITIES_NONE, SECCOMP_FUSE },
        [PART_CONVERTER] = { "converter", CAPABILITIES_NONE, SECCOMP_CONVERTER },
        [PART_READER] = { "reader", CAPABILITIES_NONE, SECCOMP_READER },
        [PART_COPIER] = { "copier", CAPABILITIES_NONE, SECCOMP_COPIER },
};

int part_confine(Part part) {
        int r;

        assert(part < _PART_MAX);
        r = capability_limit(parts[part].capabilities);
        return r < 0 ? r : seccomp_apply(parts[part].filter);
}

void part_print_all(FILE *f) {
        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                fprintf(f, "\npart %s\n", parts[i].name);
                capability_print(parts[i].capabilities, f);
                seccomp_print_table(parts[i].filter, f);
        }
}
