/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The order as an argument vector. One table says which member travels under which name, so that
 * writing and reading cannot drift apart; members at their zero value do not travel at all.
 */

#include "config/order.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "common/cidr.h"
#include "common/strings.h"

typedef enum MemberType {
        MEMBER_BOOL,
        MEMBER_U32,
        MEMBER_U64,
        MEMBER_STRING,
        MEMBER_READER,
} MemberType;

static const struct {
        const char *name;
        MemberType type;
        size_t offset;
} members[] = {
        { "reader", MEMBER_READER, offsetof(Order, reader) },
        { "pxe-artifacts", MEMBER_BOOL, offsetof(Order, pxe_artifacts) },
        { "context-is-text", MEMBER_BOOL, offsetof(Order, context_is_text) },
        { "image-is-ours", MEMBER_BOOL, offsetof(Order, image_is_ours) },
        { "network", MEMBER_BOOL, offsetof(Order, network) },
        { "network-allow", MEMBER_STRING, offsetof(Order, network_allow) },
        { "without-limits", MEMBER_BOOL, offsetof(Order, without_limits) },
        { "store-id", MEMBER_U64, offsetof(Order, store_id) },
        { "job-id", MEMBER_U64, offsetof(Order, job_id) },
        { "ids-base", MEMBER_U32, offsetof(Order, ids_base) },
        { "owner-uid", MEMBER_U32, offsetof(Order, owner_uid) },
        { "context-max-bytes", MEMBER_U64, offsetof(Order, context_max_bytes) },
        { "image-max-bytes", MEMBER_U64, offsetof(Order, image_max_bytes) },
        { "memory-max-bytes", MEMBER_U64, offsetof(Order, memory_max_bytes) },
        { "scratch-max-bytes", MEMBER_U64, offsetof(Order, scratch_max_bytes) },
        { "processes-max", MEMBER_U32, offsetof(Order, processes_max) },
        { "iso-name", MEMBER_STRING, offsetof(Order, iso_name) },
        { "volume-id", MEMBER_STRING, offsetof(Order, volume_id) },
        { "compressor", MEMBER_STRING, offsetof(Order, compressor) },
        { "compression-level", MEMBER_U32, offsetof(Order, compression_level) },
        { "source-date-epoch", MEMBER_U32, offsetof(Order, source_date_epoch) },
        { "tftp-name", MEMBER_STRING, offsetof(Order, tftp_name) },
        { "http-name", MEMBER_STRING, offsetof(Order, http_name) },
};

static const char *const verbs[_ORDER_VERB_MAX] = {
        [ORDER_VALIDATE] = "validate", [ORDER_BUILD] = "build",     [ORDER_PLAN] = "plan",
        [ORDER_EXPORT] = "export",     [ORDER_RESTORE] = "restore", [ORDER_IMPORT] = "import",
        [ORDER_PROBE] = "probe",       [ORDER_SWEEP] = "sweep",     [ORDER_LOOK] = "look",
};

static const char *const formats[_ORDER_FORMAT_MAX] = {
        [ORDER_FORMAT_ISO] = "iso",
        [ORDER_FORMAT_PXE] = "pxe",
};

static const char *const readers[_ORDER_READER_MAX] = {
        [ORDER_READER_AUTO] = "auto",
        [ORDER_READER_USERSPACE] = "userspace",
        [ORDER_READER_KERNEL] = "kernel",
};

/* The highest level that each takes; 0 for one that has no levels. */
static const struct {
        const char *name;
        uint32_t level_max;
} compressors[] = {
        { "zstd", 22 }, { "gzip", 9 }, { "xz", 0 }, { "lz4", 0 }, { "lzo", 9 },
};

const char *order_format_to_string(OrderFormat format) {
        return format >= 0 && format < _ORDER_FORMAT_MAX ? formats[format] : NULL;
}

OrderFormat order_format_from_string(const char *s) {
        for (int i = 0; i < _ORDER_FORMAT_MAX; i++)
                if (str_equal(formats[i], s))
                        return (OrderFormat) i;
        return _ORDER_FORMAT_INVALID;
}

const char *order_reader_to_string(OrderReader reader) {
        return reader >= 0 && reader < _ORDER_READER_MAX ? readers[reader] : NULL;
}

OrderReader order_reader_from_string(const char *s) {
        for (int i = 0; i < _ORDER_READER_MAX; i++)
                if (str_equal(readers[i], s))
                        return (OrderReader) i;
        return _ORDER_READER_INVALID;
}

