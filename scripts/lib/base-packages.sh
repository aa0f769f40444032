# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Further packages of Debian's in a root tree, from where this machine's own come from.

# packages_install TREE LOG PACKAGE...: before the layout, which takes the resolver's settings out again. No service
# is started by it.
packages_install() {
    local tree=$1 log=$2 proxies=$1/etc/apt/apt.conf.d/99pxed policy=$1/usr/sbin/policy-rc.d
    shift 2

    cp /etc/resolv.conf "$tree/etc/resolv.conf"
    tree_proxy_options >"$proxies"
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    # shellcheck disable=SC2016 # for the inner shell
    run_logged "$log" tree_run "$tree" sh -euc '
        apt-get -q update
        apt-get -q -y --no-install-recommends install "$@"
        apt-get clean
        rm -rf /var/lib/apt/lists/*' - "$@" ||
        die "Packages could not be installed in the root tree ($*); the messages stand above."
    rm "$proxies" "$policy"
}
