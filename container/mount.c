/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The only file that knows libmount. Every mount is described completely by its caller, so
 * everything with which libmount would help (fstab, utab, helpers, canonical paths) is switched
 * off. */

#include "container/mount.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mount.h>

#include <libmount.h>

#include "common/buffer.h"

typedef struct MountRequest {
        const char *source;
        const char *target;
        const char *fstype;  /* NULL for binds */
        const char *options; /* of the file system; NULL for none */
        unsigned long flags; /* MS_… */
} MountRequest;

static void cleanup_context(struct libmnt_context **context) {
        mnt_free_context(*context);
}
#define _cleanup_context_ _cleanup_(cleanup_context)

static int prepare(struct libmnt_context *context, const MountRequest *request) {
        if (mnt_context_disable_mtab(context, 1) < 0 ||
            mnt_context_disable_helpers(context, 1) < 0 ||
            mnt_context_disable_canonicalize(context, 1) < 0 ||
            mnt_context_set_source(context, request->source) < 0 ||
            mnt_context_set_target(context, request->target) < 0 ||
            mnt_context_set_mflags(context, request->flags) < 0)
                return -ENOMEM;
        if (request->fstype && mnt_context_set_fstype(context, request->fstype) < 0)
                return -ENOMEM;
        if (request->options && mnt_context_set_options(context, request->options) < 0)
                return -ENOMEM;
        return 0;
}

static int mount_request(const MountRequest *request, Failure *reterr) {
        _cleanup_context_ struct libmnt_context *context = mnt_new_context();
        int r, error;

        r = context ? prepare(context, request) : -ENOMEM;
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot mount \"%s\"", request->target);
        r = mnt_context_mount(context);
        if (r == 0)
                return 0;
        error = mnt_context_get_syscall_errno(context);
        if (error == 0)
                error = r < 0 ? -r : EIO;
        return failure_set_errno(
                        reterr,
                        -error,
                        "Cannot mount %s \"%s\" at \"%s\"",
                        request->fstype ? request->fstype : "the folder",
                        request->source,
                        request->target);
}

static int append_layer(Buffer *options, const char *separator, const char *path) {
        if (strpbrk(path, ",:\\"))
                return -EINVAL;
        return buffer_printf(options, "%s%s", separator, path);
}

static int overlay_options(
                Buffer *options,
                const char *const *lowers,
                const char *upper,
                const char *work) {
        int r;

        r = buffer_append_string(options, "userxattr,lowerdir");
        for (size_t i = 0; r >= 0 && lowers[i]; i++)
                r = append_layer(options, i == 0 ? "=" : ":", lowers[i]);
        if (r < 0 || !upper)
                return r;
        r = append_layer(options, ",upperdir=", upper);
        if (r < 0)
                return r;
        return append_layer(options, ",workdir=", work);
}

int overlay_mount(
                const char *const *lowers,
                const char *upper,
                const char *work,
                const char *target,
                Failure *reterr) {
        _cleanup_buffer_ Buffer options = {};
        int r;

        r = overlay_options(&options, lowers, upper, work);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot name the layers of \"%s\"", target);
        return mount_request(
                        &(MountRequest){ .source = "overlay",
                                         .target = target,
                                         .fstype = "overlay",
                                         .options = options.data,
                                         .flags = MS_NOSUID | MS_NODEV },
                        reterr);
}

int bind_mount(const char *source, const char *target, bool read_only, Failure *reterr) {
        return mount_request(
                        &(MountRequest){ .source = source,
                                         .target = target,
                                         .flags = MS_BIND | MS_NOSUID | MS_NODEV |
                                                  (read_only ? MS_RDONLY : 0) },
                        reterr);
}

int bind_mount_tree(const char *source, const char *target, Failure *reterr) {
        return mount_request(
                        &(MountRequest){ .source = source,
                                         .target = target,
                                         .flags = MS_BIND | MS_REC },
                        reterr);
}

int tmpfs_mount(const char *target, mode_t mode, uint64_t size_bytes, Failure *reterr) {
        _cleanup_buffer_ Buffer options = {};
        int r;

        r = buffer_printf(&options, "mode=%04o,size=%" PRIu64, (unsigned) mode, size_bytes);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot mount \"%s\"", target);
        return mount_request(
                        &(MountRequest){ .source = "tmpfs",
                                         .target = target,
                                         .fstype = "tmpfs",
                                         .options = options.data,
                                         .flags = MS_NOSUID | MS_NODEV },
                        reterr);
}

int unmount_tree(const char *target, Failure *reterr) {
        if (umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
                return failure_set_errno(reterr, -errno, "Cannot unmount \"%s\"", target);
        return 0;
}
