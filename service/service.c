/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The life of the service: what is set up, in which order, and what ends it. */

#include "service/service.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>

#include "dbus/errors.h"
#include "dbus/names.h"
#include "service/free-space.h"
#include "service/idle.h"
#include "service/launcher.h"
#include "service/log-events.h"
#include "service/manager-bus.h"
#include "service/manager.h"
#include "service/recovery.h"
#include "service/sandbox.h"

static int on_signal(
                sd_event_source *source _unused_,
                const struct signalfd_siginfo *info,
                void *userdata) {
        if (info->ssi_signo != SIGTERM || !idle_answers_signal(userdata))
                manager_stop(userdata, "The service was stopped", EXIT_SUCCESS);
        return 0;
}

/* Nobody can reach the service any more, neither to ask how a job goes on nor to cancel it, and what is
 * on the bus belongs to the connection that is gone. So the jobs end as those of a stopped service do, and
 * the next call on the next bus starts a new one. */
static int on_disconnected(
                sd_bus_message *m _unused_,
                void *userdata,
                sd_bus_error *reterr_error _unused_) {
        log_trouble(-ENOTCONN, "The connection to the system bus is lost: ending all jobs.");
        manager_stop(userdata, "The service lost its connection to the system bus", EXIT_FAILURE);
        return 0;
}

/* No job could be started any more. The next call on the bus starts a service that has one. */
static int on_launcher_ended(
                sd_event_source *source,
                int fd _unused_,
                uint32_t events _unused_,
                void *userdata) {
        (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
        log_trouble(-ECHILD, "The launcher of workers was ended: ending all jobs.");
        manager_stop(userdata, "The service lost its launcher of workers", EXIT_FAILURE);
        return 0;
}

static int block_signals(void) {
        sigset_t signals;

        (void) sigemptyset(&signals);
        (void) sigaddset(&signals, SIGTERM);
        (void) sigaddset(&signals, SIGINT);
        (void) sigaddset(&signals, SIGCHLD);
        (void) signal(SIGPIPE, SIG_IGN);
        return sigprocmask(SIG_BLOCK, &signals, /* oldset= */ NULL) < 0 ? -errno : 0;
}

static int open_bus(sd_event *event, sd_bus **ret, Failure *reterr) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        int r = sd_bus_open_system_with_description(&bus, "pxed");

        if (r >= 0)
                r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot connect to the system bus");
        *ret = TAKE_PTR(bus);
        return 0;
}

/* Of the bus library itself, which no bus is asked for. */
static int watch_connection(sd_bus *bus, Manager *manager) {
        return sd_bus_match_signal(
                        bus,
                        /* ret= */ NULL,
                        "org.freedesktop.DBus.Local",
                        "/org/freedesktop/DBus/Local",
                        "org.freedesktop.DBus.Local",
                        "Disconnected",
                        on_disconnected,
                        manager);
}

static int claim_name(sd_bus *bus, Failure *reterr) {
        int r = sd_bus_request_name(bus, BUS_NAME, /* flags= */ 0);

        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "Cannot claim the name %s on the system bus",
                                BUS_NAME);
        (void) sd_notify(/* unset_environment= */ 0, "READY=1");
        return 0;
}

/* Everything is there; answers until the end. */
static int answer(sd_event *event, sd_bus *bus, Manager *manager, Failure *reterr) {
        _cleanup_(free_space_freep) FreeSpace *space = NULL;
        _cleanup_(idle_freep) Idle *idle = NULL;
        int r;

        r = sandbox_prepare(manager, reterr);
        if (r >= 0)
                r = recovery_run(manager, reterr);
        if (r < 0)
                return r;
        r = manager_bus_register(manager, reterr);
        if (r < 0)
                return failure_default(reterr, r, "The service cannot be set up");
        if (r >= 0)
                r = watch_connection(bus, manager);
        if (r >= 0)
                r = idle_new(&idle, manager);
        if (r >= 0)
                r = free_space_new(&space, manager);
        if (r >= 0)
                r = sd_event_add_io(
                                event,
                                NULL,
                                launcher_get_fd(manager->launcher),
                                EPOLLHUP,
                                on_launcher_ended,
                                manager);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGTERM, on_signal, manager);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGINT, on_signal, manager);
        if (r < 0)
                return failure_set_errno(reterr, r, "The service cannot be set up");
        r = claim_name(bus, reterr);
        return r < 0 ? r : sd_event_loop(event);
}

/* What workers need stays with the launcher; from here on the service has little to lose. */
static int divide(const Settings *settings, Launcher **ret, Failure *reterr) {
        int r = launcher_start(ret, settings->worker, reterr);

        if (r < 0)
                return r;
        r = capability_limit(CAPABILITIES_SERVICE);
        return r < 0 ? failure_set_errno(reterr, r, "The service cannot let go of privileges") : 0;
}

static int serve(sd_event *event, const Settings *settings, Launcher *launcher, Failure *reterr) {
        _cleanup_store_ Store store = STORE_NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(manager_freep) Manager *manager = NULL;
        int r = store_open(settings->state, settings->scratch, &store, reterr);

        if (r >= 0)
                r = open_bus(event, &bus, reterr);
        if (r >= 0)
                r = manager_new(&manager, event, bus, settings, &store, launcher, reterr);
        return r < 0 ? r : answer(event, bus, manager, reterr);
}

int service_run(const Settings *settings, Failure *reterr) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(launcher_freep) Launcher *launcher = NULL;
        int r;

        assert(settings);

        r = block_signals();
        if (r >= 0)
                r = bus_errors_register();
        if (r >= 0)
                r = sd_event_default(&event);
        if (r < 0)
                return failure_set_errno(reterr, r, "The service cannot be set up");
        r = divide(settings, &launcher, reterr);
        return r < 0 ? r : serve(event, settings, launcher, reterr);
}
