/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of package managers. What they write for themselves goes to PACKAGES_CACHE, so that none of
 * it stays in the image and nothing that the image had there is lost.
 */

#include "liveos/package-manager.h"

#include <errno.h>
#include <sys/stat.h>

#include "common/buffer.h"
#include "common/fs.h"
#include "common/strings.h"

#define REPOSITORIES PACKAGES_SHOWN "/" PACKAGES_REPOSITORIES

#define WORDS(...)                \
        (const char *const[]) {   \
                __VA_ARGS__, NULL \
        }

/* Scripts of packages have the usual PATH, in which what /usr/local has comes first (liveos/grub-tools.h).
 * A user of its own for fetching could not read what is shown; the cage is the wall. A failing
 * repository is an error, not a warning. dpkg's own care for a power failure would be for a disk that
 * is thrown away. */
#define APT_OPTIONS                                                                                \
        "-q", "-y", "-o", "APT::Sandbox::User=root", "-o", "APT::Update::Error-Mode=any", "-o",    \
                        "Dir::Etc::SourceList=/dev/null", "-o",                                    \
                        "Dir::Etc::SourceParts=" REPOSITORIES, "-o", "Dir::Cache=" PACKAGES_CACHE, \
                        "-o", "Dir::State::Lists=" PACKAGES_CACHE "/lists", "-o",                  \
                        "Dir::Log=" PACKAGES_CACHE "/log", "-o", "Acquire::Languages=none", "-o",  \
                        "DPkg::Path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", \
                        "-o", "Dpkg::Use-Pty=0", "-o", "Dpkg::Options::=--force-confold", "-o",    \
                        "Dpkg::Options::=--force-unsafe-io"
#define APT(...) WORDS("apt-get", APT_OPTIONS, __VA_ARGS__)

#define DNF(...)                                   \
        WORDS("dnf",                               \
              "-y",                                \
              "--setopt=reposdir=" REPOSITORIES,   \
              "--setopt=cachedir=" PACKAGES_CACHE, \
              "--setopt=logdir=" PACKAGES_CACHE,   \
              "--setopt=skip_if_unavailable=0",    \
              "--setopt=keepcache=0",              \
              __VA_ARGS__)
/* Refreshed once is enough. */
#define DNF_AS_REFRESHED(...) DNF("--setopt=metadata_expire=-1", __VA_ARGS__)

#define TDNF(...) WORDS("tdnf", "-y", "--setopt=reposdir=" REPOSITORIES, __VA_ARGS__)

static const char *const apt_environment[] = {
        "DEBIAN_FRONTEND=noninteractive",
        "DEBCONF_NONINTERACTIVE_SEEN=true",
        "APT_LISTCHANGES_FRONTEND=none",
        "SYSTEMD_OFFLINE=1",
        NULL,
};
static const char *const rpm_environment[] = { "SYSTEMD_OFFLINE=1", NULL };

static const char *const apt_folders[] = { "lists/partial", "archives/partial", "log", NULL };
static const char *const no_folders[] = { NULL };

/* An image with apt may have the others as mere programs, so its database has to be there, and it comes
 * first. tdnf is preferred to dnf where both are, as in Azure Linux. */
static const PackageManager managers[] = {
        {
                        .name = "apt-get",
                        .program = "usr/bin/apt-get",
                        .database = "var/lib/dpkg/status",
                        .format = PACKAGE_DEB,
                        .environment = apt_environment,
                        .cache_folders = apt_folders,
                        .verbs = {
                                [PACKAGE_REFRESH] = APT("update"),
                                [PACKAGE_REMOVE] = APT("remove"),
                                [PACKAGE_UPDATE_ALL] = APT("upgrade", "--with-new-pkgs"),
                                [PACKAGE_INSTALL] = APT("install"),
                                [PACKAGE_UPDATE] = APT("install", "--only-upgrade"),
                                [PACKAGE_IS_INSTALLED] = WORDS("dpkg-query", "--show"),
                                [PACKAGE_IS_KNOWN] = APT("install", "--simulate"),
                        },
        },
        {
                        .name = "tdnf",
                        .program = "usr/bin/tdnf",
                        .format = PACKAGE_RPM,
                        .environment = rpm_environment,
                        .cache_folders = no_folders,
                        .verbs = {
                                [PACKAGE_REFRESH] = TDNF("--refresh", "makecache"),
                                [PACKAGE_REMOVE] = TDNF("--disablerepo=*", "remove"),
                                [PACKAGE_UPDATE_ALL] = TDNF("update"),
                                [PACKAGE_INSTALL] = TDNF("install"),
                                [PACKAGE_UPDATE] = TDNF("update"),
                                [PACKAGE_CLEAN] = TDNF("clean", "all"),
                                [PACKAGE_IS_INSTALLED] = WORDS("rpm", "--query"),
                                [PACKAGE_IS_KNOWN] = TDNF("list"),
                        },
        },
        {
                        .name = "dnf",
                        .program = "usr/bin/dnf",
                        .format = PACKAGE_RPM,
                        .environment = rpm_environment,
                        .cache_folders = no_folders,
                        .verbs = {
                                [PACKAGE_REFRESH] = DNF("--refresh", "makecache"),
                                [PACKAGE_REMOVE] = DNF_AS_REFRESHED("--disablerepo=*", "remove"),
                                [PACKAGE_UPDATE_ALL] = DNF_AS_REFRESHED("upgrade"),
                                [PACKAGE_INSTALL] = DNF_AS_REFRESHED("install"),
                                [PACKAGE_UPDATE] = DNF_AS_REFRESHED("upgrade"),
                                [PACKAGE_IS_INSTALLED] = WORDS("rpm", "--query"),
                                [PACKAGE_IS_KNOWN] = DNF_AS_REFRESHED("list"),
                        },
        },
};

static bool has_file(int root_fd, const char *path) {
        struct stat st;

        return !path || (fs_stat_in_root(root_fd, path, &st) >= 0 && S_ISREG(st.st_mode));
}

const PackageManager *package_manager_find(int root_fd) {
        for (size_t i = 0; i < ELEMENTSOF(managers); i++)
                if (has_file(root_fd, managers[i].program) &&
                    has_file(root_fd, managers[i].database))
                        return &managers[i];
        return NULL;
}

char *package_manager_names(void) {
        _cleanup_buffer_ Buffer text = {};

        for (size_t i = 0; i < ELEMENTSOF(managers); i++) {
                const char *between = i == 0 ? "" : i + 1 == ELEMENTSOF(managers) ? " and " : ", ";

                if (buffer_printf(&text, "%s%s", between, managers[i].name) < 0)
                        return NULL;
        }
        return buffer_take(&text);
}

int package_manager_argv(
                const PackageManager *manager,
                PackageVerb verb,
                char *const *names,
                char ***ret) {
        _cleanup_strv_ char **argv = NULL;
        int r = strv_append_all(&argv, (char *const *) manager->verbs[verb]);

        if (r >= 0)
                r = strv_append_all(&argv, names);
        if (r >= 0)
                *ret = TAKE_PTR(argv);
        return r;
}
