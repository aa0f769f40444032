/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The history of an image: what was made of it, by which configs, for whoever has only the image. It
 * has a place of its own, since that of other tools is theirs to write, and everybody can read it: so
 * secrets are left out, and so is what was in files and scripts, which may be one (config-redact.h).
 * A digest stands for each file that came with the config, but for those with passwords: these are
 * short enough to be guessed by it.
 */

#include "liveos/customize-steps.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/digest.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/json.h"
#include "common/strings.h"
#include "config/config-redact.h"
#include "config/context.h"
#include "config/report.h"
#include "config/yaml.h"
#include "liveos/context.h"

#define HISTORY_PATH      "usr/share/pxed/history.json"
#define HISTORY_MAX_BYTES YAML_MAX_BYTES

static void add_time(Json *json, const Order *order) {
        char text[32] = "";
        time_t now = order->source_date_epoch > 0 ? (time_t) order->source_date_epoch : time(NULL);
        struct tm tm;

        if (gmtime_r(&now, &tm))
                (void) strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
        json_string(json, "timestamp", text);
}

static int add_file(Json *json, const ConfigSource *source, Failure *reterr) {
        _cleanup_close_ int fd = context_open(source->entry, reterr);
        char digest[DIGEST_SIZE];
        int r = fd < 0 ? fd : digest_file(fd, digest);

        if (r < 0)
                return r;
        json_begin_object(json, NULL);
        json_string(json, "path", source->path);
        json_string(json, "sha256", digest);
        json_end_object(json);
        return 0;
}

static int add_files(Json *json, const Config *config, Failure *reterr) {
        _cleanup_free_ ConfigSource *sources = NULL;
        size_t n = 0;
        int r = config_sources(config, &sources, &n);

        json_begin_array(json, "files");
        for (size_t i = 0; i < n && r >= 0; i++)
                if (!sources[i].is_folder && !sources[i].is_secret)
                        r = add_file(json, &sources[i], reterr);
        json_end_array(json);
        return r;
}

/* `key` is NULL in an array. */
static int add_config(Json *json, const char *key, const char *entry, Failure *reterr) {
        _cleanup_close_ int fd = context_open(entry, reterr);
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = fd;

        if (r >= 0)
                r = fd_read_all(fd, CONFIG_MAX_BYTES, &text, &size);
        if (r < 0)
                return r;
        r = config_write_redacted(text, size, json, key);
        explicit_bzero(text, size);
        return r;
}

/* In the order in which they were read. */
static int add_bases(Json *json, const Config *config, Failure *reterr) {
        size_t n = strv_length(config->base_paths);
        int r = 0;

        if (n == 0)
                return 0;
        json_begin_array(json, "bases");
        for (size_t i = 0; i < n && r >= 0; i++) {
                _cleanup_free_ char *entry = str_printf(CONTEXT_BASES "%zu", i);

                r = entry ? add_config(json, /* key= */ NULL, entry, reterr) : -ENOMEM;
        }
        json_end_array(json);
        return r;
}

/* What was done now, as an object. */
static int make_entry(const Build *build, char **ret, Failure *reterr) {
        _cleanup_json_ Json json = {};
        int r;

        json_begin_object(&json, NULL);
        add_time(&json, build->order);
        json_string(&json, "toolVersion", PXED_VERSION);
        r = add_config(&json, "config", CONTEXT_CONFIG, reterr);
        if (r >= 0)
                r = add_bases(&json, &build->config, reterr);
        if (r >= 0)
                r = add_files(&json, &build->config, reterr);
        json_end_object(&json);
        return r < 0 ? r : json_finish(&json, ret);
}

/* Whether the text is an array in JSON, or YAML that looks like one: brackets at both ends. */
static bool is_array(const char *text, size_t size) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_yaml_tree_ YamlTree *tree = NULL;

        return size > 0 && text[0] == '[' && text[size - 1] == ']' &&
               yaml_tree_read(text, size, &tree, &diagnostics) == 0 &&
               yaml_tree_root(tree)->kind == YAML_LIST;
}

/* The earlier entries with brackets but the last one, and a comma where one is wanted; "[" where there
 * are none, and where what is there is no history, which is told. */
static int read_earlier(const Build *build, int root_fd, Buffer *to) {
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        int r = fs_read_in_root(root_fd, HISTORY_PATH, HISTORY_MAX_BYTES, &text, &size);

        if (r == -ENOENT)
                return buffer_append_string(to, "[");
        while (r >= 0 && size > 0 && strchr(" \t\r\n", text[size - 1]))
                size--;
        if (r < 0 || !is_array(text, size)) {
                report_log(build->report_fd,
                           LOG_WARNING,
                           "The image's /" HISTORY_PATH
                           " is no history, or one of more than 1 MiB; it is begun anew");
                return buffer_append_string(to, "[");
        }
        size--;
        while (size > 1 && strchr(" \t\r\n", text[size - 1]))
                size--;
        r = buffer_append(to, text, size);
        return r < 0 || size == 1 ? r : buffer_append_string(to, ",");
}

int customize_history(const Build *build, int root_fd, Failure *reterr) {
        _cleanup_free_ char *entry = NULL;
        _cleanup_buffer_ Buffer text = {};
        int r;

        if (build->config.history == HISTORY_NONE)
                return 0;
        r = make_entry(build, &entry, reterr);
        if (r >= 0)
                r = read_earlier(build, root_fd, &text);
        if (r >= 0)
                r = buffer_printf(&text, "\n%s]\n", entry);
        if (r >= 0)
                r = fs_write_in_root(root_fd, HISTORY_PATH, text.data, text.size, 0644);
        return r < 0 ? failure_default(reterr,
                                       r,
                                       "os.imageHistory: /" HISTORY_PATH " cannot be written")
                     : 0;
}
