// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * POSIX message queues
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <unistd.h>

#include "bench.h"

/* As many, and as large, as the system allows without being told otherwise */
#define MOST_MESSAGES 10
#define MOST_MESSAGE 8192

/* For the measured side; the peer has them the other way round. */
static mqd_t out, in;
static char *buffer;
static size_t size;

static mqd_t new_queue(const char *which)
{
	struct mq_attr attr = { .mq_maxmsg = MOST_MESSAGES, .mq_msgsize = (long)size };
	char name[48];
	mqd_t queue;

	snprintf(name, sizeof(name), "/l4shmc-bench-%d-%s", (int)getpid(), which);
	queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attr);
	if (queue == (mqd_t)-1 && errno == ENOSYS)
		skip("the kernel has none");
	if (queue == (mqd_t)-1)
		fail_errno("mq_open");
	/* It stays as long as it is open. */
	mq_unlink(name);
	return queue;
}

static void send_message(void)
{
	if (mq_send(out, buffer, size, 0))
		fail_errno("mq_send");
}

static void receive_message(void)
{
	if (mq_receive(in, buffer, size, NULL) != (ssize_t)size)
		fail_errno("mq_receive");
}

static void setup(struct run *run)
{
	static char byte;

	size = run->param ? run->param : 1;
	buffer = run->param ? stream_buffer(run) : &byte;
	out = new_queue("ping");
	in = new_queue("pong");
}

static void join(struct run *run)
{
	mqd_t queue = out;

	(void)run;
	out = in;
	in = queue;
}

/* Where nobody is on the other side: what is sent comes in. */
static void setup_alone(struct run *run)
{
	setup(run);
	in = out;
}

static uint64_t events_of_sample(const struct run *run)
{
	(void)run;
	return MOST_MESSAGES;
}

static void drain(struct run *run, uint64_t n)
{
	struct mq_attr attr;

	(void)run;
	(void)n;
	if (mq_getattr(in, &attr))
		fail_errno("mq_getattr");
	while (attr.mq_curmsgs--)
		receive_message();
}

static void trigger_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		send_message();
}

static void wait_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		receive_message();
}

static const struct bench mqueue_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = setup,
		.batch = messages_round_trips,
		.peer = messages_answer,
		.join = join,
		.send = send_message,
		.receive = receive_message,
	},
	{
		.which = CASE_TRIGGER_IDLE,
		.fixed = events_of_sample,
		.setup = setup_alone,
		.prepare = drain,
		.batch = trigger_batch,
	},
	{
		.which = CASE_WAIT_PENDING,
		.fixed = events_of_sample,
		.setup = setup_alone,
		.prepare = trigger_batch,
		.batch = wait_batch,
	},
	{
		.which = CASE_STREAM,
		.most = MOST_MESSAGE,
		.fixed = stream_sample,
		.setup = setup,
		.batch = messages_stream,
		.peer = messages_take,
		.join = join,
		.send = send_message,
		.receive = receive_message,
	},
	{ 0 },
};

const struct subject subject_mqueue = {
	.name = "mqueue",
	.about = "a POSIX message queue of 10 messages",
	.benches = mqueue_benches,
};
