/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A job's log. The signal Log is taken as news that there is more, never as the text itself: so no
 * line comes twice, and none is missing of those that the signal leaves out. */

#include "client/job-log.h"

#include "client/call.h"
#include "client/print.h"

int job_log_print(sd_bus *bus, const char *path, uint64_t *offset, FILE *to, Failure *reterr) {
        for (;;) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
                const char *text;
                uint64_t next;
                int end, r;

                r = call_method(bus, path, "GetLog", &reply, reterr, "tu", *offset, 0U);
                if (r < 0)
                        return r;
                r = sd_bus_message_read(reply, "stb", &text, &next, &end);
                if (r < 0)
                        return call_garbled(r, reterr);
                print_lines(to, text);
                if (end || next <= *offset)
                        return end != 0;
                *offset = next;
        }
}
