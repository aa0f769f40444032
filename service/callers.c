/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The callers. Who sent a message is asked of the bus, since nothing in the message itself could be
 * trusted; the answer is kept until the bus says that the connection is gone, as a bus never gives a
 * name twice. There are as many connections as the bus allows, and as many users as have some.
 */

#include "service/callers.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "service/bus-stats.h"

/* The estimate for one signal of ours: a line of the log is the longest. */
#define SIGNAL_BYTES  1024U
#define REFUSAL_BYTES 256U

typedef struct Caller {
        struct Caller *next;
        Callers *callers;
        CallerUser *user;
        sd_bus_slot *stats; /* the question that waits */
        bool hears;
        bool is_doubted; /* has much unread, or may have: it is refused more, in words */
        bool is_deaf;    /* has left so much unread that words would do harm */
        uint32_t unread; /* bytes, as an estimate */
        uint32_t fds;    /* that it has not read, as far as is known */
        char name[];     /* on the bus */
} Caller;

struct Callers {
        sd_bus *bus;
        sd_event *event;
        CallerUsers users;
        sd_bus_slot *match;
        CallersOnLeft on_left;
        void *userdata;
        sd_bus_slot *stats;            /* the question about the service itself */
        uint32_t sent_bytes, sent_fds; /* by the service, and not read; as far as is known */
        bool has_no_stats; /* the bus does not tell what is unread: it has its own ways then */
        Caller *list;      /* the one that called last is first */
};

/* ---- connections ---- */

static uint64_t now_usec(const Callers *callers) {
        uint64_t now = 0;

        (void) sd_event_now(callers->event, CLOCK_MONOTONIC, &now);
        return now;
}

static Caller *find_caller(const Callers *callers, const char *name) {
        for (Caller *caller = callers->list; name && caller; caller = caller->next)
                if (str_equal(caller->name, name))
                        return caller;
        return NULL;
}

static void unlink_caller(Callers *callers, const Caller *caller) {
        for (Caller **p = &callers->list; *p; p = &(*p)->next)
                if (*p == caller) {
                        *p = caller->next;
                        return;
                }
}

static void put_first(Callers *callers, Caller *caller) {
        if (callers->list == caller)
                return;
        unlink_caller(callers, caller);
        caller->next = callers->list;
        callers->list = caller;
}

static int add_caller(Callers *callers, sd_bus_message *m, Caller **ret) {
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        const char *name = sd_bus_message_get_sender(m);
        Caller *caller;
        CallerUser *user;
        uid_t uid;

        if (!name || sd_bus_query_sender_creds(m, SD_BUS_CREDS_EUID, &creds) < 0 ||
            sd_bus_creds_get_euid(creds, &uid) < 0)
                return -EACCES;
        caller = calloc(1, sizeof(*caller) + strlen(name) + 1);
        user = caller ? caller_users_get(&callers->users, uid, now_usec(callers)) : NULL;
        if (!user) {
                free(caller);
                return -ENOMEM;
        }
        *caller = (Caller){
                .callers = callers,
                .user = user,
                .hears = user->hear < CALLERS_HEAR_MAX,
        };
        strcpy(caller->name, name);
        user->connections++;
        user->hear += caller->hears;
        put_first(callers, caller);
        *ret = caller;
        return 0;
}

static void remove_caller(Callers *callers, Caller *caller) {
        unlink_caller(callers, caller);
        caller->user->connections--;
        caller->user->hear -= caller->hears;
        sd_bus_slot_unref(caller->stats);
        free(caller);
}

static int on_name_lost(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error _unused_) {
        Callers *callers = userdata;
        const char *name;
        Caller *caller;

        if (sd_bus_message_read(m, "s", &name) < 0)
                return 0;
        caller = find_caller(callers, name);
        if (!caller)
                return 0;
        remove_caller(callers, caller);
        callers->on_left(name, callers->userdata);
        return 0;
}

