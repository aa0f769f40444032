/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is told of a config: all but its secrets, and nothing that no table knows. */

#include "config/config-redact.h"
#include "tests/lib/test.h"

#include <stdio.h>

static const struct {
        const char *text, *json;
} rows[] = {
        { "{}", "{}" },
        { "os: {hostname: a, users: }", "{\n    \"os\": {\n      \"hostname\": \"a\"\n    }\n  }" },
        { "os: {unknown: s3cret, users: [{name: a, uid: 7, password: {type: hashed, value: s3cret},"
          " sshPublicKeys: [s3cret, s3cret]}]}",
          "{\n    \"os\": {\n      \"users\": [\n        {\n          \"name\": \"a\",\n"
          "          \"uid\": 7,\n          \"password\": {\n            \"type\": \"hashed\",\n"
          "            \"value\": \"[redacted]\"\n          },\n"
          "          \"sshPublicKeys\": [\n            \"[redacted]\",\n"
          "            \"[redacted]\"\n          ]\n        }\n      ]\n    }\n  }" },
        { "scripts: {network: true, postCustomization: [{content: s3cret, arguments: [b],"
          " environmentVariables: {A: s3cret}}]}",
          "{\n    \"scripts\": {\n      \"network\": true,\n      \"postCustomization\": [\n"
          "        {\n          \"content\": \"[redacted]\",\n          \"arguments\": [\n"
          "            \"b\"\n          ],\n          \"environmentVariables\": {\n"
          "            \"A\": \"[redacted]\"\n          }\n        }\n      ]\n    }\n  }" },
        { "iso: {additionalFiles: [{destination: a, content: s3cret, permissions: 0600}]}",
          "{\n    \"iso\": {\n      \"additionalFiles\": [\n        {\n"
          "          \"destination\": \"a\",\n          \"content\": \"[redacted]\",\n"
          "          \"permissions\": \"0600\"\n        }\n      ]\n    }\n  }" },
        { "pxe: {downloads: [{destination: /a, url: 'http://u:s3cret@h/?s3cret', sha256: 0}]}",
          "{\n    \"pxe\": {\n      \"downloads\": [\n        {\n"
          "          \"destination\": \"/a\",\n          \"url\": \"[redacted]\",\n"
          "          \"sha256\": \"0\"\n        }\n      ]\n    }\n  }" },
};

TEST_ROWS(redacted, ELEMENTSOF(rows)) {
        _cleanup_free_ char *text = NULL, *expected = NULL;
        _cleanup_json_ Json json = {};

        json_begin_object(&json, NULL);
        assert_ok(config_write_redacted(rows[_i].text, strlen(rows[_i].text), &json, "config"));
        json_end_object(&json);
        assert_ok(json_finish(&json, &text));
        ck_assert_int_gt(asprintf(&expected, "{\n  \"config\": %s\n}\n", rows[_i].json), 0);
        ck_assert_str_eq(text, expected);
        ck_assert_ptr_null(strstr(text, "s3cret"));
}

TEST(no_config)
{
        _cleanup_json_ Json json = {};

        json_begin_object(&json, NULL);
        assert_errno(config_write_redacted("a: [", 4, &json, "config"), -EBADMSG);
}
