// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/class/l4shmc: a device for each area that has its name, and below it a
 * directory for each chunk and each signal. See
 * Documentation/ABI/testing/sysfs-class-l4shmc.
 */
#include <linux/cred.h>
#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/netdevice.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/wait_bit.h>

#include "l4shmc.h"

/* Areas, chunks and signals whose release is still to come. */
static atomic_t l4shmc_objects;

static void l4shmc_object_released(void)
{
	if (atomic_dec_and_test(&l4shmc_objects))
		wake_up_var(&l4shmc_objects);
}

static struct l4shmc_area *to_area(struct device *dev)
{
	return container_of(dev, struct l4shmc_area, dev);
}

#define L4SHMC_AREA_ATTR(_name, _format, _value)					\
	static ssize_t _name##_show(struct device *dev, struct device_attribute *attr,	\
				    char *buf)						\
	{										\
		struct l4shmc_area *area = to_area(dev);				\
											\
		return sysfs_emit(buf, _format "\n", _value);				\
	}										\
	static DEVICE_ATTR_RO(_name)

L4SHMC_AREA_ATTR(size, "%llu", area->size);
L4SHMC_AREA_ATTR(free, "%llu", area->size - atomic64_read(&area->used));
L4SHMC_AREA_ATTR(mode, "%04o", area->mode);
L4SHMC_AREA_ATTR(uid, "%u", from_kuid_munged(current_user_ns(), area->uid));
L4SHMC_AREA_ATTR(gid, "%u", from_kgid_munged(current_user_ns(), area->gid));
L4SHMC_AREA_ATTR(persistent, "%d", area->persistent);
L4SHMC_AREA_ATTR(clients, "%u", READ_ONCE(area->nr_clients));
L4SHMC_AREA_ATTR(clients_initialized, "0x%llx", atomic64_read(&area->initialized));

static struct attribute *l4shmc_area_attrs[] = {
	&dev_attr_size.attr,
	&dev_attr_free.attr,
	&dev_attr_mode.attr,
	&dev_attr_uid.attr,
	&dev_attr_gid.attr,
	&dev_attr_persistent.attr,
	&dev_attr_clients.attr,
	&dev_attr_clients_initialized.attr,
	NULL
};
ATTRIBUTE_GROUPS(l4shmc_area);

static void l4shmc_area_dev_release(struct device *dev)
{
	struct l4shmc_area *area = to_area(dev);

	kfree_rcu(area, rcu);
	l4shmc_object_released();
}

static L4SHMC_NS_TAG l4shmc_area_namespace(L4SHMC_CLASS_DEVICE *dev)
{
	return l4shmc_net_tag(container_of(dev, struct l4shmc_area, dev)->net->net);
}

struct class l4shmc_class = {
	.name = "l4shmc",
	.ns_type = &net_ns_type_operations,
	.namespace = l4shmc_area_namespace,
	.dev_groups = l4shmc_area_groups,
	.dev_release = l4shmc_area_dev_release,
};

/* An attribute of a chunk or a signal. */
struct l4shmc_slot_attr {
	struct attribute attr;
	ssize_t (*show)(struct l4shmc_slot *slot, char *buf);
};

static ssize_t l4shmc_slot_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct l4shmc_slot *slot = container_of(kobj, struct l4shmc_slot, kobj);

	return container_of(attr, struct l4shmc_slot_attr, attr)->show(slot, buf);
}

/* What is freed is the chunk or the signal. */
static_assert(!offsetof(struct l4shmc_chunk, slot) && !offsetof(struct l4shmc_signal, slot));

static void l4shmc_slot_release(struct kobject *kobj)
{
	struct l4shmc_slot *slot = container_of(kobj, struct l4shmc_slot, kobj);

	kfree_rcu(slot, rcu);
	l4shmc_object_released();
}

static const struct sysfs_ops l4shmc_slot_ops = {
	.show = l4shmc_slot_show,
};

#define L4SHMC_SLOT_ATTR(_kind, _name, _format, _value)					\
	static ssize_t l4shmc_##_kind##_##_name##_show(struct l4shmc_slot *slot, char *buf) \
	{										\
		struct l4shmc_##_kind *obj = to_##_kind(slot);				\
											\
		return sysfs_emit(buf, _format "\n", _value);				\
	}										\
	static struct l4shmc_slot_attr l4shmc_##_kind##_attr_##_name = {		\
		.attr = { .name = #_name, .mode = 0444 },				\
		.show = l4shmc_##_kind##_##_name##_show,				\
	}

static const char *l4shmc_chunk_state_name(u32 word)
{
	static const char *const names[] = {
		[L4SHMC_CHUNK_CLEAR] = "clear",
		[L4SHMC_CHUNK_BUSY_WRITING] = "writing",
		[L4SHMC_CHUNK_READY] = "ready",
		[L4SHMC_CHUNK_BUSY_READING] = "reading",
	};
	u32 state = word & L4SHMC_CHUNK_STATE_MASK;

	/* Anything can be written there. */
	if (state >= ARRAY_SIZE(names))
		return "invalid";
	return names[array_index_nospec(state, ARRAY_SIZE(names))];
}

/* Client number of the owner, or -1. */
static int l4shmc_chunk_owner(u32 word)
{
	u32 state = word & L4SHMC_CHUNK_STATE_MASK;

	if (state == L4SHMC_CHUNK_BUSY_WRITING || state == L4SHMC_CHUNK_BUSY_READING)
		return word >> L4SHMC_CHUNK_OWNER_SHIFT;
	return -1;
}

