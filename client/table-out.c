/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Rows and records. All that is known of a type on the bus and of a kind of value is in read_value()
 * and format_value(); the verbs have tables only.
 */

#include "client/table-out.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/print.h"
#include "common/strings.h"

#define COLUMNS_MAX  24
#define CELL_MAX     128
#define COLUMN_SPACE 2

void values_clear(Value *values, size_t n) {
        for (size_t i = 0; i < n; i++)
                free(values[i].text);
        memset(values, 0, n * sizeof(Value));
}

static int read_value(sd_bus_message *m, char type, Value *ret) {
        const char *text;
        uint32_t number;
        double fraction;
        int flag, r;

        switch (type) {
        case 'u':
                r = sd_bus_message_read_basic(m, type, &number);
                ret->number = r < 0 ? 0 : number;
                return r;
        case 't':
                return sd_bus_message_read_basic(m, type, &ret->number);
        case 'b':
                r = sd_bus_message_read_basic(m, type, &flag);
                ret->number = r < 0 ? 0 : flag != 0;
                return r;
        case 'd':
                r = sd_bus_message_read_basic(m, type, &fraction);
                if (r >= 0)
                        ret->number = fraction >= 1   ? 1000
                                      : fraction >= 0 ? (uint64_t) (fraction * 1000)
                                                      : 0;
                return r;
        default:
                assert(type == 's' || type == 'o');
                r = sd_bus_message_read_basic(m, type, &text);
                if (r < 0)
                        return r;
                free(ret->text);
                ret->text = strdup(text);
                return ret->text ? r : -ENOMEM;
        }
}

void format_size(uint64_t bytes, char *ret, size_t size) {
        static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
        double value = (double) bytes;
        size_t unit = 0;

        if (bytes < 1024) {
                (void) snprintf(ret, size, "%" PRIu64 " B", bytes);
                return;
        }
        value /= 1024;
        while (value >= 1024) {
                value /= 1024;
                unit++;
        }
        (void) snprintf(ret, size, "%.1f %s", value, units[unit]);
}

static void format_time(uint64_t usec, char *ret, size_t size) {
        time_t seconds = (time_t) (usec / 1000000);
        struct tm tm;

        if (usec == 0 || !localtime_r(&seconds, &tm) ||
            strftime(ret, size, "%Y-%m-%d %H:%M:%S", &tm) == 0)
                *ret = '\0';
}

static void format_user(uint64_t uid, char *ret, size_t size) {
        const struct passwd *user = getpwuid((uid_t) uid);

        if (user)
                (void) snprintf(ret, size, "%s", user->pw_name);
        else
                (void) snprintf(ret, size, "%" PRIu64, uid);
}

static void format_value(const Column *column, const Value *value, char ret[static CELL_MAX]) {
        switch (column->kind) {
        case COLUMN_PLAIN:
                if (value->text)
                        (void) snprintf(ret, CELL_MAX, "%s", value->text);
                else
                        (void) snprintf(ret, CELL_MAX, "%" PRIu64, value->number);
                str_blank_controls(ret);
                break;
        case COLUMN_SIZE:
                format_size(value->number, ret, CELL_MAX);
                break;
        case COLUMN_TIME:
                format_time(value->number, ret, CELL_MAX);
                break;
        case COLUMN_USER:
                format_user(value->number, ret, CELL_MAX);
                break;
        case COLUMN_PROGRESS:
                (void) snprintf(ret, CELL_MAX, "%" PRIu64 " %%", value->number / 10);
                break;
        case COLUMN_YES:
                (void) snprintf(ret, CELL_MAX, "%s", value->number ? "yes" : "no");
                break;
        }
}

/* How many columns of a terminal the text takes, if every character takes one. */
static size_t text_width(const char *text) {
        size_t width = 0;

        for (; *text; text++)
                width += ((unsigned char) *text & 0xc0U) != 0x80U;
        return width;
}

/* ---- tables ---- */

typedef struct Table {
        const Column *columns;
        size_t n_columns;
        char (*cells)[CELL_MAX]; /* row by row; the first row are the names */
        size_t n_rows;
} Table;

static int table_add_row(Table *table, char (**ret_cells)[CELL_MAX]) {
        size_t rows = table->n_rows + 1;
        char(*cells)[CELL_MAX] = reallocarray(
                        table->cells,
                        rows * table->n_columns,
                        sizeof(*cells));

        if (!cells)
                return -ENOMEM;
        table->cells = cells;
        *ret_cells = cells + table->n_rows * table->n_columns;
        table->n_rows = rows;
        return 0;
}

static int table_add_names(Table *table) {
        char(*cells)[CELL_MAX];
        int r = table_add_row(table, &cells);

        for (size_t i = 0; r >= 0 && i < table->n_columns; i++)
                (void) snprintf(cells[i], CELL_MAX, "%s", table->columns[i].name ?: "");
        return r;
}

static int table_add_values(Table *table, const Value *values) {
        char(*cells)[CELL_MAX];
        int r = table_add_row(table, &cells);

        for (size_t i = 0; r >= 0 && i < table->n_columns; i++)
                format_value(&table->columns[i], &values[i], cells[i]);
        return r;
}

static bool is_right_aligned(const Column *column) {
        return column->type != 's' && column->type != 'o' && column->kind != COLUMN_TIME &&
               column->kind != COLUMN_USER;
}

