/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Basic types, and what can be asked of a capability. */
#ifndef _L4_SYS_TYPES_H
#define _L4_SYS_TYPES_H

#include <l4/sys/compiler.h>
#include <l4/sys/consts.h>

typedef signed char l4_int8_t;
typedef unsigned char l4_uint8_t;
typedef signed short l4_int16_t;
typedef unsigned short l4_uint16_t;
typedef signed int l4_int32_t;
typedef unsigned int l4_uint32_t;
typedef signed long long l4_int64_t;
typedef unsigned long long l4_uint64_t;

/* The machine's word; an address fits into it. */
typedef signed long l4_mword_t;
typedef unsigned long l4_umword_t;
typedef unsigned long l4_addr_t;

/* Microseconds. */
typedef l4_uint64_t l4_cpu_time_t;
typedef l4_uint64_t l4_kernel_clock_t;

/* Capability: stands for a thread or a signal of this process. */
typedef unsigned long l4_cap_idx_t;

/* Not zero if @cap is none. */
L4_INLINE unsigned l4_is_invalid_cap(l4_cap_idx_t cap)
{
	return (cap & L4_INVALID_CAP_BIT) != 0;
}

/* Not zero if @cap may stand for something. */
L4_INLINE unsigned l4_is_valid_cap(l4_cap_idx_t cap)
{
	return (cap & L4_INVALID_CAP_BIT) == 0;
}

/* Not zero if both stand for the same thing. */
L4_INLINE unsigned l4_capability_equal(l4_cap_idx_t cap1, l4_cap_idx_t cap2)
{
	return cap1 == cap2;
}

#endif /* _L4_SYS_TYPES_H */
