/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The methods that write to a target: BusAct each. */

#include "service/manager.h"

/* Artifact.Export, once the caller may use the artifact. */
int export_bus_act_export(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error);

/* Manager.RestoreExport. */
int export_bus_act_restore(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error);
