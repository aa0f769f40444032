/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The disk's file is made here, with its size, so that the program only opens what is there: it can make
 * no file, and writes no byte beyond. It opens by path, as it knows no other way, and its container is
 * made so that two paths are all that there are.
 */

#include "liveos/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <syslog.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/strings.h"
#include "config/report.h"
#include "container/command.h"
#include "container/container.h"
#include "liveos/space.h"

#define PROGRAM      "/usr/bin/qemu-img"
#define PACKAGE      "qemu-utils"
#define PLACE_PACKED "/packed"
#define PLACE_RAW    "/raw"
#define SECTOR_BYTES UINT64_C(512)
#define SECONDS      UINT64_C(3600)
#define MEMORY_MAX   (UINT64_C(4) * 1024 * 1024 * 1024)
#define DESCRIPTORS  64

/* As the program says it, in the language that it is told to speak. */
#define NO_SPACE       "No space left on device"
#define EXIT_SIGNALLED 128

typedef struct Conversion {
        const ImageFormat *format;
        uint64_t raw_bytes;
} Conversion;

int convert_plan(const Order *order, int image_fd, int disk_fd, Plan **ret, Failure *reterr) {
        _cleanup_(plan_freep) Plan *plan = plan_new(order->ids_base);
        const unsigned flags = OP_IDMAPPED | OP_NOSUID | OP_NODEV | OP_NOEXEC;
        int r = plan ? plan_add_program(plan, PROGRAM) : -EINVAL;

        if (r >= 0)
                r = plan_add_bind(plan, image_fd, PLACE_PACKED, flags | OP_READ_ONLY);
        if (r >= 0)
                r = plan_add_bind(plan, disk_fd, PLACE_RAW, flags);
        if (r >= 0)
                r = plan_keep_fd(plan, ORDER_FD_REPORT);
        if (r < 0)
                return failure_default(reterr, r, "The unpacking of the image cannot be planned");
        *ret = TAKE_PTR(plan);
        return 0;
}

typedef struct Listener {
        char last[512]; /* of what the program said */
        bool no_space;
} Listener;

static void on_line(void *userdata, const char *line) {
        Listener *listener = userdata;
        const char *cause;

        if (line[strspn(line, " \t")] == '\0')
                return;
        report_log(ORDER_FD_REPORT, LOG_INFO, "%s", line);
        listener->no_space |= strstr(line, NO_SPACE) != NULL;
        /* In front of its cause it names the files, by names that nobody knows but it. */
        for (cause = line; strstr(cause, "': ");)
                cause = strstr(cause, "': ") + strlen("': ");
        (void) snprintf(listener->last, sizeof(listener->last), "%s", cause);
}

static int run_program(const Conversion *conversion, Command command, Failure *reterr) {
        Listener listener = {};
        int r;

        command.on_line = on_line;
        command.userdata = &listener;
        r = command_run(&command, reterr);
        if (r < 0)
                return failure_default(reterr, r, "The image cannot be unpacked");
        if (r == 0)
                return 0;
        if (listener.no_space)
                return -ENOSPC;
        if (r > EXIT_SIGNALLED)
                return failure_set(
                                reterr,
                                -EIO,
                                "The program that unpacks the image (%s) was ended by signal %d, perhaps by a limit of memory or time.",
                                image_kind_to_string(conversion->format->kind),
                                r - EXIT_SIGNALLED);
        return failure_set(
                        reterr,
                        -ENOEXEC,
                        "The image (%s) cannot be unpacked, as it is damaged or was not copied whole; qemu-img says: %s",
                        image_kind_to_string(conversion->format->kind),
                        listener.last[0] ? listener.last : "nothing");
}

/* In the container: a failure goes into the report here, as of the conductor of a build. */
static int unpack(void *userdata) {
        const Conversion *conversion = userdata;
        _cleanup_free_ char *source = str_printf(
                        "json:{%s,\"file\":{\"driver\":\"file\",\"filename\":\"" PLACE_PACKED
                        "\",\"locking\":\"off\"}}",
                        image_kind_driver(conversion->format->kind));
        const char *const argv[] = { PROGRAM, "convert",   "-n",      "--target-is-zero",
                                     "-t",    "writeback", "-O",      "raw",
                                     "--",    source,      PLACE_RAW, NULL };
        const PlanLimit limits[] = {
                { RLIMIT_FSIZE, conversion->raw_bytes },
                { RLIMIT_CPU, SECONDS },
                { RLIMIT_NOFILE, DESCRIPTORS },
                { RLIMIT_AS, MEMORY_MAX },
        };
        Command command = COMMAND_INIT;
        Failure failure = {};
        int r;

        if (!source)
                return -ENOMEM;
        command.argv = argv;
        command.profile = COMMAND_CONVERTER;
        command.limits = limits;
        command.n_limits = ELEMENTSOF(limits);
        command.timeout_usec = SECONDS * 1000000;
        r = run_program(conversion, command, &failure);
        if (failure.error < 0)
                report_failure(ORDER_FD_REPORT, &failure);
        return r;
}

