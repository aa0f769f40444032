/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The facts of an image, in the order in which a mistake in it is easiest to understand. */

#include "liveos/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include "common/fs.h"
#include "common/strings.h"
#include "config/report.h"
#include "liveos/customize.h"
#include "liveos/download-unit.h"
#include "liveos/esp.h"
#include "liveos/foreign.h"
#include "liveos/iso-reuse.h"
#include "liveos/kernel-config.h"
#include "liveos/labels.h"
#include "liveos/lacks.h"
#include "liveos/live-url.h"
#include "liveos/menu.h"
#include "liveos/places.h"
#include "liveos/rootfs.h"
#include "liveos/rpm-query.h"

typedef enum InspectGravity {
        INSPECT_WARNING, /* it works all the same, perhaps not as expected */
        INSPECT_MISSING, /* it cannot work, unless packages, files or scripts of the config mend it */
        INSPECT_FATAL,   /* it cannot work */
} InspectGravity;

/* Told of each thing that is wrong. A negative return ends the inspection, which then returns that. */
typedef int (*InspectProblemFn)(void *userdata, InspectGravity gravity, const Failure *problem);

typedef struct Inspector {
        Build *build;
        int root_fd;
        bool wants_warnings;
        InspectProblemFn on_problem;
        void *userdata;
} Inspector;

static int warn(const Inspector *inspector, const Failure *problem) {
        return inspector->on_problem(inspector->userdata, INSPECT_WARNING, problem);
}

static int check_space(Inspector *inspector, Failure *reterr) {
        return space_check(inspector->build, reterr);
}

static int find_os(Inspector *inspector, Failure *reterr) {
        return os_release_read(inspector->root_fd, &inspector->build->os_release, reterr);
}

static int find_arch(Inspector *inspector, Failure *reterr) {
        return arch_read(inspector->root_fd, &inspector->build->arch, reterr);
}

static int check_foreign(Inspector *inspector, Failure *reterr) {
        return foreign_check(inspector->build, reterr);
}

static int find_kernels(Inspector *inspector, Failure *reterr) {
        Build *build = inspector->build;
        int r = kernels_find(inspector->root_fd, &build->kernels, reterr);

        return r < 0 ? r : iso_reuse_names(build);
}

/* A menu may offer a kernel that cannot start the Live OS, as long as the first one can. */
static int check_kernel_config(Inspector *inspector, Failure *reterr) {
        const Build *build = inspector->build;
        const KernelConfigNeeds needs = {
                .is_full_os = build->initramfs == INITRAMFS_FULL_OS,
                .compressor = rootfs_compressor(build->order),
        };
        int r = 0;

        for (size_t i = 0; i < build->kernels.n_items && r >= 0; i++) {
                Failure failure = {};

                r = kernel_config_check(
                                inspector->root_fd,
                                &build->kernels.items[i],
                                &needs,
                                i == 0 ? reterr : &failure);
                if (r < 0 && i > 0)
                        r = warn(inspector, &failure);
        }
        return r;
}

static int find_loaders(Inspector *inspector, Failure *reterr) {
        _cleanup_strv_ char **esp_paths = NULL, **root_paths = NULL;
        Build *build = inspector->build;
        int r = esp_list(build, &esp_paths, reterr);

        if (r >= 0)
                r = loader_list_root(inspector->root_fd, &root_paths, reterr);
        if (r < 0)
                return r;
        return loaders_pick(
                        &(LoaderSearch){
                                        .esp_paths = esp_paths,
                                        .root_paths = root_paths,
                                        .os = &build->os_release,
                                        .arch = build->arch,
                                        .media = build_media(build),
                        },
                        &build->loaders,
                        reterr);
}

static int find_menu(Inspector *inspector, Failure *reterr) {
        return inspect_menu(inspector->build, inspector->root_fd, reterr);
}

static int find_dracut(Inspector *inspector, Failure *reterr) {
        Build *build = inspector->build;
        unsigned flags = build_boots_from_network(build) ? DRACUT_WITH_NETWORK : 0;
        int r;

        if (build->initramfs == INITRAMFS_FULL_OS)
                return 0;
        r = dracut_inspect(inspector->root_fd, &build->os_release, flags, &build->dracut, reterr);
        build->dracut.is_reproducible = build->order->source_date_epoch > 0;
        return r;
}

/* After dracut, as it adds what that is told. */
static int check_url(Inspector *inspector, Failure *reterr) {
        Build *build = inspector->build;

        build->dracut.url_module = live_url_module(build->bootstrap_url);
        return live_url_check(inspector->root_fd, &build->os_release, build->bootstrap_url, reterr);
}

static int look_at_iso_initrds(Inspector *inspector, Failure *reterr) {
        return iso_reuse_look(inspector->build, reterr);
}

