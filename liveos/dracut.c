/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The image's dracut. What it lacks is found here, before it runs: dracut itself leaves a module out
 * with a line in its log, and the Live OS then stops half way through its boot.
 */

#include "liveos/dracut.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/cmdline.h"

#define MODULES_PATH      "usr/lib/dracut/modules.d"
#define VERSION_MAX_BYTES (1024U * 1024U)

/* Where an installed dracut tells its version, by the line that begins so; the first that is there
 * counts. Upstream has the first place no more from 110 on, but some packages still make it. */
static const struct {
        const char *path;
        const char *line;
} version_places[] = {
        { "usr/lib/dracut/dracut-version.sh", "DRACUT_VERSION=" },
        { "usr/bin/dracut", "DRACUT_VERSION=" },
        { "usr/share/pkgconfig/dracut.pc", "Version: " },
};

/* From this version on: livenet works with any network module. */
#define VERSION_NETWORKD 103
/* From this version on: rd.overlay in place of rd.live.overlay.overlayfs, read by the module
 * overlayfs. */
#define VERSION_RD_OVERLAY 110

#define DRIVERS "squashfs overlay isofs loop virtio_net virtio_blk virtio_scsi sr_mod sd_mod"

/* A module of dracut with the programs that it cannot do without. `a|b`: one of the two. */
typedef struct Module {
        const char *name;
        const char *programs;
} Module;

static const Module live_module = { "dmsquash-live",
                                    "dmsetup blkid losetup blockdev dd find grep" };

static const Module overlay_module = { "overlayfs", "" };

static const Module fetch_modules[] = {
        { "livenet", "" },
        { "url-lib", "curl" },
};

static const struct {
        Module module;
        const char *omit; /* modules that would take its place */
} networks[_DRACUT_NETWORK_MAX] = {
        [DRACUT_NETWORK_LEGACY] = { { "network-legacy",
                                      "ip dhclient sed awk grep pgrep tr expr arping|arping2" },
                                    "systemd-networkd systemd-network-management network-manager" },
        [DRACUT_NETWORK_MANAGER] = { { "network-manager",
                                       "NetworkManager nm-initrd-generator ip sed awk grep pgrep tr" },
                                     "systemd-networkd systemd-network-management network-legacy" },
        [DRACUT_NETWORK_NETWORKD] = { { "systemd-networkd",
                                        "systemd-networkd networkctl ip sed awk grep pgrep tr" },
                                      "network-manager network-legacy" },
};

/* In the order of preference. */
static const DracutNetwork networks_old[] = { DRACUT_NETWORK_LEGACY, DRACUT_NETWORK_MANAGER };
static const DracutNetwork networks_new[] = { DRACUT_NETWORK_NETWORKD,
                                              DRACUT_NETWORK_MANAGER,
                                              DRACUT_NETWORK_LEGACY };

/* Who packages what. */
static const struct {
        const char *what;
        const char *packages[_FAMILY_MAX];
} packages[] = {
#define PACKAGES(debian, azurelinux, fedora) \
        { [FAMILY_DEBIAN] = debian, [FAMILY_AZURELINUX] = azurelinux, [FAMILY_FEDORA] = fedora }
        { "dracut", PACKAGES("dracut", "dracut", "dracut") },
        { "dmsquash-live", PACKAGES("dracut-live", "dracut", "dracut-live") },
        { "overlayfs", PACKAGES("dracut-core", "dracut-overlayfs", "dracut") },
        { "livenet", PACKAGES("dracut-live", "dracut", "dracut-live") },
        { "url-lib", PACKAGES("dracut-network", "dracut", "dracut-network") },
        { "network-legacy", PACKAGES("dracut-network", "dracut", "dracut-network") },
        { "network-manager", PACKAGES("dracut-network", "dracut", "dracut-network") },
        { "systemd-networkd", PACKAGES("systemd", "systemd", "systemd-networkd") },
        { "networkctl", PACKAGES("systemd", "systemd", "systemd-networkd") },
        { "NetworkManager", PACKAGES("network-manager", "NetworkManager", "NetworkManager") },
        { "nm-initrd-generator", PACKAGES("network-manager", "NetworkManager", "NetworkManager") },
        { "dmsetup", PACKAGES("dmsetup", "device-mapper", "device-mapper") },
        { "losetup", PACKAGES("mount", "util-linux", "util-linux") },
        { "blkid", PACKAGES("util-linux", "util-linux", "util-linux") },
        { "blockdev", PACKAGES("util-linux", "util-linux", "util-linux") },
        { "curl", PACKAGES("curl", "curl", "curl") },
        { "dhclient", PACKAGES("isc-dhcp-client", "dhcp-client", "dhcp-client") },
        { "pgrep", PACKAGES("procps", "procps-ng", "procps-ng") },
        { "arping", PACKAGES("iputils-arping", "iputils", "iputils") },
        { "ip", PACKAGES("iproute2", "iproute", "iproute") },
        { "awk", PACKAGES("mawk", "gawk", "gawk") },
        { "sed", PACKAGES("sed", "sed", "sed") },
        { "grep", PACKAGES("grep", "grep", "grep") },
        { "find", PACKAGES("findutils", "findutils", "findutils") },
        { "tr", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "expr", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "dd", PACKAGES("coreutils", "coreutils", "coreutils") },
#undef PACKAGES
};

