/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every check that the config's tables name has a pattern, and both say the same of hundreds of
 * texts: those below, and what chance makes of them.
 */

#include "tests/lib/test.h"

#include <locale.h>
#include <regex.h>
#include <stdio.h>

#include "common/strings.h"
#include "config/config-patterns.h"
#include "config/config-tables.h"

#define A8   "aaaaaaaa"
#define A50  A8 A8 A8 A8 A8 A8 "aa"
#define A100 A50 A50
#define E8   "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
#define E48  E8 E8 E8 E8 E8 E8

static const char *const samples[] = {
        "",
        "7",
        "0",
        "a",
        "none",
        "keep",
        "two words",
        " ",
        "a\tb",
        "a\n",
        "a\x7f",
        "\u00e9\u4e2d",
        /* paths */
        "/",
        "//",
        ".",
        "..",
        "...",
        "/a",
        "/a/b.c",
        "a/b/c",
        "./a",
        "././a",
        "/./a",
        "//a//b",
        "../a",
        "a/../b",
        "a/..",
        "a/.",
        "a/",
        "a/./",
        "..a/b..",
        ".a/..b",
        "a/.../b",
        "/bin/sh",
        "python3",
        "g++-12",
        "bin/sh",
        "+x",
        "a*b",
        "a:b",
        "a;b",
        "a?b",
        "a\\b",
        "d/" A100,
        "d/" A100 "a",
        "d/." A100,
        "d/.." A50 E48,
        E48 E48 "\u00e9\u00e9\u00e9\u00e9",
        E48 E48 "\u00e9\u00e9\u00e9\u00e9\u00e9",
        A100 "/" A100 "/b",
        /* names */
        "host",
        "live.example.org",
        "-host",
        "host-",
        "a..b",
        ".a",
        "a.",
        "a_b",
        A50 "aaaaaaaaaaaaa",
        A50 "aaaaaaaaaaaaaa",
        A50 ".aaaaaaaaaaaaa",
        A50 ".aaaaaaaaaaaaaa",
        "sshd.service",
        "getty@ttyS0.service",
        "@a",
        "dev-disk-by\\x2dlabel.device",
        "\\a",
        A50 A50 A50 A50 A50 "aaaaa",
        A50 A50 A50 A50 A50 "aaaaaa",
        "_PATH2",
        "2PATH",
        "vim=2:9.0.1378-2",
        "g++",
        "a~b^c",
        "gone-",
        "open=",
        "@group",
        /* numbers */
        "644",
        "0644",
        "0o777",
        "0o",
        "1000",
        "00000777",
        "000000777",
        "00001000",
        "8",
        "-1",
        /* URLs */
        "http://host",
        "http://host/",
        "https://user:pass@host:80/path/image.iso",
        "ftp://a@b@c/d",
        "nfs://[fe80::1]/x",
        "nfs://[fe80::1]:2049/x",
        "nfs://[]/x",
        "nfs://[fe80::1/x",
        "nfs://[fe80::1]x/x",
        "tftp://10.0.0.1/l.iso?a=b/c",
        "tftp://host?x",
        "HTTP://host/x",
        "http:/host/x",
        "http:///x",
        "http://:80/x",
        "http://host:/x",
        "http://host:0/x",
        "http://host:65535/x",
        "http://host:65536/x",
        "http://host:065535/x",
        "http://host:99999/x",
        "http://ho%20st/x",
        "http://host/a%20b/x",
        "http://host/a%2/x",
        "http://host/a#b",
        "http://host/a b",
        "http://host/.x",
        "http://host/-x",
        "http://host/x?",
        "http://host/x/?y",
        "http://host/[x]",
        "http://host/[x]/y",
        "http://host/x'y",
        "http://u:[p]@host/x",
        /* digests */
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
        "g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        /* names of ISOs */
        "http://host/x.iso",
        "http://host/.iso",
        "http://host/x.ISO",
        "http://host/x.iso?y",
        "http://host/x.iso/",
        "http://host/xiso",
        "tftp://u:p@host/a/x.iso",
        "ftp://host?x",
        "tftp:///x",
        "nfs://host/x.iso",
        "nfs://host//x.iso",
        "nfs://host/a/x.iso",
        "nfs://host/a/b/.iso",
        "nfs://host/a/x.iso?y",
        "nfs://host:2049/a/x.iso",
        "nfs://u@host/a/x.iso",
        "nfs://host/a,b/x.iso",
        "nfs://host/a:b/x.iso",
        "nfs://host/a%20b/x.iso",
        "nfs://ho+st/a/x.iso",
        "nfs://host",
        "nfs://host/",
        "nfs://host//",
        "nfs://host/a",
        "nfs://host/a/",
        "nfs://host/a?b",
        "http://host/" A50 A8 A8 A8 A8 A8 "aaaaaa.iso",
        "http://host/" A50 A8 A8 A8 A8 A8 "aaaaaaa.iso",
        "http://host/" A100,
        "http://host/" A100 "a",
        "torrent://host/x",
};

/* ---- what the tables name ---- */

typedef void (*Visitor)(const ConfigKey *key);

static void visit_keys(const ConfigTable *table, Visitor visit) {
        for (size_t i = 0; i < table->n_keys; i++) {
                visit(&table->keys[i]);
                if (table->keys[i].table)
                        visit_keys(table->keys[i].table, visit);
        }
}

