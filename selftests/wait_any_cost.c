// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an event costs: l4shmc_trigger() and l4shmc_wait_any() with few and with
 * many bound signals, against write, epoll_wait and read of as many eventfds.
 *
 * Made for a machine whose clock advances by one nanosecond an instruction, so
 * that the figures are instructions and repeat: "vm/run --icount".  Elsewhere
 * it is skipped, unless it is run as "wait_any_cost any-clock".
 */
#include <kselftest.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>

#include <l4/shmc/linux.h>
#include <pthread-l4.h>

#define AREA "wait-any-cost"
#define FEW 10
#define MANY 10000
#define EVENTS 1000
/* The first second or two after boot are dearer. */
#define MOST_ROUNDS 200

/* In percent: of MANY against FEW, and of wait_any against eventfds */
#define MOST_FOR_MANY 110
#define LESS_THAN_EVENTFDS 75

struct bench {
	const char *name;
	/* Makes one event of number @i and takes it; false if anything fails */
	bool (*event)(unsigned int i);
	unsigned int count;
	unsigned int cost;
};

static l4shmc_signal_t signals[MANY];
static int eventfds[MANY];
static int epoll;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Nanoseconds for @n rounds of a loop of two instructions */
static uint64_t time_loop(uint64_t n)
{
	uint64_t start = now_ns();

#if defined(__x86_64__) || defined(__i386__)
	unsigned long left = (unsigned long)n;

	__asm__ volatile("1:\n\tdec %0\n\tjnz 1b" : "+r" (left) : : "cc");
#endif
	return now_ns() - start;
}

/* Does the clock count instructions?  No other one is right that often. */
static bool clock_counts_instructions(void)
{
	for (uint64_t n = 1000000; n < 2000000; n += 250000) {
		uint64_t ns = time_loop(n);

		/* An interrupt may come in between. */
		if (ns < 2 * n || ns > 2 * n + n / 10)
			return false;
	}
	return true;
}

static bool signal_event(unsigned int i)
{
	l4shmc_signal_t *any;

	return l4shmc_trigger(&signals[i]) == 0 && l4shmc_wait_any(&any) == 0 &&
	       any == &signals[i];
}

static bool eventfd_event(unsigned int i)
{
	uint64_t value = 1;
	struct epoll_event event;

	return write(eventfds[i], &value, sizeof(value)) == sizeof(value) &&
	       epoll_wait(epoll, &event, 1, -1) == 1 && event.data.fd == eventfds[i] &&
	       read(event.data.fd, &value, sizeof(value)) == sizeof(value) && value == 1;
}

/* Instructions for an event of any of the first @count; 0 if anything fails */
static unsigned int measure(const struct bench *bench)
{
	/* Not in the order of creation, as seldom in life */
	unsigned int at = 0, step = bench->count / 3 + 1;
	uint64_t start = now_ns();

	for (unsigned int i = 0; i < EVENTS; i++) {
		if (!bench->event(at))
			return 0;
		at = (at + step) % bench->count;
	}
	return (unsigned int)((now_ns() - start) / EVENTS);
}

static unsigned int difference(unsigned int a, unsigned int b)
{
	return a < b ? b - a : a - b;
}

/* The cost, as soon as two rounds agree to half a percent. */
static bool run(struct bench *bench)
{
	unsigned int last = 0, cost;

	for (unsigned int i = 0; i < MOST_ROUNDS; i++) {
		cost = measure(bench);
		if (!cost)
			return false;
		if (i && difference(cost, last) <= cost / 200) {
			bench->cost = cost;
			ksft_print_msg("%-10s of %5u: %6u instructions an event\n", bench->name,
				       bench->count, cost);
			return true;
		}
		last = cost;
	}
	ksft_print_msg("%s: no two rounds agree\n", bench->name);
	return false;
}

/* @signals and @eventfds from @from up to @to */
static bool add(l4shmc_area_t *area, unsigned int from, unsigned int to)
{
	struct epoll_event event = { .events = EPOLLIN };
	char name[16];

	for (unsigned int i = from; i < to; i++) {
		snprintf(name, sizeof(name), "s%u", i);
		if (l4shmc_attach_signal(area, name, pthread_l4_cap(pthread_self()), &signals[i]))
			return false;
		eventfds[i] = eventfd(0, EFD_CLOEXEC);
		event.data.fd = eventfds[i];
		if (eventfds[i] < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, eventfds[i], &event))
			return false;
	}
	return true;
}

static void set_up(l4shmc_area_t *area)
{
	struct rlimit limit = { 2 * MANY + 100, 2 * MANY + 100 };
	long ret;

	ret = l4shmc_create_area(AREA, 4096, 0600, L4SHMC_EXCLUSIVE);
	if (ret == -L4_ENODEV)
		ksft_exit_skip("no device: load the module\n");
	if (setrlimit(RLIMIT_NOFILE, &limit))
		ksft_exit_skip("not %u descriptors\n", 2 * MANY);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (ret || epoll < 0 || l4shmc_attach(AREA, area) || !add(area, 0, FEW))
		ksft_exit_fail_msg("no area with signals\n");
}

static void expect_ratio(bool ok, const char *what, unsigned int cost, unsigned int of)
{
	ksft_test_result(ok, "%s: %u.%03u\n", what, cost / of, 1000 * cost / of % 1000);
}

int main(int argc, char **argv)
{
	struct bench few = { "wait_any", signal_event, FEW };
	struct bench many = { "wait_any", signal_event, MANY };
	struct bench few_eventfds = { "eventfd", eventfd_event, FEW };
	struct bench many_eventfds = { "eventfd", eventfd_event, MANY };
	l4shmc_area_t area;

	ksft_print_header();
	if (!(argc == 2 && strcmp(argv[1], "any-clock") == 0) && !clock_counts_instructions())
		ksft_exit_skip("the clock does not count instructions\n");
	set_up(&area);
	ksft_set_plan(3);
	if (!run(&few) || !run(&few_eventfds) || !add(&area, FEW, MANY) || !run(&many) ||
	    !run(&many_eventfds))
		ksft_exit_fail_msg("cannot measure\n");
	expect_ratio(100 * many.cost <= MOST_FOR_MANY * few.cost,
		     "wait_any of 10,000 against 10 signals, at most 1.1", many.cost, few.cost);
	expect_ratio(100 * few.cost < LESS_THAN_EVENTFDS * few_eventfds.cost,
		     "wait_any against eventfds, of 10, below 0.75", few.cost, few_eventfds.cost);
	expect_ratio(100 * many.cost < LESS_THAN_EVENTFDS * many_eventfds.cost,
		     "wait_any against eventfds, of 10,000, below 0.75", many.cost,
		     many_eventfds.cost);
	ksft_finished();
}
