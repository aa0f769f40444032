/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The paths were checked: nothing in them means anything in a unit, to mount or to a shell. */

#include "liveos/overlay-unit.h"

#include <ctype.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"

/* Units that are mounted before local-fs.target would by default come after what waits for it. */
#define EARLY "DefaultDependencies=no\nConflicts=umount.target\n"

/* There when the kernel has SELinux on. */
#define SELINUX_FILE "/sys/fs/selinux/enforce"

/* As systemd-escape --path has it (systemd.unit(5)). */
static int escape(const char *path, Buffer *to) {
        int r = 0;

        path += *path == '/';
        for (const char *s = path; *s && r >= 0; s++) {
                bool stays = isalnum((unsigned char) *s) || strchr("_:", *s) ||
                             (*s == '.' && s > path);

                if (*s == '/')
                        r = buffer_append_string(to, "-");
                else if (stays)
                        r = buffer_append(to, s, 1);
                else
                        r = buffer_printf(to, "\\x%02x", (unsigned char) *s);
        }
        return r;
}

char *overlay_unit_name(const char *mount_point) {
        _cleanup_buffer_ Buffer name = {};

        if (escape(mount_point, &name) < 0 || buffer_append_string(&name, ".mount") < 0)
                return NULL;
        return buffer_take(&name);
}

/* Everything that has to be mounted before, those the config names and those the folders lie on. */
static int add_dependencies(const ConfigOverlay *overlay, Buffer *text) {
        int r = 0;

        for (char *const *path = overlay->dependencies; r >= 0 && path && *path; path++)
                r = buffer_printf(text, "RequiresMountsFor=%s\n", *path);
        for (char *const *path = overlay->lower_dirs; r >= 0 && path && *path; path++)
                if (!str_equal(*path, overlay->mount_point))
                        r = buffer_printf(text, "RequiresMountsFor=%s\n", *path);
        return r;
}

char *overlay_unit_text(const ConfigOverlay *overlay) {
        _cleanup_free_ char *lower = strv_join(overlay->lower_dirs, ":");
        _cleanup_buffer_ Buffer text = {};
        int r;

        if (!lower)
                return NULL;
        r = buffer_printf(
                        &text,
                        "[Unit]\n"
                        "Description=Overlay on %s\n" EARLY "Before=local-fs.target umount.target\n"
                        "Requires=" OVERLAY_SERVICE "\n"
                        "After=" OVERLAY_SERVICE "\n",
                        overlay->mount_point);
        if (r >= 0)
                r = add_dependencies(overlay, &text);
        if (r >= 0)
                r = buffer_printf(
                                &text,
                                "\n"
                                "[Mount]\n"
                                "What=overlay\n"
                                "Where=%s\n"
                                "Type=overlay\n"
                                "Options=lowerdir=%s,upperdir=%s,workdir=%s%s%s\n",
                                overlay->mount_point,
                                lower,
                                overlay->upper_dir,
                                overlay->work_dir,
                                overlay->options ? "," : "",
                                overlay->options ? overlay->options : "");
        return r < 0 ? NULL : buffer_take(&text);
}

/* The overlay shows its upper folder's owner, mode and label, which are to be those of what it covers. What is
 * changed comes to be in the work folder first, by the same rules of SELinux. */
static int add_folders(const ConfigOverlay *overlay, Buffer *text) {
        const char *like = overlay->lower_dirs[0];

        return buffer_printf(
                        text,
                        "ExecStart=/bin/mkdir -p %s %s %s\n"
                        "ExecStart=-/bin/chmod --reference=%s %s\n"
                        "ExecStart=-/bin/chown --reference=%s %s\n"
                        "ExecStart=-/bin/sh -c 'test ! -e " SELINUX_FILE
                        " || chcon --reference=%s %s %s'\n",
                        overlay->upper_dir,
                        overlay->work_dir,
                        overlay->mount_point,
                        like,
                        overlay->upper_dir,
                        like,
                        overlay->upper_dir,
                        like,
                        overlay->upper_dir,
                        overlay->work_dir);
}

char *overlay_service_text(const ConfigOverlay *overlays, size_t n) {
        _cleanup_buffer_ Buffer text = {};
        int r = buffer_append_string(
                        &text,
                        "[Unit]\n"
                        "Description=Folders of overlays\n" EARLY
                        "Before=local-fs.target umount.target\n"
                        "\n"
                        "[Service]\n"
                        "Type=oneshot\n"
                        "RemainAfterExit=yes\n");

        for (size_t i = 0; i < n && r >= 0; i++)
                r = add_folders(&overlays[i], &text);
        return r < 0 ? NULL : buffer_take(&text);
}
