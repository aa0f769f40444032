/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an ISO remembers of the configs it was made with, so that it can be made into another one. One file
 * and its keys are those of Image Customizer (saved-configs.yaml), which reads ours as we read its, of
 * either generation: `liveos` since 0.16, `iso` before. It refuses keys that it does not know and has
 * none for the URL, so that stands in a file of our own. Pure.
 */

#include <stddef.h>

#include "common/cleanup.h"
#include "common/failure.h"
#include "config/config.h"

#define SAVED_CONFIG_PATH      "azl-image-customizer/saved-configs.yaml"
#define SAVED_URL_PATH         "pxed/saved-configs.yaml"
#define SAVED_CONFIG_MAX_BYTES (256U * 1024U)

typedef struct SavedConfig {
        ConfigKdump kdump;       /* what the last config that said it wanted; or KDUMP_UNSET */
        char **kernel_arguments; /* list: all extraCommandLine of the medium so far, oldest first */
        ConfigMedium pxe; /* where a machine that boots over the network fetches the ISO: its URLs alone, as a
                             config has them */
        char *dracut; /* the version of dracut's package, "102-7.azl3"; NULL: not known.
                                    Written only: an image says it itself */
} SavedConfig;

/* Adds what one of the two files says. Keys that are not known are passed over: an older or newer tool may
 * have written them. Errors: -EBADMSG when it is no such file, -ENOMEM. */
int saved_config_parse(const char *text, size_t size, SavedConfig *saved, Failure *reterr);

/* The files' texts; caller frees. Errors: -ENOMEM. */
int saved_config_format(const SavedConfig *saved, char **ret);
int saved_config_format_url(const SavedConfig *saved, char **ret);

void saved_config_done(SavedConfig *saved);
#define _cleanup_saved_config_ _cleanup_(saved_config_done)
