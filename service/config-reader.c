/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reader of a config: collects what a validating worker reports. */

#include "service/config-reader.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/log.h"
#include "common/strings.h"
#include "service/system-failure.h"
#include "service/worker.h"

struct ConfigReader {
        Worker *worker;
        int copy_fd; /* for reading and writing, the worker's */
        ConfigReaderResult result;
        ConfigReaderCallback callback;
        void *userdata;
};

static void take_fact(ConfigReaderResult *result, const Report *report) {
        if (str_equal(report->name, REPORT_FACT_NETWORK))
                /* What is not a clear no needs the stronger authorization. */
                result->network = !str_equal(report->text, "no");
        else if (str_equal(report->name, REPORT_FACT_CONFIG_DIGEST) && digest_is_good(report->text))
                memcpy(result->config_digest, report->text, DIGEST_SIZE);
}

static void on_report(const Report *report, void *userdata) {
        ConfigReader *reader = userdata;

        if (report->kind == REPORT_FACT)
                take_fact(&reader->result, report);
        else if (report->kind == REPORT_DIAGNOSTIC)
                diagnostics_add(&reader->result.diagnostics,
                                report->number == REPORT_WARNING ? REPORT_WARNING : REPORT_ERROR,
                                report->line,
                                report->column,
                                "%s",
                                report->text);
}

static void on_output(const char *line, void *userdata _unused_) {
        log_debug("A reader says: %s", line);
}

/* A descriptor of our own that can only read; the worker's own could still write, but is gone. */
static int reopen_copy(ConfigReader *reader) {
        _cleanup_free_ char *path = str_printf("/proc/self/fd/%d", reader->copy_fd);

        reader->result.context_fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -EBADF;
        return reader->result.context_fd < 0 ? -errno : 0;
}

static void on_end(const Failure *why, void *userdata) {
        ConfigReader *reader = userdata;
        Failure failure = {};

        if (why)
                failure = *why;
        else if (reopen_copy(reader) < 0)
                (void) failure_set(
                                &failure,
                                -EIO,
                                "The copy of the context in the scratch folder cannot be read.");
        else if (reader->result.diagnostics.n_errors == 0 &&
                 reader->result.config_digest[0] == '\0')
                (void) failure_set(
                                &failure,
                                -EIO,
                                "The reader of the config ended without a judgement; the service's log may know more.");
        reader->callback(&reader->result, failure.error < 0 ? &failure : NULL, reader->userdata);
}

int config_reader_start(
                ConfigReader **ret,
                sd_event *event,
                Launcher *launcher,
                const Settings *settings,
                const Store *store,
                const Order *order,
                int context_fd,
                int image_fd,
                Failure *reterr) {
        _cleanup_(config_reader_freep) ConfigReader *reader = calloc(1, sizeof(*reader));
        WorkerFds fds = WORKER_FDS_NULL;
        Order validate = *order; /* shares the strings */
        int r;

        assert(ret && event && launcher && settings && store && order && context_fd >= 0);

        if (!reader)
                return -ENOMEM;
        *reader = (ConfigReader){ .copy_fd = -EBADF,
                                  .result = { .network = true, .context_fd = -EBADF } };
        reader->copy_fd = store_open_temporary(store);
        if (reader->copy_fd < 0)
                return system_failure_set(
                                reterr,
                                reader->copy_fd,
                                "Cannot make a file for the context in '%s'",
                                settings->scratch);
        validate.verb = ORDER_VALIDATE;
        validate.context_max_bytes = settings->context_max_bytes;
        validate.image_max_bytes = image_fd < 0 ? 0 : settings->image_max_bytes;
        fds.context = context_fd;
        fds.image = image_fd;
        fds.scratch = reader->copy_fd;
        fds.lock = store->lock_fd;
        r = worker_start(&reader->worker, event, launcher, &validate, &fds, reterr);
        if (r >= 0)
                r = worker_set_timeout(reader->worker, CONFIG_READER_TIMEOUT_USEC);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(reader);
        return 0;
}

void config_reader_listen(ConfigReader *reader, ConfigReaderCallback callback, void *userdata) {
        const WorkerHandler handler = {
                .on_report = on_report,
                .on_output = on_output,
                .on_end = on_end,
                .userdata = reader,
        };

        reader->callback = callback;
        reader->userdata = userdata;
        worker_listen(reader->worker, &handler);
}

const Diagnostics *config_reader_diagnostics(const ConfigReader *reader) {
        return &reader->result.diagnostics;
}

ConfigReader *config_reader_free(ConfigReader *reader) {
        if (!reader)
                return NULL;
        worker_free(reader->worker);
        cleanup_close(&reader->copy_fd);
        cleanup_close(&reader->result.context_fd);
        diagnostics_done(&reader->result.diagnostics);
        free(reader);
        return NULL;
}
