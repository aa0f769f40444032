# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What makes the common root tree one distribution's installation: identity, boot loaders,
# grub.cfg, fstab. `debian` is what Debian's installer leaves on a UEFI machine; `azurelinux` has the
# folders, names and settings of Azure Linux 3 around Debian's programs, `fedora` those of Fedora.
#
# Each layout fills two folders, the root tree and the content of the EFI system partition (ESP),
# and uses the identifiers of the disk-to-be, which are chosen before anything is written (UUID_*).

SHIM_DIR=usr/lib/shim
SIGNED_DIR=usr/lib/grub/x86_64-efi-signed
SERIAL_ARGS="console=tty0 console=ttyS0,115200"

# What a loader for disks, optical media and the network alike must carry inside itself.
GRUB_MODULES=(
    all_video boot btrfs cat chain configfile cpuid echo efifwsetup efinet ext2 fat font gfxmenu
    gfxterm gfxterm_background gzio halt help http iso9660 keystatus linux loadenv loopback ls
    lsefi minicmd net normal part_gpt part_msdos probe reboot regexp search search_fs_file
    search_fs_uuid search_label serial sleep squash4 terminal test tftp true xfs zstd
)

# Answers for grub-mkconfig in place of grub-probe: the disk that it asks about does not exist yet,
# but everything that it wants to know of it is decided. The file system by GRUB's own name.
layout_grub_probe() {
    local fs=$1

    [[ $fs == ext4 ]] && fs=ext2
    cat <<EOF
#!/bin/sh
while [ \$# -gt 0 ]; do
    case \$1 in
        --target=*) target=\${1#--target=} ;;
        --target | -t) target=\$2; shift ;;
    esac
    shift
done
case \$target in
    device) echo /dev/vda2 ;;
    disk) echo /dev/vda ;;
    drive) echo '(hd0,${DISK_PART}2)' ;;
    fs) echo $fs ;;
    fs_uuid) echo $UUID_ROOT ;;
    partuuid) echo $UUID_ROOT_PARTITION ;;
    partmap) echo $DISK_PART ;;
    compatibility_hint) echo hd0,${DISK_PART}2 ;;
    hints_string)
        echo '--hint-bios=hd0,${DISK_PART}2 --hint-efi=hd0,${DISK_PART}2 --hint-baremetal=ahci0,${DISK_PART}2'
        ;;
    abstraction | cryptodisk_uuid) ;;
    *) exit 1 ;;
esac
EOF
}

# The same for grub-mkrelpath: where GRUB finds what Linux sees at a path.
layout_grub_mkrelpath() {
    cat <<EOF
#!/bin/sh
for path; do :; done
path=${LAYOUT_SUBVOLUME:+/$LAYOUT_SUBVOLUME}\$path
[ "\$path" = / ] || path=\${path%/}
echo "\$path"
EOF
}

# Prints the path that GRUB has for one of the root's.
layout_grub_path() {
    printf '%s' "${LAYOUT_SUBVOLUME:+/$LAYOUT_SUBVOLUME}$1"
}

# layout_grub_config TREE FS OUTPUT: the tree's own grub-mkconfig writes OUTPUT (a path in the tree).
# It trusts a UUID only where udev has made its link.
layout_grub_config() {
    local tree=$1 fs=$2 output=$3 probe=$1/run/grub-probe mkrelpath=$1/run/grub-mkrelpath

    mkdir -p "$tree/dev/disk/by-uuid" "$tree${output%/*}"
    : >"$tree/dev/disk/by-uuid/$UUID_ROOT"
    layout_grub_probe "$fs" >"$probe"
    layout_grub_mkrelpath >"$mkrelpath"
    chmod 755 "$probe" "$mkrelpath"
    (
        export -f tree_run
        # shellcheck disable=SC2016 # for the inner shell
        run_logged "$LOG" unshare --mount --propagation unchanged bash -euc '
            mount --bind "$1" "$3/usr/sbin/grub-probe"
            mount --bind "$2" "$3/usr/bin/grub-mkrelpath"
            tree_run "$3" grub-mkconfig -o "$4"' - "$probe" "$mkrelpath" "$tree" "$output"
    ) || die "grub-mkconfig could not write $output; its messages stand above."
    rm -r "$tree/dev/disk" "$probe" "$mkrelpath"
}

