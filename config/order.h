/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The order: what the service asks of a worker, as a struct and as the argument vector that carries
 * it (`pxed-worker VERB --key=value …`), and the numbers of the descriptors that a worker finds open.
 * Pure functions. Everything in an order was validated and authorized by the service; what strangers
 * wrote (image, context) comes through the descriptors alone.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/failure.h"

typedef enum OrderVerb {
        ORDER_VALIDATE, /* read the context, report diagnostics and facts, copy it; sealed */
        ORDER_BUILD,    /* make an artifact; in a container */
        ORDER_PLAN,   /* look at image and config as a build does, and report what would come out */
        ORDER_EXPORT, /* publish an artifact to a target */
        ORDER_RESTORE, /* bring a target's previous export back */
        ORDER_IMPORT,  /* copy an image into the service's folder, under a name of passage */
        ORDER_PROBE,   /* report as facts what kernel and host can do */
        ORDER_SWEEP,   /* remove what a job has left that did not end by itself, or all jobs */
        ORDER_LOOK,    /* report as facts what an image of the service's folders is */
        _ORDER_VERB_MAX,
        _ORDER_VERB_INVALID = -22, /* -EINVAL */
} OrderVerb;

typedef enum OrderFormat {
        ORDER_FORMAT_ISO, /* `iso` of the config says what is made */
        ORDER_FORMAT_PXE, /* `pxe` of the config says what is made */
        _ORDER_FORMAT_MAX,
        _ORDER_FORMAT_INVALID = -22,
} OrderFormat;

/* Who reads the image's file systems. */
typedef enum OrderReader {
        ORDER_READER_AUTO, /* a program in user space where that costs little, else the kernel */
        ORDER_READER_USERSPACE, /* never a driver of the kernel; what has no program is refused */
        ORDER_READER_KERNEL,    /* always the kernel's drivers */
        _ORDER_READER_MAX,
        _ORDER_READER_INVALID = -22,
} OrderReader;

/* The descriptors that a worker starts with, beside 0 to 2. All others are closed. */
enum {
        ORDER_FD_REPORT = 3, /* pipe, write end: lines of config/report.h */
        ORDER_FD_LIFELINE =
                        4, /* pipe, read end: its end of file is the service's death or cancel */
        ORDER_FD_CONTEXT =
                        5, /* validate: the caller's, regular file or pipe; build, plan: the copy */
        ORDER_FD_IMAGE = 6, /* build, plan, import, look: read-only, regular file; validate: the
                               same, where the config is that of a build or plan */
        ORDER_FD_SCRATCH =
                        7, /* build, plan, import: the job's folder, 0700; validate: an empty file for the copy; probe,
                      sweep: the folder with those of all jobs */
        ORDER_FD_OUTPUT =
                        8, /* build: the new artifact's folder; plan: the folder of all artifacts, to see what is
                              * free there; export: the artifact's folder; import: the folder of images */
        ORDER_FD_TFTP = 9,  /* export, restore: the folder that holds the target's tftpRoot */
        ORDER_FD_HTTP = 10, /* export, restore: the folder that holds the target's httpRoot */
        ORDER_FD_LOCK = 11, /* the service's lock: while a worker has it, no other service starts */
        ORDER_FD_FILES = 12, /* export: the list of the artifact's files, see config/file-list.h */
        ORDER_FD_NAME = 13,  /* build: image_name, when it is known */
        _ORDER_FD_END,
};

typedef struct Order {
        OrderVerb verb;
        OrderFormat format;
        OrderReader reader;   /* by the service's settings */
        bool pxe_artifacts;   /* with ORDER_FORMAT_ISO: make the PXE tree too */
        bool context_is_text; /* the context is a bare config, not a tar stream */
        bool image_is_ours;   /* only the service's user can change the image: no copy is made */
        bool network;         /* polkit allowed the network that the config asks for */
        char *network_allow;  /* ranges that it may reach beside public ones, by commas */
        bool without_limits;  /* jobs run also where this host cannot limit them */
        uint64_t store_id;    /* tells the service's jobs from those of another service */
        uint64_t job_id;      /* sweep: 0 for all */
        uint32_t ids_base;    /* first of the 64 Ki user and group ids of this job */
        uint32_t owner_uid;   /* who asked; for the manifest */
        uint64_t context_max_bytes; /* the largest context taken */
        uint64_t image_max_bytes;   /* the largest image taken; validate: 0 when none came along */
        uint64_t memory_max_bytes;  /* of all processes of the job together */
        uint64_t scratch_max_bytes; /* of what the container writes for itself */
        uint32_t processes_max;     /* of the job */
        char *iso_name;             /* NULL: image.iso; what isoImageBaseUrl is joined with */
        char *volume_id; /* NULL: that of an ISO as the image, else CDROM; ORDER_VOLUME_ID_AUTO: a new one */
        char *compressor;           /* NULL: zstd; zstd gzip xz lz4 lzo */
        uint32_t compression_level; /* 0: the compressor's default of ours (zstd: 9) */
        uint32_t source_date_epoch; /* no time in the result is later, in seconds since 1970; 0: as it is */
        char *image_name; /* for messages and the manifest; NULL when unknown. No word, as everybody can read
                             those of a process: a worker gets it by ORDER_FD_NAME */
        char *tftp_name; /* export, restore: the tftpRoot's name in its folder */
        char *http_name; /* export, restore: the httpRoot's name in its folder */
} Order;

#define ORDER_ISO_NAME_DEFAULT  "image.iso"
#define ORDER_VOLUME_ID_DEFAULT "CDROM"
#define ORDER_VOLUME_ID_AUTO    "auto"

/* import: beside the images, what is to become one, by the job's number, until the service gives it its
 * name. Begins with ORDER_IMPORT_PREFIX. */
#define ORDER_IMPORT_PREFIX ".pxed-import-"
#define ORDER_IMPORT_NAME   ORDER_IMPORT_PREFIX "%llu"
/* The same for one that is being removed, by its inode. */
#define ORDER_REMOVAL_NAME ORDER_IMPORT_PREFIX "gone-%llu"

/* export: beside a target's root of that name, what is to take its place, until it has. */
#define ORDER_ROOT_NEW ".%s.new"
/* In every exported tree, so that a folder with somebody's own files in it is never taken away. */
#define ORDER_ROOT_MARKER ".pxed-export"

#define ORDER_IMAGE_NAME_MAX 4096

/* The words after the program's name, verb first. NULL members are left out, and so is image_name. Errors: -ENOMEM. */
int order_to_argv(const Order *order, char ***ret_argv);

/* Reads them back; `argv` begins with the verb. Errors: -EINVAL with a sentence. */
int order_from_argv(char *const *argv, Order *ret, Failure *reterr);

/* Rules for single members, used where a caller's options are read. Errors: -EINVAL. */
int order_check_iso_name(const char *name, Failure *reterr); /* one path element, ASCII, .iso */
int order_check_volume_id(
                const char *id,
                Failure *reterr); /* 1 to 32 of A-Z 0-9 _ and -, or auto */
int order_check_compressor(const char *compressor, uint32_t level, Failure *reterr);

const char *order_format_to_string(OrderFormat format);
OrderFormat order_format_from_string(const char *s); /* _ORDER_FORMAT_INVALID when unknown */

const char *order_reader_to_string(OrderReader reader);
OrderReader order_reader_from_string(const char *s); /* _ORDER_READER_INVALID when unknown */

void order_done(Order *order);
#define _cleanup_order_ _cleanup_(order_done)
