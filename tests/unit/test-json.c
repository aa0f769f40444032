/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writing JSON. That it reads back is tested where the reader is. */

#include "tests/lib/test.h"

#include "common/json.h"

static void check_text(Json *json, const char *expected) {
        _cleanup_free_ char *text = NULL;

        assert_ok(json_finish(json, &text));
        ck_assert_str_eq(text, expected);
        ck_assert_ptr_null(json->text.data);
}

TEST(whole_document)
{
        Json json = {};

        json_begin_object(&json, NULL);
        json_string(&json, "name", "a");
        json_number(&json, "size", UINT64_MAX);
        json_bool(&json, "yes", true);
        json_string(&json, "nothing", NULL);
        json_begin_array(&json, "list");
        json_string(&json, NULL, "b");
        json_begin_object(&json, NULL);
        json_bool(&json, "no", false);
        json_end_object(&json);
        json_begin_array(&json, NULL);
        json_end_array(&json);
        json_end_array(&json);
        json_begin_object(&json, "empty");
        json_end_object(&json);
        json_end_object(&json);
        check_text(&json,
                   "{\n"
                   "  \"name\": \"a\",\n"
                   "  \"size\": 18446744073709551615,\n"
                   "  \"yes\": true,\n"
                   "  \"nothing\": null,\n"
                   "  \"list\": [\n"
                   "    \"b\",\n"
                   "    {\n"
                   "      \"no\": false\n"
                   "    },\n"
                   "    []\n"
                   "  ],\n"
                   "  \"empty\": {}\n"
                   "}\n");
}

static const struct {
        const char *value, *text;
} strings[] = {
        { "", "\"\"\n" },
        { "a\"b\\c/", "\"a\\\"b\\\\c/\"\n" },
        { "\n\t\x01\x7f", "\"\\n\\u0009\\u0001\\u007f\"\n" },
        { "\xc3\xa4\xf0\x9f\x98\x80", "\"\xc3\xa4\xf0\x9f\x98\x80\"\n" },
        { "\xff\xc3", "\"??\"\n" },
        { "\xc2\x85\xc2\x9f\xc2\xa0", "\"\\u0085\\u009f\xc2\xa0\"\n" },
        { "\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf\xef\xbf\xbe\xef\xbf\xbf",
          "\"\\u2028\\u2029\\ufeff\\ufffe\\uffff\"\n" },
};

TEST_ROWS(strings, ELEMENTSOF(strings)) {
        Json json = {};

        json_string(&json, NULL, strings[_i].value);
        check_text(&json, strings[_i].text);
}

TEST(keys_are_escaped)
{
        Json json = {};

        json_begin_object(&json, NULL);
        json_number(&json, "a\"\n", 0);
        json_end_object(&json);
        check_text(&json, "{\n  \"a\\\"\\n\": 0\n}\n");
}

TEST(given_up_half_way)
{
        _cleanup_json_ Json json = {};

        json_begin_object(&json, NULL);
        json_string(&json, "a", "b");
}
