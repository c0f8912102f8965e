// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two that call each other on one CPU, alone and with a third task beside them that
 * never sleeps: how many round trips they make in the same time.
 *
 * Made for a machine with one CPU whose clock counts instructions: "vm/run --icount".
 */
#include "common.h"

#include <kselftest.h>

/* The third one may have as much as each of them. */
#define LEAST_PERCENT 20

static volatile unsigned int *trips;

struct caller {
	int wait, trigger;
};

static int call_for_ever(void *arg)
{
	const struct caller *caller = arg;

	while (1) {
		CHECK(signal_call(caller->wait, caller->trigger, L4SHMC_TIMEOUT_NEVER) == 0);
		++*trips;
	}
	return 1;
}

static unsigned int trips_in_two_seconds(void)
{
	nap_us(1000000);
	*trips = 0;
	nap_us(2000000);
	return *trips;
}

static int be_busy(void *arg)
{
	volatile unsigned int n = 0;

	(void)arg;
	while (1)
		n++;
	return 1;
}

int main(void)
{
	int dev = device_open(O_RDWR), fd, here, there;
	unsigned int alone, beside;
	pid_t pids[3];

	ksft_print_header();
	if (dev == -ENOENT)
		ksft_exit_skip("no " DEVICE ": load the module\n");
	ksft_set_plan(1);
	stay_on_this_cpu();
	fd = area_attach(area_create(dev, "call-cost", 4096, 0600, 0), "", 0);
	here = signal_open(fd, "here", 0);
	there = signal_open(fd, "there", 0);
	trips = shared_page();
	if (there < 0 || !trips)
		ksft_exit_fail_msg("no area with signals\n");

	pids[0] = spawn(call_for_ever, &(struct caller){ here, there });
	pids[1] = spawn(call_for_ever, &(struct caller){ there, here });
	signal_trigger(here);
	alone = trips_in_two_seconds();
	pids[2] = spawn(be_busy, NULL);
	beside = trips_in_two_seconds();
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		kill_child(pids[i]);
	ksft_test_result(alone && beside >= alone / 100 * LEAST_PERCENT,
			 "calls beside a third task against calls alone, at least 0.2: %u of %u\n",
			 beside, alone);
	ksft_finished();
}
