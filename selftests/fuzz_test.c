// SPDX-License-Identifier: GPL-2.0-only
/* The fuzzer: what it has found can be found again. */
#include "common.h"

#define WORKERS 3
/* Enough for some dozen sequences of each worker */
#define CALLS "3000"
#define SOME 20

FIXTURE(fuzz)
{
	char program[PATH_MAX];
};

FIXTURE_SETUP(fuzz)
{
	if (access(DEVICE, F_OK))
		SKIP(return, "no " DEVICE ": load the module");
	ASSERT_TRUE(find_beside(self->program, sizeof(self->program), "fuzz"));
}

FIXTURE_TEARDOWN(fuzz)
{
}

/* What it says, or NULL if it fails; @more: NULL ends it */
static char *run_fuzz(const char *program, const char *const *more, int *file)
{
	const char *args[12] = {
		program, "--blind", "--trace", "--workers", "3", "--calls", CALLS,
	};
	pid_t pid;
	char *text;
	off_t size;

	for (unsigned int i = 7; *more; i++)
		args[i] = *more++;
	*file = memfd_create("fuzz", 0);
	/* Or the workers would write over each other's lines. */
	fcntl(*file, F_SETFL, O_APPEND);
	pid = fork();
	if (pid == 0) {
		dup2(*file, STDOUT_FILENO);
		execv(program, (char *const *)args);
		_exit(1);
	}
	if (reap(pid))
		return NULL;
	size = lseek(*file, 0, SEEK_END);
	text = calloc(1, (size_t)size + 1);
	return text && pread(*file, text, (size_t)size, 0) == size ? text : NULL;
}

/* Goes on to the line behind the next one of that worker, which is returned. */
static const char *next_sequence(const char **at, unsigned int worker)
{
	char start[32];
	const char *line;
	int len = snprintf(start, sizeof(start), "sequence %u ", worker);

	while (**at) {
		line = *at;
		*at += strcspn(line, "\n");
		*at += **at == '\n';
		if (strncmp(line, start, (size_t)len) == 0)
			return line;
	}
	return NULL;
}

/* How many sequences are the same, from the first on; @all: or 0 if one has more of them. */
static unsigned int same_sequences(const char *first, const char *second, unsigned int worker,
				   bool all)
{
	unsigned int same = 0;

	while (1) {
		const char *one = next_sequence(&first, worker);
		const char *other = next_sequence(&second, worker);

		if (!one || !other)
			return all && one != other ? 0 : same;
		if (first - one != second - other ||
		    strncmp(one, other, (size_t)(first - one)) != 0)
			return all ? 0 : same;
		same++;
	}
}

static unsigned long calls_made(const char *text)
{
	const char *end = strstr(text, " calls in ");

	while (end && end > text && end[-1] != ' ')
		end--;
	return end ? strtoul(end, NULL, 10) : 0;
}

TEST_F(fuzz, same_seed_makes_the_same_sequences)
{
	static const char *const seven[] = { "--seed", "7", NULL };
	static const char *const eight[] = { "--seed", "8", NULL };
	int files[3];
	char *first = run_fuzz(self->program, seven, &files[0]);
	char *second = run_fuzz(self->program, seven, &files[1]);
	char *other = run_fuzz(self->program, eight, &files[2]);

	ASSERT_NE(NULL, first);
	ASSERT_NE(NULL, second);
	ASSERT_NE(NULL, other);
	/* How many there are depends on what had to be left out. */
	for (unsigned int worker = 0; worker < WORKERS; worker++) {
		EXPECT_GE(same_sequences(first, second, worker, false), SOME);
		EXPECT_EQ(0, same_sequences(first, other, worker, false));
	}
}

TEST_F(fuzz, replay_makes_the_same_sequences)
{
	static const char *const nine[] = { "--seed", "9", NULL };
	char path[32];
	const char *const replay[] = { "--replay", path, NULL };
	int file, other;
	char *first = run_fuzz(self->program, nine, &file), *second;

	ASSERT_NE(NULL, first);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	second = run_fuzz(self->program, replay, &other);
	ASSERT_NE(NULL, second);
	for (unsigned int worker = 0; worker < WORKERS; worker++)
		EXPECT_GE(same_sequences(first, second, worker, true), SOME);
	EXPECT_GE(calls_made(first), 2900);
	EXPECT_GE(calls_made(second), 1000);
}

/* A line that it does not understand is not passed over. */
TEST_F(fuzz, replay_of_nonsense_fails)
{
	static const char line[] = "sequence 0 trigger:1,2,3,4 none:1,2,3,4\n";
	char path[32];
	const char *const replay[] = { "--replay", path, NULL };
	int file = memfd_create("replay", 0), other;

	ASSERT_EQ(sizeof(line) - 1, write(file, line, sizeof(line) - 1));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	EXPECT_EQ(NULL, run_fuzz(self->program, replay, &other));
}

TEST_HARNESS_MAIN
