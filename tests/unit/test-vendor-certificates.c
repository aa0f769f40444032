/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The certificates inside a shim, in made-up programs: one alone, lists of them, and nonsense. */

#include "tests/lib/test.h"

#include <endian.h>

#include "common/buffer.h"
#include "liveos/vendor-certificates.h"

#define X509   "\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72"
#define SHA256 "\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28"
#define OWNER  "0123456789abcdef"

static void put_u32(Buffer *buffer, uint32_t value) {
        uint32_t little = htole32(value);

        assert_ok(buffer_append(buffer, &little, sizeof(little)));
}

static void put_zeros(Buffer *buffer, size_t to) {
        while (buffer->size < to)
                assert_ok(buffer_append(buffer, "", 1));
}

/* A signature list of certificates of 4 bytes each. */
static void put_list(Buffer *buffer, const char *type, const char *certificates) {
        uint32_t n = (uint32_t) strlen(certificates) / 4;

        assert_ok(buffer_append(buffer, type, 16));
        put_u32(buffer, 28 + n * 20);
        put_u32(buffer, 0);
        put_u32(buffer, 20);
        for (uint32_t i = 0; i < n; i++) {
                assert_ok(buffer_append(buffer, OWNER, 16));
                assert_ok(buffer_append(buffer, certificates + (size_t) i * 4, 4));
        }
}

/* A program of one section, whose name lies in the table of strings. The header of the section says
 * where the trusted part is. */
static void make_shim(Buffer *shim, const Buffer *trusted) {
        const uint32_t data_at = 0x100, strings_at = 0xc0;

        assert_ok(buffer_append(shim, "MZ", 2));
        put_zeros(shim, 0x3c);
        put_u32(shim, 0x40);
        assert_ok(buffer_append(shim, "PE\0\0\x64\x86\x01\0", 8));
        put_u32(shim, 0); /* time */
        put_u32(shim, strings_at);
        put_u32(shim, 0); /* symbols */
        put_u32(shim, 0); /* no optional header */
        assert_ok(buffer_append(shim, "/4\0\0\0\0\0\0", 8));
        put_u32(shim, 0);
        put_u32(shim, 0);
        put_u32(shim, (uint32_t) trusted->size + 16);
        put_u32(shim, data_at);
        put_zeros(shim, strings_at);
        put_u32(shim, 17);
        assert_ok(buffer_append(shim, ".vendor_cert", 13));
        put_zeros(shim, data_at);
        put_u32(shim, (uint32_t) trusted->size);
        put_u32(shim, 0);
        put_u32(shim, 16);
        put_u32(shim, 0);
        assert_ok(buffer_append(shim, trusted->data, trusted->size));
}

static const struct {
        const char *type; /* NULL: no list */
        const char *certificates;
        const char *found; /* all together */
        size_t n;
} rows[] = {
        { NULL, "0abcdefg", "0abcdefg", 1 },
        { NULL, "abc", "", 0 },
        { X509, "0aaa", "0aaa", 1 },
        { X509, "0aaa0bbb0ccc", "0aaa0bbb0ccc", 3 },
        { X509, "0aaaxbbb0ccc", "0aaa0ccc", 2 },
        { SHA256, "0aaa", "", 0 },
};

static void check_found(const Buffer *shim, const char *found, size_t n) {
        Bytes program = { (const unsigned char *) shim->data, shim->size };
        Bytes items[VENDOR_CERTIFICATES_MAX];
        _cleanup_buffer_ Buffer all = {};

        ck_assert_uint_eq(vendor_certificates_find(program, items), n);
        assert_ok(buffer_append_string(&all, ""));
        for (size_t i = 0; i < n; i++)
                assert_ok(buffer_append(&all, items[i].data, items[i].size));
        ck_assert_str_eq(all.data, found);
}

TEST_ROWS(certificates, ELEMENTSOF(rows)) {
        _cleanup_buffer_ Buffer trusted = {}, shim = {};

        if (rows[_i].type)
                put_list(&trusted, rows[_i].type, rows[_i].certificates);
        else
                assert_ok(buffer_append_string(&trusted, rows[_i].certificates));
        make_shim(&shim, &trusted);
        check_found(&shim, rows[_i].found, rows[_i].n);
}

TEST(several_lists)
{
        _cleanup_buffer_ Buffer trusted = {}, shim = {};

        put_list(&trusted, X509, "0aaa");
        put_list(&trusted, SHA256, "0bbb");
        put_list(&trusted, X509, "0ccc0ddd");
        make_shim(&shim, &trusted);
        check_found(&shim, "0aaa0ccc0ddd", 3);
}

/* Cut anywhere, with any byte changed: some or none, but nothing outside of it is read. */
TEST(hostile_shim)
{
        _cleanup_buffer_ Buffer trusted = {}, shim = {};
        Bytes items[VENDOR_CERTIFICATES_MAX];

        put_list(&trusted, X509, "0aaa0bbb");
        put_list(&trusted, X509, "0ccc");
        make_shim(&shim, &trusted);
        for (size_t i = 0; i < shim.size; i++) {
                _cleanup_free_ unsigned char *copy = malloc(shim.size);
                _cleanup_free_ unsigned char *cut = malloc(i + 1);

                memcpy(copy, shim.data, shim.size);
                copy[i] = (unsigned char) ~copy[i];
                memcpy(cut, shim.data, i + 1);
                ck_assert_uint_le(
                                vendor_certificates_find((Bytes){ copy, shim.size }, items),
                                VENDOR_CERTIFICATES_MAX);
                (void) pe_is_signed((Bytes){ copy, shim.size });
                (void) vendor_certificates_find((Bytes){ cut, i + 1 }, items);
                (void) pe_is_signed((Bytes){ cut, i + 1 });
        }
}