# layout_identity TREE HOSTNAME
layout_identity() {
    printf '%s\n' "$2" >"$1/etc/hostname"
    chmod 644 "$1/etc/hostname"
    printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n::1\tlocalhost ip6-localhost\n' "$2" \
        >"$1/etc/hosts"
    : >"$1/etc/resolv.conf"
}

# layout_debian TREE ESP FS
layout_debian() {
    local tree=$1 esp=$2 fs=$3

    layout_identity "$tree" debian
    cat >"$tree/etc/default/grub" <<EOF
GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="$SERIAL_ARGS"
GRUB_TERMINAL=console
EOF
    tree_run "$tree" mkdir -p /boot/grub /boot/efi
    tree_run "$tree" grub-editenv /boot/grub/grubenv create
    layout_grub_config "$tree" "$fs" /boot/grub/grub.cfg

    mkdir -p "$esp/EFI/BOOT" "$esp/EFI/debian"
    cp "$tree/$SHIM_DIR/shimx64.efi.signed" "$esp/EFI/debian/shimx64.efi"
    cp "$tree/$SHIM_DIR/mmx64.efi.signed" "$esp/EFI/debian/mmx64.efi"
    cp "$tree/$SHIM_DIR/fbx64.efi.signed" "$esp/EFI/debian/fbx64.efi"
    cp "$tree/$SHIM_DIR/BOOTX64.CSV" "$esp/EFI/debian/BOOTX64.CSV"
    cp "$tree/$SIGNED_DIR/grubx64.efi.signed" "$esp/EFI/debian/grubx64.efi"
    cp "$esp/EFI/debian/shimx64.efi" "$esp/EFI/BOOT/BOOTX64.EFI"
    cp "$esp/EFI/debian/grubx64.efi" "$esp/EFI/BOOT/grubx64.efi"
    cat >"$esp/EFI/debian/grub.cfg" <<EOF
search.fs_uuid $UUID_ROOT root hd0,${DISK_PART}2
set prefix=(\$root)'$(layout_grub_path /boot/grub)'
configfile \$prefix/grub.cfg
EOF
    cat >"$tree/etc/fstab" <<EOF
# <file system> <mount point> <type> <options> <dump> <pass>
UUID=$UUID_ROOT / $fs $(layout_root_options "$fs") 0 1
UUID=${ESP_SERIAL:0:4}-${ESP_SERIAL:4} /boot/efi vfat umask=0077 0 1
EOF
}

layout_root_options() {
    if [[ -n $LAYOUT_SUBVOLUME ]]; then
        printf 'defaults,subvol=%s' "$LAYOUT_SUBVOLUME"
    elif [[ $1 == ext4 ]]; then
        printf 'errors=remount-ro'
    else
        printf 'defaults'
    fi
}

# layout_make_grub TREE PREFIX FILE: a loader that looks for its menu under PREFIX.
layout_make_grub() {
    local tree=$1 prefix=$2 file=$3 loader=/run/grubx64.efi

    run_logged "$LOG" tree_run "$tree" grub-mkimage --format=x86_64-efi --prefix="$prefix" \
        --output="$loader" "${GRUB_MODULES[@]}" ||
        die "grub-mkimage could not make grubx64.efi; its messages stand above."
    mv "$tree$loader" "$file"
}

# Debian's packages keep loaders in the tree; with other distributions they are only on the ESP.
layout_purge_loaders() {
    run_logged "$LOG" tree_run "$1" dpkg --purge --force-remove-protected \
        shim-signed shim-signed-common shim-helpers-amd64-signed shim-unsigned mokutil \
        grub-efi-amd64-signed grub-efi-amd64-bin ||
        die "The loaders' packages could not be taken out of the tree; the messages stand above."
}

layout_azurelinux_loaders() {
    local tree=$1 esp=$2

    mkdir -p "$esp/EFI/BOOT" "$esp/boot/grub2"
    cp "$tree/$SHIM_DIR/shimx64.efi.signed" "$esp/EFI/BOOT/bootx64.efi"
    layout_make_grub "$tree" /boot/grub2 "$esp/EFI/BOOT/grubx64.efi"
    layout_purge_loaders "$tree"
    cat >"$esp/boot/grub2/grub.cfg" <<EOF
search --no-floppy --fs-uuid --set=root $UUID_ROOT
set prefix=(\$root)$(layout_grub_path /boot/grub2)
configfile \$prefix/grub.cfg
EOF
}

