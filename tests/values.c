// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers and texts that programs of L4Re rely on. */
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include <l4/sys/__timeout.h>
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/types.h>

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct {
	char const *name;
	long code;
	long wanted;
} const errors[] = {
	{ "L4_EOK", L4_EOK, 0 },
	{ "L4_EPERM", L4_EPERM, 1 },
	{ "L4_ENOENT", L4_ENOENT, 2 },
	{ "L4_EIO", L4_EIO, 5 },
	{ "L4_ENXIO", L4_ENXIO, 6 },
	{ "L4_E2BIG", L4_E2BIG, 7 },
	{ "L4_EAGAIN", L4_EAGAIN, 11 },
	{ "L4_ENOMEM", L4_ENOMEM, 12 },
	{ "L4_EACCESS", L4_EACCESS, 13 },
	{ "L4_EFAULT", L4_EFAULT, 14 },
	{ "L4_EBUSY", L4_EBUSY, 16 },
	{ "L4_EEXIST", L4_EEXIST, 17 },
	{ "L4_ENODEV", L4_ENODEV, 19 },
	{ "L4_ENOTDIR", L4_ENOTDIR, 20 },
	{ "L4_EINVAL", L4_EINVAL, 22 },
	{ "L4_ENOSPC", L4_ENOSPC, 28 },
	{ "L4_ERANGE", L4_ERANGE, 34 },
	{ "L4_ENAMETOOLONG", L4_ENAMETOOLONG, 36 },
	{ "L4_ENOSYS", L4_ENOSYS, 38 },
	{ "L4_EBADPROTO", L4_EBADPROTO, 39 },
	{ "L4_EADDRNOTAVAIL", L4_EADDRNOTAVAIL, 99 },
	{ "L4_ENOREPLY", L4_ENOREPLY, 1000 },
	{ "L4_EMSGTOOSHORT", L4_EMSGTOOSHORT, 1001 },
	{ "L4_EMSGTOOLONG", L4_EMSGTOOLONG, 1002 },
	{ "L4_EMSGMISSARG", L4_EMSGMISSARG, 1003 },
	{ "L4_EMSGERRRANGE", L4_EMSGERRRANGE, 1004 },
	{ "L4_EDROPREPLY", L4_EDROPREPLY, 1005 },
	{ "L4_EIPC_LO + L4_IPC_SETIMEOUT", L4_EIPC_LO + L4_IPC_SETIMEOUT, 2002 },
	{ "L4_EIPC_LO + L4_IPC_RETIMEOUT", L4_EIPC_LO + L4_IPC_RETIMEOUT, 2003 },
	{ "L4_EIPC_LO + L4_IPC_ENOT_EXISTENT", L4_EIPC_LO + L4_IPC_ENOT_EXISTENT, 2004 },
	{ "L4_EIPC_LO + L4_IPC_SECANCELED", L4_EIPC_LO + L4_IPC_SECANCELED, 2006 },
	{ "L4_EIPC_LO + L4_IPC_RECANCELED", L4_EIPC_LO + L4_IPC_RECANCELED, 2007 },
};

static void test_error_codes(void)
{
	size_t i, wrong = 0;

	for (i = 0; i < COUNT(errors); i++) {
		if (errors[i].code == errors[i].wanted)
			continue;
		diag("%s is %ld, not %ld", errors[i].name, errors[i].code, errors[i].wanted);
		wrong++;
	}
	ok(!wrong, "errors have their numbers");
	ok(L4_ERRNOMAX == 100 && L4_EIPC_LO == 2000 && L4_EIPC_HI == 2031, "limits of errors");
}

/* A code has a text of its own, with either sign. */
static bool has_own_text(size_t which)
{
	char const *text = l4sys_errtostr(-errors[which].code);
	size_t i;

	if (!text || !*text || strcmp(text, l4sys_errtostr(errors[which].code)) != 0)
		return false;
	for (i = 0; i < COUNT(errors); i++) {
		if (i != which && !strcmp(text, l4sys_errtostr(errors[i].code)))
			return false;
	}
	return true;
}

static void test_error_texts(void)
{
	static long const strange[] = { 3,     -3,	 4711,	    -4711,   2031,
					-2032, LONG_MAX, -LONG_MAX, LONG_MIN };
	size_t i, without = 0;

	for (i = 0; i < COUNT(errors); i++) {
		if (has_own_text(i))
			continue;
		diag("%s: %s", errors[i].name, l4sys_errtostr(errors[i].code));
		without++;
	}
	ok(!without, "l4sys_errtostr: a text of its own for each error, whatever its sign");
	for (without = 0, i = 0; i < COUNT(strange); i++)
		without += !l4sys_errtostr(strange[i]) || !*l4sys_errtostr(strange[i]);
	ok(!without, "l4sys_errtostr: a text for any number");
	ok(!strcmp(l4sys_errtostr(-2003), "Receive timeout"), "l4sys_errtostr: Receive timeout");
}

static void test_timeout_encodings(void)
{
	static struct {
		unsigned us, encoded, old;
	} const table[] = {
		{ 256, 0x100, 0x480 },	     { 1023, 0x3ff, 0x8ff },
		{ 1025, 0x601, 0xc80 },	     { 10000, 0x1271, 0x189c },
		{ 1000000, 0x2bd1, 0x30f4 }, { 10000000, 0x3a63, 0x4098 },
	};
	l4_timeout_s to;
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		to = l4_timeout_from_us(table[i].us);
		if (!ok(to.t == table[i].encoded, "l4_timeout_from_us: %u us is 0x%x", table[i].us,
			table[i].encoded))
			diag("it gave 0x%x", to.t);
		to = l4util_micros2l4to(table[i].us);
		if (!ok(to.t == table[i].old, "l4util_micros2l4to: %u us is 0x%x", table[i].us,
			table[i].old))
			diag("it gave 0x%x", to.t);
	}
}

