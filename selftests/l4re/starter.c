// SPDX-License-Identifier: GPL-2.0-only
/* Sets up the area that producer and consumer use, and keeps it. */
#include <l4/shmc/shmc.h>
#include <l4/util/assert.h>
#include <l4/util/util.h>

#include <stdio.h>

#include "packets.h"

int main(void)
{
	l4shmc_area_t area;
	l4shmc_chunk_t chunk;
	l4shmc_signal_t filled, emptied;

	ASSERT_OK(l4shmc_create(AREA));
	ASSERT_OK(l4shmc_attach(AREA, &area));
	open_packets(&area, &chunk, &filled, &emptied);
	printf("starter: %ld bytes\n", l4shmc_area_size(&area));
	fflush(stdout);
	l4_sleep_forever();
}
