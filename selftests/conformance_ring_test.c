// SPDX-License-Identifier: GPL-2.0-only
/*
 * The API of <l4/shmc/ringbuf.h> and <l4/shmc/shmbuf.h> as it is documented,
 * function by function.
 */
#include "conformance.h"

#include <l4/shmc/ringbuf.h>
#include <l4/shmc/shmbuf.h>

#define RING "ring"
#define RING_BYTES (4096 + (unsigned int)sizeof(l4shmc_ringbuf_head_t))
/* Several of these fit, but not ten. */
#define PACKET 500U

static int be_sender(l4shmc_area_t *area, l4shmc_ringbuf_t *ring)
{
	CHECK(l4shmc_attach(AREA, area) == 0);
	CHECK(l4shmc_rb_init_buffer(ring, area, RING, RING, RING_BYTES) == 0);
	return 0;
}

static int be_receiver(l4shmc_area_t *area, l4shmc_ringbuf_t *ring)
{
	CHECK(l4shmc_attach(AREA, area) == 0);
	CHECK(l4shmc_rb_init_receiver(ring, area, RING, RING) == 0);
	return 0;
}

/* A packet's bytes are told by its number. */
static void fill(char *data, unsigned int number, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		data[i] = (char)(number * 7 + i);
}

static bool holds(const char *data, unsigned int number, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		if (data[i] != (char)(number * 7 + i))
			return false;
	return true;
}

static int send_packet(l4shmc_ringbuf_t *ring, unsigned int number, int block)
{
	char data[PACKET];

	fill(data, number, PACKET);
	return l4shmc_rb_sender_next_copy_in(ring, data, PACKET, block);
}

/* Receives one packet; 0 if it is the one with that number. */
static int receive_packet(l4shmc_ringbuf_t *ring, unsigned int number)
{
	char data[PACKET];
	unsigned int size = sizeof(data);
	int err = l4shmc_rb_receiver_wait_for_data(ring, 1);

	if (!err)
		err = l4shmc_rb_receiver_copy_out(L4SHMC_RINGBUF_HEAD(ring), data, &size);
	if (!err)
		l4shmc_rb_receiver_notify_done(ring);
	return err ? err : size != PACKET || !holds(data, number, PACKET);
}

/* Sends until there is no room; the number of packets */
static unsigned int fill_ring(l4shmc_ringbuf_t *ring)
{
	unsigned int number = 0;

	while (send_packet(ring, number, 0) == 0)
		number++;
	return number;
}

#define ASSERT_SENDER(ring) \
	ASSERT_EQ(0, l4shmc_rb_init_buffer(ring, self->area, RING, RING, RING_BYTES))
#define ASSERT_RECEIVER(ring) \
	ASSERT_EQ(0, l4shmc_rb_init_receiver(ring, self->area, RING, RING))

/* Setting up */

static int peer_cannot_be_sender(void)
{
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_rb_init_buffer(&ring, &area, RING, RING, RING_BYTES) == -L4_EBUSY);
	CHECK(l4shmc_rb_init_buffer(&ring, &area, RING, RING, RING_BYTES + 64) == -L4_EEXIST);
	return 0;
}

TEST_F(api, init_buffer)
{
	l4shmc_ringbuf_t ring;

	ASSERT_SENDER(&ring);
	WITH_PEER(peer_cannot_be_sender);
	EXPECT_EQ(0, send_packet(&ring, 1, 0));
}

TEST_F(alone, init_buffer_with_bad_arguments)
{
	l4shmc_area_t none = { 0 };
	l4shmc_ringbuf_t ring;
	char name[62];

	memset(name, 'n', 61);
	name[61] = '\0';
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(NULL, self->area, "r", "r", RING_BYTES));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(&ring, NULL, "r", "r", RING_BYTES));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(&ring, &none, "r", "r", RING_BYTES));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(&ring, self->area, NULL, "r", RING_BYTES));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(&ring, self->area, "r", NULL, RING_BYTES));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(&ring, self->area, "r", "r", 0));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(&ring, self->area, "r", "r",
						    sizeof(l4shmc_ringbuf_head_t)));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_buffer(&ring, self->area, "r", "r", ~0U));
	EXPECT_EQ(-L4_ENOMEM, l4shmc_rb_init_buffer(&ring, self->area, "r", "r", 1U << 30));
	EXPECT_EQ(-L4_ENAMETOOLONG,
		  l4shmc_rb_init_buffer(&ring, self->area, "r", name, RING_BYTES));
	/* No fixed-size buffer has cut the longest one off. */
	EXPECT_EQ(0, l4shmc_rb_init_buffer(&ring, self->area, name + 1, name + 1, RING_BYTES));
	EXPECT_EQ(0, l4shmc_rb_sender_next_copy_in(&ring, name, 10, 0));
}

static int peer_receives_two(void)
{
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;

	CHECK(be_receiver(&area, &ring) == 0);
	CHECK(receive_packet(&ring, 0) == 0);
	CHECK(receive_packet(&ring, 1) == 0);
	l4shmc_rb_deinit_buffer(&ring);
	return 0;
}

TEST_F(api, init_receiver)
{
	l4shmc_ringbuf_t ring, other;

	EXPECT_EQ(-L4_ENOENT, l4shmc_rb_init_receiver(&other, self->area, RING, RING));
	ASSERT_SENDER(&ring);
	EXPECT_EQ(0, send_packet(&ring, 0, 0));
	EXPECT_EQ(0, send_packet(&ring, 1, 0));
	WITH_PEER(peer_receives_two);
	/* Its place is free again. */
	EXPECT_EQ(0, l4shmc_rb_init_receiver(&other, self->area, RING, RING));
	EXPECT_EQ(-L4_EAGAIN, l4shmc_rb_receiver_wait_for_data(&other, 0));
}

static int peer_cannot_be_receiver(void)
{
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_rb_init_receiver(&ring, &area, RING, RING) == -L4_EBUSY);
	return 0;
}

