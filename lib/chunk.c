// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Chunks: a record with a state word, and a piece of the data region.
 */
#include "private.h"

#include <stdlib.h>
#include <string.h>

/* First chunk from @index on. */
static long next_chunk(struct l4shmc_attachment const *at, __u32 index,
		       struct l4shmc_ioc_chunk_next *req)
{
	long ret;

	memset(req, 0, sizeof(*req));
	req->size = sizeof(*req);
	req->index = index;
	ret = l4shmc__command(at->fd, L4SHMC_IOC_CHUNK_NEXT, req);
	if (ret)
		return ret;
	if (req->index < index || req->index >= L4SHMC_MAX_RECORDS)
		return -L4_EIO;
	req->name[L4SHMC_NAME_SIZE - 1] = 0;
	return 0;
}

/* Makes @chunk stand for the chunk with the record @index. */
static long setup_chunk(l4shmc_area_t const *area, long index, l4shmc_chunk_t *chunk)
{
	struct l4shmc_attachment *at = area->_attachment;
	struct l4shmc_ioc_chunk_next info;
	long ret;

	if (index < 0)
		return index;
	ret = next_chunk(at, (__u32)index, &info);
	if (ret)
		return ret;
	if (info.index != (__u32)index || info.capacity > at->size ||
	    info.offset > at->size - info.capacity)
		return -L4_EIO;

	*chunk = (l4shmc_chunk_t){
		._magic = L4SHMC__CHUNK_MAGIC,
		._attachment = at,
		._generation = area->_generation,
		._record = &at->records[index].chunk,
		._payload = at->data + info.offset,
		._capacity = (l4_umword_t)info.capacity,
		._owner = (l4_umword_t)at->client << L4SHMC_CHUNK_OWNER_SHIFT,
	};
	return 0;
}

long l4shmc_add_chunk(l4shmc_area_t *area, char const *name, l4_umword_t capacity,
		      l4shmc_chunk_t *chunk)
{
	struct l4shmc_ioc_chunk_add req = { .size = sizeof(req), .capacity = capacity };
	long ret;

	if (!l4shmc__area_ok(area) || !chunk)
		return -L4_EINVAL;
	ret = l4shmc__name(req.name, name);
	if (ret)
		return ret;
	ret = l4shmc__ioctl(area->_attachment->fd, L4SHMC_IOC_CHUNK_ADD, &req);
	return setup_chunk(area, ret, chunk);
}

static long find_chunk(l4shmc_area_t *area, char const *name, l4_umword_t timeout_ms,
		       l4shmc_chunk_t *chunk)
{
	struct l4shmc_ioc_chunk_find req = {
		.size = sizeof(req),
		.timeout_ns = l4shmc__ms_to_ns(timeout_ms),
	};
	long ret;

	if (!l4shmc__area_ok(area) || !chunk)
		return -L4_EINVAL;
	ret = l4shmc__name(req.name, name);
	if (ret)
		return ret;
	ret = l4shmc__ioctl(area->_attachment->fd, L4SHMC_IOC_CHUNK_FIND, &req);
	return setup_chunk(area, ret, chunk);
}

/* For programs whose sides race at start; anything but a number is 0. */
static l4_umword_t default_timeout_ms(void)
{
	char const *s = getenv("L4SHMC_GET_TIMEOUT_MS");
	l4_umword_t ms = 0;

	if (!s)
		return 0;
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(ms, 10, &ms) ||
		    __builtin_add_overflow(ms, (l4_umword_t)(*s - '0'), &ms))
			return 0;
	return *s ? 0 : ms;
}

long l4shmc_get_chunk(l4shmc_area_t *area, char const *name, l4shmc_chunk_t *chunk)
{
	return find_chunk(area, name, default_timeout_ms(), chunk);
}

long l4shmc_get_chunk_to(l4shmc_area_t *area, char const *name, l4_umword_t timeout_ms,
			 l4shmc_chunk_t *chunk)
{
	return find_chunk(area, name, timeout_ms, chunk);
}

/* Place for the name of chunk @index.  The lock is held. */
static char **name_slot(struct l4shmc_attachment *at, __u32 index)
{
	unsigned i, nr = at->nr_names;
	char **names;

	if (index >= nr) {
		nr = index < 2 * nr ? 2 * nr : index + 16;
		names = realloc(at->names, nr * sizeof(*names));
		if (!names)
			return NULL;
		for (i = at->nr_names; i < nr; i++)
			names[i] = NULL;
		at->names = names;
		at->nr_names = nr;
	}
	return &at->names[index];
}

/* The name of chunk @index, kept until detach; a chunk is never renamed. */
static char const *keep_name(struct l4shmc_attachment *at, __u32 index, char const *name)
{
	char *kept = NULL;
	char **slot;

	pthread_mutex_lock(&at->lock);
	slot = name_slot(at, index);
	if (slot) {
		if (!*slot)
			*slot = strdup(name);
		kept = *slot;
	}
	pthread_mutex_unlock(&at->lock);
	return kept;
}

long l4shmc_iterate_chunk(l4shmc_area_t const *area, char const **name, long offs)
{
	struct l4shmc_ioc_chunk_next info;
	char const *kept;
	long ret;

	if (!l4shmc__area_ok(area) || !name || offs < 0)
		return -L4_EINVAL;
	if (offs >= L4SHMC_MAX_RECORDS)
		return 0;
	ret = next_chunk(area->_attachment, (__u32)offs, &info);
	if (ret)
		return ret == -L4_ENOENT ? 0 : ret;
	kept = keep_name(area->_attachment, info.index, info.name);
	if (!kept)
		return -L4_ENOMEM;
	*name = kept;
	return (long)info.index + 1;
}

