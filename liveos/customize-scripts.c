/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The config's own scripts. */

#include "liveos/customize-steps.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/strings.h"
#include "config/context.h"
#include "liveos/context.h"
#include "liveos/grub-tools.h"
#include "liveos/interpreter-line.h"
#include "liveos/places.h"
#include "liveos/run.h"

/* Where scripts see the files that came with the config, and those whose text was in it. */
#define SHOWN_FILES   "/_imageconfigs"
#define SHOWN_SCRIPTS "/_pxed-scripts"
#define PLACE_FILES   PLACE_CONTEXT "/files"
#define PLACE_SCRIPTS PLACE_WORK "/scripts"
#define N_SHOWN       2

typedef struct ScriptList {
        const char *name; /* its key below `scripts` */
        const ConfigScript *items;
        size_t n_items;
        int root_fd; /* of the tree that they run in; borrowed */
} ScriptList;

/* A text without a file of its own, or a file from outside of the config's folder, as a base config may
 * name it: what lies beside that is not seen in the image. */
static int copy_script(const ConfigScript *script, int to_fd) {
        _cleanup_close_ int fd = -EBADF;

        if (!script->entry)
                return fd_write_all(to_fd, script->content, strlen(script->content));
        fd = context_open(script->entry, /* reterr= */ NULL);
        return fd < 0 ? fd : fd_copy_file(fd, to_fd);
}

/* The script's path as it is seen in the image; one that does not lie in a folder shown there is
 * copied. */
static int place_script(
                const ScriptList *list,
                const ConfigScript *script,
                size_t index,
                char **ret) {
        const char *below = script->entry ? str_after_prefix(script->entry, CONTEXT_FILES) : NULL;
        _cleanup_free_ char *path = NULL;
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (below) {
                *ret = str_printf(SHOWN_FILES "/%s", below);
                return *ret ? 0 : -ENOMEM;
        }
        path = str_printf(PLACE_SCRIPTS "/%s-%zu", list->name, index);
        if (!path)
                return -ENOMEM;
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
        r = fd < 0 ? -errno : copy_script(script, fd);
        if (r < 0)
                return r;
        *ret = str_printf(SHOWN_SCRIPTS "/%s-%zu", list->name, index);
        return *ret ? 0 : -ENOMEM;
}

/* The words of the script's first line; returns 0 when it names nobody. */
static int named_interpreter(const ConfigScript *script, char ***argv) {
        char head[INTERPRETER_LINE_MAX];
        _cleanup_close_ int fd = -EBADF;
        ssize_t n;

        if (!script->entry)
                return interpreter_line_read(script->content, strlen(script->content), argv);
        fd = context_open(script->entry, /* reterr= */ NULL);
        if (fd < 0)
                return fd;
        n = pread(fd, head, sizeof(head), 0);
        return n < 0 ? -errno : interpreter_line_read(head, (size_t) n, argv);
}

static int script_argv(const ConfigScript *script, const char *path, char ***argv) {
        int r = script->interpreter ? strv_append(argv, script->interpreter)
                                    : named_interpreter(script, argv);

        if (r == 0 && strv_length(*argv) == 0)
                r = strv_append(argv, "/bin/sh");
        if (r >= 0)
                r = strv_append(argv, path);
        return r < 0 ? r : strv_append_all(argv, script->arguments);
}

/* The script's own come first, and count. */
static int script_environment(const ConfigScript *script, bool has_tools, char ***environment) {
        int r = strv_append_all(environment, script->environment);

        return r < 0 || !has_tools ? r : strv_append(environment, GRUB_TOOLS_ENVIRONMENT);
}

static int run_script(const Build *build, const ScriptList *list, size_t index, Failure *reterr) {
        CommandBind binds[N_SHOWN + GRUB_TOOLS_BINDS_MAX] = {
                { PLACE_FILES, SHOWN_FILES },
                { PLACE_SCRIPTS, SHOWN_SCRIPTS },
        };
        const ConfigScript *script = &list->items[index];
        _cleanup_free_ char *path = NULL, *where = NULL;
        _cleanup_strv_ char **argv = NULL, **environment = NULL;
        Command command = COMMAND_INIT;
        unsigned n_binds = N_SHOWN;
        int r = grub_tools_add(
                        build,
                        GRUB_TOOLS_FOR_SCRIPTS,
                        list->root_fd,
                        binds,
                        &n_binds,
                        reterr);

        if (r < 0)
                return r;
        r = place_script(list, script, index, &path);

        if (r >= 0)
                r = script_argv(script, path, &argv);
        if (r >= 0)
                r = script_environment(script, n_binds > N_SHOWN, &environment);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "scripts.%s[%zu] cannot be laid out in the scratch folder",
                                list->name,
                                index);
        command.argv = (const char *const *) argv;
        command.environment = (const char *const *) environment;
        command.root = PLACE_TREE;
        command.binds = binds;
        command.n_binds = n_binds;
        command.profile = COMMAND_IMAGE;
        command.network = build->order->network && build->config.network;
        r = run_logged(build->report_fd, script->name ? script->name : "script", command, reterr);
        where = config_place_to_text(&build->config, &script->place);
        if (r < 0)
                failure_prefix(reterr,
                               "scripts.%s[%zu] (%s): ",
                               list->name,
                               index,
                               where ? where : "?");
        return r;
}

static int run_scripts(const Build *build, const ScriptList *list, Failure *reterr) {
        int r = 0;

        if (list->n_items == 0)
                return 0;
        if ((mkdir(PLACE_FILES, 0755) < 0 && errno != EEXIST) ||
            (mkdir(PLACE_SCRIPTS, 0755) < 0 && errno != EEXIST))
                return failure_set_errno(reterr, -errno, "The scripts' folders cannot be made");
        for (size_t i = 0; i < list->n_items && r >= 0; i++)
                r = run_script(build, list, i, reterr);
        return r;
}

int customize_scripts(const Build *build, int root_fd, Failure *reterr) {
        const ScriptList list = {
                .name = "postCustomization",
                .items = build->config.scripts,
                .n_items = build->config.n_scripts,
                .root_fd = root_fd,
        };

        return run_scripts(build, &list, reterr);
}

int customize_final_scripts(const Build *build, int root_fd, Failure *reterr) {
        const ScriptList list = {
                .name = "finalizeCustomization",
                .items = build->config.final_scripts,
                .n_items = build->config.n_final_scripts,
                .root_fd = root_fd,
        };

        return run_scripts(build, &list, reterr);
}
