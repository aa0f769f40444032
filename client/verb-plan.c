/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * pxectl plan: what a build would make, as a table, and what is wrong. The job is of no use once it has
 * been read, and forgotten.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/build-call.h"
#include "client/call.h"
#include "client/follow.h"
#include "client/interrupt.h"
#include "client/print.h"
#include "client/table-out.h"
#include "common/strings.h"
#include "config/plan-facts.h"

/* clang-format off */
static const Option plan_options[] = {
        BUILD_OPTIONS_OF_INPUT,
        { "output-path", 'o', OPTION_TEXT, "PATH", BUILD_AT(path),
          "Where a build would put it: its name may be in URLs" },
        { "pxe-artifacts", 0, OPTION_FLAG, NULL, BUILD_AT(pxe_artifacts),
          "With iso: the PXE files, too" },
        { "output-pxe-artifacts-dir", 0, OPTION_TEXT, "DIR", BUILD_AT(pxe_folder), NULL },
        { "verbose", 'v', OPTION_FLAG, NULL, BUILD_AT(verbose),
          "Show the job's log" },
        OPTION_QUIET(BuildArguments),
        OPTION_JSON(BuildArguments),
        OPTION_NO_ASK_PASSWORD(BuildArguments),
        {},
};
/* clang-format on */

/* Where a plan is shown: a table or a document. */
typedef struct Show {
        Json *json; /* NULL for a table */
        int width;  /* of the first column */
        unsigned n_errors;
} Show;

static int title_width(void) {
        size_t width = 0;

        for (size_t i = 0; i < n_plan_facts; i++)
                if (strlen(plan_facts[i].title) > width)
                        width = strlen(plan_facts[i].title);
        return (int) width;
}

static void show_text(const Show *show, const PlanFact *fact, const char *text, bool is_first) {
        _cleanup_free_ char *line = NULL;

        if (show->json) {
                json_string(show->json, fact->type == PLAN_FACT_LIST ? NULL : fact->name, text);
                return;
        }
        line = str_printf("%-*s  %s", show->width, is_first ? fact->title : "", text);
        if (line)
                print_line(stdout, line);
}

static void show_bytes(const Show *show, const PlanFact *fact, uint64_t bytes) {
        char text[32];

        if (show->json) {
                json_number(show->json, fact->name, bytes);
                return;
        }
        format_size(bytes, text, sizeof(text));
        show_text(show, fact, text, /* is_first= */ true);
}

