/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * GRUB's script language as words with their places in the text, and as the simple commands that the
 * words form; enough to find commands and to change single words, no more. Reserved words at a
 * command's begin (`then`, `else`, …) and braces are not part of a command. Pure; both take hostile
 * text.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"

#define GRUB_TEXT_MAX_BYTES (1024U * 1024U)
#define GRUB_WORDS_MAX      65536
#define GRUB_DEPTH_MAX      64

#define GRUB_NO_ENTRY SIZE_MAX
#define GRUB_NO_BLOCK SIZE_MAX
#define GRUB_NO_TITLE SIZE_MAX

typedef struct GrubWord {
        size_t begin; /* bytes from the text's start: first byte of the word, quotes included … */
        size_t end;   /* … and the first one behind it */
        char *value;  /* without quotes and escapes; variables as written ($x, ${x}) */
        size_t variable_at; /* of `value`: where the first variable begins; SIZE_MAX for none */
} GrubWord;

typedef struct GrubCommand {
        size_t first; /* index of its first word */
        size_t n_words;
        size_t entry;  /* number of the menuentry that it stands in, or GRUB_NO_ENTRY; the
                          menuentry command itself does not stand in its own block */
        unsigned line; /* from 1 */
} GrubCommand;

/* A menuentry or a submenu with its block. */
typedef struct GrubBlock {
        size_t begin;  /* bytes from the text's start: first byte of the command … */
        size_t end;    /* … and the first one behind the closing brace */
        size_t title;  /* index of the word behind the command's name; GRUB_NO_TITLE without one */
        size_t entry;  /* number of the menuentry; GRUB_NO_ENTRY for a submenu */
        size_t parent; /* index of the block that it lies in; GRUB_NO_BLOCK for none */
} GrubBlock;

typedef struct GrubScript {
        GrubWord *words;
        size_t n_words;
        GrubCommand *commands;
        size_t n_commands;
        GrubBlock *blocks; /* in the order of their beginnings */
        size_t n_blocks;
        size_t n_entries;
} GrubScript;

/* Errors: -ENOEXEC for a quote or brace that is not closed, -E2BIG for more than GRUB would meet. */
int grub_script_parse(const char *text, GrubScript *ret, Failure *reterr);

/* True when the command's first word is this, however it is quoted, and has no variable in it. */
bool grub_command_is(const GrubScript *script, const GrubCommand *command, const char *name);

/* The value as one word of GRUB's language that means just that. Caller frees; NULL when memory is
 * out. */
char *grub_quote(const char *value);

void grub_script_done(GrubScript *script);
#define _cleanup_grub_script_ _cleanup_(grub_script_done)
