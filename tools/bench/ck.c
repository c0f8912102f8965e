// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Concurrency Kit: a ring of messages of one size, with two sides that look all
 * the time
 */
#include <ck_ring.h>

#include "bench.h"

#define SIZE 64

struct message {
	char data[SIZE];
};

CK_RING_PROTOTYPE(message, message)

static struct ck_ring *ring;
static struct message *slots;

static void setup(struct run *run)
{
	unsigned int count = (unsigned int)(stream_room(run) / SIZE);

	if (run->placement == SAME_CPU)
		skip("only on two CPUs");
	ring = shared_memory(sizeof(*ring));
	slots = shared_memory(count * sizeof(*slots));
	ck_ring_init(ring, count);
}

static void batch(struct run *run, uint64_t n)
{
	struct message message = { { 1 } };

	(void)run;
	peer_expect(n);
	while (n--)
		while (!ck_ring_enqueue_spsc_message(ring, slots, &message))
			cpu_relax();
	peer_confirmed();
}

static void peer(struct run *run)
{
	struct message message;

	(void)run;
	peer_ready();
	for (;;) {
		while (!ck_ring_dequeue_spsc_message(ring, slots, &message))
			cpu_relax();
		/* It is to be there, and not only to be left out by the compiler. */
		__asm__ volatile("" : : "r"(&message) : "memory");
		peer_received();
	}
}

static const struct bench ck_benches[] = {
	{
		.which = CASE_STREAM,
		.least = SIZE,
		.most = SIZE,
		.fixed = stream_sample,
		.setup = setup,
		.batch = batch,
		.peer = peer,
	},
	{ 0 },
};

const struct subject subject_ck = {
	.name = "ck",
	.about = "ck_ring of Concurrency Kit; both sides spin",
	.benches = ck_benches,
};
