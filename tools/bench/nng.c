// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nng, over its transport for one machine
 */
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <unistd.h>

#include "bench.h"

static char endpoint[64];
static nng_socket ours;
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

static void start(struct run *run)
{
	(void)run;
	check(nng_pair0_open(&ours), "open");
	check(nng_dial(ours, endpoint, NULL, 0), "dial");
}

static nng_socket listen_for_other(void)
{
	nng_socket theirs;

	check(nng_pair0_open(&theirs), "open");
	check(nng_listen(theirs, endpoint, NULL, 0), "listen");
	return theirs;
}

static void send_message(nng_socket to)
{
	check(nng_send(to, buffer, size, 0), "send");
}

static void receive_message(nng_socket from)
{
	size_t got = size;

	check(nng_recv(from, buffer, &got, 0), "receive");
	if (got != size)
		fail("nng: %zu bytes", got);
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
	nng_socket theirs = listen_for_other();

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
	nng_socket theirs = listen_for_other();

	(void)run;
	peer_ready();
	for (;;) {
		receive_message(theirs);
		peer_received();
	}
}

static const struct bench nng_benches[] = {
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

const struct subject subject_nng = {
	.name = "nng",
	.about = "nng, sockets of protocol pair over ipc",
	.benches = nng_benches,
};
