/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lists of the manager's. Only those of all users need an authorization. */

#include "client/list.h"

#include "client/call.h"
#include "dbus/names.h"

const Option list_options[] = {
        OPTION_JSON(ListArguments),
        {},
};

/* clang-format off */
const Option list_all_options[] = {
        { "all", 'a', OPTION_FLAG, NULL, offsetof(ListArguments, all),
          "Those of all users, if you may manage them" },
        OPTION_JSON(ListArguments),
        OPTION_NO_ASK_PASSWORD(ListArguments),
        {},
};
/* clang-format on */

int list_print(const ListArguments *arguments,
               const char *method,
               const Column *columns,
               size_t n_columns,
               Failure *reterr) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = call_connect(
                        arguments->all ? call_password(arguments->no_ask_password)
                                       : CALL_NO_PASSWORD,
                        &bus,
                        reterr);
        if (r >= 0)
                r = call_method(bus, BUS_PATH, method, &reply, reterr, "");
        if (r < 0)
                return r;
        r = table_print(reply, columns, n_columns, arguments->json);
        return r < 0 ? call_garbled(r, reterr) : 0;
}
