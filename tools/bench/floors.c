// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Floors: what nothing that is built on it can undercut
 */
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

/* Two processes that run in turns; on two CPUs there is nothing to wait for. */

static void yield_setup(struct run *run)
{
	if (run->placement != SAME_CPU)
		skip("only on one CPU");
}

static void yield_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		sched_yield();
}

static void yield_peer(struct run *run)
{
	(void)run;
	peer_ready();
	for (;;)
		sched_yield();
}

static const struct bench yield_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = yield_setup,
		.batch = yield_batch,
		.peer = yield_peer,
	},
	{ 0 },
};

const struct subject subject_sched_yield = {
	.name = "sched-yield",
	.about = "floor: two processes that give the CPU to each other",
	.benches = yield_benches,
};

/* A system call that does next to nothing */

static void syscall_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		syscall(SYS_getppid);
}

static const struct bench syscall_benches[] = {
	{ .which = CASE_TRIGGER_IDLE, .batch = syscall_batch },
	{ .which = CASE_WAIT_PENDING, .batch = syscall_batch },
	{ 0 },
};

const struct subject subject_syscall = {
	.name = "syscall",
	.about = "floor: a system call that does next to nothing",
	.benches = syscall_benches,
};

/* The bytes, and nothing that tells about them */

static char *source, *target;

static void memcpy_setup(struct run *run)
{
	source = shared_memory(run->param);
	target = shared_memory(run->param);
}

static void memcpy_batch(struct run *run, uint64_t n)
{
	while (n--) {
		memcpy(target, source, run->param);
		/* Or the compiler leaves it at one. */
		__asm__ volatile("" : : "r"(target) : "memory");
	}
}

static const struct bench memcpy_benches[] = {
	{ .which = CASE_STREAM, .setup = memcpy_setup, .batch = memcpy_batch },
	{ .which = CASE_HAND_OVER, .setup = memcpy_setup, .batch = memcpy_batch },
	{ 0 },
};

const struct subject subject_memcpy = {
	.name = "memcpy",
	.about = "floor of what copies: memcpy, once",
	.benches = memcpy_benches,
};

/* A cache line that two CPUs hand back and forth, both looking all the time */

static uint32_t *line;

static void line_setup(struct run *run)
{
	if (run->placement == SAME_CPU)
		skip("only on two CPUs");
	line = shared_memory(CACHE_LINE);
}

static inline void await(uint32_t value)
{
	while (__atomic_load_n(line, __ATOMIC_ACQUIRE) != value)
		cpu_relax();
}

static void line_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--) {
		__atomic_store_n(line, 1, __ATOMIC_RELEASE);
		await(0);
	}
}

static void line_peer(struct run *run)
{
	(void)run;
	peer_ready();
	for (;;) {
		await(1);
		__atomic_store_n(line, 0, __ATOMIC_RELEASE);
	}
}

static const struct bench line_benches[] = {
	{
		.which = CASE_HAND_OVER,
		.most = CACHE_LINE,
		.setup = line_setup,
		.batch = line_batch,
		.peer = line_peer,
	},
	{ 0 },
};

const struct subject subject_cache_line = {
	.name = "cache-line",
	.about = "floor: a cache line, handed over and back by two that never sleep",
	.benches = line_benches,
};
