/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * DOC: l4/shmc/linux.h
 *
 * What Linux adds to <l4/shmc/shmc.h>: sizes, modes and flags, file
 * descriptors for event loops, the end of an attachment, and a few waits.  The
 * rules at the head of shmc.h hold here too.
 */
#ifndef _L4_SHMC_LINUX_H
#define _L4_SHMC_LINUX_H

#include <l4/shmc/shmc.h>

L4_BEGIN_DECLS

/**
 * L4SHMC_FOREVER: As a timeout in milliseconds: no limit.
 */
#define L4SHMC_FOREVER (~(l4_umword_t)0)

/**
 * L4SHMC_PERSISTENT: For create: the area stays until l4shmc_destroy().
 */
#define L4SHMC_PERSISTENT 1U
/**
 * L4SHMC_EXCLUSIVE: For create: -L4_EEXIST if the area is there already.
 */
#define L4SHMC_EXCLUSIVE 2U

/**
 * L4SHMC_OBSERVER: For attach: look only; such a client has no number.
 */
#define L4SHMC_OBSERVER 1U

/**
 * l4shmc_version() - version of the library
 *
 * Return: text, as in "1.2".
 */
L4_CV char const *l4shmc_version(void) L4_NOTHROW;

/**
 * l4shmc_create_area() - make an area of a given size
 * @name: name of the area
 * @size: bytes, rounded up to whole pages, not 0
 * @mode: read and write bits as for open(), 0600 for instance; who attaches
 *	needs both, who observes needs read
 * @flags: L4SHMC_PERSISTENT, L4SHMC_EXCLUSIVE
 *
 * Without L4SHMC_PERSISTENT the calling process uses the area until it ends
 * or calls l4shmc_destroy().
 *
 * Return: 0; -L4_EEXIST with L4SHMC_EXCLUSIVE; otherwise as l4shmc_create().
 */
L4_CV long l4shmc_create_area(char const *name, l4_umword_t size, unsigned mode, unsigned flags)
	L4_NOTHROW;

/**
 * l4shmc_create_handle() - make an area and get its handle
 * @name: name of the area
 * @size: bytes, rounded up to whole pages, not 0
 * @mode: as for l4shmc_create_area()
 * @flags: L4SHMC_PERSISTENT
 *
 * The handle is a file descriptor that l4shmc_attach_handle() takes, here or
 * in a process that it was passed to, whatever the mode says.  The area lives
 * at least until the handle is closed with close().
 *
 * Return: the file descriptor; -L4_EEXIST; otherwise as l4shmc_create().
 */
L4_CV int l4shmc_create_handle(char const *name, l4_umword_t size, unsigned mode, unsigned flags)
	L4_NOTHROW;

/**
 * l4shmc_destroy() - take an area's name away
 * @name: name of the area
 *
 * Those who are attached go on; the memory is given back when the last one has
 * left.
 *
 * Return: 0; -L4_ENOENT; -L4_EPERM if it is not the caller's; -L4_ENODEV.
 */
L4_CV long l4shmc_destroy(char const *name) L4_NOTHROW;

/**
 * l4shmc_attach_flags() - become a client or an observer of an area
 * @name: name of the area
 * @timeout_ms: how long to wait for it, in milliseconds; 0 looks once,
 *	L4SHMC_FOREVER waits without limit
 * @flags: 0 or L4SHMC_OBSERVER
 * @area: filled in
 *
 * Return: as l4shmc_attach().
 */
L4_CV long l4shmc_attach_flags(char const *name, l4_umword_t timeout_ms, unsigned flags,
			       l4shmc_area_t *area) L4_NOTHROW;

/**
 * l4shmc_attach_handle() - become a client or an observer of the area of a handle
 * @handle: file descriptor from l4shmc_create_handle(); stays the caller's
 * @flags: 0 or L4SHMC_OBSERVER
 * @area: filled in
 *
 * Return: 0; -L4_EINVAL if @handle is not a handle; -L4_ENOMEM; -L4_ENOSPC.
 */
L4_CV long l4shmc_attach_handle(int handle, unsigned flags, l4shmc_area_t *area) L4_NOTHROW;

/**
 * l4shmc_detach() - stop being a client
 * @area: the area
 *
 * Ends the chunks and signals that were got through @area, unmaps the memory
 * and gives back the client number.  Must not run while another thread uses
 * any of them.
 *
 * Return: 0
 */
L4_CV long l4shmc_detach(l4shmc_area_t *area) L4_NOTHROW;

