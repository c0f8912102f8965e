// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library among hostile peers: while two processes write random and malicious
 * values into the records and the payload of an area, another one uses all that
 * the library has for it.  What it is told may be wrong, but not impossible, it
 * does not crash or hang, and a second area that it uses at the same time is
 * none the worse.  Also built with sanitizers, as hostile_test_asan.
 */
#include "hostile.h"
#include "lib_common.h"

#include <l4/shmc/ringbuf.h>
#include <l4/shmc/shmbuf.h>
#include <l4/sys/kip.h>
#include <pthread-l4.h>

#define AREA_SIZE 65536
#define CAPACITY 1000
#define RING_SIZE 4096
#define BUF_SIZE 2048
#define MESSAGE 256
/* Chunks that nobody uses, so that some records that are used lie far behind */
#define FILLERS 200
#define PEERS 2

struct shared {
	unsigned int ready, stop, writes, op, done;
};

FIXTURE(hostile)
{
	/* The one with the hostile peer, and the other one */
	char name[L4SHMC_NAME_SIZE], good[L4SHMC_NAME_SIZE];
	struct shared *shared;
	__u32 seed;
};

/* What a hostile peer writes over */
FIXTURE_VARIANT(hostile)
{
	bool records, payload, commands;
};

FIXTURE_VARIANT_ADD(hostile, records)
{
	.records = true,
};

FIXTURE_VARIANT_ADD(hostile, payload)
{
	.payload = true,
};

FIXTURE_VARIANT_ADD(hostile, everything)
{
	.records = true, .payload = true, .commands = true,
};

FIXTURE_SETUP(hostile)
{
	long ret;

	unique_name(self->name, "bad");
	unique_name(self->good, "good");
	ret = l4shmc_create_area(self->name, AREA_SIZE, 0600, L4SHMC_EXCLUSIVE);
	if (ret == -L4_ENODEV)
		SKIP(return, "no " DEVICE ": load the module");
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, l4shmc_create_area(self->good, AREA_SIZE, 0600, L4SHMC_EXCLUSIVE));
	self->shared = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
	self->seed = test_seed();
	TH_LOG("seed %u", self->seed);
}

FIXTURE_TEARDOWN(hostile)
{
	l4shmc_destroy(self->good);
	l4shmc_destroy(self->name);
}

/* The hostile one: a client that keeps to no rule. */

struct scribbler {
	FIXTURE_DATA(hostile) * self;
	const FIXTURE_VARIANT(hostile) * variant;
	__u32 seed;
	/* Records are below the one, and from the half of all up to the other. */
	__u32 records, observers;
};

/* Any record, but mostly one of the first and the last, which are used */
static __u32 some_record(const struct scribbler *scribbler, __u32 *seed)
{
	const __u32 observers = L4SHMC_MAX_RECORDS / 2;
	__u32 random = test_random(seed), which = random >> 8;

	switch (random % 8) {
	case 0:
		return observers + which % (scribbler->observers - observers);
	case 1:
		return which % scribbler->records;
	case 2:
	case 3:
		return scribbler->records - 1 - which % 12;
	default:
		return which % 12;
	}
}

static void disturb(int fd, const int *signals, unsigned int nr, __u32 *seed)
{
	__u32 random = test_random(seed);

	if (random % 64 == 0)
		signal_wait(signals[random / 64 % nr], 0);
	else if (random % 64 < 8)
		signal_trigger(signals[random / 64 % nr]);
	else if (random % 64 < 16)
		signal_ring(signals[random / 64 % nr]);
	else if (random % 64 == 16)
		client_init(fd);
}

static const char *const signal_names[] = { "s", "t", "ring_rx", "ring_tx" };

static __u32 end_of_signal(int fd)
{
	struct l4shmc_ioc_signal_info info;

	CHECK(signal_info(fd, &info) == 0);
	return info.index + 1;
}

