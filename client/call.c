/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Calls to the service. The only place that knows how an error of the bus becomes a sentence and an
 * exit status.
 */

#include "client/call.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "client/agent.h"
#include "common/strings.h"
#include "dbus/errors.h"
#include "dbus/names.h"

int call_connect(CallPassword password, sd_bus **ret, Failure *reterr) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        r = bus_errors_register();
        if (r >= 0)
                r = sd_bus_open_system(&bus);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot connect to the system bus");
        r = sd_bus_set_allow_interactive_authorization(bus, password == CALL_ASK_PASSWORD);
        if (r >= 0) /* a question of polkit waits for a human being */
                r = sd_bus_set_method_call_timeout(bus, UINT64_MAX);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot set up the connection to the bus");
        if (password == CALL_ASK_PASSWORD)
                agent_start();
        *ret = TAKE_PTR(bus);
        return 0;
}

/* `noun` and `verb` are for the sentence. */
static int object_path(
                const char *folder,
                const char *noun,
                const char *verb,
                const char *word,
                char **ret,
                Failure *reterr) {
        uint64_t number;

        if (str_to_u64(word, UINT32_MAX, &number) < 0)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "'%s' is not the number of %s; pxectl %s lists them.",
                                word,
                                noun,
                                verb);
        *ret = str_printf("%s/_%u", folder, (unsigned) number);
        return *ret ? 0 : -ENOMEM;
}

int call_job_path(const char *word, char **ret_path, Failure *reterr) {
        return object_path(BUS_PATH_JOB, "a job", "jobs", word, ret_path, reterr);
}

int call_artifact_path(const char *word, char **ret_path, Failure *reterr) {
        return object_path(BUS_PATH_ARTIFACT, "an artifact", "artifacts", word, ret_path, reterr);
}

int call_connect_to(
                CallPathFn path,
                const char *word,
                CallPassword password,
                sd_bus **ret,
                char **ret_path,
                Failure *reterr) {
        _cleanup_free_ char *found = NULL;
        int r = path(word, &found, reterr);

        if (r >= 0)
                r = call_connect(password, ret, reterr);
        if (r < 0)
                return r;
        *ret_path = TAKE_PTR(found);
        return 0;
}

static const char *interface_of(const char *path) {
        if (str_after_prefix(path, BUS_PATH_JOB "/"))
                return BUS_INTERFACE_JOB;
        if (str_after_prefix(path, BUS_PATH_ARTIFACT "/"))
                return BUS_INTERFACE_ARTIFACT;
        return BUS_INTERFACE_MANAGER;
}

/* Of an object's path: "/org/pxed1/job/_7". */
static int refuse_absent(const char *path, Failure *reterr) {
        const char *noun = str_equal(interface_of(path), BUS_INTERFACE_JOB) ? "job" : "artifact";
        const char *number = strrchr(path, '_');

        return failure_set(
                        reterr,
                        -ENOENT,
                        "There is no %s %s, or it is another user's; pxectl %ss lists those that there are.",
                        noun,
                        number ? number + 1 : "",
                        noun);
}

static int take_error(const sd_bus_error *error, int result, const char *path, Failure *reterr) {
        static const char *const absent[] = {
                SD_BUS_ERROR_SERVICE_UNKNOWN,
                SD_BUS_ERROR_NAME_HAS_NO_OWNER,
                "org.freedesktop.DBus.Error.Spawn.ServiceNotFound",
                "org.freedesktop.DBus.Error.Spawn.ExecFailed",
                "org.freedesktop.DBus.Error.Spawn.ChildExited",
        };
        _cleanup_free_ char *message = strdup(error->message ?: strerror(-result));
        int number = bus_error_to_errno(error->name);

        if (!message)
                return -ENOMEM;
        str_blank_controls(message);
        for (size_t i = 0; i < ELEMENTSOF(absent); i++)
                if (sd_bus_error_has_name(error, absent[i]))
                        return failure_set(
                                        reterr,
                                        -ESHUTDOWN,
                                        "The service %s cannot be reached (%s); is pxed installed?",
                                        BUS_NAME,
                                        message);
        if (sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY) ||
            sd_bus_error_has_name(error, SD_BUS_ERROR_DISCONNECTED))
                return failure_set(
                                reterr,
                                -ESHUTDOWN,
                                "The service went away (%s); try again.",
                                message);
        if (sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_OBJECT))
                return refuse_absent(path, reterr);
        if (number == EACCES || number == EPERM || number == ENOKEY)
                return failure_set(
                                reterr,
                                -EKEYREJECTED,
                                "%s%s",
                                str_after_prefix(message, "Not authorized") ? ""
                                                                            : "Not authorized: ",
                                message);
        return failure_set(reterr, -number, "%s", message);
}

int call_garbled(int error, Failure *reterr) {
        return failure_set_errno(reterr, error, "Cannot make sense of the service's answer");
}

int call_unsent(int error, Failure *reterr) {
        if (reterr && reterr->error < 0)
                return error;
        if (error == -EINVAL)
                return failure_set(
                                reterr,
                                error,
                                "The service takes UTF-8 only, and something given to it is not.");
        return failure_set_errno(reterr, error, "Cannot put the call to the service together");
}

int call_new(sd_bus *bus,
             const char *path,
             const char *member,
             sd_bus_message **ret,
             Failure *reterr) {
        int r = sd_bus_message_new_method_call(
                        bus,
                        ret,
                        BUS_NAME,
                        path,
                        interface_of(path),
                        member);

        return r < 0 ? call_unsent(r, reterr) : 0;
}

int call_send(sd_bus *bus, sd_bus_message *m, sd_bus_message **ret_reply, Failure *reterr) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sd_bus_call(bus, m, /* usec= */ 0, &error, ret_reply);

        return r < 0 ? take_error(&error, r, sd_bus_message_get_path(m), reterr) : 0;
}

int call_method(sd_bus *bus,
                const char *path,
                const char *member,
                sd_bus_message **ret_reply,
                Failure *reterr,
                const char *types,
                ...) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list ap;
        int r;

        r = call_new(bus, path, member, &m, reterr);
        if (r < 0)
                return r;
        va_start(ap, types);
        r = sd_bus_message_appendv(m, types, ap);
        va_end(ap);
        if (r < 0)
                return call_unsent(r, reterr);
        return call_send(bus, m, ret_reply, reterr);
}

int call_start(sd_bus *bus, sd_bus_message *m, char **ret_path, Failure *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *path;
        uint32_t id;
        int r;

        r = call_send(bus, m, &reply, reterr);
        if (r < 0)
                return r;
        r = sd_bus_message_read(reply, "uo", &id, &path);
        if (r < 0 || id > INT_MAX)
                return call_garbled(r < 0 ? r : -ERANGE, reterr);
        *ret_path = strdup(path);
        return *ret_path ? (int) id : -ENOMEM;
}

int call_get_all(sd_bus *bus, const char *path, sd_bus_message **ret_reply, Failure *reterr) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sd_bus_call_method(
                        bus,
                        BUS_NAME,
                        path,
                        "org.freedesktop.DBus.Properties",
                        "GetAll",
                        &error,
                        ret_reply,
                        "s",
                        interface_of(path));

        return r < 0 ? take_error(&error, r, path, reterr) : 0;
}
