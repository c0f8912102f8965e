// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Looking at the memory for a while before sleeping: for as long as that has
 * paid off lately, and never longer than the wake-up takes that it may save.
 *
 * A wait that looked in vain halves the time of the next one.  Once that is
 * nothing, only now and then a wait looks if it would pay off again, and less
 * and less often: a side that shares its CPU with the other one, which cannot
 * do anything meanwhile, soon gives up.
 */
#include "private.h"

#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "relax.h"

#define LIMIT_UNSET UINT_MAX

/* Sleeping and being woken takes as long as this many system calls at least. */
#define WAKEUP_SYSCALLS 16U

/* If what is measured cannot be true. */
#define LOOKS_MOST 1000U

/* What is measured for that: the best of some rounds of so many. */
#define MEASURE_ROUNDS 4
#define MEASURE_SYSCALLS 8U
#define MEASURE_LOOKS 64U

/* Waits that do not look, after one in vain: at first, and at most. */
#define REST_FIRST 16U
#define REST_MOST 1024U

static unsigned spin_limit = LIMIT_UNSET;
static bool one_cpu;

/*
 * As the process was started: threads that choose a CPU for themselves do so
 * for the others to run elsewhere.
 */
__attribute__((constructor)) static void count_cpus(void)
{
	cpu_set_t cpus;

	/* Fails if there are more CPUs than fit. */
	one_cpu = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) == 1;
}

static __u64 measure(unsigned count, bool syscalls)
{
	__u64 best = ~(__u64)0, start, time;
	unsigned round, i;

	for (round = 0; round < MEASURE_ROUNDS; round++) {
		start = l4shmc__now_ns();
		for (i = 0; i < count; i++) {
			if (syscalls)
				syscall(SYS_getppid);
			else
				cpu_relax();
		}
		time = l4shmc__now_ns() - start;
		if (time < best)
			best = time;
	}
	return best / count;
}

/* Leaves errno alone, whatever is asked for that. */
static bool one_cpu_online(void)
{
	int saved = errno;
	bool one = sysconf(_SC_NPROCESSORS_ONLN) == 1;

	errno = saved;
	return one;
}

static unsigned default_limit(void)
{
	__u64 look, wakeup;

	if (one_cpu || one_cpu_online())
		return 0;
	look = measure(MEASURE_LOOKS, false);
	wakeup = WAKEUP_SYSCALLS * measure(MEASURE_SYSCALLS, true);
	wakeup /= look ? look : 1;
	return wakeup < LOOKS_MOST ? (unsigned)wakeup : LOOKS_MOST;
}

unsigned l4shmc__spin_limit(void)
{
	unsigned limit = __atomic_load_n(&spin_limit, __ATOMIC_RELAXED);
	unsigned wanted;

	if (L4_LIKELY(limit != LIMIT_UNSET))
		return limit;
	wanted = default_limit();
	/* Unless somebody has set it meanwhile: then limit is updated. */
	if (__atomic_compare_exchange_n(&spin_limit, &limit, wanted, false, __ATOMIC_RELAXED,
					__ATOMIC_RELAXED))
		return wanted;
	return limit;
}

unsigned l4shmc_set_spin_limit(unsigned rounds)
{
	l4shmc__spin_limit();
	if (rounds == LIMIT_UNSET)
		rounds--;
	return __atomic_exchange_n(&spin_limit, rounds, __ATOMIC_RELAXED);
}

static unsigned load(unsigned const *from)
{
	return __atomic_load_n(from, __ATOMIC_RELAXED);
}

static void store(unsigned *to, unsigned value)
{
	__atomic_store_n(to, value, __ATOMIC_RELAXED);
}

/* How many looks this wait is worth. */
static unsigned budget(struct l4shmc_spin *spin, unsigned limit)
{
	unsigned paid = load(&spin->paid);
	unsigned rest = load(&spin->rest);

	if (paid)
		return paid < limit / 4 ? 2 * paid + 8 : limit;
	if (!rest)
		return limit;
	store(&spin->rest, rest - 1);
	return 0;
}

static void has_paid(struct l4shmc_spin *spin, unsigned looks)
{
	unsigned paid = load(&spin->paid);

	/* Up at once, down slowly. */
	store(&spin->paid, looks > paid ? looks : paid - (paid - looks) / 8);
	store(&spin->interval, 0);
}

static void was_in_vain(struct l4shmc_spin *spin)
{
	unsigned paid = load(&spin->paid) / 2;
	unsigned interval = 2 * load(&spin->interval);

	store(&spin->paid, paid);
	if (paid)
		return;
	if (interval < REST_FIRST)
		interval = REST_FIRST;
	else if (interval > REST_MOST)
		interval = REST_MOST;
	store(&spin->interval, interval);
	store(&spin->rest, interval);
}

bool l4shmc__spin(struct l4shmc_spin *spin, unsigned limit, bool (*look)(void *arg), void *arg)
{
	unsigned most = limit ? budget(spin, limit) : 0;
	unsigned looks;

	if (most > limit)
		most = limit;
	for (looks = 1; looks <= most; looks++) {
		cpu_relax();
		if (look(arg)) {
			has_paid(spin, looks);
			return true;
		}
	}
	if (most)
		was_in_vain(spin);
	return false;
}
