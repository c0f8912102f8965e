// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Round trips and streams of messages, for all that have functions to send and
 * to receive one
 */
#include "bench.h"

/**
 * messages_round_trips() - a message there, and one back, again and again
 * @run: the run
 * @n: so often
 */
void messages_round_trips(struct run *run, uint64_t n)
{
	const struct bench *bench = run->bench;

	while (n--) {
		bench->send();
		bench->receive();
	}
}

/**
 * messages_answer() - the other side of messages_round_trips()
 * @run: the run
 */
void messages_answer(struct run *run)
{
	const struct bench *bench = run->bench;

	bench->join(run);
	peer_ready();
	for (;;) {
		bench->receive();
		bench->send();
	}
}

/**
 * messages_stream() - messages in one direction
 * @run: the run
 * @n: so many
 */
void messages_stream(struct run *run, uint64_t n)
{
	const struct bench *bench = run->bench;

	peer_expect(n);
	while (n--)
		bench->send();
	peer_confirmed();
}

/**
 * messages_take() - the other side of messages_stream()
 * @run: the run
 */
void messages_take(struct run *run)
{
	const struct bench *bench = run->bench;

	bench->join(run);
	peer_ready();
	for (;;) {
		bench->receive();
		peer_received();
	}
}