static int show_list(sd_bus_message *m, const Show *show, const PlanFact *fact) {
        const char *text;
        bool is_first = true;
        int r = sd_bus_message_enter_container(m, 'a', "s");

        if (show->json)
                json_begin_array(show->json, fact->name);
        while (r >= 0 && (r = sd_bus_message_read(m, "s", &text)) > 0) {
                show_text(show, fact, text, is_first);
                is_first = false;
        }
        if (show->json)
                json_end_array(show->json);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* The value of a fact, inside its variant. */
static int show_value(sd_bus_message *m, const Show *show, const PlanFact *fact) {
        uint64_t bytes;
        const char *text;
        int r;

        if (fact->type == PLAN_FACT_LIST)
                return show_list(m, show, fact);
        if (fact->type == PLAN_FACT_BYTES) {
                r = sd_bus_message_read(m, "t", &bytes);
                if (r >= 0)
                        show_bytes(show, fact, bytes);
                return r;
        }
        r = sd_bus_message_read(m, "s", &text);
        if (r >= 0)
                show_text(show, fact, text, /* is_first= */ true);
        return r;
}

static int show_fact(sd_bus_message *m, const Show *show) {
        static const char *const types[_PLAN_FACT_TYPE_MAX] = {
                [PLAN_FACT_TEXT] = "s",
                [PLAN_FACT_LIST] = "as",
                [PLAN_FACT_BYTES] = "t",
        };
        const PlanFact *fact;
        const char *name;
        int r = sd_bus_message_read(m, "s", &name);

        if (r < 0)
                return r;
        fact = plan_fact_find(name);
        /* A newer service may know more. */
        if (!fact)
                return sd_bus_message_skip(m, "v");
        r = sd_bus_message_enter_container(m, 'v', types[fact->type]);
        if (r >= 0)
                r = show_value(m, show, fact);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int show_facts(sd_bus_message *m, const Show *show) {
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = show_fact(m, show);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static void show_problem(Show *show, const char *severity, const char *sentence) {
        _cleanup_free_ char *line = NULL;

        show->n_errors += str_equal(severity, "error");
        if (show->json) {
                json_begin_object(show->json, NULL);
                json_string(show->json, "severity", severity);
                json_string(show->json, "message", sentence);
                json_end_object(show->json);
                return;
        }
        line = str_printf("%s: %s", severity, sentence);
        if (line)
                print_line(stdout, line);
}

static int show_problems(sd_bus_message *m, Show *show) {
        const char *severity, *sentence;
        bool is_first = true;
        int r = sd_bus_message_enter_container(m, 'a', "(ss)");

        if (show->json)
                json_begin_array(show->json, "problems");
        while (r >= 0 && (r = sd_bus_message_read(m, "(ss)", &severity, &sentence)) > 0) {
                if (is_first && !show->json)
                        putchar('\n');
                is_first = false;
                show_problem(show, severity, sentence);
        }
        if (show->json)
                json_end_array(show->json);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int show_plan(sd_bus_message *m, const BuildArguments *a, Failure *reterr) {
        _cleanup_json_ Json json = {};
        Show show = { .json = a->json ? &json : NULL, .width = title_width() };
        int r;

        if (a->json)
                json_begin_object(&json, NULL);
        r = show_facts(m, &show);
        if (r >= 0)
                r = show_problems(m, &show);
        if (r < 0)
                return call_garbled(r, reterr);
        if (a->json) {
                json_end_object(&json);
                r = print_json(&json);
        }
        if (r < 0 || show.n_errors == 0)
                return r;
        return failure_set(
                        reterr,
                        -ENOEXEC,
                        "A build would fail, or what it makes would not boot: see the %s above.",
                        show.n_errors == 1 ? "error" : "errors");
}

static int show_job(sd_bus *bus, const char *path, const BuildArguments *a, Failure *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r = call_method(bus, path, "GetPlan", &reply, reterr, "");

        if (r < 0)
                return r;
        r = show_plan(reply, a, reterr);
        (void) call_method(bus, path, "Forget", /* ret_reply= */ NULL, /* reterr= */ NULL, "");
        return r;
}

static int plan(const BuildArguments *a, const BuildPlan *plan, const Pack *pack, Failure *reterr) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(follow_freep) Follow *follow = NULL;
        _cleanup_free_ char *path = NULL;
        int r = call_connect(call_password(a->no_ask_password), &bus, reterr);

        if (r >= 0)
                r = follow_new(bus, build_call_follow_flags(a), &follow, reterr);
        if (r >= 0)
                r = build_call_start(bus, BUILD_CALL_PLAN, plan, pack, &path, reterr);
        if (r < 0)
                return r;
        interrupt_watch();
        r = follow_run(follow, path, reterr);
        return r < 0 ? r : show_job(bus, path, a, reterr);
}

static int run(const void *arguments, char **words _unused_, Failure *reterr) {
        const BuildArguments *a = arguments;
        _cleanup_build_plan_ BuildPlan build = {};
        _cleanup_pack_ Pack pack = PACK_NULL;
        int r = build_call_load(a, &pack, reterr);

        if (r < 0)
                return r;
        r = pack_check_format(&pack, a->format, reterr);
        if (r >= 0)
                r = build_plan_make(a, &pack, &build, reterr);
        if (r >= 0)
                r = pack_check(&pack, &build.order, CONFIG_IMAGE_MAYBE_ISO, reterr);
        if (!a->quiet || r == -EBADMSG)
                pack_print_diagnostics(&pack, stderr);
        return r < 0 ? r : plan(a, &build, &pack, reterr);
}

const Verb verb_plan = {
        .name = "plan",
        .words = "",
        .summary = "Say what a build would make, and whether it would boot",
        .more = "Looks at image and config as a build does, in seconds, and makes nothing: loaders,\n"
                "kernels, command lines, sizes, the memory that a machine needs, and what is wrong.\n"
                "The exit status is 1 when something is.",
        .options = plan_options,
        .arguments_size = sizeof(BuildArguments),
        .run = run,
};
