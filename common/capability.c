/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Capabilities straight through the kernel's calls: two of them do not need a library. */

#include "common/capability.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int limit_bounding(uint64_t keep) {
        for (int capability = 0; capability < 64; capability++) {
                int r = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);

                if (r < 0)
                        return 0; /* beyond the last that this kernel knows */
                if (r == 0 || (keep & CAPABILITY(capability)))
                        continue;
                if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
                        return -errno;
        }
        return 0;
}

int capability_limit(uint64_t keep) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
        int r;

        r = limit_bounding(keep);
        if (r < 0)
                return r;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
                return -errno;
        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
                data[i].permitted &= (uint32_t) (keep >> (32 * i));
                data[i].effective = data[i].permitted;
                data[i].inheritable = 0;
        }
        return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int capability_set_effective(uint64_t mask, bool on) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
        uint64_t permitted, before, after;

        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        permitted = data[0].permitted | (uint64_t) data[1].permitted << 32;
        before = data[0].effective | (uint64_t) data[1].effective << 32;
        after = on ? before | mask : before & ~mask;
        if (after == before || (on && (permitted & mask) != mask))
                return 0;
        data[0].effective = (uint32_t) after;
        data[1].effective = (uint32_t) (after >> 32);
        return syscall(SYS_capset, &header, data) < 0 ? -errno : 1;
}
