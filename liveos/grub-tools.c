/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What GRUB's tools are told of an image. */

#include "liveos/grub-tools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/places.h"

#define PLACE_TOOLS PLACE_WORK "/grub"

#define NOTHING "-"

/* apt gives dpkg a PATH of its own. */
#define APT_CONFIG_NAME "apt.conf"
#define APT_CONFIG_TEXT \
        "DPkg::Path \"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\";\n"

/* GRUB's own names of file systems, where they differ. */
static const char *const fs_names[][2] = {
        { "ext3", "ext2" },
        { "ext4", "ext2" },
        { "vfat", "fat" },
        { "squashfs", "squash4" },
};

static const char *fs_name(const char *fstype) {
        for (size_t i = 0; i < ELEMENTSOF(fs_names); i++)
                if (str_equal(fstype, fs_names[i][0]))
                        return fs_names[i][1];
        return fstype;
}

static const char *or_nothing(const char *s) {
        return str_is_empty(s) ? NOTHING : s;
}

/* What the program could take for something else. */
static bool is_plain(const char *path) {
        for (; *path; path++)
                if ((unsigned char) *path < ' ' || *path == '\\' || *path == '\177')
                        return false;
        return true;
}

static int add_line(
                Buffer *buffer,
                const char *path,
                const Partition *partition,
                const char *below) {
        bool is_mbr = str_after_prefix(partition->type, "0x");
        const char *map = is_mbr ? "msdos" : "gpt";

        if (!is_plain(path) || !is_plain(below))
                return 0;
        return buffer_printf(
                        buffer,
                        "%s\t/dev/sda%u\t%s\t%s\t%s\t%s\thd0,%s%u\t%s\n",
                        path,
                        partition->number,
                        or_nothing(fs_name(partition->fstype)),
                        or_nothing(partition->fs_uuid),
                        or_nothing(partition->uuid),
                        map,
                        map,
                        partition->number,
                        or_nothing(below));
}

static int add_mount(const PartitionTable *table, const ImageMount *mount, Buffer *buffer) {
        const char *number = str_after_prefix(mount->folder, PLACE_PART "/");
        unsigned long wanted;
        char *below;

        if (!number)
                return 0; /* unpacked from an initramfs */
        wanted = strtoul(number, &below, 10);
        for (size_t i = 0; i < table->n_items; i++)
                if (table->items[i].number == wanted)
                        return add_line(buffer,
                                        mount->path,
                                        &table->items[i],
                                        str_equal(below, "/") ? "" : below);
        return 0;
}

int grub_tools_list(const Build *build, Buffer *buffer) {
        const Partition *esp = partitions_find_esp(&build->partitions);
        int r = 0;

        for (size_t i = 0; i < build->mounts.n_items && r >= 0; i++)
                r = add_mount(&build->partitions, &build->mounts.items[i], buffer);
        if (r >= 0 && build->esp_is_in_tree)
                r = add_line(buffer, build->esp_path, esp, "");
        return r;
}

static int write_files(const char *list) {
        const struct {
                const char *name;
                const char *text;
                mode_t mode;
        } files[] = {
                { "partitions", list, 0644 },
                { APT_CONFIG_NAME, APT_CONFIG_TEXT, 0644 },
                { "probe", grub_probe_text, 0755 },
                { "mkrelpath", grub_probe_text, 0755 },
                { "mkconfig", grub_mkconfig_text, 0755 },
                { "install", grub_install_text, 0755 },
        };
        _cleanup_close_ int fd = open(PLACE_TOOLS, O_PATH | O_DIRECTORY | O_CLOEXEC);
        int r = fd < 0 ? -errno : 0;

        for (size_t i = 0; i < ELEMENTSOF(files) && r >= 0; i++)
                r = fs_write_in_root(
                                fd,
                                files[i].name,
                                files[i].text,
                                strlen(files[i].text),
                                files[i].mode);
        return r;
}

static int lay_out(const Build *build) {
        _cleanup_buffer_ Buffer list = {};
        int r;

        if (mkdir(PLACE_TOOLS, 0755) < 0)
                return errno == EEXIST ? 0 : -errno;
        r = grub_tools_list(build, &list);
        return r < 0 ? r : write_files(list.data ? list.data : "");
}

/* As distributions call it, where our own goes, and which that is. */
static const struct {
        const char *image;
        const char *place;
        const char *source;
        GrubToolsUser user; /* that one and those behind it */
} programs[] = {
        { "usr/sbin/grub-mkconfig",
          GRUB_TOOLS_FOLDER "/grub-mkconfig",
          PLACE_TOOLS "/mkconfig",
          GRUB_TOOLS_FOR_SCRIPTS },
        { "usr/sbin/grub2-mkconfig",
          GRUB_TOOLS_FOLDER "/grub2-mkconfig",
          PLACE_TOOLS "/mkconfig",
          GRUB_TOOLS_FOR_SCRIPTS },
        { "usr/sbin/grub-install",
          GRUB_TOOLS_FOLDER "/grub-install",
          PLACE_TOOLS "/install",
          GRUB_TOOLS_FOR_PACKAGES },
};

/* Who has put one of their own in our place knows why. */
static bool is_wanted(int root_fd, size_t i) {
        struct stat st;

        return fs_stat_in_root(root_fd, programs[i].image, &st) >= 0 && S_ISREG(st.st_mode) &&
               fs_stat_in_root(root_fd, programs[i].place, &st) == -ENOENT;
}

int grub_tools_add(
                const Build *build,
                GrubToolsUser user,
                int root_fd,
                CommandBind *binds,
                unsigned *n_binds,
                Failure *reterr) {
        unsigned n = *n_binds;
        struct stat st;
        int r;

        if (fs_stat_in_root(root_fd, GRUB_TOOLS_FOLDER, &st) < 0 || !S_ISDIR(st.st_mode))
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(programs); i++)
                if (programs[i].user <= user && is_wanted(root_fd, i))
                        binds[n++] = (CommandBind){ programs[i].source, programs[i].place };
        if (n == *n_binds)
                return 0;
        r = lay_out(build);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "The tools of GRUB cannot be laid out in the scratch folder");
        binds[n++] = (CommandBind){ PLACE_TOOLS, GRUB_TOOLS_SHOWN };
        *n_binds = n;
        return 0;
}
