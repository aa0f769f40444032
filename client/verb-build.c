/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * pxectl build. Everything that can go wrong without the service is looked at before it is asked:
 * the config, the files, the places for the result.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client/build-call.h"
#include "client/call.h"
#include "client/deliver.h"
#include "client/follow.h"
#include "client/interrupt.h"
#include "client/verb.h"
#include "common/strings.h"
#include "dbus/names.h"

#define AT BUILD_AT

/* clang-format off */
static const Option build_options[] = {
        BUILD_OPTIONS_OF_INPUT,
        { "output-path", 'o', OPTION_TEXT, "PATH", AT(path),
          "Where the result goes" },
        { "output-image-file", 0, OPTION_TEXT, "PATH", AT(path), NULL },
        { "output-pxe-artifacts-dir", 0, OPTION_TEXT, "DIR", AT(pxe_folder),
          "With iso: where the PXE files go" },
        { "pxe-artifacts", 0, OPTION_FLAG, NULL, AT(pxe_artifacts),
          "With iso: make the PXE files, too" },
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

static DeliverFlags deliver_flags(const BuildArguments *a) {
        return (a->keep ? 0 : DELIVER_REMOVE) | (a->json ? DELIVER_JSON : 0) |
               (a->quiet ? DELIVER_QUIET : 0);
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
                r = follow_new(bus, build_call_follow_flags(a), &follow, reterr);
        if (r >= 0)
                r = id = build_call_start(bus, BUILD_CALL_BUILD, plan, pack, &path, reterr);
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

/* As reproducible-builds.org has it; the option goes first. */
static int take_epoch(Order *order, Failure *reterr) {
        const char *text = getenv("SOURCE_DATE_EPOCH");
        uint64_t seconds;

        if (order->source_date_epoch > 0 || str_is_empty(text))
                return 0;
        if (str_to_u64(text, UINT32_MAX, &seconds) < 0)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The variable SOURCE_DATE_EPOCH has to be a number of seconds, "
                                "not '%.100s'.",
                                text);
        order->source_date_epoch = (uint32_t) seconds;
        return 0;
}

static int plan_and_build(const BuildArguments *a, Pack *pack, Failure *reterr) {
        _cleanup_build_plan_ BuildPlan plan = {};
        _cleanup_output_ Output output = OUTPUT_NULL;
        int r;

        r = pack_check_format(pack, a->format, reterr);
        if (r >= 0)
                r = build_plan_make(a, pack, &plan, reterr);
        if (r >= 0)
                r = take_epoch(&plan.order, reterr);
        if (r >= 0)
                r = pack_check(pack, &plan.order, CONFIG_IMAGE_MAYBE_ISO, reterr);
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
        int r;

        r = build_call_load(a, &pack, reterr);
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
