/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines with ':' between their fields. The text is an image's: nothing in it is believed but what has
 * the right form. */

#include "liveos/account.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/strings.h"

#define FIELDS_MAX 7U

/* Where fields begin and how long they are. */
typedef struct Fields {
        const char *at[FIELDS_MAX];
        size_t size[FIELDS_MAX];
        size_t n_items;
} Fields;

static void split_line(const char *line, size_t size, Fields *ret) {
        const char *end = line + size;

        *ret = (Fields){};
        while (ret->n_items < FIELDS_MAX) {
                const char *colon = memchr(line, ':', (size_t) (end - line));

                ret->at[ret->n_items] = line;
                ret->size[ret->n_items++] = (size_t) ((colon ? colon : end) - line);
                if (!colon)
                        return;
                line = colon + 1;
        }
}

static int field_to_id(const Fields *fields, size_t i, uint32_t *ret) {
        char digits[16];
        uint64_t id;

        if (fields->size[i] >= sizeof(digits))
                return -EINVAL;
        memcpy(digits, fields->at[i], fields->size[i]);
        digits[fields->size[i]] = '\0';
        if (str_to_u64(digits, UINT32_MAX - 1, &id) < 0)
                return -EINVAL;
        *ret = (uint32_t) id;
        return 0;
}

/* The line whose first field is that name and that has so many fields at least. */
static bool find_line(const char *text, const char *name, size_t n_fields, Fields *ret) {
        size_t n = strlen(name);

        while (*text) {
                size_t size = strcspn(text, "\n");

                split_line(text, size, ret);
                if (ret->n_items >= n_fields && ret->size[0] == n && memcmp(text, name, n) == 0)
                        return true;
                text += size + (text[size] == '\n');
        }
        return false;
}

int account_find_user(const char *passwd, const char *name, Account *ret) {
        Account account = {};
        Fields fields;

        if (!find_line(passwd, name, FIELDS_MAX, &fields) ||
            field_to_id(&fields, 2, &account.uid) < 0 || field_to_id(&fields, 3, &account.gid) < 0)
                return 0;
        account.home = strndup(fields.at[5], fields.size[5]);
        if (!account.home)
                return -ENOMEM;
        *ret = account;
        return 1;
}

int account_find_group(const char *group, const char *name, gid_t *ret_gid) {
        Fields fields;

        return find_line(group, name, 3, &fields) && field_to_id(&fields, 2, ret_gid) >= 0;
}

void account_done(Account *account) {
        free(account->home);
        *account = (Account){};
}
