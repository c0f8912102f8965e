/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * DOC: l4/shmc/shmc.h
 *
 * Shared-memory communication: named areas with chunks and signals.
 *
 * An area is a piece of memory with a name.  Clients attach to it; each gets a
 * number.  A chunk is a named part of an area that a producer fills and a
 * consumer empties.  A signal is a named event of an area that one client
 * triggers and another waits for; a chunk can be connected to one.
 *
 * Unless its own comment says otherwise a function
 *
 * - returns 0 (L4_EOK) or a value, or a negative error: -L4_E* of
 *   <l4/sys/err.h>; l4sys_errtostr() makes text of it;
 * - returns -L4_EINVAL for a null pointer, and for an area that is not
 *   attached, a chunk or a signal of such an area, and one that was never set
 *   up;
 * - may be called from any thread.  Calls that set up or end a descriptor
 *   (attach, add, get, connect, detach) must not run at the same time as other
 *   calls on the same descriptor; all others may.  None may be called from a
 *   handler of Unix signals except l4shmc_trigger();
 * - goes on for the rest of its time when a Unix signal interrupts it.
 *
 * A wait that times out returns -(L4_EIPC_LO + L4_IPC_RETIMEOUT), -2003.
 */
#ifndef _L4_SHMC_SHMC_H
#define _L4_SHMC_SHMC_H

#include <l4/sys/__timeout.h>
#include <l4/sys/compiler.h>
#include <l4/sys/err.h>
#include <l4/sys/linkage.h>
#include <l4/sys/types.h>

L4_BEGIN_DECLS

struct l4shmc_attachment;
struct l4shmc_event;
struct l4shmc_chunk_record;
struct l4shmc_signal_record;

/**
 * struct l4shmc_area - an area, as one client sees it
 *
 * Filled by l4shmc_attach() and its relatives.  May be copied; the copies stand
 * for the same client.  Distinct descriptors may be used by distinct threads at
 * the same time.
 */
typedef struct l4shmc_area {
	/* private: */
	l4_umword_t _magic;
	struct l4shmc_attachment *_attachment;
	l4_umword_t _generation;
	l4_umword_t _reserved[5];
} l4shmc_area_t;

/**
 * struct l4shmc_signal - a signal of an area
 *
 * Filled by l4shmc_add_signal(), l4shmc_get_signal() and their relatives.  May
 * be copied, and triggered and waited for by any number of threads at the same
 * time.
 */
typedef struct l4shmc_signal {
	/* private: */
	l4_umword_t _magic;
	struct l4shmc_attachment *_attachment;
	l4_umword_t _generation;
	struct l4shmc_signal_record *_record;
	struct l4shmc_event *_event;
	l4_umword_t _reserved[3];
} l4shmc_signal_t;

/**
 * struct l4shmc_chunk - a chunk of an area
 *
 * Filled by l4shmc_add_chunk() and l4shmc_get_chunk().  May be copied, and used
 * by any number of threads at the same time once a signal has been connected.
 */
typedef struct l4shmc_chunk {
	/* private: */
	l4_umword_t _magic;
	struct l4shmc_attachment *_attachment;
	l4_umword_t _generation;
	struct l4shmc_chunk_record *_record;
	void *_payload;
	l4_umword_t _capacity;
	l4shmc_signal_t *_signal;
	l4_umword_t _owner;
	l4_umword_t _reserved[4];
} l4shmc_chunk_t;

/* Areas */

/**
 * l4shmc_create() - make an area
 * @name: name of the area, 1 to 63 bytes without '/' and control characters,
 *	not starting with a dot or an at sign
 *
 * Size, mode and owner are what the system's configuration gives for this
 * name; 1 MiB, 0600 and the caller if it says nothing.  It is no error if the
 * area is there already.  The area lives as long as anybody uses it; the
 * calling process does until it ends or calls l4shmc_destroy(), whether it made the
 * area or found one that it may read.  An area that
 * is configured as persistent lives until l4shmc_destroy().
 *
 * Programs of older L4Re give the size as well: l4shmc_create(name, size) is
 * l4shmc_create_sized().
 *
 * Return: 0; -L4_EINVAL or -L4_ENAMETOOLONG for a bad name; -L4_EINVAL if
 * there is a mistake in the configuration of this area; -L4_ENOENT if areas
 * have to be configured and this one is not; -L4_ENOMEM if it is too big or
 * there is no memory; -L4_EPERM without the right, also to give the area the
 * owner that is configured; -L4_ENODEV if there is no device.
 */
