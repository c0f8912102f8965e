/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * l4shmc: named shared-memory areas with chunks and signals
 *
 * Open /dev/l4shmc, CREATE an area or ATTACH to one by its name.  Every object
 * is a file descriptor: an area handle, an attachment, a signal.  Rights are
 * checked when a descriptor is made; holding it is the right to use it.  Names of
 * areas belong to the network namespace of whoever opened the device.
 *
 * Memory is mapped from an attachment: the payload at offset 0, the records at
 * L4SHMC_CONTROL_OFFSET.  The layout of a record is part of this interface.
 */
#ifndef _UAPI_LINUX_L4SHMC_H
#define _UAPI_LINUX_L4SHMC_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#endif
#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * DOC: General ioctl format
 *
 * Every struct starts with @size, which the caller sets to sizeof() of the
 * struct it was compiled with.  A struct that is shorter than its first
 * version is EINVAL.  A longer one is accepted if all bytes that the driver
 * does not know are zero, and is E2BIG otherwise, as it is beyond 4096 bytes.
 * Undefined flag bits and reserved fields that are not zero are EINVAL.
 *
 * A command number encodes the size of its struct's first version and stays
 * the same when the struct grows.
 *
 * What is "out" is not looked at, and filled in when the command succeeds.
 *
 * Commands that make an object return its file descriptor (O_CLOEXEC) as the
 * result of ioctl(); commands that add or find a record return its index.
 * Nothing is copied out after an effect has taken place, so a command that
 * fails has changed nothing; but an L4SHMC_IOC_CALL that fails in its wait has
 * triggered.
 *
 * Timeouts are relative, in nanoseconds: 0 looks once, L4SHMC_TIMEOUT_NEVER
 * waits for ever.  When a signal handler interrupts a wait the rest is written
 * back to the struct, so that the call may simply be made again.  The kernel may
 * do that by itself, and then the struct stays so when the call succeeds: whoever
 * uses it for several calls sets timeout and flags anew for each.
 *
 * General errors, which may come from any command:
 *
 * - EBADF: the descriptor was not opened for what the command does
 * - E2BIG: the struct is longer than the driver knows and its tail is not zero
 * - EFAULT: the struct cannot be read or written
 * - EINVAL: struct too short, undefined flag, reserved field not zero, value
 *   out of range, or a name that breaks the rules of &L4SHMC_NAME_SIZE
 * - ENAMETOOLONG: the name has no NUL within &L4SHMC_NAME_SIZE bytes
 * - ENOTTY: the descriptor does not know this command
 *
 * Errors with one meaning for all commands that list them:
 *
 * - EDQUOT: the user has as many areas, records and bindings, or bytes in areas and
 *   records as the module's parameters allow, and lacks CAP_SYS_RESOURCE
 * - EEXIST: the name is taken
 * - EINTR: interrupted by a signal handler that was installed without
 *   SA_RESTART; the rest of the timeout is written back
 * - EMFILE, ENFILE: no free file descriptor
 * - ENOENT: no object of that name (any more, or by the end of the timeout)
 * - ENOMEM: the memory cannot be had: area full, cgroup limit, out of memory
 * - ENOSPC: no free record, client number or name
 * - EPERM: the caller has no right to do this to the object
 * - ETIMEDOUT: nothing was pending by the end of the timeout
 */

#define L4SHMC_IOC_MAGIC 0xE4

/**
 * L4SHMC_ABI_VERSION: &l4shmc_ioc_info.abi; grows with every addition.
 */
#define L4SHMC_ABI_VERSION 1

/**
 * L4SHMC_NAME_SIZE: Size of a name with its terminating NUL.
 *
 * A name has 1 to 63 bytes other than '/' and the control characters 1 to 31
 * and 127, and does not start with a dot or an at sign.  Bytes behind the NUL
 * are zero.  The areas of a network namespace, the chunks of an area, and the
 * signals of an area have a name space each.
 */
#define L4SHMC_NAME_SIZE 64

/**
 * L4SHMC_SIGNAL_CLIENTS: The driver's own signal, one for each attachment.
 *
 * The driver triggers it whenever a client attaches, marks itself initialized,
 * detaches or dies.  Each attachment has its own, so that every client is told.
 * Its record is one as others, which any client of the area can write: who does
 * not trust the others asks L4SHMC_IOC_AREA_INFO how many there are.
 */
