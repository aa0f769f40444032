/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A config as JSON that may be shown to anybody: the tables say what is a secret, and of that only that
 * it was there is left, as CONFIG_REDACTED. What the tables do not know is left out. Pure.
 */

#include <stddef.h>

#include "common/json.h"

#define CONFIG_REDACTED "[redacted]"

/* Writes the config as the member `key` of the object that is open. Errors: -EBADMSG when the text was
 * not judged before and is no config; -ENOMEM. */
int config_write_redacted(const char *text, size_t size, Json *json, const char *key);
