# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What a plan says of an artifact before it is built, held against the artifact and the machine that boots
# it. Sourced after artifact.sh.

PLAN=

# How far a size may be off, in percent. The base image of Fedora has the modules of one kernel twice, which a
# squashfs keeps once and a plan does not see.
PLAN_SIZE_PERCENT=20

# An initrd that only fetches and mounts stays small, some 30 MB, or a PXE server gains nothing by it.
PLAN_BOOTSTRAP_INITRD_MAX=$((40 * 1000 * 1000))

# Who vouches for whom in the base images: those of Azure Linux and Fedora have a GRUB that nobody has signed.
declare -A PLAN_SECURE_BOOT=([debian]=yes [azurelinux]=no [fedora]=no [btrfs-mbr]=yes [selinux]=yes)

make_plan() {
    local image=$1 config=$2 format=$3 plan=$4
    artifact_run_logged "plan of $(basename "$plan" .plan)" "$plan" \
        timeout "$ARTIFACT_TIMEOUT_SEC" "$BOOT_TOP/scripts/with-bus" \
        setpriv --reuid "$ARTIFACT_USER" --regid nogroup --clear-groups \
        "$BOOT_WORK/pxectl" plan --json --quiet --image "$image" \
        --config "$BOOT_WORK/configs/$config.yaml" --output-image-format "$format"
}

# plan_artifact IMAGE CONFIG FORMAT: leaves the path of the plan, JSON, in PLAN.
plan_artifact() {
    local image=$1 config=$2 format=$3
    PLAN=$BOOT_WORK/artifacts/$(basename "$image" .image)-$config-$format.plan
    make_once "$PLAN" make_plan "$image" "$config" "$format" "$PLAN"
}

plan_value() {
    jq -r --arg key "$1" '.[$key] // empty' "$PLAN"
}

# The memory that the plan asks for, in MiB, for a medium of run_case.
plan_memory_mib() {
    local key=memory-iso-bytes
    [[ $1 != network ]] || key=memory-pxe-bytes
    echo $(($(plan_value "$key") / 1048576))
}

plan_expect_size() {
    local key=$1 file=$2 want got
    want=$(stat -c %s "$file")
    got=$(plan_value "$key")
    printf '# plan: %s %d, and it was %d\n' "$key" "${got:-0}" "$want"
    ((${got:-0} * 100 >= want * (100 - PLAN_SIZE_PERCENT) &&
        ${got:-0} * 100 <= want * (100 + PLAN_SIZE_PERCENT))) ||
        complain "the plan said $key ${got:-nothing}, it was $want"
}

# What is known of the artifact once it is there.
plan_expect() {
    local layout=$1 config=$2 format=$3 errors line
    errors=$(jq -r '.problems[] | select(.severity == "error") | .message' "$PLAN")
    [[ -z $errors ]] || complain "the plan saw errors: $errors"
    [[ $(plan_value secure-boot) == "${PLAN_SECURE_BOOT[$layout]}" ]] ||
        complain "the plan said of Secure Boot: $(plan_value secure-boot)"
    if [[ $format == iso ]]; then
        plan_expect_size iso-bytes "$ARTIFACT"
        return
    fi
    if [[ $config == bootstrap ]]; then
        plan_expect_size iso-bytes "$ARTIFACT/image.iso"
        (($(stat -c %s "$(plan_first_initrd)") <= PLAN_BOOTSTRAP_INITRD_MAX)) ||
            complain "the initrd of a bootstrap Live OS is larger than $PLAN_BOOTSTRAP_INITRD_MAX bytes"
    fi
    plan_expect_size initrd-bytes "$(plan_first_initrd)"
    line=$(plan_value command-line-pxe)
    grep -qE "linux[a-z]*[[:blank:]].*${line%% *}" "$ARTIFACT/boot/grub2/grub.cfg" ||
        complain "the plan's command line is not in grub.cfg: $line"
}

# The initrd of the newest kernel.
plan_first_initrd() {
    local version
    version=$(jq -r '.kernels[0]' "$PLAN")
    compgen -G "$ARTIFACT/boot/init*$version*" || printf '%s\n' "$ARTIFACT/boot/initrd.img"
}
