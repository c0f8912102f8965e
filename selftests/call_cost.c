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

static void call_for_ever(int wait, int trigger)
{
	while (1) {
		CHECK(signal_call(wait, trigger, L4SHMC_TIMEOUT_NEVER) == 0);
		++*trips;
	}
}

static unsigned int trips_in_two_seconds(void)
{
	nap_us(1000000);
	*trips = 0;
	nap_us(2000000);
	return *trips;
}

static pid_t start(void (*run)(int wait, int trigger), int wait, int trigger)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run(wait, trigger);
	}
	return pid;
}

static void be_busy(int unused, int unused_too)
{
	volatile unsigned int n = 0;

	(void)unused;
	(void)unused_too;
	while (1)
		n++;
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

	pids[0] = start(call_for_ever, here, there);
	pids[1] = start(call_for_ever, there, here);
	signal_trigger(here);
	alone = trips_in_two_seconds();
	pids[2] = start(be_busy, 0, 0);
	beside = trips_in_two_seconds();
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		kill_child(pids[i]);
	ksft_test_result(alone && beside >= alone / 100 * LEAST_PERCENT,
			 "calls beside a third task against calls alone, at least 0.2: %u of %u\n",
			 beside, alone);
	ksft_finished();
}
