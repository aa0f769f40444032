/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The YAML tree: shapes, places, limits, and our own JSON read back. */

#include "tests/lib/test.h"

#include "common/json.h"
#include "common/strings.h"
#include "config/yaml.h"

static YamlTree *read_tree(const char *text) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        YamlTree *tree = NULL;
        int r = yaml_tree_read(text, strlen(text), &tree, &diagnostics);

        ck_assert_msg(r == 0,
                      "%s: %s",
                      text,
                      diagnostics.n_items ? diagnostics.items[0].message : "");
        return tree;
}

/* The tree in a line: (list), {mapping}, scalars as they are, 'quoted' ones so. */
static void print_node(const YamlNode *node, Buffer *text) {
        if (node->kind == YAML_NULL)
                assert_ok(buffer_append_string(text, "~"));
        if (node->kind == YAML_SCALAR)
                assert_ok(buffer_printf(text, node->is_plain ? "%s" : "'%s'", node->value));
        if (node->kind == YAML_LIST || node->kind == YAML_MAP)
                assert_ok(buffer_append_string(text, node->kind == YAML_LIST ? "(" : "{"));
        YAML_FOREACH(child, node) {
                ck_assert_ptr_eq(child->parent, node);
                assert_ok(
                                buffer_printf(text,
                                              "%s%s%s",
                                              child->index > 0 ? "," : "",
                                              child->key ? child->key : "",
                                              child->key ? "=" : ""));
                print_node(child, text);
        }
        if (node->kind == YAML_LIST || node->kind == YAML_MAP)
                assert_ok(buffer_append_string(text, node->kind == YAML_LIST ? ")" : "}"));
}

static const struct {
        const char *text, *tree;
} shapes[] = {
        { "", "~" },
        { "# comment", "~" },
        { "---\n...\n", "~" },
        { "a", "a" },
        { "a: 1\nb:\n- 2\n- 'x y'\n- c: ~\n", "{a=1,b=(2,'x y',{c=~})}" },
        { "{\"a\":[1,true,null,\"\"],\"b\":{}}", "{a=(1,true,~,''),b={}}" },
        { "a: |\n  one\n  two\n", "{a='one\ntwo\n'}" },
        { "a: \"\\u00e9\\/\\n\"", "{a='\u00e9/\n'}" },
        { "\xef\xbb\xbf"
          "a: b",
          "{a=b}" },
        { "%YAML 1.1\n---\na: b", "{a=b}" },
        { "a: NULL\nb: 'null'\nc: nulls", "{a=~,b='null',c=nulls}" },
        { "'': a\n~: b", "{=a,~=b}" },
};

TEST_ROWS(shapes, ELEMENTSOF(shapes)) {
        _cleanup_yaml_tree_ YamlTree *tree = read_tree(shapes[_i].text);
        _cleanup_buffer_ Buffer text = {};

        print_node(yaml_tree_root(tree), &text);
        ck_assert_str_eq(text.data, shapes[_i].tree);
}

TEST(places_count_from_one_in_characters)
{
        _cleanup_yaml_tree_ YamlTree *tree = read_tree("a:\n  \u00e9\u00e9: {x: y}\nb: [1,\n 2]\n");
        const YamlNode *x = yaml_get(
                        yaml_get(yaml_get(yaml_tree_root(tree), "a"), "\u00e9\u00e9"),
                        "x");
        const YamlNode *b = yaml_get(yaml_tree_root(tree), "b"), *second = yaml_first(b)->next;
        _cleanup_buffer_ Buffer path = {};

        ck_assert_uint_eq(x->key_line, 2);
        ck_assert_uint_eq(x->key_column, 8);
        ck_assert_uint_eq(x->line, 2);
        ck_assert_uint_eq(x->column, 11);
        ck_assert_uint_eq(second->line, 4);
        ck_assert_uint_eq(second->column, 2);
        ck_assert_uint_eq(second->key_line, 0);
        assert_ok(yaml_append_path(second, &path));
        ck_assert_str_eq(path.data, "b[1]");
        buffer_clear(&path);
        assert_ok(yaml_append_path(x, &path));
        ck_assert_str_eq(path.data, "a.\u00e9\u00e9.x");
}

