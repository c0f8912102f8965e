// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nng, over its transport for one machine
 */
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <unistd.h>

#include "bench.h"

/* As many messages as its buffers can hold */
#define MOST_BUFFERED 8192

static char endpoint[64];
/* Each side's own */
static nng_socket own;
static char *buffer;
static size_t size;

static void check(int err, const char *what)
{
	if (err)
		fail("nng: %s: %s", what, nng_strerror(err));
}

static void setup(struct run *run)
{
	static char byte;

	snprintf(endpoint, sizeof(endpoint), "abstract://l4shmc-bench-%d", (int)getpid());
	size = run->param ? run->param : 1;
	buffer = run->param ? stream_buffer(run) : &byte;
}

/* Without being told it has no room for messages of a stream. */
static void open_socket(struct run *run)
{
	int room;

	check(nng_pair0_open(&own), "open");
	if (run->bench->which != CASE_STREAM)
		return;
	room = (int)(stream_room(run) / run->param);
	if (room > MOST_BUFFERED)
		room = MOST_BUFFERED;
	check(nng_socket_set_int(own, NNG_OPT_SENDBUF, room), "buffer");
	check(nng_socket_set_int(own, NNG_OPT_RECVBUF, room), "buffer");
}

static void start(struct run *run)
{
	open_socket(run);
	check(nng_dial(own, endpoint, NULL, 0), "dial");
}

static void join(struct run *run)
{
	open_socket(run);
	check(nng_listen(own, endpoint, NULL, 0), "listen");
}

static void send_message(void)
{
	check(nng_send(own, buffer, size, 0), "send");
}

static void receive_message(void)
{
	size_t got = size;

	check(nng_recv(own, buffer, &got, 0), "receive");
	if (got != size)
		fail("nng: %zu bytes", got);
}

static const struct bench nng_benches[] = {
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

const struct subject subject_nng = {
	.name = "nng",
	.about = "nng, sockets of protocol pair over ipc",
	.benches = nng_benches,
};
