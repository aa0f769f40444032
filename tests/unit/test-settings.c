/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/settings.h"

#include "common/buffer.h"
#include "common/strings.h"
#include "service/free-space.h"
#include "tests/lib/test.h"

static int parse(const char *text, Settings *ret, Failure *reterr) {
        return settings_parse(text, strlen(text), "pxed.yaml", ret, reterr);
}

TEST(defaults)
{
        _cleanup_settings_ Settings settings = {};

        assert_ok(parse("", &settings, NULL));
        ck_assert_str_eq(settings.state, "/var/lib/pxed");
        ck_assert_str_eq(settings.scratch, "/var/tmp/pxed");
        ck_assert_str_eq(settings.images[0], "/var/lib/pxed/images");
        ck_assert_ptr_null(settings.images[1]);
        ck_assert_uint_eq(strv_length(settings.network_allow), 0);
        ck_assert_uint_eq(settings.queue.running, 2);
        ck_assert_uint_eq(settings.queue.running_per_user, 1);
        ck_assert_uint_eq(settings.queue.living, 32);
        ck_assert_uint_eq(settings.queue.living_per_user, 8);
        ck_assert_uint_eq(settings.context_max_bytes, UINT64_C(1) << 30);
        ck_assert_uint_eq(settings.memory_max_bytes, UINT64_C(4) << 30);
        ck_assert_uint_eq(settings.scratch_max_bytes, UINT64_C(32) << 30);
        ck_assert_uint_eq(settings.processes_max, 4096);
        ck_assert_int_eq(settings.without_limits, SETTINGS_LIMITS_REFUSE);
        ck_assert_uint_eq(settings.ids_base, 1879048192);
        ck_assert_uint_eq(settings.idle_usec, 60000000);
        ck_assert_int_eq(settings.reader, ORDER_READER_AUTO);
        ck_assert_uint_eq(settings.n_targets, 0);
}

/* What the example says is what holds without it. */
TEST(example)
{
        const char *data = getenv("PXED_TEST_DATA");
        _cleanup_settings_ Settings defaults = {}, example = {};
        _cleanup_free_ char *path = NULL;
        Failure failure = {};

        ck_assert_ptr_nonnull(data);
        path = str_printf("%s/../../docs/examples/pxed.yaml", data);
        assert_ok(parse("", &defaults, NULL));
        ck_assert_msg(settings_load(path, &example, &failure) >= 0, "%s", failure.message);
        ck_assert_str_eq(example.state, defaults.state);
        ck_assert_str_eq(example.scratch, defaults.scratch);
        ck_assert_str_eq(example.images[0], defaults.images[0]);
        ck_assert_ptr_null(example.images[1]);
        ck_assert_uint_eq(strv_length(example.network_allow), 0);
        ck_assert_str_eq(example.worker, defaults.worker);
        ck_assert_int_eq(memcmp(&example.queue, &defaults.queue, sizeof(example.queue)), 0);
        ck_assert_int_eq(memcmp(&example.callers, &defaults.callers, sizeof(example.callers)), 0);
        ck_assert_uint_eq(example.context_max_bytes, defaults.context_max_bytes);
        ck_assert_uint_eq(example.image_max_bytes, defaults.image_max_bytes);
        ck_assert_uint_eq(example.log_max_bytes, defaults.log_max_bytes);
        ck_assert_uint_eq(example.free_bytes, defaults.free_bytes);
        ck_assert_uint_eq(example.memory_max_bytes, defaults.memory_max_bytes);
        ck_assert_uint_eq(example.scratch_max_bytes, defaults.scratch_max_bytes);
        ck_assert_uint_eq(example.processes_max, defaults.processes_max);
        ck_assert_int_eq(example.without_limits, defaults.without_limits);
        ck_assert_uint_eq(example.jobs_kept, defaults.jobs_kept);
        ck_assert_uint_eq(example.job_timeout_usec, defaults.job_timeout_usec);
        ck_assert_uint_eq(example.idle_usec, defaults.idle_usec);
        ck_assert_uint_eq(example.ids_base, defaults.ids_base);
        ck_assert_int_eq(example.reader, defaults.reader);
        ck_assert_uint_eq(example.n_targets, 0);
}