TEST_F(api, init_receiver_of_a_ring_with_a_receiver)
{
	l4shmc_ringbuf_t ring, receiver;

	ASSERT_SENDER(&ring);
	ASSERT_RECEIVER(&receiver);
	WITH_PEER(peer_cannot_be_receiver);
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_receiver(NULL, self->area, RING, RING));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_init_receiver(&receiver, NULL, RING, RING));
}

static int peer_sends_late(void)
{
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;

	l4_usleep(20000);
	CHECK(be_sender(&area, &ring) == 0);
	CHECK(send_packet(&ring, 3, 0) == 0);
	l4shmc_rb_deinit_buffer(&ring);
	return 0;
}

TEST_F(api, init_receiver_waits_if_the_environment_says_so)
{
	l4shmc_ringbuf_t ring;

	setenv("L4SHMC_GET_TIMEOUT_MS", "20000", 1);
	START(peer_sends_late);
	EXPECT_EQ(0, l4shmc_rb_init_receiver(&ring, self->area, RING, RING));
	EXPECT_EQ(0, receive_packet(&ring, 3));
	FINISH();
}

/* Make the ring, and be its receiver. */
static void make_receiver(struct __test_metadata *_metadata, FIXTURE_DATA(api) * self,
			  l4shmc_ringbuf_t *ring)
{
	l4shmc_ringbuf_t sender;

	ASSERT_SENDER(&sender);
	l4shmc_rb_deinit_buffer(&sender);
	ASSERT_RECEIVER(ring);
}

static int peer_sends_and_leaves(void)
{
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;

	CHECK(be_sender(&area, &ring) == 0);
	CHECK(send_packet(&ring, 0, 0) == 0);
	/* This one is not committed: it is not there. */
	CHECK(l4shmc_rb_sender_alloc_packet(L4SHMC_RINGBUF_HEAD(&ring), 10));
	l4shmc_rb_deinit_buffer(&ring);
	return 0;
}

TEST_F(api, deinit_buffer_of_a_sender)
{
	l4shmc_ringbuf_t ring, successor;

	make_receiver(_metadata, self, &ring);
	WITH_PEER(peer_sends_and_leaves);
	EXPECT_EQ(0, receive_packet(&ring, 0));
	/* There is nothing more, and nobody to send it; so it is told, once. */
	EXPECT_EQ(-L4_ENOREPLY, l4shmc_rb_receiver_wait_for_data(&ring, 1));
	/* A successor goes on where the ring stands. */
	ASSERT_SENDER(&successor);
	EXPECT_EQ(0, send_packet(&successor, 1, 0));
	EXPECT_EQ(0, receive_packet(&ring, 1));
	l4shmc_rb_deinit_buffer(&successor);
	EXPECT_EQ(-L4_EINVAL, send_packet(&successor, 0, 0));
	l4shmc_rb_deinit_buffer(&successor);
	l4shmc_rb_deinit_buffer(NULL);
}

static int peer_ends_as_receiver(void)
{
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;
	l4shmc_signal_t ready;

	CHECK(be_receiver(&area, &ring) == 0);
	CHECK(l4shmc_get_signal(&area, "ready", &ready) == 0);
	CHECK(l4shmc_trigger(&ready) == 0);
	l4_usleep(10000);
	l4shmc_rb_deinit_buffer(&ring);
	return 0;
}

/* Who blocks is told, not left asleep. */
TEST_F(api, deinit_buffer_of_a_receiver)
{
	l4shmc_signal_t ready;
	l4shmc_ringbuf_t ring;
	unsigned int sent;

	ASSERT_EQ(0, l4shmc_add_signal(self->area, "ready", &ready));
	ASSERT_SENDER(&ring);
	sent = fill_ring(&ring);
	EXPECT_LE(5, sent);
	START(peer_ends_as_receiver);
	ASSERT_EQ(0, l4shmc_wait_signal_to(&ready, LONG));
	EXPECT_EQ(-L4_ENOREPLY, send_packet(&ring, sent, 1));
	FINISH();
}

TEST_F(alone, macros)
{
	l4shmc_ringbuf_t ring;
	char *packet;

	ASSERT_SENDER(&ring);
	EXPECT_EQ(RING_BYTES - sizeof(l4shmc_ringbuf_head_t), L4SHMC_RINGBUF_DATA_SIZE(&ring));
	EXPECT_EQ(L4SHMC_RINGBUF_HEAD(&ring)->data, L4SHMC_RINGBUF_DATA(&ring));
	packet = l4shmc_rb_sender_alloc_packet(L4SHMC_RINGBUF_HEAD(&ring), 100);
	EXPECT_LE(L4SHMC_RINGBUF_DATA(&ring), packet);
	EXPECT_GE(L4SHMC_RINGBUF_DATA(&ring) + L4SHMC_RINGBUF_DATA_SIZE(&ring), packet + 100);
	EXPECT_EQ(0, (unsigned long)packet % 8);
}

/* Threads that are told */

static int peer_makes_room(void)
{
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;

	CHECK(be_receiver(&area, &ring) == 0);
	for (unsigned int i = 0; l4shmc_rb_receiver_wait_for_data(&ring, 0) == 0; i++)
		CHECK(receive_packet(&ring, i) == 0);
	l4shmc_rb_deinit_buffer(&ring);
	return 0;
}

TEST_F(api, attach_sender)
{
	l4shmc_signal_t *any = NULL;
	l4shmc_ringbuf_t ring;

	ASSERT_SENDER(&ring);
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_attach_sender(&ring, RING, L4_INVALID_CAP));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_attach_sender(&ring, "other", ME));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_attach_sender(NULL, RING, ME));
	ASSERT_EQ(0, l4shmc_rb_attach_sender(&ring, RING, ME));
	fill_ring(&ring);
	START(peer_makes_room);
	EXPECT_EQ(0, l4shmc_wait_any_to(LONG, &any));
	FINISH();
	EXPECT_EQ(0, send_packet(&ring, 0, 0));
}

