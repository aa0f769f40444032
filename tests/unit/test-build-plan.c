/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every privilege, mount and filter of a build, as `pxed-worker --print-plan` prints it, beside the
 * reviewed files in tests/data/plan: no wall moves unread. PXED_RENEW_GOLDEN=1 writes them anew.
 */

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/fs.h"
#include "liveos/build-plan.h"
#include "tests/lib/test.h"

#define GOLDEN_MAX (1024u * 1024u)

static const struct {
        const char *name;
        OrderReader reader;
        bool network;
} rows[] = {
        { "kernel", ORDER_READER_KERNEL, false },
        { "userspace", ORDER_READER_USERSPACE, false },
        { "network", ORDER_READER_KERNEL, true },
};

/* How a host lays out its programs is not ours. */
static bool is_of_the_host(const char *line) {
        static const char *const folders[] = { " /bin",
                                               " /sbin",
                                               " /lib",
                                               " /usr/lib32",
                                               " /usr/lib64" };

        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                if (strstr(line, folders[i]))
                        return true;
        return false;
}

static char *without_host(char *text) {
        char *to = text, *next;

        for (char *line = text; *line; line = next) {
                size_t size = strcspn(line, "\n") + 1;
                char saved = line[size];

                next = line + size;
                line[size] = '\0';
                if (!is_of_the_host(line))
                        to = (char *) memmove(to, line, size) + size;
                *next = saved;
        }
        *to = '\0';
        return text;
}

static char *read_golden(int folder_fd, const char *name) {
        char *text = NULL;
        size_t size;

        assert_ok(fs_read_in_root(folder_fd, name, GOLDEN_MAX, &text, &size));
        return text;
}

TEST_ROWS(plan_dump_golden, ELEMENTSOF(rows)) {
        _cleanup_close_ int data_fd = open(getenv("PXED_TEST_DATA"), O_PATH | O_DIRECTORY),
                            folder_fd = openat(data_fd, "plan", O_RDONLY | O_DIRECTORY);
        _cleanup_free_ char *printed = NULL, *golden = NULL;
        size_t size;
        FILE *f = open_memstream(&printed, &size);

        ck_assert_int_ge(folder_fd, 0);
        assert_ok(build_plan_print(rows[_i].reader, rows[_i].network, f));
        ck_assert_int_eq(fclose(f), 0);
        (void) without_host(printed);
        if (getenv("PXED_RENEW_GOLDEN"))
                assert_ok(fs_write_in_root(
                                folder_fd,
                                rows[_i].name,
                                printed,
                                strlen(printed),
                                0644));
        golden = read_golden(folder_fd, rows[_i].name);
        ck_assert_msg(strcmp(printed, golden) == 0,
                      "the plan '%s' is not what was reviewed; compare `pxed-worker --print-plan` with "
                      "tests/data/plan/%s",
                      rows[_i].name,
                      rows[_i].name);
}
