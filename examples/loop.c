// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The part of the event-loop examples that has nothing to do with their loop.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"

/* The other process: triggers the signal and writes to the socket. */
static _Noreturn void peer(const char *name, int socket)
{
	l4shmc_signal_t signal;
	l4shmc_area_t area;
	int i;

	if (l4shmc_attach(name, &area) || l4shmc_get_signal(&area, "event", &signal))
		_exit(1);
	for (i = 0; i < LOOP_ROUNDS; i++) {
		/* So far apart that the events are seen as three. */
		usleep(50 * 1000);
		if (l4shmc_trigger(&signal))
			_exit(1);
		/* Fails when the other side has seen enough. */
		if (send(socket, "hello", 5, MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

long loop_open(struct loop *loop, const char *name)
{
	int pair[2];
	long err;

	*loop = (struct loop){ .socket = -1 };
	err = l4shmc_create(name);
	if (!err)
		err = l4shmc_attach(name, &loop->area);
	if (!err)
		err = l4shmc_add_signal(&loop->area, "event", &loop->signal);
	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -L4_ENOMEM;
	switch (fork()) {
	case -1:
		return -L4_ENOMEM;
	case 0:
		close(pair[0]);
		peer(name, pair[1]);
	default:
		close(pair[1]);
		loop->socket = pair[0];
		return 0;
	}
}

int loop_close(struct loop *loop, const char *name)
{
	int status = 0;

	close(loop->socket);
	if (wait(&status) < 0 || status)
		fprintf(stderr, "the other process failed\n");
	l4shmc_detach(&loop->area);
	l4shmc_destroy(name);
	return status || !loop_done(loop) ? EXIT_FAILURE : EXIT_SUCCESS;
}

void loop_on_signal(struct loop *loop)
{
	/* Another waiter may have been faster; that is no error. */
	if (l4shmc_wait_signal_try(&loop->signal))
		return;
	printf("signal\n");
	loop->signals++;
}

void loop_on_socket(struct loop *loop)
{
	char buf[64];
	ssize_t n = read(loop->socket, buf, sizeof(buf));

	if (n <= 0)
		return;
	printf("socket: %.*s\n", (int)n, buf);
	loop->messages++;
}

void loop_on_timer(struct loop *loop)
{
	if (loop->ticks++ < LOOP_ROUNDS)
		printf("timer\n");
}

int loop_timerfd(void)
{
	struct itimerspec every = {
		.it_value.tv_nsec = LOOP_TICK_MS * 1000000,
		.it_interval.tv_nsec = LOOP_TICK_MS * 1000000,
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0 && timerfd_settime(fd, 0, &every, NULL)) {
		close(fd);
		return -1;
	}
	return fd;
}

void loop_on_timerfd(struct loop *loop, int fd)
{
	uint64_t expirations;

	if (read(fd, &expirations, sizeof(expirations)) == sizeof(expirations))
		loop_on_timer(loop);
}

bool loop_done(const struct loop *loop)
{
	/* Events and messages coalesce if the program is slow. */
	return loop->signals && loop->messages && loop->ticks >= LOOP_ROUNDS;
}
