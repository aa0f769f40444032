/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What `pxectl build` and `pxectl plan` have in common: their options, the config with what it names, and
 * the call that starts the job. */

#include <systemd/sd-bus.h>

#include "client/build-plan.h"
#include "client/follow.h"
#include "client/pack.h"
#include "client/verb.h"
#include "common/failure.h"

typedef enum BuildCall {
        BUILD_CALL_BUILD,
        BUILD_CALL_PLAN,
        _BUILD_CALL_MAX,
        _BUILD_CALL_INVALID = -22, /* -EINVAL */
} BuildCall;

#define BUILD_AT(member) offsetof(BuildArguments, member)

/* clang-format off */
/* Rows of a table of options, for BuildArguments: what is built from, and how. */
#define BUILD_OPTIONS_OF_INPUT \
        { "image", 'i', OPTION_TEXT, "IMAGE", BUILD_AT(image), \
          "A disk image: a file, or a name of pxectl images" }, \
        { "image-file", 0, OPTION_TEXT, "FILE", BUILD_AT(image_file), NULL }, \
        { "config", 'c', OPTION_TEXT, "FILE", BUILD_AT(config), \
          "The config, YAML; - is standard input" }, \
        { "config-file", 0, OPTION_TEXT, "FILE", BUILD_AT(config), NULL }, \
        { "output-image-format", 'f', OPTION_TEXT, "FORMAT", BUILD_AT(format), \
          "iso, pxe-dir or pxe-tar" }, \
        { "package-source", 0, OPTION_LIST, "PATH", BUILD_AT(package_sources), \
          "A folder of packages or a repository file; later ones count more" }, \
        { "rpm-source", 0, OPTION_LIST, "PATH", BUILD_AT(package_sources), NULL }, \
        { "trust-package-sources", 0, OPTION_FLAG, NULL, BUILD_AT(trust_package_sources), \
          "Check no signature of these folders" }, \
        { "disable-image-repositories", 0, OPTION_FLAG, NULL, BUILD_AT(disable_image_repositories), \
          "Use no repository that the image names" }, \
        { "disable-base-image-rpm-repos", 0, OPTION_FLAG, NULL, BUILD_AT(disable_image_repositories), NULL }, \
        { "compressor", 0, OPTION_TEXT, "NAME", BUILD_AT(compressor), \
          "Of the squashfs: zstd (default), gzip, xz, lz4, lzo" }, \
        { "compression-level", 0, OPTION_NUMBER, "N", BUILD_AT(compression_level), \
          "In the compressor's own range" }, \
        { "volume-id", 0, OPTION_TEXT, "ID", BUILD_AT(volume_id), \
          "Of the ISO (default: that of an ISO as the image, else CDROM); auto: one that no other has" }, \
        { "source-date-epoch", 0, OPTION_NUMBER, "SECONDS", BUILD_AT(source_date_epoch), \
          "No time in the result is later (default: $SOURCE_DATE_EPOCH)" }
/* clang-format on */

/* Reads the config and what it names, and prints its mistakes. Errors: -EINVAL when none is given,
 * -EBADMSG; those of pack_load(). */
int build_call_load(const BuildArguments *arguments, Pack *pack, Failure *reterr);

/* How the job is followed, by what the user said. */
FollowFlags build_call_follow_flags(const BuildArguments *arguments);

/* Starts the job; returns its number. Caller frees the path. Errors: of call_start(), those of opening
 * the image. */
int build_call_start(
                sd_bus *bus,
                BuildCall call,
                const BuildPlan *plan,
                const Pack *pack,
                char **ret_path,
                Failure *reterr);
