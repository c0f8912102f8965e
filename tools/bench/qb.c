// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libqb: its ring buffer, which wakes a reader that sleeps, but has no way for
 * a writer to sleep until there is room
 */
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include <qb/qbdefs.h>
#include <qb/qbrb.h>

#include "bench.h"

#define FOR_EVER (-1)

/* For the measured side; the peer has them the other way round. */
static qb_ringbuffer_t *out, *in;
static char *buffer;
static size_t size;

static qb_ringbuffer_t *new_ring(const struct run *run, const char *which)
{
	char name[48];
	qb_ringbuffer_t *ring;

	snprintf(name, sizeof(name), "l4shmc-bench-%d-%s", (int)getpid(), which);
	ring = qb_rb_open(name, run->param ? stream_room(run) : 4096,
			  QB_RB_FLAG_CREATE | QB_RB_FLAG_SHARED_PROCESS, 0);
	if (!ring)
		fail_errno("qb_rb_open");
	return ring;
}

static void setup(struct run *run)
{
	static char byte;

	size = run->param ? run->param : 1;
	buffer = run->param ? stream_buffer(run) : &byte;
	out = new_ring(run, "ping");
	in = new_ring(run, "pong");
}

static void join(struct run *run)
{
	qb_ringbuffer_t *ring = out;

	(void)run;
	out = in;
	in = ring;
}

/* Its files would stay. */
static void end(struct run *run)
{
	(void)run;
	qb_rb_close(out);
	qb_rb_close(in);
}

static void send_message(void)
{
	ssize_t ret;

	while ((ret = qb_rb_chunk_write(out, buffer, size)) == -EAGAIN)
		sched_yield();
	if (ret != (ssize_t)size)
		fail("qb_rb_chunk_write: %zd", ret);
}

static void receive_message(void)
{
	ssize_t ret;

	do {
		ret = qb_rb_chunk_read(in, buffer, size, FOR_EVER);
	} while (ret == -ETIMEDOUT || ret == -EAGAIN);
	if (ret != (ssize_t)size)
		fail("qb_rb_chunk_read: %zd", ret);
}

static const struct bench qb_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = setup,
		.batch = messages_round_trips,
		.peer = messages_answer,
		.join = join,
		.send = send_message,
		.receive = receive_message,
		.end = end,
	},
	{
		.which = CASE_STREAM,
		.fixed = stream_sample,
		.setup = setup,
		.batch = messages_stream,
		.peer = messages_take,
		.join = join,
		.send = send_message,
		.receive = receive_message,
		.end = end,
	},
	{ 0 },
};

const struct subject subject_libqb = {
	.name = "libqb",
	.about = "the ring buffer of libqb",
	.benches = qb_benches,
};
