// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Rings of packets with one sender and one receiver.
 *
 * Each side moves an index of its own, in shared memory, and keeps private
 * copies of that and of the geometry; it reads the index of the other side
 * when the last value that it saw does not suffice, and only believes what
 * goes on from there and stays within the ring.
 *
 * A side that finds too little says in the other one's cache line how much it
 * waits for, and looks again; the other one moves its index, and looks then
 * whether it was asked.  With full barriers between, one of the two notices the
 * other.
 *
 * Who a side is can be seen in a chunk that it has taken for writing: the
 * sender in the ring's chunk, the receiver in a small one.  The driver takes
 * them back when their owner dies and triggers L4SHMC_SIGNAL_CLIENTS after it.
 */
#include "ring.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#define RINGBUF_MAGIC 0x4c345242UL

#define PACKET_HEADER ((__u32)sizeof(struct l4shmc_ring_packet))
#define RING_OVERHEAD (sizeof(struct l4shmc_ring) + L4SHMC__RING_RECEIVER_SIZE)

/* Programs size their rings by it. */
static_assert(sizeof(l4shmc_ringbuf_head_t) == RING_OVERHEAD, "bytes beside the data");
static_assert(offsetof(l4shmc_ringbuf_t, _head) == 0, "a head leads to its ring");
static_assert(sizeof(struct l4shmc_ring_side) == 64, "a cache line for each side");

/* Indices */

static __u32 add(l4shmc_ringbuf_head_t const *head, __u32 index, __u32 bytes)
{
	/* May be three times the size, which 32 bits do not hold. */
	__u64 sum = (__u64)index + bytes;

	return (__u32)(sum >= 2ULL * head->_size ? sum - 2ULL * head->_size : sum);
}

/* How far @to is ahead of @from. */
static __u32 ahead(l4shmc_ringbuf_head_t const *head, __u32 from, __u32 to)
{
	return to >= from ? to - from : to + 2 * head->_size - from;
}

static __u32 position(l4shmc_ringbuf_head_t const *head, __u32 index)
{
	return index >= head->_size ? index - head->_size : index;
}

static bool is_index(l4shmc_ringbuf_head_t const *head, __u32 index)
{
	return index < 2 * head->_size && index % L4SHMC__RING_ALIGN == 0;
}

/* Bytes of the ring that a packet takes; its size is checked. */
static __u32 packet_bytes(__u32 size)
{
	return PACKET_HEADER +
	       (size + L4SHMC__RING_ALIGN - 1) / L4SHMC__RING_ALIGN * L4SHMC__RING_ALIGN;
}

/* Sides */

static struct l4shmc_ring_side *own_side(l4shmc_ringbuf_head_t const *head)
{
	return &head->_ring->sides[head->_role];
}

static struct l4shmc_ring_side *other_side(l4shmc_ringbuf_head_t const *head)
{
	return &head->_ring->sides[!head->_role];
}

static bool is_sender(l4shmc_ringbuf_head_t const *head)
{
	return head->_role == L4SHMC__SENDER;
}

/* The chunk that shows who is in a role. */
static l4shmc_chunk_t *role_chunk(l4shmc_ringbuf_t *buf, enum l4shmc_ring_role role)
{
	return role == L4SHMC__SENDER ? &buf->_chunk : &buf->_receiver;
}

/* The signal that a role waits for. */
static l4shmc_signal_t *role_signal(l4shmc_ringbuf_t *buf, enum l4shmc_ring_role role)
{
	return role == L4SHMC__SENDER ? &buf->_signal_tx : &buf->_signal_rx;
}

static bool is_taken(l4shmc_chunk_t const *chunk)
{
	__u32 state = __atomic_load_n(&chunk->_record->state, __ATOMIC_ACQUIRE);

	return (state & L4SHMC_CHUNK_STATE_MASK) == L4SHMC_CHUNK_BUSY_WRITING;
}

static bool ring_ok(l4shmc_ringbuf_t const *buf, enum l4shmc_ring_role role)
{
	return buf && buf->_magic == RINGBUF_MAGIC && buf->_head._role == role &&
	       l4shmc__chunk_ok(&buf->_chunk);
}

static l4shmc_ringbuf_t *ring_of(l4shmc_ringbuf_head_t *head)
{
	return (l4shmc_ringbuf_t *)head;
}