static int peer_sends_three(void)
{
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;

	l4_usleep(5000);
	CHECK(be_sender(&area, &ring) == 0);
	for (unsigned int i = 0; i < 3; i++)
		CHECK(send_packet(&ring, i, 0) == 0);
	l4shmc_rb_deinit_buffer(&ring);
	return 0;
}

TEST_F(api, attach_receiver)
{
	l4shmc_signal_t *any = NULL;
	l4shmc_ringbuf_t ring;

	make_receiver(_metadata, self, &ring);
	l4shmc_rb_attach_receiver(&ring, ME);
	EXPECT_EQ(-L4_EAGAIN, l4shmc_rb_receiver_wait_for_data(&ring, 0));
	START(peer_sends_three);
	EXPECT_EQ(0, l4shmc_wait_any_to(LONG, &any));
	FINISH();
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(0, receive_packet(&ring, i));
}

/* Sending */

static int peer_finds_nothing(void)
{
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;

	CHECK(be_receiver(&area, &ring) == 0);
	CHECK(l4shmc_rb_receiver_wait_for_data(&ring, 0) == -L4_EAGAIN);
	CHECK(l4shmc_rb_receiver_read_next_size(L4SHMC_RINGBUF_HEAD(&ring)) == -L4_EAGAIN);
	l4shmc_rb_deinit_buffer(&ring);
	return 0;
}

/* Packets are not there before they are committed, then all at once. */
TEST_F(api, commit_packet)
{
	l4shmc_ringbuf_t ring;
	char data[PACKET];

	ASSERT_SENDER(&ring);
	for (unsigned int i = 0; i < 2; i++) {
		char *packet = l4shmc_rb_sender_alloc_packet(L4SHMC_RINGBUF_HEAD(&ring), PACKET);

		ASSERT_NE(NULL, packet);
		fill(data, i, PACKET);
		l4shmc_rb_sender_put_data(&ring, packet, data, PACKET);
	}
	WITH_PEER(peer_finds_nothing);
	l4shmc_rb_sender_commit_packet(&ring);
	WITH_PEER(peer_receives_two);
}

TEST_F(api, put_data_in_parts)
{
	l4shmc_ringbuf_t ring;
	char data[PACKET];

	ASSERT_SENDER(&ring);
	for (unsigned int i = 0; i < 2; i++) {
		char *packet = l4shmc_rb_sender_alloc_packet(L4SHMC_RINGBUF_HEAD(&ring), PACKET);

		ASSERT_NE(NULL, packet);
		fill(data, i, PACKET);
		l4shmc_rb_sender_put_data(&ring, packet + 100, data + 100, PACKET - 100);
		l4shmc_rb_sender_put_data(&ring, packet, data, 100);
		l4shmc_rb_sender_commit_packet(&ring);
	}
	WITH_PEER(peer_receives_two);
}

TEST_F(alone, put_data_outside_of_a_packet)
{
	char data[64] = "overwritten", *packet;
	l4shmc_ringbuf_t ring;

	ASSERT_SENDER(&ring);
	packet = l4shmc_rb_sender_alloc_packet(L4SHMC_RINGBUF_HEAD(&ring), 64);
	ASSERT_NE(NULL, packet);
	memset(packet, 0x5a, 64);
	l4shmc_rb_sender_put_data(&ring, packet + 8, data, 64);
	l4shmc_rb_sender_put_data(&ring, packet - 64, data, 64);
	l4shmc_rb_sender_put_data(&ring, packet, data, ~0U);
	l4shmc_rb_sender_put_data(NULL, packet, data, 64);
	for (unsigned int i = 0; i < 64; i++)
		EXPECT_EQ(0x5a, packet[i]);
}

TEST_F(api, alloc_packet)
{
	l4shmc_ringbuf_t ring;
	l4shmc_ringbuf_head_t *head = L4SHMC_RINGBUF_HEAD(&ring);

	ASSERT_SENDER(&ring);
	EXPECT_EQ(NULL, l4shmc_rb_sender_alloc_packet(NULL, 10));
	EXPECT_EQ(NULL, l4shmc_rb_sender_alloc_packet(head, ~0U));
	EXPECT_EQ(NULL, l4shmc_rb_sender_alloc_packet(head, L4SHMC_RINGBUF_DATA_SIZE(&ring) - 7));
	fill_ring(&ring);
	EXPECT_EQ(NULL, l4shmc_rb_sender_alloc_packet(head, PACKET));
	WITH_PEER(peer_makes_room);
	EXPECT_NE(NULL, l4shmc_rb_sender_alloc_packet(head, PACKET));
}

TEST_F(api, next_copy_in)
{
	l4shmc_ringbuf_t ring;
	char data[1] = "x";

	ASSERT_SENDER(&ring);
	/* What can never fit is an error, whether it may block or not. */
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_sender_next_copy_in(&ring, data, 5000, 0));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_sender_next_copy_in(&ring, data, ~0U, 1));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_sender_next_copy_in(&ring, NULL, 1, 1));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_sender_next_copy_in(NULL, data, 1, 1));
	fill_ring(&ring);
	EXPECT_EQ(-L4_ENOMEM, send_packet(&ring, 0, 0));
	/* What was not read is not overwritten. */
	WITH_PEER(peer_makes_room);
	EXPECT_EQ(0, send_packet(&ring, 0, 0));
}

#define PACKETS (MANY * 3U / 5)

static int peer_receives_slowly(void)
{
	l4shmc_signal_t ready;
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;

	CHECK(be_receiver(&area, &ring) == 0);
	CHECK(l4shmc_get_signal(&area, "ready", &ready) == 0);
	CHECK(l4shmc_trigger(&ready) == 0);
	for (unsigned int i = 0; i < PACKETS; i++) {
		if (i % 50 == 0)
			l4_usleep(1000);
		CHECK(receive_packet(&ring, i) == 0);
	}
	return 0;
}

