// SPDX-License-Identifier: GPL-2.0-only
/*
 * Produces packets into a chunk that another process, consumer, empties.  The
 * area and what is in it may have been set up by a third one, starter.
 */
#include <l4/shmc/shmc.h>
#include <l4/sys/err.h>
#include <l4/util/assert.h>

#include <stdio.h>
#include <string.h>

#include "packets.h"

int main(void)
{
	l4shmc_area_t area;
	l4shmc_chunk_t chunk;
	l4shmc_signal_t filled, emptied;
	unsigned int n;

	ASSERT_OK(l4shmc_create(AREA));
	ASSERT_OK(l4shmc_attach(AREA, &area));
	open_packets(&area, &chunk, &filled, &emptied);

	for (n = 0; n < PACKETS; n++) {
		while (l4shmc_chunk_try_to_take_for_writing(&chunk))
			ASSERT_OK(l4shmc_wait_signal(&emptied));
		memset(l4shmc_chunk_ptr(&chunk), packet_byte(n), packet_size(n));
		ASSERT_OK(l4shmc_chunk_ready_sig(&chunk, packet_size(n)));
	}
	/* The last one has to arrive before this client is gone. */
	while (!l4shmc_is_chunk_clear(&chunk))
		ASSERT_OK(l4shmc_wait_signal(&emptied));
	printf("producer: %u packets\n", n);
	return 0;
}
