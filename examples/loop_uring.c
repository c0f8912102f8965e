// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waits for a signal beside a socket and a timer with io_uring
 */
#include <poll.h>
#include <stdio.h>

#include <liburing.h>

#include "loop.h"

static const char name[] = "example-uring";

enum source { SIGNAL, SOCKET, TIMER };

/* One look at a descriptor; to be asked for again after each. */
static int arm_poll(struct io_uring *ring, int fd, enum source source)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	if (!sqe)
		return -1;
	io_uring_prep_poll_add(sqe, fd, POLLIN);
	io_uring_sqe_set_data64(sqe, source);
	return 0;
}

static int arm_timer(struct io_uring *ring, struct __kernel_timespec *tick)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	if (!sqe)
		return -1;
	io_uring_prep_timeout(sqe, tick, 0, 0);
	io_uring_sqe_set_data64(sqe, TIMER);
	return 0;
}

static int run(struct loop *loop, struct io_uring *ring)
{
	struct __kernel_timespec tick = { .tv_nsec = LOOP_TICK_MS * 1000000 };
	int signal = l4shmc_signal_fd(&loop->signal);
	struct io_uring_cqe *cqe;
	enum source source;
	int err;

	err = arm_poll(ring, signal, SIGNAL) || arm_poll(ring, loop->socket, SOCKET) ||
	      arm_timer(ring, &tick);
	while (!err && !loop_done(loop)) {
		if (io_uring_submit(ring) < 0 || io_uring_wait_cqe(ring, &cqe))
			return -1;
		source = (enum source)io_uring_cqe_get_data64(cqe);
		io_uring_cqe_seen(ring, cqe);
		switch (source) {
		case SIGNAL:
			loop_on_signal(loop);
			err = arm_poll(ring, signal, SIGNAL);
			break;
		case SOCKET:
			loop_on_socket(loop);
			err = arm_poll(ring, loop->socket, SOCKET);
			break;
		case TIMER:
			loop_on_timer(loop);
			err = arm_timer(ring, &tick);
			break;
		}
	}
	return err;
}

int main(void)
{
	struct io_uring ring;
	struct loop loop;
	long err;

	err = loop_open(&loop, name);
	if (err || io_uring_queue_init(8, &ring, 0)) {
		fprintf(stderr, "loop_uring: %s\n", err ? l4sys_errtostr(err) : "no io_uring");
		return 1;
	}
	if (run(&loop, &ring))
		fprintf(stderr, "loop_uring: io_uring failed\n");
	io_uring_queue_exit(&ring);
	return loop_close(&loop, name);
}
