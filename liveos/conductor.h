/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The conductor: what runs inside of a build's container, as root of its user namespace only. */

/* Runs all stages; `userdata` is a Build. Returns 0, or a negative errno after it has reported the
 * failure. Blocks. Runs in the container. */
int conductor_run(void *userdata);
