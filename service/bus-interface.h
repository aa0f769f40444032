/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An interface of ours, as data: its objects, its vtable for sd-bus, and for each of its methods who
 * may call it. bus-gate.h has the one way from a message to a method.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

typedef struct Manager Manager;

/* Does what a method is for: reads the message from its start, acts, replies. `id` is the object's
 * number, or 0; the object may not be there, so it is looked for anew. Returns as a bus method's
 * handler. */
typedef int (*BusAct)(Manager *manager, uint32_t id, sd_bus_message *m, sd_bus_error *reterr_error);

/* Who may call a method. There is no default: a row must say one of them. */
typedef enum BusAccess {
        BUS_ACCESS_UNSET = 0,
        /* Anybody, without a question: it tells what is everybody's or the caller's own, and changes
         * nothing. */
        BUS_ACCESS_HARMLESS,
        /* Whoever polkit lets do one of the row's actions; request_authorize() asks, when the
         * arguments are known, and is the only way to a job. */
        BUS_ACCESS_ACTION,
        /* The object's owner and root; others whom polkit lets do org.pxed1.manage. To everybody
         * else the object is not there. */
        BUS_ACCESS_OWNER,
        /* Root, and others whom polkit lets do org.pxed1.manage. */
        BUS_ACCESS_MANAGER,
        /* About something without an object that the arguments name and everybody may know of: whose
         * it is, and root; others whom polkit lets do org.pxed1.manage. The row's `whose` tells. */
        BUS_ACCESS_NAMED,
        _BUS_ACCESS_MAX,
} BusAccess;

#define BUS_ACTIONS_MAX 2
#define BUS_THING_MAX   272 /* bytes: a file name and what it is of */

typedef struct BusThing {
        char object[BUS_THING_MAX]; /* for polkit's prompt: "image base.img" */
        uid_t owner;
} BusThing;

/* What the message is about, if there is such a thing. Returns as a bus method's handler. */
typedef int (*BusWhose)(
                Manager *manager,
                sd_bus_message *m,
                BusThing *ret,
                sd_bus_error *reterr_error);

typedef struct BusMethod {
        const char *member;
        BusAccess access;
        BusAct act;
        const char *verb; /* for org.pxed1.manage: what polkit's prompt calls it */
        const char *actions[BUS_ACTIONS_MAX]; /* what request_authorize() may ask for */
        BusWhose whose;                       /* BUS_ACCESS_NAMED */
} BusMethod;

typedef struct BusInterface {
        const char *name;
        const char *path;    /* of its object, or of the folder of its objects */
        const char *noun;    /* "job": objects with a number; NULL: one object */
        size_t list_offset;  /* of the IdList in Manager that has these objects */
        size_t owner_offset; /* of the uid_t in one of them */
        const sd_bus_vtable *vtable;
        const BusMethod *methods;
        size_t n_methods;
} BusInterface;
