// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets over plain memory. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <l4/shmc/shmbuf.h>
#include <l4/sys/err.h>

#include "tap.h"

#define WORD ((unsigned)sizeof(l4_umword_t))
#define HEAD ((unsigned)sizeof(struct l4shm_buf_chunk_head))
#define RING 128U
/* The largest packet: a word stays free, and one is the packet's head. */
#define MOST (RING - 2 * WORD)

/* With something before and behind that nobody may write to. */
struct memory {
	l4_umword_t before;
	l4_umword_t ring[(HEAD + RING) / WORD];
	l4_umword_t behind;
};

static struct memory a, b;
static struct l4shm_buf left, right;
static char in[2 * RING], out[2 * RING];

static struct l4shm_buf_chunk_head *head(struct memory *mem)
{
	return (struct l4shm_buf_chunk_head *)mem->ring;
}

static char *bytes(struct memory *mem)
{
	return (char *)mem->ring;
}

static void fresh(void)
{
	unsigned i;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	a.before = a.behind = b.before = b.behind = 0x5a5a5a5a;
	if (l4shm_buf_init(&left, a.ring, HEAD + RING, b.ring, HEAD + RING) ||
	    l4shm_buf_init(&right, b.ring, HEAD + RING, a.ring, HEAD + RING)) {
		printf("Bail out! no buffer\n");
		exit(1);
	}
	for (i = 0; i < sizeof(in); i++)
		in[i] = (char)(i * 7 + 1);
}

static bool intact(void)
{
	return a.before == 0x5a5a5a5a && a.behind == 0x5a5a5a5a && b.before == 0x5a5a5a5a &&
	       b.behind == 0x5a5a5a5a;
}

/* The right side gets a packet of that size from the left. */
static bool receive(unsigned size)
{
	memset(out, 0, sizeof(out));
	return l4shm_buf_rx_len(&right) == (int)size && !l4shm_buf_rx(&right, out, size) &&
	       !memcmp(in, out, size) && !out[size];
}

static void test_init(void)
{
	struct l4shm_buf sb;

	fresh();
	ok(left.tx_head == head(&b) && left.rx_head == head(&a) && left.tx_ring_size == RING &&
		   left.rx_ring_size == RING,
	   "init: heads and sizes");
	ok(l4shm_buf_init(NULL, a.ring, 99, b.ring, 99) == -L4_EINVAL &&
		   l4shm_buf_init(&sb, NULL, HEAD + RING, b.ring, HEAD + RING) == -L4_EINVAL &&
		   l4shm_buf_init(&sb, a.ring, HEAD + RING, NULL, HEAD + RING) == -L4_EINVAL,
	   "init: null pointers");
	ok(l4shm_buf_init(&sb, a.ring, HEAD + RING + 1, b.ring, HEAD + RING) == -L4_EINVAL &&
		   l4shm_buf_init(&sb, a.ring, HEAD + RING, b.ring, HEAD + RING - 1) ==
			   -L4_EINVAL &&
		   l4shm_buf_init(&sb, bytes(&a) + 1, HEAD + RING, b.ring, HEAD + RING) ==
			   -L4_EINVAL,
	   "init: memory or size that is not aligned");
	ok(l4shm_buf_init(&sb, a.ring, HEAD + 2 * WORD, b.ring, HEAD + RING) == -L4_EINVAL &&
		   l4shm_buf_init(&sb, a.ring, 0, b.ring, HEAD + RING) == -L4_EINVAL &&
		   l4shm_buf_init(&sb, a.ring, ~0UL - WORD + 1, b.ring, HEAD + RING) == -L4_EINVAL,
	   "init: too small or too large");
	ok(!l4shm_buf_chunk_init(head(&a), 3 * WORD), "init: the smallest ring");
	ok(l4shm_buf_rx_len(&left) == -L4_ENOENT && l4shm_buf_rx(&left, out, 9) == -L4_ENOENT &&
		   l4shm_buf_rx_part(&left, out, 0, 0) == -L4_ENOENT &&
		   l4shm_buf_rx_drop(&left) == -L4_ENOENT,
	   "empty");
}

