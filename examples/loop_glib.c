// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waits for a signal beside a socket and a timer with GLib's main loop
 */
#include <stdio.h>

#include <glib-unix.h>

#include "loop.h"

static const char name[] = "example-glib";

static GMainLoop *main_loop;

/* Go on unless everything has happened. */
static gboolean check(const struct loop *loop)
{
	if (!loop_done(loop))
		return G_SOURCE_CONTINUE;
	g_main_loop_quit(main_loop);
	return G_SOURCE_REMOVE;
}

static gboolean on_signal(gint fd, GIOCondition condition, gpointer loop)
{
	(void)fd;
	(void)condition;
	loop_on_signal(loop);
	return check(loop);
}

static gboolean on_socket(gint fd, GIOCondition condition, gpointer loop)
{
	(void)fd;
	(void)condition;
	loop_on_socket(loop);
	return check(loop);
}

static gboolean on_timer(gpointer loop)
{
	loop_on_timer(loop);
	return check(loop);
}

int main(void)
{
	struct loop loop;
	long err;

	err = loop_open(&loop, name);
	if (err) {
		fprintf(stderr, "loop_glib: %s\n", l4sys_errtostr(err));
		return 1;
	}
	main_loop = g_main_loop_new(NULL, FALSE);
	g_unix_fd_add(l4shmc_signal_fd(&loop.signal), G_IO_IN, on_signal, &loop);
	g_unix_fd_add(loop.socket, G_IO_IN, on_socket, &loop);
	g_timeout_add(LOOP_TICK_MS, on_timer, &loop);
	g_main_loop_run(main_loop);
	g_main_loop_unref(main_loop);
	return loop_close(&loop, name);
}
