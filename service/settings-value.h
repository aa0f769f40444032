/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Judging single texts of the settings: what is wrong with one, as the end of a sentence that begins with its
 * key; NULL when nothing is. A text that is not there (NULL) is wrong. Pure.
 */

typedef const char *(*SettingsValueJudge)(const char *text);

/* Absolute, and not the root itself. */
const char *settings_value_path(const char *text);

/* Of a target: 1 to 64 of a-z A-Z 0-9 . _ - and not first '.' or '-'. */
const char *settings_value_name(const char *text);

/* http or https. */
const char *settings_value_url(const char *text);

/* Of addresses (common/cidr.h), none of which is never let through. */
const char *settings_value_range(const char *text);
