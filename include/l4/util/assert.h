/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * DOC: l4/util/assert.h
 *
 * Checks that print what is wrong and where, and abort the program.  Each
 * argument is looked at once.  With NDEBUG they do nothing.
 */
#ifndef _L4_UTIL_ASSERT_H
#define _L4_UTIL_ASSERT_H

#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/types.h>

#include <stdio.h>

/* Prints and ends the program unless @ok. */
L4_INLINE void __l4util_assert(int ok, char const *file, int line, char const *text)
{
	if (L4_LIKELY(ok))
		return;
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, text);
	__builtin_abort();
}

/* The same for a result, which is printed too. */
L4_INLINE void __l4util_assert_ok(long err, char const *file, int line, char const *text)
{
	if (L4_LIKELY(err == L4_EOK))
		return;
	fprintf(stderr, "%s:%d: assertion failed: %s: %s (%ld)\n", file, line, text,
		l4sys_errtostr(err), err);
	__builtin_abort();
}

#ifdef NDEBUG
/* Not evaluated, but looked at by the compiler. */
#define __L4UTIL_ASSERT(ok, text) ((void)sizeof((ok) ? 1 : 0))
#define __L4UTIL_ASSERT_OK(err, text) ((void)sizeof(err))
#else
#define __L4UTIL_ASSERT(ok, text) __l4util_assert((ok) ? 1 : 0, __FILE__, __LINE__, text)
#define __L4UTIL_ASSERT_OK(err, text) __l4util_assert_ok(err, __FILE__, __LINE__, text)
#endif

/*
 * In variables of the type that they are compared in: a compiler warns of what is
 * unsigned if it sees the 0 that it is compared with.
 */
#define __L4UTIL_AT_LEAST(val, min) \
	(__extension__({ \
		__typeof__(1 ? (val) : (min)) __l4util_least_val = (val); \
		__typeof__(1 ? (val) : (min)) __l4util_least = (min); \
\
		__l4util_least_val >= __l4util_least; \
	}))
#define __L4UTIL_BETWEEN(val, min, max) \
	(__extension__({ \
		__typeof__(val) __l4util_val = (val); \
\
		__L4UTIL_AT_LEAST(__l4util_val, min) && __l4util_val <= (max); \
	}))

#define ASSERT_ASSERT(x) __L4UTIL_ASSERT(x, #x)
#define ASSERT_VALID(cap) __L4UTIL_ASSERT(l4_is_valid_cap(cap), "valid " #cap)
#define ASSERT_EQUAL(a, b) __L4UTIL_ASSERT((a) == (b), #a " == " #b)
#define ASSERT_NOT_EQUAL(a, b) __L4UTIL_ASSERT((a) != (b), #a " != " #b)
#define ASSERT_LOWER_EQ(val, max) __L4UTIL_ASSERT((val) <= (max), #val " <= " #max)
#define ASSERT_GREATER_EQ(val, min) __L4UTIL_ASSERT(__L4UTIL_AT_LEAST(val, min), #val " >= " #min)
#define ASSERT_BETWEEN(val, min, max) \
	__L4UTIL_ASSERT(__L4UTIL_BETWEEN(val, min, max), #min " <= " #val " <= " #max)
#define ASSERT_IPC_OK(tag) __L4UTIL_ASSERT_OK(l4_ipc_to_errno(l4_ipc_error(tag, l4_utcb())), #tag)
#define ASSERT_OK(val) __L4UTIL_ASSERT_OK(val, #val)
#define ASSERT_NOT_NULL(ptr) __L4UTIL_ASSERT((ptr) != NULL, #ptr)

#endif /* _L4_UTIL_ASSERT_H */
