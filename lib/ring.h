/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is in a ring's chunk, and how a side takes part in it.
 */
#ifndef _L4SHMC_RING_H
#define _L4SHMC_RING_H

#include "private.h"

#pragma GCC visibility push(default)
#include <l4/shmc/ringbuf.h>
#pragma GCC visibility pop

/**
 * struct l4shmc_ring_side - what a side tells the other, on a cache line of its own
 * @index: how far it is.  Indices run to twice the size of the data, so that
 *	full and empty differ; a multiple of &L4SHMC__RING_ALIGN
 * @asked: bytes, of data or of room, that the other side waits for; set by the
 *	other side, set to 0 by this one when it triggers the signal
 * @attached: how often a client has become this side
 * @relaxed: makes no barrier between moving @index and looking at @asked: the
 *	other side has the kernel make one after it has set @asked
 * @reserved: zero
 *
 * All zero is a ring that is empty and that nobody has used.
 */
struct l4shmc_ring_side {
	__u32 index;
	__u32 asked;
	__u32 attached;
	__u32 relaxed;
	__u32 reserved[12];
};

/**
 * struct l4shmc_ring - begin of a ring's chunk; the data follow
 * @sides: by &enum l4shmc__ring_role
 */
struct l4shmc_ring {
	struct l4shmc_ring_side sides[L4SHMC__RING_ROLES];
};

/* As the size of a packet: nothing more up to the end. */
#define L4SHMC__RING_SKIP (~(__u32)0)

/* Capacity of the chunk that the receiver owns, beside that of the ring. */
#define L4SHMC__RING_RECEIVER_SIZE 64U

/*
 * Makes @buf, whose chunks and signals are set, the @role of its ring: takes
 * the chunk of that role, which the driver gives back when this client dies.
 */
long l4shmc__ring_open(l4shmc_ringbuf_t *buf, enum l4shmc__ring_role role);

#endif /* _L4SHMC_RING_H */
