// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals: what a trigger adds and a wait takes, who is woken, time, handlers
 * that interrupt, and the descriptor in poll and epoll.  Most tests run for
 * signals that coalesce and for signals that count.
 */
#include "common.h"

#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/select.h>

FIXTURE(signal)
{
	struct area area;
	union l4shmc_record *control;
	struct l4shmc_signal_record *record, *reply_record;
	int fd, reply;
	/* What children and threads share with the test */
	struct {
		unsigned int taken, stop, failed;
	} *shared;
	bool counting;
};

FIXTURE_VARIANT(signal)
{
	__u32 flags;
};

FIXTURE_VARIANT_ADD(signal, coalescing)
{
	.flags = 0,
};

FIXTURE_VARIANT_ADD(signal, counting)
{
	.flags = L4SHMC_SIGNAL_COUNTING,
};

FIXTURE_SETUP(signal)
{
	if (!make_area_with_records(_metadata, &self->area, &self->control))
		return;
	self->fd = signal_open(self->area.fd, "s", variant->flags);
	ASSERT_GE(self->fd, 0);
	self->reply = signal_open(self->area.fd, "reply", variant->flags);
	ASSERT_GE(self->reply, 0);
	self->record = signal_record(self->control, self->fd);
	ASSERT_NE(NULL, self->record);
	self->reply_record = signal_record(self->control, self->reply);
	ASSERT_NE(NULL, self->reply_record);
	self->counting = variant->flags & L4SHMC_SIGNAL_COUNTING;
	self->shared = shared_page();
	ASSERT_NE(NULL, self->shared);
}

FIXTURE_TEARDOWN(signal)
{
	drop_area(&self->area);
}

static long waiters(FIXTURE_DATA(signal) * self)
{
	return signal_waiters(self->area.name, "s");
}

static int wait_once(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;

	CHECK(signal_wait_through(self->fd, L4SHMC_TIMEOUT_NEVER) == 0);
	__atomic_fetch_add(&self->shared->taken, 1, __ATOMIC_SEQ_CST);
	return 0;
}

/* Objects */

TEST_F(signal, is_the_same_for_all_who_name_it)
{
	struct l4shmc_ioc_signal_info mine, theirs;
	int second = area_attach(self->area.handle, "", 0);
	int fd = signal_open(second, "s", variant->flags);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, signal_info(self->fd, &mine));
	ASSERT_EQ(0, signal_info(fd, &theirs));
	EXPECT_EQ(mine.index, theirs.index);
	EXPECT_EQ(variant->flags, theirs.flags);
	EXPECT_STREQ("s", theirs.name);
	ASSERT_EQ(0, signal_info(self->reply, &theirs));
	EXPECT_NE(mine.index, theirs.index);
	EXPECT_STREQ("reply", theirs.name);
	ASSERT_EQ(0, signal_trigger(fd));
	EXPECT_EQ(0, signal_wait(self->fd, 0));
	EXPECT_ERR(ETIMEDOUT, signal_wait(fd, 0));
}

TEST_F(signal, counting_is_decided_by_who_makes_it)
{
	struct l4shmc_ioc_signal_info info;
	int fd = signal_open(self->area.fd, "s", L4SHMC_SIGNAL_COUNTING);

	if (!variant->flags) {
		EXPECT_ERR(EEXIST, fd);
	} else {
		ASSERT_GE(fd, 0);
		ASSERT_EQ(0, signal_info(fd, &info));
		EXPECT_EQ(L4SHMC_SIGNAL_COUNTING, info.flags);
	}
	fd = signal_open(self->area.fd, "s", 0);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, signal_info(fd, &info));
	EXPECT_EQ(variant->flags, info.flags);
}

TEST_F(signal, outlives_its_descriptors)
{
	struct l4shmc_ioc_signal_info before, after;

	ASSERT_EQ(0, signal_info(self->fd, &before));
	ASSERT_EQ(0, signal_trigger(self->fd));
	close(self->fd);
	self->fd = signal_open(self->area.fd, "s", variant->flags);
	ASSERT_EQ(0, signal_info(self->fd, &after));
	EXPECT_EQ(before.index, after.index);
	EXPECT_EQ(0, signal_wait(self->fd, 0));
}

TEST_F(signal, outlives_the_name_and_the_other_descriptors_of_its_area)
{
	drop_area(&self->area);
	munmap(self->control, L4SHMC_CONTROL_SIZE);
	EXPECT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(0, signal_call(self->fd, self->reply, 0));
	EXPECT_EQ(0, signal_wait(self->reply, 0));
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->reply, 0));
}

TEST_F(signal, of_another_area_is_another)
{
	int handle = area_create(self->area.dev, "\xf8", 1, 0600, 0);
	int fd = signal_open(area_attach(handle, "", 0), "s", variant->flags);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, signal_trigger(fd));
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->fd, 0));
	EXPECT_EQ(0, signal_wait(fd, 0));
	/* A call may go from one area to the other. */
	ASSERT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(0, signal_call(self->fd, fd, 0));
	EXPECT_EQ(0, signal_wait(fd, 0));
}

/* Triggers and waits */

TEST_F(signal, trigger_is_there_once)
{
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->fd, 0));
	EXPECT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(1, self->record->triggered);
	EXPECT_EQ(0, self->record->consumed);
	EXPECT_EQ(0, signal_wait(self->fd, 0));
	EXPECT_EQ(1, self->record->consumed);
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->fd, 0));
}

TEST_F(signal, triggers_coalesce_or_count)
{
	const unsigned int triggers = rounds(10000);
	unsigned int taken = 0;

	for (unsigned int i = 0; i < triggers; i++)
		ASSERT_EQ(0, signal_trigger(self->fd));
	while (signal_wait(self->fd, 0) == 0)
		taken++;
	EXPECT_EQ(self->counting ? triggers : 1, taken);
	EXPECT_EQ(triggers, self->record->consumed);
}

TEST_F(signal, user_space_and_driver_take_from_the_same)
{
	record_trigger(self->record, self->fd);
	EXPECT_EQ(0, signal_wait(self->fd, 0));
	EXPECT_FALSE(record_take(self->record, self->counting));
	signal_trigger(self->fd);
	EXPECT_TRUE(record_take(self->record, self->counting));
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->fd, 0));
}

TEST_F(signal, is_not_armed_while_nobody_sleeps)
{
	EXPECT_EQ(0, self->record->armed);
	signal_trigger(self->fd);
	signal_wait(self->fd, 0);
	signal_wait(self->fd, NS_PER_MS);
	EXPECT_EQ(0, self->record->armed);
}

