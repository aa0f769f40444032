/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fstab(5). What a stranger wrote decides where file systems get mounted, so paths are judged here,
 * once: absolute, without "..", in one spelling.
 */

#include "liveos/fstab.h"

#include <errno.h>
#include <string.h>

#include "common/fs.h"
#include "common/strings.h"

#define BLANKS " \t\r"

static bool is_octal(char c) {
        return c >= '0' && c <= '7';
}

/* Undoes \NNN in place. */
static void unescape(char *s) {
        char *end = s;

        for (; *s; s++)
                if (s[0] == '\\' && is_octal(s[1]) && is_octal(s[2]) && is_octal(s[3])) {
                        *end++ = (char) ((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
                        s += 3;
                } else
                        *end++ = *s;
        *end = '\0';
}

/* Takes the double quotes away that UUID="…" may have. */
static void strip_quotes(char *s) {
        char *end = s;

        for (; *s; s++)
                if (*s != '"')
                        *end++ = *s;
        *end = '\0';
}

/* Drops "//", "/./" and a '/' at the end, in place. False for a relative path or one with "..", which
 * stay as they are. */
static bool make_canonical(char *path) {
        _cleanup_strv_ char **parts = strv_split(path, "/");
        char *end = path;

        if (*path != '/' || !parts || strv_contains(parts, ".."))
                return false;
        STRV_FOREACH(part, parts) {
                if (str_equal(*part, "."))
                        continue;
                *end++ = '/';
                end = stpcpy(end, *part);
        }
        if (end == path)
                *end++ = '/';
        *end = '\0';
        return true;
}

static void entry_done(FstabEntry *entry) {
        free(entry->spec);
        free(entry->path);
        free(entry->type);
        free(entry->options);
}

/* The fields of a line; those that are not there get their defaults. */
static int read_fields(char *const *fields, FstabEntry *entry) {
        size_t n = strv_length(fields);

        entry->spec = strdup(fields[0]);
        entry->path = strdup(n > 1 ? fields[1] : "");
        entry->type = strdup(n > 2 ? fields[2] : "auto");
        entry->options = strdup(n > 3 ? fields[3] : "defaults");
        if (!entry->spec || !entry->path || !entry->type || !entry->options)
                return -ENOMEM;
        unescape(entry->spec);
        unescape(entry->path);
        unescape(entry->options);
        strip_quotes(entry->spec);
        return 0;
}

static int check_path(FstabEntry *entry, unsigned line, Failure *reterr) {
        if (str_equal(entry->type, "swap") || str_equal(entry->path, "none") ||
            str_equal(entry->path, "swap")) {
                free(entry->path);
                entry->path = strdup("none");
                return entry->path ? 0 : -ENOMEM;
        }
        if (!make_canonical(entry->path)) {
                str_blank_controls(entry->path);
                return failure_set(
                                reterr,
                                -ENOEXEC,
                                "/etc/fstab of the image, line %u: '%s' is no mount point: it has to be an absolute path without \"..\".",
                                line,
                                entry->path);
        }
        return 0;
}

static int add_line(Fstab *fstab, char *const *fields, unsigned line, Failure *reterr) {
        FstabEntry entry = {}, *items;
        int r;

        if (fstab->n_items == FSTAB_MAX_ENTRIES)
                return failure_set(
                                reterr,
                                -E2BIG,
                                "/etc/fstab of the image has more than %d entries.",
                                FSTAB_MAX_ENTRIES);
        r = read_fields(fields, &entry);
        if (r >= 0)
                r = check_path(&entry, line, reterr);
        items = r < 0 ? NULL : reallocarray(fstab->items, fstab->n_items + 1, sizeof(FstabEntry));
        if (!items) {
                entry_done(&entry);
                return r < 0 ? r : -ENOMEM;
        }
        items[fstab->n_items++] = entry;
        fstab->items = items;
        return 0;
}

static int parse_line(Fstab *fstab, const char *s, size_t size, unsigned line, Failure *reterr) {
        _cleanup_free_ char *copy = strndup(s, size);
        _cleanup_strv_ char **fields = NULL;

        if (!copy)
                return -ENOMEM;
        fields = strv_split(copy, BLANKS);
        if (!fields)
                return -ENOMEM;
        if (!fields[0] || fields[0][0] == '#')
                return 0;
        return add_line(fstab, fields, line, reterr);
}

int fstab_parse(const char *text, Fstab *ret, Failure *reterr) {
        _cleanup_fstab_ Fstab fstab = {};

        for (unsigned line = 1; *text; line++) {
                size_t size = strcspn(text, "\n");
                int r = parse_line(&fstab, text, size, line, reterr);

                if (r < 0)
                        return r;
                text += size + (text[size] == '\n');
        }
        *ret = fstab;
        fstab = (Fstab){};
        return 0;
}

int fstab_read(int root_fd, Fstab *ret, Failure *reterr) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = fs_read_in_root(root_fd, "etc/fstab", FSTAB_MAX_BYTES, &text, &size);

        if (r == -ENOENT)
                return fstab_parse("", ret, reterr);
        if (r < 0)
                return failure_set_errno(reterr, r, "The image's file '/etc/fstab' cannot be read");
        return fstab_parse(text, ret, reterr);
}

const FstabEntry *fstab_find(const Fstab *fstab, const char *path) {
        for (size_t i = fstab->n_items; i > 0; i--)
                if (str_equal(fstab->items[i - 1].path, path))
                        return &fstab->items[i - 1];
        return NULL;
}

int fstab_entry_option(const FstabEntry *entry, const char *name, char **ret) {
        _cleanup_strv_ char **options = strv_split(entry->options, ",");
        _cleanup_free_ char *value = NULL;

        if (!options)
                return -ENOMEM;
        STRV_FOREACH(option, options) {
                const char *rest = str_after_prefix(*option, name);

                if (!rest || (*rest != '=' && *rest != '\0'))
                        continue;
                free(value);
                value = strdup(*rest == '=' ? rest + 1 : "");
                if (!value)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(value);
        return 0;
}

void fstab_done(Fstab *fstab) {
        for (size_t i = 0; i < fstab->n_items; i++)
                entry_done(&fstab->items[i]);
        free(fstab->items);
        *fstab = (Fstab){};
}