/* An inspection: the image, and what was found to be missing. */
typedef struct Inspection {
        int root_fd;
        const OsRelease *os;
        char **modules;  /* list: what dracut has, without the numbers in front */
        char **missing;  /* list: "the module 'livenet'" */
        char **packages; /* list: to be installed, none twice */
} Inspection;

static void inspection_done(Inspection *inspection) {
        (void) strv_free(inspection->modules);
        (void) strv_free(inspection->missing);
        (void) strv_free(inspection->packages);
}
#define _cleanup_inspection_ _cleanup_(inspection_done)

static const char *find_package(const char *what, Family family) {
        for (size_t i = 0; i < ELEMENTSOF(packages); i++)
                if (str_equal(packages[i].what, what))
                        return packages[i].packages[family];
        return NULL;
}

static int add_missing(Inspection *inspection, const char *kind, const char *what) {
        const char *package = find_package(what, inspection->os->family);
        int r = strv_append_take(&inspection->missing, str_printf("the %s '%s'", kind, what));

        if (r >= 0 && package && !strv_contains(inspection->packages, package))
                r = strv_append(&inspection->packages, package);
        return r;
}

static int fail_missing(const Inspection *inspection, Failure *reterr) {
        _cleanup_free_ char *missing = strv_join(inspection->missing, ", "),
                            *install = strv_join(inspection->packages, " ");

        if (!missing || !install)
                return -ENOMEM;
        return failure_set(
                        reterr,
                        -ENOPKG,
                        "The image's dracut cannot make the initrd of a bootstrap Live OS, these are missing: %s. Install in the image what has them%s%s, or choose initramfsType: full-os.",
                        missing,
                        *install ? ": " : "",
                        install);
}

const char *dracut_network_to_string(DracutNetwork network) {
        return networks[network].module.name;
}

int dracut_version_parse(const char *text, unsigned *ret_version) {
        size_t n = strspn(text, "0123456789");
        unsigned version = 0;

        if (n == 0 || n > 6 || (text[n] != '\0' && !strchr("-+.~ ", text[n])))
                return -EINVAL;
        for (size_t i = 0; i < n; i++)
                version = version * 10 + (unsigned) (text[i] - '0');
        *ret_version = version;
        return 0;
}

/* The version on the line of the text that begins so. Errors: -ENODATA when there is none. */
static int find_version(const char *text, const char *line_begin, Dracut *ret) {
        _cleanup_strv_ char **lines = strv_split(text, "\n");

        if (!lines)
                return -ENOMEM;
        STRV_FOREACH(line, lines) {
                const char *value = str_after_prefix(*line, line_begin);

                if (!value)
                        continue;
                value += strspn(value, "\"'");
                (void) snprintf(ret->version_text,
                                sizeof(ret->version_text),
                                "%.*s",
                                (int) strcspn(value, "\"' \t\r"),
                                value);
                str_make_utf8(ret->version_text);
                str_blank_controls(ret->version_text);
                return dracut_version_parse(ret->version_text, &ret->version);
        }
        return -ENODATA;
}

static int fail_version(const char *path, Failure *reterr) {
        return failure_set(
                        reterr,
                        -ENOPKG,
                        "The image's file '/%s' does not tell the version of dracut: install dracut anew in the image.",
                        path);
}

