/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a plan says: the facts by name, as a worker reports them (REPORT_FACT), as the bus has them
 * (Job.GetPlan()) and as pxectl shows them. One table for all three. Pure.
 */

#include <stddef.h>

typedef enum PlanFactType {
        PLAN_FACT_TEXT,
        PLAN_FACT_LIST,  /* texts; one report for each, in their order */
        PLAN_FACT_BYTES, /* a size, decimal */
        _PLAN_FACT_TYPE_MAX,
        _PLAN_FACT_TYPE_INVALID = -22, /* -EINVAL */
} PlanFactType;

typedef struct PlanFact {
        const char *name;  /* in reports and on the bus */
        const char *title; /* for people */
        PlanFactType type;
} PlanFact;

/* In the order in which people read them. */
extern const PlanFact plan_facts[];
extern const size_t n_plan_facts;

/* How many values a list takes; what is reported beyond is dropped. */
#define PLAN_LIST_MAX 32
/* How many problems a plan takes. */
#define PLAN_PROBLEMS_MAX 64
/* All of what a plan says as lines of a report, with their newlines. */
#define PLAN_MAX_BYTES (48U * 1024U)

#define PLAN_OS               "os"
#define PLAN_ARCHITECTURE     "architecture"
#define PLAN_IMAGE_FORMAT     "image-format"
#define PLAN_INITRAMFS        "initramfs-type"
#define PLAN_KERNELS          "kernels"
#define PLAN_DRACUT           "dracut"
#define PLAN_NETWORK_MODULE   "network-module"
#define PLAN_SHIM             "shim"
#define PLAN_GRUB_ISO         "grub-iso"
#define PLAN_GRUB_PXE         "grub-pxe"
#define PLAN_PREFIX_ISO       "grub-prefix-iso"
#define PLAN_PREFIX_PXE       "grub-prefix-pxe"
#define PLAN_SECURE_BOOT      "secure-boot"
#define PLAN_COMMAND_LINE_ISO "command-line-iso"
#define PLAN_COMMAND_LINE_PXE "command-line-pxe"
#define PLAN_BOOTSTRAP_URL    "bootstrap-url"
#define PLAN_ROOT_BYTES       "root-bytes"
#define PLAN_ROOTFS_BYTES     "rootfs-bytes"
#define PLAN_INITRD_BYTES     "initrd-bytes"
#define PLAN_ISO_BYTES        "iso-bytes"
#define PLAN_ARTIFACT_BYTES   "artifact-bytes"
#define PLAN_MEMORY_ISO       "memory-iso-bytes"
#define PLAN_MEMORY_PXE       "memory-pxe-bytes"

/* What a plan knows of Secure Boot. */
#define PLAN_SECURE_BOOT_YES     "yes"     /* each part vouches for the next */
#define PLAN_SECURE_BOOT_NO      "no"      /* one does not; a problem says which */
#define PLAN_SECURE_BOOT_UNKNOWN "unknown" /* it could not be looked at */

/* NULL when there is none of that name. */
const PlanFact *plan_fact_find(const char *name);
