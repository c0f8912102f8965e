// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ZeroMQ, over its transport for one machine
 */
#include <errno.h>
#include <unistd.h>
#include <zmq.h>

#include "bench.h"

static char endpoint[64];
/* Each side's own */
static void *own;
static char *buffer;
static size_t size;

static void setup(struct run *run)
{
	static char byte;

	snprintf(endpoint, sizeof(endpoint), "ipc://@l4shmc-bench-%d", (int)getpid());
	size = run->param ? run->param : 1;
	buffer = run->param ? stream_buffer(run) : &byte;
}

static void set_room(int option, int room)
{
	if (zmq_setsockopt(own, option, &room, sizeof(room)))
		fail("zmq: %s", zmq_strerror(errno));
}

/* A socket, with the threads that it has */
static void open_socket(struct run *run, int (*attach)(void *socket, const char *endpoint))
{
	void *context = zmq_ctx_new();

	own = context ? zmq_socket(context, ZMQ_PAIR) : NULL;
	if (!own)
		fail("zmq: %s", zmq_strerror(errno));
	if (run->bench->which == CASE_STREAM) {
		set_room(ZMQ_SNDHWM, (int)(stream_room(run) / run->param));
		set_room(ZMQ_RCVHWM, (int)(stream_room(run) / run->param));
	}
	if (attach(own, endpoint))
		fail("zmq: %s", zmq_strerror(errno));
}

static void start(struct run *run)
{
	open_socket(run, zmq_connect);
}

static void join(struct run *run)
{
	open_socket(run, zmq_bind);
}

static void send_message(void)
{
	if (zmq_send(own, buffer, size, 0) != (int)size)
		fail("zmq_send: %s", zmq_strerror(errno));
}

static void receive_message(void)
{
	if (zmq_recv(own, buffer, size, 0) != (int)size)
		fail("zmq_recv: %s", zmq_strerror(errno));
}

static const struct bench zmq_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = setup,
		.start = start,
		.batch = messages_round_trips,
		.peer = messages_answer,
		.join = join,
		.send = send_message,
		.receive = receive_message,
	},
	{
		.which = CASE_STREAM,
		.fixed = stream_sample,
		.setup = setup,
		.start = start,
		.batch = messages_stream,
		.peer = messages_take,
		.join = join,
		.send = send_message,
		.receive = receive_message,
	},
	{ 0 },
};

const struct subject subject_zmq = {
	.name = "zmq",
	.about = "ZeroMQ, sockets of type PAIR over ipc",
	.benches = zmq_benches,
};
