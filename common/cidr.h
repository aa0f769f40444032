/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Ranges of IP addresses: "192.0.2.0/24", "2001:db8::/32", or one address. Pure functions.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define CIDR_TEXT_MAX 64 /* with the NUL */

typedef struct Cidr {
        int family;          /* AF_INET or AF_INET6 */
        unsigned bits;       /* how many of the address count, from its front */
        uint8_t address[16]; /* network order; the bits that do not count are 0 */
} Cidr;

/* Reads "address/bits", or an address alone, which is the range of that one. Errors: -EINVAL, also
 * when bits are set that do not count. */
int cidr_parse(const char *text, Cidr *ret);

/* The one address of a socket; other families than the two give -EAFNOSUPPORT. */
int cidr_from_socket_address(const struct sockaddr *address, Cidr *ret);

/* As cidr_parse() reads it, always with its bits. */
void cidr_format(const Cidr *cidr, char ret_text[static CIDR_TEXT_MAX]);

/* True when every address of `inner` is one of `outer`. */
bool cidr_contains(const Cidr *outer, const Cidr *inner);

/* True when they have an address in common. */
bool cidr_overlaps(const Cidr *a, const Cidr *b);

bool cidr_equal(const Cidr *a, const Cidr *b);
