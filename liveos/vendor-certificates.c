/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A section with a header of four numbers, then the list of what is trusted, then that of what is not. */

#include "liveos/vendor-certificates.h"

#include <string.h>

#define SECTION      ".vendor_cert"
#define DER_SEQUENCE 0x30
#define LIST_HEADER  28U /* type, size of the list, of its header, of each signature */
#define OWNER_SIZE   16U /* in front of each certificate: who put it there */

/* EFI_CERT_X509_GUID, as it lies in memory. */
static const unsigned char x509_type[] = {
        0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94, 0xa7, 0x4a,
        0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72,
};

typedef struct Found {
        Bytes *items;
        size_t n_items;
} Found;

static void add(Found *found, Bytes certificate) {
        if (found->n_items < VENDOR_CERTIFICATES_MAX && certificate.size > 0 &&
            certificate.data[0] == DER_SEQUENCE)
                found->items[found->n_items++] = certificate;
}

/* The signatures of one list. */
static void add_list(Found *found, Bytes list) {
        uint64_t header = bytes_number(list, 20, 4), size = bytes_number(list, 24, 4);
        Bytes entry;

        if (memcmp(list.data, x509_type, sizeof(x509_type)) != 0 || size <= OWNER_SIZE)
                return;
        for (uint64_t at = LIST_HEADER + header; bytes_part(list, at, size, &entry); at += size)
                add(found, (Bytes){ entry.data + OWNER_SIZE, entry.size - OWNER_SIZE });
}

size_t vendor_certificates_find(Bytes program, Bytes ret[static VENDOR_CERTIFICATES_MAX]) {
        Found found = { .items = ret };
        Bytes section, trusted, list;

        if (!pe_find_section(program, SECTION, &section) || !bytes_part(section,
                                                                        bytes_number(section, 8, 4),
                                                                        bytes_number(section, 0, 4),
                                                                        &trusted))
                return 0;
        if (trusted.size > 0 && trusted.data[0] == DER_SEQUENCE)
                add(&found, trusted);
        else
                while (trusted.size >= LIST_HEADER) {
                        uint64_t size = bytes_number(trusted, 16, 4);

                        if (size < LIST_HEADER || !bytes_part(trusted, 0, size, &list))
                                break;
                        add_list(&found, list);
                        trusted = (Bytes){ trusted.data + size, trusted.size - (size_t) size };
                }
        return found.n_items;
}
