/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring without the driver, for several processes: its chunk ends where the
 * memory ends, and there is none before it either.  What the driver does for
 * chunks, the test has to do.  There are no signals, so nothing can sleep.
 */
#ifndef TESTS_RINGMEM_H
#define TESTS_RINGMEM_H

#include "../lib/plain.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct ringmem {
	struct l4shmc_plain plain;
	union l4shmc_record *records;
	char *chunk;
	size_t capacity;
};

/* @size as for l4shmc_rb_init_buffer(), here a multiple of 64. */
static inline bool ringmem_make(struct ringmem *mem, unsigned size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = (size + page - 1) / page * page;
	char *all;

	memset(mem, 0, sizeof(*mem));
	mem->capacity = size - L4SHMC__RING_RECEIVER_SIZE;
	/* Records, nothing, the chunk, nothing. */
	all = mmap(NULL, 3 * page + bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		   0);
	if (all == MAP_FAILED || mprotect(all + page, page, PROT_NONE) ||
	    mprotect(all + 2 * page + bytes, page, PROT_NONE))
		return false;
	mem->records = (union l4shmc_record *)all;
	mem->chunk = all + 2 * page + bytes - mem->capacity;
	/* What is before the chunk in its first page is seen to be unchanged. */
	memset(all + 2 * page, 0x5a, bytes - mem->capacity);
	l4shmc__plain_init(&mem->plain, mem->records, mem->chunk, 0);
	return true;
}

/* Has nobody written before the chunk? */
static inline bool ringmem_intact(struct ringmem const *mem)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char const *p;

	for (p = mem->chunk; (uintptr_t)p % page; p--)
		if (p[-1] != 0x5a)
			return false;
	return true;
}

static inline long ringmem_open(struct ringmem *mem, l4shmc_ringbuf_t *buf,
				enum l4shmc__ring_role role)
{
	l4shmc_chunk_t chunk, receiver;

	chunk = l4shmc__plain_chunk(&mem->plain, L4SHMC__SENDER, 0, mem->capacity);
	receiver = l4shmc__plain_chunk(&mem->plain, L4SHMC__RECEIVER, 0, mem->capacity);
	return l4shmc__plain_ring(buf, &chunk, &receiver, role);
}

/* What the driver does when a client has died. */
static inline void ringmem_died(struct ringmem *mem, enum l4shmc__ring_role role)
{
	__atomic_store_n(&mem->records[role].chunk.state, L4SHMC_CHUNK_CLEAR, __ATOMIC_RELEASE);
}

static inline struct l4shmc_ring *ringmem_ring(struct ringmem *mem)
{
	return (struct l4shmc_ring *)mem->chunk;
}

#endif /* TESTS_RINGMEM_H */