/* The sender sleeps whenever the ring is full. */
TEST_F(api, next_copy_in_that_blocks)
{
	l4shmc_signal_t ready;
	l4shmc_ringbuf_t ring;

	ASSERT_EQ(0, l4shmc_add_signal(self->area, "ready", &ready));
	ASSERT_SENDER(&ring);
	START(peer_receives_slowly);
	ASSERT_EQ(0, l4shmc_wait_signal_to(&ready, LONG));
	for (unsigned int i = 0; i < PACKETS; i++)
		ASSERT_EQ(0, send_packet(&ring, i, 1));
	FINISH();
}

/* Receiving */

TEST_F(api, wait_for_data)
{
	l4shmc_ringbuf_t ring, sender;

	make_receiver(_metadata, self, &ring);
	EXPECT_EQ(-L4_EAGAIN, l4shmc_rb_receiver_wait_for_data(&ring, 0));
	WITH_PEER(peer_sends_three);
	/* At once when data is there, and as often as it is asked. */
	EXPECT_EQ(0, l4shmc_rb_receiver_wait_for_data(&ring, 0));
	EXPECT_EQ(0, l4shmc_rb_receiver_wait_for_data(&ring, 1));
	EXPECT_EQ(0, receive_packet(&ring, 0));
	EXPECT_EQ(0, l4shmc_rb_receiver_wait_for_data(&ring, 1));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_receiver_wait_for_data(NULL, 1));
	ASSERT_SENDER(&sender);
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_receiver_wait_for_data(&sender, 1));
}

static int peer_sends_one_by_one(void)
{
	l4shmc_signal_t taken;
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;

	CHECK(be_sender(&area, &ring) == 0);
	CHECK(l4shmc_get_signal(&area, "taken", &taken) == 0);
	for (unsigned int i = 0; i < 50; i++) {
		CHECK(send_packet(&ring, i, 0) == 0);
		CHECK(l4shmc_wait_signal_to(&taken, LONG) == 0);
	}
	return 0;
}

/* The receiver sleeps before each packet. */
TEST_F(api, wait_for_data_that_blocks)
{
	l4shmc_signal_t taken;
	l4shmc_ringbuf_t ring;
	int err;

	ASSERT_EQ(0, l4shmc_add_signal(self->area, "taken", &taken));
	make_receiver(_metadata, self, &ring);
	START(peer_sends_one_by_one);
	for (unsigned int i = 0; i < 50; i++) {
		/* Once it may be told that there is no sender yet. */
		err = l4shmc_rb_receiver_wait_for_data(&ring, 1);
		EXPECT_TRUE(err == 0 || (i == 0 && err == -L4_ENOREPLY));
		ASSERT_EQ(0, receive_packet(&ring, i));
		ASSERT_EQ(0, l4shmc_trigger(&taken));
	}
	FINISH();
}

TEST_F(api, copy_out_into_too_little)
{
	unsigned int size = PACKET - 1;
	l4shmc_ringbuf_t ring;
	char data[PACKET];

	make_receiver(_metadata, self, &ring);
	EXPECT_EQ(-L4_EAGAIN,
		  l4shmc_rb_receiver_copy_out(L4SHMC_RINGBUF_HEAD(&ring), data, &size));
	WITH_PEER(peer_sends_three);
	memset(data, 0x5a, sizeof(data));
	size = PACKET - 1;
	EXPECT_EQ(-L4_EMSGTOOLONG,
		  l4shmc_rb_receiver_copy_out(L4SHMC_RINGBUF_HEAD(&ring), data, &size));
	EXPECT_EQ(PACKET, size);
	EXPECT_EQ(0x5a, data[0]);
	/* The packet stays, and the ring is as good as before. */
	EXPECT_EQ(0, l4shmc_rb_receiver_copy_out(L4SHMC_RINGBUF_HEAD(&ring), data, &size));
	EXPECT_EQ(PACKET, size);
	EXPECT_TRUE(holds(data, 0, PACKET));
	EXPECT_EQ(0, receive_packet(&ring, 1));
	EXPECT_EQ(0, receive_packet(&ring, 2));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_receiver_copy_out(NULL, data, &size));
}

TEST_F(api, read_next_size)
{
	l4shmc_ringbuf_t ring;
	l4shmc_ringbuf_head_t *head = L4SHMC_RINGBUF_HEAD(&ring);

	make_receiver(_metadata, self, &ring);
	EXPECT_EQ(-L4_EAGAIN, l4shmc_rb_receiver_read_next_size(head));
	WITH_PEER(peer_sends_three);
	for (unsigned int i = 0; i < 3; i++) {
		EXPECT_EQ(PACKET, l4shmc_rb_receiver_read_next_size(head));
		EXPECT_EQ(0, receive_packet(&ring, i));
	}
	EXPECT_EQ(-L4_EAGAIN, l4shmc_rb_receiver_read_next_size(head));
	EXPECT_EQ(-L4_EINVAL, l4shmc_rb_receiver_read_next_size(NULL));
}

/* Fills the ring, says into the chunk with how many packets, and waits for room. */
static int block_on_full_ring(l4shmc_area_t *area, l4shmc_ringbuf_t *ring, l4shmc_signal_t *full)
{
	l4shmc_chunk_t chunk;
	unsigned int sent;

	CHECK(be_sender(area, ring) == 0);
	CHECK(l4shmc_get_chunk(area, "chunk", &chunk) == 0);
	CHECK(l4shmc_get_signal(area, "full", full) == 0);
	sent = fill_ring(ring);
	*(unsigned int *)l4shmc_chunk_ptr(&chunk) = sent;
	CHECK(l4shmc_trigger(full) == 0);
	CHECK(send_packet(ring, sent, 1) == 0);
	return 0;
}

