/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The context, inside the container: everything here runs without any privilege outside of it. */

#include "liveos/context.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "config/context.h"
#include "liveos/iso-saved.h"
#include "liveos/kdump.h"
#include "liveos/places.h"

ArchiveLimits context_limits(const Order *order) {
        return (ArchiveLimits){
                .max_bytes = order->context_max_bytes,
                .max_entries = CONTEXT_ENTRIES_MAX,
                .with_folders = true,
        };
}

static int unpack_file(int folder_fd, ArchiveEntry *entry) {
        _cleanup_close_ int fd = fs_create_in_root(
                        folder_fd,
                        archive_entry_name(entry),
                        archive_entry_permissions(entry) | 0400);

        return fd < 0 ? fd : archive_entry_copy(entry, fd);
}

static int unpack_entry(void *userdata, ArchiveEntry *entry, Failure *reterr) {
        int folder_fd = *(int *) userdata;
        const char *name = archive_entry_name(entry);
        int r = archive_entry_is_folder(entry) ? fs_mkdir_beneath(folder_fd, name, 0755)
                                               : unpack_file(folder_fd, entry);

        return r < 0 ? failure_default(reterr,
                                       r,
                                       "'%.255s' of the context cannot be unpacked",
                                       name)
                     : 0;
}

int context_unpack(int context_fd, const ArchiveLimits *limits, int folder_fd, Failure *reterr) {
        return archive_visit(context_fd, limits, unpack_entry, &folder_fd, reterr);
}

static int unpack(const Order *order, int folder_fd, Failure *reterr) {
        const ArchiveLimits limits = context_limits(order);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (lseek(ORDER_FD_CONTEXT, 0, SEEK_SET) < 0)
                return failure_set_errno(reterr, -errno, "The context cannot be read");
        if (!order->context_is_text)
                return context_unpack(ORDER_FD_CONTEXT, &limits, folder_fd, reterr);
        fd = fs_create_in_root(folder_fd, CONTEXT_CONFIG, 0600);
        r = fd < 0 ? fd : fd_copy_file(ORDER_FD_CONTEXT, fd);
        return r < 0 ? failure_set_errno(
                                       reterr,
                                       r,
                                       "The config cannot be copied to the scratch folder")
                     : 0;
}

/* ---- texts ---- */

/* A ConfigLoad; `userdata` is the ContextTexts. */
static int load_base(
                void *userdata,
                const char *path _unused_,
                size_t index,
                char **ret_text,
                size_t *ret_size,
                Failure *reterr) {
        const ContextTexts *texts = userdata;
        char *copy;

        if (index >= strv_length(texts->bases))
                return failure_set(
                                reterr,
                                -ENOENT,
                                "did not come with the config; send config and files together "
                                "(pxectl build does)");
        copy = strdup(texts->bases[index]);
        if (!copy)
                return -ENOMEM;
        *ret_text = copy;
        *ret_size = strlen(copy);
        return 0;
}

static int add_digest(
                Buffer *digests,
                const char *text,
                size_t size,
                char ret_digest[static DIGEST_SIZE]) {
        digest_bytes(text, size, ret_digest);
        return buffer_printf(digests, "%s\n", ret_digest);
}

int context_digest(const ContextTexts *texts, char ret_digest[static DIGEST_SIZE]) {
        _cleanup_buffer_ Buffer digests = {};
        char digest[DIGEST_SIZE];
        int r;

        r = add_digest(&digests, texts->config, texts->config_size, digest);
        STRV_FOREACH(text, texts->bases)
                if (r >= 0)
                        r = add_digest(&digests, *text, strlen(*text), digest);
        if (r >= 0 && texts->sources)
                r = add_digest(&digests, texts->sources, texts->sources_size, digest);
        if (r < 0)
                return r;
        if (texts->bases || texts->sources)
                digest_bytes(digests.data, digests.size, digest);
        memcpy(ret_digest, digest, sizeof(digest));
        return 0;
}

int context_parse(ContextTexts *texts, Config *ret, Diagnostics *diagnostics) {
        const ConfigTexts all = {
                .text = texts->config,
                .size = texts->config_size,
                .load = load_base,
                .userdata = texts,
                .sources = texts->sources,
                .sources_size = texts->sources_size,
        };

        return config_parse_texts(&all, ret, diagnostics);
}

void context_texts_done(ContextTexts *texts) {
        free(texts->config);
        free(texts->sources);
        strv_free(texts->bases);
}

/* ---- the stage ---- */

