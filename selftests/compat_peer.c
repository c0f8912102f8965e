// SPDX-License-Identifier: GPL-2.0-only
/*
 * The 32-bit side of compat_test: compat_peer WHAT AREA.  Ends with 0 if all
 * was as it should be.
 */
#include "compat.h"

struct peer {
	const char *name;
	int dev, fd, signal, reply;
	struct l4shmc_ioc_area_info info;
	struct l4shmc_ioc_chunk_next next;
	union l4shmc_record *control;
	unsigned char *data;
	struct l4shmc_chunk_record *chunk;
	struct l4shmc_signal_record *record, *reply_record;
};

static int attach(struct peer *peer)
{
	int index;

	CHECK(sizeof(void *) == 4);
	peer->dev = device_open(O_RDWR);
	peer->fd = area_attach(peer->dev, peer->name, 0);
	CHECK(peer->fd >= 0);
	CHECK(area_info(peer->fd, &peer->info) == 0);
	peer->data = map_data(peer->fd, (size_t)peer->info.area_size, PROT_READ | PROT_WRITE);
	CHECK(peer->data != MAP_FAILED);
	peer->control = map_control(peer->fd, PROT_READ | PROT_WRITE);
	CHECK(peer->control != MAP_FAILED);
	index = chunk_find(peer->fd, "c", 0);
	CHECK(index >= 0);
	CHECK(chunk_next(peer->fd, (__u32)index, &peer->next) == index);
	peer->chunk = &peer->control[index].chunk;
	peer->signal = signal_open(peer->fd, "s", 0);
	peer->reply = signal_open(peer->fd, "reply", 0);
	CHECK(peer->signal >= 0 && peer->reply >= 0);
	peer->record = signal_record(peer->control, peer->signal);
	peer->reply_record = signal_record(peer->control, peer->reply);
	CHECK(peer->record && peer->reply_record);
	return 0;
}

static int tell_layout(struct peer *peer)
{
	memcpy(peer->data, compat_layout, sizeof(compat_layout));
	return 0;
}

/* Every command once, with all that it returns */
static int use_commands(struct peer *peer)
{
	struct l4shmc_ioc_info info;
	struct l4shmc_ioc_signal_info signal;
	char name[L4SHMC_NAME_SIZE];
	int handle, fd;

	CHECK(device_info(peer->dev, &info) == 0);
	CHECK(info.abi == L4SHMC_ABI_VERSION && info.control_offset == L4SHMC_CONTROL_OFFSET);
	unique_name(name, "32");
	handle = area_create(peer->dev, name, 5000, 0640, L4SHMC_CREATE_PERSISTENT);
	CHECK(handle >= 0);
	fd = area_attach(handle, "", 0);
	CHECK(fd >= 0);
	CHECK(area_info(fd, &peer->info) == 0);
	CHECK(peer->info.area_size == 8192 && peer->info.area_free == 8192);
	CHECK(peer->info.mode == 0640 && peer->info.client == 0);
	CHECK(client_init(fd) == 0);
	CHECK(area_info(handle, &peer->info) == 0);
	CHECK(peer->info.initialized == 1 && peer->info.clients == 1);
	CHECK(chunk_add(fd, "n", 0x123456789aULL) == -ENOMEM);
	CHECK(chunk_add(fd, "n", 200) == 0);
	CHECK(chunk_find(fd, "n", 0) == 0);
	CHECK(chunk_find(fd, "m", 1000) == -ENOENT);
	CHECK(chunk_next(fd, 0, &peer->next) == 0 && peer->next.capacity == 200);
	CHECK(signal_info(peer->signal, &signal) == 0 && strcmp(signal.name, "s") == 0);
	CHECK(signal_trigger(peer->signal) == 0);
	CHECK(signal_ring(peer->signal) == 0);
	CHECK(signal_wait(peer->signal, 0) == 0);
	CHECK(signal_wait(peer->signal, 1000) == -ETIMEDOUT);
	CHECK(signal_call(peer->signal, peer->signal, 0) == 0);
	__atomic_fetch_add(&peer->record->triggered, 1, __ATOMIC_SEQ_CST);
	CHECK(signal_call_flags(peer->signal, peer->signal, 0, L4SHMC_CALL_RING) == 0);
	CHECK(signal_call_flags(peer->signal, peer->signal, 0, L4SHMC_CALL_RING) == -ETIMEDOUT);
	CHECK(area_unlink(peer->dev, name) == 0);
	CHECK(area_unlink(handle, "") == -ENOENT);
	CHECK(area_attach(peer->dev, name, 0) == -ENOENT);
	return 0;
}

/* Labels have 64 bits, wherever they are told. */
static int use_waitset(struct peer *peer)
{
	const __u64 label = 0x123456789abcdef0ULL;
	__u64 labels[3] = { 1, 1, 1 };
	int set = waitset_make(peer->dev);

	CHECK(set >= 0);
	CHECK(waitset_bind(set, peer->signal, label) == 0);
	CHECK(waitset_bind(set, peer->reply, ~label) == 0);
	CHECK(waitset_bind(set, peer->reply, 1) == -EEXIST);
	CHECK(waitset_wait(set, labels, 3, 1000) == -ETIMEDOUT);
	CHECK(record_trigger(peer->reply_record, peer->reply) == 0);
	CHECK(record_trigger(peer->record, peer->signal) == 0);
	CHECK(waitset_wait(set, NULL, 3, 0) == -EFAULT);
	CHECK(waitset_wait(set, labels, 3, L4SHMC_TIMEOUT_NEVER) == 2);
	CHECK((labels[0] ^ labels[1]) == ~0ULL && labels[2] == 1);
	CHECK(labels[0] == label || labels[0] == ~label);
	CHECK(waitset_unbind(set, peer->signal) == 0);
	CHECK(waitset_unbind(set, peer->signal) == -ENOENT);
	close(set);
	return 0;
}

