/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The reader of a caller's config: a sealed worker that copies the context, judges the config and
 * tells what it asks for. The service itself never parses either.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "common/cleanup.h"
#include "common/digest.h"
#include "common/failure.h"
#include "config/diagnostics.h"
#include "config/order.h"
#include "service/settings.h"
#include "service/store.h"

#define READER_TIMEOUT_USEC (UINT64_C(120) * 1000 * 1000)

typedef struct Reader Reader;

typedef struct ReaderResult {
        Diagnostics diagnostics;
        bool network;                    /* the config asks for it */
        char config_digest[DIGEST_SIZE]; /* "" when the config could not be read */
        int context_fd;                  /* the copy, for reading, at its start; may be taken */
} ReaderResult;

/* `why` is NULL when the config could be judged; the judgement itself is in the diagnostics. The
 * reader may be freed in here; the result is borrowed. */
typedef void (*ReaderCallback)(ReaderResult *result, const Failure *why, void *userdata);

/* `order` says what is to be built, `context_fd` is the caller's; both are borrowed until this
 * returns. */
int reader_start(
                Reader **ret,
                sd_event *event,
                const Settings *settings,
                const Store *store,
                const Order *order,
                int context_fd,
                Failure *reterr);
void reader_listen(Reader *reader, ReaderCallback callback, void *userdata);

/* What was found so far; borrowed. */
const Diagnostics *reader_diagnostics(const Reader *reader);

/* Ends a reader that still runs; its callback is not called. */
Reader *reader_free(Reader *reader);
DEFINE_CLEANUP(Reader *, reader_free);
