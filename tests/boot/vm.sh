# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# One virtual machine with UEFI firmware, watched over its serial console. Sourced after lab.sh.
#
# The console is QEMU's standard output, read line by line by this shell: the marker that is waited
# for, a known dead end and the end of the machine are all events of that one stream, so that
# nothing polls and a machine that has given up is not waited for.

VM_FIRMWARE_DIR=/usr/share/OVMF
VM_MEMORY_MIB=2048
# Without ERMS kernels clear pages by words. By bytes, emulated, a page that held code takes milliseconds: with
# little memory, where such pages are used again all the time, machines stood still for minutes.
VM_CPU=max,-erms

VM_PID=
VM_FD=
VM_LOG=
VM_VERDICT=
VM_ARGUMENTS=()

# What a console shows when nothing more will come: a pattern, and what it means.
VM_DEAD_ENDS=(
    'BdsDxe: No bootable option|the firmware found nothing to boot'
    'UEFI Interactive Shell|the firmware found nothing to boot and shows its shell'
    '!!!! X64 Exception|the firmware crashed'
    'Security Violation|the firmware or the shim refused a signature'
    'bad shim signature|grub refused the kernel'
    'grub rescue>|grub did not find its modules'
    '^(.*[^[:alnum:]])?grub> |grub found no configuration and shows its prompt'
    'you need to load the kernel first|grub did not find the kernel'
    'error: out of memory|grub ran out of memory'
    'Initramfs unpacking failed|the initramfs does not fit into the memory'
    'Kernel panic|the kernel panicked'
    'Press \[Enter\] to continue|dracut asks a question'
    'rdsosreport\.txt|dracut gave up on finding the root'
    'You are in emergency mode|the system came up in emergency mode'
)

vm_add_firmware() {
    local dir=$1 secure_boot=$2 code=OVMF_CODE_4M.fd vars=OVMF_VARS_4M.fd machine=q35
    if [[ $secure_boot == yes ]]; then
        code=OVMF_CODE_4M.secboot.fd vars=OVMF_VARS_4M.ms.fd machine=q35,smm=on
        VM_ARGUMENTS+=(-global 'driver=cfi.pflash01,property=secure,value=on')
    fi
    cp "$VM_FIRMWARE_DIR/$vars" "$dir/vars.fd"
    VM_ARGUMENTS+=(-machine "$machine"
        -drive "if=pflash,unit=0,format=raw,readonly=on,file=$VM_FIRMWARE_DIR/$code"
        -drive "if=pflash,unit=1,format=raw,file=$dir/vars.fd")
}

# The kernels of cloud images know neither AHCI nor USB: the CD-ROM hangs on virtio-scsi, and a
# virtio disk stands for the USB stick. To the firmware and the loaders the difference is none.
vm_add_medium() {
    local medium=$1 path=$2
    case $medium in
        network)
            # Without an option ROM the firmware's own PXE runs; that of iPXE cannot start a shim.
            VM_ARGUMENTS+=(-netdev "tap,id=n0,ifname=$LAB_TAP,script=no,downscript=no"
                -device 'virtio-net-pci,netdev=n0,romfile=,bootindex=1')
            ;;
        cdrom)
            VM_ARGUMENTS+=(-device virtio-scsi-pci
                -drive "if=none,id=d0,format=raw,readonly=on,media=cdrom,file=$path"
                -device 'scsi-cd,drive=d0,bootindex=1')
            ;;
        install)
            # As an administrator sets the firmware up: the disk first, which is empty, then the network.
            vm_add_medium network ''
            VM_ARGUMENTS+=(-drive "if=none,id=d0,format=raw,cache=unsafe,file=$path"
                -device 'virtio-blk-pci,drive=d0,bootindex=0')
            ;;
        disk)
            VM_ARGUMENTS+=(-drive "if=none,id=d0,format=raw,snapshot=on,file=$path"
                -device 'virtio-blk-pci,drive=d0,bootindex=1')
            ;;
        *)
            printf 'vm.sh: unknown medium "%s"\n' "$medium" >&2
            return 1
            ;;
    esac
}

