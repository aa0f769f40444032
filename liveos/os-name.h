/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The name of the OS in an image, found as a build finds it. */

#include "common/failure.h"
#include "config/order.h"

/* Reports PLAN_OS, or in the log why it is not known: an image may be taken all the same. `image_fd` is the
 * service's own copy, borrowed. Needs ORDER_FD_SCRATCH, and leaves it empty. This process gives up its
 * privilege. Blocks. Errors: -ECANCELED when the lifeline ended; those of unpacking a damaged image, which are
 * reported already, without a sentence. */
int os_name_report(const Order *order, int image_fd, Failure *reterr);
