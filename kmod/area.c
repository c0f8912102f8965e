// SPDX-License-Identifier: GPL-2.0-only
/* Areas: how they are made, found, taken their name, and end. */
#include <linux/cred.h>
#include <linux/falloc.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait_bit.h>

#include "l4shmc.h"

#define L4SHMC_MODE_BITS 0666

/* The operations of shmem, and an end that is ours. */
static struct file_operations l4shmc_data_fops __ro_after_init;

/* Called for a handle when its last descriptor is gone. */
static int l4shmc_handle_release(struct inode *inode, struct file *file)
{
	struct l4shmc_area *area = file->private_data;

	if (area)
		fput(area->data);
	return 0;
}

/*
 * Take the name away, and what persistence goes with it. Afterwards they are
 * gone, whoever did it.
 *
 * Return: false if it was somebody else.
 */
bool l4shmc_area_unlink(struct l4shmc_area *area)
{
	bool linked;

	mutex_lock(&l4shmc_index_lock);
	linked = area->linked;
	WRITE_ONCE(area->linked, false);
	mutex_unlock(&l4shmc_index_lock);
	if (!linked) {
		/* Perhaps at this moment: then neither area nor namespace may go yet. */
		wait_var_event(&area->named, list_empty_careful(&area->named));
		return false;
	}

	/*
	 * What clients do may take long: not while everybody waits for the index lock.
	 * From here on no slot is added to sysfs.
	 */
	mutex_lock(&area->lock);
	area->shown = false;
	mutex_unlock(&area->lock);
	l4shmc_slots_unlink(area);
	mutex_lock(&l4shmc_index_lock);
	l4shmc_sysfs_del(area);
	/* From here on the name is free, in sysfs too. */
	l4shmc_name_remove(&area->name);
	list_del_init(&area->named);
	mutex_unlock(&l4shmc_index_lock);
	/* Between the list and the look whether somebody waits. */
	smp_mb();
	wake_up_var(&area->named);
	if (area->persistent)
		fput(area->data);
	return true;
}

/* The last reference to the data file is gone: this is the end of the area. */
static int l4shmc_data_release(struct inode *inode, struct file *file)
{
	struct l4shmc_area *area = file->private_data;

	l4shmc_area_unlink(area);
	l4shmc_slots_free(area);
	l4shmc_control_pages_free(area);
	xa_destroy(&area->slots);
	xa_destroy(&area->clients);
	l4shmc_user_uncharge(area->user, 1, 0, area->size);
	put_device(&area->dev);
	return 0;
}

/*
 * Give the file all of its pages now, or fail without calling on the OOM
 * killer. What is interrupted half-way would only be tried again, and perhaps
 * never get to the end: only SIGKILL interrupts.
 */
