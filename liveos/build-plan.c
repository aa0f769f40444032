/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a build's container has beside what all have, in the order in which it is mounted. */

#include "liveos/build-plan.h"

#include <errno.h>
#include <string.h>

#include "container/cage-mounts.h"
#include "container/capability-sets.h"
#include "container/part.h"
#include "liveos/convert.h"
#include "liveos/places.h"
#include "liveos/readers.h"

/* For printing: the image that a plan is shown for, a disk with one root. */
#define SHOWN_IDS_BASE 1879048192u
#define SHOWN_FD       0

static const BuildFiles shown = { SHOWN_FD, SHOWN_FD, SHOWN_FD, SHOWN_FD };

int build_plan(const Build *build, const BuildFiles *files, Plan **ret, Failure *reterr) {
        _cleanup_(plan_freep) Plan *plan = plan_new(build->order->ids_base);
        const unsigned idmapped = OP_IDMAPPED | OP_NOSUID | OP_NODEV;
        int r;

        if (!plan)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "No container can be planned with ids from %u on: see idsBase in the service's settings.",
                                build->order->ids_base);
        r = plan_add_base(plan);
        if (r >= 0)
                r = plan_add_bind(plan, files->image_fd, PLACE_GIVEN, idmapped | OP_READ_ONLY);
        if (r >= 0)
                r = plan_add_bind(plan, files->disk_fd, PLACE_DISK, idmapped | OP_READ_ONLY);
        if (r >= 0)
                r = plan_add_directory(plan, PLACE_PART, 0755);
        if (r >= 0)
                r = readers_plan(build, files->disk_fd, files->handover_fd, plan, reterr);
        if (r >= 0)
                r = plan_add_scratch(plan, files->scratch_fd, PLACE_WORK);
        if (r >= 0 && build->order->verb == ORDER_BUILD)
                r = plan_add_bind(plan, ORDER_FD_OUTPUT, PLACE_OUT, idmapped);
        if (r >= 0)
                r = plan_keep_fd(plan, ORDER_FD_REPORT);
        if (r >= 0 && build->order->verb != ORDER_IMPORT)
                r = plan_keep_fd(plan, ORDER_FD_CONTEXT);
        if (r >= 0 && build->order->network)
                r = plan_set_network(plan, build->order->network_allow);
        if (r < 0)
                return failure_default(reterr, r, "The container cannot be planned");
        plan->gives_up = true;
        *ret = TAKE_PTR(plan);
        return 0;
}

int build_plan_print(OrderReader reader, bool network, FILE *f) {
        static Build build;
        const Order order = { .verb = ORDER_BUILD,
                              .ids_base = SHOWN_IDS_BASE,
                              .reader = reader,
                              .network = network };
        _cleanup_(plan_freep) Plan *plan = NULL, *converter = NULL;
        int r;

        build = (Build){ .order = &order };
        build.partitions.n_items = 2;
        build.partitions.items[0] = (Partition){ .number = 1,
                                                 .offset_bytes = 1048576,
                                                 .size_bytes = 67108864,
                                                 .fstype = "vfat" };
        build.partitions.items[1] = (Partition){ .number = 2,
                                                 .offset_bytes = 68157440,
                                                 .size_bytes = 2147483648,
                                                 .fstype = "ext4" };
        build.in_user_space[1] = reader == ORDER_READER_USERSPACE;
        r = build_plan(&build, &shown, &plan, /* reterr= */ NULL);
        if (r >= 0)
                r = convert_plan(&order, SHOWN_FD, SHOWN_FD, &converter, /* reterr= */ NULL);
        if (r < 0)
                return r;
        fputs("worker\n", f);
        capability_print(CAPABILITIES_WORKER, f);
        fputs("in effect only in the mounter: sys_admin\n\ncontainer\n", f);
        plan_print(plan, f);
        fputs("\ncontainer of the converter\n", f);
        plan_print(converter, f);
        cage_mounts_print(f);
        part_print_all(f);
        return 0;
}
