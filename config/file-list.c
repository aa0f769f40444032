/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of an artifact's files: cut in place into lines, and searched by halves. */

#include "config/file-list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/strings.h"

#define DIGITS      4 /* of permissions, the first of them 0 */
#define PATH_OFFSET (DIGITS + 1)

int file_list_append(Buffer *text, const char *path, mode_t permissions) {
        return buffer_printf(text, "%04o %s\n", (unsigned) permissions & 0777, path);
}

static size_t count_lines(const char *text, size_t size) {
        size_t n = 0;

        for (size_t i = 0; i < size; i++)
                n += text[i] == '\n';
        return n;
}

static int parse_line(char *line, FileListItem *ret) {
        if (strspn(line, "01234567") != DIGITS || line[0] != '0' || line[DIGITS] != ' ' ||
            line[PATH_OFFSET] == '\0')
                return -EBADMSG;
        *ret = (FileListItem){ .path = line + PATH_OFFSET,
                               .permissions = (mode_t) strtoul(line, NULL, 8) };
        return 0;
}

/* Cuts the text at the ends of its lines. */
static int parse_lines(FileList *list) {
        for (char *line = list->text, *end; (end = strchr(line, '\n')); line = end + 1) {
                FileListItem *item = &list->items[list->n_items];

                *end = '\0';
                if (parse_line(line, item) < 0 ||
                    (list->n_items > 0 && strcmp(item[-1].path, item->path) >= 0))
                        return -EBADMSG;
                list->n_items++;
        }
        return 0;
}

int file_list_parse(const char *text, size_t size, FileList *ret, Failure *reterr) {
        _cleanup_file_list_ FileList list = {};
        int r = -EBADMSG;

        if (size <= FILE_LIST_MAX_BYTES && !memchr(text, '\0', size) &&
            (size == 0 || text[size - 1] == '\n')) {
                list.text = strndup(text, size);
                list.items = calloc(count_lines(text, size) + 1, sizeof(*list.items));
                r = list.text && list.items ? parse_lines(&list) : -ENOMEM;
        }
        if (r == -EBADMSG)
                return failure_set(reterr, r, "The list of the artifact's files is none.");
        if (r < 0)
                return r;
        *ret = list;
        list = (FileList){};
        return 0;
}

static int compare_items(const void *a, const void *b) {
        return strcmp(((const FileListItem *) a)->path, ((const FileListItem *) b)->path);
}

const FileListItem *file_list_find(const FileList *list, const char *path) {
        const FileListItem key = { .path = path };

        return list->n_items == 0 ? NULL
                                  : bsearch(&key,
                                            list->items,
                                            list->n_items,
                                            sizeof(*list->items),
                                            compare_items);
}

void file_list_done(FileList *list) {
        free(list->items);
        free(list->text);
        *list = (FileList){};
}
