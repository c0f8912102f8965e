// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wait sets: what is bound and told, in which order, who is woken, handlers
 * that interrupt, the descriptor in poll and epoll, and the end of signals,
 * sets and waiters.  Most tests run for signals that coalesce and for signals
 * that count.
 */
#include "common.h"

#include <sys/epoll.h>
#include <sys/param.h>
#include <sys/ptrace.h>

#define A 0xa5a5a5a5a5a5a5a5ULL
#define B 0xbULL
#define C ~0ULL

FIXTURE(waitset)
{
	struct area area;
	union l4shmc_record *control;
	struct l4shmc_signal_record *a_record, *b_record;
	int a, b, c;
	int set;
	__u64 label;
	/* Of a thread that takes, once it runs */
	__u32 tid;
	/* What children and threads share with the test */
	struct {
		unsigned int taken, stop, failed;
		unsigned int of[64];
	} *shared;
	bool counting;
};

FIXTURE_VARIANT(waitset)
{
	__u32 flags;
};

FIXTURE_VARIANT_ADD(waitset, coalescing)
{
	.flags = 0,
};

FIXTURE_VARIANT_ADD(waitset, counting)
{
	.flags = L4SHMC_SIGNAL_COUNTING,
};

FIXTURE_SETUP(waitset)
{
	if (!make_area_with_records(_metadata, &self->area, &self->control))
		return;
	self->a = signal_open(self->area.fd, "a", variant->flags);
	self->b = signal_open(self->area.fd, "b", variant->flags);
	self->c = signal_open(self->area.fd, "c", variant->flags);
	ASSERT_GE(self->c, 0);
	self->a_record = signal_record(self->control, self->a);
	self->b_record = signal_record(self->control, self->b);
	ASSERT_NE(NULL, self->b_record);
	self->set = waitset_make(self->area.dev);
	ASSERT_GE(self->set, 0);
	self->counting = variant->flags & L4SHMC_SIGNAL_COUNTING;
	self->shared = shared_page();
	ASSERT_NE(NULL, self->shared);
}

FIXTURE_TEARDOWN(waitset)
{
	drop_area(&self->area);
}

/* Binds all three. */
static void bind_abc(struct __test_metadata *_metadata, FIXTURE_DATA(waitset) * self)
{
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, waitset_bind(self->set, self->b, B));
	ASSERT_EQ(0, waitset_bind(self->set, self->c, C));
}

static void trigger_abc(struct __test_metadata *_metadata, FIXTURE_DATA(waitset) * self)
{
	ASSERT_EQ(0, signal_trigger(self->a));
	ASSERT_EQ(0, signal_trigger(self->b));
	ASSERT_EQ(0, signal_trigger(self->c));
}

/* Looks for one event; the result is the label's, 0 if there is none. */
static __u64 next_label(int set)
{
	__u64 label = 0;

	return waitset_wait(set, &label, 1, 0) == 1 ? label : 0;
}

static bool is_readable(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	return poll(&poller, 1, 0) == 1;
}

static pid_t own_tid(void)
{
	return (pid_t)syscall(SYS_gettid);
}

/* Binding */

TEST_F(waitset, without_signals_has_no_events)
{
	__u64 start = now_ns();

	EXPECT_ERR(ETIMEDOUT, waitset_wait(self->set, &self->label, 1, 0));
	EXPECT_ERR(ETIMEDOUT, waitset_wait(self->set, &self->label, 1, NS_PER_MS));
	EXPECT_GE(now_ns() - start, NS_PER_MS);
	EXPECT_FALSE(is_readable(self->set));
	EXPECT_EQ(0, self->label);
}

TEST_F(waitset, needs_no_more_than_an_open_device)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };

	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++) {
		int dev = device_open(modes[i]), set = waitset_make(dev);

		ASSERT_GE(set, 0);
		EXPECT_EQ(FD_CLOEXEC, fcntl(set, F_GETFD));
		/* It outlives the descriptor that it was made on. */
		close(dev);
		EXPECT_EQ(0, waitset_bind(set, self->a, A));
		close(set);
	}
}

TEST_F(waitset, attack_40_bind_checks_its_signal)
{
	int pipes[2], closed = dup(self->a), path = open(DEVICE, O_PATH), copy = dup(self->a);
	int other = waitset_make(self->area.dev);

	ASSERT_EQ(0, pipe(pipes));
	close(closed);
	EXPECT_ERR(EBADF, waitset_bind(self->set, -1, A));
	EXPECT_ERR(EBADF, waitset_bind(self->set, closed, A));
	EXPECT_ERR(EBADF, waitset_bind(self->set, 0x7fffffff, A));
	EXPECT_ERR(EBADF, waitset_bind(self->set, path, A));
	EXPECT_ERR(EINVAL, waitset_bind(self->set, pipes[0], A));
	EXPECT_ERR(EINVAL, waitset_bind(self->set, self->area.dev, A));
	EXPECT_ERR(EINVAL, waitset_bind(self->set, self->area.handle, A));
	EXPECT_ERR(EINVAL, waitset_bind(self->set, self->area.fd, A));
	EXPECT_ERR(EINVAL, waitset_bind(self->set, self->set, A));
	EXPECT_ERR(EINVAL, waitset_bind(self->set, other, A));
	EXPECT_EQ(0, signal_bindings(self->area.name, "a"));
	EXPECT_EQ(0, waitset_bind(self->set, copy, A));
	EXPECT_EQ(1, signal_bindings(self->area.name, "a"));
}

TEST_F(waitset, attack_40_unbind_checks_its_signal)
{
	int pipes[2], closed = dup(self->a), path = open(DEVICE, O_PATH);

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	close(closed);
	EXPECT_ERR(EBADF, waitset_unbind(self->set, -1));
	EXPECT_ERR(EBADF, waitset_unbind(self->set, closed));
	EXPECT_ERR(EBADF, waitset_unbind(self->set, path));
	EXPECT_ERR(EINVAL, waitset_unbind(self->set, pipes[0]));
	EXPECT_ERR(EINVAL, waitset_unbind(self->set, self->area.fd));
	EXPECT_ERR(EINVAL, waitset_unbind(self->set, self->set));
	EXPECT_ERR(ENOENT, waitset_unbind(self->set, self->b));
	EXPECT_ERR(ENOENT, waitset_unbind(waitset_make(self->area.dev), self->a));
	EXPECT_EQ(1, signal_bindings(self->area.name, "a"));
	EXPECT_EQ(0, waitset_unbind(self->set, self->a));
	EXPECT_EQ(0, signal_bindings(self->area.name, "a"));
	EXPECT_ERR(ENOENT, waitset_unbind(self->set, self->a));
}

TEST_F(waitset, attack_40_signal_is_bound_once)
{
	int again = signal_open(area_attach(self->area.handle, "", 0), "a", 0);

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	EXPECT_ERR(EEXIST, waitset_bind(self->set, self->a, B));
	EXPECT_ERR(EEXIST, waitset_bind(self->set, dup(self->a), B));
	/* Whatever it was opened through, it is the same signal. */
	EXPECT_ERR(EEXIST, waitset_bind(self->set, again, B));
	EXPECT_EQ(1, signal_bindings(self->area.name, "a"));
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_EQ(0, next_label(self->set));
	EXPECT_EQ(0, waitset_unbind(self->set, again));
	EXPECT_EQ(0, waitset_bind(self->set, again, B));
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(B, next_label(self->set));
}

TEST_F(waitset, labels_are_told_as_they_are)
{
	static const __u64 labels[] = { 0, 1, 0x80000000, 0x100000000, 1ULL << 63, ~0ULL };

	for (unsigned int i = 0; i < ARRAY_SIZE(labels); i++) {
		self->label = ~labels[i];
		ASSERT_EQ(0, waitset_bind(self->set, self->a, labels[i]));
		ASSERT_EQ(0, signal_trigger(self->a));
		EXPECT_EQ(1, waitset_wait(self->set, &self->label, 1, 0));
		EXPECT_EQ(labels[i], self->label);
		ASSERT_EQ(0, waitset_unbind(self->set, self->a));
	}
}

TEST_F(waitset, pending_event_counts_when_it_is_bound)
{
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	EXPECT_TRUE(is_readable(self->set));
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_EQ(0, next_label(self->set));
}

TEST_F(waitset, unbound_signal_keeps_its_event)
{
	bind_abc(_metadata, self);
	trigger_abc(_metadata, self);
	EXPECT_EQ(0, waitset_unbind(self->set, self->a));
	EXPECT_EQ(B, next_label(self->set));
	EXPECT_EQ(C, next_label(self->set));
	EXPECT_EQ(0, next_label(self->set));
	EXPECT_EQ(0, signal_wait(self->a, 0));
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(0, next_label(self->set));
	EXPECT_FALSE(is_readable(self->set));
	/* And takes it along to where it is bound next. */
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	EXPECT_EQ(A, next_label(self->set));
}

