/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* pxectl: finds the verb, runs it, and says in one line what went wrong. */

#include <stdio.h>
#include <string.h>

#include "client/verb.h"
#include "common/cleanup.h"
#include "common/strings.h"

static const Verb *const verbs[] = {
        &verb_build,        &verb_plan,      &verb_validate,  &verb_images, &verb_import,
        &verb_remove_image, &verb_jobs,      &verb_status_of, &verb_log,    &verb_cancel,
        &verb_forget,       &verb_artifacts, &verb_show,      &verb_pull,   &verb_remove,
        &verb_export,       &verb_restore,   &verb_targets,
};

static void print_help(FILE *to) {
        fprintf(to,
                "Usage: pxectl VERB [OPTION…] …\n\n"
                "Makes a bootable ISO or the files of a PXE server from an OS disk image, by asking "
                "the service pxed.\n\n");
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                fprintf(to, "  %-14s%s\n", verbs[i]->name, verbs[i]->summary);
        fprintf(to,
                "\npxectl VERB --help shows the options of a verb; pxectl --version the version.\n"
                "Exit status: 0 done, 1 failed, 2 wrong usage, 3 not authorized, 4 config not "
                "valid.\n");
}

static const Verb *find_verb(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (str_equal(verbs[i]->name, name))
                        return verbs[i];
        return NULL;
}

static int refuse_verb(const char *name) {
        const Verb *nearest = verbs[0];

        for (size_t i = 1; i < ELEMENTSOF(verbs); i++)
                if (str_distance(verbs[i]->name, name) < str_distance(nearest->name, name))
                        nearest = verbs[i];
        fprintf(stderr,
                "pxectl: There is no verb '%s'; did you mean '%s'? See pxectl --help.\n",
                name,
                nearest->name);
        return STATUS_USAGE;
}

static int run(const Verb *verb, int argc, char **argv) {
        Failure failure = {};
        int r = verb_main(verb, argc, argv, &failure);

        if ((fflush(stdout) < 0 || ferror(stdout)) && r >= 0)
                r = failure_set_errno(&failure, -errno, "Cannot write to standard output");
        if (r < 0)
                fprintf(stderr, "pxectl: %s\n", *failure.message ? failure.message : strerror(-r));
        return verb_status(r);
}

int main(int argc, char **argv) {
        const char *name = argc > 1 ? argv[1] : NULL;
        const Verb *verb;

        if (!name) {
                print_help(stderr);
                return STATUS_USAGE;
        }
        if (str_equal(name, "--help") || str_equal(name, "-h") || str_equal(name, "help")) {
                print_help(stdout);
                return STATUS_DONE;
        }
        if (str_equal(name, "--version")) {
                printf("pxectl %s\n", PXED_VERSION);
                return STATUS_DONE;
        }
        verb = find_verb(name);
        if (!verb)
                return refuse_verb(name);
        return run(verb, argc - 1, argv + 1);
}
