/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Prints the config's JSON Schema; the build installs what it prints. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "config/config-schema.h"

int main(void) {
        _cleanup_free_ char *text = NULL;
        int r = config_schema_to_text(&text);

        if (r >= 0 && fputs(text, stdout) >= 0 && fflush(stdout) == 0)
                return EXIT_SUCCESS;
        fprintf(stderr, "print-schema: cannot write the schema: %s\n", r < 0 ? strerror(-r) : "");
        return EXIT_FAILURE;
}
