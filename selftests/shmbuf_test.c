// SPDX-License-Identifier: GPL-2.0-only
/* libl4shmc: buffers of packets in chunks, between two processes with signals. */
#include "lib_common.h"

#include <l4/shmc/shmbuf.h>

#define CHUNK_SIZE 1024
#define LARGEST 900
#define PACKETS 3000

FIXTURE(shmbuf)
{
	struct lib_area lib;
};

FIXTURE_SETUP(shmbuf)
{
	make_lib_area(_metadata, &self->lib, 4096);
}

FIXTURE_TEARDOWN(shmbuf)
{
	drop_lib_area(&self->lib);
}

/* One side: what it sends goes into chunk and signal @tx. */
struct side {
	l4shmc_area_t area;
	struct l4shm_buf sb;
	l4shmc_signal_t told, tell;
	char data[LARGEST];
};

static long open_chunk(l4shmc_area_t *area, const char *name, l4shmc_chunk_t *chunk)
{
	long ret = l4shmc_add_chunk(area, name, CHUNK_SIZE, chunk);

	return ret == -L4_EEXIST ? l4shmc_get_chunk(area, name, chunk) : ret;
}

static int open_side(struct side *side, const char *area, const char *rx, const char *tx)
{
	l4shmc_chunk_t rx_chunk, tx_chunk;

	CHECK(!l4shmc_attach(area, &side->area));
	CHECK(!open_chunk(&side->area, rx, &rx_chunk) && !open_chunk(&side->area, tx, &tx_chunk));
	CHECK(!l4shmc_add_signal(&side->area, rx, &side->told));
	CHECK(!l4shmc_add_signal(&side->area, tx, &side->tell));
	CHECK(!l4shm_buf_init(&side->sb, l4shmc_chunk_ptr(&rx_chunk), CHUNK_SIZE,
			      l4shmc_chunk_ptr(&tx_chunk), CHUNK_SIZE));
	return 0;
}

static int size_of(unsigned int number)
{
	return (int)(number * 7919 % (LARGEST + 1));
}

static bool is_right(const char *data, unsigned int number)
{
	for (int i = 0; i < size_of(number); i++)
		if (data[i] != (char)(number + i))
			return false;
	return true;
}

/* Sends packets in two parts. */
static int sends(struct side *side, unsigned int packets)
{
	int half, ret;

	for (unsigned int number = 0; number < packets; number++) {
		for (int i = 0; i < size_of(number); i++)
			side->data[i] = (char)(number + i);
		half = size_of(number) / 2;
		while ((ret = l4shm_buf_tx_part(&side->sb, side->data + half, half,
						size_of(number) - half)) == -L4_EAGAIN)
			CHECK(!l4shmc_wait_signal(&side->told));
		CHECK(!ret && !l4shm_buf_tx_part(&side->sb, side->data, 0, half));
		CHECK(!l4shm_buf_tx_complete(&side->sb, size_of(number)));
		CHECK(!l4shmc_trigger(&side->tell));
	}
	return 0;
}

/* Tells the sender only if that has been blocked. */
static int receives(struct side *side, unsigned int packets)
{
	int len;

	for (unsigned int number = 0; number < packets; number++) {
		while ((len = l4shm_buf_rx_len(&side->sb)) == -L4_ENOENT)
			CHECK(!l4shmc_wait_signal(&side->told));
		CHECK(len == size_of(number));
		CHECK(!l4shm_buf_rx(&side->sb, side->data, sizeof(side->data)));
		CHECK(is_right(side->data, number));
		if (side->sb.rx_head->writer_blocked)
			CHECK(!l4shmc_trigger(&side->tell));
	}
	return 0;
}

static int child_receives(void *arg)
{
	static struct side side;

	CHECK(!open_side(&side, arg, "there", "back"));
	return receives(&side, rounds(PACKETS));
}

TEST_F(shmbuf, carries_packets_between_processes)
{
	static struct side side;
	pid_t pid = spawn(child_receives, self->lib.name);

	ASSERT_EQ(0, open_side(&side, self->lib.name, "back", "there"));
	EXPECT_EQ(0, sends(&side, rounds(PACKETS)));
	EXPECT_EQ(0, reap(pid));
	EXPECT_EQ(-L4_ENOENT, l4shm_buf_rx_len(&side.sb));
	l4shmc_detach(&side.area);
}

static int child_answers(void *arg)
{
	static struct side side;
	int len;

	CHECK(!open_side(&side, arg, "there", "back"));
	for (unsigned int i = 0; i < rounds(PACKETS); i++) {
		while ((len = l4shm_buf_rx_len(&side.sb)) == -L4_ENOENT)
			CHECK(!l4shmc_wait_signal(&side.told));
		CHECK(len >= 0 && !l4shm_buf_rx_part(&side.sb, side.data, 0, len));
		CHECK(!l4shm_buf_rx_drop(&side.sb));
		CHECK(!l4shm_buf_tx(&side.sb, side.data, len));
		CHECK(!l4shmc_trigger(&side.tell));
	}
	return 0;
}

TEST_F(shmbuf, carries_packets_there_and_back)
{
	static struct side side;
	pid_t pid = spawn(child_answers, self->lib.name);
	int len;

	ASSERT_EQ(0, open_side(&side, self->lib.name, "back", "there"));
	for (unsigned int number = 0; number < rounds(PACKETS); number++) {
		for (int i = 0; i < size_of(number); i++)
			side.data[i] = (char)(number + i);
		ASSERT_EQ(0, l4shm_buf_tx(&side.sb, side.data, size_of(number)));
		ASSERT_EQ(0, l4shmc_call(&side.tell, &side.told));
		len = l4shm_buf_rx_len(&side.sb);
		ASSERT_EQ(size_of(number), len);
		ASSERT_EQ(0, l4shm_buf_rx(&side.sb, side.data, sizeof(side.data)));
		ASSERT_TRUE(is_right(side.data, number));
	}
	EXPECT_EQ(0, reap(pid));
	l4shmc_detach(&side.area);
}

static int child_is_killed(void *arg)
{
	static struct side side;

	CHECK(!open_side(&side, arg, "back", "there"));
	CHECK(!l4shm_buf_tx(&side.sb, "whole", 5));
	CHECK(!l4shm_buf_tx_part(&side.sb, "half", 0, 4));
	raise(SIGKILL);
	return 1;
}

TEST_F(shmbuf, shows_no_packet_that_was_not_completed)
{
	static struct side side;

	EXPECT_EQ(128 + SIGKILL, run_child(child_is_killed, self->lib.name));
	ASSERT_EQ(0, open_side(&side, self->lib.name, "there", "back"));
	EXPECT_EQ(5, l4shm_buf_rx_len(&side.sb));
	EXPECT_EQ(0, l4shm_buf_rx(&side.sb, side.data, 5));
	EXPECT_EQ(-L4_ENOENT, l4shm_buf_rx_len(&side.sb));
	l4shmc_detach(&side.area);
}

TEST_HARNESS_MAIN
