/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the files of the steps groups and users share. No secret is ever in an argument, in the
 * environment, in a line of the log or in a failure: programs get it by standard input. All block.
 */

#include "common/failure.h"
#include "liveos/account.h"
#include "liveos/build.h"

/* Runs one of shadow's programs in the image; `argv` as Command has it. `stdin_fd` is borrowed and may
 * be -EBADF. Errors: -ENOPKG when the image has no such program; -EIO when it fails. */
int accounts_run(const Build *build, const char *const *argv, int stdin_fd, Failure *reterr);

/* Sets what `password` asks for. Errors: -EINVAL when its file does not hold what its type says. */
int accounts_set_password(const Build *build, const ConfigUser *user, Failure *reterr);

/* Adds the user's keys to ~/.ssh/authorized_keys, which keeps those that it has. Links below the home
 * are never followed. Errors: -ENOENT when there is no home; -ELOOP when a link is in the way. */
int accounts_add_keys(int root_fd, const ConfigUser *user, const Account *account, Failure *reterr);
