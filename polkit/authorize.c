/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The question to polkit, from the sender's message to one call of the callback. A question is one
 * object that owns all that waits for its answer (message, call, watch on the sender), and has one
 * way to end: question_finish().
 *
 * Of one user only one question at a time may show a prompt. While it does, others are asked without
 * one first: what polkit can answer by itself is not held up, and the rest waits for its turn.
 */

#include "polkit/authorize.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include "common/strings.h"

#define POLKIT_NAME      "org.freedesktop.PolicyKit1"
#define POLKIT_PATH      "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

#define POLKIT_ALLOW_INTERACTION 1

typedef struct Question Question;

struct Authorizer {
        sd_bus *bus;
        Question *questions;
        uint64_t timeout_usec;
        uint64_t last_number;
        bool ends;
};

struct Question {
        Authorizer *authorizer;
        Question *next;

        sd_bus_message *message;
        sd_bus_slot *call;
        sd_bus_track *sender;
        uid_t uid;
        uint64_t number;

        sd_bus_message *prompt_call; /* with a prompt; NULL when none is allowed, or it is asked */
        bool prompts;                /* is asked with a prompt */
        bool waits;                  /* for its turn to be */

        AuthorizeCallback callback;
        void *userdata;
};

static void prompt_next(Authorizer *authorizer, uid_t uid);

static Question *question_free(Question *question) {
        Authorizer *authorizer;
        bool prompts;
        uid_t uid;

        if (!question)
                return NULL;

        authorizer = question->authorizer;
        prompts = question->prompts;
        uid = question->uid;
        for (Question **p = &question->authorizer->questions; *p; p = &(*p)->next)
                if (*p == question) {
                        *p = question->next;
                        break;
                }

        sd_bus_slot_unref(question->call);
        sd_bus_track_unref(question->sender);
        sd_bus_message_unref(question->message);
        sd_bus_message_unref(question->prompt_call);
        free(question);
        if (prompts)
                prompt_next(authorizer, uid);
        return NULL;
}
DEFINE_CLEANUP(Question *, question_free);

static void question_format_id(const Question *question, char ret_id[static 32]) {
        (void) snprintf(ret_id, 32, "pxed-%" PRIu64, question->number);
}

static int new_polkit_call(const Authorizer *authorizer, const char *member, sd_bus_message **ret) {
        return sd_bus_message_new_method_call(
                        authorizer->bus,
                        ret,
                        POLKIT_NAME,
                        POLKIT_PATH,
                        POLKIT_INTERFACE,
                        member);
}

/* Takes the prompt from the sender's screen. Nothing depends on it: polkit's late answer would find
 * nobody. */
static void question_withdraw(const Question *question) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        char id[32];
        int r;

        if (question->waits)
                return;
        question_format_id(question, id);
        r = new_polkit_call(question->authorizer, "CancelCheckAuthorization", &m);
        if (r < 0 || sd_bus_message_append(m, "s", id) < 0)
                return;

        (void) sd_bus_message_set_auto_start(m, false);
        (void) sd_bus_message_set_expect_reply(m, false);
        (void) sd_bus_send(question->authorizer->bus, m, /* ret_cookie= */ NULL);
}

/* Consumes the question. It is gone from the list before the callback runs, so that the callback
 * may ask the next one. */
static void question_finish(
                Question *take_question,
                int verdict,
                const char *name,
                const char *text) {
        _cleanup_(sd_bus_message_unrefp)
                        sd_bus_message *m = sd_bus_message_ref(take_question->message);
        AuthorizeCallback callback = take_question->callback;
        void *userdata = take_question->userdata;
        const sd_bus_error error = verdict < 0 ? SD_BUS_ERROR_MAKE_CONST(name, text)
                                               : SD_BUS_ERROR_NULL;

        question_free(take_question);
        callback(m, verdict, &error, userdata);
}

