/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * URLs were checked: nothing in them means anything in a quoted line of curl's. Destinations may have every
 * character that a path can have, in the list as well as in the unit.
 */

#include "liveos/download-unit.h"

#include <string.h>

#include "common/buffer.h"
#include "common/strings.h"
#include "liveos/live-url.h"

#define DEFAULT_PERMISSIONS 0644

#define PROGRAMS "sh curl sha256sum mkdir mktemp chmod sync mv rm sleep"

/* Who reads DOWNLOAD_ARGUMENT. */
#define GENERATOR "systemd/system-generators/systemd-debug-generator"

/* A path in double quotes, as systemd.syntax(7) and the specifiers of systemd.unit(5) want it. */
static int quote(Buffer *to, const char *path, size_t size) {
        int r = buffer_append_string(to, "\"");

        for (size_t i = 0; i < size && r >= 0; i++) {
                if (strchr("\"\\", path[i]))
                        r = buffer_append_string(to, "\\");
                else if (path[i] == '%')
                        r = buffer_append_string(to, "%");
                if (r >= 0)
                        r = buffer_append(to, &path[i], 1);
        }
        return r < 0 ? r : buffer_append_string(to, "\"");
}

static int add_folder(Buffer *to, const char *destination) {
        size_t size = (size_t) (strrchr(destination, '/') - destination);
        int r = buffer_append_string(to, "RequiresMountsFor=");

        if (r >= 0)
                r = quote(to, destination, size > 0 ? size : 1);
        return r < 0 ? r : buffer_append_string(to, "\n");
}

char *download_unit_text(const ConfigDownload *downloads, size_t n) {
        _cleanup_buffer_ Buffer text = {};
        int r = buffer_append_string(
                        &text,
                        "[Unit]\n"
                        "Description=Fetch the files of a Live OS that booted over the network\n"
                        "Wants=network-online.target\n"
                        "After=network-online.target\n");

        for (size_t i = 0; i < n && r >= 0; i++)
                r = add_folder(&text, downloads[i].destination);
        if (r >= 0)
                r = buffer_append_string(
                                &text,
                                "\n"
                                "[Service]\n"
                                "Type=oneshot\n"
                                "RemainAfterExit=yes\n"
                                "ExecStart=/" DOWNLOAD_PROGRAM " /" DOWNLOAD_LIST "\n"
                                "\n"
                                "[Install]\n"
                                "WantedBy=multi-user.target\n");
        return r < 0 ? NULL : buffer_take(&text);
}

char *download_list_text(const ConfigDownload *downloads, size_t n) {
        _cleanup_buffer_ Buffer text = {};
        int r = buffer_append_string(&text, "");

        for (size_t i = 0; i < n && r >= 0; i++)
                r = buffer_printf(
                                &text,
                                "url=%s\nsha256=%s\npermissions=%04o\ndestination=%s\n",
                                downloads[i].url,
                                downloads[i].sha256,
                                downloads[i].has_permissions ? (unsigned) downloads[i].permissions
                                                             : DEFAULT_PERMISSIONS,
                                downloads[i].destination);
        return r < 0 ? NULL : buffer_take(&text);
}

int download_find_lacks(const ConfigDownload *downloads, size_t n, Lacks *lacks) {
        int r = lacks_check_programs(lacks, PROGRAMS);

        if (r >= 0)
                r = lacks_check_file(lacks, "usr/lib/" GENERATOR "|lib/" GENERATOR);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = live_url_find_curl_lacks(downloads[i].url, lacks);
        return r;
}