TEST_F(waitset, bindings_are_counted)
{
	int second = waitset_make(self->area.dev);

	EXPECT_EQ(0, signal_bindings(self->area.name, "a"));
	bind_abc(_metadata, self);
	ASSERT_EQ(0, waitset_bind(second, self->a, A));
	EXPECT_EQ(2, signal_bindings(self->area.name, "a"));
	EXPECT_EQ(1, signal_bindings(self->area.name, "b"));
	/* They are no sleepers. */
	EXPECT_EQ(0, signal_waiters(self->area.name, "a"));
	EXPECT_EQ(0, waitset_unbind(self->set, self->a));
	EXPECT_EQ(1, signal_bindings(self->area.name, "a"));
	close(second);
	EXPECT_EQ(0, signal_bindings(self->area.name, "a"));
	EXPECT_EQ(0, self->a_record->armed);
	close(self->set);
	EXPECT_EQ(0, signal_bindings(self->area.name, "b"));
	EXPECT_EQ(0, self->b_record->armed);
}

/* While an event is on its way to a waiter, triggers need no system call. */
TEST_F(waitset, ready_signal_is_not_armed)
{
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	EXPECT_NE(0, self->a_record->armed);
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	EXPECT_EQ(0, self->a_record->armed);
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_NE(0, self->a_record->armed);
	ASSERT_EQ(0, waitset_unbind(self->set, self->a));
	EXPECT_EQ(0, self->a_record->armed);
}

/* Taking events */

TEST_F(waitset, events_coalesce_or_count)
{
	const unsigned int triggers = rounds(1000);
	unsigned int taken = 0;

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	for (unsigned int i = 0; i < triggers; i++)
		ASSERT_EQ(0, i % 2 ? signal_trigger(self->a) :
				     record_trigger(self->a_record, self->a));
	while (next_label(self->set) == A)
		taken++;
	EXPECT_EQ(self->counting ? triggers : 1, taken);
	EXPECT_EQ(triggers, self->a_record->consumed);
}

TEST_F(waitset, several_are_taken_in_their_order)
{
	__u64 labels[4] = { 7, 7, 7, 7 };

	bind_abc(_metadata, self);
	ASSERT_EQ(0, signal_trigger(self->c));
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	ASSERT_EQ(0, signal_trigger(self->b));
	EXPECT_EQ(3, waitset_wait(self->set, labels, 4, L4SHMC_TIMEOUT_NEVER));
	EXPECT_EQ(C, labels[0]);
	EXPECT_EQ(A, labels[1]);
	EXPECT_EQ(B, labels[2]);
	EXPECT_EQ(7, labels[3]);
	EXPECT_EQ(0, next_label(self->set));
}

TEST_F(waitset, what_does_not_fit_comes_next_time)
{
	__u64 labels[2];

	bind_abc(_metadata, self);
	trigger_abc(_metadata, self);
	EXPECT_EQ(2, waitset_wait(self->set, labels, 2, 0));
	EXPECT_EQ(A, labels[0]);
	EXPECT_EQ(B, labels[1]);
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(2, waitset_wait(self->set, labels, 2, 0));
	EXPECT_EQ(C, labels[0]);
	EXPECT_EQ(A, labels[1]);
	EXPECT_EQ(0, next_label(self->set));
}

TEST_F(waitset, signals_take_turns)
{
	bind_abc(_metadata, self);
	trigger_abc(_metadata, self);
	/* Each is triggered again as soon as it was told: it is behind the others now. */
	for (unsigned int i = 0; i < 300; i++) {
		static const __u64 order[] = { A, B, C };
		const int signals[] = { self->a, self->b, self->c };

		ASSERT_EQ(order[i % 3], next_label(self->set));
		ASSERT_EQ(0, signal_trigger(signals[i % 3]));
	}
}

/* Looking changes no order: an event loop polls before each wait. */
TEST_F(waitset, signals_take_turns_when_polled)
{
	unsigned int of_a = 0;

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, waitset_bind(self->set, self->b, B));
	ASSERT_EQ(0, signal_trigger(self->a));
	ASSERT_EQ(0, signal_trigger(self->b));
	for (unsigned int i = 0; i < 100; i++) {
		__u64 label;

		EXPECT_TRUE(is_readable(self->set));
		label = next_label(self->set);
		ASSERT_TRUE(label == A || label == B);
		of_a += label == A;
		ASSERT_EQ(0, signal_trigger(label == A ? self->a : self->b));
	}
	EXPECT_EQ(50, of_a);
}

TEST_F(waitset, backlog_of_one_does_not_hold_up_the_others)
{
	__u64 labels[8];

	bind_abc(_metadata, self);
	for (unsigned int i = 0; i < 5; i++)
		ASSERT_EQ(0, signal_trigger(self->a));
	ASSERT_EQ(0, signal_trigger(self->b));
	ASSERT_EQ(0, signal_trigger(self->b));
	EXPECT_EQ(self->counting ? 7 : 2, waitset_wait(self->set, labels, 8, 0));
	EXPECT_EQ(A, labels[0]);
	EXPECT_EQ(B, labels[1]);
	if (!self->counting)
		return;
	EXPECT_EQ(A, labels[2]);
	EXPECT_EQ(B, labels[3]);
	EXPECT_EQ(A, labels[4]);
	EXPECT_EQ(A, labels[6]);
}

TEST_F(waitset, event_that_another_took_is_not_told)
{
	bind_abc(_metadata, self);
	trigger_abc(_metadata, self);
	EXPECT_EQ(0, signal_wait(self->a, 0));
	EXPECT_TRUE(record_take(self->b_record, self->counting));
	EXPECT_EQ(C, next_label(self->set));
	EXPECT_EQ(0, next_label(self->set));
	EXPECT_FALSE(is_readable(self->set));
	/* The next ones are, also if user space alone triggers them. */
	ASSERT_EQ(0, record_trigger(self->b_record, self->b));
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	EXPECT_EQ(B, next_label(self->set));
	EXPECT_EQ(A, next_label(self->set));
}

TEST_F(waitset, ring_alone_is_no_event)
{
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	for (unsigned int i = 0; i < 10; i++) {
		EXPECT_EQ(0, signal_ring(self->a));
		EXPECT_FALSE(is_readable(self->set));
		EXPECT_EQ(0, signal_ring(self->a));
		EXPECT_ERR(ETIMEDOUT, waitset_wait(self->set, &self->label, 1, 1000));
	}
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	EXPECT_EQ(A, next_label(self->set));
}

TEST_F(waitset, call_rings_a_binding)
{
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	EXPECT_ERR(ETIMEDOUT, signal_call(self->b, self->a, 0));
	EXPECT_EQ(A, next_label(self->set));
	/* A bound signal can be waited for by itself too. */
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(0, signal_call(self->a, self->b, 0));
	EXPECT_EQ(0, next_label(self->set));
}

TEST_F(waitset, attack_43_counters_wrap)
{
	store32(&self->a_record->triggered, 0xfffffffe);
	store32(&self->a_record->consumed, 0xfffffffe);
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	for (unsigned int i = 0; i < 4; i++) {
		EXPECT_EQ(0, next_label(self->set));
		EXPECT_EQ(0, record_trigger(self->a_record, self->a));
		EXPECT_EQ(A, next_label(self->set));
	}
	EXPECT_EQ(2, self->a_record->consumed);
}

/* The next event is what a wait for one takes. */

TEST_F(waitset, next_takes_one_event_at_a_time)
{
	bind_abc(_metadata, self);
	trigger_abc(_metadata, self);
	EXPECT_EQ(1, waitset_next(self->set, &self->label));
	EXPECT_EQ(A, self->label);
	EXPECT_NE(0, self->a_record->armed);
	EXPECT_EQ(1, waitset_next(self->set, &self->label));
	EXPECT_EQ(B, self->label);
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	EXPECT_EQ(1, waitset_next(self->set, &self->label));
	EXPECT_EQ(C, self->label);
	EXPECT_EQ(1, waitset_next(self->set, &self->label));
	EXPECT_EQ(A, self->label);
	EXPECT_EQ(0, next_label(self->set));
}

TEST_F(waitset, next_leaves_out_what_another_took)
{
	bind_abc(_metadata, self);
	trigger_abc(_metadata, self);
	EXPECT_EQ(0, signal_wait(self->a, 0));
	EXPECT_TRUE(record_take(self->b_record, self->counting));
	EXPECT_EQ(1, waitset_next(self->set, &self->label));
	EXPECT_EQ(C, self->label);
	EXPECT_FALSE(is_readable(self->set));
}

TEST_F(waitset, next_is_of_wait_sets_alone)
{
	const int others[] = { self->a, self->area.fd, self->area.handle, self->area.dev };

	for (unsigned int i = 0; i < ARRAY_SIZE(others); i++)
		EXPECT_ERR(ENOTTY, waitset_next(others[i], &self->label));
	EXPECT_EQ(0, self->label);
}

