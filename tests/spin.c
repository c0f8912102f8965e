// SPDX-License-Identifier: GPL-2.0-or-later
/* How long a wait looks at the memory: in looks, which anybody can count. */
#include "../lib/private.h"

#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define LIMIT 100U

/* What a wait looks at: there as soon as so many looks were made, if not 0. */
struct sight {
	unsigned after;
	unsigned looks;
};

static bool look(void *arg)
{
	struct sight *sight = arg;

	return ++sight->looks == sight->after;
}

/* Looks of one wait; false if it was not told rightly how that ended. */
static bool wait_once(struct l4shmc_spin *spin, unsigned limit, unsigned after, unsigned *looks)
{
	struct sight sight = { .after = after };
	bool seen = l4shmc__spin(spin, limit, look, &sight);

	*looks = sight.looks;
	return seen == (after && sight.looks == after) && sight.looks <= limit;
}

/* The same @count times; the sum of the looks, or ~0U if one was not right. */
static unsigned wait_often(struct l4shmc_spin *spin, unsigned count, unsigned after)
{
	unsigned sum = 0, looks;

	while (count--) {
		if (!wait_once(spin, LIMIT, after, &looks))
			return ~0U;
		sum += looks;
	}
	return sum;
}

/* A peer that does not run */
static void test_in_vain(void)
{
	struct l4shmc_spin spin = { 0 };
	unsigned looks;

	ok(wait_once(&spin, LIMIT, 0, &looks) && looks == LIMIT,
	   "the first wait looks, and ends at the limit");
	ok(wait_often(&spin, 16, 0) == 0, "then 16 waits do not look at all");
	ok(wait_once(&spin, LIMIT, 0, &looks) && looks == LIMIT, "one tries again");
	ok(wait_often(&spin, 32, 0) == 0, "then 32 do not");
	wait_often(&spin, 4096, 0);
	looks = wait_often(&spin, 102500, 0);
	ok(looks <= 101 * LIMIT, "in the end only one wait of 1025 does, in vain");
	ok(looks >= 99 * LIMIT, "but that one does");
}

static void test_pays_off(void)
{
	struct l4shmc_spin spin = { 0 };
	unsigned looks;

	ok(wait_often(&spin, 100, 10) == 1000, "waits that see it soon all do so");
	ok(wait_once(&spin, LIMIT, 0, &looks) && looks < LIMIT / 2,
	   "one of them that does not is shorter than the limit");
	ok(wait_often(&spin, 100, 0) < 3 * LIMIT, "and the next ones hardly look any more");
	wait_often(&spin, 1025, 10);
	ok(wait_often(&spin, 100, 10) == 1000, "until one finds that it pays off again");
	wait_often(&spin, 1025, LIMIT);
	ok(wait_often(&spin, 100, LIMIT) == 100 * LIMIT, "or that it takes longer now");
	ok(wait_often(&spin, 1, LIMIT + 1) == LIMIT, "but not beyond the limit");
}

static void test_limit(void)
{
	struct l4shmc_spin spin = { .paid = ~0U, .rest = 1, .interval = ~0U };
	unsigned before = l4shmc__spin_limit(), looks;

	ok(wait_once(&spin, LIMIT, 0, &looks) && looks == LIMIT,
	   "the limit holds, whatever has paid off");
	memset(&spin, 0, sizeof(spin));
	ok(wait_once(&spin, 0, 1, &looks) && !looks, "a limit of 0 is no look");
	ok(wait_once(&spin, 1, 0, &looks) && looks == 1, "a limit of 1 is one");
	ok(l4shmc_set_spin_limit(7) == before && l4shmc__spin_limit() == 7,
	   "the limit can be set");
	ok(l4shmc_set_spin_limit(~0U) == 7 && l4shmc__spin_limit() == ~0U - 1,
	   "to anything but what means that it is not set");
	l4shmc_set_spin_limit(before);
}

/* The limit that a process sees that is started on so many CPUs; -1: none can be */
static int limit_on_cpus(int count, char *self)
{
	cpu_set_t all, some;
	int cpu, status;

	if (sched_getaffinity(0, sizeof(all), &all) || CPU_COUNT(&all) < count)
		return -1;
	CPU_ZERO(&some);
	for (cpu = 0; CPU_COUNT(&some) < count; cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &some);
	if (!fork()) {
		sched_setaffinity(0, sizeof(some), &some);
		execl(self, self, "limit", NULL);
		_exit(255);
	}
	if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == 255)
		return -1;
	return WEXITSTATUS(status);
}

static void test_cpus(char *self)
{
	int limit = limit_on_cpus(2, self);

	ok(limit_on_cpus(1, self) == 0, "on one CPU waits do not look");
	if (limit < 0)
		skip("one CPU", "on two they do");
	else
		ok(limit > 0, "on two they do");
}

int main(int argc, char **argv)
{
	unsigned limit = l4shmc__spin_limit();

	/* Started by limit_on_cpus() */
	if (argc > 1)
		return limit < 200 ? (int)limit : 200;
	test_in_vain();
	test_pays_off();
	test_limit();
	test_cpus(argv[0]);
	return done_testing();
}
