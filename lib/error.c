// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Text for errors.
 */
#include "private.h"

static char const *const ipc_text[L4_EIPC_HI - L4_EIPC_LO + 1] = {
	[L4_IPC_SETIMEOUT] = "Send timeout",
	[L4_IPC_RETIMEOUT] = "Receive timeout",
	[L4_IPC_ENOT_EXISTENT] = "IPC partner does not exist",
	[L4_IPC_SECANCELED] = "Send canceled",
	[L4_IPC_RECANCELED] = "Receive canceled",
	[L4_IPC_SEMSGCUT] = "Message cut while sending",
	[L4_IPC_REMSGCUT] = "Message cut while receiving",
	[L4_IPC_SESNDPFTO] = "Send page-fault timeout while sending",
	[L4_IPC_RESNDPFTO] = "Send page-fault timeout while receiving",
	[L4_IPC_SERCVPFTO] = "Receive page-fault timeout while sending",
	[L4_IPC_RERCVPFTO] = "Receive page-fault timeout while receiving",
	[L4_IPC_SEABORTED] = "Send aborted",
	[L4_IPC_REABORTED] = "Receive aborted",
	[L4_IPC_SEMAPFAILED] = "Mapping failed while sending",
	[L4_IPC_REMAPFAILED] = "Mapping failed while receiving",
};

static char const *const base_text[L4_ERRNOMAX] = {
	[L4_EOK] = "Success",
	[L4_EPERM] = "Operation not permitted",
	[L4_ENOENT] = "No such object",
	[L4_EIO] = "Input/output error",
	[L4_ENXIO] = "No such device or address",
	[L4_E2BIG] = "Argument too big",
	[L4_EAGAIN] = "Try again",
	[L4_ENOMEM] = "Out of memory",
	[L4_EACCESS] = "Permission denied",
	[L4_EFAULT] = "Bad address",
	[L4_EBUSY] = "Object is busy",
	[L4_EEXIST] = "Object exists already",
	[L4_ENODEV] = "No such device",
	[L4_ENOTDIR] = "Not a directory",
	[L4_EINVAL] = "Invalid argument",
	[L4_ENOSPC] = "No space left",
	[L4_ERANGE] = "Out of range",
	[L4_ENAMETOOLONG] = "Name too long",
	[L4_ENOSYS] = "Not implemented",
	[L4_EBADPROTO] = "Unsupported protocol",
	[L4_EADDRNOTAVAIL] = "Address not available",
};

static char const *const msg_text[L4_EDROPREPLY - L4_ENOREPLY + 1] = {
	[L4_ENOREPLY - L4_ENOREPLY] = "No reply",
	[L4_EMSGTOOSHORT - L4_ENOREPLY] = "Message too short",
	[L4_EMSGTOOLONG - L4_ENOREPLY] = "Message too long",
	[L4_EMSGMISSARG - L4_ENOREPLY] = "Message lacks a capability",
	[L4_EMSGERRRANGE - L4_ENOREPLY] = "Error code in message out of range",
	[L4_EDROPREPLY - L4_ENOREPLY] = "Reply dropped",
};

char const *l4sys_errtostr(long err)
{
	unsigned long e = err < 0 ? 0UL - (unsigned long)err : (unsigned long)err;
	char const *text = NULL;

	if (e == L4_ERRNOMAX)
		return "Largest basic error";
	if (e < L4_ERRNOMAX)
		text = base_text[e];
	else if (e >= L4_ENOREPLY && e <= L4_EDROPREPLY)
		text = msg_text[e - L4_ENOREPLY];
	else if (e >= L4_EIPC_LO && e <= L4_EIPC_HI)
		text = ipc_text[e - L4_EIPC_LO] ? ipc_text[e - L4_EIPC_LO] : "Unknown IPC error";
	return text ? text : "Unknown error";
}
