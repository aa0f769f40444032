/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * os-release(5). The file is a shell script by its definition, but only of assignments with plain
 * values; everything else is left out rather than refused, as other readers do.
 */

#include "liveos/os-release.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "common/fs.h"
#include "common/strings.h"

#define OS_RELEASE_MAX_BYTES (64U * 1024U)

static const struct {
        const char *id;
        Family family;
} families[] = {
        { "debian", FAMILY_DEBIAN },         { "ubuntu", FAMILY_DEBIAN },
        { "azurelinux", FAMILY_AZURELINUX }, { "mariner", FAMILY_AZURELINUX },
        { "fedora", FAMILY_FEDORA },         { "rhel", FAMILY_FEDORA },
        { "centos", FAMILY_FEDORA },
};

static Family family_from_id(const char *id) {
        for (size_t i = 0; i < ELEMENTSOF(families); i++)
                if (str_equal(families[i].id, id))
                        return families[i].family;
        return FAMILY_UNKNOWN;
}

static Family family_find(const OsRelease *os) {
        Family family = family_from_id(os->id);

        STRV_FOREACH(id, os->id_like)
                if (family == FAMILY_UNKNOWN)
                        family = family_from_id(*id);
        return family;
}

/* The value of a shell assignment of `size` bytes: one run without quotes, or in one pair of them. */
static char *unquote(const char *s, size_t size) {
        char *value = malloc(size + 1), *end = value, quote = '\0';

        if (!value)
                return NULL;
        if (size >= 2 && (*s == '"' || *s == '\'') && s[size - 1] == *s) {
                quote = *s++;
                size -= 2;
        }
        for (size_t i = 0; i < size; i++) {
                if (s[i] == '\\' && quote != '\'' && i + 1 < size)
                        i++;
                *end++ = s[i];
        }
        *end = '\0';
        str_make_utf8(value);
        str_blank_controls(value);
        return value;
}

static int set_value(OsRelease *os, const char *name, size_t name_size, char *take_value) {
        _cleanup_free_ char *value = take_value;
        const struct {
                const char *name;
                char **member;
        } strings[] = {
                { "ID", &os->id },
                { "VERSION_ID", &os->version_id },
                { "PRETTY_NAME", &os->pretty_name },
        };

        if (!value)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(strings); i++)
                if (strlen(strings[i].name) == name_size &&
                    memcmp(strings[i].name, name, name_size) == 0) {
                        free(*strings[i].member);
                        *strings[i].member = TAKE_PTR(value);
                        return 0;
                }
        if (name_size == strlen("ID_LIKE") && memcmp("ID_LIKE", name, name_size) == 0) {
                os->id_like = strv_free(os->id_like);
                os->id_like = strv_split(value, " ");
                if (!os->id_like)
                        return -ENOMEM;
        }
        return 0;
}

static int parse_line(OsRelease *os, const char *line, size_t size) {
        const char *equals;
        size_t blanks = 0;

        while (size > 0 && isspace((unsigned char) line[size - 1]))
                size--;
        while (blanks < size && isspace((unsigned char) line[blanks]))
                blanks++;
        line += blanks;
        size -= blanks;
        equals = memchr(line, '=', size);
        if (size == 0 || *line == '#' || !equals)
                return 0;
        return set_value(
                        os,
                        line,
                        (size_t) (equals - line),
                        unquote(equals + 1, size - (size_t) (equals + 1 - line)));
}

/* An unset or empty string gets its default. */
static int set_default(char **s, const char *value) {
        if (!str_is_empty(*s))
                return 0;
        free(*s);
        *s = strdup(value);
        return *s ? 0 : -ENOMEM;
}

int os_release_parse(const char *text, OsRelease *ret) {
        _cleanup_os_release_ OsRelease os = {};
        int r;

        while (*text) {
                size_t size = strcspn(text, "\n");

                r = parse_line(&os, text, size);
                if (r < 0)
                        return r;
                text += size + (text[size] == '\n');
        }
        if (set_default(&os.id, "linux") < 0 || set_default(&os.pretty_name, "Linux") < 0)
                return -ENOMEM;
        os.family = family_find(&os);
        *ret = os;
        os = (OsRelease){};
        return 0;
}

int os_release_read(int root_fd, OsRelease *ret, Failure *reterr) {
        static const char *const paths[] = { "etc/os-release", "usr/lib/os-release" };

        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                _cleanup_free_ char *text = NULL;
                size_t size;
                int r = fs_read_in_root(root_fd, paths[i], OS_RELEASE_MAX_BYTES, &text, &size);

                if (r == -ENOENT)
                        continue;
                if (r < 0)
                        return failure_set_errno(
                                        reterr,
                                        r,
                                        "The image's file '/%s' cannot be read",
                                        paths[i]);
                return os_release_parse(text, ret);
        }
        return os_release_parse("", ret);
}

void os_release_done(OsRelease *os) {
        free(os->id);
        free(os->version_id);
        free(os->pretty_name);
        (void) strv_free(os->id_like);
        *os = (OsRelease){};
}
