/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SELinux: what is decided, and the file's text. */

#include "liveos/selinux.h"
#include "tests/lib/test.h"

#define LINE_ON "\tlinux /vmlinuz root=x security=selinux selinux=1\n"

static const struct {
        SelinuxFacts facts;
        int result;
        SelinuxState state;
} decisions[] = {
        { { SELINUX_UNSET }, 0, SELINUX_AS_IMAGE },
        { { SELINUX_UNSET, .is_enabled = true, .grub_cfg = "\tlinux /v ro\n" },
          0,
          SELINUX_AS_IMAGE },
        { { SELINUX_UNSET, .is_enabled = true, .is_full_os = true, .grub_cfg = "linux /v\n" },
          0,
          SELINUX_AS_IMAGE },
        { { SELINUX_UNSET, .is_enabled = true, .grub_cfg = LINE_ON }, 0, SELINUX_KEPT },
        { { SELINUX_UNSET, .is_enabled = true, .is_full_os = true, .grub_cfg = LINE_ON },
          -ENOTSUP,
          0 },
        { { SELINUX_UNSET, .is_full_os = true, .grub_cfg = LINE_ON }, 0, SELINUX_AS_IMAGE },
        { { SELINUX_UNSET, .is_enabled = true, .is_full_os = true, .is_default = true },
          -ENOTSUP,
          0 },
        { { SELINUX_UNSET,
            .is_enabled = true,
            .is_full_os = true,
            .is_default = true,
            .grub_cfg = "set x=\"ro selinux=0\"\n" },
          0,
          SELINUX_AS_IMAGE },
        { { SELINUX_UNSET, .is_enabled = true, .azl_dracut = "102-10.azl3", .grub_cfg = LINE_ON },
          1,
          SELINUX_OFF },
        { { SELINUX_UNSET, .is_enabled = true, .azl_dracut = "102-11.azl3", .grub_cfg = LINE_ON },
          0,
          SELINUX_KEPT },
        { { SELINUX_DISABLED, .is_full_os = true, .is_enabled = true, .grub_cfg = LINE_ON },
          0,
          SELINUX_OFF },
        { { SELINUX_PERMISSIVE }, 0, SELINUX_ON },
        { { SELINUX_ENFORCING, .azl_dracut = "110-1.azl4" }, 0, SELINUX_ON },
        { { SELINUX_FORCE_ENFORCING, .azl_dracut = "102-20.azl3" }, 0, SELINUX_FORCED },
        { { SELINUX_ENFORCING, .azl_dracut = "059" }, -ENOTSUP, 0 },
        { { SELINUX_ENFORCING, .azl_dracut = "102" }, -ENOTSUP, 0 },
        { { SELINUX_ENFORCING, .is_full_os = true }, -ENOTSUP, 0 },
        { { SELINUX_ENFORCING, .azl_dracut = "102-11.azl3", .azl_policy = "2.20240226-9.azl3" },
          0,
          SELINUX_ON },
        { { SELINUX_ENFORCING, .azl_dracut = "102-11.azl3", .azl_policy = "2.20240226-8.azl3" },
          -ENOTSUP,
          0 },
        { { SELINUX_PERMISSIVE, .azl_dracut = "103-1.azl3", .azl_policy = "2.20221101-21.azl3" },
          -ENOTSUP,
          0 },
        { { SELINUX_PERMISSIVE, .azl_dracut = "110-1.azl4", .azl_policy = "42.1-1.azl4" },
          0,
          SELINUX_ON },
        { { SELINUX_UNSET,
            .is_enabled = true,
            .azl_dracut = "102-11.azl3",
            .azl_policy = "2.20240226-8.azl3",
            .grub_cfg = LINE_ON },
          1,
          SELINUX_OFF },
        { { SELINUX_PERMISSIVE, .is_debian = true, .is_enforcing = true }, 0, SELINUX_ON },
        { { SELINUX_ENFORCING, .is_debian = true }, 1, SELINUX_ON },
        { { SELINUX_FORCE_ENFORCING, .is_debian = true }, 1, SELINUX_FORCED },
        { { SELINUX_UNSET, .is_enabled = true, .is_debian = true, .grub_cfg = LINE_ON },
          0,
          SELINUX_KEPT },
        { { SELINUX_UNSET,
            .is_enabled = true,
            .is_enforcing = true,
            .is_debian = true,
            .grub_cfg = LINE_ON },
          1,
          SELINUX_KEPT },
};

TEST_ROWS(decide, ELEMENTSOF(decisions)) {
        SelinuxState state = SELINUX_AS_IMAGE;
        Failure failure = {};

        assert_errno(selinux_decide(&decisions[_i].facts, &state, &failure), decisions[_i].result);
        ck_assert_int_eq(state, decisions[_i].state);
        ck_assert_int_eq(
                        failure.error,
                        decisions[_i].result == 0  ? 0
                        : decisions[_i].result < 0 ? decisions[_i].result
                                                   : -ENOTSUP);
}

static const struct {
        const char *text;
        bool is_enabled;
        ConfigSelinuxMode mode;
        const char *changed;
} texts[] = {
        { "# SELINUX=x\nSELINUX=enforcing\nSELINUXTYPE=targeted\n",
          true,
          SELINUX_DISABLED,
          "# SELINUX=x\nSELINUX=disabled\nSELINUXTYPE=targeted\n" },
        { "SELINUX=disabled \nSELINUXTYPE=t",
          false,
          SELINUX_FORCE_ENFORCING,
          "SELINUX=enforcing\nSELINUXTYPE=t\n" },
        { "SELINUX=disabled\nSELINUX=Permissive\n",
          true,
          SELINUX_ENFORCING,
          "SELINUX=enforcing\n" },
        { "a", false, SELINUX_PERMISSIVE, "a\nSELINUX=permissive\n" },
        { "", false, SELINUX_PERMISSIVE, "SELINUX=permissive\n" },
};

TEST_ROWS(text, ELEMENTSOF(texts)) {
        _cleanup_free_ char *changed = NULL;

        ck_assert_int_eq(selinux_text_is_enabled(texts[_i].text), texts[_i].is_enabled);
        assert_ok(selinux_text_set_mode(texts[_i].text, texts[_i].mode, &changed));
        ck_assert_str_eq(changed, texts[_i].changed);
        ck_assert_int_eq(selinux_text_is_enabled(changed), texts[_i].mode != SELINUX_DISABLED);
        ck_assert_int_eq(selinux_text_is_enforcing(changed), texts[_i].mode >= SELINUX_ENFORCING);
}

TEST(values)
{
        _cleanup_free_ char *type = selinux_text_get("SELINUX=a\nSELINUXTYPE= b\n", "SELINUX");
        _cleanup_free_ char *none = selinux_text_get("SELINUXTYPE=b\n", "SELINUX");

        ck_assert_str_eq(type, "a");
        ck_assert_str_eq(none, "");
}
