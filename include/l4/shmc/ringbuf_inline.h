/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Part of l4/shmc/ringbuf.h: sending and receiving of a packet without a call,
 * as far as all is simple.  The library does the rest, and does the same where
 * a compiler does not inline.
 */
#ifndef _L4_SHMC_RINGBUF_INLINE_H
#define _L4_SHMC_RINGBUF_INLINE_H

#include <l4/shmc/ringbuf.h>

#define L4SHMC__RING_INLINE static __inline__ __attribute__((__always_inline__, __unused__))

/* Packets are aligned to so many bytes, and preceded by as many. */
#define L4SHMC__RING_ALIGN 8U
#define L4SHMC__RING_MARK 0x4c345242U

/* A cache line: this size is tried without a call even if it is a variable. */
#define L4SHMC__RING_COMMON_SIZE 64U

/* So far a size that is known is worth the code. */
#define L4SHMC__RING_LARGEST_SIZE 256U

/*
 * So far ahead the sender asks for the cache lines to write into.  The receiver
 * has them, which read them last; nearer ones its CPU may be about to read.
 */
#define L4SHMC__RING_PREFETCH 512

enum l4shmc__ring_role { L4SHMC__SENDER, L4SHMC__RECEIVER, L4SHMC__RING_ROLES };

/* Where a side is.  Its own copy, for what the compiler would have to read again. */
struct l4shmc__ring_place {
	l4_uint32_t *side;
	l4_uint64_t index;
	char *at;
};

/* What is before a packet: its size, and that again with a mark. */
L4SHMC__RING_INLINE l4_uint64_t l4shmc__ring_header(l4_uint32_t size)
{
	return size | (l4_uint64_t)(size ^ L4SHMC__RING_MARK) << 32;
}

/* Bytes of the ring that a packet takes. */
L4SHMC__RING_INLINE l4_uint64_t l4shmc__ring_bytes(l4_uint32_t size)
{
	l4_uint64_t most = (l4_uint64_t)size + 2 * L4SHMC__RING_ALIGN - 1;

	return most - most % L4SHMC__RING_ALIGN;
}

/*
 * Do so many bytes lie where the library has found that nothing can come up?
 * That is nowhere for the other role, and for what is no ring.  Beside that the
 * area has to be attached still, and nobody else to have changed the index of
 * this side.
 */
L4SHMC__RING_INLINE int l4shmc__ring_within(l4shmc_ringbuf_head_t const *head,
					    enum l4shmc__ring_role role, l4_uint64_t bytes,
					    struct l4shmc__ring_place *place)
{
	l4shmc_chunk_t const *chunk = &((l4shmc_ringbuf_t const *)(void const *)head)->_chunk;
	l4_umword_t const *generation;

	place->index = head->_index;
	if (L4_UNLIKELY(place->index + bytes > head->_end[role]))
		return 0;
	generation = (l4_umword_t const *)(void const *)chunk->_attachment;
	if (L4_UNLIKELY(__atomic_load_n(generation, __ATOMIC_RELAXED) != chunk->_generation))
		return 0;
	place->side = head->_side;
	place->at = head->_base + place->index;
	return __atomic_load_n(&place->side[0], __ATOMIC_RELAXED) == (l4_uint32_t)place->index;
}

/* Goes on by so many bytes. */
L4SHMC__RING_INLINE void l4shmc__ring_advance(l4shmc_ringbuf_head_t *head,
					      struct l4shmc__ring_place const *place,
					      l4_uint64_t bytes)
{
	head->_index = place->index + bytes;
	__atomic_store_n(&place->side[0], (l4_uint32_t)(place->index + bytes), __ATOMIC_RELEASE);
}

/* Only a hint: there may be no such address. */
L4SHMC__RING_INLINE void l4shmc__ring_prefetch(char const *p)
{
#ifdef __x86_64__
	/* The builtin would have it read-only. */
	__asm__ volatile("prefetchw %0" : : "m"(*p));
#else
	__builtin_prefetch(p, 1);
#endif
}

/*
 * The same address, of which the compiler knows nothing: it would warn of a buffer
 * that is smaller than a size that is only tried.
 */
#define L4SHMC__RING_HIDE(p) __asm__("" : "+r"(p))

