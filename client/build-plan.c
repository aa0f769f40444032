/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a build is to do. Paths of the command line start from the current folder, those of the
 * config from the config's. */

#include "client/build-plan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/strings.h"

#define TITLE_MAX 80 /* characters */

static bool is_tar_path(const char *path) {
        return str_has_suffix(path, ".tar.gz") || str_has_suffix(path, ".tgz");
}

int build_plan_format(
                const char *word,
                const char *config_word,
                const char *path,
                OutputFormat *ret,
                Failure *reterr) {
        const char *said = word ?: config_word;
        OutputFormat format;

        /* An older spelling, which leaves the choice to the path. */
        if (str_equal(said, "pxe"))
                said = path && is_tar_path(path) ? "pxe-tar" : "pxe-dir";
        if (!said)
                said = path && is_tar_path(path) ? "pxe-tar" : "iso";
        format = output_format_from_string(said);
        if (format < 0)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "There is no output image format '%s'; it is iso, pxe-dir or "
                                "pxe-tar.",
                                said);
        *ret = format;
        return 0;
}

static int plan_image(const BuildArguments *a, const Pack *pack, BuildPlan *plan, Failure *reterr) {
        const char *said = a->image ?: a->image_file;

        if (a->image && a->image_file)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "Both --image and --image-file are given; an image is one of "
                                "them.");
        if (!said && !pack->config.image_path)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "No image is given; name a file or one of pxectl images with "
                                "--image.");
        if (!said)
                plan->image_file = pack_path(pack, pack->config.image_path);
        else if (a->image_file || strchr(said, '/') || access(said, F_OK) == 0)
                plan->image_file = strdup(said);
        else
                plan->image_name = strdup(said);
        if (!plan->image_file && !plan->image_name)
                return -ENOMEM;
        if (plan->image_name && pack_names_files(pack))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "There is no file '%s' here, and an image by name cannot be "
                                "combined with a config that names files; give the image as a "
                                "file.",
                                said);
        return 0;
}

static int check_pxe_folder(const BuildArguments *a, const BuildPlan *plan, Failure *reterr) {
        if (!a->pxe_folder && !a->pxe_artifacts)
                return 0;
        if (plan->format != OUTPUT_ISO)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "--output-pxe-artifacts-dir and --pxe-artifacts go with the output "
                                "image format iso only; with %s all that is made are PXE files.",
                                output_format_to_string(plan->format));
        if (a->pxe_folder && !plan->output_path && !a->no_wait)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "--output-pxe-artifacts-dir needs --output-path for the ISO.");
        return 0;
}

static int plan_output(
                const BuildArguments *a,
                const Pack *pack,
                BuildPlan *plan,
                Failure *reterr) {
        const Config *config = &pack->config;
        int r;

        if (a->no_wait && (a->path || a->pxe_folder))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "With --no-wait nothing is written; leave out --output-path and "
                                "--output-pxe-artifacts-dir, and use pxectl pull later.");
        if (a->path)
                plan->output_path = strdup(a->path);
        else if (config->output_path && !a->no_wait)
                plan->output_path = pack_path(pack, config->output_path);
        if (!plan->output_path && (a->path || (config->output_path && !a->no_wait)))
                return -ENOMEM;
        plan->pxe_folder = a->pxe_folder;
        r = build_plan_format(
                        a->format,
                        config->output_format,
                        plan->output_path,
                        &plan->format,
                        reterr);
        return r < 0 ? r : check_pxe_folder(a, plan, reterr);
}

/* The ISO is called what the user calls it, where that can stand in a URL. */
static int plan_iso_name(const Pack *pack, BuildPlan *plan, Failure *reterr) {
        const char *path = plan->output_path, *slash = path ? strrchr(path, '/') : NULL;
        const char *name = slash ? slash + 1 : path;
        Failure failure = {};

        if (plan->format != OUTPUT_ISO || !path)
                return 0;
        if (order_check_iso_name(name, &failure) < 0) {
                if (!pack->config.pxe.base_url_is_legacy)
                        return 0;
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The config's isoImageBaseUrl is joined with the ISO's own name: "
                                "%s.",
                                failure.message);
        }
        plan->order.iso_name = strdup(name);
        return plan->order.iso_name ? 0 : -ENOMEM;
}

static int plan_order(const BuildArguments *a, const Pack *pack, BuildPlan *plan, Failure *reterr) {
        Order *order = &plan->order;
        int r = 0;

        order->verb = ORDER_BUILD;
        order->format = plan->format == OUTPUT_ISO ? ORDER_FORMAT_ISO : ORDER_FORMAT_PXE;
        order->pxe_artifacts = a->pxe_folder || a->pxe_artifacts;
        order->compression_level = a->compression_level;
        order->source_date_epoch = a->source_date_epoch;
        if (a->volume_id)
                r = order_check_volume_id(a->volume_id, reterr);
        if (r >= 0 && (a->compressor || a->compression_level > 0))
                r = order_check_compressor(a->compressor ?: "zstd", a->compression_level, reterr);
        if (r < 0)
                return r;
        order->volume_id = a->volume_id ? strdup(a->volume_id) : NULL;
        order->compressor = a->compressor ? strdup(a->compressor) : NULL;
        if ((a->volume_id && !order->volume_id) || (a->compressor && !order->compressor))
                return -ENOMEM;
        return plan_iso_name(pack, plan, reterr);
}

/* Cuts behind so many characters. */
static void cut_title(char *title) {
        size_t characters = 0;

        for (char *s = title; *s; s++)
                if (((unsigned char) *s & 0xc0U) != 0x80U && characters++ == TITLE_MAX)
                        *s-- = '\0';
}

/* A file of the caller has no name that the service knows: its own is what a prompt can show. */
static int plan_title(const BuildArguments *a, BuildPlan *plan, Failure *reterr) {
        const char *slash = plan->image_file ? strrchr(plan->image_file, '/') : NULL;
        const char *title = a->title ?: slash ? slash + 1 : plan->image_file;

        if (a->title && !str_is_utf8(a->title))
                return failure_set(reterr, -EINVAL, "The title is not UTF-8; write it so.");
        if (!title)
                return 0;
        plan->title = strdup(title);
        if (!plan->title)
                return -ENOMEM;
        if (!a->title) {
                str_make_utf8(plan->title);
                str_blank_controls(plan->title);
                cut_title(plan->title);
        }
        return 0;
}

int build_plan_make(
                const BuildArguments *arguments,
                const Pack *pack,
                BuildPlan *ret,
                Failure *reterr) {
        int r;

        r = plan_image(arguments, pack, ret, reterr);
        if (r >= 0)
                r = plan_output(arguments, pack, ret, reterr);
        if (r >= 0)
                r = plan_order(arguments, pack, ret, reterr);
        return r < 0 ? r : plan_title(arguments, ret, reterr);
}

void build_plan_done(BuildPlan *plan) {
        free(plan->image_file);
        free(plan->image_name);
        free(plan->output_path);
        free(plan->title);
        order_done(&plan->order);
        *plan = (BuildPlan){};
}
