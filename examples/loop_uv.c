// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waits for a signal beside a socket and a timer with libuv
 */
#include <stdio.h>

#include <uv.h>

#include "loop.h"

static const char name[] = "example-uv";

/* Stop when everything has happened. */
static void check(uv_handle_t *handle, const struct loop *loop)
{
	if (loop_done(loop))
		uv_stop(handle->loop);
}

static void on_signal(uv_poll_t *handle, int status, int events)
{
	(void)events;
	if (!status)
		loop_on_signal(handle->data);
	check((uv_handle_t *)handle, handle->data);
}

static void on_socket(uv_poll_t *handle, int status, int events)
{
	(void)events;
	if (!status)
		loop_on_socket(handle->data);
	check((uv_handle_t *)handle, handle->data);
}

static void on_timer(uv_timer_t *handle)
{
	loop_on_timer(handle->data);
	check((uv_handle_t *)handle, handle->data);
}

static void run(uv_loop_t *uv, struct loop *loop)
{
	uv_poll_t signal = { .data = loop };
	uv_poll_t socket = { .data = loop };
	uv_timer_t timer = { .data = loop };

	uv_poll_init(uv, &signal, l4shmc_signal_fd(&loop->signal));
	uv_poll_init(uv, &socket, loop->socket);
	uv_timer_init(uv, &timer);
	uv_poll_start(&signal, UV_READABLE, on_signal);
	uv_poll_start(&socket, UV_READABLE, on_socket);
	uv_timer_start(&timer, on_timer, LOOP_TICK_MS, LOOP_TICK_MS);
	uv_run(uv, UV_RUN_DEFAULT);

	uv_close((uv_handle_t *)&signal, NULL);
	uv_close((uv_handle_t *)&socket, NULL);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(uv, UV_RUN_DEFAULT);
}

int main(void)
{
	struct loop loop;
	long err;

	err = loop_open(&loop, name);
	if (err) {
		fprintf(stderr, "loop_uv: %s\n", l4sys_errtostr(err));
		return 1;
	}
	run(uv_default_loop(), &loop);
	uv_loop_close(uv_default_loop());
	return loop_close(&loop, name);
}
