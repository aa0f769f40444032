/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The process of a worker and its three pipes: report, output, lifeline. Its end counts when the
 * process is reaped; what is left in the pipes is read then, without waiting for their ends, which a
 * process that the worker left behind could hold open.
 */

#include "service/worker.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "common/log.h"
#include "common/strings.h"
#include "service/line-reader.h"
#include "service/spawn.h"
#include "service/system-failure.h"

/* A worker's words wait while the bus has something to say. */
#define REPORT_PRIORITY (SD_EVENT_PRIORITY_NORMAL + 10)
#define END_PRIORITY    (SD_EVENT_PRIORITY_NORMAL + 20)

/* So long the service waits at its own end for a worker that was killed. */
#define END_MSEC 5000

struct Worker {
        sd_event *event;
        WorkerHandler handler;

        pid_t pid;
        int lifeline_fd; /* write end; the worker ends when it is closed */
        LineReader report;
        LineReader output;
        sd_event_source *report_source;
        sd_event_source *output_source;
        sd_event_source *child_source;
        sd_event_source *kill_source;
        sd_event_source *timeout_source;

        siginfo_t end; /* of the process, once pid is 0 */
        bool timed_out;
        bool done;
        Failure failure; /* the last that it reported */
};

void worker_fds_done(WorkerFds *fds) {
        cleanup_close(&fds->context);
        cleanup_close(&fds->image);
        cleanup_close(&fds->scratch);
        cleanup_close(&fds->output);
        cleanup_close(&fds->tftp);
        cleanup_close(&fds->http);
        cleanup_close(&fds->lock);
        cleanup_close(&fds->files);
        cleanup_close(&fds->name);
        *fds = WORKER_FDS_NULL;
}

/* What a worker's errno says to a caller. Those that on the bus are about the caller's rights, jobs or
 * names (dbus/errors.h) are none of these when a worker met them. */
static int worker_error(uint64_t number) {
        static const int meant[] = {
                EBADMSG, ENOEXEC, EOPNOTSUPP, ENOPKG, ENOSPC,
                EFBIG,   EINVAL,  ECANCELED,  ENOMEM, ETIMEDOUT,
        };

        for (size_t i = 0; i < ELEMENTSOF(meant); i++)
                if (number == (uint64_t) meant[i])
                        return -meant[i];
        return number == EDQUOT ? -ENOSPC : -EIO;
}

/* Who speaks last knows more: the outer part of a worker says why its inner part failed. What that had
 * to say is for the log then. */
static void take_failure(Worker *worker, const Report *report) {
        if (worker->failure.error < 0 && worker->handler.on_report) {
                Report earlier = { .kind = REPORT_LOG, .number = LOG_ERR };

                (void) snprintf(earlier.text, sizeof(earlier.text), "%s", worker->failure.message);
                worker->handler.on_report(&earlier, worker->handler.userdata);
        }
        (void) failure_set(&worker->failure, worker_error(report->number), "%s", report->text);
}

static void on_report_line(const char *line, void *userdata) {
        Worker *worker = userdata;
        Report report;

        if (report_parse(line, &report) < 0) {
                log_debug("A worker said something that is no report, ignoring.");
                return;
        }
        if (worker->done)
                return;
        if (report.kind == REPORT_FAILURE)
                take_failure(worker, &report);
        else if (worker->failure.error < 0)
                return;
        else if (report.kind == REPORT_DONE)
                worker->done = true;
        else if (worker->handler.on_report)
                worker->handler.on_report(&report, worker->handler.userdata);
}

static void on_output_line(const char *line, void *userdata) {
        Worker *worker = userdata;

        if (worker->handler.on_output && *line)
                worker->handler.on_output(line, worker->handler.userdata);
}

