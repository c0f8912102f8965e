// SPDX-License-Identifier: GPL-2.0-only
/*
 * libl4shmc: producers and consumers as the documents have them, who wait without end
 * and are killed or stopped at any moment.  Who is left goes on.
 */
#include "lib_common.h"

#include <pthread-l4.h>

#define SIZE 65536
#define WORDS 64
/* Of each kind: when one is killed there is another. */
#define PAIRS 2

struct shared {
	__u32 last, taken, bad;
};

FIXTURE(lib_death)
{
	struct lib_area lib;
	l4shmc_chunk_t chunk;
	struct shared *shared;
	__u32 seed;
};

FIXTURE_SETUP(lib_death)
{
	if (!make_lib_area(_metadata, &self->lib, SIZE))
		return;
	ASSERT_EQ(0, l4shmc_add_chunk(&self->lib.area, "c", WORDS * sizeof(__u32), &self->chunk));
	self->shared = shared_page();
	ASSERT_NE(NULL, self->shared);
	self->seed = test_seed();
	TH_LOG("seed %u", self->seed);
}

FIXTURE_TEARDOWN(lib_death)
{
	drop_lib_area(&self->lib);
}

/* A client of its own; the signals must stay where they are. */
struct user {
	FIXTURE_DATA(lib_death) *self;
	l4shmc_area_t area;
	l4shmc_chunk_t chunk;
	l4shmc_signal_t full, empty, clients;
};

/* A producer waits for room, a consumer for a message, and both for the end of others. */
static void enter(struct user *user, FIXTURE_DATA(lib_death) *self, bool produces)
{
	const l4_cap_idx_t me = pthread_l4_cap(pthread_self());

	user->self = self;
	CHECK(l4shmc_attach(self->lib.name, &user->area) == 0);
	CHECK(l4shmc_get_chunk(&user->area, "c", &user->chunk) == 0);
	if (produces) {
		CHECK(l4shmc_attach_signal(&user->area, "empty", me, &user->empty) == 0);
		CHECK(l4shmc_add_signal(&user->area, "full", &user->full) == 0);
	} else {
		CHECK(l4shmc_attach_signal(&user->area, "full", me, &user->full) == 0);
		CHECK(l4shmc_add_signal(&user->area, "empty", &user->empty) == 0);
	}
	CHECK(l4shmc_attach_signal(&user->area, "@clients", me, &user->clients) == 0);
	CHECK(l4shmc_connect_chunk_signal(&user->chunk, &user->full) == 0);
}

static void take_for_writing(struct user *user)
{
	l4shmc_signal_t *any;

	while (l4shmc_chunk_try_to_take(&user->chunk))
		CHECK(l4shmc_wait_any(&any) == 0);
}

static void take_for_reading(struct user *user)
{
	l4shmc_signal_t *any;

	while (l4shmc_chunk_try_to_take_for_reading(&user->chunk))
		CHECK(l4shmc_wait_any(&any) == 0);
}

/* All words of a message are its number. */
static void produce(struct user *user)
{
	__u32 *words = l4shmc_chunk_ptr(&user->chunk), number;

	take_for_writing(user);
	number = __atomic_add_fetch(&user->self->shared->last, 1, __ATOMIC_SEQ_CST);
	for (unsigned int i = 0; i < WORDS; i++)
		__atomic_store_n(&words[i], number, __ATOMIC_RELAXED);
	CHECK(l4shmc_chunk_ready_sig(&user->chunk, WORDS * sizeof(number)) == 0);
}

static void consume(struct user *user)
{
	__u32 *words = l4shmc_chunk_ptr(&user->chunk);
	struct shared *shared = user->self->shared;
	bool good;

	take_for_reading(user);
	good = l4shmc_chunk_size(&user->chunk) == WORDS * sizeof(__u32);
	for (unsigned int i = 1; i < WORDS; i++)
		good = good && words[i] == words[0];
	__atomic_fetch_add(good ? &shared->taken : &shared->bad, 1, __ATOMIC_SEQ_CST);
	CHECK(l4shmc_chunk_consumed(&user->chunk) == 0);
	CHECK(l4shmc_trigger(&user->empty) == 0);
}

static int be_producer(void *self)
{
	struct user user;

	enter(&user, self, true);
	while (true)
		produce(&user);
	return 1;
}

static int be_consumer(void *self)
{
	struct user user;

	enter(&user, self, false);
	while (true)
		consume(&user);
	return 1;
}

static pid_t start(FIXTURE_DATA(lib_death) *self, unsigned int number)
{
	return spawn(number % 2 ? be_consumer : be_producer, self);
}

/* Messages still come through, with nobody new who would wake the others. */
static bool goes_on(FIXTURE_DATA(lib_death) *self)
{
	__u32 taken = load32(&self->shared->taken);

	return WAIT_UNTIL(load32(&self->shared->taken) - taken > 2);
}

