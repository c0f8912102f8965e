// SPDX-License-Identifier: GPL-2.0-only
/*
 * libl4shmc: wait sets of threads.  What l4shmc_attach_signal() binds to whom,
 * what l4shmc_wait_any() tells, and that no descriptor is left when threads,
 * attachments and processes end in any order.
 */
#include "lib_common.h"

#include <l4/sys/debugger.h>
#include <l4/sys/kip.h>
#include <pthread-l4.h>
#include <sys/epoll.h>

#define ME pthread_l4_cap(pthread_self())
#define SHORT l4_timeout(L4_IPC_TIMEOUT_NEVER, l4_timeout_from_us(2000))
#define LONG l4_timeout(L4_IPC_TIMEOUT_NEVER, l4_timeout_from_us(20000000))

FIXTURE(lib_waitset)
{
	struct lib_area lib;
	l4shmc_area_t peer;
	/* Bound, bound, and as the peer triggers them */
	l4shmc_signal_t a, b, theirs_a, theirs_b;
	l4shmc_signal_t *any;
	unsigned int fds;
	/* What children and threads share with the test */
	struct {
		unsigned int step, taken, stop;
	} *shared;
};

FIXTURE_SETUP(lib_waitset)
{
	if (!make_lib_area(_metadata, &self->lib, 4096))
		return;
	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &self->peer));
	ASSERT_EQ(0, l4shmc_add_signal(&self->peer, "a", &self->theirs_a));
	ASSERT_EQ(0, l4shmc_add_signal(&self->peer, "b", &self->theirs_b));
	/* So that from now on only wait sets add descriptors */
	ASSERT_EQ(0, l4shmc_add_signal(&self->lib.area, "a", &self->a));
	ASSERT_EQ(0, l4shmc_add_signal(&self->lib.area, "b", &self->b));
	self->shared = shared_page();
	ASSERT_NE(NULL, self->shared);
	self->fds = open_fds();
}

FIXTURE_TEARDOWN(lib_waitset)
{
	drop_lib_area(&self->lib);
}

static void attach_ab(struct __test_metadata *_metadata, FIXTURE_DATA(lib_waitset) * self)
{
	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "a", ME, &self->a));
	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "b", ME, &self->b));
}

static long bindings(FIXTURE_DATA(lib_waitset) * self, const char *signal)
{
	return signal_bindings(self->lib.name, signal);
}

static bool step_is(FIXTURE_DATA(lib_waitset) * self, unsigned int step)
{
	return WAIT_UNTIL(__atomic_load_n(&self->shared->step, __ATOMIC_ACQUIRE) >= step);
}

static void make_step(FIXTURE_DATA(lib_waitset) * self, unsigned int step)
{
	__atomic_store_n(&self->shared->step, step, __ATOMIC_RELEASE);
}

/* What is bound to whom */

TEST_F(lib_waitset, nothing_is_bound)
{
	self->any = &self->a;
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any(&self->any));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any_to(L4_IPC_NEVER, &self->any));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&self->any));
	/* None of these has needed a wait set. */
	EXPECT_EQ(self->fds, open_fds());
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_to(SHORT, &self->any));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any(&self->any));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any(NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any_to(SHORT, NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any_try(NULL));
	EXPECT_EQ(&self->a, self->any);
}

TEST_F(lib_waitset, thread_costs_one_descriptor)
{
	for (unsigned int i = 0; i < 20; i++)
		attach_ab(_metadata, self);
	EXPECT_EQ(self->fds + 1, open_fds());
	EXPECT_EQ(1, bindings(self, "a"));
	EXPECT_EQ(1, bindings(self, "b"));
	EXPECT_GE(l4shmc_wait_any_fd(), 0);
	EXPECT_EQ(l4shmc_wait_any_fd(), l4shmc_wait_any_fd());
	EXPECT_EQ(self->fds + 1, open_fds());
}

TEST_F(lib_waitset, any_tells_the_signal_that_was_attached)
{
	attach_ab(_metadata, self);
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_b));
	EXPECT_EQ(0, l4shmc_wait_any(&self->any));
	EXPECT_EQ(&self->b, self->any);
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	EXPECT_EQ(0, l4shmc_wait_any_to(LONG, &self->any));
	EXPECT_EQ(&self->a, self->any);
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	EXPECT_EQ(0, l4shmc_wait_any_to(L4_IPC_BOTH_TIMEOUT_0, &self->any));
	EXPECT_EQ(&self->a, self->any);
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_b));
	EXPECT_EQ(0, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(&self->b, self->any);
	self->any = NULL;
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(NULL, self->any);
}

