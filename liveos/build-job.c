/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A build, seen from outside: the part of the worker that is real root. It copies, asks a reader
 * where the partitions are, writes the container's plan and waits. It looks at no byte of image,
 * context or result.
 */

#include "liveos/build-job.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fs.h"
#include "common/strings.h"
#include "config/report.h"
#include "container/command.h"
#include "container/container.h"
#include "liveos/build-plan.h"
#include "liveos/build.h"
#include "liveos/conductor.h"
#include "liveos/convert.h"
#include "liveos/group.h"
#include "liveos/intake.h"
#include "liveos/look.h"
#include "liveos/readers.h"
#include "liveos/scratch.h"
#include "liveos/verbs.h"

static int take_image(const Order *order, int *ret_fd, Failure *reterr) {
        static const IntakeTarget target = { .folder = "scratch",
                                             .folder_fd = ORDER_FD_SCRATCH,
                                             .name = INTAKE_NAME };

        report_stage(ORDER_FD_REPORT, "intake");
        if (order->image_is_ours) {
                *ret_fd = fcntl(ORDER_FD_IMAGE, F_DUPFD_CLOEXEC, 3);
                return *ret_fd < 0 ? failure_set_errno(reterr, -errno, "The image is not there")
                                   : 0;
        }
        return intake_copy(
                        ORDER_FD_IMAGE,
                        &target,
                        order->image_max_bytes,
                        ORDER_FD_LIFELINE,
                        ret_fd,
                        reterr);
}

/* The disk that is in an image, whose partitions nobody could see before. */
static int unpack_disk(
                Build *build,
                const Cgroup *group,
                int image_fd,
                int *ret_fd,
                Failure *reterr) {
        _cleanup_close_ int disk_fd = -EBADF;
        int r = convert_image(build->order, group, image_fd, &build->format, &disk_fd, reterr);

        if (r < 0)
                return r == -ECANCELED ? r : group_judge(group, build->order, r, reterr);
        r = partitions_read(disk_fd, ORDER_FD_LIFELINE, &build->partitions, reterr);
        if (r >= 0)
                *ret_fd = TAKE_FD(disk_fd);
        return r;
}

/* What is built from: the image itself, or the disk that was unpacked from it. */
static int open_disk(
                Build *build,
                const Cgroup *group,
                int image_fd,
                int *ret_fd,
                Failure *reterr) {
        int r = look_at_image(build, image_fd, reterr);

        if (r < 0)
                return r;
        if (image_kind_driver(build->format.kind))
                return unpack_disk(build, group, image_fd, ret_fd, reterr);
        *ret_fd = fcntl(image_fd, F_DUPFD_CLOEXEC, 3);
        return *ret_fd < 0 ? failure_set_errno(reterr, -errno, "The image cannot be opened") : 0;
}

/* The conductor has reported its own failure before it returned. */
static int judge_exit(const ContainerExit *end, Failure *reterr) {
        switch (end->end) {
        case CONTAINER_RETURNED:
                return end->error;
        case CONTAINER_CANCELLED:
                return failure_set(reterr, -ECANCELED, "The job was cancelled.");
        case CONTAINER_KILLED:
        default:
                return failure_set(
                                reterr,
                                -EIO,
                                "The container was ended by signal %d (%s), perhaps for lack of memory.",
                                end->signal,
                                strsignal(end->signal));
        }
}

/* Where the group limits them already, this is a second limit that must not be met first: nobody would
 * know of it. */
static int limit_processes(Plan *plan, const Order *order, const Cgroup *group) {
        uint64_t number = order->processes_max;

        if (cgroup_backend(group, CGROUP_PROCESSES) != CGROUP_NONE)
                number += number / 2;
        return plan_set_limit(plan, RLIMIT_NPROC, number);
}

/* With the container's processes in the job's group, this one's included. */
static int run_container(
                Build *build,
                Plan *plan,
                const Cgroup *group,
                int (*inside)(void *userdata),
                Failure *reterr) {
        ContainerExit end = {};
        int r;

        plan->n_wall_fds = cgroup_wall_fds(group, &plan->wall_fds);
        r = limit_processes(plan, build->order, group);
        if (r < 0)
                return r;
        r = container_run(plan, ORDER_FD_LIFELINE, inside, build, &end, reterr);
        if (r >= 0)
                r = judge_exit(&end, reterr);
        if (r < 0 && r != -ECANCELED)
                r = group_judge(group, build->order, r, reterr);
        return r;
}

