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

/* For the measured side; the peer has them the other way round. */
std::unique_ptr<queue_t> out, in;
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
	out = new_queue(run, "ping");
	in = new_queue(run, "pong");
}

void mq_join(struct run *)
{
	out.swap(in);
}

void mq_send()
{
	out->send(buffer.data(), buffer.size(), 0);
}

void mq_receive()
{
	queue_t::size_type size;
	unsigned int priority;

	in->receive(buffer.data(), buffer.size(), size, priority);
	if (size != buffer.size())
		fail("message_queue: %zu bytes", static_cast<std::size_t>(size));
}

const struct bench mq_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = mq_setup,
		.batch = messages_round_trips,
		.peer = messages_answer,
		.join = mq_join,
		.send = mq_send,
		.receive = mq_receive,
	},
	{
		.which = CASE_STREAM,
		.fixed = stream_sample,
		.setup = mq_setup,
		.batch = messages_stream,
		.peer = messages_take,
		.join = mq_join,
		.send = mq_send,
		.receive = mq_receive,
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
