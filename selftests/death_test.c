// SPDX-License-Identifier: GPL-2.0-only
/*
 * Death: clients that end in every state a chunk can be in, while they wait,
 * between a trigger and its ring, at random moments.  What they leave is taken
 * back, the others are told, and nothing else happens to them.
 */
#include "common.h"

#define CAPACITY 16384

FIXTURE(death)
{
	struct area area;
	union l4shmc_record *control;
	struct l4shmc_chunk_record *chunk;
	struct l4shmc_signal_record *record, *reply_record;
	unsigned char *payload;
	int fd, reply, clients;
	/* What processes tell each other */
	struct {
		unsigned int taken, last, bad, stop, ready;
	} *shared;
	int ready[2], counting;
};

/* What is added to the area by whoever sets it up */
static bool add_objects(FIXTURE_DATA(death) * self)
{
	struct l4shmc_ioc_chunk_next next;
	int index = chunk_add(self->area.fd, "c", CAPACITY);

	self->fd = signal_open(self->area.fd, "s", 0);
	self->reply = signal_open(self->area.fd, "reply", 0);
	self->clients = signal_open(self->area.fd, L4SHMC_SIGNAL_CLIENTS, 0);
	if (index < 0 || self->fd < 0 || self->reply < 0 || self->clients < 0 ||
	    chunk_next(self->area.fd, (__u32)index, &next) != index)
		return false;
	self->chunk = &self->control[index].chunk;
	self->payload += next.offset;
	self->record = signal_record(self->control, self->fd);
	self->reply_record = signal_record(self->control, self->reply);
	return self->record && self->reply_record;
}

FIXTURE_SETUP(death)
{
	if (!make_area_with_records(_metadata, &self->area, &self->control))
		return;
	self->payload = map_data(self->area.fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, self->payload);
	ASSERT_TRUE(add_objects(self));
	self->shared = shared_page();
	ASSERT_NE(NULL, self->shared);
	ASSERT_EQ(0, pipe2(self->ready, O_CLOEXEC));
}

FIXTURE_TEARDOWN(death)
{
	drop_area(&self->area);
}

static __u32 clients(FIXTURE_DATA(death) * self)
{
	struct l4shmc_ioc_area_info info;

	return area_info(self->area.handle, &info) ? ~0U : info.clients;
}

/* Another client of the same area, in another process, with mappings of its own */
struct client {
	int fd;
	__u32 number;
	union l4shmc_record *control;
	struct l4shmc_chunk_record *chunk;
	__u32 *payload;
};

static bool become_client(FIXTURE_DATA(death) * self, struct client *client)
{
	struct l4shmc_ioc_chunk_next next;
	struct l4shmc_ioc_area_info info;
	unsigned char *data;
	int index;

	client->fd = area_attach(self->area.handle, "", 0);
	client->control = map_control(client->fd, PROT_READ | PROT_WRITE);
	data = map_data(client->fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);
	index = chunk_find(client->fd, "c", 0);
	if (client->fd < 0 || client->control == MAP_FAILED || data == MAP_FAILED || index < 0 ||
	    chunk_next(client->fd, (__u32)index, &next) < 0 || area_info(client->fd, &info))
		return false;
	client->number = info.client;
	client->chunk = &client->control[index].chunk;
	client->payload = (__u32 *)(data + next.offset);
	return true;
}

static void tell_ready(FIXTURE_DATA(death) * self)
{
	if (write(self->ready[1], "", 1) != 1)
		_exit(1);
}

static void await_ready(struct __test_metadata *_metadata, FIXTURE_DATA(death) * self)
{
	char byte;

	ASSERT_EQ(1, read(self->ready[0], &byte, 1));
}

/* How a client ends */
enum end { KILLED, EXITS, DETACHES, CRASHES, EXECS };

/* One chunk, in each state, and a client that ends */
FIXTURE(state)
{
	FIXTURE_DATA(death) death;
};

/* @owner: the client that ends, unless it is told here */
FIXTURE_VARIANT(state)
{
	__u32 before, after;
	bool other_owner;
	__u32 owner;
	unsigned int recovered;
};

FIXTURE_VARIANT_ADD(state, clear)
{
	.before = L4SHMC_CHUNK_CLEAR, .after = L4SHMC_CHUNK_CLEAR, .other_owner = true,
};

