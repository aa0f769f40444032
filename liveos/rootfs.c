/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The squashfs, by mksquashfs. Our defaults are a tenth of its own time for a tenth more size. */

#include "liveos/rootfs.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/strings.h"
#include "liveos/child.h"
#include "liveos/iso-reuse.h"
#include "liveos/labels.h"
#include "liveos/places.h"
#include "liveos/run.h"

#define SQUASHFS_BLOCK "1M"

/* How mksquashfs spells a compressor's level, and which is ours. */
static const struct {
        const char *compressor;
        const char *option; /* NULL: it has no levels */
        uint32_t level;
} compressors[] = {
        { "zstd", "-Xcompression-level", 9 },
        { "gzip", "-Xcompression-level", 6 },
        { "lzo", "-Xcompression-level", 8 },
        { "xz", NULL, 0 },
        { "lz4", NULL, 0 },
};

bool rootfs_wanted(const Build *build) {
        return build->initramfs == INITRAMFS_BOOTSTRAP;
}

const char *rootfs_compressor(const Order *order) {
        return order->compressor ? order->compressor : compressors[0].compressor;
}

static int add_compressor(const Order *order, char ***argv) {
        const char *name = rootfs_compressor(order);

        for (size_t i = 0; i < ELEMENTSOF(compressors); i++) {
                uint32_t level = order->compression_level;
                int r;

                if (!str_equal(compressors[i].compressor, name))
                        continue;
                r = strv_append(argv, "-comp");
                if (r >= 0)
                        r = strv_append(argv, name);
                if (r < 0 || !compressors[i].option)
                        return r;
                r = strv_append(argv, compressors[i].option);
                if (r >= 0)
                        r = strv_append_take(
                                        argv,
                                        str_printf("%u", level > 0 ? level : compressors[i].level));
                return r;
        }
        assert(!"the order was checked");
        return -EINVAL;
}

static int make_command(
                const Build *build,
                const char *from_path,
                const char *to_path,
                char ***ret_argv) {
        const char *const fixed[] = {
                "mksquashfs",
                from_path,
                to_path,
                "-b",
                SQUASHFS_BLOCK,
                "-noappend",
                "-no-progress",
                "-quiet",
                "-xattrs",
                /* Else it leaves out what it cannot read, or puts an empty file there, and ends well. */
                "-exit-on-error",
                NULL,
        };
        int r = strv_append_all(ret_argv, (char *const *) fixed);

        return r < 0 ? r : add_compressor(build->order, ret_argv);
}

int rootfs_pack(const Build *build, const char *from_path, const char *to_path, Failure *reterr) {
        _cleanup_strv_ char **argv = NULL;
        int r = make_command(build, from_path, to_path, &argv);

        return r < 0 ? r : run_tool(build->report_fd, (const char *const *) argv, reterr);
}

/* ---- with labels ---- */

typedef struct Stream {
        const Build *build;
        int root_fd;
        int read_fd;
        int write_fd;
} Stream;

static void stream_done(Stream *stream) {
        cleanup_close(&stream->root_fd);
        cleanup_close(&stream->read_fd);
        cleanup_close(&stream->write_fd);
}

static int write_stream(void *userdata, Failure *reterr) {
        Stream *stream = userdata;

        (void) close(TAKE_FD(stream->read_fd)); /* or nobody would notice that mksquashfs is gone */
        return labels_write_tree(stream->build, stream->root_fd, stream->write_fd, reterr);
}

/* A tar has no word for the root folder that mksquashfs would listen to. */
static int add_root_folder(const Stream *stream, char ***argv) {
        uint32_t newest = stream->build->order->source_date_epoch;
        _cleanup_free_ char *text = NULL;
        _cleanup_strv_ char **words = NULL;
        struct stat st;
        time_t time;

        if (fstat(stream->root_fd, &st) < 0)
                return -errno;
        time = st.st_mtim.tv_sec > 0 ? st.st_mtim.tv_sec : 0;
        if (newest > 0 && time > newest)
                time = newest;
        text = str_printf(
                        "-root-mode %o -root-uid %u -root-gid %u -root-time %lld",
                        st.st_mode & 07777U,
                        st.st_uid,
                        st.st_gid,
                        (long long) time);
        words = text ? strv_split(text, " ") : NULL;
        return words ? strv_append_all(argv, words) : -ENOMEM;
}

static int run_packer(Stream *stream, Failure *reterr) {
        /* The second is the default without the first. */
        static const char *const from_tar[] = { "-tar", "-exports", NULL };
        _cleanup_strv_ char **argv = NULL;
        Command command = COMMAND_INIT;
        int r = make_command(stream->build, "-", MEDIA_ROOTFS, &argv);

        if (r >= 0)
                r = strv_append_all(&argv, (char *const *) from_tar);
        if (r >= 0)
                r = add_root_folder(stream, &argv);
        if (r < 0)
                return r;
        command.argv = (const char *const *) argv;
        command.profile = COMMAND_TOOL;
        command.stdin_fd = stream->read_fd;
        return run_logged(stream->build->report_fd, argv[0], command, reterr);
}

/* When both ends have failed, the one knows why that did not merely see the other go. */
static int pack_labelled(Stream *stream, Failure *reterr) {
        Child writer = CHILD_NONE;
        Failure of_writer = {};
        int fds[2], r, packed;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return failure_set_errno(
                                reterr,
                                -errno,
                                "No pipe for the image's files can be made");
        stream->read_fd = fds[0];
        stream->write_fd = fds[1];
        r = child_start(write_stream, stream, &writer, reterr);
        if (r < 0)
                return r;
        (void) close(TAKE_FD(stream->write_fd));
        packed = run_packer(stream, reterr);
        (void) close(TAKE_FD(stream->read_fd));
        r = child_wait(&writer, &of_writer);
        if (r >= 0 || (r == -EPIPE && packed < 0))
                return packed;
        *reterr = of_writer;
        return r;
}

static int pack(const Build *build, Failure *reterr) {
        _cleanup_(stream_done) Stream stream = {
                .build = build,
                .root_fd = open(PLACE_LIVE, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                .read_fd = -EBADF,
                .write_fd = -EBADF,
        };

        if (stream.root_fd < 0)
                return failure_set_errno(reterr, -errno, "The live tree cannot be opened");
        return labels_wanted(build, stream.root_fd)
                               ? pack_labelled(&stream, reterr)
                               : rootfs_pack(build, PLACE_LIVE, MEDIA_ROOTFS, reterr);
}

int stage_rootfs(Build *build, Failure *reterr) {
        int r;

        if (iso_reuses_root(build))
                return iso_reuse_rootfs(build, reterr);
        r = pack(build, reterr);
        if (r == -EIO)
                failure_prefix(reterr,
                               "The image's root cannot be packed; every file of it has to be readable, which those with owners above 65535 are not: ");
        return r;
}
