/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which files of an image are the boot loaders: a table of places, best first. In the patterns, %
 * stands for the machine as firmware names it (x64), $ for GRUB's platform (x86_64-efi), * for one
 * folder: that of the image's own distribution, else one of any name.
 */

#include "liveos/loader.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/strings.h"
#include "common/walk.h"

typedef enum Role {
        ROLE_SHIM,
        ROLE_GRUB,
        _ROLE_MAX,
} Role;

#define ON_ISO  (1U << MEDIUM_ISO)
#define ON_PXE  (1U << MEDIUM_PXE)
#define ON_BOTH (ON_ISO | ON_PXE)

/* Whose images a place is looked for in. */
typedef enum Whose {
        ALL,
        DEBIAN,
        OTHERS,
} Whose;

typedef struct Candidate {
        Whose whose;
        unsigned media;
        LoaderPlace place;
        const char *pattern;
        const char *prefix; /* NULL: not known by its name */
} Candidate;

#define ESP  LOADER_IN_ESP
#define ROOT LOADER_IN_ROOT

static const Candidate shims[] = {
        { DEBIAN, ON_BOTH, ROOT, "usr/lib/shim/shim%.efi.signed", NULL },
        { DEBIAN, ON_BOTH, ROOT, "usr/lib/shim/shim%.efi.signed.latest", NULL },
        { ALL, ON_BOTH, ESP, "EFI/BOOT/boot%.efi", NULL },
        { ALL, ON_BOTH, ROOT, "boot/efi/EFI/BOOT/boot%.efi", NULL },
        { ALL, ON_BOTH, ESP, "EFI/*/shim%.efi", NULL },
        { ALL, ON_BOTH, ROOT, "boot/efi/EFI/*/shim%.efi", NULL },
};

/* Debian's grub for disks cannot reach a network, so it is none for PXE. */
static const Candidate grubs[] = {
        { DEBIAN, ON_PXE, ROOT, "usr/lib/grub/$-signed/grubnet%.efi.signed", "/grub" },
        { DEBIAN, ON_ISO, ROOT, "usr/lib/grub/$-signed/gcd%.efi.signed", "/boot/grub" },
        { DEBIAN, ON_ISO, ROOT, "usr/lib/grub/$-signed/grub%.efi.signed", "/EFI/debian" },
        { OTHERS, ON_BOTH, ESP, "EFI/BOOT/grub%.efi", NULL },
        { OTHERS, ON_BOTH, ROOT, "boot/efi/EFI/BOOT/grub%.efi", NULL },
        { OTHERS, ON_BOTH, ESP, "EFI/BOOT/grub%-noprefix.efi", "" },
        { OTHERS, ON_BOTH, ROOT, "boot/efi/EFI/BOOT/grub%-noprefix.efi", "" },
        { OTHERS, ON_BOTH, ESP, "EFI/*/grub%.efi", NULL },
        { OTHERS, ON_BOTH, ROOT, "boot/efi/EFI/*/grub%.efi", NULL },
};

#undef ESP
#undef ROOT

static const struct {
        const char *name;
        const Candidate *candidates;
        size_t n_candidates;
} roles[_ROLE_MAX] = {
        [ROLE_SHIM] = { "shim", shims, ELEMENTSOF(shims) },
        [ROLE_GRUB] = { "GRUB", grubs, ELEMENTSOF(grubs) },
};

static const struct {
        Family family;
        Arch arch;
        const char *packages[_ROLE_MAX];
} packages[] = {
        { FAMILY_DEBIAN, ARCH_X86_64, { "shim-signed", "grub-efi-amd64-signed" } },
        { FAMILY_DEBIAN, ARCH_AARCH64, { "shim-signed", "grub-efi-arm64-signed" } },
        { FAMILY_AZURELINUX, ARCH_X86_64, { "shim", "grub2-efi-binary" } },
        { FAMILY_AZURELINUX, ARCH_AARCH64, { "shim", "grub2-efi-binary" } },
        { FAMILY_FEDORA, ARCH_X86_64, { "shim-x64", "grub2-efi-x64" } },
        { FAMILY_FEDORA, ARCH_AARCH64, { "shim-aa64", "grub2-efi-aa64" } },
};

