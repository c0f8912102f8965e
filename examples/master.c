// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes the area "example" and keeps it while a producer and a consumer use it
 *
 * Start this first, then producer and consumer, in any order.  They may belong
 * to other users.  They begin when this program has marked itself initialized.
 */
#include <stdio.h>

#include <l4/shmc/linux.h>

#define AREA_SIZE 65536
/* Everybody may read and write, so everybody may attach. */
#define AREA_MODE 0666

static int failed(const char *what, long err)
{
	fprintf(stderr, "master: %s: %s\n", what, l4sys_errtostr(err));
	return 1;
}

/* Tells whether anybody but this process, which is client 0, is there. */
static long others(l4shmc_area_t *area, l4_umword_t *mask)
{
	long err = l4shmc_get_initialized_clients(area, mask);

	*mask &= ~(l4_umword_t)1;
	return err;
}

int main(void)
{
	l4shmc_signal_t clients;
	l4shmc_area_t area;
	l4_umword_t mask;
	long err;

	err = l4shmc_create_area("example", AREA_SIZE, AREA_MODE, L4SHMC_EXCLUSIVE);
	if (err)
		return failed("create", err);
	err = l4shmc_attach("example", &area);
	if (err)
		return failed("attach", err);
	/* The lowest free number is given out, from 0 on. */
	if (l4shmc_get_client_nr(&area) != 0)
		return failed("somebody was faster", -L4_EBUSY);
	/* Told by the driver whenever a client comes, is ready, leaves or dies. */
	err = l4shmc_get_clients_signal(&area, &clients);
	if (err)
		return failed("clients", err);

	printf("master: %ld bytes are there, waiting for clients 1 and 2\n",
	       l4shmc_area_size(&area));
	fflush(stdout);
	err = l4shmc_wait_clients(&area, 1 << 1 | 1 << 2, L4SHMC_FOREVER);
	if (!err)
		err = l4shmc_mark_client_initialized(&area);
	if (err)
		return failed("wait for clients", err);
	puts("master: both are ready");
	fflush(stdout);

	/* Look, and sleep if there is somebody: nothing is missed in between. */
	err = others(&area, &mask);
	while (!err && mask) {
		err = l4shmc_wait_signal(&clients);
		if (!err)
			err = others(&area, &mask);
	}
	if (err)
		return failed("clients", err);
	puts("master: both have left");

	/* With the end of this process the area is gone too. */
	return 0;
}