/* Which records there are; some more come and go with clients. */
static void find_records(struct scribbler *scribbler, int fd, const int *signals)
{
	int observer = area_attach(fd, "", L4SHMC_ATTACH_OBSERVER), index = -1;
	struct l4shmc_ioc_chunk_next next;

	while ((index = chunk_next(fd, (__u32)index + 1, &next)) >= 0)
		scribbler->records = (__u32)index + 1;
	for (unsigned int i = 0; i < ARRAY_SIZE(signal_names); i++)
		if (end_of_signal(signals[i]) > scribbler->records)
			scribbler->records = end_of_signal(signals[i]);
	scribbler->records += 4;
	scribbler->observers = end_of_signal(signal_open(observer, L4SHMC_SIGNAL_CLIENTS, 0)) + 4;
	CHECK(scribbler->records > FILLERS && scribbler->observers > L4SHMC_MAX_RECORDS / 2);
}

static int scribble(void *arg)
{
	struct scribbler *scribbler = arg;
	FIXTURE_DATA(hostile) *self = scribbler->self;
	int dev = device_open(O_RDWR), fd = area_attach(dev, self->name, 0);
	union l4shmc_record *control = map_control(fd, PROT_READ | PROT_WRITE);
	__u32 *data = map_data(fd, AREA_SIZE, PROT_READ | PROT_WRITE), seed = scribbler->seed;
	int signals[ARRAY_SIZE(signal_names)];

	CHECK(control != MAP_FAILED && data != MAP_FAILED);
	for (unsigned int i = 0; i < ARRAY_SIZE(signal_names); i++)
		signals[i] = signal_open(fd, signal_names[i], 0);
	find_records(scribbler, fd, signals);
	while (!__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE)) {
		if (scribbler->variant->records)
			scribble_on_record(&control[some_record(scribbler, &seed)], &seed);
		if (scribbler->variant->payload)
			scribble_on_payload(data, AREA_SIZE, &seed);
		if (scribbler->variant->commands)
			disturb(fd, signals, ARRAY_SIZE(signals), &seed);
		__atomic_fetch_add(&self->shared->writes, 1, __ATOMIC_RELAXED);
	}
	return 0;
}

/* The user of the library */

struct user {
	FIXTURE_DATA(hostile) * self;
	__u32 seed;
	unsigned int chunks;
	l4shmc_area_t area, second;
	l4shmc_chunk_t chunk, other;
	l4shmc_signal_t signal, counter;
	l4shmc_ringbuf_t tx, rx;
	l4shmc_chunk_t ring, ring_rx, buf_chunk;
	struct l4shm_buf buf;
	bool has_tx, has_rx;
	/* Of the good area */
	l4shmc_area_t good;
	l4shmc_chunk_t message;
	l4shmc_signal_t ask, reply;
	unsigned int turn;
};

/* As much as there may be of anything, so that a sanitizer sees one byte more */
static char *room(unsigned int size)
{
	char *bytes = malloc(size);

	CHECK(bytes);
	memset(bytes, 0x5a, size);
	return bytes;
}

/* 0, or one of what is told of nonsense and of what another one has done */
static bool is_possible(long ret)
{
	switch (ret) {
	case 0:
	case -L4_EPERM:
	case -L4_EIO:
	case -L4_EAGAIN:
	case -L4_ENOMEM:
	case -L4_EBUSY:
	case -L4_ENOREPLY:
	case TIMED_OUT:
		return true;
	default:
		return false;
	}
}

static l4_timeout_t soon(struct user *user)
{
	return l4_timeout(L4_IPC_TIMEOUT_NEVER,
			  l4_timeout_from_us(test_random(&user->seed) % 200));
}

static l4shmc_chunk_t *some_chunk(struct user *user)
{
	return test_random(&user->seed) % 2 ? &user->chunk : &user->other;
}

static bool write_chunk(struct user *user)
{
	l4shmc_chunk_t *chunk = some_chunk(user);
	long ret = test_random(&user->seed) % 4 ? l4shmc_chunk_try_to_take(chunk) :
						  l4shmc_chunk_try_to_take_for_overwriting(chunk);

	if (ret)
		return ret == -L4_EPERM || ret == -L4_EBUSY;
	CHECK(l4shmc_chunk_capacity(chunk) == CAPACITY);
	memset(l4shmc_chunk_ptr(chunk), (int)user->seed, CAPACITY);
	CHECK(l4shmc_chunk_ready(chunk, CAPACITY + 1) == -L4_EINVAL);
	return l4shmc_chunk_ready_sig(chunk, test_random(&user->seed) % (CAPACITY + 1)) == 0;
}

