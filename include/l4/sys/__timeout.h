/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * DOC: l4/sys/__timeout.h
 *
 * Timeouts in 16 bits.  With bit 15 clear a timeout is relative: bits 0 to 9
 * times 2 to the power of bits 10 to 14, in microseconds; all zero is never,
 * and no microseconds are written with an exponent, as in 0x0400.  With bit 15
 * set it is absolute: the low bits are the number of a buffer register of the
 * thread, which holds the point in time of l4_kip_clock().
 */
#ifndef _L4_SYS___TIMEOUT_H
#define _L4_SYS___TIMEOUT_H

#include <l4/sys/compiler.h>
#include <l4/sys/types.h>
#include <l4/sys/utcb.h>

/**
 * struct l4_timeout_s - one timeout
 * @t: the 16 bits
 */
typedef struct l4_timeout_s {
	l4_uint16_t t;
} l4_timeout_s;

/**
 * union l4_timeout_t - a timeout for receiving and one for sending
 * @raw: both
 * @p: one by one
 * @p.rcv: for receiving
 * @p.snd: for sending
 */
typedef union l4_timeout_t {
	l4_uint32_t raw;
	struct {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		l4_timeout_s rcv;
		l4_timeout_s snd;
#else
		l4_timeout_s snd;
		l4_timeout_s rcv;
#endif
	} p;
} l4_timeout_t;

#ifdef __cplusplus
#define __L4_TIMEOUT_LITERAL(type, value) (type{ value })
#else
#define __L4_TIMEOUT_LITERAL(type, value) ((type){ value })
#endif

#define L4_IPC_TIMEOUT_0 __L4_TIMEOUT_LITERAL(l4_timeout_s, 0x0400)
#define L4_IPC_TIMEOUT_NEVER __L4_TIMEOUT_LITERAL(l4_timeout_s, 0)
#define L4_IPC_NEVER __L4_TIMEOUT_LITERAL(l4_timeout_t, 0)
#define L4_IPC_RECV_TIMEOUT_0 __L4_TIMEOUT_LITERAL(l4_timeout_t, 0x00000400)
#define L4_IPC_SEND_TIMEOUT_0 __L4_TIMEOUT_LITERAL(l4_timeout_t, 0x04000000)
#define L4_IPC_BOTH_TIMEOUT_0 __L4_TIMEOUT_LITERAL(l4_timeout_t, 0x04000400)

/* Relative timeout of @man * 2^@exp us; @man is below 1024, @exp below 32. */
L4_INLINE l4_timeout_s l4_timeout_rel(unsigned man, unsigned exp)
{
	l4_timeout_s to;

	to.t = (l4_uint16_t)((exp & 31) << 10 | (man & 1023));
	return to;
}

/* Both halves from single timeouts. */
L4_INLINE l4_timeout_t l4_timeout(l4_timeout_s snd, l4_timeout_s rcv)
{
	l4_timeout_t to;

	to.p.snd = snd;
	to.p.rcv = rcv;
	return to;
}

/* Both halves from mantissas and exponents. */
L4_INLINE l4_timeout_t l4_ipc_timeout(unsigned snd_man, unsigned snd_exp, unsigned rcv_man,
				      unsigned rcv_exp)
{
	return l4_timeout(l4_timeout_rel(snd_man, snd_exp), l4_timeout_rel(rcv_man, rcv_exp));
}

/* Sets the half of *@to that is for sending. */
L4_INLINE void l4_snd_timeout(l4_timeout_s snd, l4_timeout_t *to)
{
	to->p.snd = snd;
}

/* Sets the half of *@to that is for receiving. */
L4_INLINE void l4_rcv_timeout(l4_timeout_s rcv, l4_timeout_t *to)
{
	to->p.rcv = rcv;
}

/* Not zero if @to is a point in time. */
L4_INLINE unsigned l4_timeout_is_absolute(l4_timeout_s to)
{
	return (to.t & 0x8000) != 0;
}

/* Microseconds of a relative timeout; ~0 for never. */
L4_INLINE l4_kernel_clock_t l4_timeout_rel_get(l4_timeout_s to)
{
	if (to.t == 0)
		return ~(l4_kernel_clock_t)0;
	return (l4_kernel_clock_t)(to.t & 1023) << (to.t >> 10 & 31);
}

/* Is there room for a point in time in buffer register @br and, of 32 bits, the next? */
L4_INLINE unsigned __l4_timeout_br_ok(unsigned br)
{
	return br + sizeof(l4_kernel_clock_t) / sizeof(l4_umword_t) <=
	       L4_UTCB_GENERIC_BUFFERS_SIZE;
}

/**
 * l4_timeout_abs() - a point in time as timeout
 * @pint: when, in the time of l4_kip_clock()
 * @br: number of the buffer register to keep it in, below 57
 *
 * The timeout is good for the calling thread, until it uses that register for
 * another one.  One that is made with a bad @br is over at once.
 *
 * Return: the timeout.
 */
L4_INLINE l4_timeout_s l4_timeout_abs(l4_kernel_clock_t pint, int br)
{
	unsigned n = (unsigned)br < 0x7fff ? (unsigned)br : 0x7fff;
	l4_timeout_s to;

	if (__l4_timeout_br_ok(n))
		__builtin_memcpy(&l4_utcb()->_br[n], &pint, sizeof(pint));
	to.t = (l4_uint16_t)(0x8000 | n);
	return to;
}

/**
 * l4_timeout_get() - when a timeout is over
 * @cur: what l4_kip_clock() gives now
 * @to: the timeout; an absolute one has to be the calling thread's
 *
 * Return: the point in time; ~0 for never.
 */
L4_INLINE l4_kernel_clock_t l4_timeout_get(l4_kernel_clock_t cur, l4_timeout_s to)
{
	l4_kernel_clock_t t = 0;

	if (l4_timeout_is_absolute(to)) {
		unsigned br = to.t & 0x7fff;

		if (__l4_timeout_br_ok(br))
			__builtin_memcpy(&t, &l4_utcb()->_br[br], sizeof(t));
		return t;
	}
	t = l4_timeout_rel_get(to);
	return t > ~cur ? ~(l4_kernel_clock_t)0 : cur + t;
}

/**
 * l4_timeout_from_us() - the shortest timeout that is not too short
 * @us: microseconds
 *
 * Return: a relative timeout; never if @us is beyond the longest one.
 */
L4_INLINE l4_timeout_s l4_timeout_from_us(l4_uint64_t us)
{
	unsigned exp = 0;

	if (us == 0)
		return l4_timeout_rel(0, 1);
	/* Rounding up again and again gives what rounding up once would give. */
	for (; us > 1023; exp++)
		us = us / 2 + us % 2;
	return exp > 31 ? l4_timeout_rel(0, 0) : l4_timeout_rel((unsigned)us, exp);
}

/**
 * l4util_micros2l4to() - the older way to make a timeout
 * @mus: microseconds; ~0 for never
 *
 * Has 8 bits of precision and rounds down.
 *
 * Return: a relative timeout.
 */
L4_INLINE l4_timeout_s l4util_micros2l4to(unsigned mus)
{
	unsigned exp = 0;

	if (mus == ~0U)
		return l4_timeout_rel(0, 0);
	if (mus == 0)
		return l4_timeout_rel(0, 1);
	for (; mus > 255; exp++)
		mus /= 2;
	return l4_timeout_rel(mus, exp);
}

#endif /* _L4_SYS___TIMEOUT_H */
