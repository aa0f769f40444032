/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What export and restore share: a job that changes a target, started and followed. */

#include <stdbool.h>

#include "client/verb.h"
#include "common/cleanup.h"

typedef struct PublishArguments {
        const char *title;
        bool no_wait;
        bool quiet;
        bool verbose;
        bool no_ask_password;
} PublishArguments;

extern const Option publish_options[];

/* Calls the method of the object with the target's name and follows the job that it starts. */
int publish(const char *path,
            const char *method,
            const char *target,
            const PublishArguments *arguments,
            Failure *reterr);
