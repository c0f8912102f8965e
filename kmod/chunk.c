// SPDX-License-Identifier: GPL-2.0-only
/* Chunks: parts of an area's payload, taken back when their owner dies. */
#include <linux/math.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "l4shmc.h"

/* Caller holds area->lock. */
static struct l4shmc_chunk *l4shmc_chunk_make(struct l4shmc_area *area,
					      const struct l4shmc_ioc_chunk_add *arg)
{
	u64 used = atomic64_read(&area->used);
	struct l4shmc_chunk *chunk;
	u64 bytes;
	int err;

	if (l4shmc_slot_find(&area->chunks, arg->name))
		return ERR_PTR(-EEXIST);
	/* The first comparison keeps the rounding from overflowing. */
	if (arg->capacity > area->size)
		return ERR_PTR(-ENOMEM);
	bytes = round_up(arg->capacity, L4SHMC_CHUNK_ALIGN);
	if (bytes > area->size - used)
		return ERR_PTR(-ENOMEM);

	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	if (!chunk)
		return ERR_PTR(-ENOMEM);
	chunk->offset = used;
	chunk->capacity = arg->capacity;
	err = l4shmc_slot_init(&chunk->slot, area, arg->name, &l4shmc_chunk_ktype, 0);
	if (!err)
		err = l4shmc_slot_publish(&chunk->slot, &area->chunks, area->chunks_dir,
					  L4SHMC_MARK_CHUNK);
	if (err) {
		l4shmc_slot_fini(&chunk->slot);
		return ERR_PTR(err);
	}
	atomic64_set(&area->used, used + bytes);
	return chunk;
}

long l4shmc_chunk_add(struct file *file, void *argp)
{
	struct l4shmc_client *client = file->private_data;
	struct l4shmc_area *area = client->area;
	struct l4shmc_ioc_chunk_add *arg = argp;
	struct l4shmc_chunk *chunk;
	int err;

	if (client->number == L4SHMC_CLIENT_NONE)
		return -EBADF;
	if (arg->flags || !arg->capacity)
		return -EINVAL;
	err = l4shmc_name_check(arg->name);
	if (err)
		return err;

	mutex_lock(&area->lock);
	chunk = l4shmc_chunk_make(area, arg);
	if (!IS_ERR(chunk))
		l4shmc_name_announce(&area->chunks);
	mutex_unlock(&area->lock);
	return IS_ERR(chunk) ? PTR_ERR(chunk) : chunk->slot.index;
}

long l4shmc_chunk_find(struct file *file, void *argp)
{
	struct l4shmc_client *client = file->private_data;
	struct l4shmc_area *area = client->area;
	struct l4shmc_ioc_chunk_find *arg = argp;
	struct l4shmc_timeout timeout;
	struct l4shmc_slot *slot;
	u32 seen;
	int err;

	if (arg->flags)
		return -EINVAL;
	err = l4shmc_name_check(arg->name);
	if (err)
		return err;

	l4shmc_timeout_start(&timeout, arg->timeout_ns);
	while (1) {
		seen = l4shmc_name_added(&area->chunks);
		mutex_lock(&area->lock);
		slot = l4shmc_slot_find(&area->chunks, arg->name);
		mutex_unlock(&area->lock);
		/* Chunks stay as long as the area: @slot remains valid. */
		if (slot)
			return slot->index;
		if (err)
			break;
		err = l4shmc_name_wait(&area->chunks, seen, &timeout);
	}
	arg->timeout_ns = l4shmc_timeout_rest(&timeout);
	return err == -ETIMEDOUT ? -ENOENT : err;
}

long l4shmc_chunk_next(struct file *file, void *argp)
{
	struct l4shmc_client *client = file->private_data;
	struct l4shmc_area *area = client->area;
	struct l4shmc_ioc_chunk_next *arg = argp;
	unsigned long index = arg->index;
	struct l4shmc_chunk *chunk;
	struct l4shmc_slot *slot;

	mutex_lock(&area->lock);
	slot = xa_find(&area->slots, &index, L4SHMC_MAX_RECORDS - 1, L4SHMC_MARK_CHUNK);
	mutex_unlock(&area->lock);
	if (!slot)
		return -ENOENT;
	chunk = to_chunk(slot);
	arg->index = slot->index;
	arg->offset = chunk->offset;
	arg->capacity = chunk->capacity;
	strscpy_pad(arg->name, slot->name.text, sizeof(arg->name));
	return 0;
}

/* Take one chunk back if it is @owner's. */
static void l4shmc_chunk_recover(struct l4shmc_chunk *chunk, u32 owner)
{
	struct l4shmc_chunk_record *record = &chunk->slot.record->chunk;
	u32 state = READ_ONCE(record->state);
	u32 next;

	if (state >> L4SHMC_CHUNK_OWNER_SHIFT != owner)
		return;
	switch (state & L4SHMC_CHUNK_STATE_MASK) {
	case L4SHMC_CHUNK_BUSY_WRITING:
		next = L4SHMC_CHUNK_CLEAR;
		break;
	case L4SHMC_CHUNK_BUSY_READING:
		next = L4SHMC_CHUNK_READY;
		break;
	default:
		return;
	}
	/* Once is enough: if it fails somebody else has changed the state. */
	if (cmpxchg(&record->state, state, next) == state)
		WRITE_ONCE(record->recovered, ++chunk->recovered);
}

/* Client @owner is gone. Caller holds area->lock. */
void l4shmc_chunks_recover(struct l4shmc_area *area, u32 owner)
{
	struct l4shmc_slot *slot;
	unsigned long index;

	lockdep_assert_held(&area->lock);

	xa_for_each_marked(&area->slots, index, slot, L4SHMC_MARK_CHUNK) {
		l4shmc_chunk_recover(to_chunk(slot), owner);
		cond_resched();
	}
}
