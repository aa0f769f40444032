/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The config: what a user wants made of an image. The schema is Image Customizer's, as far as it
 * makes sense for a Live OS. config_parse() turns the text into this struct by the tables of
 * config-tables.c, config_check() judges what one key alone cannot tell. Both are pure; both report
 * every mistake, with its place, not just the first.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/failure.h"
#include "config/config-os.h"
#include "config/config-packages.h"
#include "config/config-place.h"
#include "config/diagnostics.h"
#include "config/order.h"

#define CONFIG_MAX_BYTES (1024U * 1024U)

/* Of the kernel arguments of one boot, each with a blank. The kernel takes 2048 on x86; the rest is
 * for what a build adds. */
#define CONFIG_MAX_KERNEL_BYTES 1500

typedef enum InitramfsType {
        INITRAMFS_UNSET, /* iso: bootstrap, pxe: full-os */
        INITRAMFS_BOOTSTRAP,
        INITRAMFS_FULL_OS,
        _INITRAMFS_TYPE_MAX,
        _INITRAMFS_TYPE_INVALID = -22,
} InitramfsType;

/* One of os.additionalFiles, iso.additionalFiles, pxe.additionalFiles. */
typedef struct ConfigFile {
        char *destination; /* os: absolute path in the image; iso, pxe: path below the medium's root.
                              No "..", no empty part; the medium's are without leading '/' */
        char *source;      /* path as written, relative to the config; NULL when content is set */
        char *entry;       /* the source's name in the context (context_entry_name()); or NULL */
        char *content;     /* NULL when source is set */
        bool has_permissions;
        mode_t permissions; /* 0 to 0777 */
        ConfigPlace place;
} ConfigFile;

/* One of scripts.postCustomization or scripts.finalizeCustomization. */
typedef struct ConfigScript {
        char *path;         /* below the config's folder; NULL when content is set */
        char *entry;        /* its name in the context; NULL when content is set */
        char *content;      /* NULL when path is set */
        char *interpreter;  /* NULL: that of its first line, else /bin/sh */
        char **arguments;   /* list */
        char **environment; /* list of NAME=value */
        char *name;         /* for the log; NULL when not given */
        ConfigPlace place;
} ConfigScript;

/* One of baseConfigs. */
typedef struct ConfigBase {
        char *path; /* seen from the folder of the config itself */
        ConfigPlace place;
} ConfigBase;

/* One of pxe.downloads. */
typedef struct ConfigDownload {
        char *url;         /* of ftp, http, https or tftp; may hold a password */
        char *sha256;      /* 64 hexadecimal digits, in lower case */
        char *destination; /* absolute path in the Live OS, as that of ConfigFile */
        bool has_permissions;
        mode_t permissions; /* 0 to 0777; unset: 0644 */
        ConfigPlace place;
} ConfigDownload;

/* What becomes of the initrds of kdump and their kernels, in the order of the words in the table. */
typedef enum ConfigKdump {
        KDUMP_UNSET, /* as an ISO that is the image has it, else as KDUMP_KEEP: nothing is lost unasked */
        KDUMP_NONE, /* on the medium's /boot, not in the OS */
        KDUMP_KEEP, /* in the OS, in /boot */
} ConfigKdump;

/* `iso` or `pxe`. */
typedef struct ConfigMedium {
        bool present; /* the node exists */
        InitramfsType initramfs_type;
        int kdump;               /* ConfigKdump: kdumpBootFiles */
        char **kernel_arguments; /* list: kernelCommandLine.extraCommandLine */
        ConfigFile *files;
        size_t n_files;
        char *bootstrap_base_url;  /* pxe: bootstrapBaseUrl or isoImageBaseUrl */
        char *bootstrap_file_url;  /* pxe: bootstrapFileUrl or isoImageFileUrl */
        ConfigDownload *downloads; /* pxe: what a machine that boots over the network fetches */
        size_t n_downloads;
        bool base_url_is_legacy; /* it was spelt isoImageBaseUrl: joined with the ISO's own name */
        const char *url_key;     /* how the URL that is given is spelt; static, NULL: none */
        ConfigPlace url_place;
        ConfigPlace place;
} ConfigMedium;

typedef struct Config {
        ConfigMedium iso;
        ConfigMedium pxe;
        char *hostname;          /* os.hostname; NULL when unset */
        char **kernel_arguments; /* os.kernelCommandLine.extraCommandLine */
        ConfigFile *files;       /* os.additionalFiles */
        size_t n_files;
        ConfigPackages packages; /* os.packages */
        char **services_enable;  /* os.services.enable */
        char **services_disable; /* os.services.disable */
        ConfigGroup *groups;     /* os.groups */
        size_t n_groups;
        ConfigUser *users; /* os.users */
        size_t n_users;
        ConfigDir *dirs; /* os.additionalDirs */
        size_t n_dirs;
        ConfigModule *modules; /* os.modules */
        size_t n_modules;
        ConfigOverlay *overlays; /* os.overlays */
        size_t n_overlays;
        ConfigSelinux selinux;
        int history;           /* ConfigHistory: os.imageHistory */
        ConfigScript *scripts; /* scripts.postCustomization */
        size_t n_scripts;
        ConfigScript *final_scripts; /* scripts.finalizeCustomization */
        size_t n_final_scripts;
        bool network;      /* scripts.network: the scripts may reach the network; ours */
        char *image_path;  /* input.image.path: for pxectl; NULL when unset */
        char *output_path; /* output.image.path: for pxectl; NULL when unset */
        char *output_format; /* output.image.format, see config_check_output_format(); NULL when unset */
        ConfigPlace output_place; /* of output.image */
        ConfigBase *bases;        /* baseConfigs: read and merged by config_parse_texts() */
        size_t n_bases;
        char **base_paths; /* list: of those that were read; ConfigPlace.file 1 is the first */
} Config;

