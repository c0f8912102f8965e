// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A mutex and condition variables that processes share
 */
#include <pthread.h>

#include "bench.h"

/**
 * struct monitor - what two sides tell each other
 * @lock: guards @turn
 * @changed: for each side, that it is its turn
 * @turn: number of events for each side that have not been taken
 */
struct monitor {
	pthread_mutex_t lock;
	pthread_cond_t changed[2];
	unsigned int turn[2];
};

static struct monitor *monitor;

static void setup(struct run *run)
{
	pthread_mutexattr_t lock;
	pthread_condattr_t changed;
	int i;

	(void)run;
	monitor = shared_memory(sizeof(*monitor));
	if (pthread_mutexattr_init(&lock) ||
	    pthread_mutexattr_setpshared(&lock, PTHREAD_PROCESS_SHARED) ||
	    pthread_mutex_init(&monitor->lock, &lock))
		fail("mutex");
	if (pthread_condattr_init(&changed) ||
	    pthread_condattr_setpshared(&changed, PTHREAD_PROCESS_SHARED))
		fail("condition variable");
	for (i = 0; i < 2; i++)
		if (pthread_cond_init(&monitor->changed[i], &changed))
			fail("condition variable");
}

static void post(int side)
{
	pthread_mutex_lock(&monitor->lock);
	monitor->turn[side]++;
	pthread_cond_signal(&monitor->changed[side]);
	pthread_mutex_unlock(&monitor->lock);
}

static void take(int side)
{
	pthread_mutex_lock(&monitor->lock);
	while (!monitor->turn[side])
		pthread_cond_wait(&monitor->changed[side], &monitor->lock);
	monitor->turn[side]--;
	pthread_mutex_unlock(&monitor->lock);
}

static void round_trips(struct run *run, uint64_t n)
{
	(void)run;
	while (n--) {
		post(1);
		take(0);
	}
}

static void answer(struct run *run)
{
	(void)run;
	peer_ready();
	for (;;) {
		take(1);
		post(0);
	}
}

static void trigger_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		post(0);
}

static void wait_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		take(0);
}

static const struct bench cond_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = setup,
		.batch = round_trips,
		.peer = answer,
	},
	{ .which = CASE_TRIGGER_IDLE, .setup = setup, .batch = trigger_batch },
	{
		.which = CASE_WAIT_PENDING,
		.setup = setup,
		.prepare = trigger_batch,
		.batch = wait_batch,
	},
	/* The payload is in shared memory: once is enough, however large it is. */
	{
		.which = CASE_HAND_OVER,
		.most = CACHE_LINE,
		.setup = setup,
		.batch = round_trips,
		.peer = answer,
	},
	{ 0 },
};

const struct subject subject_pthread_cond = {
	.name = "pthread-cond",
	.about = "a mutex and condition variables in shared memory",
	.benches = cond_benches,
};
