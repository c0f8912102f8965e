// SPDX-License-Identifier: GPL-2.0-only
/* libl4shmc: rings, with what only the driver makes possible. */
#include "lib_common.h"

#include "ringbuf_stress.h"

#include <l4/shmc/ringbuf.h>
#include <pthread-l4.h>

#define AREA_SIZE 65536
#define RING_SIZE (1024 + (unsigned int)sizeof(l4shmc_ringbuf_head_t))
#define ME pthread_l4_cap(pthread_self())

FIXTURE(ring)
{
	struct lib_area lib;
	l4shmc_area_t peer;
	l4shmc_ringbuf_t tx, rx;
	char data[RING_SIZE];
	/* What a child says */
	unsigned int *said;
};

FIXTURE_SETUP(ring)
{
	if (!make_lib_area(_metadata, &self->lib, AREA_SIZE))
		return;
	ASSERT_EQ(0, l4shmc_attach(self->lib.name, &self->peer));
	ASSERT_EQ(0, l4shmc_rb_init_buffer(&self->tx, &self->lib.area, "ring", "base", RING_SIZE));
	ASSERT_EQ(0, l4shmc_rb_init_receiver(&self->rx, &self->peer, "ring", "base"));
	memset(self->data, 0x5a, sizeof(self->data));
	self->said = shared_page();
	ASSERT_NE(NULL, self->said);
}

FIXTURE_TEARDOWN(ring)
{
	l4shmc_rb_deinit_buffer(&self->tx);
	l4shmc_rb_deinit_buffer(&self->rx);
	l4shmc_detach(&self->peer);
	drop_lib_area(&self->lib);
}

static int send_packet(FIXTURE_DATA(ring) *self, unsigned int size, int block)
{
	return l4shmc_rb_sender_next_copy_in(&self->tx, self->data, size, block);
}

static int take_packet(l4shmc_ringbuf_t *rx, unsigned int *size)
{
	char data[RING_SIZE];
	int ret;

	*size = sizeof(data);
	ret = l4shmc_rb_receiver_copy_out(L4SHMC_RINGBUF_HEAD(rx), data, size);
	l4shmc_rb_receiver_notify_done(rx);
	return ret;
}

/* Children become one side themselves: they are clients of their own. */

static void become_sender(FIXTURE_DATA(ring) *self, l4shmc_area_t *area, l4shmc_ringbuf_t *tx)
{
	CHECK(!l4shmc_attach(self->lib.name, area));
	CHECK(!l4shmc_rb_init_buffer(tx, area, "ring", "base", RING_SIZE));
}

static void become_receiver(FIXTURE_DATA(ring) *self, l4shmc_area_t *area, l4shmc_ringbuf_t *rx)
{
	CHECK(!l4shmc_attach(self->lib.name, area));
	CHECK(!l4shmc_rb_init_receiver(rx, area, "ring", "base"));
}

/* Says so when there is no more room. */
static void fill_ring(FIXTURE_DATA(ring) *self, l4shmc_ringbuf_t *tx)
{
	while (!l4shmc_rb_sender_next_copy_in(tx, self->data, 100, 0))
		;
	store32(&self->said[0], 1);
}

static int child_receives(void *arg)
{
	FIXTURE_DATA(ring) *self = arg;
	l4shmc_ringbuf_t rx;
	l4shmc_area_t area;
	unsigned int size;

	become_receiver(self, &area, &rx);
	store32(&self->said[0], 1);
	CHECK(!l4shmc_rb_receiver_wait_for_data(&rx, 1));
	CHECK(!take_packet(&rx, &size) && size == 7);
	return 0;
}

static int child_is_told(void *arg)
{
	FIXTURE_DATA(ring) *self = arg;
	l4shmc_ringbuf_t rx;
	l4shmc_area_t area;

	become_receiver(self, &area, &rx);
	store32(&self->said[0], 1);
	CHECK(l4shmc_rb_receiver_wait_for_data(&rx, 1) == -L4_ENOREPLY);
	store32(&self->said[0], 2);
	CHECK(!l4shmc_rb_receiver_wait_for_data(&rx, 1));
	return 0;
}

