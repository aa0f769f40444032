/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The prefix inside a grub for EFI: a PE program with a section "mods", in which GRUB keeps its
 * modules, and among them an object that holds the prefix. All numbers are little-endian.
 */

#include "liveos/loader.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define MODULES_MAGIC 0x676d696dU /* "mimg" */
#define OBJECT_PREFIX 3U
#define SECTION_SIZE  40U
#define OBJECTS_MAX   4096U
#define SECTIONS_MAX  96U

typedef struct Bytes {
        const unsigned char *data;
        size_t size;
} Bytes;

/* The part of the bytes from `offset` on; false when it does not lie inside. */
static bool bytes_part(Bytes bytes, uint64_t offset, uint64_t size, Bytes *ret) {
        if (offset > bytes.size || size > bytes.size - offset)
                return false;
        *ret = (Bytes){ .data = bytes.data + offset, .size = (size_t) size };
        return true;
}

/* A number of `size` bytes at the offset; 0 when it does not lie inside. */
static uint64_t bytes_number(Bytes bytes, uint64_t offset, unsigned size) {
        uint64_t number = 0;
        Bytes part;

        if (!bytes_part(bytes, offset, size, &part))
                return 0;
        for (unsigned i = size; i > 0; i--)
                number = number << 8 | part.data[i - 1];
        return number;
}

static bool bytes_begin(Bytes bytes, const char *magic, size_t size) {
        return bytes.size >= size && memcmp(bytes.data, magic, size) == 0;
}

static bool find_section(Bytes program, const char *name, Bytes *ret) {
        uint64_t header = bytes_number(program, 0x3c, 4), n_sections, table;
        Bytes pe;

        if (!bytes_begin(program, "MZ", 2) || !bytes_part(program, header, 24, &pe) ||
            !bytes_begin(pe, "PE\0", 4))
                return false;
        n_sections = bytes_number(pe, 6, 2);
        table = header + 24 + bytes_number(pe, 20, 2);
        for (uint64_t i = 0; i < n_sections && i < SECTIONS_MAX; i++) {
                Bytes section;

                if (!bytes_part(program, table + i * SECTION_SIZE, SECTION_SIZE, &section))
                        return false;
                if (strncmp((const char *) section.data, name, 8) == 0)
                        return bytes_part(
                                        program,
                                        bytes_number(section, 20, 4),
                                        bytes_number(section, 16, 4),
                                        ret);
        }
        return false;
}

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

        if (!find_section(program, "mods", &modules) ||
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