static int peer_blocks_once(void)
{
	l4shmc_signal_t full;
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;

	CHECK(block_on_full_ring(&area, &ring, &full) == 0);
	l4shmc_rb_deinit_buffer(&ring);
	return 0;
}

TEST_F(api, notify_done_wakes_the_sender)
{
	l4shmc_ringbuf_t ring;
	l4shmc_signal_t full;
	unsigned int number;

	ASSERT_EQ(0, l4shmc_add_signal(self->area, "full", &full));
	make_receiver(_metadata, self, &ring);
	START(peer_blocks_once);
	ASSERT_EQ(0, l4shmc_wait_signal_to(&full, LONG));
	l4_usleep(5000);
	for (number = 0; number < 4; number++)
		EXPECT_EQ(0, receive_packet(&ring, number));
	FINISH();
	while (l4shmc_rb_receiver_wait_for_data(&ring, 0) == 0)
		EXPECT_EQ(0, receive_packet(&ring, number++));
	EXPECT_LE(6, number);
	l4shmc_rb_receiver_notify_done(NULL);
}

static int peer_blocks_once_and_stays(void)
{
	l4shmc_signal_t full;
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;

	CHECK(block_on_full_ring(&area, &ring, &full) == 0);
	/* For as long as it is there a receiver may wait. */
	CHECK(l4shmc_wait_signal_to(&full, LONG) == 0);
	l4shmc_rb_deinit_buffer(&ring);
	return 0;
}

/* A receiver that does not tell that it is done does so when it waits. */
TEST_F(api, waiting_for_data_wakes_the_sender)
{
	unsigned int sent, size;
	l4shmc_ringbuf_t ring;
	l4shmc_signal_t full;
	char data[PACKET];

	ASSERT_EQ(0, l4shmc_add_signal(self->area, "full", &full));
	make_receiver(_metadata, self, &ring);
	START(peer_blocks_once_and_stays);
	ASSERT_EQ(0, l4shmc_wait_signal_to(&full, LONG));
	/* It should sleep by now. */
	l4_usleep(5000);
	sent = *(unsigned int *)l4shmc_chunk_ptr(self->chunk);
	for (unsigned int i = 0; i < sent; i++) {
		size = sizeof(data);
		ASSERT_EQ(0, l4shmc_rb_receiver_copy_out(L4SHMC_RINGBUF_HEAD(&ring), data, &size));
		ASSERT_TRUE(holds(data, i, PACKET));
	}
	ASSERT_EQ(0, l4shmc_rb_receiver_wait_for_data(&ring, 1));
	EXPECT_EQ(0, receive_packet(&ring, sent));
	EXPECT_EQ(0, l4shmc_trigger(&full));
	FINISH();
}

/* All of it together */

static unsigned int random_size(unsigned int *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return 1 + (*seed >> 8) % 2000;
}

static int peer_sends_sizes(void)
{
	unsigned int seed = 1;
	l4shmc_ringbuf_t ring;
	l4shmc_area_t area;
	char data[2000];

	CHECK(be_sender(&area, &ring) == 0);
	for (unsigned int i = 0; i < PACKETS; i++) {
		unsigned int size = random_size(&seed);

		fill(data, i, size);
		CHECK(l4shmc_rb_sender_next_copy_in(&ring, data, size, 1) == 0);
	}
	return 0;
}

TEST_F(api, packets_of_all_sizes_wrap_around)
{
	unsigned int seed = 1, size;
	l4shmc_ringbuf_t ring;
	char data[2000];
	int err;

	make_receiver(_metadata, self, &ring);
	START(peer_sends_sizes);
	for (unsigned int i = 0; i < PACKETS; i++) {
		do
			err = l4shmc_rb_receiver_wait_for_data(&ring, 1);
		while (i == 0 && err == -L4_ENOREPLY);
		ASSERT_EQ(0, err);
		size = sizeof(data);
		ASSERT_EQ(0, l4shmc_rb_receiver_copy_out(L4SHMC_RINGBUF_HEAD(&ring), data, &size));
		l4shmc_rb_receiver_notify_done(&ring);
		ASSERT_EQ(random_size(&seed), size);
		ASSERT_TRUE(holds(data, i, size));
	}
	FINISH();
}

static int peer_writes_nonsense(void)
{
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(l4shmc_get_chunk(&area, RING, &chunk) == 0);
	memset(l4shmc_chunk_ptr(&chunk), 0xa5, (size_t)l4shmc_chunk_capacity(&chunk));
	return 0;
}

TEST_F(api, nonsense_in_the_ring_is_an_error)
{
	l4shmc_ringbuf_t ring, receiver;
	unsigned int size = PACKET;
	char data[PACKET];

	ASSERT_SENDER(&ring);
	ASSERT_RECEIVER(&receiver);
	ASSERT_EQ(0, send_packet(&ring, 0, 0));
	WITH_PEER(peer_writes_nonsense);
	EXPECT_EQ(-L4_EIO, l4shmc_rb_receiver_wait_for_data(&receiver, 1));
	EXPECT_EQ(-L4_EIO, l4shmc_rb_receiver_read_next_size(L4SHMC_RINGBUF_HEAD(&receiver)));
	EXPECT_EQ(-L4_EIO,
		  l4shmc_rb_receiver_copy_out(L4SHMC_RINGBUF_HEAD(&receiver), data, &size));
	for (unsigned int i = 0; i < 20 && send_packet(&ring, i, 0) == 0; i++)
		;
	EXPECT_EQ(-L4_EIO, send_packet(&ring, 0, 1));
	EXPECT_EQ(NULL, l4shmc_rb_sender_alloc_packet(L4SHMC_RINGBUF_HEAD(&ring), PACKET));
}

/* Buffers: two rings in chunks "up" and "down" */

