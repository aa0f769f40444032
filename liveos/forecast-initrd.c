/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What dracut always takes, and the modules of the classes that it takes: nothing of the image may run here. */

#include "liveos/forecast-initrd.h"

#include <fcntl.h>
#include <string.h>

#include "common/fd.h"
#include "common/strings.h"
#include "common/walk.h"

#define MIB (UINT64_C(1024) * 1024)

/* dracut's programs and libraries, measured with 059 of Debian 12: 48 MB, to a third by zstd. Modules
 * that lie there packed do not get smaller. */
#define DRACUT_BYTES      (52 * MIB)
#define PACKED_OF_HUNDRED 32U

/* Folders of modules that an initrd for any machine has (dracut --no-hostonly). */
static const char *const module_folders[] = {
        "kernel/crypto/",           "kernel/drivers/ata/",    "kernel/drivers/block/",
        "kernel/drivers/cdrom/",    "kernel/drivers/hid/",    "kernel/drivers/hv/",
        "kernel/drivers/md/",       "kernel/drivers/mmc/",    "kernel/drivers/message/",
        "kernel/drivers/net/",      "kernel/drivers/nvdimm/", "kernel/drivers/nvme/",
        "kernel/drivers/scsi/",     "kernel/drivers/usb/",    "kernel/drivers/virtio/",
        "kernel/drivers/firewire/",
};
#define MODULES_LEFT_OUT "kernel/drivers/net/wireless/"

typedef struct ModuleCounter {
        uint64_t plain_bytes;
        uint64_t packed_bytes; /* .ko.xz and the like */
} ModuleCounter;

static int count_module(void *userdata, const WalkEntry *entry, Failure *reterr _unused_) {
        const char *name = strstr(entry->name, ".ko");
        ModuleCounter *counter = userdata;
        bool is_taken = false;

        if (!name || !S_ISREG(entry->st.st_mode) || str_after_prefix(entry->path, MODULES_LEFT_OUT))
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(module_folders); i++)
                is_taken |= str_after_prefix(entry->path, module_folders[i]) != NULL;
        if (is_taken && str_equal(name, ".ko"))
                counter->plain_bytes += (uint64_t) entry->st.st_size;
        else if (is_taken)
                counter->packed_bytes += (uint64_t) entry->st.st_size;
        return 0;
}

int forecast_initrd(
                const Build *build,
                int root_fd,
                uint64_t *ret_bytes,
                uint64_t *ret_unpacked_bytes,
                Failure *reterr) {
        _cleanup_close_ int fd = fd_open_in_root(
                        root_fd,
                        build->kernels.items[0].modules,
                        O_RDONLY | O_DIRECTORY,
                        0);
        ModuleCounter counter = {};
        int r = fd < 0 ? failure_set_errno(reterr, fd, "The kernel's modules cannot be looked at")
                       : walk_tree(fd, count_module, &counter, reterr);

        if (r < 0)
                return r;
        *ret_unpacked_bytes = DRACUT_BYTES + counter.plain_bytes + counter.packed_bytes;
        *ret_bytes = (DRACUT_BYTES + counter.plain_bytes) * PACKED_OF_HUNDRED / 100 +
                     counter.packed_bytes;
        return 0;
}
