/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the image's own rpm says of an installed package. Only it knows its database, whose form has
 * changed over the years. It runs in a cage of the image's tree, without a network.
 */

/* "2.20240226-9.azl3": version and release. Blocks. Caller frees. Errors: -ENOPKG when the package is not
 * installed, or the image has no rpm that tells. */
int rpm_query_version(const char *package, char **ret);