int build_job_contain(Build *build, int image_fd, int (*inside)(void *userdata), Failure *reterr) {
        _cleanup_(cgroup_freep) Cgroup *group = NULL;
        _cleanup_(plan_freep) Plan *plan = NULL;
        _cleanup_close_ int disk_fd = -EBADF, scratch_fd = -EBADF, handover_fd = -EBADF;
        int r;

        r = group_new(build->order, &group, reterr);
        if (r < 0)
                return r;
        r = open_disk(build, group, image_fd, &disk_fd, reterr);
        if (r < 0)
                return r;
        scratch_fd = scratch_make(build->order, reterr);
        if (scratch_fd < 0)
                return scratch_fd;
        r = readers_choose(build, reterr);
        if (r >= 0)
                r = readers_open_handover(build, &handover_fd, reterr);
        if (r >= 0)
                r = build_plan(build,
                               &(BuildFiles){ .image_fd = image_fd,
                                              .disk_fd = disk_fd,
                                              .handover_fd = handover_fd,
                                              .scratch_fd = scratch_fd },
                               &plan,
                               reterr);
        return r < 0 ? r : run_container(build, plan, group, inside, reterr);
}

static int build_run(Build *build, Failure *reterr) {
        _cleanup_close_ int image_fd = -EBADF;
        int r;

        r = space_look(ORDER_FD_OUTPUT, &build->space);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "The service's state folder cannot be looked at");
        /* Before there is a group: a copier that hangs in the kernel would hold that, too. */
        r = take_image(build->order, &image_fd, reterr);
        if (r >= 0)
                r = build_job_contain(build, image_fd, conductor_run, reterr);
        if (r >= 0 && build->order->verb == ORDER_BUILD && syncfs(ORDER_FD_OUTPUT) < 0)
                r = failure_set_errno(reterr, -errno, "The artifact cannot be brought to disk");
        return r;
}

/* What programs in the container find there, too. */
static int set_epoch(const Order *order) {
        char text[16];

        if (order->source_date_epoch == 0)
                return unsetenv(COMMAND_EPOCH) < 0 ? -errno : 0;
        (void) snprintf(text, sizeof(text), "%" PRIu32, order->source_date_epoch);
        return setenv(COMMAND_EPOCH, text, /* overwrite= */ 1) < 0 ? -errno : 0;
}

/* An ISO's name that no other has, at any place and time. A plan names none, as its build will have
 * another. */
static int choose_volume_id(Build *build) {
        uint64_t number;

        if (build->order->verb != ORDER_BUILD ||
            !str_equal(build->order->volume_id, ORDER_VOLUME_ID_AUTO))
                return 0;
        if (getrandom(&number, sizeof(number), 0) != (ssize_t) sizeof(number))
                return -EIO;
        (void) snprintf(build->own_volume_id,
                        sizeof(build->own_volume_id),
                        "LIVE-%010" PRIX64,
                        number & UINT64_C(0xffffffffff));
        return 0;
}

/* A build and a plan: what differs is in the tables of stages, and that a plan makes nothing. */
static int run(const Order *order) {
        static Build build; /* too large for a stack */
        Failure failure = {};
        int r;

        build = (Build){ .order = order, .report_fd = ORDER_FD_REPORT };
        r = set_epoch(order);
        if (r >= 0)
                r = choose_volume_id(&build);
        r = r < 0 ? failure_set_errno(&failure, r, "The build cannot be prepared")
                  : build_run(&build, &failure);
        if (failure.error < 0)
                report_failure(ORDER_FD_REPORT, &failure);
        if (r < 0 && order->verb == ORDER_BUILD)
                (void) fs_remove_contents(ORDER_FD_OUTPUT);
        (void) fs_remove_contents(ORDER_FD_SCRATCH);
        if (r >= 0)
                report_done(ORDER_FD_REPORT);
        return r;
}

int verb_build(const Order *order) {
        return run(order);
}

int verb_plan(const Order *order) {
        return run(order);
}
