/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A job's container as data: which ids, which file systems where, which limits. The worker writes a
 * plan, container_run() executes it from the first op to the last, plan_print() shows it. Nothing
 * here calls the kernel, except that plan_add_base() looks how the host lays out /bin and /lib.
 *
 * The new root is an empty tmpfs. Targets are absolute paths in it; missing folders on the way to a
 * target, and the target itself, are made. The root is sealed read-only after the last op.
 *
 * Descriptors in a plan are borrowed: whoever made the plan keeps them open until container_run()
 * has returned. They must have been opened in the mount namespace of the process that calls
 * container_run(); the kernel refuses to bind what lives in another one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "common/failure.h"

/* How many user and group ids a container has: 0..65535 inside, uid_base.. outside. */
#define PLAN_IDS 65536u

typedef enum OpKind {
        OP_DIRECTORY, /* an empty folder */
        OP_SYMLINK,   /* source: what the link says */
        OP_FILE,      /* source: the text in it */
        OP_TMPFS,     /* size_bytes; owned by the container's root, or by nobody in it */
        OP_PROC,      /* the container's own processes */
        OP_DEVPTS,    /* terminals of its own */
        OP_BIND,      /* source_fd, or source as a path of the host */
        OP_PARTITION, /* a file system inside the file source_fd, through a loop device */
        OP_SCRATCH,   /* the same for what the container writes: of source_fd, which is ours */
        OP_FUSE,      /* the device node of FUSE, for the container's root alone */
        OP_MASK,      /* hides target, if it is there, behind an empty file or folder */
        OP_SHIELD,    /* makes what is below target, if it is there, read-only in place */
        _OP_KIND_MAX,
} OpKind;

typedef enum OpFlags {
        OP_READ_ONLY = 1 << 0,
        OP_NOSUID = 1 << 1,
        OP_NODEV = 1 << 2,
        OP_NOEXEC = 1 << 3,
        OP_IDMAPPED = 1 << 4,  /* ids on disk are ids of the container */
        OP_RECURSIVE = 1 << 5, /* binds take along what is mounted below */
        OP_OPTIONAL = 1 << 6,  /* left out when the source path does not exist */
        OP_OWNED = 1 << 7,     /* a tmpfs that the container's root owns */
} OpFlags;

typedef struct MountOp {
        OpKind kind;
        unsigned flags;        /* of OpFlags */
        char *target;          /* absolute, no "." or ".." */
        char *source;          /* by kind, else NULL */
        int source_fd;         /* by kind, else -EBADF; borrowed */
        const char *fstype;    /* OP_PARTITION: a name of container/filesystem.h, else NULL */
        uint64_t offset_bytes; /* OP_PARTITION */
        uint64_t size_bytes;   /* OP_PARTITION, OP_TMPFS */
        mode_t mode;           /* OP_DIRECTORY, OP_FILE, OP_TMPFS */
} MountOp;

typedef struct PlanLimit {
        int resource;   /* RLIMIT_… */
        uint64_t value; /* soft and hard; lowered to what the caller may have */
} PlanLimit;

typedef struct Plan {
        uint32_t uid_base; /* first of PLAN_IDS ids of the host that are this container's own */
        char *hostname;
        bool network;        /* a way out to the network, else only an unconnected one */
        char *network_allow; /* guarded ranges that it lets through, by commas; NULL for none */
        bool gives_up; /* the caller makes no other: once this one has started, it gives up what
                        * privilege it has (container/privilege.h) */
        MountOp *ops;
        size_t n_ops;
        const int *wall_fds; /* of cgroup_wall_fds(): behind them from the last mount on; borrowed */
        size_t n_wall_fds;
        int *keep_fds; /* open for `inside`, beside 0 to 2; borrowed */
        size_t n_keep_fds;
        PlanLimit *limits;
        size_t n_limits;
} Plan;

typedef struct PlanPartition {
        const char *target;
        int image_fd; /* borrowed */
        uint64_t offset_bytes;
        uint64_t size_bytes;
        const char *fstype; /* as the reader of the partition found it; checked against a table */
} PlanPartition;

/* An empty plan with host name "pxed" and the default limits (no core files, 4096 descriptors, 4096
 * processes). NULL when memory is out, or when the ids would not fit above 0 and below 2^31. */
Plan *plan_new(uint32_t uid_base);
Plan *plan_free(Plan *plan);
DEFINE_CLEANUP(Plan *, plan_free);

/* What every container has: the host's programs (/usr, with /bin, /lib … as the host has them,
 * read-only), a small generated /etc, /proc with its dangerous parts hidden, a /dev of five
 * harmless nodes, /tmp and /run in memory, an empty /sys. Call it first. Errors: -ENOMEM. */
int plan_add_base(Plan *plan);

/* What a container for one program of the host has, in place of plan_add_base(): the program (an absolute
 * path), its libraries, /dev/null, /dev/urandom. For COMMAND_CONVERTER. Errors: -ENOMEM. */
int plan_add_program(Plan *plan, const char *path);

/* Binds a file or folder of the host. `fd` is borrowed. With OP_IDMAPPED its ids are taken as the
 * container's, so that files of root there belong to root here. OP_NOSUID and OP_NODEV are always
 * added, except that plan_add_base() binds its device nodes without OP_NODEV.
 * Errors: -EINVAL for a bad target, -ENOMEM. */
int plan_add_bind(Plan *plan, int fd, const char *target, unsigned flags);

/* Mounts a partition of an image: read-only, idmapped, nosuid, nodev, with the fixed options of its
 * kind of file system. Errors: -EOPNOTSUPP when that kind is not one of the few that are allowed,
 * -EINVAL for a bad target, offset or size, -ENOMEM. */
int plan_add_partition(Plan *plan, const PlanPartition *partition, Failure *reterr);

/* Mounts the ext4 file system that the worker has made in the whole of a file, for writing: idmapped,
 * nosuid, nodev. `fd` is borrowed, and open for reading and writing. Errors: -EINVAL for a bad target,
 * -ENOMEM. */
int plan_add_scratch(Plan *plan, int fd, const char *target);

/* What container/fuse-server.h needs: the device of FUSE and the program FUSE_HANDOVER_NAME (`fd`,
 * borrowed), in a folder that only the conductor sees. Errors: as plan_add_bind(). */
int plan_add_fuse(Plan *plan, int handover_fd);

/* An empty folder, e.g. as a place for later mounts; owned by nobody inside. Errors: as above. */
int plan_add_directory(Plan *plan, const char *target, mode_t mode);

/* A file in memory, `size_bytes` at most, owned by the container's root. Errors: as above. */
int plan_add_tmpfs(Plan *plan, const char *target, mode_t mode, uint64_t size_bytes);

/* Lets `inside` have this descriptor, under the same number. Errors: -ENOMEM. */
int plan_keep_fd(Plan *plan, int fd);

/* Adds a limit or replaces it. Errors: -ENOMEM. */
int plan_set_limit(Plan *plan, int resource, uint64_t value);

/* Gives it a way out to the network. `allow` lists guarded ranges that the administrator lets
 * through ("10.1.0.0/16,fd00::/8"); NULL for none. Errors: -EINVAL when it is no such list, -ENOMEM. */
int plan_set_network(Plan *plan, const char *allow);

/* Errors: -EINVAL when it is no host name, -ENOMEM. */
int plan_set_hostname(Plan *plan, const char *hostname);

/* One line for each setting and op, the same for the same plan (descriptors show as "fd"). */
void plan_print(const Plan *plan, FILE *f);