TEST_F(lib_waitset, refuses)
{
	static const char *const names[] = { NULL, "", ".", "@client", "a/b", "a\nb" };
	const char *longer = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	static const l4_cap_idx_t threads[] = { L4_INVALID_CAP, 0, 1, ~0UL, 0x7ffff000UL };
	l4shmc_area_t *area = &self->lib.area, watcher, none = { 0 };
	l4shmc_signal_t signal;

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(-L4_EINVAL, l4shmc_attach_signal(area, names[i], ME, &signal));
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++) {
		EXPECT_EQ(-L4_EINVAL, l4shmc_attach_signal(area, "a", threads[i], &signal));
		EXPECT_EQ(-L4_EINVAL, l4shmc_attach_signal_to(area, "a", threads[i], 1, &signal));
	}
	/* The capability of a signal is none of a thread. */
	EXPECT_EQ(-L4_EINVAL,
		  l4shmc_attach_signal(area, "a", l4shmc_signal_cap(&self->a), &signal));
	EXPECT_EQ(-L4_ENAMETOOLONG, l4shmc_attach_signal(area, longer, ME, &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_signal(area, "a", ME, NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_signal(NULL, "a", ME, &signal));
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_signal(&none, "a", ME, &signal));
	EXPECT_EQ(self->fds, open_fds());
	EXPECT_EQ(0, bindings(self, "a"));
	ASSERT_EQ(0, l4shmc_attach_flags(self->lib.name, 0, L4SHMC_OBSERVER, &watcher));
	EXPECT_EQ(-L4_EPERM, l4shmc_attach_signal(&watcher, "a", ME, &signal));
}

TEST_F(lib_waitset, attached_again_it_moves_with_what_is_pending)
{
	l4shmc_signal_t second;

	attach_ab(_metadata, self);
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "a", ME, &second));
	EXPECT_EQ(0, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(&second, self->any);
	/* To another attachment of the process as well, and back */
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	ASSERT_EQ(0, l4shmc_attach_signal(&self->peer, "a", ME, &self->theirs_a));
	EXPECT_EQ(1, bindings(self, "a"));
	EXPECT_EQ(0, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(&self->theirs_a, self->any);
	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "a", ME, &self->a));
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	EXPECT_EQ(0, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(&self->a, self->any);
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(self->fds + 1, open_fds());
}

TEST_F(lib_waitset, signals_of_two_areas_and_of_the_driver)
{
	l4shmc_area_t other, late;
	l4shmc_signal_t far, clients;

	ASSERT_EQ(0, l4shmc_create_area(self->lib.other, 4096, 0600, 0));
	ASSERT_EQ(0, l4shmc_attach(self->lib.other, &other));
	ASSERT_EQ(0, l4shmc_attach_signal(&other, "a", ME, &far));
	attach_ab(_metadata, self);
	ASSERT_EQ(0, l4shmc_trigger(&far));
	ASSERT_EQ(0, l4shmc_trigger(&self->a));
	EXPECT_EQ(0, l4shmc_wait_any(&self->any));
	EXPECT_EQ(&far, self->any);
	EXPECT_EQ(0, l4shmc_wait_any(&self->any));
	EXPECT_EQ(&self->a, self->any);
	/* Its descriptor can stand beside the set's in a loop of one's own. */
	ASSERT_EQ(0, l4shmc_get_clients_signal(&other, &clients));
	ASSERT_EQ(0, l4shmc_attach(self->lib.other, &late));
	EXPECT_EQ(0, l4shmc_wait_signal_try(&clients));
	EXPECT_EQ(0, l4shmc_detach(&other));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&self->any));
}

