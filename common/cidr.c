/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Ranges of addresses as a prefix of bits, of both families in one type. */

#include "common/cidr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/strings.h"

static unsigned family_bits(int family) {
        return family == AF_INET ? 32 : 128;
}

static bool bit_is_set(const uint8_t *address, unsigned bit) {
        return address[bit / 8] & (0x80U >> (bit % 8));
}

/* Whether the first `bits` are the same. */
static bool prefix_is_equal(const uint8_t *a, const uint8_t *b, unsigned bits) {
        for (unsigned i = 0; i < bits; i++)
                if (bit_is_set(a, i) != bit_is_set(b, i))
                        return false;
        return true;
}

int cidr_parse(const char *text, Cidr *ret) {
        const char *slash = strchr(text, '/');
        size_t length = slash ? (size_t) (slash - text) : strlen(text);
        char address[CIDR_TEXT_MAX];
        uint64_t bits;
        Cidr cidr = {};

        if (length >= sizeof(address))
                return -EINVAL;
        memcpy(address, text, length);
        address[length] = '\0';
        cidr.family = strchr(address, ':') ? AF_INET6 : AF_INET;
        if (inet_pton(cidr.family, address, cidr.address) != 1)
                return -EINVAL;
        bits = family_bits(cidr.family);
        if (slash && str_to_u64(slash + 1, bits, &bits) < 0)
                return -EINVAL;
        cidr.bits = (unsigned) bits;
        for (unsigned i = cidr.bits; i < family_bits(cidr.family); i++)
                if (bit_is_set(cidr.address, i))
                        return -EINVAL;
        *ret = cidr;
        return 0;
}

int cidr_from_socket_address(const struct sockaddr *address, Cidr *ret) {
        Cidr cidr = { .family = address->sa_family };

        if (address->sa_family == AF_INET)
                memcpy(cidr.address,
                       &((const struct sockaddr_in *) (const void *) address)->sin_addr,
                       4);
        else if (address->sa_family == AF_INET6)
                memcpy(cidr.address,
                       &((const struct sockaddr_in6 *) (const void *) address)->sin6_addr,
                       16);
        else
                return -EAFNOSUPPORT;
        cidr.bits = family_bits(cidr.family);
        *ret = cidr;
        return 0;
}

void cidr_format(const Cidr *cidr, char ret_text[static CIDR_TEXT_MAX]) {
        char address[INET6_ADDRSTRLEN] = "";

        (void) inet_ntop(cidr->family, cidr->address, address, sizeof(address));
        (void) snprintf(ret_text, CIDR_TEXT_MAX, "%s/%u", address, cidr->bits);
}

bool cidr_contains(const Cidr *outer, const Cidr *inner) {
        return outer->family == inner->family && outer->bits <= inner->bits &&
               prefix_is_equal(outer->address, inner->address, outer->bits);
}

bool cidr_overlaps(const Cidr *a, const Cidr *b) {
        return cidr_contains(a, b) || cidr_contains(b, a);
}

bool cidr_equal(const Cidr *a, const Cidr *b) {
        return cidr_contains(a, b) && cidr_contains(b, a);
}