FIXTURE_VARIANT_ADD(state, writing)
{
	.before = L4SHMC_CHUNK_BUSY_WRITING, .after = L4SHMC_CHUNK_CLEAR, .recovered = 1,
};

FIXTURE_VARIANT_ADD(state, ready)
{
	.before = L4SHMC_CHUNK_READY, .after = L4SHMC_CHUNK_READY, .other_owner = true,
};

FIXTURE_VARIANT_ADD(state, reading)
{
	.before = L4SHMC_CHUNK_BUSY_READING, .after = L4SHMC_CHUNK_READY, .recovered = 1,
};

FIXTURE_VARIANT_ADD(state, writing_of_the_survivor)
{
	.before = L4SHMC_CHUNK_BUSY_WRITING, .after = L4SHMC_CHUNK_BUSY_WRITING,
	.other_owner = true,
};

FIXTURE_VARIANT_ADD(state, reading_of_the_survivor)
{
	.before = L4SHMC_CHUNK_BUSY_READING, .after = L4SHMC_CHUNK_BUSY_READING,
	.other_owner = true,
};

FIXTURE_VARIANT_ADD(state, writing_of_nobody)
{
	.before = L4SHMC_CHUNK_BUSY_WRITING, .after = L4SHMC_CHUNK_BUSY_WRITING,
	.other_owner = true, .owner = 4711,
};

FIXTURE_VARIANT_ADD(state, reading_of_the_largest_number)
{
	.before = L4SHMC_CHUNK_BUSY_READING, .after = L4SHMC_CHUNK_BUSY_READING,
	.other_owner = true, .owner = 0xffffff,
};

FIXTURE_VARIANT_ADD(state, undefined)
{
	.before = 0x42, .after = 0x42,
};

FIXTURE_SETUP(state)
{
	death_setup(_metadata, &self->death, NULL);
}

FIXTURE_TEARDOWN(state)
{
	drop_area(&self->death.area);
}

struct victim {
	const FIXTURE_VARIANT(state) * variant;
	FIXTURE_DATA(death) * death;
	enum end end;
};

static __u32 word_before(const FIXTURE_VARIANT(state) * variant, __u32 victim)
{
	return variant->before | (variant->other_owner ? variant->owner : victim) <<
				 L4SHMC_CHUNK_OWNER_SHIFT;
}

