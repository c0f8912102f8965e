// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waits for signals beside a socket and a timer with epoll
 *
 * The signal is bound to the wait set of this thread, whose one descriptor
 * stands for all signals that are: there could be thousands.
 */
#include <stdio.h>
#include <sys/epoll.h>

#include <pthread-l4.h>

#include "loop.h"

static const char name[] = "example-epoll";

static int add(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void on_signals(struct loop *loop)
{
	l4shmc_signal_t *signal;

	while (!l4shmc_wait_any_try(&signal)) {
		printf("signal\n");
		loop->signals++;
	}
}

static int run(struct loop *loop, int timer)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int signals = l4shmc_wait_any_fd();
	struct epoll_event event;

	if (epoll < 0 || signals < 0 || add(epoll, signals) || add(epoll, loop->socket) ||
	    add(epoll, timer))
		return -1;
	while (!loop_done(loop) && epoll_wait(epoll, &event, 1, -1) > 0) {
		if (event.data.fd == signals)
			on_signals(loop);
		else if (event.data.fd == loop->socket)
			loop_on_socket(loop);
		else
			loop_on_timerfd(loop, timer);
	}
	return 0;
}

int main(void)
{
	int timer = loop_timerfd();
	struct loop loop;
	long err;

	err = loop_open(&loop, name);
	if (!err)
		err = l4shmc_attach_signal(&loop.area, "event", pthread_l4_cap(pthread_self()),
					   &loop.signal);
	if (err || timer < 0 || run(&loop, timer)) {
		fprintf(stderr, "loop_epoll: %s\n", err ? l4sys_errtostr(err) : "set up");
		return 1;
	}
	return loop_close(&loop, name);
}
