/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "liveos/capability-text.h"
#include "tests/lib/test.h"

#define BYTES(...) (const unsigned char[]){ __VA_ARGS__ }, sizeof((unsigned char[]){ __VA_ARGS__ })

/* clang-format off */
static const struct {
        const char *name;
        const unsigned char *value;
        size_t size;
        int result;
        const char *text;
} rows[] = {
        { "ping: cap_net_raw=ep", BYTES(1,0,0,2, 0,0x20,0,0, 0,0,0,0, 0,0,0,0, 0,0,0,0), 0, "13=ep" },
        { "two, without effective", BYTES(0,0,0,2, 0,0x30,0,0, 0,0,0,0, 0,0,0,0, 0,0,0,0), 0, "12,13=p" },
        { "inheritable alone", BYTES(0,0,0,2, 0,0,0,0, 1,0,0,0, 0,0,0,0, 0,0,0,0), 0, "0=i" },
        { "both and each alone", BYTES(1,0,0,2, 3,0,0,0, 6,0,0,0, 0,0,0,0, 0,0,0,0), 0, "1=eip 0=ep 2=ei" },
        { "above 31", BYTES(1,0,0,2, 0,0,0,0, 0,0,0,0, 0x80,0,0,0, 0,0,0,0), 0, "39=ep" },
        { "revision 1", BYTES(1,0,0,1, 0,0x20,0,0, 0,0,0,0), 0, "13=ep" },
        { "revision 3 with a root id", BYTES(1,0,0,3, 0,0x20,0,0, 0,0,0,0, 0,0,0,0, 0,0,0,0, 0,0,0,0), 0, "13=ep" },
        { "empty set", BYTES(1,0,0,2, 0,0,0,0, 0,0,0,0, 0,0,0,0, 0,0,0,0), 0, "" },
        { "cut short", BYTES(1,0,0,2, 0,0x20,0,0), -EBADMSG, NULL },
        { "too long for its revision", BYTES(1,0,0,1, 0,0x20,0,0, 0,0,0,0, 0,0,0,0), -EBADMSG, NULL },
        { "unknown revision", BYTES(1,0,0,9, 0,0x20,0,0, 0,0,0,0, 0,0,0,0, 0,0,0,0), -EBADMSG, NULL },
        { "three bytes", BYTES(1,0,0), -EBADMSG, NULL },
};
/* clang-format on */

TEST_ROWS(capability_to_text, ELEMENTSOF(rows)) {
        _cleanup_free_ char *text = NULL;

        assert_errno(capability_to_text(rows[_i].value, rows[_i].size, &text), rows[_i].result);
        ck_assert_msg(rows[_i].text == NULL ? text == NULL : strcmp(text, rows[_i].text) == 0,
                      "%s: %s",
                      rows[_i].name,
                      text);
}