static int end_in_state(void *arg)
{
	struct victim *victim = arg;
	struct client client;

	CHECK(become_client(victim->death, &client));
	CHECK(client.number == 1);
	client.chunk->message_size = 99;
	store32(&client.chunk->state, word_before(victim->variant, client.number));
	tell_ready(victim->death);
	switch (victim->end) {
	case EXITS:
		return 0;
	case DETACHES:
		close(client.fd);
		munmap(client.control, L4SHMC_CONTROL_SIZE);
		tell_ready(victim->death);
		break;
	case CRASHES:
		prctl(PR_SET_DUMPABLE, 0);
		__builtin_trap();
	case EXECS:
		dup2(victim->death->ready[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", "echo; exec sleep 1000", NULL);
		return 1;
	case KILLED:
		break;
	}
	pause();
	return 1;
}

static void expect_recovery(struct __test_metadata *_metadata, FIXTURE_DATA(state) * self,
			    const FIXTURE_VARIANT(state) * variant, enum end end)
{
	FIXTURE_DATA(death) * death = &self->death;
	struct victim victim = { .variant = variant, .death = death, .end = end };
	__u32 owner = variant->other_owner ? variant->owner : variant->before == 0x42 ? 1 : 0;
	pid_t pid = spawn(end_in_state, &victim);

	await_ready(_metadata, death);
	if (end == DETACHES || end == EXECS)
		await_ready(_metadata, death);
	else if (end == KILLED)
		kill(pid, SIGKILL);
	if (end != DETACHES && end != EXECS)
		reap(pid);
	EXPECT_EQ(1, clients(death));
	EXPECT_EQ(variant->after | owner << L4SHMC_CHUNK_OWNER_SHIFT, death->chunk->state);
	EXPECT_EQ(variant->recovered, death->chunk->recovered);
	EXPECT_EQ(99, death->chunk->message_size);
	if (end == DETACHES || end == EXECS)
		kill_child(pid);
}

TEST_F(state, attack_50_owner_of_a_client_that_is_killed)
{
	expect_recovery(_metadata, self, variant, KILLED);
}

TEST_F(state, attack_50_owner_of_a_client_that_exits)
{
	expect_recovery(_metadata, self, variant, EXITS);
}

TEST_F(state, attack_50_owner_of_a_client_that_detaches)
{
	expect_recovery(_metadata, self, variant, DETACHES);
}

TEST_F(state, attack_50_owner_of_a_client_that_crashes)
{
	expect_recovery(_metadata, self, variant, CRASHES);
}

TEST_F(state, attack_50_owner_of_a_client_that_execs)
{
	expect_recovery(_metadata, self, variant, EXECS);
}

/* Recovery and the news of it */

static int write_and_wait(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;

	CHECK(become_client(self, &client));
	CHECK(swap32(&client.chunk->state, 0,
		     chunk_state(L4SHMC_CHUNK_BUSY_WRITING, client.number)));
	tell_ready(self);
	pause();
	return 1;
}

/* Who is told of a death finds all that was to be done about it done. */
TEST_F(death, attack_47_is_told_after_the_recovery)
{
	for (unsigned int i = 1; i <= 20; i++) {
		pid_t pid = spawn(write_and_wait, self);

		await_ready(_metadata, self);
		while (signal_wait(self->clients, 0) == 0)
			;
		kill(pid, SIGKILL);
		ASSERT_EQ(0, signal_wait(self->clients, L4SHMC_TIMEOUT_NEVER));
		EXPECT_EQ(0, self->chunk->state);
		EXPECT_EQ(i, self->chunk->recovered);
		EXPECT_EQ(1, clients(self));
		reap(pid);
	}
}

TEST_F(death, is_counted_in_sysfs_whatever_the_record_says)
{
	pid_t pid = spawn(write_and_wait, self);

	await_ready(_metadata, self);
	self->chunk->recovered = 1000;
	kill_child(pid);
	EXPECT_EQ(1, sysfs_number(self->area.name, "chunks/c/recovered"));
	EXPECT_EQ(1, self->chunk->recovered);
}

/* Of the same number, but somebody else */
TEST_F(death, attack_49_of_a_predecessor_is_of_no_concern)
{
	pid_t first = spawn(write_and_wait, self), second;

	await_ready(_metadata, self);
	kill_child(first);
	second = spawn(write_and_wait, self);
	await_ready(_metadata, self);
	EXPECT_EQ(chunk_state(L4SHMC_CHUNK_BUSY_WRITING, 1), self->chunk->state);
	nap_us(5000);
	EXPECT_EQ(chunk_state(L4SHMC_CHUNK_BUSY_WRITING, 1), self->chunk->state);
	kill_child(second);
	EXPECT_EQ(0, self->chunk->state);
	EXPECT_EQ(2, self->chunk->recovered);
}

/* The process is gone, its child still has the client: nothing is recovered yet. */
static int leave_to_a_child(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;
	pid_t pid;

	CHECK(become_client(self, &client));
	store32(&client.chunk->state, chunk_state(L4SHMC_CHUNK_BUSY_WRITING, client.number));
	close(client.fd);
	pid = fork();
	if (pid == 0) {
		self->shared->taken = (unsigned int)getpid();
		tell_ready(self);
		pause();
	}
	return pid < 0;
}

TEST_F(death, with_the_mapping_left_to_a_child)
{
	pid_t grandchild;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ASSERT_EQ(0, run_child(leave_to_a_child, self));
	await_ready(_metadata, self);
	grandchild = (pid_t)self->shared->taken;
	EXPECT_EQ(2, clients(self));
	EXPECT_EQ(chunk_state(L4SHMC_CHUNK_BUSY_WRITING, 1), self->chunk->state);
	kill_child(grandchild);
	EXPECT_EQ(1, clients(self));
	EXPECT_EQ(0, self->chunk->state);
}

/* Waits */

static int wait_for_signal(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;

	CHECK(become_client(self, &client));
	return signal_wait(signal_open(client.fd, "s", 0), L4SHMC_TIMEOUT_NEVER) != 0;
}

static int call_signal(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;

	CHECK(become_client(self, &client));
	return signal_call(signal_open(client.fd, "s", 0), self->reply,
			   L4SHMC_TIMEOUT_NEVER) != 0;
}

static int wait_for_chunk(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;

	CHECK(become_client(self, &client));
	return chunk_find(client.fd, "never", L4SHMC_TIMEOUT_NEVER) < 0;
}

static int wait_for_area(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;

	CHECK(become_client(self, &client));
	return area_attach_to(self->area.dev, "\xf8", 0, L4SHMC_TIMEOUT_NEVER) < 0;
}

static int wait_for_clients(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;
	int fd;

	CHECK(become_client(self, &client));
	fd = signal_open(client.fd, L4SHMC_SIGNAL_CLIENTS, 0);
	while (signal_wait(fd, 0) == 0)
		;
	return signal_wait(fd, L4SHMC_TIMEOUT_NEVER) != 0;
}

TEST_F(death, attack_47_in_every_kind_of_wait)
{
	static int (*const waits[])(void *) = {
		wait_for_signal, call_signal, wait_for_chunk, wait_for_area, wait_for_clients,
	};
	unsigned int fds = open_fds();

	for (unsigned int i = 0; i < ARRAY_SIZE(waits); i++) {
		pid_t pid = spawn(waits[i], self);

		ASSERT_TRUE(WAIT_UNTIL(clients(self) == 2 && task_state(pid) == 'S'));
		kill(pid, SIGKILL);
		ASSERT_EQ(128 + SIGKILL, reap(pid));
		EXPECT_EQ(1, clients(self));
		EXPECT_EQ(0, self->record->armed);
		EXPECT_EQ(0, signal_waiters(self->area.name, "s"));
	}
	EXPECT_EQ(fds, open_fds());
	/* All of it goes on as before. */
	signal_wait(self->reply, 0);
	EXPECT_EQ(0, signal_call(self->reply, self->reply, 0));
	EXPECT_GE(chunk_add(self->area.fd, "never", 64), 0);
	EXPECT_GE(area_create(self->area.dev, "\xf8", 1, 0600, 0), 0);
}

static int wait_here(void *arg)
{
	FIXTURE_DATA(death) * self = arg;

	CHECK(signal_wait(self->fd, L4SHMC_TIMEOUT_NEVER) == 0);
	return 0;
}

/* Has counted the event up when it dies, and not rung. */
static int trigger_half(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;
	struct l4shmc_signal_record *record;

	CHECK(become_client(self, &client));
	record = signal_record(client.control, self->fd);
	CHECK(record->armed);
	__atomic_fetch_add(&record->triggered, 1, __ATOMIC_SEQ_CST);
	kill(getpid(), SIGKILL);
	return 1;
}

TEST_F(death, attack_47_between_trigger_and_ring)
{
	for (unsigned int i = rounds(20); i > 0; i--) {
		pid_t sleeper = spawn(wait_here, self);

		ASSERT_TRUE(WAIT_UNTIL(signal_waiters(self->area.name, "s") == 1));
		ASSERT_EQ(128 + SIGKILL, run_child(trigger_half, self));
		ASSERT_EQ(0, reap(sleeper));
	}
}

/* The same of one who only stands still, and then goes on or is killed */
static int trigger_half_and_stop(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;
	struct l4shmc_signal_record *record;

	CHECK(become_client(self, &client));
	record = signal_record(client.control, self->fd);
	__atomic_fetch_add(&record->triggered, 1, __ATOMIC_SEQ_CST);
	raise(SIGSTOP);
	CHECK(signal_ring(self->fd) == 0);
	return 0;
}

TEST_F(death, attack_44_stopped_between_trigger_and_ring)
{
	for (unsigned int i = 0; i < 2; i++) {
		pid_t sleeper = spawn(wait_here, self), producer;

		ASSERT_TRUE(WAIT_UNTIL(signal_waiters(self->area.name, "s") == 1 &&
				       task_sleeps(sleeper)));
		producer = spawn(trigger_half_and_stop, self);
		ASSERT_TRUE(WAIT_UNTIL(task_state(producer) == 'T'));
		/* Who looks sees the event; who sleeps is not woken for it. */
		nap_us(20000);
		EXPECT_EQ(1, signal_number(self->area.name, "s", "pending"));
		EXPECT_TRUE(task_sleeps(sleeper));
		kill(producer, i ? SIGKILL : SIGCONT);
		EXPECT_EQ(i ? 128 + SIGKILL : 0, reap(producer));
		EXPECT_EQ(0, reap(sleeper));
	}
}

static int poll_here(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct pollfd poller = { .fd = self->fd, .events = POLLIN };

	CHECK(poll(&poller, 1, -1) == 1);
	return 0;
}

TEST_F(death, attack_47_between_trigger_and_ring_for_a_poller)
{
	pid_t poller = spawn(poll_here, self);

	ASSERT_TRUE(WAIT_UNTIL(load32(&self->record->armed) && task_state(poller) == 'S'));
	ASSERT_EQ(128 + SIGKILL, run_child(trigger_half, self));
	EXPECT_EQ(0, reap(poller));
	EXPECT_EQ(0, signal_wait(self->fd, 0));
}

/* The same, of a process that has a mapping and shares the client with others. */
static int trigger_half_in_a_copy(void *arg)
{
	FIXTURE_DATA(death) * self = arg;

	__atomic_fetch_add(&self->record->triggered, 1, __ATOMIC_SEQ_CST);
	kill(getpid(), SIGKILL);
	return 1;
}

TEST_F(death, attack_47_between_trigger_and_ring_of_a_copy)
{
	pid_t sleeper = spawn(wait_here, self);

	ASSERT_TRUE(WAIT_UNTIL(signal_waiters(self->area.name, "s") == 1));
	ASSERT_EQ(128 + SIGKILL, run_child(trigger_half_in_a_copy, self));
	EXPECT_EQ(0, reap(sleeper));
	EXPECT_EQ(1, clients(self));
}

#define SLEEPERS 3

/* Stays: the driver looks at the signal when a descriptor is closed. */
static int wait_and_stay(void *arg)
{
	FIXTURE_DATA(death) * self = arg;

	CHECK(signal_wait(self->counting, L4SHMC_TIMEOUT_NEVER) == 0);
	__atomic_fetch_add(&self->shared->taken, 1, __ATOMIC_SEQ_CST);
	pause();
	return 1;
}

/* Of several threads, say: an event for each sleeper, and no ring */
static int trigger_for_all(void *arg)
{
	struct l4shmc_signal_record *record = arg;

	__atomic_fetch_add(&record->triggered, SLEEPERS, __ATOMIC_SEQ_CST);
	kill(getpid(), SIGKILL);
	return 1;
}

/* One descriptor is closed, so all have to be woken at once. */
TEST_F(death, attack_47_between_several_triggers_and_their_rings)
{
	pid_t sleepers[SLEEPERS];

	self->counting = signal_open(self->area.fd, "counting", L4SHMC_SIGNAL_COUNTING);
	ASSERT_GE(self->counting, 0);
	for (unsigned int i = 0; i < SLEEPERS; i++)
		sleepers[i] = spawn(wait_and_stay, self);
	ASSERT_TRUE(WAIT_UNTIL(signal_waiters(self->area.name, "counting") == SLEEPERS));
	ASSERT_EQ(128 + SIGKILL,
		  run_child(trigger_for_all, signal_record(self->control, self->counting)));
	EXPECT_TRUE(WAIT_UNTIL(load32(&self->shared->taken) == SLEEPERS));
	for (unsigned int i = 0; i < SLEEPERS; i++)
		kill_child(sleepers[i]);
}

/* Random moments */

/* Fills one message after the other; all words of a message are its number. */
static int produce(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;

	CHECK(become_client(self, &client));
	while (1) {
		__u32 number = __atomic_add_fetch(&self->shared->last, 1, __ATOMIC_SEQ_CST);

		while (!swap32(&client.chunk->state, L4SHMC_CHUNK_CLEAR,
			       chunk_state(L4SHMC_CHUNK_BUSY_WRITING, client.number)))
			signal_wait(self->reply, NS_PER_MS);
		for (unsigned int i = 0; i < CAPACITY / sizeof(number); i++)
			__atomic_store_n(&client.payload[i], number, __ATOMIC_RELAXED);
		client.chunk->message_size = CAPACITY;
		store32(&client.chunk->state, L4SHMC_CHUNK_READY);
		record_trigger(self->record, self->fd);
	}
	return 1;
}

static void check_message(FIXTURE_DATA(death) * self, const __u32 *words, __u64 size)
{
	bool good = size == CAPACITY;

	for (unsigned int i = 1; i < CAPACITY / sizeof(*words); i++)
		good = good && words[i] == words[0];
	if (good)
		__atomic_fetch_add(&self->shared->taken, 1, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_add(&self->shared->bad, 1, __ATOMIC_SEQ_CST);
}

static void *consume(void *arg)
{
	FIXTURE_DATA(death) * self = arg;

	while (!__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE)) {
		if (record_wait(self->record, self->fd, false))
			__atomic_fetch_add(&self->shared->bad, 1, __ATOMIC_SEQ_CST);
		if (!swap32(&self->chunk->state, L4SHMC_CHUNK_READY,
			    chunk_state(L4SHMC_CHUNK_BUSY_READING, 0)))
			continue;
		check_message(self, (__u32 *)self->payload, self->chunk->message_size);
		store32(&self->chunk->state, L4SHMC_CHUNK_CLEAR);
		record_trigger(self->reply_record, self->reply);
	}
	return NULL;
}

/*
 * A producer may die after its message is ready and before it has told so: whom
 * it would have told looks again when the driver tells of the death.
 */
static void *watch_clients(void *arg)
{
	FIXTURE_DATA(death) * self = arg;

	while (!__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE)) {
		if (signal_wait(self->clients, 100 * NS_PER_MS) == 0)
			record_trigger(self->record, self->fd);
	}
	return NULL;
}

/*
 * The consumer waits all the time. Each producer is known to have got one
 * message through before it is killed somewhere in the next ones.
 */
TEST_F_TIMEOUT(death, attack_47_of_200_producers_at_random_moments, 300)
{
	unsigned int fds = open_fds();
	__u32 seed = test_seed();
	pthread_t consumer, watcher;

	TH_LOG("seed %u", seed);
	ASSERT_EQ(0, pthread_create(&consumer, NULL, consume, self));
	ASSERT_EQ(0, pthread_create(&watcher, NULL, watch_clients, self));
	for (unsigned int i = rounds(200); i > 0; i--) {
		unsigned int taken = __atomic_load_n(&self->shared->taken, __ATOMIC_SEQ_CST);
		pid_t pid = spawn(produce, self);

		ASSERT_TRUE(WAIT_UNTIL(__atomic_load_n(&self->shared->taken, __ATOMIC_SEQ_CST) >
				       taken));
		nap_us(test_random(&seed) % 2048);
		kill(pid, SIGKILL);
		ASSERT_EQ(128 + SIGKILL, reap(pid));
		ASSERT_EQ(1, clients(self));
		ASSERT_NE(chunk_state(L4SHMC_CHUNK_BUSY_WRITING, 1), load32(&self->chunk->state));
		ASSERT_EQ(0, self->shared->bad);
	}
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(watcher, NULL));
	signal_trigger(self->fd);
	ASSERT_EQ(0, pthread_join(consumer, NULL));
	EXPECT_EQ(fds, open_fds());
	EXPECT_EQ(DEFAULT_AREA_SIZE - CAPACITY, sysfs_number(self->area.name, "free"));
	/* That all of them died between two messages is as good as impossible. */
	EXPECT_TRUE(rounds(200) < 100 || self->chunk->recovered > 0);
}

