// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boost: the queue of Boost.Interprocess, and the one of Boost.Lockfree for one
 * producer and one consumer
 */
#include <boost/interprocess/ipc/message_queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>

#include <memory>
#include <new>
#include <string>
#include <unistd.h>
#include <vector>

extern "C" {
#include "bench.h"
}

namespace {

/* Boost.Interprocess */

using queue_t = boost::interprocess::message_queue;

std::unique_ptr<queue_t> ping, pong;
std::vector<char> buffer;

std::unique_ptr<queue_t> new_queue(const struct run *run, const char *which)
{
	std::string name = "l4shmc-bench-" + std::to_string(getpid()) + which;
	std::size_t count = run->param ? stream_room(run) / buffer.size() : 16;
	std::unique_ptr<queue_t> queue;

	try {
		queue = std::make_unique<queue_t>(boost::interprocess::create_only, name.c_str(),
						  count, buffer.size());
	} catch (const std::exception &e) {
		fail("message_queue: %s", e.what());
	}
	/* It stays as long as it is mapped. */
	queue_t::remove(name.c_str());
	return queue;
}

void mq_setup(struct run *run)
{
	buffer.assign(run->param ? run->param : 1, 1);
	ping = new_queue(run, "ping");
	pong = new_queue(run, "pong");
}

void send(queue_t &queue)
{
	queue.send(buffer.data(), buffer.size(), 0);
}

void receive(queue_t &queue)
{
	queue_t::size_type size;
	unsigned int priority;

	queue.receive(buffer.data(), buffer.size(), size, priority);
	if (size != buffer.size())
		fail("message_queue: %zu bytes", static_cast<std::size_t>(size));
}

void mq_round_trips(struct run *, uint64_t n)
{
	while (n--) {
		send(*ping);
		receive(*pong);
	}
}

void mq_answer(struct run *)
{
	peer_ready();
	for (;;) {
		receive(*ping);
		send(*pong);
	}
}

void mq_stream_batch(struct run *, uint64_t n)
{
	peer_expect(n);
	while (n--)
		send(*ping);
	peer_confirmed();
}

void mq_stream_peer(struct run *)
{
	peer_ready();
	for (;;) {
		receive(*ping);
		peer_received();
	}
}

const struct bench mq_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = mq_setup,
		.batch = mq_round_trips,
		.peer = mq_answer,
	},
	{
		.which = CASE_STREAM,
		.fixed = stream_sample,
		.setup = mq_setup,
		.batch = mq_stream_batch,
		.peer = mq_stream_peer,
	},
	{},
};

/* Boost.Lockfree */

constexpr std::size_t message_size = 64;
constexpr std::size_t room = 65536;

struct message {
	char data[message_size];
};

using spsc_t = boost::lockfree::spsc_queue<message,
		boost::lockfree::capacity<room / message_size>>;

spsc_t *spsc;

void spsc_setup(struct run *run)
{
	if (run->placement == SAME_CPU)
		skip("only on two CPUs");
	spsc = new (shared_memory(sizeof(spsc_t))) spsc_t;
}

void spsc_batch(struct run *, uint64_t n)
{
	struct message message = { { 1 } };

	peer_expect(n);
	while (n--)
		while (!spsc->push(message))
			cpu_relax();
	peer_confirmed();
}

void spsc_peer(struct run *)
{
	struct message message;

	peer_ready();
	for (;;) {
		while (!spsc->pop(message))
			cpu_relax();
		/* It is to be there, and not only to be left out by the compiler. */
		__asm__ volatile("" : : "r"(&message) : "memory");
		peer_received();
	}
}

const struct bench spsc_benches[] = {
	{
		.which = CASE_STREAM,
		.least = message_size,
		.most = message_size,
		.fixed = stream_sample,
		.setup = spsc_setup,
		.batch = spsc_batch,
		.peer = spsc_peer,
	},
	{},
};

} /* namespace */

const struct subject subject_boost_mq = {
	.name = "boost-mq",
	.about = "message_queue of Boost.Interprocess",
	.benches = mq_benches,
};

const struct subject subject_boost_spsc = {
	.name = "boost-spsc",
	.about = "spsc_queue of Boost.Lockfree; both sides spin",
	.benches = spsc_benches,
};
