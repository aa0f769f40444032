/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Access to what belongs to others: one question to polkit, and what its answer becomes. */

#include "service/access.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "common/cleanup.h"
#include "service/manager.h"

/* A question to polkit that waits. */
typedef struct AccessWait {
        Manager *manager;
        uint32_t id; /* 0: of all objects, or of something that is none */
        BusAct act;
} AccessWait;

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

        if (verdict < 0 && wait->id == 0) {
                (void) sd_bus_reply_method_error(m, error);
                return;
        }
        if (verdict < 0)
                r = access_refuse_unknown(m, &act_error);
        else
                r = sd_bus_message_rewind(m, /* complete= */ true);
        if (r >= 0)
                r = wait->act(wait->manager, wait->id, m, &act_error);
        if (r < 0)
                (void) sd_bus_reply_method_errno(m, r, &act_error);
        manager_note_activity(wait->manager);
}

static int ask(Manager *manager,
               const char *object,
               uint32_t id,
               const BusMethod *row,
               sd_bus_message *m,
               sd_bus_error *reterr_error) {
        _cleanup_free_ AccessWait *wait = calloc(1, sizeof(*wait));
        /* Nothing that only an existing object could tell: the caller may see the prompt. */
        const AuthorizeDetail details[] = {
                { "object", object },
                { "verb", row->verb },
        };
        const AuthorizeRequest request = {
                AUTHORIZE_ACTION_MANAGE,
                details,
                ELEMENTSOF(details),
        };
        int r;

        if (!wait)
                return -ENOMEM;
        *wait = (AccessWait){ manager, id, row->act };
        r = authorizer_ask(manager->authorizer, m, &request, on_verdict, wait, reterr_error);
        if (r >= 0)
                TAKE_PTR(wait);
        return r;
}

int access_ask_about_object(
                Manager *manager,
                const char *noun,
                uint32_t id,
                const BusMethod *row,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        char object[32];

        assert(id > 0);

        (void) snprintf(object, sizeof(object), "%s %u", noun, id);
        return ask(manager, object, id, row, m, reterr_error);
}

int access_ask_about_named(
                Manager *manager,
                const char *object,
                const BusMethod *row,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        return ask(manager, object, /* id= */ 0, row, m, reterr_error);
}

int access_ask_about_all(
                Manager *manager,
                const BusMethod *row,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        return ask(manager, "everything", /* id= */ 0, row, m, reterr_error);
}
