/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Options of methods. Each row of the table knows its key, its group, its type and its member. */

#include "service/method-options.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "dbus/names.h"
#include "service/job.h"

#define TITLE_MAX_CHARACTERS  80
#define COOKIE_MAX_CHARACTERS 64

typedef struct Option {
        const char *key;
        MethodOptionGroup group;
        char type; /* of D-Bus: s, b or u */
        size_t offset;
        int (*check)(const char *text, Failure *reterr); /* of texts; NULL: anything */
} Option;

static int check_format(const char *text, Failure *reterr) {
        if (order_format_from_string(text) >= 0)
                return 0;
        return failure_set(
                        reterr,
                        -EINVAL,
                        "The format '%.50s' is not known; it is \"iso\" or \"pxe\".",
                        text);
}

static int check_line(const char *text, const char *what, size_t max, Failure *reterr) {
        size_t characters = 0;

        for (const char *s = text; *s; s++) {
                if ((unsigned char) *s < 0x20 || *s == 0x7f)
                        return failure_set(
                                        reterr,
                                        -EINVAL,
                                        "The option '%s' must be one line without control characters.",
                                        what);
                characters += ((unsigned char) *s & 0xc0) != 0x80;
        }
        if (characters <= max)
                return 0;
        return failure_set(
                        reterr,
                        -EINVAL,
                        "The option '%s' has %zu characters, %zu are allowed; shorten it.",
                        what,
                        characters,
                        max);
}

static int check_title(const char *text, Failure *reterr) {
        return check_line(text, BUS_OPTION_TITLE, TITLE_MAX_CHARACTERS, reterr);
}

static int check_cookie(const char *text, Failure *reterr) {
        return check_line(text, BUS_OPTION_COOKIE, COOKIE_MAX_CHARACTERS, reterr);
}

static int check_compressor(const char *text, Failure *reterr) {
        return order_check_compressor(text, /* level= */ 0, reterr);
}

#define MEMBER(member) offsetof(MethodOptions, member)

/* clang-format off */
static const Option known_options[] = {
        { BUS_OPTION_FORMAT,            METHOD_OPTIONS_FORMAT, 's', MEMBER(format),            check_format },
        { BUS_OPTION_PXE_ARTIFACTS,     METHOD_OPTIONS_BUILD,  'b', MEMBER(pxe_artifacts),     NULL },
        { BUS_OPTION_VOLUME_ID,         METHOD_OPTIONS_BUILD,  's', MEMBER(volume_id),         order_check_volume_id },
        { BUS_OPTION_ISO_NAME,          METHOD_OPTIONS_BUILD,  's', MEMBER(iso_name),          order_check_iso_name },
        { BUS_OPTION_COMPRESSOR,        METHOD_OPTIONS_BUILD,  's', MEMBER(compressor),        check_compressor },
        { BUS_OPTION_COMPRESSION_LEVEL, METHOD_OPTIONS_BUILD,  'u', MEMBER(compression_level), NULL },
        { BUS_OPTION_SOURCE_DATE_EPOCH, METHOD_OPTIONS_BUILD,  'u', MEMBER(source_date_epoch), NULL },
        { BUS_OPTION_REPLACE,           METHOD_OPTIONS_IMPORT, 'b', MEMBER(replace),           NULL },
        { BUS_OPTION_TITLE,             METHOD_OPTIONS_JOB,    's', MEMBER(title),             check_title },
        { BUS_OPTION_COOKIE,            METHOD_OPTIONS_JOB,    's', MEMBER(cookie),            check_cookie },
};
/* clang-format on */

static int set_text(
                const Option *option,
                const char *text,
                MethodOptions *options,
                Failure *reterr) {
        char **at = (char **) (void *) ((char *) options + option->offset);
        int r = option->check ? option->check(text, reterr) : 0;

        if (r < 0)
                return r;
        if (option->group == METHOD_OPTIONS_FORMAT) {
                options->format = order_format_from_string(text);
                return 0;
        }
        *at = strdup(text);
        return *at ? 0 : -ENOMEM;
}

