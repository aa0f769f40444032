/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Validation: the caller's context copied and judged in one sealed child, before the service asks
 * polkit anything. What was judged is the copy, so that nothing can be exchanged afterwards. Of an image
 * only its first bytes are looked at, as an ISO may remember what the config lacks.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/digest.h"
#include "common/fd.h"
#include "common/strings.h"
#include "config/config.h"
#include "config/context.h"
#include "config/report.h"
#include "container/sealed.h"
#include "liveos/context.h"
#include "liveos/image-format.h"
#include "liveos/source.h"
#include "liveos/validate-lists.h"
#include "liveos/verbs.h"

/* For judging a config, and for copying what came with it at the pace of a slow disk. */
#define CPU_SECONDS           UINT64_C(10)
#define TIMEOUT_SECONDS       UINT64_C(60)
#define WHAT                  "The context"
#define COPY_BYTES_PER_SECOND (UINT64_C(16) * 1024 * 1024)

/* What the visit of a context collects. */
typedef struct Contents {
        ContextTexts texts;
        char **names; /* those of folders end in '/' */
} Contents;

static void contents_done(Contents *contents) {
        context_texts_done(&contents->texts);
        strv_free(contents->names);
}

/* Base configs come in the order of their numbers, so each name is the next one's. */
static int collect_base(Contents *contents, ArchiveEntry *entry, Failure *reterr) {
        size_t n = strv_length(contents->texts.bases), size;
        _cleanup_free_ char *name = str_printf(CONTEXT_BASES "%zu", n), *text = NULL;
        int r;

        if (!name)
                return -ENOMEM;
        if (n == CONFIG_MAX_BASES || !str_equal(archive_entry_name(entry), name))
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The context has '%.100s' where '%s' should be; base configs are "
                                "numbered from 0, and there are %d at most.",
                                archive_entry_name(entry),
                                name,
                                CONFIG_MAX_BASES);
        r = archive_entry_read(entry, CONFIG_MAX_BYTES, &text, &size);
        if (r < 0)
                return failure_default(reterr, r, "The base config '%s' cannot be read", name);
        if (strlen(text) != size)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The base config '%s' of the context holds a NUL character.",
                                name);
        return strv_append_take(&contents->texts.bases, TAKE_PTR(text));
}

static int collect(void *userdata, ArchiveEntry *entry, Failure *reterr) {
        Contents *contents = userdata;
        int r;

        if (str_after_prefix(archive_entry_name(entry), CONTEXT_BASES))
                return collect_base(contents, entry, reterr);
        if (archive_entry_is_folder(entry))
                return strv_append_take(
                                &contents->names,
                                str_printf("%s/", archive_entry_name(entry)));
        if (str_equal(archive_entry_name(entry), CONTEXT_SOURCES))
                return archive_entry_read(
                                entry,
                                CONTEXT_SOURCES_MAX_BYTES,
                                &contents->texts.sources,
                                &contents->texts.sources_size);
        if (!str_equal(archive_entry_name(entry), CONTEXT_CONFIG))
                return strv_append(&contents->names, archive_entry_name(entry));
        r = archive_entry_read(
                        entry,
                        CONFIG_MAX_BYTES,
                        &contents->texts.config,
                        &contents->texts.config_size);
        if (r == -EFBIG)
                return failure_set(
                                reterr,
                                r,
                                "The config is larger than %u bytes.",
                                CONFIG_MAX_BYTES);
        return r;
}

static int copy_context(const Order *order, Failure *reterr) {
        Source source;
        int r;

        r = source_look(ORDER_FD_CONTEXT, WHAT, order->context_max_bytes, &source, reterr);
        if (r >= 0)
                r = source_copy(&source, ORDER_FD_CONTEXT, ORDER_FD_SCRATCH);
        if (r < 0)
                return failure_default(reterr, r, "The context cannot be copied");
        return lseek(ORDER_FD_SCRATCH, 0, SEEK_SET) < 0 ? -errno : 0;
}

static int read_contents(const Order *order, Contents *contents, Failure *reterr) {
        const ArchiveLimits limits = context_limits(order);
        int r;

        if (order->context_is_text)
                r = fd_pread_all(
                                ORDER_FD_SCRATCH,
                                CONFIG_MAX_BYTES,
                                &contents->texts.config,
                                &contents->texts.config_size);
        else
                r = archive_visit(ORDER_FD_SCRATCH, &limits, collect, contents, reterr);
        if (r < 0)
                return failure_default(reterr, r, "The context cannot be read");
        if (!contents->texts.config)
                return failure_set(
                                reterr,
                                -EBADMSG,
                                "The context has no '%s' in it.",
                                CONTEXT_CONFIG);
        return 0;
}

static int check_source(
                const ConfigSource *source,
                const Contents *contents,
                Diagnostics *diagnostics) {
        _cleanup_free_ char *name = str_printf("%s%s", source->entry, source->is_folder ? "/" : "");

        if (!name)
                return -ENOMEM;
        if (!strv_contains(contents->names, name))
                diagnostics_add(diagnostics,
                                REPORT_ERROR,
                                0,
                                0,
                                "The config names the %s '%s', which did not come with it: send config and files together (pxectl build does).",
                                source->is_folder ? "folder" : "file",
                                source->path);
        return 0;
}

