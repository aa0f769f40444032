/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Build, Plan, the two from files, and Validate. What the caller wrote is judged by a reader first, so that
 * polkit can be asked the right question; then it is asked; only then there is a job. So a handler
 * reads, and validates what it can see; the reader's callback validates the rest and authorizes; act
 * and reply are request_authorize()'s.
 */

#include "service/build-bus.h"

#include <errno.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"
#include "config/config.h"
#include "dbus/errors.h"
#include "service/bus-list.h"
#include "service/caller-fd.h"
#include "service/images.h"
#include "service/method-options.h"
#include "service/request.h"

#define NO_NAME "a file of the caller"

/* ---- validate: what all have in common ---- */

/* A config as a caller wrote it, as a file for the reader. Returns a descriptor. */
static int config_to_fd(const char *config, Failure *reterr) {
        size_t size = strlen(config);

        if (size > CONFIG_MAX_BYTES)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The config has %zu bytes, at most %u are taken; put what is long into files that it names.",
                                size,
                                CONFIG_MAX_BYTES);
        return caller_fd_from_text(config, size, reterr);
}

/* Has the config judged. Owns the request in any case: after success it is the callback's. Returns as
 * a handler does. */
static int judge(
                Request *take_request,
                int context_fd,
                ConfigReaderCallback callback,
                sd_bus_error *reterr_error) {
        _cleanup_(request_freep) Request *request = take_request;
        Manager *manager = request->manager;
        Failure failure = {};
        int r;

        r = config_reader_start(
                        &request->reader,
                        manager->event,
                        manager->launcher,
                        manager->settings,
                        manager->store,
                        &request->draft.task.order,
                        context_fd,
                        request->draft.task.image_fd,
                        &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        config_reader_listen(request->reader, callback, request);
        TAKE_PTR(request);
        return 1;
}

/* ---- builds and plans: from the reader's judgement to polkit ---- */

static char *format_mistakes(const Diagnostics *diagnostics) {
        _cleanup_buffer_ Buffer text = {};

        for (size_t i = 0; i < diagnostics->n_items; i++) {
                const Diagnostic *d = &diagnostics->items[i];

                if (d->severity != REPORT_ERROR)
                        continue;
                if (text.size > 0)
                        (void) buffer_append_string(&text, "\n");
                if (d->line > 0)
                        (void) buffer_printf(&text, "%u:%u: ", d->line, d->column);
                (void) buffer_append_string(&text, d->message);
        }
        return buffer_take(&text);
}

static void ask_for_job(Request *request, const ConfigReaderResult *result) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = sd_bus_message_ref(request->message);
        const Order *order = &request->draft.task.order;
        const char *image = request->draft.task.image.name;
        /* What the caller calls a file is no more than the title: else a rule or an administrator that trusts
         * one of the service's images would trust any file. */
        const AuthorizeDetail details[] = {
                { "image", image ? image : NO_NAME },
                { "config-digest", result->config_digest },
                { "network", order->network ? "yes" : "no" },
                { "title", request->draft.title },
        };
        int r;

        r = request_authorize(
                        request,
                        order->network ? AUTHORIZE_ACTION_BUILD_ONLINE : AUTHORIZE_ACTION_BUILD,
                        details,
                        ELEMENTSOF(details),
                        &error);
        if (r < 0)
                (void) sd_bus_reply_method_errno(m, r, &error);
}

static void on_judged_for_job(ConfigReaderResult *result, const Failure *why, void *userdata) {
        Request *request = userdata;

        if (why) {
                request_refuse(request, why->error, why->message);
                return;
        }
        if (result->diagnostics.n_errors > 0) {
                _cleanup_free_ char *mistakes = format_mistakes(&result->diagnostics);

                request_refuse(request, -EBADMSG, mistakes);
                return;
        }
        request->draft.task.context_fd = TAKE_FD(result->context_fd);
        /* Nothing that a plan does needs it. */
        request->draft.task.order.network = result->network && request->draft.kind == JOB_BUILD;
        memcpy(request->draft.task.config_digest,
               result->config_digest,
               sizeof(result->config_digest));
        ask_for_job(request, result);
}

/* ---- builds and plans: the handlers ---- */

