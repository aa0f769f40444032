/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Entries of the Boot Loader Specification. A key that is not known means nothing, as the
 * specification wants it; one that is known and would be lost is refused, for a menu must not start
 * something else than the image's own would.
 */

#include "liveos/bls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/version.h"

#define BLANKS " \t\r"
#define SUFFIX ".conf"

/* What is done with a key's value. */
typedef enum Use {
        TAKE,   /* may be there once */
        JOIN,   /* several lines make one value */
        IGNORE, /* may be there once, and says nothing that a medium's menu needs */
        REFUSE, /* cannot be put on a medium */
} Use;

static const struct {
        const char *name;
        Use use;
        BlsKey key; /* TAKE, JOIN */
} keys[] = {
        { "title", TAKE, BLS_TITLE },
        { "version", TAKE, BLS_VERSION },
        { "linux", TAKE, BLS_LINUX },
        { "options", JOIN, BLS_OPTIONS },
        { "grub_users", TAKE, BLS_GRUB_USERS },
        { "grub_hotkey", TAKE, BLS_GRUB_HOTKEY },
        { "grub_class", JOIN, BLS_GRUB_CLASS },
        { "id", IGNORE, _BLS_KEY_MAX },
        { "machine-id", IGNORE, _BLS_KEY_MAX },
        { "sort-key", IGNORE, _BLS_KEY_MAX },
        { "architecture", IGNORE, _BLS_KEY_MAX },
        { "uki", REFUSE, _BLS_KEY_MAX },
        { "uki-url", REFUSE, _BLS_KEY_MAX },
        { "efi", REFUSE, _BLS_KEY_MAX },
        { "devicetree", REFUSE, _BLS_KEY_MAX },
        { "devicetree-overlay", REFUSE, _BLS_KEY_MAX },
};

/* An entry while its file is read. */
typedef struct Reading {
        BlsEntry entry;
        unsigned line;
        bool seen[ELEMENTSOF(keys)];
        Failure *reterr;
} Reading;

static int fail_twice(const Reading *reading, const char *key) {
        return failure_set(
                        reading->reterr,
                        -ENOEXEC,
                        "The image's boot menu entry /" BLS_FOLDER
                        "/%s.conf, line %u: '%s' is there twice; leave one of the two.",
                        reading->entry.id,
                        reading->line,
                        key);
}

static int fail_refused(const Reading *reading, const char *key) {
        return failure_set(
                        reading->reterr,
                        -EOPNOTSUPP,
                        "The image's boot menu entry /" BLS_FOLDER
                        "/%s.conf, line %u, has '%s', which cannot be made into a Live OS's entry: it has to start a kernel by 'linux' alone; remove the entry, or install the kernel without it.",
                        reading->entry.id,
                        reading->line,
                        key);
}

static int join_value(char **to, const char *value) {
        char *joined = *to ? str_printf("%s %s", *to, value) : strdup(value);

        if (!joined)
                return -ENOMEM;
        free(*to);
        *to = joined;
        return 0;
}

static int take_value(Reading *reading, size_t i, const char *value) {
        if (keys[i].use == REFUSE)
                return fail_refused(reading, keys[i].name);
        if (keys[i].use != JOIN && reading->seen[i])
                return fail_twice(reading, keys[i].name);
        reading->seen[i] = true;
        if (keys[i].use == IGNORE || *value == '\0')
                return 0;
        return join_value(&reading->entry.values[keys[i].key], value);
}

/* `line` is cut into its key and its value. */
static int read_line(Reading *reading, char *line) {
        char *key = line + strspn(line, BLANKS), *value = key + strcspn(key, BLANKS), *end;

        if (*key == '\0' || *key == '#')
                return 0;
        if (*value != '\0')
                *value++ = '\0';
        value += strspn(value, BLANKS);
        for (end = value + strlen(value); end > value && strchr(BLANKS, end[-1]); end--)
                ;
        *end = '\0';
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (str_equal(keys[i].name, key))
                        return take_value(reading, i, value);
        return 0;
}

static int read_text(Reading *reading, const char *text) {
        while (*text) {
                size_t n = strcspn(text, "\n");
                _cleanup_free_ char *line = strndup(text, n);
                int r;

                reading->line++;
                r = line ? read_line(reading, line) : -ENOMEM;
                if (r < 0)
                        return r;
                text += n + (text[n] == '\n');
        }
        if (reading->entry.values[BLS_LINUX])
                return 0;
        return failure_set(
                        reading->reterr,
                        -ENOEXEC,
                        "The image's boot menu entry /" BLS_FOLDER
                        "/%s.conf has no 'linux' line, so it starts no kernel: remove the file, or make it anew with kernel-install.",
                        reading->entry.id);
}

int bls_entry_parse(const char *id, const char *text, BlsEntry *ret, Failure *reterr) {
        Reading reading = { .entry.id = strdup(id), .reterr = reterr };
        int r = -ENOMEM;

        if (reading.entry.id) {
                str_make_utf8(reading.entry.id);
                str_blank_controls(reading.entry.id);
                r = read_text(&reading, text);
        }
        if (r < 0) {
                bls_entry_done(&reading.entry);
                return r;
        }
        *ret = reading.entry;
        return 0;
}

