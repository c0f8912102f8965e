// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network namespaces: the names of areas, and what sysfs shows of them, belong
 * to the one in which the device was opened.
 */
#include <linux/fs.h>
#include <linux/nsproxy.h>
#include <net/netns/generic.h>

#include "l4shmc.h"

static unsigned int l4shmc_net_id;

/* As a socket, the open device stays with the namespace of its opener. */
int l4shmc_net_open(struct inode *inode, struct file *device)
{
	device->private_data = net_generic(get_net(current->nsproxy->net_ns), l4shmc_net_id);
	return nonseekable_open(inode, device);
}

int l4shmc_net_release(struct inode *inode, struct file *device)
{
	struct l4shmc_net *own = device->private_data;

	put_net(own->net);
	return 0;
}

static int __net_init l4shmc_net_begin(struct net *net)
{
	struct l4shmc_net *own = net_generic(net, l4shmc_net_id);

	own->net = net;
	INIT_LIST_HEAD(&own->named);
	return 0;
}

/* Nobody has the device open there any more, so no area is added. */
static void __net_exit l4shmc_net_end(struct net *net)
{
	struct l4shmc_net *own = net_generic(net, l4shmc_net_id);
	struct l4shmc_area *area;

	mutex_lock(&l4shmc_index_lock);
	while (!list_empty(&own->named)) {
		area = list_first_entry(&own->named, struct l4shmc_area, named);
		get_device(&area->dev);
		mutex_unlock(&l4shmc_index_lock);
		l4shmc_area_unlink(area);
		put_device(&area->dev);
		cond_resched();
		mutex_lock(&l4shmc_index_lock);
	}
	mutex_unlock(&l4shmc_index_lock);
}

struct pernet_operations l4shmc_net_ops = {
	.init = l4shmc_net_begin,
	.exit = l4shmc_net_end,
	.id = &l4shmc_net_id,
	.size = sizeof(struct l4shmc_net),
};
