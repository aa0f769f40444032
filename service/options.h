/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The options a{sv} of methods: one table of known keys, read and checked in one place. An unknown
 * key, a wrong type and a value out of its range are errors.
 */

#include <systemd/sd-bus.h>

#include "common/failure.h"
#include "config/order.h"

/* Which keys a method takes. */
typedef enum OptionGroup {
        OPTIONS_FORMAT = 1 << 0, /* format */
        OPTIONS_BUILD = 1 << 1,  /* what else a build takes */
        OPTIONS_JOB = 1 << 2,    /* title, cookie */
} OptionGroup;

/* What was not given is zero or NULL. */
typedef struct Options {
        OrderFormat format;
        bool pxe_artifacts;
        char *volume_id;
        char *iso_name;
        char *compressor;
        uint32_t compression_level;
        char *title;
        char *cookie;
} Options;

/* Reads the array at the message's present place. Errors: -EINVAL with a sentence, -ENOMEM, and
 * sd-bus's own for a message that is no message. */
int options_read(sd_bus_message *m, unsigned groups, Options *ret, Failure *reterr);

/* Moves what concerns the worker into the order. */
void options_move_to_order(Options *options, Order *order);

void options_done(Options *options);
#define _cleanup_options_ _cleanup_(options_done)
