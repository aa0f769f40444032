/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Asks polkit whether the sender of a message may do something, without waiting for the answer.
 *
 * An Authorizer holds the questions of one bus connection that have no answer yet. It asks about
 * the sender's bus name, never about a process, remembers no answers, and takes everything that is
 * not a clear yes for a no: an error, silence for AUTHORIZE_TIMEOUT_USEC, a polkit that is not
 * there. Only root (uid 0 of the sender, by the bus) may go on unasked, so that a host without
 * polkit can be used by its administrator.
 *
 * When the sender leaves the bus, or polkit is silent for too long, the question is withdrawn, and
 * with it the prompt on the sender's screen. A user sees one prompt at a time: further questions that
 * need one wait for their turn, in order, and their time begins with it.
 */

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "common/cleanup.h"

/* Of one user, and of all; a further question is refused. One of them at a time shows a prompt. */
#define AUTHORIZE_PENDING_MAX     4
#define AUTHORIZE_PENDING_ALL_MAX 64

#define AUTHORIZE_TIMEOUT_USEC (UINT64_C(120) * 1000 * 1000)

/* Bytes of a detail's value that reach polkit. */
#define AUTHORIZE_VALUE_MAX 128

#define AUTHORIZE_ACTION_BUILD        "org.pxed1.build"
#define AUTHORIZE_ACTION_BUILD_ONLINE "org.pxed1.build-with-network"
#define AUTHORIZE_ACTION_IMPORT       "org.pxed1.import-image"
#define AUTHORIZE_ACTION_EXPORT       "org.pxed1.export"
#define AUTHORIZE_ACTION_MANAGE       "org.pxed1.manage"

typedef struct Authorizer Authorizer;

/* What the prompt's $(key) becomes and what rules see. The value may be a stranger's text: before
 * polkit gets it, whatever could move the rest of the prompt (control characters, marks that turn
 * the direction of writing) becomes blanks, and it is cut to AUTHORIZE_VALUE_MAX bytes. */
typedef struct AuthorizeDetail {
        const char *key;
        const char *value; /* NULL means "" */
} AuthorizeDetail;

/* Borrowed until authorizer_ask() returns. */
typedef struct AuthorizeRequest {
        const char *action; /* AUTHORIZE_ACTION_… */
        const AuthorizeDetail *details;
        size_t n_details;
} AuthorizeRequest;

/* Hears the answer about `m`, once for each question: 0 for yes, else a negative errno with the
 * error set to what the sender should read.
 * Verdicts: -EACCES refused, or polkit cannot be asked; -ENOKEY would need a prompt, which the
 * message does not allow; -ETIMEDOUT; -ECONNRESET the sender has left the bus; -ECANCELED the
 * authorizer was freed. */
typedef void (*AuthorizeCallback)(
                sd_bus_message *m,
                int verdict,
                const sd_bus_error *error,
                void *userdata);

/* Takes a reference to the bus. Errors: -ENOMEM. */
int authorizer_new(Authorizer **ret, sd_bus *bus);

/* Withdraws all questions; their callbacks hear -ECANCELED. */
Authorizer *authorizer_free(Authorizer *authorizer);
DEFINE_CLEANUP(Authorizer *, authorizer_free);

/* For tests: another time than AUTHORIZE_TIMEOUT_USEC, for questions asked from now on. */
void authorizer_set_timeout(Authorizer *authorizer, uint64_t timeout_usec);

/* How many questions wait for an answer; the service must not exit while there are any. */
size_t authorizer_count_pending(const Authorizer *authorizer);

/* Asks whether the sender of `m` may do what `request` says. Holds a reference to `m` while it
 * waits. Asks the bus who the sender is, which blocks for the time of one round trip; all else
 * goes on in the bus connection's event loop.
 *
 * Returns 1 (as a bus method's handler must, so that it may end with `return authorizer_ask(…)`)
 * when the callback has heard the answer or will. It has heard it before this returns if the sender
 * is root. On errors, reterr_error is set and the callback will hear nothing.
 * Errors: -ENOBUFS when the sender's user, or all, have as many questions open as may be, -EACCES when the
 * bus does not know the sender (any more) or polkit cannot be reached, -ENOMEM. */
int authorizer_ask(
                Authorizer *authorizer,
                sd_bus_message *m,
                const AuthorizeRequest *request,
                AuthorizeCallback callback,
                void *userdata,
                sd_bus_error *reterr_error);
