/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What lies below the config's `os`: values that arrive, and each mistake with its whole sentence. */

#include "tests/lib/test.h"

#include "common/buffer.h"
#include "common/strings.h"
#include "config/config.h"

#define HASH "$6$saltsalt$aBcdefghijklmnopqrstuvwxyz0123456789"

static int parse(const char *text, Config *config, char **ret_said) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_buffer_ Buffer said = {};
        const Order order = { .format = ORDER_FORMAT_ISO };
        int r = config_parse(text, strlen(text), config, &diagnostics);

        if (r >= 0)
                r = config_check(config, &order, CONFIG_IMAGE_DISK, &diagnostics);
        for (size_t i = 0; i < diagnostics.n_items; i++)
                assert_ok(
                                buffer_printf(&said,
                                              "%u:%u: %s\n",
                                              diagnostics.items[i].line,
                                              diagnostics.items[i].column,
                                              diagnostics.items[i].message));
        *ret_said = buffer_take(&said);
        return r;
}

static void load(const char *text, Config *config) {
        _cleanup_free_ char *said = NULL;

        ck_assert_msg(parse(text, config, &said) == 0, "%s", said);
}

static void check_list(char *const *list, const char *expected) {
        _cleanup_free_ char *joined = strv_join(list, "|");

        ck_assert_str_eq(joined, expected);
}

TEST(accounts_arrive)
{
        _cleanup_config_ Config config = {};
        const ConfigUser *user;

        load("os:\n"
             "  groups: [{name: ops, gid: 0}, {name: Team.a}]\n"
             "  users:\n"
             "  - name: ada_1$\n"
             "    uid: 60000\n"
             "    password: {type: plain-text, value: 'a: \"b\" #c'}\n"
             "    passwordExpiresDays: -1\n"
             "    sshPublicKeys: [ssh-ed25519 AAAA ada@host]\n"
             "    sshPublicKeyPaths: [a.pub, ../b.pub]\n"
             "    primaryGroup: ops\n"
             "    secondaryGroups: [wheel, Team.a]\n"
             "    startupCommand: /usr/bin/tool --flag\n"
             "    homeDirectory: /srv//ada/./\n"
             "  - {name: bob, password: {type: hashed, value: " HASH "}}\n"
             "  - {name: eve, password: {type: locked}}\n",
             &config);
        ck_assert_uint_eq(config.n_groups, 2);
        ck_assert(config.groups[0].has_gid && config.groups[0].gid == 0);
        ck_assert(!config.groups[1].has_gid);
        user = &config.users[0];
        ck_assert(user->has_uid && user->uid == 60000);
        ck_assert(user->has_expiry && user->expires_days == -1);
        ck_assert(user->password.present && user->password.type == PASSWORD_PLAIN);
        ck_assert_str_eq(user->password.value, "a: \"b\" #c");
        ck_assert_ptr_null(user->password.entry);
        check_list(user->ssh_keys, "ssh-ed25519 AAAA ada@host");
        check_list(user->ssh_key_entries, "files/a.pub|outside/1");
        ck_assert_str_eq(user->primary_group, "ops");
        check_list(user->secondary_groups, "wheel|Team.a");
        ck_assert_str_eq(user->startup_command, "/usr/bin/tool --flag");
        ck_assert_str_eq(user->home, "/srv/ada");
        ck_assert_int_eq(config.users[1].password.type, PASSWORD_HASHED);
        ck_assert(!config.users[1].has_uid && !config.users[1].has_expiry);
        ck_assert(config.users[2].password.present);
        ck_assert_int_eq(config.users[2].password.type, PASSWORD_LOCKED);
        ck_assert_uint_eq(config.users[2].place.line, 15);
}