/* "" for a member at its zero value, which is not written. NULL when memory is out. */
static char *member_to_word(const Order *order, size_t i) {
        const char *at = (const char *) order + members[i].offset, *name = members[i].name;
        uint64_t number;

        switch (members[i].type) {
        case MEMBER_BOOL:
                return *(const bool *) at ? str_printf("--%s", name) : strdup("");
        case MEMBER_STRING: {
                const char *s = *(char *const *) (const void *) at;

                return s ? str_printf("--%s=%s", name, s) : strdup("");
        }
        case MEMBER_READER: {
                OrderReader reader = *(const OrderReader *) (const void *) at;

                if (reader == ORDER_READER_AUTO)
                        return strdup("");
                return str_printf("--%s=%s", name, order_reader_to_string(reader));
        }
        case MEMBER_U32:
                number = *(const uint32_t *) (const void *) at;
                break;
        case MEMBER_U64:
        default:
                number = *(const uint64_t *) (const void *) at;
                break;
        }
        return number > 0 ? str_printf("--%s=%" PRIu64, name, number) : strdup("");
}

int order_to_argv(const Order *order, char ***ret_argv) {
        _cleanup_strv_ char **argv = NULL;

        assert(order->verb >= 0 && order->verb < _ORDER_VERB_MAX);
        assert(order->format >= 0 && order->format < _ORDER_FORMAT_MAX);
        if (strv_append(&argv, verbs[order->verb]) < 0 ||
            strv_append_take(&argv, str_printf("--format=%s", formats[order->format])) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(members); i++) {
                _cleanup_free_ char *word = member_to_word(order, i);

                if (!word)
                        return -ENOMEM;
                if (word[0] != '\0' && strv_append_take(&argv, TAKE_PTR(word)) < 0)
                        return -ENOMEM;
        }
        *ret_argv = TAKE_PTR(argv);
        return 0;
}

/* `value` is NULL for a word without '='. */
static int member_from_value(Order *order, size_t i, const char *value) {
        char *at = (char *) order + members[i].offset;
        uint64_t number;
        int r;

        if ((members[i].type == MEMBER_BOOL) != (value == NULL))
                return -EINVAL;
        switch (members[i].type) {
        case MEMBER_BOOL:
                *(bool *) at = true;
                return 0;
        case MEMBER_STRING: {
                char **s = (char **) (void *) at;

                *s = strdup(value);
                return *s ? 0 : -ENOMEM;
        }
        case MEMBER_READER: {
                OrderReader reader = order_reader_from_string(value);

                if (reader < 0)
                        return -EINVAL;
                *(OrderReader *) (void *) at = reader;
                return 0;
        }
        case MEMBER_U32:
                r = str_to_u64(value, UINT32_MAX, &number);
                if (r >= 0)
                        *(uint32_t *) (void *) at = (uint32_t) number;
                return r;
        case MEMBER_U64:
        default:
                return str_to_u64(value, UINT64_MAX, (uint64_t *) (void *) at);
        }
}

static int read_word(Order *order, const char *word, uint64_t *seen, Failure *reterr) {
        const char *rest = str_after_prefix(word, "--"), *value;

        for (size_t i = 0; rest && i < ELEMENTSOF(members); i++) {
                int r;

                value = str_after_prefix(rest, members[i].name);
                if (!value || (value[0] != '\0' && value[0] != '='))
                        continue;
                if (*seen & (UINT64_C(1) << i))
                        return failure_set(
                                        reterr,
                                        -EINVAL,
                                        "order: --%s is given twice",
                                        members[i].name);
                *seen |= UINT64_C(1) << i;
                r = member_from_value(order, i, value[0] == '=' ? value + 1 : NULL);
                if (r < 0)
                        return failure_set(
                                        reterr,
                                        r == -ENOMEM ? r : -EINVAL,
                                        "order: \"%.200s\" has no value that --%s takes",
                                        word,
                                        members[i].name);
                return 0;
        }
        return failure_set(reterr, -EINVAL, "order: \"%.200s\" is not a known option", word);
}

static int read_verb(const char *word, OrderVerb *ret, Failure *reterr) {
        for (int i = 0; i < _ORDER_VERB_MAX; i++)
                if (str_equal(verbs[i], word)) {
                        *ret = (OrderVerb) i;
                        return 0;
                }
        return failure_set(
                        reterr,
                        -EINVAL,
                        "order: \"%.200s\" is not a verb; known are validate, build, plan, "
                        "export, restore, import, probe, sweep and look",
                        word ? word : "");
}

/* The name of a folder directly below another. */
static int check_root_name(const char *name, Failure *reterr) {
        if (!name || (name[0] != '\0' && !strchr(name, '/') && !str_equal(name, ".") &&
                      !str_equal(name, "..")))
                return 0;
        return failure_set(reterr, -EINVAL, "order: \"%.200s\" is not the name of a folder", name);
}

