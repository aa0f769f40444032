/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The head of a property's getter: seven parameters, of which most use two, `reply` and `userdata`. */

#include <systemd/sd-bus.h>

#include "common/cleanup.h"

#define PROPERTY_GETTER(name)                           \
        static int name(sd_bus *bus _unused_,           \
                        const char *path _unused_,      \
                        const char *interface _unused_, \
                        const char *property _unused_,  \
                        sd_bus_message *reply,          \
                        void *userdata,                 \
                        sd_bus_error *reterr_error _unused_)
