/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl pull. */

#include "client/build-plan.h"
#include "client/call.h"
#include "client/deliver.h"
#include "client/interrupt.h"
#include "client/verb.h"
#include "common/strings.h"

typedef struct PullArguments {
        const char *format;
        const char *path;
        const char *pxe_folder;
        bool remove;
        bool force;
        bool quiet;
        bool json;
        bool no_ask_password;
} PullArguments;

#define AT(member) offsetof(PullArguments, member)

/* clang-format off */
static const Option pull_options[] = {
        { "output-path", 'o', OPTION_TEXT, "PATH", AT(path), "Where the result goes" },
        { "output-image-file", 0, OPTION_TEXT, "PATH", AT(path), NULL },
        { "output-image-format", 'f', OPTION_TEXT, "FORMAT", AT(format),
          "iso, pxe-dir or pxe-tar (default: what there is)" },
        { "output-pxe-artifacts-dir", 0, OPTION_TEXT, "DIR", AT(pxe_folder),
          "With iso: where the PXE files go" },
        { "remove", 0, OPTION_FLAG, NULL, AT(remove), "Remove the artifact afterwards" },
        { "force", 0, OPTION_FLAG, NULL, AT(force), "Replace a folder that is not empty" },
        OPTION_QUIET(PullArguments),
        OPTION_JSON(PullArguments),
        OPTION_NO_ASK_PASSWORD(PullArguments),
        {},
};
/* clang-format on */

/* What the artifact holds stands in for a config's word. */
static int choose_format(
                sd_bus *bus,
                const char *path,
                const PullArguments *a,
                OutputFormat *ret,
                Failure *reterr) {
        _cleanup_artifact_ Artifact artifact = {};
        const char *there = NULL;
        int r;

        r = artifact_load(bus, path, &artifact, reterr);
        if (r < 0)
                return r;
        if (!artifact_find(&artifact, ARTIFACT_ISO) && !str_has_suffix(a->path, ".iso"))
                there = "pxe";
        r = build_plan_format(a->format, there, a->path, ret, reterr);
        if (r >= 0 && a->pxe_folder && *ret != OUTPUT_ISO)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "--output-pxe-artifacts-dir goes with an ISO only; leave it out.");
        return r;
}

static int pull(sd_bus *bus, const char *path, const PullArguments *a, Failure *reterr) {
        _cleanup_output_ Output output = OUTPUT_NULL;
        DeliverFlags flags = (a->remove ? DELIVER_REMOVE : 0) | (a->json ? DELIVER_JSON : 0) |
                             (a->quiet ? DELIVER_QUIET : 0);
        OutputFormat format;
        int r;

        r = choose_format(bus, path, a, &format, reterr);
        if (r >= 0)
                r = output_open(format,
                                a->path,
                                a->pxe_folder,
                                a->force ? PLACE_REPLACE : 0,
                                &output,
                                reterr);
        if (r < 0)
                return r;
        interrupt_watch();
        return deliver(bus, path, &output, flags, reterr);
}

static int run(const void *arguments, char **words, Failure *reterr) {
        const PullArguments *a = arguments;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_free_ char *path = NULL;
        int r;

        if (!a->path)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "No place for the result is given; name a file or folder with --output-path.");
        r = call_connect_to(
                        call_artifact_path,
                        words[0],
                        call_password(a->no_ask_password),
                        &bus,
                        &path,
                        reterr);
        return r < 0 ? r : pull(bus, path, a, reterr);
}

const Verb verb_pull = {
        .name = "pull",
        .words = "ARTIFACT",
        .summary = "Write an artifact to --output-path",
        .options = pull_options,
        .arguments_size = sizeof(PullArguments),
        .min_words = 1,
        .max_words = 1,
        .run = run,
};
