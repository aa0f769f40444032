/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rows and records: read from messages, printed for people and as JSON. */

#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "client/table-out.h"
#include "common/fd.h"

/* A message needs a connection; this one leads nowhere. */
static sd_bus *open_bus(void) {
        sd_bus *bus = NULL;
        int ends[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        assert_ok(sd_bus_new(&bus));
        assert_ok(sd_bus_set_fd(bus, ends[0], ends[0]));
        assert_ok(sd_bus_start(bus));
        (void) close(ends[1]);
        return bus;
}

static sd_bus_message *new_message(sd_bus *bus) {
        sd_bus_message *m = NULL;

        assert_ok(sd_bus_message_new_method_call(bus, &m, "a.b", "/", "a.b", "C"));
        return m;
}

static void seal(sd_bus_message *m) {
        assert_ok(sd_bus_message_seal(m, 1, 0));
        assert_ok(sd_bus_message_rewind(m, true));
}

/* Standard output goes to a file from now on; the test's process ends with it. */
static int catch_output(void) {
        int fd = test_file("", 0);

        ck_assert_int_ge(dup2(fd, STDOUT_FILENO), 0);
        return fd;
}

static void expect_output(int fd, const char *expected) {
        _cleanup_free_ char *text = NULL;
        size_t size;

        ck_assert_int_eq(fflush(stdout), 0);
        assert_ok(fd_pread_all(fd, 10000, &text, &size));
        ck_assert_str_eq(text, expected);
}

static const Column columns[] = {
        { "ID", "id", 'u', COLUMN_PLAIN },
        { NULL, NULL, 'o', COLUMN_PLAIN },
        { "TITLE", "title", 's', COLUMN_PLAIN },
        { "SIZE", "size", 't', COLUMN_SIZE },
        { "DONE", "permille", 'd', COLUMN_PROGRESS },
        { "OLD", "old", 'b', COLUMN_YES },
        { "CREATED", "created", 't', COLUMN_TIME },
};

#define TYPES "(uostdbt)"

static sd_bus_message *new_rows(sd_bus *bus) {
        sd_bus_message *m = new_message(bus);

        ck_assert_int_eq(setenv("TZ", "UTC", 1), 0);
        assert_ok(sd_bus_message_append(
                        m,
                        "a" TYPES,
                        2,
                        7U,
                        "/x",
                        "a \033[31mred\n one",
                        (uint64_t) 5 << 20,
                        0.5,
                        1,
                        (uint64_t) 86400000000,
                        12U,
                        "/y",
                        "gr\xc3\xb6\xc3\x9f\x65",
                        (uint64_t) 7,
                        1.0,
                        0,
                        (uint64_t) 0));
        seal(m);
        return m;
}

TEST(table)
{
        sd_bus *bus = open_bus();
        sd_bus_message *m = new_rows(bus);
        int fd = catch_output();

        assert_ok(table_print(m, columns, ELEMENTSOF(columns), /* as_json= */ false));
        expect_output(fd,
                      "ID  TITLE               SIZE   DONE  OLD  CREATED\n"
                      " 7  a  [31mred  one  5.0 MiB   50 %  yes  1970-01-02 00:00:00\n"
                      "12  gr\xc3\xb6\xc3\x9f\x65                7 B  100 %   no\n");
        sd_bus_message_unref(m);
        sd_bus_unref(bus);
}

TEST(table_as_json)
{
        sd_bus *bus = open_bus();
        sd_bus_message *m = new_rows(bus);
        int fd = catch_output();

        assert_ok(table_print(m, columns, 3, /* as_json= */ true) == -ENXIO ? 0 : -EIO);
        assert_ok(sd_bus_message_rewind(m, true));
        assert_ok(table_print(m, columns, ELEMENTSOF(columns), /* as_json= */ true));
        expect_output(fd,
                      "[\n  {\n    \"id\": 7,\n"
                      "    \"title\": \"a \\u001b[31mred\\n one\",\n    \"size\": 5242880,\n"
                      "    \"permille\": 500,\n    \"old\": true,\n    \"created\": 86400000000\n"
                      "  },\n  {\n    \"id\": 12,\n    \"title\": \"gr\xc3\xb6\xc3\x9f\x65\",\n"
                      "    \"size\": 7,\n    \"permille\": 1000,\n    \"old\": false,\n"
                      "    \"created\": 0\n  }\n]\n");
        sd_bus_message_unref(m);
        sd_bus_unref(bus);
}

TEST(record)
{
        static const Column record[] = {
                { "Id", "id", 'u', COLUMN_PLAIN },
                { "State", "state", 's', COLUMN_PLAIN },
                { "Finished", "finished", 't', COLUMN_TIME },
        };
        Value values[ELEMENTSOF(record)] = {};
        sd_bus *bus = open_bus();
        sd_bus_message *m = new_message(bus);
        int fd = catch_output();

        assert_ok(sd_bus_message_append(
                        m,
                        "a{sv}",
                        3,
                        "Unknown",
                        "as",
                        1,
                        "x",
                        "State",
                        "s",
                        "done",
                        "Id",
                        "u",
                        7U));
        seal(m);
        ck_assert_int_eq(record_read(m, record, ELEMENTSOF(record), values), 2);
        record_print(record, ELEMENTSOF(record), values);
        expect_output(fd, "      Id: 7\n   State: done\n");
        values_clear(values, ELEMENTSOF(values));
        sd_bus_message_unref(m);
        sd_bus_unref(bus);
}

TEST(sizes)
{
        static const struct {
                uint64_t bytes;
                const char *text;
        } table[] = {
                { 0, "0 B" },
                { 1023, "1023 B" },
                { 1024, "1.0 KiB" },
                { 179647283, "171.3 MiB" },
                { UINT64_MAX, "16.0 EiB" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                char text[32];

                format_size(table[i].bytes, text, sizeof(text));
                ck_assert_str_eq(text, table[i].text);
        }
}
