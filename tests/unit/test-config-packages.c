/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* `os.packages`: what arrives, what needs the network, and list files. Mistakes of the config itself are
 * in tests/data/configs/bad/packages*.yaml. */

#include "tests/lib/test.h"

#include "common/strings.h"
#include "config/config.h"

static void parse(const char *packages, Config *config) {
        _cleanup_free_ char *text = str_printf("os: {packages: {%s}}", packages);
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r = config_parse(text, strlen(text), config, &diagnostics);

        ck_assert_msg(r >= 0,
                      "%s: %s",
                      text,
                      r < 0 && diagnostics.n_items > 0 ? diagnostics.items[0].message : "");
}

/* ---- the network ---- */

static const struct {
        const char *packages;
        bool network, wanted;
} needs[] = {
        { "", false, false },
        { "install: []", false, false },
        { "updateExistingPackages: false", false, false },
        { "remove: [a]", false, true },
        { "removeLists: [a.yaml]", false, true },
        { "install: [a]", true, true },
        { "installLists: [a.yaml]", true, true },
        { "update: [a]", true, true },
        { "updateLists: [a.yaml]", true, true },
        { "updateExistingPackages: true", true, true },
        { "install: [a], sources: [{folder: b}]", true, true },
        { "install: [a], sources: [{folder: b}], disableImageRepositories: true", false, true },
        { "install: [a], sources: [{repositoryFile: b}], disableImageRepositories: true",
          true,
          true },
        { "remove: [a], sources: [{repositoryFile: b}]", false, true },
};

TEST_ROWS(network, ELEMENTSOF(needs)) {
        _cleanup_config_ Config config = {};

        parse(needs[_i].packages, &config);
        ck_assert_msg(config_packages_need_network(&config.packages) == needs[_i].network &&
                                      config_needs_network(&config) == needs[_i].network,
                      "%s",
                      needs[_i].packages);
        ck_assert_msg(config_packages_wanted(&config.packages) == needs[_i].wanted,
                      "%s",
                      needs[_i].packages);
}

TEST(scripts_ask_for_themselves)
{
        static const char text[] = "{scripts: {network: true}, os: {packages: {remove: [a]}}}";
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};

        assert_ok(config_parse(text, strlen(text), &config, &diagnostics));
        ck_assert(!config_packages_need_network(&config.packages));
        ck_assert(config_needs_network(&config));
}

/* ---- what the context has to hold ---- */

TEST(sources_are_named)
{
        static const struct {
                const char *path, *entry, *key;
                bool is_folder, is_secret;
        } expected[] = {
                { "t.yaml", "files/t.yaml", "os.packages.installLists", false, false },
                { "/srv/debs", "outside/1", "os.packages.sources[].folder", true, false },
                { "k.asc", "files/k.asc", "os.packages.sources[].key", false, false },
                { "o.repo", "files/o.repo", "os.packages.sources[].repositoryFile", false, true },
        };
        _cleanup_free_ ConfigSource *sources = NULL;
        _cleanup_config_ Config config = {};
        size_t n;

        parse("installLists: [t.yaml], sources: [{folder: /srv/debs, key: k.asc}, "
              "{repositoryFile: ./o.repo}, {repositoryFile: o.repo}]",
              &config);
        assert_ok(config_sources(&config, &sources, &n));
        ck_assert_uint_eq(n, ELEMENTSOF(expected));
        for (size_t i = 0; i < n; i++) {
                ck_assert_str_eq(sources[i].entry, expected[i].entry);
                ck_assert_str_eq(sources[i].key, expected[i].key);
                ck_assert(sources[i].is_folder == expected[i].is_folder);
                ck_assert(sources[i].is_secret == expected[i].is_secret);
        }
        ck_assert_str_eq(config.packages.sources[1].repository_file_entry, "files/o.repo");
        ck_assert_str_eq(config.packages.sources[2].repository_file_entry, "files/o.repo");
}

/* ---- list files ---- */

