// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Packets over plain shared memory.  All that is known of a ring is in its
 * head, which the other side may write at any time: each call reads it once,
 * and believes nothing that would lead out of the ring.
 */
#include "private.h"

#pragma GCC visibility push(default)
#include <l4/shmc/shmbuf.h>
#pragma GCC visibility pop

#include <string.h>

#define WORD sizeof(l4_umword_t)
#define PACKET_HEAD sizeof(struct l4shm_buf_pkt_head)

/* One call's view of a ring; a word stays free, so that full is not empty. */
struct ring {
	struct l4shm_buf_chunk_head *head;
	l4_umword_t size;
	l4_umword_t write;
	l4_umword_t read;
};

static bool is_offset(struct ring const *ring, l4_umword_t offset)
{
	return offset < ring->size && offset % WORD == 0;
}

static long look(struct ring *ring)
{
	ring->write = __atomic_load_n(&ring->head->next_offs_to_write, __ATOMIC_ACQUIRE);
	ring->read = __atomic_load_n(&ring->head->next_offs_to_read, __ATOMIC_ACQUIRE);
	return is_offset(ring, ring->write) && is_offset(ring, ring->read) ? 0 : -L4_EIO;
}

static long open_ring(struct ring *ring, struct l4shm_buf_chunk_head *head, l4_umword_t size)
{
	/* Room for the head and a word of data at least; sizes are returned as int. */
	if (!head || (uintptr_t)head % WORD || size % WORD || size < PACKET_HEAD + 2 * WORD ||
	    size > INT_MAX)
		return -L4_EINVAL;
	ring->head = head;
	ring->size = size;
	return look(ring);
}

static l4_umword_t bytes_used(struct ring const *ring)
{
	if (ring->write >= ring->read)
		return ring->write - ring->read;
	return ring->write + ring->size - ring->read;
}

static l4_umword_t bytes_free(struct ring const *ring)
{
	return ring->size - WORD - bytes_used(ring);
}

/* Bytes of the ring that a packet takes; its size is checked. */
static l4_umword_t packet_bytes(l4_umword_t len)
{
	return PACKET_HEAD + (len + WORD - 1) / WORD * WORD;
}

/* Offset of what is @bytes behind @offset, which is less than a ring's size. */
static l4_umword_t behind(struct ring const *ring, l4_umword_t offset, l4_umword_t bytes)
{
	return bytes < ring->size - offset ? offset + bytes : bytes - (ring->size - offset);
}

static void copy_in(struct ring const *ring, l4_umword_t offset, char const *data, l4_umword_t len)
{
	l4_umword_t first = ring->size - offset;

	if (first > len)
		first = len;
	memcpy(ring->head->pkg + offset, data, first);
	memcpy(ring->head->pkg, data + first, len - first);
}

static void copy_out(struct ring const *ring, l4_umword_t offset, char *data, l4_umword_t len)
{
	l4_umword_t first = ring->size - offset;

	if (first > len)
		first = len;
	memcpy(data, ring->head->pkg + offset, first);
	memcpy(data + first, ring->head->pkg, len - first);
}

/* Transmitting */

/* Is there room for a packet of @len bytes?  If not the reader gets to know. */
static long check_room(struct ring *ring, l4_umword_t len)
{
	long ret;

	if (len > ring->size - WORD - PACKET_HEAD)
		return -L4_ENOMEM;
	if (packet_bytes(len) <= bytes_free(ring))
		return 0;
	__atomic_store_n(&ring->head->writer_blocked, 1, __ATOMIC_RELAXED);
	/* Either the reader sees this, or what it has dropped is seen here. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ret = look(ring);
	if (ret)
		return ret;
	return packet_bytes(len) <= bytes_free(ring) ? 0 : -L4_EAGAIN;
}

static void send_packet(struct ring *ring, l4_umword_t len)
{
	struct l4shm_buf_pkt_head *packet;

	/* In one piece, being a word. */
	packet = (void *)(ring->head->pkg + ring->write);
	__atomic_store_n(&packet->size, len, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->head->next_offs_to_write,
			 behind(ring, ring->write, packet_bytes(len)), __ATOMIC_RELEASE);
	if (__atomic_load_n(&ring->head->writer_blocked, __ATOMIC_RELAXED))
		__atomic_store_n(&ring->head->writer_blocked, 0, __ATOMIC_RELAXED);
}

int l4shm_buf_chunk_init(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size)
{
	struct ring ring;

	return (int)open_ring(&ring, head, ring_size);
}

int l4shm_buf_chunk_tx_free(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size)
{
	struct ring ring;
	long ret = open_ring(&ring, head, ring_size);

	if (ret)
		return (int)ret;
	return bytes_free(&ring) < PACKET_HEAD ? 0 : (int)(bytes_free(&ring) - PACKET_HEAD);
}

int l4shm_buf_chunk_tx_part(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size,
			    char const *data, l4_umword_t offset, l4_umword_t len)
{
	struct ring ring;
	l4_umword_t end;
	long ret = open_ring(&ring, head, ring_size);

	if (ret)
		return (int)ret;
	if (!data && len)
		return -L4_EINVAL;
	if (__builtin_add_overflow(offset, len, &end))
		return -L4_ENOMEM;
	ret = check_room(&ring, end);
	if (!ret && len)
		copy_in(&ring, behind(&ring, ring.write, PACKET_HEAD + offset), data, len);
	return (int)ret;
}

int l4shm_buf_chunk_tx_complete(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size,
				l4_umword_t len)
{
	struct ring ring;
	long ret = open_ring(&ring, head, ring_size);

	if (!ret)
		ret = check_room(&ring, len);
	if (!ret)
		send_packet(&ring, len);
	return (int)ret;
}