static int l4shmc_populate(struct file *data, u64 size)
{
	struct address_space *mapping = data->f_mapping;
	gfp_t gfp = mapping_gfp_mask(mapping);
	sigset_t blocked, old;
	int err;

	mapping_set_gfp_mask(mapping, gfp | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	siginitsetinv(&blocked, sigmask(SIGKILL));
	sigprocmask(SIG_SETMASK, &blocked, &old);
	err = vfs_fallocate(data, 0, 0, size);
	sigprocmask(SIG_SETMASK, &old, NULL);
	mapping_set_gfp_mask(mapping, gfp);
	return err;
}

static struct file *l4shmc_data_file(const char *area, u64 size)
{
	char name[L4SHMC_NAME_SIZE + sizeof("l4shmc:")];
	struct file *data;
	int err;

	/* Seen in /proc/PID/maps. */
	snprintf(name, sizeof(name), "l4shmc:%s", area);
	data = shmem_file_setup(name, size, EMPTY_VMA_FLAGS);
	err = PTR_ERR_OR_ZERO(data);
	if (!err) {
		err = l4shmc_populate(data, size);
		if (err)
			fput(data);
	}
	switch (err) {
	case 0:
		return data;
	case -ENOSPC:
		return ERR_PTR(-ENOMEM);
	case -EINTR:
		/* The freezer, say. */
		return ERR_PTR(-ERESTARTNOINTR);
	default:
		return ERR_PTR(err);
	}
}

static struct l4shmc_area *l4shmc_area_alloc(const struct l4shmc_ioc_create *arg,
					     kuid_t uid, kgid_t gid)
{
	static atomic64_t last_id = ATOMIC64_INIT(0);
	u64 size = PAGE_ALIGN(arg->area_size);
	struct l4shmc_area *area;
	struct l4shmc_user *user;
	struct inode *inode;
	struct file *data;

	area = kzalloc(sizeof(*area), GFP_KERNEL_ACCOUNT);
	user = area ? l4shmc_user_charge(1, 0, size) : ERR_PTR(-ENOMEM);
	if (IS_ERR(user)) {
		kfree(area);
		return ERR_CAST(user);
	}
	data = l4shmc_data_file(arg->name, size);
	if (IS_ERR(data)) {
		l4shmc_user_uncharge(user, 1, 0, size);
		kfree(area);
		return ERR_CAST(data);
	}
	strscpy(area->name.text, arg->name, sizeof(area->name.text));
	area->data = data;
	area->size = size;
	area->id = atomic64_inc_return(&last_id);
	area->mode = arg->mode;
	area->uid = uid;
	area->gid = gid;
	area->user = user;
	area->persistent = arg->flags & L4SHMC_CREATE_PERSISTENT;
	area->shown = true;
	mutex_init(&area->lock);
	xa_init_flags(&area->pages, XA_FLAGS_ACCOUNT);
	xa_init_flags(&area->slots, XA_FLAGS_ALLOC | XA_FLAGS_ACCOUNT);
	xa_init_flags(&area->clients, XA_FLAGS_ALLOC | XA_FLAGS_ACCOUNT);
	INIT_LIST_HEAD(&area->named);
	INIT_LIST_HEAD(&area->listeners);
	l4shmc_sysfs_prepare(area);

	/* Who opens the file again, through /proc, meets the area's rights. */
	inode = file_inode(data);
	inode->i_mode = S_IFREG | area->mode;
	inode->i_uid = uid;
	inode->i_gid = gid;

	/* From here on fput() of the data file frees everything. */
	__module_get(THIS_MODULE);
	/* Maps are made by l4shmc_mmap() alone: remap_file_pages() would go past it. */
	data->f_mode &= ~FMODE_READ;
	data->private_data = area;
	data->f_op = &l4shmc_data_fops;
	return area;
}

/* Give the area its name in @net, and show it there. */
static int l4shmc_area_link(struct l4shmc_area *area, struct l4shmc_net *net)
{
	int err;

	mutex_lock(&l4shmc_index_lock);
	err = l4shmc_name_add(&area->name, &net->areas);
	if (err)
		goto unlock;
	area->net = net;
	err = l4shmc_sysfs_add(area);
	if (err) {
		l4shmc_name_remove(&area->name);
		goto unlock;
	}
	list_add_tail(&area->named, &net->named);
	if (area->persistent)
		get_file(area->data);
	WRITE_ONCE(area->linked, true);
	l4shmc_name_announce(&net->areas);
unlock:
	mutex_unlock(&l4shmc_index_lock);
	return err;
}

/*
 * Does a capability of the caller count for what belongs to @uid and @gid? As
 * for a file, it does in a user namespace that has an id for both of them.
 */
static bool l4shmc_capable(kuid_t uid, kgid_t gid, int cap)
{
	struct user_namespace *ns = current_user_ns();

	return kuid_has_mapping(ns, uid) && kgid_has_mapping(ns, gid) && ns_capable(ns, cap);
}

/* Whose the area shall be. */
static int l4shmc_create_owner(const struct l4shmc_ioc_create *arg, kuid_t *uid, kgid_t *gid)
{
	*uid = current_fsuid();
	*gid = current_fsgid();
	if (arg->uid != ~0U)
		*uid = make_kuid(current_user_ns(), arg->uid);
	if (arg->gid != ~0U)
		*gid = make_kgid(current_user_ns(), arg->gid);
	if (!uid_valid(*uid) || !gid_valid(*gid))
		return -EINVAL;
	if ((!uid_eq(*uid, current_fsuid()) || !in_group_p(*gid)) &&
	    !l4shmc_capable(*uid, *gid, CAP_CHOWN))
		return -EPERM;
	return 0;
}

long l4shmc_create(struct file *file, void *argp)
{
	struct l4shmc_net *net = file->private_data;
	struct l4shmc_ioc_create *arg = argp;
	struct l4shmc_area *area;
	struct l4shmc_fd handle;
	kuid_t uid;
	kgid_t gid;
	int err;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (arg->flags & ~L4SHMC_CREATE_PERSISTENT || arg->reserved ||
	    arg->mode & ~L4SHMC_MODE_BITS || !arg->area_size)
		return -EINVAL;
	err = l4shmc_name_check(arg->name);
	if (err)
		return err;
	err = l4shmc_create_owner(arg, &uid, &gid);
	if (err)
		return err;
	if (arg->area_size > L4SHMC_CONTROL_OFFSET)
		return -ENOMEM;

	/* Asked again when the area is linked; here it saves making it in vain. */
	mutex_lock(&l4shmc_index_lock);
	err = l4shmc_name_find(&net->areas, arg->name) ? -EEXIST : 0;
	mutex_unlock(&l4shmc_index_lock);
	if (err)
		return err;

	err = l4shmc_fd_prepare(&handle, "[l4shmc-area]", &l4shmc_handle_fops, O_RDWR);
	if (err)
		return err;
	area = l4shmc_area_alloc(arg, uid, gid);
	if (IS_ERR(area)) {
		l4shmc_fd_abort(&handle);
		return PTR_ERR(area);
	}
	err = l4shmc_area_link(area, net);
	if (err) {
		fput(area->data);
		l4shmc_fd_abort(&handle);
		return err;
	}
	/* The handle takes over the reference that the area was made with. */
	return l4shmc_fd_install(&handle, area);
}

/* Caller holds the index lock. A reference to the data file comes along. */
static struct l4shmc_area *l4shmc_area_lookup(struct l4shmc_net *net, const char *text)
{
	struct l4shmc_name *name = l4shmc_name_find(&net->areas, text);
	struct l4shmc_area *area;

	lockdep_assert_held(&l4shmc_index_lock);

	if (!name)
		return NULL;
	area = container_of(name, struct l4shmc_area, name);
	/* It may be about to lose its name, or be at its end. */
	return area->linked && l4shmc_get_live_file(&area->data) ? area : NULL;
}

/*
 * Find an area, or wait for it. The caller puts area->data.
 */
struct l4shmc_area *l4shmc_area_get(struct l4shmc_net *net, const char *name,
				    struct l4shmc_timeout *t)
{
	struct l4shmc_area *area;
	int err = 0;
	u32 seen;

	while (1) {
		seen = l4shmc_name_added(&net->areas);
		area = NULL;
		/* Of many who wait, few need the lock. */
		if (l4shmc_name_find(&net->areas, name)) {
			mutex_lock(&l4shmc_index_lock);
			area = l4shmc_area_lookup(net, name);
			mutex_unlock(&l4shmc_index_lock);
		}
		if (area)
			return area;
		if (err)
			return ERR_PTR(err == -ETIMEDOUT ? -ENOENT : err);
		err = l4shmc_name_wait(&net->areas, seen, t);
	}
}

/* Has the caller the right to read the area or, with @write, to use it? */
int l4shmc_area_permission(const struct l4shmc_area *area, bool write)
{
	umode_t want = write ? 6 : 4;
	umode_t mode = area->mode;

	if (uid_eq(current_fsuid(), area->uid))
		mode >>= 6;
	else if (in_group_p(area->gid))
		mode >>= 3;
	if ((mode & want) == want || l4shmc_capable(area->uid, area->gid, CAP_DAC_OVERRIDE))
		return 0;
	return -EPERM;
}

static int l4shmc_unlink_area(struct l4shmc_area *area)
{
	if (!uid_eq(current_fsuid(), area->uid) &&
	    !l4shmc_capable(area->uid, area->gid, CAP_FOWNER))
		return -EPERM;
	return l4shmc_area_unlink(area) ? 0 : -ENOENT;
}

long l4shmc_unlink(struct file *file, void *argp)
{
	struct l4shmc_timeout once = { .now = true };
	struct l4shmc_ioc_unlink *arg = argp;
	struct l4shmc_area *area;
	int err;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (arg->flags)
		return -EINVAL;
	err = l4shmc_name_check(arg->name);
	if (err)
		return err;
	area = l4shmc_area_get(file->private_data, arg->name, &once);
	if (IS_ERR(area))
		return PTR_ERR(area);
	err = l4shmc_unlink_area(area);
	fput(area->data);
	return err;
}

static long l4shmc_unlink_handle(struct file *file, void *argp)
{
	struct l4shmc_ioc_unlink *arg = argp;

	if (arg->flags || memchr_inv(arg->name, 0, sizeof(arg->name)))
		return -EINVAL;
	return l4shmc_unlink_area(file->private_data);
}

long l4shmc_area_info(struct l4shmc_area *area, struct l4shmc_ioc_area_info *info)
{
	if (info->reserved)
		return -EINVAL;
	info->flags = area->persistent ? L4SHMC_AREA_PERSISTENT : 0;
	info->area_size = area->size;
	info->id = area->id;
	info->client = L4SHMC_CLIENT_NONE;
	info->mode = area->mode;
	info->uid = from_kuid_munged(current_user_ns(), area->uid);
	info->gid = from_kgid_munged(current_user_ns(), area->gid);
	strscpy_pad(info->name, area->name.text, sizeof(info->name));

	if (!READ_ONCE(area->linked))
		info->flags |= L4SHMC_AREA_UNLINKED;
	mutex_lock(&area->lock);
	info->area_free = area->size - atomic64_read(&area->used);
	info->initialized = atomic64_read(&area->initialized);
	info->clients = area->nr_clients;
	mutex_unlock(&area->lock);
	return 0;
}

static long l4shmc_handle_info(struct file *file, void *arg)
{
	return l4shmc_area_info(file->private_data, arg);
}

static const struct l4shmc_cmd l4shmc_handle_cmds[] = {
	L4SHMC_CMD(L4SHMC_IOC_ATTACH, l4shmc_ioc_attach, L4SHMC_OUT_REST, l4shmc_attach_handle),
	L4SHMC_CMD(L4SHMC_IOC_UNLINK, l4shmc_ioc_unlink, L4SHMC_OUT_NEVER, l4shmc_unlink_handle),
	L4SHMC_CMD(L4SHMC_IOC_AREA_INFO, l4shmc_ioc_area_info, L4SHMC_OUT_RESULT,
		   l4shmc_handle_info),
};

static long l4shmc_handle_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return l4shmc_ioctl(file, cmd, arg, l4shmc_handle_cmds, ARRAY_SIZE(l4shmc_handle_cmds));
}

const struct file_operations l4shmc_handle_fops = {
	.owner = THIS_MODULE,
	.release = l4shmc_handle_release,
	.unlocked_ioctl = l4shmc_handle_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

int __init l4shmc_area_init(void)
{
	struct file *file = shmem_file_setup("l4shmc", PAGE_SIZE, EMPTY_VMA_FLAGS);

	if (IS_ERR(file))
		return PTR_ERR(file);
	l4shmc_data_fops = *file->f_op;
	fput(file);
	l4shmc_data_fops.owner = THIS_MODULE;
	l4shmc_data_fops.release = l4shmc_data_release;
	/* No holes: a page that is there stays there. */
	l4shmc_data_fops.fallocate = NULL;
	return 0;
}