TEST_F(lib_waitset, clients_signal_has_a_name_like_others)
{
	l4shmc_signal_t clients, again;
	l4shmc_area_t third;

	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "@clients", ME, &clients));
	ASSERT_EQ(0, l4shmc_get_signal(&self->lib.area, "@clients", &again));
	EXPECT_EQ(l4shmc_signal_cap(&clients), l4shmc_signal_cap(&again));
	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "a", ME, &self->a));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&self->any));
	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &third));
	EXPECT_EQ(0, l4shmc_wait_any(&self->any));
	EXPECT_EQ(&clients, self->any);
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	EXPECT_EQ(0, l4shmc_wait_any(&self->any));
	EXPECT_EQ(&self->a, self->any);
	ASSERT_EQ(0, l4shmc_detach(&third));
	EXPECT_EQ(0, l4shmc_wait_any(&self->any));
	EXPECT_EQ(&clients, self->any);
	/* It is the driver's, and does not count. */
	EXPECT_EQ(-L4_EPERM, l4shmc_trigger(&clients));
	EXPECT_EQ(-L4_EEXIST, l4shmc_add_counting_signal(&self->lib.area, "@clients", &again));
}

TEST_F(lib_waitset, counting_signal_is_told_once_a_trigger)
{
	l4shmc_signal_t counting;
	unsigned int taken = 0;

	ASSERT_EQ(0, l4shmc_add_counting_signal(&self->lib.area, "n", &counting));
	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "n", ME, &counting));
	for (unsigned int i = 0; i < 100; i++)
		ASSERT_EQ(0, l4shmc_trigger(&counting));
	while (l4shmc_wait_any_try(&self->any) == 0)
		taken += self->any == &counting;
	EXPECT_EQ(100, taken);
}

TEST_F(lib_waitset, event_is_taken_in_either_way_once)
{
	attach_ab(_metadata, self);
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	EXPECT_EQ(0, l4shmc_wait_signal_try(&self->a));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&self->any));
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	EXPECT_EQ(0, l4shmc_wait_any(&self->any));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_signal_try(&self->a));
	EXPECT_EQ(0, l4shmc_enable_signal(&self->a));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&self->any));
}

#define SIGNALS 100

TEST_F(lib_waitset, signals_take_turns)
{
	static l4shmc_signal_t signals[SIGNALS];
	unsigned int of[SIGNALS] = { 0 };
	char name[16];

	for (unsigned int i = 0; i < SIGNALS; i++) {
		snprintf(name, sizeof(name), "turn%u", i);
		ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, name, ME, &signals[i]));
		ASSERT_EQ(0, l4shmc_trigger(&signals[i]));
	}
	/* Whatever was told is triggered again at once. */
	for (unsigned int i = 0; i < 10 * SIGNALS; i++) {
		ASSERT_EQ(0, l4shmc_wait_any(&self->any));
		of[self->any - signals]++;
		ASSERT_EQ(0, l4shmc_trigger(self->any));
	}
	for (unsigned int i = 0; i < SIGNALS; i++)
		EXPECT_EQ(10, of[i]);
	/* One descriptor for each signal, and one for the set */
	EXPECT_EQ(self->fds + SIGNALS + 1, open_fds());
}

/* Time */

TEST_F(lib_waitset, time_is_over)
{
	__u64 start;

	attach_ab(_metadata, self);
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_to(L4_IPC_BOTH_TIMEOUT_0, &self->any));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_to(L4_IPC_RECV_TIMEOUT_0, &self->any));
	start = now_ns();
	EXPECT_EQ(TIMED_OUT,
		  l4shmc_wait_any_to(l4_timeout(L4_IPC_TIMEOUT_NEVER, l4_timeout_from_us(30000)),
				     &self->any));
	EXPECT_GE(now_ns() - start, 30 * NS_PER_MS);
	start = now_ns();
	interrupt_every(1000);
	EXPECT_EQ(TIMED_OUT,
		  l4shmc_wait_any_to(l4_timeout(L4_IPC_TIMEOUT_NEVER, l4_timeout_from_us(60000)),
				     &self->any));
	interrupt_every(0);
	EXPECT_GE(now_ns() - start, 60 * NS_PER_MS);
	EXPECT_LE(now_ns() - start, HANG_NS);
	start = now_ns();
	EXPECT_EQ(TIMED_OUT,
		  l4shmc_wait_any_to(l4_timeout(L4_IPC_TIMEOUT_NEVER,
						l4_timeout_abs(l4_kip_clock(NULL) + 30000, 1)),
				     &self->any));
	EXPECT_GE(now_ns() - start, 30 * NS_PER_MS);
	EXPECT_EQ(NULL, self->any);
}

static int trigger_slowly(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;

	for (unsigned int i = 0; i < 100; i++) {
		CHECK(l4shmc_trigger(i % 2 ? &self->theirs_a : &self->theirs_b) == 0);
		nap_us(700);
	}
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	CHECK(l4shmc_trigger(&self->theirs_a) == 0);
	return 0;
}

