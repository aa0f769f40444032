# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The case pxe-protocols: the same artifact, whose ISO is fetched by each protocol that its initrd has
# been given what it takes for. Firmware and boot loader are those of other cases, and so kernel and
# initrd start at once, with the command line of the artifact's own menu but for the URL. The config's URL is
# NFS's, which takes most of an image, and the plan is of it. With the memory that the plan tells, into which no
# ISO fits, it boots by NFS as well, but with other work beside takes minutes, see choose_memory. Sourced.

PROTOCOLS=(nfs https ftp tftp)
PROTOCOLS_NFS_BYTES=$((16 << 20)) # a boot reads twice as much of the ISO
PROTOCOLS_MARK=PXED-ARRIVED

# The kernel's arguments in a menu, from the first entry.
protocols_read_arguments() {
    sed -n 's/^[[:blank:]]*linux[[:blank:]][[:blank:]]*[^[:blank:]]*[[:blank:]]*//p' "$1" | head -n 1
}

# What the server of a protocol says when it has handed the ISO out: whole, or by NFS as it is read.
protocols_expect_log() {
    local protocol=$1 dir=$2
    case $protocol in
        https) [[ $(lab_count_fetches /live/image.iso) == 1 ]] ;;
        ftp) grep -q 'OK DOWNLOAD: .*"/live/image.iso"' "$LAB_FTP_LOG" ;;
        tftp) grep -q "sent $dir/http/live/image.iso to" "$LAB_TFTP_LOG" ;;
        nfs) (($(lab_bytes_of_nfs) >= PROTOCOLS_NFS_BYTES)) ;;
    esac || complain "the server of $protocol has not handed image.iso out"
}

protocols_boot() {
    local protocol=$1 dir=$2 arguments=$3 start=$SECONDS
    arguments=${arguments/root=live:nfs:/root=live:$protocol:}
    vm_start_kernel "$dir/$protocol" "$ARTIFACT/boot/vmlinuz" "$ARTIFACT/boot/initrd.img" \
        "$arguments systemd.unit=pxed-arrived.service"
    if ! vm_wait_for "$PROTOCOLS_MARK" "$BOOT_TIMEOUT_SEC"; then
        show_failure
        return 1
    fi
    vm_stop
    printf '# boot by %s: %d s\n' "$protocol" "$((SECONDS - start))"
    vm_print_console |
        grep -q "$PROTOCOLS_MARK overlay root=live:$protocol://$LAB_ADDRESS/live/image.iso\$" ||
        complain "the root by $protocol is not the one that was expected"
    protocols_expect_log "$protocol" "$dir"
}

case_pxe_protocols() {
    local dir=$1 layout=$2 config=$4 format=$5 arguments protocol
    base_image "$layout-nfs"
    mkdir -p "$dir/http/live"
    lab_add_https "$dir/lab" "$dir/http" "$BOOT_WORK/configs/files/site-ca.crt"
    plan_artifact "$BASE_IMAGE" "$config" "$format"
    build_artifact "$BASE_IMAGE" "$config" "$format"
    plan_expect "$layout" "$config" "$format"
    ln "$ARTIFACT/image.iso" "$dir/http/live/"
    LAB_MTU=9000
    lab_start "$dir/lab" "$dir/http" "$dir/http"
    lab_start_vsftpd "$dir/lab" "$dir/http"
    lab_start_ganesha "$dir/lab" "$dir/http/live" /live

    arguments=$(protocols_read_arguments "$ARTIFACT/boot/grub2/grub.cfg")
    [[ " $arguments " == *" root=live:nfs://$LAB_ADDRESS/live/image.iso "* ]] ||
        complain "the menu does not name the ISO: $arguments"
    for protocol in "${PROTOCOLS[@]}"; do
        protocols_boot "$protocol" "$dir" "$arguments"
    done
    ((COMPLAINTS == 0))
}
