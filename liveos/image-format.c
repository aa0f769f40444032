/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One table of signatures: what is read further, and what is known well enough to say what it is and what
 * to do. The first that fits counts; what fits none is a raw disk, and its partition table decides.
 */

#include "liveos/image-format.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/strings.h"
#include "container/sealed.h"
#include "liveos/format-reader.h"

#define SIGNATURE_MAX 20u
#define FROM_END      UINT64_C(512)
#define CPU_SECONDS   30 /* for the tables of a large disk */

static const struct {
        const char *name;
        const char *driver;
} kinds[_IMAGE_KIND_MAX] = {
        [IMAGE_RAW] = { "raw", NULL },
        [IMAGE_QCOW2] = { "qcow2", "\"driver\":\"qcow2\",\"backing\":null" },
        [IMAGE_VHD] = { "vhd", "\"driver\":\"vpc\",\"force_size_calc\":\"current_size\"" },
        [IMAGE_VHD_FIXED] = { "vhd-fixed", NULL },
        [IMAGE_VHDX] = { "vhdx", "\"driver\":\"vhdx\"" },
        [IMAGE_ISO] = { "iso", NULL },
};

typedef struct Signature {
        uint64_t offset;
        bool from_end; /* the offset counts back from the file's end */
        unsigned size;
        const char *bytes;
        ImageKind kind;
        int (*read)(const FormatFile *file, ImageFormat *ret, Failure *reterr);
        const char *refused; /* what it is and what to do; NULL for what is taken */
} Signature;

#define OTHER_DISK(name)                                                                        \
        .refused = "a " name " disk image, a format that pxed does not take; convert it first " \
                   "(qemu-img convert -O qcow2)"
#define COMPRESSED(name, program)      \
        .refused = "compressed (" name \
                   "), and pxed takes images as they are; unpack it first (" program ")"

static const Signature signatures[] = {
        { .size = 4, .bytes = "QFI\xfb", .kind = IMAGE_QCOW2, .read = format_read_qcow2 },
        { .size = 8, .bytes = "vhdxfile", .kind = IMAGE_VHDX, .read = format_read_vhdx },
        { .size = 8, .bytes = "conectix", .kind = IMAGE_VHD, .read = format_read_vhd },
        { .size = 8,
          .bytes = "conectix",
          .offset = FROM_END,
          .from_end = true,
          .kind = IMAGE_VHD_FIXED,
          .read = format_read_vhd_fixed },
        /* ECMA-119: volume descriptors begin at sector 16, each has this at its second byte. */
        { .offset = 0x8001, .size = 5, .bytes = "CD001", .kind = IMAGE_ISO },
        { .size = 4, .bytes = "KDMV", OTHER_DISK("VMDK") },
        { .size = 4, .bytes = "COWD", OTHER_DISK("VMDK") },
        { .size = 20, .bytes = "# Disk DescriptorFil", OTHER_DISK("VMDK") },
        { .offset = 0x40, .size = 4, .bytes = "\x7f\x10\xda\xbe", OTHER_DISK("VDI") },
        { .size = 4, .bytes = "QED\0", OTHER_DISK("QED") },
        { .size = 16, .bytes = "WithoutFreeSpace", OTHER_DISK("Parallels") },
        { .size = 16, .bytes = "WithouFreSpacExt", OTHER_DISK("Parallels") },
        { .size = 6,
          .bytes = "LUKS\xba\xbe",
          .refused = "encrypted as a whole (LUKS), and pxed has no key for it; decrypt it first" },
        { .size = 3, .bytes = "\x1f\x8b\x08", COMPRESSED("gzip", "gunzip") },
        { .size = 6, .bytes = "\xfd\x37zXZ\0", COMPRESSED("xz", "unxz") },
        { .size = 4, .bytes = "\x28\xb5\x2f\xfd", COMPRESSED("zstd", "unzstd") },
        { .size = 3, .bytes = "BZh", COMPRESSED("bzip2", "bunzip2") },
        { .size = 4, .bytes = "PK\x03\x04", COMPRESSED("zip", "unzip") },
};

const char *image_kind_to_string(ImageKind kind) {
        return kinds[kind].name;
}

const char *image_kind_driver(ImageKind kind) {
        return kinds[kind].driver;
}

