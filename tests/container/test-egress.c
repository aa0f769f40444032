/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a container with a network can reach, in a world of its own: the test's network namespace
 * plays the host, another one all the rest. Servers say which of the two they are, and count who
 * came, so that a packet which got through is seen even where no answer comes back. Nothing of
 * this machine's network is touched.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "tests/container/fixture.h"

#define PORT          7000
#define DNS_PORT      53
#define PATIENCE_MSEC 3000 /* for what must come */
#define DOUBT_MSEC    100  /* for what must not */
#define PLACES_MAX    20

/* Where servers are, and what a container gets that asks there. */
static const struct Place {
        const char *address;
        bool host;    /* the host's own, else one of the rest of the world */
        int expected; /* 0: an answer */
} places[] = {
        { "198.51.100.1", false, 0 },
        { "2001:db8:9::9", false, 0 },
        { "203.0.113.1", false, 0 }, /* the host's neighbour, which is public here */
        { "10.9.9.9", false, -EHOSTUNREACH },
        { "100.64.9.9", false, -EHOSTUNREACH },
        { "169.254.169.254", false, -EHOSTUNREACH },
        { "172.16.9.9", false, -EHOSTUNREACH },
        { "192.168.9.9", false, -EHOSTUNREACH },
        { "198.18.9.9", false, -EHOSTUNREACH },
        { "2002:a09:909::9", false, -EHOSTUNREACH },
        { "fd00:9::9", false, -ENETUNREACH },
        { "64:ff9b::a09:909", false, -ENETUNREACH },
        { "203.0.113.2", true, -EHOSTUNREACH },
        { "198.51.100.200", true, -EHOSTUNREACH },
        { "2001:db8:1::2", true, -EHOSTUNREACH },
        { "127.0.0.1", true, -ECONNREFUSED }, /* the container's own loopback */
        { "::1", true, -ECONNREFUSED },
        { "127.0.0.53", true, -ECONNREFUSED },
};

typedef enum Way {
        WAY_PLAIN,
        WAY_BOUND, /* to the interface: the kernel then sends without a route */
        _WAY_MAX,
} Way;

/* Shared by everybody. */
typedef struct World {
        unsigned hits[PLACES_MAX];
        int tcp[PLACES_MAX][_WAY_MAX];
        int udp[PLACES_MAX][_WAY_MAX];
        int mapped; /* ::ffff:10.9.9.9 */
        int dns[2]; /* the name server: its port, another one */
        char failure[256];
} World;

static World *world;

static socklen_t make_address(const char *text, uint16_t port, struct sockaddr_storage *ret) {
        struct sockaddr_in *v4 = (struct sockaddr_in *) ret;
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *) ret;

        *ret = (struct sockaddr_storage){};
        if (!strchr(text, ':')) {
                v4->sin_family = AF_INET;
                v4->sin_port = htons(port);
                (void) inet_pton(AF_INET, text, &v4->sin_addr);
                return sizeof(*v4);
        }
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        (void) inet_pton(AF_INET6, text, &v6->sin6_addr);
        return sizeof(*v6);
}

/* --- servers ----------------------------------------------------------------------------------- */