int l4shm_buf_chunk_tx(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size, char const *data,
		       l4_umword_t len)
{
	int ret = l4shm_buf_chunk_tx_part(head, ring_size, data, 0, len);

	return ret ? ret : l4shm_buf_chunk_tx_complete(head, ring_size, len);
}

/* Receiving */

/* Finds the next packet. */
static long open_packet(struct ring *ring, struct l4shm_buf_chunk_head *head, l4_umword_t size,
			l4_umword_t *len)
{
	struct l4shm_buf_pkt_head *packet;
	long ret = open_ring(ring, head, size);

	if (ret)
		return ret;
	if (ring->write == ring->read)
		return -L4_ENOENT;
	/* What is used is whole words, so that there is one. */
	packet = (void *)(ring->head->pkg + ring->read);
	*len = __atomic_load_n(&packet->size, __ATOMIC_RELAXED);
	if (*len > ring->size || packet_bytes(*len) > bytes_used(ring))
		return -L4_EIO;
	return 0;
}

static void drop_packet(struct ring *ring, l4_umword_t len)
{
	__atomic_store_n(&ring->head->next_offs_to_read,
			 behind(ring, ring->read, packet_bytes(len)), __ATOMIC_RELEASE);
	/* Before the caller looks at writer_blocked: see check_room(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

int l4shm_buf_chunk_rx_len(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size)
{
	struct ring ring;
	l4_umword_t size;
	long ret = open_packet(&ring, head, ring_size, &size);

	return ret ? (int)ret : (int)size;
}

int l4shm_buf_chunk_rx_part(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size, char *data,
			    l4_umword_t offset, l4_umword_t len)
{
	struct ring ring;
	l4_umword_t size;
	long ret = open_packet(&ring, head, ring_size, &size);

	if (ret)
		return (int)ret;
	if ((!data && len) || offset > size || len > size - offset)
		return -L4_EINVAL;
	if (len)
		copy_out(&ring, behind(&ring, ring.read, PACKET_HEAD + offset), data, len);
	return 0;
}

int l4shm_buf_chunk_rx(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size, char *data,
		       l4_umword_t len)
{
	struct ring ring;
	l4_umword_t size;
	long ret = open_packet(&ring, head, ring_size, &size);

	if (ret)
		return (int)ret;
	if (!data && size)
		return -L4_EINVAL;
	if (size > len)
		return -L4_EMSGTOOLONG;
	if (size)
		copy_out(&ring, behind(&ring, ring.read, PACKET_HEAD), data, size);
	drop_packet(&ring, size);
	return 0;
}

int l4shm_buf_chunk_rx_drop(struct l4shm_buf_chunk_head *head, l4_umword_t ring_size)
{
	struct ring ring;
	l4_umword_t size;
	long ret = open_packet(&ring, head, ring_size, &size);

	if (!ret)
		drop_packet(&ring, size);
	return (int)ret;
}

/* Both rings of a buffer */

int l4shm_buf_init(struct l4shm_buf *sb, void *rx_chunk, l4_umword_t rx_size, void *tx_chunk,
		   l4_umword_t tx_size)
{
	l4_umword_t head = sizeof(struct l4shm_buf_chunk_head);
	int ret;

	if (!sb || rx_size < head || tx_size < head)
		return -L4_EINVAL;
	ret = l4shm_buf_chunk_init(rx_chunk, rx_size - head);
	if (!ret)
		ret = l4shm_buf_chunk_init(tx_chunk, tx_size - head);
	if (ret)
		return ret;
	*sb = (struct l4shm_buf){
		.tx_head = tx_chunk,
		.rx_head = rx_chunk,
		.tx_ring_size = tx_size - head,
		.rx_ring_size = rx_size - head,
	};
	return 0;
}

int l4shm_buf_tx_free(struct l4shm_buf *sb)
{
	return sb ? l4shm_buf_chunk_tx_free(sb->tx_head, sb->tx_ring_size) : -L4_EINVAL;
}

int l4shm_buf_tx(struct l4shm_buf *sb, char const *data, l4_umword_t len)
{
	return sb ? l4shm_buf_chunk_tx(sb->tx_head, sb->tx_ring_size, data, len) : -L4_EINVAL;
}

int l4shm_buf_tx_part(struct l4shm_buf *sb, char const *data, l4_umword_t offset, l4_umword_t len)
{
	if (!sb)
		return -L4_EINVAL;
	return l4shm_buf_chunk_tx_part(sb->tx_head, sb->tx_ring_size, data, offset, len);
}

int l4shm_buf_tx_complete(struct l4shm_buf *sb, l4_umword_t len)
{
	return sb ? l4shm_buf_chunk_tx_complete(sb->tx_head, sb->tx_ring_size, len) : -L4_EINVAL;
}

int l4shm_buf_rx_len(struct l4shm_buf *sb)
{
	return sb ? l4shm_buf_chunk_rx_len(sb->rx_head, sb->rx_ring_size) : -L4_EINVAL;
}

int l4shm_buf_rx(struct l4shm_buf *sb, char *data, l4_umword_t len)
{
	return sb ? l4shm_buf_chunk_rx(sb->rx_head, sb->rx_ring_size, data, len) : -L4_EINVAL;
}

int l4shm_buf_rx_part(struct l4shm_buf *sb, char *data, l4_umword_t offset, l4_umword_t len)
{
	if (!sb)
		return -L4_EINVAL;
	return l4shm_buf_chunk_rx_part(sb->rx_head, sb->rx_ring_size, data, offset, len);
}

int l4shm_buf_rx_drop(struct l4shm_buf *sb)
{
	return sb ? l4shm_buf_chunk_rx_drop(sb->rx_head, sb->rx_ring_size) : -L4_EINVAL;
}
