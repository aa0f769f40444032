/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The initrds. dracut's own time is mostly its compression, so it writes a plain cpio, and what comes
 * out is piped through one compressor. The few device nodes that a user namespace cannot make follow
 * as a second cpio: the kernel unpacks any number of them in a row.
 */

#include "liveos/initrd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "container/command.h"
#include "liveos/child.h"
#include "liveos/full-os.h"
#include "liveos/iso-reuse.h"
#include "liveos/live-url.h"
#include "liveos/places.h"
#include "liveos/run.h"

/* Where dracut leaves its work, as it sees it; thrown away with the view. */
#define DRACUT_OUTPUT "/pxed-initrd.img"

/* What every initrd has in /dev before devtmpfs is there (Documentation/admin-guide/devices.txt). */
static const struct {
        const char *name;
        mode_t mode;
        unsigned major;
        unsigned minor;
} nodes[] = {
        { "dev/console", S_IFCHR | 0600, 5, 1 }, { "dev/kmsg", S_IFCHR | 0600, 1, 11 },
        { "dev/null", S_IFCHR | 0666, 1, 3 },    { "dev/random", S_IFCHR | 0666, 1, 8 },
        { "dev/urandom", S_IFCHR | 0666, 1, 9 },
};

int initrd_add_nodes(int fd, Failure *reterr) {
        _cleanup_(archive_writer_freep) ArchiveWriter *writer = NULL;
        int r = archive_writer_new(ARCHIVE_CPIO, fd, &writer);

        if (r >= 0)
                r = archive_add_folder(writer, "dev", 0755, /* mtime= */ 0);
        for (size_t i = 0; i < ELEMENTSOF(nodes) && r >= 0; i++)
                r = archive_add_device(
                                writer,
                                nodes[i].name,
                                nodes[i].mode,
                                nodes[i].major,
                                nodes[i].minor);
        if (r >= 0)
                r = archive_writer_finish(writer, reterr);
        return r < 0 ? failure_default(reterr, r, "The initrd's device nodes cannot be written")
                     : 0;
}

/* What a source writes into the compressor's pipe. */
typedef struct Source {
        Build *build;
        int (*write)(Build *build, int fd, Failure *reterr);
        int fd;
        int compressor_fd; /* the other end */
} Source;

static int run_source(void *userdata, Failure *reterr) {
        const Source *source = userdata;

        /* Or the pipe would never break for want of a reader. */
        (void) close(source->compressor_fd);
        return source->write(source->build, source->fd, reterr);
}

static int compress_from(const Build *build, int from_fd, const char *to_path, Failure *reterr) {
        _cleanup_close_ int to_fd = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        Command command = COMMAND_INIT;

        if (to_fd < 0)
                return failure_set_errno(reterr, -errno, "'%s' cannot be made", to_path);
        command.argv = (const char *const[]){ "zstd", "-q", "-10", "-T0", "-c", NULL };
        command.profile = COMMAND_TOOL;
        command.stdin_fd = from_fd;
        command.stdout_fd = to_fd;
        return run_logged(build->report_fd, "zstd", command, reterr);
}

int initrd_compress_file(
                const Build *build,
                const char *from_path,
                const char *to_path,
                Failure *reterr) {
        _cleanup_close_ int from_fd = open(from_path, O_RDONLY | O_CLOEXEC);

        return from_fd < 0 ? failure_set_errno(reterr, -errno, "'%s' cannot be opened", from_path)
                           : compress_from(build, from_fd, to_path, reterr);
}

/* Writes and compresses at the same time. The source's failure says more than the compressor's. */
static int compress(Source *source, const char *to_path, Failure *reterr) {
        _cleanup_close_ int read_fd = -EBADF;
        Failure compressor_failure = {};
        Child child = CHILD_NONE;
        int fds[2], r, compressor_r;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return failure_set_errno(reterr, -errno, "No pipe to the compressor can be made");
        read_fd = source->compressor_fd = fds[0];
        source->fd = fds[1];
        r = child_start(run_source, source, &child, reterr);
        (void) close(fds[1]);
        if (r < 0)
                return r;
        compressor_r = compress_from(source->build, read_fd, to_path, &compressor_failure);
        /* A compressor that ended early leaves the source a broken pipe, never a full one. */
        (void) close(TAKE_FD(read_fd));
        r = child_wait(&child, reterr);
        if (compressor_r < 0 && (r >= 0 || r == -EPIPE)) {
                if (reterr)
                        *reterr = compressor_failure;
                return compressor_r;
        }
        return r;
}

