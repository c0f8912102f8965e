/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Codes and message tags of L4 IPC, in which some functions answer. */
#ifndef _L4_SYS_IPC_H
#define _L4_SYS_IPC_H

#include <l4/sys/__timeout.h>
#include <l4/sys/compiler.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>
#include <l4/sys/utcb.h>

/* Even codes are of sending, odd ones of receiving, but for ENOT_EXISTENT. */
enum l4_ipc_tcr_error_t {
	L4_IPC_ERROR_MASK = 0x1f,
	L4_IPC_SND_ERR_MASK = 0x01,

	L4_IPC_SETIMEOUT = 0x02,
	L4_IPC_RETIMEOUT = 0x03,
	L4_IPC_ENOT_EXISTENT = 0x04,
	L4_IPC_SECANCELED = 0x06,
	L4_IPC_RECANCELED = 0x07,
	L4_IPC_SEMSGCUT = 0x08,
	L4_IPC_REMSGCUT = 0x09,
	L4_IPC_SESNDPFTO = 0x0a,
	L4_IPC_RESNDPFTO = 0x0b,
	L4_IPC_SERCVPFTO = 0x0c,
	L4_IPC_RERCVPFTO = 0x0d,
	L4_IPC_SEABORTED = 0x0e,
	L4_IPC_REABORTED = 0x0f,
	L4_IPC_SEMAPFAILED = 0x10,
	L4_IPC_REMAPFAILED = 0x11
};

/* Flag of a message tag: the IPC failed, the code is in the UTCB. */
#define L4_MSGTAG_ERROR 0x8000

/**
 * struct l4_msgtag_t - result of an operation
 * @raw: from bit 16 on the label, which is 0 or a negative error
 */
typedef struct l4_msgtag_t {
	l4_mword_t raw;
} l4_msgtag_t;

/* A tag from its parts. */
L4_INLINE l4_msgtag_t l4_msgtag(long label, unsigned words, unsigned items, unsigned flags)
{
	l4_msgtag_t tag;

	tag.raw = (l4_mword_t)((l4_umword_t)label << 16 | (flags & 0xf000) | (items & 63) << 6 |
			       (words & 63));
	return tag;
}

/* The label of @tag. */
L4_INLINE long l4_msgtag_label(l4_msgtag_t tag)
{
	return tag.raw >> 16;
}

/* Not zero if the IPC failed. */
L4_INLINE unsigned l4_msgtag_has_error(l4_msgtag_t tag)
{
	return (tag.raw & L4_MSGTAG_ERROR) != 0;
}

/* The L4_IPC_* code of @tag, 0 if the IPC did not fail. */
L4_INLINE l4_umword_t l4_ipc_error(l4_msgtag_t tag, l4_utcb_t *utcb)
{
	return l4_msgtag_has_error(tag) ? utcb->_error & L4_IPC_ERROR_MASK : 0;
}

/* An L4_IPC_* code as negative error; 0 stays 0. */
L4_INLINE long l4_ipc_to_errno(unsigned long ipc_error_code)
{
	return ipc_error_code ? -(long)(L4_EIPC_LO + ipc_error_code) : 0;
}

/* The result in @tag: 0 or more, or a negative error. */
L4_INLINE long l4_error(l4_msgtag_t tag)
{
	if (l4_msgtag_has_error(tag))
		return l4_ipc_to_errno(l4_ipc_error(tag, l4_utcb()));
	return l4_msgtag_label(tag);
}

#endif /* _L4_SYS_IPC_H */
