# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Writes a disk image, GPT or MBR, from two folders, the ESP's content and the root tree. Nothing is
# partition-scanned or mounted where a tool can write the file system by itself; xfs and subvolumes of
# btrfs have no such tool and are mounted in this script's own mount namespace, which takes the loop
# device along when it ends.

MIB=$((1024 * 1024))
ESP_START_MIB=1
ESP_MIB=64
ROOT_START_MIB=$((ESP_START_MIB + ESP_MIB))
TYPE_ESP=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
TYPE_LINUX_FILESYSTEM=0FC63DAF-8483-4772-8E79-3D69D8477DE4

# disk_identifiers SEED TABLE: the same recipe gives the same identifiers. DISK_PART is what GRUB calls
# the partitions of such a table.
disk_identifiers() {
    UUID_DISK=$(disk_uuid "$1 disk")
    UUID_ESP_PARTITION=$(disk_uuid "$1 esp partition")
    UUID_ROOT_PARTITION=$(disk_uuid "$1 root partition")
    UUID_ROOT=$(disk_uuid "$1 root")
    ESP_SERIAL=$(printf '%s esp' "$1" | sha256sum | cut -c 1-8 | tr a-f A-F)
    # shellcheck disable=SC2034 # for layouts
    DISK_PART=gpt
    if [[ $2 == mbr ]]; then
        # shellcheck disable=SC2034
        DISK_PART=msdos
        UUID_DISK_MBR=${UUID_DISK%%-*}
        UUID_ESP_PARTITION=$UUID_DISK_MBR-01
        UUID_ROOT_PARTITION=$UUID_DISK_MBR-02
    fi
}

disk_uuid() {
    local hex

    hex=$(printf '%s' "$1" | sha256sum)
    printf '%s-%s-4%s-8%s-%s\n' "${hex:0:8}" "${hex:8:4}" "${hex:12:3}" "${hex:15:3}" "${hex:18:12}"
}

# disk_table DISK SIZE_MIB TABLE: one MiB at the end is the backup table's.
disk_table() {
    truncate --size "${2}M" "$1"
    "disk_describe_$3" "$2" | sfdisk --quiet --no-reread --no-tell-kernel "$1"
}

disk_describe_mbr() {
    cat <<EOF
label: dos
label-id: 0x$UUID_DISK_MBR
start=${ESP_START_MIB}MiB, size=${ESP_MIB}MiB, type=ef
start=${ROOT_START_MIB}MiB, size=$(($1 - ROOT_START_MIB - 1))MiB, type=83, bootable
EOF
}

disk_describe_gpt() {
    cat <<EOF
label: gpt
label-id: $UUID_DISK
start=${ESP_START_MIB}MiB, size=${ESP_MIB}MiB, type=$TYPE_ESP, uuid=$UUID_ESP_PARTITION, name=esp
start=${ROOT_START_MIB}MiB, size=$(($1 - ROOT_START_MIB - 1))MiB, type=$TYPE_LINUX_FILESYSTEM, uuid=$UUID_ROOT_PARTITION, name=rootfs
EOF
}

# disk_write_esp DISK FOLDER
disk_write_esp() {
    local file=$1.esp
    local -a entries=("$2"/*)

    truncate --size "${ESP_MIB}M" "$file"
    mkfs.vfat -F 32 -i "$ESP_SERIAL" -n ESP "$file" >/dev/null
    mcopy -s -m -i "$file" "${entries[@]}" ::
    disk_place "$1" "$file" "$ESP_START_MIB"
}

# disk_place DISK PARTITION_FILE START_MIB: holes stay holes.
disk_place() {
    dd if="$2" of="$1" bs="$MIB" seek="$3" conv=sparse,notrunc status=none
    rm "$2"
}

# disk_write_root DISK TREE FS SIZE_MIB LOG
disk_write_root() {
    local disk=$1 tree=$2 fs=$3 log=$5 file=$1.root

    truncate --size "$(($4 - ROOT_START_MIB - 1))M" "$file"
    run_logged "$log" "disk_make_$fs" "$file" "$tree" ||
        die "The root file system ($fs) could not be written; the messages stand above. Too small? See --size."
    disk_place "$disk" "$file" "$ROOT_START_MIB"
}

disk_make_ext4() {
    mke2fs -q -F -t ext4 -L root -U "$UUID_ROOT" -d "$2" "$1"
}

# Fills the file system with the tree, below its top or in a new subvolume: disk_fill FILE TREE SUBVOLUME
disk_fill() {
    local mount=$1.mount top=$1.mount

    mkdir "$mount"
    mount -o loop "$1" "$mount"
    if [[ -n $3 ]]; then
        top=$mount/$3
        btrfs --quiet subvolume create "$top"
    fi
    cp --archive "$2/." "$top/"
    umount "$mount"
    rmdir "$mount"
}

disk_make_btrfs() {
    if [[ -n $DISK_SUBVOLUME ]]; then
        mkfs.btrfs --quiet --force --label root --uuid "$UUID_ROOT" "$1"
        disk_fill "$1" "$2" "$DISK_SUBVOLUME"
        return
    fi
    mkfs.btrfs --quiet --force --label root --uuid "$UUID_ROOT" --rootdir "$2" "$1"
}

# The features that are switched off are those that GRUB 2.06 does not read.
disk_make_xfs() {
    mkfs.xfs -q -f -L root -m "uuid=$UUID_ROOT,bigtime=0,inobtcount=0" -i nrext64=0 "$1"
    disk_fill "$1" "$2" ""
}