# Azure Linux keeps the arguments that change from machine to machine in grubenv, as kernelopts. Debian's
# theme looks into /boot/grub, which does not exist here.
layout_azurelinux_grub() {
    local tree=$1 fs=$2

    cat >"$tree/etc/default/grub" <<EOF
GRUB_TIMEOUT="0"
GRUB_DISTRIBUTOR="AzureLinux"
GRUB_DISABLE_SUBMENU="y"
GRUB_TERMINAL_OUTPUT="console"
GRUB_CMDLINE_LINUX="rd.auto=1 net.ifnames=0 $SERIAL_ARGS"
GRUB_CMDLINE_LINUX_DEFAULT="  \\\$kernelopts"
EOF
    rm "$tree/etc/grub.d/05_debian_theme"
    tree_run "$tree" mkdir -p /boot/grub2 /boot/efi
    tree_run "$tree" grub-editenv /boot/grub2/grubenv create
    tree_run "$tree" grub-editenv /boot/grub2/grubenv set kernelopts=panic=10
    layout_grub_config "$tree" "$fs" /boot/grub2/grub.cfg
    sed -i '1,/^### BEGIN/s/grub-mkconfig/grub2-mkconfig/' "$tree/boot/grub2/grub.cfg"
}

# layout_azurelinux TREE ESP FS
layout_azurelinux() {
    local tree=$1 esp=$2 fs=$3 version

    version=$(tree_kernel_version "$tree")
    layout_identity "$tree" azurelinux
    cat >"$tree/usr/lib/os-release" <<EOF
NAME="Microsoft Azure Linux"
VERSION="3.0"
ID=azurelinux
VERSION_ID="3.0"
PRETTY_NAME="Microsoft Azure Linux 3.0"
EOF
    rm -f "$tree"/{initrd.img,vmlinuz}{,.old}
    printf 'Azure Linux 3.0 \\n \\l\n' >"$tree/etc/issue"
    mv "$tree/boot/initrd.img-$version" "$tree/boot/initramfs-$version.img"
    layout_azurelinux_grub "$tree" "$fs"
    layout_azurelinux_loaders "$tree" "$esp"
    cat >"$tree/etc/fstab" <<EOF
PARTUUID=$UUID_ROOT_PARTITION / $fs defaults${LAYOUT_SUBVOLUME:+,subvol=$LAYOUT_SUBVOLUME} 0 1
PARTUUID=$UUID_ESP_PARTITION /boot/efi vfat umask=0077 0 2
EOF
}

# shim is the fallback loader, grub lies in the vendor's folder and has that for its prefix.
layout_fedora_loaders() {
    local tree=$1 esp=$2

    mkdir -p "$esp/EFI/BOOT" "$esp/EFI/fedora"
    cp "$tree/$SHIM_DIR/shimx64.efi.signed" "$esp/EFI/BOOT/BOOTX64.EFI"
    cp "$tree/$SHIM_DIR/fbx64.efi.signed" "$esp/EFI/BOOT/fbx64.efi"
    cp "$tree/$SHIM_DIR/shimx64.efi.signed" "$esp/EFI/fedora/shimx64.efi"
    cp "$tree/$SHIM_DIR/mmx64.efi.signed" "$esp/EFI/fedora/mmx64.efi"
    layout_make_grub "$tree" /EFI/fedora "$esp/EFI/fedora/grubx64.efi"
    layout_purge_loaders "$tree"
    cat >"$esp/EFI/fedora/grub.cfg" <<EOF
search --no-floppy --fs-uuid --set=dev $UUID_ROOT
set prefix=(\$dev)$(layout_grub_path /boot/grub2)
export \$prefix
configfile \$prefix/grub.cfg
EOF
}

# layout_fedora_entry TREE TITLE VERSION ID OPTIONS
layout_fedora_entry() {
    cat >"$1/boot/loader/entries/$4.conf" <<EOF
title Fedora Linux ($2) 40 (Server Edition)
version $3
linux /boot/vmlinuz-$3
initrd /boot/initramfs-$3.img \$tuned_initrd
options $5
grub_users \$grub_users
grub_arg --unrestricted
grub_class kernel
EOF
}

