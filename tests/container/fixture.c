/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Building the image needs mke2fs and nothing else; a partition table is not needed, as the
 * container is told where partitions are. */

#include "tests/container/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "common/fs.h"
#include "common/strings.h"
#include "container/command.h"
#include "container/mount.h"

static void make_tree(int tree_fd) {
        ck_assert_int_eq(mkdirat(tree_fd, "etc", 0755), 0);
        ck_assert_int_eq(mkdirat(tree_fd, "dev", 0755), 0);
        ck_assert_int_eq(mkdirat(tree_fd, "proc", 0755), 0);
        ck_assert_int_eq(symlinkat("usr/bin", tree_fd, "bin"), 0);
        ck_assert_int_eq(symlinkat("usr/lib", tree_fd, "lib"), 0);
        ck_assert_int_eq(symlinkat("usr/lib64", tree_fd, "lib64"), 0);
        assert_ok(fs_write_in_root(tree_fd, "etc/hello", "hello\n", 6, 0644));
        assert_ok(fs_write_in_root(tree_fd, "etc/secret", "secret\n", 7, 0600));
        ck_assert_int_eq(fchownat(tree_fd, "etc/secret", 33, 33, 0), 0);
        ck_assert_int_eq(mknodat(tree_fd, "node", S_IFCHR | 0666, makedev(1, 5)), 0);
        ck_assert_int_eq(fchmodat(tree_fd, "node", 0666, 0), 0);
}

static void make_image(const char *folder) {
        _cleanup_free_ char *command = str_printf(
                        "mke2fs -q -F -t ext4 -d %s/tree -E offset=%u %s/disk 16m >/dev/null 2>&1",
                        folder,
                        PARTITION_OFFSET,
                        folder);

        ck_assert_int_eq(system(command), 0);
}

