# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The root tree that every base image starts from: Debian 12 with a cloud kernel, dracut and the
# signed loaders. This file is the tree's whole recipe: its content is the key of the cached tree,
# so that nothing else may be needed to tell two trees apart.

TREE_SUITE=bookworm

# procps and isc-dhcp-client: dracut 059 offers its network-legacy module, the one that livenet
# works with, only where pgrep and dhclient are. iputils-ping: a file with a capability.
TREE_PACKAGES=(
    systemd-sysv udev dbus kmod procps e2fsprogs dmsetup squashfs-tools libcap2-bin
    linux-image-cloud-amd64 dracut dracut-network dracut-live
    shim-signed grub-efi-amd64-signed grub-efi-amd64-bin grub2-common
    iproute2 curl ca-certificates isc-dhcp-client iputils-arping iputils-ping
)

TREE_DPKG_OPTIONS=(
    force-unsafe-io
    'path-exclude=/usr/share/man/*'
    'path-exclude=/usr/share/doc/*'
    'path-include=/usr/share/doc/*/copyright'
)

# Prints this machine's own sources for the suite, one line each; nothing where apt knows none, and
# mmdebstrap then uses its default.
tree_sources() {
    # shellcheck disable=SC2016 # the format is apt's
    local format='$(CREATED_BY) $(ORIGIN) $(CODENAME) deb $(REPO_URI) $(RELEASE) $(COMPONENT)'

    apt-get indextargets --format "$format" 2>/dev/null |
        sed -nE "s/^Packages Debian ${TREE_SUITE}[^ ]* deb /deb /p" |
        sort -u
}

# Prints the proxies that this machine's apt goes through as apt options.
tree_proxy_options() {
    apt-config dump --no-empty --format '%f "%v";%n' |
        grep -E '^Acquire::(http|https)::Proxy ' || true
}

# Every package script that thinks of it calls dracut, which takes longer than all the rest: a stand-in
# answers until all are done.
tree_hold_dracut() {
    cat <<'EOF'
set -e
chroot "$1" dpkg-divert --quiet --local --rename --divert /usr/bin/dracut.real --add /usr/bin/dracut
printf '#!/bin/sh\n' >"$1/usr/bin/dracut"
chmod 755 "$1/usr/bin/dracut"
EOF
}

tree_release_dracut() {
    cat <<'EOF'
set -e
rm "$1/usr/bin/dracut"
chroot "$1" dpkg-divert --quiet --local --rename --remove /usr/bin/dracut
EOF
}

# tree_bootstrap TREE LOG
tree_bootstrap() {
    local tree=$1 log=$2 option
    local -a options=() sources=()

    for option in "${TREE_DPKG_OPTIONS[@]}"; do
        options+=(--dpkgopt="$option")
    done
    while read -r option; do
        options+=(--aptopt="$option")
    done < <(tree_proxy_options)
    mapfile -t sources < <(tree_sources)

    run_logged "$log" mmdebstrap --mode=root --variant=minbase --format=directory \
        "${options[@]}" \
        --include="$(IFS=,; printf '%s' "${TREE_PACKAGES[*]}")" \
        --essential-hook="$(tree_hold_dracut)" \
        --customize-hook="$(tree_release_dracut)" \
        "$TREE_SUITE" "$tree" "${sources[@]}" ||
        die "mmdebstrap could not make the root tree; its messages stand above."
    rm -f "$tree"/etc/apt/apt.conf.d/99mmdebstrap "$tree"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
}

# Runs COMMAND in TREE: tree_run TREE COMMAND... What it starts or mounts ends with it.
tree_run() {
    local tree=$1
    shift

    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive \
        unshare --mount --propagation unchanged --pid --fork --kill-child \
        --mount-proc="$tree/proc" chroot "$tree" "$@"
}

tree_kernel_version() {
    local kernel

    for kernel in "$1"/boot/vmlinuz-*; do
        printf '%s\n' "${kernel##*/vmlinuz-}"
    done
}

# One initrd for any disk, with dracut's slow parts (its own compression, hard links, stripping)
# left out and one quick pass of zstd instead.
tree_make_initrd() {
    local tree=$1 log=$2 version

    version=$(tree_kernel_version "$tree")
    run_logged "$log" tree_run "$tree" dracut --force --quiet --no-hostonly --no-compress --nostrip \
        --nohardlink --kver "$version" /boot/initrd.raw ||
        die "dracut could not make the tree's initrd; its messages stand above."
    zstd -q -3 -T0 --rm "$tree/boot/initrd.raw" -o "$tree/boot/initrd.img-$version"
    chmod 644 "$tree/boot/initrd.img-$version"
}

# tree_make TREE LOG: everything that does not depend on an image's layout.
tree_make() {
    local tree=$1 log=$2

    say "installing Debian $TREE_SUITE (${#TREE_PACKAGES[@]} packages and what they need)"
    tree_bootstrap "$tree" "$log"
    say "making its initrd"
    tree_make_initrd "$tree" "$log"
    tree_run "$tree" setcap cap_net_raw+ep /usr/bin/ping
    rm -f "$tree/var/lib/dbus/machine-id"
    : >"$tree/etc/machine-id"
}

tree_save() {
    tar --create --directory "$1" --numeric-owner --xattrs --xattrs-include='*' . |
        zstd -q -1 -T0 -o "$2"
}

tree_load() {
    mkdir "$2"
    zstd -q -d -c "$1" |
        tar --extract --directory "$2" --numeric-owner --preserve-permissions --xattrs \
            --xattrs-include='*'
}
