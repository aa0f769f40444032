/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tables of what lies below `os`. */

#include "config/config-tables-os.h"

#include "config/config-os.h"
#include "config/config-rules-os.h"
#include "config/config-table-keys.h"
#include "config/config-values-os.h"

/* ---- groups ---- */

static const ConfigKey group_keys[] = {
        KEY("name",
            CONFIG_STRING,
            ConfigGroup,
            name,
            .is_required = true,
            .check = config_value_account),
        KEY("gid",
            CONFIG_NUMBER,
            ConfigGroup,
            gid,
            .extra_offset = offsetof(ConfigGroup, has_gid),
            .maximum = CONFIG_MAX_ID),
};
const ConfigTable config_group_table = { TABLE(group_keys), ENTRY_OF(ConfigGroup) };

/* ---- users ---- */

/* In the order of ConfigPasswordType. */
static const char *const password_words[] = {
        "locked", "plain-text", "hashed", "plain-text-file", "hashed-file", NULL,
};

static const ConfigKey password_keys[] = {
        KEY("type", CONFIG_ENUM, ConfigPassword, type, .words = password_words),
        KEY("value",
            CONFIG_STRING,
            ConfigPassword,
            value,
            .is_secret = true,
            .check = config_value_secret),
};
static const ConfigTable password_table = {
        TABLE(password_keys),
        .place_offset = offsetof(ConfigPassword, place),
        .flag_offset = offsetof(ConfigPassword, present),
        .rule = config_rule_password,
};

static const ConfigKey user_keys[] = {
        KEY("name",
            CONFIG_STRING,
            ConfigUser,
            name,
            .is_required = true,
            .check = config_value_account),
        KEY("uid",
            CONFIG_NUMBER,
            ConfigUser,
            uid,
            .extra_offset = offsetof(ConfigUser, has_uid),
            .maximum = CONFIG_MAX_ID),
        KEY("password", CONFIG_MAP, ConfigUser, password, .table = &password_table),
        KEY("passwordExpiresDays",
            CONFIG_NUMBER,
            ConfigUser,
            expires_days,
            .extra_offset = offsetof(ConfigUser, has_expiry),
            .minimum = -1,
            .maximum = 99999),
        KEY("sshPublicKeyPaths",
            CONFIG_STRINGS,
            ConfigUser,
            ssh_key_paths,
            .check = config_value_path),
        KEY("sshPublicKeys",
            CONFIG_STRINGS,
            ConfigUser,
            ssh_keys,
            .is_secret = true,
            .check = config_value_ssh_key),
        KEY("primaryGroup",
            CONFIG_STRING,
            ConfigUser,
            primary_group,
            .check = config_value_account),
        KEY("secondaryGroups",
            CONFIG_STRINGS,
            ConfigUser,
            secondary_groups,
            .check = config_value_account),
        KEY("startupCommand",
            CONFIG_STRING,
            ConfigUser,
            startup_command,
            .check = config_value_startup_command),
        KEY("homeDirectory", CONFIG_STRING, ConfigUser, home, .check = config_value_home),
};
const ConfigTable config_user_table = { TABLE(user_keys), ENTRY_OF(ConfigUser) };

/* ---- additionalDirs ---- */

#define NO_LINKS                                                                                   \
        "is not supported, as only files and folders are copied; leave it out, and make links in " \
        "scripts.postCustomization"

static const ConfigKey dir_keys[] = {
        KEY("source",
            CONFIG_STRING,
            ConfigDir,
            source,
            .is_required = true,
            .check = config_value_path),
        KEY("destination",
            CONFIG_STRING,
            ConfigDir,
            destination,
            .is_required = true,
            .check = config_value_os_folder),
        KEY("newDirPermissions",
            CONFIG_PERMISSIONS,
            ConfigDir,
            new_mode,
            .extra_offset = offsetof(ConfigDir, has_new_mode)),
        KEY("mergedDirPermissions",
            CONFIG_PERMISSIONS,
            ConfigDir,
            merged_mode,
            .extra_offset = offsetof(ConfigDir, has_merged_mode)),
        KEY("childFilePermissions",
            CONFIG_PERMISSIONS,
            ConfigDir,
            file_mode,
            .extra_offset = offsetof(ConfigDir, has_file_mode)),
        REFUSED("symlinkMode", NO_LINKS),
};
const ConfigTable config_dir_table = { TABLE(dir_keys), ENTRY_OF(ConfigDir) };

/* ---- modules ---- */

/* In the order of ConfigLoadMode. */
static const char *const load_mode_words[] = { "", "inherit", "always", "auto", "disable", NULL };

static const ConfigKey module_keys[] = {
        KEY("name",
            CONFIG_STRING,
            ConfigModule,
            name,
            .is_required = true,
            .check = config_value_module),
        KEY("loadMode", CONFIG_ENUM, ConfigModule, load_mode, .words = load_mode_words),
        KEY("options", CONFIG_PAIRS, ConfigModule, options, .check = config_value_module_option),
};
const ConfigTable config_module_table = {
        TABLE(module_keys),
        ENTRY_OF(ConfigModule),
        .rule = config_rule_module,
};

/* ---- overlays ---- */

static const ConfigKey overlay_keys[] = {
        KEY("lowerDirs",
            CONFIG_STRINGS,
            ConfigOverlay,
            lower_dirs,
            .is_required = true,
            .check = config_value_overlay_dir),
        KEY("upperDir",
            CONFIG_STRING,
            ConfigOverlay,
            upper_dir,
            .is_required = true,
            .check = config_value_overlay_dir),
        KEY("workDir",
            CONFIG_STRING,
            ConfigOverlay,
            work_dir,
            .is_required = true,
            .check = config_value_overlay_dir),
        KEY("mountPoint",
            CONFIG_STRING,
            ConfigOverlay,
            mount_point,
            .is_required = true,
            .check = config_value_overlay_dir),
        KEY("isInitrdOverlay", CONFIG_BOOL, ConfigOverlay, is_initrd, .check = NULL),
        KEY("mountDependencies",
            CONFIG_STRINGS,
            ConfigOverlay,
            dependencies,
            .check = config_value_overlay_dir),
        KEY("mountOptions",
            CONFIG_STRING,
            ConfigOverlay,
            options,
            .check = config_value_overlay_options),
};
const ConfigTable config_overlay_table = {
        TABLE(overlay_keys),
        ENTRY_OF(ConfigOverlay),
        .rule = config_rule_overlay,
};

/* ---- selinux ---- */

/* In the order of ConfigSelinuxMode. */
static const char *const selinux_words[] = {
        "", "disabled", "permissive", "enforcing", "force-enforcing", NULL,
};

static const ConfigKey selinux_keys[] = {
        KEY("mode", CONFIG_ENUM, ConfigSelinux, mode, .words = selinux_words),
};
const ConfigTable config_selinux_table = {
        TABLE(selinux_keys),
        .place_offset = offsetof(ConfigSelinux, place),
        .flag_offset = CONFIG_NOWHERE,
};
