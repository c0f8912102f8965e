// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile peer for the conformance tests: a client of the area that it is told
 * of, who writes over all that is there until it is killed.
 * usage: hostile_peer AREA NUMBER
 */
#include "hostile.h"

#include <sys/param.h>

/* Records that a test uses are among the first; further ones are of observers. */
#define RECORDS 24
#define OBSERVERS 4
/* Of the ones that it rings and waits for, and of chunks */
#define MAX_SIGNALS 32
#define MAX_CHUNKS 16
/* Where a ring or buffer has what both sides rely on */
#define HEAD 256

struct peer {
	int fd;
	union l4shmc_record *control;
	__u32 *data;
	size_t size;
	int signals[MAX_SIGNALS];
	unsigned int nr_signals;
	/* Where the last ones begin */
	__u64 chunks[MAX_CHUNKS];
	unsigned int nr_chunks;
	__u32 next_chunk;
	__u32 seed;
};

static void know_signal(struct peer *peer, const char *chunk, const char *end)
{
	char name[L4SHMC_NAME_SIZE + 8];
	int fd;

	snprintf(name, sizeof(name), "%s%s", chunk, end);
	if (peer->nr_signals == MAX_SIGNALS || strlen(name) >= L4SHMC_NAME_SIZE)
		return;
	fd = signal_open(peer->fd, name, 0);
	if (fd >= 0)
		peer->signals[peer->nr_signals++] = fd;
}

/* Signals of a ring are called as its chunk. */
static void look_around(struct peer *peer)
{
	struct l4shmc_ioc_chunk_next next;
	int index;

	while ((index = chunk_next(peer->fd, peer->next_chunk, &next)) >= 0) {
		peer->next_chunk = (__u32)index + 1;
		peer->chunks[peer->nr_chunks++ % MAX_CHUNKS] = next.offset;
		know_signal(peer, next.name, "_rx");
		know_signal(peer, next.name, "_tx");
	}
}

static void disturb(struct peer *peer)
{
	__u32 random = test_random(&peer->seed);
	int fd = peer->signals[(random >> 8) % peer->nr_signals];

	switch (random % 4) {
	case 0:
		signal_wait(fd, 0);
		break;
	case 1:
		signal_ring(fd);
		break;
	default:
		signal_trigger(fd);
	}
}

static void scribble(struct peer *peer)
{
	__u32 random = test_random(&peer->seed);
	__u32 index = random % 8 ? (random >> 8) % RECORDS :
				   L4SHMC_MAX_RECORDS / 2 + (random >> 8) % OBSERVERS;
	__u64 chunk = peer->chunks[(random >> 16) % MAX_CHUNKS];

	scribble_on_record(&peer->control[index], &peer->seed);
	if (random >> 3 & 3)
		scribble_on_payload(peer->data + chunk / sizeof(*peer->data),
				    MIN(HEAD, peer->size - chunk), &peer->seed);
	else
		scribble_on_payload(peer->data, peer->size, &peer->seed);
}

static void enter(struct peer *peer, const char *name)
{
	/* As the tests have them */
	static const char *const signals[] = {
		"signal", "full", "empty", "answer", "taken", "ready", "other",
	};
	struct l4shmc_ioc_area_info info;
	int dev = device_open(O_RDWR);

	peer->fd = area_attach(dev, name, 0);
	CHECK(area_info(peer->fd, &info) == 0);
	peer->size = info.area_size;
	peer->control = map_control(peer->fd, PROT_READ | PROT_WRITE);
	peer->data = map_data(peer->fd, peer->size, PROT_READ | PROT_WRITE);
	CHECK(peer->control != MAP_FAILED && peer->data != MAP_FAILED);
	for (unsigned int i = 0; i < ARRAY_SIZE(signals); i++)
		know_signal(peer, signals[i], "");
	CHECK(peer->nr_signals == ARRAY_SIZE(signals));
}

int main(int argc, char **argv)
{
	struct peer peer = { .seed = test_seed() };
	unsigned int rest;

	CHECK(argc == 3);
	/* Another one in each test, and never 0 */
	peer.seed ^= (__u32)strtoul(argv[2], NULL, 10) & ~1U;
	peer.seed |= !peer.seed;
	enter(&peer, argv[1]);
	/* The one gets far before it notices, the other one no further than this. */
	rest = 64U << test_random(&peer.seed) % 6;
	CHECK(client_init(peer.fd) == 0);
	for (;;) {
		for (__u32 i = test_random(&peer.seed) % 64; i > 0; i--)
			scribble(&peer);
		disturb(&peer);
		look_around(&peer);
		nap_us(rest);
	}
}