TEST_F(signal, is_armed_while_somebody_sleeps)
{
	pid_t child = spawn(wait_once, self);

	EXPECT_TRUE(WAIT_UNTIL(load32(&self->record->armed)));
	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	EXPECT_EQ(0, record_trigger(self->record, self->fd));
	EXPECT_EQ(0, reap(child));
	EXPECT_TRUE(WAIT_UNTIL(!load32(&self->record->armed)));
	EXPECT_EQ(0, waiters(self));
}

TEST_F(signal, ring_alone_is_no_event)
{
	pid_t child = spawn(wait_once, self);

	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	for (unsigned int i = 0; i < 100; i++)
		EXPECT_EQ(0, signal_ring(self->fd));
	nap_us(5000);
	EXPECT_EQ(0, waitpid(child, NULL, WNOHANG));
	EXPECT_EQ(0, self->shared->taken);
	EXPECT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(0, reap(child));
}

TEST_F(signal, attack_43_counters_wrap)
{
	unsigned int taken = 0;

	store32(&self->record->triggered, 0xfffffffe);
	store32(&self->record->consumed, 0xfffffffe);
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->fd, 0));
	for (unsigned int i = 0; i < 4; i++) {
		EXPECT_EQ(0, signal_trigger(self->fd));
		EXPECT_EQ(0, signal_wait(self->fd, 0));
		EXPECT_ERR(ETIMEDOUT, signal_wait(self->fd, 0));
	}
	EXPECT_EQ(2, self->record->triggered);
	EXPECT_EQ(2, self->record->consumed);
	store32(&self->record->consumed, 0xfffffff0);
	while (signal_wait(self->fd, 0) == 0)
		taken++;
	EXPECT_EQ(self->counting ? 18 : 1, taken);
}

/* Who is woken */

TEST_F(signal, one_event_wakes_one)
{
	pid_t pids[6];

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(wait_once, self);
	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == (long)ARRAY_SIZE(pids)));
	for (unsigned int i = 1; i <= ARRAY_SIZE(pids); i++) {
		EXPECT_EQ(0, i % 2 ? signal_trigger(self->fd) :
				     record_trigger(self->record, self->fd));
		EXPECT_TRUE(WAIT_UNTIL(self->shared->taken == i));
		nap_us(2000);
		EXPECT_EQ(i, self->shared->taken);
		/* One that ends may have rung in vain: who it was for sleeps again. */
		EXPECT_TRUE(WAIT_UNTIL(waiters(self) == (long)(ARRAY_SIZE(pids) - i)));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(0, reap(pids[i]));
	EXPECT_EQ(0, self->record->armed);
}

/* How often a process has gone to sleep */
static long times_slept(pid_t pid)
{
	char path[64], line[128];
	long times = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	if (!file)
		return -1;
	while (times < 0 && fgets(line, sizeof(line), file))
		if (strncmp(line, "voluntary_ctxt_switches:", 24) == 0)
			times = strtol(line + 24, NULL, 10);
	fclose(file);
	return times;
}

/* The others do not even wake up to find nothing. */
TEST_F(signal, one_event_does_not_disturb_the_others)
{
	pid_t pids[6];
	long slept[ARRAY_SIZE(pids)];
	unsigned int same = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(wait_once, self);
	ASSERT_TRUE(WAIT_UNTIL(waiters(self) == (long)ARRAY_SIZE(pids)));
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		ASSERT_TRUE(WAIT_UNTIL(task_sleeps(pids[i])));
	/* The count follows right after. */
	nap_us(10000);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++) {
		slept[i] = times_slept(pids[i]);
		ASSERT_GT(slept[i], 0);
	}
	ASSERT_EQ(0, signal_trigger(self->fd));
	ASSERT_TRUE(WAIT_UNTIL(self->shared->taken == 1));
	nap_us(10000);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		same += times_slept(pids[i]) == slept[i] && task_sleeps(pids[i]);
	EXPECT_EQ(ARRAY_SIZE(pids) - 1, same);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		kill_child(pids[i]);
}

static void *take_until_stopped(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;

	while (!__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE)) {
		if (record_wait(self->record, self->fd, self->counting))
			__atomic_fetch_add(&self->shared->failed, 1, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&self->shared->taken, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* Lets all of @count threads see that it is over. */
static void stop_takers(FIXTURE_DATA(signal) * self, pthread_t *threads, unsigned int count)
{
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < count; i++) {
		while (pthread_tryjoin_np(threads[i], NULL)) {
			signal_trigger(self->fd);
			nap_us(100);
		}
	}
}

TEST_F(signal, attack_43_exactly_once_with_64_waiters)
{
	const unsigned int triggers = rounds(2000);
	pthread_t threads[64];

	/* The counters wrap in the middle. */
	store32(&self->record->triggered, -triggers / 2);
	store32(&self->record->consumed, -triggers / 2);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, take_until_stopped, self));
	for (unsigned int i = 0; i < triggers; i++)
		ASSERT_EQ(0, i % 2 ? signal_trigger(self->fd) :
				     record_trigger(self->record, self->fd));
	EXPECT_TRUE(WAIT_UNTIL(!record_pending(self->record)));
	if (self->counting) {
		EXPECT_TRUE(WAIT_UNTIL(self->shared->taken == triggers));
	} else {
		EXPECT_GE(self->shared->taken, 1);
		EXPECT_LE(self->shared->taken, triggers);
	}
	stop_takers(self, threads, ARRAY_SIZE(threads));
	EXPECT_EQ(0, self->shared->failed);
	EXPECT_EQ(0, self->record->armed);
}

static void *storm(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;

	for (unsigned int i = rounds(1000); i > 0; i--)
		record_trigger(self->record, self->fd);
	return NULL;
}

TEST_F(signal, attack_37_storm_of_triggers_with_100_waiters)
{
	pthread_t threads[100], storms[4];

	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, take_until_stopped, self));
	for (unsigned int i = 0; i < ARRAY_SIZE(storms); i++)
		ASSERT_EQ(0, pthread_create(&storms[i], NULL, storm, self));
	for (unsigned int i = 0; i < ARRAY_SIZE(storms); i++)
		ASSERT_EQ(0, pthread_join(storms[i], NULL));
	EXPECT_TRUE(WAIT_UNTIL(!record_pending(self->record)));
	stop_takers(self, threads, ARRAY_SIZE(threads));
	EXPECT_EQ(0, self->shared->failed);
	EXPECT_EQ(0, waiters(self));
}

static int answer(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;
	unsigned int seed = 7;

	for (unsigned int i = rounds(1500); i > 0; i--) {
		CHECK(record_wait(self->record, self->fd, self->counting) == 0);
		seed = seed * 1103515245 + 12345;
		if (seed >> 16 & 1)
			sched_yield();
		CHECK(record_trigger(self->reply_record, self->reply) == 0);
	}
	return 0;
}

