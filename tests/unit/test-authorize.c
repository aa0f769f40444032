/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The authorizer against a polkit that answers what the test wants, over a real bus: a private
 * dbus-daemon with three connections of this process (service, polkit, caller) in one event loop.
 * The caller connects as a user who is not root, since root is never asked about.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "polkit/authorize.h"
#include "tests/lib/test.h"

#define SERVICE  "org.example.Service"
#define STRANGER 65534

typedef enum PolkitMood {
        POLKIT_YES,
        POLKIT_NO,
        POLKIT_CHALLENGE,
        POLKIT_DISMISSED,
        POLKIT_ERROR,
        POLKIT_GARBAGE,
        POLKIT_SILENT,
        POLKIT_PROMPTS, /* needs a prompt, which the test answers */
} PolkitMood;

#define PROMPTS_MAX 8

typedef struct Rig {
        char *folder;
        char address[256];
        pid_t daemon;
        sd_event *event;
        sd_bus *service, *polkit, *caller;
        Authorizer *authorizer;

        PolkitMood mood;
        const AuthorizeDetail *details;
        size_t n_details;

        sd_bus_message *prompts[PROMPTS_MAX]; /* that polkit shows, in order */
        unsigned n_prompts, n_answered;

        /* What polkit heard. */
        unsigned n_checks, n_cancels;
        char subject_kind[64], subject_name[64], action[64], id[64], cancelled_id[64];
        char values[8][256];
        size_t n_values;
        uint32_t flags;

        /* What the service and the caller heard. */
        unsigned n_verdicts, n_replies;
        int verdict;
        char error_name[128], error_message[256];
} Rig;

static const char bus_config[] =
                "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" "
                "\"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
                "<busconfig><listen>unix:abstract=pxed-test-%d</listen><auth>EXTERNAL</auth>"
                "<policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/>"
                "<allow send_destination=\"*\"/><allow receive_sender=\"*\"/></policy></busconfig>\n";

static void start_daemon(Rig *rig) {
        _cleanup_fclose_ FILE *f = NULL;
        _cleanup_close_ int folder_fd = -EBADF;
        char path[512], option[600], *newline;
        int address_pipe[2];
        ssize_t n;

        rig->folder = test_folder_new(&folder_fd);
        (void) snprintf(path, sizeof(path), "%s/bus.conf", rig->folder);
        (void) snprintf(option, sizeof(option), "--config-file=%s", path);
        f = fopen(path, "we");
        ck_assert_ptr_nonnull(f);
        ck_assert_int_gt(fprintf(f, bus_config, (int) getpid()), 0);
        ck_assert_int_eq(fflush(f), 0);

        ck_assert_int_eq(pipe(address_pipe), 0);
        rig->daemon = fork();
        if (rig->daemon == 0) {
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void) dup2(address_pipe[1], STDOUT_FILENO);
                (void) execlp("dbus-daemon",
                              "dbus-daemon",
                              option,
                              "--nofork",
                              "--nopidfile",
                              "--print-address=1",
                              (char *) NULL);
                _exit(127);
        }
        (void) close(address_pipe[1]);
        n = read(address_pipe[0], rig->address, sizeof(rig->address) - 1);
        ck_assert_int_gt(n, 0);
        (void) close(address_pipe[0]);
        newline = strchr(rig->address, '\n');
        if (newline)
                *newline = '\0';
}

static sd_bus *connect_bus(Rig *rig, const char *name) {
        sd_bus *bus = NULL;

        assert_ok(sd_bus_new(&bus));
        assert_ok(sd_bus_set_address(bus, rig->address));
        assert_ok(sd_bus_set_bus_client(bus, true));
        assert_ok(sd_bus_start(bus));
        assert_ok(sd_bus_attach_event(bus, rig->event, SD_EVENT_PRIORITY_NORMAL));
        if (name)
                assert_ok(sd_bus_request_name(bus, name, 0));
        else
                /* Has it said hello before the user changes back? */
                assert_ok(sd_bus_get_unique_name(bus, &name));
        return bus;
}