static int open_server(const char *address, uint16_t port, int type) {
        struct sockaddr_storage storage;
        socklen_t size = make_address(address, port, &storage);
        int fd = socket(storage.ss_family, type | SOCK_CLOEXEC, 0), one = 1;

        (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        if (bind(fd, (struct sockaddr *) &storage, size) < 0 ||
            (type == SOCK_STREAM && listen(fd, 16) < 0)) {
                fprintf(stderr, "server on %s: %s\n", address, strerror(errno));
                _exit(EXIT_FAILURE);
        }
        return fd;
}

static void answer(int fd, bool stream) {
        struct sockaddr_storage storage;
        socklen_t size = sizeof(storage);
        char byte;
        int connection;

        if (!stream) {
                if (recvfrom(fd, &byte, 1, 0, (struct sockaddr *) &storage, &size) >= 0)
                        (void) sendto(fd, "!", 1, 0, (struct sockaddr *) &storage, size);
                return;
        }
        connection = accept(fd, NULL, NULL);
        if (connection >= 0) {
                (void) fd_write_all(connection, "!", 1);
                (void) close(connection);
        }
}

_Noreturn static void serve(bool host, int ready_fd) {
        struct pollfd fds[2 * PLACES_MAX + 1];
        size_t place[2 * PLACES_MAX + 1], n = 0;

        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                if (places[i].host != host)
                        continue;
                for (unsigned stream = 0; stream < 2; stream++, n++) {
                        fds[n].fd = open_server(
                                        places[i].address,
                                        PORT,
                                        stream ? SOCK_STREAM : SOCK_DGRAM);
                        fds[n].events = POLLIN;
                        place[n] = i;
                }
        }
        if (host) {
                fds[n] = (struct pollfd){ open_server("127.0.0.53", DNS_PORT, SOCK_DGRAM),
                                          POLLIN,
                                          0 };
                place[n++] = ELEMENTSOF(places) + 1; /* even: answers as UDP */
        }
        (void) fd_write_all(ready_fd, "", 1);
        for (;;) {
                (void) poll(fds, (nfds_t) n, -1);
                for (size_t i = 0; i < n; i++)
                        if (fds[i].revents != 0) {
                                __atomic_add_fetch(&world->hits[place[i]], 1, __ATOMIC_SEQ_CST);
                                answer(fds[i].fd, i % 2 == 1);
                        }
        }
}

/* --- the world --------------------------------------------------------------------------------- */

static void run(const char *command) {
        if (system(command) != 0) {
                fprintf(stderr, "failed: %s\n", command);
                abort();
        }
}

static void expect_byte(int fd) {
        char byte;

        if (read(fd, &byte, 1) != 1)
                abort();
}

/* The rest of the world: takes its end of the cable, and serves. */
_Noreturn static void be_world(int ready_fd, int go_fd) {
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (unshare(CLONE_NEWNET) < 0)
                _exit(EXIT_FAILURE);
        (void) fd_write_all(ready_fd, "", 1);
        expect_byte(go_fd);
        run("ip link set lo up; ip link set world up;"
            "ip addr add 203.0.113.1/24 dev world; ip addr add 2001:db8:1::1/64 dev world nodad");
        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                char command[128];

                if (places[i].host || strcmp(places[i].address, "203.0.113.1") == 0)
                        continue;
                (void) snprintf(command,
                                sizeof(command),
                                "ip addr add %s dev lo%s",
                                places[i].address,
                                strchr(places[i].address, ':') ? " nodad" : "");
                run(command);
        }
        serve(/* host= */ false, ready_fd);
}

_Noreturn static void be_host(int ready_fd) {
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(/* host= */ true, ready_fd);
}

/* The name server of this host is one of its own. */
static void set_resolver(void) {
        const char text[] = "nameserver 127.0.0.53\n";
        _cleanup_close_ int folder_fd = -EBADF;
        _cleanup_folder_ char *folder = test_folder_new(&folder_fd);
        _cleanup_free_ char *path = str_printf("%s/resolv.conf", folder);

        assert_ok(fs_write_in_root(folder_fd, "resolv.conf", text, strlen(text), 0644));
        ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
        ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
        ck_assert_int_eq(mount(path, "/etc/resolv.conf", NULL, MS_BIND, NULL), 0);
}