static bool signature_fits(const Signature *signature, const FormatFile *file) {
        unsigned char bytes[SIGNATURE_MAX];
        uint64_t offset = signature->offset;

        if (signature->from_end)
                offset = file->size_bytes < offset ? UINT64_MAX : file->size_bytes - offset;
        return format_read(file, offset, bytes, signature->size) >= 0 &&
               memcmp(bytes, signature->bytes, signature->size) == 0;
}

static const Signature *find_signature(const FormatFile *file) {
        for (size_t i = 0; i < ELEMENTSOF(signatures); i++)
                if (signature_fits(&signatures[i], file))
                        return &signatures[i];
        return NULL;
}

int image_format_is_iso(int image_fd) {
        FormatFile file = { .fd = image_fd };
        const Signature *signature;
        struct stat st;
        char byte;

        if (fstat(image_fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        if (pread(image_fd, &byte, 1, 0) < 0)
                return -errno;
        file.size_bytes = (uint64_t) st.st_size;
        signature = find_signature(&file);
        return signature && !signature->refused && signature->kind == IMAGE_ISO;
}

int image_format_probe(int image_fd, uint64_t max_bytes, ImageFormat *ret, Failure *reterr) {
        FormatFile file = { .fd = image_fd, .max_bytes = max_bytes };
        ImageFormat format = { .kind = IMAGE_RAW };
        const Signature *signature;
        struct stat st;
        int r = 0;

        if (fstat(image_fd, &st) < 0)
                return failure_set_errno(reterr, -errno, "The image cannot be read");
        file.size_bytes = format.disk_bytes = (uint64_t) st.st_size;
        signature = find_signature(&file);
        if (signature && signature->refused)
                return failure_set(reterr, -EOPNOTSUPP, "The image is %s.", signature->refused);
        if (signature)
                format.kind = signature->kind;
        if (signature && signature->read)
                r = signature->read(&file, &format, reterr);
        if (r < 0)
                return r;
        *ret = format;
        return 0;
}

typedef struct Task {
        int image_fd;
        uint64_t max_bytes;
} Task;

/* Writes a format, or the sentence of its failure. */
static int reader(void *userdata, int out_fd) {
        const Task *task = userdata;
        ImageFormat format = {};
        Failure failure = {};
        int r = image_format_probe(task->image_fd, task->max_bytes, &format, &failure);

        if (r < 0)
                (void) fd_write_all(out_fd, failure.message, strlen(failure.message));
        return r < 0 ? r : fd_write_all(out_fd, &format, sizeof(format));
}

/* The reader may have been taken over: whatever it says has to be harmless. */
static int take_answer(
                const char *answer,
                size_t size,
                uint64_t max_bytes,
                ImageFormat *ret,
                Failure *reterr) {
        ImageFormat format;

        if (size == sizeof(format))
                memcpy(&format, answer, sizeof(format));
        if (size != sizeof(format) || format.kind < 0 || format.kind >= _IMAGE_KIND_MAX ||
            (kinds[format.kind].driver && format.disk_bytes > max_bytes))
                return failure_set(reterr, -EBADMSG, "The reader of the image's format lied.");
        *ret = format;
        return 0;
}

int image_format_read(
                int image_fd,
                uint64_t max_bytes,
                int lifeline_fd,
                ImageFormat *ret,
                Failure *reterr) {
        _cleanup_free_ char *answer = NULL;
        Task task = { .image_fd = image_fd, .max_bytes = max_bytes };
        Sealed sealed = SEALED_INIT;
        size_t size = 0;
        int r;

        sealed.name = "reader of the image's format";
        sealed.profile = SEALED_READER;
        sealed.function = reader;
        sealed.userdata = &task;
        sealed.keep_fds = &image_fd;
        sealed.n_keep_fds = 1;
        sealed.cpu_seconds = CPU_SECONDS;
        sealed.max_memory_bytes = sealed_memory_default();
        sealed.max_output_bytes = FAILURE_MESSAGE_MAX;
        sealed.lifeline_fd = lifeline_fd;
        r = sealed_run(&sealed, &answer, &size, reterr);
        if (r >= 0)
                return take_answer(answer, size, max_bytes, ret, reterr);
        if (size == 0)
                return failure_default(reterr, r, "The image's format cannot be read");
        str_blank_controls(answer);
        str_make_utf8(answer);
        return failure_set(reterr, r, "%s", answer);
}
