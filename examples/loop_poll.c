// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waits for a signal beside a socket and a timer with poll()
 */
#include <poll.h>
#include <stdio.h>

#include "loop.h"

static const char name[] = "example-poll";

static void run(struct loop *loop, int timer)
{
	struct pollfd fds[] = {
		{ .fd = l4shmc_signal_fd(&loop->signal), .events = POLLIN },
		{ .fd = loop->socket, .events = POLLIN },
		{ .fd = timer, .events = POLLIN },
	};

	while (!loop_done(loop) && poll(fds, 3, -1) > 0) {
		if (fds[0].revents)
			loop_on_signal(loop);
		if (fds[1].revents)
			loop_on_socket(loop);
		if (fds[2].revents)
			loop_on_timerfd(loop, timer);
	}
}

int main(void)
{
	int timer = loop_timerfd();
	struct loop loop;
	long err;

	err = loop_open(&loop, name);
	if (err || timer < 0) {
		fprintf(stderr, "loop_poll: %s\n", err ? l4sys_errtostr(err) : "no timer");
		return 1;
	}
	run(&loop, timer);
	return loop_close(&loop, name);
}