/* Fills the ring, then has one packet more. */
static int child_sends(void *arg)
{
	FIXTURE_DATA(ring) *self = arg;
	l4shmc_ringbuf_t tx;
	l4shmc_area_t area;

	become_sender(self, &area, &tx);
	fill_ring(self, &tx);
	CHECK(!l4shmc_rb_sender_next_copy_in(&tx, self->data, 100, 1));
	return 0;
}

static int child_is_told_of_receiver(void *arg)
{
	FIXTURE_DATA(ring) *self = arg;
	l4shmc_ringbuf_t tx;
	l4shmc_area_t area;

	become_sender(self, &area, &tx);
	fill_ring(self, &tx);
	CHECK(l4shmc_rb_sender_next_copy_in(&tx, self->data, 100, 1) == -L4_ENOREPLY);
	return 0;
}

/* Sends one packet and has another one half written. */
static int child_half_writes(void *arg)
{
	FIXTURE_DATA(ring) *self = arg;
	l4shmc_ringbuf_t tx;
	l4shmc_area_t area;
	char *packet;

	become_sender(self, &area, &tx);
	CHECK(!l4shmc_rb_sender_next_copy_in(&tx, self->data, 7, 0));
	packet = l4shmc_rb_sender_alloc_packet(L4SHMC_RINGBUF_HEAD(&tx), 9);
	CHECK(packet);
	l4shmc_rb_sender_put_data(&tx, packet, self->data, 5);
	store32(&self->said[0], 1);
	pause();
	return 1;
}

static int child_holds_receiver(void *arg)
{
	FIXTURE_DATA(ring) *self = arg;
	l4shmc_ringbuf_t rx;
	l4shmc_area_t area;

	become_receiver(self, &area, &rx);
	store32(&self->said[1], 1);
	pause();
	return 1;
}

#define CHILD_SAYS(index, what) WAIT_UNTIL(load32(&self->said[index]) == (what))
#define CHILD_SLEEPS(pid) WAIT_UNTIL(task_state(pid) == 'S')

/* What it is made of */

TEST_F(ring, takes_the_space_that_it_is_given)
{
	long before = l4shmc_area_size_free(&self->lib.area);
	l4shmc_chunk_t chunk;
	l4shmc_ringbuf_t all;

	EXPECT_EQ(AREA_SIZE - (RING_SIZE + 63) / 64 * 64, before);
	ASSERT_EQ(0, l4shmc_get_chunk(&self->peer, "ring", &chunk));
	EXPECT_EQ(l4shmc_chunk_ptr(&chunk), L4SHMC_RINGBUF_DATA(&self->rx) -
						    sizeof(struct l4shmc_ring));
	EXPECT_EQ(1024, L4SHMC_RINGBUF_DATA_SIZE(&self->tx));
	EXPECT_EQ(1024, L4SHMC_RINGBUF_DATA_SIZE(&self->rx));
	EXPECT_EQ(-L4_ENOMEM, l4shmc_rb_init_buffer(&all, &self->lib.area, "all", "all",
						    (unsigned int)before + 1));
	/* What that has taken in vain is part of the ring that fits. */
	EXPECT_EQ(0, l4shmc_rb_init_buffer(&all, &self->lib.area, "all", "all",
					   (unsigned int)before));
	EXPECT_EQ(0, l4shmc_area_size_free(&self->lib.area));
	l4shmc_rb_deinit_buffer(&all);
}

TEST_F(ring, shows_who_is_there)
{
	EXPECT_EQ(l4shmc_get_client_nr(&self->lib.area),
		  sysfs_number(self->lib.name, "chunks/ring/owner"));
	EXPECT_EQ(l4shmc_get_client_nr(&self->peer),
		  sysfs_number(self->lib.name, "chunks/base_rx/owner"));
	l4shmc_rb_deinit_buffer(&self->rx);
	EXPECT_EQ(-1, sysfs_number(self->lib.name, "chunks/base_rx/owner"));
}

