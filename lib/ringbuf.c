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
 * whether it was asked.  With a full barrier between on either side, one of the
 * two notices the other.  It is the side that asks that sees to both: see
 * agree_to_barriers().
 *
 * Between two looks at the other side's index, packets are handled in few
 * instructions, as far as settle() has found that nothing can come up.
 *
 * Who a side is can be seen in a chunk that it has taken for writing: the
 * sender in the ring's chunk, the receiver in a small one.  The driver takes
 * them back when their owner dies and triggers L4SHMC_SIGNAL_CLIENTS after it.
 */
/* Here they are. */
#define L4SHMC__RING_NO_INLINE
#include "ring.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/membarrier.h>

#define RINGBUF_MAGIC 0x4c345242UL

/* For what is seldom, so that the rest needs fewer registers. */
#define NOINLINE __attribute__((noinline))

#define PACKET_HEADER L4SHMC__RING_ALIGN
#define RING_OVERHEAD (sizeof(struct l4shmc_ring) + L4SHMC__RING_RECEIVER_SIZE)

/* Programs size their rings by it. */
static_assert(sizeof(l4shmc_ringbuf_head_t) == RING_OVERHEAD, "bytes beside the data");
static_assert(offsetof(l4shmc_ringbuf_t, _head) == 0, "a head leads to its ring");
static_assert(sizeof(struct l4shmc_ring_side) == L4SHMC__CACHE_LINE, "a cache line for each side");
static_assert(offsetof(struct l4shmc_ring_side, index) == 0 &&
		      offsetof(struct l4shmc_ring_side, asked) == sizeof(__u32) &&
		      offsetof(struct l4shmc_attachment, generation) == 0,
	      "where ringbuf_inline.h looks");
static_assert(sizeof(struct l4shmc_ring) % L4SHMC__CACHE_LINE == 0,
	      "none of the data beside them");
static_assert(sizeof(((l4shmc_ringbuf_head_t *)0)->_spin) == sizeof(struct l4shmc_spin),
	      "hidden in a public struct");

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
static l4shmc_chunk_t *role_chunk(l4shmc_ringbuf_t *buf, enum l4shmc__ring_role role)
{
	return role == L4SHMC__SENDER ? &buf->_chunk : &buf->_receiver;
}

/* The signal that a role waits for. */
static l4shmc_signal_t *role_signal(l4shmc_ringbuf_t *buf, enum l4shmc__ring_role role)
{
	return role == L4SHMC__SENDER ? &buf->_signal_tx : &buf->_signal_rx;
}

static bool is_taken(l4shmc_chunk_t const *chunk)
{
	__u32 state = __atomic_load_n(&chunk->_record->state, __ATOMIC_ACQUIRE);

	return (state & L4SHMC_CHUNK_STATE_MASK) == L4SHMC_CHUNK_BUSY_WRITING;
}

static bool ring_ok(l4shmc_ringbuf_t const *buf, enum l4shmc__ring_role role)
{
	return buf && buf->_magic == RINGBUF_MAGIC && buf->_head._role == role &&
	       l4shmc__chunk_ok(&buf->_chunk);
}

static l4shmc_ringbuf_t *ring_of(l4shmc_ringbuf_head_t *head)
{
	return (l4shmc_ringbuf_t *)head;
}

static void set_own_index(l4shmc_ringbuf_head_t *head, __u32 index)
{
	head->_index = index;
	head->_base = head->data - (index - position(head, index));
}

/* Where this side is. */
static inline char *own_place(l4shmc_ringbuf_head_t const *head)
{
	return head->_base + head->_index;
}

/* Where the next packet of the sender goes: behind those not committed yet. */
static __u32 next_index(l4shmc_ringbuf_head_t const *head)
{
	return add(head, head->_index, head->_pending);
}

/* Bytes that this side can work on, going by what it knows of the other. */
static __u32 known(l4shmc_ringbuf_head_t const *head)
{
	if (is_sender(head))
		return head->_size - ahead(head, head->_peer, next_index(head));
	return ahead(head, head->_index, head->_peer);
}

