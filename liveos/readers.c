/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The choice is made where the privilege is, because a mount by the kernel belongs into the plan; a
 * program is started where the bytes are read, in the container.
 */

#include "liveos/readers.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/strings.h"
#include "config/report.h"
#include "container/filesystem.h"
#include "container/fuse-server.h"
#include "liveos/places.h"

#define WAY_OUT "; give an image with another one, or ask the administrator for \"reader: auto\""

typedef struct Obstacle {
        const char *what; /* NULL: there is none */
        const char *remedy;
} Obstacle;

/* Opening it loads the module, where FUSE is one. */
static bool kernel_has_fuse(void) {
        _cleanup_close_ int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

        return fd >= 0;
}

static Obstacle find_obstacle(const Filesystem *filesystem) {
        char program[FILESYSTEM_PROGRAM_SIZE];

        if (!filesystem->program)
                return (Obstacle){ "which no program reads in user space", WAY_OUT };
        if (filesystem_find_program(filesystem, program) < 0)
                return (Obstacle){ "whose program is not installed", "; install the package " };
        if (!kernel_has_fuse())
                return (Obstacle){ "and this host has no FUSE",
                                   "; load the kernel's module fuse, and see that pxed may open "
                                   "/dev/fuse" };
        return (Obstacle){};
}

static int choose(const Order *order, const Partition *partition, bool *ret, Failure *reterr) {
        const Filesystem *filesystem = filesystem_find(partition->fstype);
        Obstacle obstacle;

        *ret = false;
        if (!filesystem || order->reader == ORDER_READER_KERNEL)
                return 0;
        obstacle = find_obstacle(filesystem);
        if (!obstacle.what) {
                *ret = order->reader == ORDER_READER_USERSPACE || filesystem->program_is_cheap;
                return 0;
        }
        if (order->reader == ORDER_READER_AUTO)
                return 0;
        return failure_set(
                        reterr,
                        -EOPNOTSUPP,
                        "Partition %u of the image holds %s, %s, and the service's settings let no "
                        "driver of the kernel read it (reader: userspace)%s%s.",
                        partition->number,
                        filesystem->name,
                        obstacle.what,
                        obstacle.remedy,
                        str_has_suffix(obstacle.remedy, " ") ? filesystem->package : "");
}

int readers_choose(Build *build, Failure *reterr) {
        const PartitionTable *table = &build->partitions;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < table->n_items; i++)
                r = choose(build->order, &table->items[i], &build->in_user_space[i], reterr);
        return r;
}

static bool any_in_user_space(const Build *build) {
        for (size_t i = 0; i < build->partitions.n_items; i++)
                if (build->in_user_space[i])
                        return true;
        return false;
}

int readers_plan(const Build *build, int image_fd, int handover_fd, Plan *plan, Failure *reterr) {
        const PartitionTable *table = &build->partitions;
        int r = any_in_user_space(build) ? plan_add_fuse(plan, handover_fd) : 0;

        for (size_t i = 0; r >= 0 && i < table->n_items; i++) {
                const Partition *p = &table->items[i];
                char target[64];

                if (!partition_is_mountable(p))
                        continue;
                (void) snprintf(target, sizeof(target), PLACE_PART "/%u", p->number);
                if (build->in_user_space[i])
                        r = plan_add_directory(plan, target, 0755);
                else
                        r = plan_add_partition(
                                        plan,
                                        &(PlanPartition){
                                                        .target = target,
                                                        .image_fd = image_fd,
                                                        .offset_bytes = p->offset_bytes,
                                                        .size_bytes = p->size_bytes,
                                                        .fstype = p->fstype,
                                        },
                                        reterr);
        }
        return r;
}

int readers_open_handover(const Build *build, int *ret_fd, Failure *reterr) {
        _cleanup_free_ char *path = NULL;
        char self[PATH_MAX];
        ssize_t size;

        *ret_fd = -EBADF;
        if (!any_in_user_space(build))
                return 0;
        size = readlink("/proc/self/exe", self, sizeof(self) - 1);
        if (size < 0)
                return failure_set_errno(reterr, -errno, "The worker does not find itself");
        self[size] = '\0';
        path = str_printf("%s/" FUSE_HANDOVER_NAME, dirname(self));
        if (!path)
                return -ENOMEM;
        *ret_fd = open(path, O_PATH | O_CLOEXEC);
        if (*ret_fd < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "The worker's helper \"%s\" is not there; install pxed again",
                                path);
        return 0;
}

const char *readers_name(const Build *build, size_t partition) {
        const Filesystem *filesystem = filesystem_find(build->partitions.items[partition].fstype);

        return build->in_user_space[partition] && filesystem ? filesystem->program : "kernel";
}

static int start(Build *build, size_t i, Failure *reterr) {
        const Partition *partition = &build->partitions.items[i];
        char target[64];

        build->readers[i] = FUSE_SERVER_NONE;
        if (!partition_is_mountable(partition))
                return 0;
        report_log(build->report_fd,
                   LOG_INFO,
                   "partition %u (%s) is read by %s%s",
                   partition->number,
                   partition->fstype,
                   build->in_user_space[i] ? "" : "the ",
                   readers_name(build, i));
        if (!build->in_user_space[i])
                return 0;
        (void) snprintf(target, sizeof(target), PLACE_PART "/%u", partition->number);
        return fuse_server_start(
                        &(FuseRequest){
                                        .fstype = partition->fstype,
                                        .image = PLACE_DISK,
                                        .offset_bytes = partition->offset_bytes,
                                        .target = target,
                        },
                        &build->readers[i],
                        reterr);
}

int readers_start(Build *build, Failure *reterr) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < build->partitions.n_items; i++)
                r = start(build, i, reterr);
        return r;
}

int readers_check(Build *build, Failure *reterr) {
        for (size_t i = 0; i < build->partitions.n_items; i++) {
                Failure failure = {};
                int r = fuse_server_check(&build->readers[i], &failure);

                if (r >= 0)
                        continue;
                if (reterr)
                        *reterr = failure;
                return r;
        }
        return 0;
}
