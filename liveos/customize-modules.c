/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kernel modules. The files are those that other tools of this schema write, so that an image which
 * one of them has customized can be customized again here. */

#include "liveos/customize-steps.h"

#include <errno.h>
#include <string.h>

#include "common/fs.h"
#include "common/strings.h"
#include "liveos/module-text.h"

#define FILE_MAX_BYTES (1024U * 1024)
#define LOADED         "etc/modules-load.d/modules-load.conf"
#define DISABLED       "etc/modprobe.d/modules-disabled.conf"
#define OPTIONS        "etc/modprobe.d/module-options.conf"

#define BLACKLIST "blacklist"
#define NAME_ONLY ""

typedef int (*TextEdit)(const char *text, const char *directive, const char *module, char **ret);

/* What a load mode does to a file; no row for `inherit`. */
static const struct {
        ConfigLoadMode mode;
        const char *path;
        const char *directive;
        TextEdit edit;
} edits[] = {
        { MODULE_ALWAYS, DISABLED, BLACKLIST, module_text_drop },
        { MODULE_ALWAYS, LOADED, NAME_ONLY, module_text_add },
        { MODULE_AUTO, DISABLED, BLACKLIST, module_text_drop },
        { MODULE_DISABLE, DISABLED, BLACKLIST, module_text_add },
        { MODULE_DISABLE, LOADED, NAME_ONLY, module_text_drop },
};

/* A file that is missing is empty. */
static int read_file(int root_fd, const char *path, char **ret, Failure *reterr) {
        size_t size = 0;
        int r = fs_read_in_root(root_fd, path, FILE_MAX_BYTES, ret, &size);

        if (r == -ENOENT) {
                *ret = strdup("");
                return *ret ? 0 : -ENOMEM;
        }
        return r < 0 ? failure_set_errno(reterr, r, "the image's /%s cannot be read", path) : 0;
}

/* A file that stays as it is is not touched, and none is made to be empty. */
static int write_file(
                int root_fd,
                const char *path,
                const char *old,
                const char *text,
                Failure *reterr) {
        int r = 0;

        if (!str_equal(old, text))
                r = fs_write_in_root(root_fd, path, text, strlen(text), 0644);
        return r < 0 ? failure_set_errno(reterr, r, "/%s cannot be written", path) : 0;
}

static int set_mode(int root_fd, const ConfigModule *module, Failure *reterr) {
        for (size_t i = 0; i < ELEMENTSOF(edits); i++) {
                _cleanup_free_ char *old = NULL, *text = NULL;
                int r;

                if ((int) edits[i].mode != module->load_mode)
                        continue;
                r = read_file(root_fd, edits[i].path, &old, reterr);
                if (r >= 0)
                        r = edits[i].edit(old, edits[i].directive, module->name, &text);
                if (r >= 0)
                        r = write_file(root_fd, edits[i].path, old, text, reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int check_enabled(int root_fd, const ConfigModule *module, Failure *reterr) {
        _cleanup_free_ char *text = NULL;
        int r = read_file(root_fd, DISABLED, &text, reterr);

        if (r >= 0 && module_text_has(text, BLACKLIST, module->name))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "the image's /" DISABLED " disables it, so that its options would "
                                "never be used: set loadMode to always or auto, or leave the "
                                "options out.");
        return r;
}

static int set_options(int root_fd, const ConfigModule *module, Failure *reterr) {
        _cleanup_free_ char *old = NULL, *text = NULL;
        int r;

        if (!module->options)
                return 0;
        r = check_enabled(root_fd, module, reterr);
        if (r >= 0)
                r = read_file(root_fd, OPTIONS, &old, reterr);
        if (r >= 0)
                r = module_text_set_options(old, module->name, module->options, &text);
        return r < 0 ? r : write_file(root_fd, OPTIONS, old, text, reterr);
}

int customize_modules(const Build *build, int root_fd, Failure *reterr) {
        for (size_t i = 0; i < build->config.n_modules; i++) {
                const ConfigModule *module = &build->config.modules[i];
                int r = set_mode(root_fd, module, reterr);

                if (r >= 0)
                        r = set_options(root_fd, module, reterr);
                if (r < 0)
                        return customize_blame(
                                        build,
                                        "os.modules",
                                        &module->place,
                                        module->name,
                                        r,
                                        reterr);
        }
        return 0;
}
