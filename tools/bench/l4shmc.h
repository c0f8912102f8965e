/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files for l4shmc share.
 */
#ifndef L4SHMC_BENCH_L4SHMC_H
#define L4SHMC_BENCH_L4SHMC_H

#include <stddef.h>

void l4shmc_check(long ret, const char *what);
const char *l4shmc_make_area(size_t size);

#endif /* L4SHMC_BENCH_L4SHMC_H */
