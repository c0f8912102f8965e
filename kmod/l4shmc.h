/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects of the driver and what its files offer to each other.
 *
 * Locks:
 *
 *   l4shmc_index_lock   which areas have a name, in all namespaces, and their
 *                       entries in sysfs
 *   area->lock          what struct l4shmc_area says, and the clients
 *   wq.lock             of a signal: who waits for it, and @armed; inside of that,
 *                       of a wait set: its bindings, and which of them are ready
 *
 * Beside these each xarray has its own, inside of which no other is taken.
 *
 * The first two are mutexes, and neither is taken inside of the other; the third is a
 * spinlock, and inside of area->lock. Clients of an area can let its lock be held for
 * long, and everybody needs the index lock: who holds that does not wait for an area,
 * nor for a show function that does. User memory is never touched under any of them,
 * but for a store that is not to fault, and neither of the mutexes is taken under
 * mmap_lock: sysfs may take that under a lock of its own that is needed to add entries.
 *
 * An area is counted by its data file, the shmem file with the payload: every
 * handle, attachment, signal descriptor and data mapping holds a reference to
 * that file, persistence holds one more, and its release function ends the
 * area. The same reference keeps the module loaded.
 */
#ifndef _L4SHMC_H
#define _L4SHMC_H

#include <linux/build_bug.h>
#include <linux/device.h>
#include <linux/file.h>
#include <linux/kobject.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/rhashtable-types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/xarray.h>
#include <linux/l4shmc.h>

#include "compat.h"

/**
 * struct l4shmc_space - a name space
 * @added: counts the names added, so that one can wait for the next
 */
struct l4shmc_space {
	u32 added;
};

/**
 * struct l4shmc_name - a name, as part of the object that has it
 * @node: in the table of all names
 * @space: the name space that it is in
 * @text: NUL-terminated, constant
 *
 * The table is walked under RCU: an object with a name is freed by kfree_rcu().
 */
struct l4shmc_name {
	struct rhash_head node;
	const struct l4shmc_space *space;
	char text[L4SHMC_NAME_SIZE];
};

/**
 * struct l4shmc_net - what a network namespace has of its own
 * @net: the namespace, constant
 * @areas: name space of the areas
 * @named: the areas that have their name there; changed under the index lock
 *
 * Areas do not keep the namespace: when it ends they lose their names.
 */
struct l4shmc_net {
	struct net *net;
	struct l4shmc_space areas;
	struct list_head named;
};

/**
 * struct l4shmc_user - a user of whom something is there
 * @uid: constant
 * @areas: how many, by the lock of the users
 * @records: and bindings, likewise
 * @bytes: likewise
 */
struct l4shmc_user {
	kuid_t uid;
	u64 areas;
	u64 records;
	u64 bytes;
};

/**
 * struct l4shmc_area - named shared memory
 * @dev: its entry in sysfs; its reference count is that of the memory of this
 *	struct
 * @name: constant; in the table while @linked
 * @data: the payload and the reference count of the area, constant
 * @size: bytes of payload, constant
 * @id: no other area has had it, constant
 * @mode: rights of owner, group and others, constant
 * @uid: owner, constant
 * @gid: group, constant
 * @user: who made it and is charged for it, constant
 * @persistent: has been made so, constant
 * @linked: has its name; changed under the index lock
 * @named: in the list of that name while it is so or is being undone; changed
 *	under the index lock
 * @net: the network namespace of @name; valid while it is in @named
 * @pages: the pages of the control region by number, made on demand and kept
 * @lock: protects what follows, and the clients
 * @shown: slots get entries in sysfs
 * @used: bytes of payload given to chunks; sysfs reads it without the lock
 * @slots: all records by index, marked with L4SHMC_MARK_*
 * @clients: those with a number by number
 * @listeners: clients that are to be told of others, observers too
 * @nr_clients: how many are in @clients
 * @initialized: bit i is set if client i has said so; read as @used is
 * @chunks: name space of the chunks
 * @signals: name space of the signals
 * @chunks_dir: directory of the chunks in sysfs
 * @signals_dir: directory of the signals in sysfs
 * @rcu: for kfree_rcu()
 */
