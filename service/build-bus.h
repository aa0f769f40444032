/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The manager's methods that begin with a config; the userdata is the Manager. */

#include <systemd/sd-bus.h>

int build_bus_method_build(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error);
int build_bus_method_build_from_files(
                sd_bus_message *m,
                void *userdata,
                sd_bus_error *reterr_error);
int build_bus_method_validate(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error);