TEST_F(ring, refuses)
{
	char longest[L4SHMC_NAME_SIZE - 3], longer[L4SHMC_NAME_SIZE - 2];
	l4shmc_area_t *area = &self->lib.area, observer;
	l4shmc_ringbuf_t buf;

	memset(longest, 'x', sizeof(longest));
	memset(longer, 'x', sizeof(longer));
	longest[sizeof(longest) - 1] = '\0';
	longer[sizeof(longer) - 1] = '\0';
	EXPECT_EQ(-L4_EBUSY, l4shmc_rb_init_buffer(&buf, area, "ring", "base", RING_SIZE));
	EXPECT_EQ(-L4_EBUSY, l4shmc_rb_init_receiver(&buf, area, "ring", "base"));
	EXPECT_EQ(-L4_EEXIST, l4shmc_rb_init_buffer(&buf, area, "ring", "base", RING_SIZE + 8));
	EXPECT_EQ(-L4_ENOENT, l4shmc_rb_init_receiver(&buf, area, "no ring", "base"));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(&buf, area, "r", "r", RING_SIZE - 1024 + 15));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(&buf, area, "r", "r", 1U << 31));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(&buf, area, NULL, "r", RING_SIZE));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(&buf, area, "r", NULL, RING_SIZE));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_receiver(&buf, area, "ring", NULL));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(&buf, area, "r", "@", RING_SIZE));
	EXPECT_EQ(-L4_ENAMETOOLONG, l4shmc_rb_init_buffer(&buf, area, "r", longer, RING_SIZE));
	EXPECT_EQ(-L4_ENAMETOOLONG, l4shmc_rb_init_receiver(&buf, area, "ring", longer));
	EXPECT_EQ(0, l4shmc_rb_init_buffer(&buf, area, longest, longest, RING_SIZE));
	l4shmc_rb_deinit_buffer(&buf);
	/* A chunk that is too small for a ring. */
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_receiver(&buf, area, "base_rx", "r"));
	ASSERT_EQ(0, l4shmc_attach_flags(self->lib.name, 0, L4SHMC_OBSERVER, &observer));
	EXPECT_EQ(-L4_EPERM, l4shmc_rb_init_buffer(&buf, &observer, "r", "r", RING_SIZE));
	EXPECT_EQ(-L4_EPERM, l4shmc_rb_init_receiver(&buf, &observer, "ring", "base"));
}

/* Sleeping and waking */

TEST_F(ring, receiver_sleeps_until_there_is_data)
{
	pid_t pid;

	l4shmc_rb_deinit_buffer(&self->rx);
	pid = spawn(child_receives, self);
	ASSERT_TRUE(CHILD_SAYS(0, 1));
	ASSERT_TRUE(CHILD_SLEEPS(pid));
	ASSERT_EQ(0, send_packet(self, 7, 0));
	EXPECT_EQ(0, reap(pid));
}

/* A size that the compiler knows: nothing of the library is called, but to wake. */
TEST_F(ring, receiver_is_woken_by_a_packet_that_took_no_call)
{
	pid_t pid;

	l4shmc_rb_deinit_buffer(&self->rx);
	pid = spawn(child_receives, self);
	ASSERT_TRUE(CHILD_SAYS(0, 1));
	ASSERT_TRUE(CHILD_SLEEPS(pid));
	ASSERT_EQ(0, l4shmc_rb_sender_next_copy_in(&self->tx, self->data, 7, 0));
	EXPECT_EQ(0, reap(pid));
}

TEST_F(ring, sender_sleeps_until_there_is_room)
{
	unsigned int size;
	pid_t pid;

	l4shmc_rb_deinit_buffer(&self->tx);
	pid = spawn(child_sends, self);
	ASSERT_TRUE(CHILD_SAYS(0, 1));
	ASSERT_TRUE(CHILD_SLEEPS(pid));
	ASSERT_EQ(0, take_packet(&self->rx, &size));
	EXPECT_EQ(0, reap(pid));
}

