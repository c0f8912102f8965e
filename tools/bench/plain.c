// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc's chunks and rings in plain shared memory, with two sides that look
 * all the time: the part that makes no system call, so that it can be measured
 * where there is no driver.
 *
 * The functions that are measured are the library's own.
 */
#include <string.h>

#include "bench.h"
#include "../../lib/plain.h"

static struct l4shmc_plain area;
static l4shmc_chunk_t chunk, receiver;
static l4shmc_ringbuf_t ring;
static char *buffer;

static void need_two_cpus(const struct run *run)
{
	if (run->placement == SAME_CPU)
		skip("only on two CPUs");
}

/* A chunk of that capacity, and whatever else may have a record */
static void make_chunk(uint64_t capacity)
{
	l4shmc__plain_init(&area, shared_memory(2 * sizeof(union l4shmc_record)),
			   shared_memory(capacity), 0);
	chunk = l4shmc__plain_chunk(&area, L4SHMC__SENDER, 0, capacity);
}

static void chunk_setup(struct run *run)
{
	need_two_cpus(run);
	make_chunk(run->param);
}

static void chunk_batch(struct run *run, uint64_t n)
{
	while (n--) {
		if (l4shmc_chunk_try_to_take(&chunk) || l4shmc_chunk_ready(&chunk, run->param))
			fail("hand-over");
		while (!l4shmc_is_chunk_clear(&chunk))
			cpu_relax();
	}
}

static void chunk_peer(struct run *run)
{
	(void)run;
	peer_ready();
	for (;;) {
		while (!l4shmc_is_chunk_ready(&chunk))
			cpu_relax();
		l4shmc_chunk_consumed(&chunk);
	}
}

static void open_ring(enum l4shmc__ring_role role)
{
	if (l4shmc__plain_ring(&ring, &chunk, &receiver, role))
		fail("ring");
}

static void ring_setup(struct run *run)
{
	need_two_cpus(run);
	make_chunk(sizeof(struct l4shmc_ring) + stream_room(run));
	receiver = l4shmc__plain_chunk(&area, L4SHMC__RECEIVER, 0, L4SHMC__RING_RECEIVER_SIZE);
	buffer = stream_buffer(run);
}

static void ring_start(struct run *run)
{
	(void)run;
	open_ring(L4SHMC__SENDER);
}

static void ring_batch(struct run *run, uint64_t n)
{
	unsigned int size = (unsigned int)run->param;
	int ret;

	peer_expect(n);
	while (n--) {
		while ((ret = l4shmc_rb_sender_next_copy_in(&ring, buffer, size, 0)))
			if (ret == -L4_ENOMEM)
				cpu_relax();
			else
				fail("ring: %s", l4sys_errtostr(ret));
	}
	peer_confirmed();
}

static void ring_peer(struct run *run)
{
	l4shmc_ringbuf_head_t *head = L4SHMC_RINGBUF_HEAD(&ring);
	unsigned int size;
	int ret;

	open_ring(L4SHMC__RECEIVER);
	peer_ready();
	for (;;) {
		size = (unsigned int)run->param;
		ret = l4shmc_rb_receiver_copy_out(head, buffer, &size);
		if (ret == -L4_EAGAIN) {
			cpu_relax();
			continue;
		}
		if (ret)
			fail("ring: %s", l4sys_errtostr(ret));
		/* Nobody sleeps who would have to be told of the room. */
		peer_received();
	}
}

static const struct bench plain_benches[] = {
	{
		.which = CASE_STREAM,
		.fixed = stream_sample,
		.setup = ring_setup,
		.start = ring_start,
		.batch = ring_batch,
		.peer = ring_peer,
	},
	{
		.which = CASE_HAND_OVER,
		.setup = chunk_setup,
		.batch = chunk_batch,
		.peer = chunk_peer,
	},
	{ 0 },
};

const struct subject subject_l4shmc_plain = {
	.name = "l4shmc-plain",
	.about = "this project's chunks and rings without the driver; both sides spin",
	.benches = plain_benches,
};
