/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the examples of event loops have in common: three things to wait for,
 * and what is done about each. How to wait for them is what they differ in.
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>

#include <l4/shmc/linux.h>

/* How often each thing happens before the program ends. */
#define LOOP_ROUNDS 3
/* The timer's period in milliseconds. */
#define LOOP_TICK_MS 20

struct loop {
	l4shmc_area_t area;
	l4shmc_signal_t signal;
	int socket;
	int signals;
	int messages;
	int ticks;
};

/*
 * Make the area @name, its signal "event", and a socket, and start a process
 * that uses both. Returns 0 or an error of the library.
 */
long loop_open(struct loop *loop, const char *name);
/* Wait for that process, and leave the area. Returns the exit status of the program. */
int loop_close(struct loop *loop, const char *name);

/* The signal's descriptor is readable: take the event. */
void loop_on_signal(struct loop *loop);
/* The socket is readable. */
void loop_on_socket(struct loop *loop);
/* The timer has expired. */
void loop_on_timer(struct loop *loop);
/* A timerfd that expires every LOOP_TICK_MS. Returns -1 on failure. */
int loop_timerfd(void);
/* It is readable. */
void loop_on_timerfd(struct loop *loop, int fd);
/* Has everything happened? */
bool loop_done(const struct loop *loop);

#endif /* LOOP_H */
