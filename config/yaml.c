/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The only file that knows libyaml. Its event interface is used and the tree is our own (yaml-tree.h), because
 * the library's has neither limits nor a say on aliases and repeated keys. What can be passed over is reported
 * and passed over, so that one reading finds as many mistakes as it can.
 */

#include "config/yaml.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include <yaml.h>

#include "common/strings.h"
#include "config/yaml-tree.h"

typedef struct Reader {
        YamlTree *tree;
        Diagnostics *diagnostics;
        YamlNode *open; /* the list or mapping that is being read; NULL outside */
        unsigned depth;
        size_t n_documents;
        char *key; /* of the mapping that is open: read, its value not yet */
        uint32_t key_line, key_column;
        bool finished;
} Reader;

static _printf_(3, 4) int refuse(Reader *reader, const yaml_mark_t *mark, const char *format, ...) {
        _cleanup_free_ char *message = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&message, format, ap) < 0)
                message = NULL;
        va_end(ap);
        diagnostics_add(reader->diagnostics,
                        REPORT_ERROR,
                        (uint32_t) mark->line + 1,
                        (uint32_t) mark->column + 1,
                        "%s",
                        message ? message : "out of memory");
        return -EBADMSG;
}

/* Makes the node that `event` begins and puts it where it belongs. */
static int add_node(Reader *reader, const yaml_event_t *event, YamlKind kind, YamlNode **ret) {
        int r = yaml_tree_add(reader->tree, reader->open, kind, ret);

        if (r == -E2BIG)
                return refuse(reader,
                              &event->start_mark,
                              "the text has more than %u values; make it shorter",
                              YAML_MAX_NODES);
        if (r < 0)
                return r;
        (*ret)->line = (uint32_t) event->start_mark.line + 1;
        (*ret)->column = (uint32_t) event->start_mark.column + 1;
        if (reader->key) {
                (*ret)->key_line = reader->key_line;
                (*ret)->key_column = reader->key_column;
                (*ret)->key = TAKE_PTR(reader->key);
        }
        return 0;
}

static bool is_null(const yaml_event_t *event) {
        static const char *const words[] = { "", "~", "null", "Null", "NULL" };

        if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (str_equal((const char *) event->data.scalar.value, words[i]))
                        return true;
        return false;
}

static bool expects_key(const Reader *reader) {
        return reader->open && reader->open->kind == YAML_MAP && !reader->key;
}

/* ---- events ---- */

static void check_properties(
                Reader *reader,
                const yaml_event_t *event,
                const void *anchor,
                const void *tag) {
        if (anchor)
                (void) refuse(reader,
                              &event->start_mark,
                              "anchors (\"&%.60s\") are not supported; write the value out at each "
                              "place",
                              (const char *) anchor);
        if (tag)
                (void) refuse(reader,
                              &event->start_mark,
                              "tags (\"%.60s\") are not supported; leave it out",
                              (const char *) tag);
}

static int read_scalar(Reader *reader, const yaml_event_t *event) {
        const char *value = (const char *) event->data.scalar.value;
        YamlNode *node;
        int r;

        check_properties(reader, event, event->data.scalar.anchor, event->data.scalar.tag);
        if (strlen(value) != event->data.scalar.length)
                return refuse(reader,
                              &event->start_mark,
                              "the text holds a NUL character; leave it out");
        if (expects_key(reader)) {
                reader->key = strdup(value);
                reader->key_line = (uint32_t) event->start_mark.line + 1;
                reader->key_column = (uint32_t) event->start_mark.column + 1;
                return reader->key ? 0 : -ENOMEM;
        }
        r = add_node(reader, event, is_null(event) ? YAML_NULL : YAML_SCALAR, &node);
        if (r < 0 || node->kind == YAML_NULL)
                return r;
        node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        node->value = strdup(value);
        return node->value ? 0 : -ENOMEM;
}

static int read_alias(Reader *reader, const yaml_event_t *event) {
        YamlNode *node;

        (void) refuse(reader,
                      &event->start_mark,
                      "aliases (\"*%.60s\") are not supported; write the value out",
                      (const char *) event->data.alias.anchor);
        if (expects_key(reader))
                return -EBADMSG;
        return add_node(reader, event, YAML_NULL, &node);
}

static int read_begin(Reader *reader, const yaml_event_t *event, YamlKind kind) {
        YamlNode *node;
        int r;

        if (kind == YAML_LIST)
                check_properties(
                                reader,
                                event,
                                event->data.sequence_start.anchor,
                                event->data.sequence_start.tag);
        else
                check_properties(
                                reader,
                                event,
                                event->data.mapping_start.anchor,
                                event->data.mapping_start.tag);
        if (expects_key(reader))
                return refuse(reader,
                              &event->start_mark,
                              "a key must be text, not a list or a mapping; put it in quotes if "
                              "it is text that begins with a bracket");
        if (reader->depth++ == YAML_MAX_DEPTH)
                return refuse(reader,
                              &event->start_mark,
                              "the text is nested more than %u levels deep; make it flatter",
                              YAML_MAX_DEPTH);
        r = add_node(reader, event, kind, &node);
        if (r >= 0)
                reader->open = node;
        return r;
}

