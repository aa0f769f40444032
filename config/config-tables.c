/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The config's schema: the only place that knows how keys are spelt. */

#include "config/config-tables.h"

#include "config/config-merge-rules.h"
#include "config/config-rules.h"
#include "config/config-table-keys.h"
#include "config/config-tables-os.h"
#include "config/config-tables-packages.h"
#include "config/config-url.h"

/* ---- additionalFiles ---- */

/* What happens in any case, under its name. */
static const char *const symlink_words[] = { "", "dereference", NULL };

#define SYMLINK_MODE                                                                              \
        FORGOTTEN("symlinkMode",                                                                  \
                  CONFIG_STRING,                                                                  \
                  .words = symlink_words,                                                         \
                  .feature = "symlink-mode",                                                      \
                  .reason = "is not supported, as a link that is named here is always followed; " \
                            "leave it out")

static const char *const file_sources[] = { "source", "content", NULL };
static const ConfigChoice file_choice = { .keys = file_sources, .is_required = true };

static const ConfigKey os_file_keys[] = {
        KEY("destination",
            CONFIG_STRING,
            ConfigFile,
            destination,
            .is_required = true,
            .check = config_value_os_destination),
        KEY("source", CONFIG_STRING, ConfigFile, source, .check = config_value_path),
        KEY("content", CONFIG_STRING, ConfigFile, content, .is_secret = true),
        KEY("permissions",
            CONFIG_PERMISSIONS,
            ConfigFile,
            permissions,
            .extra_offset = offsetof(ConfigFile, has_permissions)),
        SYMLINK_MODE,
};
static const ConfigTable os_file_table = {
        TABLE(os_file_keys),
        .size = sizeof(ConfigFile),
        .place_offset = offsetof(ConfigFile, place),
        .flag_offset = CONFIG_NOWHERE,
        .choice = &file_choice,
};

static const ConfigKey medium_file_keys[] = {
        KEY("destination",
            CONFIG_STRING,
            ConfigFile,
            destination,
            .is_required = true,
            .check = config_value_medium_destination),
        KEY("source", CONFIG_STRING, ConfigFile, source, .check = config_value_path),
        KEY("content", CONFIG_STRING, ConfigFile, content, .is_secret = true),
        KEY("permissions",
            CONFIG_PERMISSIONS,
            ConfigFile,
            permissions,
            .extra_offset = offsetof(ConfigFile, has_permissions)),
        SYMLINK_MODE,
};
static const ConfigTable medium_file_table = {
        TABLE(medium_file_keys),
        .size = sizeof(ConfigFile),
        .place_offset = offsetof(ConfigFile, place),
        .flag_offset = CONFIG_NOWHERE,
        .choice = &file_choice,
};

/* ---- kernelCommandLine: in three places, read into the list itself ---- */

static const ConfigKey kernel_keys[] = {
        { .name = "extraCommandLine", .type = CONFIG_STRINGS, .check = config_value_line },
};
static const ConfigTable kernel_table = {
        TABLE(kernel_keys),
        NO_TRACE,
        .rule = config_rule_kernel_arguments,
};

/* ---- iso, pxe ---- */

/* In the order of InitramfsType. */
static const char *const initramfs_words[] = { "", "bootstrap", "full-os", NULL };
/* In the order of ConfigKdump. */
static const char *const kdump_words[] = { "", "none", "keep", NULL };

static const ConfigKey iso_keys[] = {
        KEY("kernelCommandLine",
            CONFIG_MAP,
            ConfigMedium,
            kernel_arguments,
            .table = &kernel_table),
        LIST_KEY("additionalFiles", ConfigMedium, files, medium_file_table),
        KEY("initramfsType", CONFIG_ENUM, ConfigMedium, initramfs_type, .words = initramfs_words),
        KEY("kdumpBootFiles",
            CONFIG_ENUM,
            ConfigMedium,
            kdump,
            .words = kdump_words,
            .feature = "kdump-boot-files"),
};
static const ConfigTable iso_table = {
        TABLE(iso_keys),
        .place_offset = offsetof(ConfigMedium, place),
        .flag_offset = offsetof(ConfigMedium, present),
        .rule = config_rule_medium,
        .merge = config_merge_medium,
};

static const ConfigKey download_keys[] = {
        KEY("url",
            CONFIG_STRING,
            ConfigDownload,
            url,
            .is_required = true,
            .is_secret = true,
            .check = config_url_check_download),
        KEY("sha256",
            CONFIG_STRING,
            ConfigDownload,
            sha256,
            .is_required = true,
            .check = config_value_sha256),
        KEY("destination",
            CONFIG_STRING,
            ConfigDownload,
            destination,
            .is_required = true,
            .check = config_value_os_destination),
        KEY("permissions",
            CONFIG_PERMISSIONS,
            ConfigDownload,
            permissions,
            .extra_offset = offsetof(ConfigDownload, has_permissions)),
};
static const ConfigTable download_table = { TABLE(download_keys), ENTRY_OF(ConfigDownload) };

