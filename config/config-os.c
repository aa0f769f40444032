/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The end of what the node `os` was read into. Secrets are wiped before their memory is handed back. */

#include "config/config-os.h"

#include <stdlib.h>
#include <string.h>

#include "common/strings.h"

void config_groups_free(ConfigGroup *groups, size_t n) {
        for (size_t i = 0; i < n; i++)
                free(groups[i].name);
        free(groups);
}

void config_users_free(ConfigUser *users, size_t n) {
        for (size_t i = 0; i < n; i++) {
                ConfigUser *user = &users[i];

                if (user->password.value)
                        explicit_bzero(user->password.value, strlen(user->password.value));
                free(user->name);
                free(user->password.value);
                free(user->password.entry);
                strv_free(user->ssh_key_paths);
                strv_free(user->ssh_key_entries);
                strv_free(user->ssh_keys);
                free(user->primary_group);
                strv_free(user->secondary_groups);
                free(user->startup_command);
                free(user->home);
        }
        free(users);
}

void config_dirs_free(ConfigDir *dirs, size_t n) {
        for (size_t i = 0; i < n; i++) {
                free(dirs[i].source);
                free(dirs[i].entry);
                free(dirs[i].destination);
        }
        free(dirs);
}

void config_modules_free(ConfigModule *modules, size_t n) {
        for (size_t i = 0; i < n; i++) {
                free(modules[i].name);
                strv_free(modules[i].options);
        }
        free(modules);
}

void config_overlays_free(ConfigOverlay *overlays, size_t n) {
        for (size_t i = 0; i < n; i++) {
                strv_free(overlays[i].lower_dirs);
                free(overlays[i].upper_dir);
                free(overlays[i].work_dir);
                free(overlays[i].mount_point);
                strv_free(overlays[i].dependencies);
                free(overlays[i].options);
        }
        free(overlays);
}
