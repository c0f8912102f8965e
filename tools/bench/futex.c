// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Futexes in shared memory, and what the C library makes of them
 */
#include <errno.h>
#include <semaphore.h>

#include "bench.h"
#include "futex.h"

/* A word for each direction, on cache lines of their own */
struct words {
	_Alignas(CACHE_LINE) uint32_t ping;
	_Alignas(CACHE_LINE) uint32_t pong;
};

static struct words *words;

static void futex_setup(struct run *run)
{
	(void)run;
	words = shared_memory(sizeof(*words));
}

/* Always wakes: who is sure that the other one sleeps need not ask. */
static inline void post(uint32_t *word)
{
	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	futex_wake(word);
}

static inline void take(uint32_t *word)
{
	while (!__atomic_exchange_n(word, 0, __ATOMIC_ACQUIRE))
		futex_wait(word, 0);
}

static void round_trips(struct run *run, uint64_t n)
{
	(void)run;
	while (n--) {
		post(&words->ping);
		take(&words->pong);
	}
}

static void answer(struct run *run)
{
	(void)run;
	peer_ready();
	for (;;) {
		take(&words->ping);
		post(&words->pong);
	}
}

static void trigger_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		post(&words->ping);
}

static const struct bench futex_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = futex_setup,
		.batch = round_trips,
		.peer = answer,
	},
	{ .which = CASE_TRIGGER_IDLE, .setup = futex_setup, .batch = trigger_batch },
	/* The payload is in shared memory: once is enough, however large it is. */
	{
		.which = CASE_HAND_OVER,
		.most = CACHE_LINE,
		.setup = futex_setup,
		.batch = round_trips,
		.peer = answer,
	},
	{ 0 },
};

const struct subject subject_futex = {
	.name = "futex",
	.about = "FUTEX_WAKE and FUTEX_WAIT on words in shared memory",
	.benches = futex_benches,
};

/* Semaphores, which know whether somebody waits */

struct semaphores {
	_Alignas(CACHE_LINE) sem_t ping;
	_Alignas(CACHE_LINE) sem_t pong;
};

static struct semaphores *sems;

static void sem_setup(struct run *run)
{
	(void)run;
	sems = shared_memory(sizeof(*sems));
	if (sem_init(&sems->ping, 1, 0) || sem_init(&sems->pong, 1, 0))
		fail_errno("sem_init");
}

static void sem_round_trips(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		if (sem_post(&sems->ping) || sem_wait(&sems->pong))
			fail_errno("semaphore");
}

static void sem_answer(struct run *run)
{
	(void)run;
	peer_ready();
	while (!sem_wait(&sems->ping) && !sem_post(&sems->pong))
		;
}

static void sem_trigger(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		if (sem_post(&sems->ping))
			fail_errno("sem_post");
}

/* It cannot count up without limit. */
static void sem_drain(struct run *run, uint64_t n)
{
	(void)run;
	(void)n;
	while (!sem_trywait(&sems->ping))
		;
}

static void sem_fill(struct run *run, uint64_t n)
{
	sem_trigger(run, n);
}

static void sem_wait_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		if (sem_wait(&sems->ping))
			fail_errno("sem_wait");
}

static const struct bench sem_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = sem_setup,
		.batch = sem_round_trips,
		.peer = sem_answer,
	},
	{
		.which = CASE_TRIGGER_IDLE,
		.setup = sem_setup,
		.prepare = sem_drain,
		.batch = sem_trigger,
	},
	{
		.which = CASE_WAIT_PENDING,
		.setup = sem_setup,
		.prepare = sem_fill,
		.batch = sem_wait_batch,
	},
	{ 0 },
};

const struct subject subject_posix_sem = {
	.name = "posix-sem",
	.about = "sem_post and sem_wait on a semaphore in shared memory",
	.benches = sem_benches,
};
