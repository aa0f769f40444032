/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Images by name. The folders are the administrator's; what lies in them need not be sensible. */

#include "service/images.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "config/order.h"
#include "service/system-failure.h"

#define WORKER_NAME_SIZE (sizeof(ORDER_IMPORT_NAME) + 20)
#define NSEC_PER_SEC     UINT64_C(1000000000)

static_assert(sizeof(ORDER_REMOVAL_NAME) + 20 <= IMAGES_HIDDEN_NAME_SIZE, "room for an inode");

bool images_name_is_good(const char *name) {
        if (*name == '\0' || *name == '.' || strchr(name, '/') || strlen(name) > NAME_MAX ||
            !str_is_utf8(name))
                return false;
        for (const char *s = name; *s; s++)
                if ((unsigned char) *s < 0x20 || *s == 0x7f)
                        return false;
        return true;
}

static bool is_listed(const Images *images, const char *name) {
        for (size_t i = 0; i < images->n_items; i++)
                if (str_equal(images->items[i].name, name))
                        return true;
        return false;
}

static int describe(const char *folder, const char *name, const struct stat *st, Image *ret) {
        *ret = (Image){
                .name = strdup(name),
                .folder = folder,
                .size_bytes = (uint64_t) st->st_size,
                .inode = (uint64_t) st->st_ino,
                .modified_nsec = (uint64_t) st->st_mtim.tv_sec * NSEC_PER_SEC +
                                 (uint64_t) st->st_mtim.tv_nsec,
        };
        return ret->name ? 0 : -ENOMEM;
}

void image_done(Image *image) {
        free(image->name);
        *image = (Image){};
}

