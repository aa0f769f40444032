# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Runs the cases that are SELECTED, BOOT_AT_ONCE of them at a time: an emulated machine that starts keeps
# hardly more than one core busy. Each runs in a shell of its own whose exit trap takes the machine, the
# servers and the network down; what it says is printed whole when it ends. Sourced.

# By process id, the number of the case in that shell; and by number, when it started.
declare -A SCHEDULE_RUNNING=()
declare -A SCHEDULE_STARTED=()

# Cleaning up is not to be cut short by a second signal.
ignore_signals() {
    trap '' INT TERM HUP
}

schedule_case_done() {
    ignore_signals
    artifact_stop
    vm_stop
    lab_stop
}

# schedule_run_case NUMBER WORD...: the case of this row, as the body of a shell of its own.
schedule_run_case() {
    local number=$1 name=case_${3//-/_}
    shift
    trap schedule_case_done EXIT
    trap 'ignore_signals; exit 130' INT TERM HUP
    declare -F "$name" >/dev/null || name=run_case
    "$name" "$BOOT_WORK/case-$number" "$@"
}

# Not to be called as a condition: bash would then go on after errors inside.
schedule_start() {
    local number=$1 words
    read -ra words <<<"${SELECTED[number - 1]}"
    (
        SCHEDULE_RUNNING=()
        schedule_run_case "$number" "${words[@]}"
    ) >"$BOOT_WORK/case-$number.out" 2>&1 &
    SCHEDULE_RUNNING[$!]=$number
    SCHEDULE_STARTED[$number]=$SECONDS
}

# Waits for a case to end and prints what came of it. Fails when the case did.
schedule_await() {
    local pid number row status=0 verdict=ok
    wait -n -p pid "${!SCHEDULE_RUNNING[@]}" || status=$?
    number=${SCHEDULE_RUNNING[$pid]}
    unset "SCHEDULE_RUNNING[$pid]"
    read -ra row <<<"${SELECTED[number - 1]}"
    ((status == 0)) || verdict='not ok'
    cat "$BOOT_WORK/case-$number.out"
    printf '%s %d - %s/%s (%d s)\n' "$verdict" "$number" "${row[0]}" "${row[1]}" \
        "$((SECONDS - SCHEDULE_STARTED[$number]))"
    [[ $BOOT_KEEP == yes ]] || rm -rf "$BOOT_WORK/case-$number"
    ((status == 0))
}

# Fails when a case did.
run_cases() {
    local next=1 failed=0
    printf '1..%d\n' "${#SELECTED[@]}"
    while ((next <= ${#SELECTED[@]} || ${#SCHEDULE_RUNNING[@]} > 0)); do
        if ((next <= ${#SELECTED[@]} && ${#SCHEDULE_RUNNING[@]} < BOOT_AT_ONCE)); then
            schedule_start "$next"
            next=$((next + 1))
        else
            schedule_await || failed=$((failed + 1))
        fi
    done
    ((failed == 0))
}

# Ends what still runs, and shows how far it came.
schedule_stop() {
    local pid
    # All of them at once: one may wait for what another makes.
    for pid in "${!SCHEDULE_RUNNING[@]}"; do
        kill -TERM "$pid" 2>/dev/null || true
    done
    for pid in "${!SCHEDULE_RUNNING[@]}"; do
        wait "$pid" 2>/dev/null || true
        cat "$BOOT_WORK/case-${SCHEDULE_RUNNING[$pid]}.out"
    done
    SCHEDULE_RUNNING=()
}