long l4shmc_connect_chunk_signal(l4shmc_chunk_t *chunk, l4shmc_signal_t *signal)
{
	if (!l4shmc__chunk_ok(chunk) || !signal)
		return -L4_EINVAL;
	chunk->_signal = signal;
	return 0;
}

void *l4shmc_chunk_ptr(l4shmc_chunk_t const *chunk)
{
	return l4shmc__chunk_ok(chunk) ? chunk->_payload : NULL;
}

long l4shmc_chunk_capacity(l4shmc_chunk_t const *chunk)
{
	return l4shmc__chunk_ok(chunk) ? (long)chunk->_capacity : -L4_EINVAL;
}

/*
 * A plain access also for 32-bit programs, whose atomic ones of this size may
 * write where only a read is wanted.  The state word orders it.
 */
static volatile __u64 *message_size(l4shmc_chunk_t const *chunk)
{
	return (volatile __u64 *)&chunk->_record->message_size;
}

long l4shmc_chunk_size(l4shmc_chunk_t const *chunk)
{
	__u64 size;

	if (!l4shmc__chunk_ok(chunk))
		return -L4_EINVAL;
	size = *message_size(chunk);
	return size > chunk->_capacity ? -L4_EIO : (long)size;
}

l4shmc_signal_t *l4shmc_chunk_signal(l4shmc_chunk_t const *chunk)
{
	return l4shmc__chunk_ok(chunk) ? chunk->_signal : NULL;
}

long l4shmc_check_magic(l4shmc_chunk_t const *chunk)
{
	return l4shmc__chunk_ok(chunk);
}

/* States */

static long check_writable(l4shmc_chunk_t const *chunk)
{
	if (!l4shmc__chunk_ok(chunk))
		return -L4_EINVAL;
	return chunk->_attachment->observer ? -L4_EPERM : 0;
}

/* From state @from, which nobody owns, to state @to, owned by this client. */
static long take(l4shmc_chunk_t *chunk, __u32 from, __u32 to, long busy)
{
	long ret = check_writable(chunk);

	if (ret)
		return ret;
	if (!__atomic_compare_exchange_n(&chunk->_record->state, &from, to | (__u32)chunk->_owner,
					 false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return busy;
	return 0;
}

static long in_state(l4shmc_chunk_t const *chunk, __u32 state)
{
	if (!l4shmc__chunk_ok(chunk))
		return -L4_EINVAL;
	return __atomic_load_n(&chunk->_record->state, __ATOMIC_ACQUIRE) == state;
}

long l4shmc_chunk_try_to_take(l4shmc_chunk_t *chunk)
{
	return take(chunk, L4SHMC_CHUNK_CLEAR, L4SHMC_CHUNK_BUSY_WRITING, -L4_EPERM);
}

long l4shmc_chunk_try_to_take_for_writing(l4shmc_chunk_t *chunk)
{
	return l4shmc_chunk_try_to_take(chunk);
}

long l4shmc_chunk_try_to_take_for_overwriting(l4shmc_chunk_t *chunk)
{
	return take(chunk, L4SHMC_CHUNK_READY, L4SHMC_CHUNK_BUSY_WRITING, -L4_EBUSY);
}

long l4shmc_chunk_try_to_take_for_reading(l4shmc_chunk_t *chunk)
{
	return take(chunk, L4SHMC_CHUNK_READY, L4SHMC_CHUNK_BUSY_READING, -L4_EBUSY);
}

long l4shmc_chunk_ready(l4shmc_chunk_t *chunk, l4_umword_t size)
{
	long ret = check_writable(chunk);

	if (ret)
		return ret;
	if (size > chunk->_capacity)
		return -L4_EINVAL;
	*message_size(chunk) = size;
	__atomic_store_n(&chunk->_record->state, L4SHMC_CHUNK_READY, __ATOMIC_RELEASE);
	return 0;
}

long l4shmc_chunk_ready_sig(l4shmc_chunk_t *chunk, l4_umword_t size)
{
	long ret = check_writable(chunk);

	if (ret)
		return ret;
	if (!l4shmc__signal_ok(chunk->_signal))
		return -L4_EINVAL;
	if (!chunk->_signal->_record)
		return -L4_EPERM;
	ret = l4shmc_chunk_ready(chunk, size);
	return ret ? ret : l4shmc_trigger(chunk->_signal);
}

long l4shmc_chunk_consumed(l4shmc_chunk_t *chunk)
{
	long ret = check_writable(chunk);

	if (ret)
		return ret;
	__atomic_store_n(&chunk->_record->state, L4SHMC_CHUNK_CLEAR, __ATOMIC_RELEASE);
	return 0;
}

long l4shmc_is_chunk_clear(l4shmc_chunk_t const *chunk)
{
	return in_state(chunk, L4SHMC_CHUNK_CLEAR);
}

long l4shmc_is_chunk_ready(l4shmc_chunk_t const *chunk)
{
	return in_state(chunk, L4SHMC_CHUNK_READY);
}

/* The connected signal; the functions of signals check it. */

long l4shmc_enable_chunk(l4shmc_chunk_t *chunk)
{
	return l4shmc_enable_signal(l4shmc_chunk_signal(chunk));
}

long l4shmc_wait_chunk(l4shmc_chunk_t *chunk)
{
	return l4shmc_wait_signal(l4shmc_chunk_signal(chunk));
}

long l4shmc_wait_chunk_to(l4shmc_chunk_t *chunk, l4_timeout_t timeout)
{
	return l4shmc_wait_signal_to(l4shmc_chunk_signal(chunk), timeout);
}

long l4shmc_wait_chunk_try(l4shmc_chunk_t *chunk)
{
	return l4shmc_wait_signal_try(l4shmc_chunk_signal(chunk));
}
