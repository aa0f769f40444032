/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SELinux's mode in the OS. What the kernel is told follows when the image is inspected. */

#include "liveos/customize-steps.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/selinux.h"

static int no_policy(const Build *build, const char *path, Failure *reterr) {
        (void) failure_set(
                        reterr,
                        -ENOPKG,
                        "the image has no policy of SELinux, as it has no "
                        "/%s: install the package selinux-policy-targeted (Azure Linux: "
                        "selinux-policy; Debian: selinux-policy-default) in it.",
                        path);
        return customize_blame(
                        build,
                        "os.selinux",
                        &build->config.selinux.place,
                        /* name= */ NULL,
                        -ENOPKG,
                        reterr);
}

/* The policy that the file names by SELINUXTYPE has to be there. */
static int check_policy(const Build *build, int root_fd, const char *text, Failure *reterr) {
        _cleanup_free_ char *type = selinux_text_get(text, "SELINUXTYPE"), *path = NULL;
        struct stat st;

        if (!type)
                return -ENOMEM;
        if (*type == '\0' || strchr(type, '/') || type[0] == '.')
                return no_policy(build, SELINUX_CONFIG "'s SELINUXTYPE", reterr);
        path = str_printf("etc/selinux/%s/policy", type);
        if (!path)
                return -ENOMEM;
        return fs_stat_in_root(root_fd, path, &st) < 0 || !S_ISDIR(st.st_mode)
                               ? no_policy(build, path, reterr)
                               : 0;
}

int customize_selinux(const Build *build, int root_fd, Failure *reterr) {
        const Config *config = &build->config;
        _cleanup_free_ char *old = NULL, *text = NULL;
        size_t size;
        int r;

        if (config->selinux.mode == SELINUX_UNSET)
                return 0;
        r = fs_read_in_root(root_fd, SELINUX_CONFIG, SELINUX_MAX_BYTES, &old, &size);
        /* Without SELinux there is nothing to switch off but in the kernel. */
        if (r == -ENOENT)
                return config->selinux.mode == SELINUX_DISABLED
                                       ? 0
                                       : no_policy(build, SELINUX_CONFIG, reterr);
        if (r >= 0 && config->selinux.mode != SELINUX_DISABLED) {
                r = check_policy(build, root_fd, old, reterr);
                if (r < 0)
                        return r;
        }
        if (r >= 0)
                r = selinux_text_set_mode(old, (ConfigSelinuxMode) config->selinux.mode, &text);
        if (r >= 0)
                r = fs_write_in_root(root_fd, SELINUX_CONFIG, text, strlen(text), 0644);
        return r < 0 ? failure_set_errno(
                                       reterr,
                                       r,
                                       "os.selinux: /" SELINUX_CONFIG " cannot be changed")
                     : 0;
}
