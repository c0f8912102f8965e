/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What compat_test and compat_peer, a 32-bit program, have to agree on: both
 * write down the layout of the ABI as their compiler sees it.
 */
#ifndef L4SHMC_SELFTESTS_COMPAT_H
#define L4SHMC_SELFTESTS_COMPAT_H

#include "common.h"

#define COMPAT_MESSAGE 1000
#define COMPAT_ROUNDS rounds(300)

struct compat_layout {
	__u32 cmd, size, align, last;
};

#define COMMAND_LAYOUT(cmd, type, last) \
	{ cmd, sizeof(struct type), __alignof__(struct type), offsetof(struct type, last) }

static const struct compat_layout compat_layout[] = {
	COMMAND_LAYOUT(L4SHMC_IOC_INFO, l4shmc_ioc_info, max_clients),
	COMMAND_LAYOUT(L4SHMC_IOC_CREATE, l4shmc_ioc_create, name),
	COMMAND_LAYOUT(L4SHMC_IOC_ATTACH, l4shmc_ioc_attach, name),
	COMMAND_LAYOUT(L4SHMC_IOC_UNLINK, l4shmc_ioc_unlink, name),
	COMMAND_LAYOUT(L4SHMC_IOC_AREA_INFO, l4shmc_ioc_area_info, name),
	COMMAND_LAYOUT(L4SHMC_IOC_CHUNK_ADD, l4shmc_ioc_chunk_add, name),
	COMMAND_LAYOUT(L4SHMC_IOC_CHUNK_FIND, l4shmc_ioc_chunk_find, name),
	COMMAND_LAYOUT(L4SHMC_IOC_CHUNK_NEXT, l4shmc_ioc_chunk_next, name),
	COMMAND_LAYOUT(L4SHMC_IOC_SIGNAL_OPEN, l4shmc_ioc_signal_open, name),
	COMMAND_LAYOUT(L4SHMC_IOC_SIGNAL_INFO, l4shmc_ioc_signal_info, name),
	COMMAND_LAYOUT(L4SHMC_IOC_WAIT, l4shmc_ioc_wait, timeout_ns),
	COMMAND_LAYOUT(L4SHMC_IOC_CALL, l4shmc_ioc_call, reserved),
	COMMAND_LAYOUT(L4SHMC_IOC_INFO, l4shmc_ioc_info, features),
	COMMAND_LAYOUT(L4SHMC_IOC_CREATE, l4shmc_ioc_create, area_size),
	COMMAND_LAYOUT(L4SHMC_IOC_ATTACH, l4shmc_ioc_attach, timeout_ns),
	COMMAND_LAYOUT(L4SHMC_IOC_AREA_INFO, l4shmc_ioc_area_info, initialized),
	COMMAND_LAYOUT(L4SHMC_IOC_TRIGGER, l4shmc_signal_record, armed),
	COMMAND_LAYOUT(L4SHMC_IOC_RING, l4shmc_signal_record, consumed),
	COMMAND_LAYOUT(L4SHMC_IOC_CLIENT_INIT, l4shmc_chunk_record, message_size),
	COMMAND_LAYOUT(L4SHMC_IOC_WAITSET, l4shmc_ioc_waitset, flags),
	COMMAND_LAYOUT(L4SHMC_IOC_BIND, l4shmc_ioc_bind, reserved),
	COMMAND_LAYOUT(L4SHMC_IOC_BIND, l4shmc_ioc_bind, label),
	COMMAND_LAYOUT(L4SHMC_IOC_UNBIND, l4shmc_ioc_unbind, reserved),
	COMMAND_LAYOUT(L4SHMC_IOC_WAITSET_WAIT, l4shmc_ioc_waitset_wait, reserved),
	COMMAND_LAYOUT(L4SHMC_IOC_WAITSET_WAIT, l4shmc_ioc_waitset_wait, labels),
};

/* The bytes of message @number */
static inline unsigned char compat_byte(unsigned int number, unsigned int at)
{
	return (unsigned char)(number * 31 + at);
}

#endif /* L4SHMC_SELFTESTS_COMPAT_H */