/* Takes messages and notes the number of the last one just before it is consumed. */
static int consume_in_order(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;

	CHECK(become_client(self, &client));
	tell_ready(self);
	while (1) {
		__u32 number;

		if (!swap32(&client.chunk->state, L4SHMC_CHUNK_READY,
			    chunk_state(L4SHMC_CHUNK_BUSY_READING, client.number))) {
			signal_wait(self->fd, NS_PER_MS);
			continue;
		}
		number = load32(client.payload);
		/* Once more after a death, never left out */
		if (number != self->shared->taken && number != self->shared->taken + 1)
			self->shared->bad++;
		for (unsigned int i = 0; i < 2000; i++)
			__asm__ volatile("" ::: "memory");
		self->shared->taken = number;
		store32(&client.chunk->state, L4SHMC_CHUNK_CLEAR);
		record_trigger(self->reply_record, self->reply);
	}
	return 1;
}

static void *produce_in_order(void *arg)
{
	FIXTURE_DATA(death) * self = arg;

	for (__u32 number = 1; !__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE); number++) {
		while (!swap32(&self->chunk->state, L4SHMC_CHUNK_CLEAR,
			       chunk_state(L4SHMC_CHUNK_BUSY_WRITING, 0))) {
			if (__atomic_load_n(&self->shared->stop, __ATOMIC_ACQUIRE))
				return NULL;
			signal_wait(self->reply, NS_PER_MS);
		}
		store32((__u32 *)self->payload, number);
		self->chunk->message_size = sizeof(number);
		store32(&self->chunk->state, L4SHMC_CHUNK_READY);
		record_trigger(self->record, self->fd);
	}
	return NULL;
}