/* What has to stay free of a disk of that size. */
static const struct {
        uint64_t wanted, total, needed;
} free_space[] = {
        { SETTINGS_FREE_BYTES_AUTO, 0, 0 },
        { SETTINGS_FREE_BYTES_AUTO, 100 << 20, 5 << 20 },
        { SETTINGS_FREE_BYTES_AUTO, UINT64_C(40) << 30, UINT64_C(2) << 30 },
        { SETTINGS_FREE_BYTES_AUTO, UINT64_MAX, UINT64_C(2) << 30 },
        { 0, 100 << 20, 0 },
        { UINT64_C(10) << 30, 100 << 20, UINT64_C(10) << 30 },
};

TEST_ROWS(free_space_has_a_default, ELEMENTSOF(free_space)) {
        ck_assert_uint_eq(
                        free_space_needed(free_space[_i].wanted, free_space[_i].total),
                        free_space[_i].needed);
}

TEST(everything)
{
        _cleanup_settings_ Settings settings = {};

        assert_ok(parse("state: /s/\n"
                        "scratch: /t\n"
                        "images: [/a, /b]\n"
                        "networkAllow: [10.1.2.3, \"fd00:1::/32\"]\n"
                        "worker: /w\n"
                        "idsBase: 65536\n"
                        "idleSeconds: 0\n"
                        "limits:\n"
                        "  running: 3\n"
                        "  runningPerUser: 2\n"
                        "  queued: 9\n"
                        "  queuedPerUser: 4\n"
                        "  callsPerSecond: 11\n"
                        "  callsBurst: 22\n"
                        "  jobsKept: 7\n"
                        "  jobSeconds: 60\n"
                        "  contextBytes: 1048576\n"
                        "  imageBytes: 1048577\n"
                        "  logBytes: 65536\n"
                        "  freeBytes: 12345\n"
                        "  memoryBytes: 67108864\n"
                        "  scratchBytes: 67108865\n"
                        "  processes: 64\n"
                        "withoutLimits: allow\n"
                        "targets:\n"
                        "  - name: lab\n"
                        "    tftpRoot: /srv/tftp/\n"
                        "    httpRoot: /srv/http\n"
                        "    url: http://192.0.2.1/live//\n",
                        &settings,
                        NULL));
        ck_assert_uint_eq(settings.callers.calls_per_second, 11);
        ck_assert_uint_eq(settings.callers.burst, 22);
        ck_assert_str_eq(settings.state, "/s");
        ck_assert_str_eq(settings.images[1], "/b");
        ck_assert_str_eq(settings.network_allow[0], "10.1.2.3");
        ck_assert_str_eq(settings.network_allow[1], "fd00:1::/32");
        ck_assert_uint_eq(strv_length(settings.network_allow), 2);
        ck_assert_str_eq(settings.worker, "/w");
        ck_assert_uint_eq(settings.idle_usec, 0);
        ck_assert_uint_eq(settings.job_timeout_usec, 60000000);
        ck_assert_uint_eq(settings.log_max_bytes, 65536);
        ck_assert_uint_eq(settings.free_bytes, 12345);
        ck_assert_uint_eq(settings.n_targets, 1);
        ck_assert_str_eq(settings.targets[0].tftp_root, "/srv/tftp");
        ck_assert_str_eq(settings.targets[0].url, "http://192.0.2.1/live");
}

#define TARGET(name, tftp, http) \
        "  - {name: " name ", tftpRoot: " tftp ", httpRoot: " http ", url: http://h}\n"