static bool read_chunk(struct user *user)
{
	l4shmc_chunk_t *chunk = some_chunk(user);
	long size, ret = l4shmc_chunk_try_to_take_for_reading(chunk);
	char *bytes;

	if (ret && ret != -L4_EBUSY)
		return false;
	size = l4shmc_chunk_size(chunk);
	if (size != -L4_EIO) {
		CHECK(size >= 0 && size <= CAPACITY);
		bytes = room((unsigned int)size);
		memcpy(bytes, l4shmc_chunk_ptr(chunk), (size_t)size);
		free(bytes);
	}
	return ret || l4shmc_chunk_consumed(chunk) == 0;
}

static bool look_at_chunk(struct user *user)
{
	l4shmc_chunk_t *chunk = some_chunk(user);
	long clear = l4shmc_is_chunk_clear(chunk), ready = l4shmc_is_chunk_ready(chunk);

	return (clear == 0 || clear == 1) && (ready == 0 || ready == 1) &&
	       l4shmc_check_magic(chunk) == 1;
}

static bool trigger(struct user *user)
{
	return l4shmc_trigger(&user->signal) == 0 && l4shmc_trigger(&user->counter) == 0;
}

static bool wait_for_signal(struct user *user)
{
	return l4shmc_enable_chunk(&user->chunk) == 0 &&
	       is_possible(l4shmc_wait_chunk_try(&user->other)) &&
	       is_possible(l4shmc_wait_signal_try(&user->counter)) &&
	       is_possible(l4shmc_wait_signal_to(&user->signal, soon(user))) &&
	       is_possible(l4shmc_wait_chunk_to(&user->chunk, soon(user)));
}

static bool call(struct user *user)
{
	return is_possible(l4shmc_call_to(&user->signal, &user->counter, soon(user)));
}

/* Who is there and initialized the driver tells, and its own signal that it has changed. */
static bool wait_for_clients(struct user *user)
{
	l4shmc_signal_t clients;

	return l4shmc_get_clients_signal(&user->second, &clients) == 0 &&
	       l4shmc_mark_client_initialized(&user->area) == 0 &&
	       is_possible(l4shmc_wait_signal_to(&clients, soon(user))) &&
	       l4shmc_wait_clients(&user->second, 1, L4SHMC_FOREVER) == 0 &&
	       l4shmc_wait_clients(&user->second, 1UL << 40, 1) == TIMED_OUT;
}

static bool wait_for_any(struct user *user)
{
	l4shmc_signal_t *signal = NULL, watched;
	struct pollfd poller = { .events = POLLIN };
	long ret = l4shmc_attach_signal(&user->second, "t", pthread_l4_cap(pthread_self()),
					&watched);

	if (ret)
		return false;
	poller.fd = l4shmc_wait_any_fd();
	poll(&poller, 1, 0);
	ret = l4shmc_wait_any_to(soon(user), &signal);
	if (ret == 0)
		CHECK(signal == &watched);
	CHECK(is_possible(ret));
	/* It must not be told of once it is out of reach. */
	CHECK(l4shmc_detach(&user->second) == 0);
	user->has_rx = false;
	return l4shmc_attach(user->self->name, &user->second) == 0;
}

/* The driver's own copy of what there is cannot be written over. */
static bool list_chunks(struct user *user)
{
	const char *name = NULL;
	unsigned int found = 0;
	long at = 0;

	while ((at = l4shmc_iterate_chunk(&user->area, &name, at)) > 0)
		found += strlen(name) > 0 && strlen(name) < L4SHMC_NAME_SIZE;
	return at == 0 && found == user->chunks;
}

