// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc's chunks and rings in plain shared memory, with two sides that look
 * all the time: the part that makes no system call, so that it can be measured
 * where there is no driver.
 *
 * The descriptors are filled in here with what attaching and adding to an area
 * would give; the functions that are measured are the library's own.
 */
#include <string.h>

#include "bench.h"
#include "../../lib/ring.h"

/* The record of the chunk, and that of the receiver if it is a ring */
#define RECORDS 2

static struct l4shmc_attachment attachment;
static l4shmc_ringbuf_t ring;
static l4shmc_chunk_t chunk;
static char *buffer;

static void need_two_cpus(const struct run *run)
{
	if (run->placement == SAME_CPU)
		skip("only on two CPUs");
}

static void make_chunk(l4shmc_chunk_t *made, union l4shmc_record *record, void *payload,
		       uint64_t capacity)
{
	attachment.generation = 1;
	*made = (l4shmc_chunk_t){
		._magic = L4SHMC__CHUNK_MAGIC,
		._attachment = &attachment,
		._generation = attachment.generation,
		._record = &record->chunk,
		._payload = payload,
		._capacity = capacity,
	};
}

static void chunk_setup(struct run *run)
{
	union l4shmc_record *records;

	need_two_cpus(run);
	records = shared_memory(sizeof(*records));
	make_chunk(&chunk, records, shared_memory(run->param), run->param);
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

static void ring_setup(struct run *run)
{
	size_t size = sizeof(struct l4shmc_ring) + stream_room(run);
	union l4shmc_record *records;

	need_two_cpus(run);
	records = shared_memory(RECORDS * sizeof(*records));
	make_chunk(&ring._chunk, &records[L4SHMC__SENDER], shared_memory(size), size);
	make_chunk(&ring._receiver, &records[L4SHMC__RECEIVER], NULL, 0);
	buffer = stream_buffer(run);
}

static void ring_start(struct run *run)
{
	(void)run;
	if (l4shmc__ring_open(&ring, L4SHMC__SENDER))
		fail("ring");
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

	if (l4shmc__ring_open(&ring, L4SHMC__RECEIVER))
		fail("ring");
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
