/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Constants of the machine and of capabilities. */
#ifndef _L4_SYS_CONSTS_H
#define _L4_SYS_CONSTS_H

/* Bits of l4_umword_t and l4_mword_t. */
#define L4_MWORD_BITS (__SIZEOF_LONG__ * __CHAR_BIT__)

/* Set in a capability that is none. */
#define L4_INVALID_CAP_BIT (1UL << 11)

/* The capability that is none. */
#define L4_INVALID_CAP (~0UL << 11)

#endif /* _L4_SYS_CONSTS_H */