static const ConfigKey pxe_keys[] = {
        KEY("kernelCommandLine",
            CONFIG_MAP,
            ConfigMedium,
            kernel_arguments,
            .table = &kernel_table),
        LIST_KEY("additionalFiles", ConfigMedium, files, medium_file_table),
        KEY("initramfsType", CONFIG_ENUM, ConfigMedium, initramfs_type, .words = initramfs_words),
        KEY("kdumpBootFiles",
            CONFIG_ENUM,
            ConfigMedium,
            kdump,
            .words = kdump_words,
            .feature = "kdump-boot-files"),
        KEY("bootstrapBaseUrl",
            CONFIG_STRING,
            ConfigMedium,
            bootstrap_base_url,
            .check = config_url_check_base),
        KEY("bootstrapFileUrl",
            CONFIG_STRING,
            ConfigMedium,
            bootstrap_file_url,
            .check = config_url_check_file),
        KEY("isoImageBaseUrl",
            CONFIG_STRING,
            ConfigMedium,
            bootstrap_base_url,
            .check = config_url_check_base),
        KEY("isoImageFileUrl",
            CONFIG_STRING,
            ConfigMedium,
            bootstrap_file_url,
            .check = config_url_check_file),
        LIST_KEY("downloads", ConfigMedium, downloads, download_table),
};
static const ConfigTable pxe_table = {
        TABLE(pxe_keys),
        .place_offset = offsetof(ConfigMedium, place),
        .flag_offset = offsetof(ConfigMedium, present),
        .choice = &config_choice_url,
        .rule = config_rule_pxe,
        .merge = config_merge_pxe,
};

/* ---- os ---- */

static const ConfigKey services_keys[] = {
        KEY("enable", CONFIG_STRINGS, Config, services_enable, .check = config_value_unit),
        KEY("disable", CONFIG_STRINGS, Config, services_disable, .check = config_value_unit),
};
static const ConfigTable services_table = {
        TABLE(services_keys),
        NO_TRACE,
        .rule = config_rule_services,
        .merge = config_merge_services,
};

static const char *const history_words[] = { "", "none", NULL };

static const ConfigKey os_keys[] = {
        KEY("hostname", CONFIG_STRING, Config, hostname, .check = config_value_hostname),
        KEY("kernelCommandLine", CONFIG_MAP, Config, kernel_arguments, .table = &kernel_table),
        LIST_KEY("additionalFiles", Config, files, os_file_table),
        { .name = "services", .type = CONFIG_MAP, .table = &services_table },
        LIST_KEY("additionalDirs", Config, dirs, config_dir_table),
        LIST_KEY("groups", Config, groups, config_group_table),
        LIST_KEY("users", Config, users, config_user_table),
        LIST_KEY("modules", Config, modules, config_module_table),
        LIST_KEY("overlays", Config, overlays, config_overlay_table),
        KEY("selinux", CONFIG_MAP, Config, selinux, .table = &config_selinux_table),
        KEY("imageHistory", CONFIG_ENUM, Config, history, .words = history_words),
        KEY("packages", CONFIG_MAP, Config, packages, .table = &config_packages_table),
        REFUSED("bootloader", NOT_LIVE("which always gets a boot loader setup of its own")),
        REFUSED("uki", NOT_LIVE("which boots through grub")),
};
static const ConfigTable os_table = {
        TABLE(os_keys),
        NO_TRACE,
        .rule = config_rule_os,
        .merge = config_merge_os,
};

/* ---- scripts ---- */

static const ConfigKey script_keys[] = {
        KEY("path", CONFIG_STRING, ConfigScript, path, .check = config_value_script_path),
        KEY("content",
            CONFIG_STRING,
            ConfigScript,
            content,
            .is_secret = true,
            .check = config_value_script),
        KEY("interpreter",
            CONFIG_STRING,
            ConfigScript,
            interpreter,
            .check = config_value_interpreter),
        KEY("arguments", CONFIG_STRINGS, ConfigScript, arguments, .check = NULL),
        KEY("environmentVariables",
            CONFIG_PAIRS,
            ConfigScript,
            environment,
            .is_secret = true,
            .check = config_value_environment_name),
        KEY("name", CONFIG_STRING, ConfigScript, name, .check = config_value_line),
};
static const char *const script_sources[] = { "path", "content", NULL };
static const ConfigChoice script_choice = { .keys = script_sources, .is_required = true };
static const ConfigTable script_table = {
        TABLE(script_keys),
        .size = sizeof(ConfigScript),
        .place_offset = offsetof(ConfigScript, place),
        .flag_offset = CONFIG_NOWHERE,
        .choice = &script_choice,
};

