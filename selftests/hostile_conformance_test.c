// SPDX-License-Identifier: GPL-2.0-only
/*
 * The conformance tests, each with a hostile peer in its area, by a library that
 * is built with sanitizers. They may fail, but only by what they are told, or because
 * a peer has taken away what they wait for: nothing crashes, loops without end, or is
 * found by a sanitizer. At the same time those with many messages and events pass in an
 * area that no peer shares.
 */
#include "common.h"

#include <sys/param.h>

/* Of one process: one that needs so much does not come to an end. */
#define CPU_SECONDS 20

FIXTURE(hostile_conformance)
{
	char path[PATH_MAX], peer[PATH_MAX], alone[PATH_MAX];
};

FIXTURE_VARIANT(hostile_conformance)
{
	const char *program;
	/* Of its tests, so many percent at least */
	unsigned int share;
};

FIXTURE_VARIANT_ADD(hostile_conformance, shmc)
{
	.program = "conformance_test", .share = 10,
};

FIXTURE_VARIANT_ADD(hostile_conformance, ring)
{
	.program = "conformance_ring_test", .share = 15,
};

FIXTURE_VARIANT_ADD(hostile_conformance, base)
{
	.program = "conformance_base_test", .share = 40,
};

FIXTURE_SETUP(hostile_conformance)
{
	char name[64];
	int dev = device_open(O_RDWR);

	if (dev == -ENOENT)
		SKIP(return, "no " DEVICE ": load the module");
	ASSERT_GE(dev, 0);
	close(dev);
	if (geteuid() != 0)
		SKIP(return, "only root can have network namespaces");
	snprintf(name, sizeof(name), "%s_asan", variant->program);
	if (!find_beside(self->path, sizeof(self->path), name))
		SKIP(return, "built without sanitizers");
	ASSERT_TRUE(find_beside(self->peer, sizeof(self->peer), "hostile_peer"));
	ASSERT_TRUE(find_beside(self->alone, sizeof(self->alone), "conformance_test"));
}

FIXTURE_TEARDOWN(hostile_conformance)
{
	(void)self;
}

/* A program whose output, with that of all its children, is read */
struct run {
	const char *path, *peer;
	__u32 seed;
	unsigned int share;
	int output[2];
	pid_t pid;
	unsigned int planned, passed, skipped, failed, peers, faults;
	/* The test that is running has said what it had expected. */
	bool expected;
};

static bool set_number(const char *name, __u32 number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return setenv(name, text, 1) == 0;
}

static int run_program(void *arg)
{
	struct run *run = arg;
	struct rlimit limit = { .rlim_cur = CPU_SECONDS, .rlim_max = RLIM_INFINITY };

	CHECK(dup2(run->output[1], STDOUT_FILENO) >= 0 && dup2(run->output[1], STDERR_FILENO) >= 0);
	if (run->peer) {
		CHECK(setrlimit(RLIMIT_CPU, &limit) == 0);
		CHECK(setenv("L4SHMC_TEST_PEER", run->peer, 1) == 0);
		CHECK(set_number("L4SHMC_TEST_SHARE", run->share));
		CHECK(set_number("L4SHMC_TEST_SEED", run->seed));
	}
	if (run->peer)
		execl(run->path, run->path, NULL);
	else
		execl(run->path, run->path, "-t", "producer_and_consumer", "-t",
		      "both_directions_at_once", "-t", "no_event_is_lost", NULL);
	return 127;
}

static bool start(struct run *run)
{
	if (pipe2(run->output, O_CLOEXEC))
		return false;
	run->pid = spawn(run_program, run);
	close(run->output[1]);
	return run->pid > 0;
}

/* Was it a signal that ended the child which the line tells of? 1 is what a thread says. */
static bool child_is_killed(const char *line)
{
	static const char *const children[] = { "finish(self, variant) (", "reap(child) (" };

	for (unsigned int i = 0; i < ARRAY_SIZE(children); i++) {
		const char *status = strstr(line, children[i]);

		if (status && atoi(status + strlen(children[i])) > 1 &&
		    WIFSIGNALED(atoi(status + strlen(children[i]))))
			return true;
	}
	return false;
}

/* What must not happen, whatever a peer writes */
static bool is_fault(const struct run *run, const char *line)
{
	static const char *const faults[] = {
		"Sanitizer", "runtime error:", "Test terminated unexpectedly by signal",
		"Test ended in some other way", "the peer does not come", "hostile_peer.c:",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(faults); i++)
		if (strstr(line, faults[i]))
			return true;
	/* abort() that is none of the harness */
	if (strstr(line, "Test terminated by assertion") && !run->expected)
		return true;
	return child_is_killed(line);
}

static void count_result(struct run *run, const char *line)
{
	if (strncmp(line, "1..", 3) == 0)
		run->planned = (unsigned int)atoi(line + 3);
	if (strstr(line, "# SKIP"))
		run->skipped++;
	else if (strncmp(line, "ok ", 3) == 0)
		run->passed++;
	else if (strncmp(line, "not ok ", 7) == 0)
		run->failed++;
	run->peers += strstr(line, "# among peers") != NULL;
	if (strstr(line, " RUN "))
		run->expected = false;
	run->expected |= strstr(line, ":Expected ") != NULL;
}

/* Up to its end; tells of what should not be. */
static int read_results(struct __test_metadata *_metadata, struct run *run)
{
	FILE *output = fdopen(run->output[0], "r");
	char line[1024];

	while (output && fgets(line, sizeof(line), output)) {
		bool fault = run->peer ? is_fault(run, line) : strncmp(line, "not ok", 6) == 0 ||
							       strstr(line, ":Expected ");

		count_result(run, line);
		run->faults += fault;
		if (fault)
			TH_LOG("%.*s", (int)strcspn(line, "\n"), line);
	}
	fclose(output);
	return reap(run->pid);
}

TEST_F_TIMEOUT(hostile_conformance, attack_20_conformance_tests_among_hostile_peers, 600)
{
	struct run among = {
		.path = self->path, .peer = self->peer, .seed = test_seed(),
		.share = MAX(rounds(25), variant->share),
	};
	struct run alone = { .path = self->alone };

	TH_LOG("seed %u", among.seed);
	ASSERT_TRUE(start(&among) && start(&alone));
	read_results(_metadata, &among);
	TH_LOG("%u passed, %u failed, %u were not chosen", among.passed, among.failed,
	       among.skipped);
	EXPECT_EQ(0, among.faults);
	EXPECT_GT(among.peers, 0);
	EXPECT_GT(among.planned, 0);
	EXPECT_EQ(among.planned, among.passed + among.failed + among.skipped);
	EXPECT_EQ(0, read_results(_metadata, &alone));
	EXPECT_EQ(6, alone.passed);
}

TEST_HARNESS_MAIN
