// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a process says why it cannot go on
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

/* Where the message goes; NULL: standard error */
static char *to;
static size_t to_size;

/**
 * message_to() - have messages stored
 * @text: where to
 * @size: bytes of @text
 */
void message_to(char *text, size_t size)
{
	to = text;
	to_size = size;
}

static void vmessage(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

static void vmessage(const char *fmt, va_list args)
{
	if (to) {
		vsnprintf(to, to_size, fmt, args);
		return;
	}
	fputs("l4shmc-bench: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

/**
 * fail() - end the process
 * @fmt: why, as for printf()
 */
void fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vmessage(fmt, args);
	va_end(args);
	_exit(EXIT_FAILURE);
}

/**
 * fail_errno() - end the process, for the reason that errno tells
 * @fmt: what has failed, as for printf()
 */
void fail_errno(const char *fmt, ...)
{
	int err = errno;
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fail("%s: %s", text, strerror(err));
}

/**
 * skip() - end the process of a run that cannot be made here
 * @fmt: why, as for printf()
 */
void skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vmessage(fmt, args);
	va_end(args);
	_exit(EXIT_SKIP);
}