TEST(accessors)
{
        _cleanup_yaml_tree_ YamlTree *tree = read_tree(
                        "{n: 42, q: '42', z: null, big: 18446744073709551616}");
        const YamlNode *root = yaml_tree_root(tree);
        uint64_t number = 0;

        assert_ok(yaml_to_u64(yaml_get(root, "n"), 42, &number));
        ck_assert_uint_eq(number, 42);
        assert_errno(yaml_to_u64(yaml_get(root, "n"), 41, &number), -ERANGE);
        assert_errno(yaml_to_u64(yaml_get(root, "big"), UINT64_MAX, &number), -ERANGE);
        assert_errno(yaml_to_u64(yaml_get(root, "q"), 99, &number), -EINVAL);
        assert_errno(yaml_to_u64(NULL, 99, &number), -EINVAL);
        ck_assert_str_eq(yaml_string(yaml_get(root, "q")), "42");
        ck_assert_ptr_null(yaml_get(root, "z"));
        ck_assert_ptr_null(yaml_string(root));
        ck_assert_ptr_null(yaml_get(yaml_get(root, "n"), "n"));
}

static const struct {
        const char *text;
        int result;
        bool value;
} booleans[] = {
        { "true", 0, true },          { "True", 0, true },          { "TRUE", 0, true },
        { "false", 0, false },        { "False", 0, false },        { "FALSE", 0, false },
        { "tRUE", -EINVAL, false },   { "yes", -EINVAL, false },    { "on", -EINVAL, false },
        { "1", -EINVAL, false },      { "'true'", -EINVAL, false }, { "", -EINVAL, false },
        { "[true]", -EINVAL, false },
};

TEST_ROWS(booleans_are_those_of_yaml_1_2, ELEMENTSOF(booleans)) {
        _cleanup_free_ char *text = str_printf("a: %s", booleans[_i].text);
        _cleanup_yaml_tree_ YamlTree *tree = read_tree(text);
        bool value = !booleans[_i].value;
        int r = yaml_to_bool(yaml_get(yaml_tree_root(tree), "a"), &value);

        ck_assert_msg(r == booleans[_i].result, "%s: %d", booleans[_i].text, r);
        ck_assert_msg(r < 0 || value == booleans[_i].value, "%s", booleans[_i].text);
        ck_assert(yaml_to_bool(NULL, &value) == -EINVAL);
}

/* ---- limits and what is refused ---- */

static const struct {
        const char *text;
        int result;
        uint32_t line, column;
        const char *message;
} refusals[] = {
        { "a: [",
          -EBADMSG,
          2,
          1,
          "the text is not valid YAML: did not find expected node content, while parsing a flow node that begins in line 2" },
        { "a: b: c",
          -EBADMSG,
          1,
          5,
          "the text is not valid YAML: mapping values are not allowed in this context" },
        { "x: 1\na: 'b",
          -EBADMSG,
          2,
          6,
          "the text is not valid YAML: found unexpected end of stream, while scanning a quoted scalar that begins in line 2" },
        { "\xc3\xa4: 1\n  \x02",
          -EBADMSG,
          2,
          3,
          "the text is not valid YAML: control characters are not allowed" },
        { "a: \xc3", -EBADMSG, 1, 4, "the text is not UTF-8; save it in that encoding" },
        { "a: \"\\0\"", -EBADMSG, 1, 4, "the text holds a NUL character; leave it out" },
        { "[a]: b",
          -EBADMSG,
          1,
          1,
          "a key must be text, not a list or a mapping; put it in quotes if it is text that begins with a bracket" },
        { "a\n---\nb",
          -EBADMSG,
          2,
          1,
          "a second document begins here; only one is read, remove the rest" },
        { "a: &x 1",
          1,
          1,
          4,
          "anchors (\"&x\") are not supported; write the value out at each place" },
        { "a: !!int 1",
          1,
          1,
          4,
          "tags (\"tag:yaml.org,2002:int\") are not supported; leave it out" },
        { "- *x", 1, 1, 3, "aliases (\"*x\") are not supported; write the value out" },
        { "*x : 1", -EBADMSG, 1, 1, "aliases (\"*x\") are not supported; write the value out" },
        { "a: {b: 1,\n b: 2}", 1, 2, 2, "a.b: is given twice, before in line 1; keep one" },
};

