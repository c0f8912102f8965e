/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names and numbers of objects, for people who debug. */
#ifndef _L4_SYS_DEBUGGER_H
#define _L4_SYS_DEBUGGER_H

#include <l4/sys/ipc.h>
#include <l4/sys/linkage.h>

L4_BEGIN_DECLS

/**
 * l4_debugger_set_object_name() - give a thread a name
 * @cap: a thread of this process
 * @name: as much of it as fits becomes the thread's name
 *
 * Return: for l4_error(): 0; -L4_EINVAL for anything but a thread.
 */
L4_CV l4_msgtag_t l4_debugger_set_object_name(l4_cap_idx_t cap, char const *name) L4_NOTHROW;

/**
 * l4_debugger_global_id() - a number for a thread that holds everywhere
 * @cap: a thread of this process
 *
 * Return: the number under which the system lists the thread; ~0 for anything
 * but a thread.
 */
L4_CV unsigned long l4_debugger_global_id(l4_cap_idx_t cap) L4_NOTHROW;

L4_END_DECLS

#endif /* _L4_SYS_DEBUGGER_H */
