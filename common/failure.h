/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A failure that a user can mend: a number for programs and one sentence for people.
 *
 * A plain value, owned by whoever declares it (`Failure failure = {};`); nothing to free. The
 * sentence is written once, where the facts are known, and names object, place, cause and remedy;
 * upper layers may put context in front of it, never rewrite it. Functions take a
 * `Failure *reterr` as their last parameter; it may be NULL.
 */

#include "common/cleanup.h"

#define FAILURE_MESSAGE_MAX 2048

typedef struct Failure {
        int error;                         /* negative errno, 0 while nothing failed */
        char message[FAILURE_MESSAGE_MAX]; /* one sentence, cut when longer; UTF-8 */
} Failure;

/* Fills the failure and returns the error, so that callers write `return failure_set(…)`.
 * `error` is a negative errno. */
int failure_set(Failure *reterr, int error, const char *format, ...) _printf_(3, 4);

/* As failure_set(), and ends the sentence with ": " and the system's text for the error. */
int failure_set_errno(Failure *reterr, int error, const char *format, ...) _printf_(3, 4);

/* Puts context in front of a failure that is already set. */
void failure_prefix(Failure *reterr, const char *format, ...) _printf_(2, 3);

/* Fills the failure with the system's text if nobody below has; returns `error`. */
int failure_default(Failure *reterr, int error, const char *format, ...) _printf_(3, 4);
