/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What pxe.downloads names, as a unit that fetches it when the OS starts. The list takes the place of one
 * that an ISO as the image has. */

#include "liveos/customize-steps.h"

#include <errno.h>
#include <string.h>

#include "common/fs.h"
#include "liveos/download-unit.h"
#include "liveos/unit-file.h"

static int write_files(int root_fd, const ConfigDownload *downloads, size_t n) {
        _cleanup_free_ char *unit = download_unit_text(downloads, n),
                            *list = download_list_text(downloads, n);
        int r = unit && list ? 0 : -ENOMEM;

        if (r >= 0)
                r = fs_write_in_root(root_fd, DOWNLOAD_LIST, list, strlen(list), 0600);
        if (r >= 0)
                r = fs_write_in_root(
                                root_fd,
                                DOWNLOAD_PROGRAM,
                                download_program_text,
                                strlen(download_program_text),
                                0755);
        if (r >= 0)
                r = unit_file_write(root_fd, DOWNLOAD_SERVICE, unit);
        if (list)
                explicit_bzero(list, strlen(list));
        return r;
}

int customize_downloads(const Build *build, int root_fd, Failure *reterr) {
        const ConfigMedium *pxe = &build->config.pxe;
        int r = 0;

        if (pxe->n_downloads > 0)
                r = write_files(root_fd, pxe->downloads, pxe->n_downloads);
        return r < 0 ? failure_set_errno(
                                       reterr,
                                       r,
                                       "pxe.downloads: /" DOWNLOAD_LIST
                                       " and the unit that reads it cannot be written")
                     : 0;
}