/* Bad arguments, and what they must not lose */

TEST_F(waitset, wait_needs_room)
{
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_ERR(EINVAL, waitset_wait(self->set, &self->label, 0, 0));
	EXPECT_ERR(EINVAL, waitset_wait(self->set, NULL, 0, 0));
	EXPECT_EQ(A, next_label(self->set));
}

TEST_F(waitset, attack_03_event_whose_label_cannot_be_stored_stays)
{
	void *const bad[] = {
		NULL, (void *)1, (void *)(uintptr_t)-4096L, (void *)(uintptr_t)-8L,
#ifdef __x86_64__
		(void *)0xffff888000000000UL, (void *)0x0000800000000000UL,
#endif
	};

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, signal_trigger(self->a));
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_ERR(EFAULT, waitset_wait(self->set, bad[i], 1, 0));
		EXPECT_ERR(EFAULT, waitset_wait(self->set, bad[i], 4, L4SHMC_TIMEOUT_NEVER));
		EXPECT_ERR(EFAULT, waitset_next(self->set, bad[i]));
		EXPECT_TRUE(record_pending(self->a_record));
		EXPECT_TRUE(is_readable(self->set));
	}
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_EQ(0, next_label(self->set));
}

TEST_F(waitset, attack_03_labels_across_a_page_edge)
{
	unsigned char *page = mmap(NULL, 2 * page_size(), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	__u64 *labels = (__u64 *)(page + page_size()) - 2, label;
	__u64 seen = 0;

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, mprotect(page + page_size(), page_size(), PROT_NONE));
	bind_abc(_metadata, self);
	trigger_abc(_metadata, self);
	/* Two can be stored, and these two only have been taken. */
	EXPECT_EQ(2, waitset_wait(self->set, labels, 3, 0));
	seen = labels[0] ^ labels[1];
	EXPECT_EQ(A ^ B, seen);
	EXPECT_ERR(EFAULT, waitset_wait(self->set, labels + 2, 1, 0));
	/* Half of a label fits here, and half of one is none. */
	EXPECT_ERR(EFAULT, waitset_wait(self->set, (__u64 *)((char *)labels + 12), 1, 0));
	EXPECT_ERR(EFAULT, waitset_next(self->set, (__u64 *)((char *)labels + 12)));
	EXPECT_EQ(1, waitset_wait(self->set, &label, 1, 0));
	EXPECT_EQ(C, label);
	EXPECT_EQ(0, next_label(self->set));
}

TEST_F(waitset, attack_03_labels_in_read_only_memory)
{
	__u64 *labels = mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, labels);
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_ERR(EFAULT, waitset_wait(self->set, labels, 1, L4SHMC_TIMEOUT_NEVER));
	EXPECT_ERR(EFAULT, waitset_next(self->set, labels));
	EXPECT_EQ(A, next_label(self->set));
}

/* A page that only appears when it is touched. */
TEST_F(waitset, attack_03_label_in_memory_that_is_not_there_yet)
{
	__u64 *labels = mmap(NULL, 2 * page_size(), PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, labels);
	bind_abc(_metadata, self);
	trigger_abc(_metadata, self);
	EXPECT_EQ(1, waitset_next(self->set, labels));
	EXPECT_EQ(A, labels[0]);
	EXPECT_EQ(2, waitset_wait(self->set, labels + page_size() / sizeof(*labels), 2, 0));
	EXPECT_EQ(0, next_label(self->set));
}

TEST_F(waitset, attack_03_unaligned_labels)
{
	unsigned char bytes[24];
	__u64 label;

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(1, waitset_wait(self->set, (void *)(bytes + 3), 2, 0));
	memcpy(&label, bytes + 3, sizeof(label));
	EXPECT_EQ(A, label);
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(1, waitset_next(self->set, (void *)(bytes + 5)));
	memcpy(&label, bytes + 5, sizeof(label));
	EXPECT_EQ(A, label);
}

/* Their number times their size is more than 32 bits, and more than there is. */
TEST_F(waitset, attack_18_room_without_end)
{
	struct l4shmc_ioc_waitset_wait arg = {
		.size = sizeof(arg), .labels = (uintptr_t)&self->label, .nr_labels = ~0U,
	};

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(1, command(self->set, L4SHMC_IOC_WAITSET_WAIT, &arg));
	EXPECT_EQ(A, self->label);
	ASSERT_EQ(0, signal_trigger(self->a));
	/* Where the labels are is not cut to 32 bits either. */
	arg.labels |= 1ULL << 63;
	EXPECT_ERR(EFAULT, command(self->set, L4SHMC_IOC_WAITSET_WAIT, &arg));
	if (sizeof(void *) == 4) {
		arg.labels = (uintptr_t)&self->label | 1ULL << 32;
		EXPECT_ERR(EFAULT, command(self->set, L4SHMC_IOC_WAITSET_WAIT, &arg));
	}
	EXPECT_EQ(A, next_label(self->set));
}

/* Sleeping */