bool bls_entry_is_rescue(const BlsEntry *entry) {
        const char *title = entry->values[BLS_TITLE], *path = entry->values[BLS_LINUX];
        const char *slash = strrchr(path, '/');

        if (title && strcasestr(title, "rescue"))
                return true;
        return str_after_prefix(slash ? slash + 1 : path, "vmlinuz-0-rescue-");
}

/* Opens the folder. Returns 0 when there is none. */
static int open_folder(int root_fd, DIR **ret, Failure *reterr) {
        int fd = fd_open_in_root(root_fd, BLS_FOLDER, O_RDONLY | O_DIRECTORY, 0);

        if (fd == -ENOENT || fd == -ENOTDIR)
                return 0;
        *ret = fd < 0 ? NULL : fs_opendir(fd);
        if (*ret)
                return 1;
        return failure_set_errno(
                        reterr,
                        fd < 0 ? fd : -errno,
                        "The image's folder /" BLS_FOLDER " cannot be read");
}

static bool is_entry_name(const char *name) {
        return *name != '.' && str_has_suffix(name, SUFFIX);
}

static int read_entry(int root_fd, const char *name, BlsEntry *ret, Failure *reterr) {
        _cleanup_free_ char *path = str_printf(BLS_FOLDER "/%s", name),
                            *id = strndup(name, strlen(name) - strlen(SUFFIX)), *text = NULL;
        size_t size = 0;
        int r;

        if (!path || !id)
                return -ENOMEM;
        r = fs_read_in_root(root_fd, path, BLS_ENTRY_MAX_BYTES, &text, &size);
        if (r < 0)
                return failure_set_errno(reterr, r, "The image's /%s cannot be read", path);
        if (strlen(text) != size)
                return failure_set(reterr, -ENOEXEC, "The image's /%s is not text.", path);
        return bls_entry_parse(id, text, ret, reterr);
}

static int add_entry(int root_fd, const char *name, BlsEntries *entries, Failure *reterr) {
        _cleanup_bls_entry_ BlsEntry entry = {};
        BlsEntry *items;
        int r = read_entry(root_fd, name, &entry, reterr);

        if (r < 0 || bls_entry_is_rescue(&entry))
                return r;
        items = reallocarray(entries->items, entries->n_items + 1, sizeof(BlsEntry));
        if (!items)
                return -ENOMEM;
        items[entries->n_items++] = entry;
        entries->items = items;
        entry = (BlsEntry){};
        return 0;
}

static int compare_entries(const void *a, const void *b) {
        const BlsEntry *x = a, *y = b;
        const char *x_version = x->values[BLS_VERSION], *y_version = y->values[BLS_VERSION];
        int r = version_compare(y_version ? y_version : "", x_version ? x_version : "");

        if (r == 0)
                r = version_compare(y->id, x->id);
        /* What means the same must not come in the order of the folder. */
        return r != 0 ? r : strcmp(y->id, x->id);
}

static int read_entries(int root_fd, BlsEntries *entries, Failure *reterr) {
        _cleanup_closedir_ DIR *d = NULL;
        struct dirent *entry;
        size_t n = 0;
        int r = open_folder(root_fd, &d, reterr);

        if (r <= 0)
                return r;
        while ((entry = fs_readdir(d))) {
                if (!is_entry_name(entry->d_name))
                        continue;
                if (n++ == BLS_ENTRIES_MAX)
                        return failure_set(
                                        reterr,
                                        -E2BIG,
                                        "The image's folder /" BLS_FOLDER
                                        " has more than %d boot menu entries: remove some of them.",
                                        BLS_ENTRIES_MAX);
                r = add_entry(root_fd, entry->d_name, entries, reterr);
                if (r < 0)
                        return r;
        }
        return -errno;
}

int bls_entries_read(int root_fd, BlsEntries *ret, Failure *reterr) {
        _cleanup_bls_entries_ BlsEntries entries = {};
        int r = read_entries(root_fd, &entries, reterr);

        if (r < 0)
                return failure_default(
                                reterr,
                                r,
                                "The image's boot menu entries in /" BLS_FOLDER " cannot be read");
        if (entries.n_items > 0)
                qsort(entries.items, entries.n_items, sizeof(BlsEntry), compare_entries);
        *ret = entries;
        entries = (BlsEntries){};
        return 0;
}

bool bls_is_used(int root_fd) {
        _cleanup_closedir_ DIR *d = NULL;
        struct dirent *entry;

        if (open_folder(root_fd, &d, /* reterr= */ NULL) <= 0)
                return false;
        while ((entry = fs_readdir(d)))
                if (is_entry_name(entry->d_name))
                        return true;
        return false;
}

void bls_entry_done(BlsEntry *entry) {
        free(entry->id);
        for (BlsKey key = 0; key < _BLS_KEY_MAX; key++)
                free(entry->values[key]);
        *entry = (BlsEntry){};
}

void bls_entries_done(BlsEntries *entries) {
        for (size_t i = 0; i < entries->n_items; i++)
                bls_entry_done(&entries->items[i]);
        free(entries->items);
        *entries = (BlsEntries){};
}