int callers_new(Callers **ret,
                sd_bus *bus,
                sd_event *event,
                const CallerLimits *limits,
                CallersOnLeft on_left,
                void *userdata) {
        _cleanup_(callers_freep) Callers *callers = calloc(1, sizeof(*callers));
        int r;

        assert(ret && bus && event && on_left && limits->calls_per_second > 0 && limits->burst > 0);

        if (!callers)
                return -ENOMEM;
        *callers = (Callers){
                .bus = sd_bus_ref(bus),
                .event = sd_event_ref(event),
                .users = { .limits = *limits },
                .on_left = on_left,
                .userdata = userdata,
        };
        /* All names, since one rule for each connection would be two more calls for each. */
        r = sd_bus_add_match(
                        bus,
                        &callers->match,
                        "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                        "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg2=''",
                        on_name_lost,
                        callers);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(callers);
        return 0;
}

Callers *callers_free(Callers *callers) {
        if (!callers)
                return NULL;
        sd_bus_slot_unref(callers->match);
        sd_bus_slot_unref(callers->stats);
        while (callers->list)
                remove_caller(callers, callers->list);
        caller_users_done(&callers->users);
        sd_bus_unref(callers->bus);
        sd_event_unref(callers->event);
        free(callers);
        return NULL;
}

/* ---- what is not read ---- */

static int on_own_stats(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error _unused_) {
        Callers *callers = userdata;
        BusStats stats;

        callers->stats = sd_bus_slot_unref(callers->stats);
        if (bus_stats_read(m, &stats) < 0)
                return 0;
        callers->sent_bytes = stats.sent_bytes;
        callers->sent_fds = stats.sent_fds;
        return 0;
}

static int on_stats(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error _unused_) {
        Caller *caller = userdata;
        const Callers *callers = caller->callers;
        BusStats stats = {};
        int r = bus_stats_read(m, &stats);
        bool is_full;

        caller->stats = sd_bus_slot_unref(caller->stats);
        if (r == -EOPNOTSUPP)
                caller->callers->has_no_stats = true;
        caller->unread = stats.unread_bytes;
        caller->fds = stats.unread_fds;
        is_full = callers->sent_bytes > CALLERS_UNREAD_ALL_MAX;
        caller->is_doubted = stats.unread_bytes > CALLERS_UNREAD_MAX;
        caller->is_deaf = stats.unread_bytes >
                          (is_full ? CALLERS_UNREAD_STRICT_MAX : CALLERS_UNREAD_DEAF_MAX);
        return 0;
}

/* What it was asked for may still come when the bus is busy; nobody waits for the answer. */
static void ask_for_stats(Callers *callers, Caller *caller) {
        const char *own_name;

        if (callers->has_no_stats)
                return;
        if (!callers->stats && sd_bus_get_unique_name(callers->bus, &own_name) >= 0)
                (void) bus_stats_ask(
                                callers->bus,
                                own_name,
                                on_own_stats,
                                callers,
                                &callers->stats);
        if (!caller->stats)
                (void) bus_stats_ask(callers->bus, caller->name, on_stats, caller, &caller->stats);
}

static void charge(Callers *callers, Caller *caller, uint32_t bytes) {
        if (callers->has_no_stats)
                return;
        caller->unread += bytes;
        if (caller->unread < CALLERS_CHECK_BYTES && !caller->is_deaf && !caller->is_doubted)
                return;
        ask_for_stats(callers, caller);
        if (caller->unread > CALLERS_UNASKED_MAX)
                caller->is_doubted = true; /* until the bus says something else */
}

static uint32_t count_fds(const Callers *callers, const CallerUser *user) {
        uint32_t n = 0;

        for (const Caller *caller = callers->list; caller; caller = caller->next)
                if (caller->user == user)
                        n += caller->fds;
        return n;
}

/* For a count that may be out of date; the caller's own is asked for in time. */
static void recount_fds(Callers *callers, const CallerUser *user) {
        for (Caller *caller = callers->list; caller; caller = caller->next)
                if (caller->user == user && caller->fds > 0)
                        ask_for_stats(callers, caller);
}

