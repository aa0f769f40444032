/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a worker can do, one function for each verb of an order. Each works on the descriptors that
 * config/order.h names, reports to ORDER_FD_REPORT, and returns 0 after its work is complete and on
 * disk, or a negative errno after the failure was reported. All block.
 */

#include "config/order.h"

/* Reads the context in a sealed child: diagnostics, facts, and the service's own copy of it. */
int verb_validate(const Order *order);

/* Makes an artifact in ORDER_FD_OUTPUT; leaves ORDER_FD_SCRATCH empty, and the output too on
 * failure. */
int verb_build(const Order *order);

/* Looks at the image as a build would and reports what it would make, or why it could not: facts and
 * problems (config/plan-facts.h). Runs no program of the image but a shell, and that only of a foreign
 * one. Leaves ORDER_FD_SCRATCH empty. */
int verb_plan(const Order *order);

/* Publishes the artifact in ORDER_FD_OUTPUT to a target. */
int verb_export(const Order *order);

/* Copies the image into ORDER_FD_OUTPUT, under ORDER_IMPORT_NAME; nothing is left there on failure. An image
 * that no build would take is refused. */
int verb_import(const Order *order);

/* Reports what the image in ORDER_FD_IMAGE is. Fails for what no build would take. */
int verb_look(const Order *order);

/* Reports what kernel and host can do; what is not there is a fact, too, not a failure. */
int verb_probe(const Order *order);

/* Ends and removes what the order's job, or any job, has left: processes with their group, mounts, loop
 * devices, the folder in ORDER_FD_SCRATCH. Doing it again changes nothing more. */
int verb_sweep(const Order *order);

/* Exchanges a target's present export for the previous one. */
int verb_restore(const Order *order);