static bool get_chunk(struct user *user)
{
	l4shmc_chunk_t chunk;

	return l4shmc_get_chunk(&user->area, "c", &chunk) == 0 &&
	       l4shmc_chunk_capacity(&chunk) == CAPACITY &&
	       l4shmc_chunk_ptr(&chunk) == l4shmc_chunk_ptr(&user->chunk) &&
	       l4shmc_get_chunk(&user->area, "none", &chunk) == -L4_ENOENT &&
	       l4shmc_get_chunk_to(&user->area, "d", 1, &chunk) == 0 &&
	       l4shmc_chunk_ptr(&chunk) == l4shmc_chunk_ptr(&user->other) &&
	       l4shmc_get_chunk_to(&user->area, "none", 1, &chunk) == -L4_ENOENT &&
	       l4shmc_add_chunk(&user->area, "c", 1, &chunk) == -L4_EEXIST;
}

static bool ask_the_driver(struct user *user)
{
	l4_umword_t mask;

	return l4shmc_area_size(&user->area) == AREA_SIZE &&
	       l4shmc_area_size_free(&user->area) > 0 &&
	       l4shmc_get_client_nr(&user->area) == 0 &&
	       l4shmc_get_initialized_clients(&user->area, &mask) == 0;
}

/* Both sides are here, as different clients; each may find nonsense in the ring. */
static void enter_ring(struct user *user)
{
	if (!user->has_tx)
		user->has_tx = l4shmc_rb_init_buffer(&user->tx, &user->area, "ring", "ring",
						     RING_SIZE) == 0;
	if (!user->has_rx)
		user->has_rx = l4shmc_rb_init_receiver(&user->rx, &user->second, "ring",
						       "ring") == 0;
}

static bool use_ring(struct user *user)
{
	unsigned int size = test_random(&user->seed) % 300;
	char *packet = room(300), *target;
	long ret;

	enter_ring(user);
	if (user->has_tx)
		CHECK(is_possible(l4shmc_rb_sender_next_copy_in(&user->tx, packet, size, 0)));
	if (user->has_rx) {
		CHECK(is_possible(l4shmc_rb_receiver_wait_for_data(&user->rx, 0)));
		target = room(size + 1);
		size++;
		ret = l4shmc_rb_receiver_copy_out(L4SHMC_RINGBUF_HEAD(&user->rx), target, &size);
		CHECK(is_possible(ret) || ret == -L4_EMSGTOOLONG);
		l4shmc_rb_receiver_notify_done(&user->rx);
		free(target);
	}
	free(packet);
	return true;
}

/* Who has found nonsense starts again from nothing, as far as the peer lets it. */
static bool leave_ring(struct user *user)
{
	if (user->has_tx)
		l4shmc_rb_deinit_buffer(&user->tx);
	if (user->has_rx)
		l4shmc_rb_deinit_buffer(&user->rx);
	user->has_tx = false;
	user->has_rx = false;
	memset(l4shmc_chunk_ptr(&user->ring), 0, (size_t)l4shmc_chunk_capacity(&user->ring));
	memset(l4shmc_chunk_ptr(&user->ring_rx), 0, (size_t)l4shmc_chunk_capacity(&user->ring_rx));
	return l4shmc_chunk_consumed(&user->ring) == 0 &&
	       l4shmc_chunk_consumed(&user->ring_rx) == 0;
}

/* Packets that are made in the ring itself, and looked at there */
static bool fill_ring(struct user *user)
{
	unsigned int size = test_random(&user->seed) % 300;
	char *packet = room(300), *at;
	uintptr_t offset;
	int ret;

	enter_ring(user);
	for (__u32 i = test_random(&user->seed) % 4; user->has_tx && i > 0; i--) {
		at = l4shmc_rb_sender_alloc_packet(L4SHMC_RINGBUF_HEAD(&user->tx), size);
		if (!at)
			break;
		offset = (uintptr_t)at - (uintptr_t)L4SHMC_RINGBUF_DATA(&user->tx);
		CHECK(offset + size <= L4SHMC_RINGBUF_DATA_SIZE(&user->tx));
		l4shmc_rb_sender_put_data(&user->tx, at, packet, size);
		/* Elsewhere: only what is not committed may be written to. */
		at = (char *)((uintptr_t)at + malice(&user->seed));
		l4shmc_rb_sender_put_data(&user->tx, at, packet, 300);
	}
	if (user->has_tx)
		l4shmc_rb_sender_commit_packet(&user->tx);
	if (user->has_rx) {
		ret = l4shmc_rb_receiver_read_next_size(L4SHMC_RINGBUF_HEAD(&user->rx));
		CHECK((ret >= 0 && ret <= RING_SIZE) || is_possible(ret));
	}
	free(packet);
	return true;
}