static int take_one(void *arg)
{
	FIXTURE_DATA(waitset) *self = arg;
	__u64 label;

	CHECK(waitset_next(self->set, &label) == 1);
	CHECK(label == A || label == B || label == C);
	__atomic_fetch_add(&self->shared->taken, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static bool sleeps(pid_t pid)
{
	return WAIT_UNTIL(task_state(pid) == 'S');
}

TEST_F(waitset, sleeper_is_woken)
{
	bind_abc(_metadata, self);
	for (unsigned int i = 0; i < 4; i++) {
		pid_t child = spawn(take_one, self);

		ASSERT_TRUE(sleeps(child));
		/* It sleeps on the set, not on the signal. */
		EXPECT_EQ(0, signal_waiters(self->area.name, "a"));
		EXPECT_EQ(0, i % 2 ? signal_trigger(self->a) :
				     record_trigger(self->b_record, self->b));
		EXPECT_EQ(0, reap(child));
		EXPECT_EQ(0, next_label(self->set));
	}
}

TEST_F(waitset, sleeper_is_woken_by_a_binding_with_an_event)
{
	pid_t child = spawn(take_one, self);

	ASSERT_TRUE(sleeps(child));
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	EXPECT_EQ(0, reap(child));
}

TEST_F(waitset, one_event_wakes_one)
{
	pid_t pids[5];

	bind_abc(_metadata, self);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = spawn(take_one, self);
		ASSERT_TRUE(sleeps(pids[i]));
	}
	for (unsigned int i = 1; i <= ARRAY_SIZE(pids); i++) {
		EXPECT_EQ(0, i % 2 ? signal_trigger(self->a) :
				     record_trigger(self->b_record, self->b));
		EXPECT_TRUE(WAIT_UNTIL(self->shared->taken == i));
		nap_us(2000);
		EXPECT_EQ(i, self->shared->taken);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(0, reap(pids[i]));
}

TEST_F(waitset, two_events_at_once_wake_two)
{
	pid_t first, second;

	bind_abc(_metadata, self);
	for (unsigned int i = rounds(20); i > 0; i--) {
		first = spawn(take_one, self);
		second = spawn(take_one, self);
		ASSERT_TRUE(sleeps(first) && sleeps(second));
		ASSERT_EQ(0, signal_trigger(self->a));
		ASSERT_EQ(0, signal_trigger(self->b));
		ASSERT_EQ(0, reap(first));
		ASSERT_EQ(0, reap(second));
	}
}

TEST_F(waitset, sleeper_goes_on_if_another_was_faster)
{
	pid_t child;

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	child = spawn(take_one, self);
	ASSERT_TRUE(sleeps(child));
	for (unsigned int i = 0; i < 200; i++) {
		/* Rings and takes at once: it may see the event, or sleep on. */
		record_trigger(self->a_record, self->a);
		if (!record_take(self->a_record, false))
			break;
		EXPECT_EQ(0, self->shared->taken);
	}
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	EXPECT_EQ(0, reap(child));
}

TEST_F(waitset, attack_41_timeout_is_never_early)
{
	static const __u64 timeouts[] = { 1, 1000, 100000, NS_PER_MS, 30 * NS_PER_MS };

	bind_abc(_metadata, self);
	for (unsigned int i = 0; i < ARRAY_SIZE(timeouts); i++) {
		__u64 start = now_ns();

		EXPECT_ERR(ETIMEDOUT, waitset_wait(self->set, &self->label, 1, timeouts[i]));
		EXPECT_GE(now_ns() - start, timeouts[i]);
	}
}

static int wait_nearly_for_ever(void *arg)
{
	FIXTURE_DATA(waitset) *self = arg;
	static const __u64 timeouts[] = {
		L4SHMC_TIMEOUT_NEVER - 1, 0x8000000000000000, 0x7fffffffffffffff,
		0x7ffffffffffffffe, L4SHMC_TIMEOUT_NEVER,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(timeouts); i++) {
		CHECK(waitset_wait(self->set, &self->label, 1, timeouts[i]) == 1);
		__atomic_fetch_add(&self->shared->taken, 1, __ATOMIC_SEQ_CST);
	}
	return 0;
}

TEST_F(waitset, attack_41_longest_timeouts_do_not_overflow)
{
	pid_t child;

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	child = spawn(wait_nearly_for_ever, self);
	for (unsigned int i = 0; i < 5; i++) {
		EXPECT_TRUE(sleeps(child));
		nap_us(2000);
		EXPECT_EQ(i, self->shared->taken);
		EXPECT_EQ(0, signal_trigger(self->a));
		EXPECT_TRUE(WAIT_UNTIL(self->shared->taken == i + 1));
	}
	EXPECT_EQ(0, reap(child));
}

TEST_F(waitset, attack_41_event_outranks_time)
{
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	for (unsigned int i = 0; i < 100; i++) {
		ASSERT_EQ(0, signal_trigger(self->a));
		EXPECT_EQ(1, waitset_wait(self->set, &self->label, 1, i));
	}
}

/* Handlers that interrupt */

TEST_F(waitset, interrupted_wait_has_the_rest)
{
	struct l4shmc_ioc_waitset_wait arg = {
		.size = sizeof(arg), .timeout_ns = 200 * NS_PER_MS,
		.labels = (uintptr_t)&self->label, .nr_labels = 1,
	};
	__u64 start = now_ns();
	int result;

	bind_abc(_metadata, self);
	EXPECT_GT(interrupted_command(self->set, L4SHMC_IOC_WAITSET_WAIT, &arg, &arg.timeout_ns,
				      &result), 0);
	EXPECT_ERR(ETIMEDOUT, result);
	EXPECT_GE(now_ns() - start, 200 * NS_PER_MS);
	EXPECT_LE(now_ns() - start, HANG_NS);
	EXPECT_EQ(sizeof(arg), arg.size);
	EXPECT_EQ(1, arg.nr_labels);
}

TEST_F(waitset, interrupted_endless_wait_stays_endless)
{
	struct l4shmc_ioc_waitset_wait arg = {
		.size = sizeof(arg), .timeout_ns = L4SHMC_TIMEOUT_NEVER,
		.labels = (uintptr_t)&self->label, .nr_labels = 1,
	};

	bind_abc(_metadata, self);
	interrupt_every(5000);
	EXPECT_ERR(EINTR, command(self->set, L4SHMC_IOC_WAITSET_WAIT, &arg));
	interrupt_every(0);
	EXPECT_EQ(L4SHMC_TIMEOUT_NEVER, arg.timeout_ns);
}

TEST_F(waitset, next_is_interrupted_or_restarted_as_the_handler_wants_it)
{
	pid_t child;

	bind_abc(_metadata, self);
	interrupt_every(5000);
	EXPECT_ERR(EINTR, waitset_next(self->set, &self->label));
	interrupt_every(0);
	EXPECT_EQ(0, self->label);
	/* A child that is stopped and goes on has no handler. */
	child = spawn(take_one, self);
	ASSERT_TRUE(sleeps(child));
	kill(child, SIGSTOP);
	ASSERT_TRUE(WAIT_UNTIL(task_state(child) == 'T'));
	kill(child, SIGCONT);
	ASSERT_TRUE(sleeps(child));
	ASSERT_EQ(0, signal_trigger(self->b));
	EXPECT_EQ(0, reap(child));
}

TEST_F(waitset, wait_is_restarted_if_the_handler_wants_it)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct itimerval timer = { .it_interval = { 0, 1000 }, .it_value = { 0, 1000 } };
	__u64 start = now_ns();

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	EXPECT_ERR(ETIMEDOUT, waitset_wait(self->set, &self->label, 1, 100 * NS_PER_MS));
	memset(&timer, 0, sizeof(timer));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	EXPECT_GE(now_ns() - start, 100 * NS_PER_MS);
	EXPECT_LE(now_ns() - start, HANG_NS);
}

TEST_F(waitset, attack_03_interrupted_wait_with_a_read_only_struct)
{
	const struct l4shmc_ioc_waitset_wait arg = {
		.size = sizeof(arg), .timeout_ns = L4SHMC_TIMEOUT_NEVER - 1,
		.labels = (uintptr_t)&self->label, .nr_labels = 1,
	};
	void *copy = read_only_copy(&arg, sizeof(arg));

	ASSERT_NE(NULL, copy);
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	interrupt_every(5000);
	EXPECT_ERR(EFAULT, command(self->set, L4SHMC_IOC_WAITSET_WAIT, copy));
	interrupt_every(0);
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(1, command(self->set, L4SHMC_IOC_WAITSET_WAIT, copy));
	EXPECT_EQ(A, self->label);
}

static int trigger_slowly(void *arg)
{
	FIXTURE_DATA(waitset) *self = arg;

	for (unsigned int i = rounds(200); i > 0; i--) {
		CHECK(signal_trigger(i % 2 ? self->a : self->b) == 0);
		nap_us(700);
	}
	return 0;
}

/* Interrupted or not, each event is taken, and taken once. */
TEST_F(waitset, attack_09_storm_of_handlers_loses_and_doubles_nothing)
{
	const unsigned int each = rounds(200) / 2;
	unsigned int taken = 0;
	pid_t child;

	bind_abc(_metadata, self);
	child = spawn(trigger_slowly, self);
	interrupt_every(1000);
	while (load32(&self->a_record->consumed) != rounds(200) - each ||
	       load32(&self->b_record->consumed) != each) {
		ASSERT_EQ(1, waitset_wait_through(self->set, &self->label, 1,
						  L4SHMC_TIMEOUT_NEVER));
		taken++;
	}
	interrupt_every(0);
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(0, next_label(self->set));
	EXPECT_LE(taken, rounds(200));
	EXPECT_TRUE(!self->counting || taken == rounds(200));
}

TEST_F(waitset, attack_09_event_outranks_handlers)
{
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	interrupt_every(1000);
	for (unsigned int i = rounds(3000); i > 0; i--) {
		ASSERT_EQ(0, signal_trigger(self->a));
		ASSERT_EQ(1, waitset_wait(self->set, &self->label, 1, L4SHMC_TIMEOUT_NEVER));
	}
	interrupt_every(0);
}

/* Nothing lost, nothing twice */

static int answer(void *arg)
{
	FIXTURE_DATA(waitset) *self = arg;
	__u64 label;

	for (unsigned int i = rounds(1000); i > 0; i--) {
		CHECK(waitset_wait(self->set, &label, 1, L4SHMC_TIMEOUT_NEVER) == 1);
		CHECK(label == A);
		CHECK(record_trigger(self->b_record, self->b) == 0);
	}
	return 0;
}

/* Each side sleeps until the other has gone on: a lost wake-up is the end. */
TEST_F(waitset, attack_36_no_wake_up_is_lost)
{
	int mine = waitset_make(self->area.dev);
	unsigned int seed = 1;
	pid_t child;

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, waitset_bind(mine, self->b, B));
	child = spawn(answer, self);
	for (unsigned int i = rounds(1000); i > 0; i--) {
		ASSERT_EQ(0, record_trigger(self->a_record, self->a));
		seed = seed * 1103515245 + 12345;
		for (unsigned int delay = seed >> 16 & 0xff; delay > 0; delay--)
			__asm__ volatile("" ::: "memory");
		ASSERT_EQ(1, waitset_wait(mine, &self->label, 1, L4SHMC_TIMEOUT_NEVER));
	}
	EXPECT_EQ(0, reap(child));
}

#define SIGNALS 16
#define TAKERS 8
#define TRIGGERERS 4

struct crowd {
	FIXTURE_DATA(waitset) *self;
	int signals[SIGNALS];
	struct l4shmc_signal_record *records[SIGNALS];
	/* A second set that all are bound to */
	int other;
};