/* Each side sleeps until the other has gone on: a lost wake-up is the end. */
TEST_F(signal, attack_36_no_wake_up_is_lost)
{
	pid_t child = spawn(answer, self);
	unsigned int seed = 1;

	for (unsigned int i = rounds(1500); i > 0; i--) {
		ASSERT_EQ(0, record_trigger(self->record, self->fd));
		seed = seed * 1103515245 + 12345;
		for (unsigned int delay = seed >> 16 & 0xff; delay > 0; delay--)
			__asm__ volatile("" ::: "memory");
		ASSERT_EQ(0, record_wait(self->reply_record, self->reply, self->counting));
	}
	EXPECT_EQ(0, reap(child));
}

static int answer_calls(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;
	unsigned int calls = rounds(1000);

	CHECK(signal_wait(self->fd, L4SHMC_TIMEOUT_NEVER) == 0);
	while (--calls > 0)
		CHECK(signal_call(self->fd, self->reply, L4SHMC_TIMEOUT_NEVER) == 0);
	CHECK(signal_trigger(self->reply) == 0);
	return 0;
}

TEST_F(signal, calls_go_to_and_fro)
{
	pid_t child = spawn(answer_calls, self);

	for (unsigned int i = rounds(1000); i > 0; i--)
		ASSERT_EQ(0, signal_call(self->reply, self->fd, L4SHMC_TIMEOUT_NEVER));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(rounds(1000), self->record->triggered);
	EXPECT_EQ(rounds(1000), self->reply_record->triggered);
}

/* They hand it over without going to sleep. */
TEST_F(signal, calls_go_to_and_fro_on_one_cpu)
{
	pid_t child;

	stay_on_this_cpu();
	child = spawn(answer_calls, self);
	for (unsigned int i = rounds(1000); i > 0; i--)
		ASSERT_EQ(0, signal_call(self->reply, self->fd, L4SHMC_TIMEOUT_NEVER));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(rounds(1000), self->record->triggered);
	EXPECT_EQ(rounds(1000), self->reply_record->triggered);
	EXPECT_EQ(0, waiters(self));
	EXPECT_EQ(0, self->record->armed);
	EXPECT_EQ(0, self->reply_record->armed);
}

static int answer_calls_but_the_last(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;

	CHECK(signal_wait(self->fd, L4SHMC_TIMEOUT_NEVER) == 0);
	for (int i = 0; i < 3; i++)
		CHECK(signal_call(self->fd, self->reply, L4SHMC_TIMEOUT_NEVER) == 0);
	while (1)
		sched_yield();
	return 0;
}

/* It has made way for who does not answer, and sleeps then. */
TEST_F(signal, call_on_one_cpu_ends_in_time)
{
	__u64 start;
	pid_t child;

	stay_on_this_cpu();
	child = spawn(answer_calls_but_the_last, self);
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(0, signal_call(self->reply, self->fd, L4SHMC_TIMEOUT_NEVER));
	start = now_ns();
	EXPECT_ERR(ETIMEDOUT, signal_call(self->reply, self->fd, 20 * NS_PER_MS));
	EXPECT_LE(20 * NS_PER_MS, now_ns() - start);
	EXPECT_EQ(0, self->reply_record->armed);
	kill_child(child);
}

static int answer_calls_until_killed(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;
	struct itimerval life = { .it_value.tv_usec = 1000 + now_ns() % 20000 };

	CHECK(signal_wait(self->fd, L4SHMC_TIMEOUT_NEVER) == 0);
	CHECK(setitimer(ITIMER_REAL, &life, NULL) == 0);
	while (1)
		CHECK(signal_call(self->fd, self->reply, L4SHMC_TIMEOUT_NEVER) == 0);
	return 0;
}

TEST_F(signal, attack_44_caller_killed_while_it_makes_way)
{
	stay_on_this_cpu();
	for (unsigned int i = rounds(20); i > 0; i--) {
		pid_t child = spawn(answer_calls_until_killed, self);
		int ret;

		do {
			ret = signal_call(self->reply, self->fd, 200 * NS_PER_MS);
		} while (!ret);
		EXPECT_ERR(ETIMEDOUT, ret);
		ASSERT_EQ(128 + SIGALRM, reap(child));
		EXPECT_EQ(0, waiters(self));
		EXPECT_EQ(0, self->record->armed);
		signal_wait(self->fd, 0);
	}
}

/* CALL */

TEST_F(signal, call_triggers_one_and_takes_the_other)
{
	ASSERT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(0, signal_call(self->fd, self->reply, 0));
	EXPECT_EQ(1, self->reply_record->triggered);
	EXPECT_EQ(0, signal_wait(self->reply, 0));
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->fd, 0));
}

TEST_F(signal, call_that_times_out_has_triggered)
{
	EXPECT_ERR(ETIMEDOUT, signal_call(self->fd, self->reply, 0));
	EXPECT_ERR(ETIMEDOUT, signal_call(self->fd, self->reply, NS_PER_MS));
	EXPECT_EQ(2, self->reply_record->triggered);
}

TEST_F(signal, call_to_itself_takes_its_own_event)
{
	EXPECT_EQ(0, signal_call(self->fd, self->fd, 0));
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->fd, 0));
}

TEST_F(signal, call_that_goes_on_does_not_trigger_again)
{
	struct l4shmc_ioc_call arg = {
		.size = sizeof(arg), .flags = L4SHMC_CALL_TRIGGERED, .trigger = self->reply,
	};

	EXPECT_ERR(ETIMEDOUT, command(self->fd, L4SHMC_IOC_CALL, &arg));
	EXPECT_EQ(0, self->reply_record->triggered);
	ASSERT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(0, command(self->fd, L4SHMC_IOC_CALL, &arg));
	EXPECT_EQ(0, self->reply_record->triggered);
}

static int wait_for_reply(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;

	return signal_wait(self->reply, L4SHMC_TIMEOUT_NEVER) != 0;
}

TEST_F(signal, call_that_rings_adds_no_event)
{
	struct l4shmc_ioc_call arg = {
		.size = sizeof(arg), .flags = L4SHMC_CALL_RING, .trigger = self->reply,
	};
	pid_t pid = spawn(wait_for_reply, self);

	ASSERT_TRUE(WAIT_UNTIL(signal_waiters(self->area.name, "reply") == 1));
	EXPECT_ERR(ETIMEDOUT, command(self->fd, L4SHMC_IOC_CALL, &arg));
	EXPECT_EQ(0, self->reply_record->triggered);
	/* Woken for nothing, it sleeps again. */
	ASSERT_TRUE(WAIT_UNTIL(load32(&self->reply_record->armed)));
	__atomic_fetch_add(&self->reply_record->triggered, 1, __ATOMIC_SEQ_CST);
	EXPECT_ERR(ETIMEDOUT, command(self->fd, L4SHMC_IOC_CALL, &arg));
	EXPECT_EQ(0, reap(pid));
	EXPECT_EQ(1, self->reply_record->triggered);
}

