/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Chunks, signals and rings in memory that no driver knows of, for tests and
 * measurements: all that makes no system call works as it does in an area.
 *
 * There is nobody to wake: a wait that has to sleep returns -L4_EPERM instead,
 * once it has looked as long as l4shmc_set_spin_limit() lets it.
 */
#ifndef _L4SHMC_PLAIN_H
#define _L4SHMC_PLAIN_H

#include "ring.h"

/**
 * struct l4shmc_plain - an area without a driver, as one client sees it
 * @at: what its chunks and signals belong to
 *
 * To be filled in by l4shmc__plain_init(), by each client for itself.
 */
struct l4shmc_plain {
	struct l4shmc_attachment at;
};

/*
 * @records: a page or more, all zero in the beginning, that all clients share
 * @data: likewise, for the payload
 * @client: the number of this one
 */
static inline void l4shmc__plain_init(struct l4shmc_plain *plain, void *records, void *data,
				      __u32 client)
{
	*plain = (struct l4shmc_plain){
		.at = {
			.generation = 1,
			.client = client,
			.fd = -1,
			.records = records,
			.data = data,
		},
	};
}

/* The chunk with record @index, at @offset of the payload. */
static inline l4shmc_chunk_t l4shmc__plain_chunk(struct l4shmc_plain *plain, __u32 index,
						 size_t offset, size_t capacity)
{
	struct l4shmc_attachment *at = &plain->at;

	return (l4shmc_chunk_t){
		._magic = L4SHMC__CHUNK_MAGIC,
		._attachment = at,
		._generation = at->generation,
		._record = &at->records[index].chunk,
		._payload = at->data + offset,
		._capacity = capacity,
		._owner = (l4_umword_t)at->client << L4SHMC_CHUNK_OWNER_SHIFT,
	};
}

/* The signal with record @index; @event is filled in, and has to last. */
static inline l4shmc_signal_t l4shmc__plain_signal(struct l4shmc_plain *plain, __u32 index,
						   struct l4shmc_event *event)
{
	struct l4shmc_attachment *at = &plain->at;

	*event = (struct l4shmc_event){
		.record = &at->records[index].signal,
		.fd = -1,
		.index = index,
	};
	return (l4shmc_signal_t){
		._magic = L4SHMC__SIGNAL_MAGIC,
		._attachment = at,
		._generation = at->generation,
		._record = event->record,
		._event = event,
	};
}

/*
 * Makes @buf the @role of the ring in a chunk; all zero is a ring that nobody
 * has used.  @receiver is a chunk of L4SHMC__RING_RECEIVER_SIZE bytes.
 */
static inline long l4shmc__plain_ring(l4shmc_ringbuf_t *buf, l4shmc_chunk_t const *chunk,
				      l4shmc_chunk_t const *receiver, enum l4shmc__ring_role role)
{
	*buf = (l4shmc_ringbuf_t){ ._chunk = *chunk, ._receiver = *receiver };
	return l4shmc__ring_open(buf, role);
}

#endif /* _L4SHMC_PLAIN_H */