static void *take_for_the_crowd(void *arg)
{
	FIXTURE_DATA(waitset) *self = ((struct crowd *)arg)->self;
	struct crowd *crowd = arg;
	int set = own_tid() % 2 ? self->set : crowd->other;
	__u64 labels[3];

	while (!__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE)) {
		int n = waitset_wait_through(set, labels, 3, 50 * NS_PER_MS);

		if (n < 0 && n != -ETIMEDOUT)
			__atomic_fetch_add(&self->shared->failed, 1, __ATOMIC_SEQ_CST);
		for (int i = 0; i < n; i++)
			__atomic_fetch_add(&self->shared->of[labels[i]], 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void *trigger_the_crowd(void *arg)
{
	struct crowd *crowd = arg;

	for (unsigned int i = 0; i < rounds(200); i++)
		for (unsigned int at = 0; at < SIGNALS; at++)
			record_trigger(crowd->records[at], crowd->signals[at]);
	return NULL;
}

static void make_crowd(struct __test_metadata *_metadata, FIXTURE_DATA(waitset) * self,
		       struct crowd *crowd, __u32 flags)
{
	char name[L4SHMC_NAME_SIZE];

	crowd->self = self;
	crowd->other = waitset_make(self->area.dev);
	for (unsigned int i = 0; i < SIGNALS; i++) {
		snprintf(name, sizeof(name), "crowd%u", i);
		crowd->signals[i] = signal_open(self->area.fd, name, flags);
		crowd->records[i] = signal_record(self->control, crowd->signals[i]);
		ASSERT_EQ(0, waitset_bind(self->set, crowd->signals[i], i));
		ASSERT_EQ(0, waitset_bind(crowd->other, crowd->signals[i], i));
	}
}

static bool all_taken(struct crowd *crowd)
{
	for (unsigned int i = 0; i < SIGNALS; i++)
		if (record_pending(crowd->records[i]))
			return false;
	return true;
}

/* Threads on two sets that have the same signals */
TEST_F(waitset, attack_43_exactly_once_among_many_threads)
{
	const unsigned int triggers = TRIGGERERS * rounds(200);
	pthread_t takers[TAKERS], triggerers[TRIGGERERS];
	struct crowd crowd;

	make_crowd(_metadata, self, &crowd, variant->flags);
	for (unsigned int i = 0; i < TAKERS; i++)
		ASSERT_EQ(0, pthread_create(&takers[i], NULL, take_for_the_crowd, &crowd));
	for (unsigned int i = 0; i < TRIGGERERS; i++)
		ASSERT_EQ(0, pthread_create(&triggerers[i], NULL, trigger_the_crowd, &crowd));
	for (unsigned int i = 0; i < TRIGGERERS; i++)
		ASSERT_EQ(0, pthread_join(triggerers[i], NULL));
	EXPECT_TRUE(WAIT_UNTIL(all_taken(&crowd)));
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < TAKERS; i++)
		ASSERT_EQ(0, pthread_join(takers[i], NULL));
	EXPECT_EQ(0, self->shared->failed);
	for (unsigned int i = 0; i < SIGNALS; i++) {
		EXPECT_EQ(triggers, crowd.records[i]->consumed);
		EXPECT_GE(self->shared->of[i], 1);
		EXPECT_LE(self->shared->of[i], triggers);
		EXPECT_TRUE(!self->counting || self->shared->of[i] == triggers);
	}
}

static void *bind_and_unbind(void *arg)
{
	FIXTURE_DATA(waitset) *self = ((struct crowd *)arg)->self;
	struct crowd *crowd = arg;
	unsigned int i = 0;

	while (!__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE)) {
		int signal = crowd->signals[i++ % SIGNALS];
		int result = waitset_unbind(self->set, signal);

		if (result && result != -ENOENT)
			__atomic_fetch_add(&self->shared->failed, 1, __ATOMIC_SEQ_CST);
		result = waitset_bind(self->set, signal, (i - 1) % SIGNALS);
		if (result && result != -EEXIST)
			__atomic_fetch_add(&self->shared->failed, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* Whatever is bound when: no event is lost, and nothing is left at the end. */
TEST_F(waitset, bound_and_unbound_under_load)
{
	pthread_t takers[TAKERS], binders[2], triggerer;
	struct crowd crowd;

	make_crowd(_metadata, self, &crowd, variant->flags);
	for (unsigned int i = 0; i < TAKERS; i++)
		ASSERT_EQ(0, pthread_create(&takers[i], NULL, take_for_the_crowd, &crowd));
	for (unsigned int i = 0; i < ARRAY_SIZE(binders); i++)
		ASSERT_EQ(0, pthread_create(&binders[i], NULL, bind_and_unbind, &crowd));
	ASSERT_EQ(0, pthread_create(&triggerer, NULL, trigger_the_crowd, &crowd));
	ASSERT_EQ(0, pthread_join(triggerer, NULL));
	EXPECT_TRUE(WAIT_UNTIL(all_taken(&crowd)));
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < TAKERS; i++)
		ASSERT_EQ(0, pthread_join(takers[i], NULL));
	for (unsigned int i = 0; i < ARRAY_SIZE(binders); i++)
		ASSERT_EQ(0, pthread_join(binders[i], NULL));
	EXPECT_EQ(0, self->shared->failed);
	close(self->set);
	close(crowd.other);
	for (unsigned int i = 0; i < SIGNALS; i++) {
		EXPECT_TRUE(!self->counting || self->shared->of[i] == rounds(200));
		EXPECT_EQ(0, crowd.records[i]->armed);
	}
	EXPECT_EQ(0, signal_bindings(self->area.name, "crowd0"));
}

/* Several sets, several areas, the driver's signals */

TEST_F(waitset, attack_40_signal_in_several_sets)
{
	int other = waitset_make(self->area.dev);

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, waitset_bind(other, self->a, B));
	for (unsigned int i = 0; i < 4; i++) {
		int first = i % 2 ? self->set : other, second = i % 2 ? other : self->set;

		ASSERT_EQ(0, record_trigger(self->a_record, self->a));
		EXPECT_TRUE(is_readable(first));
		EXPECT_TRUE(is_readable(second));
		/* One event is for one of them. */
		EXPECT_EQ(first == other ? B : A, next_label(first));
		EXPECT_EQ(0, next_label(second));
		EXPECT_FALSE(is_readable(second));
	}
}

TEST_F(waitset, attack_40_sleepers_in_several_sets_share)
{
	int sets[3], first = self->set;
	pid_t pids[3];

	for (unsigned int i = 0; i < ARRAY_SIZE(sets); i++) {
		self->set = sets[i] = waitset_make(self->area.dev);
		ASSERT_EQ(0, waitset_bind(sets[i], self->a, A));
		pids[i] = spawn(take_one, self);
		ASSERT_TRUE(sleeps(pids[i]));
	}
	self->set = first;
	for (unsigned int i = 1; i <= ARRAY_SIZE(pids); i++) {
		EXPECT_EQ(0, record_trigger(self->a_record, self->a));
		EXPECT_TRUE(WAIT_UNTIL(self->shared->taken == i));
		nap_us(2000);
		EXPECT_EQ(i, self->shared->taken);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(0, reap(pids[i]));
}

TEST_F(waitset, set_and_sleeper_share)
{
	struct l4shmc_ioc_wait arg = { .size = sizeof(arg), .timeout_ns = L4SHMC_TIMEOUT_NEVER };
	pid_t child;

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	child = fork();
	if (child == 0)
		_exit(command(self->a, L4SHMC_IOC_WAIT, &arg) != 0);
	ASSERT_TRUE(WAIT_UNTIL(signal_waiters(self->area.name, "a") == 1));
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(0, next_label(self->set));
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	EXPECT_EQ(A, next_label(self->set));
}

TEST_F(waitset, signals_of_several_areas)
{
	int handle = area_create(self->area.dev, "\xf8", 1, 0600, 0);
	int other = signal_open(area_attach(handle, "", 0), "a", variant->flags);

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, waitset_bind(self->set, other, B));
	ASSERT_EQ(0, signal_trigger(other));
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(B, next_label(self->set));
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_EQ(0, next_label(self->set));
	ASSERT_EQ(0, waitset_unbind(self->set, self->a));
	ASSERT_EQ(0, signal_trigger(other));
	EXPECT_EQ(B, next_label(self->set));
}

TEST_F(waitset, clients_signals)
{
	int peer = area_attach(self->area.handle, "", 0);
	int observer = area_attach(self->area.handle, "", L4SHMC_ATTACH_OBSERVER);
	int mine = signal_open(self->area.fd, L4SHMC_SIGNAL_CLIENTS, 0);
	int theirs = signal_open(peer, L4SHMC_SIGNAL_CLIENTS, 0);
	int watching = signal_open(observer, L4SHMC_SIGNAL_CLIENTS, 0);
	int late;

	ASSERT_EQ(0, waitset_bind(self->set, mine, A));
	ASSERT_EQ(0, waitset_bind(self->set, theirs, B));
	ASSERT_EQ(0, waitset_bind(self->set, watching, C));
	ASSERT_EQ(0, waitset_bind(self->set, self->a, 1));
	EXPECT_EQ(0, next_label(self->set));
	late = area_attach(self->area.handle, "", 0);
	ASSERT_GE(late, 0);
	ASSERT_EQ(0, signal_trigger(self->a));
	/* Each has its own, in an order of the driver's choice. */
	EXPECT_EQ(A ^ B ^ C ^ 1,
		  next_label(self->set) ^ next_label(self->set) ^ next_label(self->set) ^
		  next_label(self->set));
	EXPECT_EQ(0, next_label(self->set));
	close(late);
	EXPECT_NE(0, next_label(self->set));
}

static int trigger_without_ringing(void *arg)
{
	FIXTURE_DATA(waitset) *self = arg;
	int fd = area_attach(self->area.handle, "", 0);
	union l4shmc_record *control = map_control(fd, PROT_READ | PROT_WRITE);
	struct l4shmc_signal_record *record;

	CHECK(control != MAP_FAILED);
	record = signal_record(control, self->a);
	CHECK(record && load32(&record->armed));
	__atomic_fetch_add(&record->triggered, 1, __ATOMIC_SEQ_CST);
	kill(getpid(), SIGKILL);
	return 1;
}

TEST_F(waitset, client_that_dies_before_it_rings)
{
	pid_t child;

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	child = spawn(take_one, self);
	ASSERT_TRUE(sleeps(child));
	EXPECT_EQ(128 + SIGKILL, run_child(trigger_without_ringing, self));
	EXPECT_EQ(0, reap(child));
}

/* The end of signals, sets and waiters */

TEST_F(waitset, attack_40_signal_need_not_stay_open)
{
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	close(self->a);
	self->a = signal_open(self->area.fd, "a", variant->flags);
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_EQ(0, waitset_unbind(self->set, self->a));
}

TEST_F(waitset, bindings_keep_their_area)
{
	/* Otherwise the name is all that would be left. */
	int dev = dup(self->area.dev);

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, signal_trigger(self->a));
	munmap(self->control, L4SHMC_CONTROL_SIZE);
	close(self->a);
	close(self->b);
	close(self->c);
	close(self->area.fd);
	close(self->area.handle);
	EXPECT_TRUE(area_named(&self->area));
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_TRUE(area_named(&self->area));
	close(self->set);
	EXPECT_TRUE(WAIT_UNTIL(!area_named(&self->area)));
	close(dev);
}