/* What the job is to become but for image and context: the request, with the job's draft. */
static int begin_job(
                Manager *manager,
                JobKind kind,
                sd_bus_message *m,
                MethodOptions *take_options,
                const char *image_name,
                Request **ret,
                sd_bus_error *reterr_error) {
        _cleanup_(request_freep) Request *request = NULL;
        const char *name = image_name ? image_name : take_options->title;
        const Settings *settings = manager->settings;
        Failure failure = {};
        JobDraft *draft;
        Order *order;
        int r;

        r = request_new(&request, manager, m, reterr_error);
        if (r < 0)
                return r;
        draft = &request->draft;
        order = &draft->task.order;
        r = manager_check_room(manager, draft->owner, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        draft->kind = kind;
        draft->title = take_options->title ? TAKE_PTR(take_options->title)
                                           : strdup(name ? name : NO_NAME);
        draft->cookie = TAKE_PTR(take_options->cookie);
        order->verb = kind == JOB_PLAN ? ORDER_PLAN : ORDER_BUILD;
        order->context_max_bytes = settings->context_max_bytes;
        order->image_max_bytes = settings->image_max_bytes;
        order->image_name = name ? strdup(image_name ? image_name : draft->title) : NULL;
        if (!draft->title || (name && !order->image_name))
                return -ENOMEM;
        method_options_move_to_order(take_options, order);
        *ret = TAKE_PTR(request);
        return 0;
}

static int act_by_name(
                Manager *manager,
                JobKind kind,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        _cleanup_close_ int image_fd = -EBADF, context_fd = -EBADF;
        _cleanup_method_options_ MethodOptions options = {};
        _cleanup_image_ Image image = {};
        const char *name, *config;
        Failure failure = {};
        Request *request;
        int r;

        /* Read. */
        r = sd_bus_message_read(m, "ss", &name, &config);
        if (r >= 0)
                r = method_options_read(m, METHOD_OPTIONS_OF_BUILD, &options, &failure);
        /* Validate. */
        if (r >= 0)
                r = image_fd = images_find(manager->settings->images, name, &image, &failure);
        if (r >= 0)
                r = context_fd = config_to_fd(config, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        r = begin_job(manager, kind, m, &options, name, &request, reterr_error);
        if (r < 0)
                return r;
        request->draft.task.image = image;
        image = (Image){};
        request->draft.task.order.image_is_ours = images_is_ours(image_fd);
        request->draft.task.image_fd = TAKE_FD(image_fd);
        request->draft.task.order.context_is_text = true;
        return judge(request, context_fd, on_judged_for_job, reterr_error);
}

static int act_from_files(
                Manager *manager,
                JobKind kind,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        _cleanup_method_options_ MethodOptions options = {};
        int message_image_fd, context_fd, r; /* the message's, borrowed */
        _cleanup_close_ int image_fd = -EBADF;
        Failure failure = {};
        Request *request;

        /* Read. */
        r = sd_bus_message_read(m, "hh", &message_image_fd, &context_fd);
        if (r >= 0)
                r = method_options_read(m, METHOD_OPTIONS_OF_BUILD, &options, &failure);
        /* Validate. */
        if (r >= 0)
                r = caller_fd_check(
                                message_image_fd,
                                "The image",
                                manager->settings->image_max_bytes,
                                &failure);
        if (r >= 0)
                r = caller_fd_check(
                                context_fd,
                                "The context",
                                manager->settings->context_max_bytes,
                                &failure);
        if (r >= 0)
                r = image_fd = caller_fd_keep(message_image_fd, "The image", &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        r = begin_job(manager, kind, m, &options, /* image_name= */ NULL, &request, reterr_error);
        if (r < 0)
                return r;
        request->draft.task.image_fd = TAKE_FD(image_fd);
        return judge(request, context_fd, on_judged_for_job, reterr_error);
}

/* As the table of methods wants them. */
#define ACT(name, act, kind)                                \
        int name(Manager *manager,                          \
                 uint32_t id _unused_,                      \
                 sd_bus_message *m,                         \
                 sd_bus_error *reterr_error) {              \
                return act(manager, kind, m, reterr_error); \
        }
ACT(build_bus_act_build, act_by_name, JOB_BUILD)
ACT(build_bus_act_build_from_files, act_from_files, JOB_BUILD)
ACT(build_bus_act_plan, act_by_name, JOB_PLAN)
ACT(build_bus_act_plan_from_files, act_from_files, JOB_PLAN)
#undef ACT

/* ---- Validate ---- */

static int append_diagnostic(sd_bus_message *reply, const void *diagnostics, size_t index) {
        const Diagnostic *d = (const Diagnostic *) diagnostics + index;

        return sd_bus_message_append(
                        reply,
                        "(suus)",
                        d->severity == REPORT_ERROR ? "error" : "warning",
                        d->line,
                        d->column,
                        d->message);
}

static void on_judged_for_caller(ConfigReaderResult *result, const Failure *why, void *userdata) {
        _cleanup_(request_freep) Request *request = userdata;
        const Diagnostics *diagnostics = &result->diagnostics;
        int r;

        if (why) {
                request_refuse(TAKE_PTR(request), why->error, why->message);
                return;
        }
        r = bus_list_reply(
                        request->message,
                        "(suus)",
                        diagnostics->items,
                        diagnostics->n_items,
                        append_diagnostic);
        if (r < 0)
                (void) sd_bus_reply_method_errno(request->message, r, /* error= */ NULL);
}

int build_bus_act_validate(
                Manager *manager,
                uint32_t id _unused_,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        _cleanup_method_options_ MethodOptions options = {};
        _cleanup_close_ int context_fd = -EBADF;
        Failure failure = {};
        const char *config;
        Request *request;
        int r;

        /* Read. */
        r = sd_bus_message_read(m, "s", &config);
        if (r >= 0)
                r = method_options_read(m, METHOD_OPTIONS_FORMAT, &options, &failure);
        /* Validate. There is nothing to authorize. */
        if (r >= 0)
                r = context_fd = config_to_fd(config, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        r = request_new(&request, manager, m, reterr_error);
        if (r < 0)
                return r;
        request->draft.task.order.format = options.format;
        request->draft.task.order.context_is_text = true;
        return judge(request, context_fd, on_judged_for_caller, reterr_error);
}
