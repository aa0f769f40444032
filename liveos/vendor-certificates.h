/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The certificates that a shim brings along: what it trusts beside the firmware's own. They lie in its
 * section ".vendor_cert" (shim: cert.S), as one certificate in DER, or as signature lists of UEFI
 * (UEFI specification 2.10, 32.4.1). Pure.
 */

#include "liveos/pe.h"

#define VENDOR_CERTIFICATES_MAX 16

/* Views of the program's bytes, each a certificate in DER as far as its first byte tells. Returns how
 * many; 0 for a shim without any, and for what is no shim. */
size_t vendor_certificates_find(Bytes program, Bytes ret[static VENDOR_CERTIFICATES_MAX]);
