/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Looking up accounts in the text of passwd(5) and group(5), without the C library's own ideas of where
 * accounts are kept. Lines that are none are passed over; the first of a name counts. Pure. */

#include <stdbool.h>
#include <sys/types.h>

typedef struct Account {
        uid_t uid;
        gid_t gid;
        char *home; /* as written; caller frees */
} Account;

/* Returns 1 when there is such a user, 0 when not. Errors: -ENOMEM. */
int account_find_user(const char *passwd, const char *name, Account *ret);

/* Returns 1 when there is such a group, 0 when not. */
int account_find_group(const char *group, const char *name, gid_t *ret_gid);

void account_done(Account *account);
#define _cleanup_account_ _cleanup_(account_done)
