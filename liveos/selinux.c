/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SELinux: what is decided, and the one line of text that is changed. */

#include "liveos/selinux.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"
#include "liveos/version.h"

/* What of Azure Linux has to be how new for SELinux in a Live OS: that labels the root's overlay, and that
 * allows the services to use it. With less, nothing may be written in it. */
typedef struct Gate {
        const char *package;
        const char *version; /* from which on */
} Gate;

static const Gate dracut_gate = { "dracut", "102-11" };
static const Gate policy_gate = { SELINUX_AZL_POLICY, "2.20240226-9" };

#define MODE "SELINUX"

/* ---- what is decided ---- */

/* NULL is not too old. */
static bool is_too_old(const char *version, const Gate *gate) {
        return version && version_compare(version, gate->version) < 0;
}

/* A word of a menu's line, as no menu has these words for anything but the kernel. */
static bool has_word(const char *text, const char *word) {
        size_t n = strlen(word);

        for (const char *s = strstr(text, word); s; s = strstr(s + 1, word))
                if ((s == text || strchr(" \t\n\"'=", s[-1])) && strchr(" \t\n\"'", s[n]))
                        return true;
        return false;
}

static bool is_on(const SelinuxFacts *facts) {
        const char *menu = facts->grub_cfg ? facts->grub_cfg : "";

        if (!facts->is_enabled || has_word(menu, "selinux=0"))
                return false;
        return facts->is_default || has_word(menu, "selinux=1") ||
               has_word(menu, "security=selinux");
}

static int refuse_full_os(Failure *reterr) {
        return failure_set(
                        reterr,
                        -ENOTSUP,
                        "The image has SELinux on, but an initramfs of the type full-os carries no "
                        "labels: set os.selinux.mode to disabled, or initramfsType to bootstrap.");
}

static bool stays_off(const SelinuxFacts *facts) {
        return facts->wanted == SELINUX_DISABLED ||
               (facts->wanted == SELINUX_UNSET && !is_on(facts));
}

bool selinux_asks_policy(const SelinuxFacts *facts) {
        return facts->azl_dracut && !facts->is_full_os && !stays_off(facts);
}

static int refuse_old(
                const SelinuxFacts *facts,
                const Gate *gate,
                const char *version,
                Failure *reterr) {
        return failure_set(
                        reterr,
                        -ENOTSUP,
                        "os.selinux (%s): SELinux cannot be on with %s %s, with which nothing may be "
                        "written in a Live OS: update %s in the image to %s or later.",
                        facts->place ? facts->place : "?",
                        gate->package,
                        version,
                        gate->package,
                        gate->version);
}

static int tell_off(const Gate *gate, const char *version, Failure *ret) {
        (void) failure_set(
                        ret,
                        -ENOTSUP,
                        "SELinux is switched off in the Live OS, where nothing could be written with "
                        "it: the image's %s is %s, and %s is needed.",
                        gate->package,
                        version,
                        gate->version);
        return 1;
}

/* Nobody but the kernel may use the files of an overlay that was mounted before there was a policy, nor are
 * files without a label copied into memory to get one. */
static int tell_enforcing(const SelinuxFacts *facts, Failure *ret) {
        if (!facts->is_debian || facts->wanted == SELINUX_PERMISSIVE ||
            (facts->wanted == SELINUX_UNSET && !facts->is_enforcing))
                return 0;
        (void) failure_set(
                        ret,
                        -ENOTSUP,
                        "A Live OS that enforces SELinux does not come up with Debian's policy "
                        "alone: see that the image's has the rules of docs/examples/live-os.cil, or "
                        "set os.selinux.mode to permissive.");
        return 1;
}

