/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All records of images. There are a few hundred at the most where it matters, so nothing is sorted. */

#include "service/image-records.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "service/log-events.h"
#include "service/record.h"
#include "service/store.h"
#include "service/system-failure.h"

static void drop(ImageRecords *records, size_t i) {
        image_record_free(records->items[i]);
        records->items[i] = records->items[--records->n_items];
}

static void unlink_record(const ImageRecord *record, int records_fd) {
        char name[IMAGE_RECORD_NAME_SIZE];

        image_record_format_name(record->folder, record->name, record->inode, name);
        if (unlinkat(records_fd, name, 0) < 0 && errno != ENOENT)
                log_trouble(-errno, "'%s' cannot be removed, ignoring: %s", name, strerror(errno));
}

static ImageRecord *find(const ImageRecords *records, const Image *image) {
        for (size_t i = 0; i < records->n_items; i++)
                if (image_record_fits(records->items[i], image))
                        return records->items[i];
        return NULL;
}

const ImageRecord *image_records_find(const ImageRecords *records, const Image *image) {
        return find(records, image);
}

int image_records_name_os(
                ImageRecords *records,
                int records_fd,
                const Image *image,
                const char *os_name,
                Failure *reterr) {
        ImageRecord *record = find(records, image);
        char *copy;

        if (!record || str_equal(record->os_name, os_name))
                return 0;
        copy = strdup(os_name);
        if (!copy)
                return -ENOMEM;
        free(record->os_name);
        record->os_name = copy;
        return image_record_save(record, records_fd, reterr);
}

int image_records_add(ImageRecords *records, ImageRecord *take_record) {
        _cleanup_(image_record_freep) ImageRecord *record = take_record;
        ImageRecord **items;

        for (size_t i = 0; i < records->n_items; i++)
                if (records->items[i]->inode == record->inode &&
                    str_equal(records->items[i]->name, record->name) &&
                    str_equal(records->items[i]->folder, record->folder)) {
                        drop(records, i);
                        break;
                }
        items = reallocarray(records->items, records->n_items + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        records->items = items;
        items[records->n_items++] = TAKE_PTR(record);
        return 0;
}

static int read_record(int records_fd, const char *name, ImageRecord **ret, Failure *reterr) {
        _cleanup_close_ int fd = fd_open_beneath(records_fd, name, O_RDONLY | O_NONBLOCK, 0);
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = fd < 0 ? fd : fd_pread_all(fd, RECORD_MAX_BYTES, &text, &size);

        if (r < 0)
                return system_failure_set(reterr, r, "Cannot read the record '%s'", name);
        return image_record_parse(text, size, ret, reterr);
}

static int load_record(ImageRecords *records, int records_fd, const char *name, Failure *reterr) {
        _cleanup_(image_record_freep) ImageRecord *record = NULL;
        char own_name[IMAGE_RECORD_NAME_SIZE];
        int r = read_record(records_fd, name, &record, reterr);

        if (r < 0)
                return r;
        image_record_format_name(record->folder, record->name, record->inode, own_name);
        if (!str_equal(own_name, name))
                return failure_set(reterr, -EIO, "The record is that of another image.");
        return image_records_add(records, TAKE_PTR(record));
}

static int load_entry(ImageRecords *records, int records_fd, const char *name) {
        Failure failure = {};
        int r;

        if (str_equal(name, STORE_QUARANTINE))
                return 0;
        /* Left by a crash while it was written. */
        if (*name == '.')
                return unlinkat(records_fd, name, 0) < 0 ? -errno : 0;
        r = load_record(records, records_fd, name, &failure);
        if (r >= 0 || r == -ENOMEM)
                return r;
        log_trouble(r, "'%s' goes into quarantine: %s", name, failure.message);
        return store_quarantine(records_fd, name);
}

int image_records_load(ImageRecords *ret, int records_fd) {
        int fd = fd_open_beneath(records_fd, ".", O_RDONLY | O_DIRECTORY, 0);
        _cleanup_closedir_ DIR *d = fd < 0 ? NULL : fs_opendir(fd);
        ImageRecords records = {};

        for (struct dirent *e = d ? fs_readdir(d) : NULL; e; e = fs_readdir(d)) {
                int r = load_entry(&records, records_fd, e->d_name);

                if (r == -ENOMEM) {
                        image_records_done(&records);
                        return r;
                }
                if (r < 0)
                        log_trouble(r,
                                    "'%s' cannot be moved, ignoring: %s",
                                    e->d_name,
                                    strerror(-r));
        }
        *ret = records;
        return 0;
}

void image_records_done(ImageRecords *records) {
        for (size_t i = 0; i < records->n_items; i++)
                image_record_free(records->items[i]);
        free(records->items);
        *records = (ImageRecords){};
}

int image_records_reload(
                ImageRecords *records,
                int records_fd,
                const Image *image,
                Failure *reterr) {
        char name[IMAGE_RECORD_NAME_SIZE];

        image_record_format_name(image->folder, image->name, image->inode, name);
        return load_record(records, records_fd, name, reterr);
}

void image_records_remove(ImageRecords *records, int records_fd, const Image *image) {
        for (size_t i = 0; i < records->n_items; i++)
                if (image_record_fits(records->items[i], image)) {
                        unlink_record(records->items[i], records_fd);
                        drop(records, i);
                        return;
                }
}

static bool is_stale(const ImageRecord *record, const Images *images) {
        bool folder_has_images = false;

        for (size_t i = 0; i < images->n_items; i++) {
                if (image_record_fits(record, &images->items[i]))
                        return false;
                folder_has_images |= str_equal(record->folder, images->items[i].folder);
        }
        return folder_has_images;
}

void image_records_sweep(ImageRecords *records, int records_fd, const Images *images) {
        for (size_t i = 0; i < records->n_items;)
                if (is_stale(records->items[i], images)) {
                        unlink_record(records->items[i], records_fd);
                        drop(records, i);
                } else
                        i++;
}
