/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The names in an artifact's folder: what a worker writes, the service keeps and hands out, and a
 * client fetches. Everything else about it is in its manifest.
 *
 * The PXE tree lies in two parts, by the server that hands them out; together, ARTIFACT_TFTP and
 * ARTIFACT_HTTP are the folder that a user gets.
 */

#define ARTIFACT_ISO      "image.iso"
#define ARTIFACT_PXE      "pxe"           /* folder of both parts */
#define ARTIFACT_TFTP     "pxe/tftp"      /* folder: what firmware and boot loader fetch */
#define ARTIFACT_HTTP     "pxe/http"      /* folder: the ISO and the user's files, for any server */
#define ARTIFACT_MANIFEST "manifest.json" /* written last: an artifact without one is none */