L4SHMC_SLOT_ATTR(chunk, offset, "%llu", obj->offset);
L4SHMC_SLOT_ATTR(chunk, capacity, "%llu", obj->capacity);
L4SHMC_SLOT_ATTR(chunk, size, "%llu", READ_ONCE(obj->slot.record->chunk.message_size));
L4SHMC_SLOT_ATTR(chunk, state, "%s",
		 l4shmc_chunk_state_name(READ_ONCE(obj->slot.record->chunk.state)));
L4SHMC_SLOT_ATTR(chunk, owner, "%d",
		 l4shmc_chunk_owner(READ_ONCE(obj->slot.record->chunk.state)));
L4SHMC_SLOT_ATTR(chunk, recovered, "%u", READ_ONCE(obj->recovered));

static struct attribute *l4shmc_chunk_attrs[] = {
	&l4shmc_chunk_attr_offset.attr,
	&l4shmc_chunk_attr_capacity.attr,
	&l4shmc_chunk_attr_size.attr,
	&l4shmc_chunk_attr_state.attr,
	&l4shmc_chunk_attr_owner.attr,
	&l4shmc_chunk_attr_recovered.attr,
	NULL
};
ATTRIBUTE_GROUPS(l4shmc_chunk);

const struct kobj_type l4shmc_chunk_ktype = {
	.release = l4shmc_slot_release,
	.sysfs_ops = &l4shmc_slot_ops,
	.default_groups = l4shmc_chunk_groups,
};

/* Events of a signal that does not count are one. */
static u32 l4shmc_signal_pending_events(const struct l4shmc_signal *sig)
{
	u32 pending = l4shmc_signal_pending(sig);

	return sig->flags & L4SHMC_SIGNAL_COUNTING ? pending : !!pending;
}

L4SHMC_SLOT_ATTR(signal, triggered, "%u", READ_ONCE(obj->slot.record->signal.triggered));
L4SHMC_SLOT_ATTR(signal, pending, "%u", l4shmc_signal_pending_events(obj));
L4SHMC_SLOT_ATTR(signal, waiters, "%u", READ_ONCE(obj->sleepers));
L4SHMC_SLOT_ATTR(signal, bindings, "%u", READ_ONCE(obj->bindings));
L4SHMC_SLOT_ATTR(signal, counting, "%d", !!(obj->flags & L4SHMC_SIGNAL_COUNTING));

static struct attribute *l4shmc_signal_attrs[] = {
	&l4shmc_signal_attr_triggered.attr,
	&l4shmc_signal_attr_pending.attr,
	&l4shmc_signal_attr_waiters.attr,
	&l4shmc_signal_attr_bindings.attr,
	&l4shmc_signal_attr_counting.attr,
	NULL
};
ATTRIBUTE_GROUPS(l4shmc_signal);

const struct kobj_type l4shmc_signal_ktype = {
	.release = l4shmc_slot_release,
	.sysfs_ops = &l4shmc_slot_ops,
	.default_groups = l4shmc_signal_groups,
};

void l4shmc_sysfs_exit(void)
{
	/* A kobject may be released later than the last reference is put. */
	wait_var_event(&l4shmc_objects, !atomic_read(&l4shmc_objects));
	class_unregister(&l4shmc_class);
}

/* From here on the area is freed by put_device(). */
void l4shmc_sysfs_prepare(struct l4shmc_area *area)
{
	atomic_inc(&l4shmc_objects);
	device_initialize(&area->dev);
	area->dev.class = &l4shmc_class;
}

/* From here on the slot is freed by kobject_put(). */
void l4shmc_sysfs_init_slot(struct l4shmc_slot *slot, const struct kobj_type *type)
{
	atomic_inc(&l4shmc_objects);
	kobject_init(&slot->kobj, type);
}

/* Now, and not when the last reference is gone: the parent is next. */
static void l4shmc_sysfs_remove_dir(struct kobject *dir)
{
	kobject_del(dir);
	kobject_put(dir);
}

/* Caller holds the index lock. */
int l4shmc_sysfs_add(struct l4shmc_area *area)
{
	int err;

	lockdep_assert_held(&l4shmc_index_lock);

	err = dev_set_name(&area->dev, "%s", area->name.text);
	if (err)
		return err;
	/* Programs that hear of the area find it complete. */
	dev_set_uevent_suppress(&area->dev, true);
	/* There is nothing to suspend, and there may be many. */
	device_set_pm_not_required(&area->dev);
	err = device_add(&area->dev);
	if (err)
		return err;
	err = -ENOMEM;
	area->chunks_dir = kobject_create_and_add("chunks", &area->dev.kobj);
	if (!area->chunks_dir)
		goto err_dev;
	area->signals_dir = kobject_create_and_add("signals", &area->dev.kobj);
	if (!area->signals_dir)
		goto err_chunks;
	dev_set_uevent_suppress(&area->dev, false);
	kobject_uevent(&area->dev.kobj, KOBJ_ADD);
	return 0;

err_chunks:
	l4shmc_sysfs_remove_dir(area->chunks_dir);
err_dev:
	device_del(&area->dev);
	return err;
}

/* Caller holds the index lock, and has taken the slots out. */
void l4shmc_sysfs_del(struct l4shmc_area *area)
{
	lockdep_assert_held(&l4shmc_index_lock);

	l4shmc_sysfs_remove_dir(area->signals_dir);
	l4shmc_sysfs_remove_dir(area->chunks_dir);
	device_del(&area->dev);
}
