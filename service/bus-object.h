/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What jobs and artifacts have in common on the bus: a path with a number in it, objects that are
 * found by this number each time they are called and only by those who may see them, and properties
 * that are members of a struct.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "common/cleanup.h"
#include "service/bus-interface.h"
#include "service/manager.h"

/* Room for a path of a job or an artifact. */
#define BUS_OBJECT_PATH_SIZE 48

void bus_object_job_path(uint32_t id, char ret_path[static BUS_OBJECT_PATH_SIZE]);

/* BUS_PATH_NONE for 0. */
void bus_object_artifact_path(uint32_t id, char ret_path[static BUS_OBJECT_PATH_SIZE]);

/* True when `path` is "<prefix>/_N", spelt as the functions above do. */
bool bus_object_path_to_id(const char *path, const char *prefix, uint32_t *ret_id);

/* Registers all objects of the interface, once, if bus_gate_check() has nothing against it: nobody else
 * adds a vtable. Getters get the Job or Artifact as their userdata. The bus borrows the manager until it is
 * closed. */
int bus_object_register(Manager *manager, const BusInterface *interface, Failure *reterr);

/* The object if it is there and the sender of the message may see it, else NULL. */
void *bus_object_find_visible(
                const Manager *manager,
                const BusInterface *interface,
                uint32_t id,
                sd_bus_message *m);

/* The manager, for a handler or getter while it runs. */
Manager *bus_object_manager(sd_bus *bus);

/* The struct of an array for one object: as append functions of bus-list.h, but the item itself. */
typedef int (*BusObjectAppend)(sd_bus_message *reply, const void *object);

/* Answers a call with an array of structs, one for each object of the interface that is in `whose`. */
typedef enum BusObjectWhose {
        BUS_OBJECTS_OWN, /* what the sender may see */
        BUS_OBJECTS_ALL,
} BusObjectWhose;
int bus_object_reply_list(
                Manager *manager,
                const BusInterface *interface,
                BusObjectWhose whose,
                sd_bus_message *m,
                const char *signature,
                BusObjectAppend append);

/* A getter has seven parameters, of which most use two, `reply` and `userdata`. */
#define BUS_GETTER(name)                         \
        int name(sd_bus *bus _unused_,           \
                 const char *path _unused_,      \
                 const char *interface _unused_, \
                 const char *property _unused_,  \
                 sd_bus_message *reply,          \
                 void *userdata,                 \
                 sd_bus_error *reterr_error _unused_)

/* The getter of a member of type char *; NULL is "". */
BUS_GETTER(bus_object_get_text);

/* Rows of a vtable for members of `type`: a text, and what sd-bus reads by itself. */
#define BUS_OBJECT_TEXT(name, type, member, flags) \
        SD_BUS_PROPERTY(name, "s", bus_object_get_text, offsetof(type, member), flags)
#define BUS_OBJECT_NUMBER(name, signature, type, member, flags) \
        SD_BUS_PROPERTY(name, signature, NULL, offsetof(type, member), flags)
