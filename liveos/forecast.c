/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A plan's facts: one row each, with the steps of the inspection that it rests on. */

#include "liveos/forecast.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/strings.h"
#include "config/plan-facts.h"
#include "config/report.h"
#include "liveos/forecast-added.h"
#include "liveos/forecast-memory.h"
#include "liveos/forecast-size.h"
#include "liveos/grub-linux.h"
#include "liveos/inspect.h"
#include "liveos/live-url.h"
#include "liveos/loader-files.h"
#include "liveos/menu.h"
#include "liveos/places.h"
#include "liveos/redact.h"

#define PROGRAM PLACE_WORK "/forecast.efi"

/* A row's value for a medium; NULL or "" for none. Caller frees. Most need but the build. */
typedef int (*FactFn)(const Build *build, MediumKind medium, char **ret, Failure *reterr);
#define FACT(name)                           \
        int name(const Build *build,         \
                 MediumKind medium _unused_, \
                 char **ret,                 \
                 Failure *reterr _unused_)

static int give(const char *text, char **ret) {
        *ret = text ? strdup(text) : NULL;
        return text && !*ret ? -ENOMEM : 0;
}

static FACT(fact_os) {
        return give(build->os_release.pretty_name, ret);
}

static FACT(fact_arch) {
        return give(arch_to_string(build->arch), ret);
}

static FACT(fact_format) {
        return give(image_kind_to_string(build->format.kind), ret);
}

static FACT(fact_initramfs) {
        return give(build->initramfs == INITRAMFS_FULL_OS ? "full-os" : "bootstrap", ret);
}

static FACT(fact_dracut) {
        return give(build->dracut.version_text, ret);
}

static FACT(fact_network) {
        return give(dracut_network_to_string(build->dracut.network), ret);
}

static int loader_text(const LoaderFile *loader, char **ret) {
        *ret = str_printf(loader->place == LOADER_IN_ESP ? "/%s on the ESP" : "/%s", loader->path);
        return *ret ? 0 : -ENOMEM;
}

static FACT(fact_shim) {
        return loader_text(&build->loaders.shim, ret);
}

static FACT(fact_grub) {
        return loader_text(&build->loaders.grub[medium], ret);
}

static FACT(fact_prefix) {
        char prefix[LOADER_PREFIX_MAX];
        int r = loader_copy(build, &build->loaders.grub[medium], PROGRAM, reterr);

        if (r >= 0)
                r = loader_find_prefix(build, medium, PROGRAM, prefix, reterr);
        (void) unlink(PROGRAM);
        return r < 0 ? r : give(*prefix ? prefix : "its own folder", ret);
}

static FACT(fact_secure_boot) {
        static const char *const words[_SECURE_BOOT_MAX] = {
                [SECURE_BOOT_UNKNOWN] = PLAN_SECURE_BOOT_UNKNOWN,
                [SECURE_BOOT_NO] = PLAN_SECURE_BOOT_NO,
                [SECURE_BOOT_YES] = PLAN_SECURE_BOOT_YES,
        };

        return give(words[build->secure_boot], ret);
}

/* The arguments of the first entry that starts a kernel. */
static int find_command_line(const char *menu, char **ret, Failure *reterr) {
        _cleanup_grub_script_ GrubScript script = {};
        int r = grub_script_parse(menu, &script, reterr);

        for (size_t i = 0; r >= 0 && i < script.n_commands; i++) {
                const GrubCommand *command = &script.commands[i];
                _cleanup_strv_ char **words = NULL;

                if (command->n_words < 2 || !grub_boot_command_suffix(&script, command, "linux"))
                        continue;
                for (size_t k = 2; k < command->n_words && r >= 0; k++)
                        r = strv_append(&words, script.words[command->first + k].value);
                if (r < 0)
                        break;
                *ret = strv_join(words, " ");
                return *ret ? 0 : -ENOMEM;
        }
        return r;
}

static FACT(fact_command_line) {
        _cleanup_free_ char *menu = NULL;
        int r = menu_make(build, medium, &menu, reterr);

        return r < 0 ? r : find_command_line(menu, ret, reterr);
}

static FACT(fact_url) {
        return give(build->bootstrap_url, ret);
}

#define KNOWS(step) (1U << INSPECT_##step)
#define ALWAYS      ~0U
#define ON_ISO      (1U << MEDIUM_ISO)
#define ON_PXE      (1U << MEDIUM_PXE)

