/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The network of a container: none for a command that does not ask, an interface with a route for one
 * that does, and never the host's loopback. Nothing outside this machine is asked. */

#include <arpa/inet.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fs.h"
#include "common/strings.h"
#include "container/command.h"
#include "tests/container/fixture.h"

static void keep_last_line(void *userdata, const char *line) {
        Seen *seen = userdata;

        (void) snprintf(seen->text[0], sizeof(seen->text[0]), "%s", line);
}

static int count_routes(Seen *seen, bool network, Failure *reterr) {
        const char *const argv[] = { "grep", "-c", "^[^I]", "/proc/net/route", NULL };
        Command command = COMMAND_INIT;

        command.argv = argv;
        command.profile = COMMAND_TOOL;
        command.network = network;
        command.on_line = keep_last_line;
        command.userdata = seen;
        if (command_run(&command, reterr) < 0)
                return reterr->error;
        return atoi(seen->text[0]);
}

static int read_resolver(Seen *seen, Failure *reterr) {
        const char *const argv[] = { "cat", "/etc/resolv.conf", NULL };
        const CommandBind binds[] = { { "/usr", "/usr" } };
        Command command = COMMAND_INIT;

        if (symlink("/run/systemd/resolve/stub-resolv.conf", "/work/tree/etc/resolv.conf") < 0)
                return -errno;
        command.argv = argv;
        command.root = "/work/tree";
        command.binds = binds;
        command.n_binds = ELEMENTSOF(binds);
        command.network = true;
        command.on_line = keep_last_line;
        command.userdata = seen;
        return command_run(&command, reterr);
}

/* The conductor itself sits in the container's network. */
static int knock(uint16_t port) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        r = connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0 ? -errno : 0;
        (void) close(fd);
        return r;
}

static int look(void *userdata) {
        Seen *seen = userdata;
        Failure failure = {};
        int r;

        seen->value[1] = count_routes(seen, /* network= */ true, &failure);
        seen->value[2] = count_routes(seen, /* network= */ false, &failure);
        seen->value[3] = knock((uint16_t) seen->value[0]);
        r = fixture_mount_tree(&failure);
        if (r >= 0)
                r = read_resolver(seen, &failure);
        (void) snprintf(seen->text[15], sizeof(seen->text[15]), "%.255s", failure.message);
        return r;
}

/* A server on the host's loopback. */
static int listen_on_host(Seen *seen) {
        struct sockaddr_in address = { .sin_family = AF_INET };
        socklen_t size = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ck_assert_int_eq(bind(fd, (struct sockaddr *) &address, size), 0);
        ck_assert_int_eq(listen(fd, 1), 0);
        ck_assert_int_eq(getsockname(fd, (struct sockaddr *) &address, &size), 0);
        seen->value[0] = ntohs(address.sin_port);
        return fd;
}

TEST(network_for_those_who_ask)
{
        _cleanup_fixture_ Fixture fixture = {};
        _cleanup_close_ int fd = -EBADF;

        fixture_init(&fixture);
        fd = listen_on_host(fixture.seen);
        fixture.plan->network = true;
        fixture_run(&fixture, look);
        ck_assert_int_gt(fixture.seen->value[1], 0);
        ck_assert_int_eq(fixture.seen->value[2], 0);
        ck_assert_int_eq(fixture.seen->value[3], -ECONNREFUSED);
        ck_assert_str_eq(fixture.seen->text[0], "nameserver 192.0.0.3");
}

/* What an image may have in place of its resolv.conf. What its commands see is ours, or the image's own
 * where nothing can be laid over it; what the image has stays as it is. */
static const struct {
        const char *link; /* NULL: a node of `mode` */
        mode_t mode;
        const char *seen; /* NULL: an error */
} resolvers[] = {
        { NULL, S_IFREG | 0644, "nameserver 192.0.0.3" },
        { NULL, S_IFIFO | 0666, "nameserver 192.0.0.3" },
        { NULL, S_IFDIR | 0755, NULL },
        { "/run/systemd/resolve/stub-resolv.conf", 0, "nameserver 192.0.0.3" },
        { "../run/resolvconf/resolv.conf", 0, "nameserver 192.0.0.3" },
        { "/etc/other", 0, "nameserver 192.0.0.3" }, /* a chain to a file */
        { "/etc/nowhere", 0, "" },
        { "/run/../etc/made", 0, "" },
        { "/../../../../../etc/made", 0, "" },
        { "resolv.conf", 0, NULL }, /* to itself */
};