#define L4SHMC_SIGNAL_CLIENTS "@clients"

/**
 * L4SHMC_TIMEOUT_NEVER: As a timeout: no limit.
 */
#define L4SHMC_TIMEOUT_NEVER (~(__u64)0)

/**
 * L4SHMC_CONTROL_OFFSET: mmap() offset of the records; below it, payload.
 */
#define L4SHMC_CONTROL_OFFSET 0x10000000000ULL

/**
 * L4SHMC_MAX_RECORDS: Most records, chunks and signals together, of an area.
 */
#define L4SHMC_MAX_RECORDS 65536

/**
 * L4SHMC_RECORD_SIZE: Bytes of a record; record i is at i times this.
 */
#define L4SHMC_RECORD_SIZE 128

/**
 * L4SHMC_CONTROL_SIZE: Bytes of the whole control region.
 */
#define L4SHMC_CONTROL_SIZE ((__u64)L4SHMC_MAX_RECORDS * L4SHMC_RECORD_SIZE)

/**
 * L4SHMC_MAX_CLIENTS: Most clients of an area at a time.
 */
#define L4SHMC_MAX_CLIENTS 65536

/**
 * L4SHMC_CHUNK_ALIGN: Payloads start at multiples of this.
 */
#define L4SHMC_CHUNK_ALIGN 64

/**
 * struct l4shmc_signal_record - a signal as it is seen in the control region
 * @triggered: number of triggers so far, modulo 2^32
 * @armed: not zero while a trigger has to be followed by L4SHMC_IOC_RING;
 *	written by the driver, which keeps its own count
 * @reserved0: zero
 * @consumed: value of @triggered up to which events were taken
 * @reserved1: zero
 *
 * An event is pending while @triggered and @consumed differ.
 *
 * To trigger: add 1 to @triggered with a full barrier, then, if @armed is not
 * zero, L4SHMC_IOC_RING.  To take what is pending: read @consumed, then
 * @triggered, and compare-and-swap @consumed from the one to the other (or,
 * if the signal is counting, to @consumed + 1).
 */
struct l4shmc_signal_record {
	__u32 triggered;
	__u32 armed;
	__u32 reserved0[14];
	__u32 consumed;
	__u32 reserved1[15];
};

/**
 * enum l4shmc_chunk_state - low byte of &l4shmc_chunk_record.state
 * @L4SHMC_CHUNK_CLEAR: free for a producer
 * @L4SHMC_CHUNK_BUSY_WRITING: a producer fills it
 * @L4SHMC_CHUNK_READY: holds a message of &l4shmc_chunk_record.message_size
 * @L4SHMC_CHUNK_BUSY_READING: a consumer reads it
 */
enum l4shmc_chunk_state {
	L4SHMC_CHUNK_CLEAR = 0,
	L4SHMC_CHUNK_BUSY_WRITING = 1,
	L4SHMC_CHUNK_READY = 2,
	L4SHMC_CHUNK_BUSY_READING = 3,
};

#define L4SHMC_CHUNK_STATE_MASK 0xffU
#define L4SHMC_CHUNK_OWNER_SHIFT 8

/**
 * struct l4shmc_chunk_record - a chunk as it is seen in the control region
 * @state: &enum l4shmc_chunk_state; while it is one of the BUSY states the
 *	bits from L4SHMC_CHUNK_OWNER_SHIFT on are the owner's client number,
 *	and 0 otherwise
 * @recovered: how often the driver took the chunk back from a dead owner
 * @message_size: bytes of the message, stored before @state becomes READY
 * @reserved: zero
 *
 * When its owner is gone the driver turns BUSY_WRITING into CLEAR and
 * BUSY_READING into READY.
 */
struct l4shmc_chunk_record {
	__u32 state;
	__u32 recovered;
	__aligned_u64 message_size;
	__u32 reserved[28];
};

/**
 * union l4shmc_record - one slot of the control region
 * @signal: if the index came from L4SHMC_IOC_SIGNAL_INFO
 * @chunk: if the index came from L4SHMC_IOC_CHUNK_ADD, _FIND or _NEXT
 */
union l4shmc_record {
	struct l4shmc_signal_record signal;
	struct l4shmc_chunk_record chunk;
};

/* Commands of the device, /dev/l4shmc */