#define BUF_BYTES 512UL
#define BUF_HEAD sizeof(struct l4shm_buf_chunk_head)
#define BUF_RING (BUF_BYTES - BUF_HEAD)
/* Larger than half of a ring */
#define HALF 300U

static void *open_ring(l4shmc_area_t *area, const char *name)
{
	l4shmc_chunk_t chunk;

	if (l4shmc_add_chunk(area, name, BUF_BYTES, &chunk) &&
	    l4shmc_get_chunk(area, name, &chunk))
		return NULL;
	return l4shmc_chunk_ptr(&chunk);
}

static int open_buf(l4shmc_area_t *area, struct l4shm_buf *buf, const char *rx, const char *tx)
{
	return l4shm_buf_init(buf, open_ring(area, rx), BUF_BYTES, open_ring(area, tx), BUF_BYTES);
}

static int open_peer_buf(struct l4shm_buf *buf)
{
	l4shmc_area_t area;

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(open_buf(&area, buf, "up", "down") == 0);
	return 0;
}

#define ASSERT_BUF(buf) ASSERT_EQ(0, open_buf(self->area, buf, "down", "up"))

TEST_F(alone, buf_init)
{
	static l4_umword_t memory[2][64];
	l4_umword_t *a = memory[0], *b = memory[1];
	const l4_umword_t size = sizeof(memory[0]);
	struct l4shm_buf buf;

	EXPECT_EQ(0, l4shm_buf_init(&buf, a, size, b, size));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_init(NULL, a, size, b, size));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_init(&buf, NULL, size, b, size));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_init(&buf, a, size, NULL, size));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_init(&buf, (char *)a + 1, size - 8, b, size));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_init(&buf, a, size, (char *)b + 4, size - 8));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_init(&buf, a, size - 1, b, size));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_init(&buf, a, size, b, 0));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_init(&buf, a, BUF_HEAD, b, size));
	a[0] = 12345;
	EXPECT_EQ(-L4_EIO, l4shm_buf_init(&buf, a, size, b, size));
}

static int peer_gets_half(void)
{
	struct l4shm_buf buf;
	char data[HALF];

	CHECK(open_peer_buf(&buf) == 0);
	CHECK(l4shm_buf_rx_len(&buf) == HALF);
	CHECK(l4shm_buf_rx(&buf, data, sizeof(data)) == 0);
	CHECK(holds(data, 0, HALF));
	return 0;
}

TEST_F(api, buf_tx_free)
{
	struct l4shm_buf buf;
	char data[HALF];
	int empty;

	ASSERT_BUF(&buf);
	empty = l4shm_buf_tx_free(&buf);
	EXPECT_LT((int)HALF, empty);
	EXPECT_GT((int)BUF_RING, empty);
	fill(data, 0, HALF);
	ASSERT_EQ(0, l4shm_buf_tx(&buf, data, HALF));
	EXPECT_GT(empty - (int)HALF, l4shm_buf_tx_free(&buf));
	WITH_PEER(peer_gets_half);
	EXPECT_EQ(empty, l4shm_buf_tx_free(&buf));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_tx_free(NULL));
}

TEST_F(api, buf_tx)
{
	struct l4shm_buf buf;
	char data[BUF_BYTES];

	ASSERT_BUF(&buf);
	fill(data, 0, HALF);
	ASSERT_EQ(0, l4shm_buf_tx(&buf, data, HALF));
	EXPECT_EQ(0, buf.tx_head->writer_blocked);
	EXPECT_EQ(-L4_EAGAIN, l4shm_buf_tx(&buf, data, HALF));
	EXPECT_NE(0, buf.tx_head->writer_blocked);
	EXPECT_EQ(-L4_ENOMEM, l4shm_buf_tx(&buf, data, BUF_RING));
	EXPECT_EQ(-L4_ENOMEM, l4shm_buf_tx(&buf, data, ~0UL));
	WITH_PEER(peer_gets_half);
	/* A packet of all that is free fits, one byte more does not. */
	EXPECT_EQ(0, l4shm_buf_tx(&buf, data, (l4_umword_t)l4shm_buf_tx_free(&buf)));
	EXPECT_EQ(0, l4shm_buf_tx_free(&buf));
	EXPECT_EQ(-L4_EAGAIN, l4shm_buf_tx(&buf, data, 1));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_tx(NULL, data, 1));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_tx(&buf, NULL, 1));
}

static int peer_gets_none(void)
{
	struct l4shm_buf buf;
	char data[HALF];

	CHECK(open_peer_buf(&buf) == 0);
	CHECK(l4shm_buf_rx_len(&buf) == -L4_ENOENT);
	CHECK(l4shm_buf_rx(&buf, data, sizeof(data)) == -L4_ENOENT);
	CHECK(l4shm_buf_rx_part(&buf, data, 0, 1) == -L4_ENOENT);
	CHECK(l4shm_buf_rx_drop(&buf) == -L4_ENOENT);
	return 0;
}

TEST_F(api, buf_tx_part_and_complete)
{
	struct l4shm_buf buf;
	char data[HALF];

	ASSERT_BUF(&buf);
	fill(data, 0, HALF);
	/* In any order */
	EXPECT_EQ(0, l4shm_buf_tx_part(&buf, data + 100, 100, HALF - 100));
	EXPECT_EQ(0, l4shm_buf_tx_part(&buf, data, 0, 100));
	WITH_PEER(peer_gets_none);
	EXPECT_EQ(0, l4shm_buf_tx_complete(&buf, HALF));
	EXPECT_EQ(-L4_EAGAIN, l4shm_buf_tx_part(&buf, data, 0, HALF));
	EXPECT_EQ(-L4_EAGAIN, l4shm_buf_tx_complete(&buf, HALF));
	WITH_PEER(peer_gets_half);
	EXPECT_EQ(-L4_ENOMEM, l4shm_buf_tx_part(&buf, data, BUF_RING, 1));
	EXPECT_EQ(-L4_ENOMEM, l4shm_buf_tx_complete(&buf, BUF_RING));
}