/* Parses the text. Returns 0 when there is no error (there may be warnings), -EBADMSG when
 * `diagnostics` got errors; then the config must not be used. Errors: also -ENOMEM. */
int config_parse(const char *text, size_t size, Config *ret, Diagnostics *diagnostics);

/* Of base configs: how many there may be, and through how many others one may come. */
#define CONFIG_MAX_BASES      32
#define CONFIG_MAX_BASE_DEPTH 8

/* Reads the text of a base config for config_parse_texts(). `path` is seen from the folder of the
 * config itself, `index` counts the base configs in the order in which they are read, each once. The
 * failure is a remark behind the path. Caller frees. */
typedef int (*ConfigLoad)(
                void *userdata,
                const char *path,
                size_t index,
                char **ret_text,
                size_t *ret_size,
                Failure *reterr);

/* The texts that make a config: its own, those of its base configs, and what the command line adds. */
typedef struct ConfigTexts {
        const char *text;
        size_t size;
        ConfigLoad load; /* NULL: no base config came along */
        void *userdata;
        const char *sources; /* of CONTEXT_SOURCES; NULL: none */
        size_t sources_size;
} ConfigTexts;

/* As config_parse(), with what the config's base configs say in front: lists are put together, of
 * single values the last one counts, and so does the last file of one destination. Paths in them
 * become such that are seen from the folder of the config itself. What the command line adds comes
 * last. */
int config_parse_texts(const ConfigTexts *texts, Config *ret, Diagnostics *diagnostics);

/* What is known of the image when its config is judged. An ISO stays of the initramfs type that it has, and may
 * remember what the config does not say. */
typedef enum ConfigImage {
        CONFIG_IMAGE_NONE,      /* none was named: what only an ISO would mend is a warning */
        CONFIG_IMAGE_DISK,      /* remembers nothing: that is an error */
        CONFIG_IMAGE_MAYBE_ISO, /* whoever reads it judges that */
        CONFIG_IMAGE_ISO_BOOTSTRAP,
        CONFIG_IMAGE_ISO_FULL_OS,
} ConfigImage;

/* Judges the config for what is to be made: bootstrap without a URL, a URL with full-os, … and the
 * rules that need the whole. Returns as config_parse(). */
int config_check(
                const Config *config,
                const Order *order,
                ConfigImage image,
                Diagnostics *diagnostics);

/* Adds an error when output.image.format, where it counts, is none of a Live OS: Image Customizer makes disk
 * images of the same config. Returns as config_parse(). */
int config_check_output_format(const Config *config, Diagnostics *diagnostics);

/* True when the config is wrong for a disk and may be right for an ISO, so that the kind of the image counts. */
bool config_asks_image(const Config *config, const Order *order);

/* Adds an error for each file that the media would have in the place of the ISO that is fetched, when that
 * gets its name from elsewhere than the config. Returns as config_parse(). */
int config_check_iso_name(
                const Config *config,
                const Order *order,
                const char *iso_name,
                Diagnostics *diagnostics);

/* The initramfs type that the format gets: the config's or the default. For an ISO with PXE
 * artifacts the ISO's type counts. */
InitramfsType config_initramfs_type(const Config *config, OrderFormat format);

/* True when the node says where the ISO is. */
bool config_has_url(const ConfigMedium *pxe);

/* The URL that the PXE artifact boots from and the file name that it must be served under: for
 * bootstrap; `*ret_url` is NULL when the node has none. `iso_name` is the order's and may be NULL.
 * Caller frees both. Errors: -ENOMEM. */
int config_bootstrap_url(
                const ConfigMedium *pxe,
                const char *iso_name,
                char **ret_url,
                char **ret_name);

/* What the config says becomes of kdump's files in what the format makes; KDUMP_UNSET when it says nothing. */
ConfigKdump config_kdump(const Config *config, OrderFormat format);

/* A file or folder that the config names. */
typedef struct ConfigSource {
        const char *path;  /* as written */
        const char *entry; /* its name in the context */
        const char *key;   /* what names it, "os.additionalFiles"; static */
        ConfigPlace place; /* of the entry that names it */
        bool is_folder;
        bool is_of_caller; /* from the command line: the path starts from the caller's folder */
        bool is_secret;    /* nothing of what is in it may be told, not even a digest */
} ConfigSource;

/* All distinct ones, in the order of the text. They borrow from the config; caller frees the array.
 * Errors: -ENOMEM. */
int config_sources(const Config *config, ConfigSource **ret, size_t *ret_n);

/* True when the build has to reach the network: for the scripts, or for packages that did not come
 * with the config. */
bool config_needs_network(const Config *config);

/* Where something stands, for a sentence: "line 7", "line 7 of base.yaml". NULL when memory is out.
 * Caller frees. */
char *config_place_to_text(const Config *config, const ConfigPlace *place);

/* What an entry owns, not itself. */
void config_file_done(ConfigFile *file);

void config_download_done(ConfigDownload *download);

void config_done(Config *config);
#define _cleanup_config_ _cleanup_(config_done)
