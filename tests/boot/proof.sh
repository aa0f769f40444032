# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the booted system said of itself (the lines that configs/files/pxed-proof writes between two
# markers), and what a case expects of it. Sourced after vm.sh.
#
# An expectation that is not met is noted and the next one looked at: one boot is expensive, so
# that it tells everything that is wrong.

PROOF_BEGIN=PXED-PROOF-BEGIN
PROOF_END=PXED-PROOF-END

declare -A PROOF=()
COMPLAINTS=0

complain() {
    printf '# %s\n' "$*"
    COMPLAINTS=$((COMPLAINTS + 1))
}

# Fill PROOF from the console's log.
proof_read() {
    local line
    PROOF=()
    while IFS= read -r line; do
        [[ $line =~ ^([a-z0-9-]+)=(.*)$ ]] || continue
        PROOF[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
    done < <(vm_print_console | sed -n "/$PROOF_BEGIN/,/$PROOF_END/p")
}

proof_expect() {
    local key=$1 want=$2 got=${PROOF[$1]-nothing}
    [[ $got == "$want" ]] || complain "$key: expected \"$want\", the system said \"$got\""
}

# A kernel argument, whole, is on the command line of the running kernel.
proof_expect_argument() {
    local want=$1
    [[ " ${PROOF[cmdline]-} " == *" $want "* ]] ||
        complain "kernel argument \"$want\" is not in \"${PROOF[cmdline]-nothing}\""
}

# No kernel argument matches a glob pattern.
proof_refuse_argument() {
    local pattern=$1 word
    for word in ${PROOF[cmdline]-}; do
        # shellcheck disable=SC2053 # the pattern is meant as one
        if [[ $word == $pattern ]]; then
            complain "kernel argument \"$word\" has no place here"
        fi
    done
}
