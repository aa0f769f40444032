/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The settings: one table for each mapping, with a row for each key, and what a table cannot say. */

#include "service/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/fd.h"
#include "common/strings.h"
#include "config/yaml.h"
#include "service/settings-reader.h"

#ifndef PXED_WORKER
#define PXED_WORKER "/usr/libexec/pxed-worker"
#endif

#define GIB          (UINT64_C(1) << 30)
#define MIB          (UINT64_C(1) << 20)
#define USEC_PER_SEC UINT64_C(1000000)
#define IDS_BASE     1879048192U
#define IDS_PER_JOB  65536U

static const char *const limits_choices[] = { "refuse", "allow", NULL };
static const char *const reader_choices[] = { "auto", "userspace", "kernel", NULL };

/* clang-format off */
#define LIMIT(key, type, member, min, max) { key, type, offsetof(Settings, member), min, max, NULL }
static const SettingsKey keys[] = {
        { "state",       SETTINGS_KEY_PATH,    offsetof(Settings, state),     0, 0, NULL },
        { "scratch",     SETTINGS_KEY_PATH,    offsetof(Settings, scratch),   0, 0, NULL },
        { "images",      SETTINGS_KEY_PATHS,   offsetof(Settings, images),    0, SETTINGS_IMAGES_MAX, NULL },
        { "networkAllow", SETTINGS_KEY_RANGES, offsetof(Settings, network_allow), 0, SETTINGS_ALLOW_MAX, NULL },
        { "worker",      SETTINGS_KEY_PATH,    offsetof(Settings, worker),    0, 0, NULL },
        { "idsBase",     SETTINGS_KEY_U32,     offsetof(Settings, ids_base),  IDS_PER_JOB, UINT32_MAX - SETTINGS_RUNNING_MAX * IDS_PER_JOB, NULL },
        { "idleSeconds", SETTINGS_KEY_SECONDS, offsetof(Settings, idle_usec), 0, 86400, NULL },
        { "withoutLimits", SETTINGS_KEY_CHOICE, offsetof(Settings, without_limits), 0, 0, limits_choices },
        { "reader",      SETTINGS_KEY_CHOICE,  offsetof(Settings, reader),    0, 0, reader_choices },
        { "limits",      SETTINGS_KEY_NESTED,  0,                             0, 0, NULL },
        { "targets",     SETTINGS_KEY_NESTED,  0,                             0, 0, NULL },
};

static const SettingsKey limit_keys[] = {
        LIMIT("running",        SETTINGS_KEY_U32,     queue.running,          1, SETTINGS_RUNNING_MAX),
        LIMIT("runningPerUser", SETTINGS_KEY_U32,     queue.running_per_user, 1, SETTINGS_RUNNING_MAX),
        LIMIT("queued",         SETTINGS_KEY_U32,     queue.living,           1, 1024),
        LIMIT("queuedPerUser",  SETTINGS_KEY_U32,     queue.living_per_user,  1, 1024),
        LIMIT("callsPerSecond", SETTINGS_KEY_U32,     callers.calls_per_second, 1, 1000000),
        LIMIT("callsBurst",     SETTINGS_KEY_U32,     callers.burst,          1, 1000000),
        LIMIT("jobsKept",       SETTINGS_KEY_U32,     jobs_kept,              1, 10000),
        LIMIT("jobSeconds",     SETTINGS_KEY_SECONDS, job_timeout_usec,       1, 7 * 86400),
        LIMIT("contextBytes",   SETTINGS_KEY_U64,     context_max_bytes,      MIB, 1024 * GIB),
        LIMIT("imageBytes",     SETTINGS_KEY_U64,     image_max_bytes,        MIB, 64 * 1024 * GIB),
        LIMIT("logBytes",       SETTINGS_KEY_U64,     log_max_bytes,          MIB / 16, GIB),
        LIMIT("freeBytes",      SETTINGS_KEY_U64,     free_bytes,             0, 64 * 1024 * GIB),
        LIMIT("memoryBytes",    SETTINGS_KEY_U64,     memory_max_bytes,       64 * MIB, 64 * 1024 * GIB),
        LIMIT("scratchBytes",   SETTINGS_KEY_U64,     scratch_max_bytes,      64 * MIB, 64 * 1024 * GIB),
        LIMIT("processes",      SETTINGS_KEY_U32,     processes_max,          64, 4194304),
};

static const SettingsKey target_keys[] = {
        { "name",     SETTINGS_KEY_NAME, offsetof(SettingsTarget, name),      0, 0, NULL },
        { "tftpRoot", SETTINGS_KEY_PATH, offsetof(SettingsTarget, tftp_root), 0, 0, NULL },
        { "httpRoot", SETTINGS_KEY_PATH, offsetof(SettingsTarget, http_root), 0, 0, NULL },
        { "url",      SETTINGS_KEY_URL,  offsetof(SettingsTarget, url),       0, 0, NULL },
};
/* clang-format on */

/* True for the same path, too. */
static bool path_is_below(const char *path, const char *folder) {
        const char *rest = str_after_prefix(path, folder);

        return rest && (*rest == '\0' || *rest == '/');
}