static void test_packets(void)
{
	unsigned size, wrong = 0;

	fresh();
	for (size = 0; size <= MOST; size++)
		wrong += l4shm_buf_tx_free(&left) != (int)MOST || l4shm_buf_tx(&left, in, size) ||
			 !receive(size);
	ok(!wrong && intact(), "packets of all sizes, one after the other");
	ok(l4shm_buf_tx(&left, in, MOST + 1) == -L4_ENOMEM &&
		   l4shm_buf_tx(&left, in, ~0UL) == -L4_ENOMEM &&
		   l4shm_buf_tx_complete(&left, MOST + 1) == -L4_ENOMEM &&
		   l4shm_buf_tx_part(&left, in, MOST, 1) == -L4_ENOMEM &&
		   l4shm_buf_tx_part(&left, in, ~0UL, 1) == -L4_ENOMEM,
	   "a packet that can never fit");
	ok(!l4shm_buf_tx(&left, in, 3) && !l4shm_buf_tx(&right, in, 5) && receive(3) &&
		   l4shm_buf_rx_len(&left) == 5 && !l4shm_buf_rx(&left, out, 5),
	   "both directions");
}

static void test_full(void)
{
	unsigned count;

	fresh();
	for (count = 0; !l4shm_buf_tx(&left, in, WORD); count++)
		;
	ok(count == (RING - WORD) / (2 * WORD) && l4shm_buf_tx_free(&left) == 0,
	   "as many packets as fit");
	ok(l4shm_buf_tx(&left, in, 1) == -L4_EAGAIN && head(&b)->writer_blocked,
	   "full: the reader can see that the writer has been blocked");
	ok(receive(WORD) && head(&b)->writer_blocked, "until it writes again");
	ok(!l4shm_buf_tx(&left, in, 1) && !head(&b)->writer_blocked, "which it can now");
	while (--count && receive(WORD))
		;
	ok(!count && receive(1) && intact(), "nothing was overwritten");
}

static void test_parts(void)
{
	fresh();
	/* So that the packet goes over the end. */
	l4shm_buf_tx(&left, in, 72);
	receive(72);
	ok(!l4shm_buf_tx_part(&left, in + 50, 50, 10) && !l4shm_buf_tx_part(&left, in, 0, 50),
	   "written in parts, in any order");
	ok(l4shm_buf_rx_len(&right) == -L4_ENOENT, "not there before it is complete");
	ok(!l4shm_buf_tx_complete(&left, 60) && l4shm_buf_rx_len(&right) == 60, "complete");
	memset(out, 0, sizeof(out));
	ok(!l4shm_buf_rx_part(&right, out + 7, 7, 53) && !l4shm_buf_rx_part(&right, out, 0, 7) &&
		   !memcmp(in, out, 60) && !out[60],
	   "read in parts, in any order");
	ok(l4shm_buf_rx_part(&right, out, 60, 1) == -L4_EINVAL &&
		   l4shm_buf_rx_part(&right, out, 1, ~0UL) == -L4_EINVAL &&
		   l4shm_buf_rx_part(&right, out, ~0UL, 1) == -L4_EINVAL,
	   "a part that is not in the packet");
	ok(l4shm_buf_rx(&right, out, 59) == -L4_EMSGTOOLONG && receive(60),
	   "a buffer that is too small leaves the packet");
	ok(!l4shm_buf_tx(&left, in, 4) && !l4shm_buf_tx(&left, in, 2) &&
		   !l4shm_buf_rx_drop(&right) && receive(2),
	   "drop");
}

/* All that looks at the ring says so. */
static bool all_say_eio(void)
{
	return l4shm_buf_rx_len(&right) == -L4_EIO && l4shm_buf_rx(&right, out, RING) == -L4_EIO &&
	       l4shm_buf_rx_part(&right, out, 0, 1) == -L4_EIO &&
	       l4shm_buf_rx_drop(&right) == -L4_EIO;
}

static bool offsets_refused(l4_umword_t write, l4_umword_t read)
{
	struct l4shm_buf sb;

	fresh();
	head(&b)->next_offs_to_write = write;
	head(&b)->next_offs_to_read = read;
	return all_say_eio() && l4shm_buf_tx(&left, in, 1) == -L4_EIO &&
	       l4shm_buf_tx_free(&left) == -L4_EIO &&
	       l4shm_buf_init(&sb, a.ring, HEAD + RING, b.ring, HEAD + RING) == -L4_EIO &&
	       intact();
}

static bool size_refused(l4_umword_t size)
{
	struct l4shm_buf_pkt_head packet = { .size = size };

	fresh();
	l4shm_buf_tx(&left, in, WORD);
	memcpy(bytes(&b) + HEAD, &packet, sizeof(packet));
	return all_say_eio() && intact();
}

