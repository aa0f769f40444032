/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Calls every method that the service has, and some that it has not, with arguments of the right
 * types, of wrong ones, and with descriptors of every kind:
 *
 *     bus-fuzzer UID SEED COUNT
 *
 * Many calls are under way at a time. Prints figures; ends with a status that is not 0
 * when a call got no answer, or one that no proper service gives.
 */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-bus.h>

#include "common/cleanup.h"
#include "common/strings.h"
#include "tests/bus/introspection.h"

#define SERVICE         "org.pxed1"
#define ROOT            "/org/pxed1"
#define METHODS_MAX     400
#define ASK_EVERY       400 /* calls, after which is asked anew what there is */
#define UNDER_WAY_MAX   16
#define HUGE_BYTES      (300U * 1024U)
#define DEPTH_MAX       12
#define ATTEMPTS_MAX    100u
#define CALL_USEC       (UINT64_C(180) * 1000000)
#define SIGNATURE_MAX   32
#define ERRORS_MAX      40
#define DESCRIPTORS_MAX 16 /* that the bus lets pass in a message */

typedef struct Fuzzer {
        sd_bus *bus;
        Methods methods;
        uint64_t state; /* of the generator */
        unsigned under_way;
        unsigned descriptors; /* in the message that is being made */
        bool means_well;      /* the message that is being made could be meant so */
        uint64_t sent, unsent, answered, refused;
        uint64_t slowest_usec;
        struct {
                char name[80];
                uint64_t n;
        } errors[ERRORS_MAX];
        int findings;
} Fuzzer;

typedef struct Call {
        Fuzzer *fuzzer;
        uint64_t begin_usec;
        char what[200];
} Call;

