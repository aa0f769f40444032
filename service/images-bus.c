/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Images on the bus. What has no record yet is listed without its facts, and looked at after the
 * answer. Removed is only what was imported, as the rest is not the service's: it says so before
 * anybody is asked for a password.
 */

#include "service/images-bus.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/strings.h"
#include "dbus/errors.h"
#include "service/bus-list.h"
#include "service/image-look.h"
#include "service/images.h"
#include "service/log-events.h"
#include "service/removal.h"

/* ---- ListImages ---- */

/* An image, and what is known of it. */
typedef struct Row {
        const Image *image;
        const ImageRecord *record;
} Row;

static int append_row(sd_bus_message *reply, const void *rows, size_t index) {
        const Row *row = (const Row *) rows + index;

        return sd_bus_message_append(
                        reply,
                        "(ssts)",
                        row->image->name,
                        row->record ? row->record->format : "",
                        row->image->size_bytes,
                        row->record && row->record->os_name ? row->record->os_name : "");
}

int images_bus_act_list(
                Manager *manager,
                uint32_t id _unused_,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        _cleanup_images_ Images images = {};
        _cleanup_free_ Row *rows = NULL;
        Failure failure = {};
        int r;

        r = images_list(manager->settings->images, &images, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        rows = calloc(images.n_items + 1, sizeof(*rows));
        if (!rows)
                return -ENOMEM;
        for (size_t i = 0; i < images.n_items; i++)
                rows[i] = (Row){ &images.items[i],
                                 image_records_find(&manager->image_records, &images.items[i]) };
        r = bus_list_reply(m, "(ssts)", rows, images.n_items, append_row);
        if (manager->image_records.n_items > images.n_items)
                image_records_sweep(
                                &manager->image_records,
                                manager->store->image_records_fd,
                                &images);
        image_look_begin(manager, &images);
        return r;
}

/* ---- RemoveImage ---- */

/* The image of that name, if somebody has imported it, with who that was. */
static int find_imported(
                const Manager *manager,
                const char *name,
                Image *ret,
                uid_t *ret_importer,
                Failure *reterr) {
        char *const *folders = manager->settings->images;
        _cleanup_image_ Image image = {};
        _cleanup_close_ int fd = images_find(folders, name, &image, reterr);
        const ImageRecord *record;

        if (fd < 0)
                return fd;
        record = image_records_find(&manager->image_records, &image);
        if (!record || record->importer == IMAGE_IMPORTER_NONE ||
            !str_equal(image.folder, folders[0]))
                return failure_set(
                                reterr,
                                -EOPNOTSUPP,
                                "The image '%s' was not imported, so the service does not remove it; an administrator can, as the file in '%s'.",
                                name,
                                image.folder);
        *ret_importer = record->importer;
        *ret = image;
        image = (Image){};
        return 0;
}

int images_bus_whose(
                Manager *manager,
                sd_bus_message *m,
                BusThing *ret,
                sd_bus_error *reterr_error) {
        _cleanup_image_ Image image = {};
        Failure failure = {};
        const char *name;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r >= 0)
                r = find_imported(manager, name, &image, &ret->owner, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        (void) snprintf(ret->object, sizeof(ret->object), "image %s", name);
        return 0;
}

/* A job that builds from it, or is about to take its place. */
static int check_unused(const Manager *manager, const char *name, Failure *reterr) {
        for (size_t i = 0; i < manager->jobs.n_items; i++) {
                const Job *job = manager->jobs.items[i];

                if (job_is_living(job) && str_equal(job->task.image.name, name))
                        return failure_set(
                                        reterr,
                                        -EBUSY,
                                        "The image '%s' is in use by job %u; try again when that has ended.",
                                        name,
                                        job->id);
        }
        return 0;
}

/* The name goes at once; the bytes may take longer, and go when the service starts the next time if it is
 * stopped meanwhile. */
static int remove_image(Manager *manager, const Image *image, Failure *reterr) {
        _cleanup_close_ int folder_fd = images_open_folder(manager->settings->images, reterr);
        char hidden[IMAGES_HIDDEN_NAME_SIZE];
        const RemovalItem item = { folder_fd, hidden };
        int r;

        if (folder_fd < 0)
                return folder_fd;
        r = images_hide(folder_fd, image, hidden, reterr);
        if (r < 0)
                return r;
        image_records_remove(&manager->image_records, manager->store->image_records_fd, image);
        r = removal_start(
                        /* ret= */ NULL,
                        manager->event,
                        &item,
                        /* n_items= */ 1,
                        /* callback= */ NULL,
                        /* userdata= */ NULL);
        if (r < 0)
                log_trouble(r, "Cannot remove '%s', ignoring: %s", hidden, strerror(-r));
        return 0;
}

int images_bus_act_remove(
                Manager *manager,
                uint32_t id _unused_,
                sd_bus_message *m,
                sd_bus_error *reterr_error) {
        _cleanup_image_ Image image = {};
        Failure failure = {};
        const char *name;
        uid_t importer;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r >= 0)
                r = find_imported(manager, name, &image, &importer, &failure);
        if (r >= 0)
                r = check_unused(manager, name, &failure);
        if (r >= 0)
                r = remove_image(manager, &image, &failure);
        if (r < 0)
                return bus_failure(reterr_error, r, failure.message);
        return sd_bus_reply_method_return(m, "");
}
