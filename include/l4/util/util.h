/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sleeping. */
#ifndef _L4_UTIL_UTIL_H
#define _L4_UTIL_UTIL_H

#include <l4/sys/__timeout.h>
#include <l4/sys/compiler.h>
#include <l4/sys/linkage.h>

L4_BEGIN_DECLS

/**
 * l4_sleep() - sleep for some time
 * @ms: milliseconds; negative for ever
 */
L4_CV void l4_sleep(int ms) L4_NOTHROW;

/**
 * l4_usleep() - sleep for a short time
 * @us: microseconds; negative for ever
 */
L4_CV void l4_usleep(int us) L4_NOTHROW;

/**
 * l4_sleep_forever() - sleep until the process ends
 */
L4_CV void l4_sleep_forever(void) L4_NOTHROW __attribute__((__noreturn__));

L4_END_DECLS

#endif /* _L4_UTIL_UTIL_H */
