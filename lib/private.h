/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of libl4shmc share.
 *
 * Public descriptors (area, chunk, signal) hold a magic number, a pointer to
 * the attachment, and the attachment's generation when they were filled in.
 * Attachments are never given back to malloc(), only used again with another
 * generation, so that a descriptor of an attachment that has ended is known
 * as such without touching freed memory.
 *
 * Locks, all of which are held across fork(), as the child has none of the threads
 * that would let go of them; otherwise none is taken inside another:
 * - in device.c, of the list of area handles that this process keeps;
 * - in area.c, of the pool of attachments;
 * - &l4shmc_attachment.lock, of its table of events and its chunk names;
 * - in waitset.c, of the wait sets of threads and what is bound to them.
 */
#ifndef _L4SHMC_PRIVATE_H
#define _L4SHMC_PRIVATE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
/* L4SHMC_CONTROL_OFFSET is beyond 32 bits. */
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/l4shmc.h>

#include "syscall.h"

/* All that these declare, and nothing else, is visible outside. */
#pragma GCC visibility push(default)
#include <l4/re/env.h>
#include <l4/shmc/linux.h>
#include <l4/shmc/shmc.h>
#include <l4/sys/debugger.h>
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/kdebug.h>
#include <l4/sys/kip.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/utcb.h>
#include <l4/util/util.h>
#include <pthread-l4.h>
#pragma GCC visibility pop

#define L4SHMC__ERR_TIMEOUT (-(long)(L4_EIPC_LO + L4_IPC_RETIMEOUT))

#define L4SHMC__AREA_MAGIC 0x4c344152UL
#define L4SHMC__CHUNK_MAGIC 0x4c34434bUL
#define L4SHMC__SIGNAL_MAGIC 0x4c345347UL

/* What is written by two sides must not share one. */
#define L4SHMC__CACHE_LINE 64

/**
 * struct l4shmc_spin - what looking at the memory before sleeping is worth
 * @paid: looks that have paid off lately
 * @rest: waits until the next one that tries if it does again
 * @interval: what @rest was set to
 *
 * All zero in the beginning.  Hints: races on them do no harm.
 */
struct l4shmc_spin {
	unsigned paid;
	unsigned rest;
	unsigned interval;
};

/**
 * struct l4shmc_event - this client's view of a signal
 * @next: in the same bucket of &l4shmc_attachment.buckets
 * @record: its record in the control region
 * @fd: the signal
 * @index: of @record
 * @spin: of waits for it
 * @counting: a wait takes one event
 * @readonly: @record is, so that the driver has to take events
 * @name: name of the signal
 *
 * Not changed once it is in the table, but for @spin.
 */
struct l4shmc_event {
	struct l4shmc_event *next;
	struct l4shmc_signal_record *record;
	int fd;
	__u32 index;
	struct l4shmc_spin spin;
	bool counting;
	bool readonly;
	char name[L4SHMC_NAME_SIZE];
};

/**
 * struct l4shmc_attachment - an area, mapped by one client
 * @generation: changes when the client leaves
 * @observer: both regions are mapped read-only
 * @client: client number, or L4SHMC_CLIENT_NONE for an observer
 * @fd: the attachment
 * @area_id: tells whether two attachments are to the same area
 * @records: control region
 * @data: data region
 * @size: bytes of @data
 * @lock: guards the members below
 * @buckets: events, hashed by name
 * @nr_buckets: a power of two, or 0 in the beginning
 * @nr_events: events in @buckets
 * @names: chunk names that were given out, by index of the record
 * @nr_names: entries of @names
 * @next_free: next one that can be used again
 * @next: next of all that were ever made
 */
struct l4shmc_attachment {
	l4_umword_t generation;
	bool observer;
	__u32 client;
	int fd;
	__u64 area_id;
	union l4shmc_record *records;
	char *data;
	size_t size;
	pthread_mutex_t lock;
	struct l4shmc_event **buckets;
	unsigned nr_buckets;
	unsigned nr_events;
	char **names;
	unsigned nr_names;
	struct l4shmc_attachment *next_free;
	struct l4shmc_attachment *next;
};

/* Is this what a descriptor was filled in with, and still attached? */
static inline bool l4shmc__attached(struct l4shmc_attachment const *at, l4_umword_t generation)
{
	return __atomic_load_n(&at->generation, __ATOMIC_RELAXED) == generation;
}

static inline bool l4shmc__area_ok(l4shmc_area_t const *area)
{
	return area && area->_magic == L4SHMC__AREA_MAGIC &&
	       l4shmc__attached(area->_attachment, area->_generation);
}

static inline bool l4shmc__chunk_ok(l4shmc_chunk_t const *chunk)
{
	return chunk && chunk->_magic == L4SHMC__CHUNK_MAGIC &&
	       l4shmc__attached(chunk->_attachment, chunk->_generation);
}

static inline bool l4shmc__signal_ok(l4shmc_signal_t const *signal)
{
	return signal && signal->_magic == L4SHMC__SIGNAL_MAGIC &&
	       l4shmc__attached(signal->_attachment, signal->_generation);
}

/* device.c */

/* An errno value as an L4 error code. */
long l4shmc__error(int err);

/*
 * One ioctl(), made again when a Unix signal interrupts it; the driver has
 * written the rest of the timeout back then.  Leaves errno alone.
 */
static inline long l4shmc__ioctl(int fd, unsigned long cmd, void *arg)
{
	long ret;

	do {
		ret = l4shmc__sys_ioctl(fd, cmd, arg);
	} while (L4_UNLIKELY(ret == -EINTR));
	return L4_LIKELY(ret >= 0) ? ret : l4shmc__error((int)-ret);
}

/* The same for commands that have nothing to return but 0. */
static inline long l4shmc__command(int fd, unsigned long cmd, void *arg)
{
	long ret = l4shmc__ioctl(fd, cmd, arg);

	return ret > 0 ? -L4_EIO : ret;
}

/* Copies a name, if it can be one. */
long l4shmc__name(char dst[L4SHMC_NAME_SIZE], char const *name);
int l4shmc__open_device(int flags);
void l4shmc__close(int fd);

/* signal.c */

void l4shmc__free_events(struct l4shmc_attachment *at);

/* spin.c */

/* Most looks before a wait sleeps; 0: none. */
unsigned l4shmc__spin_limit(void);
/*
 * Calls @look again and again, at most @limit times and as often as is worth
 * it, until it returns true.
 */
bool l4shmc__spin(struct l4shmc_spin *spin, unsigned limit, bool (*look)(void *arg), void *arg);

/* system.c */

bool l4shmc__is_thread(pid_t tid);
/* The number of a thread of this process that has not ended, or -1. */
pid_t l4shmc__cap_to_tid(l4_cap_idx_t cap);

/* waitset.c */

/* Ends the binding that was made through @event, if there is one. */
void l4shmc__unbind(struct l4shmc_attachment const *at, struct l4shmc_event const *event);

/* timeout.c */

__u64 l4shmc__now_ns(void);
__u64 l4shmc__ms_to_ns(l4_umword_t ms);
__u64 l4shmc__timeout_ns(l4_timeout_t timeout);

#endif /* _L4SHMC_PRIVATE_H */
