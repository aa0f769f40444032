/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The mappings below the config's node `os`, by the key that they stand under. */

#include "config/config-reader.h"

extern const ConfigTable config_group_table;   /* groups[], a ConfigGroup */
extern const ConfigTable config_user_table;    /* users[], a ConfigUser */
extern const ConfigTable config_dir_table;     /* additionalDirs[], a ConfigDir */
extern const ConfigTable config_module_table;  /* modules[], a ConfigModule */
extern const ConfigTable config_overlay_table; /* overlays[], a ConfigOverlay */
extern const ConfigTable config_selinux_table; /* selinux, a ConfigSelinux */
