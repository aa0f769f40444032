/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Manager.ImportImage: a BusAct. */

#include "service/manager.h"

int import_bus_act_import(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error);
