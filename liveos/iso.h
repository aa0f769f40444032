/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The ISO: bootable by UEFI from an optical medium (El Torito) and, written as it is, from a USB
 * stick (a GPT with the EFI system partition appended). ISO 9660 level 3 with Rock Ridge and Joliet.
 */

#include "common/failure.h"
#include "liveos/build.h"

/* Stage "iso": links initrds and squashfs into MEDIA_ISO and makes ARTIFACT_ISO of it. */
int stage_iso(Build *build, Failure *reterr);
