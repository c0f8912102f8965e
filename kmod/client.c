// SPDX-License-Identifier: GPL-2.0-only
/* Clients: attachments to an area, and what becomes of it when one is gone. */
#include <linux/module.h>
#include <linux/slab.h>

#include "l4shmc.h"

/* Number of clients that can be told apart in area->initialized. */
#define L4SHMC_MASK_BITS 64

/* Tell those who want to know. Caller holds area->lock. */
void l4shmc_clients_changed(struct l4shmc_area *area)
{
	struct l4shmc_client *client;

	lockdep_assert_held(&area->lock);

	list_for_each_entry(client, &area->listeners, node) {
		l4shmc_signal_trigger(client->events);
		cond_resched();
	}
}

/*
 * The last descriptor and the last control mapping are gone, so that nobody
 * can use the client's number any more.
 */
static int l4shmc_client_release(struct inode *inode, struct file *file)
{
	struct l4shmc_client *client = file->private_data;
	struct l4shmc_area *area;

	if (!client)
		return 0;
	area = client->area;
	mutex_lock(&area->lock);
	if (client->events)
		l4shmc_signal_free_events(client);
	if (client->number != L4SHMC_CLIENT_NONE) {
		xa_erase(&area->clients, client->number);
		area->nr_clients--;
		if (client->number < L4SHMC_MASK_BITS)
			atomic64_andnot(BIT_ULL(client->number), &area->initialized);
		l4shmc_chunks_recover(area, client->number);
		l4shmc_clients_changed(area);
	}
	mutex_unlock(&area->lock);
	if (client->number != L4SHMC_CLIENT_NONE)
		l4shmc_signals_recheck(area);
	kfree(client);
	fput(area->data);
	return 0;
}

static long l4shmc_client_info(struct file *file, void *argp)
{
	struct l4shmc_client *client = file->private_data;
	struct l4shmc_ioc_area_info *info = argp;
	long ret;

	ret = l4shmc_area_info(client->area, info);
	if (ret)
		return ret;
	info->client = client->number;
	if (client->number == L4SHMC_CLIENT_NONE)
		info->flags |= L4SHMC_AREA_OBSERVER;
	return 0;
}

static long l4shmc_client_init(struct file *file, void *unused)
{
	struct l4shmc_client *client = file->private_data;
	struct l4shmc_area *area = client->area;

	if (client->number == L4SHMC_CLIENT_NONE)
		return -EBADF;
	if (client->number >= L4SHMC_MASK_BITS)
		return -EINVAL;
	mutex_lock(&area->lock);
	atomic64_or(BIT_ULL(client->number), &area->initialized);
	l4shmc_clients_changed(area);
	mutex_unlock(&area->lock);
	return 0;
}

static long l4shmc_client_attach(struct file *file, void *arg);

static const struct l4shmc_cmd l4shmc_client_cmds[] = {
	L4SHMC_CMD(L4SHMC_IOC_ATTACH, l4shmc_ioc_attach, L4SHMC_OUT_REST, l4shmc_client_attach),
	L4SHMC_CMD(L4SHMC_IOC_AREA_INFO, l4shmc_ioc_area_info, L4SHMC_OUT_RESULT,
		   l4shmc_client_info),
	L4SHMC_CMD(L4SHMC_IOC_CHUNK_ADD, l4shmc_ioc_chunk_add, L4SHMC_OUT_NEVER, l4shmc_chunk_add),
	L4SHMC_CMD(L4SHMC_IOC_CHUNK_FIND, l4shmc_ioc_chunk_find, L4SHMC_OUT_REST,
		   l4shmc_chunk_find),
	L4SHMC_CMD(L4SHMC_IOC_CHUNK_NEXT, l4shmc_ioc_chunk_next, L4SHMC_OUT_RESULT,
		   l4shmc_chunk_next),
	L4SHMC_CMD(L4SHMC_IOC_SIGNAL_OPEN, l4shmc_ioc_signal_open, L4SHMC_OUT_NEVER,
		   l4shmc_signal_open),
	L4SHMC_CMD_PLAIN(L4SHMC_IOC_CLIENT_INIT, l4shmc_client_init),
};