TEST_F(signal, attack_10_names_that_begin_as_the_drivers_own)
{
	struct l4shmc_ioc_signal_open arg = { .size = sizeof(arg), .name = L4SHMC_SIGNAL_CLIENTS };

	EXPECT_ERR(EINVAL, signal_open(self->area.fd, L4SHMC_SIGNAL_CLIENTS "2", 0));
	arg.name[L4SHMC_NAME_SIZE - 1] = 'x';
	EXPECT_ERR(EINVAL, command(self->area.fd, L4SHMC_IOC_SIGNAL_OPEN, &arg));
	arg.name[L4SHMC_NAME_SIZE - 1] = '\0';
	EXPECT_GE(command(self->area.fd, L4SHMC_IOC_SIGNAL_OPEN, &arg), 0);
}

TEST_F(signal, attack_02_call_checks_what_it_is_to_trigger)
{
	int pipes[2], closed = dup(self->fd), path = open(DEVICE, O_PATH);
	int clients = signal_open(self->area.fd, L4SHMC_SIGNAL_CLIENTS, 0);
	int observer = area_attach(self->area.handle, "", L4SHMC_ATTACH_OBSERVER);
	int watching = signal_open(observer, L4SHMC_SIGNAL_CLIENTS, 0);

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, signal_trigger(self->fd));
	close(closed);
	EXPECT_ERR(EBADF, signal_call(self->fd, -1, 0));
	EXPECT_ERR(EBADF, signal_call(self->fd, closed, 0));
	EXPECT_ERR(EBADF, signal_call(self->fd, 0x7fffffff, 0));
	EXPECT_ERR(EBADF, signal_call(self->fd, path, 0));
	EXPECT_ERR(EINVAL, signal_call(self->fd, pipes[1], 0));
	EXPECT_ERR(EINVAL, signal_call(self->fd, self->area.dev, 0));
	EXPECT_ERR(EINVAL, signal_call(self->fd, self->area.handle, 0));
	EXPECT_ERR(EINVAL, signal_call(self->fd, self->area.fd, 0));
	EXPECT_ERR(EINVAL, signal_call(self->fd, waitset_make(self->area.dev), 0));
	EXPECT_ERR(EINVAL, signal_call(self->fd, observer, 0));
	EXPECT_ERR(EPERM, signal_call(self->fd, clients, 0));
	EXPECT_ERR(EPERM, signal_call(self->fd, watching, 0));
	/* None of them has taken the event. */
	EXPECT_EQ(1, self->record->triggered);
	EXPECT_EQ(0, signal_wait(self->fd, 0));
}

/* Time */

TEST_F(signal, attack_41_timeout_is_never_early)
{
	static const __u64 timeouts[] = { 1, 1000, 100000, NS_PER_MS, 30 * NS_PER_MS };

	for (unsigned int i = 0; i < ARRAY_SIZE(timeouts); i++) {
		__u64 start = now_ns();

		EXPECT_ERR(ETIMEDOUT, signal_wait(self->fd, timeouts[i]));
		EXPECT_GE(now_ns() - start, timeouts[i]);
		start = now_ns();
		EXPECT_ERR(ETIMEDOUT, signal_call(self->fd, self->reply, timeouts[i]));
		EXPECT_GE(now_ns() - start, timeouts[i]);
	}
}

static int wait_nearly_for_ever(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;
	static const __u64 timeouts[] = {
		L4SHMC_TIMEOUT_NEVER - 1, 0x8000000000000000, 0x7fffffffffffffff,
		0x7ffffffffffffffe, L4SHMC_TIMEOUT_NEVER,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(timeouts); i++) {
		CHECK(signal_wait(self->fd, timeouts[i]) == 0);
		CHECK(signal_call(self->fd, self->reply, timeouts[i]) == 0);
	}
	return 0;
}

TEST_F(signal, attack_41_longest_timeouts_do_not_overflow)
{
	pid_t child = spawn(wait_nearly_for_ever, self);

	for (unsigned int i = 0; i < 10; i++) {
		EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
		nap_us(2000);
		EXPECT_EQ(i, self->record->consumed);
		EXPECT_EQ(0, signal_trigger(self->fd));
		EXPECT_TRUE(WAIT_UNTIL(load32(&self->record->consumed) == i + 1));
	}
	EXPECT_EQ(0, reap(child));
}

TEST_F(signal, attack_41_event_outranks_time)
{
	for (unsigned int i = 0; i < 100; i++) {
		ASSERT_EQ(0, signal_trigger(self->fd));
		EXPECT_EQ(0, signal_wait(self->fd, i));
	}
}

TEST_F(signal, interrupted_wait_has_the_rest)
{
	struct l4shmc_ioc_wait arg = { .size = sizeof(arg), .timeout_ns = 200 * NS_PER_MS };
	__u64 start = now_ns();
	int result;

	EXPECT_GT(interrupted_command(self->fd, L4SHMC_IOC_WAIT, &arg, &arg.timeout_ns, &result),
		  0);
	EXPECT_ERR(ETIMEDOUT, result);
	EXPECT_GE(now_ns() - start, 200 * NS_PER_MS);
	EXPECT_LE(now_ns() - start, HANG_NS);
}

/*
 * A handler may also come when the time is over, but the wait is not yet. In few of many
 * waits it does.
 */
TEST_F(signal, rest_is_never_more_than_there_was)
{
	struct l4shmc_ioc_wait arg = { .size = sizeof(arg) };
	unsigned int interrupted = 0, seed = test_seed();
	__u64 end = now_ns() + rounds(200) * NS_PER_MS * 10, next;

	interrupt_every(1000);
	while (interrupted < rounds(100) && now_ns() < end) {
		next = now_ns() + test_random(&seed) % 20000;
		while (now_ns() < next)
			;
		arg.timeout_ns = 1;
		interrupted += command(self->fd, L4SHMC_IOC_WAIT, &arg) == -EINTR;
		ASSERT_GE(1, arg.timeout_ns);
	}
	interrupt_every(0);
	TH_LOG("%u times interrupted", interrupted);
}

TEST_F(signal, interrupted_endless_wait_stays_endless)
{
	struct l4shmc_ioc_wait arg = { .size = sizeof(arg), .timeout_ns = L4SHMC_TIMEOUT_NEVER };

	interrupt_every(5000);
	EXPECT_ERR(EINTR, command(self->fd, L4SHMC_IOC_WAIT, &arg));
	interrupt_every(0);
	EXPECT_EQ(L4SHMC_TIMEOUT_NEVER, arg.timeout_ns);
	EXPECT_EQ(0, self->record->armed);
	EXPECT_EQ(0, waiters(self));
}

