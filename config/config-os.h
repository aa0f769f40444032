/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the config's node `os` asks for beyond files and services: accounts, folders, modules,
 * overlays, SELinux. Plain data, checked by the tables; each array belongs to its Config and is freed
 * by the function of its name.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/config-place.h"

/* One of os.groups. */
typedef struct ConfigGroup {
        char *name;
        bool has_gid;
        int64_t gid; /* 0 to CONFIG_MAX_ID */
        ConfigPlace place;
} ConfigGroup;

/* In the order of the words in the table. */
typedef enum ConfigPasswordType {
        PASSWORD_LOCKED, /* no password opens the account; a key may */
        PASSWORD_PLAIN,
        PASSWORD_HASHED, /* as crypt(5) has it */
        PASSWORD_PLAIN_FILE,
        PASSWORD_HASHED_FILE,
} ConfigPasswordType;

/* os.users[].password. Whoever holds it prints neither `value` nor what is in the file. */
typedef struct ConfigPassword {
        bool present;
        int type;    /* ConfigPasswordType */
        char *value; /* the secret; the path of its file; NULL with PASSWORD_LOCKED */
        char *entry; /* the file's name in the context; NULL without one */
        ConfigPlace place;
} ConfigPassword;

/* One of os.users. */
typedef struct ConfigUser {
        char *name;
        bool has_uid;
        int64_t uid; /* 0 to CONFIG_MAX_ID */
        ConfigPassword password;
        bool has_expiry;
        int64_t expires_days;   /* passwordExpiresDays: -1 never, to 99999 */
        char **ssh_key_paths;   /* list: sshPublicKeyPaths */
        char **ssh_key_entries; /* list: their names in the context, one for each path */
        char **ssh_keys;        /* list: sshPublicKeys */
        char *primary_group;    /* NULL when unset */
        char **secondary_groups;
        char *startup_command; /* what runs at login; NULL when unset */
        char *home;            /* homeDirectory, normalized; NULL when unset */
        ConfigPlace place;
} ConfigUser;

/* One of os.additionalDirs. */
typedef struct ConfigDir {
        char *source;      /* path as written */
        char *entry;       /* its name in the context */
        char *destination; /* absolute, normalized; may be "/" */
        bool has_new_mode, has_merged_mode, has_file_mode;
        mode_t new_mode;    /* of folders that are made; unset: 0755 */
        mode_t merged_mode; /* of folders that were there; unset: they keep theirs */
        mode_t file_mode;   /* of the files; unset: 0755 */
        ConfigPlace place;
} ConfigDir;

/* In the order of the words in the table. */
typedef enum ConfigLoadMode {
        MODULE_UNSET,   /* as MODULE_INHERIT */
        MODULE_INHERIT, /* as the image has it */
        MODULE_ALWAYS,
        MODULE_AUTO, /* when something needs it: not disabled */
        MODULE_DISABLE,
} ConfigLoadMode;

/* One of os.modules. */
typedef struct ConfigModule {
        char *name;
        int load_mode;  /* ConfigLoadMode */
        char **options; /* list of NAME=value */
        ConfigPlace place;
} ConfigModule;

/* One of os.overlays. Paths are absolute and normalized; no character in them means anything to
 * mount(8) or in a unit of systemd. */
typedef struct ConfigOverlay {
        char **lower_dirs; /* uppermost first, at least one */
        char *upper_dir;   /* below /run, as is work_dir */
        char *work_dir;
        char *mount_point;
        char **dependencies; /* list: mountDependencies */
        char *options;       /* mountOptions; NULL when unset */
        bool is_initrd;      /* only for its rule, which refuses it */
        ConfigPlace place;
} ConfigOverlay;

/* In the order of the words in the table. */
typedef enum ConfigSelinuxMode {
        SELINUX_UNSET, /* as the image has it */
        SELINUX_DISABLED,
        SELINUX_PERMISSIVE,
        SELINUX_ENFORCING,
        SELINUX_FORCE_ENFORCING, /* also when the kernel is told nothing else */
} ConfigSelinuxMode;

/* os.selinux. */
typedef struct ConfigSelinux {
        int mode; /* ConfigSelinuxMode */
        ConfigPlace place;
} ConfigSelinux;

/* os.imageHistory, in the order of the words in the table. */
typedef enum ConfigHistory {
        HISTORY_WRITE,
        HISTORY_NONE,
} ConfigHistory;

#define CONFIG_MAX_ID 60000

/* Of a secret: what crypt(3) takes, CRYPT_MAX_PASSPHRASE_SIZE, with its NUL. */
#define CONFIG_MAX_SECRET_BYTES 512

void config_groups_free(ConfigGroup *groups, size_t n);
void config_users_free(ConfigUser *users, size_t n);
void config_dirs_free(ConfigDir *dirs, size_t n);
void config_modules_free(ConfigModule *modules, size_t n);
void config_overlays_free(ConfigOverlay *overlays, size_t n);