TEST(secret_sources_are_marked)
{
        _cleanup_config_ Config config = {};
        _cleanup_free_ ConfigSource *sources = NULL;
        size_t n;

        load("os:\n"
             "  additionalFiles: [{source: shared, destination: /a}]\n"
             "  additionalDirs: [{source: shared, destination: /}]\n"
             "  users:\n"
             "  - {name: a, password: {type: plain-text-file, value: ./shared}}\n"
             "  - {name: b, password: {type: hashed-file, value: hash}}\n",
             &config);
        assert_ok(config_sources(&config, &sources, &n));
        ck_assert_uint_eq(n, 3);
        ck_assert_str_eq(sources[0].entry, "files/shared");
        ck_assert_msg(sources[0].is_secret && !sources[0].is_folder, "one mention does");
        ck_assert_str_eq(sources[1].entry, "files/shared");
        ck_assert(!sources[1].is_secret && sources[1].is_folder);
        ck_assert_str_eq(sources[2].entry, "files/hash");
        ck_assert(sources[2].is_secret);
        ck_assert_str_eq(config.users[0].password.entry, "files/shared");
        ck_assert_str_eq(config.dirs[0].destination, "/");
}

TEST(the_rest_arrives)
{
        _cleanup_config_ Config config = {};

        load("os:\n"
             "  additionalDirs:\n"
             "  - {source: a, destination: /x/, newDirPermissions: 700, mergedDirPermissions: 0, "
             "childFilePermissions: '0640'}\n"
             "  modules:\n"
             "  - {name: vfio-pci, loadMode: always, options: {ids: '10de:1b80', x.y: 1}}\n"
             "  - {name: kvm}\n"
             "  - {name: nbd, loadMode: ''}\n"
             "  - {name: loop, loadMode: inherit}\n"
             "  overlays:\n"
             "  - {lowerDirs: [/etc, /usr/share/etc/], upperDir: /run/o/up, workDir: /run/o/work, "
             "mountPoint: /etc, mountDependencies: [/srv], mountOptions: 'noatime,xino=off'}\n"
             "  selinux: {mode: force-enforcing}\n"
             "  imageHistory: none\n"
             "scripts: {finalizeCustomization: [{path: a/b, arguments: [x]}]}\n"
             "iso: {kdumpBootFiles: none}\n"
             "pxe: {kdumpBootFiles: ''}\n"
             "previewFeatures: [kdump-boot-files]\n",
             &config);
        ck_assert(config.dirs[0].has_new_mode && config.dirs[0].new_mode == 0700);
        ck_assert(config.dirs[0].has_merged_mode && config.dirs[0].merged_mode == 0);
        ck_assert(config.dirs[0].has_file_mode && config.dirs[0].file_mode == 0640);
        ck_assert_int_eq(config.modules[0].load_mode, MODULE_ALWAYS);
        check_list(config.modules[0].options, "ids=10de:1b80|x.y=1");
        ck_assert_int_eq(config.modules[1].load_mode, MODULE_UNSET);
        ck_assert_int_eq(config.modules[2].load_mode, MODULE_UNSET);
        ck_assert_int_eq(config.modules[3].load_mode, MODULE_INHERIT);
        check_list(config.overlays[0].lower_dirs, "/etc|/usr/share/etc");
        check_list(config.overlays[0].dependencies, "/srv");
        ck_assert_str_eq(config.overlays[0].options, "noatime,xino=off");
        ck_assert_int_eq(config.selinux.mode, SELINUX_FORCE_ENFORCING);
        ck_assert_int_eq(config.history, HISTORY_NONE);
        ck_assert_str_eq(config.final_scripts[0].entry, "files/a/b");
        ck_assert_int_eq(config_kdump(&config, ORDER_FORMAT_ISO), KDUMP_NONE);
        ck_assert_int_eq(config_kdump(&config, ORDER_FORMAT_PXE), KDUMP_UNSET);
}

#define ACCOUNT_RULE                                                                        \
        " is no name of a user or group; it has at most 32 letters, digits and characters " \
        "of \"_.-\", does not begin with \"-\" and is not a number\n"
