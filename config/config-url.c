/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * URLs, by the grammar of RFC 3986 without what a kernel command line or a boot menu could stumble
 * over: what is refused here need not be quoted there.
 */

#include "config/config-url.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/strings.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

static bool consists_of(const char *s, const char *characters) {
        return s[strspn(s, characters)] == '\0';
}

static const char *const schemes[] = { "ftp://", "http://", "https://", "nfs://", "tftp://" };

/* What follows the scheme; NULL for another scheme. */
static const char *after_scheme(const char *url) {
        for (size_t i = 0; i < ELEMENTSOF(schemes); i++) {
                const char *rest = str_after_prefix(url, schemes[i]);

                if (rest)
                        return rest;
        }
        return NULL;
}

static bool is_port(const char *s) {
        uint64_t port;

        return str_to_u64(s, 65535, &port) >= 0 && port > 0;
}

/* "user@host:port", of which only the host is a must. */
static bool is_authority(char *authority) {
        char *at = strrchr(authority, '@'), *host = at ? at + 1 : authority, *end;

        if (host[0] == '[') {
                end = strchr(host, ']');
                if (!end || end == host + 1)
                        return false;
                *end++ = '\0';
                if (!consists_of(host + 1, DIGITS "abcdefABCDEF:."))
                        return false;
                return *end == '\0' || (*end == ':' && is_port(end + 1));
        }
        end = strchr(host, ':');
        if (end)
                *end = '\0';
        if (host[0] == '\0' || !consists_of(host, LETTERS DIGITS "-._~"))
                return false;
        return !end || is_port(end + 1);
}

static bool has_bad_escape(const char *url) {
        for (const char *s = strchr(url, '%'); s; s = strchr(s + 1, '%'))
                if (strspn(s + 1, DIGITS "abcdefABCDEF") < 2)
                        return true;
        return false;
}

/* Points `ret_path` behind the host. */
static int check_url(const char *url, const char **ret_path, Failure *reterr) {
        const char *rest = after_scheme(url);
        _cleanup_free_ char *authority = NULL;
        size_t n;

        if (!rest)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" must begin with ftp://, http://, https://, nfs:// or "
                                "tftp:// in lower case",
                                url);
        if (strlen(url) > 1000)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "must not be longer than 1000 characters, or it does not fit the "
                                "kernel command line");
        if (!consists_of(url, LETTERS DIGITS "-._~:/?[]@!&()*+,;=%") || has_bad_escape(url))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" contains a character that cannot stand in it; write "
                                "blanks, quotes, '$' and the like as %% and two hexadecimal "
                                "digits, and leave out \"#\"",
                                url);
        n = strcspn(rest, "/?");
        authority = strndup(rest, n);
        if (!authority)
                return -ENOMEM;
        if (!is_authority(authority))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" does not name a host after the \"//\", or names it or "
                                "its port wrongly",
                                url);
        *ret_path = rest + n;
        return 0;
}

int config_url_check_base(char **value, Failure *reterr) {
        const char *path;
        int r;

        if ((*value)[0] == '\0') {
                free(*value);
                *value = NULL;
                return 0;
        }
        r = check_url(*value, &path, reterr);
        if (r >= 0 && strchr(path, '?'))
                r = failure_set(reterr,
                                -EINVAL,
                                "\"%.100s\" must not have a query (\"?…\"), as the ISO's name is "
                                "appended to it; use bootstrapFileUrl",
                                *value);
        return r;
}

/* The last part of the URL's path and its size, 0 when the path ends in '/' or is not there. */
static const char *find_name(const char *path, size_t *ret_size) {
        size_t end = strcspn(path, "?"), start = end;

        while (start > 0 && path[start - 1] != '/')
                start--;
        *ret_size = end - start;
        return path + start;
}

int config_url_check_file(char **value, Failure *reterr) {
        const char *path, *name;
        size_t n;
        int r;

        if ((*value)[0] == '\0') {
                free(*value);
                *value = NULL;
                return 0;
        }
        r = check_url(*value, &path, reterr);
        if (r < 0)
                return r;
        name = find_name(path, &n);
        if (n == 0 || n > 100 || strspn(name, LETTERS DIGITS "._+~-") < n || name[0] == '.' ||
            name[0] == '-')
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" must end in the ISO's file name, of at most 100 "
                                "letters, digits and . _ + ~ -, such as http://host/image.iso",
                                *value);
        return 0;
}

char *config_url_join(const char *base, const char *name) {
        return str_printf("%s%s%s", base, str_has_suffix(base, "/") ? "" : "/", name);
}

char *config_url_name(const char *url) {
        size_t n;
        const char *name = find_name(url, &n);

        return strndup(name, n);
}