/* clang-format off */
static const struct {
        const char *name;
        unsigned needs;    /* steps of the inspection */
        unsigned media;    /* ALWAYS, or told when one of these is made */
        MediumKind medium; /* what the function is asked for */
        FactFn get;
} facts[] = {
        { PLAN_OS,               KNOWS(OS),                     ALWAYS, MEDIUM_ISO, fact_os },
        { PLAN_ARCHITECTURE,     KNOWS(ARCH),                   ALWAYS, MEDIUM_ISO, fact_arch },
        { PLAN_IMAGE_FORMAT,     0,                             ALWAYS, MEDIUM_ISO, fact_format },
        { PLAN_INITRAMFS,        0,                             ALWAYS, MEDIUM_ISO, fact_initramfs },
        { PLAN_DRACUT,           KNOWS(DRACUT),                 ALWAYS, MEDIUM_ISO, fact_dracut },
        { PLAN_NETWORK_MODULE,   KNOWS(DRACUT),                 ALWAYS, MEDIUM_ISO, fact_network },
        { PLAN_SHIM,             KNOWS(LOADERS),                ALWAYS, MEDIUM_ISO, fact_shim },
        { PLAN_GRUB_ISO,         KNOWS(LOADERS),                ON_ISO, MEDIUM_ISO, fact_grub },
        { PLAN_PREFIX_ISO,       KNOWS(LOADERS),                ON_ISO, MEDIUM_ISO, fact_prefix },
        { PLAN_GRUB_PXE,         KNOWS(LOADERS),                ON_PXE, MEDIUM_PXE, fact_grub },
        { PLAN_PREFIX_PXE,       KNOWS(LOADERS),                ON_PXE, MEDIUM_PXE, fact_prefix },
        { PLAN_SECURE_BOOT,      KNOWS(SECURE_BOOT),            ALWAYS, MEDIUM_ISO, fact_secure_boot },
        { PLAN_BOOTSTRAP_URL,    0,                             ON_PXE, MEDIUM_PXE, fact_url },
        { PLAN_COMMAND_LINE_ISO, KNOWS(LIVE_MENUS),             ON_ISO, MEDIUM_ISO, fact_command_line },
        { PLAN_COMMAND_LINE_PXE, KNOWS(LIVE_MENUS),             ON_PXE, MEDIUM_PXE, fact_command_line },
};
/* clang-format on */

static void tell(const Build *build, const char *name, char *text) {
        if (!text || !*text)
                return;
        redact_urls(text, strlen(text));
        report_fact(build->report_fd, name, text);
}

static void tell_bytes(const Build *build, const char *name, uint64_t bytes) {
        char text[32];

        if (bytes == 0)
                return;
        (void) snprintf(text, sizeof(text), "%" PRIu64, bytes);
        report_fact(build->report_fd, name, text);
}

/* One that cannot be told is a problem of the image's. */
static void tell_facts(const Build *build) {
        for (size_t i = 0; i < ELEMENTSOF(facts); i++) {
                _cleanup_free_ char *text = NULL;
                Failure failure = {};
                int r;

                if (!inspect_knows(build, facts[i].needs) ||
                    (facts[i].media != ALWAYS && !(build_media(build) & facts[i].media)))
                        continue;
                r = facts[i].get(build, facts[i].medium, &text, &failure);
                if (r < 0) {
                        (void) failure_default(&failure, r, "'%s' cannot be told", facts[i].name);
                        report_problem(build->report_fd, REPORT_ERROR, "%s", failure.message);
                } else
                        tell(build, facts[i].name, text);
        }
        if (inspect_knows(build, KNOWS(KERNELS)))
                for (size_t i = 0; i < build->kernels.n_items; i++)
                        report_fact(build->report_fd,
                                    PLAN_KERNELS,
                                    build->kernels.items[i].version);
}

static ForecastWay way_of(const Build *build, MediumKind medium) {
        if (build->initramfs == INITRAMFS_FULL_OS)
                return FORECAST_FULL_OS;
        if (medium == MEDIUM_ISO)
                return FORECAST_BOOTSTRAP_MEDIA;
        return live_url_is_mounted(build->bootstrap_url) ? FORECAST_BOOTSTRAP_MOUNT
                                                         : FORECAST_BOOTSTRAP_FETCH;
}

static void tell_sizes(const Build *build, const ForecastSizes *sizes) {
        static const struct {
                const char *name;
                size_t offset;
        } rows[] = {
                { PLAN_ROOT_BYTES, offsetof(ForecastSizes, root) },
                { PLAN_ROOTFS_BYTES, offsetof(ForecastSizes, rootfs) },
                { PLAN_INITRD_BYTES, offsetof(ForecastSizes, initrd) },
                { PLAN_ISO_BYTES, offsetof(ForecastSizes, iso) },
                { PLAN_ARTIFACT_BYTES, offsetof(ForecastSizes, artifact) },
        };
        static const char *const memory[_MEDIUM_KIND_MAX] = { PLAN_MEMORY_ISO, PLAN_MEMORY_PXE };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                tell_bytes(build,
                           rows[i].name,
                           *(const uint64_t *) ((const char *) sizes + rows[i].offset));
        for (MediumKind medium = 0; medium < _MEDIUM_KIND_MAX; medium++)
                if (build_media(build) & (1U << medium))
                        tell_bytes(build,
                                   memory[medium],
                                   forecast_memory(sizes, way_of(build, medium)));
}

/* Not a tenth, as the preflight has it, but what is to be expected. */
static void judge_space(const Build *build, const ForecastSizes *sizes) {
        if (!build->space.is_plain || sizes->artifact <= build->space.free_bytes)
                return;
        report_problem(build->report_fd,
                       REPORT_WARNING,
                       "The artifact will take about %" PRIu64 " bytes, but only %" PRIu64
                       " are free in the service's state folder: free some, or give it a larger one.",
                       sizes->artifact,
                       build->space.free_bytes);
}

static void warn_of_unknown(const Build *build) {
        const char *unknown = forecast_added_unknown(&build->config);

        if (unknown)
                report_problem(build->report_fd,
                               REPORT_WARNING,
                               "Sizes and memory are told without what the config's %s change, as nobody knows that before they have run: leave room for it.",
                               unknown);
}

int stage_forecast(Build *build, Failure *reterr) {
        ForecastSizes sizes;
        int r;

        tell_facts(build);
        if (!inspect_knows(build, KNOWS(KERNELS)))
                return 0;
        r = forecast_sizes(build, &sizes, reterr);
        if (r < 0)
                return r;
        tell_sizes(build, &sizes);
        warn_of_unknown(build);
        judge_space(build, &sizes);
        return 0;
}