static int check_sources(const Config *config, const Contents *contents, Diagnostics *diagnostics) {
        _cleanup_free_ ConfigSource *sources = NULL;
        size_t n;
        int r = config_sources(config, &sources, &n);

        for (size_t i = 0; r >= 0 && i < n; i++)
                r = check_source(&sources[i], contents, diagnostics);
        return r < 0 ? r : diagnostics_result(diagnostics);
}

static void send_diagnostics(int fd, const Diagnostics *diagnostics) {
        for (size_t i = 0; i < diagnostics->n_items; i++) {
                const Diagnostic *d = &diagnostics->items[i];
                const char *file = diagnostics_file_name(diagnostics, d->file);
                Report report = {
                        .kind = REPORT_DIAGNOSTIC,
                        .number = d->severity,
                        .line = d->line,
                        .column = d->column,
                };

                (void) snprintf(report.text,
                                sizeof(report.text),
                                "%.300s%s%s",
                                file ? file : "",
                                file ? ": " : "",
                                d->message);
                (void) report_send(fd, &report);
        }
}

static int send_facts(int fd, const Config *config, const Contents *contents) {
        char digest[DIGEST_SIZE];
        int r = context_digest(&contents->texts, digest);

        if (r < 0)
                return r;
        report_fact(fd, REPORT_FACT_CONFIG_DIGEST, digest);
        report_fact(fd, REPORT_FACT_NETWORK, config_needs_network(config) ? "yes" : "no");
        return 0;
}

/* Only where it counts: whoever has the image on a file system of theirs can keep us waiting. One that
 * cannot be read is refused when it is copied, in words about the image. */
static ConfigImage look_at_image(const Config *config, const Order *order) {
        if (order->image_max_bytes == 0)
                return CONFIG_IMAGE_NONE;
        if (!config_asks_image(config, order) || image_format_is_iso(ORDER_FD_IMAGE) != 0)
                return CONFIG_IMAGE_MAYBE_ISO;
        return CONFIG_IMAGE_DISK;
}

static int validate(const Order *order, int out_fd, Failure *reterr) {
        _cleanup_(contents_done) Contents contents = {};
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_config_ Config config = {};
        int r;

        r = copy_context(order, reterr);
        if (r >= 0)
                r = read_contents(order, &contents, reterr);
        if (r < 0)
                return r;
        r = context_parse(&contents.texts, &config, &diagnostics);
        if (r >= 0)
                r = config_check(&config, order, look_at_image(&config, order), &diagnostics);
        if (r >= 0)
                r = check_sources(&config, &contents, &diagnostics);
        if (r >= 0)
                r = validate_lists(&config.packages, order, ORDER_FD_SCRATCH, &diagnostics);
        if (r < 0 && r != -EBADMSG)
                return failure_default(reterr, r, "The config cannot be parsed");
        send_diagnostics(out_fd, &diagnostics);
        return send_facts(out_fd, &config, &contents);
}

/* Runs in the reader; it says everything, failures too, in lines of a report. */
static int reader(void *userdata, int out_fd) {
        Failure failure = {};
        int r = validate(userdata, out_fd, &failure);

        if (r < 0) {
                (void) failure_default(&failure, r, "The context cannot be judged");
                report_failure(out_fd, &failure);
        }
        return r;
}

/* Hands on only lines that are a report's; the reader may have been taken over. */
static void relay(char *result) {
        char *rest = result;

        for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
                Report report;

                if (*line && report_parse(line, &report) >= 0 && report.kind != REPORT_DONE)
                        (void) report_send(ORDER_FD_REPORT, &report);
        }
}

/* What the kernel knows of its size without asking anybody; only how long its copying may take depends
 * on it. */
static uint64_t context_bytes(void) {
        struct statx st;

        return statx(ORDER_FD_CONTEXT, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_SIZE, &st) < 0
                               ? 0
                               : st.stx_size;
}

int verb_validate(const Order *order) {
        static const int keep_fds[] = { ORDER_FD_CONTEXT, ORDER_FD_SCRATCH, ORDER_FD_IMAGE };
        _cleanup_free_ char *result = NULL;
        Sealed sealed = SEALED_INIT;
        Failure failure = {};
        size_t size = 0;
        int r;

        sealed.name = "reader of the config";
        sealed.profile = SEALED_COPIER;
        sealed.function = reader;
        sealed.userdata = (void *) order;
        sealed.keep_fds = keep_fds;
        sealed.n_keep_fds = order->image_max_bytes == 0 ? 2 : ELEMENTSOF(keep_fds);
        sealed.max_memory_bytes = sealed_memory_default();
        sealed.max_file_bytes = order->context_max_bytes;
        sealed.cpu_seconds = CPU_SECONDS + context_bytes() / COPY_BYTES_PER_SECOND;
        sealed.timeout_usec = (TIMEOUT_SECONDS + context_bytes() / COPY_BYTES_PER_SECOND) * 1000000;
        sealed.max_output_bytes = (DIAGNOSTICS_MAX + 8) * REPORT_LINE_MAX;
        sealed.lifeline_fd = ORDER_FD_LIFELINE;
        r = fd_check_reading(ORDER_FD_CONTEXT, WHAT, &failure);
        if (r >= 0)
                r = sealed_run(&sealed, &result, &size, &failure);
        if (result)
                relay(result);
        if (failure.error < 0)
                report_failure(ORDER_FD_REPORT, &failure);
        if (r >= 0)
                report_done(ORDER_FD_REPORT);
        return r;
}
