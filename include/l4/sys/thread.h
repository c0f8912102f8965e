/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads. */
#ifndef _L4_SYS_THREAD_H
#define _L4_SYS_THREAD_H

#include <l4/sys/ipc.h>

#include <sched.h>

/* Lets other threads run. */
L4_INLINE l4_msgtag_t l4_thread_yield(void)
{
	return l4_msgtag(-sched_yield(), 0, 0, 0);
}

#endif /* _L4_SYS_THREAD_H */
