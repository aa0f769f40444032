/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An index of .deb files is their control texts with size, digest and place added: "Packages" as the
 * page DebianRepository/Format of wiki.debian.org has it. */

#include "liveos/package-index.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <syslog.h>

#include "common/buffer.h"
#include "common/digest.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "common/walk.h"
#include "config/report.h"
#include "liveos/package-manager.h"
#include "liveos/places.h"
#include "liveos/run.h"

#define CONTROL_MAX_BYTES (256U * 1024U)

typedef struct Indexer {
        const Build *build;
        size_t number;
        Buffer text;
} Indexer;

static void indexer_done(Indexer *indexer) {
        buffer_done(&indexer->text);
}

static void on_line(void *userdata, const char *line) {
        const Indexer *indexer = userdata;

        report_log(indexer->build->report_fd, LOG_INFO, "dpkg-deb: %s", line);
}

/* Returns dpkg-deb's status, its output being in the file. */
static int run_dpkg_deb(Indexer *indexer, const char *path, int to_fd, Failure *reterr) {
        static const CommandBind bind = { PLACE_PACKAGES, PACKAGES_SHOWN };
        _cleanup_free_ char *shown = str_printf(PACKAGES_SHOWN "/%zu/%s", indexer->number, path);
        Command command = COMMAND_INIT;

        if (!shown)
                return -ENOMEM;
        command.argv = (const char *const[]){ "dpkg-deb", "--field", shown, NULL };
        command.root = PLACE_TREE;
        command.binds = &bind;
        command.n_binds = 1;
        command.profile = COMMAND_IMAGE;
        command.stdout_fd = to_fd;
        command.on_line = on_line;
        command.userdata = indexer;
        return command_run(&command, reterr);
}

static int read_control(Indexer *indexer, const char *path, char **ret, Failure *reterr) {
        _cleanup_close_ int fd = open(PLACE_WORK, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = fd < 0 ? -errno : run_dpkg_deb(indexer, path, fd, reterr);

        if (r > 0)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "the file '%s' is not a package that the image's dpkg-deb can read.",
                                path);
        if (r >= 0)
                r = fd_pread_all(fd, CONTROL_MAX_BYTES, &text, &size);
        if (r < 0)
                return failure_default(reterr, r, "the package '%s' cannot be read", path);
        while (size > 0 && text[size - 1] == '\n')
                text[--size] = '\0';
        *ret = TAKE_PTR(text);
        return 0;
}

static int add_deb(Indexer *indexer, const WalkEntry *entry, Failure *reterr) {
        _cleanup_close_ int fd = openat(entry->folder_fd, entry->name, O_RDONLY | O_CLOEXEC);
        _cleanup_free_ char *control = NULL;
        char digest[DIGEST_SIZE];
        int r = fd < 0 ? -errno : digest_file(fd, digest);

        if (r >= 0)
                r = read_control(indexer, entry->path, &control, reterr);
        if (r < 0)
                return failure_default(reterr, r, "the package '%s' cannot be read", entry->path);
        return buffer_printf(
                        &indexer->text,
                        "%s\nFilename: ./%s\nSize: %" PRIu64 "\nSHA256: %s\n\n",
                        control,
                        entry->path,
                        (uint64_t) entry->st.st_size,
                        digest);
}

static int on_entry(void *userdata, const WalkEntry *entry, Failure *reterr) {
        if (!S_ISREG(entry->st.st_mode) || !str_has_suffix(entry->name, ".deb"))
                return 0;
        return add_deb(userdata, entry, reterr);
}

static int open_folder(size_t number) {
        _cleanup_free_ char *path = str_printf(PLACE_PACKAGES "/%zu", number);
        int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

        return !path ? -ENOMEM : fd < 0 ? -errno : fd;
}

int package_index_make_deb(const Build *build, size_t number, Failure *reterr) {
        _cleanup_(indexer_done) Indexer indexer = { .build = build, .number = number };
        _cleanup_close_ int fd = open_folder(number);
        int r = fd < 0 ? fd : walk_tree(fd, on_entry, &indexer, reterr);

        if (r >= 0)
                r = fs_write_in_root(
                                fd,
                                "Packages",
                                indexer.text.size > 0 ? indexer.text.data : "",
                                indexer.text.size,
                                0644);
        return r < 0 ? failure_default(reterr, r, "its index cannot be made") : 0;
}

int package_index_make_rpm(const Build *build, size_t number, Failure *reterr) {
        _cleanup_free_ char *path = str_printf(PLACE_PACKAGES "/%zu", number);
        int r;

        if (!path)
                return -ENOMEM;
        r = run_tool(build->report_fd,
                     (const char *const[]){
                                     "createrepo_c",
                                     "--quiet",
                                     "--no-database",
                                     path,
                                     NULL,
                     },
                     reterr);
        if (r == -ENOENT)
                return failure_set(
                                reterr,
                                r,
                                "its index cannot be made, as this host has no createrepo_c; have "
                                "the package createrepo-c installed, or send a folder with its "
                                "repodata.");
        return r;
}