TEST_F(waitset, bindings_outlive_the_name)
{
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, area_unlink(self->area.dev, self->area.name));
	close(self->area.fd);
	close(self->area.handle);
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_EQ(0, waitset_unbind(self->set, self->a));
}

/* Armed or ready, a binding is gone with its set. */
TEST_F(waitset, signals_outlive_a_set_they_are_bound_to)
{
	const int signals[] = { self->a, self->b, self->c };

	bind_abc(_metadata, self);
	ASSERT_EQ(0, signal_trigger(self->b));
	close(self->set);
	trigger_abc(_metadata, self);
	self->set = waitset_make(self->area.dev);
	ASSERT_GE(self->set, 0);
	bind_abc(_metadata, self);
	for (unsigned int i = 0; i < ARRAY_SIZE(signals); i++)
		EXPECT_EQ(0, signal_wait(signals[i], 0));
	trigger_abc(_metadata, self);
	EXPECT_EQ(1, signal_bindings(self->area.name, "a"));
	EXPECT_EQ(1, signal_bindings(self->area.name, "b"));
}

static void *take_in_a_thread(void *arg)
{
	FIXTURE_DATA(waitset) *self = arg;

	store32(&self->tid, (__u32)syscall(SYS_gettid));
	return take_one(arg) ? arg : NULL;
}

static bool thread_sleeps(FIXTURE_DATA(waitset) *self)
{
	return WAIT_UNTIL(load32(&self->tid) && task_sleeps((pid_t)self->tid));
}

static void expect_end(struct __test_metadata *_metadata, pthread_t thread)
{
	void *failed;

	ASSERT_EQ(0, pthread_join(thread, &failed));
	EXPECT_EQ(NULL, failed);
}

TEST_F(waitset, unbound_during_a_wait)
{
	pid_t child;

	bind_abc(_metadata, self);
	child = spawn(take_one, self);
	ASSERT_TRUE(sleeps(child));
	EXPECT_EQ(0, waitset_unbind(self->set, self->a));
	EXPECT_EQ(0, signal_trigger(self->a));
	nap_us(2000);
	EXPECT_EQ(0, self->shared->taken);
	EXPECT_EQ(0, signal_wait(self->a, 0));
	EXPECT_EQ(0, signal_trigger(self->b));
	EXPECT_EQ(0, reap(child));
}

TEST_F(waitset, attack_39_closed_during_a_wait)
{
	int set = self->set;
	pthread_t thread;

	bind_abc(_metadata, self);
	ASSERT_EQ(0, pthread_create(&thread, NULL, take_in_a_thread, self));
	ASSERT_TRUE(thread_sleeps(self));
	close(set);
	nap_us(2000);
	/* The wait has its own reference. */
	EXPECT_EQ(1, signal_bindings(self->area.name, "a"));
	EXPECT_EQ(0, signal_trigger(self->a));
	expect_end(_metadata, thread);
	EXPECT_TRUE(WAIT_UNTIL(signal_bindings(self->area.name, "a") == 0));
	EXPECT_EQ(0, self->a_record->armed);
}

TEST_F(waitset, attack_39_replaced_during_a_wait)
{
	int other = waitset_make(self->area.dev);
	pthread_t thread;

	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, waitset_bind(other, self->b, B));
	ASSERT_EQ(0, pthread_create(&thread, NULL, take_in_a_thread, self));
	ASSERT_TRUE(thread_sleeps(self));
	ASSERT_EQ(self->set, dup2(other, self->set));
	EXPECT_EQ(0, signal_trigger(self->b));
	nap_us(2000);
	EXPECT_EQ(0, self->shared->taken);
	EXPECT_EQ(0, signal_trigger(self->a));
	expect_end(_metadata, thread);
	EXPECT_EQ(B, next_label(self->set));
}

static int exec_during_a_wait(void *arg)
{
	FIXTURE_DATA(waitset) *self = arg;
	pthread_t thread;
	int set = waitset_make(self->area.dev);

	CHECK(waitset_bind(set, self->a, A) == 0);
	self->set = set;
	CHECK(pthread_create(&thread, NULL, take_in_a_thread, self) == 0);
	CHECK(thread_sleeps(self));
	CHECK(signal_bindings(self->area.name, "a") == 1);
	execl("/bin/true", "true", NULL);
	return 1;
}

TEST_F(waitset, attack_39_exec_ends_a_set_and_its_wait)
{
	EXPECT_EQ(0, run_child(exec_during_a_wait, self));
	EXPECT_TRUE(WAIT_UNTIL(signal_bindings(self->area.name, "a") == 0));
	EXPECT_EQ(0, self->a_record->armed);
}

static int wait_in_an_own_set(void *arg)
{
	FIXTURE_DATA(waitset) *self = arg;

	self->set = waitset_make(self->area.dev);
	CHECK(waitset_bind(self->set, self->a, A) == 0);
	CHECK(waitset_bind(self->set, self->b, B) == 0);
	return take_one(self);
}

TEST_F(waitset, attack_44_killed_waiter_leaves_nothing)
{
	pid_t child = spawn(wait_in_an_own_set, self);

	ASSERT_TRUE(WAIT_UNTIL(signal_bindings(self->area.name, "b") == 1));
	ASSERT_TRUE(sleeps(child));
	kill_child(child);
	EXPECT_EQ(0, signal_bindings(self->area.name, "a"));
	EXPECT_EQ(0, signal_bindings(self->area.name, "b"));
	EXPECT_EQ(0, self->a_record->armed);
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(0, signal_wait(self->a, 0));
}

/* The first in the queue is as good as dead: the event is for the second. */
TEST_F(waitset, attack_44_dying_sleeper_takes_no_event_along)
{
	bind_abc(_metadata, self);
	for (unsigned int i = rounds(20); i > 0; i--) {
		pid_t first = spawn(take_one, self), second;

		ASSERT_TRUE(sleeps(first));
		second = spawn(take_one, self);
		ASSERT_TRUE(sleeps(second));
		kill(first, SIGKILL);
		ASSERT_EQ(0, signal_trigger(self->a));
		ASSERT_EQ(128 + SIGKILL, reap(first));
		ASSERT_EQ(0, reap(second));
	}
}

/* The first is killed just when it is woken: it has the event, or the second. */
TEST_F(waitset, attack_44_event_is_not_stuck_with_a_killed_sleeper)
{
	bind_abc(_metadata, self);
	for (unsigned int i = rounds(20); i > 0; i--) {
		pid_t first = spawn(take_one, self), second;

		ASSERT_TRUE(sleeps(first));
		second = spawn(take_one, self);
		ASSERT_TRUE(sleeps(second));
		ASSERT_EQ(0, signal_trigger(self->a));
		kill_child(first);
		ASSERT_TRUE(WAIT_UNTIL(!record_pending(self->a_record)));
		/* One more, should the second still sleep */
		ASSERT_EQ(0, signal_trigger(self->a));
		ASSERT_EQ(0, reap(second));
		signal_wait(self->a, 0);
	}
}

