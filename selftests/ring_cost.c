// SPDX-License-Identifier: GPL-2.0-only
/*
 * What others pay for bindings to a signal that nobody looks after: RING, and BIND
 * with UNBIND, beside few of them and beside many.
 *
 * Made for a machine whose clock counts instructions: "vm/run --icount".
 */
#include "common.h"

#include <kselftest.h>

#define FEW 10
#define MANY 5000
#define TIMES 1000

/* In percent, of MANY against FEW: neither walks past them */
#define MOST_FOR_RING 110
#define MOST_FOR_BIND 150

static int dev, signal_fd, own_set;

/* Each in a wait set that nobody waits for */
static bool bind_up_to(unsigned int count)
{
	static unsigned int bound;

	for (; bound < count; bound++)
		if (waitset_bind(waitset_make(dev), signal_fd, bound))
			return false;
	/* By the first they are told, by the second left aside. */
	return signal_trigger(signal_fd) == 0 && signal_ring(signal_fd) == 0;
}

static bool ring_once(void)
{
	return signal_ring(signal_fd) == 0;
}

static bool bind_once(void)
{
	return waitset_bind(own_set, signal_fd, 1) == 0 && waitset_unbind(own_set, signal_fd) == 0;
}

/* Instructions for each of TIMES */
static unsigned int measure(bool (*once)(void))
{
	__u64 start = now_ns();

	for (unsigned int i = 0; i < TIMES; i++)
		CHECK(once());
	return (unsigned int)((now_ns() - start) / TIMES);
}

/* The least of some rounds: interrupts come in between. */
static unsigned int cost(bool (*once)(void))
{
	unsigned int least = measure(once);

	for (unsigned int i = 0; i < 10; i++) {
		unsigned int again = measure(once);

		if (again < least)
			least = again;
	}
	return least;
}

static void expect_same(const char *what, unsigned int few, unsigned int many, unsigned int percent)
{
	ksft_test_result(100 * many <= percent * few, "%s: %u of %u instructions\n", what, many,
			 few);
}

int main(void)
{
	struct rlimit limit = { MANY + 100, MANY + 100 };
	unsigned int few_ring, few_bind;
	int fd;

	ksft_print_header();
	dev = device_open(O_RDWR);
	if (dev == -ENOENT)
		ksft_exit_skip("no " DEVICE ": load the module\n");
	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	ksft_set_plan(2);
	fd = area_attach(area_create(dev, "ring-cost", page_size(), 0600, 0), "", 0);
	signal_fd = signal_open(fd, "s", 0);
	own_set = waitset_make(dev);
	CHECK(signal_fd >= 0 && bind_up_to(FEW));
	few_ring = cost(ring_once);
	few_bind = cost(bind_once);
	CHECK(bind_up_to(MANY));
	expect_same("RING beside 5,000 bindings, beside 10", few_ring, cost(ring_once),
		    MOST_FOR_RING);
	expect_same("BIND and UNBIND beside 5,000, beside 10", few_bind, cost(bind_once),
		    MOST_FOR_BIND);
	ksft_finished();
}
