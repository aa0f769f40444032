/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Groups and users, made by the image's own shadow: it knows what else belongs to an account there
 * (subordinate ids, a mail spool, /etc/skel). What is there already is kept and completed; an id or
 * a home that would have to change is refused, as files out of our sight may depend on it.
 */

#include "liveos/customize-accounts.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <syslog.h>

#include "common/fs.h"
#include "common/strings.h"
#include "config/report.h"
#include "liveos/customize-steps.h"
#include "liveos/places.h"
#include "liveos/run.h"

#define ACCOUNTS_MAX_BYTES (4U * 1024 * 1024)

int accounts_run(const Build *build, const char *const *argv, int stdin_fd, Failure *reterr) {
        Command command = COMMAND_INIT;
        int r;

        command.argv = argv;
        command.root = PLACE_TREE;
        command.profile = COMMAND_IMAGE;
        command.stdin_fd = stdin_fd;
        r = run_logged(build->report_fd, argv[0], command, reterr);
        if (r == -ENOENT)
                return failure_set(
                                reterr,
                                -ENOPKG,
                                "the image has no program '%s': install the package shadow-utils "
                                "(Debian: passwd) in it.",
                                argv[0]);
        return r;
}

/* As accounts_run(), for a list that is still being put together. */
static int run_list(const Build *build, char *const *argv, Failure *reterr) {
        return accounts_run(build, (const char *const *) argv, /* stdin_fd= */ -EBADF, reterr);
}

static int append_pair(char ***argv, const char *option, const char *value) {
        int r = strv_append(argv, option);

        return r < 0 ? r : strv_append(argv, value);
}

static int append_number(char ***argv, const char *option, int64_t number) {
        int r = strv_append(argv, option);

        return r < 0 ? r : strv_append_take(argv, str_printf("%" PRIi64, number));
}

static int read_accounts(int root_fd, const char *path, char **ret_text, Failure *reterr) {
        size_t size;
        int r = fs_read_in_root(root_fd, path, ACCOUNTS_MAX_BYTES, ret_text, &size);

        return r < 0 ? failure_set_errno(reterr, r, "the image's /%s cannot be read", path) : 0;
}

/* Returns 1 when there is such a group, 0 when not. */
static int find_group(int root_fd, const char *name, gid_t *ret_gid, Failure *reterr) {
        _cleanup_free_ char *text = NULL;
        int r = read_accounts(root_fd, "etc/group", &text, reterr);

        return r < 0 ? r : account_find_group(text, name, ret_gid);
}

static int find_user(int root_fd, const char *name, Account *ret, Failure *reterr) {
        _cleanup_free_ char *text = NULL;
        int r = read_accounts(root_fd, "etc/passwd", &text, reterr);

        return r < 0 ? r : account_find_user(text, name, ret);
}

/* ---- groups ---- */

static int make_group(const Build *build, int root_fd, const ConfigGroup *group, Failure *reterr) {
        _cleanup_strv_ char **argv = NULL;
        gid_t gid;
        int r = find_group(root_fd, group->name, &gid, reterr);

        if (r < 0)
                return r;
        if (r > 0 && group->has_gid && (int64_t) gid != group->gid)
                return failure_set(
                                reterr,
                                -EEXIST,
                                "the image has this group with the id %u, which cannot be changed "
                                "to %" PRIi64 ": give that id or none.",
                                gid,
                                group->gid);
        if (r > 0)
                return 0;
        r = strv_append(&argv, "groupadd");
        if (r >= 0 && group->has_gid)
                r = append_number(&argv, "--gid", group->gid);
        if (r >= 0)
                r = append_pair(&argv, "--", group->name);
        return r < 0 ? r : run_list(build, argv, reterr);
}

int customize_groups(const Build *build, int root_fd, Failure *reterr) {
        for (size_t i = 0; i < build->config.n_groups; i++) {
                const ConfigGroup *group = &build->config.groups[i];
                int r = make_group(build, root_fd, group, reterr);

                if (r < 0)
                        return customize_blame(
                                        build,
                                        "os.groups",
                                        &group->place,
                                        group->name,
                                        r,
                                        reterr);
        }
        return 0;
}

/* ---- users ---- */

/* A group of the user's own name that is there already has to be named, or useradd refuses to make
 * it. */
static int append_group(int root_fd, const ConfigUser *user, char ***argv, Failure *reterr) {
        gid_t gid;
        int r;

        if (user->primary_group)
                return append_pair(argv, "--gid", user->primary_group);
        r = find_group(root_fd, user->name, &gid, reterr);
        return r > 0 ? append_pair(argv, "--gid", user->name) : r;
}