static int read_value(
                sd_bus_message *m,
                const Option *option,
                MethodOptions *options,
                Failure *reterr) {
        const char signature[] = { option->type, '\0' };
        void *at = (char *) options + option->offset;
        const char *text, *contents;
        int number, r;

        r = sd_bus_message_peek_type(m, /* ret_type= */ NULL, &contents);
        if (r < 0)
                return r;
        if (!str_equal(contents, signature))
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The option '%s' must be of type '%s', not '%s'.",
                                option->key,
                                signature,
                                contents);
        switch (option->type) {
        case 's':
                r = sd_bus_message_read(m, "v", "s", &text);
                return r < 0 ? r : set_text(option, text, options, reterr);
        case 'b':
                r = sd_bus_message_read(m, "v", "b", &number);
                if (r >= 0)
                        *(bool *) at = number != 0;
                return r;
        default:
                return sd_bus_message_read(m, "v", "u", at);
        }
}

static const Option *find_option(const char *key, unsigned groups) {
        for (const Option *o = known_options; o < known_options + ELEMENTSOF(known_options); o++)
                if (o->group & groups && str_equal(o->key, key))
                        return o;
        return NULL;
}

static int refuse_option(const char *key, unsigned groups, Failure *reterr) {
        const Option *nearest = NULL;

        for (const Option *o = known_options; o < known_options + ELEMENTSOF(known_options); o++)
                if (o->group & groups &&
                    (!nearest || str_distance(o->key, key) < str_distance(nearest->key, key)))
                        nearest = o;
        return failure_set(
                        reterr,
                        -EINVAL,
                        "This method has no option '%.50s'; did you mean '%s'?",
                        key,
                        nearest ? nearest->key : "");
}

static int read_option(
                sd_bus_message *m,
                unsigned groups,
                MethodOptions *options,
                unsigned *seen,
                Failure *reterr) {
        const Option *option;
        const char *key;
        unsigned bit;
        int r = sd_bus_message_read(m, "s", &key);

        if (r < 0)
                return r;
        option = find_option(key, groups);
        if (!option)
                return refuse_option(key, groups, reterr);
        bit = 1U << (option - known_options);
        if (*seen & bit)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The option '%s' is given twice; once is enough.",
                                key);
        *seen |= bit;
        return read_value(m, option, options, reterr);
}

/* What one option alone cannot tell. */
static int check_together(const MethodOptions *options, Failure *reterr) {
        if (options->pxe_artifacts && options->format != ORDER_FORMAT_ISO)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "The option '%s' goes with format \"iso\" only: \"pxe\" makes the PXE files anyway.",
                                BUS_OPTION_PXE_ARTIFACTS);
        if (options->compressor || options->compression_level > 0)
                return order_check_compressor(
                                options->compressor ? options->compressor : "zstd",
                                options->compression_level,
                                reterr);
        return 0;
}

int method_options_read(sd_bus_message *m, unsigned groups, MethodOptions *ret, Failure *reterr) {
        _cleanup_method_options_ MethodOptions options = {};
        unsigned seen = 0;
        int r;

        assert(m && ret);

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = read_option(m, groups, &options, &seen, reterr);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (r >= 0)
                r = check_together(&options, reterr);
        if (r < 0)
                return r;
        *ret = options;
        options = (MethodOptions){};
        return 0;
}

void method_options_move_to_order(MethodOptions *options, Order *order) {
        order->format = options->format;
        order->pxe_artifacts = options->pxe_artifacts;
        order->volume_id = TAKE_PTR(options->volume_id);
        order->iso_name = TAKE_PTR(options->iso_name);
        order->compressor = TAKE_PTR(options->compressor);
        order->compression_level = options->compression_level;
        order->source_date_epoch = options->source_date_epoch;
}

void method_options_done(MethodOptions *options) {
        free(options->volume_id);
        free(options->iso_name);
        free(options->compressor);
        free(options->title);
        free(options->cookie);
        *options = (MethodOptions){};
}