TEST_F(signal, attack_09_interrupted_call_has_triggered_once)
{
	struct l4shmc_ioc_call arg = {
		.size = sizeof(arg), .timeout_ns = 100 * NS_PER_MS, .trigger = self->reply,
	};
	unsigned int interrupted = 0;
	int result;

	interrupt_every(5000);
	while ((result = command(self->fd, L4SHMC_IOC_CALL, &arg)) == -EINTR) {
		EXPECT_EQ(L4SHMC_CALL_TRIGGERED, arg.flags);
		EXPECT_LT(arg.timeout_ns, 100 * NS_PER_MS);
		interrupted++;
	}
	interrupt_every(0);
	EXPECT_ERR(ETIMEDOUT, result);
	EXPECT_GT(interrupted, 0);
	EXPECT_EQ(1, self->reply_record->triggered);
}

static int trigger_slowly(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;

	for (unsigned int i = rounds(200); i > 0; i--) {
		CHECK(signal_trigger(self->fd) == 0);
		nap_us(700);
	}
	return 0;
}

/* Interrupted or not, each event is taken, and taken once. */
TEST_F(signal, attack_09_storm_of_handlers_loses_and_doubles_nothing)
{
	unsigned int taken = 0;
	pid_t child = spawn(trigger_slowly, self);

	interrupt_every(1000);
	while (load32(&self->record->consumed) != rounds(200)) {
		ASSERT_EQ(0, signal_wait_through(self->fd, L4SHMC_TIMEOUT_NEVER));
		taken++;
	}
	interrupt_every(0);
	EXPECT_EQ(0, reap(child));
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->fd, 0));
	EXPECT_LE(taken, rounds(200));
	EXPECT_TRUE(!self->counting || taken == rounds(200));
}

TEST_F(signal, attack_09_event_outranks_handlers)
{
	interrupt_every(1000);
	for (unsigned int i = rounds(1500); i > 0; i--) {
		ASSERT_EQ(0, signal_trigger(self->fd));
		ASSERT_EQ(0, signal_wait(self->fd, L4SHMC_TIMEOUT_NEVER));
	}
	interrupt_every(0);
}

/* The rest cannot be written: that is an error, and takes nothing. */
TEST_F(signal, attack_03_interrupted_wait_with_a_read_only_struct)
{
	const struct l4shmc_ioc_wait arg = {
		.size = sizeof(arg), .timeout_ns = L4SHMC_TIMEOUT_NEVER - 1,
	};
	void *copy = read_only_copy(&arg, sizeof(arg));

	ASSERT_NE(NULL, copy);
	interrupt_every(5000);
	EXPECT_ERR(EFAULT, command(self->fd, L4SHMC_IOC_WAIT, copy));
	interrupt_every(0);
	EXPECT_EQ(0, self->record->armed);
	ASSERT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(0, command(self->fd, L4SHMC_IOC_WAIT, copy));
}

/* The trigger comes before the wait, and is not taken back. */
TEST_F(signal, attack_03_interrupted_call_with_a_read_only_struct)
{
	const struct l4shmc_ioc_call arg = {
		.size = sizeof(arg), .timeout_ns = L4SHMC_TIMEOUT_NEVER - 1,
		.trigger = self->reply,
	};
	void *copy = read_only_copy(&arg, sizeof(arg));

	ASSERT_NE(NULL, copy);
	interrupt_every(5000);
	EXPECT_ERR(EFAULT, command(self->fd, L4SHMC_IOC_CALL, copy));
	interrupt_every(0);
	EXPECT_EQ(1, self->reply_record->triggered);
	EXPECT_EQ(0, self->record->consumed);
	EXPECT_EQ(0, self->record->armed);
}

/* Commands without a struct do not look at it. */
TEST_F(signal, attack_03_no_struct_at_all)
{
	void *const pointers[] = { NULL, (void *)1, (void *)(uintptr_t)-4096L };

	for (unsigned int i = 0; i < ARRAY_SIZE(pointers); i++) {
		EXPECT_EQ(0, command(self->fd, L4SHMC_IOC_TRIGGER, pointers[i]));
		EXPECT_EQ(0, command(self->fd, L4SHMC_IOC_RING, pointers[i]));
		EXPECT_EQ(0, command(self->area.fd, L4SHMC_IOC_CLIENT_INIT, pointers[i]));
	}
	EXPECT_EQ(ARRAY_SIZE(pointers), self->record->triggered);
}

TEST_F(signal, attack_44_stopped_sleeper_goes_on)
{
	pid_t child = spawn(wait_once, self);
	int status;

	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	kill(child, SIGSTOP);
	ASSERT_EQ(child, waitpid(child, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	/* What comes while it is stopped is there when it goes on. */
	EXPECT_EQ(0, signal_trigger(self->fd));
	nap_us(2000);
	kill(child, SIGCONT);
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(1, self->record->consumed);
}

TEST_F(signal, attack_44_traced_sleeper_goes_on)
{
	pid_t child = spawn(wait_once, self);
	int status;

	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	for (unsigned int i = 0; i < 3; i++) {
		ASSERT_EQ(0, ptrace(PTRACE_ATTACH, child, NULL, NULL));
		ASSERT_EQ(child, waitpid(child, &status, 0));
		ASSERT_TRUE(WIFSTOPPED(status));
		ASSERT_EQ(0, ptrace(PTRACE_DETACH, child, NULL, NULL));
		EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	}
	EXPECT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(1, self->record->consumed);
}

/* Stopped wherever it is, a sleeper takes each event once when it goes on. */
static int take_all(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;

	while (load32(&self->record->consumed) != rounds(400)) {
		CHECK(signal_wait(self->fd, HANG_NS) == 0);
		self->shared->taken++;
	}
	return 0;
}

TEST_F(signal, attack_44_stopped_and_continued_under_load)
{
	pid_t child = spawn(take_all, self);
	unsigned int stops = 0;

	for (unsigned int i = rounds(400); i > 0; i--) {
		if (i % 8 == 7) {
			kill(child, SIGSTOP);
			stops++;
		}
		ASSERT_EQ(0, i % 2 ? signal_trigger(self->fd) :
				     record_trigger(self->record, self->fd));
		if (i % 8 == 3)
			kill(child, SIGCONT);
	}
	kill(child, SIGCONT);
	EXPECT_EQ(0, reap(child));
	EXPECT_LE(self->shared->taken, rounds(400));
	EXPECT_TRUE(!self->counting || self->shared->taken == rounds(400));
	EXPECT_TRUE(stops > 0 || rounds(400) < 8);
	EXPECT_EQ(0, self->record->armed);
}

static int wait_a_while(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;
	__u64 start = now_ns();

	CHECK(signal_wait(self->fd, 20 * NS_PER_MS) == -ETIMEDOUT);
	CHECK(now_ns() - start >= 20 * NS_PER_MS);
	CHECK(now_ns() - start < HANG_NS);
	return 0;
}

/* Where the clock shows another time, ten days ahead or back, a while is as long. */
static int wait_in_another_time(void *arg)
{
	static const char *const offsets[] = { "monotonic 864000 0\n", "monotonic -60 0\n" };

	for (unsigned int i = 0; i < ARRAY_SIZE(offsets); i++) {
		int fd;

		if (unshare(CLONE_NEWTIME))
			return KSFT_SKIP;
		fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
		/* Not before the machine was switched on */
		if (write(fd, offsets[i], strlen(offsets[i])) < 0)
			CHECK(i == 1 && errno == ERANGE);
		close(fd);
		CHECK(run_child(wait_a_while, arg) == 0);
	}
	return 0;
}

TEST_F(signal, attack_41_timeouts_are_the_same_in_another_time_namespace)
{
	int result = run_child(wait_in_another_time, self);

	if (result == KSFT_SKIP)
		SKIP(return, "no time namespaces for this user");
	EXPECT_EQ(0, result);
}

/* The time goes on for one that is stopped. */
TEST_F(signal, attack_44_stopped_wait_ends_on_time)
{
	pid_t child = spawn(wait_a_while, self);
	int status;

	for (unsigned int i = 0; i < 5; i++) {
		kill(child, SIGSTOP);
		if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status))
			break;
		nap_us(1000);
		kill(child, SIGCONT);
	}
	EXPECT_TRUE(WIFEXITED(status) || WIFEXITED(status = reap(child) << 8));
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_EQ(0, self->record->armed);
	EXPECT_EQ(0, waiters(self));
}