static const char *find_package(Family family, Arch arch, Role role) {
        for (size_t i = 0; i < ELEMENTSOF(packages); i++)
                if (packages[i].family == family && packages[i].arch == arch)
                        return packages[i].packages[role];
        return NULL;
}

/* The pattern for one machine, with the * still in it. NULL when memory is out. */
static char *expand(const char *pattern, Arch arch) {
        _cleanup_buffer_ Buffer path = {};

        for (; *pattern; pattern++) {
                int r;

                if (*pattern == '%')
                        r = buffer_append_string(&path, arch_efi_suffix(arch));
                else if (*pattern == '$')
                        r = buffer_append_string(&path, arch_grub_platform(arch));
                else
                        r = buffer_append(&path, pattern, 1);
                if (r < 0)
                        return NULL;
        }
        return buffer_take(&path);
}

/* Without regard to case, as on a FAT file system. */
static bool path_matches(const char *path, const char *pattern) {
        const char *star = strchr(pattern, '*');
        size_t before = star ? (size_t) (star - pattern) : 0;

        if (!star)
                return strcasecmp(path, pattern) == 0;
        if (strncasecmp(path, pattern, before) != 0)
                return false;
        path += before;
        return *path != '/' && strcasecmp(path + strcspn(path, "/"), star + 1) == 0;
}

/* The first path that matches, without a leading '/'; NULL when there is none. */
static const char *find_path(char *const *paths, const char *pattern) {
        STRV_FOREACH(each, paths) {
                const char *path = *each + strspn(*each, "/");

                if (path_matches(path, pattern))
                        return path;
        }
        return NULL;
}

/* The same for a pattern whose * is the folder of a distribution: its loaders fit each other, while
 * those that another OS has left on the ESP fit none. */
static const char *find_vendor_path(char *const *paths, const char *pattern, const char *vendor) {
        const char *star = strchr(pattern, '*');
        size_t before = star ? (size_t) (star - pattern) : 0, n = vendor ? strlen(vendor) : 0;

        if (!star || n == 0)
                return NULL;
        STRV_FOREACH(each, paths) {
                const char *path = *each + strspn(*each, "/");

                if (path_matches(path, pattern) && strncasecmp(path + before, vendor, n) == 0 &&
                    path[before + n] == '/')
                        return path;
        }
        return NULL;
}

static bool is_for(const Candidate *candidate, Family family, unsigned media) {
        if (!(candidate->media & media))
                return false;
        return candidate->whose == ALL || (candidate->whose == DEBIAN) == (family == FAMILY_DEBIAN);
}

/* Every place that was looked at, for a sentence. NULL when memory is out. */
static char *list_places(const LoaderSearch *search, Role role, unsigned media) {
        static const char *const roots[_LOADER_PLACE_MAX] = { "ESP:/", "/" };
        _cleanup_strv_ char **places = NULL;

        for (size_t i = 0; i < roles[role].n_candidates; i++) {
                const Candidate *candidate = &roles[role].candidates[i];
                _cleanup_free_ char *path = NULL;

                if (!is_for(candidate, search->os->family, media))
                        continue;
                path = expand(candidate->pattern, search->arch);
                if (!path)
                        return NULL;
                if (strv_append_take(&places, str_printf("%s%s", roots[candidate->place], path)) <
                    0)
                        return NULL;
        }
        return strv_join(places, ", ");
}

static const char *describe_media(unsigned media) {
        if (media == ON_PXE)
                return "the network";
        return media == ON_ISO ? "an ISO" : "a medium";
}

static int fail_missing(const LoaderSearch *search, Role role, unsigned media, Failure *reterr) {
        const char *package = find_package(search->os->family, search->arch, role);
        _cleanup_free_ char *places = list_places(search, role, media);

        if (!places)
                return -ENOMEM;
        return failure_set(
                        reterr,
                        -ENOPKG,
                        "The image has no %s for %s that starts from %s: looked for, without regard to case, %s (ESP: the EFI system partition). Install in the image %s.",
                        roles[role].name,
                        arch_to_string(search->arch),
                        describe_media(media),
                        places,
                        package ? package : "the package of its distribution that has it");
}

