/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of protocols. dracut gives every URL but NFS's to curl, and says nothing when curl will not
 * take it: curl's own protocols depend on how it was built, and a URL that nobody takes is tried a hundred
 * times while the machine waits. So it is looked for here, where there is somebody to tell. NFS's folder it
 * mounts, and what lies there it puts on a loop device, without a copy.
 */

#include "liveos/live-url.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "liveos/dracut.h"

#define LIBCURL           "libcurl.so.4"
#define LIBCURL_MAX_BYTES (16U * 1024 * 1024)

/* Where distributions have the bundle of authorities that curl trusts, Debian's first. */
#define AUTHORITIES \
        "etc/ssl/certs/ca-certificates.crt|etc/pki/tls/certs/ca-bundle.crt|etc/pki/tls/certs/ca-bundle.trust.crt"

typedef struct Protocol {
        const char *scheme;
        const char *module;   /* of dracut, beside livenet and url-lib; NULL: none */
        const char *programs; /* that the module cannot do without */
        const char *file;     /* "a|b", for the initrd and for curl; NULL: none */
        bool is_optional;     /* there are builds of curl without it: Fedora's libcurl-minimal */
        bool is_mounted;      /* the ISO stays on its server and takes no memory */
} Protocol;

static const Protocol protocols[] = {
        { "http", NULL, "", NULL, false, false },
        { "https", NULL, "", AUTHORITIES, false, false },
        { "ftp", NULL, "", NULL, false, false },
        { "tftp", NULL, "", NULL, true, false },
        { "nfs",
          "nfs",
          "mount.nfs mount.nfs4 rpc.statd rpcbind|portmap umount sed chmod chown",
          NULL,
          false,
          true },
};

static const Protocol *find_protocol(const char *url) {
        for (size_t i = 0; url && i < ELEMENTSOF(protocols); i++) {
                const char *rest = str_after_prefix(url, protocols[i].scheme);

                if (rest && str_after_prefix(rest, "://"))
                        return &protocols[i];
        }
        return NULL;
}

const char *live_url_module(const char *url) {
        const Protocol *protocol = find_protocol(url);

        return protocol ? protocol->module : NULL;
}

bool live_url_is_mounted(const char *url) {
        const Protocol *protocol = find_protocol(url);

        return protocol && protocol->is_mounted;
}

/* ---- curl's own protocols ---- */

/* A library names each of the protocols that it was built with. */
static int knows(int root_fd, const char *path, const char *scheme) {
        _cleanup_free_ char *data = NULL;
        size_t size;
        int r = fs_read_in_root(root_fd, path, LIBCURL_MAX_BYTES, &data, &size);

        return r < 0 ? r : memmem(data, size, scheme, strlen(scheme) + 1) != NULL;
}

/* Debian has a folder for each architecture below usr/lib. */
static int knows_below(int root_fd, const char *folder, const char *scheme) {
        int fd = fd_open_in_root(root_fd, folder, O_RDONLY | O_DIRECTORY, 0);
        _cleanup_closedir_ DIR *d = fd < 0 ? NULL : fs_opendir(fd);
        struct dirent *entry;

        while (d && (entry = fs_readdir(d))) {
                _cleanup_free_ char *path = str_printf("%s/%s/" LIBCURL, folder, entry->d_name);
                int r = path && strchr(entry->d_name, '-') ? knows(root_fd, path, scheme) : -ENOENT;

                if (r >= 0)
                        return r;
        }
        return -ENOENT;
}

/* A curl whose library is in none of these places is taken at its word. */
static bool curl_lacks(int root_fd, const char *scheme) {
        static const char *const paths[] = { "usr/lib64/" LIBCURL, "usr/lib/" LIBCURL };

        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                int r = knows(root_fd, paths[i], scheme);

                if (r >= 0)
                        return r == 0;
        }
        return knows_below(root_fd, "usr/lib", scheme) == 0;
}

/* ---- what is missing ---- */

static int find_curl_lacks(const Protocol *protocol, Lacks *lacks) {
        int r = protocol->file ? lacks_check_file(lacks, protocol->file) : 0;

        if (r >= 0 && protocol->is_optional && curl_lacks(lacks->root_fd, protocol->scheme))
                r = lacks_add(lacks, "protocol of curl", protocol->scheme);
        return r;
}

int live_url_find_curl_lacks(const char *url, Lacks *lacks) {
        const Protocol *protocol = find_protocol(url);

        return protocol ? find_curl_lacks(protocol, lacks) : 0;
}

int live_url_find_lacks(const char *url, Lacks *lacks) {
        const Protocol *protocol = find_protocol(url);
        int r = 0;

        if (!protocol)
                return 0;
        if (protocol->module) {
                r = dracut_has_module(lacks->root_fd, protocol->module);
                if (r == 0)
                        r = lacks_add(lacks, "module of dracut", protocol->module);
        }
        if (r >= 0)
                r = lacks_check_programs(lacks, protocol->programs);
        return r < 0 ? r : find_curl_lacks(protocol, lacks);
}

int live_url_check(int root_fd, const OsRelease *os, const char *url, Failure *reterr) {
        _cleanup_lacks_ Lacks lacks = { .root_fd = root_fd, .os = os };
        const Protocol *protocol = find_protocol(url);
        _cleanup_free_ char *what = NULL;
        int r = url ? live_url_find_lacks(url, &lacks) : 0;

        if (r < 0)
                return failure_set_errno(reterr, r, "The image cannot be looked at");
        what = str_printf(
                        "An initrd of this image cannot fetch the ISO by %s",
                        protocol ? protocol->scheme : "");
        return !what ? -ENOMEM
                     : lacks_judge(&lacks,
                                   what,
                                   ", or give the ISO a URL of another protocol",
                                   reterr);
}