static void test_nonsense(void)
{
	ok(offsets_refused(1, 0) && offsets_refused(0, WORD / 2), "offsets that are not aligned");
	ok(offsets_refused(RING, 0) && offsets_refused(0, RING) &&
		   offsets_refused(~0UL - WORD + 1, 0) && offsets_refused(0, ~0UL - WORD + 1),
	   "offsets outside of the ring");
	ok(size_refused(WORD + 1), "a packet larger than what was sent");
	ok(size_refused(~0UL) && size_refused(~0UL - WORD) && size_refused(RING) &&
		   size_refused(1UL << (8 * WORD - 1)),
	   "a packet larger than the ring");
	fresh();
	ok(l4shm_buf_tx(NULL, in, 1) == -L4_EINVAL && l4shm_buf_tx(&left, NULL, 1) == -L4_EINVAL &&
		   l4shm_buf_tx_part(NULL, in, 0, 1) == -L4_EINVAL &&
		   l4shm_buf_tx_complete(NULL, 1) == -L4_EINVAL &&
		   l4shm_buf_tx_free(NULL) == -L4_EINVAL && l4shm_buf_rx_len(NULL) == -L4_EINVAL &&
		   l4shm_buf_rx(NULL, out, 1) == -L4_EINVAL &&
		   l4shm_buf_rx_part(NULL, out, 0, 1) == -L4_EINVAL &&
		   l4shm_buf_rx_drop(NULL) == -L4_EINVAL,
	   "null pointers");
}

/* Random sizes against a queue of what has to come out, from one ring. */
static void test_random(void)
{
	struct l4shm_buf_chunk_head *ring = head(&a);
	unsigned queue[RING], first = 0, last = 0, wrong = 0, i, size;

	fresh();
	srandom(1);
	for (i = 0; i < 200000; i++) {
		size = (unsigned)random() % (random() & 1 ? MOST + 1 : 2 * WORD);
		if (random() & 1) {
			if (!l4shm_buf_chunk_tx_part(ring, RING, in, 0, size) &&
			    !l4shm_buf_chunk_tx_complete(ring, RING, size))
				queue[last++ % RING] = size;
		} else if (first != last) {
			size = queue[first++ % RING];
			wrong += l4shm_buf_chunk_rx_len(ring, RING) != (int)size ||
				 l4shm_buf_chunk_rx_part(ring, RING, out, 0, size) ||
				 memcmp(in, out, size) || l4shm_buf_chunk_rx_drop(ring, RING);
		} else {
			wrong += l4shm_buf_chunk_rx_len(ring, RING) != -L4_ENOENT ||
				 l4shm_buf_chunk_tx_free(ring, RING) != (int)MOST;
		}
	}
	ok(!wrong && last > 10000 && intact(), "%u packets of random sizes", last);
	ok(!l4shm_buf_chunk_tx(ring, RING, in, 1) || !l4shm_buf_chunk_rx(ring, RING, out, RING),
	   "a ring of its own is used like those of a buffer");
}

/* Whatever stands in the ring, nothing else is touched and nothing hangs. */
static void test_garbage(void)
{
	unsigned i, j, told = 0;

	fresh();
	srandom(2);
	for (i = 0; i < 100000; i++) {
		for (j = 0; j < 3; j++)
			bytes(&b)[(unsigned)random() % sizeof(b.ring)] = (char)random();
		if (random() % 4)
			head(&b)->next_offs_to_write = (unsigned)random() % RING / WORD * WORD;
		if (random() % 4)
			head(&b)->next_offs_to_read = (unsigned)random() % RING / WORD * WORD;
		told += l4shm_buf_tx(&left, in, (unsigned)random() % RING) == -L4_EIO;
		told += l4shm_buf_rx_part(&right, out, 0, (unsigned)random() % RING) == -L4_EIO;
		told += l4shm_buf_rx(&right, out, RING) == -L4_EIO;
	}
	ok(told > 1000 && intact(), "random bytes all over the ring: %u errors, nothing else",
	   told);
}

int main(void)
{
	/* Nonsense must not make anything go round for ever. */
	alarm(60);
	test_init();
	test_packets();
	test_full();
	test_parts();
	test_nonsense();
	test_random();
	test_garbage();
	return done_testing();
}
