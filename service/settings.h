/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The administrator's settings, out of pxed.yaml. Everything has a default; a key that is not known
 * or a value that makes no sense keeps the service from starting, with file:line:column.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"
#include "config/order.h"
#include "service/caller-users.h"
#include "service/queue.h"

#define SETTINGS_PATH      "/etc/pxed/pxed.yaml"
#define SETTINGS_MAX_BYTES (256U * 1024U)

#define SETTINGS_RUNNING_MAX 64U /* so many slots of user ids there are */
#define SETTINGS_TARGETS_MAX 64U
#define SETTINGS_IMAGES_MAX  64U
#define SETTINGS_ALLOW_MAX   64U

#define SETTINGS_FREE_BYTES_AUTO UINT64_MAX

typedef enum SettingsLimits {
        SETTINGS_LIMITS_REFUSE, /* the service does not start */
        SETTINGS_LIMITS_ALLOW,
} SettingsLimits;

/* A PXE server's tree. Checked: names differ, paths are absolute, the URL is http or https. */
typedef struct SettingsTarget {
        char *name;      /* 1 to 64 of a-z A-Z 0-9 . _ - and not first '.' or '-' */
        char *tftp_root; /* absolute path */
        char *http_root; /* absolute path */
        char *url;       /* what http_root is reached as; without '/' at its end */
} SettingsTarget;

typedef struct Settings {
        char *state;          /* absolute path */
        char *scratch;        /* absolute path */
        char **images;        /* list of absolute paths */
        char **network_allow; /* list of ranges (common/cidr.h); none meets what is never let through */
        char *worker;         /* absolute path of the worker's executable */
        QueueLimits queue;
        CallerLimits callers;
        uint64_t context_max_bytes;
        uint64_t image_max_bytes;
        uint64_t log_max_bytes;
        uint64_t free_bytes; /* have to stay free; SETTINGS_FREE_BYTES_AUTO: see free-space.h */
        uint64_t memory_max_bytes; /* of a job, what its files in memory and caches take included */
        uint64_t scratch_max_bytes;    /* of what a job writes for itself */
        uint32_t processes_max;        /* of a job */
        SettingsLimits without_limits; /* where this host cannot hold a job to its limits */
        uint32_t jobs_kept; /* ended jobs beyond this number are forgotten, of who has most the oldest */
        uint64_t job_timeout_usec;
        uint64_t idle_usec; /* without work for so long the service exits; 0: never */
        uint32_t ids_base;  /* the running job in slot N has the 64 Ki ids from here + N * 64 Ki */
        OrderReader reader; /* of the image's file systems */
        SettingsTarget *targets;
        size_t n_targets;
} Settings;

/* Reads a text; `name` is the file's, for sentences. Pure. Errors: -EBADMSG with all mistakes, one
 * line each, as file:line:column: sentence. */
int settings_parse(const char *text, size_t size, const char *name, Settings *ret, Failure *reterr);

/* Reads the file; a missing one is as an empty one when `path` is SETTINGS_PATH. Blocks. */
int settings_load(const char *path, Settings *ret, Failure *reterr);

void settings_done(Settings *settings);
#define _cleanup_settings_ _cleanup_(settings_done)
