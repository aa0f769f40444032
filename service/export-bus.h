/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The methods that write to a target. */

#include "service/manager.h"

/* Artifact.Export, once the caller may use the artifact: an AccessAct. */
int export_bus_act_export(
                Manager *manager,
                uint32_t id,
                sd_bus_message *m,
                sd_bus_error *reterr_error);

/* Manager.RestoreExport; the userdata is the Manager. */
int export_bus_method_restore(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error);