static int take_one_idly(void *arg)
{
	static const struct sched_param none;

	CHECK(sched_setscheduler(0, SCHED_IDLE, &none) == 0);
	return take_one(arg);
}

/*
 * The first is killed after it was woken and before it runs, as it is on this CPU and
 * gives way to everybody: it passes on to the second what it was woken for.  Where a
 * tick lets it run in between, another round is needed.
 */
TEST_F(waitset, attack_44_killed_sleeper_passes_its_wake_up_on)
{
	unsigned int killed = 0;

	bind_abc(_metadata, self);
	stay_on_this_cpu();
	for (unsigned int i = 0; i < rounds(40) || (!killed && i < 1000); i++) {
		pid_t first = spawn(take_one_idly, self), second;

		ASSERT_TRUE(WAIT_UNTIL(task_sleeps(first)));
		second = spawn(take_one, self);
		ASSERT_TRUE(WAIT_UNTIL(task_sleeps(second)));
		ASSERT_EQ(0, signal_trigger(self->a));
		kill(first, SIGKILL);
		ASSERT_TRUE(WAIT_UNTIL(!record_pending(self->a_record)));
		killed += reap(first) == 128 + SIGKILL;
		/* One more, should the first have been faster than its death */
		ASSERT_EQ(0, signal_trigger(self->b));
		ASSERT_EQ(0, reap(second));
		signal_wait(self->b, 0);
	}
	EXPECT_GT(killed, 0);
}

static int have_no_room(void *arg)
{
	FIXTURE_DATA(waitset) *self = arg;

	CHECK(waitset_next(self->set, NULL) == -EFAULT);
	store32(&self->shared->stop, 1);
	pause();
	return 1;
}

/* Who is woken and cannot be told wakes the next one, and need not end for that. */
TEST_F(waitset, attack_03_sleeper_without_room_wakes_another)
{
	pid_t first = spawn(have_no_room, self), second;

	bind_abc(_metadata, self);
	ASSERT_TRUE(WAIT_UNTIL(task_sleeps(first)));
	second = spawn(take_one, self);
	ASSERT_TRUE(WAIT_UNTIL(task_sleeps(second)));
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_TRUE(WAIT_UNTIL(load32(&self->shared->stop) == 1));
	EXPECT_TRUE(WAIT_UNTIL(load32(&self->shared->taken) == 1));
	kill_child(first);
	kill_child(second);
}

TEST_F(waitset, attack_44_stopped_sleeper_goes_on)
{
	pid_t child;
	int status;

	bind_abc(_metadata, self);
	child = spawn(take_one, self);
	ASSERT_TRUE(sleeps(child));
	kill(child, SIGSTOP);
	ASSERT_EQ(child, waitpid(child, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	EXPECT_EQ(0, signal_trigger(self->a));
	kill(child, SIGCONT);
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(1, self->a_record->consumed);
}

TEST_F(waitset, attack_44_traced_sleeper_goes_on)
{
	pid_t child;
	int status;

	bind_abc(_metadata, self);
	child = spawn(take_one, self);
	ASSERT_TRUE(sleeps(child));
	for (unsigned int i = 0; i < 3; i++) {
		ASSERT_EQ(0, ptrace(PTRACE_ATTACH, child, NULL, NULL));
		ASSERT_EQ(child, waitpid(child, &status, 0));
		ASSERT_TRUE(WIFSTOPPED(status));
		ASSERT_EQ(0, ptrace(PTRACE_DETACH, child, NULL, NULL));
		ASSERT_TRUE(sleeps(child));
	}
	EXPECT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(1, self->a_record->consumed);
}

static int wait_a_while(void *arg)
{
	FIXTURE_DATA(waitset) *self = arg;
	__u64 start = now_ns(), label;

	CHECK(waitset_wait(self->set, &label, 1, 20 * NS_PER_MS) == -ETIMEDOUT);
	CHECK(now_ns() - start >= 20 * NS_PER_MS);
	CHECK(now_ns() - start < HANG_NS);
	return 0;
}

static int wait_in_another_time(void *arg)
{
	static const char offset[] = "monotonic 864000 0\n";

	if (unshare(CLONE_NEWTIME))
		return KSFT_SKIP;
	CHECK(write_text("/proc/self/timens_offsets", offset));
	return run_child(wait_a_while, arg);
}

TEST_F(waitset, attack_41_timeouts_are_the_same_in_another_time_namespace)
{
	int result;

	bind_abc(_metadata, self);
	result = run_child(wait_in_another_time, self);
	if (result == KSFT_SKIP)
		SKIP(return, "no time namespaces for this user");
	EXPECT_EQ(0, result);
}

static int use_a_passed_set(void *arg)
{
	int sock = *(int *)arg, set = recv_fd(sock), signal = recv_fd(sock);
	__u64 label = 0;

	CHECK(set >= 0 && signal >= 0);
	CHECK(waitset_bind(set, signal, B) == 0);
	CHECK(waitset_wait_through(set, &label, 1, L4SHMC_TIMEOUT_NEVER) == 1);
	CHECK(label == A);
	return 0;
}

TEST_F(waitset, set_can_be_passed_on)
{
	pid_t child;
	int socks[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, socks));
	child = spawn(use_a_passed_set, &socks[1]);
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, send_fd(socks[0], self->set));
	ASSERT_EQ(0, send_fd(socks[0], self->b));
	EXPECT_TRUE(WAIT_UNTIL(signal_bindings(self->area.name, "b") == 1));
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(0, reap(child));
	/* What the other process has bound is bound here. */
	ASSERT_EQ(0, signal_trigger(self->b));
	EXPECT_EQ(B, next_label(self->set));
}

/* poll and epoll */

TEST_F(waitset, poll_tells_and_takes_nothing)
{
	struct pollfd poller = { .fd = self->set, .events = POLLIN | POLLOUT };

	bind_abc(_metadata, self);
	EXPECT_EQ(0, poll(&poller, 1, 0));
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	for (unsigned int i = 0; i < 3; i++) {
		EXPECT_EQ(1, poll(&poller, 1, -1));
		EXPECT_EQ(POLLIN, poller.revents);
	}
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_EQ(0, poll(&poller, 1, 0));
	EXPECT_EQ(0, poll(&poller, 1, 1));
}

/* Looking is no reason for a trigger to make a system call. */
TEST_F(waitset, poll_arms_nothing_that_is_ready)
{
	ASSERT_EQ(0, waitset_bind(self->set, self->a, A));
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	EXPECT_TRUE(is_readable(self->set));
	EXPECT_EQ(0, self->a_record->armed);
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_FALSE(is_readable(self->set));
	EXPECT_EQ(1, self->a_record->armed);
}

static int poll_for_ever(void *arg)
{
	FIXTURE_DATA(waitset) *self = arg;
	struct pollfd poller = { .fd = self->set, .events = POLLIN };

	CHECK(poll(&poller, 1, -1) == 1);
	return 0;
}

TEST_F(waitset, poller_is_woken)
{
	pid_t child;

	bind_abc(_metadata, self);
	for (unsigned int i = 0; i < 4; i++) {
		child = spawn(poll_for_ever, self);
		ASSERT_TRUE(sleeps(child));
		EXPECT_EQ(0, i % 2 ? signal_trigger(self->a) :
				     record_trigger(self->a_record, self->a));
		EXPECT_EQ(0, reap(child));
		EXPECT_EQ(A, next_label(self->set));
	}
	child = spawn(poll_for_ever, self);
	ASSERT_TRUE(sleeps(child));
	ASSERT_EQ(0, waitset_unbind(self->set, self->b));
	ASSERT_EQ(0, signal_trigger(self->b));
	EXPECT_EQ('S', task_state(child));
	ASSERT_EQ(0, waitset_bind(self->set, self->b, B));
	EXPECT_EQ(0, reap(child));
}

TEST_F(waitset, pollers_and_sleepers_are_woken)
{
	pid_t pollers[2], sleeper;

	bind_abc(_metadata, self);
	for (unsigned int i = 0; i < ARRAY_SIZE(pollers); i++) {
		pollers[i] = spawn(poll_for_ever, self);
		ASSERT_TRUE(sleeps(pollers[i]));
	}
	sleeper = spawn(take_one, self);
	ASSERT_TRUE(sleeps(sleeper));
	EXPECT_EQ(0, record_trigger(self->a_record, self->a));
	EXPECT_EQ(0, reap(sleeper));
	/* They were owed nothing more than a look. */
	EXPECT_EQ(0, record_trigger(self->b_record, self->b));
	for (unsigned int i = 0; i < ARRAY_SIZE(pollers); i++)
		EXPECT_EQ(0, reap(pollers[i]));
	EXPECT_EQ(B, next_label(self->set));
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

TEST_F(waitset, attack_42_epoll_level)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	bind_abc(_metadata, self);
	ASSERT_EQ(0, add_epoll(epoll, self->set, EPOLLIN));
	EXPECT_EQ(0, epoll_count(epoll));
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	for (unsigned int i = 0; i < 5; i++)
		EXPECT_EQ(1, epoll_count(epoll));
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_EQ(0, epoll_count(epoll));
	/* Taken by another before anybody has looked */
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	EXPECT_TRUE(record_take(self->a_record, self->counting));
	EXPECT_EQ(0, epoll_count(epoll));
	ASSERT_EQ(0, record_trigger(self->b_record, self->b));
	EXPECT_EQ(1, epoll_count(epoll));
	EXPECT_EQ(B, next_label(self->set));
}

