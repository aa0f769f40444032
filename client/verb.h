/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A verb: one thing that pxectl does, with its options as a table, from which both parsing and
 * --help come. Each verb is one file, verb-<name>.c, which defines one of these.
 */

#include <errno.h>
#include <stddef.h>

#include "common/failure.h"

/* What went wrong, and how pxectl ends. Of a failure's errnos three say more than "failed". */
enum {
        STATUS_DONE = 0,
        STATUS_FAILED = 1,
        STATUS_USAGE = 2,  /* -EINVAL: of the command line, or what the service says of arguments */
        STATUS_DENIED = 3, /* -EKEYREJECTED: polkit said no, or nobody could be asked */
        STATUS_CONFIG = 4, /* -EBADMSG */
};

typedef enum OptionKind {
        OPTION_FLAG,   /* bool: set when given */
        OPTION_TEXT,   /* const char *: as given, borrowed from the command line */
        OPTION_NUMBER, /* uint32_t: decimal */
        OPTION_LIST,   /* char **, list: each time that it is given; freed after the verb */
} OptionKind;

typedef struct Option {
        const char *name; /* without "--"; NULL ends the table */
        char letter;      /* the short form, or 0 */
        OptionKind kind;
        const char *value; /* what help calls its value; NULL for a flag */
        size_t offset;     /* of the member in the verb's arguments */
        const char *help;  /* NULL for a second spelling: it works, help leaves it out */
} Option;

/* Rows that many verbs have, for the struct of their arguments. */
#define OPTION_JSON(type) \
        { "json", 0, OPTION_FLAG, NULL, offsetof(type, json), "Print JSON" }
#define OPTION_QUIET(type) \
        { "quiet", 'q', OPTION_FLAG, NULL, offsetof(type, quiet), "Say nothing but errors" }
#define OPTION_NO_ASK_PASSWORD(type)                                                      \
        {                                                                                 \
                "no-ask-password", 0, OPTION_FLAG, NULL, offsetof(type, no_ask_password), \
                                "Never ask for a password"                                \
        }

typedef struct Verb {
        const char *name;
        const char *words;   /* what help calls the words behind the options; "" for none */
        const char *summary; /* one line */
        const char *more;    /* further lines of --help; NULL for none */
        const Option *options;
        size_t arguments_size; /* of the struct that the options fill; it begins zeroed */
        int min_words;
        int max_words;
        /* `words` ends with NULL. Returns 0 or a negative errno with its sentence. */
        int (*run)(const void *arguments, char **words, Failure *reterr);
} Verb;

/* Parses the command line (`argv[0]` is the verb) and runs the verb, or prints its help. */
int verb_main(const Verb *verb, int argc, char **argv, Failure *reterr);

/* The exit status for what a verb returned. */
int verb_status(int result);

extern const Verb verb_artifacts;
extern const Verb verb_build;
extern const Verb verb_cancel;
extern const Verb verb_export;
extern const Verb verb_forget;
extern const Verb verb_images;
extern const Verb verb_import;
extern const Verb verb_jobs;
extern const Verb verb_log;
extern const Verb verb_plan;
extern const Verb verb_pull;
extern const Verb verb_remove;
extern const Verb verb_remove_image;
extern const Verb verb_restore;
extern const Verb verb_show;
extern const Verb verb_status_of; /* "status"; verb_status() is a function */
extern const Verb verb_targets;
extern const Verb verb_validate;