/* Ends a wait that may be for what never comes: by nonsense in the ring. */
struct ender {
	l4_uint32_t *ring;
	int signals[2];
	bool stop;
};

static void *end_wait(void *arg)
{
	struct ender *ender = arg;

	while (!__atomic_load_n(&ender->stop, __ATOMIC_ACQUIRE)) {
		nap_us(1000);
		for (unsigned int side = 0; side < 2; side++) {
			/* How far it is, in bytes that are never odd; a cache line each */
			store32(&ender->ring[16 * side], 1);
			signal_trigger(ender->signals[side]);
		}
	}
	return NULL;
}

/* Until it fails, or for long enough */
static void block(struct user *user)
{
	char bytes[300] = "";
	long ret = 0;

	for (unsigned int i = 0; !ret && i < 100; i++) {
		unsigned int size = sizeof(bytes);

		if (i % 2 || !user->has_rx) {
			ret = l4shmc_rb_sender_next_copy_in(&user->tx, bytes, size, 1);
			continue;
		}
		ret = l4shmc_rb_receiver_wait_for_data(&user->rx, 1);
		if (!ret)
			l4shmc_rb_receiver_copy_out(L4SHMC_RINGBUF_HEAD(&user->rx), bytes, &size);
	}
	CHECK(is_possible(ret));
}

static bool block_on_ring(struct user *user)
{
	int fd = l4shmc_area_fd(&user->area);
	struct ender ender = {
		.ring = l4shmc_chunk_ptr(&user->ring),
		.signals = { signal_open(fd, "ring_rx", 0), signal_open(fd, "ring_tx", 0) },
	};
	pthread_t thread;

	enter_ring(user);
	if (user->has_tx) {
		CHECK(pthread_create(&thread, NULL, end_wait, &ender) == 0);
		block(user);
		__atomic_store_n(&ender.stop, true, __ATOMIC_RELEASE);
		CHECK(pthread_join(thread, NULL) == 0);
	}
	close(ender.signals[0]);
	close(ender.signals[1]);
	return leave_ring(user);
}

/* Likewise */
static bool reset_buffer(struct user *user)
{
	void *memory = l4shmc_chunk_ptr(&user->buf_chunk);

	memset(memory, 0, sizeof(struct l4shm_buf_chunk_head));
	return l4shm_buf_init(&user->buf, memory, BUF_SIZE, memory, BUF_SIZE) == 0;
}

static bool is_possible_of_buffers(long ret)
{
	return is_possible(ret) || ret == -L4_ENOENT;
}

static bool use_buffer(struct user *user)
{
	l4_umword_t len = test_random(&user->seed) % 500;
	char *packet = room(500);
	int ret = l4shm_buf_tx(&user->buf, packet, len);

	CHECK(is_possible(ret));
	ret = l4shm_buf_tx_free(&user->buf);
	CHECK(ret == -L4_EIO || (ret >= 0 && ret <= BUF_SIZE));
	ret = l4shm_buf_rx_len(&user->buf);
	CHECK((ret >= 0 && ret <= BUF_SIZE) || is_possible_of_buffers(ret));
	ret = l4shm_buf_rx(&user->buf, packet, 500);
	CHECK(is_possible_of_buffers(ret) || ret == -L4_EMSGTOOLONG);
	ret = l4shm_buf_rx_drop(&user->buf);
	CHECK(is_possible_of_buffers(ret));
	/* It remains as it is when there is nonsense in it. */
	if (ret == -L4_EIO)
		reset_buffer(user);
	free(packet);
	return true;
}

