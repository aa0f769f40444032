/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The facts of an image, in the order in which a mistake in it is easiest to understand. */

#include "liveos/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <syslog.h>

#include "common/fs.h"
#include "common/strings.h"
#include "config/report.h"
#include "liveos/esp.h"
#include "liveos/grub-bls.h"
#include "liveos/grub-env.h"
#include "liveos/places.h"

#define GRUB_CFG_MAX_BYTES (1024U * 1024U)

/* Where distributions keep the menu that grub-mkconfig writes. */
static const struct {
        const char *folder;
        const char *cfg;
} grub_folders[] = {
        { "boot/grub2", "boot/grub2/grub.cfg" },
        { "boot/grub", "boot/grub/grub.cfg" },
};

static int find_grub_cfg(Build *build, int root_fd, Failure *reterr) {
        for (size_t i = 0; i < ELEMENTSOF(grub_folders); i++) {
                const char *path = grub_folders[i].cfg;
                size_t size;
                int r = fs_read_in_root(root_fd, path, GRUB_CFG_MAX_BYTES, &build->grub_cfg, &size);

                if (r == -ENOENT)
                        continue;
                if (r < 0)
                        return failure_set_errno(reterr, r, "The image's /%s cannot be read", path);
                if (strlen(build->grub_cfg) != size)
                        return failure_set(reterr, -EBADMSG, "The image's /%s is not text.", path);
                build->grub_cfg_folder = grub_folders[i].folder;
                return 0;
        }
        return failure_set(
                        reterr,
                        -ENOPKG,
                        "The image has no boot menu: neither /boot/grub2/grub.cfg nor /boot/grub/grub.cfg is there. Install GRUB in the image and run its grub-mkconfig.");
}

/* The image's grubenv, or an empty one: a menu that loads it must find it. */
static int read_grub_env(Build *build, int root_fd, Failure *reterr) {
        _cleanup_free_ char *path = str_printf("%s/grubenv", build->grub_cfg_folder);
        size_t size = 0;
        int r = path ? fs_read_in_root(root_fd, path, GRUB_ENV_BYTES, &build->grub_env, &size)
                     : -ENOMEM;

        if (r == -ENOENT) {
                build->grub_env = grub_env_new();
                return build->grub_env ? 0 : -ENOMEM;
        }
        if (r == -ENOMEM || (r >= 0 && strlen(build->grub_env) == size))
                return r;
        return failure_set(
                        reterr,
                        -EBADMSG,
                        "The image's /%s is no environment block of GRUB: make it anew with grub-editenv.",
                        path);
}

/* Menu entries that lie in files count only where grub.cfg asks for them: others are of another boot
 * loader, or left over. */
static int find_bls_entries(Build *build, int root_fd, Failure *reterr) {
        GrubMenuSource source;
        int r = grub_find_menu_source(build->grub_cfg, &source, reterr);

        if (r >= 0 && source.has_blscfg)
                return bls_entries_read(root_fd, &build->bls_entries, reterr);
        if (r >= 0 && !source.has_linux && bls_is_used(root_fd))
                return failure_set(
                                reterr,
                                -ENOPKG,
                                "The image's /%s/grub.cfg has neither a 'linux' command nor 'blscfg', so the boot menu entries in /" BLS_FOLDER
                                " are in no menu: set GRUB_ENABLE_BLSCFG=true in /etc/default/grub and make grub.cfg anew in the image with grub-mkconfig.",
                                build->grub_cfg_folder);
        return r;
}

static int find_menu(Build *build, int root_fd, Failure *reterr) {
        int r = find_grub_cfg(build, root_fd, reterr);

        if (r >= 0)
                r = read_grub_env(build, root_fd, reterr);
        return r < 0 ? r : find_bls_entries(build, root_fd, reterr);
}

static int find_loaders(Build *build, int root_fd, Failure *reterr) {
        _cleanup_strv_ char **esp_paths = NULL, **root_paths = NULL;
        int r = esp_list(build, &esp_paths, reterr);

        if (r >= 0)
                r = loader_list_root(root_fd, &root_paths, reterr);
        if (r < 0)
                return r;
        return loaders_pick(
                        &(LoaderSearch){
                                        .esp_paths = esp_paths,
                                        .root_paths = root_paths,
                                        .os = &build->os_release,
                                        .arch = build->arch,
                                        .media = build_media(build),
                        },
                        &build->loaders,
                        reterr);
}

static int find_dracut(Build *build, int root_fd, Failure *reterr) {
        unsigned flags = build_boots_from_network(build) ? DRACUT_WITH_NETWORK : 0;

        if (build->initramfs == INITRAMFS_FULL_OS)
                return 0;
        return dracut_inspect(root_fd, &build->os_release, flags, &build->dracut, reterr);
}

static int decide_selinux(Build *build, int root_fd, Failure *reterr) {
        _cleanup_free_ char *text = NULL, *place = config_place_to_text(
                                                          &build->config,
                                                          &build->config.selinux.place);
        size_t size;
        const SelinuxFacts facts = {
                .wanted = (ConfigSelinuxMode) build->config.selinux.mode,
                .is_full_os = build->initramfs == INITRAMFS_FULL_OS,
                .is_enabled = fs_read_in_root(root_fd,
                                              SELINUX_CONFIG,
                                              SELINUX_MAX_BYTES,
                                              &text,
                                              &size) >= 0 &&
                              selinux_text_is_enabled(text),
                .is_default = build->os_release.family == FAMILY_FEDORA,
                .azl_dracut = build->os_release.family == FAMILY_AZURELINUX
                                              ? build->dracut.version_text
                                              : NULL,
                .grub_cfg = build->grub_cfg,
                .place = place,
        };
        int r = selinux_decide(&facts, &build->selinux, reterr);

        if (r > 0)
                report_log(build->report_fd,
                           LOG_WARNING,
                           "SELinux is switched off in the Live OS: dracut %s does not label its root",
                           build->dracut.version_text);
        return r;
}

static void tell(const Build *build) {
        report_log(build->report_fd,
                   LOG_INFO,
                   "%s for %s, kernel %s, shim %s",
                   build->os_release.pretty_name,
                   arch_to_string(build->arch),
                   build->kernels.items[0].version,
                   build->loaders.shim.path);
}

int stage_inspect(Build *build, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r;

        if (root_fd < 0)
                return failure_set_errno(reterr, -errno, "The image's tree cannot be opened");
        r = os_release_read(root_fd, &build->os_release, reterr);
        if (r >= 0)
                r = arch_read(root_fd, &build->arch, reterr);
        if (r >= 0)
                r = kernels_find(root_fd, &build->kernels, reterr);
        if (r >= 0)
                r = find_loaders(build, root_fd, reterr);
        if (r >= 0)
                r = find_menu(build, root_fd, reterr);
        if (r >= 0)
                r = find_dracut(build, root_fd, reterr);
        if (r >= 0)
                r = decide_selinux(build, root_fd, reterr);
        if (r >= 0)
                tell(build);
        return r;
}
