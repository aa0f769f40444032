/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * pxectl build. Everything that can go wrong without the service is looked at before it is asked:
 * the config, the files, the places for the result.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "client/build-plan.h"
#include "client/call.h"
#include "client/deliver.h"
#include "client/follow.h"
#include "client/image-file.h"
#include "client/interrupt.h"
#include "client/verb.h"
#include "common/strings.h"
#include "dbus/names.h"

#define AT(member) offsetof(BuildArguments, member)

/* clang-format off */
static const Option build_options[] = {
        { "image", 'i', OPTION_TEXT, "IMAGE", AT(image),
          "A disk image: a file, or a name of pxectl images" },
        { "image-file", 0, OPTION_TEXT, "FILE", AT(image_file), NULL },
        { "config", 'c', OPTION_TEXT, "FILE", AT(config),
          "The config, YAML; - is standard input" },
        { "config-file", 0, OPTION_TEXT, "FILE", AT(config), NULL },
        { "output-image-format", 'f', OPTION_TEXT, "FORMAT", AT(format),
          "iso, pxe-dir or pxe-tar" },
        { "output-path", 'o', OPTION_TEXT, "PATH", AT(path),
          "Where the result goes" },
        { "output-image-file", 0, OPTION_TEXT, "PATH", AT(path), NULL },
        { "output-pxe-artifacts-dir", 0, OPTION_TEXT, "DIR", AT(pxe_folder),
          "With iso: where the PXE files go" },
        { "pxe-artifacts", 0, OPTION_FLAG, NULL, AT(pxe_artifacts),
          "With iso: make the PXE files, too" },
        { "package-source", 0, OPTION_LIST, "PATH", AT(package_sources),
          "A folder of packages or a repository file; later ones count more" },
        { "rpm-source", 0, OPTION_LIST, "PATH", AT(package_sources), NULL },
        { "trust-package-sources", 0, OPTION_FLAG, NULL, AT(trust_package_sources),
          "Check no signature of these folders" },
        { "disable-image-repositories", 0, OPTION_FLAG, NULL, AT(disable_image_repositories),
          "Use no repository that the image names" },
        { "disable-base-image-rpm-repos", 0, OPTION_FLAG, NULL, AT(disable_image_repositories), NULL },
        { "compressor", 0, OPTION_TEXT, "NAME", AT(compressor),
          "Of the squashfs: zstd (default), gzip, xz, lz4, lzo" },
        { "compression-level", 0, OPTION_NUMBER, "N", AT(compression_level),
          "In the compressor's own range" },
        { "volume-id", 0, OPTION_TEXT, "ID", AT(volume_id),
          "Of the ISO (default: CDROM)" },
        { "title", 0, OPTION_TEXT, "TEXT", AT(title),
          "What prompts and lists show" },
        { "no-wait", 0, OPTION_FLAG, NULL, AT(no_wait),
          "Start the job and print its number" },
        { "keep", 0, OPTION_FLAG, NULL, AT(keep),
          "Leave the artifact with the service, too" },
        { "force", 0, OPTION_FLAG, NULL, AT(force),
          "Replace a folder that is not empty" },
        { "verbose", 'v', OPTION_FLAG, NULL, AT(verbose),
          "Show the job's log" },
        OPTION_QUIET(BuildArguments),
        OPTION_JSON(BuildArguments),
        OPTION_NO_ASK_PASSWORD(BuildArguments),
        {},
};
/* clang-format on */

