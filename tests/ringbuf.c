// SPDX-License-Identifier: GPL-2.0-or-later
/* Rings in plain memory: what one process can see without the driver. */
#include "ringmem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

#define DATA 256U
#define HEADER L4SHMC__RING_ALIGN
#define MOST (DATA - HEADER)

static struct ringmem mem;
static l4shmc_ringbuf_t tx, rx;
static char in[2 * DATA], out[2 * DATA];

static l4shmc_ringbuf_head_t *tx_head(void)
{
	return L4SHMC_RINGBUF_HEAD(&tx);
}

static l4shmc_ringbuf_head_t *rx_head(void)
{
	return L4SHMC_RINGBUF_HEAD(&rx);
}

/* A new ring with both its sides. */
static void fresh(void)
{
	unsigned i;

	if (!ringmem_make(&mem, DATA + sizeof(l4shmc_ringbuf_head_t)) ||
	    ringmem_open(&mem, &tx, L4SHMC__SENDER) || ringmem_open(&mem, &rx, L4SHMC__RECEIVER)) {
		printf("Bail out! no ring\n");
		exit(1);
	}
	for (i = 0; i < sizeof(in); i++)
		in[i] = (char)(i * 7 + 1);
}

static int send(unsigned size)
{
	return l4shmc_rb_sender_next_copy_in(&tx, in, size, 0);
}

/*
 * The same for packets of more than half the ring: if they fit neither at the
 * end nor, together with the end, at all, the receiver has to look first.
 */
static int send_large(unsigned size)
{
	int ret = send(size);

	if (ret == -L4_ENOMEM && l4shmc_rb_receiver_wait_for_data(&rx, 0) == -L4_EAGAIN)
		ret = send(size);
	return ret;
}

/* A packet of that size, with the right contents. */
static bool receive(unsigned size)
{
	unsigned got = sizeof(out);
	bool right;

	memset(out, 0, sizeof(out));
	right = l4shmc_rb_receiver_read_next_size(rx_head()) == (int)size &&
		!l4shmc_rb_receiver_copy_out(rx_head(), out, &got) && got == size &&
		!memcmp(in, out, size) && !out[size];
	l4shmc_rb_receiver_notify_done(&rx);
	return right;
}

static void test_geometry(void)
{
	fresh();
	ok(L4SHMC_RINGBUF_DATA_SIZE(&tx) == DATA && L4SHMC_RINGBUF_DATA_SIZE(&rx) == DATA,
	   "data are what is asked for less the head");
	ok(L4SHMC_RINGBUF_DATA(&tx) == L4SHMC_RINGBUF_DATA(&rx) &&
		   L4SHMC_RINGBUF_DATA(&tx) + DATA == mem.chunk + mem.capacity,
	   "data are the end of the chunk");
	ok(l4shmc_rb_receiver_wait_for_data(&rx, 0) == -L4_EAGAIN, "no data: wait_for_data");
	ok(l4shmc_rb_receiver_read_next_size(rx_head()) == -L4_EAGAIN, "no data: read_next_size");
}

static void test_packets(void)
{
	unsigned size, wrong = 0;

	fresh();
	for (size = 0; size <= MOST; size++)
		wrong += send_large(size) || l4shmc_rb_receiver_wait_for_data(&rx, 1) ||
			 !receive(size);
	ok(!wrong, "packets of all sizes, one after the other");
	ok(l4shmc_rb_receiver_wait_for_data(&rx, 0) == -L4_EAGAIN, "none is there twice");
	ok(send(MOST + 1) == -L4_EINVAL && send(~0U) == -L4_EINVAL &&
		   !l4shmc_rb_sender_alloc_packet(tx_head(), MOST + 1),
	   "a packet that can never fit is refused");
	ok(l4shmc_rb_sender_next_copy_in(&tx, in, MOST + 1, 1) == -L4_EINVAL,
	   "and is no reason to sleep");
	ok(!send(MOST) && receive(MOST), "the ring is usable after that");
}