TEST_F(lib_waitset, attack_09_handlers_do_not_end_a_wait)
{
	pid_t child;

	attach_ab(_metadata, self);
	child = spawn(trigger_slowly, self);
	interrupt_every(1000);
	do {
		ASSERT_EQ(0, l4shmc_wait_any(&self->any));
	} while (!__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE));
	interrupt_every(0);
	EXPECT_EQ(0, reap(child));
}

static int answer(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;
	l4shmc_signal_t *any = NULL, mine;

	CHECK(l4shmc_attach_signal(&self->peer, "a", ME, &mine) == 0);
	make_step(self, 1);
	for (unsigned int i = rounds(1000); i > 0; i--) {
		CHECK(l4shmc_wait_any(&any) == 0);
		CHECK(any == &mine);
		CHECK(l4shmc_trigger(&self->theirs_b) == 0);
	}
	return 0;
}

TEST_F(lib_waitset, attack_36_no_wake_up_is_lost)
{
	pid_t child;

	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "b", ME, &self->b));
	child = spawn(answer, self);
	ASSERT_TRUE(step_is(self, 1));
	for (unsigned int i = rounds(1000); i > 0; i--) {
		ASSERT_EQ(0, l4shmc_trigger(&self->a));
		ASSERT_EQ(0, l4shmc_wait_any(&self->any));
	}
	EXPECT_EQ(0, reap(child));
}

/* The descriptor, in a loop of one's own */

TEST_F(lib_waitset, descriptor_is_readable_while_pending)
{
	struct pollfd poller = { .events = POLLIN };
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	/* It is there before anything is bound. */
	poller.fd = l4shmc_wait_any_fd();
	ASSERT_GE(poller.fd, 0);
	EXPECT_EQ(FD_CLOEXEC, fcntl(poller.fd, F_GETFD));
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, poller.fd, &event));
	EXPECT_EQ(0, poll(&poller, 1, 0));
	attach_ab(_metadata, self);
	EXPECT_EQ(poller.fd, l4shmc_wait_any_fd());
	for (unsigned int i = 0; i < 3; i++) {
		ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
		EXPECT_EQ(1, poll(&poller, 1, -1));
		EXPECT_EQ(1, epoll_wait(epoll, &event, 1, -1));
		EXPECT_EQ(0, l4shmc_wait_any_try(&self->any));
		EXPECT_EQ(&self->a, self->any);
		EXPECT_EQ(0, poll(&poller, 1, 0));
		EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	}
}

TEST_F(lib_waitset, signal_cap)
{
	l4shmc_signal_t copy = self->a, none = { 0 }, garbage;

	memset(&garbage, 0xa5, sizeof(garbage));
	EXPECT_TRUE(l4_is_valid_cap(l4shmc_signal_cap(&self->a)));
	EXPECT_EQ(l4shmc_signal_cap(&self->a), l4shmc_signal_cap(&copy));
	EXPECT_NE(l4shmc_signal_cap(&self->a), l4shmc_signal_cap(&self->b));
	EXPECT_NE(l4shmc_signal_cap(&self->a), ME);
	EXPECT_TRUE(l4_is_invalid_cap(l4shmc_signal_cap(NULL)));
	EXPECT_TRUE(l4_is_invalid_cap(l4shmc_signal_cap(&none)));
	EXPECT_TRUE(l4_is_invalid_cap(l4shmc_signal_cap(&garbage)));
	ASSERT_EQ(0, l4shmc_detach(&self->lib.area));
	EXPECT_TRUE(l4_is_invalid_cap(l4shmc_signal_cap(&self->a)));
	EXPECT_TRUE(l4_is_invalid_cap(l4shmc_signal_cap(&copy)));
}

/* Threads */

/* Takes one event of whatever is bound to this thread. */
static void *take_one(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;
	l4shmc_signal_t *any = NULL;

	if (l4shmc_wait_any_to(LONG, &any))
		return NULL;
	__atomic_fetch_add(&self->shared->taken, 1, __ATOMIC_SEQ_CST);
	return any;
}