static int on_sender_left(sd_bus_track *track _unused_, void *userdata) {
        Question *question = userdata;

        question_withdraw(question);
        question_finish(question,
                        -ECONNRESET,
                        SD_BUS_ERROR_DISCONNECTED,
                        "The caller has left the bus before it was authorized.");
        return 0;
}

static void finish_unanswered(Question *question, const sd_bus_error *error) {
        _cleanup_free_ char *text = NULL;

        if (sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY) ||
            sd_bus_error_has_name(error, SD_BUS_ERROR_TIMEOUT)) {
                question_withdraw(question);
                question_finish(question,
                                -ETIMEDOUT,
                                SD_BUS_ERROR_ACCESS_DENIED,
                                "Not authorized: nobody has authenticated in time.");
                return;
        }

        text = str_printf(
                        "Not authorized: polkit could not be asked (%s).",
                        error->message ? error->message : error->name);
        question_finish(question,
                        -EACCES,
                        SD_BUS_ERROR_ACCESS_DENIED,
                        text ? text : "Not authorized: polkit could not be asked.");
}

/* Reads polkit's details, of which only one matters here. */
static int read_dismissed(sd_bus_message *answer, bool *ret_dismissed) {
        const char *key, *value;
        int r;

        *ret_dismissed = false;
        r = sd_bus_message_enter_container(answer, 'a', "{ss}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read(answer, "{ss}", &key, &value)) > 0)
                if (str_equal(key, "polkit.dismissed"))
                        *ret_dismissed = true;
        return r;
}

static void question_wait(Question *question) {
        question->call = sd_bus_slot_unref(question->call);
        question->waits = true;
        prompt_next(question->authorizer, question->uid);
}

static int on_answer(sd_bus_message *answer, void *userdata, sd_bus_error *reterr_error _unused_) {
        Question *question = userdata;
        int authorized, challenge, r;
        bool dismissed;

        if (sd_bus_message_is_method_error(answer, /* name= */ NULL)) {
                finish_unanswered(question, sd_bus_message_get_error(answer));
                return 0;
        }

        r = sd_bus_message_enter_container(answer, 'r', "bba{ss}");
        if (r >= 0)
                r = sd_bus_message_read(answer, "bb", &authorized, &challenge);
        if (r >= 0)
                r = read_dismissed(answer, &dismissed);

        if (r < 0)
                question_finish(question,
                                -EACCES,
                                SD_BUS_ERROR_ACCESS_DENIED,
                                "Not authorized: polkit's answer could not be read.");
        else if (authorized)
                question_finish(question, 0, NULL, NULL);
        else if (challenge && question->prompt_call)
                question_wait(question);
        else if (challenge)
                question_finish(question,
                                -ENOKEY,
                                SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
                                "Authentication is required, but the caller allows no prompt or "
                                "there is nothing that could show one.");
        else
                question_finish(question,
                                -EACCES,
                                SD_BUS_ERROR_ACCESS_DENIED,
                                dismissed ? "Not authorized: the prompt was dismissed."
                                          : "Not authorized.");
        return 0;
}

/* Blanks what would change how the text around it reads: U+202A to U+202E, U+2066 to U+2069 and
 * the C1 controls, in UTF-8. */
static void blank_direction_marks(char *s) {
        for (unsigned char *p = (unsigned char *) s; *p; p++) {
                if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
                        p[0] = p[1] = ' ';
                else if (p[0] == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
                                          (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)))
                        p[0] = p[1] = p[2] = ' ';
        }
}

static int append_detail(sd_bus_message *m, const AuthorizeDetail *detail) {
        char value[AUTHORIZE_VALUE_MAX + 1];
        size_t end;

        end = (size_t) snprintf(value, sizeof(value), "%s", detail->value ? detail->value : "");
        if (end >= sizeof(value)) {
                /* Not in the middle of a character. */
                for (end = AUTHORIZE_VALUE_MAX; end > 0 && (value[end - 1] & 0xc0) == 0x80;)
                        end--;
                if (end > 0 && (value[end - 1] & 0x80))
                        end--;
                value[end] = '\0';
        }
        str_make_utf8(value);
        str_blank_controls(value);
        blank_direction_marks(value);
        return sd_bus_message_append(m, "{ss}", detail->key, value);
}

