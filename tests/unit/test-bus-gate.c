/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The gate's check of vtables and rows: what would be reachable without a word about who may. */

#include <sys/socket.h>

#include "dbus/names.h"
#include "polkit/authorize.h"
#include "service/artifact-bus.h"
#include "service/bus-gate.h"
#include "service/bus-object.h"
#include "service/job-bus.h"
#include "service/manager.h"
#include "tests/lib/test.h"

static int act(Manager *manager, uint32_t id, sd_bus_message *m, sd_bus_error *reterr_error) {
        (void) manager;
        (void) id;
        (void) m;
        (void) reterr_error;
        return 0;
}

static int whose(Manager *manager, sd_bus_message *m, BusThing *ret, sd_bus_error *reterr_error) {
        (void) manager;
        (void) m;
        (void) ret;
        (void) reterr_error;
        return 0;
}

static int planted_handler(sd_bus_message *m, void *userdata, sd_bus_error *reterr_error) {
        (void) m;
        (void) userdata;
        (void) reterr_error;
        return 0;
}

static int set(sd_bus *bus,
               const char *path,
               const char *interface,
               const char *property,
               sd_bus_message *value,
               void *userdata,
               sd_bus_error *reterr_error) {
        (void) bus;
        (void) path;
        (void) interface;
        (void) property;
        (void) value;
        (void) userdata;
        (void) reterr_error;
        return 0;
}

static const sd_bus_vtable good[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Do", "", "", bus_gate_method, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("Id", "u", NULL, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable two_methods[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Do", "", "", bus_gate_method, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Planted", "", "", bus_gate_method, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable direct[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Do", "", "", planted_handler, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable writable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Do", "", "", bus_gate_method, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_WRITABLE_PROPERTY("Level", "u", NULL, set, 0, 0),
        SD_BUS_VTABLE_END,
};

#define MANAGE AUTHORIZE_ACTION_MANAGE

static const struct {
        const sd_bus_vtable *vtable;
        const char *noun;
        BusMethod rows[2];
        size_t n_rows;
        const char *sentence; /* "": fine */
} cases[] = {
        { good, "job", { { "Do", BUS_ACCESS_OWNER, act, "do", {} } }, 1, "" },
        { good, NULL, { { "Do", BUS_ACCESS_HARMLESS, act, NULL, {} } }, 1, "" },
        { good, NULL, { { "Do", BUS_ACCESS_MANAGER, act, "do", {} } }, 1, "" },
        { good, NULL, { { "Do", BUS_ACCESS_ACTION, act, NULL, { MANAGE } } }, 1, "" },
        { good, NULL, { { "Do", BUS_ACCESS_NAMED, act, "do", {}, whose } }, 1, "" },
        { good,
          NULL,
          { { "Do", BUS_ACCESS_NAMED, act, "do", {}, NULL } },
          1,
          "x.Y.Do does not tell whose it is." },
        { good,
          NULL,
          { { "Do", BUS_ACCESS_NAMED, act, NULL, {}, whose } },
          1,
          "x.Y.Do has no verb for polkit's prompt." },
        { two_methods,
          NULL,
          { { "Do", BUS_ACCESS_HARMLESS, act, NULL, {} } },
          1,
          "x.Y.Planted has no row that says who may call it." },
        { good, NULL, {}, 0, "x.Y.Do has no row that says who may call it." },
        { direct,
          NULL,
          { { "Do", BUS_ACCESS_HARMLESS, act, NULL, {} } },
          1,
          "x.Y.Do has a handler that is not the gate's." },
        { writable,
          NULL,
          { { "Do", BUS_ACCESS_HARMLESS, act, NULL, {} } },
          1,
          "x.Y.Level is a property that can be written." },
        { good,
          NULL,
          { { "Do", BUS_ACCESS_UNSET, act, NULL, {} } },
          1,
          "x.Y.Do does not say who may call it." },
        { good,
          NULL,
          { { "Do", BUS_ACCESS_HARMLESS, NULL, NULL, {} } },
          1,
          "x.Y.Do does not say who may call it." },
        { good,
          NULL,
          { { "Do", BUS_ACCESS_ACTION, act, NULL, {} } },
          1,
          "x.Y.Do names no action of polkit." },
        { good,
          "job",
          { { "Do", BUS_ACCESS_OWNER, act, NULL, {} } },
          1,
          "x.Y.Do has no verb for polkit's prompt." },
        { good,
          NULL,
          { { "Do", BUS_ACCESS_OWNER, act, "do", {} } },
          1,
          "x.Y.Do has no object that could be owned." },
        { good,
          NULL,
          { { "Do", BUS_ACCESS_HARMLESS, act, NULL, {} },
            { "Do", BUS_ACCESS_HARMLESS, act, NULL, {} } },
          2,
          "x.Y.Do has two rows." },
        { good,
          NULL,
          { { "Do", BUS_ACCESS_HARMLESS, act, NULL, {} },
            { "Gone", BUS_ACCESS_HARMLESS, act, NULL, {} } },
          2,
          "x.Y.Gone has a row but is no method." },
};