struct l4shmc_area {
	struct device dev;
	struct l4shmc_name name;
	struct file *data;
	u64 size;
	u64 id;
	umode_t mode;
	kuid_t uid;
	kgid_t gid;
	struct l4shmc_user *user;
	bool persistent;
	bool linked;
	struct list_head named;
	struct l4shmc_net *net;
	struct xarray pages;

	struct mutex lock; /* protects what follows */
	bool shown;
	atomic64_t used;
	struct xarray slots;
	struct xarray clients;
	struct list_head listeners;
	u32 nr_clients;
	atomic64_t initialized;
	struct l4shmc_space chunks;
	struct l4shmc_space signals;
	struct kobject *chunks_dir;
	struct kobject *signals_dir;
	struct rcu_head rcu;
};

/*
 * Marks in area->slots; the driver's own signals have none. The first mark is
 * XA_FREE_MARK there.
 */
#define L4SHMC_MARK_CHUNK XA_MARK_1
#define L4SHMC_MARK_SIGNAL XA_MARK_2

/**
 * struct l4shmc_client - an attachment
 * @file: the attachment's file, which owns this struct
 * @area: the area, by a reference to its data file
 * @node: in area->listeners while there is @events
 * @number: the client number, or L4SHMC_CLIENT_NONE for an observer
 * @events: the client's L4SHMC_SIGNAL_CLIENTS once it has been opened
 */
struct l4shmc_client {
	struct file *file;
	struct l4shmc_area *area;
	struct list_head node;
	u32 number;
	struct l4shmc_signal *events;
};

/**
 * struct l4shmc_slot - what a chunk and a signal have in common, at their start
 * @kobj: entry in sysfs; its reference count is that of the memory
 * @name: in the name space of the area's chunks or signals
 * @area: the area
 * @user: who made it and is charged for the record, or why nobody is
 * @index: of the record
 * @record: the record in its control page. Others write it too: nothing that
 *	is read there is relied on.
 * @rcu: for kfree_rcu()
 */
struct l4shmc_slot {
	struct kobject kobj;
	struct l4shmc_name name;
	struct l4shmc_area *area;
	struct l4shmc_user *user;
	u32 index;
	union l4shmc_record *record;
	struct rcu_head rcu;
};

/**
 * struct l4shmc_chunk - a part of an area's payload
 * @slot: name and record
 * @offset: where the payload starts, constant
 * @capacity: bytes, constant
 * @recovered: how often it was taken back from a dead owner
 */
struct l4shmc_chunk {
	struct l4shmc_slot slot;
	u64 offset;
	u64 capacity;
	u32 recovered;
};

/**
 * struct l4shmc_signal - an event that can be waited for
 * @slot: name and record
 * @pin: file that a descriptor of the signal holds: the area's data file or,
 *	if the signal is a client's own, the attachment
 * @flags: &enum l4shmc_signal_flags, constant
 * @wq: sleepers (exclusive), pollers, and bindings that are armed or have not been
 *	passed since; its lock protects what follows
 * @sleepers: sleepers that have not been woken
 * @bindings: bindings to wait sets
 * @armed: those of them that are to be told of an event
 * @polled: has been polled and is armed for ever
 * @next: for who rings: the task that has been woken, if it calls
 * @turns: a hint: how often calls that wait here have given way
 * @rest: a hint: so many of them do not
 * @interval: a hint: what @rest becomes when that was no good
 */
struct l4shmc_signal {
	struct l4shmc_slot slot;
	struct file *pin;
	u32 flags;
	wait_queue_head_t wq;
	u32 sleepers;
	u32 bindings;
	u32 armed;
	bool polled;
	struct task_struct *next;
	u32 turns;
	u32 rest;
	u32 interval;
};

/**
 * struct l4shmc_timeout - the end of a wait
 * @expires: CLOCK_MONOTONIC
 * @never: there is none
 * @now: look once, do not sleep
 */
