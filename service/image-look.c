/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Looks at images. One that failed is remembered in memory only, as its reason may be gone when the
 * next service starts; within this one it would only fail again, each time that somebody lists.
 */

#include "service/image-look.h"

#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "service/log-events.h"
#include "service/sandbox.h"
#include "service/worker.h"

/* Much longer than the readers may take for all of their questions. */
#define TIMEOUT_USEC (UINT64_C(300) * 1000 * 1000)

struct ImageLook {
        Manager *manager;
        Worker *worker;
        Image image;
        ImageFacts facts;
};

ImageLook *image_look_free(ImageLook *look) {
        if (!look)
                return NULL;
        worker_free(look->worker);
        image_done(&look->image);
        free(look);
        return NULL;
}

static void on_report(const Report *report, void *userdata) {
        ImageLook *look = userdata;

        image_facts_take(&look->facts, report);
}

static void on_output(const char *line, void *userdata) {
        const ImageLook *look = userdata;

        log_debug("The look at '%s' says: %s", look->image.name, line);
}

static int remember(ImageLook *look, const Failure *why, Failure *reterr) {
        _cleanup_(image_record_freep) ImageRecord *record = NULL;
        Manager *manager = look->manager;
        int r;

        if (why)
                look->facts = (ImageFacts){};
        r = image_record_new(&record, &look->image, &look->facts, IMAGE_IMPORTER_NONE);
        if (r >= 0 && !why)
                r = image_record_save(record, manager->store->image_records_fd, reterr);
        if (r < 0)
                return r;
        return image_records_add(&manager->image_records, TAKE_PTR(record));
}

/* The next one, of what is there by now. */
static void go_on(Manager *manager) {
        _cleanup_images_ Images images = {};

        if (!manager->stopping &&
            images_list(manager->settings->images, &images, /* reterr= */ NULL) >= 0)
                image_look_begin(manager, &images);
}

static void on_end(const Failure *why, void *userdata) {
        ImageLook *look = userdata;
        Manager *manager = look->manager;
        Failure failure = {};
        int r;

        if (why)
                log_debug("The image '%s' is not known: %s", look->image.name, why->message);
        r = remember(look, why, &failure);
        if (r < 0) {
                (void) failure_default(&failure, r, "What an image is cannot be noted");
                log_trouble(failure.error, "%s", failure.message);
        }
        manager->image_look = image_look_free(look);
        if (r >= 0)
                go_on(manager);
        manager_note_activity(manager);
}

static int start(ImageLook *look, const char *name, Failure *reterr) {
        const WorkerHandler handler = {
                .on_report = on_report,
                .on_output = on_output,
                .on_end = on_end,
                .userdata = look,
        };
        const Manager *manager = look->manager;
        const Settings *settings = manager->settings;
        _cleanup_close_ int image_fd = images_find(settings->images, name, &look->image, reterr);
        Order order = { .verb = ORDER_LOOK, .image_max_bytes = settings->image_max_bytes };
        WorkerFds fds = WORKER_FDS_NULL;
        int r;

        if (image_fd < 0)
                return image_fd;
        fds.image = image_fd;
        fds.lock = manager->store->lock_fd;
        sandbox_limit_order(settings, manager->store, &order);
        r = worker_start(&look->worker, manager->event, manager->launcher, &order, &fds, reterr);
        if (r >= 0)
                r = worker_set_timeout(look->worker, TIMEOUT_USEC);
        if (r >= 0)
                worker_listen(look->worker, &handler);
        return r;
}

void image_look_begin(Manager *manager, const Images *images) {
        _cleanup_(image_look_freep) ImageLook *look = NULL;
        const Image *image = NULL;
        Failure failure = {};
        int r;

        if (manager->image_look || manager->stopping)
                return;
        for (size_t i = 0; !image && i < images->n_items; i++)
                if (!image_records_find(&manager->image_records, &images->items[i]))
                        image = &images->items[i];
        if (!image)
                return;
        look = calloc(1, sizeof(*look));
        if (!look)
                return;
        *look = (ImageLook){ .manager = manager };
        r = start(look, image->name, &failure);
        if (r < 0) {
                (void) failure_default(&failure, r, "A worker cannot be started");
                log_trouble(r, "Cannot look at '%s': %s", image->name, failure.message);
                return;
        }
        manager->image_look = TAKE_PTR(look);
}