L4_CV long l4shmc_create(char const *name) L4_NOTHROW;

/**
 * l4shmc_create_sized() - make an area of a given size, which must not be there
 * @name: name of the area
 * @size: bytes, rounded up to whole pages, not 0
 *
 * As l4shmc_create() in all but the size and that the area is new.
 *
 * Return: 0; -L4_EEXIST if the area is there already; otherwise as
 * l4shmc_create().
 */
L4_CV long l4shmc_create_sized(char const *name, l4_umword_t size) L4_NOTHROW;

/**
 * l4shmc_attach() - become a client of an area
 * @name: name of the area
 * @area: filled in
 *
 * Does not wait.  Each call makes a new client with a number and a mapping of
 * its own, within one process too.
 *
 * Return: 0; -L4_ENOENT if there is no such area; -L4_EPERM if the caller may
 * not write it; -L4_EINVAL or -L4_ENAMETOOLONG for a bad name; -L4_ENOMEM;
 * -L4_ENOSPC if the area has no free client number; -L4_ENODEV.
 */
L4_CV long l4shmc_attach(char const *name, l4shmc_area_t *area) L4_NOTHROW;

/**
 * l4shmc_attach_to() - become a client of an area, which may not be there yet
 * @name: name of the area
 * @timeout_ms: how long to wait for it, in milliseconds
 * @area: filled in
 *
 * Return: as l4shmc_attach(); -L4_ENOENT when the time is over.
 */
L4_CV long l4shmc_attach_to(char const *name, l4_umword_t timeout_ms, l4shmc_area_t *area)
	L4_NOTHROW;

/**
 * l4shmc_get_client_nr() - number of this client
 * @area: the area
 *
 * Return: the number, from 0; -L4_EINVAL if @area is attached as an observer.
 */
L4_CV long l4shmc_get_client_nr(l4shmc_area_t const *area) L4_NOTHROW;

/**
 * l4shmc_mark_client_initialized() - tell the other clients that this one is ready
 * @area: the area
 *
 * Return: 0; -L4_EINVAL if the client number is 64 or higher; -L4_EPERM if
 * @area is attached as an observer.
 */
L4_CV long l4shmc_mark_client_initialized(l4shmc_area_t *area) L4_NOTHROW;

/**
 * l4shmc_get_initialized_clients() - which clients are ready
 * @area: the area
 * @mask: filled in: bit i is set if client i is there and has marked itself
 *
 * On a 32-bit system only the first 32 clients can be told.
 *
 * Return: 0
 */
L4_CV long l4shmc_get_initialized_clients(l4shmc_area_t *area, l4_umword_t *mask) L4_NOTHROW;

/**
 * l4shmc_area_size() - size of an area
 * @area: the area
 *
 * Return: bytes, a multiple of the page size.
 */
L4_CV long l4shmc_area_size(l4shmc_area_t const *area) L4_NOTHROW;

/**
 * l4shmc_area_size_free() - what is left for chunks
 * @area: the area
 *
 * Return: bytes.  A chunk of that capacity less l4shmc_chunk_overhead() can be
 * added, a larger one cannot.
 */
L4_CV long l4shmc_area_size_free(l4shmc_area_t const *area) L4_NOTHROW;

/**
 * l4shmc_area_overhead() - bytes of an area that no chunk can use
 *
 * Return: bytes.
 */
L4_CV long l4shmc_area_overhead(void) L4_NOTHROW;

/**
 * l4shmc_chunk_overhead() - bytes that a chunk takes beside its capacity
 *
 * Capacities are rounded up to 64 bytes.
 *
 * Return: bytes.
 */
L4_CV long l4shmc_chunk_overhead(void) L4_NOTHROW;

