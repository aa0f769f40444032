#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs inside the image while it is customized: leaves a file that shows with which argument,
# variable and host name it ran. And what the overlay of the config is made of.
set -eu
printf '%s %s %s\n' "$1" "$PROOF_WORD" "$(cat /etc/hostname)" >/etc/pxed-script-proof

mkdir -p /srv/site /srv/base
echo site >/srv/site/both
echo base | tee /srv/base/both >/srv/base/below
chown 0:42 /srv/site
chmod 0750 /srv/site
