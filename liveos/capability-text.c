/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* File capabilities as text. */

#include "liveos/capability-text.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <linux/capability.h>

#include "common/buffer.h"

static uint32_t word(const void *value, size_t index) {
        uint32_t little;

        memcpy(&little, (const char *) value + index * sizeof(little), sizeof(little));
        return le32toh(little);
}

/* The bytes that each revision has, 0 for an unknown one. */
static size_t revision_size(uint32_t magic) {
        switch (magic & VFS_CAP_REVISION_MASK) {
        case VFS_CAP_REVISION_1:
                return XATTR_CAPS_SZ_1;
        case VFS_CAP_REVISION_2:
                return XATTR_CAPS_SZ_2;
        case VFS_CAP_REVISION_3:
                return XATTR_CAPS_SZ_3;
        default:
                return 0;
        }
}

/* One clause, "13,12=ep", of all capabilities in the set. */
static int append_clause(Buffer *text, uint64_t set, const char *flags) {
        const char *separator = text->size > 0 ? " " : "";
        int r = 0;

        if (set == 0)
                return 0;
        for (unsigned number = 0; number < 64 && r >= 0; number++) {
                if (!(set & (UINT64_C(1) << number)))
                        continue;
                r = buffer_printf(text, "%s%u", separator, number);
                separator = ",";
        }
        return r < 0 ? r : buffer_printf(text, "=%s", flags);
}

int capability_to_text(const void *value, size_t size, char **ret_text) {
        _cleanup_buffer_ Buffer text = {};
        uint64_t permitted, inheritable;
        uint32_t magic;
        bool effective;
        int r;

        if (size < sizeof(uint32_t))
                return -EBADMSG;
        magic = word(value, 0);
        if (revision_size(magic) == 0 || size != revision_size(magic))
                return -EBADMSG;
        permitted = word(value, 1);
        inheritable = word(value, 2);
        if (size > XATTR_CAPS_SZ_1) {
                permitted |= (uint64_t) word(value, 3) << 32;
                inheritable |= (uint64_t) word(value, 4) << 32;
        }
        effective = magic & VFS_CAP_FLAGS_EFFECTIVE;
        r = append_clause(&text, permitted & inheritable, effective ? "eip" : "ip");
        if (r >= 0)
                r = append_clause(&text, permitted & ~inheritable, effective ? "ep" : "p");
        if (r >= 0)
                r = append_clause(&text, inheritable & ~permitted, effective ? "ei" : "i");
        if (r < 0)
                return r;
        *ret_text = buffer_take(&text);
        return *ret_text ? 0 : -ENOMEM;
}