/* Chunks */

/**
 * l4shmc_add_chunk() - add a chunk to an area
 * @area: the area
 * @name: name of the chunk, as for l4shmc_create()
 * @capacity: bytes, not 0
 * @chunk: filled in
 *
 * Wakes those who wait for a chunk of that name.
 *
 * Return: 0; -L4_EEXIST; -L4_ENOMEM if it does not fit or there is no memory;
 * -L4_ENOSPC if the area has no room for another record; -L4_EINVAL for a
 * capacity of 0 or a bad name, -L4_ENAMETOOLONG; -L4_EPERM for an observer.
 */
L4_CV long l4shmc_add_chunk(l4shmc_area_t *area, char const *name, l4_umword_t capacity,
			    l4shmc_chunk_t *chunk) L4_NOTHROW;

/**
 * l4shmc_get_chunk() - find a chunk
 * @area: the area
 * @name: name of the chunk
 * @chunk: filled in
 *
 * Looks once, or waits for the milliseconds that the environment variable
 * L4SHMC_GET_TIMEOUT_MS tells.
 *
 * Return: 0; -L4_ENOENT; -L4_EINVAL or -L4_ENAMETOOLONG for a bad name.
 */
L4_CV long l4shmc_get_chunk(l4shmc_area_t *area, char const *name, l4shmc_chunk_t *chunk)
	L4_NOTHROW;

/**
 * l4shmc_get_chunk_to() - find a chunk, which may not be there yet
 * @area: the area
 * @name: name of the chunk
 * @timeout_ms: how long to wait for it, in milliseconds
 * @chunk: filled in
 *
 * Return: as l4shmc_get_chunk(); -L4_ENOENT when the time is over.
 */
L4_CV long l4shmc_get_chunk_to(l4shmc_area_t *area, char const *name, l4_umword_t timeout_ms,
			       l4shmc_chunk_t *chunk) L4_NOTHROW;

/**
 * l4shmc_iterate_chunk() - list the chunks of an area
 * @area: the area
 * @name: filled in if the result is greater than 0; valid while the area is
 *	attached
 * @offs: 0 to start, then the last result
 *
 * Return: greater than 0 for a chunk, 0 at the end.
 */
L4_CV long l4shmc_iterate_chunk(l4shmc_area_t const *area, char const **name, long offs)
	L4_NOTHROW;

/**
 * l4shmc_connect_chunk_signal() - say which signal tells about a chunk
 * @chunk: the chunk
 * @signal: the signal; it may be filled in later, and must stay where it is
 *
 * Return: 0
 */
L4_CV long l4shmc_connect_chunk_signal(l4shmc_chunk_t *chunk, l4shmc_signal_t *signal) L4_NOTHROW;

/**
 * l4shmc_chunk_ptr() - the payload of a chunk
 * @chunk: the chunk
 *
 * Return: its address, aligned to 64 bytes; a null pointer for a bad @chunk.
 */
L4_CV void *l4shmc_chunk_ptr(l4shmc_chunk_t const *chunk) L4_NOTHROW;

/**
 * l4shmc_chunk_capacity() - how much fits into a chunk
 * @chunk: the chunk
 *
 * Return: bytes, as they were given to l4shmc_add_chunk().
 */
L4_CV long l4shmc_chunk_capacity(l4shmc_chunk_t const *chunk) L4_NOTHROW;

/**
 * l4shmc_chunk_size() - size of the message in a chunk
 * @chunk: the chunk
 *
 * Return: bytes, never more than the capacity; -L4_EIO if a peer wrote
 * nonsense.
 */
L4_CV long l4shmc_chunk_size(l4shmc_chunk_t const *chunk) L4_NOTHROW;

/**
 * l4shmc_chunk_signal() - the signal that is connected to a chunk
 * @chunk: the chunk
 *
 * Return: the pointer that l4shmc_connect_chunk_signal() was given; a null
 * pointer if there is none or for a bad @chunk.
 */
L4_CV l4shmc_signal_t *l4shmc_chunk_signal(l4shmc_chunk_t const *chunk) L4_NOTHROW;

