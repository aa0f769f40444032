/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests: limits before work, authorization before a job. */

#include "service/request.h"

#include <assert.h>
#include <errno.h>
#include <syslog.h>

#include "common/strings.h"
#include "dbus/errors.h"
#include "service/bus-gate.h"
#include "service/bus-object.h"
#include "service/job-news.h"

static int check_limits(const Manager *manager, uid_t uid, sd_bus_error *reterr_error) {
        unsigned n = 0, n_own = 0;

        for (const Request *r = manager->requests; r; r = r->next) {
                n++;
                n_own += r->draft.owner == uid;
        }
        if (n_own >= REQUESTS_PER_USER_MAX)
                return bus_failure(
                                reterr_error,
                                -ENOBUFS,
                                "You have 2 requests that wait for an answer, as many as one user may have; try again when one has been answered.");
        if (n >= REQUESTS_MAX)
                return bus_failure(
                                reterr_error,
                                -ENOBUFS,
                                "The service has too many requests waiting for an answer; try again later.");
        return 0;
}

int request_new(Request **ret, Manager *manager, sd_bus_message *m, sd_bus_error *reterr_error) {
        Request *request;
        uid_t uid;
        int r;

        assert(ret && manager && m);

        if (callers_get_user(manager->callers, m, &uid) < 0)
                return bus_failure(reterr_error, -EACCES, "The bus does not know the caller.");
        r = check_limits(manager, uid, reterr_error);
        if (r < 0)
                return r;
        request = calloc(1, sizeof(*request));
        if (!request)
                return -ENOMEM;
        *request = (Request){
                .manager = manager,
                .next = manager->requests,
                .message = sd_bus_message_ref(m),
                .draft = JOB_DRAFT_NULL,
        };
        request->draft.owner = uid;
        manager->requests = request;
        *ret = request;
        return 0;
}

Request *request_free(Request *request) {
        if (!request)
                return NULL;
        for (Request **p = &request->manager->requests; *p; p = &(*p)->next)
                if (*p == request) {
                        *p = request->next;
                        break;
                }
        manager_note_activity(request->manager);
        sd_bus_message_unref(request->message);
        job_draft_done(&request->draft);
        config_reader_free(request->reader);
        free(request);
        return NULL;
}

void requests_drop(Manager *manager, const char *sender) {
        for (Request *request = manager->requests, *next; request; request = next) {
                next = request->next;
                if (!request->is_asked &&
                    str_equal(sd_bus_message_get_sender(request->message), sender))
                        request_free(request);
        }
}

void request_refuse(Request *take_request, int error, const char *message) {
        _cleanup_(request_freep) Request *request = take_request;
        _cleanup_(sd_bus_error_free) sd_bus_error bus_error = SD_BUS_ERROR_NULL;

        (void) bus_failure(&bus_error, error, message);
        (void) sd_bus_reply_method_error(request->message, &bus_error);
}

/* The config's warnings begin the job's log. */
static void log_warnings(Job *job, ConfigReader *reader) {
        const Diagnostics *diagnostics = reader ? config_reader_diagnostics(reader) : NULL;

        for (size_t i = 0; diagnostics && i < diagnostics->n_items; i++)
                job_log(job, LOG_WARNING, diagnostics->items[i].message);
}

/* What asks for the stronger right need not be obvious: a package to install is enough. */
static int refuse_verdict(const Request *request, sd_bus_message *m, const sd_bus_error *error) {
        if (!request->draft.task.order.network)
                return sd_bus_reply_method_error(m, error);
        return sd_bus_reply_method_errorf(
                        m,
                        error->name,
                        "%s The config asks for the network: by scripts.network, or by os.packages that have to be fetched.",
                        error->message);
}

static void on_verdict(sd_bus_message *m, int verdict, const sd_bus_error *error, void *userdata) {
        _cleanup_(request_freep) Request *request = userdata;
        char path[BUS_OBJECT_PATH_SIZE];
        Failure failure = {};
        uid_t uid;
        Job *job;
        int r;

        if (verdict < 0) {
                (void) refuse_verdict(request, m, error);
                return;
        }
        /* Whoever has gone meanwhile gets no job, whatever polkit says; nobody would read an answer. */
        if (callers_get_user(request->manager->callers, m, &uid) < 0)
                return;
        r = manager_add_job(request->manager, &request->draft, &job, &failure);
        if (r < 0) {
                request_refuse(request, r, failure.message);
                request = NULL;
                return;
        }
        job_news_listen(job, m);
        log_warnings(job, request->reader);
        bus_object_job_path(job->id, path);
        (void) sd_bus_reply_method_return(m, "uo", job->id, path);
}

int request_authorize(
                Request *take_request,
                const char *action,
                const AuthorizeDetail *details,
                size_t n_details,
                sd_bus_error *reterr_error) {
        _cleanup_(request_freep) Request *request = take_request;
        const AuthorizeRequest question = { action, details, n_details };
        int r;

        if (!bus_gate_allows_action(request->manager, request->message, action))
                return bus_failure(
                                reterr_error,
                                -EACCES,
                                "Not authorized: this method cannot do that.");
        request->is_asked = true;
        r = authorizer_ask(
                        request->manager->authorizer,
                        request->message,
                        &question,
                        on_verdict,
                        request,
                        reterr_error);
        if (r >= 0)
                TAKE_PTR(request); /* the callback's, which may have freed it already */
        return r;
}
