/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Paths as text. */

#include "config/config-path.h"

#include <string.h>

#include "common/strings.h"

/* Takes back the last part; false when there is none that could be. */
static bool take_back(char **parts, bool is_absolute) {
        size_t n = strv_length(parts);

        if (n == 0 || str_equal(parts[n - 1], ".."))
                return is_absolute;
        free(parts[n - 1]);
        parts[n - 1] = NULL;
        return true;
}

char *config_path_join(const char *folder, const char *path) {
        const char *start = path[0] == '/' ? "" : folder;
        bool is_absolute = path[0] == '/' || folder[0] == '/';
        _cleanup_free_ char *whole = str_printf("%s/%s", start, path), *joined = NULL;
        _cleanup_strv_ char **parts = whole ? strv_split(whole, "/") : NULL, **kept = NULL;

        if (!parts)
                return NULL;
        STRV_FOREACH(part, parts) {
                if (str_equal(*part, ".") ||
                    (str_equal(*part, "..") && take_back(kept, is_absolute)))
                        continue;
                if (strv_append(&kept, *part) < 0)
                        return NULL;
        }
        joined = strv_join(kept, "/");
        return joined ? str_printf("%s%s", is_absolute ? "/" : "", joined) : NULL;
}

char *config_path_folder(const char *path) {
        const char *slash = strrchr(path, '/');

        if (slash == path)
                return strdup("/");
        return strndup(path, slash ? (size_t) (slash - path) : 0);
}
