/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the fuzz targets of this folder share. A target is one file with one function, which feeds
 * hostile bytes to one parser and checks what the parser's header promises: outputs on success only,
 * a sentence with every failure, round trips. It is built twice: with replay.c for the corpus, and
 * with libFuzzer (-Dfuzz=true, clang) for new inputs.
 *
 * Bytes are handed on in memory of exactly their size, so that AddressSanitizer sees one read too
 * many.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/failure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that was not kept is a crash, as everything else that a fuzzer finds. */
#define fuzz_check(promise)                                        \
        do                                                         \
                if (!(promise))                                    \
                        fuzz_broken(__FILE__, __LINE__, #promise); \
        while (0)
_Noreturn void fuzz_broken(const char *file, int line, const char *promise);

/* Whether an error comes with its sentence, or the caller may have to write it. -ENOMEM needs none. */
typedef enum FuzzSentence {
        FUZZ_SENTENCE,
        FUZZ_MAYBE_SENTENCE,
} FuzzSentence;
/* Checks what a function answered: no failure with success, a whole one with an error. */
void fuzz_check_result(int result, const Failure *failure, FuzzSentence sentence);

/* The bytes as a string of their own; what stands behind a NUL is left out. Never NULL. */
char *fuzz_string(const uint8_t *data, size_t size);

/* The same for the bytes up to the next newline, which is taken, too. "" when there are none left. */
char *fuzz_take_line(const uint8_t **data, size_t *size);

/* The next byte; 0 when there are none left. */
uint8_t fuzz_take_byte(const uint8_t **data, size_t *size);

/* An anonymous file that is kept from call to call, with these bytes, positioned at its start. */
int fuzz_file(const uint8_t *data, size_t size);
