/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Logging. One entry is put together as an array of "NAME=value" pieces for the journal; where no
 * journal listens, only the message is written, as one line with the priority that service managers
 * understand in front.
 */

#include "common/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "common/strings.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define MESSAGE_MAX    4096
#define FIELDS_MAX     16

static bool journal_listens(void) {
        static int listens = -1;

        if (listens < 0)
                listens = access(JOURNAL_SOCKET, W_OK) == 0 && !isatty(STDERR_FILENO);
        return listens;
}

static bool debug_is_wanted(void) {
        return str_equal(getenv("SYSTEMD_LOG_LEVEL"), "debug");
}

static void write_line(int priority, const char *message) {
        if (priority == LOG_DEBUG && !debug_is_wanted())
                return;
        if (isatty(STDERR_FILENO))
                (void) dprintf(STDERR_FILENO, "%s\n", message);
        else
                (void) dprintf(STDERR_FILENO, "<%d>%s\n", priority, message);
}

/* Adds one piece; what memory or room is lacking for is left out. */
static void add_field(struct iovec *pieces, size_t *n, const char *name, const char *value) {
        char *piece;

        if (!value || *n >= FIELDS_MAX)
                return;
        piece = str_printf("%s=%s", name, value);
        if (piece)
                pieces[(*n)++] = (struct iovec){ piece, strlen(piece) };
}

static void send_entry(
                const LogEvent *event,
                int error,
                const LogField *fields,
                const char *message) {
        struct iovec pieces[FIELDS_MAX];
        char number[12];
        size_t n = 0;

        add_field(pieces, &n, "MESSAGE", message);
        (void) snprintf(number, sizeof(number), "%d", event->priority);
        add_field(pieces, &n, "PRIORITY", number);
        add_field(pieces, &n, "MESSAGE_ID", event->message_id);
        (void) snprintf(number, sizeof(number), "%d", -error);
        add_field(pieces, &n, "ERRNO", error < 0 ? number : NULL);
        for (const LogField *f = fields; f && f->name; f++)
                add_field(pieces, &n, f->name, f->value);

        if (sd_journal_sendv(pieces, (int) n) < 0)
                write_line(event->priority, message);
        while (n > 0)
                free(pieces[--n].iov_base);
}

static void log_entry(
                const LogEvent *event,
                int error,
                const LogField *fields,
                const char *format,
                va_list ap) {
        char message[MESSAGE_MAX];

        (void) vsnprintf(message, sizeof(message), format, ap);
        str_blank_controls(message);
        if (journal_listens())
                send_entry(event, error, fields, message);
        else
                write_line(event->priority, message);
}

void log_debug(const char *format, ...) {
        static const LogEvent event = { .priority = LOG_DEBUG };
        va_list ap;

        va_start(ap, format);
        log_entry(&event, 0, NULL, format, ap);
        va_end(ap);
}

void log_event(const LogEvent *event, int error, const LogField *fields, const char *format, ...) {
        va_list ap;

        assert(event);
        va_start(ap, format);
        log_entry(event, error, fields, format, ap);
        va_end(ap);
}
