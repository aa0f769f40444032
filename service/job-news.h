/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A job's news on the bus: the job's observer, which turns changes into PropertiesChanged and lines of
 * the log into the signal Log, not more of either than anybody can read.
 */

#include <systemd/sd-bus.h>

#include "service/manager.h"

/* Becomes the job's observer until the job is freed; borrows the manager. Errors: -ENOMEM. */
int job_news_attach(Manager *manager, Job *job);

/* Sends at once what is still held back. */
void job_news_flush(Job *job);

/* The sender of the message gets the signals Log from now on, as long as it is on the bus. */
void job_news_listen(Job *job, sd_bus_message *m);
