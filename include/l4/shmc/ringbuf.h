/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * DOC: l4/shmc/ringbuf.h
 *
 * A ring of packets in a chunk: one sender, one receiver, no lock.  Packets
 * are of any size that fits and arrive whole, once, and in order.
 *
 * The ring is in a chunk of the area.  The signal NAME_rx tells the receiver of
 * data and the signal NAME_tx tells the sender of room, NAME being the name
 * that the ring was set up with.  A side is told once each time after it has
 * found too little, not of every packet; to wait for a ring in an event loop,
 * work until -L4_EAGAIN or -L4_ENOMEM comes back, then wait for the signal,
 * which l4shmc_get_signal() gives too.
 *
 * The functions make no system call but poll(), ioctl() and membarrier(), and
 * these only to wait, to be told or to tell, once a ring is set up.
 *
 * Packets of 64 bytes, and those to send whose size is a constant of up to 256,
 * are handled without a call of the library, as long as nobody has to wait or to
 * be woken; l4shmc_rb_sender_next_copy_in() and l4shmc_rb_receiver_copy_out()
 * are functions all the same.
 *
 * One thread at a time may use a descriptor; sender and receiver have one each.
 * The rules at the head of shmc.h hold here too.
 *
 * When a side is gone, killed or by l4shmc_rb_deinit_buffer(), the other one
 * gets -L4_ENOREPLY as soon as it has to wait, once; if it asks again it waits
 * for a successor, who sets up the same ring and goes on where the ring stands:
 *
 * - a packet is sent when it has been committed; what a sender had not
 *   committed when it died is not there;
 * - a packet is received when l4shmc_rb_receiver_copy_out() has returned; a
 *   receiver that dies later has taken it along, so that none is received
 *   twice.
 *
 * What the other side, or anybody else, writes into the ring is not trusted.
 * If it cannot be true the answer is -L4_EIO, and stays so, since then there is
 * no telling where packets begin.  Memory outside of the ring is never touched.
 */
#ifndef _L4_SHMC_RINGBUF_H
#define _L4_SHMC_RINGBUF_H

#include <l4/shmc/shmc.h>
#include <l4/sys/thread.h>
#include <l4/util/assert.h>

L4_BEGIN_DECLS

struct l4shmc_ring;

/**
 * struct l4shmc_ringbuf_head - where one side of a ring stands
 * @data: first byte of the ring's data
 *
 * Belongs to one side alone: the other one cannot change it.  Is part of a
 * &struct l4shmc_ringbuf; its size is what a ring needs beside its data.
 */
typedef struct l4shmc_ringbuf_head {
	char *data;
	/* private: */
	struct l4shmc_ring *_ring;
	l4_uint32_t *_side;
	char *_base;
	l4_uint64_t _index;
	l4_uint64_t _end[2];
	l4_uint32_t _pending;
	l4_uint32_t _peer;
	l4_uint32_t _size;
	l4_uint32_t _role;
	l4_uint32_t _seen;
	l4_uint32_t _block;
	l4_uint32_t _relaxed;
	l4_uint32_t _asked;
	l4_uint32_t _spin[3];
	l4_uint8_t _reserved[192 - 4 * sizeof(void *) - 3 * sizeof(l4_uint64_t) -
			     11 * sizeof(l4_uint32_t)];
} l4shmc_ringbuf_head_t;

/**
 * struct l4shmc_ringbuf - one side of a ring
 *
 * Filled by l4shmc_rb_init_buffer() or l4shmc_rb_init_receiver().  Must stay
 * where it is until l4shmc_rb_deinit_buffer(), and must not be copied.
 */
typedef struct l4shmc_ringbuf {
	/* private: */
	l4shmc_ringbuf_head_t _head;
	l4_umword_t _magic;
	unsigned _size;
	int _bound;
	l4shmc_area_t _area;
	l4shmc_chunk_t _chunk;
	l4shmc_chunk_t _receiver;
	l4shmc_signal_t _signal_rx;
	l4shmc_signal_t _signal_tx;
	l4shmc_area_t _watch;
	l4shmc_signal_t _clients;
	l4_umword_t _reserved[4];
} l4shmc_ringbuf_t;

/**
 * L4SHMC_RINGBUF_HEAD() - the head of a ring
 * @ringbuf: the ring, which has to be set up
 *
 * Return: a pointer to &struct l4shmc_ringbuf_head.
 */
#define L4SHMC_RINGBUF_HEAD(ringbuf) (&(ringbuf)->_head)

