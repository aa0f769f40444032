/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Build, BuildFromFiles and Validate. What the caller wrote is judged by a reader first, so that
 * polkit can be asked the right question; then it is asked; only then there is a job.
 */

#include "service/build-bus.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"
#include "config/config.h"
#include "dbus/errors.h"
#include "service/caller-fd.h"
#include "service/images.h"
#include "service/options.h"
#include "service/request.h"

#define NO_NAME "a file of the caller"

/* ---- validate: what every one of the three does ---- */

static int judge(
                Request *request,
                int context_fd,
                ReaderCallback callback,
                sd_bus_error *reterr_error) {
        Manager *manager = request->manager;
        Failure failure = {};
        int r;

        r = reader_start(
                        &request->reader,
                        manager->event,
                        manager->settings,
                        manager->store,
                        &request->draft.task.order,
                        context_fd,
                        &failure);
        if (r < 0)
                return bus_failure(reterr_error, -EIO, failure.message);
        reader_listen(request->reader, callback, request);
        return 0;
}

static int text_to_fd(const char *text, int *ret_fd, Failure *reterr) {
        size_t size = strlen(text);
        int fd;

        if (size > CONFIG_MAX_BYTES)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The config has %zu bytes, at most %u are taken.",
                                size,
                                CONFIG_MAX_BYTES);
        fd = caller_fd_from_text(text, size, reterr);
        if (fd < 0)
                return fd;
        *ret_fd = fd;
        return 0;
}

/* ---- authorize, act, reply ---- */

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

static void ask_for_build(Request *request, const ReaderResult *result) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = sd_bus_message_ref(request->message);
        const Order *order = &request->draft.task.order;
        const AuthorizeDetail details[] = {
                { "image", order->image_name ? order->image_name : NO_NAME },
                { "config-digest", result->config_digest },
                { "network", result->network ? "yes" : "no" },
                { "title", request->draft.title },
        };
        int r;

        r = request_authorize(
                        request,
                        result->network ? AUTHORIZE_ACTION_BUILD_ONLINE : AUTHORIZE_ACTION_BUILD,
                        details,
                        ELEMENTSOF(details),
                        &error);
        if (r < 0)
                (void) sd_bus_reply_method_errno(m, r, &error);
}

static void on_judged_for_build(ReaderResult *result, const Failure *why, void *userdata) {
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
        request->draft.task.order.network = result->network;
        ask_for_build(request, result);
}