/*
 * Sends a packet, if that is simple.
 *
 * Between moving the index and looking whether the receiver has asked to be
 * told there need not be a barrier: it has the kernel make one.
 */
L4SHMC__RING_INLINE int l4shmc__ring_send_quickly(l4shmc_ringbuf_t *buf, char const *data,
						  l4_uint32_t size)
{
	l4_uint64_t const header = l4shmc__ring_header(size);
	struct l4shmc__ring_place place;

	if (L4_UNLIKELY(!buf) || L4_UNLIKELY(!data) ||
	    !l4shmc__ring_within(&buf->_head, L4SHMC__SENDER, l4shmc__ring_bytes(size), &place))
		return 0;
	L4SHMC__RING_HIDE(data);
	__builtin_memcpy(place.at, &header, sizeof(header));
	__builtin_memcpy(place.at + L4SHMC__RING_ALIGN, data, size);
	l4shmc__ring_prefetch(place.at + L4SHMC__RING_PREFETCH);
	l4shmc__ring_advance(&buf->_head, &place, l4shmc__ring_bytes(size));
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (L4_UNLIKELY(__atomic_load_n(&place.side[1], __ATOMIC_RELAXED)))
		l4shmc_rb_sender_commit_packet(buf);
	return 1;
}

/* Is the next packet one of that size, and simple? */
L4SHMC__RING_INLINE int l4shmc__ring_is_packet(l4shmc_ringbuf_head_t const *head, l4_uint32_t size,
					       struct l4shmc__ring_place *place)
{
	l4_uint64_t header;

	if (L4_UNLIKELY(!head) ||
	    !l4shmc__ring_within(head, L4SHMC__RECEIVER, l4shmc__ring_bytes(size), place))
		return 0;
	__builtin_memcpy(&header, place->at, sizeof(header));
	return header == l4shmc__ring_header(size);
}

/* Receives it. */
L4SHMC__RING_INLINE int l4shmc__ring_receive_quickly(l4shmc_ringbuf_head_t *head, char *target,
						     unsigned *tsize, l4_uint32_t size)
{
	struct l4shmc__ring_place place;

	if (L4_UNLIKELY(!target) || L4_UNLIKELY(!tsize) ||
	    !l4shmc__ring_is_packet(head, size, &place) || L4_UNLIKELY(size > *tsize))
		return 0;
	*tsize = size;
	L4SHMC__RING_HIDE(target);
	__builtin_memcpy(target, place.at + L4SHMC__RING_ALIGN, size);
	l4shmc__ring_advance(head, &place, l4shmc__ring_bytes(size));
	return 1;
}

/* Is it worth the code?  Mostly the compiler can tell. */
L4SHMC__RING_INLINE int l4shmc__ring_is_small(unsigned size)
{
	return __builtin_constant_p(size) && size <= L4SHMC__RING_LARGEST_SIZE;
}

static __inline__ int l4shmc__ring_next_copy_in(l4shmc_ringbuf_t *buf, char *data, unsigned size,
						int block_if_necessary)
{
	if (size == L4SHMC__RING_COMMON_SIZE) {
		if (l4shmc__ring_send_quickly(buf, data, L4SHMC__RING_COMMON_SIZE))
			return 0;
	} else if (l4shmc__ring_is_small(size)) {
		if (l4shmc__ring_send_quickly(buf, data, size))
			return 0;
	}
	return l4shmc_rb_sender_next_copy_in(buf, data, size, block_if_necessary);
}

static __inline__ int l4shmc__ring_copy_out(l4shmc_ringbuf_head_t *head, char *target,
					    unsigned *tsize)
{
	if (l4shmc__ring_receive_quickly(head, target, tsize, L4SHMC__RING_COMMON_SIZE))
		return 0;
	return l4shmc_rb_receiver_copy_out(head, target, tsize);
}

#ifndef L4SHMC__RING_NO_INLINE
/* An argument may have commas of its own: a compound literal. */
#define l4shmc_rb_sender_next_copy_in(...) l4shmc__ring_next_copy_in(__VA_ARGS__)
#define l4shmc_rb_receiver_copy_out(...) l4shmc__ring_copy_out(__VA_ARGS__)
#endif

#endif /* _L4_SHMC_RINGBUF_INLINE_H */