static void world_make(void) {
        char command[128];
        int ready[2], go[2];
        pid_t pid;

        world = mmap(NULL,
                     sizeof(*world),
                     PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS,
                     -1,
                     0);
        ck_assert_ptr_ne(world, MAP_FAILED);
        ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
        ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
        ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
        pid = fork();
        if (pid == 0)
                be_world(ready[1], go[0]);
        expect_byte(ready[0]);
        run("ip link set lo up; ip link add host type veth peer name world");
        (void) snprintf(command, sizeof(command), "ip link set world netns %d", (int) pid);
        run(command);
        run("ip link set host up; ip addr add 203.0.113.2/24 dev host;"
            "ip addr add 2001:db8:1::2/64 dev host nodad; ip addr add 198.51.100.200/32 dev lo;"
            "ip route add default via 203.0.113.1; ip route add default via 2001:db8:1::1");
        (void) fd_write_all(go[1], "", 1);
        expect_byte(ready[0]);
        if (fork() == 0)
                be_host(ready[1]);
        expect_byte(ready[0]);
}

/* --- inside ------------------------------------------------------------------------------------ */

static int bind_to_interface(int fd) {
        return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "eth0", sizeof("eth0"));
}

/* 0 when the server answered. */
static int ask(const char *address, uint16_t port, int type, Way way, int timeout_msec) {
        struct sockaddr_storage storage;
        socklen_t size = make_address(address, port, &storage);
        _cleanup_close_ int fd = socket(storage.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct pollfd wait = { .fd = fd, .events = POLLIN };
        char byte;

        if (fd < 0 || (way == WAY_BOUND && bind_to_interface(fd) < 0))
                return -errno;
        if (connect(fd, (struct sockaddr *) &storage, size) < 0 && errno != EINPROGRESS)
                return -errno;
        if (type == SOCK_DGRAM && send(fd, "?", 1, 0) < 0)
                return -errno;
        if (poll(&wait, 1, timeout_msec) == 0)
                return -ETIMEDOUT;
        return read(fd, &byte, 1) < 0 ? -errno : byte == '!' ? 0 : -EBADMSG;
}

static int look_around(void *userdata _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                for (Way way = 0; way < _WAY_MAX; way++) {
                        int patience = places[i].expected == 0 ? PATIENCE_MSEC : DOUBT_MSEC;
                        const char *address = places[i].address;

                        world->tcp[i][way] = ask(address, PORT, SOCK_STREAM, way, patience);
                        world->udp[i][way] = ask(address, PORT, SOCK_DGRAM, way, patience);
                }
        world->mapped = ask("::ffff:10.9.9.9", PORT, SOCK_STREAM, WAY_PLAIN, DOUBT_MSEC);
        world->dns[0] = ask("192.0.0.3", DNS_PORT, SOCK_DGRAM, WAY_PLAIN, PATIENCE_MSEC);
        world->dns[1] = ask("192.0.0.3", PORT, SOCK_STREAM, WAY_PLAIN, DOUBT_MSEC);
        /* Answers after all before it have been taken. */
        return ask("198.51.100.1", PORT, SOCK_DGRAM, WAY_PLAIN, PATIENCE_MSEC);
}

static void visit(const char *allow) {
        _cleanup_fixture_ Fixture fixture = {};

        set_resolver();
        world_make();
        fixture_init(&fixture);
        assert_ok(plan_set_network(fixture.plan, allow));
        fixture_run(&fixture, look_around);
}

/* As if it were not installed, for this test. */
static void hide(const char *program) {
        if (access(program, F_OK) == 0)
                ck_assert_int_eq(mount("/dev/null", program, NULL, MS_BIND, NULL), 0);
}

static size_t find(const char *address) {
        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                if (strcmp(places[i].address, address) == 0)
                        return i;
        ck_abort_msg("no such place: %s", address);
}

/* --- tests ------------------------------------------------------------------------------------- */

TEST(egress_guarded)
{
        visit(/* allow= */ NULL);
        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                const struct Place *place = &places[i];

                ck_assert_msg(world->tcp[i][WAY_PLAIN] == place->expected,
                              "TCP to %s: %s",
                              place->address,
                              strerror(-world->tcp[i][WAY_PLAIN]));
                ck_assert_msg(world->udp[i][WAY_PLAIN] == place->expected,
                              "UDP to %s: %s",
                              place->address,
                              strerror(-world->udp[i][WAY_PLAIN]));
                ck_assert_msg((world->hits[i] > 0) == (place->expected == 0),
                              "%u came to %s",
                              world->hits[i],
                              place->address);
                /* Bound to the interface, public places answer too: so the way is one. */
                ck_assert_msg((world->tcp[i][WAY_BOUND] == 0) == (place->expected == 0),
                              "TCP to %s, bound: %s",
                              place->address,
                              strerror(-world->tcp[i][WAY_BOUND]));
        }
        ck_assert_int_eq(world->mapped, -EHOSTUNREACH);
        ck_assert_int_eq(world->dns[0], 0);
        ck_assert_int_ne(world->dns[1], 0);
}