/**
 * struct l4shmc_ioc_info - ioctl(L4SHMC_IOC_INFO), on the device
 * @size: sizeof(struct l4shmc_ioc_info)
 * @abi: out: &L4SHMC_ABI_VERSION of the driver
 * @features: out: 0; has a bit for each thing that later versions add
 * @max_area_size: out: largest &l4shmc_ioc_create.area_size, in bytes
 * @control_offset: out: L4SHMC_CONTROL_OFFSET
 * @control_size: out: L4SHMC_CONTROL_SIZE
 * @record_size: out: L4SHMC_RECORD_SIZE
 * @max_clients: out: L4SHMC_MAX_CLIENTS
 *
 * Tells what the driver can do.  Any open mode will do.
 */
struct l4shmc_ioc_info {
	__u32 size;
	__u32 abi;
	__aligned_u64 features;
	__aligned_u64 max_area_size;
	__aligned_u64 control_offset;
	__aligned_u64 control_size;
	__u32 record_size;
	__u32 max_clients;
};

/**
 * enum l4shmc_create_flags - flags of L4SHMC_IOC_CREATE
 * @L4SHMC_CREATE_PERSISTENT: the area stays when nobody uses it, until
 *	L4SHMC_IOC_UNLINK
 */
enum l4shmc_create_flags {
	L4SHMC_CREATE_PERSISTENT = 1 << 0,
};

/**
 * struct l4shmc_ioc_create - ioctl(L4SHMC_IOC_CREATE), on the device
 * @size: sizeof(struct l4shmc_ioc_create)
 * @flags: &enum l4shmc_create_flags
 * @area_size: bytes of payload, rounded up to whole pages; not 0
 * @mode: read and write bits for owner, group and others, as in 0660;
 *	to attach takes both, to observe takes read
 * @uid: owner, or ~0 for the caller
 * @gid: group, or ~0 for the caller's
 * @reserved: 0
 * @name: name of the area
 *
 * Makes an area, allocates all of its memory, charged to the caller's cgroup,
 * and returns an area handle.  The area lives while a descriptor or a mapping
 * refers to it; so long it counts as the user's who made it.
 *
 * EDQUOT, EEXIST, EMFILE, ENFILE, ENOMEM (also: more than
 * &l4shmc_ioc_info.max_area_size), EPERM (an owner or a group that is not the
 * caller's, without CAP_CHOWN).
 */
struct l4shmc_ioc_create {
	__u32 size;
	__u32 flags;
	__aligned_u64 area_size;
	__u32 mode;
	__u32 uid;
	__u32 gid;
	__u32 reserved;
	char name[L4SHMC_NAME_SIZE];
};

/**
 * enum l4shmc_attach_flags - flags of L4SHMC_IOC_ATTACH
 * @L4SHMC_ATTACH_OBSERVER: map both regions read-only; such an attachment has
 *	no client number, changes nothing, and can open no signal but
 *	L4SHMC_SIGNAL_CLIENTS
 */
enum l4shmc_attach_flags {
	L4SHMC_ATTACH_OBSERVER = 1 << 0,
};

/**
 * struct l4shmc_ioc_attach - ioctl(L4SHMC_IOC_ATTACH)
 * @size: sizeof(struct l4shmc_ioc_attach)
 * @flags: &enum l4shmc_attach_flags
 * @timeout_ns: how long to wait for an area of that name; 0 unless on the device
 * @name: name of the area; empty unless on the device
 *
 * Makes the caller a client of the area, with the lowest free client number,
 * and returns the attachment.  The client is gone when the last descriptor of
 * the attachment and of its L4SHMC_SIGNAL_CLIENTS, the last binding of that
 * signal, and the last control mapping are gone.
 *
 * The device looks the area up by its name and checks the caller's rights.  A
 * handle and an attachment are the right to attach to their area, that of an
 * observer only as another observer.
 *
 * On the device: EINTR, EMFILE, ENFILE, ENOENT, ENOMEM, ENOSPC, EPERM.
 * On a handle or an attachment: EBADF (observer), EMFILE, ENFILE, ENOMEM,
 * ENOSPC.
 */
struct l4shmc_ioc_attach {
	__u32 size;
	__u32 flags;
	__aligned_u64 timeout_ns;
	char name[L4SHMC_NAME_SIZE];
};