TEST_ROWS(refusals, ELEMENTSOF(refusals)) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;

        ck_assert_int_eq(
                        yaml_tree_read(refusals[_i].text,
                                       strlen(refusals[_i].text),
                                       &tree,
                                       &diagnostics),
                        refusals[_i].result);
        ck_assert_uint_eq(diagnostics.n_items, 1);
        ck_assert_str_eq(diagnostics.items[0].message, refusals[_i].message);
        ck_assert_uint_eq(diagnostics.items[0].line, refusals[_i].line);
        ck_assert_uint_eq(diagnostics.items[0].column, refusals[_i].column);
        ck_assert((tree != NULL) == (refusals[_i].result >= 0));
}

static void check_refused(const char *text, size_t size, const char *message) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;

        assert_errno(yaml_tree_read(text, size, &tree, &diagnostics), -EBADMSG);
        ck_assert_ptr_null(tree);
        ck_assert_str_eq(diagnostics.items[0].message, message);
}

static char *repeat(const char *s, size_t n) {
        char *text = malloc(strlen(s) * n + 1), *end = text;

        for (size_t i = 0; i < n; i++)
                end = stpcpy(end, s);
        *end = '\0';
        return text;
}

TEST(limit_bytes)
{
        _cleanup_free_ char *text = repeat("#", YAML_MAX_BYTES + 1);
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;

        check_refused(text,
                      YAML_MAX_BYTES + 1,
                      "the text is longer than 1048576 bytes; make it shorter");
        assert_ok(yaml_tree_read(text, YAML_MAX_BYTES, &tree, &diagnostics));
}

TEST(limit_depth)
{
        _cleanup_free_ char *open = repeat("[", 500000), *close = repeat("]", YAML_MAX_DEPTH);
        _cleanup_free_ char *deepest = str_printf("%.32s%s", open, close);

        yaml_tree_free(read_tree(deepest));
        check_refused(open, 500000, "the text is nested more than 32 levels deep; make it flatter");
}

TEST(limit_nodes)
{
        _cleanup_free_ char *text = repeat("- a\n", YAML_MAX_NODES);

        text[4 * (YAML_MAX_NODES - 1)] = '\0'; /* and the list itself */
        yaml_tree_free(read_tree(text));
        text[4 * (YAML_MAX_NODES - 1)] = '-';
        check_refused(text, strlen(text), "the text has more than 50000 values; make it shorter");
}

/* Every bound at once, one row for what just fits and one for what is too much; `times` is how often
 * the middle is there. */
