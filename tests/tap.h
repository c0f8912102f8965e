/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the test programs share: results in the Test Anything Protocol. */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int tap_count;

__attribute__((__format__(__printf__, 3, 0))) static inline bool
tap_result(bool passed, char const *directive, char const *format, va_list args)
{
	printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
	vprintf(format, args);
	printf("%s\n", directive);
	fflush(stdout);
	return passed;
}

/* A test case; returns @passed, so that more can be said about a failure. */
__attribute__((__format__(__printf__, 2, 3))) static inline bool ok(bool passed,
								    char const *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_result(passed, "", format, args);
	va_end(args);
	return passed;
}

/* A test case that cannot be run here. */
__attribute__((__format__(__printf__, 2, 3))) static inline void skip(char const *reason,
								      char const *format, ...)
{
	char directive[128];
	va_list args;

	snprintf(directive, sizeof(directive), " # SKIP %s", reason);
	va_start(args, format);
	tap_result(true, directive, format, args);
	va_end(args);
}

/* More about a failure. */
__attribute__((__format__(__printf__, 1, 2))) static inline void diag(char const *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
}

/* To be returned by main(). */
static inline int done_testing(void)
{
	printf("1..%d\n", tap_count);
	return 0;
}

#endif /* TESTS_TAP_H */
