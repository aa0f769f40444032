/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Logging, for the two tops only: to the journal where there is one, else to standard error. */