/**
 * struct l4shmc_ioc_unlink - ioctl(L4SHMC_IOC_UNLINK), on the device or a handle
 * @size: sizeof(struct l4shmc_ioc_unlink)
 * @flags: 0
 * @name: name of the area; empty on a handle
 *
 * Takes the name away and ends the area's persistence.  Those who use the
 * area go on.  Only the owner may, or who has CAP_FOWNER.
 *
 * ENOENT, EPERM.
 */
struct l4shmc_ioc_unlink {
	__u32 size;
	__u32 flags;
	char name[L4SHMC_NAME_SIZE];
};

/* Commands of a handle and of an attachment */

/**
 * L4SHMC_CLIENT_NONE: &l4shmc_ioc_area_info.client where there is none.
 */
#define L4SHMC_CLIENT_NONE (~(__u32)0)

/**
 * enum l4shmc_area_flags - out flags of L4SHMC_IOC_AREA_INFO
 * @L4SHMC_AREA_PERSISTENT: as created
 * @L4SHMC_AREA_UNLINKED: the name is no longer this area's
 * @L4SHMC_AREA_OBSERVER: the descriptor is an observer's attachment
 */
enum l4shmc_area_flags {
	L4SHMC_AREA_PERSISTENT = 1 << 0,
	L4SHMC_AREA_UNLINKED = 1 << 1,
	L4SHMC_AREA_OBSERVER = 1 << 2,
};

/**
 * struct l4shmc_ioc_area_info - ioctl(L4SHMC_IOC_AREA_INFO)
 * @size: sizeof(struct l4shmc_ioc_area_info)
 * @flags: out: &enum l4shmc_area_flags
 * @area_size: out: bytes of payload
 * @area_free: out: capacity of the largest chunk that can be added
 * @initialized: out: bit i is set if client i is there and has called
 *	L4SHMC_IOC_CLIENT_INIT
 * @id: out: a number that no other area has had since the driver was loaded
 * @clients: out: number of clients, observers not counted
 * @client: out: client number of the attachment, or L4SHMC_CLIENT_NONE
 * @mode: out: as created
 * @uid: out: owner
 * @gid: out: group
 * @reserved: 0
 * @name: out: name of the area
 */
struct l4shmc_ioc_area_info {
	__u32 size;
	__u32 flags;
	__aligned_u64 area_size;
	__aligned_u64 area_free;
	__aligned_u64 initialized;
	__aligned_u64 id;
	__u32 clients;
	__u32 client;
	__u32 mode;
	__u32 uid;
	__u32 gid;
	__u32 reserved;
	char name[L4SHMC_NAME_SIZE];
};

/* Commands of an attachment */

/**
 * struct l4shmc_ioc_chunk_add - ioctl(L4SHMC_IOC_CHUNK_ADD)
 * @size: sizeof(struct l4shmc_ioc_chunk_add)
 * @flags: 0
 * @capacity: bytes; not 0
 * @name: name of the chunk
 *
 * Adds a chunk to the area, wakes those who wait for it, and returns the index
 * of its record.  As long as the area is there the record counts as the user's
 * who added it, whoever made the area.
 *
 * EBADF (observer), EDQUOT, EEXIST, ENOMEM, ENOSPC.
 */
struct l4shmc_ioc_chunk_add {
	__u32 size;
	__u32 flags;
	__aligned_u64 capacity;
	char name[L4SHMC_NAME_SIZE];
};

/**
 * struct l4shmc_ioc_chunk_find - ioctl(L4SHMC_IOC_CHUNK_FIND)
 * @size: sizeof(struct l4shmc_ioc_chunk_find)
 * @flags: 0
 * @timeout_ns: how long to wait for the chunk to be added
 * @name: name of the chunk
 *
 * Returns the index of the chunk's record.
 *
 * EINTR, ENOENT.
 */
struct l4shmc_ioc_chunk_find {
	__u32 size;
	__u32 flags;
	__aligned_u64 timeout_ns;
	char name[L4SHMC_NAME_SIZE];
};

/**
 * struct l4shmc_ioc_chunk_next - ioctl(L4SHMC_IOC_CHUNK_NEXT)
 * @size: sizeof(struct l4shmc_ioc_chunk_next)
 * @index: in: where to start, out: index of the chunk's record
 * @offset: out: where the payload starts in the data region
 * @capacity: out: bytes of payload
 * @name: out: name of the chunk
 *
 * Tells about the first chunk whose index is not below @index.
 *
 * ENOENT: no further chunk.
 */
