/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config/config.h"

/* Gives every source of the config its name in the context. Errors: -ENOMEM. */
int config_name_sources(Config *config);
