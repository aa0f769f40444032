/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Two tables by the kind of file system: those that hold words of the kernel, which change with every
 * look, and those that the kernel serves alone. What is in neither may be anybody's program or a
 * machine elsewhere. From those nothing is copied by copy_file_range(), as that holds the target's
 * file system while it waits for the source: one stalled server could keep a disk from being frozen.
 */

#include "liveos/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/fd.h"

#define CHUNK_BYTES ((size_t) 1024 * 1024)

/* Kinds that <linux/magic.h> does not have. */
#define MAGIC_CONFIGFS 0x62656570
#define MAGIC_EXFAT    0x2011bab0
#define MAGIC_FUSECTL  0x65735543
#define MAGIC_MQUEUE   0x19800202
#define MAGIC_NTFS3    0x7366746e
#define MAGIC_ZFS      0x2fc12fc1

static const struct {
        uint32_t magic;
        const char *name;
} unreal[] = {
        { PROC_SUPER_MAGIC, "proc" },        { SYSFS_MAGIC, "sysfs" },
        { CGROUP_SUPER_MAGIC, "cgroup" },    { CGROUP2_SUPER_MAGIC, "cgroup2" },
        { DEBUGFS_MAGIC, "debugfs" },        { TRACEFS_MAGIC, "tracefs" },
        { SECURITYFS_MAGIC, "securityfs" },  { SELINUX_MAGIC, "selinuxfs" },
        { SMACK_MAGIC, "smackfs" },          { PSTOREFS_MAGIC, "pstore" },
        { EFIVARFS_MAGIC, "efivarfs" },      { BPF_FS_MAGIC, "bpf" },
        { BINFMTFS_MAGIC, "binfmt_misc" },   { NSFS_MAGIC, "nsfs" },
        { RDTGROUP_SUPER_MAGIC, "resctrl" }, { DEVPTS_SUPER_MAGIC, "devpts" },
        { AUTOFS_SUPER_MAGIC, "autofs" },    { MAGIC_CONFIGFS, "configfs" },
        { MAGIC_FUSECTL, "fusectl" },        { MAGIC_MQUEUE, "mqueue" },
};

static const uint32_t local[] = {
        EXT4_SUPER_MAGIC,  XFS_SUPER_MAGIC,   BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC,
        TMPFS_MAGIC,       RAMFS_MAGIC,       SQUASHFS_MAGIC,    EROFS_SUPER_MAGIC_V1,
        MSDOS_SUPER_MAGIC, ISOFS_SUPER_MAGIC, UDF_SUPER_MAGIC,   MAGIC_EXFAT,
        MAGIC_NTFS3,       MAGIC_ZFS,
};

static int check_kind(uint32_t magic, const char *what, Failure *reterr) {
        for (size_t i = 0; i < ELEMENTSOF(unreal); i++)
                if (unreal[i].magic == magic)
                        return failure_set(
                                        reterr,
                                        -EINVAL,
                                        "%s lies in a file system of type %s, where there are no files but words of the kernel; copy it to a disk first.",
                                        what,
                                        unreal[i].name);
        return 0;
}

static bool kind_is_local(uint32_t magic) {
        for (size_t i = 0; i < ELEMENTSOF(local); i++)
                if (local[i] == magic)
                        return true;
        return false;
}

int source_look(int fd, const char *what, uint64_t max_bytes, Source *ret, Failure *reterr) {
        struct statfs kind;
        struct stat st;
        int r;

        if (fstatfs(fd, &kind) < 0 || fstat(fd, &st) < 0)
                return failure_set_errno(reterr, -errno, "%s cannot be looked at", what);
        if (!S_ISREG(st.st_mode))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "%s is not a regular file: give the file itself, not a device, folder or pipe.",
                                what);
        r = check_kind((uint32_t) kind.f_type, what, reterr);
        if (r < 0)
                return r;
        if (st.st_size < 0 || (uint64_t) st.st_size > max_bytes)
                return failure_set(
                                reterr,
                                -EFBIG,
                                "%s has %" PRIu64 " bytes, but this service takes %" PRIu64
                                " at most: make it smaller or have the limit raised.",
                                what,
                                (uint64_t) st.st_size,
                                max_bytes);
        *ret = (Source){ .size_bytes = (uint64_t) st.st_size,
                         .is_local = kind_is_local((uint32_t) kind.f_type) };
        return 0;
}

/* Reads up to `size`, less only at the file's end. */
static ssize_t read_chunk(int fd, char *chunk, size_t size, uint64_t offset) {
        size_t used = 0;

        while (used < size) {
                ssize_t n = pread(fd, chunk + used, size - used, (off_t) (offset + used));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                used += (size_t) n;
        }
        return (ssize_t) used;
}

static bool is_zero(const char *chunk, size_t size) {
        return size == 0 || (chunk[0] == '\0' && memcmp(chunk, chunk + 1, size - 1) == 0);
}

static int write_chunk(int fd, const char *chunk, size_t size, uint64_t offset) {
        size_t used = 0;

        while (used < size) {
                ssize_t n = pwrite(fd, chunk + used, size - used, (off_t) (offset + used));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                used += (size_t) n;
        }
        return 0;
}

static int copy_plainly(int from_fd, int to_fd, uint64_t size_bytes) {
        _cleanup_free_ char *chunk = malloc(CHUNK_BYTES);

        if (!chunk)
                return -ENOMEM;
        if (ftruncate(to_fd, 0) < 0 || ftruncate(to_fd, (off_t) size_bytes) < 0)
                return -errno;
        for (uint64_t at = 0; at < size_bytes; at += CHUNK_BYTES) {
                size_t want = size_bytes - at < CHUNK_BYTES ? (size_t) (size_bytes - at)
                                                            : CHUNK_BYTES;
                ssize_t n = read_chunk(from_fd, chunk, want, at);
                int r;

                if (n < 0)
                        return (int) n;
                if ((size_t) n < want)
                        return -EBUSY;
                r = is_zero(chunk, want) ? 0 : write_chunk(to_fd, chunk, want, at);
                if (r < 0)
                        return r;
        }
        return 0;
}

int source_copy(const Source *source, int from_fd, int to_fd) {
        if (source->is_local)
                return fd_copy_file(from_fd, to_fd);
        return copy_plainly(from_fd, to_fd, source->size_bytes);
}