/* CheckAuthorization(subject (sa{sv}), action s, details a{ss}, flags u, cancellation id s) */
static int question_build_call(
                const Question *question,
                const AuthorizeRequest *request,
                uint32_t flags,
                sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        char id[32];
        int r;

        r = new_polkit_call(question->authorizer, "CheckAuthorization", &m);
        if (r < 0)
                return r;

        r = sd_bus_message_append(
                        m,
                        "(sa{sv})s",
                        "system-bus-name",
                        1,
                        "name",
                        "s",
                        sd_bus_message_get_sender(question->message),
                        request->action);
        if (r < 0)
                return r;

        r = sd_bus_message_open_container(m, 'a', "{ss}");
        for (size_t i = 0; r >= 0 && i < request->n_details; i++)
                r = append_detail(m, &request->details[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        if (r < 0)
                return r;

        question_format_id(question, id);
        r = sd_bus_message_append(m, "us", flags, id);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(m);
        return 0;
}

static int question_send(Question *question, sd_bus_message *call) {
        return sd_bus_call_async(
                        question->authorizer->bus,
                        &question->call,
                        call,
                        on_answer,
                        question,
                        question->authorizer->timeout_usec);
}

static int question_prompt(Question *question) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = TAKE_PTR(question->prompt_call);

        question->waits = false;
        question->prompts = true;
        return question_send(question, call);
}

/* Whether a question of this user shows a prompt or waits to. */
static bool prompt_is_taken(const Authorizer *authorizer, uid_t uid) {
        for (const Question *q = authorizer->questions; q; q = q->next)
                if (q->uid == uid && (q->prompts || q->waits))
                        return true;
        return false;
}

/* Asks the question of this user that has waited longest, once none shows a prompt. */
static void prompt_next(Authorizer *authorizer, uid_t uid) {
        Question *next = NULL;

        if (authorizer->ends)
                return;
        for (Question *q = authorizer->questions; q; q = q->next) {
                if (q->uid == uid && q->prompts)
                        return;
                if (q->uid == uid && q->waits)
                        next = q; /* new ones are put first */
        }
        if (next && question_prompt(next) < 0)
                question_finish(next,
                                -EACCES,
                                SD_BUS_ERROR_ACCESS_DENIED,
                                "Not authorized: polkit could not be asked.");
}

/* Sends the first call of a question: with a prompt, if the message allows one and none is taken. */
static int question_ask(Question *question, const AuthorizeRequest *request) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *quiet_call = NULL;
        bool taken = prompt_is_taken(question->authorizer, question->uid);
        int r = 0;

        if (sd_bus_message_get_allow_interactive_authorization(question->message) > 0)
                r = question_build_call(
                                question,
                                request,
                                POLKIT_ALLOW_INTERACTION,
                                &question->prompt_call);
        if (r < 0)
                return r;
        if (question->prompt_call && !taken)
                return question_prompt(question);
        r = question_build_call(question, request, /* flags= */ 0, &quiet_call);
        return r < 0 ? r : question_send(question, quiet_call);
}

static int question_new(Question **ret, Authorizer *authorizer, sd_bus_message *m, uid_t uid) {
        _cleanup_(question_freep) Question *question = calloc(1, sizeof(*question));
        int r;

        if (!question)
                return -ENOMEM;

        *question = (Question){
                .authorizer = authorizer,
                .next = authorizer->questions,
                .message = sd_bus_message_ref(m),
                .uid = uid,
                .number = ++authorizer->last_number,
        };
        authorizer->questions = question;

        r = sd_bus_track_new(authorizer->bus, &question->sender, on_sender_left, question);
        if (r >= 0)
                r = sd_bus_track_add_sender(question->sender, m);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(question);
        return 0;
}