/* The draft of a build: everything but image and context. */
static int begin_build(
                Manager *manager,
                sd_bus_message *m,
                Options *options,
                const char *image_name,
                Request **ret,
                sd_bus_error *reterr_error) {
        _cleanup_(request_freep) Request *request = NULL;
        const Settings *settings = manager->settings;
        Failure failure = {};
        const char *title;
        JobDraft *draft;
        int r;

        r = request_new(&request, manager, m, reterr_error);
        if (r < 0)
                return r;
        draft = &request->draft;
        r = manager_check_room(manager, draft->owner, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        title = options->title ? options->title : image_name;
        draft->kind = JOB_BUILD;
        draft->title = strdup(title ? title : NO_NAME);
        draft->cookie = TAKE_PTR(options->cookie);
        draft->task.order.verb = ORDER_BUILD;
        draft->task.order.context_max_bytes = settings->context_max_bytes;
        draft->task.order.image_max_bytes = settings->image_max_bytes;
        if (image_name || options->title) {
                draft->task.order.image_name = strdup(image_name ? image_name : options->title);
                if (!draft->task.order.image_name)
                        return -ENOMEM;
        }
        if (!draft->title)
                return -ENOMEM;
        options_move_to_order(options, &draft->task.order);
        *ret = TAKE_PTR(request);
        return 0;
}

int build_bus_method_build(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        _cleanup_close_ int image_fd = -EBADF, context_fd = -EBADF;
        _cleanup_(request_freep) Request *request = NULL;
        _cleanup_options_ Options options = {};
        const char *image, *config;
        Manager *manager = userdata;
        Failure failure = {};
        int r;

        r = sd_bus_message_read(m, "ss", &image, &config);
        if (r >= 0)
                r = options_read(
                                m,
                                OPTIONS_FORMAT | OPTIONS_BUILD | OPTIONS_JOB,
                                &options,
                                &failure);
        if (r >= 0)
                r = image_fd = images_open(manager->settings->images, image, &failure);
        if (r >= 0)
                r = text_to_fd(config, &context_fd, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        r = begin_build(manager, m, &options, image, &request, reterr_error);
        if (r < 0)
                return r;
        request->draft.task.image_fd = TAKE_FD(image_fd);
        request->draft.task.order.image_is_ours = true;
        request->draft.task.order.context_is_text = true;
        r = judge(request, context_fd, on_judged_for_build, reterr_error);
        if (r < 0)
                return r;
        TAKE_PTR(request);
        return 1;
}

int build_bus_method_build_from_files(
                sd_bus_message *m,
                void *userdata,
                sd_bus_error *reterr_error) {
        _cleanup_(request_freep) Request *request = NULL;
        _cleanup_options_ Options options = {};
        int image_fd, context_fd, r; /* the message's, borrowed */
        Manager *manager = userdata;
        Failure failure = {};

        r = sd_bus_message_read(m, "hh", &image_fd, &context_fd);
        if (r >= 0)
                r = options_read(
                                m,
                                OPTIONS_FORMAT | OPTIONS_BUILD | OPTIONS_JOB,
                                &options,
                                &failure);
        if (r >= 0)
                r = caller_fd_check(
                                image_fd,
                                "The image",
                                manager->settings->image_max_bytes,
                                &failure);
        if (r >= 0)
                r = caller_fd_check(
                                context_fd,
                                "The context",
                                manager->settings->context_max_bytes,
                                &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        r = begin_build(manager, m, &options, /* image_name= */ NULL, &request, reterr_error);
        if (r < 0)
                return r;
        request->draft.task.image_fd = fcntl(image_fd, F_DUPFD_CLOEXEC, 3);
        if (request->draft.task.image_fd < 0)
                return bus_failure(reterr_error, -ENOBUFS, "Too many files are open.");
        r = judge(request, context_fd, on_judged_for_build, reterr_error);
        if (r < 0)
                return r;
        TAKE_PTR(request);
        return 1;
}

static int append_diagnostics(sd_bus_message *reply, const Diagnostics *diagnostics) {
        int r = sd_bus_message_open_container(reply, 'a', "(suus)");

        for (size_t i = 0; r >= 0 && i < diagnostics->n_items; i++) {
                const Diagnostic *d = &diagnostics->items[i];

                r = sd_bus_message_append(
                                reply,
                                "(suus)",
                                d->severity == REPORT_ERROR ? "error" : "warning",
                                d->line,
                                d->column,
                                d->message);
        }
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static void on_judged_for_caller(ReaderResult *result, const Failure *why, void *userdata) {
        _cleanup_(request_freep) Request *request = userdata;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        if (why) {
                request_refuse(TAKE_PTR(request), why->error, why->message);
                return;
        }
        r = sd_bus_message_new_method_return(request->message, &reply);
        if (r >= 0)
                r = append_diagnostics(reply, &result->diagnostics);
        if (r >= 0)
                r = sd_bus_send(request->manager->bus, reply, /* ret_cookie= */ NULL);
        if (r < 0)
                (void) sd_bus_reply_method_errno(request->message, r, /* error= */ NULL);
}

int build_bus_method_validate(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        _cleanup_(request_freep) Request *request = NULL;
        _cleanup_close_ int context_fd = -EBADF;
        _cleanup_options_ Options options = {};
        Failure failure = {};
        const char *config;
        int r;

        r = sd_bus_message_read(m, "s", &config);
        if (r >= 0)
                r = options_read(m, OPTIONS_FORMAT, &options, &failure);
        if (r >= 0)
                r = text_to_fd(config, &context_fd, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        r = request_new(&request, userdata, m, reterr_error);
        if (r < 0)
                return r;
        request->draft.task.order.format = options.format;
        request->draft.task.order.context_is_text = true;
        r = judge(request, context_fd, on_judged_for_caller, reterr_error);
        if (r < 0)
                return r;
        TAKE_PTR(request);
        return 1;
}
