// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc: threads that wait while nothing happens
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include <l4/shmc/linux.h>

#include "l4shmc.h"

/* As long as it takes until all sleep */
#define SETTLE_MS 500
#define IDLE_MS 1000
#define STACK_SIZE 65536

static l4shmc_area_t area;
/* Each thread has its own, to the end of the process. */
static l4shmc_signal_t *signals;

static void *waiter(void *arg)
{
	l4shmc_wait_signal(arg);
	fail("an event from nowhere");
}

static void pause_ms(unsigned int ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

/* Nanoseconds of CPU that these threads have taken */
static double cpu_ns(const pthread_t *threads, uint64_t count)
{
	struct timespec time;
	clockid_t clock;
	double ns = 0;
	uint64_t i;

	for (i = 0; i < count; i++) {
		if (pthread_getcpuclockid(threads[i], &clock) || clock_gettime(clock, &time))
			fail("no CPU time of a thread");
		ns += (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
	}
	return ns;
}

static pthread_t start_waiter(l4shmc_signal_t *signal, unsigned int i)
{
	pthread_attr_t attr;
	pthread_t thread;
	char name[16];

	snprintf(name, sizeof(name), "s%u", i);
	l4shmc_check(l4shmc_add_signal(&area, name, signal), "add_signal");
	if (pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, STACK_SIZE) ||
	    pthread_create(&thread, &attr, waiter, signal))
		fail("thread");
	return thread;
}

/* Each thread waits for a signal of its own. */
double l4shmc_idle_waiters(struct run *run)
{
	pthread_t *threads = calloc(run->param, sizeof(*threads));
	unsigned int i;
	double before, spent;

	signals = calloc(run->param, sizeof(*signals));
	if (!signals || !threads)
		fail("out of memory");
	l4shmc_check(l4shmc_create_area(l4shmc_own_name(), 4096, 0600, L4SHMC_EXCLUSIVE), "create");
	l4shmc_check(l4shmc_attach(l4shmc_own_name(), &area), "attach");
	need_descriptors(run->param);
	for (i = 0; i < run->param; i++)
		threads[i] = start_waiter(&signals[i], i);
	pause_ms(SETTLE_MS);
	before = cpu_ns(threads, run->param);
	pause_ms(IDLE_MS);
	spent = cpu_ns(threads, run->param) - before;
	free(threads);
	return spent;
}
