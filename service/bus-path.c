/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Object paths and the numbers in them. */

#include "service/bus-path.h"

#include <stdio.h>

#include "common/strings.h"
#include "dbus/names.h"

void bus_path_of_job(uint32_t id, char ret_path[static BUS_PATH_SIZE]) {
        (void) snprintf(ret_path, BUS_PATH_SIZE, BUS_PATH_JOB_FORMAT, id);
}

void bus_path_of_artifact(uint32_t id, char ret_path[static BUS_PATH_SIZE]) {
        if (id > 0)
                (void) snprintf(ret_path, BUS_PATH_SIZE, BUS_PATH_ARTIFACT_FORMAT, id);
        else
                (void) snprintf(ret_path, BUS_PATH_SIZE, BUS_PATH_NONE);
}

bool bus_path_to_id(const char *path, const char *prefix, uint32_t *ret_id) {
        const char *rest = str_after_prefix(path, prefix);
        const char *digits = rest ? str_after_prefix(rest, "/_") : NULL;
        uint64_t id;

        /* One path for each object: no zeros in front. */
        if (!digits || *digits == '0' || str_to_u64(digits, UINT32_MAX, &id) < 0)
                return false;
        *ret_id = (uint32_t) id;
        return true;
}