static int read_check(Rig *rig, sd_bus_message *m) {
        const char *kind, *key, *name, *action, *value, *id;

        assert_ok(sd_bus_message_read(m, "(sa{sv})s", &kind, 1, &key, "s", &name, &action));
        ck_assert_str_eq(key, "name");
        assert_ok(sd_bus_message_enter_container(m, 'a', "{ss}"));
        rig->n_values = 0;
        while (sd_bus_message_read(m, "{ss}", &key, &value) > 0)
                (void) snprintf(rig->values[rig->n_values++],
                                sizeof(rig->values[0]),
                                "%s=%s",
                                key,
                                value);
        assert_ok(sd_bus_message_exit_container(m));
        assert_ok(sd_bus_message_read(m, "us", &rig->flags, &id));

        (void) snprintf(rig->subject_kind, sizeof(rig->subject_kind), "%s", kind);
        (void) snprintf(rig->subject_name, sizeof(rig->subject_name), "%s", name);
        (void) snprintf(rig->action, sizeof(rig->action), "%s", action);
        (void) snprintf(rig->id, sizeof(rig->id), "%s", id);
        rig->n_checks++;
        return 0;
}

static int polkit_answer(Rig *rig, sd_bus_message *m) {
        switch (rig->mood) {
        case POLKIT_YES:
                return sd_bus_reply_method_return(m, "(bba{ss})", true, false, 0);
        case POLKIT_NO:
                return sd_bus_reply_method_return(m, "(bba{ss})", false, false, 0);
        case POLKIT_CHALLENGE:
                return sd_bus_reply_method_return(m, "(bba{ss})", false, true, 0);
        case POLKIT_DISMISSED:
                return sd_bus_reply_method_return(
                                m,
                                "(bba{ss})",
                                false,
                                false,
                                1,
                                "polkit.dismissed",
                                "true");
        case POLKIT_ERROR:
                return sd_bus_reply_method_errorf(m, "org.example.Error.Odd", "no idea");
        case POLKIT_GARBAGE:
                return sd_bus_reply_method_return(m, "s", "yes");
        case POLKIT_SILENT:
                return 1;
        case POLKIT_PROMPTS:
                if (rig->flags == 0)
                        return sd_bus_reply_method_return(m, "(bba{ss})", false, true, 0);
                ck_assert_uint_lt(rig->n_prompts, PROMPTS_MAX);
                rig->prompts[rig->n_prompts++] = sd_bus_message_ref(m);
                return 1;
        }
        return -EINVAL;
}

static int on_polkit_call(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Rig *rig = userdata;
        const char *id;

        (void) error;
        if (sd_bus_message_is_method_call(m, NULL, "CheckAuthorization")) {
                assert_ok(read_check(rig, m));
                return polkit_answer(rig, m);
        }
        if (sd_bus_message_is_method_call(m, NULL, "CancelCheckAuthorization")) {
                assert_ok(sd_bus_message_read(m, "s", &id));
                (void) snprintf(rig->cancelled_id, sizeof(rig->cancelled_id), "%s", id);
                rig->n_cancels++;
                return 1;
        }
        return 0;
}

static void on_verdict(sd_bus_message *m, int verdict, const sd_bus_error *error, void *userdata) {
        Rig *rig = userdata;

        rig->n_verdicts++;
        rig->verdict = verdict;
        ck_assert_int_eq(verdict < 0, sd_bus_error_is_set(error));
        if (verdict < 0)
                (void) sd_bus_reply_method_error(m, error);
        else
                (void) sd_bus_reply_method_return(m, NULL);
}

static int on_service_call(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Rig *rig = userdata;
        const AuthorizeRequest request = {
                .action = AUTHORIZE_ACTION_BUILD,
                .details = rig->details,
                .n_details = rig->n_details,
        };

        if (!sd_bus_message_is_method_call(m, SERVICE, "Ask"))
                return 0;
        return authorizer_ask(rig->authorizer, m, &request, on_verdict, rig, error);
}

static void rig_init(Rig *rig) {
        bool root = geteuid() == 0;

        start_daemon(rig);
        assert_ok(sd_event_new(&rig->event));
        rig->service = connect_bus(rig, SERVICE);
        rig->polkit = connect_bus(rig, "org.freedesktop.PolicyKit1");
        if (root)
                ck_assert_int_eq(seteuid(STRANGER), 0);
        rig->caller = connect_bus(rig, NULL);
        if (root)
                ck_assert_int_eq(seteuid(0), 0);

        assert_ok(authorizer_new(&rig->authorizer, rig->service));
        assert_ok(sd_bus_add_object(
                        rig->polkit,
                        NULL,
                        "/org/freedesktop/PolicyKit1/Authority",
                        on_polkit_call,
                        rig));
        assert_ok(sd_bus_add_object(rig->service, NULL, "/", on_service_call, rig));
}

