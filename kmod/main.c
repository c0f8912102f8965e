// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device, and what all ioctl commands share: how their structs are read
 * and written, descriptors, timeouts.
 */
#include <linux/anon_inodes.h>
#include <linux/hrtimer.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "run.h"

/* Which areas have a name, and their entries in sysfs. */
DEFINE_MUTEX(l4shmc_index_lock);

/* Read a struct of another size than the first version's; see l4shmc_run(). */
int l4shmc_copy_in_other(union l4shmc_arg *arg, const struct l4shmc_cmd *cmd,
			 const void __user *uarg, u32 size)
{
	int err;

	if (size < _IOC_SIZE(cmd->cmd))
		return -EINVAL;
	if (size > L4SHMC_MAX_ARG)
		return -E2BIG;
	err = copy_struct_from_user(arg, cmd->size, uarg, size);
	/* It may have changed since; what was checked is what holds. */
	arg->size = size;
	return err;
}

long l4shmc_ioctl(struct file *file, unsigned int cmd, unsigned long arg,
		  const struct l4shmc_cmd *cmds, unsigned int nr_cmds)
{
	unsigned int i;

	for (i = 0; i < nr_cmds; i++)
		if (cmds[i].cmd == cmd)
			return l4shmc_run(file, &cmds[i], arg);
	return -ENOTTY;
}

int l4shmc_fd_prepare(struct l4shmc_fd *new, const char *name,
		      const struct file_operations *fops, int flags)
{
	new->fd = get_unused_fd_flags(O_CLOEXEC);
	if (new->fd < 0)
		return new->fd;
	new->file = anon_inode_getfile(name, fops, NULL, flags);
	if (IS_ERR(new->file)) {
		put_unused_fd(new->fd);
		return PTR_ERR(new->file);
	}
	return 0;
}

void l4shmc_fd_abort(struct l4shmc_fd *new)
{
	fput(new->file);
	put_unused_fd(new->fd);
}

int l4shmc_fd_install(struct l4shmc_fd *new, void *private)
{
	new->file->private_data = private;
	fd_install(new->fd, new->file);
	return new->fd;
}

void l4shmc_timeout_start(struct l4shmc_timeout *t, u64 ns)
{
	t->never = ns == L4SHMC_TIMEOUT_NEVER;
	t->now = !ns;
	t->expires = 0;
	if (!t->never && !t->now)
		t->expires = ktime_add_safe(ktime_get(), min_t(u64, ns, KTIME_MAX));
}

u64 l4shmc_timeout_rest(const struct l4shmc_timeout *t)
{
	if (t->never)
		return L4SHMC_TIMEOUT_NEVER;
	return max_t(s64, ktime_sub(t->expires, ktime_get()), 0);
}

/*
 * Sleep, in the state that the caller has set, until somebody wakes the
 * caller. Not to be called with a lock held.
 *
 * Return: 0 when woken, -ETIMEDOUT, -ERESTARTSYS.
 */
int l4shmc_timeout_sleep(struct l4shmc_timeout *t)
{
	if (t->now)
		return -ETIMEDOUT;
	if (signal_pending(current))
		return -ERESTARTSYS;
	if (!schedule_hrtimeout_range(t->never ? NULL : &t->expires,
				      current->timer_slack_ns, HRTIMER_MODE_ABS))
		return -ETIMEDOUT;
	return 0;
}

/* In one place, so that the queues' locks are one class: see l4shmc.h. */
void l4shmc_waitqueue_init(wait_queue_head_t *wq)
{
	init_waitqueue_head(wq);
}

static long l4shmc_info(struct file *file, void *arg)
{
	struct l4shmc_ioc_info *info = arg;

	info->abi = L4SHMC_ABI_VERSION;
	info->features = 0;
	info->max_area_size = L4SHMC_CONTROL_OFFSET;
	info->control_offset = L4SHMC_CONTROL_OFFSET;
	info->control_size = L4SHMC_CONTROL_SIZE;
	info->record_size = L4SHMC_RECORD_SIZE;
	info->max_clients = L4SHMC_MAX_CLIENTS;
	return 0;
}

static const struct l4shmc_cmd l4shmc_device_cmds[] = {
	L4SHMC_CMD(L4SHMC_IOC_INFO, l4shmc_ioc_info, L4SHMC_OUT_RESULT, l4shmc_info),
	L4SHMC_CMD(L4SHMC_IOC_CREATE, l4shmc_ioc_create, L4SHMC_OUT_NEVER, l4shmc_create),
	L4SHMC_CMD(L4SHMC_IOC_ATTACH, l4shmc_ioc_attach, L4SHMC_OUT_REST, l4shmc_attach),
	L4SHMC_CMD(L4SHMC_IOC_UNLINK, l4shmc_ioc_unlink, L4SHMC_OUT_NEVER, l4shmc_unlink),
	L4SHMC_CMD(L4SHMC_IOC_WAITSET, l4shmc_ioc_waitset, L4SHMC_OUT_NEVER, l4shmc_waitset),
};

static long l4shmc_device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return l4shmc_ioctl(file, cmd, arg, l4shmc_device_cmds, ARRAY_SIZE(l4shmc_device_cmds));
}

static const struct file_operations l4shmc_device_fops = {
	.owner = THIS_MODULE,
	.open = l4shmc_net_open,
	.release = l4shmc_net_release,
	.unlocked_ioctl = l4shmc_device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice l4shmc_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "l4shmc",
	.fops = &l4shmc_device_fops,
	/* Everybody may make areas; who may use one is up to its own mode. */
	.mode = 0666,
};

static int __init l4shmc_init(void)
{
	int err;

	l4shmc_user_init();
	err = l4shmc_area_init();
	if (err)
		return err;
	err = l4shmc_names_init();
	if (err)
		return err;
	err = class_register(&l4shmc_class);
	if (err)
		goto err_names;
	err = register_pernet_subsys(&l4shmc_net_ops);
	if (err)
		goto err_sysfs;
	err = misc_register(&l4shmc_device);
	if (err)
		goto err_net;
	return 0;

err_net:
	unregister_pernet_subsys(&l4shmc_net_ops);
err_sysfs:
	l4shmc_sysfs_exit();
err_names:
	l4shmc_names_exit();
	return err;
}

static void __exit l4shmc_exit(void)
{
	misc_deregister(&l4shmc_device);
	unregister_pernet_subsys(&l4shmc_net_ops);
	l4shmc_sysfs_exit();
	l4shmc_names_exit();
	l4shmc_user_exit();
}

module_init(l4shmc_init);
module_exit(l4shmc_exit);

MODULE_DESCRIPTION("Named shared-memory areas with chunks and signals");
MODULE_AUTHOR("l4shmc developers");
MODULE_LICENSE("GPL");
