/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each thread has to itself. */
#ifndef _L4_SYS_UTCB_H
#define _L4_SYS_UTCB_H

#include <l4/sys/compiler.h>
#include <l4/sys/linkage.h>
#include <l4/sys/types.h>

/* Number of buffer registers; see l4_timeout_abs(). */
#define L4_UTCB_GENERIC_BUFFERS_SIZE 58

/**
 * struct l4_utcb_t - registers of a thread
 */
typedef struct l4_utcb_t {
	/* private: */
	l4_umword_t _error;
	l4_umword_t _br[L4_UTCB_GENERIC_BUFFERS_SIZE];
} l4_utcb_t;

L4_BEGIN_DECLS

/**
 * l4_utcb() - the registers of the calling thread
 *
 * Return: their address; valid until the thread ends.
 */
L4_CV l4_utcb_t *l4_utcb(void) L4_NOTHROW;

L4_END_DECLS

#endif /* _L4_SYS_UTCB_H */