static void rig_done(Rig *rig) {
        for (unsigned i = 0; i < rig->n_prompts; i++)
                sd_bus_message_unref(rig->prompts[i]);
        authorizer_free(rig->authorizer);
        sd_bus_flush_close_unref(rig->caller);
        sd_bus_flush_close_unref(rig->polkit);
        sd_bus_flush_close_unref(rig->service);
        sd_event_unref(rig->event);
        (void) kill(rig->daemon, SIGTERM);
        (void) waitpid(rig->daemon, NULL, 0);
        test_folder_remove(&rig->folder);
}
#define _cleanup_rig_ _cleanup_(rig_done)

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        const sd_bus_error *error = sd_bus_message_get_error(m);
        Rig *rig = userdata;

        (void) reterr_error;
        rig->n_replies++;
        (void) snprintf(rig->error_name, sizeof(rig->error_name), "%s", error ? error->name : "");
        (void) snprintf(rig->error_message,
                        sizeof(rig->error_message),
                        "%s",
                        error ? error->message : "");
        return 0;
}

static void call_as(Rig *rig, sd_bus *bus, bool interactive) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        assert_ok(sd_bus_message_new_method_call(bus, &m, SERVICE, "/", SERVICE, "Ask"));
        assert_ok(sd_bus_message_set_allow_interactive_authorization(m, interactive));
        assert_ok(sd_bus_call_async(bus, NULL, m, on_reply, rig, 0));
}

/* Runs the loop until the counter has come this far; gives up after 10 seconds. */
static void run_until(Rig *rig, const unsigned *counter, unsigned value) {
        for (unsigned i = 0; *counter < value && i < 100; i++)
                while (*counter < value && assert_ok(sd_event_run(rig->event, 100 * 1000)) > 0)
                        ;
        ck_assert_uint_eq(*counter, value);
}

static const struct {
        PolkitMood mood;
        bool interactive;
        int verdict;
        const char *name, *message;
} answers[] = {
        { POLKIT_YES, true, 0, "", "" },
        { POLKIT_YES, false, 0, "", "" },
        { POLKIT_NO, true, -EACCES, SD_BUS_ERROR_ACCESS_DENIED, "Not authorized." },
        { POLKIT_CHALLENGE,
          false,
          -ENOKEY,
          SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
          "Authentication is required, but the caller allows no prompt or there is nothing that could show one." },
        { POLKIT_CHALLENGE,
          true,
          -ENOKEY,
          SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
          "Authentication is required, but the caller allows no prompt or there is nothing that could show one." },
        { POLKIT_DISMISSED,
          true,
          -EACCES,
          SD_BUS_ERROR_ACCESS_DENIED,
          "Not authorized: the prompt was dismissed." },
        { POLKIT_ERROR,
          true,
          -EACCES,
          SD_BUS_ERROR_ACCESS_DENIED,
          "Not authorized: polkit could not be asked (no idea)." },
        { POLKIT_GARBAGE,
          true,
          -EACCES,
          SD_BUS_ERROR_ACCESS_DENIED,
          "Not authorized: polkit's answer could not be read." },
        { POLKIT_SILENT,
          true,
          -ETIMEDOUT,
          SD_BUS_ERROR_ACCESS_DENIED,
          "Not authorized: nobody has authenticated in time." },
};

TEST_ROWS(answer, ELEMENTSOF(answers)) {
        _cleanup_rig_ Rig rig = { .mood = answers[_i].mood };

        rig_init(&rig);
        if (rig.mood == POLKIT_SILENT)
                authorizer_set_timeout(rig.authorizer, 50 * 1000);
        call_as(&rig, rig.caller, answers[_i].interactive);
        run_until(&rig, &rig.n_replies, 1);

        ck_assert_uint_eq(rig.n_verdicts, 1);
        ck_assert_int_eq(rig.verdict, answers[_i].verdict);
        ck_assert_str_eq(rig.error_name, answers[_i].name);
        ck_assert_str_eq(rig.error_message, answers[_i].message);
        ck_assert_uint_eq(rig.flags, answers[_i].interactive ? 1 : 0);
        ck_assert_uint_eq(authorizer_count_pending(rig.authorizer), 0);
        if (rig.mood == POLKIT_SILENT)
                run_until(&rig, &rig.n_cancels, 1);
}

