#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs inside the image while it is customized: leaves a file that shows with which argument,
# variable and host name it ran.
set -eu
printf '%s %s %s\n' "$1" "$PROOF_WORD" "$(cat /etc/hostname)" >/etc/pxed-script-proof
