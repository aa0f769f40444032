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

#define ISO_SUFFIX ".iso"

static bool consists_of(const char *s, const char *characters) {
        return s[strspn(s, characters)] == '\0';
}

/* What a URL may be, and how that is said. */
typedef struct Kind {
        const char *schemes[6]; /* NULL-terminated */
        const char *names;
        size_t max_bytes;
        const char *why_max;
        bool is_secret; /* never quoted */
} Kind;

static const Kind of_iso = {
        { "ftp://", "http://", "https://", "nfs://", "tftp://" },
        "ftp://, http://, https://, nfs:// or tftp://",
        1000,
        ", or it does not fit the kernel command line",
        false,
};

/* By curl, which knows no NFS. */
static const Kind of_download = {
        { "ftp://", "http://", "https://", "tftp://" },
        "ftp://, http://, https:// or tftp://",
        4000,
        "",
        true,
};

/* What follows the scheme; NULL for another scheme. */
static const char *after_scheme(const char *url, const Kind *kind) {
        for (size_t i = 0; kind->schemes[i]; i++) {
                const char *rest = str_after_prefix(url, kind->schemes[i]);

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
static int check_url(const char *url, const Kind *kind, const char **ret_path, Failure *reterr) {
        const char *rest = after_scheme(url, kind);
        _cleanup_free_ char *authority = NULL,
                            *quoted = kind->is_secret ? strdup("") : str_printf("\"%.100s\" ", url);
        size_t n;

        if (!quoted)
                return -ENOMEM;
        if (!rest)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "%smust begin with %s in lower case",
                                quoted,
                                kind->names);
        if (strlen(url) > kind->max_bytes)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "must not be longer than %zu characters%s",
                                kind->max_bytes,
                                kind->why_max);
        if (!consists_of(url, LETTERS DIGITS "-._~:/?[]@!&()*+,;=%") || has_bad_escape(url))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "%scontains a character that cannot stand in it; write "
                                "blanks, quotes, '$' and the like as %% and two hexadecimal "
                                "digits, and leave out \"#\"",
                                quoted);
        n = strcspn(rest, "/?");
        authority = strndup(rest, n);
        if (!authority)
                return -ENOMEM;
        if (!is_authority(authority))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "%sdoes not name a host after the \"//\", or names it or "
                                "its port wrongly",
                                quoted);
        *ret_path = rest + n;
        return 0;
}

/* dracut mounts the ISO's folder and does not unquote what it is called. Of a port, an address in brackets, ':' and
 * ',' it makes options for the mount, and where there is no folder it mounts nothing. */
static int check_mount(const char *url, size_t folder_size, const char *name, Failure *reterr) {
        const char *rest = str_after_prefix(url, "nfs://");

        if (!rest || (folder_size > 0 && consists_of(rest, LETTERS DIGITS "-._~+/")))
                return 0;
        return failure_set(
                        reterr,
                        -EINVAL,
                        "\"%.100s\" must name a host and a folder, which is mounted, by letters, "
                        "digits and . _ ~ + - alone, such as nfs://host/folder/%s, or "
                        "nfs://host//%s for the server's root",
                        url,
                        name,
                        name);
}

int config_url_check_base(char **value, Failure *reterr) {
        const char *path;
        int r;

        if ((*value)[0] == '\0') {
                free(*value);
                *value = NULL;
                return 0;
        }
        r = check_url(*value, &of_iso, &path, reterr);
        if (r >= 0 && strchr(path, '?'))
                r = failure_set(reterr,
                                -EINVAL,
                                "\"%.100s\" must not have a query (\"?…\"), as the ISO's name is "
                                "appended to it; use bootstrapFileUrl",
                                *value);
        return r < 0 ? r
                     : check_mount(*value,
                                   strlen(path) - (str_has_suffix(path, "/") ? 1 : 0),
                                   "",
                                   reterr);
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
        r = check_url(*value, &of_iso, &path, reterr);
        if (r < 0)
                return r;
        name = find_name(path, &n);
        /* What has another ending is, to the initrd, the root file system itself. */
        if (n <= strlen(ISO_SUFFIX) || n > 100 || strspn(name, LETTERS DIGITS "._+~-") < n ||
            name[0] == '.' || name[0] == '-' ||
            strncmp(name + n - strlen(ISO_SUFFIX), ISO_SUFFIX, strlen(ISO_SUFFIX)) != 0)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" must end in the ISO's file name, of at most 100 "
                                "letters, digits and . _ + ~ - with .iso at its end, such as "
                                "http://host/image.iso",
                                *value);
        return check_mount(*value, (size_t) (name - path) - 1, "image.iso", reterr);
}

int config_url_check_download(char **value, Failure *reterr) {
        const char *path;

        return check_url(*value, &of_download, &path, reterr);
}

char *config_url_join(const char *base, const char *name) {
        return str_printf("%s%s%s", base, str_has_suffix(base, "/") ? "" : "/", name);
}

char *config_url_name(const char *url) {
        size_t n;
        const char *name = find_name(url, &n);

        return strndup(name, n);
}
