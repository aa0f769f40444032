/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sections of PE files, as the PE/COFF specification of Microsoft has them. */

#include "liveos/pe.h"

#include <string.h>

#define OPTIONAL_AT 24U    /* the optional header, from the PE header on */
#define MAGIC_64    0x20bU /* of it: PE32+, which x86_64 and aarch64 have */
#define SIGNATURES_AT \
        (OPTIONAL_AT + 112U + 4U * 8U) /* the fifth directory: attribute certificates */
#define SECTION_SIZE 40U
#define SECTIONS_MAX 96U
#define NAME_SIZE    8U
#define SYMBOL_SIZE  18U

bool bytes_part(Bytes bytes, uint64_t offset, uint64_t size, Bytes *ret) {
        if (offset > bytes.size || size > bytes.size - offset)
                return false;
        *ret = (Bytes){ .data = bytes.data + offset, .size = (size_t) size };
        return true;
}

uint64_t bytes_number(Bytes bytes, uint64_t offset, unsigned size) {
        uint64_t number = 0;
        Bytes part;

        if (!bytes_part(bytes, offset, size, &part))
                return 0;
        for (unsigned i = size; i > 0; i--)
                number = number << 8 | part.data[i - 1];
        return number;
}

bool bytes_begin(Bytes bytes, const char *magic, size_t size) {
        return bytes.size >= size && memcmp(bytes.data, magic, size) == 0;
}

/* Its header, from the magic number on. */
static bool find_header(Bytes program, Bytes *ret) {
        uint64_t at = bytes_number(program, 0x3c, 4);

        return bytes_begin(program, "MZ", 2) && at <= program.size &&
               bytes_part(program, at, program.size - at, ret) && ret->size >= 24 &&
               bytes_begin(*ret, "PE\0", 4);
}

bool pe_is_signed(Bytes program) {
        Bytes pe;

        return find_header(program, &pe) && bytes_number(pe, OPTIONAL_AT, 2) == MAGIC_64 &&
               bytes_number(pe, SIGNATURES_AT, 4) > 0 && bytes_number(pe, SIGNATURES_AT + 4, 4) > 0;
}

/* A name of more than 8 bytes lies in the table of strings behind the symbols, and the section has a
 * slash and its place there. */
static bool has_name(Bytes program, Bytes pe, Bytes section, const char *name) {
        size_t size = strlen(name) + 1;
        uint64_t at = 0;
        Bytes text;

        if (section.data[0] != '/')
                return strncmp((const char *) section.data, name, NAME_SIZE) == 0;
        for (size_t i = 1; i < NAME_SIZE && section.data[i] >= '0' && section.data[i] <= '9'; i++)
                at = at * 10 + (uint64_t) (section.data[i] - '0');
        at += bytes_number(pe, 12, 4) + bytes_number(pe, 16, 4) * SYMBOL_SIZE;
        return bytes_part(program, at, size, &text) && memcmp(text.data, name, size) == 0;
}

bool pe_find_section(Bytes program, const char *name, Bytes *ret) {
        uint64_t n_sections, table;
        Bytes pe;

        if (!find_header(program, &pe))
                return false;
        n_sections = bytes_number(pe, 6, 2);
        table = OPTIONAL_AT + bytes_number(pe, 20, 2);
        for (uint64_t i = 0; i < n_sections && i < SECTIONS_MAX; i++) {
                Bytes section;

                if (!bytes_part(pe, table + i * SECTION_SIZE, SECTION_SIZE, &section))
                        return false;
                if (has_name(program, pe, section, name))
                        return bytes_part(
                                        program,
                                        bytes_number(section, 20, 4),
                                        bytes_number(section, 16, 4),
                                        ret);
        }
        return false;
}
