/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A file system of the image that a program reads in user space (container/filesystem.h), mounted
 * in the container by FUSE: no driver of the kernel meets a byte of it. The conductor mounts; the
 * program, in a cage without any privilege, only answers. It lives until fuse_server_stop() or the
 * conductor's end. When it dies before, whatever is read from it fails (ENOTCONN) rather than
 * waits, and fuse_server_check() knows why. Only the conductor can call this.
 *
 * The plan has to have what plan_add_fuse() adds. The mount is read-only, nosuid, nodev, and its
 * ids are the container's.
 */

#include <errno.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/failure.h"

typedef struct Filesystem Filesystem; /* of container/filesystem.h */

/* Where the plan puts what the conductor needs for it. */
#define FUSE_PLACE          "/.inner/fuse"
#define FUSE_PLACE_DEVICE   FUSE_PLACE "/device"
#define FUSE_PLACE_HANDOVER FUSE_PLACE "/handover"

/* The name of the program that hands the device over, beside the worker's executable. */
#define FUSE_HANDOVER_NAME "pxed-fuse-handover"

typedef struct FuseRequest {
        const char *fstype;    /* of container/filesystem.h, with a program */
        const char *image;     /* file of the container */
        uint64_t offset_bytes; /* where the file system begins in it */
        const char *target;    /* folder of the container */
} FuseRequest;

typedef struct FuseServer {
        const Filesystem *filesystem;
        uint64_t offset_bytes;
        pid_t pid;     /* 0 when it is not there any more */
        int pid_fd;    /* to poll for its end */
        int output_fd; /* what it said, in memory */
} FuseServer;

#define FUSE_SERVER_NONE ((FuseServer){ .pid_fd = -EBADF, .output_fd = -EBADF })

/* Starts the program, mounts, and returns when the file system can be read. Blocks, for a minute at
 * most. Errors: -ENOEXEC when the program does not take the file system, or died of it; -ETIMEDOUT
 * when it did not come so far in a minute; otherwise what setting it up gave. */
int fuse_server_start(const FuseRequest *request, FuseServer *ret, Failure *reterr);

/* Whether it still lives. Errors: -EIO when it has ended, with a sentence that says how. */
int fuse_server_check(FuseServer *server, Failure *reterr);

/* Ends it; the mount stays, and cannot be read any more. */
void fuse_server_stop(FuseServer *server);
