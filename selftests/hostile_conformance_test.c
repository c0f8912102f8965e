// SPDX-License-Identifier: GPL-2.0-only
/*
 * The conformance tests, each with a hostile peer in its area, by a library that
 * is built with sanitizers. They may fail, but only by what they are told: nothing
 * crashes, hangs, or is found by a sanitizer. At the same time they pass in areas
 * that the peers do not share.
 */
#include "common.h"

/*
 * Of one process: one that needs so much does not come to an end. One that sleeps is
 * ended by the harness, as a peer may take its event away.
 */
#define CPU_SECONDS 20

FIXTURE(hostile_conformance)
{
	char path[PATH_MAX], peer[PATH_MAX], alone[PATH_MAX];
	unsigned int planned, passed, skipped, failed, faults;
};

FIXTURE_VARIANT(hostile_conformance)
{
	const char *program;
};

FIXTURE_VARIANT_ADD(hostile_conformance, shmc)
{
	.program = "conformance_test",
};

FIXTURE_VARIANT_ADD(hostile_conformance, ring)
{
	.program = "conformance_ring_test",
};

FIXTURE_VARIANT_ADD(hostile_conformance, base)
{
	.program = "conformance_base_test",
};

FIXTURE_SETUP(hostile_conformance)
{
	char name[64];
	int dev = device_open(O_RDWR);

	if (dev == -ENOENT)
		SKIP(return, "no " DEVICE ": load the module");
	ASSERT_GE(dev, 0);
	snprintf(name, sizeof(name), "%s_asan", variant->program);
	if (!find_beside(self->path, sizeof(self->path), name))
		SKIP(return, "built without sanitizers");
	ASSERT_TRUE(find_beside(self->peer, sizeof(self->peer), "hostile_peer"));
	ASSERT_TRUE(find_beside(self->alone, sizeof(self->alone), variant->program));
}

FIXTURE_TEARDOWN(hostile_conformance)
{
	(void)self;
}

/* A program whose output, with that of all its children, can be read */
struct run {
	const char *path, *peer;
	int output[2];
};

static int run_program(void *arg)
{
	struct run *run = arg;
	struct rlimit limit = { .rlim_cur = CPU_SECONDS, .rlim_max = RLIM_INFINITY };

	CHECK(setrlimit(RLIMIT_CPU, &limit) == 0);
	CHECK(dup2(run->output[1], STDOUT_FILENO) >= 0 && dup2(run->output[1], STDERR_FILENO) >= 0);
	if (run->peer) {
		char share[16];

		snprintf(share, sizeof(share), "%u", rounds(50));
		CHECK(setenv("L4SHMC_TEST_PEER", run->peer, 1) == 0);
		CHECK(setenv("L4SHMC_TEST_SHARE", share, 1) == 0);
	}
	execl(run->path, run->path, NULL);
	return 127;
}

static pid_t start(struct run *run)
{
	pid_t pid;

	if (pipe2(run->output, O_CLOEXEC))
		return -1;
	pid = spawn(run_program, run);
	close(run->output[1]);
	return pid;
}

/* What must not happen, whatever a peer writes, to the test or to its own processes */
static bool is_fault(const char *line)
{
	static const char *const faults[] = {
		"Sanitizer", "runtime error:", "Test terminated unexpectedly by signal",
		"Test ended in some other way",
	};
	static const char child[] = "finish(self, variant) (";
	const char *status = strstr(line, child);

	for (unsigned int i = 0; i < ARRAY_SIZE(faults); i++)
		if (strstr(line, faults[i]))
			return true;
	/* 1 is what a thread says, where a process says it by exit(1). */
	return status && WIFSIGNALED(atoi(status + strlen(child))) &&
	       atoi(status + strlen(child)) > 1;
}

static void read_results(struct __test_metadata *_metadata,
			 FIXTURE_DATA(hostile_conformance) * self, int fd)
{
	FILE *output = fdopen(fd, "r");
	char line[1024];

	ASSERT_NE(NULL, output);
	while (fgets(line, sizeof(line), output)) {
		if (sscanf(line, "1..%u", &self->planned) == 1)
			continue;
		if (strstr(line, "# SKIP"))
			self->skipped++;
		else if (strncmp(line, "ok ", 3) == 0)
			self->passed++;
		else if (strncmp(line, "not ok ", 7) == 0)
			self->failed++;
		if (is_fault(line)) {
			self->faults++;
			TH_LOG("%.*s", (int)strcspn(line, "\n"), line);
		}
	}
	fclose(output);
}

TEST_F_TIMEOUT(hostile_conformance, attack_20_conformance_tests_among_hostile_peers, 3600)
{
	struct run among = { .path = self->path, .peer = self->peer };
	struct run alone = { .path = self->alone };
	pid_t one = start(&among), other = start(&alone);
	char bytes[4096];

	ASSERT_GT(one, 0);
	ASSERT_GT(other, 0);
	read_results(_metadata, self, among.output[0]);
	TH_LOG("%u passed, %u failed, %u were not chosen", self->passed, self->failed,
	       self->skipped);
	reap(one);
	EXPECT_EQ(0, self->faults);
	EXPECT_GT(self->planned, 0);
	EXPECT_EQ(self->planned, self->passed + self->failed + self->skipped);
	while (read(alone.output[0], bytes, sizeof(bytes)) > 0)
		;
	EXPECT_EQ(0, reap(other));
}

TEST_HARNESS_MAIN
