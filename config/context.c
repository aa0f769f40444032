/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names in the context. A path with ".." counts as one that leads out even where its words come back
 * in: behind a link they would not, and two files must never share a name.
 */

#include "config/context.h"

#include <stdbool.h>
#include <string.h>

#include "common/strings.h"

char *context_entry_name(const char *path, size_t index) {
        _cleanup_strv_ char **parts = strv_split(path, "/"), **kept = NULL;
        _cleanup_free_ char *below = NULL;

        if (!parts)
                return NULL;
        STRV_FOREACH(part, parts)
                if (!str_equal(*part, ".") && strv_append(&kept, *part) < 0)
                        return NULL;
        if (path[0] == '/' || strv_contains(kept, "..") || !kept)
                return str_printf("outside/%zu", index);
        below = strv_join(kept, "/");
        return below ? str_printf(CONTEXT_FILES "%s", below) : NULL;
}
