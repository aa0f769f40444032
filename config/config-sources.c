/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One list of everything that a config names, in the order of its text: it gives the names in the
 * context, what a client has to pack and what a worker has to find.
 */

#include "config/config-sources.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "config/context.h"

/* One mention. */
typedef struct Mention {
        ConfigSource source;
        char **entry; /* where its name in the context belongs */
        size_t index; /* keeps the order of those with one place */
} Mention;

typedef struct Mentions {
        Mention *items;
        size_t n_items;
} Mentions;

static void mentions_done(Mentions *mentions) {
        free(mentions->items);
}
#define _cleanup_mentions_ _cleanup_(mentions_done)

static int compare_mentions(const void *a, const void *b) {
        const Mention *x = a, *y = b;
        const ConfigPlace *p = &x->source.place, *q = &y->source.place;

        if (p->file != q->file)
                return p->file < q->file ? -1 : 1;
        if (p->line != q->line)
                return p->line < q->line ? -1 : 1;
        if (p->column != q->column)
                return p->column < q->column ? -1 : 1;
        return x->index < y->index ? -1 : x->index > y->index;
}

/* A path that is NULL is no mention. */
static int add(Mentions *mentions, const ConfigSource *source, char **entry) {
        Mention *items;

        if (!source->path)
                return 0;
        items = reallocarray(mentions->items, mentions->n_items + 1, sizeof(Mention));
        if (!items)
                return -ENOMEM;
        mentions->items = items;
        items[mentions->n_items] = (Mention){
                .source = *source,
                .entry = entry,
                .index = mentions->n_items,
        };
        items[mentions->n_items++].source.entry = *entry;
        return 0;
}

static int add_files(Mentions *mentions, const char *key, ConfigFile *files, size_t n) {
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = add(mentions,
                        &(ConfigSource){
                                        .path = files[i].source,
                                        .key = key,
                                        .place = files[i].place,
                        },
                        &files[i].entry);
        return r;
}

static int add_scripts(Mentions *mentions, const char *key, ConfigScript *scripts, size_t n) {
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = add(mentions,
                        &(ConfigSource){
                                        .path = scripts[i].path,
                                        .key = key,
                                        .place = scripts[i].place,
                        },
                        &scripts[i].entry);
        return r;
}

static int add_dirs(Mentions *mentions, ConfigDir *dirs, size_t n) {
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = add(mentions,
                        &(ConfigSource){
                                        .path = dirs[i].source,
                                        .key = "os.additionalDirs",
                                        .place = dirs[i].place,
                                        .is_folder = true,
                        },
                        &dirs[i].entry);
        return r;
}

static bool is_file(const ConfigPassword *password) {
        return password->type == PASSWORD_PLAIN_FILE || password->type == PASSWORD_HASHED_FILE;
}

static int add_user(Mentions *mentions, ConfigUser *user) {
        size_t n = strv_length(user->ssh_key_paths);
        int r = 0;

        if (n > 0 && !user->ssh_key_entries) {
                user->ssh_key_entries = calloc(n + 1, sizeof(char *));
                if (!user->ssh_key_entries)
                        return -ENOMEM;
        }
        if (is_file(&user->password))
                r = add(mentions,
                        &(ConfigSource){
                                        .path = user->password.value,
                                        .key = "os.users[].password",
                                        .place = user->password.place,
                                        .is_secret = true,
                        },
                        &user->password.entry);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = add(mentions,
                        &(ConfigSource){
                                        .path = user->ssh_key_paths[i],
                                        .key = "os.users[].sshPublicKeyPaths",
                                        .place = user->place,
                        },
                        &user->ssh_key_entries[i]);
        return r;
}

static int add_lists(Mentions *mentions, const char *key, ConfigPath *paths, size_t n) {
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = add(mentions,
                        &(ConfigSource){
                                        .path = paths[i].path,
                                        .key = key,
                                        .place = paths[i].place,
                        },
                        &paths[i].entry);
        return r;
}

static int add_package_source(Mentions *mentions, ConfigPackageSource *source) {
        ConfigSource mention = {
                .path = source->folder,
                .key = "os.packages.sources[].folder",
                .place = source->place,
                .is_folder = true,
                .is_of_caller = source->is_of_caller,
        };
        int r = add(mentions, &mention, &source->folder_entry);

        mention.is_folder = false;
        if (r >= 0) {
                mention.path = source->repository_file;
                mention.key = "os.packages.sources[].repositoryFile";
                mention.is_secret = true; /* it may hold passwords */
                r = add(mentions, &mention, &source->repository_file_entry);
        }
        if (r >= 0) {
                mention.path = source->key;
                mention.key = "os.packages.sources[].key";
                mention.is_secret = false;
                r = add(mentions, &mention, &source->key_entry);
        }
        return r;
}