static void check_target(
                const Settings *settings,
                const SettingsTarget *target,
                const YamlNode *node,
                Diagnostics *diagnostics) {
        if (!target->name || !target->tftp_root || !target->http_root || !target->url) {
                settings_complain(diagnostics, node, "needs name, tftpRoot, httpRoot and url");
                return;
        }
        /* Each is exchanged as a whole. */
        if (path_is_below(target->tftp_root, target->http_root) ||
            path_is_below(target->http_root, target->tftp_root))
                settings_complain(
                                diagnostics,
                                node,
                                "tftpRoot and httpRoot must not lie in each other");
        for (const SettingsTarget *other = settings->targets; other < target; other++)
                if (str_equal(other->name, target->name))
                        settings_complain(diagnostics, node, "has the name of an earlier target");
}

static int read_targets(const YamlNode *list, Settings *settings, Diagnostics *diagnostics) {
        if (!list)
                return 0;
        if (list->kind != YAML_LIST || list->n_children > SETTINGS_TARGETS_MAX) {
                settings_complain(diagnostics, list, "must be a list of at most 64 targets");
                return 0;
        }
        settings->targets = calloc(list->n_children + 1, sizeof(*settings->targets));
        if (!settings->targets)
                return -ENOMEM;
        YAML_FOREACH(node, list) {
                SettingsTarget *target = &settings->targets[settings->n_targets++];
                int r = settings_read_map(
                                node,
                                target_keys,
                                ELEMENTSOF(target_keys),
                                target,
                                diagnostics);

                if (r < 0)
                        return r;
                check_target(settings, target, node, diagnostics);
        }
        return 0;
}

static int set_defaults(Settings *settings) {
        *settings = (Settings){
                .state = strdup("/var/lib/pxed"),
                .scratch = strdup("/var/tmp/pxed"),
                .worker = strdup(PXED_WORKER),
                .queue = { .running = 2,
                           .running_per_user = 1,
                           .living = 32,
                           .living_per_user = 8 },
                .callers = { .calls_per_second = 100, .burst = 400 },
                .context_max_bytes = GIB,
                .image_max_bytes = 64 * GIB,
                .log_max_bytes = 16 * MIB,
                .free_bytes = SETTINGS_FREE_BYTES_AUTO,
                .memory_max_bytes = 4 * GIB,
                .scratch_max_bytes = 32 * GIB,
                .processes_max = 4096,
                .jobs_kept = 256,
                .job_timeout_usec = 2 * 3600 * USEC_PER_SEC,
                .idle_usec = 60 * USEC_PER_SEC,
                .ids_base = IDS_BASE,
        };
        return settings->state && settings->scratch && settings->worker ? 0 : -ENOMEM;
}

static int default_images(Settings *settings) {
        if (settings->images)
                return 0;
        return strv_append_take(&settings->images, str_printf("%s/images", settings->state));
}

static int refuse(const char *name, const Diagnostics *diagnostics, Failure *reterr) {
        _cleanup_buffer_ Buffer text = {};

        for (size_t i = 0; i < diagnostics->n_items; i++) {
                const Diagnostic *d = &diagnostics->items[i];
                const char *separator = i > 0 ? "\n" : "";

                if (buffer_printf(&text,
                                  "%s%s:%u:%u: %s",
                                  separator,
                                  name,
                                  d->line,
                                  d->column,
                                  d->message) < 0)
                        return -ENOMEM;
        }
        return failure_set(reterr, -EBADMSG, "%s", text.data ? text.data : name);
}

int settings_parse(
                const char *text,
                size_t size,
                const char *name,
                Settings *ret,
                Failure *reterr) {
        _cleanup_settings_ Settings settings = {};
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;
        const YamlNode *root;
        int r;

        r = yaml_tree_read(text, size, &tree, &diagnostics);
        if (r == -EBADMSG)
                return refuse(name, &diagnostics, reterr);
        if (r < 0)
                return r;
        root = yaml_tree_root(tree);
        if (root && root->kind == YAML_NULL)
                root = NULL;
        r = set_defaults(&settings);
        if (r >= 0)
                r = settings_read_map(root, keys, ELEMENTSOF(keys), &settings, &diagnostics);
        if (r >= 0)
                r = settings_read_map(
                                yaml_get(root, "limits"),
                                limit_keys,
                                ELEMENTSOF(limit_keys),
                                &settings,
                                &diagnostics);
        if (r >= 0)
                r = read_targets(yaml_get(root, "targets"), &settings, &diagnostics);
        if (r >= 0)
                r = default_images(&settings);
        if (r < 0)
                return r;
        if (diagnostics_result(&diagnostics) < 0)
                return refuse(name, &diagnostics, reterr);
        *ret = settings;
        settings = (Settings){};
        return 0;
}

int settings_load(const char *path, Settings *ret, Failure *reterr) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (fd < 0 && errno == ENOENT && str_equal(path, SETTINGS_PATH))
                return settings_parse("", 0, path, ret, reterr);
        r = fd < 0 ? -errno : fd_pread_all(fd, SETTINGS_MAX_BYTES, &text, &size);
        if (r < 0)
                return failure_set_errno(reterr, r, "Cannot read the settings '%s'", path);
        return settings_parse(text, size, path, ret, reterr);
}

void settings_done(Settings *settings) {
        free(settings->state);
        free(settings->scratch);
        strv_free(settings->images);
        strv_free(settings->network_allow);
        free(settings->worker);
        for (size_t i = 0; i < settings->n_targets; i++) {
                free(settings->targets[i].name);
                free(settings->targets[i].tftp_root);
                free(settings->targets[i].http_root);
                free(settings->targets[i].url);
        }
        free(settings->targets);
        *settings = (Settings){};
}
