/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * ^C while something is under way that has to be ended in order. Until interrupt_watch() it simply
 * ends the program; from then on it is counted, and whoever works looks at the count.
 */

#include <signal.h>

/* SIGINT, SIGTERM and SIGHUP are counted from now on. */
void interrupt_watch(void);

unsigned interrupt_count(void);

/* Waits for the descriptor as poll() does; a signal that came since the count was `seen` ends the
 * waiting, too, at whatever moment it came. */
int interrupt_poll(int fd, short events, int timeout_msec, unsigned seen);