static const ConfigKey scripts_keys[] = {
        LIST_KEY("postCustomization", Config, scripts, script_table),
        KEY("network", CONFIG_BOOL, Config, network, .check = NULL),
        LIST_KEY("finalizeCustomization", Config, final_scripts, script_table),
};
static const ConfigTable scripts_table = { TABLE(scripts_keys), NO_TRACE };

/* ---- input, output ---- */

#define NO_DOWNLOADS \
        "is not supported, as pxed fetches no images; leave it out, and name a file in input.image.path"

static const ConfigKey input_image_keys[] = {
        KEY("path", CONFIG_STRING, Config, image_path, .check = config_value_path),
        REFUSED("oci", NO_DOWNLOADS),
        REFUSED("azureLinux", NO_DOWNLOADS),
};
static const ConfigTable input_image_table = { TABLE(input_image_keys), NO_TRACE };

static const ConfigKey input_keys[] = {
        { .name = "image", .type = CONFIG_MAP, .table = &input_image_table },
};
static const ConfigTable input_table = { TABLE(input_keys), NO_TRACE };

/* Those of disk images are known, as the command line may say another. */
static const char *const format_words[] = {
        "",      "iso", "pxe-dir", "pxe-tar",         "pxe", "vhd", "vhd-fixed", "vhdx",
        "qcow2", "raw", "cosi",    "baremetal-image", NULL,
};

static const ConfigKey output_image_keys[] = {
        KEY("path", CONFIG_STRING, Config, output_path, .check = config_value_path),
        KEY("format", CONFIG_STRING, Config, output_format, .words = format_words),
        REFUSED("cosi", NOT_LIVE("which is an ISO or a PXE tree")),
};
static const ConfigTable output_image_table = {
        TABLE(output_image_keys),
        .place_offset = offsetof(Config, output_place),
        .flag_offset = CONFIG_NOWHERE,
};

static const ConfigKey output_keys[] = {
        { .name = "image", .type = CONFIG_MAP, .table = &output_image_table },
        REFUSED("artifacts", NOT_LIVE("whose files come out as an ISO or a PXE tree")),
        REFUSED("selinuxPolicyPath", NOT_YET),
        REFUSED("packageManifest", NOT_YET),
};
static const ConfigTable output_table = { TABLE(output_keys), NO_TRACE };

/* ---- the whole ---- */

static const ConfigKey base_keys[] = {
        KEY("path",
            CONFIG_STRING,
            ConfigBase,
            path,
            .is_required = true,
            .check = config_value_path),
};
static const ConfigTable base_table = {
        TABLE(base_keys),
        .size = sizeof(ConfigBase),
        .place_offset = offsetof(ConfigBase, place),
        .flag_offset = CONFIG_NOWHERE,
};

/* Most switch on what is still refused where it is asked for; naming these changes nothing. */
static const char *const preview_words[] = {
        "uki",
        "output-artifacts",
        "inject-files",
        "reinitialize-verity",
        "package-snapshot-time",
        "kdump-boot-files",
        "preview-distro-version",
        "base-configs",
        "input-image-oci",
        "output-selinux-policy",
        "btrfs",
        "create",
        "unsupported-distro-version",
        "tools-dir",
        "remove-package-manager",
        /* of releases before and after */
        "fedora",
        "fedora-42",
        "ubuntu",
        "ubuntu-22.04",
        "ubuntu-24.04",
        "azure-container-linux",
        "cosi-compression",
        "sign-artifacts",
        "acl-grow-partitions",
        "acl-oem-id",
        "symlink-mode",
        "package-manifest",
        "resize-disk",
        NULL,
};

static const ConfigKey config_keys[] = {
        { .name = "input", .type = CONFIG_MAP, .table = &input_table },
        { .name = "output", .type = CONFIG_MAP, .table = &output_table },
        KEY("iso", CONFIG_MAP, Config, iso, .table = &iso_table),
        KEY("pxe", CONFIG_MAP, Config, pxe, .table = &pxe_table),
        { .name = "os", .type = CONFIG_MAP, .table = &os_table },
        { .name = "scripts", .type = CONFIG_MAP, .table = &scripts_table },
        FORGOTTEN("previewFeatures", CONFIG_STRINGS, .words = preview_words),
        REFUSED("storage", NOT_LIVE("which has no disk of its own")),
        REFUSED("acl", NOT_LIVE("which has no partitions that could grow")),
        LIST_KEY("baseConfigs", Config, bases, base_table, .feature = "base-configs"),
};
const ConfigTable config_table = { TABLE(config_keys), NO_TRACE };