/* In parts; by the functions for a buffer or those for one ring of it */
static bool use_parts(struct user *user)
{
	struct l4shm_buf_chunk_head *head = l4shmc_chunk_ptr(&user->buf_chunk);
	const l4_umword_t size = BUF_SIZE - sizeof(*head);
	unsigned int at = test_random(&user->seed) % 300, len = test_random(&user->seed) % 200;
	bool one = test_random(&user->seed) % 2;
	char *part = room(len);
	int ret;

	ret = one ? l4shm_buf_chunk_tx_part(head, size, part, at, len) :
		    l4shm_buf_tx_part(&user->buf, part, at, len);
	CHECK(is_possible(ret));
	ret = one ? l4shm_buf_chunk_tx_complete(head, size, at + len) :
		    l4shm_buf_tx_complete(&user->buf, at + len);
	CHECK(is_possible(ret));
	ret = one ? l4shm_buf_chunk_rx_part(head, size, part, at, len) :
		    l4shm_buf_rx_part(&user->buf, part, at, len);
	CHECK(is_possible_of_buffers(ret) || ret == -L4_EINVAL);
	free(part);
	return true;
}

/* As use_buffer(), but of one ring */
static bool use_chunk_of_buffer(struct user *user)
{
	struct l4shm_buf_chunk_head *head = l4shmc_chunk_ptr(&user->buf_chunk);
	const l4_umword_t size = BUF_SIZE - sizeof(*head);
	char *packet = room(500);
	int ret = l4shm_buf_chunk_init(head, size);

	CHECK(ret == 0 || ret == -L4_EIO);
	ret = l4shm_buf_chunk_tx(head, size, packet, test_random(&user->seed) % 500);
	CHECK(is_possible(ret));
	ret = l4shm_buf_chunk_tx_free(head, size);
	CHECK(ret == -L4_EIO || (ret >= 0 && ret <= BUF_SIZE));
	ret = l4shm_buf_chunk_rx_len(head, size);
	CHECK((ret >= 0 && ret <= BUF_SIZE) || is_possible_of_buffers(ret));
	ret = l4shm_buf_chunk_rx(head, size, packet, 500);
	CHECK(is_possible_of_buffers(ret) || ret == -L4_EMSGTOOLONG);
	ret = l4shm_buf_chunk_rx_drop(head, size);
	CHECK(is_possible_of_buffers(ret));
	if (ret == -L4_EIO)
		reset_buffer(user);
	free(packet);
	return true;
}

static long enter(struct user *user);

static bool come_again(struct user *user)
{
	leave_ring(user);
	CHECK(l4shmc_detach(&user->second) == 0);
	CHECK(l4shmc_detach(&user->area) == 0);
	return enter(user) == 0;
}

static const struct {
	const char *name;
	bool (*run)(struct user *user);
	unsigned int weight;
} user_ops[] = {
	{ "write_chunk", write_chunk, 20 },
	{ "read_chunk", read_chunk, 20 },
	{ "look_at_chunk", look_at_chunk, 5 },
	{ "trigger", trigger, 10 },
	{ "wait_for_signal", wait_for_signal, 10 },
	{ "call", call, 5 },
	{ "wait_for_any", wait_for_any, 3 },
	{ "wait_for_clients", wait_for_clients, 3 },
	{ "list_chunks", list_chunks, 3 },
	{ "get_chunk", get_chunk, 3 },
	{ "ask_the_driver", ask_the_driver, 3 },
	{ "use_ring", use_ring, 30 },
	{ "fill_ring", fill_ring, 15 },
	{ "block_on_ring", block_on_ring, 3 },
	{ "leave_ring", leave_ring, 5 },
	{ "use_buffer", use_buffer, 20 },
	{ "use_parts", use_parts, 10 },
	{ "use_chunk_of_buffer", use_chunk_of_buffer, 10 },
	{ "come_again", come_again, 1 },
};

static unsigned int choose_op(__u32 *seed)
{
	unsigned int all = 0, i;

	for (i = 0; i < ARRAY_SIZE(user_ops); i++)
		all += user_ops[i].weight;
	all = test_random(seed) % all;
	for (i = 0; all >= user_ops[i].weight; i++)
		all -= user_ops[i].weight;
	return i;
}