static int add_image(Images *images, const char *name, const char *folder, const struct stat *st) {
        Image *items;
        int r;

        if (is_listed(images, name) || images->n_items >= IMAGES_MAX)
                return 0;
        items = reallocarray(images->items, images->n_items + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        images->items = items;
        r = describe(folder, name, st, &items[images->n_items]);
        if (r >= 0)
                images->n_items++;
        return r;
}

static int list_folder(const char *folder, Images *images) {
        int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_closedir_ DIR *d = NULL;
        int r = 0;

        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        d = fs_opendir(fd);
        if (!d)
                return -errno;
        for (struct dirent *e = fs_readdir(d); e && r >= 0; e = fs_readdir(d)) {
                struct stat st;

                if (images_name_is_good(e->d_name) &&
                    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
                    S_ISREG(st.st_mode))
                        r = add_image(images, e->d_name, folder, &st);
        }
        return r;
}

static int compare_images(const void *a, const void *b) {
        return strcmp(((const Image *) a)->name, ((const Image *) b)->name);
}

int images_list(char *const *folders, Images *ret, Failure *reterr) {
        _cleanup_images_ Images images = {};

        STRV_FOREACH(folder, folders) {
                int r = list_folder(*folder, &images);

                if (r < 0)
                        return system_failure_set(
                                        reterr,
                                        r,
                                        "Cannot list the image folder '%s'",
                                        *folder);
        }
        if (images.n_items > 0)
                qsort(images.items, images.n_items, sizeof(*images.items), compare_images);
        *ret = images;
        images = (Images){};
        return 0;
}

void images_done(Images *images) {
        for (size_t i = 0; i < images->n_items; i++)
                image_done(&images->items[i]);
        free(images->items);
        *images = (Images){};
}

static int open_in_folder(const char *folder, const char *name) {
        _cleanup_close_ int folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -EBADF;
        struct stat st;

        if (folder_fd < 0)
                return -errno;
        fd = fd_open_beneath(folder_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        return S_ISREG(st.st_mode) ? TAKE_FD(fd) : -ENOENT;
}

static int check_name(const char *name, Failure *reterr) {
        if (images_name_is_good(name))
                return 0;
        return failure_set(
                        reterr,
                        -EINVAL,
                        "'%.200s' is not the name of an image: it must be one of the service's list of images (pxectl images), not a path.",
                        name);
}

static int no_image(const char *name, Failure *reterr) {
        return failure_set(
                        reterr,
                        -ENOMEDIUM,
                        "There is no image '%s' in the service's folders; pxectl images lists those that are there.",
                        name);
}

/* The first folder that has it. Returns a descriptor. */
static int open_image(
                char *const *folders,
                const char *name,
                const char **ret_folder,
                Failure *reterr) {
        int r = check_name(name, reterr);

        if (r < 0)
                return r;
        STRV_FOREACH(folder, folders) {
                int fd = open_in_folder(*folder, name);

                if (fd >= 0)
                        *ret_folder = *folder;
                if (fd >= 0)
                        return fd;
                if (fd != -ENOENT && fd != -ELOOP)
                        return system_failure_set(
                                        reterr,
                                        fd,
                                        "Cannot open the image '%s' in '%s'",
                                        name,
                                        *folder);
        }
        return no_image(name, reterr);
}

int images_open(char *const *folders, const char *name, Failure *reterr) {
        const char *folder;

        return open_image(folders, name, &folder, reterr);
}

int images_find(char *const *folders, const char *name, Image *ret, Failure *reterr) {
        const char *folder = NULL;
        _cleanup_close_ int fd = open_image(folders, name, &folder, reterr);
        struct stat st;
        int r;

        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return system_failure_set(reterr, -errno, "Cannot look at the image '%s'", name);
        r = describe(folder, name, &st, ret);
        return r < 0 ? r : TAKE_FD(fd);
}

bool images_is_ours(int fd) {
        struct stat st;

        return fstat(fd, &st) >= 0 && st.st_uid == geteuid() && (st.st_mode & 022) == 0;
}

int images_open_folder(char *const *folders, Failure *reterr) {
        const char *folder = folders && folders[0] ? folders[0] : "";
        int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return system_failure_set(
                                reterr,
                                -errno,
                                "Cannot open the folder of images '%s', the first in the service's settings",
                                folder);
        return fd;
}

static int refuse_existing(const char *name, Failure *reterr) {
        return failure_set(
                        reterr,
                        -EEXIST,
                        "There is an image '%s' already; give another name, or say that it is to be replaced (pxectl import --replace).",
                        name);
}

/* Whether any file of that name is there, be it an image or not. */
static bool exists(const char *folder, const char *name) {
        _cleanup_close_ int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct stat st;

        return fd >= 0 && fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0;
}

int images_check_import(char *const *folders, const char *name, bool replace, Failure *reterr) {
        int r = check_name(name, reterr);

        if (r < 0 || replace)
                return r;
        STRV_FOREACH(folder, folders)
                if (exists(*folder, name))
                        return refuse_existing(name, reterr);
        return 0;
}

static void format_worker_name(uint32_t job, char ret[static WORKER_NAME_SIZE]) {
        (void) snprintf(ret, WORKER_NAME_SIZE, ORDER_IMPORT_NAME, (unsigned long long) job);
}

int images_publish(int folder_fd, uint32_t job, const char *name, bool replace, Failure *reterr) {
        char from[WORKER_NAME_SIZE];
        int r;

        format_worker_name(job, from);
        r = renameat2(folder_fd, from, folder_fd, name, replace ? 0 : RENAME_NOREPLACE) < 0 ? -errno
                                                                                            : 0;
        if (r == -EEXIST)
                return refuse_existing(name, reterr);
        if (r >= 0 && fsync(folder_fd) < 0)
                r = -errno;
        return r < 0 ? system_failure_set(
                                       reterr,
                                       r,
                                       "Cannot give the image its name '%s' in the service's folder",
                                       name)
                     : 0;
}

int images_look_at_import(
                int folder_fd,
                uint32_t job,
                const char *folder,
                const char *name,
                Image *ret,
                Failure *reterr) {
        char from[WORKER_NAME_SIZE];
        struct stat st;

        format_worker_name(job, from);
        if (fstatat(folder_fd, from, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return system_failure_set(reterr, -errno, "Cannot look at the image's copy");
        return describe(folder, name, &st, ret);
}

int images_hide(int folder_fd,
                const Image *image,
                char ret_name[static IMAGES_HIDDEN_NAME_SIZE],
                Failure *reterr) {
        struct stat st;
        int r;

        (void) snprintf(ret_name,
                        IMAGES_HIDDEN_NAME_SIZE,
                        ORDER_REMOVAL_NAME,
                        (unsigned long long) image->inode);
        r = fstatat(folder_fd, image->name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
        if (r == -ENOENT || (r >= 0 && st.st_ino != image->inode))
                return no_image(image->name, reterr);
        if (r >= 0 && renameat(folder_fd, image->name, folder_fd, ret_name) < 0)
                r = -errno;
        if (r >= 0 && fsync(folder_fd) < 0)
                r = -errno;
        return r < 0 ? system_failure_set(
                                       reterr,
                                       r,
                                       "Cannot remove the image '%s' from the service's folder",
                                       image->name)
                     : 0;
}

static int discard_all(int folder_fd) {
        _cleanup_closedir_ DIR *d = NULL;
        int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

        if (fd < 0)
                return -errno;
        d = fs_opendir(fd);
        if (!d)
                return -errno;
        for (struct dirent *e = fs_readdir(d); e; e = fs_readdir(d))
                if (str_after_prefix(e->d_name, ORDER_IMPORT_PREFIX) &&
                    unlinkat(folder_fd, e->d_name, 0) < 0)
                        r = -errno;
        return r;
}

int images_discard(int folder_fd, uint32_t job) {
        char name[WORKER_NAME_SIZE];

        if (job == 0)
                return discard_all(folder_fd);
        format_worker_name(job, name);
        return unlinkat(folder_fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}