static int peer_transmits_half(void)
{
	struct l4shm_buf buf;
	char data[HALF];

	CHECK(open_peer_buf(&buf) == 0);
	fill(data, 5, HALF);
	CHECK(l4shm_buf_tx(&buf, data, HALF) == 0);
	return 0;
}

TEST_F(api, buf_rx_len_and_drop)
{
	struct l4shm_buf buf;

	ASSERT_BUF(&buf);
	EXPECT_EQ(-L4_ENOENT, l4shm_buf_rx_len(&buf));
	EXPECT_EQ(-L4_ENOENT, l4shm_buf_rx_drop(&buf));
	for (int i = 0; i < 3; i++) {
		WITH_PEER(peer_transmits_half);
		EXPECT_EQ(HALF, l4shm_buf_rx_len(&buf));
		EXPECT_EQ(0, l4shm_buf_rx_drop(&buf));
		EXPECT_EQ(-L4_ENOENT, l4shm_buf_rx_len(&buf));
	}
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_rx_len(NULL));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_rx_drop(NULL));
}

TEST_F(api, buf_rx)
{
	struct l4shm_buf buf;
	char data[HALF];

	ASSERT_BUF(&buf);
	EXPECT_EQ(-L4_ENOENT, l4shm_buf_rx(&buf, data, sizeof(data)));
	WITH_PEER(peer_transmits_half);
	EXPECT_EQ(-L4_EMSGTOOLONG, l4shm_buf_rx(&buf, data, HALF - 1));
	EXPECT_EQ(0, l4shm_buf_rx(&buf, data, HALF));
	EXPECT_TRUE(holds(data, 5, HALF));
	EXPECT_EQ(-L4_ENOENT, l4shm_buf_rx(&buf, data, HALF));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_rx(NULL, data, HALF));
}

TEST_F(api, buf_rx_part)
{
	struct l4shm_buf buf;
	char data[HALF];

	ASSERT_BUF(&buf);
	EXPECT_EQ(-L4_ENOENT, l4shm_buf_rx_part(&buf, data, 0, 1));
	WITH_PEER(peer_transmits_half);
	EXPECT_EQ(0, l4shm_buf_rx_part(&buf, data + 200, 200, 100));
	EXPECT_EQ(0, l4shm_buf_rx_part(&buf, data, 0, 200));
	EXPECT_TRUE(holds(data, 5, HALF));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_rx_part(&buf, data, 200, 101));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_rx_part(&buf, data, ~0UL, 2));
	/* It is still there. */
	EXPECT_EQ(HALF, l4shm_buf_rx_len(&buf));
}

static int peer_echoes(void)
{
	l4shmc_signal_t ask, answer;
	unsigned int seed = 3;
	struct l4shm_buf buf;
	l4shmc_area_t area;
	char data[HALF];

	CHECK(l4shmc_attach(AREA, &area) == 0);
	CHECK(open_buf(&area, &buf, "up", "down") == 0);
	CHECK(l4shmc_get_signal(&area, "signal", &ask) == 0);
	CHECK(l4shmc_get_signal(&area, "answer", &answer) == 0);
	for (unsigned int i = 0; i < 200; i++) {
		unsigned int size = random_size(&seed) % HALF + 1;

		while (l4shm_buf_rx(&buf, data, sizeof(data)) == -L4_ENOENT)
			CHECK(l4shmc_wait_signal_to(&ask, LONG) == 0);
		CHECK(holds(data, i, size));
		fill(data, i + 1, size);
		CHECK(l4shm_buf_tx(&buf, data, size) == 0);
		CHECK(l4shmc_trigger(&answer) == 0);
	}
	return 0;
}

TEST_F(api, buf_to_and_fro)
{
	l4shmc_signal_t answer;
	unsigned int seed = 3;
	struct l4shm_buf buf;
	char data[HALF];

	ASSERT_EQ(0, l4shmc_add_signal(self->area, "answer", &answer));
	ASSERT_BUF(&buf);
	START(peer_echoes);
	for (unsigned int i = 0; i < 200; i++) {
		unsigned int size = random_size(&seed) % HALF + 1;

		fill(data, i, size);
		ASSERT_EQ(0, l4shm_buf_tx(&buf, data, size));
		ASSERT_EQ(0, l4shmc_trigger(self->signal));
		while (l4shm_buf_rx(&buf, data, sizeof(data)) == -L4_ENOENT)
			EXPECT_EQ(0, l4shmc_wait_signal_to(&answer, LONG));
		ASSERT_TRUE(holds(data, i + 1, size));
	}
	FINISH();
}

static int peer_writes_bad_offsets(void)
{
	struct l4shm_buf buf;

	CHECK(open_peer_buf(&buf) == 0);
	buf.rx_head->next_offs_to_read = 1;
	buf.tx_head->next_offs_to_write = ~0UL;
	return 0;
}

TEST_F(api, buf_with_bad_offsets)
{
	struct l4shm_buf buf;
	char data[HALF];

	ASSERT_BUF(&buf);
	WITH_PEER(peer_writes_bad_offsets);
	EXPECT_EQ(-L4_EIO, l4shm_buf_tx_free(&buf));
	EXPECT_EQ(-L4_EIO, l4shm_buf_tx(&buf, data, 1));
	EXPECT_EQ(-L4_EIO, l4shm_buf_tx_part(&buf, data, 0, 1));
	EXPECT_EQ(-L4_EIO, l4shm_buf_tx_complete(&buf, 1));
	EXPECT_EQ(-L4_EIO, l4shm_buf_rx_len(&buf));
	EXPECT_EQ(-L4_EIO, l4shm_buf_rx(&buf, data, HALF));
	EXPECT_EQ(-L4_EIO, l4shm_buf_rx_part(&buf, data, 0, 1));
	EXPECT_EQ(-L4_EIO, l4shm_buf_rx_drop(&buf));
}

