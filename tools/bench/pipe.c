// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pipes
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "bench.h"

/* Beyond this it only becomes tedious. */
#define MOST_PAYLOAD 1048576

static int ping[2], pong[2];
static char *buffer;

static void new_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC))
		fail_errno("pipe");
}

static void send_all(int fd, size_t size)
{
	size_t done;
	ssize_t ret;

	for (done = 0; done < size; done += (size_t)ret) {
		ret = write(fd, buffer + done, size - done);
		if (ret <= 0)
			fail_errno("write");
	}
}

static void receive_all(int fd, size_t size)
{
	size_t done;
	ssize_t ret;

	for (done = 0; done < size; done += (size_t)ret) {
		ret = read(fd, buffer + done, size - done);
		if (ret <= 0)
			fail_errno("read");
	}
}

static void pair_setup(struct run *run)
{
	static char byte;

	(void)run;
	buffer = &byte;
	new_pipe(ping);
	new_pipe(pong);
}

static void round_trips(struct run *run, uint64_t n)
{
	(void)run;
	while (n--) {
		send_all(ping[1], 1);
		receive_all(pong[0], 1);
	}
}

static void answer(struct run *run)
{
	(void)run;
	peer_ready();
	for (;;) {
		receive_all(ping[0], 1);
		send_all(pong[1], 1);
	}
}

static void drain(struct run *run, uint64_t n)
{
	char some[4096];

	(void)run;
	(void)n;
	if (fcntl(ping[0], F_SETFL, O_NONBLOCK))
		fail_errno("pipe");
	while (read(ping[0], some, sizeof(some)) > 0)
		;
}

static void trigger_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		send_all(ping[1], 1);
}

static void wait_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		receive_all(ping[0], 1);
}

/* As many as a pipe holds, one byte each */
static uint64_t events_of_sample(const struct run *run)
{
	(void)run;
	return 1024;
}

static void stream_setup(struct run *run)
{
	new_pipe(ping);
	if (fcntl(ping[1], F_SETPIPE_SZ, (int)stream_room(run)) < 0)
		fail_errno("pipe");
	buffer = stream_buffer(run);
}

static void stream_batch(struct run *run, uint64_t n)
{
	peer_expect(n);
	while (n--)
		send_all(ping[1], run->param);
	peer_confirmed();
}

static void stream_peer(struct run *run)
{
	peer_ready();
	for (;;) {
		receive_all(ping[0], run->param);
		peer_received();
	}
}

/* The payload goes through the pipe, and a byte comes back. */

static void hand_over_setup(struct run *run)
{
	new_pipe(ping);
	new_pipe(pong);
	buffer = stream_buffer(run);
}

static void hand_over_batch(struct run *run, uint64_t n)
{
	while (n--) {
		send_all(ping[1], run->param);
		receive_all(pong[0], 1);
	}
}

static void hand_over_peer(struct run *run)
{
	peer_ready();
	for (;;) {
		receive_all(ping[0], run->param);
		send_all(pong[1], 1);
	}
}

static const struct bench pipe_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = pair_setup,
		.batch = round_trips,
		.peer = answer,
	},
	{
		.which = CASE_TRIGGER_IDLE,
		.fixed = events_of_sample,
		.setup = pair_setup,
		.prepare = drain,
		.batch = trigger_batch,
	},
	{
		.which = CASE_WAIT_PENDING,
		.fixed = events_of_sample,
		.setup = pair_setup,
		.prepare = trigger_batch,
		.batch = wait_batch,
	},
	{
		.which = CASE_STREAM,
		.fixed = stream_sample,
		.setup = stream_setup,
		.batch = stream_batch,
		.peer = stream_peer,
	},
	{
		.which = CASE_HAND_OVER,
		.most = MOST_PAYLOAD,
		.setup = hand_over_setup,
		.batch = hand_over_batch,
		.peer = hand_over_peer,
	},
	{ 0 },
};

const struct subject subject_pipe = {
	.name = "pipe",
	.about = "a pipe, with write and read",
	.benches = pipe_benches,
};