struct l4shmc_ioc_chunk_next {
	__u32 size;
	__u32 index;
	__aligned_u64 offset;
	__aligned_u64 capacity;
	char name[L4SHMC_NAME_SIZE];
};

/**
 * enum l4shmc_signal_flags - flags of L4SHMC_IOC_SIGNAL_OPEN and _SIGNAL_INFO
 * @L4SHMC_SIGNAL_COUNTING: a wait takes one event, not all that are pending
 */
enum l4shmc_signal_flags {
	L4SHMC_SIGNAL_COUNTING = 1 << 0,
};

/**
 * struct l4shmc_ioc_signal_open - ioctl(L4SHMC_IOC_SIGNAL_OPEN)
 * @size: sizeof(struct l4shmc_ioc_signal_open)
 * @flags: &enum l4shmc_signal_flags, for a signal that is made
 * @name: name of the signal, or L4SHMC_SIGNAL_CLIENTS
 *
 * Opens a signal, which is made if there is none of that name, and returns
 * its descriptor.  poll() on it tells EPOLLIN while an event is pending and
 * takes nothing.  A signal that is made counts as a record of the user's, as a
 * chunk does; that of L4SHMC_SIGNAL_CLIENTS ends with its client.
 *
 * EBADF (observer, and not L4SHMC_SIGNAL_CLIENTS), EDQUOT, EEXIST
 * (L4SHMC_SIGNAL_COUNTING asked for, and the signal is there without it),
 * EMFILE, ENFILE, ENOMEM, ENOSPC.
 */
struct l4shmc_ioc_signal_open {
	__u32 size;
	__u32 flags;
	char name[L4SHMC_NAME_SIZE];
};

/* Commands of a signal */

/**
 * struct l4shmc_ioc_signal_info - ioctl(L4SHMC_IOC_SIGNAL_INFO)
 * @size: sizeof(struct l4shmc_ioc_signal_info)
 * @flags: out: &enum l4shmc_signal_flags
 * @index: out: index of the signal's record
 * @reserved: 0
 * @name: out: name of the signal
 */
struct l4shmc_ioc_signal_info {
	__u32 size;
	__u32 flags;
	__u32 index;
	__u32 reserved;
	char name[L4SHMC_NAME_SIZE];
};

/**
 * struct l4shmc_ioc_wait - ioctl(L4SHMC_IOC_WAIT)
 * @size: sizeof(struct l4shmc_ioc_wait)
 * @flags: 0
 * @timeout_ns: how long to wait
 *
 * Takes the pending event of the signal, or sleeps until there is one.
 *
 * EINTR, ETIMEDOUT.
 */
struct l4shmc_ioc_wait {
	__u32 size;
	__u32 flags;
	__aligned_u64 timeout_ns;
};

/**
 * enum l4shmc_call_flags - flags of L4SHMC_IOC_CALL
 * @L4SHMC_CALL_TRIGGERED: @trigger has been triggered, only the wait is left;
 *	set by the driver with the rest of the timeout when it was interrupted
 * @L4SHMC_CALL_RING: the event was added in the record of @trigger, which is
 *	only to be rung, as by L4SHMC_IOC_RING
 */
enum l4shmc_call_flags {
	L4SHMC_CALL_TRIGGERED = 1 << 0,
	L4SHMC_CALL_RING = 1 << 1,
};

/**
 * struct l4shmc_ioc_call - ioctl(L4SHMC_IOC_CALL)
 * @size: sizeof(struct l4shmc_ioc_call)
 * @flags: &enum l4shmc_call_flags
 * @timeout_ns: how long to wait
 * @trigger: descriptor of the signal to trigger
 * @reserved: 0
 *
 * Triggers one signal, then waits for the signal that the command is made on.
 *
 * EBADF (@trigger is no descriptor), EINTR, EINVAL (@trigger is no signal),
 * EPERM (@trigger is a signal of the driver), ETIMEDOUT.
 */
struct l4shmc_ioc_call {
	__u32 size;
	__u32 flags;
	__aligned_u64 timeout_ns;
	__s32 trigger;
	__u32 reserved;
};

/* Wait sets, a command of the device, and commands of a wait set */