static int check_ranges(const char *list, Failure *reterr) {
        _cleanup_strv_ char **ranges = strv_split(list ? list : "", ",");
        Cidr range;

        if (!ranges)
                return -ENOMEM;
        STRV_FOREACH(word, ranges)
                if (cidr_parse(*word, &range) < 0)
                        return failure_set(
                                        reterr,
                                        -EINVAL,
                                        "order: \"%.200s\" is no range of addresses",
                                        *word);
        return 0;
}

static int order_check(const Order *order, Failure *reterr) {
        int r = check_root_name(order->tftp_name, reterr);

        if (r >= 0)
                r = check_root_name(order->http_name, reterr);
        if (r >= 0)
                r = check_ranges(order->network_allow, reterr);
        if (r >= 0 && order->iso_name)
                r = order_check_iso_name(order->iso_name, reterr);
        if (r >= 0 && order->volume_id)
                r = order_check_volume_id(order->volume_id, reterr);
        if (r >= 0 && (order->compressor || order->compression_level > 0))
                r = order_check_compressor(
                                order->compressor ? order->compressor : "zstd",
                                order->compression_level,
                                reterr);
        return r;
}

int order_from_argv(char *const *argv, Order *ret, Failure *reterr) {
        _cleanup_order_ Order order = {};
        bool has_format = false;
        uint64_t seen = 0;
        int r = read_verb(argv ? argv[0] : NULL, &order.verb, reterr);

        if (r < 0)
                return r;
        STRV_FOREACH(word, argv + 1) {
                const char *format = str_after_prefix(*word, "--format=");

                if (!format) {
                        r = read_word(&order, *word, &seen, reterr);
                        if (r < 0)
                                return r;
                        continue;
                }
                order.format = order_format_from_string(format);
                if (has_format || order.format < 0)
                        return failure_set(
                                        reterr,
                                        -EINVAL,
                                        "order: \"%.200s\" is no format or a second one; known are "
                                        "iso and pxe",
                                        *word);
                has_format = true;
        }
        r = order_check(&order, reterr);
        if (r < 0)
                return r;
        *ret = order;
        order = (Order){};
        return 0;
}

static bool is_letter_or_digit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int order_check_iso_name(const char *name, Failure *reterr) {
        size_t n = strlen(name);
        bool good = n > strlen(".iso") && n <= 100 && str_has_suffix(name, ".iso") &&
                    is_letter_or_digit(name[0]);

        for (const char *s = name; good && *s; s++)
                good = is_letter_or_digit(*s) || strchr("._+-", *s);
        if (!good)
                return failure_set(
                                reterr,
                                -EINVAL,
                                "ISO name \"%.100s\": must be one file name of at most 100 letters, "
                                "digits, '.', '_', '+' and '-' that begins with a letter or digit and "
                                "ends in \".iso\"",
                                name);
        return 0;
}

int order_check_volume_id(const char *id, Failure *reterr) {
        size_t n = strlen(id);

        if (str_equal(id, ORDER_VOLUME_ID_AUTO))
                return 0;
        if (n < 1 || n > 32 || strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != n ||
            id[0] == '-')
                return failure_set(
                                reterr,
                                -EINVAL,
                                "volume id \"%.100s\": must be 1 to 32 of the characters A-Z, 0-9, "
                                "'_' and '-', the first of them not '-', or auto",
                                id);
        return 0;
}

int order_check_compressor(const char *compressor, uint32_t level, Failure *reterr) {
        for (size_t i = 0; i < ELEMENTSOF(compressors); i++) {
                if (!str_equal(compressors[i].name, compressor))
                        continue;
                if (level <= compressors[i].level_max)
                        return 0;
                if (compressors[i].level_max == 0)
                        return failure_set(
                                        reterr,
                                        -EINVAL,
                                        "compression level %" PRIu32 ": %s has no levels; leave it "
                                        "out",
                                        level,
                                        compressor);
                return failure_set(
                                reterr,
                                -EINVAL,
                                "compression level %" PRIu32 ": %s has the levels 1 to %" PRIu32,
                                level,
                                compressor,
                                compressors[i].level_max);
        }
        return failure_set(
                        reterr,
                        -EINVAL,
                        "compressor \"%.100s\": is not known; known are zstd, gzip, xz, lz4 and lzo",
                        compressor);
}

void order_done(Order *order) {
        free(order->network_allow);
        free(order->iso_name);
        free(order->volume_id);
        free(order->compressor);
        free(order->image_name);
        free(order->tftp_name);
        free(order->http_name);
        *order = (Order){};
}