/* What the ring has */
static long get_ring(struct user *user)
{
	l4shmc_ringbuf_t ring;
	long ret = l4shmc_rb_init_buffer(&ring, &user->area, "ring", "ring", RING_SIZE);

	if (ret == 0)
		l4shmc_rb_deinit_buffer(&ring);
	ret = l4shmc_get_chunk(&user->area, "ring", &user->ring);
	return ret ? ret : l4shmc_get_chunk(&user->area, "ring_rx", &user->ring_rx);
}

static long get_or_add(struct user *user, const char *name, l4_umword_t capacity,
		       l4shmc_chunk_t *chunk)
{
	long ret = l4shmc_get_chunk(&user->area, name, chunk);

	return ret ? l4shmc_add_chunk(&user->area, name, capacity, chunk) : 0;
}

static long add_fillers(struct user *user)
{
	char name[L4SHMC_NAME_SIZE];
	l4shmc_chunk_t chunk;
	long ret = 0;

	for (unsigned int i = FILLERS; !ret && i > 0; i--) {
		snprintf(name, sizeof(name), "filler %u", i);
		ret = get_or_add(user, name, 1, &chunk);
	}
	return ret;
}

/* Attached first, it is client 0, and the chunks are there afterwards. */
static long enter(struct user *user)
{
	const char *name = user->self->name;

	if (l4shmc_attach(name, &user->area) || l4shmc_attach(name, &user->second) ||
	    get_or_add(user, "c", CAPACITY, &user->chunk) ||
	    get_or_add(user, "buf", BUF_SIZE, &user->buf_chunk) || get_ring(user) ||
	    l4shmc_add_signal(&user->area, "s", &user->signal) || add_fillers(user) ||
	    get_or_add(user, "d", CAPACITY, &user->other) ||
	    l4shmc_get_signal(&user->area, "t", &user->counter) ||
	    l4shmc_connect_chunk_signal(&user->chunk, &user->signal) ||
	    l4shmc_connect_chunk_signal(&user->other, &user->counter))
		return -1;
	/* Again, should somebody have written over it at once */
	for (unsigned int i = 0; i < 1000; i++)
		if (reset_buffer(user))
			return 0;
	return -1;
}

/* The good area, where every byte and every event is as it should be */

static unsigned char byte_of(unsigned int turn, unsigned int at)
{
	return (unsigned char)(turn * 7 + at);
}

static bool enter_good(struct user *user)
{
	return l4shmc_attach(user->self->good, &user->good) == 0 &&
	       /* The other side may be just as far. */
	       (l4shmc_add_chunk(&user->good, "m", MESSAGE, &user->message) == 0 ||
		l4shmc_get_chunk(&user->good, "m", &user->message) == 0) &&
	       l4shmc_add_counting_signal(&user->good, "ask", &user->ask) == 0 &&
	       l4shmc_add_counting_signal(&user->good, "reply", &user->reply) == 0;
}

static void fill_message(struct user *user, unsigned int turn)
{
	unsigned char *bytes = l4shmc_chunk_ptr(&user->message);

	for (unsigned int i = 0; i < MESSAGE; i++)
		bytes[i] = byte_of(turn, i);
	CHECK(l4shmc_chunk_ready(&user->message, MESSAGE - turn % 16) == 0);
}

static void take_message(struct user *user, unsigned int turn)
{
	unsigned char *bytes = l4shmc_chunk_ptr(&user->message);

	CHECK(l4shmc_chunk_try_to_take_for_reading(&user->message) == 0);
	CHECK(l4shmc_chunk_size(&user->message) == (long)(MESSAGE - turn % 16));
	for (unsigned int i = 0; i < MESSAGE; i++)
		CHECK(bytes[i] == byte_of(turn, i));
	CHECK(l4shmc_chunk_consumed(&user->message) == 0);
}