/* Sizes that the compiler knows, and what those call that it inlines nothing for. */
static void test_known_sizes(void)
{
	int (*next_copy_in)(l4shmc_ringbuf_t * buf, char *data, unsigned size,
			    int block) = l4shmc_rb_sender_next_copy_in;
	int (*copy_out)(l4shmc_ringbuf_head_t * head, char *target,
			unsigned *tsize) = l4shmc_rb_receiver_copy_out;
	unsigned i, size, wrong = 0;

	fresh();
	for (i = 0; i < 100; i++) {
		wrong += l4shmc_rb_sender_next_copy_in(&tx, in, 1, 0) || !receive(1);
		wrong += l4shmc_rb_sender_next_copy_in(&tx, in, 24, 0) || !receive(24);
		wrong += l4shmc_rb_sender_next_copy_in(&tx, in, 64, 0) || !receive(64);
		wrong += next_copy_in(&tx, in, 64, 0) || !receive(64);
		size = sizeof(out);
		wrong += send(64) || copy_out(rx_head(), out, &size) || size != 64 ||
			 memcmp(in, out, size);
		size = sizeof(out);
		wrong += next_copy_in(&tx, in, i, 0) || copy_out(rx_head(), out, &size) ||
			 size != i || memcmp(in, out, size);
	}
	ok(!wrong, "packets of sizes that are known, and of others, with a call or without");
	ok(next_copy_in(NULL, in, 64, 0) == -L4_EINVAL &&
		   l4shmc_rb_sender_next_copy_in(NULL, in, 64, 0) == -L4_EINVAL &&
		   l4shmc_rb_sender_next_copy_in(&tx, NULL, 64, 0) == -L4_EINVAL,
	   "nor is a null pointer followed");
}

/* The largest packet, from each place where the ring can stand. */
static void test_largest_everywhere(void)
{
	unsigned start, wrong = 0;

	for (start = 0; start < DATA; start += L4SHMC__RING_ALIGN) {
		fresh();
		if (start)
			wrong += send(start - HEADER) || !receive(start - HEADER);
		wrong += send_large(MOST) || !receive(MOST);
	}
	ok(!wrong, "the largest packet gets through from any position");
}

static void test_full(void)
{
	unsigned count = 0, left;

	fresh();
	while (!send(24))
		count++;
	ok(count == DATA / 32, "as many packets as fit");
	ok(send(24) == -L4_ENOMEM && send(0) == -L4_ENOMEM &&
		   !l4shmc_rb_sender_alloc_packet(tx_head(), 0),
	   "no room: no packet, whatever its size");
	ok(receive(24) && send(32) == -L4_ENOMEM && !send(24) && send(0) == -L4_ENOMEM,
	   "a packet makes room for one of its size");
	for (left = count; left && receive(24); left--)
		;
	ok(!left, "nothing was written over what had not been read");
}

static void test_short_buffer(void)
{
	unsigned size = 99;

	fresh();
	ok(!send(100) && !send(50), "two packets");
	ok(l4shmc_rb_receiver_copy_out(rx_head(), out, &size) == -L4_EMSGTOOLONG && size == 100,
	   "a buffer that is too small is told the size");
	size = 0;
	ok(l4shmc_rb_receiver_copy_out(rx_head(), out, &size) == -L4_EMSGTOOLONG && size == 100,
	   "so is an empty one");
	ok(receive(100) && receive(50), "packet and ring stay usable");
}

static void test_allocated(void)
{
	char *a, *b;

	fresh();
	a = l4shmc_rb_sender_alloc_packet(tx_head(), 5);
	b = l4shmc_rb_sender_alloc_packet(tx_head(), 20);
	ok(a && b && (uintptr_t)a % 8 == 0 && (uintptr_t)b % 8 == 0, "packets are aligned");
	l4shmc_rb_sender_put_data(&tx, b, in, 12);
	l4shmc_rb_sender_put_data(&tx, a, in, 5);
	l4shmc_rb_sender_put_data(&tx, b + 12, in + 12, 8);
	ok(l4shmc_rb_receiver_wait_for_data(&rx, 0) == -L4_EAGAIN, "not there before the commit");
	l4shmc_rb_sender_commit_packet(&tx);
	ok(receive(5) && receive(20), "filled in parts, in any order, and committed together");
	l4shmc_rb_sender_commit_packet(&tx);
	ok(l4shmc_rb_receiver_wait_for_data(&rx, 0) == -L4_EAGAIN,
	   "a second commit sends nothing");
	a = l4shmc_rb_sender_alloc_packet(tx_head(), 9);
	l4shmc_rb_sender_put_data(&tx, a, in, 9);
	ok(!send(30) && receive(9) && receive(30), "copy_in sends what was allocated before it");
}

/* Where put_data must not write. */
static void test_put_outside(void)
{
	char *data, *packet;

	fresh();
	ok(!send(24), "a packet that is committed");
	packet = l4shmc_rb_sender_alloc_packet(tx_head(), 16);
	data = L4SHMC_RINGBUF_DATA(&tx);
	l4shmc_rb_sender_put_data(&tx, data + HEADER, out, 8);
	l4shmc_rb_sender_put_data(&tx, data + DATA - 8, in, 9);
	l4shmc_rb_sender_put_data(&tx, data - 8, in, 8);
	l4shmc_rb_sender_put_data(&tx, packet, in, 17);
	l4shmc_rb_sender_put_data(&tx, packet, in, ~0U);
	l4shmc_rb_sender_put_data(&tx, NULL, in, 1);
	ok(packet && !packet[0] && ringmem_intact(&mem), "nothing is written past packets");
	l4shmc_rb_sender_put_data(&tx, packet, in, 16);
	l4shmc_rb_sender_commit_packet(&tx);
	ok(receive(24) && receive(16), "nor into one that is committed");
}