TEST(subject_is_the_senders_name)
{
        _cleanup_rig_ Rig rig = { .mood = POLKIT_YES };
        const char *name;

        rig_init(&rig);
        call_as(&rig, rig.caller, true);
        run_until(&rig, &rig.n_replies, 1);

        assert_ok(sd_bus_get_unique_name(rig.caller, &name));
        ck_assert_str_eq(rig.subject_kind, "system-bus-name");
        ck_assert_str_eq(rig.subject_name, name);
        ck_assert_str_eq(rig.action, "org.pxed1.build");
}

TEST(details_cannot_forge_a_prompt)
{
        static const AuthorizeDetail details[] = {
                { "image", "disk\n\033[2Jimg" },
                { "title", "a\u202eb\u2066c\302\205d" },
                { "target", NULL },
                { "long",
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
                { "wide",
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\u20ac" },
        };
        _cleanup_rig_ Rig rig = {
                .mood = POLKIT_YES,
                .details = details,
                .n_details = ELEMENTSOF(details),
        };

        rig_init(&rig);
        call_as(&rig, rig.caller, true);
        run_until(&rig, &rig.n_replies, 1);

        ck_assert_uint_eq(rig.n_values, ELEMENTSOF(details));
        ck_assert_str_eq(rig.values[0], "image=disk  [2Jimg");
        ck_assert_str_eq(rig.values[1], "title=a   b   c  d");
        ck_assert_str_eq(rig.values[2], "target=");
        ck_assert_uint_eq(strlen(rig.values[3]), strlen("long=") + AUTHORIZE_VALUE_MAX);
        ck_assert_uint_eq(strlen(rig.values[4]), strlen("wide=") + 127);
}

TEST(caller_who_leaves_is_not_authorized)
{
        _cleanup_rig_ Rig rig = { .mood = POLKIT_SILENT };

        rig_init(&rig);
        call_as(&rig, rig.caller, true);
        run_until(&rig, &rig.n_checks, 1);
        ck_assert_uint_eq(authorizer_count_pending(rig.authorizer), 1);

        rig.caller = sd_bus_flush_close_unref(rig.caller);
        run_until(&rig, &rig.n_verdicts, 1);
        ck_assert_int_eq(rig.verdict, -ECONNRESET);
        ck_assert_uint_eq(authorizer_count_pending(rig.authorizer), 0);
        run_until(&rig, &rig.n_cancels, 1);
        ck_assert_str_eq(rig.cancelled_id, rig.id);
}

TEST(one_user_may_wait_for_few_answers)
{
        _cleanup_rig_ Rig rig = { .mood = POLKIT_SILENT };

        rig_init(&rig);
        for (unsigned i = 0; i < AUTHORIZE_PENDING_MAX; i++)
                call_as(&rig, rig.caller, true);
        run_until(&rig, &rig.n_checks, AUTHORIZE_PENDING_MAX);

        call_as(&rig, rig.caller, true);
        run_until(&rig, &rig.n_replies, 1);
        ck_assert_str_eq(rig.error_name, SD_BUS_ERROR_LIMITS_EXCEEDED);
        ck_assert_uint_eq(rig.n_verdicts, 0);
        ck_assert_uint_eq(rig.n_checks, AUTHORIZE_PENDING_MAX);
}

static void answer_prompt(Rig *rig, bool yes) {
        ck_assert_uint_lt(rig->n_answered, rig->n_prompts);
        assert_ok(sd_bus_reply_method_return(
                        rig->prompts[rig->n_answered++],
                        "(bba{ss})",
                        yes,
                        false,
                        0));
}

TEST(one_prompt_of_a_user_at_a_time)
{
        _cleanup_rig_ Rig rig = { .mood = POLKIT_PROMPTS };

        rig_init(&rig);
        for (unsigned i = 0; i < 3; i++)
                call_as(&rig, rig.caller, true);
        /* The first with a prompt, the others without. */
        run_until(&rig, &rig.n_checks, 3);
        ck_assert_uint_eq(rig.n_prompts, 1);

        /* What needs no prompt is not held up, and what allows none does not wait for one. */
        call_as(&rig, rig.caller, false);
        run_until(&rig, &rig.n_replies, 1);
        ck_assert_str_eq(rig.error_name, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
        rig.mood = POLKIT_YES;
        call_as(&rig, rig.caller, true);
        run_until(&rig, &rig.n_replies, 2);
        ck_assert_str_eq(rig.error_name, "");
        ck_assert_uint_eq(rig.flags, 0);
        rig.mood = POLKIT_PROMPTS;

        for (unsigned i = 0; i < 3; i++) {
                ck_assert_uint_eq(rig.n_prompts, i + 1);
                answer_prompt(&rig, i != 1);
                run_until(&rig, &rig.n_replies, 3 + i);
                ck_assert_str_eq(rig.error_name, i == 1 ? SD_BUS_ERROR_ACCESS_DENIED : "");
                if (i < 2)
                        run_until(&rig, &rig.n_prompts, i + 2);
        }
        ck_assert_uint_eq(authorizer_count_pending(rig.authorizer), 0);
}

TEST(prompt_of_who_left_makes_room)
{
        _cleanup_rig_ Rig rig = { .mood = POLKIT_PROMPTS };
        sd_bus *second;
        bool root = geteuid() == 0;

        rig_init(&rig);
        if (root)
                ck_assert_int_eq(seteuid(STRANGER), 0);
        second = connect_bus(&rig, NULL);
        if (root)
                ck_assert_int_eq(seteuid(0), 0);
        call_as(&rig, second, true);
        run_until(&rig, &rig.n_prompts, 1);
        call_as(&rig, rig.caller, true);
        run_until(&rig, &rig.n_checks, 2);
        sd_bus_flush_close_unref(second);
        run_until(&rig, &rig.n_prompts, 2);
        ck_assert_uint_eq(rig.n_cancels, 1);
        rig.n_answered = 1;
        answer_prompt(&rig, true);
        run_until(&rig, &rig.n_replies, 1);
        ck_assert_str_eq(rig.error_name, "");
}

TEST(polkit_that_dies_authorizes_nobody)
{
        _cleanup_rig_ Rig rig = { .mood = POLKIT_SILENT };

        rig_init(&rig);
        call_as(&rig, rig.caller, true);
        run_until(&rig, &rig.n_checks, 1);
        rig.polkit = sd_bus_flush_close_unref(rig.polkit);
        run_until(&rig, &rig.n_replies, 1);
        ck_assert_str_eq(rig.error_name, SD_BUS_ERROR_ACCESS_DENIED);

        call_as(&rig, rig.caller, true);
        run_until(&rig, &rig.n_replies, 2);
        ck_assert_str_eq(rig.error_name, SD_BUS_ERROR_ACCESS_DENIED);
        ck_assert_uint_eq(rig.n_verdicts, 2);
        ck_assert_int_lt(rig.verdict, 0);
}

TEST(freeing_withdraws_all_questions)
{
        _cleanup_rig_ Rig rig = { .mood = POLKIT_SILENT };

        rig_init(&rig);
        call_as(&rig, rig.caller, true);
        call_as(&rig, rig.caller, true);
        run_until(&rig, &rig.n_checks, 2);

        rig.authorizer = authorizer_free(rig.authorizer);
        ck_assert_uint_eq(rig.n_verdicts, 2);
        ck_assert_int_eq(rig.verdict, -ECANCELED);
        run_until(&rig, &rig.n_replies, 2);
        run_until(&rig, &rig.n_cancels, 2);
}

TEST(root_is_not_asked_about)
{
        _cleanup_rig_ Rig rig = { .mood = POLKIT_NO };

        rig_init(&rig);
        if (geteuid() != 0)
                return;
        call_as(&rig, rig.polkit, true);
        run_until(&rig, &rig.n_replies, 1);
        ck_assert_str_eq(rig.error_name, "");
        ck_assert_uint_eq(rig.n_checks, 0);
        ck_assert_uint_eq(rig.n_verdicts, 1);
}
