/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The store. The scratch folder may lie in a folder that everybody may write to, so each folder is
 * opened without following a link and must belong to the service's own user.
 */

#include "service/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "service/system-failure.h"

#define LAST_ID_NAME       "last-id"
#define LAST_ID_MAX_BYTES  32
#define LOCK_NAME          "lock"
#define LOCK_TRIES         200
#define LOCK_INTERVAL_NSEC (100L * 1000 * 1000)

static int open_folder(const char *path, int *ret_fd, Failure *reterr) {
        _cleanup_close_ int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -EBADF;
        struct stat st;
        int r;

        if (root_fd < 0)
                return system_failure_set(reterr, -errno, "Cannot open /");
        r = fs_mkdir_in_root(root_fd, path, 0700);
        if (r < 0)
                return system_failure_set(reterr, r, "Cannot make the folder '%s'", path);
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return system_failure_set(reterr, -errno, "Cannot open the folder '%s'", path);
        if (fstat(fd, &st) < 0)
                return system_failure_set(reterr, -errno, "Cannot look at the folder '%s'", path);
        if (st.st_uid != geteuid())
                return failure_set(
                                reterr,
                                -EPERM,
                                "The folder '%s' belongs to user %u instead of %u; remove it or configure another one.",
                                path,
                                st.st_uid,
                                geteuid());
        if ((st.st_mode & 077) != 0 && fchmod(fd, 0700) < 0)
                return system_failure_set(reterr, -errno, "Cannot close the folder '%s'", path);
        *ret_fd = TAKE_FD(fd);
        return 0;
}

static int open_subfolder(int state_fd, const char *name, int *ret_fd, Failure *reterr) {
        int r = fs_mkdir_beneath(state_fd, name, 0700);

        if (r >= 0)
                r = fd_open_beneath(state_fd, name, O_RDONLY | O_DIRECTORY, 0);
        if (r < 0)
                return system_failure_set(
                                reterr,
                                r,
                                "Cannot make the folder '%s' in the state folder",
                                name);
        *ret_fd = r;
        return 0;
}

static int take_lock(int state_fd, int *ret_fd, Failure *reterr) {
        _cleanup_close_ int fd = openat(
                        state_fd,
                        LOCK_NAME,
                        O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                        0600);

        if (fd < 0)
                return system_failure_set(reterr, -errno, "Cannot open 'lock' in the state folder");
        for (unsigned i = 0; i < LOCK_TRIES; i++) {
                const struct timespec interval = { .tv_nsec = LOCK_INTERVAL_NSEC };

                if (flock(fd, LOCK_EX | LOCK_NB) >= 0) {
                        *ret_fd = TAKE_FD(fd);
                        return 0;
                }
                if (errno != EWOULDBLOCK && errno != EINTR)
                        return system_failure_set(reterr, -errno, "Cannot lock the state folder");
                (void) nanosleep(&interval, NULL);
        }
        return failure_set(
                        reterr,
                        -EBUSY,
                        "Another pxed, or a worker that one left behind, uses the state folder; end it or configure another folder.");
}

int store_share_lock(const Store *store) {
        int fd = fcntl(store->lock_fd, F_DUPFD_CLOEXEC, 3);

        return fd < 0 ? -errno : fd;
}

/* A folder's device and number are its own for as long as it is there. */
static int identify(Store *store, Failure *reterr) {
        struct stat st;

        if (fstat(store->state_fd, &st) < 0)
                return system_failure_set(reterr, -errno, "Cannot look at the state folder");
        store->id = ((uint64_t) st.st_dev << 40) ^ st.st_ino;
        return 0;
}

static int read_last_id(Store *store, Failure *reterr) {
        _cleanup_free_ char *text = NULL;
        uint64_t id = 0;
        size_t size;
        int r;

        r = fs_read_in_root(store->state_fd, LAST_ID_NAME, LAST_ID_MAX_BYTES, &text, &size);
        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return system_failure_set(reterr, r, "Cannot read 'last-id' in the state folder");
        if (size > 0 && text[size - 1] == '\n')
                text[size - 1] = '\0';
        /* A counter that cannot be read counts as none: the records' own numbers still count. */
        if (str_to_u64(text, UINT32_MAX - 1, &id) >= 0)
                store->last_id = store->kept_id = (uint32_t) id;
        return 0;
}

int store_open(const char *state, const char *scratch, Store *ret, Failure *reterr) {
        _cleanup_store_ Store store = STORE_NULL;
        int r;

        assert(state && scratch && ret);

        r = open_folder(state, &store.state_fd, reterr);
        if (r >= 0)
                r = take_lock(store.state_fd, &store.lock_fd, reterr);
        if (r >= 0)
                r = open_subfolder(store.state_fd, "jobs", &store.jobs_fd, reterr);
        if (r >= 0)
                r = open_subfolder(store.state_fd, "artifacts", &store.artifacts_fd, reterr);
        if (r >= 0)
                r = open_subfolder(store.state_fd, "targets", &store.targets_fd, reterr);
        if (r >= 0)
                r = open_subfolder(
                                store.state_fd,
                                "image-records",
                                &store.image_records_fd,
                                reterr);
        if (r >= 0)
                r = open_folder(scratch, &store.scratch_fd, reterr);
        if (r >= 0)
                r = identify(&store, reterr);
        if (r >= 0)
                r = read_last_id(&store, reterr);
        if (r < 0)
                return r;
        *ret = store;
        store = STORE_NULL;
        return 0;
}

void store_note_id(Store *store, uint32_t id) {
        if (id > store->last_id)
                store->last_id = id;
}

int store_take_id(Store *store, uint32_t *ret_id, Failure *reterr) {
        if (store->last_id >= UINT32_MAX - 1)
                return failure_set(reterr, -EOVERFLOW, "All job numbers have been used.");
        *ret_id = ++store->last_id;
        return 0;
}

int store_keep_id(Store *store, Failure *reterr) {
        char text[16];
        int r, size;

        if (store->kept_id >= store->last_id)
                return 0;
        size = snprintf(text, sizeof(text), "%u\n", store->last_id);
        r = fs_write_atomic(store->state_fd, LAST_ID_NAME, text, (size_t) size, 0600);
        if (r < 0)
                return system_failure_set(reterr, r, "Cannot write to the state folder");
        store->kept_id = store->last_id;
        return 0;
}

int store_open_temporary(const Store *store) {
        int fd = openat(store->scratch_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

        return fd < 0 ? -errno : fd;
}

/* The first name that is free: the same garbage may come more than once. */
int store_quarantine(int directory_fd, const char *name) {
        int r = fs_mkdir_beneath(directory_fd, STORE_QUARANTINE, 0700);

        for (unsigned i = 0; r >= 0 && i < 1000; i++) {
                _cleanup_free_ char *to = str_printf(STORE_QUARANTINE "/%s.%u", name, i);

                if (!to)
                        return -ENOMEM;
                if (renameat2(directory_fd, name, directory_fd, to, RENAME_NOREPLACE) >= 0)
                        return 0;
                if (errno != EEXIST)
                        return -errno;
        }
        return r < 0 ? r : -EEXIST;
}

void store_done(Store *store) {
        cleanup_close(&store->jobs_fd);
        cleanup_close(&store->artifacts_fd);
        cleanup_close(&store->targets_fd);
        cleanup_close(&store->image_records_fd);
        cleanup_close(&store->scratch_fd);
        cleanup_close(&store->lock_fd);
        cleanup_close(&store->state_fd);
        *store = STORE_NULL;
}