static const struct {
        const char *begin, *middle, *end;
        size_t times;
        const char *message; /* NULL: it is read */
} limit_rows[] = {
        { "", "#", "", YAML_MAX_BYTES, NULL },
        { "", "#", "", YAML_MAX_BYTES + 1, "longer than 1048576 bytes" },
        { "a: \"", "x", "\"", YAML_MAX_BYTES - 5, NULL },
        { "", "{a: ", "", YAML_MAX_DEPTH + 1, "nested more than 32 levels deep" },
        { "", "- ", "", YAML_MAX_DEPTH + 1, "nested more than 32 levels deep" },
        { "", "[", "", 500000, "nested more than 32 levels deep" },
        { "[", "a,", "]", YAML_MAX_NODES - 2, NULL },
        { "[", "a,", "]", YAML_MAX_NODES + 1, "more than 50000 values" },
        { "[", "[],", "]", YAML_MAX_NODES + 1, "more than 50000 values" },
        { "a: &x [l, o, l]\nb: [", "*x, ", "]\n", 9, "anchors (\"&x\") are not supported" },
        { "b: [", "*x, ", "]\n", 3, "aliases (\"*x\") are not supported" },
        { "a: &a [*a]\n", "", "", 0, "anchors (\"&a\") are not supported" },
        { "a: {<<: *x", "}", "", 1, "aliases (\"*x\") are not supported" },
        { "a: 1\n", "b: 1\n", "", 1, NULL },
        { "a: 1\n", "b: 1\n", "", 2, "b: is given twice, before in line 2" },
        { "{", "a: 1, ", "}", 30000, "a: is given twice" },
        { "a: 1\n", "\"\\x61\": 2\n", "", 1, "a: is given twice" },
        { "a: 1\n", "---\n", "", 1, "a second document begins here" },
        { "", "---\na: 1\n...\n", "", 2, "a second document begins here" },
        { "", "!!binary ", "aGk=", 1, "tags (\"tag:yaml.org,2002:binary\") are not supported" },
        { "!<tag:x,2026:", "y", "> {}", 1000, "are not supported; leave it out" },
        { "!!map ", "", "{a: 1}", 0, "tags (\"tag:yaml.org,2002:map\") are not supported" },
        { "a: ! x", "", "", 0, "tags (\"!\") are not supported" },
        { "%TAG ! tag:x:\n---\n!y ", "a", "", 1, "tags (\"tag:x:y\") are not supported" },
        { "? [a]\n", "", ": b", 0, "a key must be text, not a list or a mapping" },
        { "? ", "{a: ", "", 20, "a key must be text, not a list or a mapping" },
        { "\"", "k", "\": 1", 1100, "the text is not valid YAML" },
        { "a: \"", "\\0", "\"", 1, "the text holds a NUL character" },
        { "a: ", "\xed\xa0\x80", "", 1, "the text is not UTF-8" },
        { "\xff\xfe", "a\x01", "", 1, "the text is not UTF-8" },
};

TEST_ROWS(yaml_limits, ELEMENTSOF(limit_rows)) {
        _cleanup_free_ char *middle = repeat(limit_rows[_i].middle, limit_rows[_i].times);
        _cleanup_free_ char *text = str_printf(
                        "%s%s%s",
                        limit_rows[_i].begin,
                        middle,
                        limit_rows[_i].end);
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        int r = yaml_tree_read(text, strlen(text), &tree, &diagnostics);

        if (!limit_rows[_i].message) {
                ck_assert_int_eq(r, 0);
                return;
        }
        ck_assert_msg(r == 1 || r == -EBADMSG, "%d", r);
        ck_assert_uint_gt(diagnostics.n_errors, 0);
        ck_assert_uint_le(diagnostics.n_items, DIAGNOSTICS_MAX);
        ck_assert_msg(strstr(diagnostics.items[0].message, limit_rows[_i].message),
                      "\"%s\" lacks \"%s\"",
                      diagnostics.items[0].message,
                      limit_rows[_i].message);
}

TEST(nul_is_refused)
{ check_refused("a\0b", 3, "the text holds a NUL character; is it a text file?"); }

/* ---- our own records ---- */

TEST(json_reads_back)
{
        static const char *const texts[] = {
                "",
                "plain",
                "null",
                "true",
                " blanks ",
                "a: b # c",
                "line\nbreak\r\n\ttab",
                "\"quotes\" \\",
                "\x01\x1f\x7f",
                "\u00e9\u4e2d\U0001f600",
                "\xc2\x85\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf\xef\xbf\xbe\xc2\x9b",
                "- x",
                "{[",
                "~",
        };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        _cleanup_free_ char *text = NULL;
        Json json = {};
        size_t n = 0;

        json_begin_array(&json, NULL);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                json_string(&json, NULL, texts[i]);
        json_end_array(&json);
        assert_ok(json_finish(&json, &text));
        assert_errno(yaml_tree_read(text, strlen(text), &tree, &diagnostics), 0);
        YAML_FOREACH(child, yaml_tree_root(tree))
        ck_assert_str_eq(yaml_string(child), texts[n++]);
        ck_assert_uint_eq(n, ELEMENTSOF(texts));
}
