/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Unpacks the tar stream on standard input below a folder as a build's stage "context" does, but as
 * root and with no wall around it. Says on standard output why it did not.
 *
 *     context-unpack FOLDER MAX-BYTES
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/strings.h"
#include "liveos/context.h"

int main(int argc, char **argv) {
        ArchiveLimits limits = { .max_entries = CONTEXT_ENTRIES_MAX };
        _cleanup_close_ int folder_fd = -EBADF;
        Failure failure = {};

        if (argc != 3 || str_to_u64(argv[2], UINT64_MAX, &limits.max_bytes) < 0)
                return 2;
        folder_fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder_fd < 0)
                return 2;
        if (context_unpack(STDIN_FILENO, &limits, folder_fd, &failure) >= 0)
                return EXIT_SUCCESS;
        puts(failure.message);
        return EXIT_FAILURE;
}