static uint64_t now_usec(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

static void finding(Fuzzer *f, const char *what, const char *why) {
        fprintf(stderr, "finding: %s: %s\n", what, why);
        f->findings++;
}

/* ---- chance ---- */

static uint64_t chance(Fuzzer *f, uint64_t n) {
        f->state ^= f->state << 13;
        f->state ^= f->state >> 7;
        f->state ^= f->state << 17;
        return (f->state >> 11) % n;
}

#define PICK(f, list) ((list)[chance((f), ELEMENTSOF(list))])

/* ---- values ---- */

/* What the service and its pretended worker know, and what no one should. */
static const char *const texts[] = {
        "ok",
        "ok",
        "error",
        "warning",
        "network",
        "crash",
        "fail",
        "garbage",
        "no-manifest",
        "bad-manifest",
        "base.img",
        "base.img",
        "link.img",
        "lab",
        "iso",
        "pxe",
        "zstd",
        "xz",
        "LIVE",
        "a.iso",
        "image.iso",
        "manifest.json",
        "../record.json",
        "/etc/passwd",
        "",
        "%s%n%d",
        "\n",
        "a\033[31mb",
        "\xc2\x9b",
        "\xf0\x9f\x92\xbf",
        "iso: {}",
        "{",
        "- - - -",
        "org.pxed1.Job",
        "org.pxed1.Manager",
        "org.pxed1.Artifact",
        "State",
        "Progress",
        "Manifest",
        "Version",
        "*",
        "18446744073709551616",
        "-1",
        "hidden/../base.img",
};
/* What may well be meant. */
static const char *const good_texts[] = {
        "ok",      "ok",        "ok",
        "warning", "crash",     "fail",
        "lab",     "image.iso", "url=http://192.0.2.1/image.iso",
};
static const struct {
        const char *key;
        const char *type;
        const char *good; /* of texts */
} option_keys[] = {
        { "format", "s", "iso" },
        { "pxe-artifacts", "b", NULL },
        { "volume-id", "s", "LIVE" },
        { "iso-name", "s", "live.iso" },
        { "compressor", "s", "xz" },
        { "compression-level", "u", NULL },
        { "source-date-epoch", "u", NULL },
        { "title", "s", "A title" },
        { "cookie", "s", "a cookie" },
        { "nonsense", "v", NULL },
        { "", "s", "" },
};
#define GOOD_OPTIONS 9 /* so many of them are the service's */
static const char *const paths[] = {
        "/",
        ROOT,
        ROOT "/job/_1",
        ROOT "/artifact/_1",
        ROOT "/job/_0",
        ROOT "/job/_4294967296",
        ROOT "/job/_01",
        ROOT "/job",
        ROOT "/artifact/_99999",
        "/a/b",
        ROOT "/job/_1/x",
};
static const char *const signatures[] = {
        "",          "s",       "ss",     "u",  "h",  "hh",        "v",        "a{sv}",
        "ssa{sv}",   "hha{sv}", "sa{sv}", "tu", "as", "a(ss)",     "av",       "aav",
        "(s(s(s)))", "ay",      "o",      "g",  "d",  "bynqiuxtd", "a{s(vv)}", "hhhhhhhhhh",
};
static const char *const value_types[] = {
        "s", "s", "s", "b", "u", "t", "i", "d", "o", "g", "y", "h", "v", "as", "a{sv}", "(sv)",
};
static const uint64_t numbers[] = {
        0,          1,
        2,          3,
        7,          22,
        127,        128,
        255,        1000,
        65535,      INT32_MAX,
        UINT32_MAX, INT64_MAX,
        UINT64_MAX, UINT64_C(0x7ff8000000000000), /* a double that is no number */
};

static char *random_bytes(Fuzzer *f, size_t n) {
        char *s = malloc(n + 1);

        for (size_t i = 0; s && i < n; i++)
                s[i] = (char) (1 + chance(f, 127));
        if (s)
                s[n] = '\0';
        return s;
}

static char *random_text(Fuzzer *f) {
        if (f->means_well)
                return strdup(chance(f, 2) ? "base.img" : PICK(f, good_texts));
        switch (chance(f, 24)) {
        case 0:
                return random_bytes(f, HUGE_BYTES);
        case 1:
        case 2:
                return random_bytes(f, chance(f, 300));
        case 3:
                return str_printf("%s %s", PICK(f, texts), PICK(f, texts));
        case 4:
        case 5:
                return strdup(PICK(f, option_keys).key);
        default:
                return strdup(PICK(f, texts));
        }
}

static int file_with(Fuzzer *f, const char *text) {
        int fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);

        if (fd < 0 || write(fd, text, strlen(text)) < 0)
                return fd;
        if (chance(f, 2))
                (void) fcntl(fd, F_ADD_SEALS, (int) chance(f, 16));
        return fd;
}

static int socket_end(void) {
        int fds[2];

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        (void) close(fds[0]);
        return fds[1];
}

static int pipe_end(Fuzzer *f) {
        size_t end = chance(f, 2);
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        (void) close(fds[!end]);
        return fds[end];
}

static int random_descriptor(Fuzzer *f) {
        static const struct {
                const char *path;
                int flags;
        } files[] = {
                { "/dev/null", O_RDWR },
                { "/dev/zero", O_RDONLY },
                { "/", O_RDONLY },
                { "/etc/passwd", O_RDONLY },
                { "/etc/passwd", O_PATH },
                { "/", O_PATH },
                { "/proc/self/maps", O_RDONLY },
                { "/tmp", O_RDWR | O_TMPFILE },
                { "/proc/version", O_RDONLY },
                { "/dev/full", O_WRONLY },
        };
        _cleanup_free_ char *text = NULL;
        size_t i;

        switch (chance(f, 4)) {
        case 0:
                i = chance(f, ELEMENTSOF(files));
                return open(files[i].path, files[i].flags | O_CLOEXEC | O_NONBLOCK, 0600);
        case 1:
                return chance(f, 2) ? pipe_end(f) : socket_end();
        default:
                text = random_text(f);
                return text ? file_with(f, text) : -ENOMEM;
        }
}

/* ---- messages ---- */