/**
 * l4shmc_check_magic() - is this a chunk
 * @chunk: the chunk
 *
 * Return: 1 if @chunk is a chunk of an area that is attached, else 0.
 */
L4_CV long l4shmc_check_magic(l4shmc_chunk_t const *chunk) L4_NOTHROW;

/* Chunks: the producer's side */

/**
 * l4shmc_chunk_try_to_take() - take a clear chunk for writing
 * @chunk: the chunk
 *
 * If the owner dies before l4shmc_chunk_ready() the chunk becomes clear again.
 *
 * Return: 0; -L4_EPERM if the chunk is not clear, or for an observer.
 */
L4_CV long l4shmc_chunk_try_to_take(l4shmc_chunk_t *chunk) L4_NOTHROW;

/**
 * l4shmc_chunk_try_to_take_for_writing() - same as l4shmc_chunk_try_to_take()
 * @chunk: the chunk
 *
 * Return: 0; -L4_EPERM.
 */
L4_CV long l4shmc_chunk_try_to_take_for_writing(l4shmc_chunk_t *chunk) L4_NOTHROW;

/**
 * l4shmc_chunk_try_to_take_for_overwriting() - take back a message that nobody reads
 * @chunk: the chunk
 *
 * Return: 0; -L4_EBUSY if the chunk is not ready; -L4_EPERM for an observer.
 */
L4_CV long l4shmc_chunk_try_to_take_for_overwriting(l4shmc_chunk_t *chunk) L4_NOTHROW;

/**
 * l4shmc_chunk_ready() - give a message to the consumer
 * @chunk: the chunk, in any state
 * @size: bytes of the message, at most the capacity
 *
 * All that was written before is seen by whoever finds the chunk ready.
 *
 * Return: 0; -L4_EINVAL if @size is too large; -L4_EPERM for an observer.
 */
L4_CV long l4shmc_chunk_ready(l4shmc_chunk_t *chunk, l4_umword_t size) L4_NOTHROW;

/**
 * l4shmc_chunk_ready_sig() - l4shmc_chunk_ready(), then trigger the signal
 * @chunk: the chunk, in any state
 * @size: bytes of the message, at most the capacity
 *
 * Return: 0; -L4_EINVAL if @size is too large or no signal is connected, and
 * then nothing is changed; -L4_EPERM for an observer.
 */
L4_CV long l4shmc_chunk_ready_sig(l4shmc_chunk_t *chunk, l4_umword_t size) L4_NOTHROW;

/**
 * l4shmc_is_chunk_clear() - is there room for a message
 * @chunk: the chunk
 *
 * Return: 1 or 0.
 */
L4_CV long l4shmc_is_chunk_clear(l4shmc_chunk_t const *chunk) L4_NOTHROW;

/* Chunks: the consumer's side */

/**
 * l4shmc_chunk_try_to_take_for_reading() - take a message
 * @chunk: the chunk
 *
 * If the owner dies before l4shmc_chunk_consumed() the chunk is ready again.
 *
 * Return: 0; -L4_EBUSY if the chunk is not ready; -L4_EPERM for an observer.
 */
L4_CV long l4shmc_chunk_try_to_take_for_reading(l4shmc_chunk_t *chunk) L4_NOTHROW;

/**
 * l4shmc_enable_chunk() - l4shmc_enable_signal() of the connected signal
 * @chunk: the chunk
 *
 * Return: 0; -L4_EINVAL if no signal is connected.
 */
L4_CV long l4shmc_enable_chunk(l4shmc_chunk_t *chunk) L4_NOTHROW;

/**
 * l4shmc_wait_chunk() - wait for the connected signal
 * @chunk: the chunk
 *
 * Return: 0; -L4_EINVAL if no signal is connected.
 */
L4_CV long l4shmc_wait_chunk(l4shmc_chunk_t *chunk) L4_NOTHROW;

/**
 * l4shmc_wait_chunk_to() - wait for the connected signal, with a limit
 * @chunk: the chunk
 * @timeout: the receive half counts
 *
 * Return: 0; -2003 when the time is over; -L4_EINVAL if no signal is
 * connected.
 */
