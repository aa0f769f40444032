/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a plan says, on the bus. */

#include <systemd/sd-bus.h>

/* Answers a call with the facts (a{sv}) and the problems (a(ss): "error" or "warning", sentence) of a
 * plan's lines; NULL for none yet. Lines that are no report's are passed over. */
int plan_bus_reply(sd_bus_message *m, const char *plan);