/*
 * Works out how far packets can be handled the quick way: they lie whole in
 * known(), end before the data do, come after nothing that is not committed, and
 * take no barrier.  Called at the end of all that changes one of these.
 */
static void settle(l4shmc_ringbuf_head_t *head)
{
	__u32 most = head->_size - position(head, head->_index) - L4SHMC__RING_ALIGN;
	__u32 room = head->_pending || !head->_relaxed ? 0 : known(head);

	head->_end[head->_role] = head->_index + (room < most ? room : most);
}

/* Looks how far the other side is. */
static long look(l4shmc_ringbuf_head_t *head)
{
	__u32 index = __atomic_load_n(&other_side(head)->index, __ATOMIC_ACQUIRE);
	__u32 most;

	/* A receiver gets as far as the sender, which gets a ring's size further. */
	if (is_sender(head))
		most = ahead(head, head->_peer, head->_index);
	else
		most = head->_size - ahead(head, head->_index, head->_peer);
	if (!is_index(head, index) || ahead(head, head->_peer, index) > most)
		return -L4_EIO;
	head->_peer = index;
	return 0;
}

/*
 * A side asks seldom and tells often.  A process that asks can have the kernel
 * make the barrier in those that tell, if they have agreed to it; these then
 * need not wait for their stores each time.
 */
static bool agree_to_barriers(void)
{
	int saved = errno;
	bool agreed;

	agreed = !syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0);
	errno = saved;
	return agreed;
}

static void barrier_of_asking(l4shmc_ringbuf_head_t const *head)
{
	int saved = errno;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&other_side(head)->relaxed, __ATOMIC_RELAXED))
		return;
	/* If it is forbidden here but not there: no store takes so long. */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0))
		l4_sleep(1);
	errno = saved;
}

struct wanted {
	l4shmc_ringbuf_head_t *head;
	__u32 bytes;
	long ret;
};

static bool is_there(void *arg)
{
	struct wanted *wanted = arg;

	wanted->ret = look(wanted->head);
	return wanted->ret || known(wanted->head) >= wanted->bytes;
}

/* Does the other side know already that this one waits for so much? */
static bool has_asked(l4shmc_ringbuf_head_t const *head, __u32 bytes)
{
	return head->_asked == bytes &&
	       __atomic_load_n(&other_side(head)->asked, __ATOMIC_RELAXED) == bytes;
}

/* Looks again for a while; who does not want to sleep may be doing that itself. */
static long look_on(l4shmc_ringbuf_head_t *head, __u32 bytes)
{
	struct wanted wanted = { .head = head, .bytes = bytes };
	unsigned limit = l4shmc__spin_limit();

	if (!head->_block)
		limit = has_asked(head, bytes) ? 0 : limit / 8;
	l4shmc__spin((struct l4shmc_spin *)head->_spin, limit, is_there, &wanted);
	return wanted.ret;
}

static long ask(l4shmc_ringbuf_head_t *head, __u32 bytes)
{
	if (has_asked(head, bytes))
		return 0;
	__atomic_store_n(&other_side(head)->asked, bytes, __ATOMIC_RELAXED);
	/* Between @asked and the look at the index: see tell(). */
	barrier_of_asking(head);
	head->_asked = bytes;
	return look(head);
}

/* Is there so much?  Otherwise the signal will be triggered when there is. */
static long need(l4shmc_ringbuf_head_t *head, __u32 bytes)
{
	long ret;

	if (L4_LIKELY(known(head) >= bytes))
		return 0;
	ret = look(head);
	if (!ret && known(head) < bytes)
		ret = look_on(head, bytes);
	if (!ret && known(head) < bytes)
		ret = ask(head, bytes);
	if (ret)
		return ret;
	return known(head) >= bytes ? 0 : -L4_EAGAIN;
}

/* Nobody else may have changed the index of this side. */
static inline bool is_at(struct l4shmc_ring_side const *side, __u32 index)
{
	return __atomic_load_n(&side->index, __ATOMIC_RELAXED) == index;
}

static long check_own(l4shmc_ringbuf_head_t const *head)
{
	return is_at(own_side(head), head->_index) ? 0 : -L4_EIO;
}