static int add_user(const Build *build, int root_fd, const ConfigUser *user, Failure *reterr) {
        _cleanup_strv_ char **argv = NULL;
        int r = append_pair(&argv, "useradd", "--create-home");

        if (r >= 0 && user->has_uid)
                r = append_number(&argv, "--uid", user->uid);
        if (r >= 0 && user->home)
                r = append_pair(&argv, "--home-dir", user->home);
        if (r >= 0)
                r = append_group(root_fd, user, &argv, reterr);
        if (r >= 0)
                r = append_pair(&argv, "--", user->name);
        return r < 0 ? r : run_list(build, argv, reterr);
}

static int check_known(const ConfigUser *user, const Account *account, Failure *reterr) {
        if (user->has_uid && user->uid != (int64_t) account->uid)
                return failure_set(
                                reterr,
                                -EEXIST,
                                "the image has this user with the id %u, which cannot be changed "
                                "to %" PRIi64 ": give that id or none.",
                                account->uid,
                                user->uid);
        if (user->home && !str_equal(user->home, account->home))
                return failure_set(
                                reterr,
                                -EEXIST,
                                "the image has this user with the home '%.255s', which cannot be "
                                "changed to '%s': leave homeDirectory out.",
                                account->home,
                                user->home);
        return 0;
}

/* Groups and shell, of a new user as of a known one. */
static int modify_user(const Build *build, const ConfigUser *user, bool is_known, Failure *reterr) {
        _cleanup_free_ char *groups = strv_join(user->secondary_groups, ",");
        _cleanup_strv_ char **argv = NULL;
        int r = groups ? strv_append(&argv, "usermod") : -ENOMEM;

        if (r >= 0 && is_known && user->primary_group)
                r = append_pair(&argv, "--gid", user->primary_group);
        if (r >= 0 && user->secondary_groups) {
                r = append_pair(&argv, "--append", "--groups");
                if (r >= 0)
                        r = strv_append(&argv, groups);
        }
        if (r >= 0 && user->startup_command)
                r = append_pair(&argv, "--shell", user->startup_command);
        if (r < 0 || strv_length(argv) == 1)
                return r;
        r = append_pair(&argv, "--", user->name);
        return r < 0 ? r : run_list(build, argv, reterr);
}

static int set_expiry(const Build *build, const ConfigUser *user, Failure *reterr) {
        _cleanup_free_ char *days = str_printf("--maxdays=%" PRIi64, user->expires_days);

        if (!days)
                return -ENOMEM;
        return accounts_run(
                        build,
                        (const char *const[]){ "chage", days, "--", user->name, NULL },
                        /* stdin_fd= */ -EBADF,
                        reterr);
}

/* Without a password of its own a new account is as good as locked, and stays so for keys to open. */
static int make_user(const Build *build, int root_fd, const ConfigUser *user, Failure *reterr) {
        _cleanup_account_ Account account = {};
        int known = find_user(root_fd, user->name, &account, reterr), r;

        if (known < 0)
                return known;
        r = known > 0 ? check_known(user, &account, reterr)
                      : add_user(build, root_fd, user, reterr);
        if (r >= 0)
                r = modify_user(build, user, known > 0, reterr);
        if (r >= 0 && (user->password.present || known == 0))
                r = accounts_set_password(build, user, reterr);
        if (r >= 0 && user->has_expiry)
                r = set_expiry(build, user, reterr);
        if (r < 0 || (!user->ssh_keys && !user->ssh_key_paths))
                return r;
        account_done(&account);
        r = find_user(root_fd, user->name, &account, reterr);
        if (r == 0)
                return failure_set(
                                reterr,
                                -EIO,
                                "useradd ended well but left no user in /etc/passwd: see its lines "
                                "in the job's log.");
        return r < 0 ? r : accounts_add_keys(root_fd, user, &account, reterr);
}

int customize_users(const Build *build, int root_fd, Failure *reterr) {
        for (size_t i = 0; i < build->config.n_users; i++) {
                const ConfigUser *user = &build->config.users[i];
                int r = make_user(build, root_fd, user, reterr);

                if (r < 0)
                        return customize_blame(
                                        build,
                                        "os.users",
                                        &user->place,
                                        user->name,
                                        r,
                                        reterr);
                report_log(build->report_fd, LOG_INFO, "user %s is set up", user->name);
        }
        return 0;
}
