/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The files and folders that a config names, and their names in the context. */

#include "config/config.h"

/* Names them all; once, when the config was read. A path that is written twice, or in two spellings of
 * one place, has one name. Errors: -ENOMEM. */
int config_name_sources(Config *config);
