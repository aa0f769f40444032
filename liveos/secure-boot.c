/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The chain of signatures. osslsigncode judges a file by certificates; it refuses one with several
 * signatures, as shims often have, so that of a shim only is asked whether it has any.
 */

#include "liveos/secure-boot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/fs.h"
#include "common/strings.h"
#include "container/command.h"
#include "liveos/build.h"
#include "liveos/loader-files.h"
#include "liveos/places.h"
#include "liveos/vendor-certificates.h"

#define FOLDER_NAME  "signatures"
#define FOLDER       PLACE_WORK "/" FOLDER_NAME
#define PROGRAM      FOLDER "/program"
#define DER          FOLDER "/der"
#define CERTIFICATES FOLDER "/certificates.pem"
#define TIMEOUT_USEC (UINT64_C(60) * 1000000)

/* What osslsigncode says when it has compared, and found another signer. */
#define SAYS_FAILED "Signature verification: failed"

typedef struct Checker {
        const Build *build;
        SecureBoot result; /* SECURE_BOOT_YES until something is found */
        Failure *why;
        bool says_failed;
} Checker;

/* The first thing that is wrong is the one that is told; a clear no goes before what is not known. */
static void find(
                Checker *checker,
                SecureBoot result,
                const char *what,
                const char *path,
                const char *why) {
        if (checker->result == SECURE_BOOT_NO ||
            (checker->result == SECURE_BOOT_UNKNOWN && result == SECURE_BOOT_UNKNOWN))
                return;
        checker->result = result;
        (void) failure_set(
                        checker->why,
                        result == SECURE_BOOT_NO ? -EKEYREJECTED : -ENOTSUP,
                        result == SECURE_BOOT_NO
                                        ? "With Secure Boot on, this does not boot: the image's %s (%s) %s."
                                        : SECURE_BOOT_UNCLEAR ": the image's %s (%s) %s.",
                        what,
                        path,
                        why);
}

static int read_program(char **ret_data, Bytes *ret) {
        _cleanup_close_ int fd = open(PROGRAM, O_RDONLY | O_CLOEXEC);
        size_t size;
        int r = fd < 0 ? -errno : fd_pread_all(fd, LOADER_MAX_BYTES, ret_data, &size);

        if (r < 0)
                return r;
        *ret = (Bytes){ .data = (const unsigned char *) *ret_data, .size = size };
        return 0;
}

