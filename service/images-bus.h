/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Manager.ListImages and RemoveImage: each a BusAct; and whose image a call of RemoveImage is about. */

#include "service/manager.h"

int images_bus_act_list(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error);

int images_bus_act_remove(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error);

/* A BusWhose: the first argument is the image's name. */
int images_bus_whose(
                Manager *manager,
                sd_bus_message *m,
                BusThing *ret,
                sd_bus_error *reterr_error);
