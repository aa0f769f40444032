/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The only file that knows libseccomp: it turns a table into two programs and loads them. */

#include "container/seccomp.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <seccomp.h>

#include "common/cleanup.h"
#include "container/seccomp-tables.h"

/* Above all families that have a number today. */
#define FAMILIES_END 64u
#define NAME_SIZE    64

static void cleanup_program(scmp_filter_ctx *program) {
        if (*program)
                seccomp_release(*program);
}
#define _cleanup_program_ _cleanup_(cleanup_program)

static uint32_t action(int error) {
        return error == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(error);
}

/* Adds one rule; a call that an earlier rule names without conditions keeps that rule. */
static int add_rule(
                scmp_filter_ctx program,
                const char *name,
                int error,
                const struct scmp_arg_cmp *compares,
                unsigned n_compares) {
        int number = seccomp_syscall_resolve_name(name);
        int r;

        if (number < 0)
                return 0; /* this machine or library has no such call */
        r = seccomp_rule_add_array(program, action(error), number, n_compares, compares);
        return r == -EEXIST ? 0 : r;
}

static int add_group(scmp_filter_ctx program, const SeccompGroup *group) {
        const char *p = group->names;

        while (*p) {
                size_t length = strcspn(p, " ");
                char name[NAME_SIZE];
                int r;

                assert(length > 0 && length < sizeof(name));
                memcpy(name, p, length);
                name[length] = '\0';
                r = add_rule(program, name, group->error, NULL, 0);
                if (r < 0)
                        return r;
                p += length;
                p += strspn(p, " ");
        }
        return 0;
}

static struct scmp_arg_cmp compare(const SeccompCondition *condition) {
        struct scmp_arg_cmp cmp = { .arg = condition->argument, .datum_a = condition->value };

        switch (condition->match) {
        case MATCH_EQUAL:
                cmp.op = SCMP_CMP_EQ;
                break;
        case MATCH_NOT_EQUAL:
                cmp.op = SCMP_CMP_NE;
                break;
        case MATCH_ABOVE:
                cmp.op = SCMP_CMP_GT;
                break;
        case MATCH_BITS:
                cmp.op = SCMP_CMP_MASKED_EQ;
                cmp.datum_b = condition->value;
                break;
        case MATCH_LOW:
                cmp.op = SCMP_CMP_MASKED_EQ;
                cmp.datum_a = UINT32_MAX;
                cmp.datum_b = condition->value;
                break;
        case MATCH_NEVER:
                break;
        }
        return cmp;
}

static int add_rows(scmp_filter_ctx program, const SeccompRow *rows) {
        for (; rows && rows->name; rows++) {
                struct scmp_arg_cmp compares[ELEMENTSOF(rows->conditions)];
                unsigned n = 0;
                int r;

                for (size_t i = 0; i < ELEMENTSOF(rows->conditions); i++)
                        if (rows->conditions[i].match != MATCH_NEVER)
                                compares[n++] = compare(&rows->conditions[i]);
                r = add_rule(program, rows->name, rows->error, compares, n);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_families(scmp_filter_ctx program, uint64_t families) {
        SeccompRow rows[FAMILIES_END + 2] = {};
        size_t n = 0;

        for (unsigned family = 0; family < FAMILIES_END; family++)
                if (!(families & (UINT64_C(1) << family)))
                        rows[n++] = (SeccompRow){ "socket",
                                                  EAFNOSUPPORT,
                                                  { { 0, MATCH_EQUAL, family } } };
        rows[n] = (SeccompRow){ "socket", EAFNOSUPPORT, { { 0, MATCH_ABOVE, FAMILIES_END - 1 } } };
        return add_rows(program, rows);
}

/* 32-bit calls come with numbers of their own; they get ENOSYS, or the reader's end. */
static scmp_filter_ctx program_new(uint32_t default_action, uint32_t foreign_action) {
        _cleanup_program_ scmp_filter_ctx program = seccomp_init(default_action);

        if (!program || seccomp_attr_set(program, SCMP_FLTATR_ACT_BADARCH, foreign_action) < 0)
                return NULL;
        /* A binary tree instead of 300 comparisons for each call; older libraries cannot. */
        (void) seccomp_attr_set(program, SCMP_FLTATR_CTL_OPTIMIZE, 2);
        return TAKE_PTR(program);
}

static int make_allowlist(const SeccompTable *table, scmp_filter_ctx *ret) {
        uint32_t otherwise = table->default_error == 0 ? SCMP_ACT_KILL_PROCESS
                                                       : SCMP_ACT_ERRNO(table->default_error);
        _cleanup_program_ scmp_filter_ctx program = program_new(otherwise, otherwise);
        int r;

        if (!program)
                return -ENOMEM;
        for (size_t i = 0; i < SECCOMP_GROUPS_MAX && table->groups[i]; i++)
                for (const SeccompGroup *group = table->groups[i]; group->names; group++) {
                        r = add_group(program, group);
                        if (r < 0)
                                return r;
                }
        r = add_rows(program, table->rows);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(program);
        return 0;
}

static int make_guards(const SeccompTable *table, scmp_filter_ctx *ret) {
        _cleanup_program_ scmp_filter_ctx program = program_new(SCMP_ACT_ALLOW, SCMP_ACT_ALLOW);
        int r;

        if (!program)
                return -ENOMEM;
        r = add_rows(program, table->guards);
        if (r < 0)
                return r;
        if (table->socket_families != 0) {
                r = add_families(program, table->socket_families);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(program);
        return 0;
}

static int make_programs(
                SeccompFilter filter,
                scmp_filter_ctx *ret_allowlist,
                scmp_filter_ctx *ret_guards) {
        int r;

        assert(filter < _SECCOMP_FILTER_MAX);
        if (seccomp_tables[filter].guards) {
                r = make_guards(&seccomp_tables[filter], ret_guards);
                if (r < 0)
                        return r;
        }
        return make_allowlist(&seccomp_tables[filter], ret_allowlist);
}

int seccomp_apply(SeccompFilter filter) {
        _cleanup_program_ scmp_filter_ctx allowlist = NULL, guards = NULL;
        int r;

        r = make_programs(filter, &allowlist, &guards);
        if (r < 0)
                return r;
        /* The guards first: the reader's allowlist does not let another filter be loaded. */
        if (guards) {
                r = seccomp_load(guards);
                if (r < 0)
                        return r;
        }
        return seccomp_load(allowlist);
}

int seccomp_print(SeccompFilter filter, int fd) {
        _cleanup_program_ scmp_filter_ctx allowlist = NULL, guards = NULL;
        int r;

        r = make_programs(filter, &allowlist, &guards);
        if (r < 0)
                return r;
        if (guards) {
                r = seccomp_export_pfc(guards, fd);
                if (r < 0)
                        return r;
        }
        return seccomp_export_pfc(allowlist, fd);
}
