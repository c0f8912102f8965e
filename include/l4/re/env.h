/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a program finds when it starts. */
#ifndef _L4_RE_ENV_H
#define _L4_RE_ENV_H

#include <l4/sys/kip.h>
#include <l4/sys/linkage.h>
#include <l4/sys/types.h>

/**
 * struct l4re_env_t - the capabilities that a program is given
 * @main_thread: its first thread
 * @scheduler: for the functions of <l4/sys/scheduler.h>
 */
typedef struct l4re_env_t {
	l4_cap_idx_t main_thread;
	l4_cap_idx_t scheduler;
} l4re_env_t;

L4_BEGIN_DECLS

/**
 * l4re_env() - the capabilities of this program
 *
 * Return: never a null pointer.
 */
L4_CV l4re_env_t *l4re_env(void) L4_NOTHROW;

/**
 * l4re_kip() - what l4_kip_clock() is to be given
 *
 * Return: never a null pointer.
 */
L4_CV l4_kernel_info_t *l4re_kip(void) L4_NOTHROW;

L4_END_DECLS

#endif /* _L4_RE_ENV_H */