static void test_restart(void)
{
	l4shmc_ringbuf_t second;
	char *packet;

	fresh();
	ok(ringmem_open(&mem, &second, L4SHMC__SENDER) == -L4_EBUSY &&
		   ringmem_open(&mem, &second, L4SHMC__RECEIVER) == -L4_EBUSY,
	   "one sender and one receiver");
	send(10);
	send(20);
	packet = l4shmc_rb_sender_alloc_packet(tx_head(), 30);
	l4shmc_rb_sender_put_data(&tx, packet, in, 30);
	ringmem_died(&mem, L4SHMC__SENDER);
	ok(!ringmem_open(&mem, &tx, L4SHMC__SENDER), "a dead sender has a successor");
	ok(receive(10), "what it had sent is there");
	ringmem_died(&mem, L4SHMC__RECEIVER);
	ok(!ringmem_open(&mem, &rx, L4SHMC__RECEIVER), "a dead receiver has a successor");
	ok(receive(20), "which gets what is left");
	ok(l4shmc_rb_receiver_wait_for_data(&rx, 0) == -L4_EAGAIN,
	   "what was not committed is not there");
	ok(!send(40) && receive(40), "the ring goes on");
	l4shmc_rb_deinit_buffer(&tx);
	ok(send(1) == -L4_EINVAL && !ringmem_open(&mem, &tx, L4SHMC__SENDER),
	   "a sender that leaves makes room for another");
}

static void test_other_side_leaves(void)
{
	fresh();
	send(10);
	l4shmc_rb_deinit_buffer(&tx);
	ok(!l4shmc_rb_receiver_wait_for_data(&rx, 1) && receive(10),
	   "what was sent counts more than that the sender has left");
	ok(l4shmc_rb_receiver_wait_for_data(&rx, 1) == -L4_ENOREPLY, "then it is told");
	ok(l4shmc_rb_receiver_wait_for_data(&rx, 0) == -L4_EAGAIN, "once");
	ringmem_open(&mem, &tx, L4SHMC__SENDER);
	ok(l4shmc_rb_receiver_wait_for_data(&rx, 0) == -L4_EAGAIN, "not of a new one");
	ringmem_died(&mem, L4SHMC__SENDER);
	ok(l4shmc_rb_receiver_wait_for_data(&rx, 0) == -L4_ENOREPLY, "but when that has died too");

	fresh();
	while (!send(24))
		;
	ringmem_died(&mem, L4SHMC__RECEIVER);
	ok(l4shmc_rb_sender_next_copy_in(&tx, in, 24, 1) == -L4_ENOREPLY,
	   "the sender is told that the receiver has died");
	ok(send(24) == -L4_ENOMEM, "once");
	ringmem_open(&mem, &rx, L4SHMC__RECEIVER);
	ok(receive(24) && !send(24), "and goes on with the next one");
}

static void set_index(enum l4shmc__ring_role role, __u32 index)
{
	ringmem_ring(&mem)->sides[role].index = index;
}

/* An index of the sender that the receiver must not believe. */
static bool sender_index_refused(__u32 index)
{
	fresh();
	set_index(L4SHMC__SENDER, index);
	return l4shmc_rb_receiver_wait_for_data(&rx, 1) == -L4_EIO &&
	       l4shmc_rb_receiver_read_next_size(rx_head()) == -L4_EIO;
}

/* The same of the receiver, for a sender that has filled the ring. */
static bool receiver_index_refused(__u32 index)
{
	fresh();
	send(MOST);
	set_index(L4SHMC__RECEIVER, index);
	return l4shmc_rb_sender_next_copy_in(&tx, in, 1, 1) == -L4_EIO &&
	       !l4shmc_rb_sender_alloc_packet(tx_head(), 1);
}

