# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The case pxe-installer: docs/examples/installer.yaml as its users have it, but for the digest. A machine
# with an empty disk boots over the network, is installed, reboots, and the installed OS asks for a login.
# Sourced.

INSTALLER_DISK_MIB=4096

# installer_prepare DIR: the example with the base image as the disk that is installed.
installer_prepare() {
    local dir=$1 digest
    mkdir -p "$dir/http"
    artifact_run_logged 'image of the disk' "$dir/gzip.log" \
        sh -c 'gzip -1 <"$1" >"$2"' - "$BASE_IMAGE" "$dir/http/disk.raw.gz"
    digest=$(sha256sum <"$dir/http/disk.raw.gz")
    cp -r "$BOOT_TOP/docs/examples/files" "$BOOT_WORK/configs/"
    sed "s/^\( *sha256: \)\"0*\"$/\1\"${digest%% *}\"/" "$BOOT_TOP/docs/examples/installer.yaml" \
        >"$BOOT_WORK/configs/installer.yaml"
    chmod -R a+rX "$BOOT_WORK/configs"
    truncate --size "${INSTALLER_DISK_MIB}M" "$dir/disk.raw"
}

installer_await() {
    local mark=$1 start=$SECONDS
    if ! vm_wait_for "$mark" "$BOOT_TIMEOUT_SEC"; then
        show_failure
        return 1
    fi
    printf '# "%s": %d s\n' "$mark" "$((SECONDS - start))"
}

case_pxe_installer() {
    local dir=$1 layout=$2 config=$4 format=$5 medium=$6 secure_boot=$7
    base_image "$layout"
    installer_prepare "$dir"
    build_artifact "$BASE_IMAGE" "$config" "$format"
    artifact_lay_out "$ARTIFACT" "$dir/tftp" "$dir/http"
    lab_start "$dir/lab" "$dir/tftp" "$dir/http"

    vm_start "$dir" "$medium" "$dir/disk.raw" "$secure_boot"
    installer_await 'Writing /srv/install/disk.raw.gz to /dev/vda'
    installer_await '/dev/vda is installed, rebooting'
    # The base image's own name; the installer's is another.
    installer_await 'debian login:'
    vm_stop
    [[ $(lab_count_fetches /disk.raw.gz) == 1 ]] || complain 'disk.raw.gz was not fetched once'
    ((COMPLAINTS == 0))
}
