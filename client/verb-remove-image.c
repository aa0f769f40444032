/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl remove-image. */

#include "client/call-each.h"

static int run(const void *arguments, char **words, Failure *reterr) {
        static const CallEach each = {
                .method = "RemoveImage",
                .noun = "Image",
                .done = "was removed",
        };

        return call_each(&each, arguments, words, reterr);
}

const Verb verb_remove_image = {
        .name = "remove-image",
        .words = "IMAGE…",
        .summary = "Remove imported images from the service",
        .options = call_each_options,
        .arguments_size = sizeof(CallEachArguments),
        .min_words = 1,
        .max_words = INT_MAX,
        .run = run,
};
