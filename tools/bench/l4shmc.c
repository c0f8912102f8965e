// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc: signals, and the list of what is measured
 */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <l4/shmc/linux.h>
#include <l4/sys/err.h>
#include <pthread-l4.h>

#include "bench.h"
#include "l4shmc.h"

/* Signals that are triggered in advance */
#define PENDING 1024

static char area_name[32];
static l4shmc_area_t area;
static l4shmc_signal_t ping, pong;
static l4shmc_signal_t *signals;
static uint64_t at;

/**
 * l4shmc_check() - go on only if that went well
 * @ret: what a function of the library has returned
 * @what: the function
 */
void l4shmc_check(long ret, const char *what)
{
	if (ret == -L4_ENODEV)
		skip("no /dev/l4shmc");
	if (ret)
		fail("%s: %s", what, l4sys_errtostr(ret));
}

/**
 * l4shmc_own_name() - a name for an area that no other run has
 *
 * Return: the name, which both sides know if the run asks before there are two.
 */
const char *l4shmc_own_name(void)
{
	if (!area_name[0])
		snprintf(area_name, sizeof(area_name), "bench-%d", (int)getpid());
	return area_name;
}

static void setup(struct run *run)
{
	(void)run;
	l4shmc_check(l4shmc_create_area(l4shmc_own_name(), 4096, 0600, L4SHMC_EXCLUSIVE), "create");
}

static void start(struct run *run)
{
	(void)run;
	l4shmc_check(l4shmc_attach(area_name, &area), "attach");
	l4shmc_check(l4shmc_add_signal(&area, "ping", &ping), "add_signal");
	l4shmc_check(l4shmc_add_signal(&area, "pong", &pong), "add_signal");
}

static void setup_alone(struct run *run)
{
	setup(run);
	start(run);
}

static void round_trips(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		if (l4shmc_trigger(&ping) || l4shmc_wait_signal(&pong))
			fail("round trip");
}

static void answer(struct run *run)
{
	start(run);
	peer_ready();
	while (!l4shmc_wait_signal(&ping) && !l4shmc_trigger(&pong))
		;
}

static void trigger_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		if (l4shmc_trigger(&ping))
			fail("trigger");
}

/* Triggers coalesce, so that it takes a signal for each. */

static uint64_t pending_of_sample(const struct run *run)
{
	(void)run;
	return PENDING;
}

static void add_signals(uint64_t count, bool attach)
{
	char name[16];
	uint64_t i;
	long ret;

	need_descriptors(count);
	signals = calloc(count, sizeof(*signals));
	if (!signals)
		fail("out of memory");
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "s%u", (unsigned int)i);
		if (attach)
			ret = l4shmc_attach_signal(&area, name, pthread_l4_cap(pthread_self()),
						   &signals[i]);
		else
			ret = l4shmc_add_signal(&area, name, &signals[i]);
		l4shmc_check(ret, "signal");
	}
}

static void pending_setup(struct run *run)
{
	setup_alone(run);
	add_signals(PENDING, false);
}

static void pending_prepare(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		l4shmc_trigger(&signals[n]);
}

static void pending_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		if (l4shmc_wait_signal(&signals[n]))
			fail("wait_signal");
}

static void any_setup(struct run *run)
{
	setup_alone(run);
	add_signals(run->param, true);
}

static void any_batch(struct run *run, uint64_t n)
{
	l4shmc_signal_t *signal, *any;

	while (n--) {
		/* Not in the order of creation, as seldom in life */
		at = (at + run->param / 3 + 1) % run->param;
		signal = &signals[at];
		l4shmc_trigger(signal);
		l4shmc_check(l4shmc_wait_any(&any), "wait_any");
		if (any != signal)
			fail("wait_any: another event");
	}
}

static const struct bench signal_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = setup,
		.start = start,
		.batch = round_trips,
		.peer = answer,
	},
	{ .which = CASE_TRIGGER_IDLE, .setup = setup_alone, .batch = trigger_batch },
	{
		.which = CASE_WAIT_PENDING,
		.fixed = pending_of_sample,
		.setup = pending_setup,
		.prepare = pending_prepare,
		.batch = pending_batch,
	},
	{ .which = CASE_WAIT_ANY, .setup = any_setup, .batch = any_batch },
	{
		.which = CASE_STREAM,
		.fixed = stream_sample,
		.setup = l4shmc_ring_setup,
		.batch = l4shmc_ring_batch,
		.peer = l4shmc_ring_peer,
	},
	{
		.which = CASE_HAND_OVER,
		.setup = l4shmc_chunk_setup,
		.start = l4shmc_chunk_start,
		.batch = l4shmc_chunk_batch,
		.peer = l4shmc_chunk_peer,
	},
	{
		.which = CASE_ATTACH_BY_NAME,
		.setup = l4shmc_areas_setup,
		.batch = l4shmc_attach_batch,
	},
	{
		.which = CASE_LIFECYCLE,
		.setup = l4shmc_areas_setup,
		.batch = l4shmc_lifecycle_batch,
	},
	{
		.which = CASE_FIRST_TOUCH,
		.setup = l4shmc_touch_setup,
		.batch = l4shmc_touch_batch,
	},
	{ .which = CASE_IDLE_WAITERS, .figure = l4shmc_idle_waiters, .unit = "ns" },
	{ 0 },
};

const struct subject subject_l4shmc = {
	.name = "l4shmc",
	.about = "this project, with l4shmc_trigger and l4shmc_wait_signal",
	.benches = signal_benches,
};

/* Trigger and wait in one system call, on both sides */

static void call_round_trips(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		if (l4shmc_call(&ping, &pong))
			fail("call");
}

static void call_answer(struct run *run)
{
	start(run);
	peer_ready();
	if (l4shmc_wait_signal(&ping))
		return;
	while (!l4shmc_call(&pong, &ping))
		;
}

static const struct bench call_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = setup,
		.start = start,
		.batch = call_round_trips,
		.peer = call_answer,
	},
	{
		.which = CASE_HAND_OVER,
		.setup = l4shmc_chunk_setup,
		.start = l4shmc_chunk_start,
		.batch = l4shmc_chunk_call_batch,
		.peer = l4shmc_chunk_call_peer,
	},
	{ 0 },
};

const struct subject subject_l4shmc_call = {
	.name = "l4shmc-call",
	.about = "this project, with l4shmc_call on both sides",
	.benches = call_benches,
};

/* As the first one, but a side that waits goes to sleep at once. */

static void sleeping_setup(struct run *run)
{
	l4shmc_set_spin_limit(0);
	setup(run);
}

static void sleeping_chunk_setup(struct run *run)
{
	l4shmc_set_spin_limit(0);
	l4shmc_chunk_setup(run);
}

static const struct bench sleeping_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = sleeping_setup,
		.start = start,
		.batch = round_trips,
		.peer = answer,
	},
	{
		.which = CASE_HAND_OVER,
		.setup = sleeping_chunk_setup,
		.start = l4shmc_chunk_start,
		.batch = l4shmc_chunk_batch,
		.peer = l4shmc_chunk_peer,
	},
	{ 0 },
};

const struct subject subject_l4shmc_sleeping = {
	.name = "l4shmc-sleeping",
	.about = "this project, with a spin limit of 0: who waits sleeps at once",
	.benches = sleeping_benches,
};
