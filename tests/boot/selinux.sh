# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What a case expects of SELinux: enforcing with the config of that name, off with all others. Sourced after
# proof.sh.

expect_selinux() {
    local config=$1
    if [[ $config != selinux ]]; then
        proof_expect selinux off
        return
    fi
    proof_expect selinux 1
    proof_expect_argument security=selinux
    proof_expect_argument selinux=1
    proof_expect selinux-init system_u:system_r:init_t:s0
    proof_expect selinux-self system_u:system_r:initrc_t:s0
    # The root folder, two files of the image, one that is changed and two that are new.
    proof_expect selinux-labels 'root_t shadow_t passwd_exec_t net_conf_t etc_t systemd_unit_t'
    proof_expect selinux-overlay 'var_t var_t var_t var_t'
    proof_expect selinux-mislabelled ''
    proof_expect failed-units ''
    ((COMPLAINTS == 0)) || printf '# SELinux has denied: %s\n' "${PROOF[selinux-denied]-nothing}"
}
