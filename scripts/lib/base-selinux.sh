# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# SELinux in a root tree of Debian: a policy with what a Live OS needs beside it, and the programs that label
# files. No file has a label, and the tree's own menu leaves SELinux off, as Debian's does until
# selinux-activate is run.

SELINUX_PACKAGES=(selinux-policy-default policycoreutils)

# selinux_install TREE RULES LOG: RULES is a file in the policy's own language, CIL. Needs packages_install.
selinux_install() {
    local tree=$1 rules=$2 log=$3

    packages_install "$tree" "$log" "${SELINUX_PACKAGES[@]}"
    cp "$rules" "$tree/run/"
    run_logged "$log" tree_run "$tree" sh -euc 'semodule -n -i /run/*.cil' ||
        die "The policy of SELinux could not be installed; the messages stand above."
    rm "$tree"/run/*.cil
}