#define OCTAL_RULE \
        " begins with 0, by which some readers of YAML know an octal number; write it without\n"
#define ID_RULE " must be a whole number from 0 to 60000 without quotes, but is "
#define KEY_RULE                                                                       \
        " is no public key of SSH, which has a type and a key, such as \"ssh-ed25519 " \
        "AAAA…\"\n"
#define USER(rest)    "os:\n  users:\n  - {name: u, " rest "}\n"
#define MODULE(rest)  "os:\n  modules:\n  - {name: m, " rest "}\n"
#define OVERLAY(rest) "os:\n  overlays:\n  - {" rest "}\n"
#define OVERLAY_HOME                                                                      \
        " must lie below /run/, as a Live OS has no other file system that can hold the " \
        "changes of an overlay; what is there is gone at the next boot\n"

static const struct {
        const char *text, *said;
} mistakes[] = {
        /* accounts */
        { "os:\n  groups: [{gid: 1}]\n", "2:12: os.groups[0]: lacks \"name\"; add it\n" },
        { "os:\n  groups: [{name: -x}]\n", "2:19: os.groups[0].name: \"-x\"" ACCOUNT_RULE },
        { "os:\n  groups: [{name: 123}]\n", "2:19: os.groups[0].name: \"123\"" ACCOUNT_RULE },
        { "os:\n  groups: [{name: a b}]\n", "2:19: os.groups[0].name: \"a b\"" ACCOUNT_RULE },
        { "os:\n  groups: [{name: a$b}]\n", "2:19: os.groups[0].name: \"a$b\"" ACCOUNT_RULE },
        { "os:\n  groups: [{name: ..}]\n", "2:19: os.groups[0].name: \"..\"" ACCOUNT_RULE },
        { "os:\n  groups: [{name: 'a:b'}]\n", "2:19: os.groups[0].name: \"a:b\"" ACCOUNT_RULE },
        { "os:\n  groups: [{name: a12345678901234567890123456789012}]\n",
          "2:19: os.groups[0].name: \"a12345678901234567890123456789012\"" ACCOUNT_RULE },
        { "os:\n  groups: [{name: a, gid: 60001}]\n",
          "2:27: os.groups[0].gid:" ID_RULE "\"60001\"\n" },
        { "os:\n  groups: [{name: a, gid: '5'}]\n", "2:27: os.groups[0].gid:" ID_RULE "\"5\"\n" },
        { "os:\n  groups: [{name: a, gid: -1}]\n", "2:27: os.groups[0].gid:" ID_RULE "\"-1\"\n" },
        { "os:\n  groups: [{name: a, gid: 0x5}]\n", "2:27: os.groups[0].gid:" ID_RULE "\"0x5\"\n" },
        { "os:\n  groups: [{name: a, gid: [1]}]\n",
          "2:27: os.groups[0].gid: must be a number, but is a list\n" },
        { "os:\n  groups:\n  - {name: a, gid: 5}\n  - {name: b, gid: 5}\n  - {name: a}\n",
          "4:20: os.groups[1].gid: \"5\" is given in line 3 already; keep one of them\n"
          "5:12: os.groups[2].name: \"a\" is given in line 3 already; keep one of them\n" },
        { "os:\n  users:\n  - {name: a, uid: 5}\n  - {name: a, uid: 5}\n",
          "4:12: os.users[1].name: \"a\" is given in line 3 already; keep one of them\n"
          "4:20: os.users[1].uid: \"5\" is given in line 3 already; keep one of them\n" },
        { "os:\n  groups: [{name: a, gid: 0}, {name: b, gid: 010}]\n",
          "2:46: os.groups[1].gid: \"010\"" OCTAL_RULE },
        { USER("passwordExpiresDays: -01"),
          "3:36: os.users[0].passwordExpiresDays: \"-01\"" OCTAL_RULE },
        { USER("uid: 08"), "3:20: os.users[0].uid: \"08\"" OCTAL_RULE },
        { USER("passwordExpiresDays: 100000"),
          "3:36: os.users[0].passwordExpiresDays: must be a whole number from -1 to 99999 without "
          "quotes, but is \"100000\"\n" },
        { USER("sshPublicKeys: [key]"), "3:31: os.users[0].sshPublicKeys[0]:" KEY_RULE },
        { USER("sshPublicKeys: ['# a b']"), "3:31: os.users[0].sshPublicKeys[0]:" KEY_RULE },
        { USER("sshPublicKeys: [\"a b\\nc d\"]"),
          "3:31: os.users[0].sshPublicKeys[0]: must not contain line breaks or other control "
          "characters\n" },
        { USER("sshPublicKeys: [\"-----BEGIN OPENSSH PRIVATE KEY-----\\nb\"]"),
          "3:31: os.users[0].sshPublicKeys[0]: is a private key, which must not leave its owner; "
          "give the public one, from the file that ends in .pub\n" },
        { USER("homeDirectory: home/u"),
          "3:30: os.users[0].homeDirectory: \"home/u\" must be an absolute path in the image; "
          "begin it with \"/\"\n" },
        { USER("homeDirectory: '/a:b'"),
          "3:30: os.users[0].homeDirectory: \"/a:b\" must not contain \":\", which ends a field in "
          "/etc/passwd\n" },
        { USER("homeDirectory: /a/../b"),
          "3:30: os.users[0].homeDirectory: \"/a/../b\" must not contain \"..\"; write the path "
          "that is meant\n" },
        { USER("startupCommand: '/bin/sh:x'"),
          "3:31: os.users[0].startupCommand: \"/bin/sh:x\" must not contain \":\", which ends a "
          "field in /etc/passwd\n" },
        { USER("startupCommand: sh"),
          "3:31: os.users[0].startupCommand: must be an absolute path in the image, such as "
          "/bin/sh, not \"sh\"\n" },
        { USER("secondaryGroups: [ok, 'a,b']"),
          "3:37: os.users[0].secondaryGroups[1]: \"a,b\"" ACCOUNT_RULE },

        /* passwords, of which nothing is quoted */
        { USER("password: s3cret"),
          "3:25: os.users[0].password: must be a mapping (key: value), but is text\n" },
        { USER("password: {value: s3cret}"),
          "3:25: os.users[0].password: lacks \"type\", which says what value is; add it\n" },
        { USER("password: {type: hashed}"),
          "3:25: os.users[0].password: lacks \"value\", which the type hashed needs; add it\n" },
        { USER("password: {type: locked, value: s3cret}"),
          "3:40: os.users[0].password.value: cannot be given with the type locked, which has no "
          "password; remove it\n" },
        { USER("password: {type: hashed, value: s3cret}"),
          "3:47: os.users[0].password.value: is no hash as crypt(5) has them, which begins with "
          "\"$\"; make one with \"openssl passwd -6\", or set type to plain-text\n" },
        { USER("password: {type: hashed, value: '$6$s3cret$abcdefgh:0:0'}"),
          "3:47: os.users[0].password.value: is no hash as crypt(5) has them, which begins with "
          "\"$\"; make one with \"openssl passwd -6\", or set type to plain-text\n" },
        { USER("password: {type: plain-text, value: \"s3cret\\nroot:x\"}"),
          "3:51: os.users[0].password.value: must not contain line breaks or other control "
          "characters\n" },
        { USER("password: {type: plain-text, value: ''}"),
          "3:51: os.users[0].password.value: must not be empty\n" },
        { USER("password: {type: plain-text, value: [s3cret]}"),
          "3:51: os.users[0].password.value: must be text, but is a list\n" },

        /* folders */
        { "os: {additionalDirs: [{source: a}]}\n",
          "1:23: os.additionalDirs[0]: lacks \"destination\"; add it\n" },
        { "os: {additionalDirs: [{source: a, destination: b}]}\n",
          "1:48: os.additionalDirs[0].destination: \"b\" must be an absolute path in the image; "
          "begin it with \"/\"\n" },
        { "os: {additionalDirs: [{source: a, destination: /b/../c}]}\n",
          "1:48: os.additionalDirs[0].destination: \"/b/../c\" must not contain \"..\"; write the "
          "path that is meant\n" },
        { "os: {additionalDirs: [{source: a, destination: /, newDirPermissions: 1777}]}\n",
          "1:70: os.additionalDirs[0].newDirPermissions: \"1777\" must lie between 0 and 0777; "
          "set-user-id, set-group-id and sticky bits are not supported\n" },

        /* modules */
        { "os: {modules: [{name: a.ko}]}\n",
          "1:23: os.modules[0].name: \"a.ko\" is no name of a kernel module; it has at most 55 "
          "letters, digits, \"_\" and \"-\", and no \".ko\"\n" },
        { MODULE("loadMode: never"),
          "3:25: os.modules[0].loadMode: \"never\" is not known; must be inherit, always, auto or "
          "disable\n" },
        { MODULE("loadMode: disable, options: {a: 1}"),
          "3:34: os.modules[0].options: cannot be given for a module that is disabled; remove "
          "them or set another loadMode\n" },
        { MODULE("options: {a: \"1\\ninstall m /bin/sh\"}"),
          "3:28: os.modules[0].options.a: \"1 install m /bin/sh\" must not contain blanks, quotes, "
          "\"#\", backslashes or control characters\n" },
        { MODULE("options: {a: ''}"), "3:28: os.modules[0].options.a: must not be empty\n" },
        { MODULE("options: {'a b': 1}"),
          "3:25: os.modules[0].options.a b: is no name of a module's option, which has letters, "
          "digits and characters of \"_.-\"\n" },
        { "os:\n  modules:\n  - {name: a}\n  - {name: a}\n",
          "4:12: os.modules[1].name: \"a\" is given in line 3 already; keep one of them\n" },

        /* overlays */
        { OVERLAY("lowerDirs: [], upperDir: /run/a, workDir: /run/b, mountPoint: /c"),
          "3:17: os.overlays[0].lowerDirs: is empty; name at least one folder\n" },
        { OVERLAY("lowerDirs: [/c], upperDir: /var/a, workDir: /run, mountPoint: /c"),
          "3:33: os.overlays[0].upperDir: \"/var/a\"" OVERLAY_HOME
          "3:50: os.overlays[0].workDir: \"/run\"" OVERLAY_HOME },
        { OVERLAY("lowerDirs: [/c], upperDir: /run/a, workDir: /run/a, mountPoint: /c"),
          "3:33: os.overlays[0].upperDir: is also the workDir; the two need folders of their own\n" },
        { OVERLAY("lowerDirs: [/c], upperDir: /run/a/b, workDir: /run/a, mountPoint: /c"),
          "3:33: os.overlays[0].upperDir: and the workDir lie in each other; put the two side by side\n" },
        { OVERLAY("lowerDirs: [/c], upperDir: /run/a, workDir: /run/a/b, mountPoint: /c"),
          "3:33: os.overlays[0].upperDir: and the workDir lie in each other; put the two side by side\n" },
        { OVERLAY("lowerDirs: [], upperDir: /run/a, workDir: /run/ab, mountPoint: /c"),
          "3:17: os.overlays[0].lowerDirs: is empty; name at least one folder\n" },
        { OVERLAY("lowerDirs: [/c], upperDir: /run/a, workDir: /run/b, mountPoint: /c") "  - {lowerDirs: [/d], upperDir: /run/a, workDir: /run/b, mountPoint: /d}\n",
          "4:33: os.overlays[1].upperDir: \"/run/a\" is given in line 3 already; keep one of them\n"
          "4:50: os.overlays[1].workDir: \"/run/b\" is given in line 3 already; keep one of them\n" },
        { OVERLAY("lowerDirs: ['/a:b'], upperDir: /run/a, workDir: /run/b, mountPoint: /"),
          "3:18: os.overlays[0].lowerDirs[0]: \"/a:b\" must consist of letters, digits and "
          "characters of \"/_.+@-\", as others mean something to mount\n"
          "3:74: os.overlays[0].mountPoint: must not be \"/\", as the root of a Live OS has an "
          "overlay already; name a folder in it\n" },
        { OVERLAY("lowerDirs: [/c], upperDir: /run/a, workDir: /run/b, mountPoint: /c, "
                  "isInitrdOverlay: true, mountDependencies: [/c], mountOptions: 'ro,upperdir=/x'"),
          "3:74: os.overlays[0].isInitrdOverlay: cannot apply to a Live OS, whose initrd does not "
          "mount what the OS has; leave it out, and the overlay is mounted when the OS starts\n"
          "3:117: os.overlays[0].mountDependencies[0]: is the overlay's own mountPoint; remove it\n"
          "3:136: os.overlays[0].mountOptions: \"upperdir=/x\" is set by lowerDirs, upperDir and "
          "workDir; leave it out here\n" },

        /* SELinux, history, kdump */
        { "os: {selinux: {mode: on}}\n",
          "1:22: os.selinux.mode: \"on\" is not known; must be disabled, permissive, enforcing or "
          "force-enforcing\n" },
        { "os:\n  selinux: {mode: permissive}\niso: {initramfsType: full-os}\n",
          "2:3: os.selinux.mode: SELinux cannot be on in a Live OS of the initramfs type full-os, "
          "as an initramfs carries no labels; set it to disabled, or set iso.initramfsType to "
          "bootstrap\n" },
        { "os: {imageHistory: all}\n",
          "1:20: os.imageHistory: \"all\" is not known; must be none\n" },
        { "iso: {kdumpBootFiles: keep}\npxe: {kdumpBootFiles: all}\n",
          "1:7: iso.kdumpBootFiles: is a preview; add \"kdump-boot-files\" to the "
          "list previewFeatures of this file\n"
          "2:7: pxe.kdumpBootFiles: is a preview; add \"kdump-boot-files\" to the "
          "list previewFeatures of this file\n"
          "2:23: pxe.kdumpBootFiles: \"all\" is not known; must be none or keep\n" },
        { "scripts: {finalizeCustomization: [{path: ../x}, {}]}\n",
          "1:42: scripts.finalizeCustomization[0].path: \"../x\" must not contain \"..\"; write the "
          "path that is meant\n"
          "1:49: scripts.finalizeCustomization[1]: lacks \"path\" or \"content\"; add one of them\n" },
};

TEST_ROWS(mistakes, ELEMENTSOF(mistakes)) {
        _cleanup_config_ Config config = {};
        _cleanup_free_ char *said = NULL;

        assert_errno(parse(mistakes[_i].text, &config, &said), -EBADMSG);
        ck_assert_str_eq(said, mistakes[_i].said);
        ck_assert_ptr_null(strstr(said, "s3cret"));
}

TEST(a_secret_is_bounded)
{
        _cleanup_config_ Config config = {};
        _cleanup_free_ char *said = NULL, *text = NULL;
        char secret[CONFIG_MAX_SECRET_BYTES + 1];

        memset(secret, 'x', sizeof(secret) - 1);
        secret[sizeof(secret) - 1] = '\0';
        text = str_printf(USER("password: {type: plain-text, value: %s}"), secret);
        assert_errno(parse(text, &config, &said), -EBADMSG);
        ck_assert_str_eq(
                        said,
                        "3:51: os.users[0].password.value: must be shorter than 512 bytes\n");
}