static __u32 triggers(l4shmc_area_t *area, const char *name)
{
	int fd = l4shmc_area_fd(area), signal = signal_open(fd, name, 0);
	union l4shmc_record *control = map_control(fd, PROT_READ);
	__u32 count = load32(&signal_record(control, signal)->triggered);

	munmap(control, L4SHMC_CONTROL_SIZE);
	close(signal);
	return count;
}

TEST_F(ring, wakes_once_for_a_burst)
{
	__u32 rx = triggers(&self->peer, "base_rx"), tx = triggers(&self->peer, "base_tx");
	unsigned int size;

	/* Asked when it was set up, so told once. */
	for (unsigned int i = 0; i < 5; i++)
		ASSERT_EQ(0, send_packet(self, 10, 0));
	EXPECT_EQ(rx + 1, triggers(&self->peer, "base_rx"));
	for (unsigned int i = 0; i < 5; i++)
		ASSERT_EQ(0, take_packet(&self->rx, &size));
	EXPECT_EQ(-L4_EAGAIN, take_packet(&self->rx, &size));
	for (unsigned int i = 0; i < 4; i++)
		ASSERT_EQ(0, send_packet(self, 200, 0));
	EXPECT_EQ(rx + 2, triggers(&self->peer, "base_rx"));
	/* Not before there is as much room as was asked for. */
	EXPECT_EQ(-L4_ENOMEM, send_packet(self, 500, 0));
	ASSERT_EQ(0, take_packet(&self->rx, &size));
	EXPECT_EQ(tx, triggers(&self->peer, "base_tx"));
	while (!take_packet(&self->rx, &size))
		;
	EXPECT_EQ(tx + 1, triggers(&self->peer, "base_tx"));
	EXPECT_EQ(0, send_packet(self, 500, 0));
}

static int child_makes_no_system_call(void *arg)
{
	FIXTURE_DATA(ring) *self = arg;
	unsigned int size, i;

	CHECK(!forbid_system_calls());
	for (i = 0; i < 10000; i++) {
		if (send_packet(self, i % 300, 1))
			_exit(2);
		if (l4shmc_rb_receiver_wait_for_data(&self->rx, 1) || take_packet(&self->rx, &size))
			_exit(3);
	}
	return 0;
}

TEST_F(ring, makes_no_system_call_unless_it_sleeps)
{
	EXPECT_EQ(0, run_child(child_makes_no_system_call, self));
}

TEST_F(ring, works_with_event_loops)
{
	l4shmc_signal_t *signal = NULL, room;
	struct pollfd poller;
	unsigned int size;

	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_attach_sender(&self->tx, "other", ME));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_attach_sender(&self->tx, "base", L4_INVALID_CAP));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_attach_sender(&self->rx, "base", ME));
	l4shmc_rb_attach_receiver(&self->rx, L4_INVALID_CAP);
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any(&signal));
	l4shmc_rb_attach_receiver(&self->rx, ME);
	EXPECT_EQ(TIMED_OUT, l4shmc_wait_any_try(&signal));
	ASSERT_EQ(0, send_packet(self, 7, 0));
	EXPECT_EQ(0, l4shmc_wait_any(&signal));
	EXPECT_EQ(&self->rx._signal_rx, signal);

	EXPECT_EQ(0, l4shmc_rb_attach_sender(&self->tx, "base", ME));
	while (!send_packet(self, 100, 0))
		;
	ASSERT_EQ(0, l4shmc_get_signal(&self->lib.area, "base_tx", &room));
	poller = (struct pollfd){ .fd = l4shmc_signal_fd(&room), .events = POLLIN };
	EXPECT_EQ(0, poll(&poller, 1, 0));
	ASSERT_EQ(0, take_packet(&self->rx, &size));
	ASSERT_EQ(0, take_packet(&self->rx, &size));
	EXPECT_EQ(1, poll(&poller, 1, 0));
	/* There is more to receive, too. */
	EXPECT_EQ(0, l4shmc_wait_any(&signal));
	EXPECT_EQ(&self->rx._signal_rx, signal);
	EXPECT_EQ(0, l4shmc_wait_any(&signal));
	EXPECT_EQ(&self->tx._signal_tx, signal);

	l4shmc_rb_deinit_buffer(&self->rx);
	l4shmc_rb_deinit_buffer(&self->tx);
	EXPECT_EQ(-L4_EINVAL, l4shmc_wait_any(&signal));
}

