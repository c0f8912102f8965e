// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc: payload, in chunks and through rings
 */
#include <l4/shmc/linux.h>
#include <l4/shmc/ringbuf.h>

#include "l4shmc.h"

/* The receiver of a ring looks every so many messages whether the sender waits. */
#define MESSAGES_PER_NOTICE 16

static l4shmc_area_t area;
static l4shmc_chunk_t chunk;
static l4shmc_signal_t full, empty;
static l4shmc_ringbuf_t ring;
static const char *name;
static char *buffer;

/* A chunk in place */

void l4shmc_chunk_setup(struct run *run)
{
	l4shmc_chunk_t made;
	long ret;

	name = l4shmc_own_name();
	/* Up to a cache line more for the chunk, and some for the area. */
	ret = l4shmc_create_area(name, run->param + 8192, 0600, L4SHMC_EXCLUSIVE);
	if (ret == -L4_ENOMEM)
		skip("not enough memory");
	l4shmc_check(ret, "create");
	l4shmc_check(l4shmc_attach(name, &area), "attach");
	l4shmc_check(l4shmc_add_chunk(&area, "chunk", run->param, &made), "add_chunk");
	l4shmc_check(l4shmc_detach(&area), "detach");
}

void l4shmc_chunk_start(struct run *run)
{
	(void)run;
	l4shmc_check(l4shmc_attach(name, &area), "attach");
	l4shmc_check(l4shmc_get_chunk(&area, "chunk", &chunk), "get_chunk");
	l4shmc_check(l4shmc_add_signal(&area, "full", &full), "add_signal");
	l4shmc_check(l4shmc_add_signal(&area, "empty", &empty), "add_signal");
	l4shmc_check(l4shmc_connect_chunk_signal(&chunk, &full), "connect_chunk_signal");
}

void l4shmc_chunk_batch(struct run *run, uint64_t n)
{
	while (n--)
		if (l4shmc_chunk_try_to_take(&chunk) ||
		    l4shmc_chunk_ready_sig(&chunk, run->param) || l4shmc_wait_signal(&empty))
			fail("hand-over");
}

void l4shmc_chunk_peer(struct run *run)
{
	l4shmc_chunk_start(run);
	peer_ready();
	while (!l4shmc_wait_chunk(&chunk) && l4shmc_chunk_size(&chunk) == (long)run->param &&
	       !l4shmc_chunk_consumed(&chunk) && !l4shmc_trigger(&empty))
		;
}

void l4shmc_chunk_call_batch(struct run *run, uint64_t n)
{
	while (n--)
		if (l4shmc_chunk_try_to_take(&chunk) || l4shmc_chunk_ready(&chunk, run->param) ||
		    l4shmc_call(&full, &empty))
			fail("hand-over");
}

void l4shmc_chunk_call_peer(struct run *run)
{
	l4shmc_chunk_start(run);
	peer_ready();
	if (l4shmc_wait_signal(&full))
		return;
	while (l4shmc_chunk_size(&chunk) == (long)run->param && !l4shmc_chunk_consumed(&chunk) &&
	       !l4shmc_call(&empty, &full))
		;
}

/* A ring */

void l4shmc_ring_setup(struct run *run)
{
	name = l4shmc_own_name();
	l4shmc_check(l4shmc_create_area(name, stream_room(run) + 65536, 0600, L4SHMC_EXCLUSIVE),
		     "create");
	l4shmc_check(l4shmc_attach(name, &area), "attach");
	/* The sender is the one that makes it. */
	l4shmc_check(l4shmc_rb_init_buffer(&ring, &area, "ring", "ring",
					   (unsigned int)(stream_room(run) +
							  sizeof(l4shmc_ringbuf_head_t))),
		     "rb_init_buffer");
	buffer = stream_buffer(run);
}

void l4shmc_ring_batch(struct run *run, uint64_t n)
{
	unsigned int size = (unsigned int)run->param;

	peer_expect(n);
	while (n--)
		if (l4shmc_rb_sender_next_copy_in(&ring, buffer, size, 1))
			fail("rb_sender_next_copy_in");
	peer_confirmed();
}

/* Return: whether there is more to receive. */
static bool receive_some(const struct run *run)
{
	unsigned int i, size;
	int ret;

	for (i = 0; i < MESSAGES_PER_NOTICE; i++) {
		size = (unsigned int)run->param;
		ret = l4shmc_rb_receiver_copy_out(L4SHMC_RINGBUF_HEAD(&ring), buffer, &size);
		if (ret)
			/* This tells the sender of all the room that there is, too. */
			return ret == -L4_EAGAIN && !l4shmc_rb_receiver_wait_for_data(&ring, 1);
		peer_received();
	}
	l4shmc_rb_receiver_notify_done(&ring);
	return true;
}

void l4shmc_ring_peer(struct run *run)
{
	l4shmc_check(l4shmc_attach(name, &area), "attach");
	l4shmc_check(l4shmc_rb_init_receiver(&ring, &area, "ring", "ring"), "rb_init_receiver");
	peer_ready();
	while (receive_some(run))
		;
}