/* A tracer has stopped it in its sleep; it is killed before it is let go. */
TEST_F(signal, attack_44_killed_while_it_is_traced)
{
	pid_t child = spawn(wait_once, self);
	int status;

	ASSERT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, child, NULL, NULL));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	ASSERT_TRUE(WIFSTOPPED(status));
	EXPECT_EQ(0, signal_trigger(self->fd));
	kill(child, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, reap(child));
	EXPECT_EQ(0, waiters(self));
	EXPECT_EQ(0, self->record->armed);
	/* It has taken nothing along. */
	EXPECT_EQ(0, signal_wait(self->fd, 0));
}

#define DAY 86400

static bool step_the_clock(time_t by)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += by;
	return clock_settime(CLOCK_REALTIME, &now) == 0;
}

/* A day ahead and back again, all the time */
static void *step_to_and_fro(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;

	while (!__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE)) {
		if (!step_the_clock(DAY))
			self->shared->failed++;
		nap_us(1000);
		if (!step_the_clock(-DAY))
			self->shared->failed++;
		nap_us(1000);
	}
	return NULL;
}

TEST_F(signal, attack_41_clock_is_stepped)
{
	pthread_t thread;
	pid_t child;

	if (!step_the_clock(0))
		SKIP(return, "no right to set the clock");
	ASSERT_EQ(0, pthread_create(&thread, NULL, step_to_and_fro, self));
	child = spawn(wait_once, self);
	for (unsigned int i = 0; i < 5; i++) {
		__u64 start = now_ns();

		EXPECT_ERR(ETIMEDOUT, signal_wait(self->reply, 20 * NS_PER_MS));
		EXPECT_GE(now_ns() - start, 20 * NS_PER_MS);
	}
	/* One without an end has none. */
	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	EXPECT_EQ(0, self->shared->taken);
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, self->shared->failed);
	EXPECT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(0, reap(child));
}

/* Killed sleepers */

TEST_F(signal, attack_44_killed_sleeper_leaves_the_queue)
{
	pid_t first = spawn(wait_once, self), second;

	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	second = spawn(wait_once, self);
	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 2));
	kill_child(first);
	EXPECT_EQ(1, waiters(self));
	EXPECT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(0, reap(second));
	EXPECT_EQ(0, self->record->armed);
}

/* The first in the queue is as good as dead: the event is for the second. */
TEST_F(signal, attack_44_dying_sleeper_takes_no_event_along)
{
	for (unsigned int i = rounds(40); i > 0; i--) {
		pid_t first = spawn(wait_once, self), second;

		ASSERT_TRUE(WAIT_UNTIL(waiters(self) == 1));
		second = spawn(wait_once, self);
		ASSERT_TRUE(WAIT_UNTIL(waiters(self) == 2));
		kill(first, SIGKILL);
		ASSERT_EQ(0, signal_trigger(self->fd));
		ASSERT_EQ(128 + SIGKILL, reap(first));
		ASSERT_EQ(0, reap(second));
	}
}

/* The first is killed just when it is woken: it has the event, or the second. */
TEST_F(signal, attack_44_event_is_not_stuck_with_a_killed_sleeper)
{
	for (unsigned int i = rounds(40); i > 0; i--) {
		pid_t first = spawn(wait_once, self), second;

		ASSERT_TRUE(WAIT_UNTIL(waiters(self) == 1));
		second = spawn(wait_once, self);
		ASSERT_TRUE(WAIT_UNTIL(waiters(self) == 2));
		ASSERT_EQ(0, signal_trigger(self->fd));
		kill_child(first);
		ASSERT_TRUE(WAIT_UNTIL(!record_pending(self->record)));
		/* One more, should the second still sleep */
		ASSERT_EQ(0, signal_trigger(self->fd));
		ASSERT_EQ(0, reap(second));
		ASSERT_EQ(0, waiters(self));
		signal_wait(self->fd, 0);
	}
}

/* With this process's descriptors, so that its death closes none, where the driver looks. */
static pid_t spawn_with_these_descriptors(int (*run)(void *), void *arg)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(run(arg));
	return pid;
}

static int wait_idly(void *arg)
{
	static const struct sched_param none;
	FIXTURE_DATA(signal) * self = arg;

	CHECK(sched_setscheduler(0, SCHED_IDLE, &none) == 0);
	return signal_wait_through(self->fd, L4SHMC_TIMEOUT_NEVER);
}

/*
 * The first is killed after it was woken and before it runs, as it is on this CPU and
 * gives way to everybody: it passes on to the second what it was woken for.  Where a
 * tick lets it run in between, another round is needed.
 */
