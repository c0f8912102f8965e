/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * DOC: l4/shmc/shmbuf.h
 *
 * Packets over plain shared memory: a buffer has two rings, one to transmit
 * and one to receive, each in a piece of memory such as a chunk.  What one side
 * transmits the other receives.  It is for the caller to wait, and to tell the
 * other side with a signal.
 *
 * A ring that is all zero is empty, as the memory of a fresh area is; a side
 * that starts again goes on where the ring stands.  One thread at a time may
 * transmit on a ring, and one receive from it.  Apart from that all functions
 * may be called from any thread.
 *
 * What the other side writes is not trusted: offsets and sizes that cannot be
 * true give -L4_EIO, and memory outside of the rings is never touched.
 *
 * All functions return a negative error; -L4_EINVAL for a null pointer and for
 * a ring with a bad size.  The functions l4shm_buf_chunk_* do to one ring what
 * those of the same name do to a buffer.
 */
#ifndef _L4_SHMC_SHMBUF_H
#define _L4_SHMC_SHMBUF_H

#include <l4/sys/compiler.h>
#include <l4/sys/err.h>
#include <l4/sys/linkage.h>
#include <l4/sys/types.h>

L4_BEGIN_DECLS

/* Not in C++, says clang in spite of __extension__. */
#if defined(__clang__) && defined(__cplusplus)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc99-extensions"
#endif

/**
 * struct l4shm_buf_chunk_head - begin of a ring's memory
 * @next_offs_to_write: offset in @pkg of the next packet, set by the writer
 * @next_offs_to_read: offset in @pkg of the oldest packet, set by the reader;
 *	the same as @next_offs_to_write if the ring is empty
 * @writer_blocked: not 0: the writer has found no room since its last packet;
 *	who drops packets looks at it afterwards and tells the writer
 * @pkg: the packets, each a &struct l4shm_buf_pkt_head and its data, rounded up
 *	to whole words; goes on at the beginning when it is at the end
 */
struct l4shm_buf_chunk_head {
	l4_umword_t next_offs_to_write;
	l4_umword_t next_offs_to_read;
	l4_umword_t writer_blocked;
	__extension__ char pkg[];
};

#if defined(__clang__) && defined(__cplusplus)
#pragma clang diagnostic pop
#endif

/**
 * struct l4shm_buf_pkt_head - begin of a packet
 * @size: bytes of the data that follow
 */
struct l4shm_buf_pkt_head {
	l4_umword_t size;
};

/**
 * struct l4shm_buf - two rings
 * @tx_head: the ring to transmit
 * @rx_head: the ring to receive
 * @tx_ring_size: bytes of its &l4shm_buf_chunk_head.pkg
 * @rx_ring_size: bytes of its &l4shm_buf_chunk_head.pkg
 */
struct l4shm_buf {
	struct l4shm_buf_chunk_head *tx_head;
	struct l4shm_buf_chunk_head *rx_head;
	l4_umword_t tx_ring_size;
	l4_umword_t rx_ring_size;
};

typedef struct l4shm_buf l4shm_buf;
typedef struct l4shm_buf_chunk_head l4shm_buf_chunk_head;
typedef struct l4shm_buf_pkt_head l4shm_buf_pkt_head;

/**
 * l4shm_buf_init() - set up a buffer
 * @sb: filled in
 * @rx_chunk: memory of the ring to receive
 * @rx_size: its bytes
 * @tx_chunk: memory of the ring to transmit
 * @tx_size: its bytes
 *
 * A ring's memory is aligned to words, and its bytes are a multiple of the size
 * of a word, at least 6 words and less than 2 GiB.  Nothing is written there.
 *
 * Return: 0; -L4_EINVAL for memory or sizes other than that; -L4_EIO if there
 * is nonsense in a ring.
 */
L4_CV int l4shm_buf_init(struct l4shm_buf *sb, void *rx_chunk, l4_umword_t rx_size, void *tx_chunk,
			 l4_umword_t tx_size) L4_NOTHROW;

/**
 * l4shm_buf_tx_free() - how large a packet has room now
 * @sb: the buffer
 *
 * Return: bytes of data; 0 also if there is no room at all; -L4_EIO.
 */
L4_CV int l4shm_buf_tx_free(struct l4shm_buf *sb) L4_NOTHROW;

/**
 * l4shm_buf_tx() - transmit a packet
 * @sb: the buffer
 * @data: the packet
 * @len: its bytes
 *
 * Return: 0; -L4_EAGAIN if there is no room now, which
 * &l4shm_buf_chunk_head.writer_blocked then tells the reader; -L4_ENOMEM if the
 * packet can never fit; -L4_EIO.
 */
L4_CV int l4shm_buf_tx(struct l4shm_buf *sb, char const *data, l4_umword_t len) L4_NOTHROW;

/**
 * l4shm_buf_tx_part() - write a part of the next packet
 * @sb: the buffer
 * @data: the part
 * @offset: where in the packet it goes, in bytes
 * @len: its bytes
 *
 * Parts may come in any order.  The reader does not see them before
 * l4shm_buf_tx_complete().
 *
 * Return: as l4shm_buf_tx() of a packet that ends with this part.
 */
L4_CV int l4shm_buf_tx_part(struct l4shm_buf *sb, char const *data, l4_umword_t offset,
			    l4_umword_t len) L4_NOTHROW;

/**
 * l4shm_buf_tx_complete() - transmit the packet that was written in parts
 * @sb: the buffer
 * @len: bytes of the whole packet
 *
 * Return: as l4shm_buf_tx().
 */
