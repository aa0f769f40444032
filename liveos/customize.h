/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The customization: what `os` and `scripts` of the config ask for, done to VIEW_TREE, step by step in
 * the order that other tools of this schema have. Code of the image runs caged.
 */

#include "common/failure.h"
#include "liveos/build.h"

bool customize_wanted(const Build *build);

/* Whether it may add files to the image that are not known before: packages, what scripts do. */
bool customize_may_mend(const Build *build);

/* Stage "customize". Errors: -EIO when a program of the image fails; -ENOPKG when the image lacks
 * what a step needs. */
int stage_customize(Build *build, Failure *reterr);
