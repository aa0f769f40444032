/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Messages of D-Bus out of a fuzzer's bytes: mostly of the signature that a reader expects, sometimes
 * of another, well formed in any case, since the bus lets nothing else pass.
 */

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* A sealed message, to be read from its start. Caller unrefs. */
sd_bus_message *fuzz_take_message(const uint8_t **data, size_t *size, const char *signature);