/* The path of the candidate in the image. Returns 0 when it is not there. */
static int look_for(const LoaderSearch *search, const Candidate *candidate, char **ret) {
        _cleanup_free_ char *pattern = expand(candidate->pattern, search->arch);
        char *const *paths = candidate->place == LOADER_IN_ESP ? search->esp_paths
                                                               : search->root_paths;
        const char *path;

        if (!pattern)
                return -ENOMEM;
        path = find_vendor_path(paths, pattern, search->os->id);
        if (!path)
                path = find_path(paths, pattern);
        if (!path)
                return 0;
        *ret = strdup(path);
        return *ret ? 1 : -ENOMEM;
}

/* The first candidate that is there: on success `*ret_candidate` tells what is known of it. */
static int pick(const LoaderSearch *search,
                Role role,
                unsigned media,
                LoaderFile *ret,
                const Candidate **ret_candidate,
                Failure *reterr) {
        for (size_t i = 0; i < roles[role].n_candidates; i++) {
                const Candidate *candidate = &roles[role].candidates[i];
                int r;

                if (!is_for(candidate, search->os->family, media))
                        continue;
                r = look_for(search, candidate, &ret->path);
                if (r < 0)
                        return r;
                if (r > 0) {
                        ret->place = candidate->place;
                        *ret_candidate = candidate;
                        return 0;
                }
        }
        return fail_missing(search, role, media, reterr);
}

int loaders_pick(const LoaderSearch *search, Loaders *ret, Failure *reterr) {
        _cleanup_loaders_ Loaders loaders = { .arch = search->arch };
        const Candidate *candidate = NULL;
        int r = pick(search, ROLE_SHIM, search->media, &loaders.shim, &candidate, reterr);

        assert(search->media != 0);
        for (MediumKind kind = 0; kind < _MEDIUM_KIND_MAX; kind++) {
                unsigned medium = 1U << kind;

                if (r < 0 || !(search->media & medium))
                        continue;
                r = pick(search, ROLE_GRUB, medium, &loaders.grub[kind], &candidate, reterr);
                if (r >= 0)
                        loaders.prefix[kind] = candidate->prefix;
        }
        if (r < 0)
                return r;
        *ret = loaders;
        loaders = (Loaders){};
        return 0;
}

/* A walk over one of the folders. */
typedef struct Listing {
        const char *folder;
        char **paths;
} Listing;

static int on_entry(void *userdata, const WalkEntry *entry, Failure *reterr) {
        Listing *listing = userdata;

        if (!S_ISREG(entry->st.st_mode))
                return 0;
        if (strv_length(listing->paths) >= LOADER_PATHS_MAX)
                return failure_set(
                                reterr,
                                -E2BIG,
                                "The image's folder '/%s' has too many files to look for boot loaders among them.",
                                listing->folder);
        return strv_append_take(&listing->paths, str_printf("%s/%s", listing->folder, entry->path));
}

static int list_folder(int root_fd, Listing *listing, Failure *reterr) {
        _cleanup_close_ int fd = fd_open_in_root(
                        root_fd,
                        listing->folder,
                        O_RDONLY | O_DIRECTORY,
                        0);

        if (fd == -ENOENT || fd == -ENOTDIR)
                return 0;
        if (fd < 0)
                return failure_set_errno(
                                reterr,
                                fd,
                                "The image's folder '/%s' cannot be read",
                                listing->folder);
        return walk_tree(fd, on_entry, listing, reterr);
}

int loader_list_root(int root_fd, char ***ret_paths, Failure *reterr) {
        static const char *const folders[] = {
                "boot/efi",
                "usr/lib/shim",
                "usr/lib/grub/x86_64-efi-signed",
                "usr/lib/grub/arm64-efi-signed",
        };
        Listing listing = {};
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(folders); i++) {
                listing.folder = folders[i];
                r = list_folder(root_fd, &listing, reterr);
        }
        if (r < 0) {
                (void) strv_free(listing.paths);
                return failure_default(reterr, r, "The image's boot loaders cannot be looked for");
        }
        *ret_paths = listing.paths;
        return 0;
}

void loaders_done(Loaders *loaders) {
        free(loaders->shim.path);
        for (MediumKind kind = 0; kind < _MEDIUM_KIND_MAX; kind++)
                free(loaders->grub[kind].path);
        *loaders = (Loaders){};
}