/* Bytes that this side can work on, going by what it knows of the other. */
static __u32 known(l4shmc_ringbuf_head_t const *head)
{
	if (is_sender(head))
		return head->_size - ahead(head, head->_peer, head->_next);
	return ahead(head, head->_own, head->_peer);
}

/* Looks how far the other side is. */
static long look(l4shmc_ringbuf_head_t *head)
{
	__u32 index = __atomic_load_n(&other_side(head)->index, __ATOMIC_ACQUIRE);
	__u32 most;

	/* A receiver gets as far as the sender, which gets a ring's size further. */
	if (is_sender(head))
		most = ahead(head, head->_peer, head->_own);
	else
		most = head->_size - ahead(head, head->_own, head->_peer);
	if (!is_index(head, index) || ahead(head, head->_peer, index) > most)
		return -L4_EIO;
	head->_peer = index;
	return 0;
}

/* Is there so much?  Otherwise the signal will be triggered when there is. */
static long need(l4shmc_ringbuf_head_t *head, __u32 bytes)
{
	long ret;

	if (L4_LIKELY(known(head) >= bytes))
		return 0;
	ret = look(head);
	if (ret || known(head) >= bytes)
		return ret;
	__atomic_store_n(&other_side(head)->asked, bytes, __ATOMIC_RELAXED);
	/* Between @asked and the look at the index: see tell(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ret = look(head);
	if (ret)
		return ret;
	return known(head) >= bytes ? 0 : -L4_EAGAIN;
}

/* Nobody else may have changed the index of this side. */
static long check_own(l4shmc_ringbuf_head_t const *head)
{
	__u32 index = __atomic_load_n(&own_side(head)->index, __ATOMIC_RELAXED);

	return L4_LIKELY(index == head->_own) ? 0 : -L4_EIO;
}

/* Moves the index of this side: what is before it is the other side's. */
static long publish(l4shmc_ringbuf_head_t *head, __u32 index)
{
	long ret = check_own(head);

	if (ret)
		return ret;
	__atomic_store_n(&own_side(head)->index, index, __ATOMIC_RELEASE);
	head->_own = index;
	return 0;
}

/* Triggers the signal of the other side if that waits for what there is now. */
static void tell(l4shmc_ringbuf_t *buf)
{
	l4shmc_ringbuf_head_t *head = &buf->_head;
	struct l4shmc_ring_side *side = own_side(head);
	__u32 asked;

	/* Between the index and the look at @asked: see need(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	asked = __atomic_load_n(&side->asked, __ATOMIC_RELAXED);
	if (L4_LIKELY(!asked))
		return;
	/* The known index may be old, and there less room than it seems. */
	if (!is_sender(head) && asked <= head->_size && asked > head->_size - known(head))
		return;
	/* In this order: who asks in between is told too. */
	__atomic_store_n(&side->asked, 0, __ATOMIC_RELEASE);
	l4shmc_trigger(role_signal(buf, !head->_role));
}

/* Waiting */

/* Has the other side gone since this was last found out? */
static bool has_left(l4shmc_ringbuf_t *buf)
{
	l4shmc_ringbuf_head_t *head = &buf->_head;
	/* First: a side takes its chunk, then it counts. */
	__u32 attached = __atomic_load_n(&other_side(head)->attached, __ATOMIC_ACQUIRE);

	if (attached == head->_seen || is_taken(role_chunk(buf, !head->_role)))
		return false;
	head->_seen = attached;
	return true;
}

/*
 * Has clients that come and go wake this side, through an observer of its own
 * so as not to take the events of others.
 */
static long watch(l4shmc_ringbuf_t *buf)
{
	long ret;

	ret = l4shmc_attach_handle(l4shmc_area_fd(&buf->_area), L4SHMC_OBSERVER, &buf->_watch);
	if (ret)
		return ret;
	ret = l4shmc_get_clients_signal(&buf->_watch, &buf->_clients);
	if (ret)
		l4shmc_detach(&buf->_watch);
	return ret;
}

/* Sleeps until there may be something new. */
static long doze(l4shmc_ringbuf_t *buf)
{
	l4shmc_signal_t *signal = role_signal(buf, buf->_head._role);
	struct pollfd fds[2] = {
		{ .fd = l4shmc_signal_fd(signal), .events = POLLIN },
		{ .fd = l4shmc_signal_fd(&buf->_clients), .events = POLLIN },
	};
	int saved = errno;
	int ready, err;

	/* What has happened before this is for the caller to find out. */
	if (!l4shmc__signal_ok(&buf->_clients))
		return watch(buf);
	/* For receivers that have not done so: both sides would sleep. */
	tell(buf);
	ready = poll(fds, 2, -1);
	err = errno;
	errno = saved;
	if (ready < 0)
		return err == EINTR ? 0 : l4shmc__error(err);
	if ((fds[0].revents | fds[1].revents) & (POLLERR | POLLNVAL))
		return -L4_EIO;
	l4shmc_wait_signal_try(signal);
	if (fds[1].revents)
		l4shmc_wait_signal_try(&buf->_clients);
	return 0;
}

/* What @attempt returns as soon as that is not -L4_EAGAIN. */
static long persist(l4shmc_ringbuf_t *buf, bool block,
		    long (*attempt)(l4shmc_ringbuf_t *buf, void *arg), void *arg)
{
	long ret, err = 0;

	for (;;) {
		ret = attempt(buf, arg);
		if (ret != -L4_EAGAIN)
			return ret;
		if (err)
			return err;
		/* The last thing that it did counts: attempt once more. */
		if (has_left(buf))
			err = -L4_ENOREPLY;
		else if (block)
			err = doze(buf);
		else
			return -L4_EAGAIN;
	}
}

/* Setting up */

long l4shmc__ring_open(l4shmc_ringbuf_t *buf, enum l4shmc_ring_role role)
{
	l4shmc_chunk_t *chunk = role_chunk(buf, role);
	l4shmc_ringbuf_head_t *head = &buf->_head;
	__u32 size;
	long ret;

	if (buf->_chunk._capacity < sizeof(struct l4shmc_ring) + 2 * PACKET_HEADER ||
	    buf->_chunk._capacity > INT_MAX - L4SHMC__RING_RECEIVER_SIZE)
		return -L4_EINVAL;
	ret = l4shmc_chunk_try_to_take_for_writing(chunk);
	if (ret)
		return ret == -L4_EPERM ? -L4_EBUSY : ret;
	size = (__u32)(buf->_chunk._capacity - sizeof(struct l4shmc_ring));
	size -= size % L4SHMC__RING_ALIGN;
	head->_ring = buf->_chunk._payload;
	head->data = (char *)(head->_ring + 1);
	head->_size = size;
	head->_role = role;
	buf->_size = (unsigned)(size + RING_OVERHEAD);

	head->_own = __atomic_load_n(&own_side(head)->index, __ATOMIC_RELAXED);
	head->_peer = __atomic_load_n(&other_side(head)->index, __ATOMIC_ACQUIRE);
	head->_next = head->_own;
	if (!is_index(head, head->_own) || !is_index(head, head->_peer) || known(head) > size) {
		l4shmc_chunk_consumed(chunk);
		return -L4_EIO;
	}
	/* If the other side is there, that it leaves is news. */
	head->_seen = __atomic_load_n(&other_side(head)->attached, __ATOMIC_ACQUIRE) -
		      is_taken(role_chunk(buf, !role));
	__atomic_fetch_add(&own_side(head)->attached, 1, __ATOMIC_RELEASE);
	buf->_magic = RINGBUF_MAGIC;
	/* For receivers that first wait for the signal. */
	if (role == L4SHMC__RECEIVER && !need(head, 1))
		l4shmc_trigger(role_signal(buf, role));
	return 0;
}

/* The name of a signal: base name and suffix. */
static long suffixed_name(char name[L4SHMC_NAME_SIZE], char const *base, char const *suffix)
{
	long ret = l4shmc__name(name, base);

	if (ret)
		return ret;
	if (strlen(name) + strlen(suffix) >= L4SHMC_NAME_SIZE)
		return -L4_ENAMETOOLONG;
	strcat(name, suffix);
	return 0;
}

/* A chunk of that capacity, made if there is none. */
static long open_chunk(l4shmc_area_t *area, char const *name, __u32 capacity,
		       l4shmc_chunk_t *chunk)
{
	long ret = l4shmc_add_chunk(area, name, capacity, chunk);

	if (ret != -L4_EEXIST)
		return ret;
	ret = l4shmc_get_chunk_to(area, name, 0, chunk);
	if (!ret && chunk->_capacity != capacity)
		ret = -L4_EEXIST;
	return ret;
}

/* All but the ring's own chunk. */
static long open_signals(l4shmc_ringbuf_t *buf, char const *base)
{
	char rx[L4SHMC_NAME_SIZE], tx[L4SHMC_NAME_SIZE];
	long ret;

	ret = suffixed_name(rx, base, "_rx");
	if (!ret)
		ret = suffixed_name(tx, base, "_tx");
	if (!ret)
		ret = open_chunk(&buf->_area, rx, L4SHMC__RING_RECEIVER_SIZE, &buf->_receiver);
	if (!ret)
		ret = l4shmc_add_signal(&buf->_area, rx, &buf->_signal_rx);
	if (!ret)
		ret = l4shmc_add_signal(&buf->_area, tx, &buf->_signal_tx);
	return ret;
}

int l4shmc_rb_init_buffer(l4shmc_ringbuf_t *buf, l4shmc_area_t *area, char const *chunk_name,
			  char const *signal_name, unsigned size)
{
	long ret;

	if (!buf || !l4shmc__area_ok(area) || size < RING_OVERHEAD + 2 * PACKET_HEADER ||
	    size > INT_MAX)
		return -L4_EINVAL;
	memset(buf, 0, sizeof(*buf));
	buf->_area = *area;
	/* The large chunk last: nothing takes it away again. */
	ret = open_signals(buf, signal_name);
	if (!ret)
		ret = open_chunk(area, chunk_name, size - L4SHMC__RING_RECEIVER_SIZE,
				 &buf->_chunk);
	if (!ret)
		ret = l4shmc__ring_open(buf, L4SHMC__SENDER);
	if (ret)
		memset(buf, 0, sizeof(*buf));
	return (int)ret;
}

int l4shmc_rb_init_receiver(l4shmc_ringbuf_t *buf, l4shmc_area_t *area, char const *chunk_name,
			    char const *signal_name)
{
	long ret;

	if (!buf || !l4shmc__area_ok(area))
		return -L4_EINVAL;
	memset(buf, 0, sizeof(*buf));
	buf->_area = *area;
	/* This one first: without a ring nothing is to be made. */
	ret = l4shmc_get_chunk(area, chunk_name, &buf->_chunk);
	if (!ret)
		ret = open_signals(buf, signal_name);
	if (!ret)
		ret = l4shmc__ring_open(buf, L4SHMC__RECEIVER);
	if (ret)
		memset(buf, 0, sizeof(*buf));
	return (int)ret;
}

void l4shmc_rb_deinit_buffer(l4shmc_ringbuf_t *buf)
{
	enum l4shmc_ring_role role;
	l4shmc_signal_t *signal;

	if (!buf || buf->_magic != RINGBUF_MAGIC)
		return;
	role = buf->_head._role;
	signal = role_signal(buf, role);
	l4shmc_chunk_consumed(role_chunk(buf, role));
	/* The driver tells only of clients that leave. */
	l4shmc_trigger(role_signal(buf, !role));
	if (buf->_bound && l4shmc__signal_ok(signal))
		l4shmc__unbind(signal->_attachment, signal->_event);
	l4shmc_detach(&buf->_watch);
	memset(buf, 0, sizeof(*buf));
}

/* Binds the signal that this side waits for to a thread. */
static long attach_owner(l4shmc_ringbuf_t *buf, l4_cap_idx_t owner)
{
	l4shmc_signal_t *signal = role_signal(buf, buf->_head._role);
	long ret;

	if (!l4shmc__signal_ok(signal))
		return -L4_EINVAL;
	ret = l4shmc_attach_signal(&buf->_area, signal->_event->name, owner, signal);
	if (!ret)
		buf->_bound = 1;
	return ret;
}

int l4shmc_rb_attach_sender(l4shmc_ringbuf_t *buf, char const *signal_name, l4_cap_idx_t owner)
{
	char name[L4SHMC_NAME_SIZE];
	long ret;

	if (!ring_ok(buf, L4SHMC__SENDER) || !l4shmc__signal_ok(&buf->_signal_tx))
		return -L4_EINVAL;
	ret = suffixed_name(name, signal_name, "_tx");
	if (ret)
		return (int)ret;
	if (strcmp(name, buf->_signal_tx._event->name) != 0)
		return -L4_EINVAL;
	return (int)attach_owner(buf, owner);
}

void l4shmc_rb_attach_receiver(l4shmc_ringbuf_t *buf, l4_cap_idx_t owner)
{
	if (ring_ok(buf, L4SHMC__RECEIVER))
		attach_owner(buf, owner);
}

/* Sending */

static void write_header(l4shmc_ringbuf_head_t *head, __u32 size)
{
	struct l4shmc_ring_packet packet = { .size = size, .mark = size ^ L4SHMC__RING_MARK };

	memcpy(head->data + position(head, head->_next), &packet, sizeof(packet));
}

/* Leaves out what is left up to the end of the data. */
static void skip_rest(l4shmc_ringbuf_head_t *head)
{
	write_header(head, L4SHMC__RING_SKIP);
	head->_next = add(head, head->_next, head->_size - position(head, head->_next));
}

/*
 * Makes room for @bytes in one piece.  If they do not fit at the end they go to
 * the beginning.  If both together is more than the ring has, the receiver must
 * get over the end first, and so be given it.
 */
static long make_room(l4shmc_ringbuf_t *buf, __u32 bytes)
{
	l4shmc_ringbuf_head_t *head = &buf->_head;
	__u32 rest = head->_size - position(head, head->_next);
	long ret;

	if (bytes <= rest)
		return need(head, bytes);
	if (bytes <= head->_size - rest) {
		ret = need(head, rest + bytes);
		if (!ret)
			skip_rest(head);
		return ret;
	}
	ret = need(head, rest);
	if (ret)
		return ret;
	/* Packets that are not committed yet cannot be given away with it. */
	if (head->_next != head->_own)
		return -L4_EAGAIN;
	skip_rest(head);
	ret = publish(head, head->_next);
	if (ret)
		return ret;
	tell(buf);
	return need(head, bytes);
}

struct request {
	unsigned size;
	char *addr;
};

/* An attempt to get room for a packet. */
static long get_room(l4shmc_ringbuf_t *buf, void *arg)
{
	l4shmc_ringbuf_head_t *head = &buf->_head;
	struct request *request = arg;
	long ret;

	if (request->size > head->_size - PACKET_HEADER)
		return -L4_EINVAL;
	ret = check_own(head);
	if (!ret)
		ret = make_room(buf, packet_bytes(request->size));
	if (ret)
		return ret;
	write_header(head, request->size);
	request->addr = head->data + position(head, head->_next) + PACKET_HEADER;
	head->_next = add(head, head->_next, packet_bytes(request->size));
	return 0;
}

static long commit(l4shmc_ringbuf_t *buf)
{
	long ret;

	if (buf->_head._next == buf->_head._own)
		return 0;
	ret = publish(&buf->_head, buf->_head._next);
	if (!ret)
		tell(buf);
	return ret;
}

char *l4shmc_rb_sender_alloc_packet(l4shmc_ringbuf_head_t *head, unsigned psize)
{
	struct request request = { .size = psize };

	if (!head || !ring_ok(ring_of(head), L4SHMC__SENDER))
		return NULL;
	return get_room(ring_of(head), &request) ? NULL : request.addr;
}

void l4shmc_rb_sender_put_data(l4shmc_ringbuf_t *buf, char *addr, char *data, unsigned dsize)
{
	l4shmc_ringbuf_head_t *head;
	__u32 from, begin;
	uintptr_t offset;

	if (!ring_ok(buf, L4SHMC__SENDER) || !data)
		return;
	head = &buf->_head;
	offset = (uintptr_t)addr - (uintptr_t)head->data;
	if (offset > head->_size || dsize > head->_size - offset)
		return;
	/* From the first byte that is not committed. */
	begin = position(head, head->_own);
	from = (__u32)offset >= begin ? (__u32)offset - begin :
					(__u32)offset + head->_size - begin;
	if ((__u64)from + dsize <= ahead(head, head->_own, head->_next))
		memcpy(addr, data, dsize);
}

int l4shmc_rb_sender_next_copy_in(l4shmc_ringbuf_t *buf, char *data, unsigned size,
				  int block_if_necessary)
{
	struct request request = { .size = size };
	long ret;

	if (!ring_ok(buf, L4SHMC__SENDER) || (!data && size))
		return -L4_EINVAL;
	ret = commit(buf);
	if (!ret)
		ret = persist(buf, block_if_necessary, get_room, &request);
	if (ret)
		return ret == -L4_EAGAIN ? -L4_ENOMEM : (int)ret;
	if (size)
		memcpy(request.addr, data, size);
	return (int)commit(buf);
}

void l4shmc_rb_sender_commit_packet(l4shmc_ringbuf_t *buf)
{
	if (ring_ok(buf, L4SHMC__SENDER))
		commit(buf);
}

/* Receiving */

/* Reads what is before a packet, once. */
static long read_header(l4shmc_ringbuf_head_t const *head, __u32 *size)
{
	struct l4shmc_ring_packet *packet;
	__u32 mark;

	packet = (void *)(head->data + position(head, head->_own));
	*size = __atomic_load_n(&packet->size, __ATOMIC_RELAXED);
	mark = __atomic_load_n(&packet->mark, __ATOMIC_RELAXED);
	return (*size ^ L4SHMC__RING_MARK) == mark ? 0 : -L4_EIO;
}

/* Goes on at the beginning of the data. */
static long go_over_end(l4shmc_ringbuf_t *buf)
{
	l4shmc_ringbuf_head_t *head = &buf->_head;
	__u32 rest = head->_size - position(head, head->_own);
	long ret;

	/* Not the whole ring: so this happens once in a row. */
	if (rest == head->_size || rest > known(head))
		return -L4_EIO;
	ret = publish(head, add(head, head->_own, rest));
	if (!ret)
		tell(buf);
	return ret;
}

/* An attempt to find a packet. */
static long find_packet(l4shmc_ringbuf_t *buf, void *arg)
{
	l4shmc_ringbuf_head_t *head = &buf->_head;
	__u32 *size = arg, bytes;
	long ret;

	ret = check_own(head);
	for (;;) {
		if (!ret)
			ret = need(head, 1);
		if (!ret)
			ret = read_header(head, size);
		if (ret)
			return ret;
		if (L4_LIKELY(*size != L4SHMC__RING_SKIP))
			break;
		ret = go_over_end(buf);
	}
	if (*size > head->_size - PACKET_HEADER)
		return -L4_EIO;
	bytes = packet_bytes(*size);
	if (bytes > known(head) || bytes > head->_size - position(head, head->_own))
		return -L4_EIO;
	return 0;
}

int l4shmc_rb_receiver_wait_for_data(l4shmc_ringbuf_t *buf, int blocking)
{
	__u32 size;

	if (!ring_ok(buf, L4SHMC__RECEIVER))
		return -L4_EINVAL;
	return (int)persist(buf, blocking, find_packet, &size);
}

int l4shmc_rb_receiver_copy_out(l4shmc_ringbuf_head_t *head, char *target, unsigned *tsize)
{
	__u32 size;
	long ret;

	if (!head || !ring_ok(ring_of(head), L4SHMC__RECEIVER) || !target || !tsize)
		return -L4_EINVAL;
	ret = find_packet(ring_of(head), &size);
	if (ret)
		return (int)ret;
	if (size > *tsize) {
		*tsize = size;
		return -L4_EMSGTOOLONG;
	}
	memcpy(target, head->data + position(head, head->_own) + PACKET_HEADER, size);
	*tsize = size;
	return (int)publish(head, add(head, head->_own, packet_bytes(size)));
}

void l4shmc_rb_receiver_notify_done(l4shmc_ringbuf_t *buf)
{
	if (ring_ok(buf, L4SHMC__RECEIVER))
		tell(buf);
}

int l4shmc_rb_receiver_read_next_size(l4shmc_ringbuf_head_t *head)
{
	__u32 size;
	long ret;

	if (!head || !ring_ok(ring_of(head), L4SHMC__RECEIVER))
		return -L4_EINVAL;
	ret = find_packet(ring_of(head), &size);
	return ret ? (int)ret : (int)size;
}