int callers_grant_fd(Callers *callers, sd_bus_message *m, Failure *reterr) {
        Caller *caller = find_caller(callers, sd_bus_message_get_sender(m));

        if (!caller)
                return failure_set(reterr, -EACCES, "The bus does not know the caller.");
        if (callers->has_no_stats)
                return 0;
        if (caller->fds >= CALLERS_UNREAD_FDS_MAX / 2)
                ask_for_stats(callers, caller);
        if (count_fds(callers, caller->user) >= CALLERS_UNREAD_FDS_USER / 2)
                recount_fds(callers, caller->user);
        if (caller->fds >= CALLERS_UNREAD_FDS_MAX ||
            count_fds(callers, caller->user) >= CALLERS_UNREAD_FDS_USER)
                return failure_set(
                                reterr,
                                -ENOBUFS,
                                "You have not read the answers to earlier calls; read them and try again.");
        if (callers->sent_fds >= CALLERS_UNREAD_FDS_ALL_MAX)
                return failure_set(
                                reterr,
                                -ENOBUFS,
                                "Too many files were opened by callers who do not read the answer; try again later.");
        caller->fds++;
        callers->sent_fds++;
        if (callers->sent_fds >= CALLERS_UNREAD_FDS_ALL_MAX / 2)
                ask_for_stats(callers, caller);
        return 0;
}

int callers_admit(Callers *callers, sd_bus_message *m, uint32_t bytes, Failure *reterr) {
        Caller *caller = find_caller(callers, sd_bus_message_get_sender(m));
        int r;

        if (!caller) {
                r = add_caller(callers, m, &caller);
                if (r == -EACCES)
                        return failure_set(reterr, r, "The bus does not know the caller.");
                if (r < 0)
                        return r;
        }
        put_first(callers, caller);
        r = caller_users_count_call(&callers->users, caller->user, now_usec(callers), reterr);
        charge(callers, caller, r < 0 ? REFUSAL_BYTES : bytes);
        if (caller->is_deaf)
                return -EPIPE;
        if (r >= 0 && caller->is_doubted)
                return failure_set(
                                reterr,
                                -ENOBUFS,
                                "You have asked for much at once and not read all answers yet; read them and try again.");
        return r;
}

int callers_get_user(const Callers *callers, sd_bus_message *m, uid_t *ret_uid) {
        const Caller *caller = find_caller(callers, sd_bus_message_get_sender(m));

        if (!caller)
                return -EACCES;
        *ret_uid = caller->user->uid;
        return 0;
}

/* ---- news ---- */

static bool hears_of(const Caller *caller, uid_t owner) {
        return caller->hears && (caller->user->uid == owner || caller->user->uid == 0);
}

bool callers_has_listener(const Callers *callers, uid_t owner) {
        for (const Caller *caller = callers->list; caller; caller = caller->next)
                if (hears_of(caller, owner))
                        return true;
        return false;
}

static int send_copy(sd_bus *bus, const char *to, sd_bus_message *signal) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r = sd_bus_message_new_signal(
                        bus,
                        &m,
                        sd_bus_message_get_path(signal),
                        sd_bus_message_get_interface(signal),
                        sd_bus_message_get_member(signal));

        if (r >= 0)
                r = sd_bus_message_rewind(signal, /* complete= */ true);
        if (r >= 0)
                r = sd_bus_message_copy(m, signal, /* all= */ true);
        if (r >= 0)
                r = sd_bus_message_set_destination(m, to);
        return r < 0 ? r : sd_bus_send(bus, m, /* ret_cookie= */ NULL);
}

void callers_tell(Callers *callers, uid_t owner, sd_bus_message *signal) {
        if (sd_bus_message_seal(signal, /* cookie= */ UINT32_MAX, /* timeout_usec= */ 0) < 0)
                return;
        for (Caller *caller = callers->list; caller; caller = caller->next) {
                if (!hears_of(caller, owner))
                        continue;
                charge(callers, caller, SIGNAL_BYTES);
                if (!caller->is_deaf)
                        (void) send_copy(callers->bus, caller->name, signal);
        }
}

void callers_tell_one(Callers *callers, const char *to, sd_bus_message *signal) {
        Caller *caller = find_caller(callers, to);

        if (!caller)
                return;
        charge(callers, caller, SIGNAL_BYTES);
        if (!caller->is_deaf && sd_bus_message_set_destination(signal, to) >= 0)
                (void) sd_bus_send(callers->bus, signal, /* ret_cookie= */ NULL);
}