static int read_bases(int folder_fd, ContextTexts *texts) {
        for (size_t i = 0; i < CONFIG_MAX_BASES; i++) {
                _cleanup_free_ char *name = str_printf(CONTEXT_BASES "%zu", i);
                char *text;
                size_t size;
                int r;

                if (!name)
                        return -ENOMEM;
                r = fs_read_in_root(folder_fd, name, CONFIG_MAX_BYTES, &text, &size);
                if (r == -ENOENT)
                        return 0;
                if (r >= 0)
                        r = strv_append_take(&texts->bases, text);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_sources(int folder_fd, ContextTexts *texts) {
        int r = fs_read_in_root(
                        folder_fd,
                        CONTEXT_SOURCES,
                        CONTEXT_SOURCES_MAX_BYTES,
                        &texts->sources,
                        &texts->sources_size);

        return r == -ENOENT ? 0 : r;
}

static int read_texts(Build *build, int folder_fd, ContextTexts *texts, Failure *reterr) {
        int r = fs_read_in_root(
                        folder_fd,
                        CONTEXT_CONFIG,
                        CONFIG_MAX_BYTES,
                        &texts->config,
                        &texts->config_size);

        if (r >= 0)
                r = read_bases(folder_fd, texts);
        if (r >= 0)
                r = read_sources(folder_fd, texts);
        if (r < 0)
                return failure_set_errno(reterr, r, "The context's config cannot be read");
        return context_digest(texts, build->config_digest);
}

/* Of a config that has mistakes; of the first one, unless there was no memory to note it. */
static int refuse_mistakes(const Diagnostics *diagnostics, Failure *reterr) {
        for (size_t i = 0; i < diagnostics->n_items; i++)
                if (diagnostics->items[i].severity == REPORT_ERROR)
                        return failure_set(
                                        reterr,
                                        -EBADMSG,
                                        "The config has mistakes: line %u: %s",
                                        diagnostics->items[i].line,
                                        diagnostics->items[i].message);
        return failure_set(reterr, -EBADMSG, "The config has mistakes.");
}

static int parse(Build *build, int folder_fd, Failure *reterr) {
        const ConfigImage image = !build->iso ? CONFIG_IMAGE_DISK
                                  : iso_input_type(build->iso) == INITRAMFS_FULL_OS
                                                  ? CONFIG_IMAGE_ISO_FULL_OS
                                                  : CONFIG_IMAGE_ISO_BOOTSTRAP;
        _cleanup_(context_texts_done) ContextTexts texts = {};
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        r = read_texts(build, folder_fd, &texts, reterr);
        if (r < 0)
                return r;
        r = context_parse(&texts, &build->config, &diagnostics);
        if (r >= 0)
                r = config_check(&build->config, build->order, image, &diagnostics);
        if (r == -EBADMSG)
                return refuse_mistakes(&diagnostics, reterr);
        return r < 0 ? failure_default(reterr, r, "The config cannot be parsed") : 0;
}

/* An ISO stays what it is unless the config says otherwise. What that needs was not known when the config
 * was judged. */
static int choose_initramfs(Build *build, Failure *reterr) {
        const OrderFormat format = build->order->format;
        const ConfigMedium *medium = format == ORDER_FORMAT_ISO ? &build->config.iso
                                                                : &build->config.pxe;

        build->initramfs = build->iso && medium->initramfs_type == INITRAMFS_UNSET
                                           ? iso_input_type(build->iso)
                                           : config_initramfs_type(&build->config, format);
        if (build->initramfs != INITRAMFS_BOOTSTRAP || !build_makes_pxe(build) ||
            config_has_url(&build->config.pxe) || config_has_url(&build->saved.pxe))
                return 0;
        return failure_set(
                        reterr,
                        -EBADMSG,
                        "The Live OS is of the initramfs type bootstrap, so a machine that boots over the network has to fetch the ISO, and the ISO that is the image remembers no URL for that: set pxe.bootstrapBaseUrl or pxe.bootstrapFileUrl in the config, or set %s.initramfsType to full-os.",
                        format == ORDER_FORMAT_ISO ? "iso" : "pxe");
}

static void choose_kdump(Build *build) {
        ConfigKdump said = config_kdump(&build->config, build->order->format);

        build->kdump = said != KDUMP_UNSET ? said : kdump_before(build);
}

/* The config's URL, else the one that the ISO had. */
static int choose_url(Build *build) {
        const ConfigMedium *ours = &build->config.pxe;

        return config_bootstrap_url(
                        config_has_url(ours) ? ours : &build->saved.pxe,
                        build->order->iso_name,
                        &build->bootstrap_url,
                        &build->iso_name);
}

/* An ISO decided it, or gave it its type: the config alone was judged for another name or none. */
static int check_iso_name(const Build *build, Failure *reterr) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        if (!build->iso || !build_makes_pxe(build))
                return 0;
        r = config_check_iso_name(&build->config, build->order, build->iso_name, &diagnostics);
        return r == -EBADMSG ? refuse_mistakes(&diagnostics, reterr) : r;
}

int stage_context(Build *build, Failure *reterr) {
        _cleanup_close_ int folder_fd = -EBADF;
        int r;

        if (mkdir(PLACE_CONTEXT, 0700) < 0)
                return failure_set_errno(reterr, -errno, "The context's folder cannot be made");
        folder_fd = open(PLACE_CONTEXT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder_fd < 0)
                return failure_set_errno(reterr, -errno, "The context's folder cannot be opened");
        r = unpack(build->order, folder_fd, reterr);
        if (r >= 0)
                r = parse(build, folder_fd, reterr);
        if (r < 0)
                return r;
        if (build->iso)
                r = iso_saved_read(build, reterr);
        if (r >= 0)
                r = choose_initramfs(build, reterr);
        if (r < 0)
                return r;
        choose_kdump(build);
        if (build->initramfs == INITRAMFS_FULL_OS)
                return 0;
        r = choose_url(build);
        if (r >= 0)
                r = check_iso_name(build, reterr);
        return r < 0 ? failure_default(reterr, r, "The URL of the ISO cannot be put together") : 0;
}

static int open_entry(const char *entry, int flags) {
        _cleanup_close_ int folder_fd = open(PLACE_CONTEXT, O_PATH | O_DIRECTORY | O_CLOEXEC);

        return folder_fd < 0 ? -errno : fd_open_beneath(folder_fd, entry, O_RDONLY | flags, 0);
}

int context_open(const char *entry, Failure *reterr) {
        int fd = open_entry(entry, 0);

        if (fd < 0)
                return failure_set_errno(
                                reterr,
                                fd,
                                "The file '%s' is not in the context that was sent",
                                entry);
        return fd;
}

int context_open_folder(const char *entry, Failure *reterr) {
        int fd = open_entry(entry, O_DIRECTORY);

        if (fd < 0)
                return failure_set_errno(
                                reterr,
                                fd,
                                "The folder '%s' is not in the context that was sent",
                                entry);
        return fd;
}