TEST_ROWS(a_method_needs_its_row, ELEMENTSOF(cases)) {
        const BusInterface interface = {
                .name = "x.Y",
                .path = "/x",
                .noun = cases[_i].noun,
                .vtable = cases[_i].vtable,
                .methods = cases[_i].rows,
                .n_methods = cases[_i].n_rows,
        };
        Failure failure = {};
        int r = bus_gate_check(&interface, &failure);

        ck_assert_int_eq(r, *cases[_i].sentence ? -EINVAL : 0);
        ck_assert_str_eq(failure.message, cases[_i].sentence);
        if (!*cases[_i].sentence)
                return;
        /* Nor is it registered: the manager has no bus that would be asked. */
        failure = (Failure){};
        assert_errno(bus_object_register(&(Manager){}, &interface, &failure), -EINVAL);
        ck_assert_str_eq(failure.message, cases[_i].sentence);
}

/* A bus that nobody is at the other end of; messages need one to belong to. */
static sd_bus *bus_new(void) {
        sd_bus *bus = NULL;
        int fds[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        assert_ok(sd_bus_new(&bus));
        assert_ok(sd_bus_set_fd(bus, fds[0], fds[0]));
        assert_ok(sd_bus_start(bus));
        return bus;
}

static const struct {
        const char *interface;
        const char *member;
        const char *action;
        bool allowed;
} asked[] = {
        { "x.Y", "Do", "x.y.do", true },     { "x.Y", "Do", "x.y.also", true },
        { "x.Y", "Do", "x.y.other", false }, { "x.Y", "Do", "x.y", false },
        { "x.Y", "Else", "x.y.do", false },  { "x.Z", "Do", "x.y.do", false },
};

/* An action that the row does not name is never asked about, whatever a handler wants. */
TEST_ROWS(a_method_asks_for_its_own_actions, ELEMENTSOF(asked)) {
        static const BusMethod row = { "Do",
                                       BUS_ACCESS_ACTION,
                                       act,
                                       NULL,
                                       { "x.y.do", "x.y.also" } };
        static const BusInterface interface = {
                .name = "x.Y",
                .path = "/x",
                .vtable = good,
                .methods = &row,
                .n_methods = 1,
        };
        const BusInterface *const interfaces[] = { &interface, NULL };
        const Manager manager = { .interfaces = interfaces };
        _cleanup_(sd_bus_unrefp) sd_bus *bus = bus_new();
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        assert_ok(sd_bus_message_new_method_call(
                        bus,
                        &m,
                        "x.Y",
                        "/x",
                        asked[_i].interface,
                        asked[_i].member));
        ck_assert(bus_gate_allows_action(&manager, m, asked[_i].action) == asked[_i].allowed);
}

TEST(our_own_interfaces_are_whole)
{
        Failure failure = {};

        assert_ok(bus_gate_check(&job_bus_interface, &failure));
        assert_ok(bus_gate_check(&artifact_bus_interface, &failure));
}
