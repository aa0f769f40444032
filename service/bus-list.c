/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Arrays of structs: the one loop that fills them. */

#include "service/bus-list.h"

#include "common/cleanup.h"

int bus_list_reply(
                sd_bus_message *m,
                const char *signature,
                const void *items,
                size_t n_items,
                BusListAppend append) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r = sd_bus_message_new_method_return(m, &reply);

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', signature);
        for (size_t i = 0; r >= 0 && i < n_items; i++)
                r = append(reply, items, i);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(sd_bus_message_get_bus(m), reply, /* ret_cookie= */ NULL);
}
