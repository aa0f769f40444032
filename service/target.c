/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What was exported to which target: one small record each, the worker's trees being its truth. */

#include "service/target.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/json.h"
#include "common/strings.h"
#include "config/order.h"
#include "config/yaml.h"
#include "service/log-events.h"

#define RECORD_VERSION   1
#define RECORD_MAX_BYTES 4096U

static char *record_name(const Target *target) {
        return str_printf("%s.json", target->settings->name);
}

static int parse_record(const char *text, size_t size, Target *target) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        uint64_t version, current, previous;
        const YamlNode *root;
        int r;

        r = yaml_tree_read(text, size, &tree, &diagnostics);
        if (r < 0)
                return r;
        root = yaml_tree_root(tree);
        if (yaml_to_u64(yaml_get(root, "version"), UINT32_MAX, &version) < 0 ||
            version != RECORD_VERSION ||
            yaml_to_u64(yaml_get(root, "current"), UINT32_MAX, &current) < 0 ||
            yaml_to_u64(yaml_get(root, "previous"), UINT32_MAX, &previous) < 0)
                return -EBADMSG;
        target->current = (uint32_t) current;
        target->previous = (uint32_t) previous;
        return 0;
}

int target_load(Target *target, const Store *store, Failure *reterr) {
        _cleanup_free_ char *name = record_name(target), *text = NULL;
        size_t size;
        int r;

        target->current = target->previous = 0;
        if (!name)
                return -ENOMEM;
        r = fs_read_in_root(store->targets_fd, name, RECORD_MAX_BYTES, &text, &size);
        if (r == -ENOENT)
                return 0;
        if (r >= 0)
                r = parse_record(text, size, target);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "Cannot read what was exported to '%s', taking it for nothing",
                                target->settings->name);
        return 0;
}

static int save(const Target *target, const Store *store, Failure *reterr) {
        _cleanup_free_ char *name = record_name(target), *text = NULL;
        _cleanup_json_ Json json = {};
        int r;

        json_begin_object(&json, NULL);
        json_number(&json, "version", RECORD_VERSION);
        json_number(&json, "current", target->current);
        json_number(&json, "previous", target->previous);
        json_end_object(&json);
        r = json_finish(&json, &text);
        if (r >= 0 && !name)
                r = -ENOMEM;
        if (r >= 0)
                r = fs_write_atomic(store->targets_fd, name, text, strlen(text), 0600);
        if (r < 0)
                return failure_set_errno(
                                reterr,
                                r,
                                "Cannot note the export to '%s'",
                                target->settings->name);
        return 0;
}

int target_note_export(Target *target, const Store *store, uint32_t artifact, Failure *reterr) {
        target->previous = target->current;
        target->current = artifact;
        return save(target, store, reterr);
}

int target_note_restore(Target *target, const Store *store, Failure *reterr) {
        uint32_t current = target->current;

        target->current = target->previous;
        target->previous = current;
        return save(target, store, reterr);
}

int target_open_root(const char *path, TargetRoot *ret, Failure *reterr) {
        const char *name = strrchr(path, '/');
        _cleanup_free_ char *folder = NULL;
        _cleanup_target_root_ TargetRoot root = TARGET_ROOT_NULL;

        assert(name && name[1] != '\0'); /* by the settings' rules */
        folder = strndup(path, name == path ? 1 : (size_t) (name - path));
        root.name = strdup(name + 1);
        if (!folder || !root.name)
                return -ENOMEM;
        root.folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (root.folder_fd < 0)
                return failure_set(
                                reterr,
                                -EIO,
                                "The folder '%s', which holds the target's root, cannot be opened (%s); it has to exist.",
                                folder,
                                strerror(errno));
        *ret = root;
        root = TARGET_ROOT_NULL;
        return 0;
}

void target_sweep(const Target *target) {
        const char *const paths[] = { target->settings->tftp_root, target->settings->http_root };

        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                _cleanup_target_root_ TargetRoot root = TARGET_ROOT_NULL;
                _cleanup_free_ char *name = NULL;
                int r = target_open_root(paths[i], &root, /* reterr= */ NULL);

                if (r < 0)
                        continue;
                name = str_printf(ORDER_ROOT_NEW, root.name);
                r = name ? fs_remove_tree(root.folder_fd, name) : -ENOMEM;
                if (r < 0)
                        log_event(&log_event_trouble,
                                  r,
                                  /* fields= */ NULL,
                                  "Cannot remove what an export left beside '%s', ignoring: %s",
                                  paths[i],
                                  strerror(-r));
        }
}

void target_root_done(TargetRoot *root) {
        cleanup_close(&root->folder_fd);
        free(root->name);
        *root = TARGET_ROOT_NULL;
}