static int read_version(Inspection *inspection, Dracut *ret, Failure *reterr) {
        const char *found = NULL;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(version_places); i++) {
                const char *path = version_places[i].path;
                _cleanup_free_ char *text = NULL;
                size_t size;

                r = fs_read_in_root(inspection->root_fd, path, VERSION_MAX_BYTES, &text, &size);
                if (r == -ENOENT)
                        continue;
                if (r < 0)
                        return failure_set_errno(
                                        reterr,
                                        r,
                                        "The image's file '/%s' cannot be read",
                                        path);
                found = path;
                r = find_version(text, version_places[i].line, ret);
                if (r == -EINVAL)
                        return fail_version(path, reterr);
                if (r != -ENODATA)
                        return r;
        }
        if (found)
                return fail_version(found, reterr);
        r = add_missing(inspection, "program", "dracut");
        return r < 0 ? r : fail_missing(inspection, reterr);
}

static int open_folder(int root_fd, const char *path, DIR **ret) {
        int fd = fd_open_in_root(root_fd, path, O_RDONLY | O_DIRECTORY, 0);

        if (fd < 0)
                return fd;
        *ret = fs_opendir(fd);
        return *ret ? 0 : -errno;
}

/* Livenet of Azure Linux brings a service that downloads the ISO. */
static int look_into_livenet(int root_fd, const char *folder, Dracut *dracut) {
        _cleanup_free_ char *path = str_printf(MODULES_PATH "/%s", folder);
        _cleanup_closedir_ DIR *d = NULL;
        struct dirent *entry;
        int r = path ? open_folder(root_fd, path, &d) : -ENOMEM;

        if (r < 0)
                return r;
        while ((entry = fs_readdir(d)))
                if (strstr(entry->d_name, "liveos-artifacts-download"))
                        dracut->has_azl_downloader = true;
        return -errno;
}

static int read_modules(Inspection *inspection, Dracut *dracut) {
        _cleanup_closedir_ DIR *d = NULL;
        struct dirent *entry;
        int r = open_folder(inspection->root_fd, MODULES_PATH, &d);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        while ((entry = fs_readdir(d))) {
                const char *name = entry->d_name + strspn(entry->d_name, "0123456789");

                r = strv_append(&inspection->modules, name);
                if (r >= 0 && str_equal(name, "livenet") &&
                    str_equal(inspection->os->id, "azurelinux"))
                        r = look_into_livenet(inspection->root_fd, entry->d_name, dracut);
                if (r < 0)
                        return r;
        }
        return -errno;
}

static bool has_program(int root_fd, const char *name) {
        static const char *const folders[] = {
                "usr/bin",
                "usr/sbin",
                "bin",
                "sbin",
                "usr/libexec",
                "usr/lib/systemd",
                "usr/lib/NetworkManager",
                "usr/lib",
        };

        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                _cleanup_free_ char *path = str_printf("%s/%s", folders[i], name);
                struct stat st;

                if (path && fs_stat_in_root(root_fd, path, &st) >= 0 && S_ISREG(st.st_mode))
                        return true;
        }
        return false;
}

/* Notes a program that is missing; of `a|b` the first one. */
static int check_program(Inspection *inspection, const char *alternatives) {
        _cleanup_strv_ char **names = strv_split(alternatives, "|");

        if (!names)
                return -ENOMEM;
        STRV_FOREACH(name, names)
                if (has_program(inspection->root_fd, *name))
                        return 0;
        return add_missing(inspection, "program", names[0]);
}

static int check_module(Inspection *inspection, const Module *module) {
        _cleanup_strv_ char **programs = strv_split(module->programs, " ");
        int r = 0;

        if (!programs)
                return -ENOMEM;
        if (!strv_contains(inspection->modules, module->name))
                r = add_missing(inspection, "module", module->name);
        STRV_FOREACH(program, programs)
                if (r >= 0)
                        r = check_program(inspection, *program);
        return r;
}

/* True when nothing of the module is missing. */
static int is_usable(const Inspection *inspection, const Module *module) {
        _cleanup_inspection_ Inspection trial = { .root_fd = inspection->root_fd,
                                                  .os = inspection->os };
        int r = strv_append_all(&trial.modules, inspection->modules);

        if (r >= 0)
                r = check_module(&trial, module);
        return r < 0 ? r : strv_length(trial.missing) == 0;
}

