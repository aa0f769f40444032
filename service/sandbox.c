/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Two verbs of the worker. The service itself touches no cgroup, mount or loop device: what knows how
 * they are made also knows how they go.
 */

#include "service/sandbox.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "common/strings.h"
#include "service/log-events.h"
#include "service/worker.h"

/* A worker that says more has lost its mind. */
#define FEATURES_MAX 32

struct Sweep {
        Worker *worker;
        SweepCallback callback;
        void *userdata;
};

/* One worker that is waited for. */
typedef struct Wait {
        char **features; /* name, value, name, … */
        bool ended;
        Failure why;
} Wait;

void sandbox_limit_order(const Settings *settings, const Store *store, Order *order) {
        order->store_id = store->id;
        order->memory_max_bytes = settings->memory_max_bytes;
        order->scratch_max_bytes = settings->scratch_max_bytes;
        order->processes_max = settings->processes_max;
        order->without_limits = settings->without_limits == SETTINGS_LIMITS_ALLOW;
}

static void on_output(const char *line, void *userdata _unused_) {
        log_debug("A worker without a job says: %s", line);
}

static int start(
                Worker **ret,
                const Manager *manager,
                OrderVerb verb,
                uint32_t job_id,
                const WorkerHandler *handler,
                Failure *reterr) {
        _cleanup_(worker_freep) Worker *worker = NULL;
        const Settings *settings = manager->settings;
        Order order = { .verb = verb, .job_id = job_id, .ids_base = settings->ids_base };
        WorkerFds fds = WORKER_FDS_NULL;
        int r;

        sandbox_limit_order(settings, manager->store, &order);
        fds.scratch = manager->store->scratch_fd;
        fds.lock = manager->store->lock_fd;
        r = worker_start(&worker, manager->event, manager->launcher, &order, &fds, reterr);
        if (r >= 0)
                r = worker_set_timeout(worker, SANDBOX_TIMEOUT_USEC);
        if (r < 0)
                return failure_default(reterr, r, "The worker cannot be started");
        worker_listen(worker, handler);
        *ret = TAKE_PTR(worker);
        return 0;
}

/* --- after a job --------------------------------------------------------------------------- */

static void on_swept(const Failure *why, void *userdata) {
        Sweep *sweep = userdata;

        sweep->callback(why, sweep->userdata);
}

int sweep_start(Sweep **ret,
                const Manager *manager,
                uint32_t job_id,
                SweepCallback callback,
                void *userdata) {
        _cleanup_(sweep_freep) Sweep *sweep = calloc(1, sizeof(*sweep));
        const WorkerHandler handler = {
                .on_output = on_output,
                .on_end = on_swept,
                .userdata = sweep,
        };
        int r;

        if (!sweep)
                return -ENOMEM;
        *sweep = (Sweep){ .callback = callback, .userdata = userdata };
        r = start(&sweep->worker, manager, ORDER_SWEEP, job_id, &handler, /* reterr= */ NULL);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(sweep);
        return 0;
}

Sweep *sweep_free(Sweep *sweep) {
        if (!sweep)
                return NULL;
        worker_free(sweep->worker);
        free(sweep);
        return NULL;
}

/* --- before the first job ------------------------------------------------------------------ */

static void on_fact(const Report *report, void *userdata) {
        Wait *wait = userdata;

        if (report->kind != REPORT_FACT || strv_length(wait->features) >= FEATURES_MAX * 2)
                return;
        if (strv_append(&wait->features, report->name) < 0 ||
            strv_append(&wait->features, report->text) < 0)
                (void) failure_set(&wait->why, -ENOMEM, "There is not enough memory to start.");
}

static void on_end(const Failure *why, void *userdata) {
        Wait *wait = userdata;

        wait->ended = true;
        if (why && wait->why.error == 0)
                wait->why = *why;
}

/* Nobody knows of this service yet, so nothing else is to be done meanwhile. */
static int run(const Manager *manager, OrderVerb verb, Wait *wait, Failure *reterr) {
        const WorkerHandler handler = {
                .on_report = on_fact,
                .on_output = on_output,
                .on_end = on_end,
                .userdata = wait,
        };
        _cleanup_(worker_freep) Worker *worker = NULL;
        int r;

        r = start(&worker, manager, verb, /* job_id= */ 0, &handler, reterr);
        while (r >= 0 && !wait->ended) {
                if (sd_event_get_state(manager->event) == SD_EVENT_FINISHED)
                        return failure_set(reterr, -ECONNRESET, "The system bus has gone.");
                r = sd_event_run(manager->event, /* usec= */ UINT64_MAX);
        }
        if (r < 0)
                return failure_default(reterr, r, "The service cannot be set up");
        return wait->why.error;
}

static const char *feature(char *const *features, const char *name) {
        for (size_t i = 0; features && features[i] && features[i + 1]; i += 2)
                if (str_equal(features[i], name))
                        return features[i + 1];
        return NULL;
}

static int judge(const Manager *manager, Failure *reterr) {
        static const char *const needed[] = { "memory", "processes", "devices" };
        _cleanup_strv_ char **lacking = NULL;
        _cleanup_free_ char *list = NULL;

        for (size_t i = 0; i < ELEMENTSOF(needed); i++) {
                const char *value = feature(manager->features, needed[i]);

                if ((!value || str_equal(value, "none")) && strv_append(&lacking, needed[i]) < 0)
                        return -ENOMEM;
        }
        if (!lacking || manager->settings->without_limits == SETTINGS_LIMITS_ALLOW)
                return 0;
        list = strv_join(lacking, " and ");
        return failure_set(
                        reterr,
                        -EOPNOTSUPP,
                        "Jobs cannot be held to limits of %s on this host: start the service by its unit, which lets it make cgroups (Delegate=), or say 'withoutLimits: allow' in %s.",
                        list ? list : "memory",
                        SETTINGS_PATH);
}

int sandbox_prepare(Manager *manager, Failure *reterr) {
        Wait swept = {}, probed = {};
        int r;

        r = run(manager, ORDER_SWEEP, &swept, reterr);
        strv_free(swept.features);
        if (swept.why.error < 0)
                log_trouble(swept.why.error, "Ignoring: %s", swept.why.message);
        else if (r < 0)
                return r;
        r = run(manager, ORDER_PROBE, &probed, reterr);
        manager->features = probed.features;
        if (probed.why.error < 0)
                return failure_set(
                                reterr,
                                probed.why.error,
                                "What this host can do cannot be found out: %s",
                                probed.why.message);
        return r < 0 ? r : judge(manager, reterr);
}
