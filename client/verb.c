/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The command line of a verb, by its table. getopt does the scanning and nothing else: its table is
 * made from ours, and its complaints are written by us, in one line like all others.
 */

#include "client/verb.h"

#include <assert.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/strings.h"

#define OPTIONS_MAX 32
#define HELP_INDENT 34

enum {
        FOUND_HELP = 1000, /* above all characters … */
        FOUND_OPTION,      /* … and from here on the rows of the table */
};

static size_t options_length(const Verb *verb) {
        size_t n = 0;

        while (verb->options[n].name)
                n++;
        assert(n < OPTIONS_MAX);
        return n;
}

static void print_option(const Option *option) {
        char left[HELP_INDENT + 64];
        char letter[4] = "";

        if (option->letter)
                (void) snprintf(letter, sizeof(letter), "-%c,", option->letter);
        (void) snprintf(left,
                        sizeof(left),
                        "  %-3s --%s%s%s",
                        letter,
                        option->name,
                        option->value ? " " : "",
                        option->value ?: "");
        if (strlen(left) > HELP_INDENT - 2)
                printf("%s\n%*s%s\n", left, HELP_INDENT, "", option->help);
        else
                printf("%-*s%s\n", HELP_INDENT, left, option->help);
}

static void print_help(const Verb *verb) {
        printf("Usage: pxectl %s [OPTION…]%s%s\n\n%s\n",
               verb->name,
               *verb->words ? " " : "",
               verb->words,
               verb->summary);
        if (verb->more)
                printf("\n%s\n", verb->more);
        printf("\n");
        for (const Option *option = verb->options; option->name; option++)
                if (option->help)
                        print_option(option);
        print_option(&(Option){ .name = "help", .letter = 'h', .help = "Show this help." });
}

static void make_getopt_tables(
                const Verb *verb,
                struct option long_options[static OPTIONS_MAX + 2],
                char letters[static 2 * OPTIONS_MAX + 3]) {
        size_t n = options_length(verb);

        *letters++ = ':'; /* a missing value is told from an unknown option, and nothing is printed */
        *letters++ = 'h';
        for (size_t i = 0; i < n; i++) {
                const Option *option = &verb->options[i];
                bool has_value = option->kind != OPTION_FLAG;

                long_options[i] = (struct option){
                        .name = option->name,
                        .has_arg = has_value ? required_argument : no_argument,
                        .val = FOUND_OPTION + (int) i,
                };
                if (!option->letter)
                        continue;
                *letters++ = option->letter;
                if (has_value)
                        *letters++ = ':';
        }
        long_options[n] = (struct option){ .name = "help", .val = FOUND_HELP };
        long_options[n + 1] = (struct option){};
        *letters = '\0';
}

static const Option *found_option(const Verb *verb, int found) {
        if (found >= FOUND_OPTION)
                return &verb->options[found - FOUND_OPTION];
        for (const Option *option = verb->options; option->name; option++)
                if (option->letter == found)
                        return option;
        return NULL;
}

static int store_option(const Option *option, char *value, void *arguments, Failure *reterr) {
        char *member = (char *) arguments + option->offset;
        uint64_t number;

        switch (option->kind) {
        case OPTION_FLAG:
                *(bool *) (void *) member = true;
                return 0;
        case OPTION_TEXT:
                *(const char **) (void *) member = value;
                return 0;
        case OPTION_LIST:
                return strv_append((char ***) (void *) member, value);
        case OPTION_NUMBER:
                if (str_to_u64(value, UINT32_MAX, &number) < 0)
                        return failure_set(
                                        reterr,
                                        -EINVAL,
                                        "--%s needs a number, not '%s'.",
                                        option->name,
                                        value);
                *(uint32_t *) (void *) member = (uint32_t) number;
                return 0;
        }
        return -EINVAL;
}

static int refuse_option(const Verb *verb, char **argv, int found, Failure *reterr) {
        const char *word = argv[optind - 1];

        if (found == ':')
                return failure_set(
                                reterr,
                                -EINVAL,
                                "%s needs a value; see pxectl %s --help.",
                                word,
                                verb->name);
        /* getopt's position for a cluster of letters is not the word itself. */
        if (optopt > 0 && optopt < FOUND_HELP)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "There is no option -%c; see pxectl %s --help.",
                                optopt,
                                verb->name);
        return failure_set(
                        reterr,
                        -EINVAL,
                        "There is no option %s, or it takes no value; see pxectl %s --help.",
                        word,
                        verb->name);
}

/* Returns 1 when help was asked for. */
static int parse(const Verb *verb, int argc, char **argv, void *arguments, Failure *reterr) {
        struct option long_options[OPTIONS_MAX + 2];
        char letters[2 * OPTIONS_MAX + 3];
        int found, r;

        make_getopt_tables(verb, long_options, letters);
        optind = 0; /* glibc: begin anew, in tests more than once */
        while ((found = getopt_long(argc, argv, letters, long_options, NULL)) >= 0) {
                const Option *option;

                if (found == 'h' || found == FOUND_HELP)
                        return 1;
                option = found == '?' || found == ':' ? NULL : found_option(verb, found);
                if (!option)
                        return refuse_option(verb, argv, found, reterr);
                r = store_option(option, optarg, arguments, reterr);
                if (r < 0)
                        return r;
        }
        if (argc - optind < verb->min_words || argc - optind > verb->max_words)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "pxectl %s takes %s%s; see pxectl %s --help.",
                                verb->name,
                                *verb->words ? "" : "options only",
                                verb->words,
                                verb->name);
        return 0;
}

/* Two spellings of one option share a member. */
static void free_lists(const Verb *verb, void *arguments) {
        for (const Option *option = verb->options; option->name; option++) {
                char ***list = (char ***) (void *) ((char *) arguments + option->offset);

                if (option->kind == OPTION_LIST)
                        *list = strv_free(*list);
        }
}

static int parse_and_run(
                const Verb *verb,
                int argc,
                char **argv,
                void *arguments,
                Failure *reterr) {
        int r = parse(verb, argc, argv, arguments, reterr);

        if (r < 0)
                return r;
        if (r > 0) {
                print_help(verb);
                return 0;
        }
        return verb->run(arguments, argv + optind, reterr);
}

int verb_main(const Verb *verb, int argc, char **argv, Failure *reterr) {
        _cleanup_free_ void *arguments = calloc(1, verb->arguments_size + 1);
        int r;

        if (!arguments)
                return -ENOMEM;
        r = parse_and_run(verb, argc, argv, arguments, reterr);
        free_lists(verb, arguments);
        return r;
}

int verb_status(int result) {
        switch (result) {
        case -EINVAL:
                return STATUS_USAGE;
        case -EKEYREJECTED:
                return STATUS_DENIED;
        case -EBADMSG:
                return STATUS_CONFIG;
        default:
                return result < 0 ? STATUS_FAILED : STATUS_DONE;
        }
}
