// SPDX-License-Identifier: GPL-2.0-only
/*
 * Producer and consumer as two threads of one process.  Each attaches for
 * itself, so that they are two clients.
 */
#include <l4/shmc/shmc.h>
#include <l4/sys/err.h>
#include <l4/sys/thread.h>
#include <l4/util/assert.h>
#include <l4/util/util.h>
#include <pthread-l4.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define AREA "l4re-threads"
#define ROUNDS 200

static void *producer(void *unused)
{
	l4shmc_area_t area;
	l4shmc_chunk_t chunk;
	l4shmc_signal_t full, empty;
	int i;

	(void)unused;
	ASSERT_OK(l4shmc_attach(AREA, &area));
	ASSERT_OK(l4shmc_add_chunk(&area, "numbers", 1024, &chunk));
	ASSERT_OK(l4shmc_add_signal(&area, "full", &full));
	ASSERT_OK(l4shmc_connect_chunk_signal(&chunk, &full));
	ASSERT_OK(l4shmc_attach_signal(&area, "empty", pthread_l4_cap(pthread_self()), &empty));

	for (i = 0; i < ROUNDS; i++) {
		while (l4shmc_chunk_try_to_take(&chunk) == -L4_EPERM)
			ASSERT_OK(l4shmc_wait_signal(&empty));
		snprintf((char *)l4shmc_chunk_ptr(&chunk),
			 (size_t)l4shmc_chunk_capacity(&chunk), "number %d", i);
		ASSERT_OK(l4shmc_chunk_ready_sig(
			&chunk, strlen((char *)l4shmc_chunk_ptr(&chunk)) + 1));
		if (i % 10 == 0)
			l4_thread_yield();
	}
	return NULL;
}

static void *consumer(void *unused)
{
	l4shmc_area_t area;
	l4shmc_chunk_t chunk;
	l4shmc_signal_t full, empty, *any = NULL;
	char wanted[32];
	int i;

	(void)unused;
	ASSERT_OK(l4shmc_attach(AREA, &area));
	ASSERT_OK(l4shmc_get_chunk_to(&area, "numbers", 10000, &chunk));
	ASSERT_OK(l4shmc_attach_signal(&area, "full", pthread_l4_cap(pthread_self()), &full));
	ASSERT_OK(l4shmc_connect_chunk_signal(&chunk, &full));
	ASSERT_OK(l4shmc_get_signal(&area, "empty", &empty));

	for (i = 0; i < ROUNDS; i++) {
		while (l4shmc_chunk_try_to_take_for_reading(&chunk)) {
			ASSERT_OK(l4shmc_wait_any(&any));
			ASSERT_EQUAL(any, l4shmc_chunk_signal(&chunk));
		}
		snprintf(wanted, sizeof(wanted), "number %d", i);
		ASSERT_EQUAL(l4shmc_chunk_size(&chunk), (long)strlen(wanted) + 1);
		ASSERT_EQUAL(strcmp((char *)l4shmc_chunk_ptr(&chunk), wanted), 0);
		ASSERT_OK(l4shmc_chunk_consumed(&chunk));
		ASSERT_OK(l4shmc_trigger(&empty));
	}
	printf("threads: %d packets\n", i);
	return NULL;
}

int main(void)
{
	pthread_t one, two;

	ASSERT_OK(l4shmc_create(AREA));
	ASSERT_EQUAL(pthread_create(&one, NULL, producer, NULL), 0);
	l4_sleep(1);
	ASSERT_EQUAL(pthread_create(&two, NULL, consumer, NULL), 0);
	ASSERT_EQUAL(pthread_join(one, NULL), 0);
	ASSERT_EQUAL(pthread_join(two, NULL), 0);
	return 0;
}
