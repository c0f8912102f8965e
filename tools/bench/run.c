// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A run: a process of its own that warms up, measures, and tells
 *
 * Samples are taken in rounds.  When the medians of two rounds in a row agree,
 * these two are what counts.  A sample is one operation, or several if one is
 * too short for the clock.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define ROUND_SAMPLES 20000
#define MOST_OPERATIONS 65536
#define SIZE_MESSAGE 256
/* For a run that does not come to its end; it may have to make 10,000 areas. */
#define MOST_SECONDS 600

/**
 * struct pace - how samples are taken
 * @sample_ns: a sample is to take so long at least
 * @round_ns: a round is to take about so long
 * @least: samples of a round, at least
 * @rounds: at most so many, even if no two agree
 * @tolerance: how far rounds that agree may be apart, in thousandths
 */
struct pace {
	uint64_t sample_ns;
	uint64_t round_ns;
	size_t least;
	unsigned int rounds;
	unsigned int tolerance;
};

/* Where every instruction counts, nothing but the timer interrupt disturbs. */
static const struct pace pace_instructions = { 50000, 10000000, 5, 60, 3 };
static const struct pace pace_time = { 1000, 100000000, 5, 10, 30 };

/**
 * struct outcome - what the process of a run tells
 * @message: why there is nothing to tell
 * @operations: that a sample has
 * @calls: system calls of an operation, or a negative value
 * @steady: two rounds have agreed
 * @count: number of @samples, of each of the last two rounds
 * @samples: what operations have cost
 */
struct outcome {
	char message[SIZE_MESSAGE];
	uint64_t operations;
	double calls;
	bool steady;
	size_t count[2];
	double samples[2][ROUND_SAMPLES];
};

static struct outcome *outcome;
static uint64_t cost_of_clock;

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Of @samples in ascending order: not more than so many of 1000 are above. */
static double percentile(const double *samples, size_t count, unsigned int thousandths)
{
	size_t index = (count * thousandths + 999) / 1000;

	return samples[index ? index - 1 : 0];
}

/* The middle of @samples, which are put in order. */
static double median_of(double *samples, size_t count)
{
	qsort(samples, count, sizeof(samples[0]), compare);
	return count % 2 ? samples[count / 2] :
			   (samples[count / 2 - 1] + samples[count / 2]) / 2;
}

/* Nanoseconds of a sample */
static uint64_t sample(struct run *run, uint64_t operations)
{
	uint64_t start, ns;

	if (run->bench->prepare)
		run->bench->prepare(run, operations);
	start = now_ns();
	run->bench->batch(run, operations);
	ns = now_ns() - start;
	return ns > cost_of_clock ? ns - cost_of_clock : 0;
}

/* How many operations a sample needs; a power of two, and so the same each time. */
static uint64_t choose_operations(struct run *run, const struct pace *pace)
{
	uint64_t operations = 1, ns;

	if (run->bench->fixed)
		return run->bench->fixed(run);
	/* The first time is no measure. */
	sample(run, 1);
	for (;;) {
		ns = sample(run, operations);
		if (ns >= pace->sample_ns || operations >= MOST_OPERATIONS)
			return operations;
		operations *= 2;
	}
}

/* Takes samples for about the time of a round; returns how many. */
static size_t measure_round(struct run *run, const struct pace *pace, double *samples)
{
	uint64_t start = now_ns();
	size_t count = 0;

	do {
		samples[count++] = (double)sample(run, outcome->operations) /
				   (double)outcome->operations;
	} while (count < pace->least ||
		 (count < ROUND_SAMPLES && now_ns() - start < pace->round_ns));
	return count;
}

static bool agree(double a, double b, unsigned int tolerance)
{
	double less = a < b ? a : b, more = a < b ? b : a;

	return (more - less) * 1000 <= less * tolerance;
}

/* Has the samples of the last two rounds in @outcome. */
static void measure(struct run *run, const struct pace *pace)
{
	double median, before = 0;
	unsigned int i, which = 0;

	outcome->operations = choose_operations(run, pace);
	for (i = 0; i < pace->rounds && !outcome->steady; i++) {
		which = i % 2;
		outcome->count[which] = measure_round(run, pace, outcome->samples[which]);
		median = median_of(outcome->samples[which], outcome->count[which]);
		outcome->steady = i && agree(median, before, pace->tolerance);
		before = median;
	}
}

static void count_calls(struct run *run)
{
	outcome->calls = calls_counted(run, outcome->operations);
	if (outcome->calls >= 0)
		return;
	if (run->bench->prepare)
		run->bench->prepare(run, outcome->operations);
	calls_begin();
	run->bench->batch(run, outcome->operations);
	calls_end();
}

/* The process of a run */
static NORETURN void run_process(struct run *run, const struct pace *pace)
{
	const struct bench *bench = run->bench;

	message_to(outcome->message, sizeof(outcome->message));
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(MOST_SECONDS);
	cpu_pin(run->placement, false);
	cost_of_clock = clock_cost();
	if (bench->setup)
		bench->setup(run);
	if (bench->peer)
		peer_fork(run);
	if (bench->start)
		bench->start(run);
	if (bench->figure) {
		outcome->samples[0][outcome->count[0]++] = bench->figure(run);
		outcome->steady = true;
		_exit(EXIT_SUCCESS);
	}
	measure(run, pace);
	count_calls(run);
	if (bench->end)
		bench->end(run);
	_exit(EXIT_SUCCESS);
}

/* What the samples say */
static void evaluate(struct row *row)
{
	row->steady = outcome->steady;
	row->count = outcome->count[0] + outcome->count[1];
	row->samples = malloc(row->count * sizeof(row->samples[0]));
	if (!row->samples)
		fail("out of memory");
	memcpy(row->samples, outcome->samples[0], outcome->count[0] * sizeof(row->samples[0]));
	memcpy(row->samples + outcome->count[0], outcome->samples[1],
	       outcome->count[1] * sizeof(row->samples[0]));
	row->median = median_of(row->samples, row->count);
	row->p99 = percentile(row->samples, row->count, 990);
	row->p999 = percentile(row->samples, row->count, 999);
	row->max = row->samples[row->count - 1];
}

static const char *describe(int status)
{
	if (outcome->message[0])
		return outcome->message;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		return "took too long";
	return WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "failed";
}

/**
 * run_measure() - measure
 * @run: what
 * @instructions: the clock counts these
 * @row: filled in
 * @why: filled in if there is nothing
 * @size: bytes of @why
 *
 * Return: 0; EXIT_SKIP if it cannot be done here; EXIT_FAILURE.
 */
int run_measure(const struct run *run, bool instructions, struct row *row, char *why, size_t size)
{
	struct run copy = *run;
	int status;
	pid_t pid;

	if (!outcome)
		outcome = shared_memory(sizeof(*outcome));
	outcome->message[0] = '\0';
	outcome->calls = -1;
	outcome->steady = false;
	memset(outcome->count, 0, sizeof(outcome->count));
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		fail_errno("fork");
	if (pid == 0)
		run_process(&copy, instructions ? &pace_instructions : &pace_time);
	*row = (struct row){ .run = *run };
	row->calls = calls_count(pid, &status);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS) {
		snprintf(why, size, "%s", describe(status));
		return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP ? EXIT_SKIP :
									       EXIT_FAILURE;
	}
	if (outcome->calls >= 0)
		row->calls = outcome->calls;
	else if (row->calls >= 0)
		row->calls /= (double)outcome->operations;
	row->unit = run->bench->unit ? run->bench->unit : instructions ? "instructions" : "ns";
	evaluate(row);
	return EXIT_SUCCESS;
}
