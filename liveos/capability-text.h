/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * File capabilities as text: from the bytes of the extended attribute `security.capability` (struct
 * vfs_cap_data of linux/capability.h, revisions 1 to 3) to what setcap(8) takes, with numbers for
 * names so that any setcap knows them: "13,12=ep".
 */

#include <stddef.h>

/* Caller frees. Errors: -EBADMSG when the bytes are none such, -ENOMEM. */
int capability_to_text(const void *value, size_t size, char **ret_text);
