/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The whole system as an initramfs, and the unit that gives its files their capabilities back. */

#include "liveos/full-os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <syslog.h>

#include "common/archive.h"
#include "common/buffer.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "config/report.h"
#include "liveos/attribute-list.h"
#include "liveos/capability-text.h"
#include "liveos/initrd.h"
#include "liveos/places.h"

#define UNIT_NAME  "pxed-capabilities.service"
#define UNIT_PATH  "usr/lib/systemd/system/" UNIT_NAME
#define WANTS_PATH "usr/lib/systemd/system/sysinit.target.d/pxed-capabilities.conf"
#define WANTS_TEXT "[Unit]\nWants=" UNIT_NAME "\n"

/* Before sysinit.target: what starts after it, which is nearly everything, finds them in place. */
#define UNIT_HEAD                                                            \
        "[Unit]\n"                                                           \
        "Description=Capabilities of files that an initramfs cannot carry\n" \
        "DefaultDependencies=no\n"                                           \
        "Before=sysinit.target shutdown.target\n"                            \
        "Conflicts=shutdown.target\n"                                        \
        "\n"                                                                 \
        "[Service]\n"                                                        \
        "Type=oneshot\n"                                                     \
        "RemainAfterExit=yes\n"

static const char *const setcap_paths[] = { "usr/sbin/setcap", "sbin/setcap", "usr/bin/setcap" };

typedef struct Restorer {
        const Build *build;
        const char *setcap; /* below the root; NULL when the image has none */
        Buffer unit;
        Buffer list; /* for whoever makes another medium of this one */
} Restorer;

static const char *find_setcap(int root_fd) {
        struct stat st;

        for (size_t i = 0; i < ELEMENTSOF(setcap_paths); i++)
                if (fs_stat_in_root(root_fd, setcap_paths[i], &st) >= 0 && S_ISREG(st.st_mode))
                        return setcap_paths[i];
        return NULL;
}

/* A path as a unit's command line takes it: quoted, with specifiers and odd bytes escaped
 * (systemd.syntax(7), systemd.unit(5)). */
static int append_quoted(Buffer *unit, const char *path) {
        int r = buffer_append_string(unit, "\"/");

        for (const unsigned char *p = (const unsigned char *) path; *p && r >= 0; p++) {
                if (*p == '%')
                        r = buffer_append_string(unit, "%%");
                else if (*p == '$')
                        r = buffer_append_string(unit, "$$");
                else if (*p < 0x20 || *p >= 0x7f || *p == '"' || *p == '\\')
                        r = buffer_printf(unit, "\\x%02x", *p);
                else
                        r = buffer_append(unit, p, 1);
        }
        return r < 0 ? r : buffer_append_string(unit, "\"\n");
}

static int on_capability(Restorer *restorer, const char *path, const void *value, size_t size) {
        _cleanup_free_ char *text = NULL;
        int r = capability_to_text(value, size, &text);

        if (r == -ENOMEM)
                return r;
        if (r < 0 || !restorer->setcap) {
                report_log(restorer->build->report_fd,
                           LOG_WARNING,
                           "/%s loses its file capabilities, as an initramfs cannot carry them and %s.",
                           path,
                           r < 0 ? "these cannot be read"
                                 : "the image has no setcap to put them back at boot (Debian: package libcap2-bin)");
                return 0;
        }
        r = buffer_printf(&restorer->unit, "ExecStart=-/%s \"%s\" ", restorer->setcap, text);
        return r < 0 ? r : append_quoted(&restorer->unit, path);
}

static int on_attribute(
                void *userdata,
                const char *path,
                const char *name,
                const void *value,
                size_t size) {
        Restorer *restorer = userdata;
        int r = attribute_list_append(&restorer->list, path, name, value, size);

        return r < 0 || !str_equal(name, ARCHIVE_CAPABILITY)
                               ? r
                               : on_capability(restorer, path, value, size);
}

static int add_text(ArchiveWriter *writer, const char *path, const char *text) {
        return archive_add_bytes(writer, path, 0644, /* mtime= */ 0, text, strlen(text));
}

static int add_list(ArchiveWriter *writer, const Buffer *list) {
        int r = 0;

        if (list->size > 0)
                r = archive_add_folder(writer, "usr/lib/pxed", 0755, /* mtime= */ 0);
        return r < 0 || list->size == 0 ? r : add_text(writer, ATTRIBUTE_LIST_PATH, list->data);
}

static int add_unit(ArchiveWriter *writer, const Buffer *unit) {
        static const char *const folders[] = {
                "usr/lib/systemd",
                "usr/lib/systemd/system",
                "usr/lib/systemd/system/sysinit.target.d",
        };
        int r = 0;

        if (unit->size == 0)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(folders) && r >= 0; i++)
                r = archive_add_folder(writer, folders[i], 0755, /* mtime= */ 0);
        if (r >= 0)
                r = add_text(writer, WANTS_PATH, WANTS_TEXT);
        if (r >= 0) {
                _cleanup_free_ char *text = str_printf("%s%s", UNIT_HEAD, unit->data);

                r = text ? add_text(writer, UNIT_PATH, text) : -ENOMEM;
        }
        return r;
}

static int remove_file(int root_fd, const char *path) {
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *folder = strndup(path, (size_t) (slash - path));
        _cleanup_close_ int fd = folder ? fd_open_beneath(root_fd,
                                                          folder,
                                                          O_RDONLY | O_DIRECTORY,
                                                          0)
                                        : -ENOMEM;

        return fd == -ENOENT ? 0 : fd < 0 ? fd : fs_remove_tree(fd, slash + 1);
}

int full_os_take_back(int root_fd, Failure *reterr) {
        static const char *const ours[] = { UNIT_PATH, WANTS_PATH, ATTRIBUTE_LIST_PATH };
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = fs_read_in_root(
                        root_fd,
                        ATTRIBUTE_LIST_PATH,
                        ATTRIBUTE_LIST_MAX_BYTES,
                        &text,
                        &size);

        if (r == -ENOENT)
                return 0;
        if (r >= 0)
                r = attribute_list_apply(text, root_fd, reterr);
        for (size_t i = 0; i < ELEMENTSOF(ours) && r >= 0; i++)
                r = remove_file(root_fd, ours[i]);
        return r < 0 ? failure_default(reterr,
                                       r,
                                       "The attributes of the ISO's root cannot be restored")
                     : 0;
}

int full_os_write(Build *build, int fd, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_LIVE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_(archive_writer_freep) ArchiveWriter *writer = NULL;
        Restorer restorer = { .build = build };
        int r;

        if (root_fd < 0)
                return failure_set_errno(reterr, -errno, "The live tree cannot be opened");
        restorer.setcap = find_setcap(root_fd);
        r = archive_writer_new(ARCHIVE_CPIO, fd, &writer);
        if (r >= 0)
                archive_writer_set_newest(writer, build->order->source_date_epoch);
        if (r >= 0)
                r = archive_add_tree(writer, root_fd, on_attribute, &restorer, reterr);
        if (r >= 0)
                r = add_list(writer, &restorer.list);
        if (r >= 0)
                r = add_unit(writer, &restorer.unit);
        if (r >= 0)
                r = archive_writer_finish(writer, reterr);
        buffer_done(&restorer.unit);
        buffer_done(&restorer.list);
        if (r < 0)
                return failure_default(reterr, r, "The system cannot be packed as an initramfs");
        return initrd_add_nodes(fd, reterr);
}
