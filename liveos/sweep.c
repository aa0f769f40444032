/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a job has left: its processes first, as they hold the rest; then mounts, loop devices, and last
 * the files, which a mount or a loop device would hide or hold. Each is ours by a name or a path that
 * only this service gives away.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fs.h"
#include "common/strings.h"
#include "config/report.h"
#include "container/cgroup-sweep.h"
#include "container/leftovers.h"
#include "liveos/group.h"
#include "liveos/verbs.h"

/* In the scratch folder; the number follows. */
#define JOB_FOLDER "job-"

static int sweep_group(const Order *order, Failure *reterr) {
        char name[GROUP_NAME_SIZE];

        group_name(order, name);
        if (cgroup_sweep(name) < 0)
                return failure_set(
                                reterr,
                                -EBUSY,
                                "The processes of a job that has ended cannot be ended (cgroup %s).",
                                name);
        return 0;
}

/* The path of the job's folder with a '/', or what the paths of all such folders begin with. */
static char *path_prefix(const Order *order) {
        _cleanup_free_ char *link = str_printf("/proc/self/fd/%d", ORDER_FD_SCRATCH);
        char scratch[PATH_MAX];
        ssize_t size = link ? readlink(link, scratch, sizeof(scratch) - 1) : -1;

        if (size < 0)
                return NULL;
        scratch[size] = '\0';
        if (order->job_id == 0)
                return str_printf("%s/" JOB_FOLDER, scratch);
        return str_printf("%s/" JOB_FOLDER "%" PRIu64 "/", scratch, order->job_id);
}

static int sweep_mounts(const Order *order, Failure *reterr) {
        _cleanup_free_ char *prefix = path_prefix(order);
        struct stat st;
        int r, q;

        if (!prefix || fstat(ORDER_FD_SCRATCH, &st) < 0)
                return failure_set(reterr, -EIO, "The scratch folder cannot be looked at.");
        r = leftovers_unmount(prefix);
        q = leftovers_clear_loops(prefix, st.st_dev);
        if (r >= 0 && q >= 0)
                return 0;
        return failure_set(
                        reterr,
                        r < 0 ? r : q,
                        "A mount or loop device that a job left below %s cannot be removed.",
                        prefix);
}

static int remove_folder(const char *name, Failure *reterr) {
        int r = fs_remove_tree(ORDER_FD_SCRATCH, name);

        return r < 0 ? failure_set_errno(
                                       reterr,
                                       r,
                                       "Cannot remove '%s' from the scratch folder",
                                       name)
                     : 0;
}

static int sweep_folders(const Order *order, Failure *reterr) {
        _cleanup_closedir_ DIR *d = NULL;
        int result = 0;

        if (order->job_id > 0) {
                char name[32];

                (void) snprintf(name, sizeof(name), JOB_FOLDER "%" PRIu64, order->job_id);
                return remove_folder(name, reterr);
        }
        d = fs_opendir(openat(ORDER_FD_SCRATCH, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!d)
                return failure_set_errno(reterr, -errno, "The scratch folder cannot be read");
        for (struct dirent *e = fs_readdir(d); e; e = fs_readdir(d))
                if (str_after_prefix(e->d_name, JOB_FOLDER) && result >= 0)
                        result = remove_folder(e->d_name, reterr);
        return result;
}

/* Goes on after a failure, and reports the first. */
int verb_sweep(const Order *order) {
        static int (*const steps[])(const Order *order, Failure *reterr) = {
                sweep_group,
                sweep_mounts,
                sweep_folders,
        };
        Failure first = {};

        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                Failure failure = {};

                if (steps[i](order, &failure) < 0 && first.error == 0)
                        first = failure;
        }
        if (first.error < 0)
                report_failure(ORDER_FD_REPORT, &first);
        else
                report_done(ORDER_FD_REPORT);
        return first.error;
}
