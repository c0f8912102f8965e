/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system call futex, for which the C library has no function
 */
#ifndef L4SHMC_BENCH_FUTEX_H
#define L4SHMC_BENCH_FUTEX_H

#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sleeps if @word is still @value. */
static inline void futex_wait(uint32_t *word, uint32_t value)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

/* Wakes one, in any process. */
static inline void futex_wake(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

#endif /* L4SHMC_BENCH_FUTEX_H */