static void test_bad_indices(void)
{
	ok(sender_index_refused(4), "sender's index that is not aligned");
	ok(sender_index_refused(DATA + 8), "more data than the ring holds");
	ok(sender_index_refused(2 * DATA) && sender_index_refused(~0U - 7),
	   "sender's index out of range");
	ok(receiver_index_refused(4), "receiver's index that is not aligned");
	ok(receiver_index_refused(DATA + 8) && receiver_index_refused(2 * DATA - 8),
	   "receiver ahead of the sender, or behind where it was");
	ok(receiver_index_refused(2 * DATA) && receiver_index_refused(~0U - 7),
	   "receiver's index out of range");

	fresh();
	set_index(L4SHMC__SENDER, 8);
	ok(send(1) == -L4_EIO && !l4shmc_rb_sender_alloc_packet(tx_head(), 1),
	   "the sender sees that its own index was changed");
	fresh();
	send(1);
	set_index(L4SHMC__RECEIVER, 8);
	ok(!receive(1) && l4shmc_rb_receiver_wait_for_data(&rx, 1) == -L4_EIO,
	   "the receiver sees that its own index was changed");

	fresh();
	set_index(L4SHMC__SENDER, 2 * DATA);
	ringmem_died(&mem, L4SHMC__SENDER);
	ok(ringmem_open(&mem, &tx, L4SHMC__SENDER) == -L4_EIO &&
		   ringmem_open(&mem, &tx, L4SHMC__SENDER) == -L4_EIO,
	   "nobody can take over nonsense, and the role stays free");
}

/* What the receiver says to this in front of a packet of 16 bytes. */
static bool header_refused(__u32 size, __u32 mark)
{
	__u64 header = size | (__u64)mark << 32;
	unsigned room = sizeof(out);

	fresh();
	send(16);
	memcpy(L4SHMC_RINGBUF_DATA(&rx), &header, sizeof(header));
	return l4shmc_rb_receiver_wait_for_data(&rx, 1) == -L4_EIO &&
	       l4shmc_rb_receiver_copy_out(rx_head(), out, &room) == -L4_EIO;
}

static void test_bad_packets(void)
{
	__u32 const mark = L4SHMC__RING_MARK;

	ok(header_refused(16, 0) && header_refused(15, 16 ^ mark), "a header without its mark");
	ok(header_refused(17, 17 ^ mark), "a packet larger than what was sent");
	ok(header_refused(MOST + 1, (MOST + 1) ^ mark) &&
		   header_refused(~0U - 1, (~0U - 1) ^ mark),
	   "a packet larger than the ring");
	ok(header_refused(L4SHMC__RING_SKIP, L4SHMC__RING_SKIP ^ mark),
	   "a skip of the whole ring");
}

static void test_bad_arguments(void)
{
	unsigned size = 1;

	fresh();
	send(1);
	ok(l4shmc_rb_sender_next_copy_in(&rx, in, 1, 1) == -L4_EINVAL &&
		   !l4shmc_rb_sender_alloc_packet(rx_head(), 1) &&
		   l4shmc_rb_receiver_wait_for_data(&tx, 1) == -L4_EINVAL &&
		   l4shmc_rb_receiver_copy_out(tx_head(), out, &size) == -L4_EINVAL &&
		   l4shmc_rb_receiver_read_next_size(tx_head()) == -L4_EINVAL,
	   "no side can do what is for the other");
	ok(l4shmc_rb_sender_next_copy_in(&tx, NULL, 1, 1) == -L4_EINVAL &&
		   l4shmc_rb_receiver_copy_out(rx_head(), NULL, &size) == -L4_EINVAL &&
		   l4shmc_rb_receiver_copy_out(rx_head(), out, NULL) == -L4_EINVAL,
	   "null pointers");
	mem.plain.at.generation++;
	ok(send(1) == -L4_EINVAL && l4shmc_rb_receiver_wait_for_data(&rx, 1) == -L4_EINVAL &&
		   l4shmc_rb_receiver_read_next_size(rx_head()) == -L4_EINVAL,
	   "an area that is not attached any more");
	l4shmc_rb_deinit_buffer(&tx);
	l4shmc_rb_deinit_buffer(&tx);
	ok(true, "ending twice does no harm");
}

/* Random sizes against a queue of what has to come out. */
static void test_random(void)
{
	unsigned queue[DATA], first = 0, last = 0, wrong = 0, i, size;

	fresh();
	srandom(1);
	for (i = 0; i < 200000; i++) {
		size = (unsigned)random() % (MOST + 1);
		if (random() & 1)
			size %= 32;
		if (random() & 1) {
			if (!send(size))
				queue[last++ % DATA] = size;
		} else if (first != last) {
			wrong += !receive(queue[first++ % DATA]);
		} else {
			wrong += l4shmc_rb_receiver_wait_for_data(&rx, 0) != -L4_EAGAIN;
		}
	}
	ok(!wrong && last > 10000, "%u packets of random sizes come out as they went in", last);
}

int main(void)
{
	/* Nonsense must not make anything go round for ever. */
	alarm(60);
	test_geometry();
	test_packets();
	test_known_sizes();
	test_largest_everywhere();
	test_full();
	test_short_buffer();
	test_allocated();
	test_put_outside();
	test_restart();
	test_other_side_leaves();
	test_bad_indices();
	test_bad_packets();
	test_bad_arguments();
	test_random();
	return done_testing();
}