static int append_text(sd_bus_message *m, const char *key, const char *value) {
        return value ? sd_bus_message_append(m, "{sv}", key, "s", value) : 0;
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
        if (r >= 0 && order->compression_level > 0)
                r = sd_bus_message_append(
                                m,
                                "{sv}",
                                BUS_OPTION_COMPRESSION_LEVEL,
                                "u",
                                order->compression_level);
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

static int start_job(
                sd_bus *bus,
                const BuildPlan *plan,
                const Pack *pack,
                char **ret_path,
                Failure *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const char *member = plan->image_name ? "Build" : "BuildFromFiles";
        int r;

        r = call_new(bus, BUS_PATH, member, &m, reterr);
        if (r < 0)
                return r;
        r = append_image(m, plan, pack, reterr);
        if (r >= 0)
                r = append_options(m, plan);
        return r < 0 ? call_unsent(r, reterr) : call_start(bus, m, ret_path, reterr);
}

static DeliverFlags deliver_flags(const BuildArguments *a) {
        return (a->keep ? 0 : DELIVER_REMOVE) | (a->json ? DELIVER_JSON : 0) |
               (a->quiet ? DELIVER_QUIET : 0);
}

static FollowFlags follow_flags(const BuildArguments *a) {
        return FOLLOW_CANCELS | (a->quiet ? FOLLOW_QUIET : 0) | (a->verbose ? FOLLOW_LOG : 0);
}

static int print_job(const BuildArguments *a, int id) {
        if (a->json)
                printf("{\n  \"job\": %d\n}\n", id);
        else if (a->quiet)
                printf("%d\n", id);
        else
                printf("Job %d was started; pxectl status --wait %d waits for its end.\n", id, id);
        return 0;
}

static int build(
                const BuildArguments *a,
                const BuildPlan *plan,
                const Pack *pack,
                Output *output,
                Failure *reterr) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(follow_freep) Follow *follow = NULL;
        _cleanup_free_ char *path = NULL;
        int id, r;

        r = call_connect(call_password(a->no_ask_password), &bus, reterr);
        if (r >= 0)
                r = follow_new(bus, follow_flags(a), &follow, reterr);
        if (r >= 0)
                r = id = start_job(bus, plan, pack, &path, reterr);
        if (r < 0)
                return r;
        if (a->no_wait)
                return print_job(a, id);
        interrupt_watch();
        r = follow_run(follow, path, reterr);
        if (r < 0)
                return r;
        return deliver(bus,
                       job_text(follow_job(follow), JOB_ARTIFACT),
                       output,
                       deliver_flags(a),
                       reterr);
}

static int plan_and_build(const BuildArguments *a, Pack *pack, Failure *reterr) {
        _cleanup_build_plan_ BuildPlan plan = {};
        _cleanup_output_ Output output = OUTPUT_NULL;
        int r;

        r = build_plan_make(a, pack, &plan, reterr);
        if (r >= 0)
                r = pack_check(pack, &plan.order, reterr);
        if (r >= 0 && plan.output_path)
                r = output_open(plan.format,
                                plan.output_path,
                                plan.pxe_folder,
                                a->force ? PLACE_REPLACE : 0,
                                &output,
                                reterr);
        if (!a->quiet || r == -EBADMSG)
                pack_print_diagnostics(pack, stderr);
        return r < 0 ? r : build(a, &plan, pack, plan.output_path ? &output : NULL, reterr);
}

static int run(const void *arguments, char **words _unused_, Failure *reterr) {
        const BuildArguments *a = arguments;
        _cleanup_pack_ Pack pack = PACK_NULL;
        int r = 0;

        if (!a->config)
                return failure_set(reterr, -EINVAL, "No config is given; name it with --config.");
        if (a->package_sources || a->disable_image_repositories)
                r = pack_add_package_sources(
                                &pack,
                                a->package_sources,
                                (a->trust_package_sources ? PACK_TRUSTED : 0) |
                                                (a->disable_image_repositories
                                                                 ? PACK_NO_IMAGE_REPOSITORIES
                                                                 : 0),
                                reterr);
        if (r >= 0)
                r = pack_load(a->config, &pack, reterr);
        if (r == -EBADMSG)
                pack_print_diagnostics(&pack, stderr);
        return r < 0 ? r : plan_and_build(a, &pack, reterr);
}

const Verb verb_build = {
        .name = "build",
        .words = "",
        .summary = "Make a Live OS from a disk image and write it to --output-path",
        .more = "Image, format and path may be in the config as well (input.image.path,\n"
                "output.image.format, output.image.path). The result is written with your own\n"
                "rights and removed from the service; without a path it stays there.\n"
                "^C cancels the job.",
        .options = build_options,
        .arguments_size = sizeof(BuildArguments),
        .run = run,
};
