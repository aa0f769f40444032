/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A look at an image: what it is, by readers that need neither unpack nor mount it, and whether a
 * build would take it as far as those can tell.
 */

#include "common/failure.h"
#include "config/order.h"

/* Reports the facts to ORDER_FD_REPORT. Blocks until done or until the lifeline ends.
 * Errors: -EOPNOTSUPP for a format that is not taken, -ENOEXEC for a damaged image, a disk without
 * partition table and an ISO that is no Live OS, -EFBIG for a larger disk than the order takes,
 * -ECANCELED; each with its sentence. */
int look_at_image(const Order *order, int image_fd, Failure *reterr);
