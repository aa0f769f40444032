/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* GRUB's environment block. */

#include "liveos/grub-env.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"

/* The end of the line at `s`; an escaped newline does not end it. */
static const char *line_end(const char *s) {
        for (; *s && *s != '\n'; s++)
                if (*s == '\\' && s[1] != '\0')
                        s++;
        return s;
}

static int unescape(const char *s, const char *end, char **ret) {
        _cleanup_buffer_ Buffer value = {};

        for (; s < end; s++) {
                int r;

                if (*s == '\\' && s + 1 < end)
                        s++;
                r = buffer_append(&value, s, 1);
                if (r < 0)
                        return r;
        }
        *ret = buffer_take(&value);
        return *ret ? 0 : -ENOMEM;
}

int grub_env_get(const char *block, const char *name, char **ret) {
        while (*block) {
                const char *end = line_end(block);
                const char *rest = str_after_prefix(block, name);

                if (rest && *rest == '=')
                        return unescape(rest + 1, end, ret);
                block = end + (*end == '\n');
        }
        *ret = NULL;
        return 0;
}

char *grub_env_new(void) {
        static const char head[] = "# GRUB Environment Block\n";
        char *block = malloc(GRUB_ENV_BYTES + 1);

        if (!block)
                return NULL;
        memset(block, '#', GRUB_ENV_BYTES);
        memcpy(block, head, strlen(head));
        block[GRUB_ENV_BYTES] = '\0';
        return block;
}
