# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The case pxe-protocols: the same artifact, whose ISO is fetched by each protocol that its initrd has
# been given what it takes for. Firmware and boot loader are those of other cases, and so kernel and
# initrd start at once, with the command line of the artifact's own menu but for the URL. Sourced.

PROTOCOLS=(https ftp tftp)
PROTOCOLS_MARK=PXED-ARRIVED

# The kernel's arguments in a menu, from the first entry.
protocols_read_arguments() {
    sed -n 's/^[[:blank:]]*linux[[:blank:]][[:blank:]]*[^[:blank:]]*[[:blank:]]*//p' "$1" | head -n 1
}

# What the server of a protocol says when it has handed the ISO out whole.
protocols_expect_log() {
    local protocol=$1 dir=$2
    case $protocol in
        https) [[ $(lab_count_fetches /image.iso) == 1 ]] ;;
        ftp) grep -q 'OK DOWNLOAD: .*"/image.iso"' "$LAB_FTP_LOG" ;;
        tftp) grep -q "sent $dir/http/image.iso to" "$LAB_TFTP_LOG" ;;
    esac || complain "the server of $protocol has not handed image.iso out"
}

protocols_boot() {
    local protocol=$1 dir=$2 arguments=$3 start=$SECONDS
    arguments=${arguments/root=live:https:/root=live:$protocol:}
    vm_start_kernel "$dir/$protocol" "$ARTIFACT/boot/vmlinuz" "$ARTIFACT/boot/initrd.img" \
        "$arguments systemd.unit=pxed-arrived.service"
    if ! vm_wait_for "$PROTOCOLS_MARK" "$BOOT_TIMEOUT_SEC"; then
        show_failure
        return 1
    fi
    vm_stop
    printf '# boot by %s: %d s\n' "$protocol" "$((SECONDS - start))"
    vm_print_console |
        grep -q "$PROTOCOLS_MARK overlay root=live:$protocol://$LAB_ADDRESS/image.iso\$" ||
        complain "the root by $protocol is not the one that was expected"
    protocols_expect_log "$protocol" "$dir"
}

case_pxe_protocols() {
    local dir=$1 layout=$2 config=$4 format=$5 arguments protocol
    base_image "$layout"
    mkdir -p "$dir/http"
    lab_add_https "$dir/lab" "$dir/http" "$BOOT_WORK/configs/files/site-ca.crt"
    build_artifact "$BASE_IMAGE" "$config" "$format"
    ln "$ARTIFACT/image.iso" "$dir/http/"
    LAB_MTU=9000
    lab_start "$dir/lab" "$dir/http" "$dir/http"
    lab_start_vsftpd "$dir/lab" "$dir/http"

    arguments=$(protocols_read_arguments "$ARTIFACT/boot/grub2/grub.cfg")
    [[ " $arguments " == *" root=live:https://$LAB_ADDRESS/image.iso "* ]] ||
        complain "the menu does not name the ISO: $arguments"
    for protocol in "${PROTOCOLS[@]}"; do
        protocols_boot "$protocol" "$dir" "$arguments"
    done
    ((COMPLAINTS == 0))
}
