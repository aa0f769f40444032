/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The reader of a caller's config: a sealed worker that copies the context, judges the config for the
 * image that it is meant for, and tells what it asks for. The service itself never parses either.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "common/cleanup.h"
#include "common/digest.h"
#include "common/failure.h"
#include "config/diagnostics.h"
#include "config/order.h"
#include "service/launcher.h"
#include "service/settings.h"
#include "service/store.h"

/* How long it may take, most of which is the copy of a large context. */
#define CONFIG_READER_TIMEOUT_USEC (UINT64_C(120) * 1000 * 1000)

typedef struct ConfigReader ConfigReader;

typedef struct ConfigReaderResult {
        Diagnostics diagnostics;
        bool network;                    /* the config asks for it */
        char config_digest[DIGEST_SIZE]; /* "" when the config could not be read */
        int context_fd;                  /* the copy, for reading, at its start; may be taken */
} ConfigReaderResult;

/* `why` is NULL when the config could be judged; the judgement itself is in the diagnostics. The
 * reader may be freed in here; the result is borrowed. */
typedef void (*ConfigReaderCallback)(
                ConfigReaderResult *result,
                const Failure *why,
                void *userdata);

/* Starts it; nothing is heard before config_reader_listen(), which must follow at once. `order` says
 * what is to be built, `context_fd` and `image_fd` are the caller's, the latter -EBADF when there is no
 * image; all are borrowed until this returns. Blocks for the exec. Errors: -EIO, -ENOSPC, with a sentence;
 * -ENOMEM. */
int config_reader_start(
                ConfigReader **ret,
                sd_event *event,
                Launcher *launcher,
                const Settings *settings,
                const Store *store,
                const Order *order,
                int context_fd,
                int image_fd,
                Failure *reterr);
void config_reader_listen(ConfigReader *reader, ConfigReaderCallback callback, void *userdata);

/* What was found so far; borrowed. */
const Diagnostics *config_reader_diagnostics(const ConfigReader *reader);

/* Ends a reader that still runs; its callback is not called. */
ConfigReader *config_reader_free(ConfigReader *reader);
DEFINE_CLEANUP(ConfigReader *, config_reader_free);
