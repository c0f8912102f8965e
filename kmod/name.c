// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of areas, chunks and signals: one table for all name spaces, so that
 * a name is found in constant time however many there are.
 *
 * The caller's lock, the index lock for areas and area->lock for chunks and
 * signals, keeps what was found from going away. Without it, it is only known that
 * there was something.
 */
#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/wait_bit.h>

#include "l4shmc.h"

struct l4shmc_name_key {
	const struct l4shmc_space *space;
	const char *text;
};

static struct rhashtable l4shmc_names;

static u32 l4shmc_name_hash(const struct l4shmc_space *space, const char *text, u32 seed)
{
	return jhash(text, strlen(text), seed ^ hash_ptr(space, 32));
}

static u32 l4shmc_name_hash_key(const void *data, u32 len, u32 seed)
{
	const struct l4shmc_name_key *key = data;

	return l4shmc_name_hash(key->space, key->text, seed);
}

static u32 l4shmc_name_hash_obj(const void *data, u32 len, u32 seed)
{
	const struct l4shmc_name *name = data;

	return l4shmc_name_hash(name->space, name->text, seed);
}

static int l4shmc_name_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct l4shmc_name_key *key = arg->key;
	const struct l4shmc_name *name = obj;

	return key->space != name->space || strcmp(key->text, name->text);
}

static const struct rhashtable_params l4shmc_name_params = {
	.head_offset = offsetof(struct l4shmc_name, node),
	.hashfn = l4shmc_name_hash_key,
	.obj_hashfn = l4shmc_name_hash_obj,
	.obj_cmpfn = l4shmc_name_cmp,
	.automatic_shrinking = true,
};

int l4shmc_names_init(void)
{
	return rhashtable_init(&l4shmc_names, &l4shmc_name_params);
}

void l4shmc_names_exit(void)
{
	WARN_ON(atomic_read(&l4shmc_names.nelems));
	rhashtable_destroy(&l4shmc_names);
}

/* Is @text, of L4SHMC_NAME_SIZE bytes, a name that a user may give? */
int l4shmc_name_check(const char *text)
{
	size_t len = strnlen(text, L4SHMC_NAME_SIZE);
	size_t i;

	if (len == L4SHMC_NAME_SIZE)
		return -ENAMETOOLONG;
	if (!len || text[0] == '.' || text[0] == '@')
		return -EINVAL;
	for (i = 0; i < len; i++) {
		unsigned char c = text[i];

		if (c < ' ' || c == 0x7f || c == '/')
			return -EINVAL;
	}
	if (memchr_inv(text + len, 0, L4SHMC_NAME_SIZE - len))
		return -EINVAL;
	return 0;
}

int l4shmc_name_add(struct l4shmc_name *name, struct l4shmc_space *space)
{
	struct l4shmc_name_key key = { .space = space, .text = name->text };
	int err;

	name->space = space;
	err = rhashtable_lookup_insert_key(&l4shmc_names, &key, &name->node, l4shmc_name_params);
	/* The others tell that the table could not grow. */
	return err && err != -EEXIST ? -ENOMEM : err;
}

void l4shmc_name_remove(struct l4shmc_name *name)
{
	rhashtable_remove_fast(&l4shmc_names, &name->node, l4shmc_name_params);
}

struct l4shmc_name *l4shmc_name_find(const struct l4shmc_space *space, const char *text)
{
	struct l4shmc_name_key key = { .space = space, .text = text };

	return rhashtable_lookup_fast(&l4shmc_names, &key, l4shmc_name_params);
}

/* Number of names added, to be asked for before looking for one. */
u32 l4shmc_name_added(const struct l4shmc_space *space)
{
	/* Pairs with l4shmc_name_announce(). */
	return smp_load_acquire(&space->added);
}

/* Wake those who wait for a name in @space. */
void l4shmc_name_announce(struct l4shmc_space *space)
{
	/* Pairs with l4shmc_name_added(): who sees the new value finds the name. */
	smp_store_release(&space->added, space->added + 1);
	/* Pairs with the barrier of set_current_state() in l4shmc_name_wait(). */
	smp_mb();
	wake_up_var(&space->added);
}

/*
 * Wait until a name has been added since space->added was @seen. The caller
 * looks once more, whatever the result.
 *
 * Return: 0, -ETIMEDOUT, -ERESTARTSYS.
 */
int l4shmc_name_wait(const struct l4shmc_space *space, u32 seen, struct l4shmc_timeout *t)
{
	struct wait_queue_head *wq = __var_waitqueue((void *)&space->added);
	struct wait_bit_queue_entry wait;
	int err;

	init_wait_var_entry(&wait, (void *)&space->added, 0);
	prepare_to_wait(wq, &wait.wq_entry, TASK_INTERRUPTIBLE);
	/* If there is something new, only yield; however often there is, it ends. */
	if (l4shmc_name_added(space) != seen)
		__set_current_state(TASK_RUNNING);
	err = l4shmc_timeout_sleep(t);
	finish_wait(wq, &wait.wq_entry);
	return err;
}
