/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is left of a password in memory is wiped. */

#include "liveos/password.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "config/config-os.h"

/* Twenty times what libcrypt takes unasked, as processors are faster than when that was settled. */
#define METHOD "$6$"
#define ROUNDS 100000UL

static int hash(const char *plain, struct crypt_data *data, char **ret) {
        char setting[CRYPT_GENSALT_OUTPUT_SIZE];
        const char *text;

        /* Without bytes of ours for the salt it takes the kernel's. */
        if (!crypt_gensalt_rn(METHOD, ROUNDS, NULL, 0, setting, sizeof(setting)))
                return -errno;
        text = crypt_r(plain, setting, data);
        if (!text || text[0] != METHOD[0])
                return -EIO;
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

int password_hash(const char *plain, char **ret, Failure *reterr) {
        struct crypt_data *data;
        int r;

        if (strlen(plain) >= CONFIG_MAX_SECRET_BYTES)
                return failure_set(reterr, -EINVAL, "A password is too long to be hashed.");
        data = calloc(1, sizeof(*data));
        if (!data)
                return -ENOMEM;
        r = hash(plain, data, ret);
        explicit_bzero(data, sizeof(*data));
        free(data);
        return r < 0 ? failure_set_errno(reterr, r, "A password cannot be hashed") : 0;
}