static const struct {
        const char *name, *text;
        int error;
        const char *found; /* the names, or what is reported */
} lists[] = {
        { "good", "packages: [a, b-1.0, c=2]", 0, "own|a|b-1.0|c=2" },
        { "empty list", "packages: []", 0, "own" },
        { "json", "{\"packages\": [\"a\"]}", 0, "own|a" },
        { "unknown key",
          "packages: [a]\npackage: [b]",
          -EBADMSG,
          "os.packages.installLists: 'l.yaml', line 2, column 1: package: is not a known key; did "
          "you mean \"packages\"?" },
        { "bad name",
          "packages:\n  - a\n  - -o=x",
          -EBADMSG,
          "os.packages.installLists: 'l.yaml', line 3, column 5: packages[1]: \"-o=x\" is not the "
          "name of a package; it begins with a letter or digit and has at most 255 letters, digits "
          "and + - . _ : = ~ ^, as in name, name=version or name-version" },
        { "nothing",
          "",
          -EBADMSG,
          "os.packages.installLists: 'l.yaml', line 1, column 1: config: " },
        { "no mapping", "- a", -EBADMSG, "os.packages.installLists: 'l.yaml', line 1, column 1: " },
        { "no YAML",
          "packages: [",
          -EBADMSG,
          "os.packages.installLists: 'l.yaml', line 2, column 1: the text is not valid YAML" },
        { "missing", NULL, -EBADMSG, "os.packages.installLists: 'l.yaml': No such file" },
};

static int read_list(void *userdata, const ConfigPath *list, char **ret_text, size_t *ret_size) {
        const char *text = userdata;

        ck_assert_str_eq(list->path, "l.yaml");
        ck_assert_str_eq(list->entry, "files/l.yaml");
        if (!text)
                return -ENOENT;
        *ret_text = strdup(text);
        *ret_size = strlen(text);
        return 0;
}

TEST_ROWS(list_files, ELEMENTSOF(lists)) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *joined = NULL;
        _cleanup_config_ Config config = {};
        _cleanup_strv_ char **names = NULL;
        int r;

        parse("install: [own], installLists: [l.yaml]", &config);
        r = config_packages_gather(
                        &config.packages,
                        /* step= */ 0,
                        PACKAGES_INSTALL,
                        read_list,
                        (void *) lists[_i].text,
                        &names,
                        &diagnostics);
        ck_assert_msg(r == lists[_i].error, "%s: %d", lists[_i].name, r);
        if (r < 0) {
                ck_assert_uint_ge(diagnostics.n_items, 1);
                ck_assert_uint_eq(diagnostics.items[0].line, 1);
                ck_assert_msg(str_after_prefix(diagnostics.items[0].message, lists[_i].found),
                              "%s: %s",
                              lists[_i].name,
                              diagnostics.items[0].message);
                return;
        }
        joined = strv_join(names, "|");
        ck_assert_str_eq(joined, lists[_i].found);
}

static int read_many(
                void *userdata _unused_,
                const ConfigPath *list _unused_,
                char **ret_text,
                size_t *ret_size) {
        _cleanup_strv_ char **names = NULL;
        _cleanup_free_ char *joined = NULL;

        for (int i = 0; i < 2000; i++)
                assert_ok(strv_append(&names, "a"));
        joined = strv_join(names, ", ");
        *ret_text = str_printf("packages: [%s]", joined);
        *ret_size = strlen(*ret_text);
        return 0;
}

TEST(names_are_bounded)
{
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        _cleanup_strv_ char **names = NULL;

        parse("updateLists: [a.yaml, b.yaml, c.yaml]", &config);
        assert_errno(config_packages_gather(
                                     &config.packages,
                                     /* step= */ 0,
                                     PACKAGES_UPDATE,
                                     read_many,
                                     NULL,
                                     &names,
                                     &diagnostics),
                     -EBADMSG);
        ck_assert_str_eq(
                        diagnostics.items[0].message,
                        "os.packages.update: has, with its list files, 6000 packages, but at most "
                        "5000 are supported");
}

/* ---- a chain of configs ---- */

static const char steps[] = "previewFeatures: [base-configs]\n"
                            "baseConfigs: [{path: a.yaml}, {path: b.yaml}]\n"
                            "os: {packages: {remove: [x], install: [z]}}\n";
