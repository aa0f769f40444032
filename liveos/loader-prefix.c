/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The prefix inside a grub for EFI: a PE program with a section "mods", in which GRUB keeps its
 * modules, and among them an object that holds the prefix. All numbers are little-endian.
 */

#include "liveos/loader.h"

#include <errno.h>
#include <string.h>

#include "liveos/pe.h"

#define MODULES_MAGIC 0x676d696dU /* "mimg" */
#define OBJECT_PREFIX 3U
#define OBJECTS_MAX   4096U

static int copy_prefix(Bytes object, char ret_prefix[static LOADER_PREFIX_MAX]) {
        const void *end = memchr(object.data, '\0', object.size);
        size_t size = end ? (size_t) ((const unsigned char *) end - object.data) : object.size;

        if (size >= LOADER_PREFIX_MAX)
                return -ENODATA;
        memcpy(ret_prefix, object.data, size);
        ret_prefix[size] = '\0';
        return 0;
}

int loader_read_prefix(const void *data, size_t size, char ret_prefix[static LOADER_PREFIX_MAX]) {
        Bytes program = { .data = data, .size = size }, modules;
        uint64_t at;

        if (!pe_find_section(program, "mods", &modules) ||
            bytes_number(modules, 0, 4) != MODULES_MAGIC)
                return -ENODATA;
        at = bytes_number(modules, 8, 8);
        for (unsigned i = 0; i < OBJECTS_MAX; i++) {
                uint64_t object_size = bytes_number(modules, at + 4, 4);
                Bytes object;

                /* The size counts the object's own header of 8 bytes. */
                if (object_size < 8 || !bytes_part(modules, at, object_size, &object))
                        break;
                if (bytes_number(object, 0, 4) == OBJECT_PREFIX)
                        return copy_prefix((Bytes){ object.data + 8, object.size - 8 }, ret_prefix);
                at += object_size;
        }
        return -ENODATA;
}
