/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Atomic operations, all of them full barriers. */
#ifndef _L4_UTIL_ATOMIC_H
#define _L4_UTIL_ATOMIC_H

#include <l4/sys/types.h>

/* If *@dest is @cmp_val makes it @new_val; not zero if it did. */
L4_INLINE int l4util_cmpxchg(volatile l4_umword_t *dest, l4_umword_t cmp_val, l4_umword_t new_val)
{
	return __atomic_compare_exchange_n(dest, &cmp_val, new_val, 0, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

/* The same for 32 bits. */
L4_INLINE int l4util_cmpxchg32(volatile l4_uint32_t *dest, l4_uint32_t cmp_val,
			       l4_uint32_t new_val)
{
	return __atomic_compare_exchange_n(dest, &cmp_val, new_val, 0, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

/* Makes *@dest @val; the value before. */
L4_INLINE l4_uint32_t l4util_xchg32(volatile l4_uint32_t *dest, l4_uint32_t val)
{
	return __atomic_exchange_n(dest, val, __ATOMIC_SEQ_CST);
}

#endif /* _L4_UTIL_ATOMIC_H */