static int write_bootstrap(Build *build _unused_, int fd, Failure *reterr) {
        /* The image's code made it: whatever it is, opening must not block. */
        _cleanup_close_ int from_fd = open(
                        PLACE_INITRD DRACUT_OUTPUT,
                        O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        char chunk[65536];
        struct stat st;
        ssize_t n;

        if (from_fd < 0 || fstat(from_fd, &st) < 0 || !S_ISREG(st.st_mode))
                return failure_set(
                                reterr,
                                -EIO,
                                "The image's dracut ended well but left no initrd: see its lines in the job's log.");
        while ((n = read(from_fd, chunk, sizeof(chunk))) > 0) {
                int r = fd_write_all(fd, chunk, (size_t) n);

                if (r < 0)
                        return failure_set_errno(reterr, r, "The initrd cannot be compressed");
        }
        if (n < 0)
                return failure_set_errno(reterr, -errno, "dracut's initrd cannot be read");
        return initrd_add_nodes(fd, reterr);
}

/* In a view that is thrown away. What the image has itself counts. */
static int write_curl_settings(const Build *build, Failure *reterr) {
        static const char text[] = LIVE_URL_CURL_SETTINGS, *path = LIVE_URL_CURL_SETTINGS_PATH;
        _cleanup_close_ int root_fd = -EBADF;
        struct stat st;
        int r = 0;

        if (build->dracut.network == DRACUT_NETWORK_NONE)
                return 0;
        root_fd = open(PLACE_INITRD, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
                r = -errno;
        else if (fs_stat_in_root(root_fd, path, &st) == -ENOENT)
                r = fs_write_in_root(root_fd, path, text, strlen(text), 0644);
        return r < 0 ? failure_set_errno(reterr, r, "The initrd's /%s cannot be written", path) : 0;
}

static int run_dracut(const Build *build, const char *version, Failure *reterr) {
        _cleanup_strv_ char **argv = NULL;
        Command command = COMMAND_INIT;
        int r = dracut_argv(&build->dracut, version, DRACUT_OUTPUT, &argv);

        if (r < 0)
                return r;
        command.argv = (const char *const *) argv;
        command.root = PLACE_INITRD;
        command.profile = COMMAND_IMAGE;
        return run_logged(build->report_fd, "dracut", command, reterr);
}

static int make_bootstrap(Build *build, const Kernel *kernel, Failure *reterr) {
        _cleanup_free_ char *to_path = str_printf(MEDIA_INITRD "/%s", kernel->version);
        Source source = { .build = build, .write = write_bootstrap };
        int r;

        if (!to_path)
                return -ENOMEM;
        r = run_dracut(build, kernel->version, reterr);
        if (r >= 0)
                r = compress(&source, to_path, reterr);
        if (r >= 0 && unlink(PLACE_INITRD DRACUT_OUTPUT) < 0)
                r = failure_set_errno(reterr, -errno, "dracut's initrd cannot be removed");
        return r;
}

int stage_initrd(Build *build, Failure *reterr) {
        Source full_os = { .build = build, .write = full_os_write };
        int r = 0;

        if (iso_reuses_initrds(build))
                return iso_reuse_initrds(build, reterr);
        if (build->initramfs == INITRAMFS_FULL_OS)
                return compress(&full_os, MEDIA_INITRD "/" INITRD_FULL_OS, reterr);
        r = write_curl_settings(build, reterr);
        for (size_t i = 0; i < build->kernels.n_items && r >= 0; i++)
                r = make_bootstrap(build, &build->kernels.items[i], reterr);
        return r;
}