/* Of an ISO as the image, an earlier config may have left a list. */
static int check_downloads(Inspector *inspector, Failure *reterr) {
        Build *build = inspector->build;
        const ConfigMedium *pxe = &build->config.pxe;
        _cleanup_lacks_ Lacks lacks = { .root_fd = inspector->root_fd, .os = &build->os_release };
        struct stat st;
        int r;

        build->fetches_downloads = pxe->n_downloads > 0 ||
                                   fs_stat_in_root(inspector->root_fd, DOWNLOAD_LIST, &st) >= 0;
        if (pxe->n_downloads == 0)
                return 0;
        r = download_find_lacks(pxe->downloads, pxe->n_downloads, &lacks);
        return r < 0 ? r
                     : lacks_judge(&lacks,
                                   "A Live OS of this image cannot fetch what pxe.downloads names",
                                   "",
                                   reterr);
}

static void read_selinux(int root_fd, SelinuxFacts *facts) {
        _cleanup_free_ char *text = NULL;
        size_t size;

        if (fs_read_in_root(root_fd, SELINUX_CONFIG, SELINUX_MAX_BYTES, &text, &size) < 0)
                return;
        facts->is_enabled = selinux_text_is_enabled(text);
        facts->is_enforcing = selinux_text_is_enforcing(text);
}

/* What a judge of SELinux says: 1 for a warning, a negative errno, each with its sentence. */
static int take_verdict(
                const Inspector *inspector,
                int verdict,
                const Failure *why,
                Failure *reterr) {
        if (verdict > 0)
                return warn(inspector, why);
        if (verdict < 0 && reterr)
                *reterr = *why;
        return verdict;
}

static int decide_selinux(Inspector *inspector, Failure *reterr) {
        Build *build = inspector->build;
        bool is_azl = build->os_release.family == FAMILY_AZURELINUX;
        _cleanup_free_ char *policy = NULL, *place = config_place_to_text(
                                                            &build->config,
                                                            &build->config.selinux.place);
        Failure why = {};
        SelinuxFacts facts = {
                .wanted = (ConfigSelinuxMode) build->config.selinux.mode,
                .is_full_os = build->initramfs == INITRAMFS_FULL_OS,
                .is_debian = build->os_release.family == FAMILY_DEBIAN,
                .is_default = build->os_release.family == FAMILY_FEDORA,
                .azl_dracut = is_azl ? build->dracut.version_text : NULL,
                .grub_cfg = build->grub_cfg,
                .place = place,
        };

        read_selinux(inspector->root_fd, &facts);
        if (selinux_asks_policy(&facts) && rpm_query_version(SELINUX_AZL_POLICY, &policy) >= 0)
                facts.azl_policy = policy;
        return take_verdict(inspector, selinux_decide(&facts, &build->selinux, &why), &why, reterr);
}

static int judge_labels(Inspector *inspector, Failure *reterr) {
        Failure why = {};
        int r = labels_judge(inspector->build, inspector->root_fd, &why);

        return take_verdict(inspector, r, &why, reterr);
}

/* What comes out is thrown away: whether it can be made is the question. */
static int try_menus(Inspector *inspector, Failure *reterr) {
        const Build *build = inspector->build;
        int r = 0;

        for (MediumKind medium = 0; medium < _MEDIUM_KIND_MAX && r >= 0; medium++) {
                _cleanup_free_ char *text = NULL;

                if (build_media(build) & (1U << medium))
                        r = menu_make(build, medium, &text, reterr);
        }
        return r;
}

static int check_secure_boot(Inspector *inspector, Failure *reterr) {
        Failure why = {};
        int r;

        /* All that comes of it is a warning, and it takes a while. */
        if (!inspector->wants_warnings)
                return 0;
        r = secure_boot_check(inspector->build, &inspector->build->secure_boot, &why);

        if (r < 0)
                return failure_set_errno(reterr, r, SECURE_BOOT_UNCLEAR);
        return why.error < 0 ? warn(inspector, &why) : 0;
}

#define STEP(name) (1U << INSPECT_##name)

/* clang-format off */
static const struct {
        unsigned needs; /* mask of steps before it */
        bool is_fixed;  /* nothing that a customization does can change how it ends */
        int (*run)(Inspector *inspector, Failure *reterr);
} steps[_INSPECT_STEP_MAX] = {
        [INSPECT_SPACE]         = { 0,                                            true,  check_space },
        [INSPECT_OS]            = { 0,                                            true,  find_os },
        [INSPECT_ARCH]          = { 0,                                            true,  find_arch },
        [INSPECT_FOREIGN]       = { STEP(ARCH),                                   true,  check_foreign },
        [INSPECT_KERNELS]       = { 0,                                            false, find_kernels },
        [INSPECT_KERNEL_CONFIG] = { STEP(KERNELS),                                false, check_kernel_config },
        [INSPECT_LOADERS]       = { STEP(OS) | STEP(ARCH),                        false, find_loaders },
        [INSPECT_MENU]          = { 0,                                            false, find_menu },
        [INSPECT_DRACUT]        = { STEP(OS),                                     false, find_dracut },
        [INSPECT_URL]           = { STEP(OS),                                     false, check_url },
        [INSPECT_ISO_INITRDS]   = { STEP(KERNELS) | STEP(DRACUT) | STEP(URL),     false, look_at_iso_initrds },
        [INSPECT_DOWNLOADS]     = { STEP(OS),                                     false, check_downloads },
        [INSPECT_SELINUX]       = { STEP(OS) | STEP(MENU) | STEP(DRACUT),         false, decide_selinux },
        [INSPECT_LABELS]        = { STEP(SELINUX),                                false, judge_labels },
        [INSPECT_LIVE_MENUS]    = { STEP(KERNELS) | STEP(SELINUX),                false, try_menus },
        [INSPECT_SECURE_BOOT]   = { STEP(KERNELS) | STEP(LOADERS),                false, check_secure_boot },
};
/* clang-format on */