TEST_F(lib_waitset, of_another_thread)
{
	pthread_t thread;
	void *told;

	for (unsigned int i = 0; i < 20; i++) {
		ASSERT_EQ(0, pthread_create(&thread, NULL, take_one, self));
		/* It may have begun to wait, or not have begun at all. */
		if (i % 2)
			nap_us(5000);
		ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "a", pthread_l4_cap(thread),
						  &self->a));
		ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
		ASSERT_EQ(0, pthread_join(thread, &told));
		EXPECT_EQ(&self->a, told);
		/* With its thread the wait set has ended. */
		EXPECT_EQ(self->fds, open_fds());
		EXPECT_EQ(0, bindings(self, "a"));
	}
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any(&self->any));
}

TEST_F(lib_waitset, moves_to_a_thread_that_sleeps)
{
	pthread_t thread;
	void *told;

	attach_ab(_metadata, self);
	/* Pending here, taken there */
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	ASSERT_EQ(0, pthread_create(&thread, NULL, take_one, self));
	nap_us(5000);
	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "a", pthread_l4_cap(thread), &self->a));
	ASSERT_EQ(0, pthread_join(thread, &told));
	EXPECT_EQ(&self->a, told);
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(0, bindings(self, "a"));
	/* It can be bound again, and the other one still is. */
	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "a", ME, &self->a));
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_b));
	EXPECT_EQ(0, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(&self->b, self->any);
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	EXPECT_EQ(0, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(&self->a, self->any);
}

static void *attach_and_end(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;
	l4shmc_signal_t *any = NULL;

	if (l4shmc_attach_signal(&self->lib.area, "a", ME, &self->a) ||
	    l4shmc_wait_any_try(&any) != TIMED_OUT || l4shmc_wait_any_fd() < 0)
		return arg;
	return NULL;
}

TEST_F(lib_waitset, threads_that_end_leave_no_descriptor)
{
	pthread_t thread;
	void *failed;

	for (unsigned int i = 0; i < 200; i++) {
		ASSERT_EQ(0, pthread_create(&thread, NULL, attach_and_end, self));
		ASSERT_EQ(0, pthread_join(thread, &failed));
		ASSERT_EQ(NULL, failed);
	}
	EXPECT_EQ(self->fds, open_fds());
	EXPECT_EQ(0, bindings(self, "a"));
}

/* A thread that was joined may still be listed for a moment. */
static bool alone(void)
{
	struct stat st;

	return WAIT_UNTIL(stat("/proc/self/task", &st) == 0 && st.st_nlink == 3);
}

static void *just_end(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;

	step_is(self, 1);
	return NULL;
}

/* Bound to threads that never look: nobody but the next one in can clean up. */
TEST_F(lib_waitset, thread_that_never_waits)
{
	pthread_t thread;

	for (unsigned int i = 0; i < 20; i++) {
		make_step(self, 0);
		ASSERT_EQ(0, pthread_create(&thread, NULL, just_end, self));
		ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, i % 2 ? "a" : "b",
						  pthread_l4_cap(thread),
						  i % 2 ? &self->a : &self->b));
		make_step(self, 1);
		ASSERT_EQ(0, pthread_join(thread, NULL));
		ASSERT_TRUE(alone());
		/* That of the last one, and of none before it */
		EXPECT_EQ(self->fds + 1, open_fds());
	}
	attach_ab(_metadata, self);
	EXPECT_EQ(self->fds + 1, open_fds());
	EXPECT_EQ(1, bindings(self, "a"));
	EXPECT_EQ(1, bindings(self, "b"));
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	EXPECT_EQ(0, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(&self->a, self->any);
}

struct thread {
	pid_t tid;
	long waited;
};

static void *look_and_end(void *arg)
{
	struct thread *thread = arg;
	l4shmc_signal_t *any;

	thread->tid = (pid_t)syscall(SYS_gettid);
	thread->waited = l4shmc_wait_any(&any);
	return NULL;
}

/* What was bound to the one that ended is nothing to the next one of that number. */
TEST_F(lib_waitset, number_of_a_thread_is_used_again)
{
	l4_cap_idx_t cap = L4_INVALID_CAP;
	struct thread next = { 0 };
	pthread_t thread;
	char last[16];
	pid_t tid;

	make_step(self, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, just_end, self));
	cap = pthread_l4_cap(thread);
	tid = (pid_t)l4_debugger_global_id(cap);
	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "a", cap, &self->a));
	make_step(self, 1);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_TRUE(alone());
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	/* More than the 10 ms in which the kernel tells when a thread has started */
	nap_us(50000);
	snprintf(last, sizeof(last), "%d", tid - 1);
	/* Others may be faster now and then. */
	for (unsigned int i = 0; i < 100 && next.tid != tid; i++) {
		if (!write_text("/proc/sys/kernel/ns_last_pid", last))
			SKIP(return, "the next number cannot be chosen");
		ASSERT_EQ(0, pthread_create(&thread, NULL, look_and_end, &next));
		ASSERT_EQ(0, pthread_join(thread, NULL));
		EXPECT_EQ(-L4_EINVAL, next.waited);
	}
	EXPECT_EQ(tid, next.tid);
}

