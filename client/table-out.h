/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Rows and records: what the service tells, read from a message by a table of columns, and printed
 * by the same table, for people or as JSON. Text of strangers is made harmless for a terminal.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "common/cleanup.h"
#include "common/json.h"

typedef enum ColumnKind {
        COLUMN_PLAIN,    /* text or number as it is */
        COLUMN_SIZE,     /* bytes */
        COLUMN_TIME,     /* microseconds since 1970, 0 for "not yet" */
        COLUMN_USER,     /* uid */
        COLUMN_PROGRESS, /* 0 to 1 on the bus, 0 to 1000 in a Value */
        COLUMN_YES,      /* boolean */
} ColumnKind;

typedef struct Column {
        const char *name; /* for people; of a record it is the property's. NULL: JSON only */
        const char *key;  /* in JSON; NULL: nowhere in JSON */
        char type;        /* on the bus: one of u t d b s o */
        ColumnKind kind;
} Column;

/* Owns `text`, which is set for the types s and o. */
typedef struct Value {
        uint64_t number;
        char *text;
} Value;

void values_clear(Value *values, size_t n);

/* Reads an array of structs, `a(…)`, whose members are the columns; prints a line (or a JSON object)
 * for each. Errors: -ENXIO for a message of another type, and those of sd-bus. */
int table_print(sd_bus_message *reply, const Column *columns, size_t n_columns, bool as_json);

/* Reads `a{sv}`: properties that are no columns are passed over, what is not in it stays as it was.
 * Returns the number of columns that were found. */
int record_read(sd_bus_message *m, const Column *columns, size_t n_columns, Value *values);

/* "Name: value" lines; empty and unset values are left out. */
void record_print(const Column *columns, size_t n_columns, const Value *values);

/* The members of an object that is open. */
void record_to_json(Json *json, const Column *columns, size_t n_columns, const Value *values);

/* "171.3 MiB". */
void format_size(uint64_t bytes, char *ret, size_t size);
