// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network namespaces: the names of areas, and what sysfs shows of them, belong
 * to the one in which the device was opened.
 */
#include <linux/fs.h>
#include <linux/nsproxy.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "l4shmc.h"

static unsigned int l4shmc_net_id;

/* As a socket, the open device stays with the namespace of its opener. */
int l4shmc_net_open(struct inode *inode, struct file *device)
{
	device->private_data = get_net(current->nsproxy->net_ns);
	return nonseekable_open(inode, device);
}

int l4shmc_net_release(struct inode *inode, struct file *device)
{
	put_net(device->private_data);
	return 0;
}

struct l4shmc_net *l4shmc_net_of(struct file *device)
{
	return net_generic(device->private_data, l4shmc_net_id);
}

static int __net_init l4shmc_net_begin(struct net *net)
{
	struct l4shmc_net *own = net_generic(net, l4shmc_net_id);

	INIT_LIST_HEAD(&own->named);
	return 0;
}

static struct l4shmc_area *l4shmc_net_first(struct l4shmc_net *own)
{
	struct l4shmc_area *area;

	mutex_lock(&l4shmc_index_lock);
	area = list_first_entry_or_null(&own->named, struct l4shmc_area, named);
	if (area)
		get_device(&area->dev);
	mutex_unlock(&l4shmc_index_lock);
	return area;
}

/* Nobody has the device open there any more, so no area is added. */
static void __net_exit l4shmc_net_end(struct net *net)
{
	struct l4shmc_net *own = net_generic(net, l4shmc_net_id);
	struct l4shmc_area *area;

	while ((area = l4shmc_net_first(own))) {
		l4shmc_area_drop(area);
		put_device(&area->dev);
		cond_resched();
	}
}

static struct pernet_operations l4shmc_net_ops = {
	.init = l4shmc_net_begin,
	.exit = l4shmc_net_end,
	.id = &l4shmc_net_id,
	.size = sizeof(struct l4shmc_net),
};

int l4shmc_net_init(void)
{
	return register_pernet_subsys(&l4shmc_net_ops);
}

void l4shmc_net_exit(void)
{
	unregister_pernet_subsys(&l4shmc_net_ops);
}
