/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Programs of L4Re include this; signals are in <l4/shmc/shmc.h>. */
#ifndef _L4_SYS_IRQ_H
#define _L4_SYS_IRQ_H

#include <l4/sys/ipc.h>

#endif /* _L4_SYS_IRQ_H */