TEST_F_TIMEOUT(death, attack_47_of_100_consumers_loses_no_message, 300)
{
	__u32 seed = test_seed();
	pthread_t producer;

	TH_LOG("seed %u", seed);
	ASSERT_EQ(0, pthread_create(&producer, NULL, produce_in_order, self));
	for (unsigned int i = rounds(100); i > 0; i--) {
		pid_t pid = spawn(consume_in_order, self);

		await_ready(_metadata, self);
		nap_us(test_random(&seed) % 2048);
		kill(pid, SIGKILL);
		ASSERT_EQ(128 + SIGKILL, reap(pid));
		ASSERT_EQ(0, self->shared->bad);
		ASSERT_NE(chunk_state(L4SHMC_CHUNK_BUSY_READING, 1), load32(&self->chunk->state));
	}
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(producer, NULL));
	EXPECT_GT(self->shared->taken, 0);
	EXPECT_EQ(1, clients(self));
}

static int create_all_the_time(void *arg)
{
	FIXTURE_DATA(death) * self = arg;

	tell_ready(self);
	while (1) {
		int handle = area_create(self->area.dev, "\xf8", 1 << 20, 0600, 0);

		CHECK(handle >= 0);
		CHECK(chunk_add(area_attach(handle, "", 0), "c", 64) >= 0);
		close(handle);
		close(handle + 1);
	}
	return 1;
}