/* 64 bits of rest come back to a program of 32. */
static int be_interrupted(struct peer *peer)
{
	struct l4shmc_ioc_wait wait = {
		.size = sizeof(wait), .timeout_ns = 0x7fffffff00000000ULL,
	};
	struct l4shmc_ioc_call call = {
		.size = sizeof(call), .timeout_ns = L4SHMC_TIMEOUT_NEVER, .trigger = peer->reply,
	};
	struct l4shmc_ioc_call ring = {
		.size = sizeof(ring), .timeout_ns = 0x7fffffff00000000ULL, .trigger = peer->reply,
		.flags = L4SHMC_CALL_RING,
	};
	struct l4shmc_ioc_waitset_wait any = {
		.size = sizeof(any), .timeout_ns = 0x7fffffff00000000ULL, .nr_labels = 1,
	};

	interrupt_every(5000);
	CHECK(command(waitset_make(peer->dev), L4SHMC_IOC_WAITSET_WAIT, &any) == -EINTR);
	CHECK(command(peer->signal, L4SHMC_IOC_WAIT, &wait) == -EINTR);
	CHECK(command(peer->signal, L4SHMC_IOC_CALL, &call) == -EINTR);
	CHECK(command(peer->signal, L4SHMC_IOC_CALL, &ring) == -EINTR);
	interrupt_every(0);
	CHECK(wait.timeout_ns > 0x7000000000000000ULL && wait.timeout_ns < 0x7fffffff00000000ULL);
	CHECK(any.timeout_ns > 0x7000000000000000ULL && any.timeout_ns < 0x7fffffff00000000ULL);
	CHECK(call.timeout_ns == L4SHMC_TIMEOUT_NEVER);
	CHECK(call.flags == L4SHMC_CALL_TRIGGERED);
	CHECK(ring.timeout_ns > 0x7000000000000000ULL && ring.timeout_ns < 0x7fffffff00000000ULL);
	CHECK(ring.flags == (L4SHMC_CALL_TRIGGERED | L4SHMC_CALL_RING));
	return 0;
}

static bool holds_message(struct peer *peer, unsigned int number)
{
	unsigned char *payload = peer->data + peer->next.offset;

	for (unsigned int i = 0; i < COMPAT_MESSAGE; i++)
		if (payload[i] != compat_byte(number, i))
			return false;
	return peer->chunk->message_size == COMPAT_MESSAGE;
}

/* Takes each message and gives back one with the next number. */
static int echo(struct peer *peer)
{
	unsigned char *payload = peer->data + peer->next.offset;
	__u32 reading = chunk_state(L4SHMC_CHUNK_BUSY_READING, peer->info.client);

	for (unsigned int number = 0; number < 2 * COMPAT_ROUNDS; number += 2) {
		while (!swap32(&peer->chunk->state, L4SHMC_CHUNK_READY, reading))
			CHECK(record_wait(peer->record, peer->signal, false) == 0);
		CHECK(holds_message(peer, number));
		for (unsigned int i = 0; i < COMPAT_MESSAGE; i++)
			payload[i] = compat_byte(number + 1, i);
		store32(&peer->chunk->state, L4SHMC_CHUNK_CLEAR);
		CHECK(record_trigger(peer->reply_record, peer->reply) == 0);
	}
	return 0;
}

static int sleep_for_ever(struct peer *peer)
{
	return signal_wait(peer->signal, L4SHMC_TIMEOUT_NEVER) != 0;
}

static int wait_for_any(struct peer *peer)
{
	__u64 label = 0;
	int set = waitset_make(peer->dev);

	CHECK(waitset_bind(set, peer->signal, ~1ULL) == 0);
	CHECK(waitset_wait(set, &label, 1, L4SHMC_TIMEOUT_NEVER) == 1);
	return label != ~1ULL;
}

static int call_for_ever(struct peer *peer)
{
	return signal_call(peer->signal, peer->reply, L4SHMC_TIMEOUT_NEVER) != 0;
}

static int ring_for_ever(struct peer *peer)
{
	__atomic_fetch_add(&peer->reply_record->triggered, 1, __ATOMIC_SEQ_CST);
	return signal_call_flags(peer->signal, peer->reply, L4SHMC_TIMEOUT_NEVER,
				 L4SHMC_CALL_RING) != 0;
}

static int write_for_ever(struct peer *peer)
{
	store32(&peer->chunk->state,
		chunk_state(L4SHMC_CHUNK_BUSY_WRITING, peer->info.client));
	signal_trigger(peer->reply);
	pause();
	return 1;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *what;
		int (*run)(struct peer *peer);
	} tasks[] = {
		{ "layout", tell_layout }, { "commands", use_commands },
		{ "waitset", use_waitset }, { "interrupt", be_interrupted }, { "echo", echo },
		{ "wait", sleep_for_ever }, { "waitany", wait_for_any }, { "call", call_for_ever },
		{ "callring", ring_for_ever }, { "write", write_for_ever },
	};
	struct peer peer = { .name = argc > 2 ? argv[2] : "" };

	/* Another word only asks whether this program runs at all. */
	for (unsigned int i = 0; argc == 3 && i < ARRAY_SIZE(tasks); i++)
		if (strcmp(tasks[i].what, argv[1]) == 0)
			return attach(&peer) || tasks[i].run(&peer);
	return 1;
}
