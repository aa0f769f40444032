/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What all verbs share that print one list of the manager's: options and the call. */

#include <stdbool.h>
#include <stddef.h>

#include "client/table-out.h"
#include "client/verb.h"
#include "common/cleanup.h"

typedef struct ListArguments {
        bool json;
        bool all;
        bool no_ask_password;
} ListArguments;

/* For a list that everybody may read, and for one that has a second method, of all users'. */
extern const Option list_options[];
extern const Option list_all_options[];

/* Calls the method, which takes nothing and returns an array of structs, and prints it. */
int list_print(const ListArguments *arguments,
               const char *method,
               const Column *columns,
               size_t n_columns,
               Failure *reterr);