L4_CV int l4shm_buf_tx_complete(struct l4shm_buf *sb, l4_umword_t len) L4_NOTHROW;

/**
 * l4shm_buf_rx_len() - size of the next packet
 * @sb: the buffer
 *
 * Return: bytes; -L4_ENOENT if there is no packet; -L4_EIO.
 */
L4_CV int l4shm_buf_rx_len(struct l4shm_buf *sb) L4_NOTHROW;

/**
 * l4shm_buf_rx() - receive a packet
 * @sb: the buffer
 * @data: where it goes
 * @len: bytes of @data
 *
 * Copies the whole packet and drops it.
 *
 * Return: 0; -L4_ENOENT if there is no packet; -L4_EMSGTOOLONG if @data is too
 * small, and then the packet stays; -L4_EIO.
 */
L4_CV int l4shm_buf_rx(struct l4shm_buf *sb, char *data, l4_umword_t len) L4_NOTHROW;

/**
 * l4shm_buf_rx_part() - read a part of the next packet, which stays
 * @sb: the buffer
 * @data: where it goes
 * @offset: where in the packet the part begins, in bytes
 * @len: its bytes
 *
 * Return: 0; -L4_ENOENT if there is no packet; -L4_EINVAL if the packet ends
 * before the part; -L4_EIO.
 */
L4_CV int l4shm_buf_rx_part(struct l4shm_buf *sb, char *data, l4_umword_t offset, l4_umword_t len)
	L4_NOTHROW;

/**
 * l4shm_buf_rx_drop() - be done with the next packet
 * @sb: the buffer
 *
 * Return: 0; -L4_ENOENT if there is no packet; -L4_EIO.
 */
L4_CV int l4shm_buf_rx_drop(struct l4shm_buf *sb) L4_NOTHROW;

/**
 * l4shm_buf_chunk_init() - check a ring
 * @head: the ring
 * @ring_size: bytes of &l4shm_buf_chunk_head.pkg: at least 3 words, else as for
 *	l4shm_buf_init()
 *
 * Return: as l4shm_buf_init().
 */
L4_CV int l4shm_buf_chunk_init(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size)
	L4_NOTHROW;

/**
 * l4shm_buf_chunk_tx_free() - as l4shm_buf_tx_free()
 * @head: the ring
 * @ring_size: bytes of &l4shm_buf_chunk_head.pkg
 *
 * Return: as l4shm_buf_tx_free().
 */
L4_CV int l4shm_buf_chunk_tx_free(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size)
	L4_NOTHROW;

/**
 * l4shm_buf_chunk_tx() - as l4shm_buf_tx()
 * @head: the ring
 * @ring_size: bytes of &l4shm_buf_chunk_head.pkg
 * @data: the packet
 * @len: its bytes
 *
 * Return: as l4shm_buf_tx().
 */
L4_CV int l4shm_buf_chunk_tx(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size,
			     char const *data, l4_umword_t len) L4_NOTHROW;

/**
 * l4shm_buf_chunk_tx_part() - as l4shm_buf_tx_part()
 * @head: the ring
 * @ring_size: bytes of &l4shm_buf_chunk_head.pkg
 * @data: the part
 * @offset: where in the packet it goes, in bytes
 * @len: its bytes
 *
 * Return: as l4shm_buf_tx_part().
 */
L4_CV int l4shm_buf_chunk_tx_part(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size,
				  char const *data, l4_umword_t offset, l4_umword_t len)
	L4_NOTHROW;

/**
 * l4shm_buf_chunk_tx_complete() - as l4shm_buf_tx_complete()
 * @head: the ring
 * @ring_size: bytes of &l4shm_buf_chunk_head.pkg
 * @len: bytes of the whole packet
 *
 * Return: as l4shm_buf_tx_complete().
 */
L4_CV int l4shm_buf_chunk_tx_complete(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size,
				      l4_umword_t len) L4_NOTHROW;

/**
 * l4shm_buf_chunk_rx_len() - as l4shm_buf_rx_len()
 * @head: the ring
 * @ring_size: bytes of &l4shm_buf_chunk_head.pkg
 *
 * Return: as l4shm_buf_rx_len().
 */
L4_CV int l4shm_buf_chunk_rx_len(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size)
	L4_NOTHROW;

/**
 * l4shm_buf_chunk_rx() - as l4shm_buf_rx()
 * @head: the ring
 * @ring_size: bytes of &l4shm_buf_chunk_head.pkg
 * @data: where the packet goes
 * @len: bytes of @data
 *
 * Return: as l4shm_buf_rx().
 */
L4_CV int l4shm_buf_chunk_rx(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size, char *data,
			     l4_umword_t len) L4_NOTHROW;

/**
 * l4shm_buf_chunk_rx_part() - as l4shm_buf_rx_part()
 * @head: the ring
 * @ring_size: bytes of &l4shm_buf_chunk_head.pkg
 * @data: where the part goes
 * @offset: where in the packet the part begins, in bytes
 * @len: its bytes
 *
 * Return: as l4shm_buf_rx_part().
 */
L4_CV int l4shm_buf_chunk_rx_part(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size,
				  char *data, l4_umword_t offset, l4_umword_t len) L4_NOTHROW;

/**
 * l4shm_buf_chunk_rx_drop() - as l4shm_buf_rx_drop()
 * @head: the ring
 * @ring_size: bytes of &l4shm_buf_chunk_head.pkg
 *
 * Return: as l4shm_buf_rx_drop().
 */
L4_CV int l4shm_buf_chunk_rx_drop(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size)
	L4_NOTHROW;

L4_END_DECLS

#endif /* _L4_SHMC_SHMBUF_H */