static void table_print_row(const Table *table, size_t row, const size_t *widths) {
        size_t owed = 0; /* blanks before the next cell: none at the end of a line */

        for (size_t i = 0; i < table->n_columns; i++) {
                const char *cell = table->cells[row * table->n_columns + i];
                size_t fill, left;

                if (!table->columns[i].name)
                        continue;
                fill = widths[i] - text_width(cell);
                left = is_right_aligned(&table->columns[i]) ? fill : 0;
                if (*cell) {
                        printf("%*s%s", (int) (owed + left), "", cell);
                        owed = fill - left + COLUMN_SPACE;
                } else {
                        owed += fill + COLUMN_SPACE;
                }
        }
        printf("\n");
}

static void table_print_rows(const Table *table) {
        size_t widths[COLUMNS_MAX] = {};

        for (size_t i = 0; i < table->n_rows * table->n_columns; i++) {
                size_t width = text_width(table->cells[i]), column = i % table->n_columns;

                if (table->columns[column].name && width > widths[column])
                        widths[column] = width;
        }
        for (size_t row = 0; row < table->n_rows; row++)
                table_print_row(table, row, widths);
}

/* What a row is on the bus, as an array of it is announced: "(uos)". */
static void make_signature(const Table *table, char ret[static COLUMNS_MAX + 3]) {
        size_t n = 0;

        ret[n++] = '(';
        for (size_t i = 0; i < table->n_columns; i++)
                ret[n++] = table->columns[i].type;
        ret[n++] = ')';
        ret[n] = '\0';
}

/* One struct of the array: 1, or 0 at the array's end. `types` are its members'. */
static int read_row(
                sd_bus_message *m,
                const char *types,
                const Column *columns,
                size_t n_columns,
                Value *values) {
        int r = sd_bus_message_enter_container(m, SD_BUS_TYPE_STRUCT, types);

        if (r <= 0)
                return r;
        for (size_t i = 0; i < n_columns; i++) {
                r = read_value(m, columns[i].type, &values[i]);
                if (r <= 0)
                        return r < 0 ? r : -ENXIO;
        }
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : 1;
}

static void row_to_json(Json *json, const Column *columns, size_t n_columns, const Value *values) {
        json_begin_object(json, NULL);
        record_to_json(json, columns, n_columns, values);
        json_end_object(json);
}

static int read_rows(sd_bus_message *m, Table *table, Json *json) {
        char row[COLUMNS_MAX + 3], types[COLUMNS_MAX + 1] = "";
        Value values[COLUMNS_MAX] = {};
        int r;

        make_signature(table, row);
        memcpy(types, row + 1, table->n_columns);
        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, row);
        while (r >= 0 && (r = read_row(m, types, table->columns, table->n_columns, values)) > 0) {
                r = table_add_values(table, values);
                row_to_json(json, table->columns, table->n_columns, values);
                values_clear(values, table->n_columns);
        }
        values_clear(values, table->n_columns);
        return r;
}

int table_print(sd_bus_message *reply, const Column *columns, size_t n_columns, bool as_json) {
        _cleanup_json_ Json json = {};
        Table table = { .columns = columns, .n_columns = n_columns };
        int r;

        assert(n_columns <= COLUMNS_MAX);
        json_begin_array(&json, NULL);
        r = table_add_names(&table);
        if (r >= 0)
                r = read_rows(reply, &table, &json);
        json_end_array(&json);
        if (r >= 0 && as_json)
                r = print_json(&json);
        else if (r >= 0)
                table_print_rows(&table);
        free(table.cells);
        return r;
}

/* ---- records ---- */

static int read_property(
                sd_bus_message *m,
                const char *name,
                const Column *columns,
                size_t n_columns,
                Value *values) {
        for (size_t i = 0; i < n_columns; i++) {
                const char signature[] = { columns[i].type, '\0' };
                int r;

                if (!str_equal(columns[i].name, name))
                        continue;
                r = sd_bus_message_enter_container(m, SD_BUS_TYPE_VARIANT, signature);
                if (r >= 0)
                        r = read_value(m, columns[i].type, &values[i]);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                return r < 0 ? r : 1;
        }
        return sd_bus_message_skip(m, "v") < 0 ? -ENXIO : 0;
}

int record_read(sd_bus_message *m, const Column *columns, size_t n_columns, Value *values) {
        int r, found = 0;

        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "{sv}");
        while (r >= 0 &&
               (r = sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, "sv")) > 0) {
                const char *name;

                r = sd_bus_message_read_basic(m, 's', &name);
                if (r >= 0)
                        r = read_property(m, name, columns, n_columns, values);
                found += r > 0;
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        return r < 0 ? r : found;
}

void record_print(const Column *columns, size_t n_columns, const Value *values) {
        size_t width = 0;

        for (size_t i = 0; i < n_columns; i++)
                if (columns[i].name && strlen(columns[i].name) > width)
                        width = strlen(columns[i].name);
        for (size_t i = 0; i < n_columns; i++) {
                char cell[CELL_MAX];

                if (!columns[i].name)
                        continue;
                format_value(&columns[i], &values[i], cell);
                if (!*cell)
                        continue;
                printf("%*s: ", (int) width, columns[i].name);
                /* A record has room for what a table would cut. */
                print_line(stdout, values[i].text ?: cell);
        }
}

void record_to_json(Json *json, const Column *columns, size_t n_columns, const Value *values) {
        for (size_t i = 0; i < n_columns; i++) {
                if (!columns[i].key)
                        continue;
                if (values[i].text)
                        json_string(json, columns[i].key, values[i].text);
                else if (columns[i].kind == COLUMN_YES)
                        json_bool(json, columns[i].key, values[i].number != 0);
                else
                        json_number(json, columns[i].key, values[i].number);
        }
}