L4_CV long l4shmc_wait_chunk_to(l4shmc_chunk_t *chunk, l4_timeout_t timeout) L4_NOTHROW;

/**
 * l4shmc_wait_chunk_try() - take an event of the connected signal if there is one
 * @chunk: the chunk
 *
 * Return: 0; -2003 if there is none; -L4_EINVAL if no signal is connected.
 */
L4_CV long l4shmc_wait_chunk_try(l4shmc_chunk_t *chunk) L4_NOTHROW;

/**
 * l4shmc_chunk_consumed() - give a chunk back to the producer
 * @chunk: the chunk, in any state
 *
 * Return: 0; -L4_EPERM for an observer.
 */
L4_CV long l4shmc_chunk_consumed(l4shmc_chunk_t *chunk) L4_NOTHROW;

/**
 * l4shmc_is_chunk_ready() - is there a message
 * @chunk: the chunk
 *
 * Looks at the memory each time.
 *
 * Return: 1 or 0.
 */
L4_CV long l4shmc_is_chunk_ready(l4shmc_chunk_t const *chunk) L4_NOTHROW;

/* Signals */

/**
 * l4shmc_add_signal() - a signal of an area
 * @area: the area
 * @name: name of the signal, as for l4shmc_create()
 * @signal: filled in
 *
 * Makes the signal if there is none of that name.  However often a process
 * asks for a signal of an attached area, it holds one file descriptor for it.
 *
 * Return: 0; -L4_EINVAL or -L4_ENAMETOOLONG for a bad name; -L4_ENOMEM;
 * -L4_ENOSPC if the area has no room for another record; -L4_EPERM for an
 * observer.
 */
L4_CV long l4shmc_add_signal(l4shmc_area_t *area, char const *name, l4shmc_signal_t *signal)
	L4_NOTHROW;

/**
 * l4shmc_get_signal() - same as l4shmc_add_signal()
 * @area: the area
 * @name: name of the signal
 * @signal: filled in
 *
 * Return: as l4shmc_add_signal().
 */
L4_CV long l4shmc_get_signal(l4shmc_area_t *area, char const *name, l4shmc_signal_t *signal)
	L4_NOTHROW;

/**
 * l4shmc_get_signal_to() - same as l4shmc_add_signal()
 * @area: the area
 * @name: name of the signal
 * @timeout_ms: not used, since the signal is there at once
 * @signal: filled in
 *
 * Return: as l4shmc_add_signal().
 */
L4_CV long l4shmc_get_signal_to(l4shmc_area_t *area, char const *name, l4_umword_t timeout_ms,
				l4shmc_signal_t *signal) L4_NOTHROW;

/**
 * l4shmc_attach_signal() - have a thread told of a signal
 * @area: the area
 * @name: name of the signal
 * @thread: capability of any thread of this process: pthread_l4_cap()
 * @signal: filled in; must stay where it is while it is attached
 *
 * As l4shmc_add_signal(), and binds the signal to the wait set of the thread,
 * which l4shmc_wait_any() of that thread waits for; what it returns is
 * @signal.  If another l4shmc_attach_signal() of this process has bound the
 * signal before, the binding moves, together with what is pending.  It ends
 * with the thread or the attachment.
 *
 * Return: as l4shmc_add_signal(); -L4_EINVAL for a bad @thread too.
 */
L4_CV long l4shmc_attach_signal(l4shmc_area_t *area, char const *name, l4_cap_idx_t thread,
				l4shmc_signal_t *signal) L4_NOTHROW;

/**
 * l4shmc_attach_signal_to() - same as l4shmc_attach_signal()
 * @area: the area
 * @name: name of the signal
 * @thread: capability of any thread of this process
 * @timeout_ms: not used, since the signal is there at once
 * @signal: filled in; must stay where it is while it is attached
 *
 * Return: as l4shmc_attach_signal().
 */
L4_CV long l4shmc_attach_signal_to(l4shmc_area_t *area, char const *name, l4_cap_idx_t thread,
				   l4_umword_t timeout_ms, l4shmc_signal_t *signal) L4_NOTHROW;