TEST_F(signal, attack_44_killed_sleeper_passes_its_ring_on)
{
	unsigned int passed_on = 0;

	stay_on_this_cpu();
	for (unsigned int i = 0; i < rounds(40) || (!passed_on && i < 1000); i++) {
		pid_t first = spawn_with_these_descriptors(wait_idly, self), second;

		ASSERT_TRUE(WAIT_UNTIL(waiters(self) == 1 && task_sleeps(first)));
		second = spawn(wait_once, self);
		ASSERT_TRUE(WAIT_UNTIL(waiters(self) == 2 && task_sleeps(second)));
		ASSERT_EQ(0, signal_trigger(self->fd));
		kill(first, SIGKILL);
		ASSERT_TRUE(WAIT_UNTIL(!record_pending(self->record)));
		passed_on += reap(first) == 128 + SIGKILL && waiters(self) == 0;
		/* One more, should the first have been faster than its death */
		ASSERT_EQ(0, signal_trigger(self->fd));
		ASSERT_EQ(0, reap(second));
		signal_wait(self->fd, 0);
	}
	EXPECT_GT(passed_on, 0);
}

struct closer {
	int fd;
	int result;
};

static void *wait_on(void *arg)
{
	struct closer *closer = arg;

	closer->result = signal_wait_through(closer->fd, L4SHMC_TIMEOUT_NEVER);
	return NULL;
}

TEST_F(signal, attack_39_closed_during_a_wait)
{
	struct closer closer = { .fd = dup(self->fd), .result = 1 };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, wait_on, &closer));
	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	close(closer.fd);
	nap_us(2000);
	EXPECT_EQ(1, waiters(self));
	EXPECT_EQ(0, signal_trigger(self->fd));
	pthread_join(thread, NULL);
	EXPECT_EQ(0, closer.result);
}

TEST_F(signal, attack_39_replaced_during_a_wait)
{
	struct closer closer = { .fd = dup(self->fd), .result = 1 };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, wait_on, &closer));
	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	ASSERT_EQ(closer.fd, dup2(self->reply, closer.fd));
	EXPECT_EQ(0, signal_trigger(self->reply));
	nap_us(2000);
	EXPECT_EQ(1, waiters(self));
	EXPECT_EQ(0, signal_trigger(self->fd));
	pthread_join(thread, NULL);
	EXPECT_EQ(0, closer.result);
	EXPECT_EQ(0, signal_wait(self->reply, 0));
}

static int exec_during_a_wait(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;
	struct closer closer = { .fd = self->fd };
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, wait_on, &closer) == 0);
	CHECK(WAIT_UNTIL(waiters(self) == 1));
	execl("/bin/true", "true", NULL);
	return 1;
}

TEST_F(signal, attack_39_exec_ends_a_wait)
{
	EXPECT_EQ(0, run_child(exec_during_a_wait, self));
	EXPECT_EQ(0, waiters(self));
	EXPECT_EQ(0, self->record->armed);
}

TEST_F(signal, attack_38_unlink_and_close_under_sleepers)
{
	pid_t pids[20];

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(wait_once, self);
	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == (long)ARRAY_SIZE(pids)));
	drop_area(&self->area);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++) {
		EXPECT_EQ(0, signal_trigger(self->fd));
		EXPECT_TRUE(WAIT_UNTIL(self->shared->taken == i + 1));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(0, reap(pids[i]));
}

/* Holders of the bare descriptor, without attachment and mapping */

static int use_bare(void *arg)
{
	int sock = *(int *)arg;
	struct pollfd poller = { .events = POLLIN };
	int fd = recv_fd(sock);

	CHECK(fd >= 0);
	poller.fd = fd;
	CHECK(poll(&poller, 1, 0) == 0);
	CHECK(signal_trigger(fd) == 0);
	CHECK(poll(&poller, 1, 0) == 1);
	CHECK(signal_wait(fd, 0) == 0);
	CHECK(signal_wait(fd, 0) == -ETIMEDOUT);
	CHECK(signal_ring(fd) == 0);
	CHECK(signal_call(fd, fd, 0) == 0);
	CHECK(send_fd(sock, fd) == 0);
	CHECK(signal_wait_through(fd, L4SHMC_TIMEOUT_NEVER) == 0);
	return 0;
}

TEST_F(signal, bare_descriptor_is_all_it_takes)
{
	int socks[2], back;
	pid_t child;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, socks));
	child = fork();
	if (child == 0) {
		munmap(self->control, L4SHMC_CONTROL_SIZE);
		close(self->area.fd);
		close(self->area.handle);
		close(self->area.dev);
		close(self->fd);
		close(self->reply);
		_exit(use_bare(&socks[1]));
	}
	ASSERT_EQ(0, send_fd(socks[0], self->fd));
	back = recv_fd(socks[0]);
	ASSERT_GE(back, 0);
	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	/* What came back is the same signal. */
	EXPECT_EQ(0, signal_trigger(back));
	EXPECT_EQ(0, reap(child));
}

/* poll, select, epoll */

TEST_F(signal, poll_tells_and_takes_nothing)
{
	struct pollfd poller = { .fd = self->fd, .events = POLLIN | POLLOUT };

	EXPECT_EQ(0, poll(&poller, 1, 0) && poller.revents & POLLIN);
	ASSERT_EQ(0, signal_trigger(self->fd));
	for (unsigned int i = 0; i < 3; i++) {
		EXPECT_EQ(1, poll(&poller, 1, 0));
		EXPECT_TRUE(poller.revents & POLLIN);
		EXPECT_FALSE(poller.revents & (POLLERR | POLLHUP | POLLNVAL));
	}
	EXPECT_EQ(0, signal_wait(self->fd, 0));
	poller.events = POLLIN;
	EXPECT_EQ(0, poll(&poller, 1, 0));
}

TEST_F(signal, poll_arms_for_user_space_triggers)
{
	struct pollfd poller = { .fd = self->fd, .events = POLLIN };
	pid_t child = fork();

	if (child == 0)
		_exit(poll(&poller, 1, -1) == 1 ? 0 : 1);
	EXPECT_TRUE(WAIT_UNTIL(load32(&self->record->armed)));
	EXPECT_TRUE(WAIT_UNTIL(task_state(child) == 'S'));
	EXPECT_EQ(0, record_trigger(self->record, self->fd));
	EXPECT_EQ(0, reap(child));
	EXPECT_TRUE(record_pending(self->record));
	/* Once polled it stays armed: who polled may look again without asking. */
	EXPECT_NE(0, self->record->armed);
}

