/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calls that begin with an image and a config, by name or as files. */

#include "client/build-call.h"

#include <stdio.h>

#include "client/call.h"
#include "client/image-file.h"
#include "dbus/names.h"

static int append_text(sd_bus_message *m, const char *key, const char *value) {
        return value ? sd_bus_message_append(m, "{sv}", key, "s", value) : 0;
}

static int append_number(sd_bus_message *m, const char *key, uint32_t value) {
        return value > 0 ? sd_bus_message_append(m, "{sv}", key, "u", value) : 0;
}

static int append_options(sd_bus_message *m, const BuildPlan *plan) {
        const Order *order = &plan->order;
        int r;

        r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = append_text(m, BUS_OPTION_FORMAT, order_format_to_string(order->format));
        if (r >= 0 && order->pxe_artifacts)
                r = sd_bus_message_append(m, "{sv}", BUS_OPTION_PXE_ARTIFACTS, "b", 1);
        if (r >= 0)
                r = append_text(m, BUS_OPTION_VOLUME_ID, order->volume_id);
        if (r >= 0)
                r = append_text(m, BUS_OPTION_ISO_NAME, order->iso_name);
        if (r >= 0)
                r = append_text(m, BUS_OPTION_COMPRESSOR, order->compressor);
        if (r >= 0)
                r = append_number(m, BUS_OPTION_COMPRESSION_LEVEL, order->compression_level);
        if (r >= 0)
                r = append_number(m, BUS_OPTION_SOURCE_DATE_EPOCH, order->source_date_epoch);
        if (r >= 0)
                r = append_text(m, BUS_OPTION_TITLE, plan->title);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

/* Either call, without the options. */
static int append_image(
                sd_bus_message *m,
                const BuildPlan *plan,
                const Pack *pack,
                Failure *reterr) {
        _cleanup_close_ int image_fd = -EBADF, context_fd = -EBADF;
        int r;

        if (plan->image_name)
                return sd_bus_message_append(m, "ss", plan->image_name, pack->text);
        image_fd = image_file_open(plan->image_file, reterr);
        if (image_fd < 0)
                return image_fd;
        r = pack_write(pack, &context_fd, reterr);
        return r < 0 ? r : sd_bus_message_append(m, "hh", image_fd, context_fd);
}

int build_call_start(
                sd_bus *bus,
                BuildCall call,
                const BuildPlan *plan,
                const Pack *pack,
                char **ret_path,
                Failure *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        static const char *const members[_BUILD_CALL_MAX][2] = {
                [BUILD_CALL_BUILD] = { "Build", "BuildFromFiles" },
                [BUILD_CALL_PLAN] = { "Plan", "PlanFromFiles" },
        };
        const char *member = members[call][plan->image_name ? 0 : 1];
        int r;

        r = call_new(bus, BUS_PATH, member, &m, reterr);
        if (r < 0)
                return r;
        r = append_image(m, plan, pack, reterr);
        if (r >= 0)
                r = append_options(m, plan);
        return r < 0 ? call_unsent(r, reterr) : call_start(bus, m, ret_path, reterr);
}

int build_call_load(const BuildArguments *a, Pack *pack, Failure *reterr) {
        int r = 0;

        if (!a->config)
                return failure_set(reterr, -EINVAL, "No config is given; name it with --config.");
        if (a->package_sources || a->disable_image_repositories)
                r = pack_add_package_sources(
                                pack,
                                a->package_sources,
                                (a->trust_package_sources ? PACK_TRUSTED : 0) |
                                                (a->disable_image_repositories
                                                                 ? PACK_NO_IMAGE_REPOSITORIES
                                                                 : 0),
                                reterr);
        if (r >= 0)
                r = pack_load(a->config, pack, reterr);
        if (r == -EBADMSG)
                pack_print_diagnostics(pack, stderr);
        return r;
}

FollowFlags build_call_follow_flags(const BuildArguments *a) {
        return FOLLOW_CANCELS | (a->quiet ? FOLLOW_QUIET : 0) | (a->verbose ? FOLLOW_LOG : 0);
}