static int read_end(Reader *reader) {
        const YamlNode *ended = reader->open;
        int r = 0;

        if (ended->kind == YAML_MAP)
                r = yaml_tree_check_keys(ended, reader->diagnostics);
        reader->open = (YamlNode *) ended->parent;
        reader->depth--;
        return r;
}

static int read_event(Reader *reader, const yaml_event_t *event) {
        switch (event->type) {
        case YAML_DOCUMENT_START_EVENT:
                if (reader->n_documents++ > 0)
                        return refuse(reader,
                                      &event->start_mark,
                                      "a second document begins here; only one is read, remove "
                                      "the rest");
                return 0;
        case YAML_SCALAR_EVENT:
                return read_scalar(reader, event);
        case YAML_ALIAS_EVENT:
                return read_alias(reader, event);
        case YAML_SEQUENCE_START_EVENT:
                return read_begin(reader, event, YAML_LIST);
        case YAML_MAPPING_START_EVENT:
                return read_begin(reader, event, YAML_MAP);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
                return read_end(reader);
        case YAML_STREAM_END_EVENT:
                reader->finished = true;
                return 0;
        default:
                return 0;
        }
}

/* ---- the text ---- */

/* The place of a byte, its column counted in characters. */
static yaml_mark_t mark_of(const char *text, size_t offset) {
        yaml_mark_t mark = {};

        for (size_t i = 0; i < offset; i++) {
                if (text[i] == '\n') {
                        mark.line++;
                        mark.column = 0;
                } else if (((unsigned char) text[i] & 0xc0) != 0x80) {
                        mark.column++;
                }
        }
        return mark;
}

/* `text` ends with a NUL that does not count. */
static int check_text(Reader *reader, const char *text, size_t size) {
        _cleanup_free_ char *mended = NULL;
        size_t n = strlen(text);
        yaml_mark_t mark = mark_of(text, n);

        if (n < size)
                return refuse(reader, &mark, "the text holds a NUL character; is it a text file?");
        if (str_is_utf8(text))
                return 0;
        mended = strdup(text);
        if (!mended)
                return -ENOMEM;
        str_make_utf8(mended);
        for (n = 0; n < size && mended[n] == text[n];)
                n++;
        mark = mark_of(text, n);
        return refuse(reader, &mark, "the text is not UTF-8; save it in that encoding");
}

static int refuse_syntax(
                Reader *reader,
                const yaml_parser_t *parser,
                const char *text,
                size_t size) {
        yaml_mark_t mark = parser->problem_mark;
        const char *problem = parser->problem ? parser->problem : "no reason given";

        if (parser->error == YAML_MEMORY_ERROR)
                return -ENOMEM;
        if (parser->error == YAML_READER_ERROR)
                mark = mark_of(text, parser->problem_offset < size ? parser->problem_offset : size);
        if (parser->context)
                return refuse(reader,
                              &mark,
                              "the text is not valid YAML: %s, %s that begins in line %zu",
                              problem,
                              parser->context,
                              parser->context_mark.line + 1);
        return refuse(reader, &mark, "the text is not valid YAML: %s", problem);
}

static int read_events(Reader *reader, yaml_parser_t *parser, const char *text, size_t size) {
        while (!reader->finished) {
                yaml_event_t event;
                int r;

                if (!yaml_parser_parse(parser, &event))
                        return refuse_syntax(reader, parser, text, size);
                r = read_event(reader, &event);
                yaml_event_delete(&event);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_text(Reader *reader, const char *text, size_t size) {
        yaml_parser_t parser;
        int r;

        if (!yaml_parser_initialize(&parser))
                return -ENOMEM;
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser, (const unsigned char *) text, size);
        r = read_events(reader, &parser, text, size);
        yaml_parser_delete(&parser);
        return r;
}

int yaml_tree_read(const char *text, size_t size, YamlTree **ret, Diagnostics *diagnostics) {
        static const yaml_event_t nothing = {};
        _cleanup_yaml_tree_ YamlTree *tree = yaml_tree_new();
        Reader reader = { .tree = tree, .diagnostics = diagnostics };
        _cleanup_free_ char *copy = NULL;
        size_t n_errors = diagnostics->n_errors;
        YamlNode *node;
        int r = 0;

        if (!tree)
                return -ENOMEM;
        if (size > YAML_MAX_BYTES)
                return refuse(&reader,
                              &nothing.start_mark,
                              "the text is longer than %u bytes; make it shorter",
                              YAML_MAX_BYTES);
        copy = malloc(size + 1);
        if (!copy)
                return -ENOMEM;
        if (size > 0)
                memcpy(copy, text, size);
        copy[size] = '\0';
        r = check_text(&reader, copy, size);
        if (r >= 0)
                r = read_text(&reader, copy, size);
        if (r >= 0 && !yaml_tree_root(tree))
                r = add_node(&reader, &nothing, YAML_NULL, &node);
        free(reader.key);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(tree);
        return diagnostics->n_errors > n_errors ? 1 : 0;
}
