/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What kernel and host can do, as facts for the service. No job, no stranger's byte. */

#include "config/report.h"
#include "container/features.h"
#include "liveos/group.h"
#include "liveos/verbs.h"

static void tell(const char *name, const char *value, void *userdata _unused_) {
        report_fact(ORDER_FD_REPORT, name, value);
}

int verb_probe(const Order *order) {
        char group[GROUP_NAME_SIZE];

        group_name(order, group);
        features_probe(ORDER_FD_SCRATCH, order->ids_base, group, tell, /* userdata= */ NULL);
        report_done(ORDER_FD_REPORT);
        return 0;
}