/**
 * l4shmc_area_fd() - file descriptor of an attachment
 * @area: the area
 *
 * For ioctl() and to pass on; it belongs to the library, do not close it.
 *
 * Return: the file descriptor.
 */
L4_CV int l4shmc_area_fd(l4shmc_area_t const *area) L4_NOTHROW;

/**
 * l4shmc_area_ptr() - the payload of an area
 * @area: the area
 *
 * Return: address of the l4shmc_area_size() bytes that chunks are part of; a
 * null pointer for a bad @area.
 */
L4_CV void *l4shmc_area_ptr(l4shmc_area_t const *area) L4_NOTHROW;

/**
 * l4shmc_signal_fd() - file descriptor of a signal
 * @signal: the signal
 *
 * Readable, for poll(), epoll and io_uring, while an event is pending; take
 * the event with l4shmc_wait_signal_try().  It belongs to the library, do not
 * close it.
 *
 * Return: the file descriptor.
 */
L4_CV int l4shmc_signal_fd(l4shmc_signal_t const *signal) L4_NOTHROW;

/**
 * l4shmc_wait_any_fd() - file descriptor of the calling thread's wait set
 *
 * Readable, for poll(), epoll and io_uring, while an event of a signal that is
 * bound to the calling thread is pending; take the event with
 * l4shmc_wait_any_try().  It belongs to the library, do not close it, and ends
 * with the thread.
 *
 * Return: the file descriptor; -L4_ENOMEM; -L4_ENODEV.
 */
L4_CV int l4shmc_wait_any_fd(void) L4_NOTHROW;

/**
 * l4shmc_add_counting_signal() - a signal that counts
 * @area: the area
 * @name: name of the signal
 * @signal: filled in
 *
 * As l4shmc_add_signal(), but a signal made here gives one wait for each
 * trigger.
 *
 * Return: as l4shmc_add_signal(); -L4_EEXIST if the signal is there and does
 * not count.
 */
L4_CV long l4shmc_add_counting_signal(l4shmc_area_t *area, char const *name,
				      l4shmc_signal_t *signal) L4_NOTHROW;

/**
 * l4shmc_get_clients_signal() - the signal that tells about clients
 * @area: the area
 * @signal: filled in
 *
 * The driver triggers it whenever a client attaches, marks itself initialized,
 * detaches or dies.
 *
 * Return: 0; -L4_ENOMEM; -L4_ENOSPC.
 */
L4_CV long l4shmc_get_clients_signal(l4shmc_area_t *area, l4shmc_signal_t *signal) L4_NOTHROW;

/**
 * l4shmc_call() - trigger one signal, then wait for another
 * @trigger: the signal to trigger
 * @wait: the signal to wait for
 *
 * The same as l4shmc_trigger() and l4shmc_wait_signal(), with one system call
 * at most.
 *
 * Return: 0; -L4_EPERM as l4shmc_trigger().
 */
L4_CV long l4shmc_call(l4shmc_signal_t *trigger, l4shmc_signal_t *wait) L4_NOTHROW;

/**
 * l4shmc_call_to() - l4shmc_call() with a limit
 * @trigger: the signal to trigger
 * @wait: the signal to wait for
 * @timeout: the receive half counts
 *
 * Return: 0; -2003 when the time is over; -L4_EPERM as l4shmc_trigger().
 */
L4_CV long l4shmc_call_to(l4shmc_signal_t *trigger, l4shmc_signal_t *wait, l4_timeout_t timeout)
	L4_NOTHROW;

/**
 * l4shmc_wait_clients() - wait until clients are initialized
 * @area: the area
 * @mask: bit i set: client i
 * @timeout_ms: how long to wait, in milliseconds, or L4SHMC_FOREVER
 *
 * Return: 0 as soon as all of @mask are; -2003 when the time is over.
 */
L4_CV long l4shmc_wait_clients(l4shmc_area_t *area, l4_umword_t mask, l4_umword_t timeout_ms)
	L4_NOTHROW;

/**
 * l4shmc_set_spin_limit() - how long a wait looks at the memory before it sleeps
 * @rounds: at most so many looks, adapted to what has paid off; 0 never spins
 *
 * Holds for the process.  By default looking takes less time than the wake-up
 * that it may save, and does not take place on one CPU.
 *
 * Return: the limit before.
 */
L4_CV unsigned l4shmc_set_spin_limit(unsigned rounds) L4_NOTHROW;

L4_END_DECLS

#endif /* _L4_SHMC_LINUX_H */