TEST_F_TIMEOUT(lib_death, attack_47_random_kills_of_endless_waiters, 3600)
{
	pid_t pids[2 * PAIRS];

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = start(self, i);
	for (unsigned int i = 0; i < rounds(200); i++) {
		unsigned int victim = test_random(&self->seed) % ARRAY_SIZE(pids);

		/* Who comes later would wake the others. */
		ASSERT_TRUE(WAIT_UNTIL(sysfs_number(self->lib.name, "clients") ==
				       1 + (long)ARRAY_SIZE(pids)));
		ASSERT_TRUE(goes_on(self)) {
			TH_LOG("before kill %u", i);
		}
		nap_us(test_random(&self->seed) % 2000);
		kill_child(pids[victim]);
		ASSERT_TRUE(goes_on(self)) {
			TH_LOG("after kill %u, of a %s", i, victim % 2 ? "consumer" : "producer");
		}
		pids[victim] = start(self, victim);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		kill_child(pids[i]);
	EXPECT_EQ(0, self->shared->bad);
	EXPECT_EQ(1, sysfs_number(self->lib.name, "clients"));
	EXPECT_TRUE(l4shmc_is_chunk_clear(&self->chunk) == 1 ||
		    l4shmc_is_chunk_ready(&self->chunk) == 1);
	TH_LOG("%u messages", self->shared->taken);
}

/* Whoever waits is told when the owner dies in the middle, and by nothing before. */

static int die_writing(void *self)
{
	struct user user;

	enter(&user, self, true);
	take_for_writing(&user);
	raise(SIGSTOP);
	raise(SIGKILL);
	return 1;
}

static int die_reading(void *self)
{
	struct user user;

	enter(&user, self, false);
	take_for_reading(&user);
	raise(SIGSTOP);
	raise(SIGKILL);
	return 1;
}

static int write_one(void *self)
{
	struct user user;

	enter(&user, self, true);
	produce(&user);
	return 0;
}

static int read_one(void *self)
{
	struct user user;

	enter(&user, self, false);
	consume(&user);
	return 0;
}

static bool is_stopped(pid_t pid)
{
	return WAIT_UNTIL(task_state(pid) == 'T');
}

TEST_F(lib_death, attack_47_who_waits_for_a_writer_is_told)
{
	pid_t owner = spawn(die_writing, self), waiter;

	ASSERT_TRUE(is_stopped(owner));
	waiter = spawn(write_one, self);
	ASSERT_TRUE(WAIT_UNTIL(task_sleeps(waiter)));
	kill(owner, SIGCONT);
	EXPECT_EQ(128 + SIGKILL, reap(owner));
	EXPECT_EQ(0, reap(waiter));
	EXPECT_EQ(1, l4shmc_is_chunk_ready(&self->chunk));
}

TEST_F(lib_death, attack_47_who_waits_for_a_reader_is_told)
{
	pid_t owner, waiter;

	ASSERT_EQ(0, run_child(write_one, self));
	owner = spawn(die_reading, self);
	ASSERT_TRUE(is_stopped(owner));
	waiter = spawn(read_one, self);
	ASSERT_TRUE(WAIT_UNTIL(task_sleeps(waiter)));
	kill(owner, SIGCONT);
	EXPECT_EQ(128 + SIGKILL, reap(owner));
	EXPECT_EQ(0, reap(waiter));
	EXPECT_EQ(0, self->shared->bad);
	EXPECT_EQ(1, self->shared->taken);
}

/* Who only stands still keeps what it has, and nobody is told. */

static int stop_writing(void *self)
{
	struct user user;

	enter(&user, self, true);
	take_for_writing(&user);
	raise(SIGSTOP);
	CHECK(l4shmc_chunk_ready_sig(&user.chunk, 1) == 0);
	return 0;
}

TEST_F(lib_death, attack_44_stopped_owner_keeps_its_chunk)
{
	l4shmc_signal_t clients, full;
	pid_t owner;

	ASSERT_EQ(0, l4shmc_get_clients_signal(&self->lib.area, &clients));
	ASSERT_EQ(0, l4shmc_add_signal(&self->lib.area, "full", &full));
	for (unsigned int i = 0; i < 2; i++) {
		owner = spawn(stop_writing, self);
		ASSERT_TRUE(is_stopped(owner));
		/* That it has come */
		EXPECT_EQ(0, l4shmc_wait_signal_try(&clients));
		nap_us(20000);
		EXPECT_EQ(-L4_EPERM, l4shmc_chunk_try_to_take(&self->chunk));
		EXPECT_EQ(-L4_EBUSY, l4shmc_chunk_try_to_take_for_reading(&self->chunk));
		EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(&clients));
		EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(&full));
		kill(owner, i ? SIGKILL : SIGCONT);
		EXPECT_EQ(i ? 128 + SIGKILL : 0, reap(owner));
		EXPECT_EQ(0, l4shmc_wait_signal_try(&clients));
		EXPECT_EQ(i ? TIMED_OUT : 0, l4shmc_wait_signal_try(&full));
		EXPECT_EQ(1, i ? l4shmc_is_chunk_clear(&self->chunk) :
				 l4shmc_is_chunk_ready(&self->chunk));
		l4shmc_chunk_consumed(&self->chunk);
	}
}

TEST_HARNESS_MAIN
