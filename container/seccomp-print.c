/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One line for each group of calls and each rule about arguments, in the order in which they count. */

#include "container/seccomp-print.h"

#include <inttypes.h>
#include <string.h>

#include "common/cleanup.h"
#include "container/seccomp-tables.h"

static const char *const comparisons[] = {
        [MATCH_EQUAL] = "==", [MATCH_NOT_EQUAL] = "!=", [MATCH_ABOVE] = ">",
        [MATCH_BITS] = "has", [MATCH_LOW] = "low ==",
};

static const char *answer(int error) {
        return error == 0 ? "allow" : strerrorname_np(error);
}

static void print_groups(const SeccompTable *table, FILE *f) {
        for (size_t i = 0; i < SECCOMP_GROUPS_MAX && table->groups[i]; i++)
                for (const SeccompGroup *group = table->groups[i]; group->names; group++)
                        fprintf(f, "%s %s\n", answer(group->error), group->names);
}

static void print_rows(const char *kind, const SeccompRow *rows, FILE *f) {
        for (; rows && rows->name; rows++) {
                fprintf(f, "%s %s %s", kind, answer(rows->error), rows->name);
                for (size_t i = 0; i < ELEMENTSOF(rows->conditions); i++)
                        if (rows->conditions[i].match != MATCH_NEVER)
                                fprintf(f,
                                        " argument %u %s 0x%" PRIx64,
                                        rows->conditions[i].argument,
                                        comparisons[rows->conditions[i].match],
                                        rows->conditions[i].value);
                fputc('\n', f);
        }
}

void seccomp_print_table(SeccompFilter filter, FILE *f) {
        const SeccompTable *table = &seccomp_tables[filter];

        fprintf(f,
                "filter %s, otherwise %s\n",
                table->name,
                table->default_error == 0 ? "the end of the process"
                                          : strerrorname_np(table->default_error));
        print_groups(table, f);
        print_rows("rule", table->rows, f);
        print_rows("guard", table->guards, f);
        for (unsigned family = 0; family < 64; family++)
                if (table->socket_families & (UINT64_C(1) << family))
                        fprintf(f, "socket family %u\n", family);
}
