// SPDX-License-Identifier: GPL-2.0-only
/*
 * What users have made, and how much of it they may make. The entries of areas
 * and records in sysfs are charged to no control group: this bounds them. And
 * it bounds what others have to do when a signal has many bindings.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "l4shmc.h"

/* They may change at any time; what is there already stays. */
static unsigned long max_user_areas = 1024;
module_param(max_user_areas, ulong, 0644);
MODULE_PARM_DESC(max_user_areas, "Most areas of a user; 0: no limit (1024)");

static unsigned long max_user_records = 65536;
module_param(max_user_records, ulong, 0644);
MODULE_PARM_DESC(max_user_records, "Most chunks, signals and bindings of a user; 0: no limit (65536)");

/* That is: not given, and set when it is known what half of the memory is. */
static unsigned long max_user_bytes = ULONG_MAX;
module_param(max_user_bytes, ulong, 0644);
MODULE_PARM_DESC(max_user_bytes, "Most bytes in areas and records of a user; 0: no limit (half of memory)");

/* Users of whom something is there, by id. Its lock is the innermost one. */
static DEFINE_XARRAY_FLAGS(l4shmc_users, XA_FLAGS_ACCOUNT);

void __init l4shmc_user_init(void)
{
	if (max_user_bytes == ULONG_MAX)
		max_user_bytes = min_t(u64, (u64)totalram_pages() * (PAGE_SIZE / 2), ULONG_MAX);
}

/* All has been given back that was charged. */
void l4shmc_user_exit(void)
{
	WARN_ON(!xa_empty(&l4shmc_users));
}

/*
 * Who is charged for what the caller makes: he, whoever owns the area. In a user
 * namespace that an ordinary user has made it is that user: there he may have as
 * many ids as he likes.
 */
static kuid_t l4shmc_user_id(void)
{
	struct user_namespace *ns;
	kuid_t uid = current_uid();

	for (ns = current_user_ns(); ns != &init_user_ns; ns = ns->parent)
		if (!uid_eq(ns->owner, GLOBAL_ROOT_UID))
			uid = ns->owner;
	return uid;
}

static bool l4shmc_user_may(u64 used, u64 more, const unsigned long *max)
{
	unsigned long limit = READ_ONCE(*max);

	return !more || !limit || (used <= limit && more <= limit - used);
}

/* Caller holds the lock of the users; of whom nothing is left is forgotten. */
static void l4shmc_user_add(struct l4shmc_user *user, u64 areas, u64 records, u64 bytes)
{
	user->areas += areas;
	user->records += records;
	user->bytes += bytes;
	if (user->areas || user->records || user->bytes)
		return;
	__xa_erase(&l4shmc_users, __kuid_val(user->uid));
	kfree(user);
}

/* Charge the caller, until l4shmc_user_uncharge() of the same. */
struct l4shmc_user *l4shmc_user_charge(u64 areas, u64 records, u64 bytes)
{
	struct l4shmc_user *new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	bool exceed = ns_capable_noaudit(&init_user_ns, CAP_SYS_RESOURCE);
	struct l4shmc_user *user;

	if (!new)
		return ERR_PTR(-ENOMEM);
	new->uid = l4shmc_user_id();
	xa_lock(&l4shmc_users);
	user = __xa_cmpxchg(&l4shmc_users, __kuid_val(new->uid), NULL, new, GFP_KERNEL_ACCOUNT);
	if (!user)
		swap(user, new);
	if (xa_is_err(user)) {
		user = ERR_PTR(xa_err(user));
	} else if (exceed || (l4shmc_user_may(user->areas, areas, &max_user_areas) &&
			      l4shmc_user_may(user->records, records, &max_user_records) &&
			      l4shmc_user_may(user->bytes, bytes, &max_user_bytes))) {
		l4shmc_user_add(user, areas, records, bytes);
	} else {
		l4shmc_user_add(user, 0, 0, 0);
		user = ERR_PTR(-EDQUOT);
	}
	xa_unlock(&l4shmc_users);
	kfree(new);
	return user;
}

void l4shmc_user_uncharge(struct l4shmc_user *user, u64 areas, u64 records, u64 bytes)
{
	xa_lock(&l4shmc_users);
	l4shmc_user_add(user, -areas, -records, -bytes);
	xa_unlock(&l4shmc_users);
}