static int append_type(Fuzzer *f, sd_bus_message *m, const char *type, size_t n, unsigned depth);

/* The size of the complete type at the start. */
static size_t type_size(const char *s) {
        size_t n = strspn(s, "a"), depth = 0;

        do {
                depth += s[n] == '(' || s[n] == '{';
                depth -= s[n] == ')' || s[n] == '}';
                n++;
        } while (depth > 0);
        return n;
}

static int append_all(Fuzzer *f, sd_bus_message *m, const char *signature, unsigned depth) {
        int r = 0;

        for (size_t n; r >= 0 && *signature; signature += n) {
                n = type_size(signature);
                r = append_type(f, m, signature, n, depth);
        }
        return r;
}

static int append_number(Fuzzer *f, sd_bus_message *m, char type) {
        uint64_t number = chance(f, 3) ? PICK(f, numbers) : chance(f, UINT64_MAX);
        int flag = (int) (number & 1);

        /* Little-endian: a smaller type is the number's beginning. */
        return sd_bus_message_append_basic(m, type, type == 'b' ? (void *) &flag : &number);
}

static int append_text(Fuzzer *f, sd_bus_message *m, char type) {
        _cleanup_free_ char *text = random_text(f);

        if (type == 'o')
                return sd_bus_message_append_basic(m, type, PICK(f, paths));
        if (type == 'g')
                return sd_bus_message_append_basic(m, type, PICK(f, signatures));
        if (!text || !str_is_utf8(text))
                return -ENOMEM;
        return sd_bus_message_append_basic(m, type, text);
}

static int append_descriptor(Fuzzer *f, sd_bus_message *m) {
        _cleanup_close_ int fd = random_descriptor(f);

        if (fd < 0 || f->descriptors++ >= DESCRIPTORS_MAX)
                return -EBADF;
        return sd_bus_message_append_basic(m, 'h', &fd);
}

