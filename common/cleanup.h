/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Ownership in declarations: a local that owns something is released when its scope ends, so that
 * every function may return early. Hand-over is always visible, as TAKE_PTR() or TAKE_FD().
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function)           __attribute__((cleanup(function)))
#define _printf_(string_at, first_at) __attribute__((format(printf, string_at, first_at)))
#define _must_check_                  __attribute__((warn_unused_result))
#define _unused_                      __attribute__((unused))

#define ELEMENTSOF(array) (sizeof(array) / sizeof((array)[0]))

/* Defines NAMEp(), which _cleanup_() calls with the address of a pointer of TYPE. FUNCTION must
 * accept NULL. */
#define DEFINE_CLEANUP(type, function)            \
        static inline void function##p(type *p) { \
                if (*p)                           \
                        function(*p);             \
        }                                         \
        struct function##_needs_a_semicolon

/* The pointer's value; the variable itself becomes NULL. */
#define TAKE_PTR(pointer)                                 \
        ({                                                \
                typeof(pointer) *_take_from = &(pointer); \
                typeof(pointer) _taken = *_take_from;     \
                *_take_from = NULL;                       \
                _taken;                                   \
        })

/* The descriptor's value; the variable itself becomes -EBADF. */
#define TAKE_FD(fd)                       \
        ({                                \
                int *_take_from = &(fd);  \
                int _taken = *_take_from; \
                *_take_from = -9;         \
                _taken;                   \
        })

static inline void cleanup_free(void *p) {
        free(*(void **) p);
}

static inline void cleanup_close(int *fd) {
        if (*fd >= 0)
                (void) close(*fd);
}

static inline void cleanup_fclose(FILE **f) {
        if (*f)
                (void) fclose(*f);
}

#define _cleanup_free_   _cleanup_(cleanup_free)
#define _cleanup_close_  _cleanup_(cleanup_close)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose)
