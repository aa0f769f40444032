/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The settings: one table row for each key. Texts, numbers and lists are read by the row's type;
 * only the targets, being a list of mappings, have a table of their own.
 */

#include "service/settings.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "common/cidr.h"
#include "common/fd.h"
#include "common/strings.h"
#include "config/yaml.h"

#ifndef PXED_WORKER
#define PXED_WORKER "/usr/libexec/pxed-worker"
#endif

#define GIB           (UINT64_C(1) << 30)
#define MIB           (UINT64_C(1) << 20)
#define USEC_PER_SEC  UINT64_C(1000000)
#define IDS_BASE      1879048192U
#define IDS_PER_JOB   65536U
#define NAME_MAX_SIZE 64U

typedef enum KeyType {
        KEY_PATH,    /* char *: absolute */
        KEY_PATHS,   /* char **: absolute */
        KEY_RANGES,  /* char **: of addresses */
        KEY_U32,     /* uint32_t */
        KEY_U64,     /* uint64_t */
        KEY_SECONDS, /* uint64_t in microseconds, written in seconds */
        KEY_NAME,    /* char * */
        KEY_URL,     /* char * */
        KEY_CHOICE,  /* an enum, by the words of its row in their order */
        KEY_NESTED,  /* has rows or a table of its own */
} KeyType;

typedef struct Key {
        const char *section; /* NULL: top */
        const char *name;
        KeyType type;
        size_t offset;
        uint64_t min, max;          /* of numbers, as written */
        const char *const *choices; /* of KEY_CHOICE */
} Key;

static const char *const limits_choices[] = { "refuse", "allow", NULL };
static const char *const reader_choices[] = { "auto", "userspace", "kernel", NULL };

/* clang-format off */
#define LIMIT(key, type, member, min, max) { "limits", key, type, offsetof(Settings, member), min, max, NULL }
static const Key keys[] = {
        { NULL, "state",       KEY_PATH,    offsetof(Settings, state),     0, 0, NULL },
        { NULL, "scratch",     KEY_PATH,    offsetof(Settings, scratch),   0, 0, NULL },
        { NULL, "images",      KEY_PATHS,   offsetof(Settings, images),    0, 0, NULL },
        { NULL, "networkAllow", KEY_RANGES, offsetof(Settings, network_allow), 0, 0, NULL },
        { NULL, "worker",      KEY_PATH,    offsetof(Settings, worker),    0, 0, NULL },
        { NULL, "idsBase",     KEY_U32,     offsetof(Settings, ids_base),  IDS_PER_JOB, UINT32_MAX - SETTINGS_RUNNING_MAX * IDS_PER_JOB, NULL },
        { NULL, "idleSeconds", KEY_SECONDS, offsetof(Settings, idle_usec), 0, 86400, NULL },
        { NULL, "withoutLimits", KEY_CHOICE, offsetof(Settings, without_limits), 0, 0, limits_choices },
        { NULL, "reader",      KEY_CHOICE,  offsetof(Settings, reader),    0, 0, reader_choices },
        { NULL, "limits",      KEY_NESTED,  0,                             0, 0, NULL },
        { NULL, "targets",     KEY_NESTED,  0,                             0, 0, NULL },
        LIMIT("running",        KEY_U32,     queue.running,          1, SETTINGS_RUNNING_MAX),
        LIMIT("runningPerUser", KEY_U32,     queue.running_per_user, 1, SETTINGS_RUNNING_MAX),
        LIMIT("queued",         KEY_U32,     queue.living,           1, 1024),
        LIMIT("queuedPerUser",  KEY_U32,     queue.living_per_user,  1, 1024),
        LIMIT("callsPerSecond", KEY_U32,     callers.calls_per_second, 1, 1000000),
        LIMIT("callsBurst",     KEY_U32,     callers.burst,          1, 1000000),
        LIMIT("jobsKept",       KEY_U32,     jobs_kept,              1, 10000),
        LIMIT("jobSeconds",     KEY_SECONDS, job_timeout_usec,       1, 7 * 86400),
        LIMIT("contextBytes",   KEY_U64,     context_max_bytes,      MIB, 1024 * GIB),
        LIMIT("imageBytes",     KEY_U64,     image_max_bytes,        MIB, 64 * 1024 * GIB),
        LIMIT("logBytes",       KEY_U64,     log_max_bytes,          MIB / 16, GIB),
        LIMIT("freeBytes",      KEY_U64,     free_bytes,             0, 64 * 1024 * GIB),
        LIMIT("memoryBytes",    KEY_U64,     memory_max_bytes,       64 * MIB, 64 * 1024 * GIB),
        LIMIT("scratchBytes",   KEY_U64,     scratch_max_bytes,      64 * MIB, 64 * 1024 * GIB),
        LIMIT("processes",      KEY_U32,     processes_max,          64, 4194304),
};

