/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of the plan and its executor share about ops; not for users of the room. */

#include "container/plan.h"

/* Copies the op with its strings to the end of the plan.
 * Errors: -EINVAL for a bad target or too many ops, -ENOMEM. */
int plan_add_op(Plan *plan, const MountOp *op);

/* A folder or file of the host under its own path: bound with these flags, as a link where the host has
 * one, left out where it has nothing. Errors: of plan_add_op(), lstat(2). */
int plan_add_host_folder(Plan *plan, const char *path, unsigned flags);

/* The same for what is there and is no link. */
int plan_add_host_path(Plan *plan, const char *path, unsigned flags);

const char *op_kind_name(OpKind kind);

/* What it means to a user that an op could not be done. Returns the error, -EOPNOTSUPP standing for a
 * file system that cannot map ids. */
int op_failure(const MountOp *op, int error, Failure *reterr);
