/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The one whom polkit can ask on a plain terminal: pkttyagent, run beside us for as long as we live.
 * A desktop's own agent goes first.
 */

/* Starts it where there is a terminal to ask on and somebody else than root to ask. Blocks until it
 * is ready. That it cannot be started is no error: polkit then says what it needs. */
void agent_start(void);