/* Who is bound to the signal need not look whether there is another packet. */
TEST_F(ring, gives_an_event_for_each_packet)
{
	l4shmc_signal_t *signal;
	unsigned int size;

	l4shmc_rb_attach_receiver(&self->rx, ME);
	for (unsigned int n = 1; n <= 4; n++) {
		for (unsigned int i = 1; i <= n; i++)
			ASSERT_EQ(0, send_packet(self, i, 0));
		for (unsigned int i = 1; i <= n; i++) {
			signal = NULL;
			ASSERT_EQ(0, l4shmc_wait_any_try(&signal));
			EXPECT_EQ(&self->rx._signal_rx, signal);
			EXPECT_EQ(0, take_packet(&self->rx, &size));
			EXPECT_EQ(i, size);
		}
		EXPECT_EQ(-2003, l4shmc_wait_any_try(&signal));
	}
}

/* Death */

TEST_F(ring, receiver_is_told_that_the_sender_died)
{
	pid_t sender, receiver;

	l4shmc_rb_deinit_buffer(&self->tx);
	l4shmc_rb_deinit_buffer(&self->rx);
	sender = spawn(child_half_writes, self);
	ASSERT_TRUE(CHILD_SAYS(0, 1));
	ASSERT_EQ(0, l4shmc_rb_init_receiver(&self->rx, &self->peer, "ring", "base"));
	ASSERT_EQ(0, l4shmc_rb_receiver_wait_for_data(&self->rx, 1));
	ASSERT_EQ(7, l4shmc_rb_receiver_read_next_size(L4SHMC_RINGBUF_HEAD(&self->rx)));
	ASSERT_EQ(0, take_packet(&self->rx, &self->said[2]));
	l4shmc_rb_deinit_buffer(&self->rx);

	store32(&self->said[0], 0);
	receiver = spawn(child_is_told, self);
	ASSERT_TRUE(CHILD_SAYS(0, 1));
	ASSERT_TRUE(CHILD_SLEEPS(receiver));
	kill_child(sender);
	/* Nothing of the packet that was half written, and a successor is welcome. */
	ASSERT_TRUE(CHILD_SAYS(0, 2));
	ASSERT_TRUE(CHILD_SLEEPS(receiver));
	ASSERT_EQ(0, l4shmc_rb_init_buffer(&self->tx, &self->lib.area, "ring", "base", RING_SIZE));
	ASSERT_EQ(0, send_packet(self, 7, 0));
	EXPECT_EQ(0, reap(receiver));
}

TEST_F(ring, sender_is_told_that_the_receiver_died)
{
	pid_t sender, receiver;

	l4shmc_rb_deinit_buffer(&self->tx);
	l4shmc_rb_deinit_buffer(&self->rx);
	ASSERT_EQ(0, l4shmc_rb_init_buffer(&self->tx, &self->lib.area, "ring", "base", RING_SIZE));
	receiver = spawn(child_holds_receiver, self);
	ASSERT_TRUE(CHILD_SAYS(1, 1));
	l4shmc_rb_deinit_buffer(&self->tx);
	sender = spawn(child_is_told_of_receiver, self);
	ASSERT_TRUE(CHILD_SAYS(0, 1));
	ASSERT_TRUE(CHILD_SLEEPS(sender));
	kill_child(receiver);
	EXPECT_EQ(0, reap(sender));
}

