/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The context is read a second time, as only the config says which of its files are lists, and it may
 * stand anywhere in it. */

#include "liveos/validate-lists.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/strings.h"
#include "liveos/context.h"

typedef struct Text {
        const ConfigPath *list; /* borrowed from the config */
        char *text;
        size_t size;
        int error; /* why there is no text */
} Text;

typedef struct Texts {
        Text items[PACKAGE_LISTS_MAX];
        size_t n_items;
} Texts;

static void texts_done(Texts *texts) {
        for (size_t i = 0; i < texts->n_items; i++)
                free(texts->items[i].text);
}

static void note_lists(const ConfigPackages *packages, Texts *texts) {
        for (int set = 0; set < _PACKAGE_SET_MAX; set++)
                for (size_t i = 0; i < packages->sets[set].n_lists; i++)
                        if (texts->n_items < PACKAGE_LISTS_MAX)
                                texts->items[texts->n_items++] = (Text){
                                        .list = &packages->sets[set].lists[i],
                                        .error = -ENOENT,
                                };
}

/* One file may be named by several lists, but its content can be had once. */
static int collect(void *userdata, ArchiveEntry *entry, Failure *reterr _unused_) {
        const char *name = archive_entry_name(entry);
        Texts *texts = userdata;

        for (size_t i = 0; i < texts->n_items; i++) {
                Text *item = &texts->items[i];

                if (!str_equal(item->list->entry, name) || archive_entry_is_folder(entry))
                        continue;
                item->error = archive_entry_read(
                                entry,
                                PACKAGE_LIST_MAX_BYTES,
                                &item->text,
                                &item->size);
                return item->error < 0 && item->error != -EFBIG ? item->error : 0;
        }
        return 0;
}

static int read_text(void *userdata, const ConfigPath *list, char **ret_text, size_t *ret_size) {
        const Texts *texts = userdata;

        for (size_t i = 0; i < texts->n_items; i++) {
                const Text *item = &texts->items[i];

                if (!str_equal(item->list->entry, list->entry))
                        continue;
                if (!item->text)
                        return item->error;
                *ret_text = malloc(item->size + 1);
                if (!*ret_text)
                        return -ENOMEM;
                memcpy(*ret_text, item->text, item->size + 1); /* its NUL too */
                *ret_size = item->size;
                return 0;
        }
        return -ENOENT;
}

static int judge_step(
                const ConfigPackages *packages,
                size_t step,
                Texts *texts,
                Diagnostics *diagnostics) {
        int r = 0;

        for (int set = 0; set < _PACKAGE_SET_MAX; set++) {
                _cleanup_strv_ char **names = NULL;
                int k = config_packages_gather(
                                packages,
                                step,
                                (PackageSet) set,
                                read_text,
                                texts,
                                &names,
                                diagnostics);

                if (k < 0)
                        r = k;
        }
        return r;
}

int validate_lists(
                const ConfigPackages *packages,
                const Order *order,
                int context_fd,
                Diagnostics *diagnostics) {
        const ArchiveLimits limits = context_limits(order);
        _cleanup_(texts_done) Texts texts = {};
        int r = 0;

        note_lists(packages, &texts);
        if (texts.n_items == 0)
                return 0;
        if (lseek(context_fd, 0, SEEK_SET) < 0)
                return -errno;
        r = archive_visit(context_fd, &limits, collect, &texts, /* reterr= */ NULL);
        if (r < 0)
                return r;
        for (size_t i = 0; i < config_packages_steps(packages); i++) {
                int k = judge_step(packages, i, &texts, diagnostics);

                if (k < 0)
                        r = k;
        }
        return r;
}