TEST_F(death, attack_47_in_the_middle_of_a_creation)
{
	__u32 seed = test_seed();

	TH_LOG("seed %u", seed);
	for (unsigned int i = rounds(30); i > 0; i--) {
		pid_t pid = spawn(create_all_the_time, self);

		await_ready(_metadata, self);
		nap_us(test_random(&seed) % 4096);
		kill(pid, SIGKILL);
		ASSERT_EQ(128 + SIGKILL, reap(pid));
		ASSERT_ERR(ENOENT, area_attach(self->area.dev, "\xf8", 0));
	}
}

TEST_F(death, attack_47_of_many_at_once)
{
	pid_t pids[40];

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(wait_for_signal, self);
	ASSERT_TRUE(WAIT_UNTIL(clients(self) == 1 + ARRAY_SIZE(pids)));
	ASSERT_TRUE(WAIT_UNTIL(signal_waiters(self->area.name, "s") == (long)ARRAY_SIZE(pids)));
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		kill(pids[i], SIGKILL);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(128 + SIGKILL, reap(pids[i]));
	EXPECT_EQ(1, clients(self));
	EXPECT_EQ(0, self->record->armed);
}

static void *wait_in_thread(void *arg)
{
	FIXTURE_DATA(death) * self = arg;

	/* The last thread to end takes the client along. */
	_exit(signal_wait(self->fd, L4SHMC_TIMEOUT_NEVER) != 0);
}

