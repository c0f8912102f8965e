/* SPDX-License-Identifier: GPL-2.0-only */
/* What producer and consumer have to agree on. */
#ifndef PACKETS_H
#define PACKETS_H

#include <l4/shmc/shmc.h>
#include <l4/sys/err.h>
#include <l4/util/assert.h>

#define AREA "l4re-packets"
#define CHUNK_SIZE 4000
#define PACKETS 100U

static inline int packet_byte(unsigned int n)
{
	return (int)(n % 251);
}

static inline l4_umword_t packet_size(unsigned int n)
{
	return 1 + n * 37 % CHUNK_SIZE;
}

static inline void check_packet(l4shmc_chunk_t *chunk, unsigned int n)
{
	unsigned char const *p = (unsigned char const *)l4shmc_chunk_ptr(chunk);
	long i, size = l4shmc_chunk_size(chunk);

	ASSERT_EQUAL(size, (long)packet_size(n));
	for (i = 0; i < size; i++)
		ASSERT_EQUAL(p[i], packet_byte(n));
}

/* Finds chunk and signals, or makes them: whoever comes first. */
static inline void open_packets(l4shmc_area_t *area, l4shmc_chunk_t *chunk,
				l4shmc_signal_t *filled, l4shmc_signal_t *emptied)
{
	long err = l4shmc_add_chunk(area, "packet", CHUNK_SIZE, chunk);

	if (err == -L4_EEXIST)
		err = l4shmc_get_chunk(area, "packet", chunk);
	ASSERT_OK(err);
	ASSERT_OK(l4shmc_add_signal(area, "filled", filled));
	ASSERT_OK(l4shmc_add_signal(area, "emptied", emptied));
	ASSERT_OK(l4shmc_connect_chunk_signal(chunk, filled));
}

#endif /* PACKETS_H */