bool inspect_knows(const Build *build, unsigned mask) {
        return (build->known & mask) == mask;
}

static void forget(Build *build) {
        loaders_done(&build->loaders);
        kernels_done(&build->kernels);
        bls_entries_done(&build->bls_entries);
        free(build->grub_cfg);
        free(build->grub_env);
        build->grub_cfg = build->grub_env = NULL;
        os_release_done(&build->os_release);
        build->os_release = (OsRelease){};
        build->loaders = (Loaders){};
        build->kernels = (Kernels){};
        build->bls_entries = (BlsEntries){};
        build->known = 0;
}

/* Looks anew: fills the build's facts. A step whose facts are missing is left out. */
static int inspect_tree(Inspector *inspector, Failure *reterr) {
        _cleanup_close_ int root_fd = open(PLACE_TREE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        Build *build = inspector->build;

        if (root_fd < 0)
                return failure_set_errno(reterr, -errno, "The image's tree cannot be opened");
        inspector->root_fd = root_fd;
        forget(build);
        for (InspectStep i = 0; i < _INSPECT_STEP_MAX; i++) {
                Failure problem = {};
                int r;

                if (!inspect_knows(build, steps[i].needs))
                        continue;
                r = steps[i].run(inspector, &problem);
                if (r >= 0) {
                        build->known |= 1U << i;
                        continue;
                }
                (void) failure_default(&problem, r, "The image cannot be looked at");
                r = inspector->on_problem(
                                inspector->userdata,
                                steps[i].is_fixed ? INSPECT_FATAL : INSPECT_MISSING,
                                &problem);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void tell(const Build *build) {
        report_log(build->report_fd,
                   LOG_INFO,
                   "%s for %s, kernel %s, shim %s",
                   build->os_release.pretty_name,
                   arch_to_string(build->arch),
                   build->kernels.items[0].version,
                   build->loaders.shim.path);
}

/* What a callback needs to end a build. */
typedef struct Judge {
        const Build *build;
        bool may_be_mended; /* the image is not yet as it will be */
        Failure *reterr;
} Judge;

static int on_problem_of_build(void *userdata, InspectGravity gravity, const Failure *problem) {
        const Judge *judge = userdata;

        if (judge->may_be_mended && gravity != INSPECT_FATAL)
                return 0; /* told by the stage "inspect" if it is still there */
        if (gravity == INSPECT_WARNING) {
                report_log(judge->build->report_fd, LOG_WARNING, "%s", problem->message);
                return 0;
        }
        if (judge->reterr)
                *judge->reterr = *problem;
        return problem->error;
}

static int inspect_for_build(Build *build, bool may_be_mended, Failure *reterr) {
        Judge judge = { build, may_be_mended, reterr };
        Inspector inspector = {
                .build = build,
                .wants_warnings = !may_be_mended,
                .on_problem = on_problem_of_build,
                .userdata = &judge,
        };
        int r = inspect_tree(&inspector, reterr);

        if (r >= 0 && !may_be_mended)
                tell(build);
        return r;
}

static int on_problem_of_plan(void *userdata, InspectGravity gravity, const Failure *problem) {
        const Build *build = userdata;
        bool may_be_mended = gravity == INSPECT_MISSING && customize_may_mend(build);

        report_problem(build->report_fd,
                       gravity == INSPECT_WARNING || may_be_mended ? REPORT_WARNING : REPORT_ERROR,
                       "%s%s",
                       problem->message,
                       may_be_mended ? " (The config's packages, files or scripts may mend this.)"
                                     : "");
        return 0;
}

int stage_preflight(Build *build, Failure *reterr) {
        Inspector plan = {
                .build = build,
                .wants_warnings = true,
                .on_problem = on_problem_of_plan,
                .userdata = build,
        };

        if (build->order->verb == ORDER_PLAN)
                return inspect_tree(&plan, reterr);
        return inspect_for_build(build, customize_wanted(build), reterr);
}

/* The menu that the image had was made for these. An empty list says that there were none. */
static int note_kernels(Build *build) {
        build->kernels_before = calloc(1, sizeof(char *));
        if (!build->kernels_before)
                return -ENOMEM;
        for (size_t i = 0; i < build->kernels.n_items; i++)
                if (strv_append(&build->kernels_before, build->kernels.items[i].version) < 0)
                        return -ENOMEM;
        return 0;
}

int stage_inspect(Build *build, Failure *reterr) {
        int r = note_kernels(build);

        if (r < 0)
                return failure_default(reterr, r, "The image cannot be looked at");
        return inspect_for_build(build, /* may_be_mended= */ false, reterr);
}
