/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The executor. It knows no stage by name: readiness comes from `needs`, so a new stage is a new row
 * of the table and nothing else.
 */

#include "liveos/stages.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "common/strings.h"
#include "config/report.h"
#include "liveos/child.h"

#define STAGES_MAX 32

typedef enum StageState {
        STAGE_WAITING,
        STAGE_RUNNING,
        STAGE_DONE,
} StageState;

typedef struct Executor {
        const Stage *stages;
        size_t n_stages;
        Build *build;
        StageState states[STAGES_MAX];
        Child children[STAGES_MAX];
} Executor;

typedef struct StageCall {
        const Stage *stage;
        Build *build;
} StageCall;

static bool is_done(const Executor *executor, const char *name, size_t size) {
        for (size_t i = 0; i < executor->n_stages; i++)
                if (strlen(executor->stages[i].name) == size &&
                    memcmp(executor->stages[i].name, name, size) == 0)
                        return executor->states[i] == STAGE_DONE;
        assert(!"a stage needs one that is not in the table");
        return false;
}

static bool is_ready(const Executor *executor, size_t i) {
        const char *needs = executor->stages[i].needs;

        if (executor->states[i] != STAGE_WAITING)
                return false;
        for (; needs && *needs; needs += strspn(needs, " ")) {
                size_t size = strcspn(needs, " ");

                if (!is_done(executor, needs, size))
                        return false;
                needs += size;
        }
        return true;
}

static size_t count(const Executor *executor, StageState state) {
        size_t n = 0;

        for (size_t i = 0; i < executor->n_stages; i++)
                n += executor->states[i] == state;
        return n;
}

static void finish(Executor *executor, size_t i) {
        unsigned done = 0, all = 0;

        executor->states[i] = STAGE_DONE;
        for (size_t k = 0; k < executor->n_stages; k++) {
                all += executor->stages[k].weight;
                if (executor->states[k] == STAGE_DONE)
                        done += executor->stages[k].weight;
        }
        if (all > 0)
                report_progress(executor->build->report_fd, done * 1000 / all);
}

static int run_in_child(void *userdata, Failure *reterr) {
        StageCall *call = userdata;

        return call->stage->run(call->build, reterr);
}

static int start(Executor *executor, size_t i, Failure *reterr) {
        const Stage *stage = &executor->stages[i];
        StageCall call = { .stage = stage, .build = executor->build };
        int r;

        if (stage->wanted && !stage->wanted(executor->build)) {
                finish(executor, i);
                return 0;
        }
        report_stage(executor->build->report_fd, stage->name);
        if (stage->flags & STAGE_LEARNS) {
                r = stage->run(executor->build, reterr);
                if (r < 0)
                        return failure_default(reterr, r, "Stage %s failed", stage->name);
                finish(executor, i);
                return 0;
        }
        r = child_start(run_in_child, &call, &executor->children[i], reterr);
        if (r >= 0)
                executor->states[i] = STAGE_RUNNING;
        return r;
}

/* Starts what is ready: files makers as many as there are, a learner only when nothing runs. */
static int start_ready(Executor *executor, Failure *reterr) {
        for (size_t i = 0; i < executor->n_stages; i++) {
                bool learns = executor->stages[i].flags & STAGE_LEARNS;
                int r;

                if (!is_ready(executor, i) || (learns && count(executor, STAGE_RUNNING) > 0))
                        continue;
                r = start(executor, i, reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* When a stage has ended beside others, the longest of them is what the job is waiting for. */
static void tell_running(const Executor *executor) {
        const Stage *longest = NULL;

        for (size_t i = 0; i < executor->n_stages; i++)
                if (executor->states[i] == STAGE_RUNNING &&
                    (!longest || executor->stages[i].weight > longest->weight))
                        longest = &executor->stages[i];
        if (longest)
                report_stage(executor->build->report_fd, longest->name);
}

/* Waits until one of the running stages has ended. */
static int wait_one(Executor *executor, Failure *reterr) {
        struct pollfd fds[STAGES_MAX];
        size_t which[STAGES_MAX], n = 0;

        for (size_t i = 0; i < executor->n_stages; i++) {
                if (executor->states[i] != STAGE_RUNNING)
                        continue;
                fds[n] = (struct pollfd){ .fd = executor->children[i].failure_fd,
                                          .events = POLLIN };
                which[n++] = i;
        }
        while (poll(fds, n, -1) < 0)
                if (errno != EINTR)
                        return failure_set_errno(reterr, -errno, "The stages cannot be waited for");
        for (size_t k = 0; k < n; k++) {
                int r;

                if (!fds[k].revents)
                        continue;
                r = child_wait(&executor->children[which[k]], reterr);
                if (r < 0)
                        return r;
                finish(executor, which[k]);
                tell_running(executor);
        }
        return 0;
}

int stages_run(const Stage *stages, size_t n_stages, Build *build, Failure *reterr) {
        Executor executor = { .stages = stages, .n_stages = n_stages, .build = build };

        assert(n_stages <= STAGES_MAX);
        while (count(&executor, STAGE_DONE) < n_stages) {
                size_t done = count(&executor, STAGE_DONE);
                int r = start_ready(&executor, reterr);

                if (r >= 0 && count(&executor, STAGE_RUNNING) > 0)
                        r = wait_one(&executor, reterr);
                else
                        assert(r < 0 || count(&executor, STAGE_DONE) > done);
                if (r < 0)
                        return r;
        }
        return 0;
}
