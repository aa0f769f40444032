/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The manifest of an artifact as the service reads it: out of a worker's hands, so with suspicion. */

#include "service/manifest.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "config/artifact.h"
#include "config/config-values.h"
#include "service/record.h"

#define DIGITS             "0123456789abcdef"
#define ITSELF_PERMISSIONS 0644 /* no secret, for whoever gets the artifact */

/* A relative path without empty parts, "." and "..", of printable characters. */
static bool path_is_good(const char *path) {
        size_t size = strlen(path), part = 0;

        if (size == 0 || size > MANIFEST_PATH_MAX || path[size - 1] == '/')
                return false;
        for (const char *s = path; *s; s++)
                if ((unsigned char) *s < 0x20 || *s == 0x7f)
                        return false;
        for (const char *s = path; *s; s += part + (s[part] == '/')) {
                part = strcspn(s, "/");
                if (part == 0 || (part == 1 && s[0] == '.') ||
                    (part == 2 && s[0] == '.' && s[1] == '.'))
                        return false;
        }
        return true;
}

static int read_file(const YamlNode *node, ManifestFile *ret, Failure *reterr) {
        const char *path = yaml_string(yaml_get(node, "path"));
        const char *digest = yaml_string(yaml_get(node, "sha256"));
        const char *permissions = yaml_string(yaml_get(node, "permissions"));
        uint64_t size;

        if (!path || !path_is_good(path))
                return failure_set(reterr, -EIO, "The manifest has a file without a proper path.");
        if (!digest || strlen(digest) != DIGEST_SIZE - 1 ||
            strspn(digest, DIGITS) != DIGEST_SIZE - 1 ||
            yaml_to_u64(yaml_get(node, "size"), INT64_MAX, &size) < 0 || !permissions ||
            config_value_permissions(permissions, &ret->permissions, /* reterr= */ NULL) < 0)
                return failure_set(
                                reterr,
                                -EIO,
                                "The manifest lacks size, permissions or digest of '%s'.",
                                path);
        ret->path = strdup(path);
        if (!ret->path)
                return -ENOMEM;
        ret->size_bytes = size;
        memcpy(ret->digest, digest, sizeof(ret->digest));
        return 0;
}

static int compare_files(const void *a, const void *b) {
        return strcmp(((const ManifestFile *) a)->path, ((const ManifestFile *) b)->path);
}

/* The manifest among its own files. */
static int add_itself(const char *text, size_t size, Manifest *manifest) {
        ManifestFile *itself = &manifest->files[manifest->n_files];

        itself->path = strdup(ARTIFACT_MANIFEST);
        if (!itself->path)
                return -ENOMEM;
        itself->size_bytes = size;
        itself->permissions = ITSELF_PERMISSIONS;
        digest_bytes(text, size, itself->digest);
        manifest->n_files++;
        return 0;
}

static int read_files(const YamlNode *list, Manifest *manifest, Failure *reterr) {
        if (!list || list->kind != YAML_LIST || list->n_children == 0 ||
            list->n_children > MANIFEST_FILES_MAX)
                return failure_set(
                                reterr,
                                -EIO,
                                "The manifest has no list of 1 to %u files.",
                                MANIFEST_FILES_MAX);
        manifest->files = calloc(list->n_children + 1, sizeof(*manifest->files));
        if (!manifest->files)
                return -ENOMEM;
        YAML_FOREACH(node, list) {
                int r = read_file(node, &manifest->files[manifest->n_files], reterr);

                if (r < 0)
                        return r;
                manifest->n_files++;
        }
        return 0;
}

static int sort_files(Manifest *manifest, Failure *reterr) {
        qsort(manifest->files, manifest->n_files, sizeof(*manifest->files), compare_files);
        for (size_t i = 1; i < manifest->n_files; i++)
                if (str_equal(manifest->files[i - 1].path, manifest->files[i].path))
                        return failure_set(
                                        reterr,
                                        -EIO,
                                        "The manifest has '%s' twice.",
                                        manifest->files[i].path);
        return 0;
}

static int read_url(const YamlNode *node, Manifest *manifest) {
        const char *url = yaml_string(node);

        if (!url)
                return 0;
        manifest->bootstrap_url = strdup(url);
        return manifest->bootstrap_url ? 0 : -ENOMEM;
}

int manifest_parse(const char *text, size_t size, Manifest *ret, Failure *reterr) {
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        _cleanup_manifest_ Manifest manifest = {};
        const YamlNode *root;
        int r;

        assert(text && ret);

        r = record_parse_json(text, size, "The manifest", &tree, reterr);
        if (r < 0)
                return r;
        root = yaml_tree_root(tree);
        r = read_files(yaml_get(root, "files"), &manifest, reterr);
        if (r >= 0)
                r = add_itself(text, size, &manifest);
        if (r >= 0)
                r = sort_files(&manifest, reterr);
        if (r >= 0)
                r = read_url(yaml_get(root, "bootstrapUrl"), &manifest);
        if (r < 0)
                return r;
        *ret = manifest;
        manifest = (Manifest){};
        return 0;
}

const ManifestFile *manifest_find(const Manifest *manifest, const char *path) {
        const ManifestFile key = { .path = (char *) path };

        return bsearch(&key,
                       manifest->files,
                       manifest->n_files,
                       sizeof(*manifest->files),
                       compare_files);
}

bool manifest_has_pxe(const Manifest *manifest) {
        for (size_t i = 0; i < manifest->n_files; i++)
                if (str_after_prefix(manifest->files[i].path, ARTIFACT_PXE "/"))
                        return true;
        return false;
}

/* The URL's path below the target's, NULL when it lies elsewhere. */
static const char *path_below(const char *url, const char *target_url) {
        const char *rest = str_after_prefix(url, target_url);

        return rest && *rest == '/' ? rest + 1 : NULL;
}

int manifest_check_url(const Manifest *manifest, const char *url, Failure *reterr) {
        _cleanup_free_ char *path = NULL;
        const char *rest;

        if (!manifest_has_pxe(manifest))
                return failure_set(
                                reterr,
                                -ENOPKG,
                                "The artifact has no files for a PXE server; build it with format \"pxe\" or with PXE artifacts.");
        if (!manifest->bootstrap_url)
                return 0;
        rest = path_below(manifest->bootstrap_url, url);
        path = str_printf(ARTIFACT_HTTP "/%s", rest ? rest : "");
        if (!path)
                return -ENOMEM;
        if (rest && manifest_find(manifest, path))
                return 0;
        return failure_set(
                        reterr,
                        -ENOPKG,
                        "The artifact boots from %s, but the target's files are reached as %s/; build it with pxe.bootstrapBaseUrl: %s",
                        manifest->bootstrap_url,
                        url,
                        url);
}

void manifest_done(Manifest *manifest) {
        for (size_t i = 0; i < manifest->n_files; i++)
                free(manifest->files[i].path);
        free(manifest->files);
        free(manifest->bootstrap_url);
        *manifest = (Manifest){};
}
