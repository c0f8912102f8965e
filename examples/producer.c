// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends a few messages to the consumer through a chunk of the area "example"
 */
#include <stdio.h>

#include <l4/shmc/linux.h>
#include <pthread-l4.h>

#define MESSAGES 5

static int failed(const char *what, long err)
{
	fprintf(stderr, "producer: %s: %s\n", what, l4sys_errtostr(err));
	return 1;
}

/* Both sides do this, so whoever comes first makes the chunk. */
static long open_chunk(l4shmc_area_t *area, l4shmc_chunk_t *chunk)
{
	long err = l4shmc_add_chunk(area, "message", 256, chunk);

	return err == -L4_EEXIST ? l4shmc_get_chunk(area, "message", chunk) : err;
}

/* Waits until the consumer has read the last message, then writes the next. */
static long produce(l4shmc_chunk_t *chunk, int number)
{
	l4shmc_signal_t *any;
	int length = 0;
	long err;

	while (l4shmc_chunk_try_to_take(chunk)) {
		err = l4shmc_wait_any(&any);
		if (err)
			return err;
	}
	/* The chunk is ours now; if we died here it would be free again. */
	if (number <= MESSAGES)
		length = snprintf(l4shmc_chunk_ptr(chunk), (size_t)l4shmc_chunk_capacity(chunk),
				  "message %d of %d", number, MESSAGES);
	return l4shmc_chunk_ready_sig(chunk, (l4_umword_t)length);
}

int main(void)
{
	l4_cap_idx_t me = pthread_l4_cap(pthread_self());
	l4shmc_signal_t full, empty, clients;
	l4shmc_chunk_t chunk;
	l4shmc_area_t area;
	long err;
	int i;

	err = l4shmc_attach("example", &area);
	if (err)
		return failed("attach", err);
	err = open_chunk(&area, &chunk);
	if (err)
		return failed("chunk", err);
	/* A signal is there as soon as one side asks for it. */
	err = l4shmc_add_signal(&area, "full", &full);
	/* Reasons to look at the chunk: it was read, or somebody who had it has died. */
	if (!err)
		err = l4shmc_attach_signal(&area, "empty", me, &empty);
	if (!err)
		err = l4shmc_attach_signal(&area, "@clients", me, &clients);
	if (!err)
		err = l4shmc_connect_chunk_signal(&chunk, &full);
	if (!err)
		err = l4shmc_mark_client_initialized(&area);
	if (err)
		return failed("set up", err);
	/* The master is client 0, and ready when it has seen both of us. */
	err = l4shmc_wait_clients(&area, 1 << 0, L4SHMC_FOREVER);
	if (err)
		return failed("wait for the master", err);

	/* An empty message, after the others, is the end; we need not wait for it. */
	for (i = 1; i <= MESSAGES + 1 && !err; i++)
		err = produce(&chunk, i);
	return err ? failed("send", err) : 0;
}
