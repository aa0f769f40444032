/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl images. */

#include "client/list.h"

static const Column columns[] = {
        { "IMAGE", "name", 's', COLUMN_PLAIN },
        { "FORMAT", "format", 's', COLUMN_PLAIN },
        { "SIZE", "size", 't', COLUMN_SIZE },
        { "OS", "os", 's', COLUMN_PLAIN },
};

static int run(const void *arguments, char **words _unused_, Failure *reterr) {
        return list_print(arguments, "ListImages", columns, ELEMENTSOF(columns), reterr);
}

const Verb verb_images = {
        .name = "images",
        .words = "",
        .summary = "List the images in the service's folders",
        .more = "FORMAT is empty until the service has looked at a file, which it does after it was first\n"
                "listed, and \"unknown\" for what is no image that it takes. OS is known of what was imported,\n"
                "and of others when a build or a plan of them has been done.\n",
        .options = list_options,
        .arguments_size = sizeof(ListArguments),
        .run = run,
};