/* An option with its value, of the right type now and then. */
static int append_option(Fuzzer *f, sd_bus_message *m, unsigned depth) {
        size_t i = chance(f, f->means_well ? GOOD_OPTIONS : ELEMENTSOF(option_keys));
        bool is_right = f->means_well || chance(f, 4);
        const char *type = is_right ? option_keys[i].type : PICK(f, value_types);
        int r = sd_bus_message_open_container(m, 'e', "sv");

        if (r >= 0)
                r = sd_bus_message_append_basic(m, 's', option_keys[i].key);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', type);
        if (r >= 0 && f->means_well && option_keys[i].good)
                r = sd_bus_message_append_basic(m, 's', option_keys[i].good);
        else if (r >= 0)
                r = append_all(f, m, type, depth + 1);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static uint64_t array_length(Fuzzer *f, unsigned depth) {
        if (depth > DEPTH_MAX)
                return 0;
        if (f->means_well)
                return chance(f, 3);
        return chance(f, 20) ? chance(f, 4) : chance(f, 300);
}

static int append_array(Fuzzer *f, sd_bus_message *m, const char *element, unsigned depth) {
        uint64_t n = array_length(f, depth);
        int r = sd_bus_message_open_container(m, 'a', element);

        for (uint64_t i = 0; r >= 0 && i < n; i++)
                r = strcmp(element, "{sv}") == 0 ? append_option(f, m, depth + 1)
                                                 : append_all(f, m, element, depth + 1);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_container(
                Fuzzer *f,
                sd_bus_message *m,
                char type,
                const char *contents,
                unsigned depth) {
        int r = sd_bus_message_open_container(m, type, contents);

        if (r >= 0)
                r = append_all(f, m, contents, depth + 1);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_type(Fuzzer *f, sd_bus_message *m, const char *type, size_t n, unsigned depth) {
        char contents[SIGNATURE_MAX] = "";

        if (n > sizeof(contents))
                return -E2BIG;
        switch (*type) {
        case 'h':
                return append_descriptor(f, m);
        case 's':
        case 'o':
        case 'g':
                return append_text(f, m, *type);
        case 'v':
                return append_container(
                                f,
                                m,
                                'v',
                                depth > DEPTH_MAX ? "u" : PICK(f, value_types),
                                depth);
        case 'a':
                memcpy(contents, type + 1, n - 1);
                return append_array(f, m, contents, depth);
        case '(':
        case '{':
                memcpy(contents, type + 1, n - 2);
                return append_container(f, m, *type == '(' ? 'r' : 'e', contents, depth);
        default:
                return append_number(f, m, *type);
        }
}

/* ---- calls ---- */

/* What says that there is no service any more, or one that does not do what it should. */
static bool is_bad_answer(const char *name) {
        static const char *const bad[] = {
                SD_BUS_ERROR_NO_REPLY,          SD_BUS_ERROR_SERVICE_UNKNOWN,
                SD_BUS_ERROR_NAME_HAS_NO_OWNER, SD_BUS_ERROR_DISCONNECTED,
                SD_BUS_ERROR_TIMEOUT,           SD_BUS_ERROR_INCONSISTENT_MESSAGE,
                "System.Error.ENOTRECOVERABLE",
        };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (strcmp(bad[i], name) == 0)
                        return true;
        return str_after_prefix(name, "org.freedesktop.DBus.Error.Spawn") != NULL;
}

static void count_error(Fuzzer *f, const char *name) {
        for (size_t i = 0; i < ERRORS_MAX; i++) {
                if (*f->errors[i].name && strcmp(f->errors[i].name, name) != 0)
                        continue;
                (void) snprintf(f->errors[i].name, sizeof(f->errors[i].name), "%s", name);
                f->errors[i].n++;
                return;
        }
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error _unused_) {
        Call *call = userdata;
        Fuzzer *f = call->fuzzer;
        const sd_bus_error *error = sd_bus_message_get_error(m);
        uint64_t usec = now_usec() - call->begin_usec;

        f->under_way--;
        f->answered++;
        if (usec > f->slowest_usec)
                f->slowest_usec = usec;
        if (error) {
                f->refused++;
                count_error(f, error->name);
                if (is_bad_answer(error->name))
                        finding(f, call->what, error->name);
                if (str_is_empty(error->message))
                        finding(f, call->what, "an error without a sentence");
        }
        return 0;
}

static void free_call(void *userdata) {
        free(userdata);
}

/* The service's own methods more often than those that sd-bus answers. */
static const Method *pick_method(Fuzzer *f) {
        const Method *method;

        for (unsigned i = 0; i < 3; i++) {
                method = &f->methods.items[chance(f, f->methods.n_items)];
                if (str_after_prefix(method->interface, SERVICE))
                        break;
        }
        return method;
}

static int new_call(Fuzzer *f, sd_bus_message **ret, char *ret_what, size_t size) {
        const Method *method = pick_method(f), *other = pick_method(f);
        const char *path = chance(f, 12) ? method->path : PICK(f, paths);
        const char *interface = chance(f, 20) ? method->interface : other->interface;
        const char *name = chance(f, 20) ? method->name : other->name;
        const char *signature = chance(f, 4) ? method->signature : PICK(f, signatures);
        int r;

        f->means_well = signature == method->signature && chance(f, 2);
        f->descriptors = 0;
        (void) snprintf(ret_what, size, "%s %s.%s(%s)", path, interface, name, signature);
        r = sd_bus_message_new_method_call(f->bus, ret, SERVICE, path, interface, name);
        if (r >= 0)
                r = append_all(f, *ret, signature, 0);
        if (r >= 0 && chance(f, 10) == 0)
                r = sd_bus_message_set_allow_interactive_authorization(*ret, 1);
        return r;
}

/* One call, or nothing when the message cannot be. */
static int send_call(Fuzzer *f) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_free_ Call *call = calloc(1, sizeof(Call));
        sd_bus_slot *slot = NULL;
        int r;

        if (!call)
                return -ENOMEM;
        r = new_call(f, &m, call->what, sizeof(call->what));
        if (r < 0) {
                f->unsent++;
                return 0;
        }
        f->sent++;
        if (chance(f, 16) == 0)
                return sd_bus_send(f->bus, m, NULL);
        call->fuzzer = f;
        call->begin_usec = now_usec();
        r = sd_bus_call_async(f->bus, &slot, m, on_answer, call, CALL_USEC);
        if (r < 0)
                return r;
        (void) sd_bus_slot_set_destroy_callback(slot, free_call);
        (void) sd_bus_slot_set_floating(slot, 1);
        sd_bus_slot_unref(slot);
        call = NULL;
        f->under_way++;
        return 0;
}

/* Answers are taken until so few calls are under way. */
static int settle(Fuzzer *f, unsigned most) {
        while (f->under_way > most) {
                int r = sd_bus_process(f->bus, NULL);

                if (r == 0)
                        r = sd_bus_wait(f->bus, CALL_USEC);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Who has much unread, or has called too often, is refused for a while: then this asks once more, and in the end
 * what was seen before has to do. */
static int look_again(Fuzzer *f) {
        int r = settle(f, 0);

        for (unsigned attempt = 0; r >= 0 && attempt < ATTEMPTS_MAX; attempt++) {
                Methods seen = {};

                r = methods_read(f->bus, SERVICE, ROOT, METHODS_MAX, &seen);
                if (r >= 0) {
                        methods_done(&f->methods);
                        f->methods = seen;
                        return 0;
                }
                methods_done(&seen);
                if (r == -ENOBUFS)
                        r = 0;
        }
        return r;
}

static int run(Fuzzer *f, uint64_t count) {
        int r = 0;

        for (uint64_t i = 0; r >= 0 && i < count; i++) {
                if (i % ASK_EVERY == 0)
                        r = look_again(f);
                if (r >= 0 && f->methods.n_items == 0)
                        r = -ENODATA;
                if (r >= 0)
                        r = send_call(f);
                if (r >= 0)
                        r = settle(f, UNDER_WAY_MAX);
        }
        return r < 0 ? r : settle(f, 0);
}

static int become(uid_t uid) {
        if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
                return -errno;
        return 0;
}

static void print_figures(const Fuzzer *f, uint64_t uid) {
        printf("uid %" PRIu64 ": %" PRIu64 " sent, %" PRIu64 " answered, %" PRIu64
               " of them with an error, %" PRIu64 " not possible, slowest %" PRIu64
               " ms, %d findings\n",
               uid,
               f->sent,
               f->answered,
               f->refused,
               f->unsent,
               f->slowest_usec / 1000,
               f->findings);
        for (size_t i = 0; i < ERRORS_MAX && *f->errors[i].name; i++)
                printf("  %6" PRIu64 " %s\n", f->errors[i].n, f->errors[i].name);
}

int main(int argc, char **argv) {
        uint64_t uid, seed, count;
        Fuzzer f = {};
        int r;

        if (argc != 4 || str_to_u64(argv[1], UINT32_MAX, &uid) < 0 ||
            str_to_u64(argv[2], UINT32_MAX, &seed) < 0 ||
            str_to_u64(argv[3], UINT32_MAX, &count) < 0) {
                fprintf(stderr, "Usage: bus-fuzzer UID SEED COUNT\n");
                return 2;
        }
        f.state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) + uid;
        r = uid == 0 ? 0 : become((uid_t) uid);
        if (r >= 0)
                r = sd_bus_open_system(&f.bus);
        if (r >= 0)
                r = sd_bus_set_method_call_timeout(f.bus, CALL_USEC);
        if (r >= 0)
                r = run(&f, count);
        if (r < 0)
                finding(&f, "the fuzzer", strerror(-r));
        print_figures(&f, uid);
        methods_done(&f.methods);
        sd_bus_flush_close_unref(f.bus);
        return f.findings > 0;
}
