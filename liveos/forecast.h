/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Stage "forecast" of a plan: what a build would make, told as the facts of config/plan-facts.h. */

#include "common/failure.h"
#include "liveos/build.h"

/* Reports every fact whose grounds the preflight has found, and as problems what the sizes forbid. Errors:
 * as of forecast_sizes(), -ENOMEM. */
int stage_forecast(Build *build, Failure *reterr);
