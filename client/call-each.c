/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One method, several times. */

#include "client/call-each.h"

#include <stdio.h>

#include "client/call.h"
#include "common/strings.h"
#include "dbus/names.h"

const Option call_each_options[] = {
        OPTION_QUIET(CallEachArguments),
        OPTION_NO_ASK_PASSWORD(CallEachArguments),
        {},
};

static int find_paths(const CallEach *each, char **words, char ***ret, Failure *reterr) {
        _cleanup_strv_ char **paths = NULL;

        STRV_FOREACH(word, words) {
                char *path = NULL;
                int r = each->path(*word, &path, reterr);

                if (r >= 0)
                        r = strv_append_take(&paths, path);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(paths);
        return 0;
}

int call_each(const CallEach *each,
              const CallEachArguments *arguments,
              char **words,
              Failure *reterr) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_strv_ char **paths = NULL;
        int r = each->path ? find_paths(each, words, &paths, reterr) : 0;

        if (r >= 0)
                r = call_connect(call_password(arguments->no_ask_password), &bus, reterr);
        for (size_t i = 0; r >= 0 && words[i]; i++) {
                if (paths)
                        r = call_method(bus, paths[i], each->method, NULL, reterr, "");
                else
                        r = call_method(bus, BUS_PATH, each->method, NULL, reterr, "s", words[i]);
                if (r >= 0 && !arguments->quiet)
                        printf("%s %s %s.\n", each->noun, words[i], each->done);
        }
        return r;
}