# layout_fedora_kernels TREE MACHINE_ID VERSION OLD: beside the kernel that is to be started an older
# one, which is the same but for its name, and the rescue kernel, each with its entry. There are two
# ways to write options: in the entry itself, and in grubenv.
layout_fedora_kernels() {
    local tree=$1 id=$2 version=$3 old=$4 name

    mv "$tree/boot/initrd.img-$version" "$tree/boot/initramfs-$version.img"
    cp -a "$tree/usr/lib/modules/$version" "$tree/usr/lib/modules/$old"
    for name in "$old" "0-rescue-$id"; do
        cp "$tree/boot/vmlinuz-$version" "$tree/boot/vmlinuz-$name"
        cp "$tree/boot/initramfs-$version.img" "$tree/boot/initramfs-$name.img"
    done
    mkdir -p "$tree/boot/loader/entries"
    # shellcheck disable=SC2016 # for GRUB
    layout_fedora_entry "$tree" "$version" "$version" "$id-$version" '$kernelopts $tuned_params'
    layout_fedora_entry "$tree" "$old" "$old" "$id-$old" "root=UUID=$UUID_ROOT ro $SERIAL_ARGS"
    layout_fedora_entry "$tree" "0-rescue-$id" "0-rescue-$id" "$id-0-rescue" \
        "root=UUID=$UUID_ROOT ro $SERIAL_ARGS"
}

# Fedora's 10_linux writes no entries but the command that reads them from their files. Debian's GRUB
# lacks that command, so this disk shows no menu when it is started itself: it is made to be read.
layout_fedora_grub() {
    local tree=$1 fs=$2 saved_entry=$3

    cat >"$tree/etc/default/grub" <<EOF
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR=Fedora
GRUB_DEFAULT=saved
GRUB_DISABLE_SUBMENU=true
GRUB_TERMINAL_OUTPUT=console
GRUB_DISABLE_RECOVERY=true
EOF
    rm "$tree/etc/grub.d/05_debian_theme"
    cat >"$tree/etc/grub.d/00_tuned" <<'EOF'
#!/bin/sh
echo 'set tuned_params="net.ifnames=0"'
echo 'set tuned_initrd=""'
EOF
    cat >"$tree/etc/grub.d/10_linux" <<'EOF'
#!/bin/sh
. "$pkgdatadir/grub-mkconfig_lib"
prepare_grub_to_access_device "$GRUB_DEVICE"
cat <<MENU
if [ -z "\${kernelopts}" ]; then
  set kernelopts="root=UUID=$GRUB_DEVICE_UUID ro"
fi
insmod blscfg
blscfg
MENU
EOF
    chmod 755 "$tree/etc/grub.d/00_tuned" "$tree/etc/grub.d/10_linux"
    tree_run "$tree" mkdir -p /boot/grub2 /boot/efi
    tree_run "$tree" grub-editenv /boot/grub2/grubenv create
    tree_run "$tree" grub-editenv /boot/grub2/grubenv set "saved_entry=$saved_entry" \
        "kernelopts=root=UUID=$UUID_ROOT ro rootflags=defaults $SERIAL_ARGS"
    layout_grub_config "$tree" "$fs" /boot/grub2/grub.cfg
    sed -i '1,/^### BEGIN/s/grub-mkconfig/grub2-mkconfig/' "$tree/boot/grub2/grub.cfg"
}

# layout_fedora TREE ESP FS
layout_fedora() {
    local tree=$1 esp=$2 fs=$3 version id=${UUID_DISK//-/}

    version=$(tree_kernel_version "$tree")
    layout_identity "$tree" fedora
    cat >"$tree/usr/lib/os-release" <<EOF
NAME="Fedora Linux"
VERSION="40 (Server Edition)"
ID=fedora
VERSION_ID=40
PRETTY_NAME="Fedora Linux 40 (Server Edition)"
EOF
    rm -f "$tree"/{initrd.img,vmlinuz}{,.old}
    printf 'Fedora Linux 40 \\n \\l\n' >"$tree/etc/issue"
    layout_fedora_kernels "$tree" "$id" "$version" 5.14.0-1.fc40.x86_64
    layout_fedora_grub "$tree" "$fs" "$id-$version"
    layout_fedora_loaders "$tree" "$esp"
    cat >"$tree/etc/fstab" <<EOF
UUID=$UUID_ROOT / $fs defaults${LAYOUT_SUBVOLUME:+,subvol=$LAYOUT_SUBVOLUME} 0 1
UUID=${ESP_SERIAL:0:4}-${ESP_SERIAL:4} /boot/efi vfat umask=0077,shortname=winnt 0 2
EOF
}
