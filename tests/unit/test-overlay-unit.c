/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Overlays as units. */

#include "liveos/overlay-unit.h"
#include "tests/lib/test.h"

/* What systemd-escape --path --suffix=mount says of them. */
static const struct {
        const char *path, *name;
} names[] = {
        { "/etc", "etc.mount" },
        { "/usr/share/a-b/.c@d+e", "usr-share-a\\x2db-.c\\x40d\\x2be.mount" },
        { "/.hidden/x_y", "\\x2ehidden-x_y.mount" },
};

TEST_ROWS(names, ELEMENTSOF(names)) {
        _cleanup_free_ char *name = overlay_unit_name(names[_i].path);

        ck_assert_str_eq(name, names[_i].name);
}

static char *lower_dirs[] = { (char *) "/srv/a", (char *) "/media", NULL };
static char *dependencies[] = { (char *) "/srv", NULL };
static const ConfigOverlay overlay = {
        .lower_dirs = lower_dirs,
        .upper_dir = (char *) "/run/o/upper",
        .work_dir = (char *) "/run/o/work",
        .mount_point = (char *) "/media",
        .dependencies = dependencies,
        .options = (char *) "noatime,nodev",
};

TEST(unit)
{
        _cleanup_free_ char *text = overlay_unit_text(&overlay);

        ck_assert_str_eq(
                        text,
                        "[Unit]\n"
                        "Description=Overlay on /media\n"
                        "DefaultDependencies=no\n"
                        "Conflicts=umount.target\n"
                        "Before=local-fs.target umount.target\n"
                        "Requires=pxed-overlays.service\n"
                        "After=pxed-overlays.service\n"
                        "RequiresMountsFor=/srv\n"
                        "RequiresMountsFor=/srv/a\n"
                        "\n"
                        "[Mount]\n"
                        "What=overlay\n"
                        "Where=/media\n"
                        "Type=overlay\n"
                        "Options=lowerdir=/srv/a:/media,upperdir=/run/o/upper,workdir=/run/o/work,"
                        "noatime,nodev\n");
}

TEST(service)
{
        _cleanup_free_ char *text = overlay_service_text(&overlay, 1);

        ck_assert_str_eq(
                        strstr(text, "[Service]"),
                        "[Service]\n"
                        "Type=oneshot\n"
                        "RemainAfterExit=yes\n"
                        "ExecStart=/bin/mkdir -p /run/o/upper /run/o/work /media\n"
                        "ExecStart=-/bin/chmod --reference=/srv/a /run/o/upper\n"
                        "ExecStart=-/bin/chown --reference=/srv/a /run/o/upper\n"
                        "ExecStart=-/bin/sh -c 'test ! -e /sys/fs/selinux/enforce || "
                        "chcon --reference=/srv/a /run/o/upper /run/o/work'\n");
}