static size_t count_pending_of(const Authorizer *authorizer, uid_t uid) {
        size_t n = 0;

        for (const Question *q = authorizer->questions; q; q = q->next)
                n += q->uid == uid;
        return n;
}

static int sender_uid(sd_bus_message *m, uid_t *ret_uid) {
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        int r;

        r = sd_bus_query_sender_creds(m, SD_BUS_CREDS_EUID, &creds);
        return r < 0 ? r : sd_bus_creds_get_euid(creds, ret_uid);
}

static int refuse_unknown(sd_bus_error *reterr_error, const char *text) {
        (void) sd_bus_error_set(reterr_error, SD_BUS_ERROR_ACCESS_DENIED, text);
        return -EACCES;
}

int authorizer_ask(
                Authorizer *authorizer,
                sd_bus_message *m,
                const AuthorizeRequest *request,
                AuthorizeCallback callback,
                void *userdata,
                sd_bus_error *reterr_error) {
        _cleanup_(question_freep) Question *question = NULL;
        uid_t uid;
        int r;

        assert(authorizer && m && request && request->action && callback);

        if (sender_uid(m, &uid) < 0)
                return refuse_unknown(
                                reterr_error,
                                "Not authorized: the bus does not know the caller.");

        if (uid == 0) {
                callback(m, 0, &SD_BUS_ERROR_NULL, userdata);
                return 1;
        }

        if (count_pending_of(authorizer, uid) >= AUTHORIZE_PENDING_MAX)
                return sd_bus_error_setf(
                                reterr_error,
                                SD_BUS_ERROR_LIMITS_EXCEEDED,
                                "You have %d requests that wait for authorization, as many as one user may have; answer or dismiss a prompt first.",
                                AUTHORIZE_PENDING_MAX);

        if (authorizer_count_pending(authorizer) >= AUTHORIZE_PENDING_ALL_MAX)
                return sd_bus_error_set(
                                reterr_error,
                                SD_BUS_ERROR_LIMITS_EXCEEDED,
                                "Too many requests wait for authorization; try again later.");

        r = question_new(&question, authorizer, m, uid);
        if (r >= 0)
                r = question_ask(question, request);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return refuse_unknown(reterr_error, "Not authorized: polkit could not be asked.");

        question->callback = callback;
        question->userdata = userdata;
        TAKE_PTR(question);
        return 1;
}

int authorizer_new(Authorizer **ret, sd_bus *bus) {
        Authorizer *authorizer;

        assert(ret && bus);

        authorizer = calloc(1, sizeof(*authorizer));
        if (!authorizer)
                return -ENOMEM;

        *authorizer = (Authorizer){
                .bus = sd_bus_ref(bus),
                .timeout_usec = AUTHORIZE_TIMEOUT_USEC,
        };
        *ret = authorizer;
        return 0;
}

Authorizer *authorizer_free(Authorizer *authorizer) {
        if (!authorizer)
                return NULL;

        authorizer->ends = true;
        while (authorizer->questions) {
                question_withdraw(authorizer->questions);
                question_finish(authorizer->questions,
                                -ECANCELED,
                                SD_BUS_ERROR_ACCESS_DENIED,
                                "Not authorized: the service ends.");
        }

        sd_bus_unref(authorizer->bus);
        free(authorizer);
        return NULL;
}

void authorizer_set_timeout(Authorizer *authorizer, uint64_t timeout_usec) {
        assert(authorizer);
        authorizer->timeout_usec = timeout_usec;
}

size_t authorizer_count_pending(const Authorizer *authorizer) {
        size_t n = 0;

        for (const Question *q = authorizer->questions; q; q = q->next)
                n++;
        return n;
}