TEST_F(ring, one_that_leaves_is_told_of_too)
{
	pid_t receiver;

	l4shmc_rb_deinit_buffer(&self->rx);
	receiver = spawn(child_is_told, self);
	ASSERT_TRUE(CHILD_SAYS(0, 1));
	ASSERT_TRUE(CHILD_SLEEPS(receiver));
	l4shmc_rb_deinit_buffer(&self->tx);
	ASSERT_TRUE(CHILD_SAYS(0, 2));
	ASSERT_EQ(0, l4shmc_rb_init_buffer(&self->tx, &self->lib.area, "ring", "base", RING_SIZE));
	ASSERT_EQ(0, send_packet(self, 7, 0));
	EXPECT_EQ(0, reap(receiver));
}

static void *send_later(void *arg)
{
	FIXTURE_DATA(ring) *self = arg;
	l4shmc_area_t passer_by;

	nap_us(20000);
	/* Wakes those who watch, without anything for them. */
	l4shmc_attach(self->lib.name, &passer_by);
	l4shmc_detach(&passer_by);
	nap_us(20000);
	send_packet(self, 7, 0);
	return NULL;
}

TEST_F(ring, leaves_events_and_descriptors_to_the_program)
{
	unsigned int fds;
	l4shmc_signal_t clients;
	pthread_t thread;

	ASSERT_EQ(0, l4shmc_get_clients_signal(&self->peer, &clients));
	while (!l4shmc_wait_signal_try(&clients))
		;
	fds = open_fds();
	ASSERT_EQ(0, pthread_create(&thread, NULL, send_later, self));
	EXPECT_EQ(0, l4shmc_rb_receiver_wait_for_data(&self->rx, 1));
	pthread_join(thread, NULL);
	EXPECT_EQ(0, l4shmc_wait_signal_try(&clients));
	l4shmc_rb_deinit_buffer(&self->rx);
	EXPECT_EQ(fds, open_fds());
}

/* Strain */

struct device_ring {
	const char *name;
	l4shmc_area_t area;
};

static long open_device_ring(struct stress *s, l4shmc_ringbuf_t *buf, enum l4shmc__ring_role role)
{
	struct device_ring *ring = s->private;
	long ret = l4shmc_attach(ring->name, &ring->area);

	if (ret)
		return ret;
	if (role == L4SHMC__SENDER)
		ret = l4shmc_rb_init_buffer(buf, &ring->area, "strain", "strain", RING_SIZE);
	else
		ret = l4shmc_rb_init_receiver(buf, &ring->area, "strain", "strain");
	if (ret)
		l4shmc_detach(&ring->area);
	return ret;
}

static void close_device_ring(struct stress *s, enum l4shmc__ring_role role)
{
	struct device_ring *ring = s->private;

	(void)role;
	l4shmc_detach(&ring->area);
}

TEST_F_TIMEOUT(ring, loses_nothing_when_its_users_are_killed, 100)
{
	struct device_ring ring = { .name = self->lib.name };
	struct stress s = {
		.open = open_device_ring,
		.close = close_device_ring,
		.private = &ring,
		.block = true,
		.count = rounds(5000),
		.kill_us = 20000,
		.seed = 1,
	};

	EXPECT_EQ(0, stress_run(&s));
	EXPECT_LT(0, s.kills[0] + s.kills[1]);
	/* Both clients of the fixture are left. */
	EXPECT_EQ(2, sysfs_number(self->lib.name, "clients"));
}

TEST_F_TIMEOUT(ring, attack_20_bears_a_head_that_is_written_over, 100)
{
	struct device_ring ring = { .name = self->lib.name };
	struct stress s = {
		.open = open_device_ring,
		.close = close_device_ring,
		.private = &ring,
		.count = rounds(200),
		.seed = 1,
	};
	l4shmc_ringbuf_t buf;
	l4shmc_chunk_t chunk;

	ASSERT_EQ(0, l4shmc_rb_init_buffer(&buf, &self->lib.area, "strain", "strain", RING_SIZE));
	l4shmc_rb_deinit_buffer(&buf);
	ASSERT_EQ(0, l4shmc_get_chunk(&self->lib.area, "strain", &chunk));
	EXPECT_EQ(0, stress_run_scribbled(&s, l4shmc_chunk_ptr(&chunk), 1024));
}

TEST_HARNESS_MAIN