/* The first usable network module; when there is none, what the first is missing. */
static int choose_network(Inspection *inspection, Dracut *dracut) {
        bool is_new = dracut->version >= VERSION_NETWORKD || dracut->has_azl_downloader;
        const DracutNetwork *list = is_new ? networks_new : networks_old;
        size_t n = is_new ? ELEMENTSOF(networks_new) : ELEMENTSOF(networks_old);

        for (size_t i = 0; i < n; i++) {
                int r = is_usable(inspection, &networks[list[i]].module);

                if (r < 0)
                        return r;
                if (r > 0) {
                        dracut->network = list[i];
                        return 0;
                }
        }
        return check_module(inspection, &networks[list[0]].module);
}

static int check_modules(Inspection *inspection, unsigned flags, Dracut *dracut) {
        int r = check_module(inspection, &live_module);

        if (r >= 0 && dracut->version >= VERSION_RD_OVERLAY)
                r = check_module(inspection, &overlay_module);
        if (!(flags & DRACUT_WITH_NETWORK))
                return r;
        for (size_t i = 0; i < ELEMENTSOF(fetch_modules); i++)
                if (r >= 0)
                        r = check_module(inspection, &fetch_modules[i]);
        return r < 0 ? r : choose_network(inspection, dracut);
}

int dracut_inspect(int root_fd, const OsRelease *os, unsigned flags, Dracut *ret, Failure *reterr) {
        _cleanup_inspection_ Inspection inspection = { .root_fd = root_fd, .os = os };
        Dracut dracut = {};
        int r = read_version(&inspection, &dracut, reterr);

        if (r < 0)
                return r;
        r = read_modules(&inspection, &dracut);
        if (r >= 0)
                r = check_modules(&inspection, flags, &dracut);
        if (r < 0)
                return failure_set_errno(reterr, r, "The image's dracut cannot be looked at");
        if (inspection.missing)
                return fail_missing(&inspection, reterr);
        *ret = dracut;
        return 0;
}

int dracut_add_live_arguments(const Dracut *dracut, MediumKind medium, char ***words) {
        bool is_new = dracut->version >= VERSION_RD_OVERLAY, is_pxe = medium == MEDIUM_PXE;
        const struct {
                const char *word;
                bool is_wanted;
                bool is_ours; /* follows from the medium's layout; a user cannot change it */
        } arguments[] = {
                { "rd.live.image", true, true },
                { "rd.live.dir=liveos", true, true },
                { "rd.live.squashimg=rootfs.img", true, true },
                { "rd.live.overlay.overlayfs=1", !is_new, true },
                { "rd.overlay=1", is_new, false },
                { "ip=dhcp", is_pxe, false },
                { "rd.neednet=1", is_pxe, true },
                { "rd.live.azldownloader=enable", is_pxe && dracut->has_azl_downloader, true },
        };

        for (size_t i = 0; i < ELEMENTSOF(arguments); i++) {
                int r = 0;

                if (arguments[i].is_wanted)
                        r = arguments[i].is_ours ? cmdline_replace(words, arguments[i].word)
                                                 : cmdline_add_default(words, arguments[i].word);
                if (r < 0)
                        return r;
        }
        return 0;
}

int dracut_argv(const Dracut *dracut, const char *kernel_version, const char *output, char ***ret) {
        const char *network = dracut_network_to_string(dracut->network);
        _cleanup_free_ char *add = network ? str_printf("%s dmsquash-live livenet", network)
                                           : strdup("dmsquash-live");
        const char *const words[] = {
                "--force",
                "--kver",
                kernel_version,
                "--no-hostonly",
                "--no-hostonly-cmdline",
                "--no-early-microcode",
                "--no-compress",
                "--nostrip",
                "--nohardlink",
                "--add",
                add,
                "--add-drivers",
                DRIVERS,
                "--filesystems",
                "squashfs",
                network ? "--omit" : output,
                network ? networks[dracut->network].omit : NULL,
                network ? output : NULL,
        };
        _cleanup_strv_ char **argv = NULL;
        int r = add ? strv_append(&argv, "dracut") : -ENOMEM;

        if (r >= 0 && dracut->is_reproducible)
                r = strv_append(&argv, "--reproducible");
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(words) && words[i]; i++)
                r = strv_append(&argv, words[i]);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(argv);
        return 0;
}
