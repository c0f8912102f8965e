/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads as capabilities. */
#ifndef _PTHREAD_L4_H
#define _PTHREAD_L4_H

#include <l4/sys/compiler.h>
#include <l4/sys/linkage.h>
#include <l4/sys/types.h>

#include <pthread.h>

L4_BEGIN_DECLS

/**
 * pthread_l4_cap() - the capability of a thread
 * @thread: a thread of this process
 *
 * Return: the capability; L4_INVALID_CAP if the thread has ended.
 */
L4_CV l4_cap_idx_t pthread_l4_cap(pthread_t thread) L4_NOTHROW;

/**
 * pthread_getl4cap() - older name of pthread_l4_cap()
 * @thread: a thread of this process
 *
 * Return: as pthread_l4_cap().
 */
L4_CV l4_cap_idx_t pthread_getl4cap(pthread_t thread) L4_NOTHROW;

L4_END_DECLS

#endif /* _PTHREAD_L4_H */