/* Moves the index of this side: what is before it is the other side's. */
static long publish(l4shmc_ringbuf_head_t *head, __u32 index)
{
	long ret = check_own(head);

	if (ret)
		return ret;
	__atomic_store_n(&own_side(head)->index, index, __ATOMIC_RELEASE);
	set_own_index(head, index);
	return 0;
}

/* The other side waits: triggers its signal if there is what it waits for. */
static void answer(l4shmc_ringbuf_t *buf, __u32 asked)
{
	l4shmc_ringbuf_head_t *head = &buf->_head;

	/* The known index may be old, and there less room than it seems. */
	if (!is_sender(head) && asked <= head->_size && asked > head->_size - known(head))
		return;
	/* In this order: who asks in between is told too. */
	__atomic_store_n(&own_side(head)->asked, 0, __ATOMIC_RELEASE);
	l4shmc_trigger(role_signal(buf, !head->_role));
}

/* To be called after the index was moved.  Between that and the look at @asked: see ask(). */
static void tell(l4shmc_ringbuf_t *buf)
{
	__u32 asked;

	if (L4_LIKELY(buf->_head._relaxed))
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
	else
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	asked = __atomic_load_n(&own_side(&buf->_head)->asked, __ATOMIC_RELAXED);
	if (L4_UNLIKELY(asked))
		answer(buf, asked);
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

	buf->_head._block = block;
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

long l4shmc__ring_open(l4shmc_ringbuf_t *buf, enum l4shmc__ring_role role)
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
	head->_side = &head->_ring->sides[role].index;
	head->data = (char *)(head->_ring + 1);
	head->_size = size;
	head->_role = role;
	buf->_size = (unsigned)(size + RING_OVERHEAD);

	set_own_index(head, __atomic_load_n(&own_side(head)->index, __ATOMIC_RELAXED));
	head->_peer = __atomic_load_n(&other_side(head)->index, __ATOMIC_ACQUIRE);
	head->_pending = 0;
	if (!is_index(head, (__u32)head->_index) || !is_index(head, head->_peer) ||
	    known(head) > size) {
		l4shmc_chunk_consumed(chunk);
		return -L4_EIO;
	}
	/* If the other side is there, that it leaves is news. */
	head->_seen = __atomic_load_n(&other_side(head)->attached, __ATOMIC_ACQUIRE) -
		      is_taken(role_chunk(buf, !role));
	head->_relaxed = agree_to_barriers();
	__atomic_store_n(&own_side(head)->relaxed, head->_relaxed, __ATOMIC_RELAXED);
	/* The other side knows before anything is told. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	__atomic_fetch_add(&own_side(head)->attached, 1, __ATOMIC_RELEASE);
	buf->_magic = RINGBUF_MAGIC;
	/* For receivers that first wait for the signal. */
	if (role == L4SHMC__RECEIVER && !need(head, 1))
		l4shmc_trigger(role_signal(buf, role));
	settle(head);
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
	enum l4shmc__ring_role role;
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

static void write_header(char *at, __u32 size)
{
	*(__u64 *)at = l4shmc__ring_header(size);
}

static char *next_packet(l4shmc_ringbuf_head_t const *head)
{
	return head->data + position(head, next_index(head));
}

/* Sends all packets that room was got for. */
static long commit(l4shmc_ringbuf_t *buf)
{
	long ret;

	if (!buf->_head._pending)
		return 0;
	ret = publish(&buf->_head, next_index(&buf->_head));
	if (ret)
		return ret;
	buf->_head._pending = 0;
	tell(buf);
	return 0;
}

/* Leaves out what is left up to the end of the data. */
static void skip_rest(l4shmc_ringbuf_head_t *head)
{
	write_header(next_packet(head), L4SHMC__RING_SKIP);
	head->_pending += head->_size - position(head, next_index(head));
}

/*
 * Makes room for @bytes in one piece.  If they do not fit at the end they go to
 * the beginning.  If both together is more than the ring has, the receiver must
 * get over the end first, and so be given it.
 */
static long make_room(l4shmc_ringbuf_t *buf, __u32 bytes)
{
	l4shmc_ringbuf_head_t *head = &buf->_head;
	__u32 rest = head->_size - position(head, next_index(head));
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
	if (head->_pending)
		return -L4_EAGAIN;
	skip_rest(head);
	ret = commit(buf);
	return ret ? ret : need(head, bytes);
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
	write_header(next_packet(head), request->size);
	request->addr = next_packet(head) + PACKET_HEADER;
	head->_pending += packet_bytes(request->size);
	return 0;
}

char *l4shmc_rb_sender_alloc_packet(l4shmc_ringbuf_head_t *head, unsigned psize)
{
	struct request request = { .size = psize };
	long ret;

	if (!head || !ring_ok(ring_of(head), L4SHMC__SENDER))
		return NULL;
	head->_block = 0;
	ret = get_room(ring_of(head), &request);
	settle(head);
	return ret ? NULL : request.addr;
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
	begin = position(head, head->_index);
	from = (__u32)offset >= begin ? (__u32)offset - begin :
					(__u32)offset + head->_size - begin;
	if ((__u64)from + dsize <= head->_pending)
		memcpy(addr, data, dsize);
}

static long send_packet(l4shmc_ringbuf_t *buf, char const *data, struct request *request,
			bool block)
{
	long ret = commit(buf);

	if (!ret)
		ret = persist(buf, block, get_room, request);
	if (ret)
		return ret;
	if (request->size)
		memcpy(request->addr, data, request->size);
	return commit(buf);
}

/* The same, in all cases. */
static NOINLINE int send_slowly(l4shmc_ringbuf_t *buf, char const *data, unsigned size, bool block)
{
	struct request request = { .size = size };
	long ret;

	if (!ring_ok(buf, L4SHMC__SENDER) || (!data && size))
		return -L4_EINVAL;
	ret = send_packet(buf, data, &request, block);
	settle(&buf->_head);
	return ret == -L4_EAGAIN ? -L4_ENOMEM : (int)ret;
}

static NOINLINE int send_any(l4shmc_ringbuf_t *buf, char *data, unsigned size, bool block)
{
	if (l4shmc__ring_send_quickly(buf, data, size))
		return 0;
	return send_slowly(buf, data, size, block);
}

int l4shmc_rb_sender_next_copy_in(l4shmc_ringbuf_t *buf, char *data, unsigned size,
				  int block_if_necessary)
{
	/* With a size that the compiler knows, half as many instructions. */
	if (size == L4SHMC__RING_COMMON_SIZE &&
	    l4shmc__ring_send_quickly(buf, data, L4SHMC__RING_COMMON_SIZE))
		return 0;
	return send_any(buf, data, size, block_if_necessary);
}

void l4shmc_rb_sender_commit_packet(l4shmc_ringbuf_t *buf)
{
	if (!ring_ok(buf, L4SHMC__SENDER))
		return;
	/* For packets that went without a call, too. */
	if (!commit(buf))
		tell(buf);
	settle(&buf->_head);
}

/* Receiving */

/*
 * Reads what is before the next packet, once.  The size in there is only true if
 * the mark is, too.
 */
static __u64 read_header(l4shmc_ringbuf_head_t const *head)
{
	return *(__u64 const volatile *)own_place(head);
}

/* Goes on at the beginning of the data. */
static long go_over_end(l4shmc_ringbuf_t *buf)
{
	l4shmc_ringbuf_head_t *head = &buf->_head;
	__u32 rest = head->_size - position(head, head->_index);
	long ret;

	/* Not the whole ring: so this happens once in a row. */
	if (rest == head->_size || rest > known(head))
		return -L4_EIO;
	ret = publish(head, add(head, head->_index, rest));
	if (!ret)
		tell(buf);
	return ret;
}

/* An attempt to find a packet. */
static long find_packet(l4shmc_ringbuf_t *buf, void *arg)
{
	l4shmc_ringbuf_head_t *head = &buf->_head;
	__u32 *size = arg, bytes;
	__u64 header;
	long ret;

	ret = check_own(head);
	for (;;) {
		if (!ret)
			ret = need(head, 1);
		if (ret)
			return ret;
		header = read_header(head);
		*size = (__u32)header;
		if (header != l4shmc__ring_header(*size))
			return -L4_EIO;
		if (L4_LIKELY(*size != L4SHMC__RING_SKIP))
			break;
		ret = go_over_end(buf);
	}
	if (*size > head->_size - PACKET_HEADER)
		return -L4_EIO;
	bytes = packet_bytes(*size);
	if (bytes > known(head) || bytes > head->_size - position(head, head->_index))
		return -L4_EIO;
	return 0;
}

/* The size of the next packet if that is simple; find_packet() judges the rest. */
static __u32 likely_size(l4shmc_ringbuf_head_t const *head)
{
	struct l4shmc__ring_place place;

	if (!head || !l4shmc__ring_within(head, L4SHMC__RECEIVER, PACKET_HEADER, &place))
		return 0;
	return (__u32)read_header(head);
}

int l4shmc_rb_receiver_wait_for_data(l4shmc_ringbuf_t *buf, int blocking)
{
	l4shmc_ringbuf_head_t *head = buf ? &buf->_head : NULL;
	struct l4shmc__ring_place place;
	__u32 size;
	long ret;

	if (l4shmc__ring_is_packet(head, likely_size(head), &place))
		return 0;
	if (!ring_ok(buf, L4SHMC__RECEIVER))
		return -L4_EINVAL;
	ret = persist(buf, blocking, find_packet, &size);
	settle(head);
	return (int)ret;
}

static long receive(l4shmc_ringbuf_t *buf, char *target, unsigned *tsize)
{
	l4shmc_ringbuf_head_t *head = &buf->_head;
	__u32 size;
	long ret = find_packet(buf, &size);

	if (ret)
		return ret;
	if (size > *tsize) {
		*tsize = size;
		return -L4_EMSGTOOLONG;
	}
	memcpy(target, own_place(head) + PACKET_HEADER, size);
	*tsize = size;
	return publish(head, add(head, head->_index, packet_bytes(size)));
}

/* The same, in all cases. */
static NOINLINE int receive_slowly(l4shmc_ringbuf_head_t *head, char *target, unsigned *tsize)
{
	long ret;

	if (!head || !ring_ok(ring_of(head), L4SHMC__RECEIVER) || !target || !tsize)
		return -L4_EINVAL;
	head->_block = 0;
	ret = receive(ring_of(head), target, tsize);
	settle(head);
	return (int)ret;
}

static NOINLINE int receive_any(l4shmc_ringbuf_head_t *head, char *target, unsigned *tsize)
{
	if (l4shmc__ring_receive_quickly(head, target, tsize, likely_size(head)))
		return 0;
	return receive_slowly(head, target, tsize);
}

int l4shmc_rb_receiver_copy_out(l4shmc_ringbuf_head_t *head, char *target, unsigned *tsize)
{
	/* As in l4shmc_rb_sender_next_copy_in() */
	if (l4shmc__ring_receive_quickly(head, target, tsize, L4SHMC__RING_COMMON_SIZE))
		return 0;
	return receive_any(head, target, tsize);
}

/*
 * For a receiver that takes one packet for each event of its signal: if there is
 * another packet there is another event, else there will be when there is one.
 */
static void remind(l4shmc_ringbuf_t *buf)
{
	buf->_head._block = 0;
	if (!need(&buf->_head, 1))
		l4shmc_trigger(&buf->_signal_rx);
	settle(&buf->_head);
}

void l4shmc_rb_receiver_notify_done(l4shmc_ringbuf_t *buf)
{
	if (!ring_ok(buf, L4SHMC__RECEIVER))
		return;
	tell(buf);
	if (buf->_bound)
		remind(buf);
}

int l4shmc_rb_receiver_read_next_size(l4shmc_ringbuf_head_t *head)
{
	__u32 size;
	long ret;

	if (!head || !ring_ok(ring_of(head), L4SHMC__RECEIVER))
		return -L4_EINVAL;
	head->_block = 0;
	ret = find_packet(ring_of(head), &size);
	settle(head);
	return ret ? (int)ret : (int)size;
}