/**
 * struct l4shmc_ioc_waitset - ioctl(L4SHMC_IOC_WAITSET), on the device
 * @size: sizeof(struct l4shmc_ioc_waitset)
 * @flags: 0
 *
 * Makes a wait set, in which events of any number of signals of any areas can
 * be waited for, and returns its descriptor.  poll() on it tells EPOLLIN while
 * an event of one of them is pending and takes nothing.  Any open mode of the
 * device will do.
 *
 * EMFILE, ENFILE, ENOMEM.
 */
struct l4shmc_ioc_waitset {
	__u32 size;
	__u32 flags;
};

/**
 * struct l4shmc_ioc_bind - ioctl(L4SHMC_IOC_BIND), on a wait set
 * @size: sizeof(struct l4shmc_ioc_bind)
 * @flags: 0
 * @label: what L4SHMC_IOC_WAITSET_WAIT tells of the signal's events
 * @signal: descriptor of the signal; it need not stay open
 * @reserved: 0
 *
 * Binds a signal to the wait set.  What is pending counts.  The signal, and so
 * its area, stay in use until it is unbound or the wait set is gone.
 *
 * EBADF (@signal is no descriptor), EDQUOT, EEXIST (bound to this wait set
 * already), EINVAL (@signal is no signal), ENOMEM.
 */
struct l4shmc_ioc_bind {
	__u32 size;
	__u32 flags;
	__aligned_u64 label;
	__s32 signal;
	__u32 reserved;
};

/**
 * struct l4shmc_ioc_unbind - ioctl(L4SHMC_IOC_UNBIND), on a wait set
 * @size: sizeof(struct l4shmc_ioc_unbind)
 * @flags: 0
 * @signal: descriptor of the signal
 * @reserved: 0
 *
 * Ends a binding.  What is pending stays with the signal.
 *
 * EBADF (@signal is no descriptor), EINVAL (@signal is no signal), ENOENT (not
 * bound to this wait set).
 */
struct l4shmc_ioc_unbind {
	__u32 size;
	__u32 flags;
	__s32 signal;
	__u32 reserved;
};

/**
 * struct l4shmc_ioc_waitset_wait - ioctl(L4SHMC_IOC_WAITSET_WAIT), on a wait set
 * @size: sizeof(struct l4shmc_ioc_waitset_wait)
 * @flags: 0
 * @timeout_ns: how long to wait
 * @labels: address of an array of __u64
 * @nr_labels: entries of the array, not 0
 * @reserved: 0
 *
 * Takes pending events of the bound signals, in the order in which the signals
 * became ready and 1024 at most, or sleeps until there is one.  Stores the
 * signals' labels and returns their number.
 *
 * EINTR, ETIMEDOUT; EFAULT for @labels too, and then no event that was not
 * stored has been taken.
 */
struct l4shmc_ioc_waitset_wait {
	__u32 size;
	__u32 flags;
	__aligned_u64 timeout_ns;
	__aligned_u64 labels;
	__u32 nr_labels;
	__u32 reserved;
};

/* On the device */
#define L4SHMC_IOC_INFO _IOWR(L4SHMC_IOC_MAGIC, 0, struct l4shmc_ioc_info)
#define L4SHMC_IOC_CREATE _IOW(L4SHMC_IOC_MAGIC, 1, struct l4shmc_ioc_create)
/* On the device, a handle and an attachment */
#define L4SHMC_IOC_ATTACH _IOWR(L4SHMC_IOC_MAGIC, 2, struct l4shmc_ioc_attach)
/* On the device and on a handle */
#define L4SHMC_IOC_UNLINK _IOW(L4SHMC_IOC_MAGIC, 3, struct l4shmc_ioc_unlink)
/* On a handle and on an attachment */
#define L4SHMC_IOC_AREA_INFO _IOWR(L4SHMC_IOC_MAGIC, 4, struct l4shmc_ioc_area_info)
/* On an attachment */
#define L4SHMC_IOC_CHUNK_ADD _IOW(L4SHMC_IOC_MAGIC, 5, struct l4shmc_ioc_chunk_add)
#define L4SHMC_IOC_CHUNK_FIND _IOWR(L4SHMC_IOC_MAGIC, 6, struct l4shmc_ioc_chunk_find)
#define L4SHMC_IOC_CHUNK_NEXT _IOWR(L4SHMC_IOC_MAGIC, 7, struct l4shmc_ioc_chunk_next)
#define L4SHMC_IOC_SIGNAL_OPEN _IOW(L4SHMC_IOC_MAGIC, 8, struct l4shmc_ioc_signal_open)
/**
 * L4SHMC_IOC_CLIENT_INIT: Marks the client initialized.  No argument.
 *
 * EBADF (observer), EINVAL (the client number is 64 or higher).
 */
