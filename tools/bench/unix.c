// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unix sockets: datagrams, and packets of a connection
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

/* What a socket takes without a larger limit */
#define MOST_MESSAGE 65536

static int ours, theirs;
static char *buffer;

static void new_pair(int type)
{
	int fds[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds))
		fail_errno("socketpair");
	ours = fds[0];
	theirs = fds[1];
}

static void send_message(int fd, size_t size)
{
	if (send(fd, buffer, size, MSG_NOSIGNAL) != (ssize_t)size)
		fail_errno("send");
}

static void receive_message(int fd, size_t size)
{
	if (recv(fd, buffer, size, 0) != (ssize_t)size)
		fail_errno("recv");
}

static void set_up(struct run *run, int type)
{
	static char byte;

	new_pair(type);
	buffer = run->param ? stream_buffer(run) : &byte;
}

static void dgram_setup(struct run *run)
{
	set_up(run, SOCK_DGRAM);
}

static void seqpacket_setup(struct run *run)
{
	set_up(run, SOCK_SEQPACKET);
}

static void round_trips(struct run *run, uint64_t n)
{
	(void)run;
	while (n--) {
		send_message(ours, 1);
		receive_message(ours, 1);
	}
}

static void answer(struct run *run)
{
	(void)run;
	peer_ready();
	for (;;) {
		receive_message(theirs, 1);
		send_message(theirs, 1);
	}
}

static void stream_batch(struct run *run, uint64_t n)
{
	peer_expect(n);
	while (n--)
		send_message(ours, run->param);
	peer_confirmed();
}

static void stream_peer(struct run *run)
{
	peer_ready();
	for (;;) {
		receive_message(theirs, run->param);
		peer_received();
	}
}

/* The payload goes through the socket, and a byte comes back. */

static void hand_over_batch(struct run *run, uint64_t n)
{
	while (n--) {
		send_message(ours, run->param);
		receive_message(ours, 1);
	}
}

static void hand_over_peer(struct run *run)
{
	peer_ready();
	for (;;) {
		receive_message(theirs, run->param);
		send_message(theirs, 1);
	}
}

#define UNIX_BENCHES(how)					\
	{							\
		.which = CASE_BLOCKED_ROUND_TRIP,		\
		.setup = (how),					\
		.batch = round_trips,				\
		.peer = answer,					\
	},							\
	{							\
		.which = CASE_STREAM,				\
		.fixed = stream_sample,				\
		.setup = (how),					\
		.batch = stream_batch,				\
		.peer = stream_peer,				\
	},							\
	{							\
		.which = CASE_HAND_OVER,			\
		.most = MOST_MESSAGE,				\
		.setup = (how),					\
		.batch = hand_over_batch,			\
		.peer = hand_over_peer,				\
	},							\
	{ 0 }

static const struct bench dgram_benches[] = { UNIX_BENCHES(dgram_setup) };
static const struct bench seqpacket_benches[] = { UNIX_BENCHES(seqpacket_setup) };

const struct subject subject_unix_dgram = {
	.name = "unix-dgram",
	.about = "a unix socket of type SOCK_DGRAM",
	.benches = dgram_benches,
};

const struct subject subject_unix_seqpacket = {
	.name = "unix-seqpacket",
	.about = "a unix socket of type SOCK_SEQPACKET",
	.benches = seqpacket_benches,
};