/**
 * L4SHMC_RINGBUF_DATA() - the data of a ring
 * @ringbuf: the ring, which has to be set up
 *
 * Return: address of its first byte.
 */
#define L4SHMC_RINGBUF_DATA(ringbuf) (L4SHMC_RINGBUF_HEAD(ringbuf)->data)

/**
 * L4SHMC_RINGBUF_DATA_SIZE() - size of the data of a ring
 * @ringbuf: the ring, which has to be set up
 *
 * A packet takes its size, rounded up to 8 bytes, and 8 bytes.
 *
 * Return: bytes, a multiple of 8.
 */
#define L4SHMC_RINGBUF_DATA_SIZE(ringbuf) ((ringbuf)->_size - sizeof(l4shmc_ringbuf_head_t))

/* Sender */

/**
 * l4shmc_rb_init_buffer() - make a ring and be its sender
 * @buf: filled in
 * @area: the area; has to stay attached
 * @chunk_name: name of the chunk, as for l4shmc_add_chunk()
 * @signal_name: base name of the signals, up to 60 bytes
 * @size: bytes that the ring takes in the area: its data and
 *	sizeof(l4shmc_ringbuf_head_t); at least 16 bytes of data, less than 2 GiB
 *
 * If the ring is there and has no sender any more, it goes on with this one.
 * Of the bytes, 64 are a second chunk, named NAME_rx, that tells of the
 * receiver.
 *
 * Return: 0; -L4_EBUSY if the ring has a sender; -L4_EEXIST if there is a chunk
 * of that name and another size; -L4_EIO if there is nonsense in the ring;
 * -L4_EINVAL for a bad @size; -L4_ENAMETOOLONG; otherwise as
 * l4shmc_add_chunk() and l4shmc_add_signal().
 */
L4_CV int l4shmc_rb_init_buffer(l4shmc_ringbuf_t *buf, l4shmc_area_t *area, char const *chunk_name,
				char const *signal_name, unsigned size) L4_NOTHROW;

/**
 * l4shmc_rb_deinit_buffer() - stop being the sender or the receiver of a ring
 * @buf: the ring
 *
 * To be called before l4shmc_detach().  The ring stays, with what has been
 * sent and not received; the other side is told.  Does nothing if @buf is not
 * set up.
 */
L4_CV void l4shmc_rb_deinit_buffer(l4shmc_ringbuf_t *buf) L4_NOTHROW;

/**
 * l4shmc_rb_attach_sender() - have a thread told of room in the ring
 * @buf: the ring, as sender
 * @signal_name: base name of the signals, the same as for
 *	l4shmc_rb_init_buffer()
 * @owner: capability of any thread of this process
 *
 * As l4shmc_attach_signal() with the signal NAME_tx; not needed by a sender
 * that blocks.
 *
 * Return: 0; -L4_EINVAL if @buf is not a sender's, for another name and for a
 * bad @owner; -L4_ENOMEM.
 */
L4_CV int l4shmc_rb_attach_sender(l4shmc_ringbuf_t *buf, char const *signal_name,
				  l4_cap_idx_t owner) L4_NOTHROW;

/**
 * l4shmc_rb_sender_alloc_packet() - get room for a packet
 * @head: head of the ring, as sender
 * @psize: bytes
 *
 * Packets are in one piece.  Several can be got before
 * l4shmc_rb_sender_commit_packet() sends them all.  Does not block.
 *
 * Return: address of the packet, aligned to 8 bytes; a null pointer if there
 * is no room, if it can never fit, if there is nonsense in the ring, and for a
 * bad @head.
 */
L4_CV char *l4shmc_rb_sender_alloc_packet(l4shmc_ringbuf_head_t *head, unsigned psize) L4_NOTHROW;

/**
 * l4shmc_rb_sender_put_data() - fill a packet, or a part of it
 * @buf: the ring, as sender
 * @addr: where in the packet that l4shmc_rb_sender_alloc_packet() has given
 * @data: the data
 * @dsize: bytes of the data
 *
 * Does nothing if this is not all within packets that are not committed yet.
 */
L4_CV void l4shmc_rb_sender_put_data(l4shmc_ringbuf_t *buf, char *addr, char *data, unsigned dsize)
	L4_NOTHROW;

/**
 * l4shmc_rb_sender_next_copy_in() - send a packet
 * @buf: the ring, as sender
 * @data: the packet
 * @size: bytes of the packet
 * @block_if_necessary: not 0: sleep until there is room
 *
 * Sends packets that are not committed yet before it.
 *
 * Return: 0; -L4_EINVAL if the packet can never fit or @buf is not a sender's;
 * -L4_ENOMEM if there is no room now and it may not block; -L4_ENOREPLY if
 * there is no room and the receiver is gone; -L4_EIO.
 */
