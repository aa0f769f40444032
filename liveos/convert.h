/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An image in the format of a hypervisor, unpacked into a raw disk by qemu-img. The program sees hostile
 * bytes, so it runs in a container of its own, in which there are its libraries, the image to read and the
 * file to write, and nothing else: no /proc, no network, no capability, no other file whose name the image
 * could hold.
 */

#include "config/order.h"
#include "container/cgroup.h"
#include "container/plan.h"
#include "liveos/image-format.h"

#define CONVERT_NAME "image.raw"

/* Unpacks the image, whose headers have been read, into CONVERT_NAME in the job's scratch folder, with what
 * is zero as holes. The program is in the job's group. Blocks until done or until the lifeline ends.
 * Errors: -ENOENT when qemu-img is not installed; -ENOSPC with the numbers; -ENOEXEC with what the
 * program said, -EIO when it was ended; -ECANCELED, -ETIMEDOUT. Returns the disk, read-only. */
int convert_image(
                const Order *order,
                const Cgroup *group,
                int image_fd,
                const ImageFormat *format,
                int *ret_fd,
                Failure *reterr);

/* The plan of that container: what there is to see in it. Both descriptors are borrowed. */
int convert_plan(const Order *order, int image_fd, int disk_fd, Plan **ret, Failure *reterr);
