/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Judging single values. Values are quoted in messages with at most 100 bytes; what is cut in the
 * middle of a character is mended by diagnostics_add().
 */

#include "config/config-values.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "common/strings.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

static bool has_controls(const char *s) {
        for (; *s; s++)
                if ((unsigned char) *s < 0x20 || *s == 0x7f)
                        return true;
        return false;
}

static bool consists_of(const char *s, const char *characters) {
        return s[strspn(s, characters)] == '\0';
}

int config_value_line(char **value, Failure *reterr) {
        if (str_is_empty(*value))
                return failure_set(reterr, -EINVAL, "must not be empty");
        if (has_controls(*value))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "must not contain line breaks or other control characters");
        return 0;
}

int config_value_script(char **value, Failure *reterr) {
        return str_is_empty(*value) ? failure_set(reterr, -EINVAL, "must not be empty") : 0;
}

/* ---- paths ---- */

int config_value_path(char **value, Failure *reterr) {
        if (strlen(*value) > 4095)
                return failure_set(reterr, -EINVAL, "must not be longer than 4095 bytes");
        return config_value_line(value, reterr);
}

int config_value_program(char **value, Failure *reterr) {
        int r = config_value_path(value, reterr);

        if (r >= 0 && (*value)[0] != '/')
                r = failure_set(reterr,
                                -EINVAL,
                                "must be an absolute path in the image, such as /bin/sh, not "
                                "\"%.100s\"",
                                *value);
        return r;
}

static bool is_program_name(const char *s) {
        return !strchr(".+-", s[0]) && consists_of(s, LETTERS DIGITS "_.+-");
}

int config_value_interpreter(char **value, Failure *reterr) {
        int r = config_value_path(value, reterr);

        if (r >= 0 && (*value)[0] != '/' && !is_program_name(*value))
                r = failure_set(reterr,
                                -EINVAL,
                                "must be the name of a program in the image or its absolute path, "
                                "such as python3 or /bin/sh, not \"%.100s\"",
                                *value);
        return r;
}

typedef enum PathKind {
        PATH_FILE,   /* ends in a name */
        PATH_FOLDER, /* may end in '/', and may be the root itself */
} PathKind;

/* The path without "." and empty parts; fails for "..". The result has no '/' at its ends. */
static int normalize(const char *path, PathKind kind, char **ret, Failure *reterr) {
        _cleanup_strv_ char **parts = strv_split(path, "/"), **kept = NULL;
        _cleanup_free_ char *joined = NULL;
        const char *last = strrchr(path, '/');

        if (!parts)
                return -ENOMEM;
        STRV_FOREACH(part, parts) {
                if (str_equal(*part, ".."))
                        return failure_set(
                                        reterr,
                                        -EINVAL,
                                        "\"%.100s\" must not contain \"..\"; write the path that "
                                        "is meant",
                                        path);
                if (!str_equal(*part, ".") && strv_append(&kept, *part) < 0)
                        return -ENOMEM;
        }
        last = last ? last + 1 : path;
        if (kind == PATH_FILE && (!kept || *last == '\0' || str_equal(last, ".")))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" must end in the name of a file, not in a folder",
                                path);
        joined = strv_join(kept, "/");
        if (!joined)
                return -ENOMEM;
        *ret = TAKE_PTR(joined);
        return 0;
}

int config_value_script_path(char **value, Failure *reterr) {
        _cleanup_free_ char *normal = NULL;
        int r = config_value_path(value, reterr);

        if (r < 0)
                return r;
        if ((*value)[0] == '/')
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" must lie in the config's folder or below; write it "
                                "relative to that",
                                *value);
        return normalize(*value, PATH_FILE, &normal, reterr);
}

bool config_value_is_path(ConfigValueCheck check) {
        return check == config_value_path || check == config_value_script_path;
}

static int make_absolute(char **value, PathKind kind, Failure *reterr) {
        _cleanup_free_ char *normal = NULL;
        char *absolute;
        int r = config_value_path(value, reterr);

        if (r < 0)
                return r;
        if ((*value)[0] != '/')
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" must be an absolute path in the image; begin it with "
                                "\"/\"",
                                *value);
        r = normalize(*value, kind, &normal, reterr);
        if (r < 0)
                return r;
        absolute = str_printf("/%s", normal);
        if (!absolute)
                return -ENOMEM;
        free(*value);
        *value = absolute;
        return 0;
}

