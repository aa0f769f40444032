/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* /proc is one of the command's own processes; the command cannot unmount, so masks hold. In the
 * container's own root the /proc that is not masked is hidden. */

#include "container/cage-mounts.h"

#include "common/cleanup.h"

#define DATA      (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define DATA_ONLY (DATA | MOUNT_ATTR_NOEXEC)
#define BOTH      (CAGE_ROOT_IMAGE | CAGE_ROOT_OWN)

static const DetachedOption no_options[] = { {} };
static const DetachedOption empty_options[] = { { "size", "4k" }, { "mode", "0555" }, {} };
static const DetachedOption run_options[] = { { "size", "256m" }, { "mode", "0755" }, {} };
static const DetachedOption tmp_options[] = { { "size", "2g" }, { "mode", "1777" }, {} };

const CageMount cage_mounts[] = {
        { "dev", NULL, no_options, 0, CAGE_ROOT_IMAGE },
        { "run", "tmpfs", run_options, DATA, CAGE_ROOT_IMAGE },
        { "tmp", "tmpfs", tmp_options, DATA, CAGE_ROOT_IMAGE },
        { "proc", "proc", no_options, DATA_ONLY, BOTH },
        { ".inner", "tmpfs", empty_options, DATA_ONLY | MOUNT_ATTR_RDONLY, CAGE_ROOT_OWN },
};

const size_t n_cage_mounts = ELEMENTSOF(cage_mounts);

const char *const cage_masks[] = {
        "keys", "kcore", "sysrq-trigger", "timer_list", "acpi", "scsi",
};

const size_t n_cage_masks = ELEMENTSOF(cage_masks);

static const struct {
        uint64_t attribute;
        const char *name;
} attribute_names[] = {
        { MOUNT_ATTR_RDONLY, "ro" },
        { MOUNT_ATTR_NOSUID, "nosuid" },
        { MOUNT_ATTR_NODEV, "nodev" },
        { MOUNT_ATTR_NOEXEC, "noexec" },
};

static void print_mount(const CageMount *mount, FILE *f) {
        fprintf(f,
                "%s /%s%s%s",
                mount->fstype ? mount->fstype : "bind",
                mount->place,
                mount->roots & CAGE_ROOT_IMAGE ? " over-image" : "",
                mount->roots & CAGE_ROOT_OWN ? " over-own" : "");
        for (const DetachedOption *option = mount->options; option->key; option++)
                fprintf(f, " %s=%s", option->key, option->value);
        for (size_t i = 0; i < ELEMENTSOF(attribute_names); i++)
                if (mount->attributes & attribute_names[i].attribute)
                        fprintf(f, " %s", attribute_names[i].name);
        fputc('\n', f);
}

void cage_mounts_print(FILE *f) {
        fputs("\ncage\n", f);
        for (size_t i = 0; i < n_cage_mounts; i++)
                print_mount(&cage_mounts[i], f);
        for (size_t i = 0; i < n_cage_masks; i++)
                fprintf(f, "mask /proc/%s\n", cage_masks[i]);
        fputs("shield /proc/" CAGE_SHIELD "\n", f);
}
