/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Messages out of bytes. Each value takes what it needs; where there are no bytes left it is zero. */

#include "tests/fuzz/message.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#define DEPTH_MAX 8

/* What a variant holds; and what stands in place of the expected, when the bytes want it. */
static const char *const signatures[] = {
        "s", "u", "b", "t",    "o",     "d",     "y",       "x",     "as",
        "v", "i", "g", "(ss)", "a{sv}", "a(ss)", "a(stsu)", "a(st)", "av",
};

typedef struct Bytes {
        const uint8_t **data;
        size_t *size;
} Bytes;

/* A bus that nobody is at the other end of; messages need one to belong to. */
static sd_bus *nobodys_bus(void) {
        static sd_bus *bus;
        int fds[2];

        if (bus)
                return bus;
        fuzz_check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
        fuzz_check(sd_bus_new(&bus) >= 0);
        fuzz_check(sd_bus_set_fd(bus, fds[0], fds[0]) >= 0);
        fuzz_check(sd_bus_start(bus) >= 0);
        return bus;
}

static uint64_t take_number(Bytes bytes, size_t n) {
        uint64_t number = 0;

        while (n-- > 0)
                number = number << 8 | fuzz_take_byte(bytes.data, bytes.size);
        return number;
}

/* A string, a path, a signature: what the bytes say, if it is one. */
static int append_text(sd_bus_message *m, char type, Bytes bytes) {
        size_t n = fuzz_take_byte(bytes.data, bytes.size);
        char *text;
        int r;

        if (n == 255)
                n = 2048;
        if (n > *bytes.size)
                n = *bytes.size;
        text = fuzz_string(*bytes.data, n);
        *bytes.data += n;
        *bytes.size -= n;
        r = sd_bus_message_append_basic(m, type, text);
        free(text);
        if (r < 0)
                r = sd_bus_message_append_basic(m, type, type == 'o' ? "/" : "");
        return r;
}

static int append_basic(sd_bus_message *m, char type, Bytes bytes) {
        union {
                uint8_t y;
                int b;
                uint16_t q;
                uint32_t u;
                uint64_t t;
                double d;
        } value = {};

        switch (type) {
        case 's':
        case 'o':
        case 'g':
                return append_text(m, type, bytes);
        case 'y':
                value.y = (uint8_t) take_number(bytes, 1);
                break;
        case 'b':
                value.b = (int) take_number(bytes, 1) & 1;
                break;
        case 'n':
        case 'q':
                value.q = (uint16_t) take_number(bytes, 2);
                break;
        case 'i':
        case 'u':
                value.u = (uint32_t) take_number(bytes, 4);
                break;
        default:
                value.t = take_number(bytes, 8);
                break;
        }
        return sd_bus_message_append_basic(m, type, &value);
}

/* The size of the complete type at the start. */
static size_t type_size(const char *s) {
        size_t n = 0, depth = 0;

        while (s[n] == 'a')
                n++;
        do {
                depth += s[n] == '(' || s[n] == '{';
                depth -= s[n] == ')' || s[n] == '}';
                n++;
        } while (depth > 0);
        return n;
}

static int append_all(sd_bus_message *m, const char *signature, unsigned depth, Bytes bytes);

static int append_container(
                sd_bus_message *m,
                char type,
                const char *contents,
                unsigned n,
                unsigned depth,
                Bytes bytes) {
        int r = sd_bus_message_open_container(m, type, contents);

        for (unsigned i = 0; r >= 0 && i < n; i++)
                r = append_all(m, contents, depth + 1, bytes);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_one(sd_bus_message *m, const char *type, size_t n, unsigned depth, Bytes bytes) {
        char contents[64] = "";
        unsigned count = 1;

        if (n == 1 && *type != 'v')
                return append_basic(m, *type, bytes);
        fuzz_check(n < sizeof(contents));
        if (*type == 'v') {
                size_t i = fuzz_take_byte(bytes.data, bytes.size) %
                           (depth < DEPTH_MAX ? ELEMENTSOF(signatures) : 5);

                return append_container(m, 'v', signatures[i], 1, depth, bytes);
        }
        if (*type == 'a') {
                count = fuzz_take_byte(bytes.data, bytes.size) & 7;
                memcpy(contents, type + 1, n - 1);
                return append_container(m, 'a', contents, count, depth, bytes);
        }
        memcpy(contents, type + 1, n - 2);
        return append_container(m, *type == '(' ? 'r' : 'e', contents, 1, depth, bytes);
}

static int append_all(sd_bus_message *m, const char *signature, unsigned depth, Bytes bytes) {
        int r = 0;

        for (size_t n; r >= 0 && *signature; signature += n) {
                n = type_size(signature);
                r = append_one(m, signature, n, depth, bytes);
        }
        return r;
}

sd_bus_message *fuzz_take_message(const uint8_t **data, size_t *size, const char *signature) {
        const Bytes bytes = { data, size };
        sd_bus_message *m = NULL;
        uint8_t choice = fuzz_take_byte(data, size);

        if (choice >= 240)
                signature = signatures[choice % ELEMENTSOF(signatures)];
        fuzz_check(sd_bus_message_new_method_call(nobodys_bus(), &m, "a.b", "/a", "a.b", "C") >= 0);
        fuzz_check(append_all(m, signature, 0, bytes) >= 0);
        fuzz_check(sd_bus_message_seal(m, 1, 0) >= 0);
        fuzz_check(sd_bus_message_rewind(m, 1) >= 0);
        return m;
}