static int main_goes_first(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;
	pthread_t thread;

	CHECK(become_client(self, &client));
	CHECK(pthread_create(&thread, NULL, wait_in_thread, self) == 0);
	syscall(SYS_exit, 0);
	return 1;
}

TEST_F(death, attack_51_of_the_main_thread_alone_is_none)
{
	pid_t pid = spawn(main_goes_first, self);

	ASSERT_TRUE(WAIT_UNTIL(signal_waiters(self->area.name, "s") == 1 &&
			       task_state(pid) == 'Z'));
	EXPECT_EQ(2, clients(self));
	EXPECT_EQ(0, signal_trigger(self->fd));
	EXPECT_EQ(0, reap(pid));
	EXPECT_EQ(1, clients(self));
}

#define THREADS 5

/* A thread, the main one too, whose turn it is to end comes here. */
struct ending {
	FIXTURE_DATA(death) * self;
	unsigned int turn;
};

static void *end_in_turn(void *arg)
{
	struct ending *ending = arg;

	while (load32(&ending->self->shared->stop) <= ending->turn)
		nap_us(200);
	/* The thread alone, whichever it is */
	syscall(SYS_exit, 0);
	return NULL;
}

static int end_in_some_order(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	static struct ending endings[THREADS];
	struct client client;
	pthread_t thread;

	CHECK(become_client(self, &client));
	store32(&client.chunk->state, chunk_state(L4SHMC_CHUNK_BUSY_WRITING, client.number));
	for (unsigned int i = 0; i < THREADS; i++) {
		/* The main one is the first; its turn comes at any time. */
		endings[i] = (struct ending){ self, (i + self->shared->taken) % THREADS };
		if (i > 0)
			CHECK(pthread_create(&thread, NULL, end_in_turn, &endings[i]) == 0);
	}
	tell_ready(self);
	end_in_turn(&endings[0]);
	return 1;
}

