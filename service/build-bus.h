/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The manager's methods that begin with a config: BusAct each. */

#include "service/manager.h"

int build_bus_act_build(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error);
int build_bus_act_build_from_files(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error);
int build_bus_act_plan(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error);
int build_bus_act_plan_from_files(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error);
int build_bus_act_validate(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error);