/* No timeout is shorter than what was asked for, and none is needlessly long. */
static void test_timeout_rounding(void)
{
	l4_kernel_clock_t us, got, bad = 0;

	for (us = 1; us < 1023ULL << 31; us += us / 77 + 1) {
		got = l4_timeout_rel_get(l4_timeout_from_us(us));
		if (got < us || got - us > us / 512)
			bad = us;
	}
	if (!ok(!bad, "l4_timeout_from_us: rounds up to 10 bits"))
		diag("%llu us became %llu us", bad, l4_timeout_rel_get(l4_timeout_from_us(bad)));
	ok(l4_timeout_from_us(0).t == 0x400, "l4_timeout_from_us: 0 us is at once");
	ok(l4_timeout_from_us(1023ULL << 31).t == 0x7fff, "l4_timeout_from_us: the longest");
	ok(l4_timeout_from_us((1023ULL << 31) + 1).t == 0, "l4_timeout_from_us: longer is never");
	ok(l4_timeout_from_us(~0ULL).t == 0, "l4_timeout_from_us: all ones is never");
}

static void test_timeout_parts(void)
{
	l4_timeout_t to = l4_ipc_timeout(5, 2, 1023, 31);

	ok(sizeof(l4_timeout_s) == 2 && sizeof(l4_timeout_t) == 4, "timeouts have 16 and 32 bits");
	ok(l4_timeout_rel(5, 2).t == 0x805, "l4_timeout_rel");
	ok(to.p.snd.t == 0x805 && to.p.rcv.t == 0x7fff,
	   "l4_ipc_timeout: first send, then receive");
	ok(to.raw == 0x08057fff, "l4_timeout_t: send is the upper half");
	ok(l4_timeout(to.p.rcv, to.p.snd).raw == 0x7fff0805,
	   "l4_timeout: first send, then receive");
	l4_snd_timeout(l4_timeout_rel(1, 0), &to);
	l4_rcv_timeout(l4_timeout_rel(2, 0), &to);
	ok(to.raw == 0x00010002, "l4_snd_timeout, l4_rcv_timeout");
	ok(L4_IPC_NEVER.raw == 0 && L4_IPC_TIMEOUT_NEVER.t == 0, "never is 0");
	ok(L4_IPC_TIMEOUT_0.t == 0x0400 && L4_IPC_BOTH_TIMEOUT_0.raw == 0x04000400 &&
		   L4_IPC_RECV_TIMEOUT_0.p.rcv.t == 0x0400 && !L4_IPC_RECV_TIMEOUT_0.p.snd.t &&
		   L4_IPC_SEND_TIMEOUT_0.p.snd.t == 0x0400 && !L4_IPC_SEND_TIMEOUT_0.p.rcv.t,
	   "at once is 0x0400");
	ok(l4_timeout_rel_get(l4_timeout_rel(5, 2)) == 20 &&
		   l4_timeout_rel_get(L4_IPC_TIMEOUT_0) == 0,
	   "l4_timeout_rel_get: microseconds");
	ok(l4_timeout_get(100, l4_timeout_rel(5, 2)) == 120, "l4_timeout_get: from now on");
}

static void test_timeout_absolute(void)
{
	l4_timeout_s to = l4_timeout_abs(123456789012ULL, 3);

	ok(l4_timeout_is_absolute(to) && to.t & 0x8000, "l4_timeout_abs: sets bit 15");
	ok(!l4_timeout_is_absolute(l4_timeout_rel(1023, 31)), "a relative one is not absolute");
	ok(l4_timeout_get(0, to) == 123456789012ULL, "l4_timeout_get: the point in time");
	ok(l4_timeout_get(123456789013ULL, to) == 123456789012ULL,
	   "l4_timeout_get: a point in time that is over");
}

static void test_types(void)
{
	ok(sizeof(l4_umword_t) == sizeof(void *) && sizeof(l4_addr_t) == sizeof(void *) &&
		   sizeof(l4_mword_t) == sizeof(void *) && L4_MWORD_BITS == 8 * sizeof(void *),
	   "words are as long as pointers");
	ok(sizeof(l4_uint8_t) == 1 && sizeof(l4_uint16_t) == 2 && sizeof(l4_uint32_t) == 4 &&
		   sizeof(l4_uint64_t) == 8 && sizeof(l4_kernel_clock_t) == 8,
	   "types have the lengths of their names");
	ok(l4_is_invalid_cap(L4_INVALID_CAP) && !l4_is_valid_cap(L4_INVALID_CAP),
	   "L4_INVALID_CAP is invalid");
	ok(l4_ipc_to_errno(L4_IPC_RETIMEOUT) == -2003 && l4_ipc_to_errno(0) == 0,
	   "l4_ipc_to_errno");
}

int main(void)
{
	test_error_codes();
	test_error_texts();
	test_timeout_encodings();
	test_timeout_rounding();
	test_timeout_parts();
	test_timeout_absolute();
	test_types();
	return done_testing();
}