TEST_F(lib_waitset, capability_of_a_thread_that_has_ended)
{
	l4_cap_idx_t cap;
	pthread_t thread;

	make_step(self, 1);
	ASSERT_EQ(0, pthread_create(&thread, NULL, just_end, self));
	cap = pthread_l4_cap(thread);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_TRUE(alone());
	EXPECT_EQ(-L4_EINVAL, l4shmc_attach_signal(&self->lib.area, "a", cap, &self->a));
	EXPECT_EQ(self->fds, open_fds());
	EXPECT_EQ(0, bindings(self, "a"));
}

static int cap_of_another_process(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;
	l4_cap_idx_t cap;

	/* The parent has written its own here. */
	memcpy(&cap, self->shared + 1, sizeof(cap));
	CHECK(l4shmc_attach_signal(&self->lib.area, "a", cap, &self->a) == -L4_EINVAL);
	CHECK(l4shmc_attach_signal(&self->lib.area, "a", ME, &self->a) == 0);
	return 0;
}

TEST_F(lib_waitset, capability_of_another_process)
{
	l4_cap_idx_t cap = ME;

	memcpy(self->shared + 1, &cap, sizeof(cap));
	EXPECT_EQ(0, run_child(cap_of_another_process, self));
}

#define THREADS 8

static void *take_until_stopped(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;
	l4shmc_signal_t mine, *any = NULL;
	char name[16];
	long ret;

	snprintf(name, sizeof(name), "t%u", __atomic_fetch_add(&self->shared->step, 1,
							       __ATOMIC_SEQ_CST));
	if (l4shmc_attach_signal(&self->lib.area, name, ME, &mine))
		return arg;
	while (!__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE)) {
		ret = l4shmc_wait_any(&any);
		if (ret || any != &mine)
			return arg;
		__atomic_fetch_add(&self->shared->taken, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* Each has a set of its own, and is woken by its own signal only. */
TEST_F(lib_waitset, many_threads_at_once)
{
	l4shmc_signal_t signals[THREADS];
	pthread_t threads[THREADS];
	char name[16];
	void *failed;

	for (unsigned int i = 0; i < THREADS; i++) {
		snprintf(name, sizeof(name), "t%u", i);
		ASSERT_EQ(0, l4shmc_add_signal(&self->lib.area, name, &signals[i]));
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, take_until_stopped, self));
	}
	ASSERT_TRUE(step_is(self, THREADS));
	for (unsigned int i = 1; i <= 20; i++) {
		for (unsigned int at = 0; at < THREADS; at++)
			ASSERT_EQ(0, l4shmc_trigger(&signals[at]));
		ASSERT_TRUE(WAIT_UNTIL(self->shared->taken == i * THREADS));
	}
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	/* Any thread may have any of them. */
	for (unsigned int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, l4shmc_trigger(&signals[i]));
	for (unsigned int i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &failed));
		EXPECT_EQ(NULL, failed);
	}
	EXPECT_EQ(self->fds + THREADS, open_fds());
}

static void *move_about(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;
	l4shmc_signal_t mine, *any;

	for (unsigned int i = rounds(200); i > 0; i--) {
		if (l4shmc_attach_signal(i % 2 ? &self->lib.area : &self->peer, "a", ME, &mine) ||
		    l4shmc_trigger(&mine))
			return arg;
		/* It may be bound elsewhere by now. */
		any = NULL;
		if (l4shmc_wait_any_try(&any) == 0 && any != &mine)
			return arg;
	}
	return NULL;
}

TEST_F(lib_waitset, threads_that_fight_for_a_signal)
{
	pthread_t threads[THREADS];
	void *failed;

	for (unsigned int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, move_about, self));
	for (unsigned int i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &failed));
		EXPECT_EQ(NULL, failed);
	}
	EXPECT_EQ(self->fds, open_fds());
	EXPECT_EQ(0, bindings(self, "a"));
}

