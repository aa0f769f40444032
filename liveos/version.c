/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Order of version strings. One rule for Debian's and RPM's versions: they agree wherever kernels
 * and dracut are concerned, and the few places where they do not never meet in one image.
 */

#include "liveos/version.h"

#include <stdbool.h>
#include <string.h>

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool is_separator(char c) {
        return c != '\0' && c != '~' && c != '-' && !strchr(DIGITS LETTERS, c);
}

static const char *skip_separators(const char *s) {
        while (is_separator(*s))
                s++;
        return s;
}

/* Runs of digits by value, of any length. */
static int compare_digits(const char **a, const char **b) {
        size_t n, m;
        int r;

        *a += strspn(*a, "0");
        *b += strspn(*b, "0");
        n = strspn(*a, DIGITS);
        m = strspn(*b, DIGITS);
        if (n != m)
                return n < m ? -1 : 1;
        r = memcmp(*a, *b, n);
        *a += n;
        *b += m;
        return r;
}

static int compare_letters(const char **a, const char **b) {
        size_t n = strspn(*a, LETTERS), m = strspn(*b, LETTERS);
        int r = memcmp(*a, *b, n < m ? n : m);

        if (r == 0 && n != m)
                r = n < m ? -1 : 1;
        *a += n;
        *b += m;
        return r;
}

/* What may begin a run, in rising order. */
static int rank(char c) {
        if (c == '~')
                return 0;
        if (c == '\0')
                return 1;
        if (c == '-')
                return 2;
        return strchr(DIGITS, c) ? 4 : 3;
}

int version_compare(const char *a, const char *b) {
        for (;;) {
                int r;

                a = skip_separators(a);
                b = skip_separators(b);
                if (rank(*a) != rank(*b))
                        return rank(*a) - rank(*b);
                if (*a == '\0')
                        return 0;
                if (*a == '~' || *a == '-') {
                        a++;
                        b++;
                        continue;
                }
                r = rank(*a) == 4 ? compare_digits(&a, &b) : compare_letters(&a, &b);
                if (r != 0)
                        return r;
        }
}