TEST_F(signal, select_and_timeouts)
{
	struct timeval zero = { 0, 0 }, little = { 0, 1000 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(self->fd, &set);
	EXPECT_EQ(0, select(self->fd + 1, &set, NULL, NULL, &little));
	ASSERT_EQ(0, signal_trigger(self->fd));
	FD_SET(self->fd, &set);
	EXPECT_EQ(1, select(self->fd + 1, &set, NULL, NULL, &zero));
	EXPECT_TRUE(FD_ISSET(self->fd, &set));
}

TEST_F(signal, poller_and_sleepers_share)
{
	struct pollfd poller = { .fd = self->fd, .events = POLLIN };
	pid_t child = spawn(wait_once, self);

	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	EXPECT_EQ(0, poll(&poller, 1, 1));
	EXPECT_EQ(0, signal_trigger(self->fd));
	/* The sleeper takes it; the poller is not owed anything. */
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(0, poll(&poller, 1, 0));
}

static int add_epoll(int epoll, int fd, __u32 events)
{
	struct epoll_event event = { .events = events, .data = { .fd = fd } };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static int epoll_count(int epoll)
{
	struct epoll_event events[4];

	return epoll_wait(epoll, events, ARRAY_SIZE(events), 0);
}

TEST_F(signal, attack_42_epoll_level)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_EQ(0, add_epoll(epoll, self->fd, EPOLLIN));
	EXPECT_EQ(0, epoll_count(epoll));
	ASSERT_EQ(0, record_trigger(self->record, self->fd));
	EXPECT_EQ(1, epoll_count(epoll));
	EXPECT_EQ(1, epoll_count(epoll));
	EXPECT_EQ(0, signal_wait(self->fd, 0));
	EXPECT_EQ(0, epoll_count(epoll));
	ASSERT_EQ(0, record_trigger(self->record, self->fd));
	EXPECT_TRUE(record_take(self->record, self->counting));
	EXPECT_EQ(0, epoll_count(epoll));
}

TEST_F(signal, attack_42_epoll_of_what_is_pending_already)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_EQ(0, record_trigger(self->record, self->fd));
	ASSERT_EQ(0, add_epoll(epoll, self->fd, EPOLLIN | EPOLLET));
	EXPECT_EQ(1, epoll_count(epoll));
	EXPECT_EQ(0, epoll_count(epoll));
}

TEST_F(signal, attack_42_epoll_edge)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_EQ(0, add_epoll(epoll, self->fd, EPOLLIN | EPOLLET));
	for (unsigned int i = 0; i < 3; i++) {
		/* Pending or not before: each trigger is an edge. */
		ASSERT_EQ(0, record_trigger(self->record, self->fd));
		EXPECT_EQ(1, epoll_count(epoll));
		EXPECT_EQ(0, epoll_count(epoll));
	}
}

TEST_F(signal, attack_42_epoll_oneshot)
{
	struct epoll_event again = { .events = EPOLLIN | EPOLLONESHOT };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_EQ(0, add_epoll(epoll, self->fd, EPOLLIN | EPOLLONESHOT));
	ASSERT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(1, epoll_count(epoll));
	ASSERT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(0, epoll_count(epoll));
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_MOD, self->fd, &again));
	EXPECT_EQ(1, epoll_count(epoll));
}

static int wait_exclusively(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event;

	CHECK(add_epoll(epoll, self->fd, EPOLLIN | EPOLLEXCLUSIVE) == 0);
	while (!__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE)) {
		CHECK(epoll_wait(epoll, &event, 1, -1) == 1);
		if (signal_wait(self->fd, 0) == 0)
			__atomic_fetch_add(&self->shared->taken, 1, __ATOMIC_SEQ_CST);
	}
	return 0;
}

/* Exclusive or not, somebody is woken for each event. */
TEST_F(signal, attack_42_epoll_exclusive)
{
	pid_t pids[4];

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(wait_exclusively, self);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_TRUE(WAIT_UNTIL(task_state(pids[i]) == 'S'));
	for (unsigned int i = 1; i <= 20; i++) {
		EXPECT_EQ(0, record_trigger(self->record, self->fd));
		EXPECT_TRUE(WAIT_UNTIL(self->shared->taken == i));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		kill_child(pids[i]);
}

TEST_F(signal, attack_42_epoll_and_a_sleeper)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	pid_t child;

	ASSERT_EQ(0, add_epoll(epoll, self->fd, EPOLLIN | EPOLLEXCLUSIVE));
	child = spawn(wait_once, self);
	EXPECT_TRUE(WAIT_UNTIL(waiters(self) == 1));
	/* An exclusive poller that is not even waiting must not swallow the wake-up. */
	EXPECT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(0, reap(child));
}

static int be_woken_and_die(void *arg)
{
	FIXTURE_DATA(signal) * self = arg;
	die_when_woken(self->fd);
}

/* The signal stays open elsewhere; who was woken has not looked what for. */
TEST_F_TIMEOUT(signal, attack_42_epoll_exclusive_dies_with_the_ring, 60)
{
	pid_t first, second;

	first = spawn(be_woken_and_die, self);
	ASSERT_TRUE(WAIT_UNTIL(task_sleeps(first)));
	second = spawn(wait_once, self);
	ASSERT_TRUE(WAIT_UNTIL(waiters(self) == 1 && task_sleeps(second)));
	EXPECT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(128 + SIGKILL, reap(first));
	EXPECT_EQ(0, reap(second));
}

TEST_F(signal, attack_42_epoll_inside_epoll)
{
	int inner = epoll_create1(EPOLL_CLOEXEC), outer = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_EQ(0, add_epoll(inner, self->fd, EPOLLIN));
	ASSERT_EQ(0, add_epoll(outer, inner, EPOLLIN));
	EXPECT_EQ(0, epoll_count(outer));
	ASSERT_EQ(0, record_trigger(self->record, self->fd));
	EXPECT_EQ(1, epoll_count(outer));
	EXPECT_EQ(0, signal_wait(self->fd, 0));
	EXPECT_EQ(0, epoll_count(outer));
}

TEST_F(signal, attack_42_epoll_item_after_the_signal_and_the_area)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), copy = dup(self->fd);

	ASSERT_EQ(0, add_epoll(epoll, self->fd, EPOLLIN));
	close(self->fd);
	/* The copy keeps the item alive. */
	EXPECT_EQ(0, signal_trigger(copy));
	EXPECT_EQ(1, epoll_count(epoll));
	close(copy);
	EXPECT_EQ(0, epoll_count(epoll));
	munmap(self->control, L4SHMC_CONTROL_SIZE);
	close(self->reply);
	close(self->area.fd);
	close(self->area.handle);
	EXPECT_FALSE(area_named(&self->area));
	EXPECT_EQ(0, epoll_count(epoll));
	close(epoll);
}

TEST_F(signal, attack_42_epoll_dies_with_a_sleeper_in_it)
{
	pid_t child = fork();

	if (child == 0) {
		int epoll = epoll_create1(EPOLL_CLOEXEC);
		struct epoll_event event;

		_exit(add_epoll(epoll, self->fd, EPOLLIN) ||
		      epoll_wait(epoll, &event, 1, -1) != 1);
	}
	EXPECT_TRUE(WAIT_UNTIL(load32(&self->record->armed) && task_state(child) == 'S'));
	kill_child(child);
	EXPECT_EQ(0, record_trigger(self->record, self->fd));
	EXPECT_EQ(0, signal_wait(self->fd, 0));
}

TEST_HARNESS_MAIN
