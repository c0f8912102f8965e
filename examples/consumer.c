// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prints the messages that the producer sends through the area "example"
 */
#include <stdio.h>

#include <l4/shmc/linux.h>
#include <pthread-l4.h>

static int failed(const char *what, long err)
{
	fprintf(stderr, "consumer: %s: %s\n", what, l4sys_errtostr(err));
	return 1;
}

/* Both sides do this, so whoever comes first makes the chunk. */
static long open_chunk(l4shmc_area_t *area, l4shmc_chunk_t *chunk)
{
	long err = l4shmc_add_chunk(area, "message", 256, chunk);

	return err == -L4_EEXIST ? l4shmc_get_chunk(area, "message", chunk) : err;
}

/* Waits for a message and prints it; returns its size, 0 at the end. */
static long consume(l4shmc_chunk_t *chunk, l4shmc_signal_t *empty)
{
	l4shmc_signal_t *any;
	long size, err;

	while (l4shmc_chunk_try_to_take_for_reading(chunk)) {
		err = l4shmc_wait_any(&any);
		if (err)
			return err;
	}
	/* Never more than the capacity, whatever the producer has written. */
	size = l4shmc_chunk_size(chunk);
	if (size > 0)
		printf("consumer: %.*s\n", (int)size, (char *)l4shmc_chunk_ptr(chunk));
	/* Give the chunk back, and tell the producer. */
	err = l4shmc_chunk_consumed(chunk);
	if (!err)
		err = l4shmc_trigger(empty);
	return err ? err : size;
}

int main(void)
{
	l4_cap_idx_t me = pthread_l4_cap(pthread_self());
	l4shmc_signal_t full, empty, clients;
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;
	long err;

	err = l4shmc_attach("example", &area);
	if (err)
		return failed("attach", err);
	err = open_chunk(&area, &chunk);
	if (err)
		return failed("chunk", err);
	/* A signal is there as soon as one side asks for it. */
	err = l4shmc_add_signal(&area, "empty", &empty);
	/* Reasons to look at the chunk: it is full, or somebody who had it has died. */
	if (!err)
		err = l4shmc_attach_signal(&area, "full", me, &full);
	if (!err)
		err = l4shmc_attach_signal(&area, "@clients", me, &clients);
	if (!err)
		err = l4shmc_mark_client_initialized(&area);
	if (err)
		return failed("set up", err);
	/* The master is client 0, and ready when it has seen both of us. */
	err = l4shmc_wait_clients(&area, 1 << 0, L4SHMC_FOREVER);
	if (err)
		return failed("wait for the master", err);

	do {
		err = consume(&chunk, &empty);
	} while (err > 0);
	return err ? failed("receive", err) : 0;
}
