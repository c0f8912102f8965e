// SPDX-License-Identifier: GPL-2.0-only
/*
 * L4Re's other headers, as far as programs of the API include them: what their
 * functions do.  Their values are compared without the driver, in tests/.
 */
#include "conformance.h"

#include <signal.h>
#include <sys/time.h>
#include <time.h>

#include <l4/sys/debugger.h>
#include <l4/sys/irq.h>
#include <l4/sys/kdebug.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/thread.h>
#include <l4/sys/utcb.h>
#include <l4/util/assert.h>
#include <l4/util/atomic.h>

static l4_kernel_clock_t clock_us(void)
{
	return l4_kip_clock(l4re_kip());
}

/* Runs @run in a process of its own, and tells how that ended. */
static int status_of(void (*run)(void))
{
	pid_t child = fork();

	if (!child) {
		/* Of what it says nothing is expected. */
		if (!freopen("/dev/null", "w", stderr))
			_exit(99);
		run();
		_exit(0);
	}
	return reap(child);
}

TEST_F(alone, errtostr_knows_every_value)
{
	for (long err = -3000; err <= 3000; err++) {
		ASSERT_NE(NULL, l4sys_errtostr(err));
		ASSERT_NE('\0', *l4sys_errtostr(err));
	}
	EXPECT_NE(NULL, l4sys_errtostr(~0UL >> 1));
	EXPECT_STRNE(l4sys_errtostr(-L4_ENOENT), l4sys_errtostr(-L4_ENOMEM));
}