/* The same, a ring at a time */

static struct l4shm_buf_chunk_head *peer_ring(l4shmc_area_t *area)
{
	l4shmc_chunk_t chunk;

	if (l4shmc_attach(AREA, area) || l4shmc_get_chunk(area, "one", &chunk))
		return NULL;
	return l4shmc_chunk_ptr(&chunk);
}

static int peer_gets_from_ring(void)
{
	struct l4shm_buf_chunk_head *head;
	l4shmc_area_t area;
	char data[HALF];

	head = peer_ring(&area);
	CHECK(head);
	CHECK(l4shm_buf_chunk_init(head, BUF_RING) == 0);
	CHECK(l4shm_buf_chunk_rx_len(head, BUF_RING) == HALF);
	CHECK(l4shm_buf_chunk_rx(head, BUF_RING, data, HALF - 1) == -L4_EMSGTOOLONG);
	CHECK(l4shm_buf_chunk_rx(head, BUF_RING, data, HALF) == 0);
	CHECK(holds(data, 9, HALF));
	CHECK(l4shm_buf_chunk_rx_len(head, BUF_RING) == -L4_ENOENT);
	return 0;
}

static int peer_gets_parts_from_ring(void)
{
	struct l4shm_buf_chunk_head *head;
	l4shmc_area_t area;
	char data[HALF];

	head = peer_ring(&area);
	CHECK(head);
	CHECK(l4shm_buf_chunk_rx_part(head, BUF_RING, data + 7, 7, HALF - 7) == 0);
	CHECK(l4shm_buf_chunk_rx_part(head, BUF_RING, data, 0, 7) == 0);
	CHECK(l4shm_buf_chunk_rx_part(head, BUF_RING, data, HALF, 1) == -L4_EINVAL);
	CHECK(holds(data, 9, HALF));
	CHECK(l4shm_buf_chunk_rx_drop(head, BUF_RING) == 0);
	CHECK(l4shm_buf_chunk_rx_drop(head, BUF_RING) == -L4_ENOENT);
	return 0;
}

#define ASSERT_RING(head)                                                               \
	do {                                                                            \
		l4shmc_chunk_t __chunk;                                                 \
		ASSERT_EQ(0, l4shmc_add_chunk(self->area, "one", BUF_BYTES, &__chunk)); \
		(head) = l4shmc_chunk_ptr(&__chunk);                                    \
		ASSERT_EQ(0, l4shm_buf_chunk_init(head, BUF_RING));                     \
	} while (0)

TEST_F(api, buf_chunk_tx_and_rx)
{
	struct l4shm_buf_chunk_head *head;
	char data[HALF];

	ASSERT_RING(head);
	fill(data, 9, HALF);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(0, l4shm_buf_chunk_tx(head, BUF_RING, data, HALF));
		EXPECT_EQ(-L4_EAGAIN, l4shm_buf_chunk_tx(head, BUF_RING, data, HALF));
		WITH_PEER(peer_gets_from_ring);
	}
	EXPECT_EQ(-L4_ENOMEM, l4shm_buf_chunk_tx(head, BUF_RING, data, BUF_RING));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_chunk_tx(NULL, BUF_RING, data, 1));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_chunk_rx(NULL, BUF_RING, data, 1));
}

TEST_F(api, buf_chunk_parts)
{
	struct l4shm_buf_chunk_head *head;
	char data[HALF];

	ASSERT_RING(head);
	fill(data, 9, HALF);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(0, l4shm_buf_chunk_tx_part(head, BUF_RING, data + 50, 50, HALF - 50));
		EXPECT_EQ(0, l4shm_buf_chunk_tx_part(head, BUF_RING, data, 0, 50));
		EXPECT_EQ(-L4_ENOENT, l4shm_buf_chunk_rx_len(head, BUF_RING));
		EXPECT_EQ(0, l4shm_buf_chunk_tx_complete(head, BUF_RING, HALF));
		WITH_PEER(peer_gets_parts_from_ring);
	}
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_chunk_tx_part(NULL, BUF_RING, data, 0, 1));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_chunk_tx_complete(NULL, BUF_RING, 1));
}

TEST_F(api, buf_chunk_tx_free)
{
	struct l4shm_buf_chunk_head *head;
	char data[HALF];
	int empty;

	ASSERT_RING(head);
	empty = l4shm_buf_chunk_tx_free(head, BUF_RING);
	EXPECT_LT((int)HALF, empty);
	fill(data, 9, HALF);
	ASSERT_EQ(0, l4shm_buf_chunk_tx(head, BUF_RING, data, HALF));
	EXPECT_GT(empty - (int)HALF, l4shm_buf_chunk_tx_free(head, BUF_RING));
	WITH_PEER(peer_gets_from_ring);
	EXPECT_EQ(empty, l4shm_buf_chunk_tx_free(head, BUF_RING));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_chunk_tx_free(NULL, BUF_RING));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_chunk_tx_free(head, BUF_RING - 1));
}

TEST_F(alone, buf_chunk_init)
{
	static l4_umword_t memory[64];
	struct l4shm_buf_chunk_head *head = (void *)memory;

	EXPECT_EQ(0, l4shm_buf_chunk_init(head, sizeof(memory) - BUF_HEAD));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_chunk_init(NULL, sizeof(memory) - BUF_HEAD));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_chunk_init(head, 0));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_chunk_init(head, 2 * sizeof(l4_umword_t)));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_chunk_init(head, sizeof(memory) - BUF_HEAD - 1));
	EXPECT_EQ(-L4_EINVAL, l4shm_buf_chunk_init((void *)((char *)memory + 1), 64));
	head->next_offs_to_read = 3;
	EXPECT_EQ(-L4_EIO, l4shm_buf_chunk_init(head, sizeof(memory) - BUF_HEAD));
}

TEST_HARNESS_MAIN
