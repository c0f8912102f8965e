// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Floors: what nothing that is built on it can undercut
 */
#include <sched.h>
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
