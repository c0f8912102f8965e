// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The clock, and what it counts
 *
 * In a virtual machine that is emulated with a fixed relation of instructions
 * and time ("vm/run --icount") a nanosecond is an instruction.
 */
#include <time.h>

#include "bench.h"

#define READS 101
/* A machine that has just started is busy for a while. */
#define TRIES 20

/**
 * now_ns() - time that only goes on
 *
 * Return: nanoseconds.
 */
uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/**
 * clock_cost() - what it takes to read the clock
 *
 * Return: nanoseconds that every sample is too long.
 */
uint64_t clock_cost(void)
{
	uint64_t costs[READS], start;
	size_t i;

	for (i = 0; i < READS; i++) {
		start = now_ns();
		costs[i] = now_ns() - start;
	}
	qsort(costs, READS, sizeof(costs[0]), compare);
	return costs[READS / 2];
}

/* Nanoseconds for @count rounds of a loop of two instructions */
static uint64_t time_loop(unsigned long count)
{
	uint64_t start = now_ns();

#if defined(__x86_64__) || defined(__i386__)
	__asm__ volatile("1:\n\tdec %0\n\tjnz 1b" : "+r"(count) : : "cc");
#endif
	return now_ns() - start;
}

/* Is it as many nanoseconds as instructions, unless something came in between? */
static bool loop_fits(unsigned long count)
{
	unsigned int i;
	uint64_t ns;

	for (i = 0; i < TRIES; i++) {
		ns = time_loop(count);
		if (ns < 2 * count)
			return false;
		if (ns < 2 * count + count / 50)
			return true;
	}
	return false;
}

/**
 * clock_counts_instructions() - is a nanosecond an instruction
 *
 * Return: whether it is; no other clock fits so well so often.
 */
bool clock_counts_instructions(void)
{
	unsigned long count;

	for (count = 1000000; count < 2000000; count += 250000)
		if (!loop_fits(count))
			return false;
	return true;
}
