/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls BuildFromFiles with a context as it is, which pxectl would refuse to make. Prints the job's
 * path, or the error's name and message. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <systemd/sd-bus.h>

#include "common/cleanup.h"

static int build(sd_bus *bus, int image_fd, int context_fd) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = NULL;
        const char *path = "";
        int r;

        r = sd_bus_call_method(
                        bus,
                        "org.pxed1",
                        "/org/pxed1",
                        "org.pxed1.Manager",
                        "BuildFromFiles",
                        &error,
                        &reply,
                        "hha{sv}",
                        image_fd,
                        context_fd,
                        0);
        if (r >= 0)
                r = sd_bus_message_read(reply, "uo", NULL, &path);
        (void) printf("%s\n", r < 0 ? error.message : path);
        sd_bus_error_free(&error);
        sd_bus_message_unref(reply);
        return r;
}

int main(int argc, char **argv) {
        _cleanup_close_ int image_fd = -EBADF, context_fd = -EBADF;
        sd_bus *bus = NULL;
        int r;

        if (argc != 3)
                return EXIT_FAILURE;
        image_fd = open(argv[1], O_RDONLY | O_CLOEXEC);
        context_fd = open(argv[2], O_RDONLY | O_CLOEXEC);
        if (image_fd < 0 || context_fd < 0 || sd_bus_open_system(&bus) < 0)
                return EXIT_FAILURE;
        r = build(bus, image_fd, context_fd);
        sd_bus_flush_close_unref(bus);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
