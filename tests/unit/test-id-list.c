/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/id-list.h"

#include "tests/lib/test.h"

TEST(numbers_are_in_order)
{
        uint32_t items[] = { 5, 2, 9, 7 };
        IdList list = {};

        ck_assert_ptr_null(id_list_find(&list, 5));
        for (size_t i = 0; i < ELEMENTSOF(items); i++)
                assert_ok(id_list_insert(&list, &items[i]));
        ck_assert_uint_eq(list.n_items, 4);
        for (size_t i = 1; i < list.n_items; i++)
                ck_assert_uint_lt(*(uint32_t *) list.items[i - 1], *(uint32_t *) list.items[i]);
        ck_assert_ptr_eq(id_list_find(&list, 9), &items[2]);
        id_list_remove(&list, &items[0]);
        id_list_remove(&list, &items[0]);
        ck_assert_uint_eq(list.n_items, 3);
        ck_assert_ptr_null(id_list_find(&list, 5));
        ck_assert_ptr_eq(id_list_find(&list, 7), &items[3]);
        id_list_done(&list);
        ck_assert_ptr_null(id_list_find(&list, 7));
}
