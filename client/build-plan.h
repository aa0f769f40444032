/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a build is to do, from the command line, the config and the defaults, in this order of
 * precedence. Nothing is opened here but looked for.
 */

#include <stdbool.h>
#include <stdint.h>

#include "client/output.h"
#include "client/pack.h"
#include "config/order.h"

typedef struct BuildArguments {
        const char *image;      /* a file, or a name in the service's folders */
        const char *image_file; /* always a file */
        const char *config;
        const char *format;
        const char *path;
        const char *pxe_folder;
        const char *compressor;
        const char *volume_id;
        const char *title;
        uint32_t compression_level;
        uint32_t source_date_epoch;
        char **package_sources;
        bool trust_package_sources;
        bool disable_image_repositories;
        bool pxe_artifacts;
        bool no_wait;
        bool keep;
        bool force;
        bool quiet;
        bool verbose;
        bool json;
        bool no_ask_password;
} BuildArguments;

typedef struct BuildPlan {
        char *image_file; /* this … */
        char *image_name; /* … or this; the other is NULL */
        OutputFormat format;
        char *output_path;      /* NULL: the artifact stays with the service */
        const char *pxe_folder; /* NULL for none; borrowed from the arguments */
        char *title;            /* NULL: the service's choice */
        Order order;
} BuildPlan;

/* Errors: -EINVAL for what cannot be meant. Borrows nothing but `arguments`. */
int build_plan_make(
                const BuildArguments *arguments,
                const Pack *pack,
                BuildPlan *ret,
                Failure *reterr);

/* The format from the command line's word, the config's, the path's suffix; each may be NULL.
 * Errors: -EINVAL. */
int build_plan_format(
                const char *word,
                const char *config_word,
                const char *path,
                OutputFormat *ret,
                Failure *reterr);

void build_plan_done(BuildPlan *plan);
#define _cleanup_build_plan_ _cleanup_(build_plan_done)
