/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What all verbs share that call one method for each of several jobs, artifacts or names. */

#include <limits.h>
#include <stdbool.h>

#include "client/call.h"
#include "client/verb.h"

typedef struct CallEachArguments {
        bool quiet;
        bool no_ask_password;
} CallEachArguments;

extern const Option call_each_options[];

typedef struct CallEach {
        CallPathFn path;    /* NULL: the words are the argument of a method of the manager */
        const char *method; /* returns nothing; takes nothing but a word that is no object */
        const char *noun;   /* with a capital, and … */
        const char *done;   /* … what has happened to it: "Job 7 was forgotten." */
} CallEach;

/* In the order of the words, until one fails; all of them are looked at before the first call. */
int call_each(const CallEach *each,
              const CallEachArguments *arguments,
              char **words,
              Failure *reterr);
