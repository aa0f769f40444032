# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the scripts share: messages with the time that has passed, quiet commands that speak up when
# they fail, clean-up that runs however a script ends, and the cache folder. Sourced, never run.

SCRIPT_NAME=${0##*/}
START_SECONDS=$SECONDS
exit_commands=()

say() {
    printf '%s: [%3d s] %s\n' "$SCRIPT_NAME" "$((SECONDS - START_SECONDS))" "$*" >&2
}

die() {
    printf '%s: %s\n' "$SCRIPT_NAME" "$*" >&2
    exit 1
}

# Runs COMMAND when the script ends; the last one registered runs first. The words are taken as they
# are, nothing is evaluated a second time.
on_exit() {
    exit_commands+=("$(printf '%q ' "$@")")
    trap run_exit_commands EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

run_exit_commands() {
    local status=$? i

    trap - EXIT HUP INT TERM
    for ((i = ${#exit_commands[@]} - 1; i >= 0; i--)); do
        eval "${exit_commands[i]}" || true
    done
    exit "$status"
}

# own_mount_namespace ARGUMENT...: starts the script again, with its arguments, in a mount namespace of its own, so
# that no mount can be left behind. Root's scripts call it first; for others it does nothing.
own_mount_namespace() {
    local propagation=private

    [[ ${PXED_MOUNT_NAMESPACE:-} != "$$" ]] && ((EUID == 0)) || return 0
    # In a chroot the root is no mount point, and there is no propagation to switch off.
    mountpoint --quiet / || propagation=unchanged
    PXED_MOUNT_NAMESPACE=$$ exec unshare --mount --propagation "$propagation" "$0" "$@"
}

# run_logged LOG COMMAND...: output goes to LOG and is shown, its end, only when COMMAND fails.
run_logged() {
    local log=$1
    shift

    "$@" >"$log" 2>&1 && return 0
    tail -n 40 "$log" >&2
    return 1
}

# Prints the cache folder's path; it exists afterwards.
cache_dir() {
    local dir=${PXED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pxed}

    mkdir -p "$dir"
    (cd "$dir" && pwd)
}

# Prints the name of a recipe: a short digest of the given files' content and of the given words.
# recipe_key WORDS -- FILE...
recipe_key() {
    local words=

    while [[ $1 != -- ]]; do
        words+="$1"$'\n'
        shift
    done
    shift
    { printf '%s' "$words"; cat "$@"; } | sha256sum | cut -c 1-32
}

# Only one of us at a time writes below the folder; the lock ends with the process.
lock_dir() {
    exec {lock_fd}>"$1/lock"
    flock --nonblock "$lock_fd" && return 0
    say "waiting for another one that is at work in $1"
    flock "$lock_fd"
}

# copy_sparse FROM TO: TO appears whole or not at all, holes stay holes.
copy_sparse() {
    local temp

    temp=$(mktemp "$2.XXXXXX")
    on_exit rm -f "$temp"
    cp --sparse=always --reflink=auto "$1" "$temp"
    chmod 644 "$temp"
    mv "$temp" "$2"
}
