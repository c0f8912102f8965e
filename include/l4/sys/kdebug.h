/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel debugger. */
#ifndef _L4_SYS_KDEBUG_H
#define _L4_SYS_KDEBUG_H

#include <l4/sys/compiler.h>
#include <l4/sys/linkage.h>

L4_BEGIN_DECLS

/**
 * enter_kdebug() - stop in the debugger
 * @text: printed to standard error
 *
 * Goes on if no debugger is attached.
 */
L4_CV void enter_kdebug(char const *text) L4_NOTHROW;

L4_END_DECLS

#endif /* _L4_SYS_KDEBUG_H */
