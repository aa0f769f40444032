/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A plan from lines of a worker's report to the bus, by the table of facts. What does not fit the table
 * is left out: a worker may have been taken over.
 */

#include "service/plan-bus.h"

#include <errno.h>

#include "common/strings.h"
#include "config/plan-facts.h"
#include "config/report.h"

/* The next report of the lines that is of this kind; false when there is none. */
static bool next_report(char *const **lines, ReportKind kind, Report *ret) {
        for (; *lines && **lines; (*lines)++)
                if (***lines && report_parse(**lines, ret) >= 0 && ret->kind == kind) {
                        (*lines)++;
                        return true;
                }
        return false;
}

/* Its values, PLAN_LIST_MAX at most. */
static int find_values(char *const *lines, const PlanFact *fact, char ***values) {
        size_t max = fact->type == PLAN_FACT_LIST ? PLAN_LIST_MAX : 1, n = 0;
        Report report;
        int r = 0;

        while (r >= 0 && n < max && next_report(&lines, REPORT_FACT, &report))
                if (str_equal(report.name, fact->name)) {
                        r = strv_append(values, report.text);
                        n++;
                }
        return r;
}

static int append_fact(sd_bus_message *reply, const PlanFact *fact, char *const *lines) {
        _cleanup_strv_ char **values = NULL;
        uint64_t bytes = 0;
        int r = find_values(lines, fact, &values);

        if (r < 0 || !values)
                return r;
        if (fact->type == PLAN_FACT_TEXT)
                return sd_bus_message_append(reply, "{sv}", fact->name, "s", values[0]);
        if (fact->type == PLAN_FACT_BYTES)
                return str_to_u64(values[0], UINT64_MAX, &bytes) < 0 ? 0
                                                                     : sd_bus_message_append(
                                                                                       reply,
                                                                                       "{sv}",
                                                                                       fact->name,
                                                                                       "t",
                                                                                       bytes);
        r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(reply, "s", fact->name);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'v', "as");
        if (r >= 0)
                r = sd_bus_message_append_strv(reply, values);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_facts(sd_bus_message *reply, char *const *lines) {
        int r = sd_bus_message_open_container(reply, 'a', "{sv}");

        for (size_t i = 0; r >= 0 && i < n_plan_facts; i++)
                r = append_fact(reply, &plan_facts[i], lines);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_problems(sd_bus_message *reply, char *const *lines) {
        int r = sd_bus_message_open_container(reply, 'a', "(ss)");
        Report report;

        for (size_t n = 0;
             r >= 0 && n < PLAN_PROBLEMS_MAX && next_report(&lines, REPORT_DIAGNOSTIC, &report);
             n++)
                r = sd_bus_message_append(
                                reply,
                                "(ss)",
                                report.number == REPORT_ERROR ? "error" : "warning",
                                report.text);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int plan_bus_reply(sd_bus_message *m, const char *plan) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_strv_ char **lines = strv_split(plan ? plan : "", "\n");
        int r = lines ? sd_bus_message_new_method_return(m, &reply) : -ENOMEM;

        if (r >= 0)
                r = append_facts(reply, lines);
        if (r >= 0)
                r = append_problems(reply, lines);
        return r < 0 ? r : sd_bus_send(sd_bus_message_get_bus(m), reply, /* ret_cookie= */ NULL);
}
