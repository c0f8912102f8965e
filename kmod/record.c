// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control region: its pages, and the slots, each with a record there,
 * that chunks and signals are made of.
 */
#include <linux/gfp.h>
#include <linux/kobject.h>
#include <linux/string.h>

#include "l4shmc.h"

#define L4SHMC_RECORDS_PER_PAGE (PAGE_SIZE / L4SHMC_RECORD_SIZE)

/* A page that knows who is charged for it: the user that current_cred() tells. */
static struct page *l4shmc_control_page_alloc(void)
{
	struct l4shmc_user *user = l4shmc_user_charge(0, 0, PAGE_SIZE);
	struct page *page;

	if (IS_ERR(user))
		return ERR_CAST(user);
	page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!page) {
		l4shmc_user_uncharge(user, 0, 0, PAGE_SIZE);
		return ERR_PTR(-ENOMEM);
	}
	set_page_private(page, (unsigned long)user);
	return page;
}

static void l4shmc_control_page_free(struct page *page)
{
	struct l4shmc_user *user = (struct l4shmc_user *)page_private(page);

	set_page_private(page, 0);
	l4shmc_user_uncharge(user, 0, 0, PAGE_SIZE);
	put_page(page);
}

/*
 * Page @nr of the control region, which is made when it is first asked for and
 * then stays as long as the area. Called under mmap_lock, too.
 */
struct page *l4shmc_control_page(struct l4shmc_area *area, unsigned long nr)
{
	struct page *page = xa_load(&area->pages, nr);
	struct page *old;

	if (page)
		return page;
	page = l4shmc_control_page_alloc();
	if (IS_ERR(page))
		return page;
	old = xa_cmpxchg(&area->pages, nr, NULL, page, GFP_KERNEL_ACCOUNT);
	if (!old)
		return page;
	/* Somebody was faster, or there is no memory. */
	l4shmc_control_page_free(page);
	return xa_is_err(old) ? ERR_PTR(xa_err(old)) : old;
}

/* At the end of the area: nobody has them mapped any more. */
void l4shmc_control_pages_free(struct l4shmc_area *area)
{
	struct page *page;
	unsigned long nr;

	xa_for_each(&area->pages, nr, page)
		l4shmc_control_page_free(page);
	xa_destroy(&area->pages);
}

/*
 * Give a zeroed slot a name and a clean record, whose index is not below
 * @first. Nobody sees it yet.
 *
 * On error too, the caller ends it with l4shmc_slot_fini(). Caller holds
 * area->lock.
 */
int l4shmc_slot_init(struct l4shmc_slot *slot, struct l4shmc_area *area, const char *name,
		     const struct kobj_type *type, u32 first)
{
	struct page *page;
	int err;

	lockdep_assert_held(&area->lock);

	l4shmc_sysfs_init_slot(slot, type);
	strscpy(slot->name.text, name, sizeof(slot->name.text));
	slot->area = area;
	slot->user = l4shmc_user_charge(0, 1, 0);
	if (IS_ERR(slot->user))
		return PTR_ERR(slot->user);
	/* Reserved: it is not found before it is published. */
	err = xa_alloc(&area->slots, &slot->index, NULL,
		       XA_LIMIT(first, L4SHMC_MAX_RECORDS - 1), GFP_KERNEL_ACCOUNT);
	if (err)
		return err == -ENOMEM ? err : -ENOSPC;
	page = l4shmc_control_page(area, slot->index / L4SHMC_RECORDS_PER_PAGE);
	if (IS_ERR(page)) {
		xa_release(&area->slots, slot->index);
		return PTR_ERR(page);
	}
	slot->record = (union l4shmc_record *)page_address(page) +
		       slot->index % L4SHMC_RECORDS_PER_PAGE;
	memset(slot->record, 0, sizeof(*slot->record));
	return 0;
}

/* End a slot that is not, or no longer, published. Caller holds area->lock. */
void l4shmc_slot_fini(struct l4shmc_slot *slot)
{
	lockdep_assert_held(&slot->area->lock);

	if (slot->record)
		xa_erase(&slot->area->slots, slot->index);
	if (!IS_ERR(slot->user))
		l4shmc_user_uncharge(slot->user, 0, 1, 0);
	kobject_put(&slot->kobj);
}

/*
 * Let a slot be found by its name, by its index under @mark, and in sysfs.
 *
 * Caller holds area->lock.
 */
int l4shmc_slot_publish(struct l4shmc_slot *slot, struct l4shmc_space *space,
			struct kobject *dir, xa_mark_t mark)
{
	struct l4shmc_area *area = slot->area;
	int err;

	lockdep_assert_held(&area->lock);

	err = l4shmc_name_add(&slot->name, space);
	if (err)
		return err;
	if (area->shown) {
		err = kobject_add(&slot->kobj, dir, "%s", slot->name.text);
		if (err) {
			l4shmc_name_remove(&slot->name);
			return err;
		}
	}
	/* The entry has been reserved: this needs no memory. */
	xa_store(&area->slots, slot->index, slot, GFP_KERNEL_ACCOUNT);
	xa_set_mark(&area->slots, slot->index, mark);
	return 0;
}

struct l4shmc_slot *l4shmc_slot_find(const struct l4shmc_space *space, const char *text)
{
	struct l4shmc_name *name = l4shmc_name_find(space, text);

	return name ? container_of(name, struct l4shmc_slot, name) : NULL;
}

static void l4shmc_slots_unlink_marked(struct l4shmc_area *area, xa_mark_t mark)
{
	struct l4shmc_slot *slot;
	unsigned long index;

	xa_for_each_marked(&area->slots, index, slot, mark) {
		/* One that was added meanwhile is not shown. */
		if (slot->kobj.state_in_sysfs)
			kobject_del(&slot->kobj);
		cond_resched();
	}
}

/*
 * Take the slots out of sysfs. What has a mark stays as long as the area, and
 * what is added from now on is not shown: no lock is needed.
 */
void l4shmc_slots_unlink(struct l4shmc_area *area)
{
	l4shmc_slots_unlink_marked(area, L4SHMC_MARK_CHUNK);
	l4shmc_slots_unlink_marked(area, L4SHMC_MARK_SIGNAL);
}

/* At the end of the area: nobody else uses it any more. */
void l4shmc_slots_free(struct l4shmc_area *area)
{
	struct l4shmc_slot *slot;
	unsigned long index;

	xa_for_each(&area->slots, index, slot) {
		l4shmc_name_remove(&slot->name);
		l4shmc_user_uncharge(slot->user, 0, 1, 0);
		kobject_put(&slot->kobj);
		cond_resched();
	}
}
