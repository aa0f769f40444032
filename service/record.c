/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Records. JSON is read by the YAML parser; a mistake that the parser can pass over (a key twice) is
 * one that makes two readers see two records, so it counts like any other.
 */

#include "service/record.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/fd.h"
#include "common/strings.h"

#define VERSION     1
#define VERSION_KEY "version"

void record_begin(Json *json) {
        json_begin_object(json, /* key= */ NULL);
        json_number(json, VERSION_KEY, VERSION);
}

void record_write(Json *json, const RecordMember *members, size_t n_members, const void *from) {
        for (const RecordMember *member = members; member < members + n_members; member++) {
                const void *at = (const char *) from + member->offset;

                switch (member->type) {
                case RECORD_U32:
                        json_number(json, member->key, *(const uint32_t *) at);
                        break;
                case RECORD_U64:
                        json_number(json, member->key, *(const uint64_t *) at);
                        break;
                case RECORD_TEXT:
                        json_string(json, member->key, *(char *const *) at);
                        break;
                }
        }
}

int record_parse_json(
                const char *text,
                size_t size,
                const char *what,
                YamlTree **ret,
                Failure *reterr) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        int r;

        assert(text && what && ret);

        r = yaml_tree_read(text, size, &tree, &diagnostics);
        if (r == -ENOMEM)
                return r;
        if (r != 0)
                return failure_set(
                                reterr,
                                -EIO,
                                "%s is not JSON: %s",
                                what,
                                diagnostics.n_items > 0 ? diagnostics.items[0].message : "");
        *ret = TAKE_PTR(tree);
        return 0;
}

int record_parse(const char *text, size_t size, YamlTree **ret, Failure *reterr) {
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        uint64_t version;
        int r;

        if (size > RECORD_MAX_BYTES)
                return failure_set(reterr, -EIO, "The record is too long.");
        r = record_parse_json(text, size, "The record", &tree, reterr);
        if (r < 0)
                return r;
        if (yaml_to_u64(yaml_get(yaml_tree_root(tree), VERSION_KEY), UINT32_MAX, &version) < 0 ||
            version != VERSION)
                return failure_set(reterr, -EIO, "The record is of no known version.");
        *ret = TAKE_PTR(tree);
        return 0;
}

static int read_text(const YamlNode *node, char **ret) {
        const char *text = yaml_string(node);

        if (!node)
                return 0;
        if (!text)
                return -EIO;
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

static int read_member(const YamlNode *root, const RecordMember *member, void *at) {
        const YamlNode *node = yaml_get(root, member->key);
        uint64_t max = member->type == RECORD_U32 ? UINT32_MAX : UINT64_MAX, number;

        if (member->type == RECORD_TEXT)
                return read_text(node, at);
        if (yaml_to_u64(node, max, &number) < 0)
                return -EIO;
        if (member->type == RECORD_U32)
                *(uint32_t *) at = (uint32_t) number;
        else
                *(uint64_t *) at = number;
        return 0;
}

int record_read(const YamlNode *root,
                const RecordMember *members,
                size_t n_members,
                void *to,
                Failure *reterr) {
        for (const RecordMember *member = members; member < members + n_members; member++) {
                int r = read_member(root, member, (char *) to + member->offset);

                if (r == -EIO)
                        return failure_set(
                                        reterr,
                                        r,
                                        "The record's member '%s' is missing or of another type.",
                                        member->key);
                if (r < 0)
                        return r;
        }
        return 0;
}

int record_load(int folder_fd, uint32_t id, char **ret_text, size_t *ret_size, Failure *reterr) {
        _cleanup_free_ char *path = str_printf("%u/" RECORD_NAME, id);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!path)
                return -ENOMEM;
        fd = fd_open_beneath(folder_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
        r = fd < 0 ? fd : fd_pread_all(fd, RECORD_MAX_BYTES, ret_text, ret_size);
        return r < 0 ? failure_set_errno(reterr, r, "Cannot read '%s'", path) : 0;
}