TEST_F(alone, clock_goes_on_in_microseconds)
{
	l4_kernel_clock_t start = clock_us(), end;
	struct timespec ts;

	l4_usleep(20000);
	end = clock_us();
	EXPECT_LE(start + 20000, end);
	/* It is the clock that absolute timeouts refer to. */
	ASSERT_EQ(0, clock_gettime(CLOCK_MONOTONIC, &ts));
	EXPECT_LE(end, (l4_kernel_clock_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
	EXPECT_GE(end + 10000000, (l4_kernel_clock_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
	EXPECT_LE(end * 1000, l4_kip_clock_ns(l4re_kip()));
}

TEST_F(alone, sleep_is_never_short)
{
	l4_kernel_clock_t start = clock_us();

	l4_sleep(0);
	l4_usleep(0);
	l4_sleep(15);
	EXPECT_LE(start + 15000, clock_us());
	start = clock_us();
	l4_usleep(1500);
	EXPECT_LE(start + 1500, clock_us());
}

static void do_nothing(int number)
{
	(void)number;
}

TEST_F(alone, sleep_goes_on_after_a_handler)
{
	struct itimerval timer = { { 0, 1000 }, { 0, 1000 } }, none = { 0 };
	struct sigaction action = { .sa_handler = do_nothing };
	l4_kernel_clock_t start = clock_us();

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	l4_usleep(30000);
	EXPECT_LE(start + 30000, clock_us());
	start = clock_us();
	l4_sleep(30);
	EXPECT_LE(start + 30000, clock_us());
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &none, NULL));
}

static int sleeps_for_ever(void)
{
	l4_sleep_forever();
}

TEST_F(api, sleep_forever)
{
	START(sleeps_for_ever);
	l4_usleep(20000);
	if (!variant->processes)
		return;
	EXPECT_EQ(0, waitpid(self->child, NULL, WNOHANG));
	ASSERT_EQ(0, kill(self->child, SIGKILL));
	EXPECT_EQ(SIGKILL, reap(self->child));
}

static int peer_yields(void)
{
	struct client me;

	CHECK(be_client(&me) == 0);
	while (!l4shmc_is_chunk_ready(&me.chunk))
		CHECK(!l4_error(l4_thread_yield()));
	CHECK(l4shmc_chunk_consumed(&me.chunk) == 0);
	return 0;
}

TEST_F(api, thread_yield)
{
	START(peer_yields);
	ASSERT_EQ(0, l4shmc_chunk_ready(self->chunk, 1));
	while (!l4shmc_is_chunk_clear(self->chunk))
		EXPECT_EQ(0, l4_error(l4_thread_yield()));
	FINISH();
}

static void *thread_of_its_own(void *utcb)
{
	*(l4_utcb_t **)utcb = l4_utcb();
	return l4_utcb() == l4_utcb() ? NULL : utcb;
}

TEST_F(alone, utcb_is_the_threads_own)
{
	l4_utcb_t *other = NULL;
	pthread_t thread;
	void *failed;

	EXPECT_NE(NULL, l4_utcb());
	ASSERT_EQ(0, pthread_create(&thread, NULL, thread_of_its_own, &other));
	ASSERT_EQ(0, pthread_join(thread, &failed));
	EXPECT_EQ(NULL, failed);
	EXPECT_NE(NULL, other);
	EXPECT_NE(l4_utcb(), other);
}

TEST_F(alone, object_names_and_ids)
{
	EXPECT_LE(0, l4_error(l4_debugger_set_object_name(ME, "conformance")));
	EXPECT_NE(~0UL, l4_debugger_global_id(ME));
	EXPECT_EQ(l4_debugger_global_id(ME), l4_debugger_global_id(ME));
	enter_kdebug("not here");
}

#define ADDS 20000UL

static int peer_adds(void)
{
	struct client me;
	l4_umword_t *count;

	CHECK(be_client(&me) == 0);
	count = l4shmc_chunk_ptr(&me.chunk);
	for (l4_umword_t i = 0; i < ADDS; i++) {
		l4_umword_t old;

		do
			old = *(volatile l4_umword_t *)count;
		while (!l4util_cmpxchg(count, old, old + 1));
	}
	return 0;
}

TEST_F(api, cmpxchg)
{
	l4_umword_t *count = l4shmc_chunk_ptr(self->chunk);

	START(peer_adds);
	EXPECT_EQ(0, peer_adds());
	FINISH();
	EXPECT_EQ(2 * ADDS, *count);
	EXPECT_EQ(0, l4util_cmpxchg(count, 1, 2));
	EXPECT_EQ(2 * ADDS, *count);
}

TEST_F(alone, cmpxchg32_and_xchg32)
{
	l4_uint32_t value = 0xffffffff;

	EXPECT_TRUE(l4util_cmpxchg32(&value, 0xffffffff, 7));
	EXPECT_FALSE(l4util_cmpxchg32(&value, 0xffffffff, 8));
	EXPECT_EQ(7, value);
	EXPECT_EQ(7, l4util_xchg32(&value, 9));
	EXPECT_EQ(9, value);
}

static l4_timeout_s encode(unsigned int us)
{
	return l4_timeout_from_us(us);
}

/* A wait takes as long as its timeout says, however that was written down. */
TEST_F(alone, encoded_time_is_waited)
{
	const unsigned int us[] = { 256, 1023, 1025, 10000, 50000 };

	for (size_t i = 0; i < ARRAY_SIZE(us); i++) {
		l4_kernel_clock_t start = clock_us();

		EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(self->signal, RECEIVE(encode(us[i]))));
		EXPECT_LE(start + us[i], clock_us());
	}
}

TEST_F(alone, timeouts_tell_what_they_are)
{
	l4_timeout_t timeout = l4_timeout(encode(10), encode(2000));

	EXPECT_EQ(10, l4_timeout_get(0, timeout.p.snd));
	EXPECT_EQ(2000, l4_timeout_get(0, timeout.p.rcv));
	EXPECT_FALSE(l4_timeout_is_absolute(timeout.p.rcv));
	l4_rcv_timeout(l4_timeout_abs(clock_us() + 5000, 1), &timeout);
	EXPECT_TRUE(l4_timeout_is_absolute(timeout.p.rcv));
	l4_snd_timeout(L4_IPC_TIMEOUT_NEVER, &timeout);
	EXPECT_EQ(L4_IPC_TIMEOUT_NEVER.t, timeout.p.snd.t);
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_to(self->signal, timeout));
}

TEST_F(alone, cpus_are_told)
{
	l4_sched_cpu_set_t cpus = l4_sched_cpu_set(0, 0, 1);
	l4_umword_t max = 0;

	EXPECT_EQ(0, l4_error(l4_scheduler_info(l4re_env()->scheduler, &max, &cpus)));
	EXPECT_LE(1, max);
	EXPECT_TRUE(l4_scheduler_is_online(l4re_env()->scheduler, 0));
	EXPECT_FALSE(l4_scheduler_is_online(l4re_env()->scheduler, 1U << 20));
}

