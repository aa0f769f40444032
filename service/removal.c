/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Removal of trees. The child holds none of the service's descriptors: a lifeline of a worker kept
 * open here would keep that worker alive after the service's death.
 */

#include "service/removal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "common/fs.h"

struct Removal {
        sd_event_source *child_source;
        RemovalCallback callback;
        void *userdata;
};

/* Runs in the child. Its exit status is the errno. */
static _Noreturn void remove_items(const RemovalItem *items, size_t n_items) {
        int fds[REMOVAL_ITEMS_MAX], result = 0;

        for (size_t i = 0; i < n_items; i++) {
                fds[i] = fcntl(items[i].folder_fd, F_DUPFD_CLOEXEC, 3 + REMOVAL_ITEMS_MAX);
                if (fds[i] < 0)
                        _exit(errno);
        }
        for (int i = 0; (size_t) i < n_items; i++)
                if (dup2(fds[i], 3 + i) < 0)
                        _exit(errno);
        if (syscall(SYS_close_range, (unsigned) (3 + n_items), ~0U, 0) < 0)
                _exit(errno);
        for (int i = 0; (size_t) i < n_items; i++) {
                int r = fs_remove_tree(3 + i, items[i].name);

                if (r < 0 && result == 0)
                        result = -r;
        }
        _exit(result);
}

static int on_child(sd_event_source *source _unused_, const siginfo_t *info, void *userdata) {
        Removal *removal = userdata;
        int result = info->si_code == CLD_EXITED ? -info->si_status : -EINTR;
        bool is_nobodys = sd_event_source_get_floating(source) > 0;

        if (removal->callback)
                removal->callback(result, removal->userdata);
        if (is_nobodys)
                (void) sd_event_source_set_floating(source, false); /* its last reference */
        return 0;
}

int removal_start(
                Removal **ret,
                sd_event *event,
                const RemovalItem *items,
                size_t n_items,
                RemovalCallback callback,
                void *userdata) {
        _cleanup_(removal_freep) Removal *removal = calloc(1, sizeof(*removal));
        pid_t pid;
        int r;

        assert(event && n_items <= REMOVAL_ITEMS_MAX && (callback || !ret));

        if (!removal)
                return -ENOMEM;
        *removal = (Removal){ .callback = callback, .userdata = userdata };
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0)
                remove_items(items, n_items);
        r = sd_event_add_child(event, &removal->child_source, pid, WEXITED, on_child, removal);
        if (r < 0)
                return r;
        if (ret) {
                *ret = TAKE_PTR(removal);
                return 0;
        }
        /* The event loop owns it now. */
        r = sd_event_source_set_destroy_callback(removal->child_source, free);
        if (r >= 0)
                r = sd_event_source_set_floating(removal->child_source, true);
        if (r < 0)
                return r;
        sd_event_source_unref(TAKE_PTR(removal)->child_source);
        return 0;
}

Removal *removal_free(Removal *removal) {
        if (!removal)
                return NULL;
        sd_event_source_disable_unref(removal->child_source);
        free(removal);
        return NULL;
}