struct l4shmc_timeout {
	ktime_t expires;
	bool never;
	bool now;
};

/**
 * struct l4shmc_fd - a descriptor that is being made
 * @fd: reserved number
 * @file: file without an object; its release function must bear that
 *
 * Made before the object, so that nothing can fail once there is one.
 */
struct l4shmc_fd {
	int fd;
	struct file *file;
};

/* When the argument of a command is copied back to the caller. */
enum l4shmc_out {
	L4SHMC_OUT_NEVER,
	L4SHMC_OUT_RESULT,	/* on success: it is the result */
	L4SHMC_OUT_REST,	/* when interrupted: the rest of the timeout */
};

/**
 * struct l4shmc_cmd - an ioctl command of a kind of file
 * @cmd: the number
 * @size: size of its struct, 0 if it has none; the number tells that of its
 *	first version
 * @out: when the struct is copied back
 * @run: does it; @arg is the driver's copy of the struct
 */
struct l4shmc_cmd {
	unsigned int cmd;
	u8 size;
	enum l4shmc_out out;
	long (*run)(struct file *file, void *arg);
};

/* Structs are read in words, all of them. */
#define L4SHMC_ARG_SIZE(_type)						\
	(sizeof(_type) + BUILD_BUG_ON_ZERO(sizeof(_type) % sizeof(u64) ||	\
					   sizeof(_type) > U8_MAX))
#define L4SHMC_CMD(_cmd, _type, _out, _run)	\
	{ .cmd = (_cmd), .size = L4SHMC_ARG_SIZE(struct _type), .out = (_out), .run = (_run) }
#define L4SHMC_CMD_PLAIN(_cmd, _run)		\
	{ .cmd = (_cmd), .run = (_run) }

/* main.c */
extern struct mutex l4shmc_index_lock;

long l4shmc_ioctl(struct file *file, unsigned int cmd, unsigned long arg,
		  const struct l4shmc_cmd *cmds, unsigned int nr_cmds);
int l4shmc_fd_prepare(struct l4shmc_fd *new, const char *name,
		      const struct file_operations *fops, int flags);
void l4shmc_fd_abort(struct l4shmc_fd *new);
int l4shmc_fd_install(struct l4shmc_fd *new, void *private);
void l4shmc_timeout_start(struct l4shmc_timeout *t, u64 ns);
u64 l4shmc_timeout_rest(const struct l4shmc_timeout *t);
int l4shmc_timeout_sleep(struct l4shmc_timeout *t);
void l4shmc_waitqueue_init(wait_queue_head_t *wq);

/* name.c */
int l4shmc_names_init(void);
void l4shmc_names_exit(void);
int l4shmc_name_check(const char *text);
int l4shmc_name_add(struct l4shmc_name *name, struct l4shmc_space *space);
void l4shmc_name_remove(struct l4shmc_name *name);
struct l4shmc_name *l4shmc_name_find(const struct l4shmc_space *space, const char *text);
u32 l4shmc_name_added(const struct l4shmc_space *space);
void l4shmc_name_announce(struct l4shmc_space *space);
int l4shmc_name_wait(const struct l4shmc_space *space, u32 seen, struct l4shmc_timeout *t);

/* net.c */
extern struct pernet_operations l4shmc_net_ops;

int l4shmc_net_open(struct inode *inode, struct file *device);
int l4shmc_net_release(struct inode *inode, struct file *device);

/* user.c */
void l4shmc_user_init(void);
void l4shmc_user_exit(void);
struct l4shmc_user *l4shmc_user_charge(u64 areas, u64 records, u64 bytes);
void l4shmc_user_uncharge(struct l4shmc_user *user, u64 areas, u64 records, u64 bytes);

/* area.c */
extern const struct file_operations l4shmc_handle_fops;

int l4shmc_area_init(void);
struct l4shmc_area *l4shmc_area_get(struct l4shmc_net *net, const char *name,
				    struct l4shmc_timeout *t);
