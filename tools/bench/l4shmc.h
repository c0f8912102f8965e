/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files for l4shmc share.
 */
#ifndef L4SHMC_BENCH_L4SHMC_H
#define L4SHMC_BENCH_L4SHMC_H

#include "bench.h"

/* l4shmc.c */
void l4shmc_check(long ret, const char *what);
const char *l4shmc_own_name(void);

/* l4shmc_area.c */
void l4shmc_areas_setup(struct run *run);
void l4shmc_attach_batch(struct run *run, uint64_t n);
void l4shmc_lifecycle_batch(struct run *run, uint64_t n);
void l4shmc_touch_setup(struct run *run);
void l4shmc_touch_batch(struct run *run, uint64_t n);

/* idle.c */
double l4shmc_idle_waiters(struct run *run);

/* l4shmc_chunk.c */
void l4shmc_chunk_setup(struct run *run);
void l4shmc_chunk_start(struct run *run);
void l4shmc_chunk_batch(struct run *run, uint64_t n);
void l4shmc_chunk_peer(struct run *run);
void l4shmc_chunk_call_batch(struct run *run, uint64_t n);
void l4shmc_chunk_call_peer(struct run *run);
void l4shmc_ring_setup(struct run *run);
void l4shmc_ring_batch(struct run *run, uint64_t n);
void l4shmc_ring_peer(struct run *run);

#endif /* L4SHMC_BENCH_L4SHMC_H */
