/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looking for things in an image's tree, and the one table of who packages what. */

#include "liveos/lacks.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/fs.h"
#include "common/strings.h"

/* Who packages what. */
static const struct {
        const char *what;
        const char *packages[_FAMILY_MAX];
} packages[] = {
#define PACKAGES(debian, azurelinux, fedora) \
        { [FAMILY_DEBIAN] = debian, [FAMILY_AZURELINUX] = azurelinux, [FAMILY_FEDORA] = fedora }
        { "dracut", PACKAGES("dracut", "dracut", "dracut") },
        { "dmsquash-live", PACKAGES("dracut-live", "dracut", "dracut-live") },
        { "overlayfs", PACKAGES("dracut-core", "dracut-overlayfs", "dracut") },
        { "livenet", PACKAGES("dracut-live", "dracut", "dracut-live") },
        { "url-lib", PACKAGES("dracut-network", "dracut", "dracut-network") },
        { "nfs", PACKAGES("dracut-network", "dracut", "dracut-network") },
        { "network-legacy", PACKAGES("dracut-network", "dracut", "dracut-network") },
        { "network-manager", PACKAGES("dracut-network", "dracut", "dracut-network") },
        { "systemd-networkd", PACKAGES("systemd", "systemd", "systemd-networkd") },
        { "networkctl", PACKAGES("systemd", "systemd", "systemd-networkd") },
        { "NetworkManager", PACKAGES("network-manager", "NetworkManager", "NetworkManager") },
        { "nm-initrd-generator", PACKAGES("network-manager", "NetworkManager", "NetworkManager") },
        { "dmsetup", PACKAGES("dmsetup", "device-mapper", "device-mapper") },
        { "losetup", PACKAGES("mount", "util-linux", "util-linux") },
        { "umount", PACKAGES("mount", "util-linux", "util-linux") },
        { "blkid", PACKAGES("util-linux", "util-linux", "util-linux") },
        { "blockdev", PACKAGES("util-linux", "util-linux", "util-linux") },
        { "curl", PACKAGES("curl", "curl", "curl") },
        { "tftp", PACKAGES("libcurl4", "curl-libs", "libcurl") },
        { "etc/ssl/certs/ca-certificates.crt",
          PACKAGES("ca-certificates", "ca-certificates", "ca-certificates") },
        { "mount.nfs", PACKAGES("nfs-common", "nfs-utils", "nfs-utils") },
        { "mount.nfs4", PACKAGES("nfs-common", "nfs-utils", "nfs-utils") },
        { "rpc.statd", PACKAGES("nfs-common", "nfs-utils", "nfs-utils") },
        { "rpcbind", PACKAGES("rpcbind", "rpcbind", "rpcbind") },
        { "dhclient", PACKAGES("isc-dhcp-client", "dhcp-client", "dhcp-client") },
        { "pgrep", PACKAGES("procps", "procps-ng", "procps-ng") },
        { "arping", PACKAGES("iputils-arping", "iputils", "iputils") },
        { "ip", PACKAGES("iproute2", "iproute", "iproute") },
        { "awk", PACKAGES("mawk", "gawk", "gawk") },
        { "sed", PACKAGES("sed", "sed", "sed") },
        { "grep", PACKAGES("grep", "grep", "grep") },
        { "find", PACKAGES("findutils", "findutils", "findutils") },
        { "sh", PACKAGES("dash", "bash", "bash") },
        { "usr/lib/systemd/system-generators/systemd-debug-generator",
          PACKAGES("systemd", "systemd", "systemd") },
        { "tr", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "expr", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "dd", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "chmod", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "chown", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "mkdir", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "mktemp", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "mv", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "rm", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "sha256sum", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "sleep", PACKAGES("coreutils", "coreutils", "coreutils") },
        { "sync", PACKAGES("coreutils", "coreutils", "coreutils") },
#undef PACKAGES
};

static const char *find_package(const char *what, Family family) {
        for (size_t i = 0; i < ELEMENTSOF(packages); i++)
                if (str_equal(packages[i].what, what))
                        return packages[i].packages[family];
        return NULL;
}

int lacks_add(Lacks *lacks, const char *kind, const char *what) {
        const char *package = find_package(what, lacks->os->family);
        int r = strv_append_take(&lacks->things, str_printf("the %s '%s'", kind, what));

        if (r >= 0 && package && !strv_contains(lacks->packages, package))
                r = strv_append(&lacks->packages, package);
        return r;
}

static bool has_file(int root_fd, const char *path) {
        struct stat st;

        return fs_stat_in_root(root_fd, path, &st) >= 0 && S_ISREG(st.st_mode);
}

static bool has_program(int root_fd, const char *name) {
        static const char *const folders[] = {
                "usr/bin",
                "usr/sbin",
                "bin",
                "sbin",
                "usr/libexec",
                "usr/lib/systemd",
                "usr/lib/NetworkManager",
                "usr/lib",
        };

        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                _cleanup_free_ char *path = str_printf("%s/%s", folders[i], name);

                if (path && has_file(root_fd, path))
                        return true;
        }
        return false;
}

/* Notes the first of the alternatives when none is there. */
static int check(
                Lacks *lacks,
                bool (*is_there)(int root_fd, const char *name),
                const char *kind,
                const char *alternatives) {
        _cleanup_strv_ char **names = strv_split(alternatives, "|");

        if (!names)
                return -ENOMEM;
        STRV_FOREACH(name, names)
                if (is_there(lacks->root_fd, *name))
                        return 0;
        return lacks_add(lacks, kind, names[0]);
}

int lacks_check_programs(Lacks *lacks, const char *programs) {
        _cleanup_strv_ char **list = strv_split(programs, " ");
        int r = 0;

        if (!list)
                return -ENOMEM;
        STRV_FOREACH(program, list)
                if (r >= 0)
                        r = check(lacks, has_program, "program", *program);
        return r;
}

int lacks_check_file(Lacks *lacks, const char *paths) {
        return check(lacks, has_file, "file", paths);
}

int lacks_judge(const Lacks *lacks, const char *what, const char *other_way, Failure *reterr) {
        _cleanup_free_ char *things = strv_join(lacks->things, ", "),
                            *install = strv_join(lacks->packages, " ");

        if (!lacks->things)
                return 0;
        if (!things || !install)
                return -ENOMEM;
        return failure_set(
                        reterr,
                        -ENOPKG,
                        "%s, these are missing: %s. Install in the image what has them%s%s%s.",
                        what,
                        things,
                        *install ? ": " : "",
                        install,
                        other_way);
}

void lacks_done(Lacks *lacks) {
        lacks->things = strv_free(lacks->things);
        lacks->packages = strv_free(lacks->packages);
}