static int echo(void *arg)
{
	struct user user = { .self = arg };

	CHECK(enter_good(&user));
	for (unsigned int turn = 0; true; turn += 2) {
		CHECK(l4shmc_wait_signal(&user.ask) == 0);
		take_message(&user, turn);
		CHECK(l4shmc_chunk_try_to_take(&user.message) == 0);
		fill_message(&user, turn + 1);
		CHECK(l4shmc_trigger(&user.reply) == 0);
	}
	return 1;
}

static void exchange(struct user *user)
{
	CHECK(l4shmc_chunk_try_to_take(&user->message) == 0);
	fill_message(user, user->turn);
	CHECK(l4shmc_trigger(&user->ask) == 0);
	CHECK(l4shmc_wait_signal_to(&user->reply, l4_timeout(L4_IPC_TIMEOUT_NEVER,
							     l4_timeout_from_us(20000000))) == 0);
	take_message(user, user->turn + 1);
	CHECK(l4shmc_wait_signal_try(&user->reply) == TIMED_OUT);
	user->turn += 2;
}

static int use_library(void *arg)
{
	FIXTURE_DATA(hostile) *self = arg;
	struct user user = { .self = self, .seed = self->seed };

	CHECK(enter_good(&user));
	CHECK(enter(&user) == 0);
	/* The ring has two of its own. */
	user.chunks = 5 + FILLERS;
	CHECK(l4shmc_mark_client_initialized(&user.area) == 0);
	__atomic_store_n(&self->shared->ready, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&self->shared->writes, __ATOMIC_ACQUIRE))
		nap_us(100);
	for (unsigned int i = rounds(4000); i > 0; i--) {
		__atomic_store_n(&self->shared->op, choose_op(&user.seed), __ATOMIC_RELEASE);
		CHECK(user_ops[self->shared->op].run(&user));
		if (i % 16 == 0)
			exchange(&user);
		__atomic_fetch_add(&self->shared->done, 1, __ATOMIC_SEQ_CST);
	}
	return 0;
}

/* No operation may take for ever. */
static bool ends(struct __test_metadata *_metadata, FIXTURE_DATA(hostile) * self, pid_t pid)
{
	siginfo_t info = { 0 };
	unsigned int done;

	do {
		done = __atomic_load_n(&self->shared->done, __ATOMIC_SEQ_CST);
		if (!WAIT_UNTIL(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
				info.si_pid ||
				__atomic_load_n(&self->shared->done, __ATOMIC_SEQ_CST) != done)) {
			TH_LOG("hangs in %s", user_ops[self->shared->op].name);
			kill(pid, SIGKILL);
			return false;
		}
	} while (!info.si_pid);
	return true;
}

TEST_F_TIMEOUT(hostile, attack_20_library_among_hostile_peers, 36000)
{
	struct scribbler scribblers[PEERS];
	pid_t user, peers[PEERS], other;
	int result;

	other = spawn(echo, self);
	user = spawn(use_library, self);
	/* Client 0 is the user; that one is the only thing that is settled. */
	ASSERT_TRUE(WAIT_UNTIL(__atomic_load_n(&self->shared->ready, __ATOMIC_ACQUIRE)));
	for (unsigned int i = 0; i < PEERS; i++) {
		scribblers[i] = (struct scribbler){
			.self = self, .variant = variant, .seed = ~(self->seed ^ i << 16),
		};
		peers[i] = spawn(scribble, &scribblers[i]);
	}
	EXPECT_TRUE(ends(_metadata, self, user));
	result = reap(user);
	EXPECT_EQ(0, result) {
		TH_LOG("ended with %d in %s", result, user_ops[self->shared->op].name);
	}
	EXPECT_EQ(rounds(4000), self->shared->done);
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < PEERS; i++)
		EXPECT_EQ(0, reap(peers[i]));
	EXPECT_GT(self->shared->writes, 0);
	/* The one of the good area sleeps; it has found no fault. */
	EXPECT_EQ(0, waitpid(other, NULL, WNOHANG));
	kill_child(other);
	TH_LOG("%u operations, %u values", self->shared->done, self->shared->writes);
	EXPECT_TRUE(WAIT_UNTIL(sysfs_number(self->name, "clients") == 0));
}

TEST_HARNESS_MAIN
