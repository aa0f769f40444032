/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The image's own dracut: what it can do, how it is called for the small initrd of a bootstrap Live
 * OS, and which kernel arguments that initrd wants. All differences between versions are here.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/failure.h"
#include "liveos/dracut-version.h"
#include "liveos/medium.h"
#include "liveos/os-release.h"

typedef enum DracutNetwork {
        DRACUT_NETWORK_NONE, /* the initrd has no network: of an image that has none, for an ISO alone */
        DRACUT_NETWORK_LEGACY,
        DRACUT_NETWORK_MANAGER,
        DRACUT_NETWORK_NETWORKD,
        _DRACUT_NETWORK_MAX,
        _DRACUT_NETWORK_INVALID = -22, /* -EINVAL */
} DracutNetwork;

typedef struct Dracut {
        unsigned version; /* 59, 102, …; 0 for no dracut */
        char version_text[DRACUT_VERSION_SIZE];
        DracutNetwork network;
        bool has_azl_downloader; /* Azure Linux's download service in livenet */
        bool is_reproducible;    /* whether its initrds have to be the same again; not looked for */
        const char *url_module;  /* to be added for the ISO's URL: live_url_module(); NULL: none */
} Dracut;

typedef enum DracutFlags {
        DRACUT_WITH_NETWORK =
                        1
                        << 0, /* the initrd must be able to fetch the ISO, not only where it can */
} DracutFlags;

/* The module that fetches the ISO. */
#define DRACUT_LIVENET "livenet"

/* The module's name; NULL for none. */
const char *dracut_network_to_string(DracutNetwork network);

/* Looks for dracut, its modules and the programs that those need; url_module is left NULL. Blocks. Errors:
 * -ENOPKG when something is missing; the failure names it and the packages to install. */
int dracut_inspect(int root_fd, const OsRelease *os, unsigned flags, Dracut *ret, Failure *reterr);

/* 1 when the image's dracut has the module, else 0. Blocks. Errors: those of reading its folder. */
int dracut_has_module(int root_fd, const char *name);

/* Appends the kernel arguments of the Live OS, all but root=, to a list of single words
 * (cmdline_add_text()). Those that a user may have set differently (ip=, …) are left out when they
 * are there. Errors: -ENOMEM. */
int dracut_add_live_arguments(const Dracut *dracut, MediumKind medium, char ***words);

/* The call, program first, to be run inside the image: makes an uncompressed initrd at `output`. With a
 * network, the image has the file LIVE_URL_CURL_SETTINGS_PATH.
 * Caller frees. Errors: -ENOMEM. */
int dracut_argv(const Dracut *dracut, const char *kernel_version, const char *output, char ***ret);