/* Attachments */

TEST_F(lib_waitset, detached_while_bound)
{
	attach_ab(_metadata, self);
	ASSERT_EQ(0, l4shmc_attach_signal(&self->peer, "far", ME, &self->theirs_a));
	ASSERT_EQ(0, l4shmc_trigger(&self->a));
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	ASSERT_EQ(0, l4shmc_detach(&self->lib.area));
	EXPECT_EQ(0, bindings(self, "a"));
	EXPECT_EQ(0, bindings(self, "b"));
	/* What was bound through the other attachment still is. */
	EXPECT_EQ(0, l4shmc_wait_any(&self->any));
	EXPECT_EQ(&self->theirs_a, self->any);
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&self->any));
	ASSERT_EQ(0, l4shmc_detach(&self->peer));
	/* A descriptor is left, of a set with nothing in it. */
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any(&self->any));
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_to(SHORT, &self->any));
}

/* The binding has moved on: it is no longer the first one's to end. */
TEST_F(lib_waitset, detached_after_the_binding_has_moved)
{
	l4shmc_signal_t mine;

	attach_ab(_metadata, self);
	ASSERT_EQ(0, l4shmc_attach_signal(&self->peer, "a", ME, &mine));
	ASSERT_EQ(0, l4shmc_detach(&self->lib.area));
	EXPECT_EQ(1, bindings(self, "a"));
	ASSERT_EQ(0, l4shmc_trigger(&mine));
	EXPECT_EQ(0, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(&mine, self->any);
}

TEST_F(lib_waitset, attached_and_detached_again_and_again)
{
	l4shmc_signal_t mine;
	l4shmc_area_t area;

	attach_ab(_metadata, self);
	for (unsigned int i = 0; i < 100; i++) {
		ASSERT_EQ(0, l4shmc_attach(self->lib.name, &area));
		ASSERT_EQ(0, l4shmc_attach_signal(&area, "a", ME, &mine));
		ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
		ASSERT_EQ(0, l4shmc_wait_any_try(&self->any));
		ASSERT_EQ(&mine, self->any);
		ASSERT_EQ(0, l4shmc_detach(&area));
	}
	EXPECT_EQ(self->fds + 1, open_fds());
	EXPECT_EQ(0, bindings(self, "a"));
	EXPECT_EQ(1, bindings(self, "b"));
}

TEST_F(lib_waitset, binding_does_not_keep_an_area_that_was_left)
{
	attach_ab(_metadata, self);
	ASSERT_EQ(0, l4shmc_detach(&self->lib.area));
	ASSERT_EQ(0, l4shmc_detach(&self->peer));
	EXPECT_TRUE(sysfs_has(self->lib.name));
	ASSERT_EQ(0, l4shmc_destroy(self->lib.name));
	EXPECT_FALSE(sysfs_has(self->lib.name));
	EXPECT_EQ(-L4_ENOENT, l4shmc_attach(self->lib.name, &self->peer));
}

/* Processes */

static int child_has_none_of_it(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;
	l4shmc_signal_t mine, *any = NULL;

	/* The wait set is the parent's, and so is what is pending. */
	CHECK(l4shmc_wait_any_try(&any) == TIMED_OUT);
	CHECK(l4shmc_wait_any(&any) == -L4_EINVAL);
	CHECK(open_fds() == self->fds);
	CHECK(l4shmc_attach_signal(&self->peer, "b", ME, &mine) == 0);
	CHECK(l4shmc_trigger(&self->theirs_b) == 0);
	CHECK(l4shmc_wait_any_to(LONG, &any) == 0);
	CHECK(any == &mine);
	CHECK(open_fds() == self->fds + 1);
	return 0;
}

TEST_F(lib_waitset, fork)
{
	attach_ab(_metadata, self);
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	EXPECT_EQ(0, run_child(child_has_none_of_it, self));
	EXPECT_EQ(self->fds + 1, open_fds());
	EXPECT_EQ(1, bindings(self, "a"));
	EXPECT_EQ(0, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(&self->a, self->any);
	/* "b" went to the child's set as well, which took the event. */
	EXPECT_EQ(1, bindings(self, "b"));
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_b));
	EXPECT_EQ(0, l4shmc_wait_any_try(&self->any));
	EXPECT_EQ(&self->b, self->any);
}

