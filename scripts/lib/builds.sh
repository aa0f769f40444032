# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Makes builds for the scripts that need one. Wants common.sh, TREE, and LOG: a file for what the build
# says, which is shown when it fails. Sourced, never run.

declare -A built=()

# provide_build FOLDER SETUP-OPTION...: once in a run. What is configured stays as it is.
provide_build() {
    local build=$1
    shift

    [[ -z ${built[$build]:-} ]] || return 0
    if [[ ! -e $build/build.ninja ]]; then
        say "configuring $build"
        (cd "$TREE" && run_logged "$LOG" meson setup "$build" "$@") || return
    fi
    say "building in $build"
    run_logged "$LOG" meson compile -C "$build" || return
    built[$build]=yes
}
