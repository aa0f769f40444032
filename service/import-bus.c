/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ImportImage. The name is looked at before polkit is asked, and again when the image is there: only the
 * rename decides. */

#include "service/import-bus.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "dbus/errors.h"
#include "service/caller-fd.h"
#include "service/images.h"
#include "service/method-options.h"
#include "service/request.h"

static int ask(Request *take_request, sd_bus_error *reterr_error) {
        const JobDraft *draft = &take_request->draft;
        const AuthorizeDetail details[] = {
                { "image", draft->task.order.image_name },
                { "replace", draft->task.replace ? "yes" : "no" },
                { "title", draft->title },
        };

        return request_authorize(
                        take_request,
                        AUTHORIZE_ACTION_IMPORT,
                        details,
                        ELEMENTSOF(details),
                        reterr_error);
}

static int begin(
                Manager *manager,
                sd_bus_message *m,
                const char *name,
                MethodOptions *take_options,
                int *take_image_fd,
                sd_bus_error *reterr_error) {
        _cleanup_(request_freep) Request *request = NULL;
        Failure failure = {};
        JobDraft *draft;
        int r;

        r = request_new(&request, manager, m, reterr_error);
        if (r < 0)
                return r;
        draft = &request->draft;
        r = manager_check_room(manager, draft->owner, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        draft->kind = JOB_IMPORT;
        draft->title = take_options->title ? TAKE_PTR(take_options->title) : strdup(name);
        draft->cookie = TAKE_PTR(take_options->cookie);
        draft->task.image_fd = TAKE_FD(*take_image_fd);
        draft->task.replace = take_options->replace;
        draft->task.order.verb = ORDER_IMPORT;
        draft->task.order.image_max_bytes = manager->settings->image_max_bytes;
        draft->task.order.image_name = strdup(name);
        draft->task.image.name = strdup(name);
        if (!draft->title || !draft->task.order.image_name || !draft->task.image.name)
                return -ENOMEM;
        return ask(TAKE_PTR(request), reterr_error);
}

int import_bus_act_import(
                Manager *manager,
                uint32_t id _unused_,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        _cleanup_method_options_ MethodOptions options = {};
        _cleanup_close_ int image_fd = -EBADF;
        int message_fd, r; /* the message's, borrowed */
        Failure failure = {};
        const char *name;

        /* Read. */
        r = sd_bus_message_read(m, "hs", &message_fd, &name);
        if (r >= 0)
                r = method_options_read(
                                m,
                                METHOD_OPTIONS_IMPORT | METHOD_OPTIONS_JOB,
                                &options,
                                &failure);
        /* Validate. */
        if (r >= 0)
                r = caller_fd_check(
                                message_fd,
                                "The image",
                                manager->settings->image_max_bytes,
                                &failure);
        if (r >= 0)
                r = images_check_import(manager->settings->images, name, options.replace, &failure);
        if (r >= 0)
                r = image_fd = caller_fd_keep(message_fd, "The image", &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        return begin(manager, m, name, &options, &image_fd, reterr_error);
}