/* Threads that have not ended; a main thread that has stays listed. */
static unsigned int living_threads(pid_t pid)
{
	char path[64];
	DIR *dir;
	struct dirent *entry;
	unsigned int living = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		char state = entry->d_name[0] == '.' ? 'Z' :
			     task_state((pid_t)strtol(entry->d_name, NULL, 10));

		living += state != 'Z' && state != 'X' && state != 0;
	}
	if (dir)
		closedir(dir);
	return living;
}

/* The client is there until the last of them has ended, whichever that is. */
TEST_F(death, attack_51_threads_and_main_end_in_any_order)
{
	for (unsigned int first = 0; first < THREADS; first++) {
		pid_t pid;

		self->shared->taken = first;
		self->shared->stop = 0;
		pid = spawn(end_in_some_order, self);
		await_ready(_metadata, self);
		for (unsigned int left = THREADS; left > 0; left--) {
			ASSERT_TRUE(WAIT_UNTIL(living_threads(pid) == left));
			EXPECT_EQ(2, clients(self));
			EXPECT_EQ(chunk_state(L4SHMC_CHUNK_BUSY_WRITING, 1), self->chunk->state);
			store32(&self->shared->stop, THREADS - left + 1);
		}
		EXPECT_EQ(0, reap(pid));
		EXPECT_EQ(1, clients(self));
		EXPECT_EQ(0, self->chunk->state);
		EXPECT_EQ(first + 1, self->chunk->recovered);
	}
}

static void *exec_in_thread(void *arg)
{
	execl("/bin/true", "true", NULL);
	return arg;
}

static int exec_beside_a_sleeper(void *arg)
{
	FIXTURE_DATA(death) * self = arg;
	struct client client;
	pthread_t thread;

	CHECK(become_client(self, &client));
	CHECK(pthread_create(&thread, NULL, exec_in_thread, NULL) == 0);
	return signal_wait(self->fd, L4SHMC_TIMEOUT_NEVER) != 0;
}

TEST_F(death, attack_51_exec_in_another_thread)
{
	EXPECT_EQ(0, run_child(exec_beside_a_sleeper, self));
	EXPECT_EQ(1, clients(self));
	EXPECT_EQ(0, signal_waiters(self->area.name, "s"));
	EXPECT_EQ(0, self->record->armed);
}

TEST_F(death, attack_51_of_a_vforked_child_is_not_the_parents)
{
	__u32 word = chunk_state(L4SHMC_CHUNK_BUSY_WRITING, 0);
	pid_t pid;

	store32(&self->chunk->state, word);
	pid = vfork();
	if (pid == 0)
		_exit(7);
	EXPECT_EQ(7, reap(pid));
	EXPECT_EQ(word, self->chunk->state);
	pid = vfork();
	if (pid == 0) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	EXPECT_EQ(0, reap(pid));
	EXPECT_EQ(word, self->chunk->state);
	EXPECT_EQ(1, clients(self));
}

TEST_F(death, of_all_ends_the_area)
{
	char name[L4SHMC_NAME_SIZE];
	pid_t pids[5];

	set_name(name, self->area.name);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(wait_for_signal, self);
	ASSERT_TRUE(WAIT_UNTIL(signal_waiters(name, "s") == (long)ARRAY_SIZE(pids)));
	munmap(self->control, L4SHMC_CONTROL_SIZE);
	munmap(self->payload, DEFAULT_AREA_SIZE);
	close(self->fd);
	close(self->reply);
	close(self->clients);
	close(self->area.fd);
	close(self->area.handle);
	EXPECT_TRUE(area_named(&self->area));
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		kill_child(pids[i]);
	EXPECT_FALSE(area_named(&self->area));
	EXPECT_TRUE(WAIT_UNTIL(!sysfs_has(name)));
}

TEST_HARNESS_MAIN