static int open_probe(void) {
        char path[PATH_MAX];
        ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
        _cleanup_free_ char *probe = NULL;
        int fd;

        ck_assert_int_gt(size, 0);
        path[size] = '\0';
        probe = str_printf("%s/probe", dirname(path));
        fd = open(probe, O_PATH | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        return fd;
}

static int make_folder(int folder_fd, const char *name) {
        int fd;

        ck_assert_int_eq(mkdirat(folder_fd, name, 0700), 0);
        fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        return fd;
}

static void make_plan(Fixture *fixture) {
        const PlanPartition partition = {
                .target = "/image/part/1",
                .image_fd = fixture->image_fd,
                .offset_bytes = PARTITION_OFFSET,
                .size_bytes = PARTITION_SIZE,
                .fstype = "ext4",
        };
        Failure failure = {};

        fixture->plan = plan_new(UID_BASE);
        ck_assert_ptr_nonnull(fixture->plan);
        assert_ok(plan_add_base(fixture->plan));
        assert_ok(
                        plan_add_bind(fixture->plan,
                                      fixture->image_fd,
                                      "/image/disk",
                                      OP_READ_ONLY | OP_NOEXEC | OP_IDMAPPED));
        ck_assert_msg(plan_add_partition(fixture->plan, &partition, &failure) == 0,
                      "%s",
                      failure.message);
        assert_ok(plan_add_bind(fixture->plan, fixture->work_fd, "/work", OP_IDMAPPED));
        assert_ok(plan_add_bind(fixture->plan, fixture->out_fd, "/out", OP_IDMAPPED | OP_NOEXEC));
        assert_ok(plan_add_bind(fixture->plan, fixture->probe_fd, "/probe", OP_READ_ONLY));
}

void fixture_init(Fixture *fixture) {
        _cleanup_close_ int tree_fd = -EBADF;

        *fixture = (Fixture){};
        fixture->folder = test_folder_new(&fixture->folder_fd);
        tree_fd = make_folder(fixture->folder_fd, "tree");
        ck_assert_int_eq(fchmod(tree_fd, 0755), 0);
        make_tree(tree_fd);
        make_image(fixture->folder);
        fixture->image_fd = openat(fixture->folder_fd, "disk", O_RDONLY | O_CLOEXEC);
        ck_assert_int_ge(fixture->image_fd, 0);
        fixture->work_fd = make_folder(fixture->folder_fd, "work");
        fixture->out_fd = make_folder(fixture->folder_fd, "out");
        fixture->probe_fd = open_probe();
        fixture->seen = mmap(
                        NULL,
                        sizeof(Seen),
                        PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS,
                        -1,
                        0);
        ck_assert_ptr_ne(fixture->seen, MAP_FAILED);
        make_plan(fixture);
}

void fixture_done(Fixture *fixture) {
        plan_free(fixture->plan);
        (void) munmap(fixture->seen, sizeof(Seen));
        (void) close(fixture->image_fd);
        (void) close(fixture->work_fd);
        (void) close(fixture->out_fd);
        (void) close(fixture->probe_fd);
        (void) close(fixture->folder_fd);
        test_folder_remove(&fixture->folder);
}

void fixture_run(Fixture *fixture, int (*inside)(void *seen)) {
        Failure failure = {};
        ContainerExit ended;
        int r;

        r = container_run(
                        fixture->plan,
                        /* lifeline_fd= */ -EBADF,
                        inside,
                        fixture->seen,
                        &ended,
                        &failure);
        ck_assert_msg(r == 0, "container_run: %s", failure.message);
        ck_assert_msg(ended.end == CONTAINER_RETURNED && ended.error == 0,
                      "end %u error %d signal %d: %s",
                      ended.end,
                      ended.error,
                      ended.signal,
                      fixture->seen->text[15]);
        ck_assert_uint_eq(fixture_settle(fixture), 0);
}

int fixture_mount_tree(Failure *reterr) {
        const char *const lowers[] = { "/image/part/1", NULL };

        if (mkdir("/work/upper", 0755) < 0 || mkdir("/work/inner", 0755) < 0 ||
            mkdir("/work/tree", 0755) < 0)
                return -errno;
        return overlay_mount(lowers, "/work/upper", "/work/inner", "/work/tree", reterr);
}

int fixture_probe(bool image, const char *name, const char *argument) {
        const char *const argv[] = { "/probe", name, argument, NULL };
        const CommandBind binds[] = { { "/usr", "/usr" }, { "/probe", "/probe" } };
        Command command = COMMAND_INIT;
        Failure failure = {};
        int r;

        command.argv = argv;
        command.profile = COMMAND_TOOL;
        if (image) {
                command.profile = COMMAND_IMAGE;
                command.root = "/work/tree";
                command.binds = binds;
                command.n_binds = ELEMENTSOF(binds);
        }
        r = command_run(&command, &failure);
        if (r < 0)
                fprintf(stderr, "probe %s: %s\n", name, failure.message);
        return r;
}

int fixture_confinement(const char *status_path) {
        static const char *const nothing[] = {
                "CapInh:\t0000000000000000\n", "CapPrm:\t0000000000000000\n",
                "CapEff:\t0000000000000000\n", "CapBnd:\t0000000000000000\n",
                "CapAmb:\t0000000000000000\n", "NoNewPrivs:\t1\n",
        };
        _cleanup_fclose_ FILE *f = fopen(status_path, "re");
        unsigned n_nothing = 0;
        int n_filters = -1;
        char line[256];

        while (f && fgets(line, sizeof(line), f)) {
                for (size_t i = 0; i < ELEMENTSOF(nothing); i++)
                        n_nothing += strcmp(line, nothing[i]) == 0;
                (void) sscanf(line, "Seccomp_filters: %d", &n_filters);
        }
        return n_nothing == ELEMENTSOF(nothing) ? n_filters : -1;
}

bool fixture_has_line(pid_t pid, const char *file, const char *begin) {
        _cleanup_free_ char *path = str_printf("/proc/%d/%s", (int) pid, file);
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        char line[256];

        while (f && fgets(line, sizeof(line), f))
                if (str_after_prefix(line, begin))
                        return true;
        return false;
}

void fixture_check_limit(pid_t pid, const char *name, uint64_t value) {
        _cleanup_free_ char *line = str_printf(
                        "%-25s %-20" PRIu64 " %-20" PRIu64,
                        name,
                        value,
                        value);

        ck_assert_msg(fixture_has_line(pid, "limits", line), "the limits lack \"%s\"", line);
}

static unsigned count_loops(const char *disk) {
        _cleanup_closedir_ DIR *d = opendir("/sys/block");
        struct dirent *entry;
        unsigned n = 0;

        ck_assert_ptr_nonnull(d);
        while ((entry = fs_readdir(d))) {
                _cleanup_free_ char *path = str_printf(
                                "/sys/block/%s/loop/backing_file",
                                entry->d_name);
                _cleanup_fclose_ FILE *f = fopen(path, "re");
                char line[PATH_MAX] = "";

                if (f && fgets(line, sizeof(line), f) && str_after_prefix(line, disk))
                        n++;
        }
        return n;
}

static unsigned count_mounts(const char *folder) {
        _cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
        char line[4096];
        unsigned n = 0;

        ck_assert_ptr_nonnull(f);
        while (fgets(line, sizeof(line), f))
                n += strstr(line, folder) || strstr(line, " /dev/loop");
        return n;
}

/* What is dead and only waits for some pid 1 to look does not count. */
static bool process_is_left(FILE *f) {
        char line[256], state = 'Z';
        unsigned uid = 0;

        while (fgets(line, sizeof(line), f)) {
                (void) sscanf(line, "State: %c", &state);
                (void) sscanf(line, "Uid: %u", &uid);
        }
        return state != 'Z' && uid - UID_BASE < PLAN_IDS;
}

static unsigned count_processes(void) {
        _cleanup_closedir_ DIR *d = opendir("/proc");
        struct dirent *entry;
        unsigned n = 0;

        ck_assert_ptr_nonnull(d);
        while ((entry = fs_readdir(d))) {
                _cleanup_free_ char *path = str_printf("/proc/%s/status", entry->d_name);
                _cleanup_fclose_ FILE *f = fopen(path, "re");

                n += f && process_is_left(f);
        }
        return n;
}

unsigned fixture_leaks(const Fixture *fixture) {
        _cleanup_free_ char *disk = str_printf("%s/disk", fixture->folder);

        return count_loops(disk) + count_mounts(fixture->folder) + count_processes();
}

unsigned fixture_settle(const Fixture *fixture) {
        unsigned leaks = fixture_leaks(fixture);

        for (unsigned i = 0; leaks > 0 && i < 500; i++) {
                (void) nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000 * 1000 }, NULL);
                leaks = fixture_leaks(fixture);
        }
        return leaks;
}
