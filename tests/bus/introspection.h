/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a service on the bus says of itself: every method of every object below a path, by
 * introspection. For the fuzzer of this folder, which calls all of them.
 */

#include <stddef.h>
#include <systemd/sd-bus.h>

typedef struct Method {
        char *path;
        char *interface;
        char *name;
        char *signature; /* of what goes in */
} Method;

typedef struct Methods {
        Method *items;
        size_t n_items;
} Methods;

/* Asks the object and those below it, at most `max` methods in all. Blocks. What is gone meanwhile is
 * left out. Errors: those of sd-bus. */
int methods_read(sd_bus *bus, const char *service, const char *path, size_t max, Methods *methods);

void methods_done(Methods *methods);
