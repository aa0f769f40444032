/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Records: small JSON files, by which the service finds back what it had. Each kind is a table of
 * members, by which it is both written and read. Reading is strict: what is not exactly a record of
 * ours is refused as a whole, and whoever asked decides what becomes of the file.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"
#include "common/json.h"
#include "config/yaml.h"

#define RECORD_NAME      "record.json" /* in the folder of a job or an artifact */
#define RECORD_MAX_BYTES (512U * 1024U)

/* JSON needs as many bytes for one of a text at the most ("\u0001"). */
#define RECORD_BYTE_MAX 6U

typedef enum RecordType {
        RECORD_U32,  /* uint32_t */
        RECORD_U64,  /* uint64_t */
        RECORD_TEXT, /* char *, on the heap; null and a missing member are NULL */
} RecordType;

typedef struct RecordMember {
        const char *key;
        RecordType type;
        size_t offset; /* in the struct */
} RecordMember;

/* Begins a record with its version; the members follow, and json_end_object(). */
void record_begin(Json *json);
void record_write(Json *json, const RecordMember *members, size_t n_members, const void *from);

/* A text as JSON, whoever wrote it; `what` begins the sentence ("The manifest"). Pure. Errors: -EIO
 * with a sentence, -ENOMEM. */
int record_parse_json(
                const char *text,
                size_t size,
                const char *what,
                YamlTree **ret,
                Failure *reterr);

/* The same for a record, whose version is compared. */
int record_parse(const char *text, size_t size, YamlTree **ret, Failure *reterr);

/* Fills the members of the struct, whose texts must be NULL; what is filled after an error is still
 * the caller's to free. Errors: -EIO with a sentence, -ENOMEM. */
int record_read(const YamlNode *root,
                const RecordMember *members,
                size_t n_members,
                void *to,
                Failure *reterr);

/* Reads "<id>/record.json" in the folder. Caller frees. Blocks. Errors: -ENOENT, -EFBIG, …, with a
 * sentence. */
int record_load(int folder_fd, uint32_t id, char **ret_text, size_t *ret_size, Failure *reterr);
