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
typedef enum MethodOptionGroup {
        METHOD_OPTIONS_FORMAT = 1 << 0, /* format */
        METHOD_OPTIONS_BUILD = 1 << 1,  /* what else a build takes */
        METHOD_OPTIONS_JOB = 1 << 2,    /* title, cookie */
        METHOD_OPTIONS_IMPORT = 1 << 3, /* replace */
        METHOD_OPTIONS_OF_BUILD = METHOD_OPTIONS_FORMAT | METHOD_OPTIONS_BUILD | METHOD_OPTIONS_JOB,
} MethodOptionGroup;

/* What was not given is zero or NULL. */
typedef struct MethodOptions {
        OrderFormat format;
        bool pxe_artifacts;
        char *volume_id;
        char *iso_name;
        char *compressor;
        uint32_t compression_level;
        uint32_t source_date_epoch;
        bool replace;
        char *title;
        char *cookie;
} MethodOptions;

/* Reads the array at the message's present place. Errors: -EINVAL with a sentence, -ENOMEM, and
 * sd-bus's own for a message that is no message. */
int method_options_read(sd_bus_message *m, unsigned groups, MethodOptions *ret, Failure *reterr);

/* Moves what concerns the worker into the order. */
void method_options_move_to_order(MethodOptions *options, Order *order);

void method_options_done(MethodOptions *options);
#define _cleanup_method_options_ _cleanup_(method_options_done)
