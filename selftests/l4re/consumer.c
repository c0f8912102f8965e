// SPDX-License-Identifier: GPL-2.0-only
/* Consumes the packets of another process, producer. */
#include <l4/shmc/shmc.h>
#include <l4/sys/err.h>
#include <l4/util/assert.h>

#include <stdio.h>

#include "packets.h"

int main(void)
{
	l4shmc_area_t area;
	l4shmc_chunk_t chunk;
	l4shmc_signal_t filled, emptied;
	unsigned int n;

	ASSERT_OK(l4shmc_create(AREA));
	ASSERT_OK(l4shmc_attach_to(AREA, 1000, &area));
	open_packets(&area, &chunk, &filled, &emptied);

	for (n = 0; n < PACKETS; n++) {
		ASSERT_OK(l4shmc_enable_chunk(&chunk));
		while (!l4shmc_is_chunk_ready(&chunk))
			ASSERT_OK(l4shmc_wait_chunk(&chunk));
		ASSERT_OK(l4shmc_chunk_try_to_take_for_reading(&chunk));
		check_packet(&chunk, n);
		ASSERT_OK(l4shmc_chunk_consumed(&chunk));
		ASSERT_OK(l4shmc_trigger(&emptied));
	}
	printf("consumer: %u packets\n", n);
	return 0;
}
