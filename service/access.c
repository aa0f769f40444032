/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Access to jobs and artifacts. Who sent a message is asked of the bus, since nothing in the message
 * itself could be trusted; the last answer is kept, as a bus never gives a name twice.
 */

#include "service/access.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "dbus/errors.h"
#include "service/bus-object.h"

#define UNIQUE_NAME_SIZE 256

/* A question to polkit that waits. */
typedef struct AccessWait {
        Manager *manager;
        uint32_t id;
        AccessAct act;
} AccessWait;

int access_get_sender(sd_bus_message *m, uid_t *ret_uid) {
        static char last_name[UNIQUE_NAME_SIZE];
        static uid_t last_uid;
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        const char *name = sd_bus_message_get_sender(m);
        uid_t uid;
        int r;

        if (name && str_equal(name, last_name)) {
                *ret_uid = last_uid;
                return 0;
        }
        r = sd_bus_query_sender_creds(m, SD_BUS_CREDS_EUID, &creds);
        if (r >= 0)
                r = sd_bus_creds_get_euid(creds, &uid);
        if (r < 0)
                return r;
        if (name && strlen(name) < sizeof(last_name)) {
                (void) snprintf(last_name, sizeof(last_name), "%s", name);
                last_uid = uid;
        }
        *ret_uid = uid;
        return 0;
}

bool access_is_own(sd_bus *bus, uid_t owner) {
        sd_bus_message *m = sd_bus_get_current_message(bus);
        uid_t uid;

        return m && access_get_sender(m, &uid) >= 0 && (uid == owner || uid == 0);
}

int access_refuse_unknown(sd_bus_message *m, sd_bus_error *reterr_error) {
        return sd_bus_error_setf(
                        reterr_error,
                        SD_BUS_ERROR_UNKNOWN_OBJECT,
                        "Unknown object '%s'.",
                        sd_bus_message_get_path(m));
}

static void on_verdict(sd_bus_message *m, int verdict, const sd_bus_error *error, void *userdata) {
        _cleanup_free_ AccessWait *wait = userdata;
        _cleanup_(sd_bus_error_free) sd_bus_error act_error = SD_BUS_ERROR_NULL;
        int r;

        if (verdict < 0) {
                (void) sd_bus_reply_method_error(m, error);
                return;
        }
        r = sd_bus_message_rewind(m, /* complete= */ true);
        if (r >= 0)
                r = wait->act(wait->manager, wait->id, m, &act_error);
        if (r < 0)
                (void) sd_bus_reply_method_errno(m, r, &act_error);
        manager_note_activity(wait->manager);
}

static int ask_polkit(
                Manager *manager,
                sd_bus_message *m,
                const AccessObject *object,
                const char *verb,
                AccessAct act,
                sd_bus_error *reterr_error) {
        _cleanup_free_ AccessWait *wait = calloc(1, sizeof(*wait));
        char id[16], owner[16], name[32];
        const AuthorizeDetail details[] = {
                { object->kind, id },
                { "object", name },
                { "owner", owner },
                { "verb", verb },
        };
        const AuthorizeRequest request = {
                AUTHORIZE_ACTION_MANAGE,
                details,
                ELEMENTSOF(details),
        };
        int r;

        if (!wait)
                return -ENOMEM;
        *wait = (AccessWait){ manager, object->id, act };
        (void) snprintf(id, sizeof(id), "%u", object->id);
        (void) snprintf(name, sizeof(name), "%s %u", object->kind, object->id);
        (void) snprintf(owner, sizeof(owner), "%u", object->owner);
        r = authorizer_ask(manager->authorizer, m, &request, on_verdict, wait, reterr_error);
        if (r >= 0)
                TAKE_PTR(wait);
        return r;
}

int access_ask(sd_bus_message *m,
               const AccessObject *object,
               const char *verb,
               AccessAct act,
               sd_bus_error *reterr_error) {
        Manager *manager = bus_object_manager(sd_bus_message_get_bus(m));
        uid_t uid;

        assert(m && object && verb && act);

        if (access_get_sender(m, &uid) < 0)
                return bus_failure(reterr_error, -EACCES, "The bus does not know the caller.");
        if (uid == object->owner || uid == 0)
                return act(manager, object->id, m, reterr_error);
        return ask_polkit(manager, m, object, verb, act, reterr_error);
}
