// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run twice at the same time: each of the two processes has a thread that
 * sends and one that receives.
 */
#include <l4/shmc/shmc.h>
#include <l4/sys/err.h>
#include <l4/util/assert.h>
#include <l4/util/util.h>

#include <pthread.h>
#include <stdio.h>

#define AREA "l4re-duplex"
#define ROUNDS 200U

static l4shmc_area_t area;

/* One direction, named after the client that receives. */
struct channel {
	l4shmc_chunk_t chunk;
	l4shmc_signal_t full, empty;
};

static void open_channel(struct channel *c, long receiver)
{
	char name[16];

	snprintf(name, sizeof(name), "to-%ld", receiver);
	if (l4shmc_get_client_nr(&area) == receiver)
		ASSERT_OK(l4shmc_add_chunk(&area, name, 256, &c->chunk));
	else
		ASSERT_OK(l4shmc_get_chunk_to(&area, name, 10000, &c->chunk));
	snprintf(name, sizeof(name), "full-%ld", receiver);
	ASSERT_OK(l4shmc_add_signal(&area, name, &c->full));
	snprintf(name, sizeof(name), "empty-%ld", receiver);
	ASSERT_OK(l4shmc_add_signal(&area, name, &c->empty));
	ASSERT_OK(l4shmc_connect_chunk_signal(&c->chunk, &c->full));
}

static void *send_all(void *peer)
{
	struct channel c;
	unsigned int i, j;

	open_channel(&c, *(long *)peer);
	for (i = 0; i < ROUNDS; i++) {
		unsigned int *p = (unsigned int *)l4shmc_chunk_ptr(&c.chunk);

		while (l4shmc_chunk_try_to_take_for_writing(&c.chunk))
			ASSERT_OK(l4shmc_wait_signal(&c.empty));
		for (j = 0; j < 64; j++)
			p[j] = i * 64 + j;
		ASSERT_OK(l4shmc_chunk_ready_sig(&c.chunk, 64 * sizeof(*p)));
	}
	return NULL;
}

static void *receive_all(void *me)
{
	struct channel c;
	unsigned int i, j;

	open_channel(&c, *(long *)me);
	for (i = 0; i < ROUNDS; i++) {
		unsigned int *p = (unsigned int *)l4shmc_chunk_ptr(&c.chunk);

		while (l4shmc_chunk_try_to_take_for_reading(&c.chunk))
			ASSERT_OK(l4shmc_wait_chunk(&c.chunk));
		ASSERT_EQUAL(l4shmc_chunk_size(&c.chunk), (long)(64 * sizeof(*p)));
		for (j = 0; j < 64; j++)
			ASSERT_EQUAL(p[j], i * 64 + j);
		ASSERT_OK(l4shmc_chunk_consumed(&c.chunk));
		ASSERT_OK(l4shmc_trigger(&c.empty));
	}
	return NULL;
}

int main(void)
{
	pthread_t sender, receiver;
	l4_umword_t mask = 0;
	long me, peer;

	ASSERT_OK(l4shmc_create(AREA));
	ASSERT_OK(l4shmc_attach(AREA, &area));
	me = l4shmc_get_client_nr(&area);
	ASSERT_BETWEEN(me, 0, 1);
	peer = 1 - me;
	ASSERT_OK(l4shmc_mark_client_initialized(&area));
	while (mask != 3) {
		ASSERT_OK(l4shmc_get_initialized_clients(&area, &mask));
		l4_usleep(100);
	}
	ASSERT_EQUAL(pthread_create(&sender, NULL, send_all, &peer), 0);
	ASSERT_EQUAL(pthread_create(&receiver, NULL, receive_all, &me), 0);
	ASSERT_EQUAL(pthread_join(sender, NULL), 0);
	ASSERT_EQUAL(pthread_join(receiver, NULL), 0);
	printf("duplex: client %ld, %u packets each way\n", me, ROUNDS);
	return 0;
}