/**
 * l4shmc_signal_cap() - capability of a signal
 * @signal: the signal
 *
 * Valid as long as the signal; l4shmc_signal_fd() gives what poll() takes.
 *
 * Return: the capability; L4_INVALID_CAP for a bad @signal.
 */
L4_CV l4_cap_idx_t l4shmc_signal_cap(l4shmc_signal_t const *signal) L4_NOTHROW;

/**
 * l4shmc_trigger() - tell about an event
 * @signal: the signal
 *
 * Does not block.  Makes no system call if nobody sleeps.  Triggers that
 * nobody has taken yet count as one event, unless the signal is counting.
 *
 * Return: 0; -L4_EPERM for a signal of the driver or an observer.
 */
L4_CV long l4shmc_trigger(l4shmc_signal_t *signal) L4_NOTHROW;

/**
 * l4shmc_enable_signal() - be ready for the next event
 * @signal: the signal
 *
 * Nothing is lost without it; it is there for programs that call it.
 *
 * Return: 0
 */
L4_CV long l4shmc_enable_signal(l4shmc_signal_t *signal) L4_NOTHROW;

/**
 * l4shmc_wait_signal() - wait for an event
 * @signal: the signal
 *
 * Makes no system call if an event is pending.  Of several threads that wait,
 * one event wakes one.
 *
 * Return: 0
 */
L4_CV long l4shmc_wait_signal(l4shmc_signal_t *signal) L4_NOTHROW;

/**
 * l4shmc_wait_signal_to() - wait for an event, with a limit
 * @signal: the signal
 * @timeout: the receive half counts; a pending event counts even if it is 0
 *
 * Return: 0; -2003 when the time is over.
 */
L4_CV long l4shmc_wait_signal_to(l4shmc_signal_t *signal, l4_timeout_t timeout) L4_NOTHROW;

/**
 * l4shmc_wait_signal_try() - take an event if there is one
 * @signal: the signal
 *
 * Return: 0; -2003 if there is none.
 */
L4_CV long l4shmc_wait_signal_try(l4shmc_signal_t *signal) L4_NOTHROW;

/**
 * l4shmc_wait_any() - wait for an event of any attached signal
 * @signal: set to the signal that l4shmc_attach_signal() was given; untouched
 *	on error
 *
 * Waits for the signals that are bound to the calling thread.  They take
 * turns: none waits for more than one event of each of the others.  A thread that
 * sleeps already when its last signal is bound to another one sleeps on, until
 * something is bound to it again.
 *
 * Return: 0; -L4_EINVAL if no signal is bound to this thread.
 */
L4_CV long l4shmc_wait_any(l4shmc_signal_t **signal) L4_NOTHROW;

/**
 * l4shmc_wait_any_to() - l4shmc_wait_any() with a limit
 * @timeout: the receive half counts; a pending event counts even if it is 0
 * @signal: as for l4shmc_wait_any()
 *
 * Return: 0; -2003 when the time is over; -L4_EINVAL if there is no limit and
 * no signal is bound to this thread.
 */
L4_CV long l4shmc_wait_any_to(l4_timeout_t timeout, l4shmc_signal_t **signal) L4_NOTHROW;

/**
 * l4shmc_wait_any_try() - take an event of an attached signal if there is one
 * @signal: as for l4shmc_wait_any()
 *
 * Return: 0; -2003 if there is none.
 */
L4_CV long l4shmc_wait_any_try(l4shmc_signal_t **signal) L4_NOTHROW;

L4_END_DECLS

/* l4shmc_create(name, size); without arguments the name is that of the function. */
#ifdef __cplusplus
/* Whatever the linkage is where this header is included. */
extern "C++" inline long l4shmc_create(char const *name, l4_umword_t size) L4_NOTHROW
{
	return l4shmc_create_sized(name, size);
}
#else
#define l4shmc_create(...) \
	__L4SHMC_CREATE(__VA_ARGS__, l4shmc_create_sized, l4shmc_create, 0)(__VA_ARGS__)
#define __L4SHMC_CREATE(name, size, function, ...) function
#endif

#endif /* _L4_SHMC_SHMC_H */
