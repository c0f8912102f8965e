// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ZeroMQ, over its transport for one machine
 */
#include <errno.h>
#include <unistd.h>
#include <zmq.h>

#include "bench.h"

static char endpoint[64];
static void *ours;
static char *buffer;
static size_t size;

static void setup(struct run *run)
{
	static char byte;

	snprintf(endpoint, sizeof(endpoint), "ipc://@l4shmc-bench-%d", (int)getpid());
	size = run->param ? run->param : 1;
	buffer = run->param ? stream_buffer(run) : &byte;
}

/* A socket, with the threads that it has */
static void *new_socket(int (*join)(void *socket, const char *endpoint))
{
	void *context = zmq_ctx_new();
	void *created = context ? zmq_socket(context, ZMQ_PAIR) : NULL;

	if (!created || join(created, endpoint))
		fail("zmq: %s", zmq_strerror(errno));
	return created;
}

static void start(struct run *run)
{
	(void)run;
	ours = new_socket(zmq_connect);
}

static void send_message(void *to)
{
	if (zmq_send(to, buffer, size, 0) != (int)size)
		fail("zmq_send: %s", zmq_strerror(errno));
}

static void receive_message(void *from)
{
	if (zmq_recv(from, buffer, size, 0) != (int)size)
		fail("zmq_recv: %s", zmq_strerror(errno));
}

static void round_trips(struct run *run, uint64_t n)
{
	(void)run;
	while (n--) {
		send_message(ours);
		receive_message(ours);
	}
}

static void answer(struct run *run)
{
	void *theirs = new_socket(zmq_bind);

	(void)run;
	peer_ready();
	for (;;) {
		receive_message(theirs);
		send_message(theirs);
	}
}

static void stream_batch(struct run *run, uint64_t n)
{
	(void)run;
	peer_expect(n);
	while (n--)
		send_message(ours);
	peer_confirmed();
}

static void stream_peer(struct run *run)
{
	void *theirs = new_socket(zmq_bind);

	(void)run;
	peer_ready();
	for (;;) {
		receive_message(theirs);
		peer_received();
	}
}

static const struct bench zmq_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = setup,
		.start = start,
		.batch = round_trips,
		.peer = answer,
	},
	{
		.which = CASE_STREAM,
		.fixed = stream_sample,
		.setup = setup,
		.start = start,
		.batch = stream_batch,
		.peer = stream_peer,
	},
	{ 0 },
};

const struct subject subject_zmq = {
	.name = "zmq",
	.about = "ZeroMQ, sockets of type PAIR over ipc",
	.benches = zmq_benches,
};
