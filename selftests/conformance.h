/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the conformance tests share.  They know nothing but the headers of the
 * API: what is checked holds for any implementation.  Only the peer that may be
 * let in is another program's, hostile_peer.
 *
 * A test of "api" has a peer, which runs as a thread of the same process and, in
 * the other variant, as a process of its own.  A test of "alone" has none.
 */
#ifndef L4SHMC_SELFTESTS_CONFORMANCE_H
#define L4SHMC_SELFTESTS_CONFORMANCE_H

#include "harness.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <l4/re/env.h>
#include <l4/shmc/shmc.h>
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/kip.h>
#include <l4/sys/types.h>
#include <l4/util/util.h>
#include <pthread-l4.h>

#define AREA "conformance"
#define CHUNK_BYTES 1000
#define TIMED_OUT (-(L4_EIPC_LO + L4_IPC_RETIMEOUT))
/* Nothing here takes this long, however slow the machine is. */
#ifndef LONG_MS
#define LONG_MS 20000
#endif
/* Messages and the like of the tests that have many */
#ifndef MANY
#define MANY 500
#endif
#define RECEIVE(timeout) l4_timeout(L4_IPC_TIMEOUT_NEVER, timeout)
#define LONG RECEIVE(l4_timeout_from_us(LONG_MS * 1000))
#define SHORT RECEIVE(l4_timeout_from_us(2000))
#define AT_ONCE RECEIVE(L4_IPC_TIMEOUT_0)
#define ME pthread_l4_cap(pthread_self())

/* For peers, which the harness does not see. */
#define CHECK(cond)                                                             \
	do {                                                                    \
		if (!(cond)) {                                                  \
			fprintf(stderr, "# peer, line %d: not true: %s\n",      \
				__LINE__, #cond);                               \
			return 1;                                               \
		}                                                               \
	} while (0)

/* A client, its chunk, and the signal that is connected to it */
struct client {
	l4shmc_area_t area;
	l4shmc_chunk_t chunk;
	l4shmc_signal_t signal;
};

FIXTURE(api)
{
	struct client client;
	l4shmc_area_t *area;
	l4shmc_chunk_t *chunk;
	l4shmc_signal_t *signal;
	int (*run)(void);
	pthread_t thread;
	pid_t child;
	int result;
};

FIXTURE_VARIANT(api)
{
	bool processes;
};

FIXTURE_VARIANT_ADD(api, threads)
{
	.processes = false,
};

FIXTURE_VARIANT_ADD(api, processes)
{
	.processes = true,
};

/*
 * With L4SHMC_TEST_PEER, the path of a program, there is a further client in each test,
 * who keeps to no rule; and of the tests only so many percent as L4SHMC_TEST_SHARE says.
 */

static inline unsigned int hash(const char *name)
{
	unsigned int sum = 0;

	while (*name)
		sum = 31 * sum + (unsigned char)*name++;
	return sum;
}

static inline bool is_chosen(const char *name)
{
	const char *share = getenv("L4SHMC_TEST_SHARE"), *seed = getenv("L4SHMC_TEST_SEED");

	srand(hash(name) ^ (unsigned int)strtoul(seed ? seed : "0", NULL, 10));
	return !share || rand() % 100 < atoi(share);
}

/* Whatever happens to the test: what is left of it ends with it. */
static inline void start_peer(const char *peer, const char *name)
{
	pid_t test = getpid();
	char number[16];

	snprintf(number, sizeof(number), "%u", hash(name));
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == test)
		execl(peer, peer, AREA, number, NULL);
	_exit(127);
}

static inline void let_peer_in(struct __test_metadata *_metadata, l4shmc_area_t *area)
{
	const char *peer = getenv("L4SHMC_TEST_PEER");
	l4_umword_t mask = 0;

	if (!peer)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	start_peer(peer, _metadata->name);
	for (int i = 0; i < 20000 && !(mask & 2); i++) {
		l4_usleep(1000);
		ASSERT_EQ(0, l4shmc_get_initialized_clients(area, &mask));
	}
	fprintf(stderr, mask & 2 ? "# among peers\n" : "# the peer does not come\n");
}

/* The first client, which makes what the others find; false if there is no device */
static inline bool make_client(struct __test_metadata *_metadata, struct client *client)
{
	long err;

	if (getenv("L4SHMC_TEST_PEER")) {
		if (!is_chosen(_metadata->name))
			SKIP(return false, "not chosen");
		/* So that the next test does not find what the peer still keeps */
		ASSERT_EQ(0, unshare(CLONE_NEWNET));
	}
	err = l4shmc_create(AREA);
	if (err == -L4_ENODEV)
		SKIP(return false, "no device: load the module");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, l4shmc_attach(AREA, &client->area));
	ASSERT_EQ(0, l4shmc_add_chunk(&client->area, "chunk", CHUNK_BYTES, &client->chunk));
	ASSERT_EQ(0, l4shmc_add_signal(&client->area, "signal", &client->signal));
	let_peer_in(_metadata, &client->area);
	return true;
}

/* A further client, in a peer */
static inline int be_client(struct client *client)
{
	CHECK(l4shmc_attach(AREA, &client->area) == 0);
	CHECK(l4shmc_get_chunk(&client->area, "chunk", &client->chunk) == 0);
	CHECK(l4shmc_get_signal(&client->area, "signal", &client->signal) == 0);
	CHECK(l4shmc_connect_chunk_signal(&client->chunk, &client->signal) == 0);
	return 0;
}

FIXTURE_SETUP(api)
{
	make_client(_metadata, &self->client);
	self->area = &self->client.area;
	self->chunk = &self->client.chunk;
	self->signal = &self->client.signal;
}

/* Areas end with the process that the test runs in. */
FIXTURE_TEARDOWN(api)
{
	(void)self;
}

FIXTURE(alone)
{
	struct client client;
	l4shmc_area_t *area;
	l4shmc_chunk_t *chunk;
	l4shmc_signal_t *signal;
};

FIXTURE_SETUP(alone)
{
	make_client(_metadata, &self->client);
	self->area = &self->client.area;
	self->chunk = &self->client.chunk;
	self->signal = &self->client.signal;
}

FIXTURE_TEARDOWN(alone)
{
	(void)self;
}

static inline void *run_peer(void *data)
{
	FIXTURE_DATA(api) *self = data;

	self->result = self->run();
	return NULL;
}

/* Start the peer, which does what @run says. */
static inline void start(struct __test_metadata *_metadata, FIXTURE_DATA(api) *self,
			 const FIXTURE_VARIANT(api) *variant, int (*run)(void))
{
	self->run = run;
	if (!variant->processes) {
		ASSERT_EQ(0, pthread_create(&self->thread, NULL, run_peer, self));
		return;
	}
	self->child = fork();
	ASSERT_LE(0, self->child);
	if (!self->child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(run());
	}
}

/* The end of a process: 0 if it found everything right. */
static inline int reap(pid_t child)
{
	int status;

	return waitpid(child, &status, 0) == child ? status : -1;
}

/* Wait for the peer's end.  Returns 0 if it found everything right. */
static inline int finish(FIXTURE_DATA(api) *self, const FIXTURE_VARIANT(api) *variant)
{
	if (variant->processes)
		return reap(self->child);
	return pthread_join(self->thread, NULL) ? -1 : self->result;
}

#define START(run) start(_metadata, self, variant, run)
#define FINISH() ASSERT_EQ(0, finish(self, variant))
#define WITH_PEER(run) do { START(run); FINISH(); } while (0)

#endif /* L4SHMC_SELFTESTS_CONFORMANCE_H */
