#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Proves scripts/with-bus: its three kinds of polkit, the exit status, and that nothing is left of it
# however it ends. TAP; run as root, with PXED_BUILD_DIR set.

# shellcheck disable=SC2317 # all functions are called through check()

set -uo pipefail

TREE=$(realpath "$(dirname "$0")/../..")
WITH_BUS=$TREE/scripts/with-bus
STRANGER=65534
n=0
failed=0

check() {
    local name=$1
    shift

    n=$((n + 1))
    if "$@"; then
        printf 'ok %d - %s\n' "$n" "$name"
    else
        printf 'not ok %d - %s\n' "$n" "$name"
        failed=1
    fi
}

# What polkit says about a process of the stranger, as the three words of its answer.
# shellcheck disable=SC2016 # for the shell inside
ASK='setpriv --reuid=$0 --clear-groups sleep 60 & pid=$!
until [ "$(stat -c %u /proc/$pid)" = "$0" ]; do :; done
start=$(sed "s/.*) //" /proc/$pid/stat | cut -d" " -f20)
busctl call org.freedesktop.PolicyKit1 /org/freedesktop/PolicyKit1/Authority \
    org.freedesktop.PolicyKit1.Authority CheckAuthorization "(sa{sv})sa{ss}us" \
    unix-process 3 pid u $pid start-time t $start uid i $0 org.pxed1.build 0 0 ""'

answer_is() {
    local expected=$1 got
    shift

    got=$("$WITH_BUS" "$@" sh -c "$ASK" "$STRANGER")
    [[ $got == "(bba{ss}) $expected"* ]] || {
        printf '# polkit said: %s\n' "$got"
        return 1
    }
}

status_is() {
    local expected=$1 got=0
    shift

    "$@" || got=$?
    ((got == expected)) || {
        printf '# status %d instead of %d\n' "$got" "$expected"
        return 1
    }
}

# signalled SIGNAL: with-bus gets it while a command runs that has called the bus.
signalled() {
    local ready pid got=0

    exec {ready}< <(exec "$WITH_BUS" sh -c 'busctl list >/dev/null; echo $$; exec sleep 61')
    pid=$!
    read -r -u "$ready" _
    kill -"$1" "$pid"
    # The pipe ends when the last process that could write to it has.
    cat <&"$ready" >/dev/null
    exec {ready}<&-
    wait "$pid" || got=$?
    ((got == $2)) || {
        printf '# status %d instead of %d\n' "$got" "$2"
        return 1
    }
}

list_traces() {
    find /run /var/tmp "${TMPDIR:-/var/tmp}" -maxdepth 1 -name 'pxed-bus.*' | sort -u
    grep -F pxed-bus. /proc/self/mounts
    # A pattern that does not find its own process.
    grep -lsa 'pxed-bu[s]\.' /proc/[1-9]*/cmdline
}

nothing_left() {
    local left

    left=$(comm -13 <(printf '%s\n' "$traces_before" | sort) <(list_traces | sort))
    [[ -z $left ]] || {
        printf '# left: %s\n' "$left"
        return 1
    }
}

host_is_untouched() {
    ! grep -qF polkit-1 /proc/self/mounts && [[ ! -e /etc/polkit-1/rules.d/10-test.rules ]]
}

traces_before=$(list_traces)
check "polkit says yes by default" answer_is "true false"
check "polkit says no with --deny" answer_is "false false" --deny
check "polkit wants authentication with --challenge" answer_is "false true" --challenge
check "the command's status is returned" status_is 7 "$WITH_BUS" sh -c 'exit 7'
# shellcheck disable=SC2016
check "a killed command's status is returned" status_is 137 "$WITH_BUS" sh -c 'kill -KILL $$'
check "INT ends it" signalled INT 130
check "TERM ends it" signalled TERM 143
check "HUP ends it" signalled HUP 129
check "wrong usage is refused" status_is 2 "$WITH_BUS" --no-such-option true
check "nothing is left" nothing_left
check "the host's polkit is as it was" host_is_untouched
printf '1..%d\n' "$n"
exit "$failed"