static long l4shmc_client_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return l4shmc_ioctl(file, cmd, arg, l4shmc_client_cmds, ARRAY_SIZE(l4shmc_client_cmds));
}

static const struct file_operations l4shmc_client_fops = {
	.owner = THIS_MODULE,
	.release = l4shmc_client_release,
	.mmap = l4shmc_mmap,
	.unlocked_ioctl = l4shmc_client_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* Make a client. Takes over the caller's reference to the area on success. */
static long l4shmc_client_add(struct l4shmc_area *area, bool observer)
{
	struct l4shmc_client *client;
	struct l4shmc_fd new;
	int err;

	/* A file that is not writable cannot be mapped so, now or later. */
	err = l4shmc_fd_prepare(&new, "[l4shmc-client]", &l4shmc_client_fops,
				observer ? O_RDONLY : O_RDWR);
	if (err)
		return err;
	client = kzalloc(sizeof(*client), GFP_KERNEL_ACCOUNT);
	if (!client) {
		err = -ENOMEM;
		goto err_fd;
	}
	client->file = new.file;
	client->area = area;
	client->number = L4SHMC_CLIENT_NONE;

	mutex_lock(&area->lock);
	if (!observer) {
		err = xa_alloc(&area->clients, &client->number, client,
			       XA_LIMIT(0, L4SHMC_MAX_CLIENTS - 1), GFP_KERNEL_ACCOUNT);
		if (err)
			goto err_unlock;
		area->nr_clients++;
		l4shmc_clients_changed(area);
	}
	mutex_unlock(&area->lock);
	return l4shmc_fd_install(&new, client);

err_unlock:
	mutex_unlock(&area->lock);
	kfree(client);
	/* Not -EBUSY, as xa_alloc() has it. */
	if (err != -ENOMEM)
		err = -ENOSPC;
err_fd:
	l4shmc_fd_abort(&new);
	return err;
}

/* By name, on the device. */
long l4shmc_attach(struct file *file, void *argp)
{
	struct l4shmc_ioc_attach *arg = argp;
	bool observer = arg->flags & L4SHMC_ATTACH_OBSERVER;
	fmode_t need = observer ? FMODE_READ : FMODE_READ | FMODE_WRITE;
	struct l4shmc_timeout timeout;
	struct l4shmc_area *area;
	long ret;

	if ((file->f_mode & need) != need)
		return -EBADF;
	if (arg->flags & ~L4SHMC_ATTACH_OBSERVER)
		return -EINVAL;
	ret = l4shmc_name_check(arg->name);
	if (ret)
		return ret;

	l4shmc_timeout_start(&timeout, arg->timeout_ns);
	area = l4shmc_area_get(file->private_data, arg->name, &timeout);
	if (IS_ERR(area)) {
		arg->timeout_ns = l4shmc_timeout_rest(&timeout);
		return PTR_ERR(area);
	}
	ret = l4shmc_area_permission(area, !observer);
	if (!ret)
		ret = l4shmc_client_add(area, observer);
	if (ret < 0)
		fput(area->data);
	return ret;
}

static long l4shmc_attach_to_area(struct l4shmc_area *area, const struct l4shmc_ioc_attach *arg)
{
	long ret;

	if (arg->flags & ~L4SHMC_ATTACH_OBSERVER || arg->timeout_ns ||
	    memchr_inv(arg->name, 0, sizeof(arg->name)))
		return -EINVAL;
	get_file(area->data);
	ret = l4shmc_client_add(area, arg->flags & L4SHMC_ATTACH_OBSERVER);
	if (ret < 0)
		fput(area->data);
	return ret;
}

/* On a handle, which is the right to do so. */
long l4shmc_attach_handle(struct file *file, void *arg)
{
	return l4shmc_attach_to_area(file->private_data, arg);
}

/* On an attachment: another client that may do the same, or less. */
static long l4shmc_client_attach(struct file *file, void *argp)
{
	struct l4shmc_client *client = file->private_data;
	struct l4shmc_ioc_attach *arg = argp;

	if (client->number == L4SHMC_CLIENT_NONE && !(arg->flags & L4SHMC_ATTACH_OBSERVER))
		return -EBADF;
	return l4shmc_attach_to_area(client->area, arg);
}
