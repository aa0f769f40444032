/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The report: what a worker tells the service, one line each, at most REPORT_LINE_MAX bytes with the
 * newline, so that several processes may write to one pipe without mixing. A line is a word, its
 * fields separated by one blank, and free text last. Control characters in text are escaped as \xNN,
 * what is not UTF-8 becomes '?', text too long is cut. Pure but for report_send().
 *
 * The service takes a report as hostile: a worker's inner part may have been taken over.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/failure.h"

#define REPORT_LINE_MAX 4096

typedef enum ReportKind {
        REPORT_STAGE,      /* text: the stage that begins */
        REPORT_PROGRESS,   /* number: 0 to 1000, of the whole job */
        REPORT_LOG,        /* number: syslog priority 3 to 7; text */
        REPORT_DIAGNOSTIC, /* number: severity (ReportSeverity), line, column; text */
        REPORT_FACT,       /* name, text: something the service has to know; see below */
        REPORT_FAILURE,    /* number: positive errno; text: the sentence. The job failed */
        REPORT_DONE,       /* the work is complete and on disk; the last line */
        _REPORT_KIND_MAX,
        _REPORT_KIND_INVALID = -22,
} ReportKind;

typedef enum ReportSeverity {
        REPORT_WARNING,
        REPORT_ERROR,
} ReportSeverity;

/* Names of facts. */
#define REPORT_FACT_NETWORK       "network"       /* validate: yes | no, what the config asks for */
#define REPORT_FACT_CONFIG_DIGEST "config-digest" /* validate: SHA-256 of the config's text */
#define REPORT_FACT_IMAGE_DIGEST \
        "image-digest" /* build, import: SHA-256 of the image as it was used */
/* look, import: PLAN_IMAGE_FORMAT; import, build: PLAN_OS; plan: all of config/plan-facts.h, and what is wrong comes as diagnostics without a place. */

typedef struct Report {
        ReportKind kind;
        uint64_t number;
        uint32_t line;   /* diagnostic: 1-based, 0 when it has no place */
        uint32_t column; /* diagnostic: 1-based, 0 when it has no place */
        char name[64];   /* fact */
        char text[REPORT_LINE_MAX];
} Report;

/* Writes the line with its newline. Returns its size. */
size_t report_format(const Report *report, char ret_line[static REPORT_LINE_MAX]);

/* Reads a line (without its newline). Errors: -EBADMSG for anything that report_format() would not
 * have written. */
int report_parse(const char *line, Report *ret);

/* Formats and writes in one write(). Blocks while the pipe is full. Errors: those of write(). */
int report_send(int fd, const Report *report);

/* Shorthands for report_send(); a pipe that nobody reads is nothing that a worker could mend, so
 * they return nothing. */
void report_stage(int fd, const char *stage);
void report_progress(int fd, unsigned permille);
void report_log(int fd, int priority, const char *format, ...) _printf_(3, 4);
void report_fact(int fd, const char *name, const char *text);
/* A diagnostic that has no place in a config. */
void report_problem(int fd, ReportSeverity severity, const char *format, ...) _printf_(3, 4);
void report_failure(int fd, const Failure *failure);
void report_done(int fd);
