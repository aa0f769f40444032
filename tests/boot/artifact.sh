# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the cases boot: base images and the artifacts that pxed makes of them. Sourced. Each is made
# once for a run and found again by its name in BOOT_WORK, so that several cases share one; the first
# that wants it makes it, the others wait.

ARTIFACT_USER=nobody
ARTIFACT_TIMEOUT_SEC=900

ARTIFACT_PID=

# How the base image of each is made: in several formats, so that each is unpacked for some case. What
# btrfs-mbr is made into is as of debian, but for the way to it; debian-nfs has what an initrd takes for NFS.
declare -A BASE_OPTIONS=(
    [debian]='--layout debian'
    [debian-nfs]='--layout debian --packages nfs-common,rpcbind'
    [azurelinux]='--layout azurelinux --format qcow2'
    [fedora]='--layout fedora'
    [btrfs-mbr]='--layout debian --fs btrfs --subvolume @rootfs --table mbr --format vhdx'
    [selinux]='--layout debian --selinux'
)

# Run a command of which only the outcome and, if it fails, the last lines are of interest. It runs
# as a background child because a shell that waits for a foreground one is deaf to signals.
artifact_run_logged() {
    local what=$1 log=$2 start=$SECONDS status=0
    shift 2
    env --default-signal=INT,QUIT "$@" </dev/null >"$log" 2>&1 &
    ARTIFACT_PID=$!
    wait "$ARTIFACT_PID" || status=$?
    ARTIFACT_PID=
    if ((status == 0)); then
        printf '# %s: %d s\n' "$what" "$((SECONDS - start))"
        return 0
    fi
    printf '# %s failed with status %d after %d s; the end of its output:\n' \
        "$what" "$status" "$((SECONDS - start))"
    tail -n 30 "$log" | sed 's/^/#   /'
    return 1
}

# End what artifact_run_logged still waits for.
artifact_stop() {
    [[ -n $ARTIFACT_PID ]] || return 0
    kill -TERM "$ARTIFACT_PID" 2>/dev/null || true
    wait "$ARTIFACT_PID" 2>/dev/null || true
    ARTIFACT_PID=
}

# make_once NAME COMMAND...: runs the command, which makes what has this name, unless it is made already.
make_once() {
    local mark=$1.made lock
    shift
    exec {lock}>>"$mark"
    flock "$lock"
    if [[ ! -s $mark ]]; then
        # What the command starts must not hold the lock for longer than this.
        "$@" {lock}>&-
        echo made >"$mark"
    fi
    exec {lock}>&-
}

make_base_image() {
    local layout=$1 image=$2 options
    read -ra options <<<"${BASE_OPTIONS[$layout]}"
    artifact_run_logged "base image $layout" "$image.log" \
        "$BOOT_TOP/scripts/make-base-image" "${options[@]}" "$image"
    chmod 0644 "$image"
}

# base_image LAYOUT: leaves its path in BASE_IMAGE, made by BASE_OPTIONS. BOOT_IMAGES may name a folder
# that already holds LAYOUT.image.
base_image() {
    local layout=$1
    BASE_IMAGE=${BOOT_IMAGES:-$BOOT_WORK}/$layout.image
    if [[ -z ${BOOT_IMAGES:-} ]]; then
        make_once "$BASE_IMAGE" make_base_image "$layout" "$BASE_IMAGE"
    elif [[ ! -e $BASE_IMAGE ]]; then
        complain "BOOT_IMAGES is set, but there is no $BASE_IMAGE"
        return 1
    fi
}

# What the user has to reach is put where everybody can: the tree may lie in root's own folder.
artifact_prepare() {
    local pxectl=${PXED_BUILD_DIR:-$BOOT_TOP/build}/client/pxectl
    [[ -x $pxectl ]] || bail "there is no $pxectl; build first, or set PXED_BUILD_DIR"
    install -m 755 "$pxectl" "$BOOT_WORK/pxectl"
    cp -r "$BOOT_DIR/configs" "$BOOT_WORK/configs"
    chmod -R a+rX "$BOOT_WORK/configs"
    mkdir "$BOOT_WORK/artifacts"
}

# The whole way of a user: unprivileged, over the bus, asked of polkit.
make_artifact() {
    local image=$1 config=$2 format=$3 output=$4 dir
    dir=$(dirname "$output")
    mkdir -p "$dir"
    chown "$ARTIFACT_USER" "$dir"
    artifact_run_logged "build of $(basename "$dir")" "$dir.log" \
        timeout "$ARTIFACT_TIMEOUT_SEC" "$BOOT_TOP/scripts/with-bus" \
        setpriv --reuid "$ARTIFACT_USER" --regid nogroup --clear-groups \
        env --chdir="$dir" HOME="$dir" "$BOOT_WORK/pxectl" build \
        --image "$image" --config "$BOOT_WORK/configs/$config.yaml" \
        --output-image-format "$format" --output-path "$output"
    if [[ $format == pxe-tar ]]; then
        mkdir "$dir/pxe"
        tar -C "$dir/pxe" -xf "$output"
        rm "$output"
    fi
}

# build_artifact IMAGE CONFIG FORMAT: leaves the path of the ISO or of the folder in ARTIFACT; the tar of the
# format pxe-tar is unpacked.
build_artifact() {
    local image=$1 config=$2 format=$3 dir output
    dir=$BOOT_WORK/artifacts/$(basename "$image" .image)-$config-$format
    case $format in
        iso) ARTIFACT=$dir/image.iso output=$ARTIFACT ;;
        pxe-dir) ARTIFACT=$dir/pxe output=$ARTIFACT ;;
        pxe-tar) ARTIFACT=$dir/pxe output=$dir/pxe.tar.gz ;;
    esac
    make_once "$dir" make_artifact "$image" "$config" "$format" "$output"
}

# Lay a PXE folder out for the servers: the ISO under the HTTP root, with what the configs have in pxe.downloads,
# all else under the TFTP root.
artifact_lay_out() {
    local folder=$1 tftp_root=$2 http_root=$3
    cp -al "$folder" "$tftp_root"
    mkdir -p "$http_root"
    find "$tftp_root" -maxdepth 1 -name '*.iso' -exec mv -t "$http_root" {} +
    printf 'a download\n' >"$http_root/download.txt"
}

# Complain of every file that a PXE folder should hold and does not. Names may be patterns.
artifact_expect_files() {
    local folder=$1 file
    shift
    for file; do
        artifact_has "$folder" "$file" || complain "the PXE folder has no $file"
    done
}

# Complain of everything that a PXE folder should not hold.
artifact_refuse_files() {
    local folder=$1 file
    shift
    for file; do
        ! artifact_has "$folder" "$file" || complain "the PXE folder has $file"
    done
}

artifact_has() {
    compgen -G "$1/$2" >/dev/null
}