L4_CV int l4shmc_rb_sender_next_copy_in(l4shmc_ringbuf_t *buf, char *data, unsigned size,
					int block_if_necessary) L4_NOTHROW;

/**
 * l4shmc_rb_sender_commit_packet() - send all packets that were got room for
 * @buf: the ring, as sender
 *
 * Tells the receiver if it waits.
 */
L4_CV void l4shmc_rb_sender_commit_packet(l4shmc_ringbuf_t *buf) L4_NOTHROW;

/* Receiver */

/**
 * l4shmc_rb_init_receiver() - be the receiver of a ring
 * @buf: filled in
 * @area: the area; has to stay attached
 * @chunk_name: name of the chunk
 * @signal_name: base name of the signals, the same as for
 *	l4shmc_rb_init_buffer()
 *
 * Waits for the ring as l4shmc_get_chunk() does for the chunk.
 *
 * Return: 0; -L4_ENOENT if there is no such ring; -L4_EBUSY if the ring has a
 * receiver; -L4_EINVAL if the chunk cannot be a ring; -L4_EIO if there is
 * nonsense in the ring; -L4_ENAMETOOLONG; otherwise as l4shmc_get_chunk() and
 * l4shmc_add_signal().
 */
L4_CV int l4shmc_rb_init_receiver(l4shmc_ringbuf_t *buf, l4shmc_area_t *area,
				  char const *chunk_name, char const *signal_name) L4_NOTHROW;

/**
 * l4shmc_rb_attach_receiver() - have a thread told of data in the ring
 * @buf: the ring, as receiver
 * @owner: capability of any thread of this process
 *
 * As l4shmc_attach_signal() with the signal NAME_rx; not needed by a receiver
 * that blocks.  A receiver may take one packet for each event: if there is another
 * one, l4shmc_rb_receiver_notify_done() triggers the signal again.  Does nothing for
 * a bad @buf or @owner.
 */
L4_CV void l4shmc_rb_attach_receiver(l4shmc_ringbuf_t *buf, l4_cap_idx_t owner) L4_NOTHROW;

/**
 * l4shmc_rb_receiver_wait_for_data() - is there a packet
 * @buf: the ring, as receiver
 * @blocking: not 0: sleep until there is one
 *
 * Return: 0 if there is, at once; -L4_EAGAIN if there is none now and it may
 * not block; -L4_ENOREPLY if there is none and the sender is gone; -L4_EIO;
 * -L4_EINVAL if @buf is not a receiver's.
 */
L4_CV int l4shmc_rb_receiver_wait_for_data(l4shmc_ringbuf_t *buf, int blocking) L4_NOTHROW;

/**
 * l4shmc_rb_receiver_copy_out() - receive a packet
 * @head: head of the ring, as receiver
 * @target: where it goes
 * @tsize: bytes of @target; then bytes of the packet
 *
 * Does not block, and does not tell the sender of the room: see
 * l4shmc_rb_receiver_notify_done().
 *
 * Return: 0; -L4_EMSGTOOLONG if @target is too small: the packet stays, and
 * @tsize tells its size; -L4_EAGAIN if there is none; -L4_EIO; -L4_EINVAL.
 */
L4_CV int l4shmc_rb_receiver_copy_out(l4shmc_ringbuf_head_t *head, char *target, unsigned *tsize)
	L4_NOTHROW;

/**
 * l4shmc_rb_receiver_notify_done() - tell the sender that there is room
 * @buf: the ring, as receiver
 *
 * To be called after one or several packets were received.  Makes no system
 * call unless the sender waits for room and there is enough, or the receiver's
 * signal is bound to a thread.
 */
L4_CV void l4shmc_rb_receiver_notify_done(l4shmc_ringbuf_t *buf) L4_NOTHROW;

/**
 * l4shmc_rb_receiver_read_next_size() - size of the next packet
 * @head: head of the ring, as receiver
 *
 * Return: bytes; -L4_EAGAIN if there is no packet; -L4_EIO; -L4_EINVAL.
 */
L4_CV int l4shmc_rb_receiver_read_next_size(l4shmc_ringbuf_head_t *head) L4_NOTHROW;

L4_END_DECLS

#include <l4/shmc/ringbuf_inline.h>

#endif /* _L4_SHMC_RINGBUF_H */
