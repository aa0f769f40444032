/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an image lacks for something that is wanted of it: programs, files, modules of dracut. They are
 * looked for one after another, so that a user is told of all of them at once, with the packages that
 * have them in the image's family of distributions.
 */

#include "common/failure.h"
#include "liveos/os-release.h"

typedef struct Lacks {
        int root_fd;         /* of the image's tree; borrowed */
        const OsRelease *os; /* borrowed */
        char **things;       /* list: "the program 'curl'" */
        char **packages;     /* list: to be installed, none twice */
} Lacks;

/* Notes something that is missing: "module", "livenet". Errors: -ENOMEM. */
int lacks_add(Lacks *lacks, const char *kind, const char *what);

/* Notes each program of the list ("ip sed awk|gawk") that is in none of the folders where programs are;
 * of `a|b` one will do, and the first one is noted. Blocks. Errors: -ENOMEM. */
int lacks_check_programs(Lacks *lacks, const char *programs);

/* Notes the file when none of the paths ("etc/a|usr/share/a") is there; the first one is noted. Blocks.
 * Errors: -ENOMEM. */
int lacks_check_file(Lacks *lacks, const char *paths);

/* Fails when something is missing, otherwise returns 0: "<what cannot be>, these are missing: …. Install in
 * the image what has them: …<, or what else can be done>." Errors: -ENOPKG, -ENOMEM. */
int lacks_judge(const Lacks *lacks, const char *what, const char *other_way, Failure *reterr);

void lacks_done(Lacks *lacks);
#define _cleanup_lacks_ _cleanup_(lacks_done)
