# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# SELinux in a root tree of Debian: a policy with what a Live OS needs beside it, and the programs that label
# files. No file has a label, and the tree's own menu leaves SELinux off, as Debian's does until
# selinux-activate is run.

SELINUX_PACKAGES=(selinux-policy-default policycoreutils)

# selinux_install TREE RULES LOG: before the layout, which takes the resolver's settings out again. RULES
# is a file in the policy's own language, CIL.
selinux_install() {
    local tree=$1 rules=$2 log=$3 proxies=$1/etc/apt/apt.conf.d/99pxed

    cp /etc/resolv.conf "$tree/etc/resolv.conf"
    tree_proxy_options >"$proxies"
    cp "$rules" "$tree/run/"
    # shellcheck disable=SC2016 # for the inner shell
    run_logged "$log" tree_run "$tree" sh -euc '
        apt-get -q update
        apt-get -q -y --no-install-recommends install "$@"
        apt-get clean
        rm -rf /var/lib/apt/lists/*
        semodule -n -i /run/*.cil' - "${SELINUX_PACKAGES[@]}" ||
        die "The policy of SELinux could not be installed; the messages stand above."
    rm "$proxies" "$tree"/run/*.cil
}