static const struct {
        const char *text;
        const char *sentence;
} mistakes[] = {
        { "nonsense: 1\n", "pxed.yaml:1:11: nonsense: is not a known key" },
        { "state: tmp\n", "pxed.yaml:1:8: state: must be an absolute path" },
        { "state: //\n", "must be an absolute path below /" },
        { "images: /a\n", "images: must be a list" },
        { "images: [a]\n", "pxed.yaml:1:10: images[0]: must be an absolute path" },
        { "networkAllow: 10.0.0.0/8\n",
          "networkAllow: must be a list of at most 64 ranges of addresses" },
        { "networkAllow: [10.0.0.1/8]\n",
          "pxed.yaml:1:16: networkAllow[0]: must be a range of addresses" },
        { "networkAllow: [mirror]\n", "networkAllow[0]: must be a range of addresses" },
        { "networkAllow: [127.0.0.53]\n", "networkAllow[0]: must not meet loopback" },
        { "networkAllow: [0.0.0.0/0]\n", "networkAllow[0]: must not meet loopback" },
        { "networkAllow: [\"::/0\"]\n", "networkAllow[0]: must not meet loopback" },
        { "networkAllow: [\"::ffff:10.0.0.0/104\"]\n", "networkAllow[0]: must not meet" },
        { "limits: 1\n", "limits: must be a mapping" },
        { "limits: {running: 0}\n", "limits.running: must be a number from 1 to 64" },
        { "limits: {running: 65}\n", "limits.running: must be a number from 1 to 64" },
        { "limits: {state: /}\n", "limits.state: is not a known key" },
        { "withoutLimits: perhaps\n", "pxed.yaml:1:16: withoutLimits: must be refuse or allow" },
        { "limits: {memoryBytes: 1}\n", "limits.memoryBytes: must be a number from 67108864" },
        { "running: 1\n", "running: is not a known key" },
        { "targets: {}\n", "targets: must be a list" },
        { "targets:\n  - {name: lab}\n", "needs name, tftpRoot, httpRoot and url" },
        { "targets:\n" TARGET("../x", "/t", "/h"), "targets[0].name: must be 1 to 64 letters" },
        { "targets:\n" TARGET("x", "/t", "/t"), "must not lie in each other" },
        { "targets:\n" TARGET("x", "/t/h", "/t"), "must not lie in each other" },
        { "targets:\n" TARGET("x", "/t", "/h") TARGET("x", "/t", "/h"),
          "name of an earlier target" },
        { "state: [\n", "pxed.yaml:" },
};

TEST_ROWS(mistakes, ELEMENTSOF(mistakes)) {
        Settings settings = {};
        Failure failure = {};

        assert_errno(parse(mistakes[_i].text, &settings, &failure), -EBADMSG);
        assert_failure(&failure, mistakes[_i].sentence);
}

TEST(all_mistakes_at_once)
{
        Settings settings = {};
        Failure failure = {};

        assert_errno(parse("a: 1\nb: 2\n", &settings, &failure), -EBADMSG);
        ck_assert_str_eq(
                        failure.message,
                        "pxed.yaml:1:4: a: is not a known key\npxed.yaml:2:4: b: is not a known key");
}

static const struct {
        const char *key, *entry;
        unsigned max;
        const char *sentence;
} lists[] = {
        { "images",
          "/a",
          SETTINGS_IMAGES_MAX,
          "images: must be a list of at most 64 absolute paths" },
        { "networkAllow",
          "10.0.0.1",
          SETTINGS_ALLOW_MAX,
          "networkAllow: must be a list of at most 64 ranges of addresses" },
};

/* One entry more than a list may have. */
TEST_ROWS(lists, ELEMENTSOF(lists)) {
        _cleanup_buffer_ Buffer text = {};
        Settings settings = {};
        Failure failure = {};

        assert_ok(buffer_printf(&text, "%s: [", lists[_i].key));
        for (unsigned i = 0; i <= lists[_i].max; i++)
                assert_ok(buffer_printf(&text, "%s%s", i > 0 ? ", " : "", lists[_i].entry));
        assert_ok(buffer_append_string(&text, "]\n"));
        assert_errno(parse(text.data, &settings, &failure), -EBADMSG);
        assert_failure(&failure, lists[_i].sentence);
}

TEST(targets_that_begin_alike)
{
        _cleanup_settings_ Settings settings = {};

        assert_ok(parse("targets:\n" TARGET("x", "/srv/http", "/srv/http2"), &settings, NULL));
}

TEST(missing_file)
{
        Settings settings = {};
        Failure failure = {};

        assert_errno(settings_load("/nowhere/pxed.yaml", &settings, &failure), -ENOENT);
        assert_failure(&failure, "/nowhere/pxed.yaml");
}
