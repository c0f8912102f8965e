// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * eventfd: alone, with epoll, and with poll
 */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bench.h"

/* Beyond this it only becomes tedious. */
#define MOST_POLLED 1000

static int ping, pong, epoll_fd;
static int *fds;
static struct pollfd *pollfds;
static uint64_t at;

static int new_eventfd(int flags)
{
	int fd = eventfd(0, EFD_CLOEXEC | flags);

	if (fd < 0)
		fail_errno("eventfd");
	return fd;
}

static void post(int fd, uint64_t value)
{
	if (write(fd, &value, sizeof(value)) != sizeof(value))
		fail_errno("write");
}

static void take(int fd)
{
	uint64_t value;

	if (read(fd, &value, sizeof(value)) != sizeof(value))
		fail_errno("read");
}

static void pair_setup(struct run *run)
{
	(void)run;
	ping = new_eventfd(0);
	pong = new_eventfd(0);
}

static void round_trips(struct run *run, uint64_t n)
{
	(void)run;
	while (n--) {
		post(ping, 1);
		take(pong);
	}
}

static void answer(struct run *run)
{
	(void)run;
	peer_ready();
	for (;;) {
		take(ping);
		post(pong, 1);
	}
}

static void trigger_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		post(ping, 1);
}

/* One read for each event, as with l4shmc. */
static void semaphore_setup(struct run *run)
{
	(void)run;
	ping = new_eventfd(EFD_SEMAPHORE);
}

static void semaphore_prepare(struct run *run, uint64_t n)
{
	(void)run;
	post(ping, n);
}

static void wait_batch(struct run *run, uint64_t n)
{
	(void)run;
	while (n--)
		take(ping);
}

static const struct bench eventfd_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = pair_setup,
		.batch = round_trips,
		.peer = answer,
	},
	{ .which = CASE_TRIGGER_IDLE, .setup = pair_setup, .batch = trigger_batch },
	/* The payload is in shared memory: once is enough, however large it is. */
	{
		.which = CASE_HAND_OVER,
		.most = CACHE_LINE,
		.setup = pair_setup,
		.batch = round_trips,
		.peer = answer,
	},
	{
		.which = CASE_WAIT_PENDING,
		.setup = semaphore_setup,
		.prepare = semaphore_prepare,
		.batch = wait_batch,
	},
	{ 0 },
};

const struct subject subject_eventfd = {
	.name = "eventfd",
	.about = "eventfd, with write and read",
	.benches = eventfd_benches,
};

/* The blocked side sleeps in epoll_wait(), as event loops do. */

static int new_epoll(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		fail_errno("epoll_create1");
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		fail_errno("epoll_ctl");
}

static int epoll_take(int epoll)
{
	struct epoll_event event;

	if (epoll_wait(epoll, &event, 1, -1) != 1)
		fail_errno("epoll_wait");
	take(event.data.fd);
	return event.data.fd;
}

static void epoll_start(struct run *run)
{
	(void)run;
	epoll_fd = new_epoll();
	watch(epoll_fd, pong);
}

static void epoll_round_trips(struct run *run, uint64_t n)
{
	(void)run;
	while (n--) {
		post(ping, 1);
		epoll_take(epoll_fd);
	}
}

static void epoll_answer(struct run *run)
{
	(void)run;
	epoll_fd = new_epoll();
	watch(epoll_fd, ping);
	peer_ready();
	for (;;) {
		epoll_take(epoll_fd);
		post(pong, 1);
	}
}

/* Not in the order of creation, as seldom in life */
static int next_fd(struct run *run)
{
	at = (at + run->param / 3 + 1) % run->param;
	return fds[at];
}

static void any_setup(struct run *run)
{
	uint64_t i;

	need_descriptors(run->param);
	fds = calloc(run->param, sizeof(*fds));
	pollfds = calloc(run->param, sizeof(*pollfds));
	if (!fds || !pollfds)
		fail("out of memory");
	for (i = 0; i < run->param; i++) {
		fds[i] = new_eventfd(EFD_NONBLOCK);
		pollfds[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	}
}

static void epoll_any_setup(struct run *run)
{
	uint64_t i;

	any_setup(run);
	epoll_fd = new_epoll();
	for (i = 0; i < run->param; i++)
		watch(epoll_fd, fds[i]);
}

static void epoll_any_batch(struct run *run, uint64_t n)
{
	int fd;

	while (n--) {
		fd = next_fd(run);
		post(fd, 1);
		if (epoll_take(epoll_fd) != fd)
			fail("epoll_wait: another event");
	}
}

static const struct bench epoll_benches[] = {
	{
		.which = CASE_BLOCKED_ROUND_TRIP,
		.setup = pair_setup,
		.start = epoll_start,
		.batch = epoll_round_trips,
		.peer = epoll_answer,
	},
	{ .which = CASE_WAIT_ANY, .setup = epoll_any_setup, .batch = epoll_any_batch },
	{ 0 },
};

const struct subject subject_eventfd_epoll = {
	.name = "eventfd-epoll",
	.about = "eventfd, with epoll_wait before each read",
	.benches = epoll_benches,
};

static void poll_any_batch(struct run *run, uint64_t n)
{
	uint64_t i;
	int fd;

	while (n--) {
		fd = next_fd(run);
		post(fd, 1);
		if (poll(pollfds, run->param, -1) != 1)
			fail_errno("poll");
		for (i = 0; !pollfds[i].revents; i++)
			;
		if (pollfds[i].fd != fd)
			fail("poll: another event");
		take(fd);
	}
}

static const struct bench poll_benches[] = {
	{
		.which = CASE_WAIT_ANY,
		.most = MOST_POLLED,
		.setup = any_setup,
		.batch = poll_any_batch,
	},
	{ 0 },
};

const struct subject subject_eventfd_poll = {
	.name = "eventfd-poll",
	.about = "eventfd, with poll before each read",
	.benches = poll_benches,
};