static int lay_resolver(size_t i) {
        const char *path = "/work/tree/etc/resolv.conf";

        if (unlink(path) < 0 && rmdir(path) < 0 && errno != ENOENT)
                return -errno;
        if (resolvers[i].link)
                return symlink(resolvers[i].link, path) < 0 ? -errno : 0;
        if (S_ISDIR(resolvers[i].mode))
                return mkdir(path, 0755) < 0 ? -errno : 0;
        return mknod(path, resolvers[i].mode, 0) < 0 ? -errno : 0;
}

static int see_resolver(Seen *seen, size_t i) {
        const char *const argv[] = { "cat", "/etc/resolv.conf", NULL };
        const CommandBind binds[] = { { "/usr", "/usr" } };
        struct stat before, after;
        Command command = COMMAND_INIT;
        Failure failure = {};
        int r = lay_resolver(i);

        if (r < 0 || lstat("/work/tree/etc/resolv.conf", &before) < 0)
                return r < 0 ? r : -errno;
        command.argv = argv;
        command.root = "/work/tree";
        command.binds = binds;
        command.n_binds = ELEMENTSOF(binds);
        command.network = true;
        command.on_line = keep_last_line;
        command.userdata = seen;
        seen->text[0][0] = '\0';
        seen->value[i] = command_run(&command, &failure);
        (void) snprintf(seen->text[i + 1], sizeof(seen->text[0]), "%.255s", seen->text[0]);
        if (lstat("/work/tree/etc/resolv.conf", &after) < 0 || after.st_ino != before.st_ino ||
            after.st_mode != before.st_mode || after.st_size != before.st_size)
                return -EUCLEAN;
        return access("/work/tree/etc/made", F_OK) == 0 ? -EEXIST : 0;
}

static int see_resolvers(void *userdata) {
        Seen *seen = userdata;
        Failure failure = {};
        int r = fixture_mount_tree(&failure);

        if (r >= 0 && symlink("hello", "/work/tree/etc/other") < 0)
                r = -errno;
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(resolvers); i++)
                r = see_resolver(seen, i);
        (void) snprintf(seen->text[15], sizeof(seen->text[15]), "%.255s", failure.message);
        return r;
}

TEST(resolver_of_hostile_images)
{
        _cleanup_fixture_ Fixture fixture = {};

        fixture_init(&fixture);
        fixture_run(&fixture, see_resolvers);
        for (size_t i = 0; i < ELEMENTSOF(resolvers); i++) {
                ck_assert_msg((fixture.seen->value[i] < 0) == !resolvers[i].seen,
                              "row %zu: %d",
                              i,
                              fixture.seen->value[i]);
                if (resolvers[i].seen && *resolvers[i].seen)
                        ck_assert_str_eq(fixture.seen->text[i + 1], resolvers[i].seen);
        }
}

static int wait_forever(void *userdata) {
        Seen *seen = userdata;

        seen->value[0] = 1;
        while (pause() < 0)
                continue;
        return 0;
}

/* The process that stands on the host's network, with the job's own id; it may call itself
 * "passt.avx2" and the like. */
static pid_t find_translator(void) {
        _cleanup_free_ char *uid = str_printf(
                        "Uid:\t%u\t%u\t%u\t%u",
                        UID_BASE,
                        UID_BASE,
                        UID_BASE,
                        UID_BASE);
        _cleanup_closedir_ DIR *d = opendir("/proc");

        for (struct dirent *entry = fs_readdir(d); entry; entry = fs_readdir(d)) {
                pid_t pid = atoi(entry->d_name);

                if (pid > 0 &&
                    (fixture_has_line(pid, "comm", "pas") ||
                     fixture_has_line(pid, "comm", "slirp")) &&
                    fixture_has_line(pid, "status", uid))
                        return pid;
        }
        return 0;
}

TEST(translator_dies_with_the_caller)
{
        _cleanup_fixture_ Fixture fixture = {};
        pid_t pid;

        fixture_init(&fixture);
        fixture.plan->network = true;
        pid = fork();
        if (pid == 0) {
                ContainerExit ended;

                (void) container_run(
                                fixture.plan,
                                /* lifeline_fd= */ -EBADF,
                                wait_forever,
                                fixture.seen,
                                &ended,
                                /* reterr_failure= */ NULL);
                _exit(0);
        }
        for (unsigned i = 0; i < 1000 && *(volatile int *) &fixture.seen->value[0] == 0; i++)
                (void) usleep(10000);
        ck_assert_int_eq(fixture.seen->value[0], 1);
        ck_assert_uint_ge(fixture_leaks(&fixture), 3);
        ck_assert_int_gt(find_translator(), 0);
        ck_assert(fixture_has_line(find_translator(), "status", "NoNewPrivs:\t1"));
        ck_assert_int_eq(kill(pid, SIGKILL), 0);
        (void) waitpid(pid, NULL, 0);
        ck_assert_uint_eq(fixture_settle(&fixture), 0);
}
