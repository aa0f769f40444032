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
#include "liveos/lacks.h"
#include "liveos/live-url.h"

#define MODULES_PATH "usr/lib/dracut/modules.d"

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
        { DRACUT_LIVENET, "" },
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

/* An inspection: what the image lacks, and the modules that its dracut has. */
typedef struct Inspection {
        Lacks lacks;
        char **modules; /* list: folders of MODULES_PATH, "90livenet" */
} Inspection;

static void inspection_done(Inspection *inspection) {
        lacks_done(&inspection->lacks);
        (void) strv_free(inspection->modules);
}
#define _cleanup_inspection_ _cleanup_(inspection_done)

static int judge(const Inspection *inspection, Failure *reterr) {
        return lacks_judge(
                        &inspection->lacks,
                        "The image's dracut cannot make the initrd of a bootstrap Live OS",
                        ", or choose initramfsType: full-os",
                        reterr);
}

const char *dracut_network_to_string(DracutNetwork network) {
        return networks[network].module.name;
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

static int list_modules(int root_fd, char ***ret) {
        _cleanup_strv_ char **folders = NULL;
        _cleanup_closedir_ DIR *d = NULL;
        struct dirent *entry;
        int r = open_folder(root_fd, MODULES_PATH, &d);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        while ((entry = fs_readdir(d))) {
                r = strv_append(&folders, entry->d_name);
                if (r < 0)
                        return r;
        }
        if (errno != 0)
                return -errno;
        *ret = TAKE_PTR(folders);
        return 0;
}

/* The folder of a module, which begins with a number; NULL when there is none. */
static const char *find_module(char *const *folders, const char *name) {
        STRV_FOREACH(folder, folders)
                if (str_equal(*folder + strspn(*folder, "0123456789"), name))
                        return *folder;
        return NULL;
}

int dracut_has_module(int root_fd, const char *name) {
        _cleanup_strv_ char **folders = NULL;
        int r = list_modules(root_fd, &folders);

        return r < 0 ? r : find_module(folders, name) != NULL;
}

static int read_modules(Inspection *inspection, Dracut *dracut) {
        const Lacks *lacks = &inspection->lacks;
        int r = list_modules(lacks->root_fd, &inspection->modules);
        const char *livenet = r < 0 ? NULL : find_module(inspection->modules, DRACUT_LIVENET);

        return livenet && str_equal(lacks->os->id, "azurelinux")
                               ? look_into_livenet(lacks->root_fd, livenet, dracut)
                               : r;
}

static int check_module(Inspection *inspection, const Module *module) {
        int r = 0;

        if (!find_module(inspection->modules, module->name))
                r = lacks_add(&inspection->lacks, "module", module->name);
        return r < 0 ? r : lacks_check_programs(&inspection->lacks, module->programs);
}

/* Of the same image, lacking nothing so far. */
static int inspection_try(const Inspection *inspection, Inspection *ret_trial) {
        ret_trial->lacks = (Lacks){ .root_fd = inspection->lacks.root_fd,
                                    .os = inspection->lacks.os };
        return strv_append_all(&ret_trial->modules, inspection->modules);
}

/* True when nothing of the module is missing. */
static int is_usable(const Inspection *inspection, const Module *module) {
        _cleanup_inspection_ Inspection trial = {};
        int r = inspection_try(inspection, &trial);

        if (r >= 0)
                r = check_module(&trial, module);
        return r < 0 ? r : !trial.lacks.things;
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

static int check_network(Inspection *inspection, Dracut *dracut) {
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(fetch_modules); i++)
                if (r >= 0)
                        r = check_module(inspection, &fetch_modules[i]);
        return r < 0 ? r : choose_network(inspection, dracut);
}

/* Where nothing is to be fetched yet: an ISO may be made into a PXE tree some day, and an image that has
 * nothing for that is not to blame. */
static int try_network(const Inspection *inspection, Dracut *dracut) {
        _cleanup_inspection_ Inspection trial = {};
        int r = inspection_try(inspection, &trial);

        if (r >= 0)
                r = check_network(&trial, dracut);
        if (trial.lacks.things)
                dracut->network = DRACUT_NETWORK_NONE;
        return r;
}

static int check_modules(Inspection *inspection, unsigned flags, Dracut *dracut) {
        int r = check_module(inspection, &live_module);

        if (r >= 0 && dracut->version >= VERSION_RD_OVERLAY)
                r = check_module(inspection, &overlay_module);
        if (r < 0)
                return r;
        return flags & DRACUT_WITH_NETWORK ? check_network(inspection, dracut)
                                           : try_network(inspection, dracut);
}

int dracut_inspect(int root_fd, const OsRelease *os, unsigned flags, Dracut *ret, Failure *reterr) {
        _cleanup_inspection_ Inspection inspection = { .lacks = { .root_fd = root_fd, .os = os } };
        Dracut dracut = {};
        int r = dracut_version_read(root_fd, &dracut.version, dracut.version_text, reterr);

        if (r == -ENOENT) {
                r = lacks_add(&inspection.lacks, "program", "dracut");
                return r < 0 ? r : judge(&inspection, reterr);
        }
        if (r < 0)
                return r;
        r = read_modules(&inspection, &dracut);
        if (r >= 0)
                r = check_modules(&inspection, flags, &dracut);
        if (r < 0)
                return failure_set_errno(reterr, r, "The image's dracut cannot be looked at");
        r = judge(&inspection, reterr);
        if (r >= 0)
                *ret = dracut;
        return r;
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

/* The modules that are asked for; all others come by themselves. */
static char *list_wanted_modules(const Dracut *dracut) {
        const char *network = networks[dracut->network].module.name;
        const char *for_url = dracut->url_module;

        if (!network)
                return strdup("dmsquash-live");
        return str_printf(
                        "%s dmsquash-live " DRACUT_LIVENET "%s%s",
                        network,
                        for_url ? " " : "",
                        for_url ? for_url : "");
}

int dracut_argv(const Dracut *dracut, const char *kernel_version, const char *output, char ***ret) {
        const char *omit = networks[dracut->network].omit;
        _cleanup_free_ char *add = list_wanted_modules(dracut);
        const struct {
                const char *option;
                const char *value; /* NULL: the option has none */
                bool is_unwanted;
        } words[] = {
                { "dracut", NULL, false },
                { "--reproducible", NULL, !dracut->is_reproducible },
                { "--force", NULL, false },
                { "--kver", kernel_version, false },
                { "--no-hostonly", NULL, false },
                { "--no-hostonly-cmdline", NULL, false },
                { "--no-early-microcode", NULL, false },
                { "--no-compress", NULL, false },
                { "--nostrip", NULL, false },
                { "--nohardlink", NULL, false },
                { "--add", add, false },
                { "--add-drivers", DRIVERS, false },
                { "--filesystems", "squashfs", false },
                { "--omit", omit, !omit },
                { "--install", "/" LIVE_URL_CURL_SETTINGS_PATH, !omit },
                { output, NULL, false },
        };
        _cleanup_strv_ char **argv = NULL;
        int r = add ? 0 : -ENOMEM;

        for (size_t i = 0; i < ELEMENTSOF(words) && r >= 0; i++) {
                if (words[i].is_unwanted)
                        continue;
                r = strv_append(&argv, words[i].option);
                if (r >= 0 && words[i].value)
                        r = strv_append(&argv, words[i].value);
        }
        if (r < 0)
                return r;
        *ret = TAKE_PTR(argv);
        return 0;
}
