/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The error table of the contract. sd-bus wants a map of its own form; it is made from the table
 * when it is registered, so that no error is written down twice.
 */

#include "dbus/errors.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "dbus/names.h"

typedef struct ErrorRow {
        int error;
        const char *name;
        const char *text;
} ErrorRow;

/* Of several rows with the same errno or the same name, the first one is the answer. */
/* clang-format off */
static const ErrorRow error_table[] = {
        { EBADMSG,      BUS_ERROR_INVALID_CONFIG,    "the config is not valid" },
        { ENOEXEC,      BUS_ERROR_INVALID_IMAGE,     "the image cannot be used" },
        { ENOPKG,       BUS_ERROR_INCOMPATIBLE,      "the image lacks something that a Live OS needs" },
        { EOPNOTSUPP,   BUS_ERROR_UNSUPPORTED,       "this is not supported" },
        { ENOSPC,       BUS_ERROR_NO_SPACE,          "there is not enough disk space" },
        { EFBIG,        BUS_ERROR_NO_SPACE,          "a file is larger than its limit" },
        { ECANCELED,    BUS_ERROR_CANCELLED,         "the job was cancelled" },
        { EINTR,        BUS_ERROR_INTERRUPTED,       "the job was interrupted" },
        { EEXIST,       BUS_ERROR_IMAGE_EXISTS,      "there is an image of that name" },
        { ENOMEDIUM,    BUS_ERROR_NO_SUCH_IMAGE,     "there is no such image" },
        { EHOSTUNREACH, BUS_ERROR_NO_SUCH_TARGET,    "there is no such target" },
        { ESTALE,       BUS_ERROR_NO_SUCH_ARTIFACT,  "there is no such artifact" },
        { ENOENT,       BUS_ERROR_NO_SUCH_FILE,      "there is no such file" },
        { EDQUOT,       BUS_ERROR_TOO_MANY_JOBS,     "you have too many jobs" },
        { EBUSY,        BUS_ERROR_BUSY,              "it is in use" },
        { EACCES,       BUS_ERROR_ACCESS_DENIED,     "you are not authorized" },
        { EPERM,        BUS_ERROR_ACCESS_DENIED,     "you are not authorized" },
        { ENOKEY,       BUS_ERROR_NEEDS_INTERACTION, "authentication is needed and was not allowed" },
        { EINVAL,       BUS_ERROR_INVALID_ARGUMENT,  "an argument is not valid" },
        { ENOBUFS,      BUS_ERROR_LIMIT,             "a limit is exceeded" },
        { ENOMEM,       BUS_ERROR_NO_MEMORY,         "there is not enough memory" },
        { ETIMEDOUT,    BUS_ERROR_TIMEOUT,           "it took too long" },
        { EIO,          BUS_ERROR_FAILED,            "it failed" },
};
/* clang-format on */

#define ERROR_ROWS (sizeof(error_table) / sizeof(error_table[0]))

static const ErrorRow *row_by_errno(int error) {
        for (size_t i = 0; i < ERROR_ROWS; i++)
                if (error_table[i].error == abs(error))
                        return &error_table[i];

        return &error_table[ERROR_ROWS - 1];
}

int bus_errors_register(void) {
        /* sd-bus keeps the pointer, hence static; filling it again writes the same values. */
        static sd_bus_error_map map[ERROR_ROWS + 1];

        for (size_t i = 0; i < ERROR_ROWS; i++)
                map[i] = (sd_bus_error_map) SD_BUS_ERROR_MAP(
                                error_table[i].name,
                                error_table[i].error);
        map[ERROR_ROWS] = (sd_bus_error_map) SD_BUS_ERROR_MAP_END;

        int r = sd_bus_error_add_map(map);
        return r < 0 ? r : 0;
}

const char *bus_error_name(int error) {
        return row_by_errno(error)->name;
}

int bus_error_to_errno(const char *name) {
        for (size_t i = 0; name && i < ERROR_ROWS; i++)
                if (strcmp(error_table[i].name, name) == 0)
                        return error_table[i].error;

        return EIO;
}

const char *bus_error_text(int error) {
        return row_by_errno(error)->text;
}

int bus_failure(sd_bus_error *reterr_error, int error, const char *message) {
        assert(error < 0);

        const ErrorRow *row = row_by_errno(error);

        if (!sd_bus_error_is_set(reterr_error))
                (void) sd_bus_error_set(
                                reterr_error,
                                row->name,
                                message && *message ? message : row->text);
        return error;
}