static const char *const bases[] = {
        "os: {packages: {install: [x, y], updateExistingPackages: true}}\n",
        "os: {hostname: h}\n",
};

/* What each step has of each set; a config that says nothing of packages is none. */
static const struct {
        const char *sets[_PACKAGE_SET_MAX];
        bool update_existing;
} of_steps[] = {
        { { [PACKAGES_REMOVE] = "", [PACKAGES_INSTALL] = "x y", [PACKAGES_UPDATE] = "" }, true },
        { { [PACKAGES_REMOVE] = "x", [PACKAGES_INSTALL] = "z", [PACKAGES_UPDATE] = "" }, false },
};

static int load_base(
                void *userdata _unused_,
                const char *path _unused_,
                size_t index,
                char **ret_text,
                size_t *ret_size,
                Failure *reterr _unused_) {
        *ret_text = strdup(bases[index]);
        *ret_size = strlen(bases[index]);
        return 0;
}

TEST(each_config_is_a_step)
{
        const ConfigTexts texts = { .text = steps, .size = strlen(steps), .load = load_base };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};

        assert_ok(config_parse_texts(&texts, &config, &diagnostics));
        ck_assert_uint_eq(config_packages_steps(&config.packages), ELEMENTSOF(of_steps));
        for (size_t i = 0; i < ELEMENTSOF(of_steps); i++)
                for (PackageSet set = 0; set < _PACKAGE_SET_MAX; set++) {
                        _cleanup_strv_ char **names = NULL;
                        _cleanup_free_ char *joined = NULL;

                        assert_ok(config_packages_gather(
                                        &config.packages,
                                        i,
                                        set,
                                        read_list,
                                        NULL,
                                        &names,
                                        &diagnostics));
                        joined = strv_join(names, " ");
                        ck_assert_str_eq(joined, of_steps[i].sets[set]);
                        ck_assert(config_packages_update_existing(&config.packages, i) ==
                                  of_steps[i].update_existing);
                }
}

/* ---- names ---- */

static const struct {
        const char *name;
        bool is_good;
} names[] = {
        { "a", true },
        { "7zip", true },
        { "g++", true },
        { "libc6:amd64", true },
        { "a=1:2.0~rc1-1", true },
        { "a-1.0^git", true },
        { "_a", false },
        { "+a", false },
        { "-y", false },
        { "--yes", false },
        { "a b", false },
        { "a\tb", false },
        { "a\n", false },
        { "", false },
        { "a/b", false },
        { "./a.deb", false },
        { "a*", false },
        { "a?", false },
        { "@a", false },
        { "a(b)", false },
        { "a-", false },
        { "a=", false },
        { "a>=1", false },
        { "\xc3\xa4", false },
        { "a;b", false },
        { "a$b", false },
        { "a\\", false },
};

TEST_ROWS(package_names, ELEMENTSOF(names)) {
        _cleanup_free_ char *value = strdup(names[_i].name);
        Failure failure = {};
        int r = config_value_package(&value, &failure);

        ck_assert_msg((r >= 0) == names[_i].is_good, "'%s': %d", names[_i].name, r);
        ck_assert(r >= 0 || failure.message[0] != '\0');
}

/* Mistakes in what the command line adds are said to be there, and those of the config in the config. */
TEST(added_sources_that_are_wrong)
{
        static const char text[] = "os: {packages: {nonsense: 1}}\n";
        static const char sources[] = "{\"sources\":\n [{\"nonsense\": 1}]}";
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        const ConfigTexts all = {
                .text = text,
                .size = strlen(text),
                .sources = sources,
                .sources_size = strlen(sources),
        };

        assert_errno(config_parse_texts(&all, &config, &diagnostics), -EBADMSG);
        ck_assert_uint_eq(diagnostics.n_items, 3);
        ck_assert_ptr_null(diagnostics_file_name(&diagnostics, diagnostics.items[0].file));
        ck_assert_str_eq(
                        diagnostics_file_name(&diagnostics, diagnostics.items[1].file),
                        "sources.yaml");
        ck_assert_uint_eq(diagnostics.items[1].line, 2);
}