vm_begin() {
    local dir=$1
    mkdir -p "$dir"
    VM_LOG=$dir/console.log
    VM_VERDICT=
    VM_ARGUMENTS=(-nodefaults -display none -serial stdio
        -accel 'tcg,thread=multi' -cpu "$VM_CPU" -smp 2 -m "$VM_MEMORY_MIB" -device virtio-rng-pci)
}

# vm_run MEDIUM: the machine that VM_ARGUMENTS describe.
vm_run() {
    local medium=$1 prefix=(setpriv --pdeathsig KILL)
    if [[ $medium != install ]]; then
        VM_ARGUMENTS+=(-no-reboot)
    fi
    if [[ $medium == network || $medium == install ]]; then
        prefix+=(ip netns exec "$LAB_NAMESPACE")
    fi
    : >"$VM_LOG"
    exec {VM_FD}< <(exec "${prefix[@]}" qemu-system-x86_64 "${VM_ARGUMENTS[@]}" </dev/null 2>&1)
    VM_PID=$!
}

# vm_start DIR MEDIUM PATH SECURE_BOOT
#
# MEDIUM is network (needs a running laboratory; PATH is ignored), cdrom, disk, or install (the network
# and a disk that is written, on a machine that reboots when it is told to); SECURE_BOOT yes or no. DIR takes the firmware's variables and the console's log.
vm_start() {
    local dir=$1 medium=$2 path=$3 secure_boot=$4
    vm_begin "$dir"
    vm_add_firmware "$dir" "$secure_boot"
    vm_add_medium "$medium" "$path"
    vm_run "$medium"
}

# vm_start_kernel DIR KERNEL INITRD COMMAND_LINE
#
# As vm_start with the medium network, from where a boot loader would have brought both files.
vm_start_kernel() {
    local dir=$1 kernel=$2 initrd=$3 command_line=$4
    vm_begin "$dir"
    vm_add_medium network ''
    VM_ARGUMENTS+=(-kernel "$kernel" -initrd "$initrd" -append "$command_line")
    vm_run network
}

vm_stop() {
    [[ -n $VM_PID ]] || return 0
    kill -KILL "$VM_PID" 2>/dev/null || true
    wait "$VM_PID" 2>/dev/null || true
    exec {VM_FD}<&-
    VM_PID=
}

# Sets VM_VERDICT and succeeds if the line is a dead end.
vm_line_is_dead_end() {
    local line=$1 entry
    for entry in "${VM_DEAD_ENDS[@]}"; do
        if [[ $line =~ ${entry%|*} ]]; then
            VM_VERDICT="${entry##*|} (\"${BASH_REMATCH[0]}\")"
            return 0
        fi
    done
    return 1
}

# vm_wait_for MARKER TIMEOUT_SEC
#
# Succeeds when a line of the console holds MARKER. Fails, with the reason in VM_VERDICT, at a
# dead end, when the machine ends, and when the time is over.
vm_wait_for() {
    local marker=$1 deadline=$((SECONDS + $2)) line='' chunk status
    while ((SECONDS < deadline)); do
        chunk=''
        status=0
        IFS= read -r -t 5 chunk <&"$VM_FD" || status=$?
        line+=$chunk
        # A prompt has no newline: what has come so far is looked at as well.
        if [[ $line == *"$marker"* ]]; then
            printf '%s\n' "$line" >>"$VM_LOG"
            return 0
        fi
        if vm_line_is_dead_end "$line" || ((status > 0 && status <= 128)); then
            printf '%s\n' "$line" >>"$VM_LOG"
            VM_VERDICT=${VM_VERDICT:-"the machine ended before it showed $marker"}
            return 1
        fi
        if ((status == 0)); then
            printf '%s\n' "$line" >>"$VM_LOG"
            line=''
        fi
    done
    printf '%s\n' "$line" >>"$VM_LOG"
    VM_VERDICT="the console did not show $marker within $2 seconds"
    return 1
}

# The console's text without carriage returns and terminal controls.
vm_print_console() {
    sed -e 's/\x1b\[[0-9;?=]*[A-Za-z]//g' -e 's/\x1b[()][0-9A-B]//g' -e 's/\r//g' "$VM_LOG" |
        tr -cd '\n\t\040-\176'
}