bool l4shmc_area_unlink(struct l4shmc_area *area);
long l4shmc_create(struct file *file, void *arg);
long l4shmc_unlink(struct file *file, void *arg);
int l4shmc_area_permission(const struct l4shmc_area *area, bool write);
long l4shmc_area_info(struct l4shmc_area *area, struct l4shmc_ioc_area_info *info);

/* client.c */
long l4shmc_attach(struct file *file, void *arg);
long l4shmc_attach_handle(struct file *file, void *arg);
void l4shmc_clients_changed(struct l4shmc_area *area);

/* record.c */
struct page *l4shmc_control_page(struct l4shmc_area *area, unsigned long nr);
void l4shmc_control_pages_free(struct l4shmc_area *area);
int l4shmc_slot_init(struct l4shmc_slot *slot, struct l4shmc_area *area, const char *name,
		     const struct kobj_type *type, u32 first);
void l4shmc_slot_fini(struct l4shmc_slot *slot);
int l4shmc_slot_publish(struct l4shmc_slot *slot, struct l4shmc_space *space,
			struct kobject *dir, xa_mark_t mark);
struct l4shmc_slot *l4shmc_slot_find(const struct l4shmc_space *space, const char *name);
void l4shmc_slots_unlink(struct l4shmc_area *area);
void l4shmc_slots_free(struct l4shmc_area *area);

/* chunk.c */
long l4shmc_chunk_add(struct file *file, void *arg);
long l4shmc_chunk_find(struct file *file, void *arg);
long l4shmc_chunk_next(struct file *file, void *arg);
void l4shmc_chunks_recover(struct l4shmc_area *area, u32 owner);

static inline struct l4shmc_chunk *to_chunk(struct l4shmc_slot *slot)
{
	return container_of(slot, struct l4shmc_chunk, slot);
}

/* signal.c */
long l4shmc_signal_open(struct file *file, void *arg);
void l4shmc_signal_trigger(struct l4shmc_signal *sig);
void l4shmc_signal_free_events(struct l4shmc_client *client);
void l4shmc_signals_recheck(struct l4shmc_area *area);
bool l4shmc_signal_take(struct l4shmc_signal *sig);
struct l4shmc_signal *l4shmc_signal_get(int fd);

static inline struct l4shmc_signal *to_signal(struct l4shmc_slot *slot)
{
	return container_of(slot, struct l4shmc_signal, slot);
}

static inline struct l4shmc_signal_record *l4shmc_record(const struct l4shmc_signal *sig)
{
	return &sig->slot.record->signal;
}

/* Number of triggers that have not been taken. */
static inline u32 l4shmc_signal_pending(const struct l4shmc_signal *sig)
{
	const struct l4shmc_signal_record *record = l4shmc_record(sig);
	/* In this order: @triggered is never the older one. */
	u32 consumed = smp_load_acquire(&record->consumed);

	return READ_ONCE(record->triggered) - consumed;
}

/* Tell user space whether to ring. Caller holds sig->wq.lock. */
static inline void l4shmc_signal_publish(struct l4shmc_signal *sig)
{
	lockdep_assert_held(&sig->wq.lock);

	WRITE_ONCE(l4shmc_record(sig)->armed, sig->sleepers + sig->armed + sig->polled);
}

/* What poll() tells, and who rings, when there is an event */
#define L4SHMC_POLL_EVENT (EPOLLIN | EPOLLRDNORM)

/* waitset.c */
long l4shmc_waitset(struct file *file, void *arg);

/* mmap.c */
int l4shmc_mmap(struct file *file, struct vm_area_struct *vma);

/* sysfs.c */
extern const struct kobj_type l4shmc_chunk_ktype;
extern const struct kobj_type l4shmc_signal_ktype;
extern struct class l4shmc_class;

void l4shmc_sysfs_exit(void);
void l4shmc_sysfs_prepare(struct l4shmc_area *area);
void l4shmc_sysfs_init_slot(struct l4shmc_slot *slot, const struct kobj_type *type);
int l4shmc_sysfs_add(struct l4shmc_area *area);
void l4shmc_sysfs_del(struct l4shmc_area *area);

#endif /* _L4SHMC_H */