static int add_packages(Mentions *mentions, ConfigPackages *packages) {
        static const char *const keys[_PACKAGE_SET_MAX] = {
                [PACKAGES_REMOVE] = "os.packages.removeLists",
                [PACKAGES_INSTALL] = "os.packages.installLists",
                [PACKAGES_UPDATE] = "os.packages.updateLists",
        };
        int r = 0;

        for (int set = 0; set < _PACKAGE_SET_MAX && r >= 0; set++)
                r = add_lists(mentions,
                              keys[set],
                              packages->sets[set].lists,
                              packages->sets[set].n_lists);
        for (size_t i = 0; i < packages->n_sources && r >= 0; i++)
                r = add_package_source(mentions, &packages->sources[i]);
        return r;
}

/* All of them in the order of the text; names that were not made yet are NULL. */
static int list_mentions(Config *config, Mentions *ret) {
        int r = add_files(ret, "os.additionalFiles", config->files, config->n_files);

        if (r >= 0)
                r = add_files(ret, "iso.additionalFiles", config->iso.files, config->iso.n_files);
        if (r >= 0)
                r = add_files(ret, "pxe.additionalFiles", config->pxe.files, config->pxe.n_files);
        if (r >= 0)
                r = add_dirs(ret, config->dirs, config->n_dirs);
        if (r >= 0)
                r = add_packages(ret, &config->packages);
        for (size_t i = 0; i < config->n_users && r >= 0; i++)
                r = add_user(ret, &config->users[i]);
        if (r >= 0)
                r = add_scripts(ret,
                                "scripts.postCustomization",
                                config->scripts,
                                config->n_scripts);
        if (r >= 0)
                r = add_scripts(ret,
                                "scripts.finalizeCustomization",
                                config->final_scripts,
                                config->n_final_scripts);
        if (r >= 0 && ret->n_items > 0)
                qsort(ret->items, ret->n_items, sizeof(Mention), compare_mentions);
        return r;
}

/* Whether one of the first `n` mentions has that name. */
static bool is_named(const Mentions *mentions, size_t n, const char *entry) {
        for (size_t i = 0; i < n; i++)
                if (str_equal(*mentions->items[i].entry, entry))
                        return true;
        return false;
}

static bool is_same_path(const ConfigSource *a, const ConfigSource *b) {
        return a->is_of_caller == b->is_of_caller && str_equal(a->path, b->path);
}

/* What starts from another folder than the config's lies outside of that, however it is written. */
static char *make_name(const ConfigSource *source, size_t number) {
        return context_entry_name(source->is_of_caller ? "/" : source->path, number);
}

/* The numbers in names count the names. */
int config_name_sources(Config *config) {
        _cleanup_mentions_ Mentions mentions = {};
        size_t n_distinct = 0;
        int r = list_mentions(config, &mentions);

        if (r < 0)
                return r;
        for (size_t i = 0; i < mentions.n_items; i++) {
                Mention *mention = &mentions.items[i];
                const char *same = NULL;
                char *entry;

                for (size_t k = 0; k < i && !same; k++)
                        if (is_same_path(&mentions.items[k].source, &mention->source))
                                same = *mentions.items[k].entry;
                entry = same ? strdup(same) : make_name(&mention->source, n_distinct);
                if (!entry)
                        return -ENOMEM;
                if (!is_named(&mentions, i, entry))
                        n_distinct++;
                *mention->entry = entry;
        }
        return 0;
}

/* One that is a file here and a folder there has to be found twice. */
static ConfigSource *find(ConfigSource *sources, size_t n, const ConfigSource *wanted) {
        for (size_t i = 0; i < n; i++)
                if (str_equal(sources[i].entry, wanted->entry) &&
                    sources[i].is_folder == wanted->is_folder)
                        return &sources[i];
        return NULL;
}

int config_sources(const Config *config, ConfigSource **ret, size_t *ret_n) {
        _cleanup_mentions_ Mentions mentions = {};
        _cleanup_free_ ConfigSource *sources = NULL;
        size_t n = 0;
        /* Nothing of the config changes once its names are made. */
        int r = list_mentions((Config *) config, &mentions);

        if (r < 0)
                return r;
        sources = calloc(mentions.n_items + 1, sizeof(ConfigSource));
        if (!sources)
                return -ENOMEM;
        for (size_t i = 0; i < mentions.n_items; i++) {
                const ConfigSource *source = &mentions.items[i].source;
                ConfigSource *known = find(sources, n, source);

                if (known)
                        known->is_secret |= source->is_secret;
                else
                        sources[n++] = *source;
        }
        *ret = TAKE_PTR(sources);
        *ret_n = n;
        return 0;
}