static void *fork_in_a_thread(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;
	l4shmc_signal_t mine, *any = NULL;
	pid_t child;

	if (l4shmc_attach_signal(&self->lib.area, "b", ME, &mine))
		return arg;
	self->fds = open_fds() - 2;
	child = spawn(child_has_none_of_it, self);
	if (reap(child) || l4shmc_trigger(&mine) || l4shmc_wait_any_try(&any) || any != &mine)
		return arg;
	return NULL;
}

TEST_F(lib_waitset, fork_in_a_thread)
{
	pthread_t thread;
	void *failed;

	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "a", ME, &self->a));
	ASSERT_EQ(0, pthread_create(&thread, NULL, fork_in_a_thread, self));
	ASSERT_EQ(0, pthread_join(thread, &failed));
	EXPECT_EQ(NULL, failed);
	EXPECT_EQ(1, bindings(self, "a"));
}

static int wait_for_ever(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;
	l4shmc_signal_t mine, *any = NULL;

	CHECK(l4shmc_attach_signal(&self->peer, "a", ME, &mine) == 0);
	l4shmc_wait_any(&any);
	return 1;
}

TEST_F(lib_waitset, killed_waiter_leaves_nothing)
{
	pid_t child = spawn(wait_for_ever, self);

	ASSERT_TRUE(WAIT_UNTIL(bindings(self, "a") == 1 && task_state(child) == 'S'));
	kill_child(child);
	EXPECT_EQ(0, bindings(self, "a"));
	ASSERT_EQ(0, l4shmc_attach_signal(&self->lib.area, "a", ME, &self->a));
	ASSERT_EQ(0, l4shmc_trigger(&self->theirs_a));
	EXPECT_EQ(0, l4shmc_wait_any_try(&self->any));
}

static int attach_without_descriptors(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;
	struct rlimit none = { 0, 0 }, some;
	l4shmc_signal_t mine, *any = NULL;

	CHECK(getrlimit(RLIMIT_NOFILE, &some) == 0);
	none.rlim_max = some.rlim_max;
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK(l4shmc_attach_signal(&self->lib.area, "a", ME, &mine) == -L4_ENOMEM);
	CHECK(l4shmc_wait_any_fd() == -L4_ENOMEM);
	CHECK(setrlimit(RLIMIT_NOFILE, &some) == 0);
	CHECK(l4shmc_attach_signal(&self->lib.area, "a", ME, &mine) == 0);
	CHECK(l4shmc_trigger(&mine) == 0);
	CHECK(l4shmc_wait_any(&any) == 0);
	CHECK(any == &mine);
	return 0;
}

static void *attach_and_wait_without_descriptors(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;
	l4shmc_signal_t *any = NULL;

	/* Another thread has attached it; that looks for this one's start, too. */
	make_step(self, 1);
	CHECK(step_is(self, 2));
	CHECK(l4shmc_wait_any(&any) == 0);
	CHECK(any == &self->b);
	return NULL;
}

/* What is bound stays so, however few descriptors there are afterwards. */
static int wait_without_descriptors(void *arg)
{
	FIXTURE_DATA(lib_waitset) *self = arg;
	struct rlimit none = { 0, 0 };
	l4shmc_signal_t *any = NULL;
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, attach_and_wait_without_descriptors, self) == 0);
	CHECK(step_is(self, 1));
	CHECK(l4shmc_attach_signal(&self->lib.area, "a", ME, &self->a) == 0);
	CHECK(l4shmc_attach_signal(&self->lib.area, "b", pthread_l4_cap(thread), &self->b) == 0);
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK(l4shmc_trigger(&self->a) == 0 && l4shmc_trigger(&self->b) == 0);
	CHECK(l4shmc_wait_any(&any) == 0);
	CHECK(any == &self->a);
	/* Which looks for wait sets that nobody needs any more. */
	CHECK(l4shmc_attach_signal(&self->lib.area, "a", ME, &self->a) == 0);
	make_step(self, 2);
	return pthread_join(thread, NULL);
}

TEST_F(lib_waitset, attack_48_bound_and_no_free_descriptor)
{
	EXPECT_EQ(0, run_child(wait_without_descriptors, self));
}

TEST_F(lib_waitset, attack_48_no_free_descriptor)
{
	EXPECT_EQ(0, run_child(attach_without_descriptors, self));
}

TEST_HARNESS_MAIN