/* Appends the certificate as text, which is what osslsigncode takes. */
static int add_certificate(Bytes der, int to_fd) {
        static const char *const argv[] = { "openssl", "x509", "-inform", "DER", "-in", DER, NULL };
        _cleanup_close_ int fd = open(DER, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        Command command = COMMAND_INIT;
        int r = fd < 0 ? -errno : fd_write_all(fd, der.data, der.size);

        if (r < 0)
                return r;
        command.argv = argv;
        command.profile = COMMAND_TOOL;
        command.stdout_fd = to_fd;
        command.timeout_usec = TIMEOUT_USEC;
        r = command_run(&command, /* reterr= */ NULL);
        return r > 0 ? -EBADMSG : r;
}

static int write_certificates(const Bytes *certificates, size_t n) {
        _cleanup_close_ int fd = open(
                        CERTIFICATES,
                        O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
                        0600);
        int r = fd < 0 ? -errno : 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = add_certificate(certificates[i], fd);
        return r;
}

/* Returns true when there is something to judge the others by. */
static int look_at_shim(Checker *checker) {
        const LoaderFile *shim = &checker->build->loaders.shim;
        Bytes certificates[VENDOR_CERTIFICATES_MAX], program;
        _cleanup_free_ char *data = NULL;
        size_t n;
        int r = loader_copy(checker->build, shim, PROGRAM, /* reterr= */ NULL);

        if (r >= 0)
                r = read_program(&data, &program);
        if (r < 0)
                return r;
        if (!pe_is_signed(program))
                find(checker, SECURE_BOOT_NO, "shim", shim->path, "is not signed");
        n = vendor_certificates_find(program, certificates);
        if (n == 0) {
                find(checker,
                     SECURE_BOOT_UNKNOWN,
                     "shim",
                     shim->path,
                     "has no certificate of its own, so that the firmware's decide");
                return false;
        }
        r = write_certificates(certificates, n);
        if (r == -ENOENT)
                find(checker,
                     SECURE_BOOT_UNKNOWN,
                     "shim",
                     shim->path,
                     "needs openssl here to be read");
        else if (r < 0)
                find(checker,
                     SECURE_BOOT_UNKNOWN,
                     "shim",
                     shim->path,
                     "has a certificate that openssl cannot read");
        return r >= 0;
}

static void on_line(void *userdata, const char *line) {
        Checker *checker = userdata;

        checker->says_failed |= strstr(line, SAYS_FAILED) != NULL;
}

/* PROGRAM, by the certificates. */
static void judge_program(Checker *checker, const char *what, const char *path) {
        static const char *const argv[] = { "osslsigncode", "verify", "-CAfile", CERTIFICATES,
                                            "-in",          PROGRAM,  NULL };
        Command command = COMMAND_INIT;
        int r;

        checker->says_failed = false;
        command.argv = argv;
        command.profile = COMMAND_TOOL;
        command.timeout_usec = TIMEOUT_USEC;
        command.on_line = on_line;
        command.userdata = checker;
        r = command_run(&command, /* reterr= */ NULL);
        if (r == 0)
                return;
        if (r > 0 && checker->says_failed)
                find(checker,
                     SECURE_BOOT_NO,
                     what,
                     path,
                     "is signed by somebody whom the shim does not know; install shim, GRUB and kernel of one distribution");
        else
                find(checker,
                     SECURE_BOOT_UNKNOWN,
                     what,
                     path,
                     r < 0 ? "needs osslsigncode here to be looked at"
                           : "has a signature that osslsigncode cannot judge, or several");
}

/* What lies in PROGRAM. */
static int look_at_program(Checker *checker, const char *what, const char *path) {
        _cleanup_free_ char *data = NULL;
        Bytes program;
        int r = read_program(&data, &program);

        if (r < 0)
                return r;
        if (!pe_is_signed(program))
                find(checker, SECURE_BOOT_NO, what, path, "is not signed");
        else
                judge_program(checker, what, path);
        return 0;
}

static bool is_same(const LoaderFile *a, const LoaderFile *b) {
        return a->place == b->place && str_equal(a->path, b->path);
}

static int look_at_grub(Checker *checker) {
        const Loaders *loaders = &checker->build->loaders;
        const LoaderFile *last = NULL; /* often one file for all media */
        int r = 0;

        for (MediumKind medium = 0; medium < _MEDIUM_KIND_MAX && r >= 0; medium++) {
                const LoaderFile *grub = &loaders->grub[medium];

                if (!(build_media(checker->build) & (1U << medium)) ||
                    (last && is_same(grub, last)))
                        continue;
                last = grub;
                r = loader_copy(checker->build, grub, PROGRAM, /* reterr= */ NULL);
                if (r >= 0)
                        r = look_at_program(checker, "GRUB", grub->path);
        }
        return r;
}

static int look_at_kernels(Checker *checker) {
        const Kernels *kernels = &checker->build->kernels;
        int r = 0;

        for (size_t i = 0; i < kernels->n_items && r >= 0; i++) {
                r = loader_copy_from_root(kernels->items[i].vmlinuz, PROGRAM, /* reterr= */ NULL);
                if (r >= 0)
                        r = look_at_program(checker, "kernel", kernels->items[i].vmlinuz);
        }
        return r;
}

static int check(Checker *checker) {
        int r = look_at_shim(checker);

        if (r <= 0)
                return r;
        r = look_at_grub(checker);
        return r < 0 ? r : look_at_kernels(checker);
}

int secure_boot_check(const Build *build, SecureBoot *ret, Failure *ret_why) {
        Checker checker = { .build = build, .result = SECURE_BOOT_YES, .why = ret_why };
        _cleanup_close_ int work_fd = open(PLACE_WORK, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r = work_fd < 0 || mkdirat(work_fd, FOLDER_NAME, 0700) < 0 ? -errno : check(&checker);

        (void) fs_remove_tree(work_fd, FOLDER_NAME);
        if (r < 0)
                return r;
        *ret = checker.result;
        return 0;
}
