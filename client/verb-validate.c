/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl validate. The same code judges that the service uses, here and without it, so that it can
 * also say whether the files that the config names are there. */

#include <stdio.h>

#include "client/build-plan.h"
#include "client/pack.h"
#include "client/print.h"
#include "client/verb.h"

typedef struct ValidateArguments {
        const char *config;
        const char *format;
        bool pxe_artifacts;
        bool quiet;
        bool json;
} ValidateArguments;

#define AT(member) offsetof(ValidateArguments, member)

/* clang-format off */
static const Option validate_options[] = {
        { "config", 'c', OPTION_TEXT, "FILE", AT(config), "The config, also without this option" },
        { "config-file", 0, OPTION_TEXT, "FILE", AT(config), NULL },
        { "output-image-format", 'f', OPTION_TEXT, "FORMAT", AT(format),
          "Judge it for iso, pxe-dir or pxe-tar" },
        { "pxe-artifacts", 0, OPTION_FLAG, NULL, AT(pxe_artifacts),
          "With iso: judge it for the PXE files, too" },
        { "quiet", 'q', OPTION_FLAG, NULL, AT(quiet), "Say it by the exit status alone" },
        OPTION_JSON(ValidateArguments),
        {},
};
/* clang-format on */

static int print_pack_json(const Pack *pack) {
        _cleanup_json_ Json json = {};

        json_begin_object(&json, NULL);
        json_bool(&json, "valid", pack->diagnostics.n_errors == 0);
        json_begin_array(&json, "diagnostics");
        for (size_t i = 0; i < pack->diagnostics.n_items; i++) {
                const Diagnostic *item = &pack->diagnostics.items[i];
                _cleanup_free_ char *name = pack_file_name(pack, item);

                json_begin_object(&json, NULL);
                json_string(&json,
                            "severity",
                            item->severity == REPORT_ERROR ? "error" : "warning");
                json_number(&json, "line", item->line);
                json_number(&json, "column", item->column);
                json_string(&json, "message", item->message);
                json_string(&json, "file", name);
                json_end_object(&json);
        }
        json_end_array(&json);
        json_end_object(&json);
        return print_json(&json);
}

static int judge(const ValidateArguments *a, Pack *pack, Failure *reterr) {
        Order order = { .verb = ORDER_BUILD, .pxe_artifacts = a->pxe_artifacts };
        OutputFormat format;
        int r = pack_check_format(pack, a->format, reterr);

        if (r < 0)
                return r;
        r = build_plan_format(
                        a->format,
                        pack->config.output_format,
                        pack->config.output_path,
                        &format,
                        reterr);
        if (r < 0)
                return r;
        order.format = format == OUTPUT_ISO ? ORDER_FORMAT_ISO : ORDER_FORMAT_PXE;
        return pack_check(pack, &order, CONFIG_IMAGE_NONE, reterr);
}

static int run(const void *arguments, char **words, Failure *reterr) {
        const ValidateArguments *a = arguments;
        const char *path = a->config ?: words[0];
        _cleanup_pack_ Pack pack = PACK_NULL;
        int r, printed = 0;

        if (!path || (a->config && words[0]))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "One config is judged at a time; name it, or - for standard "
                                "input.");
        r = pack_load(path, &pack, reterr);
        if (r >= 0)
                r = judge(a, &pack, reterr);
        if (r < 0 && r != -EBADMSG)
                return r;
        if (a->json)
                printed = print_pack_json(&pack);
        else if (!a->quiet)
                pack_print_diagnostics(&pack, stdout);
        return r < 0 ? r : printed;
}

const Verb verb_validate = {
        .name = "validate",
        .words = "[CONFIG]",
        .summary = "Say what is wrong with a config; the service is not needed",
        .options = validate_options,
        .arguments_size = sizeof(ValidateArguments),
        .max_words = 1,
        .run = run,
};
