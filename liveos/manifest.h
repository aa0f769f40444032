/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The manifest: what an artifact consists of and what it was made from, as JSON. It is the last file
 * to be written; an artifact without one is none.
 *
 * {"version": 1, "format", "initramfs", "kernels": […], "dracut", "os", "commandLine": {"iso", "pxe"},
 *  "bootstrapUrl", "volumeId", "compressor", "image": {"name", "sha256"}, "config": {"sha256"},
 *  "owner": uid, "tools": {name: version}, "files": [{"path", "size", "sha256"}]}
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Stage "digest": the image's digest into a file, beside the stages that need the time anyway. */
int stage_digest(Build *build, Failure *reterr);

/* Stage "manifest": removes PLACE_MEDIA and writes ARTIFACT_MANIFEST. */
int stage_manifest(Build *build, Failure *reterr);