TEST_F(waitset, attack_42_epoll_edge)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	bind_abc(_metadata, self);
	ASSERT_EQ(0, add_epoll(epoll, self->set, EPOLLIN | EPOLLET));
	for (unsigned int i = 0; i < 3; i++) {
		/* Each signal that becomes ready is an edge, and one only. */
		ASSERT_EQ(0, record_trigger(self->a_record, self->a));
		EXPECT_EQ(1, epoll_count(epoll));
		EXPECT_EQ(0, epoll_count(epoll));
		ASSERT_EQ(0, record_trigger(self->b_record, self->b));
		EXPECT_EQ(1, epoll_count(epoll));
		EXPECT_EQ(0, epoll_count(epoll));
		EXPECT_EQ(A, next_label(self->set));
		EXPECT_EQ(B, next_label(self->set));
	}
}

TEST_F(waitset, attack_42_epoll_of_what_is_pending_already)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	bind_abc(_metadata, self);
	ASSERT_EQ(0, record_trigger(self->a_record, self->a));
	ASSERT_EQ(0, add_epoll(epoll, self->set, EPOLLIN | EPOLLET));
	EXPECT_EQ(1, epoll_count(epoll));
	EXPECT_EQ(0, epoll_count(epoll));
}

TEST_F(waitset, attack_42_epoll_oneshot)
{
	struct epoll_event again = { .events = EPOLLIN | EPOLLONESHOT };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	bind_abc(_metadata, self);
	ASSERT_EQ(0, add_epoll(epoll, self->set, EPOLLIN | EPOLLONESHOT));
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(1, epoll_count(epoll));
	ASSERT_EQ(0, signal_trigger(self->b));
	EXPECT_EQ(0, epoll_count(epoll));
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_MOD, self->set, &again));
	EXPECT_EQ(1, epoll_count(epoll));
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_EQ(B, next_label(self->set));
}

static int wait_exclusively(void *arg)
{
	FIXTURE_DATA(waitset) *self = arg;
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event;

	CHECK(add_epoll(epoll, self->set, EPOLLIN | EPOLLEXCLUSIVE) == 0);
	while (!__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE)) {
		CHECK(epoll_wait(epoll, &event, 1, -1) == 1);
		if (next_label(self->set))
			__atomic_fetch_add(&self->shared->taken, 1, __ATOMIC_SEQ_CST);
	}
	return 0;
}

/* Exclusive or not, somebody is woken for each event. */
TEST_F(waitset, attack_42_epoll_exclusive)
{
	pid_t pids[4];

	bind_abc(_metadata, self);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(wait_exclusively, self);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_TRUE(sleeps(pids[i]));
	for (unsigned int i = 1; i <= 20; i++) {
		EXPECT_EQ(0, i % 2 ? record_trigger(self->a_record, self->a) :
				     record_trigger(self->b_record, self->b));
		EXPECT_TRUE(WAIT_UNTIL(self->shared->taken == i));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		kill_child(pids[i]);
}

TEST_F(waitset, attack_42_epoll_and_a_sleeper)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	pid_t child;

	bind_abc(_metadata, self);
	ASSERT_EQ(0, add_epoll(epoll, self->set, EPOLLIN | EPOLLEXCLUSIVE));
	child = spawn(take_one, self);
	ASSERT_TRUE(sleeps(child));
	/* An exclusive poller that is not even waiting must not swallow the wake-up. */
	EXPECT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(0, reap(child));
}

static int be_woken_and_die(void *arg)
{
	FIXTURE_DATA(waitset) * self = arg;
	die_when_woken(self->set);
}

/* The set stays open elsewhere; who was woken has not looked what for. */
TEST_F_TIMEOUT(waitset, attack_42_epoll_exclusive_dies_with_the_wake_up, 60)
{
	pid_t first, second;

	bind_abc(_metadata, self);
	first = spawn(be_woken_and_die, self);
	ASSERT_TRUE(sleeps(first));
	second = spawn(take_one, self);
	ASSERT_TRUE(sleeps(second));
	EXPECT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(128 + SIGKILL, reap(first));
	EXPECT_EQ(0, reap(second));
}

TEST_F(waitset, attack_40_set_in_epoll_in_epoll)
{
	int inner = epoll_create1(EPOLL_CLOEXEC), outer = epoll_create1(EPOLL_CLOEXEC);

	bind_abc(_metadata, self);
	ASSERT_EQ(0, add_epoll(inner, self->set, EPOLLIN));
	ASSERT_EQ(0, add_epoll(outer, inner, EPOLLIN));
	EXPECT_EQ(0, epoll_count(outer));
	for (unsigned int i = 0; i < 3; i++) {
		ASSERT_EQ(0, record_trigger(self->a_record, self->a));
		EXPECT_EQ(1, epoll_count(outer));
		EXPECT_EQ(1, epoll_count(inner));
		EXPECT_EQ(A, next_label(self->set));
		EXPECT_EQ(0, epoll_count(outer));
		EXPECT_EQ(0, epoll_count(inner));
	}
	/* Signal, set and both of them in one epoll */
	ASSERT_EQ(0, add_epoll(outer, self->set, EPOLLIN));
	ASSERT_EQ(0, add_epoll(outer, self->a, EPOLLIN));
	ASSERT_EQ(0, signal_trigger(self->a));
	EXPECT_EQ(3, epoll_count(outer));
	EXPECT_EQ(A, next_label(self->set));
	EXPECT_EQ(0, epoll_count(outer));
}

TEST_F(waitset, attack_42_epoll_outlives_the_set)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), copy;

	bind_abc(_metadata, self);
	copy = dup(self->set);
	ASSERT_EQ(0, add_epoll(epoll, self->set, EPOLLIN));
	ASSERT_EQ(0, signal_trigger(self->a));
	close(self->set);
	/* The copy keeps the item alive. */
	EXPECT_EQ(1, epoll_count(epoll));
	close(copy);
	EXPECT_EQ(0, epoll_count(epoll));
	EXPECT_EQ(0, signal_bindings(self->area.name, "a"));
	close(epoll);
}

TEST_F(waitset, attack_42_epoll_dies_with_a_sleeper_in_it)
{
	pid_t child;

	bind_abc(_metadata, self);
	child = fork();
	if (child == 0) {
		int epoll = epoll_create1(EPOLL_CLOEXEC);
		struct epoll_event event;

		_exit(add_epoll(epoll, self->set, EPOLLIN) ||
		      epoll_wait(epoll, &event, 1, -1) != 1);
	}
	ASSERT_TRUE(sleeps(child));
	kill_child(child);
	EXPECT_EQ(0, record_trigger(self->a_record, self->a));
	EXPECT_EQ(A, next_label(self->set));
}

/* Size */

#define MANY 10000
/* That one call tells */
#define MOST_LABELS 1024

TEST_F(waitset, ten_thousand_signals)
{
	static __u64 labels[MANY];
	unsigned int many = rounds(MANY), n = 0;
	char name[L4SHMC_NAME_SIZE];
	int fd, result;

	for (unsigned int i = 0; i < many; i++) {
		snprintf(name, sizeof(name), "many%u", i);
		fd = signal_open(self->area.fd, name, variant->flags);
		ASSERT_GE(fd, 0);
		ASSERT_EQ(0, waitset_bind(self->set, fd, i));
		ASSERT_EQ(0, signal_trigger(fd));
		/* One descriptor, the set's, is enough for all. */
		close(fd);
	}
	EXPECT_TRUE(is_readable(self->set));
	ASSERT_EQ(1, waitset_wait(self->set, labels, 1, 0));
	n = 1 + MIN(many - 1, MOST_LABELS);
	ASSERT_EQ(n - 1, waitset_wait(self->set, labels + 1, many - 1, 0));
	while ((result = waitset_wait(self->set, labels + n, 1000, 0)) > 0)
		n += (unsigned int)result;
	EXPECT_ERR(ETIMEDOUT, result);
	ASSERT_EQ(many, n);
	n = 0;
	while (n < many && labels[n] == n)
		n++;
	EXPECT_EQ(many, n);
	EXPECT_FALSE(is_readable(self->set));
}

TEST_HARNESS_MAIN
