/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The list files of `os.packages`, judged before the service asks polkit anything. */

#include "config/config-packages.h"
#include "config/diagnostics.h"
#include "config/order.h"

/* Reads those that the config names out of the context, a regular file, and reports what is wrong with
 * them. Runs in a sealed child. Blocks. Errors: -EBADMSG when something was reported, -ENOMEM; those of
 * archive_visit(). */
int validate_lists(
                const ConfigPackages *packages,
                const Order *order,
                int context_fd,
                Diagnostics *diagnostics);
