/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One function for each feature and a table. What cannot be undone is tried in a child. */

#include "container/features.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/strings.h"
#include "container/cgroup.h"
#include "container/execute-mount.h"
#include "container/loop.h"
#include "container/mount.h"
#include "container/plan.h"
#include "container/process.h"
#include "container/seccomp.h"
#include "container/userns.h"

#define GIB        (UINT64_C(1) << 30)
#define IMAGE_SIZE (1024 * 1024)
#define VALUE_SIZE 128
/* Any folder will do: it is hidden in a mount namespace of its own. */
#define PLACE "/tmp"

typedef struct Host {
        int scratch_fd;
        int userns_fd; /* -EBADF when there can be none */
} Host;

static const char *yes_or_no(int result) {
        return result >= 0 ? "yes" : "no";
}

static int in_child(int (*function)(const Host *host), const Host *host) {
        int status, result = -ECHILD, r;
        pid_t pid = fork();

        if (pid < 0)
                return -errno;
        if (pid == 0)
                process_exit(function(host));
        r = process_wait(pid, &status);
        if (r < 0)
                return r;
        return process_result(status, &result) > 0 ? result : -ECHILD;
}

static void add_word(char *words, const char *word) {
        size_t used = strlen(words);

        (void) snprintf(words + used, VALUE_SIZE - used, "%s%s", used > 0 ? " " : "", word);
}

/* --- The limits ---------------------------------------------------------------------------- */

static void probe_limits(const char *group, FeatureCallback callback, void *userdata) {
        static const struct {
                const char *name;
                CgroupLimit limit;
                const char *otherwise;
        } rows[] = {
                { FEATURE_MEMORY, CGROUP_MEMORY, NULL },
                { FEATURE_PROCESSES, CGROUP_PROCESSES, "rlimit" },
                { FEATURE_DEVICES, CGROUP_DEVICES, NULL },
        };
        const CgroupLimits limits = { .memory_bytes = GIB, .processes = 1024, .optional = true };
        _cleanup_(cgroup_freep) Cgroup *cgroup = NULL;

        (void) cgroup_new(group, &limits, &cgroup, /* reterr= */ NULL);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                CgroupBackend backend = cgroup ? cgroup_backend(cgroup, rows[i].limit)
                                               : CGROUP_NONE;
                const char *value = cgroup_backend_to_string(backend);

                if (backend == CGROUP_NONE && rows[i].otherwise)
                        value = rows[i].otherwise;
                callback(rows[i].name, value, userdata);
        }
}

/* --- The rest ------------------------------------------------------------------------------ */

static const char *probe_user_namespaces(const Host *host, char *buffer _unused_) {
        return yes_or_no(host->userns_fd);
}

static const char *probe_idmapped_mounts(const Host *host, char *buffer) {
        if (host->userns_fd < 0)
                return buffer;
        if (execute_mount_try_ids(host->scratch_fd, host->userns_fd) >= 0)
                add_word(buffer, "scratch");
        if (execute_mount_try_ids(/* folder_fd= */ -EBADF, host->userns_fd) >= 0)
                add_word(buffer, "tmpfs");
        return buffer;
}

static int mount_overlay(const Host *host) {
        const char *const lowers[] = { PLACE "/lower", NULL };
        int r;

        if (host->userns_fd < 0)
                return -EOPNOTSUPP;
        r = userns_enter(host->userns_fd);
        if (r < 0)
                return r;
        if (unshare(CLONE_NEWNS) < 0 || mount("tmpfs", PLACE, "tmpfs", 0, NULL) < 0 ||
            mkdir(PLACE "/lower", 0700) < 0 || mkdir(PLACE "/upper", 0700) < 0 ||
            mkdir(PLACE "/work", 0700) < 0 || mkdir(PLACE "/tree", 0700) < 0)
                return -errno;
        return overlay_mount(lowers, PLACE "/upper", PLACE "/work", PLACE "/tree", NULL);
}

static const char *probe_overlay(const Host *host, char *buffer _unused_) {
        return yes_or_no(in_child(mount_overlay, host));
}

static int apply_filter(const Host *host _unused_) {
        return seccomp_apply(SECCOMP_CONDUCTOR);
}

static const char *probe_seccomp(const Host *host, char *buffer _unused_) {
        return yes_or_no(in_child(apply_filter, host));
}

static const char *probe_loop(const Host *host _unused_, char *buffer _unused_) {
        _cleanup_close_ int fd = memfd_create("pxed-probe", MFD_CLOEXEC);
        _cleanup_(loop_done) Loop loop = LOOP_INIT;

        if (fd < 0 || ftruncate(fd, IMAGE_SIZE) < 0)
                return "no";
        return yes_or_no(loop_attach(fd, 0, IMAGE_SIZE, LOOP_READ_ONLY, &loop));
}

static const char *probe_fuse(const Host *host _unused_, char *buffer _unused_) {
        _cleanup_close_ int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

        return yes_or_no(fd);
}

static bool is_installed(const char *program) {
        static const char *const folders[] = { "/usr/bin", "/usr/sbin", "/bin", "/sbin" };

        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                _cleanup_free_ char *path = str_printf("%s/%s", folders[i], program);

                if (path && access(path, X_OK) >= 0)
                        return true;
        }
        return false;
}

static const char *probe_fuse_programs(const Host *host _unused_, char *buffer) {
        static const char *const programs[] = { "fuse2fs", "squashfuse", "erofsfuse" };

        for (size_t i = 0; i < ELEMENTSOF(programs); i++)
                if (is_installed(programs[i]))
                        add_word(buffer, programs[i]);
        return buffer;
}

static const char *probe_network(const Host *host _unused_, char *buffer _unused_) {
        return is_installed("pasta") ? "pasta" : "none";
}

static const struct {
        const char *name;
        /* Says it, in the buffer (VALUE_SIZE, empty) or as a word of its own; "" is none. */
        const char *(*probe)(const Host *host, char *buffer);
} features[] = {
        { "user-namespaces", probe_user_namespaces },
        { "idmapped-mounts", probe_idmapped_mounts },
        { "overlay", probe_overlay },
        { "seccomp", probe_seccomp },
        { "loop", probe_loop },
        { "fuse", probe_fuse },
        { "fuse-programs", probe_fuse_programs },
        { "network", probe_network },
};

void features_probe(
                int scratch_fd,
                uint32_t ids_base,
                const char *group,
                FeatureCallback callback,
                void *userdata) {
        _cleanup_close_ int userns_fd = userns_new(ids_base, ids_base, PLAN_IDS, NULL, 0);
        const Host host = { .scratch_fd = scratch_fd, .userns_fd = userns_fd };

        probe_limits(group, callback, userdata);
        for (size_t i = 0; i < ELEMENTSOF(features); i++) {
                char buffer[VALUE_SIZE] = "";
                const char *value = features[i].probe(&host, buffer);

                callback(features[i].name, *value ? value : "none", userdata);
        }
}
