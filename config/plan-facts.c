/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of a plan's facts. */

#include "config/plan-facts.h"

#include "common/cleanup.h"
#include "common/strings.h"

/* clang-format off */
const PlanFact plan_facts[] = {
        { PLAN_OS,               "OS",                        PLAN_FACT_TEXT },
        { PLAN_ARCHITECTURE,     "Architecture",              PLAN_FACT_TEXT },
        { PLAN_IMAGE_FORMAT,     "Image format",              PLAN_FACT_TEXT },
        { PLAN_INITRAMFS,        "Initramfs type",            PLAN_FACT_TEXT },
        { PLAN_KERNELS,          "Kernels",                   PLAN_FACT_LIST },
        { PLAN_DRACUT,           "dracut",                    PLAN_FACT_TEXT },
        { PLAN_NETWORK_MODULE,   "Its network module",        PLAN_FACT_TEXT },
        { PLAN_SHIM,             "Shim",                      PLAN_FACT_TEXT },
        { PLAN_GRUB_ISO,         "GRUB on the ISO",           PLAN_FACT_TEXT },
        { PLAN_PREFIX_ISO,       "  looks for its menu in",   PLAN_FACT_TEXT },
        { PLAN_GRUB_PXE,         "GRUB for PXE",              PLAN_FACT_TEXT },
        { PLAN_PREFIX_PXE,       "  looks for its menu in",   PLAN_FACT_TEXT },
        { PLAN_SECURE_BOOT,      "Secure Boot",               PLAN_FACT_TEXT },
        { PLAN_BOOTSTRAP_URL,    "ISO is fetched from",       PLAN_FACT_TEXT },
        { PLAN_COMMAND_LINE_ISO, "Command line on the ISO",   PLAN_FACT_TEXT },
        { PLAN_COMMAND_LINE_PXE, "Command line for PXE",      PLAN_FACT_TEXT },
        { PLAN_ROOT_BYTES,       "Root file system",          PLAN_FACT_BYTES },
        { PLAN_ROOTFS_BYTES,     "rootfs.img, about",         PLAN_FACT_BYTES },
        { PLAN_INITRD_BYTES,     "Initrd, about",             PLAN_FACT_BYTES },
        { PLAN_ISO_BYTES,        "ISO, about",                PLAN_FACT_BYTES },
        { PLAN_ARTIFACT_BYTES,   "Artifact on disk, about",   PLAN_FACT_BYTES },
        { PLAN_MEMORY_ISO,       "Memory to boot the ISO",    PLAN_FACT_BYTES },
        { PLAN_MEMORY_PXE,       "Memory to boot by PXE",     PLAN_FACT_BYTES },
};
/* clang-format on */

const size_t n_plan_facts = ELEMENTSOF(plan_facts);

const PlanFact *plan_fact_find(const char *name) {
        for (size_t i = 0; i < n_plan_facts; i++)
                if (str_equal(plan_facts[i].name, name))
                        return &plan_facts[i];
        return NULL;
}
