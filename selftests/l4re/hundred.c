// SPDX-License-Identifier: GPL-2.0-only
/* A hundred signals are bound to one thread, which takes whatever comes. */
#include <l4/shmc/shmc.h>
#include <l4/sys/ipc.h>
#include <l4/util/assert.h>
#include <pthread-l4.h>

#include <pthread.h>
#include <stdio.h>

#define AREA "l4re-hundred"
#define SIGNALS 100
#define ROUNDS 5

static l4shmc_signal_t signals[SIGNALS];

static void signal_name(char *name, size_t size, int i)
{
	snprintf(name, size, "signal-%d", i);
}

/* Triggers all of them in another order each time, then waits. */
static void *trigger_all(void *unused)
{
	static l4shmc_signal_t theirs[SIGNALS];
	l4shmc_signal_t done;
	l4shmc_area_t area;
	char name[16];
	int i, round;

	(void)unused;
	ASSERT_OK(l4shmc_attach(AREA, &area));
	for (i = 0; i < SIGNALS; i++) {
		signal_name(name, sizeof(name), i);
		ASSERT_OK(l4shmc_get_signal(&area, name, &theirs[i]));
	}
	ASSERT_OK(l4shmc_get_signal(&area, "done", &done));
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < SIGNALS; i++)
			ASSERT_OK(l4shmc_trigger(&theirs[(i * 37 + round) % SIGNALS]));
		ASSERT_OK(l4shmc_wait_signal(&done));
	}
	return NULL;
}

int main(void)
{
	int i, round, seen[SIGNALS] = { 0 };
	l4_timeout_t at_once = L4_IPC_BOTH_TIMEOUT_0;
	l4shmc_signal_t done, *any = NULL;
	l4shmc_area_t area;
	pthread_t thread;
	char name[16];

	ASSERT_OK(l4shmc_create(AREA));
	ASSERT_OK(l4shmc_attach(AREA, &area));
	for (i = 0; i < SIGNALS; i++) {
		signal_name(name, sizeof(name), i);
		ASSERT_OK(l4shmc_attach_signal(&area, name, pthread_l4_cap(pthread_self()),
					       &signals[i]));
	}
	ASSERT_OK(l4shmc_add_signal(&area, "done", &done));
	ASSERT_EQUAL(pthread_create(&thread, NULL, trigger_all, NULL), 0);

	for (round = 1; round <= ROUNDS; round++) {
		for (i = 0; i < SIGNALS; i++) {
			ASSERT_OK(l4shmc_wait_any(&any));
			ASSERT_BETWEEN(any - signals, 0, SIGNALS - 1);
			seen[any - signals]++;
		}
		for (i = 0; i < SIGNALS; i++)
			ASSERT_EQUAL(seen[i], round);
		ASSERT_EQUAL(l4shmc_wait_any_to(at_once, &any), -(L4_EIPC_LO + L4_IPC_RETIMEOUT));
		ASSERT_OK(l4shmc_trigger(&done));
	}
	ASSERT_EQUAL(pthread_join(thread, NULL), 0);
	printf("hundred: %d events\n", ROUNDS * SIGNALS);
	return 0;
}
