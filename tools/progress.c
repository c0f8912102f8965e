// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How far a transfer is, and how fast it was
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

#define BAR_WIDTH 30
#define REDRAW_NS (200 * 1000 * 1000)

static bool bar_drawn;

/**
 * clock_ns() - time that only goes on
 *
 * Return: nanoseconds.
 */
uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void print_bytes(double bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t unit = 0;

	while (bytes >= 1024 && unit + 1 < ARRAY_SIZE(units)) {
		bytes /= 1024;
		unit++;
	}
	fprintf(stderr, "%.*f %s", unit ? 1 : 0, bytes, units[unit]);
}

static void print_rate(const struct progress *progress, uint64_t now)
{
	double seconds = (double)(now - progress->start_ns) / 1e9;

	print_bytes(seconds > 0 ? (double)progress->bytes / seconds : 0);
	fputs("/s", stderr);
}

static void draw_bar(const struct progress *progress, uint64_t now)
{
	int percent, filled, i;

	fputc('\r', stderr);
	if (progress->expected != LENGTH_UNKNOWN && progress->bytes <= progress->expected) {
		percent = 100;
		if (progress->expected)
			percent = (int)(100.0 * (double)progress->bytes /
					(double)progress->expected);
		filled = percent * BAR_WIDTH / 100;
		fprintf(stderr, "%3d%% [", percent);
		for (i = 0; i < BAR_WIDTH; i++)
			fputc(i < filled ? '#' : '.', stderr);
		fputs("] ", stderr);
	}
	print_bytes((double)progress->bytes);
	fputs("  ", stderr);
	print_rate(progress, now);
	fputs("\033[K", stderr);
	fflush(stderr);
	bar_drawn = true;
}

/**
 * progress_start() - a transfer begins
 * @progress: filled in
 * @verb: "sent" or "received"
 * @expected: bytes in all, or LENGTH_UNKNOWN
 * @quiet: print nothing
 */
void progress_start(struct progress *progress, const char *verb, uint64_t expected, bool quiet)
{
	*progress = (struct progress){
		.verb = verb,
		.expected = expected,
		.start_ns = clock_ns(),
		.bar = !quiet && isatty(STDERR_FILENO),
		.quiet = quiet,
	};
}

/**
 * progress_add() - a piece has been transferred
 * @progress: the transfer
 * @bytes: length of the piece
 */
void progress_add(struct progress *progress, uint64_t bytes)
{
	uint64_t now;

	progress->bytes += bytes;
	if (!progress->bar)
		return;
	now = clock_ns();
	if (now - progress->shown_ns < REDRAW_NS)
		return;
	progress->shown_ns = now;
	draw_bar(progress, now);
}

/**
 * progress_hide() - take the bar away, if there is one
 */
void progress_hide(void)
{
	if (bar_drawn)
		fputs("\r\033[K", stderr);
	bar_drawn = false;
}

/**
 * progress_end() - a transfer is over
 * @progress: the transfer
 * @complete: whether all has been transferred
 *
 * Takes the bar away, and tells the rate if all went well.
 */
void progress_end(struct progress *progress, bool complete)
{
	uint64_t now = clock_ns();

	progress_hide();
	if (!complete || progress->quiet)
		return;
	fprintf(stderr, "%s %" PRIu64 " bytes (", progress->verb, progress->bytes);
	print_bytes((double)progress->bytes);
	fprintf(stderr, ") in %.3f s, ", (double)(now - progress->start_ns) / 1e9);
	print_rate(progress, now);
	fputc('\n', stderr);
}
