/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Programs for EFI: sections of a PE file, found by name, and numbers in them (little-endian). Views of
 * bytes that somebody else owns; nothing outside of them is ever read. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Bytes {
        const unsigned char *data;
        size_t size;
} Bytes;

/* The part of the bytes from `offset` on; false when it does not lie inside. */
bool bytes_part(Bytes bytes, uint64_t offset, uint64_t size, Bytes *ret);

/* A number of `size` bytes at the offset; 0 when it does not lie inside. */
uint64_t bytes_number(Bytes bytes, uint64_t offset, unsigned size);

bool bytes_begin(Bytes bytes, const char *magic, size_t size);

/* Whether it carries signatures: an entry for them in its table of directories. */
bool pe_is_signed(Bytes program);

/* The section of that name; false when there is none. */
bool pe_find_section(Bytes program, const char *name, Bytes *ret);
