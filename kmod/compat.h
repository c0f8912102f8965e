/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that the driver is built for. Nothing
 * outside of this file asks for a version.
 */
#ifndef _L4SHMC_COMPAT_H
#define _L4SHMC_COMPAT_H

#include <linux/device.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/shmem_fs.h>
#include <linux/spinlock.h>
#include <linux/version.h>
#include <net/net_namespace.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
/* What the callbacks of a class are called with. */
#define L4SHMC_CLASS_DEVICE struct device
#else
#define L4SHMC_CLASS_DEVICE const struct device
#endif

/* What sysfs knows a namespace by: its struct ns_common, formerly the namespace itself. */
#define L4SHMC_NS_TAG typeof(((struct class *)NULL)->namespace(NULL))

static inline L4SHMC_NS_TAG l4shmc_net_tag(const struct net *net)
{
	return __builtin_choose_expr(__same_type(L4SHMC_NS_TAG, const void *), net, &net->ns);
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

#ifndef fd_file
#define fd_file(f) ((f).file)
#endif

/* The caller sees to it that the struct file itself cannot be freed. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define l4shmc_get_live_file(f) get_file_rcu(*(f))
#else
#define l4shmc_get_live_file(f) get_file_active(f)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0) && defined(CONFIG_PREEMPT_RT) && \
	defined(__CHECKER__)
/* Of all that is done to a lock there, sparse is told of this alone. */
#undef spin_trylock
#define spin_trylock(lock) rt_spin_trylock(lock)
#undef __acquires
#define __acquires(...)
#undef __releases
#define __releases(...)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#define EMPTY_VMA_FLAGS 0
#define vfs_mmap call_mmap
#endif

#endif /* _L4SHMC_COMPAT_H */
