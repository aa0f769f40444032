/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A polkit authentication agent for tests: runs a command as another user and answers the prompts
 * that the command's own process causes, as a person with an administrator's password would, or one
 * who dismisses them.
 *
 *     polkit-agent [--dismiss] UID COMMAND [ARGUMENT...]
 *
 * Each prompt's text goes to standard error as "prompt: …". Returns the command's exit status.
 *
 * polkit believes the word of uid 0 that somebody has authenticated, hence no password and no PAM.
 * It ties the agent to one process and start time, hence the command must call the bus itself and
 * not through a child.
 */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "common/cleanup.h"

#define POLKIT    "org.freedesktop.PolicyKit1"
#define AUTHORITY "/org/freedesktop/PolicyKit1/Authority"
#define AGENT     "/org/pxed1/TestAgent"

typedef struct Agent {
        sd_bus *bus;
        bool dismiss;
        pid_t pid;
        uid_t uid;
} Agent;

_Noreturn static void die(const char *what, int error) {
        fprintf(stderr, "polkit-agent: %s: %s\n", what, strerror(-error));
        exit(125);
}

/* Tells polkit that root has authenticated, and only then answers the prompt: polkit looks for a
 * success when the answer comes. */
static int authenticate(Agent *agent, sd_bus_message *prompt, const char *cookie) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        if (agent->dismiss)
                return sd_bus_reply_method_errorf(
                                prompt,
                                POLKIT ".Error.Cancelled",
                                "The prompt was dismissed");

        r = sd_bus_call_method(
                        agent->bus,
                        POLKIT,
                        AUTHORITY,
                        POLKIT ".Authority",
                        "AuthenticationAgentResponse2",
                        &error,
                        /* ret_reply= */ NULL,
                        "us(sa{sv})",
                        (uint32_t) geteuid(),
                        cookie,
                        "unix-user",
                        1,
                        "uid",
                        "u",
                        (uint32_t) 0);
        if (r < 0)
                fprintf(stderr, "polkit-agent: %s\n", error.message);
        return sd_bus_reply_method_return(prompt, NULL);
}

/* BeginAuthentication(action s, message s, icon s, details a{ss}, cookie s, identities a(sa{sv})) */
static int method_begin(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        const char *action, *message, *cookie;
        int r;

        (void) reterr_error;
        r = sd_bus_message_read(m, "sss", &action, &message, NULL);
        if (r >= 0)
                r = sd_bus_message_skip(m, "a{ss}");
        if (r >= 0)
                r = sd_bus_message_read(m, "s", &cookie);
        if (r < 0)
                return r;

        fprintf(stderr, "prompt: %s\n", message);
        return authenticate(userdata, m, cookie);
}

static int method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        (void) userdata;
        (void) reterr_error;
        fprintf(stderr, "prompt withdrawn\n");
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable agent_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("BeginAuthentication",
                      "sssa{ss}sa(sa{sv})",
                      "",
                      method_begin,
                      SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("CancelAuthentication", "s", "", method_cancel, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END
};

/* The 22nd field, counted behind the name, which may contain blanks. */
static uint64_t start_time_of(pid_t pid) {
        _cleanup_fclose_ FILE *f = NULL;
        char path[64], line[1024], *p;

        (void) snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        f = fopen(path, "re");
        if (!f || !fgets(line, sizeof(line), f))
                die(path, -errno);
        p = strrchr(line, ')');
        for (int field = 2; p && field < 22; field++)
                p = strchr(p + 1, ' ');
        return p ? strtoull(p + 1, NULL, 10) : 0;
}

static void register_agent(Agent *agent) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = sd_bus_call_method(
                        agent->bus,
                        POLKIT,
                        AUTHORITY,
                        POLKIT ".Authority",
                        "RegisterAuthenticationAgent",
                        &error,
                        /* ret_reply= */ NULL,
                        "(sa{sv})ss",
                        "unix-process",
                        3,
                        "pid",
                        "u",
                        (uint32_t) agent->pid,
                        "start-time",
                        "t",
                        start_time_of(agent->pid),
                        "uid",
                        "i",
                        (int32_t) agent->uid,
                        "C",
                        AGENT);
        if (r < 0)
                die(error.message ? error.message : "RegisterAuthenticationAgent", r);
}

/* Starts the command as the other user; it waits until the pipe says that the agent stands. */
static pid_t start_command(uid_t uid, char **command, int go) {
        char byte;
        pid_t pid = fork();

        if (pid != 0)
                return pid;
        if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
                die("changing the user", -errno);
        if (read(go, &byte, 1) != 1)
                _exit(125);
        (void) execvp(command[0], command);
        die(command[0], -errno);
}

static int on_command_ended(sd_event_source *source, const siginfo_t *info, void *userdata) {
        (void) userdata;
        return sd_event_exit(
                        sd_event_source_get_event(source),
                        info->si_code == CLD_EXITED ? info->si_status : 128 + info->si_status);
}

static int run(Agent *agent, char **command) {
        sd_event *event = NULL;
        sigset_t child;
        int go[2], r;

        (void) sigemptyset(&child);
        (void) sigaddset(&child, SIGCHLD);
        if (pipe2(go, O_CLOEXEC) < 0)
                die("pipe2", -errno);
        agent->pid = start_command(agent->uid, command, go[0]);
        if (agent->pid < 0)
                die("fork", -errno);

        (void) sigprocmask(SIG_BLOCK, &child, NULL);
        r = sd_event_default(&event);
        if (r >= 0)
                r = sd_bus_open_system(&agent->bus);
        if (r >= 0)
                r = sd_bus_attach_event(agent->bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_bus_add_object_vtable(
                                agent->bus,
                                NULL,
                                AGENT,
                                POLKIT ".AuthenticationAgent",
                                agent_vtable,
                                agent);
        if (r >= 0)
                r = sd_event_add_child(event, NULL, agent->pid, WEXITED, on_command_ended, NULL);
        if (r < 0)
                die("setting up the agent", r);

        register_agent(agent);
        if (write(go[1], "!", 1) != 1)
                die("write", -errno);
        return sd_event_loop(event);
}

int main(int argc, char **argv) {
        Agent agent = {};
        int at = 1;

        if (argc > at && strcmp(argv[at], "--dismiss") == 0) {
                agent.dismiss = true;
                at++;
        }
        if (argc < at + 2) {
                fprintf(stderr, "Usage: polkit-agent [--dismiss] UID COMMAND [ARGUMENT...]\n");
                return 125;
        }
        agent.uid = (uid_t) strtoul(argv[at], NULL, 10);
        return run(&agent, argv + at + 1);
}
