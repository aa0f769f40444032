/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Boot menu entries in files of their own, /boot/loader/entries/ID.conf, as Fedora and Azure Linux 4
 * have them: type #1 of the Boot Loader Specification
 * (https://uapi-group.org/specifications/specs/boot_loader_specification/), with the keys `grub_…`
 * that Fedora's GRUB adds. A file is lines of a key, blanks and a value.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/failure.h"

#define BLS_FOLDER          "boot/loader/entries"
#define BLS_ENTRIES_MAX     128
#define BLS_ENTRY_MAX_BYTES 16384U

/* The keys that a menu is made of. */
typedef enum BlsKey {
        BLS_TITLE,
        BLS_VERSION,
        BLS_LINUX,
        BLS_OPTIONS, /* several lines are one, with a blank between */
        BLS_GRUB_USERS,
        BLS_GRUB_HOTKEY,
        BLS_GRUB_CLASS, /* several lines as those of BLS_OPTIONS */
        _BLS_KEY_MAX,
        _BLS_KEY_INVALID = -22, /* -EINVAL */
} BlsKey;

typedef struct BlsEntry {
        char *id;                   /* the file's name without ".conf"; one line of UTF-8 */
        char *values[_BLS_KEY_MAX]; /* by key; NULL when the entry does not have it */
} BlsEntry;

typedef struct BlsEntries {
        BlsEntry *items; /* newest version first, then by ID, the higher one first */
        size_t n_items;
} BlsEntries;

/* Reads one file's text. `id` is for the entry and for sentences. Pure. Errors: -ENOEXEC when a key
 * is there twice that may be there once, or there is no kernel; -EOPNOTSUPP when the entry starts
 * something that a medium of ours cannot hold (`uki`, `efi`, `devicetree`). */
int bls_entry_parse(const char *id, const char *text, BlsEntry *ret, Failure *reterr);

/* True for an entry that starts a rescue kernel, by its title or by the kernel's name. */
bool bls_entry_is_rescue(const BlsEntry *entry);

/* Reads all entries of an image but those for rescue; a missing folder has none. Blocks. Errors:
 * those of bls_entry_parse(); -E2BIG for more than BLS_ENTRIES_MAX files. */
int bls_entries_read(int root_fd, BlsEntries *ret, Failure *reterr);

/* True when the image has the file of an entry, whatever it says. Blocks. */
bool bls_is_used(int root_fd);

void bls_entry_done(BlsEntry *entry);
#define _cleanup_bls_entry_ _cleanup_(bls_entry_done)
void bls_entries_done(BlsEntries *entries);
#define _cleanup_bls_entries_ _cleanup_(bls_entries_done)
