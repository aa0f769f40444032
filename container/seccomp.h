/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Filters for system calls, from the tables in container/seccomp-tables.c. Filters add up: a
 * command of the image runs under the conductor's and its own.
 */

typedef enum SeccompFilter {
        SECCOMP_CONDUCTOR, /* mounts and cages in its user namespace */
        SECCOMP_IMAGE,     /* code of the image: no mounts, no namespaces, few socket families */
        SECCOMP_TOOL,      /* the same without any socket */
        SECCOMP_FUSE,      /* programs that read a file system: files, threads, the FUSE device */
        SECCOMP_CONVERTER, /* qemu-img: files, threads, no process and no connection */
        SECCOMP_READER,    /* parsers: memory, read, write; anything else kills */
        SECCOMP_COPIER,    /* the same, and copies between descriptors */
        _SECCOMP_FILTER_MAX,
} SeccompFilter;

/* Puts the calling process under the filter and sets no_new_privs, both for good. Names that the
 * library or the machine does not know are left out. Errors: -ENOSYS when the kernel has no
 * seccomp, -ENOMEM. */
int seccomp_apply(SeccompFilter filter);

/* Writes the filter in the library's readable form, for comparing. */
int seccomp_print(SeccompFilter filter, int fd);
