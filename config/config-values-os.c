/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Judging values that end up in files of the OS with a grammar of their own, which nothing in a value
 * may break out of. */

#include "config/config-values-os.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "common/strings.h"
#include "config/config-os.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

#define ACCOUNT_MAX 32U    /* of shadow's own limit, which utmp gave it */
#define MODULE_MAX  55U    /* MODULE_NAME_LEN - 1 of the kernel */
#define KEY_MAX     16384U /* RSA keys of 16384 bits take a sixth of it */

static bool consists_of(const char *s, const char *characters) {
        return s[strspn(s, characters)] == '\0';
}

/* ---- accounts ---- */

static bool is_account(const char *s) {
        size_t n = strlen(s);

        if (n == 0 || n > ACCOUNT_MAX || s[0] == '-' || consists_of(s, DIGITS) ||
            str_equal(s, ".") || str_equal(s, ".."))
                return false;
        if (n > 1 && s[n - 1] == '$')
                n--;
        return strspn(s, LETTERS DIGITS "_.-") == n;
}

int config_value_account(char **value, Failure *reterr) {
        if (!is_account(*value))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" is no name of a user or group; it has at most %u "
                                "letters, digits and characters of \"_.-\", does not begin with "
                                "\"-\" and is not a number",
                                *value,
                                ACCOUNT_MAX);
        return 0;
}

/* config_value_line() quotes nothing, so its sentences do for secrets. */
int config_value_secret(char **value, Failure *reterr) {
        int r = config_value_line(value, reterr);

        if (r >= 0 && strlen(*value) >= CONFIG_MAX_SECRET_BYTES)
                r = failure_set(reterr,
                                -EINVAL,
                                "must be shorter than %d bytes",
                                CONFIG_MAX_SECRET_BYTES);
        return r;
}

bool config_value_is_hash(const char *value) {
        if (value[0] != '$' || strlen(value) < 13)
                return false;
        for (; *value; value++)
                if (*value <= ' ' || *value > '~' || strchr(":;*!\\", *value))
                        return false;
        return true;
}

/* Options of a key may stand in front of its type, but nothing begins with another character. */
static bool is_key(const char *value) {
        size_t first = strcspn(value, " ");

        return isalpha((unsigned char) value[0]) && strlen(value) <= KEY_MAX &&
               value[first + strspn(value + first, " ")] != '\0';
}

int config_value_ssh_key(char **value, Failure *reterr) {
        int r;

        if ((*value)[0] == '-' && strstr(*value, "PRIVATE KEY"))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "is a private key, which must not leave its owner; give the public "
                                "one, from the file that ends in .pub");
        r = config_value_line(value, reterr);
        if (r >= 0 && !is_key(*value))
                r = failure_set(reterr,
                                -EINVAL,
                                "is no public key of SSH, which has a type and a key, such as "
                                "\"ssh-ed25519 AAAA…\"");
        return r;
}

static int check_passwd_field(const char *value, Failure *reterr) {
        if (strchr(value, ':'))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" must not contain \":\", which ends a field in "
                                "/etc/passwd",
                                value);
        return 0;
}

int config_value_home(char **value, Failure *reterr) {
        int r = config_value_os_folder(value, reterr);

        return r < 0 ? r : check_passwd_field(*value, reterr);
}

int config_value_startup_command(char **value, Failure *reterr) {
        int r = config_value_program(value, reterr);

        return r < 0 ? r : check_passwd_field(*value, reterr);
}

/* ---- modules ---- */

int config_value_module(char **value, Failure *reterr) {
        const char *s = *value;

        if (str_is_empty(s) || strlen(s) > MODULE_MAX || s[0] == '-' ||
            !consists_of(s, LETTERS DIGITS "_-"))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" is no name of a kernel module; it has at most %u "
                                "letters, digits, \"_\" and \"-\", and no \".ko\"",
                                s,
                                MODULE_MAX);
        return 0;
}

int config_value_module_option(char **value, Failure *reterr) {
        if (str_is_empty(*value) || strlen(*value) > 255 ||
            !consists_of(*value, LETTERS DIGITS "_.-"))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "is no name of a module's option, which has letters, digits and "
                                "characters of \"_.-\"");
        return 0;
}

/* ---- overlays ---- */

int config_value_overlay_dir(char **value, Failure *reterr) {
        int r = config_value_os_folder(value, reterr);

        if (r < 0)
                return r;
        if (str_equal(*value, "/"))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "must not be \"/\", as the root of a Live OS has an overlay "
                                "already; name a folder in it");
        if (!consists_of(*value, LETTERS DIGITS "/_.+@-"))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" must consist of letters, digits and characters of "
                                "\"/_.+@-\", as others mean something to mount",
                                *value);
        return 0;
}

int config_value_overlay_options(char **value, Failure *reterr) {
        const char *s = *value;

        if (strlen(s) > 1024 || s[strspn(s, ",")] == '\0' ||
            !consists_of(s, LETTERS DIGITS "/_.+@:=,-"))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "\"%.100s\" must be options of mount with commas between, such as "
                                "\"noatime,nodev\"",
                                s);
        return 0;
}