int config_value_os_destination(char **value, Failure *reterr) {
        return make_absolute(value, PATH_FILE, reterr);
}

int config_value_os_folder(char **value, Failure *reterr) {
        return make_absolute(value, PATH_FOLDER, reterr);
}

static size_t count_characters(const char *s, size_t size) {
        size_t n = 0;

        for (size_t i = 0; i < size; i++)
                if (((unsigned char) s[i] & 0xc0) != 0x80)
                        n++;
        return n;
}

int config_value_medium_destination(char **value, Failure *reterr) {
        _cleanup_free_ char *normal = NULL;
        int r = config_value_path(value, reterr);

        if (r >= 0)
                r = normalize(*value, PATH_FILE, &normal, reterr);
        if (r < 0)
                return r;
        if (strpbrk(normal, "*:;?\\"))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" contains one of the characters * : ; ? \\ which the "
                                "medium cannot hold; choose another name",
                                *value);
        if (strlen(normal) > 240)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "must not be longer than 240 bytes, or the medium cannot hold it");
        for (const char *s = normal; *s;) {
                size_t n = strcspn(s, "/");

                if (count_characters(s, n) > 100)
                        return failure_set(
                                        reterr,
                                        -EINVAL,
                                        "\"%.100s…\" is longer than the 100 characters that a name "
                                        "on the medium can have; choose a shorter one",
                                        s);
                s += n + (s[n] == '/');
        }
        free(*value);
        *value = TAKE_PTR(normal);
        return 0;
}

int config_value_permissions(const char *value, mode_t *ret, Failure *reterr) {
        const char *digits = str_after_prefix(value, "0o");
        mode_t mode = 0;

        digits = digits ? digits : value;
        if (str_is_empty(digits) || strlen(digits) > 8 || !consists_of(digits, "01234567"))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" must be an octal number such as \"0644\"",
                                value);
        for (; *digits; digits++)
                mode = mode * 8 + (mode_t) (*digits - '0');
        if (mode > 0777)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" must lie between 0 and 0777; set-user-id, set-group-id "
                                "and sticky bits are not supported",
                                value);
        *ret = mode;
        return 0;
}

/* ---- the OS ---- */

int config_value_hostname(char **value, Failure *reterr) {
        const char *s = *value;
        bool good = !str_is_empty(s) && strlen(s) <= 64 && consists_of(s, LETTERS DIGITS "-.");

        while (good && *s) {
                size_t n = strcspn(s, ".");

                good = n >= 1 && n <= 63 && s[0] != '-' && s[n - 1] != '-' &&
                       !(s[n] == '.' && s[n + 1] == '\0');
                s += n + (s[n] == '.');
        }
        if (!good)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" is not a host name; it has at most 64 characters, in "
                                "parts of letters, digits and inner hyphens with dots between",
                                *value);
        return 0;
}

int config_value_unit(char **value, Failure *reterr) {
        const char *s = *value;

        if (str_is_empty(s) || strlen(s) > 255 || s[0] == '-' || s[0] == '.' || s[0] == '@' ||
            !consists_of(s, LETTERS DIGITS ":_.\\@-"))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" is not the name of a systemd unit, such as "
                                "sshd.service",
                                s);
        return 0;
}

int config_value_sha256(char **value, Failure *reterr) {
        if (strlen(*value) != 64 || !consists_of(*value, DIGITS "abcdefABCDEF"))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" is not a SHA-256 digest, which has 64 hexadecimal digits; "
                                "\"sha256sum FILE\" prints it",
                                *value);
        for (char *s = *value; *s; s++)
                *s = (char) tolower((unsigned char) *s);
        return 0;
}

int config_value_environment_name(char **value, Failure *reterr) {
        const char *s = *value;

        if (str_is_empty(s) || strlen(s) > 255 || strchr(DIGITS, s[0]) ||
            !consists_of(s, LETTERS DIGITS "_"))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "is not the name of an environment variable; it has letters, "
                                "digits and '_' only and does not begin with a digit");
        return 0;
}