/* The same attempts, where the administrator lets them through: so they would work. */
TEST(egress_allowed)
{
        visit("10.0.0.0/8,169.254.169.254/32,fd00:9::/32,203.0.113.2/32,198.51.0.0/16");
        ck_assert_int_eq(world->tcp[find("10.9.9.9")][WAY_PLAIN], 0);
        ck_assert_int_eq(world->tcp[find("10.9.9.9")][WAY_BOUND], 0);
        ck_assert_int_eq(world->udp[find("10.9.9.9")][WAY_PLAIN], 0);
        ck_assert_int_eq(world->mapped, 0);
        ck_assert_int_eq(world->tcp[find("169.254.169.254")][WAY_PLAIN], 0);
        ck_assert_int_eq(world->tcp[find("fd00:9::9")][WAY_PLAIN], 0);
        ck_assert_int_eq(world->udp[find("fd00:9::9")][WAY_PLAIN], 0);
        /* An address of the host when it is listed by itself, but not with a network around it. */
        ck_assert_int_eq(world->tcp[find("203.0.113.2")][WAY_PLAIN], 0);
        ck_assert_int_eq(world->tcp[find("198.51.100.200")][WAY_PLAIN], -EHOSTUNREACH);
        ck_assert_uint_eq(world->hits[find("198.51.100.200")], 0);
        /* What is not listed. */
        ck_assert_int_eq(world->tcp[find("192.168.9.9")][WAY_PLAIN], -EHOSTUNREACH);
        ck_assert_int_eq(world->tcp[find("2001:db8:1::2")][WAY_PLAIN], -EHOSTUNREACH);
        ck_assert_uint_eq(world->hits[find("127.0.0.1")], 0);
        /* Three connections and two datagrams. */
        ck_assert_uint_eq(world->hits[find("10.9.9.9")], 5);
}

/* Where pasta is missing, slirp4netns does the same for IPv4. */
TEST(egress_without_pasta)
{
        ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
        ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
        hide("/usr/bin/pasta");
        visit(/* allow= */ NULL);
        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                bool reached = places[i].expected == 0 && !strchr(places[i].address, ':');

                ck_assert_msg((world->tcp[i][WAY_PLAIN] == 0) == reached,
                              "TCP to %s: %s",
                              places[i].address,
                              strerror(-world->tcp[i][WAY_PLAIN]));
                ck_assert_msg((world->hits[i] > 0) == reached,
                              "%u came to %s",
                              world->hits[i],
                              places[i].address);
        }
        ck_assert_int_eq(world->dns[0], 0);
}

TEST(egress_without_translator)
{
        _cleanup_fixture_ Fixture fixture = {};
        ContainerExit ended;
        Failure failure = {};

        ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
        ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
        hide("/usr/bin/pasta");
        hide("/usr/bin/slirp4netns");
        fixture_init(&fixture);
        assert_ok(plan_set_network(fixture.plan, /* allow= */ NULL));
        assert_errno(container_run(fixture.plan,
                                   /* lifeline_fd= */ -EBADF,
                                   look_around,
                                   fixture.seen,
                                   &ended,
                                   &failure),
                     -EOPNOTSUPP);
        ck_assert_str_eq(
                        failure.message,
                        "Cannot connect the container to the network: neither pasta (package passt) nor slirp4netns is installed; install one.");
        ck_assert_uint_eq(fixture_settle(&fixture), 0);
}
