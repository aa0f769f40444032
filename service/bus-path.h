/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Object paths and the numbers in them. */

#include <stdbool.h>
#include <stdint.h>

/* Room for a path of a job or an artifact. */
#define BUS_PATH_SIZE 48

void bus_path_of_job(uint32_t id, char ret_path[static BUS_PATH_SIZE]);

/* BUS_PATH_NONE for 0. */
void bus_path_of_artifact(uint32_t id, char ret_path[static BUS_PATH_SIZE]);

/* True when `path` is "<prefix>/_N", spelt as the functions above do. */
bool bus_path_to_id(const char *path, const char *prefix, uint32_t *ret_id);
