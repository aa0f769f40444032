/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A job's log. The signal Log is taken as news that there is more, never as the text itself: so no
 * line comes twice, and none is missing of those that the signal leaves out. */

#include "client/job-log.h"

#include "client/call.h"

/* Lets no line but our own newlines move a terminal's cursor. */
static void print_text(const char *text, FILE *to) {
        for (; *text; text++)
                if (*text == '\n' || *text == '\t' ||
                    ((unsigned char) *text >= 0x20 && *text != 0x7f))
                        (void) fputc(*text, to);
}

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
                print_text(text, to);
                if (end || next <= *offset)
                        return end != 0;
                *offset = next;
        }
}