/* ---- both sides ---- */

static bool check_accepts(ConfigValueCheck check, const char *text) {
        char *value = strdup(text);
        Failure failure = {};
        int r = check(&value, &failure);

        free(value);
        ck_assert_msg(r >= 0 || r == -EINVAL, "%d", r);
        return r >= 0;
}

static int check_permissions(char **value, Failure *reterr) {
        mode_t mode;

        return config_value_permissions(*value, &mode, reterr);
}

static bool pattern_accepts(const ConfigPattern *pattern, const regex_t *regex, const char *text) {
        size_t n = mbstowcs(NULL, text, 0);

        ck_assert_msg(n != (size_t) -1, "\"%s\" is not UTF-8", text);
        return (pattern->max_characters == 0 || n <= pattern->max_characters) &&
               regexec(regex, text, 0, NULL, 0) == 0;
}

/* Chance: up to three bytes of a sample exchanged, taken away or added. */
static uint32_t random_state;

static uint32_t next_random(void) {
        random_state ^= random_state << 13;
        random_state ^= random_state >> 17;
        random_state ^= random_state << 5;
        return random_state;
}

static char *mutate(const char *sample) {
        static const char spice[] = "a7/.-_:@\\%[]?*;# \n\x01+~0xF";
        char *text = str_printf("%s   ", sample);
        size_t n = strlen(sample);

        for (unsigned i = 1 + next_random() % 3; i > 0; i--) {
                size_t at = next_random() % (n + 1);
                char c = spice[next_random() % (sizeof(spice) - 1)];

                if (at == n || (text[at] & 0x80))
                        text[n++] = c;
                else if (next_random() % 3)
                        text[at] = c;
                else
                        memmove(text + at, text + at + 1, n-- - at);
        }
        text[n] = '\0';
        return text;
}

static void compare(
                const ConfigPattern *pattern,
                const regex_t *regex,
                ConfigValueCheck check,
                const char *text,
                size_t n[static 2]) {
        bool is_good = check_accepts(check, text);

        ck_assert_msg(pattern_accepts(pattern, regex, text) == is_good,
                      "%s: the check %s \"%s\", the pattern does not: %s",
                      pattern->about,
                      is_good ? "accepts" : "refuses",
                      text,
                      pattern->regex);
        n[is_good]++;
}

static void compile(const ConfigPattern *pattern, regex_t *ret) {
        ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
        ck_assert_int_eq(regcomp(ret, pattern->regex, REG_EXTENDED | REG_NOSUB), 0);
}

/* A key with words is judged by its check for these alone. */
static void compare_words(const ConfigPattern *pattern, const ConfigKey *key) {
        size_t n[2] = {};
        regex_t regex;

        compile(pattern, &regex);
        STRV_FOREACH(word, (char *const *) key->words)
                compare(pattern, &regex, key->check, *word, n);
        regfree(&regex);
}

static void compare_all(const ConfigPattern *pattern, ConfigValueCheck check) {
        size_t n[2] = {};
        regex_t regex;

        compile(pattern, &regex);
        for (size_t i = 0; i < ELEMENTSOF(samples); i++)
                compare(pattern, &regex, check, samples[i], n);
        ck_assert_msg(n[0] > 0 && n[1] > 0, "%s: lacks samples", pattern->about);
        random_state = 20240229;
        for (unsigned i = 0; i < 800; i++) {
                _cleanup_free_ char *text = mutate(samples[i % ELEMENTSOF(samples)]);

                compare(pattern, &regex, check, text, n);
        }
        regfree(&regex);
        ck_assert_msg(check_accepts(check, "7") == pattern->takes_numbers,
                      "%s: numbers",
                      pattern->about);
}

/* Once for each check, however many keys have it. */
static bool is_new(ConfigValueCheck check) {
        static ConfigValueCheck seen[100];
        size_t n = 0;

        while (seen[n])
                if (seen[n++] == check)
                        return false;
        ck_assert_uint_lt(n + 1, ELEMENTSOF(seen));
        seen[n] = check;
        return true;
}

static void compare_key(const ConfigKey *key) {
        const ConfigPattern *pattern = key->check ? config_pattern_find(key->check) : NULL;

        ck_assert_msg(!key->check || pattern, "%s: its check has no pattern", key->name);
        if (pattern && key->words)
                compare_words(pattern, key);
        else if (pattern && is_new(key->check))
                compare_all(pattern, key->check);
}

TEST(checks_and_patterns_agree)
{ visit_keys(&config_table, compare_key); }

TEST(permissions_and_pattern_agree)
{ compare_all(&config_pattern_permissions, check_permissions); }

/* Editors and validators speak ECMA 262, which wants a '\' before none but these. */
static void check_escapes(const ConfigKey *key) {
        const ConfigPattern *pattern = key->check ? config_pattern_find(key->check) : NULL;

        for (const char *s = pattern ? strchr(pattern->regex, '\\') : NULL; s;
             s = strchr(s + 2, '\\'))
                ck_assert_msg(s[1] && strchr("\\.[]?", s[1]), "%s", pattern->regex);
}

TEST(patterns_are_portable)
{ visit_keys(&config_table, check_escapes); }
