/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * SELinux in a Live OS. The root of a bootstrap Live OS can carry labels; an initramfs cannot, so that
 * a full-os one runs without. What the config asks for, or else what the image has, becomes arguments
 * of the kernel; SELINUX= of the image's /etc/selinux/config says the rest.
 */

#include <stdbool.h>

#include "common/failure.h"
#include "config/config-os.h"

#define SELINUX_CONFIG    "etc/selinux/config"
#define SELINUX_MAX_BYTES (64U * 1024) /* of it */

/* The package of Azure Linux whose version counts. */
#define SELINUX_AZL_POLICY "selinux-policy"

/* What the menus tell the kernel. */
typedef enum SelinuxState {
        SELINUX_AS_IMAGE, /* nothing: the image's own menu has it off, or knows of none */
        SELINUX_KEPT,     /* nothing: the image's own menu has it on */
        SELINUX_OFF,
        SELINUX_ON,
        SELINUX_FORCED, /* enforcing whatever the OS says */
} SelinuxState;

/* What is known when that is decided. */
typedef struct SelinuxFacts {
        ConfigSelinuxMode wanted;
        bool is_full_os;
        bool is_enabled;        /* in the image as it is after its customization */
        bool is_enforcing;      /* there */
        bool is_debian;         /* whose policy alone is not enough to enforce */
        bool is_default;        /* the distribution's kernel has it on unasked (Fedora) */
        const char *azl_dracut; /* version of Azure Linux's dracut; NULL for others */
        const char *azl_policy; /* of its package selinux-policy; NULL for others, and without it */
        const char *grub_cfg;   /* the image's menu, for its kernel arguments */
        const char *place;      /* of os.selinux: "line 7" */
} SelinuxFacts;

/* Whether the answer rests on the version of the policy, which takes a while to find out. Pure. */
bool selinux_asks_policy(const SelinuxFacts *facts);

/* Pure. Returns 1 when somebody has to be told what the failure says: that SELinux is switched off as the
 * image's dracut or policy is too old for it, or that the policy may not be enough; otherwise 0.
 * Errors: -ENOTSUP when what is wanted cannot be. */
int selinux_decide(const SelinuxFacts *facts, SelinuxState *ret, Failure *reterr);

bool selinux_is_on(SelinuxState state);

/* The kernel's arguments, NULL-terminated; static. */
const char *const *selinux_arguments(SelinuxState state);

/* Whether the text of SELINUX_CONFIG has SELinux on. Pure. */
bool selinux_text_is_enabled(const char *text);

/* Whether it has SELinux on and enforcing. Pure. */
bool selinux_text_is_enforcing(const char *text);

/* The text with another mode in its SELINUX= line, which is added when missing. Pure. Caller frees.
 * Errors: -ENOMEM. */
int selinux_text_set_mode(const char *text, ConfigSelinuxMode mode, char **ret);

/* The value of a line NAME=value, "" when there is none. Pure. Caller frees. NULL when memory is
 * out. */
char *selinux_text_get(const char *text, const char *name);
