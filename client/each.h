/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What all verbs share that call one method of each of several jobs or artifacts. */

#include <limits.h>
#include <stdbool.h>

#include "client/verb.h"

typedef struct EachArguments {
        bool quiet;
        bool no_ask_password;
} EachArguments;

extern const Option each_options[];

typedef struct Each {
        int (*path)(const char *word, char **ret_path, Failure *reterr);
        const char *method; /* takes nothing, returns nothing */
        const char *noun;   /* with a capital, and … */
        const char *done;   /* … what has happened to it: "Job 7 was forgotten." */
} Each;

/* In the order of the words, until one fails; all of them are looked at before the first call. */
int each_call(const Each *each, const EachArguments *arguments, char **words, Failure *reterr);
