// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run twice at the same time: each marks itself initialized and starts when
 * both have.
 */
#include <l4/shmc/shmc.h>
#include <l4/util/assert.h>
#include <l4/util/util.h>

#include <stdio.h>

#define AREA "l4re-barrier"

int main(void)
{
	static const char *const names[] = { "seen-by-0", "seen-by-1" };
	l4shmc_signal_t mine, theirs;
	l4_umword_t mask = 0;
	l4shmc_area_t area;
	long nr;

	ASSERT_OK(l4shmc_create(AREA));
	ASSERT_OK(l4shmc_attach(AREA, &area));
	nr = l4shmc_get_client_nr(&area);
	ASSERT_BETWEEN(nr, 0, 1);
	ASSERT_OK(l4shmc_get_signal(&area, names[nr], &mine));
	ASSERT_OK(l4shmc_get_signal(&area, names[1 - nr], &theirs));

	ASSERT_OK(l4shmc_mark_client_initialized(&area));
	while (mask != 3) {
		ASSERT_OK(l4shmc_get_initialized_clients(&area, &mask));
		ASSERT_EQUAL(mask & ~(l4_umword_t)3, 0);
		l4_sleep(1);
	}
	/* No client leaves before the other one has seen it. */
	ASSERT_OK(l4shmc_trigger(&mine));
	ASSERT_OK(l4shmc_wait_signal(&theirs));
	printf("barrier: client %ld, mask %lu\n", nr, mask);
	return 0;
}
