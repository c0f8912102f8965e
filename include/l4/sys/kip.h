/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The clock. */
#ifndef _L4_SYS_KIP_H
#define _L4_SYS_KIP_H

#include <l4/sys/compiler.h>
#include <l4/sys/linkage.h>
#include <l4/sys/types.h>

/* Handed on from l4re_kip(), of no other use. */
typedef struct l4_kernel_info_t l4_kernel_info_t;

L4_BEGIN_DECLS

/**
 * l4_kip_clock() - the time
 * @kip: from l4re_kip(), not used
 *
 * Return: microseconds of CLOCK_MONOTONIC.
 */
L4_CV l4_cpu_time_t l4_kip_clock(l4_kernel_info_t const *kip) L4_NOTHROW;

/**
 * l4_kip_clock_ns() - the time, finer
 * @kip: from l4re_kip(), not used
 *
 * Return: nanoseconds of CLOCK_MONOTONIC.
 */
L4_CV l4_cpu_time_t l4_kip_clock_ns(l4_kernel_info_t const *kip) L4_NOTHROW;

L4_END_DECLS

#endif /* _L4_SYS_KIP_H */