#define L4SHMC_IOC_CLIENT_INIT _IO(L4SHMC_IOC_MAGIC, 9)
/* On a signal */
#define L4SHMC_IOC_SIGNAL_INFO _IOWR(L4SHMC_IOC_MAGIC, 10, struct l4shmc_ioc_signal_info)
/**
 * L4SHMC_IOC_TRIGGER: Adds an event and wakes.  No argument.
 *
 * EPERM (a signal of the driver).
 */
#define L4SHMC_IOC_TRIGGER _IO(L4SHMC_IOC_MAGIC, 11)
/**
 * L4SHMC_IOC_RING: Wakes for an event that was added in the record.  No argument.
 *
 * EPERM (a signal of the driver).
 */
#define L4SHMC_IOC_RING _IO(L4SHMC_IOC_MAGIC, 12)
#define L4SHMC_IOC_WAIT _IOWR(L4SHMC_IOC_MAGIC, 13, struct l4shmc_ioc_wait)
#define L4SHMC_IOC_CALL _IOWR(L4SHMC_IOC_MAGIC, 14, struct l4shmc_ioc_call)
/* On the device */
#define L4SHMC_IOC_WAITSET _IOW(L4SHMC_IOC_MAGIC, 15, struct l4shmc_ioc_waitset)
/* On a wait set */
#define L4SHMC_IOC_BIND _IOW(L4SHMC_IOC_MAGIC, 16, struct l4shmc_ioc_bind)
#define L4SHMC_IOC_UNBIND _IOW(L4SHMC_IOC_MAGIC, 17, struct l4shmc_ioc_unbind)
#define L4SHMC_IOC_WAITSET_WAIT _IOWR(L4SHMC_IOC_MAGIC, 18, struct l4shmc_ioc_waitset_wait)
/**
 * L4SHMC_IOC_WAITSET_NEXT: Takes one event.
 *
 * The same as L4SHMC_IOC_WAITSET_WAIT with one label and no timeout, but for less:
 * the argument is the address of the label, and nothing else is read.
 *
 * EINTR, EFAULT.
 */
#define L4SHMC_IOC_WAITSET_NEXT _IOR(L4SHMC_IOC_MAGIC, 19, __u64)

/* The layouts are the same for all architectures and word sizes. */
#if defined(__cplusplus) || defined(__KERNEL__)
#define __L4SHMC_LAYOUT(expr) static_assert(expr, #expr)
#else
#define __L4SHMC_LAYOUT(expr) extern char __l4shmc_layout[(expr) ? 1 : -1]
#endif
__L4SHMC_LAYOUT(sizeof(struct l4shmc_signal_record) == L4SHMC_RECORD_SIZE);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_chunk_record) == L4SHMC_RECORD_SIZE);
__L4SHMC_LAYOUT(sizeof(union l4shmc_record) == L4SHMC_RECORD_SIZE);
__L4SHMC_LAYOUT(__builtin_offsetof(struct l4shmc_signal_record, armed) == 4);
__L4SHMC_LAYOUT(__builtin_offsetof(struct l4shmc_signal_record, consumed) == 64);
__L4SHMC_LAYOUT(__builtin_offsetof(struct l4shmc_chunk_record, recovered) == 4);
__L4SHMC_LAYOUT(__builtin_offsetof(struct l4shmc_chunk_record, message_size) == 8);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_info) == 48);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_create) == 96);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_attach) == 80);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_unlink) == 72);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_area_info) == 128);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_chunk_add) == 80);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_chunk_find) == 80);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_chunk_next) == 88);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_signal_open) == 72);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_signal_info) == 80);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_wait) == 16);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_call) == 24);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_waitset) == 8);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_bind) == 24);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_unbind) == 16);
__L4SHMC_LAYOUT(sizeof(struct l4shmc_ioc_waitset_wait) == 32);

#endif /* _UAPI_LINUX_L4SHMC_H */
