/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The config's schema as tables, one per mapping. Keys of Image Customizer's schema that pxed cannot
 * honour are in them too, with the reason.
 */

#include "config/config-reader.h"

/* The whole config, read into a Config. */
extern const ConfigTable config_table;
