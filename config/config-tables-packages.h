/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* `os.packages`, and the list files that it names. */

#include "config/config-reader.h"

/* Read into a ConfigPackages. */
extern const ConfigTable config_packages_table;

/* CONTEXT_SOURCES, read into a ConfigPackages. */
extern const ConfigTable config_package_sources_table;

/* A list file, read into a char ** of the names. */
extern const ConfigTable config_package_list_table;