static l4_umword_t is_online(l4_umword_t cpu)
{
	return (l4_umword_t)l4_scheduler_is_online(l4re_env()->scheduler, cpu);
}

/* One by one, from the second one on, and in pairs */
TEST_F(alone, cpus_are_told_from_an_offset_and_in_groups)
{
	l4_sched_cpu_set_t all = l4_sched_cpu_set(0, 0, 0), rest = l4_sched_cpu_set(1, 0, 0);
	l4_sched_cpu_set_t pairs = l4_sched_cpu_set(0, 1, 0);
	l4_umword_t max, bit;

	ASSERT_EQ(0, l4_error(l4_scheduler_info(l4re_env()->scheduler, &max, &all)));
	ASSERT_EQ(0, l4_error(l4_scheduler_info(l4re_env()->scheduler, NULL, &pairs)));
	if (max > 1)
		ASSERT_EQ(0, l4_error(l4_scheduler_info(l4re_env()->scheduler, NULL, &rest)));
	for (bit = 0; bit < 8 * sizeof(all.map); bit++) {
		EXPECT_EQ(is_online(bit), all.map >> bit & 1);
		EXPECT_EQ(is_online(2 * bit) | is_online(2 * bit + 1), pairs.map >> bit & 1);
		if (max > 1)
			EXPECT_EQ(is_online(bit + 1), rest.map >> bit & 1);
	}
	all = l4_sched_cpu_set(max, 0, 0);
	EXPECT_EQ(-L4_ERANGE, l4_error(l4_scheduler_info(l4re_env()->scheduler, NULL, &all)));
}

TEST_F(alone, thread_is_run_where_it_is_wanted)
{
	l4_sched_param_t param = l4_sched_param(2, 0);

	param.affinity = l4_sched_cpu_set(0, 0, 1);
	EXPECT_EQ(0, l4_error(l4_scheduler_run_thread(l4re_env()->scheduler, ME, &param)));
	EXPECT_EQ(0, sched_getcpu());
	if (!is_online(1))
		return;
	/* By the offset, and by the map */
	param.affinity = l4_sched_cpu_set(1, 0, 1);
	EXPECT_EQ(0, l4_error(l4_scheduler_run_thread(l4re_env()->scheduler, ME, &param)));
	EXPECT_EQ(1, sched_getcpu());
	param.affinity = l4_sched_cpu_set(0, 0, 1);
	EXPECT_EQ(0, l4_error(l4_scheduler_run_thread(l4re_env()->scheduler, ME, &param)));
	param.affinity = l4_sched_cpu_set(0, 0, 2);
	EXPECT_EQ(0, l4_error(l4_scheduler_run_thread(l4re_env()->scheduler, ME, &param)));
	EXPECT_EQ(1, sched_getcpu());
}

static void assert_all_that_holds(void)
{
	int value = 5;

	ASSERT_ASSERT(value == 5);
	ASSERT_VALID(ME);
	ASSERT_EQUAL(value, 5);
	ASSERT_NOT_EQUAL(value, 6);
	ASSERT_LOWER_EQ(value, 5);
	ASSERT_GREATER_EQ(value, 5);
	ASSERT_BETWEEN(value, 5, 5);
	ASSERT_OK(0);
	ASSERT_IPC_OK(l4_msgtag(0, 0, 0, 0));
	ASSERT_NOT_NULL(&value);
}

static void assert_equal(void)
{
	ASSERT_EQUAL(1, 2);
}

static void assert_ok(void)
{
	ASSERT_OK(-L4_ENOENT);
}

static void assert_valid(void)
{
	ASSERT_VALID(L4_INVALID_CAP);
}

static void assert_between(void)
{
	ASSERT_BETWEEN(1, 2, 3);
}

static void assert_not_null(void)
{
	ASSERT_NOT_NULL((void *)0);
}

TEST_F(alone, assertions_end_the_program)
{
	void (*const failing[])(void) = {
		assert_equal, assert_ok, assert_valid, assert_between, assert_not_null,
	};

	EXPECT_EQ(0, status_of(assert_all_that_holds));
	for (size_t i = 0; i < ARRAY_SIZE(failing); i++)
		EXPECT_EQ(SIGABRT, status_of(failing[i]) & 0x7f);
}

TEST_HARNESS_MAIN