static int on_output_ready(
                sd_event_source *source,
                int fd _unused_,
                uint32_t events _unused_,
                void *userdata) {
        Worker *worker = userdata;

        if (line_reader_read(&worker->output, on_output_line, worker) <= 0)
                (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
        return 0;
}

static int add_timer(
                Worker *worker,
                sd_event_source **ret,
                uint64_t usec,
                sd_event_time_handler_t handler) {
        return sd_event_add_time_relative(
                        worker->event,
                        ret,
                        CLOCK_MONOTONIC,
                        usec,
                        /* accuracy= */ 0,
                        handler,
                        worker);
}

/* What the end of the process means; NULL for success. */
static const Failure *judge_end(Worker *worker) {
        const siginfo_t *info = &worker->end;
        Failure *failure = &worker->failure;

        if (worker->timed_out)
                (void) failure_set(
                                failure,
                                -ETIMEDOUT,
                                "The job took longer than this service allows (limits.jobSeconds) and was ended.");
        else if (failure->error < 0)
                return failure;
        else if (info->si_code != CLD_EXITED)
                (void) failure_set(
                                failure,
                                -EINTR,
                                "The worker was killed by signal %d (%s); start the job again, and look into the service's log if that repeats.",
                                info->si_status,
                                strsignal(info->si_status));
        else if (!worker->done || info->si_status != 0)
                (void) failure_set(
                                failure,
                                -EIO,
                                "The worker ended with status %d and gave no reason; the service's log may know more.",
                                info->si_status);
        return failure->error < 0 ? failure : NULL;
}

/* The last thing that a worker process does; it may be freed in the callback. */
static void finish(Worker *worker) {
        WorkerHandler handler = worker->handler;

        (void) sd_event_source_set_enabled(worker->kill_source, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(worker->report_source, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(worker->output_source, SD_EVENT_OFF);
        line_reader_drain(&worker->report, on_report_line, worker);
        line_reader_drain(&worker->output, on_output_line, worker);
        if (handler.on_end)
                handler.on_end(judge_end(worker), handler.userdata);
}

static int on_report_ready(
                sd_event_source *source,
                int fd _unused_,
                uint32_t events _unused_,
                void *userdata) {
        Worker *worker = userdata;

        if (line_reader_read(&worker->report, on_report_line, worker) > 0)
                return 0;
        (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
        if (worker->pid == 0)
                finish(worker);
        return 0;
}

static int on_patience_ends(
                sd_event_source *source _unused_,
                uint64_t usec _unused_,
                void *userdata) {
        finish(userdata);
        return 0;
}

/* A worker that ends by itself has waited for all that it started. One that was killed has not:
 * what it leaves is dying too, and holds the report open until it is dead. */
static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata) {
        Worker *worker = userdata;
        int on = SD_EVENT_OFF;

        (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
        worker->pid = 0;
        worker->end = *info;
        cleanup_close(&worker->lifeline_fd);
        worker->lifeline_fd = -EBADF;
        (void) sd_event_source_set_enabled(worker->timeout_source, SD_EVENT_OFF);
        (void) sd_event_source_get_enabled(worker->report_source, &on);
        if (info->si_code == CLD_EXITED || on == SD_EVENT_OFF) {
                finish(worker);
                return 0;
        }
        sd_event_source_disable_unref(worker->kill_source);
        worker->kill_source = NULL;
        if (add_timer(worker, &worker->kill_source, WORKER_PATIENCE_USEC, on_patience_ends) < 0)
                finish(worker);
        return 0;
}

static void kill_now(Worker *worker) {
        if (worker->pid > 0)
                (void) sd_event_source_send_child_signal(
                                worker->child_source,
                                SIGKILL,
                                /* si= */ NULL,
                                /* flags= */ 0);
}

static int on_kill_time(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        kill_now(userdata);
        return 0;
}

static int on_timeout(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        Worker *worker = userdata;

        worker->timed_out = true;
        worker_cancel(worker);
        return 0;
}

static int listen_pipe(
                Worker *worker,
                sd_event_source **ret,
                int fd,
                sd_event_io_handler_t handler) {
        int r = sd_event_add_io(worker->event, ret, fd, EPOLLIN, handler, worker);

        return r < 0 ? r : sd_event_source_set_priority(*ret, REPORT_PRIORITY);
}

static int listen_all(Worker *worker) {
        int r;

        r = listen_pipe(worker, &worker->report_source, worker->report.fd, on_report_ready);
        if (r >= 0)
                r = listen_pipe(worker, &worker->output_source, worker->output.fd, on_output_ready);
        if (r >= 0)
                r = sd_event_add_child(
                                worker->event,
                                &worker->child_source,
                                worker->pid,
                                WEXITED,
                                on_child,
                                worker);
        if (r >= 0)
                r = sd_event_source_set_priority(worker->child_source, END_PRIORITY);
        /* Not once: of a process that dies while it is traced (strace, a leak sanitizer) the event loop
         * hears before it may be waited for, and would not ask again. Only what is off is put on. */
        if (r >= 0)
                r = sd_event_source_set_enabled(worker->child_source, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_enabled(worker->child_source, SD_EVENT_ON);
        return r;
}

static int start_program(
                Worker *worker,
                Launcher *launcher,
                char *const *argv,
                const WorkerFds *fds) {
        _cleanup_close_ int report_fd = -EBADF, output_fd = -EBADF, lifeline_fd = -EBADF;
        int r;

        r = spawn_pipe(&worker->report.fd, &report_fd);
        if (r >= 0)
                r = spawn_pipe(&worker->output.fd, &output_fd);
        if (r >= 0)
                r = spawn_pipe(&lifeline_fd, &worker->lifeline_fd);
        if (r < 0)
                return r;
        const int table[_ORDER_FD_END] = {
                [0] = -EBADF,
                [1] = output_fd,
                [2] = output_fd,
                [ORDER_FD_REPORT] = report_fd,
                [ORDER_FD_LIFELINE] = lifeline_fd,
                [ORDER_FD_CONTEXT] = fds->context,
                [ORDER_FD_IMAGE] = fds->image,
                [ORDER_FD_SCRATCH] = fds->scratch,
                [ORDER_FD_OUTPUT] = fds->output,
                [ORDER_FD_TFTP] = fds->tftp,
                [ORDER_FD_HTTP] = fds->http,
                [ORDER_FD_LOCK] = fds->lock,
                [ORDER_FD_FILES] = fds->files,
                [ORDER_FD_NAME] = fds->name,
        };
        r = launcher_spawn(launcher, argv, table, ELEMENTSOF(table), &worker->pid);
        if (r < 0)
                return r;
        r = line_reader_set_nonblocking(&worker->report);
        if (r >= 0)
                r = line_reader_set_nonblocking(&worker->output);
        return r;
}

int worker_start(
                Worker **ret,
                sd_event *event,
                Launcher *launcher,
                const Order *order,
                const WorkerFds *fds,
                Failure *reterr) {
        _cleanup_(worker_freep) Worker *worker = NULL;
        _cleanup_strv_ char **words = NULL, **argv = NULL;
        int r;

        assert(ret && event && launcher && order && fds);

        worker = calloc(1, sizeof(*worker));
        if (!worker)
                return -ENOMEM;
        *worker = (Worker){
                .event = sd_event_ref(event),
                .lifeline_fd = -EBADF,
                .report = LINE_READER_NULL,
                .output = LINE_READER_NULL,
        };
        r = order_to_argv(order, &words);
        if (r >= 0)
                r = strv_append(&argv, launcher_get_program(launcher));
        if (r >= 0)
                r = strv_append_all(&argv, words);
        if (r < 0)
                return r;
        r = start_program(worker, launcher, argv, fds);
        if (r >= 0)
                r = listen_all(worker);
        if (r < 0)
                return system_failure_set(
                                reterr,
                                r,
                                "Cannot start the worker '%s'",
                                launcher_get_program(launcher));
        *ret = TAKE_PTR(worker);
        return 0;
}

void worker_listen(Worker *worker, const WorkerHandler *handler) {
        worker->handler = *handler;
}

int worker_set_timeout(Worker *worker, uint64_t timeout_usec) {
        assert(!worker->timeout_source);
        return add_timer(worker, &worker->timeout_source, timeout_usec, on_timeout);
}

void worker_cancel(Worker *worker) {
        if (worker->pid <= 0 || worker->kill_source)
                return;
        cleanup_close(&worker->lifeline_fd);
        worker->lifeline_fd = -EBADF;
        if (add_timer(worker, &worker->kill_source, WORKER_KILL_USEC, on_kill_time) < 0)
                kill_now(worker);
}

/* Not reaped yet, so the number is still its own. One that the kernel cannot end, since it waits for a
 * disk, is left to whoever reaps after us. */
static void end_now(pid_t pid) {
        _cleanup_close_ int pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
        struct pollfd death = { .fd = pidfd, .events = POLLIN };

        (void) kill(pid, SIGKILL);
        if (pidfd >= 0)
                while (poll(&death, 1, END_MSEC) < 0 && errno == EINTR)
                        continue;
        (void) waitpid(pid, NULL, WNOHANG);
}

Worker *worker_free(Worker *worker) {
        if (!worker)
                return NULL;
        if (worker->pid > 0)
                end_now(worker->pid);
        sd_event_source_disable_unref(worker->child_source);
        sd_event_source_disable_unref(worker->report_source);
        sd_event_source_disable_unref(worker->output_source);
        sd_event_source_disable_unref(worker->kill_source);
        sd_event_source_disable_unref(worker->timeout_source);
        cleanup_close(&worker->lifeline_fd);
        line_reader_done(&worker->report);
        line_reader_done(&worker->output);
        sd_event_unref(worker->event);
        free(worker);
        return NULL;
}
