/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Introspection data as sd-bus writes it: one element to a line, attributes in double quotes. No
 * general reader of XML; what it does not understand is not called.
 */

#include "tests/bus/introspection.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/strings.h"

/* The attribute's value in a line, NULL when it has none. Caller frees. */
static char *attribute(const char *line, const char *name) {
        _cleanup_free_ char *lead = str_printf(" %s=\"", name);
        const char *value = lead ? strstr(line, lead) : NULL;

        if (!value)
                return NULL;
        value += strlen(lead);
        return strndup(value, strcspn(value, "\""));
}

static int add_method(Methods *methods, const char *path, const char *interface, char *take_name) {
        Method *items = reallocarray(methods->items, methods->n_items + 1, sizeof(Method));

        if (!items)
                return -ENOMEM;
        methods->items = items;
        items[methods->n_items++] = (Method){
                .path = strdup(path),
                .interface = strdup(interface),
                .name = take_name,
                .signature = strdup(""),
        };
        return 0;
}

/* An argument that goes in belongs to the newest method. */
static int add_argument(Methods *methods, const char *line) {
        _cleanup_free_ char *type = attribute(line, "type"), *before = NULL;
        Method *method = &methods->items[methods->n_items - 1];

        if (!type || !strstr(line, "direction=\"in\""))
                return 0;
        before = method->signature;
        method->signature = str_printf("%s%s", before, type);
        return method->signature ? 0 : -ENOMEM;
}

static int read_node(Methods *methods, const char *path, char *xml, char ***nodes) {
        _cleanup_free_ char *interface = NULL;
        bool in_method = false;
        int r = 0;

        for (char *line = strsep(&xml, "\n"); line && r >= 0; line = strsep(&xml, "\n")) {
                if (strstr(line, "<interface ")) {
                        free(interface);
                        interface = attribute(line, "name");
                } else if (strstr(line, "<method ") && interface) {
                        in_method = !strstr(line, "/>");
                        r = add_method(methods, path, interface, attribute(line, "name"));
                } else if (strstr(line, "</method>"))
                        in_method = false;
                else if (strstr(line, "<arg ") && in_method)
                        r = add_argument(methods, line);
                else if (strstr(line, "<node ") && strstr(line, "/>"))
                        r = strv_append_take(nodes, attribute(line, "name"));
        }
        return r;
}

int methods_read(sd_bus *bus, const char *service, const char *path, size_t max, Methods *methods) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_strv_ char **nodes = NULL;
        _cleanup_free_ char *xml = NULL;
        const char *text;
        int r = sd_bus_call_method(
                        bus,
                        service,
                        path,
                        "org.freedesktop.DBus.Introspectable",
                        "Introspect",
                        NULL,
                        &reply,
                        "");

        if (r < 0)
                return r == -EBADR || r == -ENOENT ? 0 : r;
        r = sd_bus_message_read(reply, "s", &text);
        if (r < 0)
                return r;
        xml = strdup(text);
        r = xml ? read_node(methods, path, xml, &nodes) : -ENOMEM;
        STRV_FOREACH(node, nodes) {
                _cleanup_free_ char *below = str_printf("%s/%s", path, *node);

                if (r >= 0 && methods->n_items < max)
                        r = methods_read(bus, service, below, max, methods);
        }
        return r;
}

void methods_done(Methods *methods) {
        for (size_t i = 0; i < methods->n_items; i++) {
                free(methods->items[i].path);
                free(methods->items[i].interface);
                free(methods->items[i].name);
                free(methods->items[i].signature);
        }
        free(methods->items);
        *methods = (Methods){};
}
