/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From the service to the user: an artifact is written to its places, told about, and removed from
 * the service when nobody wants it there. */

#include <systemd/sd-bus.h>

#include "client/output.h"
#include "common/failure.h"

typedef enum DeliverFlags {
        DELIVER_REMOVE = 1 << 0, /* from the service, once everything is written */
        DELIVER_JSON = 1 << 1,   /* tell as JSON … */
        DELIVER_QUIET = 1 << 2,  /* … or not at all */
} DeliverFlags;

/* `path` is the artifact's object. Without an output it only tells where the artifact is. Errors:
 * those of output_write() and of calls; the artifact then is still with the service, and the
 * sentence says so. */
int deliver(sd_bus *bus, const char *path, Output *output, DeliverFlags flags, Failure *reterr);
