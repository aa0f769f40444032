/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every process says its ids in /proc/PID/status; the four of a line may differ, and all count. */

#include "service/id-range.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/fs.h"
#include "common/strings.h"

static void mark(uint32_t id, uint32_t base, bool *used, size_t n_ranges) {
        uint32_t range = (id - base) / ID_RANGE_SIZE;

        if (id >= base && range < n_ranges)
                used[range] = true;
}

/* A process that ends meanwhile has no ids any more. */
static void mark_process(const char *pid, uint32_t base, bool *used, size_t n_ranges) {
        _cleanup_free_ char *path = str_printf("/proc/%s/status", pid);
        _cleanup_fclose_ FILE *f = path ? fopen(path, "re") : NULL;
        char line[256];

        while (f && fgets(line, sizeof(line), f)) {
                uint32_t ids[4];

                if (sscanf(line,
                           "%*1[UG]id: %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32,
                           &ids[0],
                           &ids[1],
                           &ids[2],
                           &ids[3]) != ELEMENTSOF(ids))
                        continue;
                for (size_t i = 0; i < ELEMENTSOF(ids); i++)
                        mark(ids[i], base, used, n_ranges);
        }
}

int id_range_mark_used(uint32_t base, bool *used, size_t n_ranges) {
        _cleanup_closedir_ DIR *d = opendir("/proc");

        if (!d)
                return -errno;
        for (struct dirent *e = fs_readdir(d); e; e = fs_readdir(d))
                if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
                        mark_process(e->d_name, base, used, n_ranges);
        return 0;
}
