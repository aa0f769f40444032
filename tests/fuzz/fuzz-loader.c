/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Programs of the image: the prefix in a grub, certificates in a shim (PE), the machine of an ELF. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "common/strings.h"
#include "liveos/arch.h"
#include "liveos/loader.h"
#include "liveos/vendor-certificates.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_strv_ char **paths = NULL;
        char prefix[LOADER_PREFIX_MAX];
        Failure failure = {};
        Bytes certificates[VENDOR_CERTIFICATES_MAX];
        size_t n;
        Arch arch;
        int r = arch_from_elf(data, size, &arch);

        fuzz_check(r == -EINVAL || r == -EOPNOTSUPP || (arch >= 0 && arch < _ARCH_MAX));
        (void) pe_is_signed((Bytes){ data, size });
        n = vendor_certificates_find((Bytes){ data, size }, certificates);
        fuzz_check(n <= VENDOR_CERTIFICATES_MAX);
        for (size_t i = 0; i < n; i++)
                fuzz_check(certificates[i].size > 0 && certificates[i].data >= data &&
                           certificates[i].data + certificates[i].size <= data + size);
        r = loader_read_prefix(data, size, prefix);
        fuzz_check(r == 0 || r == -ENODATA);
        if (r < 0)
                return 0;
        fuzz_check(memchr(prefix, '\0', sizeof(prefix)));
        r = medium_redirector_paths(MEDIUM_ISO, prefix, &paths, &failure);
        fuzz_check(r == 0 || r == -EINVAL);
        STRV_FOREACH(path, paths) {
                fuzz_check(**path != '/');
                fuzz_check(strncmp(*path, "../", 3) != 0 && !strstr(*path, "/../"));
        }
        return 0;
}