static const Key target_keys[] = {
        { "targets", "name",     KEY_NAME, offsetof(SettingsTarget, name),      0, 0, NULL },
        { "targets", "tftpRoot", KEY_PATH, offsetof(SettingsTarget, tftp_root), 0, 0, NULL },
        { "targets", "httpRoot", KEY_PATH, offsetof(SettingsTarget, http_root), 0, 0, NULL },
        { "targets", "url",      KEY_URL,  offsetof(SettingsTarget, url),       0, 0, NULL },
};
/* clang-format on */

static void complain(Diagnostics *diagnostics, const YamlNode *node, const char *what) {
        _cleanup_buffer_ Buffer path = {};

        if (yaml_append_path(node, &path) < 0 || !path.data)
                (void) buffer_append_string(&path, "the file");
        diagnostics_add(diagnostics,
                        REPORT_ERROR,
                        node->line,
                        node->column,
                        "%s: %s",
                        path.data ? path.data : "",
                        what);
}

static int replace_string(char **at, char *take_value) {
        if (!take_value)
                return -ENOMEM;
        free(*at);
        *at = take_value;
        return 0;
}

/* What is wrong with the text; NULL when nothing is. */
static const char *judge_text(KeyType type, const char *text) {
        if (!text || *text == '\0')
                return "must be a text";
        switch (type) {
        case KEY_PATH:
        case KEY_PATHS:
                return *text == '/' && strspn(text, "/") < strlen(text)
                                       ? NULL
                                       : "must be an absolute path below /";
        case KEY_NAME:
                if (strlen(text) > NAME_MAX_SIZE || strchr(".-", *text) ||
                    strspn(text,
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") !=
                                    strlen(text))
                        return "must be 1 to 64 letters, digits, '.', '_' and '-', the first of them a letter, a digit or '_'";
                return NULL;
        default:
                if (!str_after_prefix(text, "http://") && !str_after_prefix(text, "https://"))
                        return "must begin with http:// or https://";
                return NULL;
        }
}

static int read_text(KeyType type, const YamlNode *node, char **at, Diagnostics *diagnostics) {
        const char *text = yaml_string(node), *wrong = judge_text(type, text);
        char *copy;
        int r;

        if (wrong) {
                complain(diagnostics, node, wrong);
                return 0;
        }
        copy = strdup(text);
        r = replace_string(at, copy);
        for (size_t n = r < 0 ? 0 : strlen(copy); n > 0 && copy[n - 1] == '/';)
                copy[--n] = '\0';
        return r;
}

static int read_paths(const YamlNode *node, char ***at, Diagnostics *diagnostics) {
        _cleanup_strv_ char **paths = NULL;

        if (node->kind != YAML_LIST)
                complain(diagnostics, node, "must be a list of absolute paths");
        YAML_FOREACH(child, node) {
                const char *wrong = judge_text(KEY_PATHS, yaml_string(child));

                if (wrong)
                        complain(diagnostics, child, wrong);
                else if (strv_append(&paths, yaml_string(child)) < 0)
                        return -ENOMEM;
        }
        strv_free(*at);
        *at = TAKE_PTR(paths);
        return 0;
}

/* What a container must not reach whoever wants it: itself, everybody at once, nobody. */
static const char *const never_allowed[] = {
        "0.0.0.0/8", "127.0.0.0/8", "192.0.0.0/24", "224.0.0.0/4",   "240.0.0.0/4",
        "::/96",     "fe80::/10",   "ff00::/8",     "::ffff:0:0/96",
};

/* What is wrong with the range; NULL when nothing is. */
static const char *judge_range(const char *text) {
        Cidr range, never;

        if (!text || cidr_parse(text, &range) < 0)
                return "must be a range of addresses, as 10.1.0.0/16 or fd00:1::/32, or one address";
        for (size_t i = 0; i < ELEMENTSOF(never_allowed); i++)
                if (cidr_parse(never_allowed[i], &never) >= 0 && cidr_overlaps(&range, &never))
                        return "must not meet loopback, multicast, IPv6's link-local or reserved addresses, which are never let through";
        return NULL;
}

static int read_ranges(const YamlNode *node, char ***at, Diagnostics *diagnostics) {
        _cleanup_strv_ char **ranges = NULL;

        if (node->kind != YAML_LIST || node->n_children > SETTINGS_ALLOW_MAX)
                complain(diagnostics, node, "must be a list of at most 64 ranges of addresses");
        YAML_FOREACH(child, node) {
                const char *wrong = judge_range(yaml_string(child));

                if (wrong)
                        complain(diagnostics, child, wrong);
                else if (strv_append(&ranges, yaml_string(child)) < 0)
                        return -ENOMEM;
        }
        strv_free(*at);
        *at = TAKE_PTR(ranges);
        return 0;
}

static int read_number(const Key *key, const YamlNode *node, void *at, Diagnostics *diagnostics) {
        char wrong[96];
        uint64_t number;

        if (yaml_to_u64(node, key->max, &number) < 0 || number < key->min) {
                (void) snprintf(wrong,
                                sizeof(wrong),
                                "must be a number from %" PRIu64 " to %" PRIu64,
                                key->min,
                                key->max);
                complain(diagnostics, node, wrong);
                return 0;
        }
        if (key->type == KEY_U32)
                *(uint32_t *) at = (uint32_t) number;
        else
                *(uint64_t *) at = key->type == KEY_SECONDS ? number * USEC_PER_SEC : number;
        return 0;
}

static void read_choice(const Key *key, const YamlNode *node, void *at, Diagnostics *diagnostics) {
        _cleanup_free_ char *known = strv_join((char *const *) key->choices, " or ");
        char wrong[96];

        for (unsigned i = 0; key->choices[i]; i++)
                if (str_equal(key->choices[i], yaml_string(node))) {
                        *(unsigned *) at = i;
                        return;
                }
        (void) snprintf(wrong, sizeof(wrong), "must be %s", known ? known : "another word");
        complain(diagnostics, node, wrong);
}

static int read_value(const Key *key, const YamlNode *node, void *base, Diagnostics *diagnostics) {
        void *at = (char *) base + key->offset;

        switch (key->type) {
        case KEY_NESTED:
                return 0;
        case KEY_U32:
        case KEY_U64:
        case KEY_SECONDS:
                return read_number(key, node, at, diagnostics);
        case KEY_CHOICE:
                read_choice(key, node, at, diagnostics);
                return 0;
        case KEY_PATHS:
                return read_paths(node, at, diagnostics);
        case KEY_RANGES:
                return read_ranges(node, at, diagnostics);
        default:
                return read_text(key->type, node, at, diagnostics);
        }
}

/* One mapping by one table's rows of `section`; `base` is the struct that they fill. Mappings
 * within it are left to the caller. */
static int read_map(
                const YamlNode *map,
                const char *section,
                const Key *table,
                size_t n_keys,
                void *base,
                Diagnostics *diagnostics) {
        if (map && map->kind != YAML_MAP)
                complain(diagnostics, map, "must be a mapping of keys and values");
        YAML_FOREACH(node, map) {
                const Key *key = NULL;
                int r;

                for (size_t i = 0; i < n_keys; i++)
                        if (str_equal(table[i].section, section) &&
                            str_equal(table[i].name, node->key))
                                key = &table[i];
                if (!key) {
                        complain(diagnostics, node, "is not a known key");
                        continue;
                }
                r = read_value(key, node, base, diagnostics);
                if (r < 0)
                        return r;
        }
        return 0;
}

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
                complain(diagnostics, node, "needs name, tftpRoot, httpRoot and url");
                return;
        }
        /* Each is exchanged as a whole. */
        if (path_is_below(target->tftp_root, target->http_root) ||
            path_is_below(target->http_root, target->tftp_root))
                complain(diagnostics, node, "tftpRoot and httpRoot must not lie in each other");
        for (const SettingsTarget *other = settings->targets; other < target; other++)
                if (str_equal(other->name, target->name))
                        complain(diagnostics, node, "has the name of an earlier target");
}

static int read_targets(const YamlNode *list, Settings *settings, Diagnostics *diagnostics) {
        if (!list)
                return 0;
        if (list->kind != YAML_LIST || list->n_children > SETTINGS_TARGETS_MAX) {
                complain(diagnostics, list, "must be a list of at most 64 targets");
                return 0;
        }
        settings->targets = calloc(list->n_children + 1, sizeof(*settings->targets));
        if (!settings->targets)
                return -ENOMEM;
        YAML_FOREACH(node, list) {
                SettingsTarget *target = &settings->targets[settings->n_targets++];
                int r = read_map(
                                node,
                                "targets",
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
                r = read_map(root, NULL, keys, ELEMENTSOF(keys), &settings, &diagnostics);
        if (r >= 0)
                r = read_map(yaml_get(root, "limits"),
                             "limits",
                             keys,
                             ELEMENTSOF(keys),
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