static int no_space(
                const Conversion *conversion,
                uint64_t need_bytes,
                int disk_fd,
                Failure *reterr) {
        Space space = {};

        (void) space_look(disk_fd, &space);
        return failure_set(
                        reterr,
                        -ENOSPC,
                        "The image (%s) unpacks to a disk of %" PRIu64
                        " bytes, of which about %" PRIu64
                        " have to be stored, but in the service's scratch folder only %" PRIu64
                        " are free: free some, or give the service a larger scratch folder.",
                        image_kind_to_string(conversion->format->kind),
                        conversion->raw_bytes,
                        need_bytes,
                        space.free_bytes);
}

/* What is stored packed needs as much unpacked, or more, but for blocks of zeros that were written as
 * such: those become holes, and so a quarter is left to them. */
static int look_for_space(
                const Conversion *conversion,
                int image_fd,
                int disk_fd,
                uint64_t *ret_need,
                Failure *reterr) {
        Space space;
        int r = fd_count_data(image_fd, ret_need);

        if (r >= 0)
                r = space_look(disk_fd, &space);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "The scratch folder's free space cannot be looked at");
        *ret_need = *ret_need / 4 * 3;
        if (space.is_plain && *ret_need > space.free_bytes)
                return no_space(conversion, *ret_need, disk_fd, reterr);
        return 0;
}

static int make_disk(const Conversion *conversion, int *ret_fd, Failure *reterr) {
        _cleanup_close_ int fd = openat(
                        ORDER_FD_SCRATCH,
                        CONVERT_NAME,
                        O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
                        0600);

        if (fd < 0 || ftruncate(fd, (off_t) conversion->raw_bytes) < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "No file for a disk of %" PRIu64
                                " bytes can be made in the scratch folder",
                                conversion->raw_bytes);
        *ret_fd = TAKE_FD(fd);
        return 0;
}

/* Without a failure for what was reported from the inside. */
static int judge_exit(const ContainerExit *end, Failure *reterr) {
        if (end->end == CONTAINER_RETURNED)
                return end->error;
        if (end->end == CONTAINER_CANCELLED)
                return failure_set(reterr, -ECANCELED, "The job was cancelled.");
        return failure_set(
                        reterr,
                        -EIO,
                        "The unpacking of the image was ended by signal %d (%s), perhaps for lack of memory.",
                        end->signal,
                        strsignal(end->signal));
}

static int run(const Order *order,
               const Cgroup *group,
               Conversion *conversion,
               int image_fd,
               int disk_fd,
               Failure *reterr) {
        _cleanup_(plan_freep) Plan *plan = NULL;
        ContainerExit end = {};
        int r = convert_plan(order, image_fd, disk_fd, &plan, reterr);

        if (r < 0)
                return r;
        plan->n_wall_fds = cgroup_wall_fds(group, &plan->wall_fds);
        r = container_run(plan, ORDER_FD_LIFELINE, unpack, conversion, &end, reterr);
        return r < 0 ? r : judge_exit(&end, reterr);
}

int convert_image(
                const Order *order,
                const Cgroup *group,
                int image_fd,
                const ImageFormat *format,
                int *ret_fd,
                Failure *reterr) {
        Conversion conversion = {
                .format = format,
                .raw_bytes = (format->disk_bytes + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES,
        };
        _cleanup_close_ int disk_fd = -EBADF;
        uint64_t need_bytes = 0;
        int r;

        if (access(PROGRAM, X_OK) < 0)
                return failure_set(
                                reterr,
                                -ENOENT,
                                "The image is in the format %s, which " PROGRAM
                                " unpacks, and that is not installed; install the package " PACKAGE
                                ", or give a raw image.",
                                image_kind_to_string(format->kind));
        report_log(ORDER_FD_REPORT,
                   LOG_INFO,
                   "the image is in the format %s, a disk of %" PRIu64 " bytes; it is unpacked",
                   image_kind_to_string(format->kind),
                   format->disk_bytes);
        r = make_disk(&conversion, &disk_fd, reterr);
        if (r >= 0)
                r = look_for_space(&conversion, image_fd, disk_fd, &need_bytes, reterr);
        if (r >= 0)
                r = run(order, group, &conversion, image_fd, disk_fd, reterr);
        if (r == -ENOSPC)
                r = no_space(&conversion, need_bytes, disk_fd, reterr);
        if (r < 0) {
                /* What failed is told already; the scratch folder goes with the job. */
                _unused_ int truncated = ftruncate(disk_fd, 0);

                return r;
        }
        *ret_fd = openat(ORDER_FD_SCRATCH, CONVERT_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        return *ret_fd < 0 ? failure_set_errno(
                                             reterr,
                                             -errno,
                                             "The unpacked image cannot be opened")
                           : 0;
}
