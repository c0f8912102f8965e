// SPDX-License-Identifier: GPL-2.0-only
/*
 * libl4shmc: several threads at once, each with what only it has, and all with
 * what they share.  Also built to find data races, as lib_threads_test_tsan.
 */
#include "lib_common.h"

#include <pthread-l4.h>

#ifdef __SANITIZE_THREAD__
/* A test does not end by exit(), which is where it would fail otherwise. */
const char *__tsan_default_options(void);

const char *__tsan_default_options(void)
{
	return "halt_on_error=1";
}
#endif

#define SIZE 65536
#define LONG l4_timeout(L4_IPC_TIMEOUT_NEVER, l4_timeout_from_us(HANG_NS / 1000))
#define THREADS 4
#define NAMES 40

struct worker {
	FIXTURE_DATA(lib_threads) *self;
	unsigned int number;
	pthread_t thread;
	/* Of the signals that all of them ask for */
	int fds[NAMES];
	l4_cap_idx_t cap;
	l4shmc_signal_t mine;
};

FIXTURE(lib_threads)
{
	struct lib_area lib;
	struct worker workers[THREADS];
	/* Who has what it may have alone, by its descriptor */
	bool claimed[256];
	pthread_barrier_t start;
};

FIXTURE_SETUP(lib_threads)
{
	if (!make_lib_area(_metadata, &self->lib, SIZE))
		return;
	ASSERT_EQ(0, pthread_barrier_init(&self->start, NULL, THREADS));
}

FIXTURE_TEARDOWN(lib_threads)
{
	drop_lib_area(&self->lib);
}

/* All of them run @run, which returns NULL, or its argument if something is not right. */
static void run_together(struct __test_metadata *_metadata, FIXTURE_DATA(lib_threads) *self,
			 void *(*run)(void *))
{
	void *failed;

	for (unsigned int i = 0; i < THREADS; i++) {
		self->workers[i].self = self;
		self->workers[i].number = i;
		ASSERT_EQ(0, pthread_create(&self->workers[i].thread, NULL, run,
					    &self->workers[i]));
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(self->workers[i].thread, &failed));
		EXPECT_EQ(NULL, failed) {
			TH_LOG("thread %u", i);
		}
	}
}

static bool claim(struct worker *worker, int fd, bool claimed)
{
	return fd >= 0 && fd < (int)ARRAY_SIZE(worker->self->claimed) &&
	       __atomic_exchange_n(&worker->self->claimed[fd], claimed, __ATOMIC_SEQ_CST) !=
	       claimed;
}

static void *attach_and_detach(void *arg)
{
	struct worker *worker = arg;
	l4shmc_area_t area;
	int fd;

	pthread_barrier_wait(&worker->self->start);
	for (unsigned int i = rounds(100); i > 0; i--) {
		if (l4shmc_attach(worker->self->lib.name, &area))
			return arg;
		fd = l4shmc_area_fd(&area);
		/* An attachment of its own, and not what another one just ends */
		if (!claim(worker, fd, true) || l4shmc_area_size(&area) != SIZE ||
		    l4shmc_get_client_nr(&area) < 1 || !claim(worker, fd, false) ||
		    l4shmc_detach(&area))
			return arg;
	}
	return NULL;
}

TEST_F(lib_threads, attach_and_detach)
{
	unsigned int fds = open_fds();

	run_together(_metadata, self, attach_and_detach);
	EXPECT_EQ(fds, open_fds());
	EXPECT_EQ(1, sysfs_number(self->lib.name, "clients"));
}

static void *create_and_destroy(void *arg)
{
	struct worker *worker = arg;
	char name[L4SHMC_NAME_SIZE];
	l4shmc_area_t area;

	snprintf(name, sizeof(name), "threads.%d.%u", getpid(), worker->number);
	pthread_barrier_wait(&worker->self->start);
	for (unsigned int i = rounds(50); i > 0; i--)
		if (l4shmc_create_area(name, 4096, 0600, 0) || l4shmc_attach(name, &area) ||
		    l4shmc_detach(&area) || l4shmc_destroy(name) ||
		    l4shmc_attach(name, &area) != -L4_ENOENT)
			return arg;
	return NULL;
}

TEST_F(lib_threads, create_and_destroy)
{
	unsigned int fds = open_fds();

	run_together(_metadata, self, create_and_destroy);
	EXPECT_EQ(fds, open_fds());
}

static void *add_signals(void *arg)
{
	struct worker *worker = arg;
	char name[L4SHMC_NAME_SIZE];
	l4shmc_signal_t signal;

	pthread_barrier_wait(&worker->self->start);
	for (unsigned int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "s%u", i);
		if (l4shmc_add_signal(&worker->self->lib.area, name, &signal) ||
		    l4shmc_trigger(&signal))
			return arg;
		worker->fds[i] = l4shmc_signal_fd(&signal);
	}
	return NULL;
}

TEST_F(lib_threads, add_the_same_signals)
{
	unsigned int fds = open_fds();

	run_together(_metadata, self, add_signals);
	for (unsigned int i = 1; i < THREADS; i++)
		EXPECT_EQ(0, memcmp(self->workers[0].fds, self->workers[i].fds,
				    sizeof(self->workers[i].fds)));
	/* One for each name, whoever was the first. */
	EXPECT_EQ(fds + NAMES, open_fds());
}

static void *iterate(void *arg)
{
	struct worker *worker = arg;
	const char *name = NULL;
	unsigned int found = 0;
	char wanted[16];
	long at = 0;

	pthread_barrier_wait(&worker->self->start);
	while ((at = l4shmc_iterate_chunk(&worker->self->lib.area, &name, at)) > 0) {
		snprintf(wanted, sizeof(wanted), "c%u", found++);
		if (strcmp(name, wanted) != 0)
			return arg;
	}
	return at || found != NAMES ? arg : NULL;
}

TEST_F(lib_threads, iterate_over_the_same_chunks)
{
	l4shmc_chunk_t chunk;
	char name[16];

	for (unsigned int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		ASSERT_EQ(0, l4shmc_add_chunk(&self->lib.area, name, 1, &chunk));
	}
	run_together(_metadata, self, iterate);
}

/* In a circle: each waits for its own, and binds and triggers that of the next one. */
static void *pass_on(void *arg)
{
	struct worker *worker = arg;
	FIXTURE_DATA(lib_threads) *self = worker->self;
	struct worker *next = &self->workers[(worker->number + 1) % THREADS];
	l4shmc_signal_t *any = NULL;
	char name[16];

	worker->cap = pthread_l4_cap(pthread_self());
	pthread_barrier_wait(&self->start);
	snprintf(name, sizeof(name), "of %u", next->number);
	if (l4shmc_attach_signal(&self->lib.area, name, next->cap, &next->mine))
		return arg;
	if (worker->number == 0 && l4shmc_trigger(&next->mine))
		return arg;
	for (unsigned int i = rounds(100); i > 0; i--) {
		/* Perhaps it is not bound yet. */
		if (l4shmc_wait_any_to(LONG, &any) || any != &worker->mine)
			return arg;
		if ((i > 1 || worker->number) && l4shmc_trigger(&next->mine))
			return arg;
	}
	return NULL;
}

TEST_F(lib_threads, each_waits_for_its_own)
{
	unsigned int fds = open_fds();

	run_together(_metadata, self, pass_on);
	/* The wait sets went with their threads. */
	EXPECT_TRUE(WAIT_UNTIL(open_fds() == fds + THREADS));
}

TEST_HARNESS_MAIN