int selinux_decide(const SelinuxFacts *facts, SelinuxState *ret, Failure *reterr) {
        static const SelinuxState states[] = {
                [SELINUX_DISABLED] = SELINUX_OFF,
                [SELINUX_PERMISSIVE] = SELINUX_ON,
                [SELINUX_ENFORCING] = SELINUX_ON,
                [SELINUX_FORCE_ENFORCING] = SELINUX_FORCED,
        };
        const struct {
                const Gate *gate;
                const char *version;
        } gates[] = {
                { &dracut_gate, facts->azl_dracut },
                { &policy_gate, facts->azl_policy },
        };
        bool wants_on = facts->wanted > SELINUX_DISABLED;

        if (stays_off(facts)) {
                *ret = facts->wanted == SELINUX_DISABLED ? SELINUX_OFF : SELINUX_AS_IMAGE;
                return 0;
        }
        if (facts->is_full_os)
                return refuse_full_os(reterr);
        for (size_t i = 0; i < ELEMENTSOF(gates); i++) {
                if (!is_too_old(gates[i].version, gates[i].gate))
                        continue;
                if (wants_on)
                        return refuse_old(facts, gates[i].gate, gates[i].version, reterr);
                *ret = SELINUX_OFF;
                return tell_off(gates[i].gate, gates[i].version, reterr);
        }
        *ret = wants_on ? states[facts->wanted] : SELINUX_KEPT;
        return tell_enforcing(facts, reterr);
}

bool selinux_is_on(SelinuxState state) {
        return state == SELINUX_KEPT || state == SELINUX_ON || state == SELINUX_FORCED;
}

const char *const *selinux_arguments(SelinuxState state) {
        static const char *const arguments[][4] = {
                [SELINUX_AS_IMAGE] = { NULL },
                [SELINUX_KEPT] = { NULL },
                [SELINUX_OFF] = { "selinux=0", NULL },
                [SELINUX_ON] = { "security=selinux", "selinux=1", NULL },
                [SELINUX_FORCED] = { "security=selinux", "selinux=1", "enforcing=1", NULL },
        };

        assert((size_t) state < ELEMENTSOF(arguments));
        return arguments[state];
}

/* ---- text ---- */

/* What stands behind "NAME=" when the line says it, else NULL. */
static const char *value_in(const char *line, const char *name) {
        const char *rest = str_after_prefix(line + strspn(line, " \t"), name);

        return rest && *rest == '=' ? rest + 1 : NULL;
}

static const char *next_line(const char *line) {
        line += strcspn(line, "\n");
        return *line == '\n' ? line + 1 : line;
}

char *selinux_text_get(const char *text, const char *name) {
        const char *found = "";

        for (; *text; text = next_line(text)) {
                const char *value = value_in(text, name);

                found = value ? value : found;
        }
        return strndup(found, strcspn(found, " \t\r\n"));
}

bool selinux_text_is_enabled(const char *text) {
        _cleanup_free_ char *mode = selinux_text_get(text, MODE);

        return mode && (strcasecmp(mode, "enforcing") == 0 || strcasecmp(mode, "permissive") == 0);
}

bool selinux_text_is_enforcing(const char *text) {
        _cleanup_free_ char *mode = selinux_text_get(text, MODE);

        return mode && strcasecmp(mode, "enforcing") == 0;
}

int selinux_text_set_mode(const char *text, ConfigSelinuxMode mode, char **ret) {
        static const char *const words[] = {
                [SELINUX_DISABLED] = "disabled",
                [SELINUX_PERMISSIVE] = "permissive",
                [SELINUX_ENFORCING] = "enforcing",
                [SELINUX_FORCE_ENFORCING] = "enforcing",
        };
        _cleanup_buffer_ Buffer to = {};
        bool done = false;
        int r = 0;

        assert(mode > SELINUX_UNSET && (size_t) mode < ELEMENTSOF(words));
        for (; *text && r >= 0; text = next_line(text)) {
                size_t size = strcspn(text, "\n");

                if (!value_in(text, MODE))
                        r = buffer_printf(&to, "%.*s\n", (int) size, text);
                else if (!done)
                        r = buffer_printf(&to, MODE "=%s\n", words[mode]);
                done |= value_in(text, MODE) != NULL;
        }
        if (r >= 0 && !done)
                r = buffer_printf(&to, MODE "=%s\n", words[mode]);
        if (r < 0)
                return r;
        *ret = buffer_take(&to);
        return *ret ? 0 : -ENOMEM;
}
