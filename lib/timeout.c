// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Timeouts of the API as the driver takes them: relative nanoseconds.
 */
#include "private.h"

#include <time.h>

static __thread l4_utcb_t utcb;

l4_utcb_t *l4_utcb(void)
{
	return &utcb;
}

__u64 l4shmc__now_ns(void)
{
	struct timespec ts;

	/* Cannot fail: every Linux has this clock. */
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * 1000000000 + (__u64)ts.tv_nsec;
}

l4_cpu_time_t l4_kip_clock(l4_kernel_info_t const *kip)
{
	(void)kip;
	return l4shmc__now_ns() / 1000;
}

l4_cpu_time_t l4_kip_clock_ns(l4_kernel_info_t const *kip)
{
	(void)kip;
	return l4shmc__now_ns();
}

__u64 l4shmc__ms_to_ns(l4_umword_t ms)
{
	__u64 ns;

	if (ms == L4SHMC_FOREVER || __builtin_mul_overflow((__u64)ms, 1000000, &ns))
		return L4SHMC_TIMEOUT_NEVER;
	return ns;
}

__u64 l4shmc__timeout_ns(l4_timeout_t timeout)
{
	l4_timeout_s rcv = timeout.p.rcv;
	__u64 now, end;

	if (rcv.t == 0)
		return L4SHMC_TIMEOUT_NEVER;
	/* At most 1023 * 2^31 us, which is no problem in ns. */
	if (!l4_timeout_is_absolute(rcv))
		return l4_timeout_rel_get(rcv) * 1000;

	if (__builtin_mul_overflow(l4_timeout_get(0, rcv), 1000, &end))
		return L4SHMC_TIMEOUT_NEVER;
	now = l4shmc__now_ns();
	return end > now ? end - now : 0;
}
