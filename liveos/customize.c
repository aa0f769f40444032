/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The customization. Each step says what it does by the config's own words. */

#include "liveos/customize.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "config/context.h"
#include "config/report.h"
#include "container/command.h"
#include "liveos/context.h"
#include "liveos/places.h"
#include "liveos/run.h"

#define FILE_MODE_DEFAULT 0644

/* Where scripts see the files that came with the config, and those whose text was in it. */
#define SHOWN_FILES   "/_imageconfigs"
#define SHOWN_SCRIPTS "/_pxed-scripts"
#define PLACE_FILES   PLACE_CONTEXT "/files"
#define PLACE_SCRIPTS PLACE_WORK "/scripts"

bool customize_wanted(const Build *build) {
        const Config *config = &build->config;

        return config->hostname || config->n_files > 0 || config->services_enable ||
               config->services_disable || config->n_scripts > 0;
}

static int put_source(int root_fd, const ConfigFile *file, Failure *reterr) {
        _cleanup_close_ int from_fd = context_open(file->entry, reterr), to_fd = -EBADF;
        struct stat st;

        if (from_fd < 0)
                return from_fd;
        if (fstat(from_fd, &st) < 0)
                return -errno;
        to_fd = fs_create_in_root(
                        root_fd,
                        file->destination,
                        file->has_permissions ? file->permissions : st.st_mode & 0777);
        return to_fd < 0 ? to_fd : fd_copy_file(from_fd, to_fd);
}

int customize_put_file(int root_fd, const ConfigFile *file, Failure *reterr) {
        int r;

        if (file->content)
                r = fs_write_in_root(
                                root_fd,
                                file->destination,
                                file->content,
                                strlen(file->content),
                                file->has_permissions ? file->permissions : FILE_MODE_DEFAULT);
        else
                r = put_source(root_fd, file, reterr);
        return r < 0 ? failure_default(reterr,
                                       r,
                                       "additionalFiles: '%s' cannot be written",
                                       file->destination)
                     : 0;
}

static int set_hostname(int root_fd, const char *hostname, Failure *reterr) {
        _cleanup_free_ char *text = NULL;
        int r;

        if (!hostname)
                return 0;
        text = str_printf("%s\n", hostname);
        r = text ? fs_write_in_root(root_fd, "etc/hostname", text, strlen(text), 0644) : -ENOMEM;
        return r < 0 ? failure_set_errno(reterr, r, "os.hostname: /etc/hostname cannot be written")
                     : 0;
}

static int set_services(
                const Build *build,
                const char *verb,
                char *const *services,
                Failure *reterr) {
        STRV_FOREACH(service, services) {
                Command command = COMMAND_INIT;
                int r;

                command.argv = (const char *const[]){ "systemctl", verb, "--", *service, NULL };
                command.environment = (const char *const[]){ "SYSTEMD_OFFLINE=1", NULL };
                command.root = PLACE_TREE;
                command.profile = COMMAND_IMAGE;
                r = run_logged(build->report_fd, "systemctl", command, reterr);
                if (r < 0) {
                        (void) failure_prefix(reterr, "os.services.%s: '%s': ", verb, *service);
                        return r;
                }
        }
        return 0;
}

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
static int place_script(const ConfigScript *script, size_t index, char **ret) {
        const char *below = script->entry ? str_after_prefix(script->entry, CONTEXT_FILES) : NULL;
        _cleanup_free_ char *path = NULL;
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (below) {
                *ret = str_printf(SHOWN_FILES "/%s", below);
                return *ret ? 0 : -ENOMEM;
        }
        path = str_printf(PLACE_SCRIPTS "/%zu", index);
        if (!path)
                return -ENOMEM;
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
        r = fd < 0 ? -errno : copy_script(script, fd);
        if (r < 0)
                return r;
        *ret = str_printf(SHOWN_SCRIPTS "/%zu", index);
        return *ret ? 0 : -ENOMEM;
}

static int script_argv(const ConfigScript *script, const char *path, char ***argv) {
        int r = strv_append(argv, script->interpreter ? script->interpreter : "/bin/sh");

        if (r >= 0)
                r = strv_append(argv, path);
        return r < 0 ? r : strv_append_all(argv, script->arguments);
}

static int run_script(const Build *build, size_t index, Failure *reterr) {
        static const CommandBind binds[] = {
                { PLACE_FILES, SHOWN_FILES },
                { PLACE_SCRIPTS, SHOWN_SCRIPTS },
        };
        const ConfigScript *script = &build->config.scripts[index];
        _cleanup_free_ char *path = NULL, *where = NULL;
        _cleanup_strv_ char **argv = NULL;
        Command command = COMMAND_INIT;
        int r = place_script(script, index, &path);

        if (r >= 0)
                r = script_argv(script, path, &argv);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "scripts.postCustomization[%zu] cannot be laid out in the scratch folder",
                                index);
        command.argv = (const char *const *) argv;
        command.environment = (const char *const *) script->environment;
        command.root = PLACE_TREE;
        command.binds = binds;
        command.n_binds = ELEMENTSOF(binds);
        command.profile = COMMAND_IMAGE;
        command.network = build->order->network;
        r = run_logged(build->report_fd, script->name ? script->name : "script", command, reterr);
        where = config_place_to_text(&build->config, &script->place);
        if (r < 0)
                (void) failure_prefix(
                                reterr,
                                "scripts.postCustomization[%zu] (%s): ",
                                index,
                                where ? where : "?");
        return r;
}

static int run_scripts(const Build *build, Failure *reterr) {
        int r = 0;

        if ((mkdir(PLACE_FILES, 0755) < 0 && errno != EEXIST) || mkdir(PLACE_SCRIPTS, 0755) < 0)
                return failure_set_errno(reterr, -errno, "The scripts' folders cannot be made");
        for (size_t i = 0; i < build->config.n_scripts && r >= 0; i++)
                r = run_script(build, i, reterr);
        return r;
}

int stage_customize(Build *build, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const Config *config = &build->config;
        int r;

        if (root_fd < 0)
                return failure_set_errno(reterr, -errno, "The image's tree cannot be opened");
        r = set_hostname(root_fd, config->hostname, reterr);
        for (size_t i = 0; i < config->n_files && r >= 0; i++)
                r = customize_put_file(root_fd, &config->files[i], reterr);
        if (r >= 0)
                r = set_services(build, "enable", config->services_enable, reterr);
        if (r >= 0)
                r = set_services(build, "disable", config->services_disable, reterr);
        if (r >= 0)
                r = run_scripts(build, reterr);
        return r;
}
