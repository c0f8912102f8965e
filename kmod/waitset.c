// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wait sets: any number of signals in one wait.
 *
 * A binding sits on its signal's wait queue, armed. When the signal rings it is
 * disarmed and goes to the end of the wait set's ready list; further triggers
 * need not ring for it. Who takes the event settles the binding: arms it again,
 * or, if there is more, puts it back on the list. So the cost of an event does
 * not depend on the number of bindings.
 *
 * Who rings takes bindings that are not armed off the queue on the way, and settling
 * puts them back: none is passed twice before it has been armed again.
 *
 * W1, X2 and the like are steps of the model, Documentation/model/signal.pml.
 */
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/rbtree.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "run.h"

/* Most events that are taken at a time. */
#define L4SHMC_TAKE_MAX 1024

/**
 * struct l4shmc_waitset - a wait set
 * @wq: sleepers and pollers; its lock protects what follows
 * @ready: bindings that are not armed, in the order of their events
 * @bindings: all, by their signals
 * @nr_bindings: how many
 */
struct l4shmc_waitset {
	wait_queue_head_t wq;
	struct list_head ready;
	struct rb_root bindings;
	u32 nr_bindings;
};

/**
 * struct l4shmc_binding - a signal in a wait set
 * @wait: in the signal's wait queue, always so while the binding is armed
 * @ready: in the wait set's @ready or, while the binding is armed, empty;
 *	changed under the locks of both
 * @sig: the signal, kept by a reference to its @pin
 * @set: the wait set
 * @user: who made it and is charged for it
 * @node: in the wait set's @bindings
 * @label: the user's name for it
 */
struct l4shmc_binding {
	struct wait_queue_entry wait;
	struct list_head ready;
	struct l4shmc_signal *sig;
	struct l4shmc_waitset *set;
	struct l4shmc_user *user;
	struct rb_node node;
	u64 label;
};

static void l4shmc_lock_both(struct l4shmc_signal *sig, struct l4shmc_waitset *set)
	__acquires(&sig->wq.lock) __acquires(&set->wq.lock)
{
	spin_lock_irq(&sig->wq.lock);
	spin_lock_nested(&set->wq.lock, SINGLE_DEPTH_NESTING);
}

static void l4shmc_unlock_both(struct l4shmc_signal *sig, struct l4shmc_waitset *set)
	__releases(&set->wq.lock) __releases(&sig->wq.lock)
{
	spin_unlock(&set->wq.lock);
	spin_unlock_irq(&sig->wq.lock);
}

/* Caller holds set->wq.lock. */
static void l4shmc_waitset_wake(struct l4shmc_waitset *set, bool sync)
{
	lockdep_assert_held(&set->wq.lock);

	/* Nobody comes while the lock is held. */
	if (!waitqueue_active(&set->wq))
		return;
	if (sync)
		__wake_up_locked_sync_key(&set->wq, TASK_NORMAL, poll_to_key(L4SHMC_POLL_EVENT));
	else
		__wake_up_locked_key(&set->wq, TASK_NORMAL, poll_to_key(L4SHMC_POLL_EVENT));
}

/* The signal rings: called with sig->wq.lock held. */
static int l4shmc_binding_wake(struct wait_queue_entry *wait, unsigned int mode, int sync,
			       void *key)
{
	struct l4shmc_binding *binding = container_of(wait, struct l4shmc_binding, wait);
	struct l4shmc_waitset *set = binding->set;

	if (!list_empty(&binding->ready)) {
		list_del_init(&wait->entry);
		return 0;
	}
	/* Who rings publishes this. */
	binding->sig->armed--;
	spin_lock_nested(&set->wq.lock, SINGLE_DEPTH_NESTING);
	list_add_tail(&binding->ready, &set->ready);
	l4shmc_waitset_wake(set, sync);
	spin_unlock(&set->wq.lock);
	return 0;
}

/*
 * W3-W6: arm a binding that is on the ready list, and take it off there, unless
 * something is pending. Caller holds the locks of both.
 *
 * Return: whether something is pending, and the binding still on the list.
 */
static __always_inline bool l4shmc_binding_settle(struct l4shmc_binding *binding)
{
	struct l4shmc_signal *sig = binding->sig;

	if (list_empty(&binding->wait.entry))
		__add_wait_queue(&sig->wq, &binding->wait);
	sig->armed++;
	l4shmc_signal_publish(sig);
	/* W4: between @armed and the look at @triggered. */
	smp_mb();
	if (!l4shmc_signal_pending(sig)) {
		list_del_init(&binding->ready);
		return false;
	}
	sig->armed--;
	l4shmc_signal_publish(sig);
	return true;
}

static struct l4shmc_binding *to_binding(const struct rb_node *node)
{
	return rb_entry(node, struct l4shmc_binding, node);
}

static int l4shmc_binding_cmp(const void *sig, const struct rb_node *node)
{
	const void *other = to_binding(node)->sig;

	return sig < other ? -1 : sig > other;
}

static int l4shmc_binding_cmp_node(struct rb_node *node, const struct rb_node *other)
{
	return l4shmc_binding_cmp(to_binding(node)->sig, other);
}

/* Caller holds the locks of both, and frees the binding. */
static void l4shmc_binding_remove(struct l4shmc_binding *binding)
{
	if (list_empty(&binding->ready))
		binding->sig->armed--;
	list_del(&binding->ready);
	list_del(&binding->wait.entry);
	rb_erase(&binding->node, &binding->set->bindings);
	binding->set->nr_bindings--;
	binding->sig->bindings--;
	l4shmc_signal_publish(binding->sig);
}

static void l4shmc_binding_free(struct l4shmc_binding *binding)
{
	fput(binding->sig->pin);
	l4shmc_user_uncharge(binding->user, 0, 1, 0);
	kfree(binding);
}

/* A store that tests can make fail: put_user() has no place for that. */
static inline int l4shmc_put_label(u64 label, u64 __user *to)
{
	return should_fail_usercopy() ? -EFAULT : put_user(label, to);
}

/* Store a label with locks held: only if that needs no page fault. */
static inline int l4shmc_store_label(u64 label, u64 __user *to)
{
	int err;

	pagefault_disable();
	err = l4shmc_put_label(label, to);
	pagefault_enable();
	return err;
}

/*
 * W2-W7: look at a binding that is ready: if @take, take its event and store its label
 * at @to. The label comes first, so that no event is lost if it cannot be
 * stored. Caller holds the locks of both.
 *
 * Return: number of events, 0 if another waiter was faster, -EFAULT.
 */
static __always_inline int l4shmc_binding_look(struct l4shmc_binding *binding, bool take,
					       u64 __user *to)
{
	struct l4shmc_waitset *set = binding->set;
	int taken;

	if (!take)
		return l4shmc_signal_pending(binding->sig) || l4shmc_binding_settle(binding);
	if (l4shmc_store_label(binding->label, to))
		return -EFAULT;
	taken = l4shmc_signal_take(binding->sig);
	if (l4shmc_binding_settle(binding)) {
		/* W7: behind the others, and there is something for one more sleeper. */
		list_move_tail(&binding->ready, &set->ready);
		l4shmc_waitset_wake(set, false);
	}
	return taken;
}

/* Caller holds set->wq.lock. */
static struct l4shmc_binding *l4shmc_waitset_first(struct l4shmc_waitset *set)
{
	return list_first_entry_or_null(&set->ready, struct l4shmc_binding, ready);
}

/*
 * W1: l4shmc_binding_look() at the first binding that is ready.
 *
 * Return: what it does, or -ENOENT if none is ready.
 */
static int l4shmc_waitset_look(struct l4shmc_waitset *set, bool take, u64 __user *to)
{
	struct l4shmc_binding *binding;
	struct l4shmc_signal *sig;
	int ret = -ENOENT;

	spin_lock_irq(&set->wq.lock);
	binding = l4shmc_waitset_first(set);
	if (!binding) {
		spin_unlock_irq(&set->wq.lock);
		return -ENOENT;
	}
	sig = binding->sig;
	/* This is the inner lock of the two, so the other one is only tried. */
	if (spin_trylock(&sig->wq.lock)) {
		ret = l4shmc_binding_look(binding, take, to);
		spin_unlock(&sig->wq.lock);
		spin_unlock_irq(&set->wq.lock);
		return ret;
	}
	/* Signals are freed by RCU. */
	rcu_read_lock();
	spin_unlock_irq(&set->wq.lock);
	l4shmc_lock_both(sig, set);
	binding = l4shmc_waitset_first(set);
	if (binding)
		ret = binding->sig == sig ? l4shmc_binding_look(binding, take, to) : 0;
	l4shmc_unlock_both(sig, set);
	rcu_read_unlock();
	return ret;
}

/* Take what is ready, up to @max events. */
static long l4shmc_waitset_take(struct l4shmc_waitset *set, u64 __user *labels, u32 max)
{
	u32 looks = 0;
	long n = 0;
	int ret;

	do {
		ret = l4shmc_waitset_look(set, true, &labels[n]);
		if (ret == -ENOENT || (ret > 0 && ++n == max))
			break;
		/* It may only have to be paged in. */
		if (ret == -EFAULT && l4shmc_put_label(0, &labels[n]))
			return n ? n : -EFAULT;
		cond_resched();
		/* However fast others ring for nothing, this ends. */
	} while (looks++ < READ_ONCE(set->nr_bindings) + 2 * max && !fatal_signal_pending(current));
	return n;
}

static long l4shmc_waitset_sleep(struct l4shmc_waitset *set, struct l4shmc_timeout *timeout,
				 u64 __user *labels, u32 max)
{
	DEFINE_WAIT(wait);
	long ret;
	int err;

	do {
		/* X1 */
		prepare_to_wait_exclusive(&set->wq, &wait, TASK_INTERRUPTIBLE);
		/* X2: if something is ready by now, only yield. */
		if (!list_empty_careful(&set->ready))
			__set_current_state(TASK_RUNNING);
		/* X3 */
		err = l4shmc_timeout_sleep(timeout);
		finish_wait(&set->wq, &wait);
		/* An event outranks the end of the wait. */
		ret = l4shmc_waitset_take(set, labels, max);
	} while (!ret && !err);
	if (!ret)
		ret = err;
	/* X4: if it was this sleeper that was woken for an event, wake another. */
	if (ret < 0 && !list_empty_careful(&set->ready))
		wake_up(&set->wq);
	return ret;
}

/* @timeout_ns is left as the rest of the time if the wait was interrupted. */
static long l4shmc_waitset_events(struct l4shmc_waitset *set, u64 __user *labels, u32 max,
				  __u64 *timeout_ns)
{
	struct l4shmc_timeout timeout;
	long ret;

	ret = l4shmc_waitset_take(set, labels, max);
	if (ret)
		return ret;
	if (!*timeout_ns)
		return -ETIMEDOUT;
	l4shmc_timeout_start(&timeout, *timeout_ns);
	ret = l4shmc_waitset_sleep(set, &timeout, labels, max);
	if (ret < 0)
		*timeout_ns = l4shmc_timeout_rest(&timeout);
	return ret;
}

static long l4shmc_waitset_wait(struct file *file, void *argp)
{
	struct l4shmc_ioc_waitset_wait *arg = argp;

	if (arg->flags || arg->reserved || !arg->nr_labels)
		return -EINVAL;
	return l4shmc_waitset_events(file->private_data, u64_to_user_ptr(arg->labels),
				     min_t(u32, arg->nr_labels, L4SHMC_TAKE_MAX),
				     &arg->timeout_ns);
}

/* The usual wait: there is no struct to read, and mostly the first look finds an event. */
static long l4shmc_waitset_next(struct l4shmc_waitset *set, u64 __user *label)
{
	__u64 never = L4SHMC_TIMEOUT_NEVER;

	if (l4shmc_waitset_look(set, true, label) > 0)
		return 1;
	return l4shmc_waitset_events(set, label, 1, &never);
}

/* Caller holds the locks of both. Return: false if there is one already. */
static bool l4shmc_binding_add(struct l4shmc_binding *binding)
{
	struct l4shmc_waitset *set = binding->set;

	if (rb_find_add(&binding->node, &set->bindings, l4shmc_binding_cmp_node))
		return false;
	set->nr_bindings++;
	binding->sig->bindings++;
	list_add_tail(&binding->ready, &set->ready);
	if (l4shmc_binding_settle(binding))
		l4shmc_waitset_wake(set, false);
	return true;
}

/* Takes over the reference to sig->pin on success. */
static int l4shmc_binding_make(struct l4shmc_waitset *set, struct l4shmc_signal *sig, u64 label)
{
	struct l4shmc_binding *binding;
	bool there;
	int err;

	/* Asked again when it is added; here it comes before want of memory. */
	l4shmc_lock_both(sig, set);
	there = rb_find(sig, &set->bindings, l4shmc_binding_cmp);
	l4shmc_unlock_both(sig, set);
	if (there)
		return -EEXIST;

	binding = kzalloc(sizeof(*binding), GFP_KERNEL_ACCOUNT);
	if (!binding)
		return -ENOMEM;
	init_waitqueue_func_entry(&binding->wait, l4shmc_binding_wake);
	INIT_LIST_HEAD(&binding->wait.entry);
	binding->sig = sig;
	binding->set = set;
	binding->label = label;
	binding->user = l4shmc_user_charge(0, 1, 0);
	err = PTR_ERR_OR_ZERO(binding->user);
	if (err) {
		kfree(binding);
		return err;
	}
	l4shmc_lock_both(sig, set);
	there = !l4shmc_binding_add(binding);
	l4shmc_unlock_both(sig, set);
	if (!there)
		return 0;
	l4shmc_user_uncharge(binding->user, 0, 1, 0);
	kfree(binding);
	return -EEXIST;
}

static long l4shmc_waitset_bind(struct file *file, void *argp)
{
	struct l4shmc_ioc_bind *arg = argp;
	struct l4shmc_signal *sig;
	int err;

	if (arg->flags || arg->reserved)
		return -EINVAL;
	sig = l4shmc_signal_get(arg->signal);
	if (IS_ERR(sig))
		return PTR_ERR(sig);
	err = l4shmc_binding_make(file->private_data, sig, arg->label);
	if (err)
		fput(sig->pin);
	return err;
}

static long l4shmc_waitset_unbind(struct file *file, void *argp)
{
	struct l4shmc_waitset *set = file->private_data;
	struct l4shmc_ioc_unbind *arg = argp;
	struct l4shmc_signal *sig;
	struct rb_node *node;

	if (arg->flags || arg->reserved)
		return -EINVAL;
	sig = l4shmc_signal_get(arg->signal);
	if (IS_ERR(sig))
		return PTR_ERR(sig);
	l4shmc_lock_both(sig, set);
	node = rb_find(sig, &set->bindings, l4shmc_binding_cmp);
	if (node)
		l4shmc_binding_remove(to_binding(node));
	l4shmc_unlock_both(sig, set);
	if (node)
		l4shmc_binding_free(to_binding(node));
	fput(sig->pin);
	return node ? 0 : -ENOENT;
}

static const struct l4shmc_cmd l4shmc_waitset_cmds[] = {
	L4SHMC_CMD(L4SHMC_IOC_WAITSET_WAIT, l4shmc_ioc_waitset_wait, L4SHMC_OUT_REST,
		   l4shmc_waitset_wait),
	L4SHMC_CMD(L4SHMC_IOC_BIND, l4shmc_ioc_bind, L4SHMC_OUT_NEVER, l4shmc_waitset_bind),
	L4SHMC_CMD(L4SHMC_IOC_UNBIND, l4shmc_ioc_unbind, L4SHMC_OUT_NEVER, l4shmc_waitset_unbind),
};

static long l4shmc_waitset_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	/* What matters for speed first. */
	if (cmd == L4SHMC_IOC_WAITSET_NEXT)
		return l4shmc_waitset_next(file->private_data, (u64 __user *)arg);
	return l4shmc_ioctl(file, cmd, arg, l4shmc_waitset_cmds, ARRAY_SIZE(l4shmc_waitset_cmds));
}

/* Y1-Y3: bindings whose event another waiter took are armed on the way; the rest stays. */
static __poll_t l4shmc_waitset_poll(struct file *file, struct poll_table_struct *pt)
{
	struct l4shmc_waitset *set = file->private_data;
	u32 looks = READ_ONCE(set->nr_bindings) + 1;
	int ret = 0;

	poll_wait(file, &set->wq, pt);
	while (!ret && looks--) {
		ret = l4shmc_waitset_look(set, false, NULL);
		cond_resched();
	}
	/* Something is pending or, if others ring for nothing, may well be. */
	return ret == -ENOENT ? 0 : L4SHMC_POLL_EVENT;
}

/*
 * A process closes a descriptor of the set, perhaps because it dies: the wake-up for
 * what is ready may have been its, or its epoll's, alone.
 */
static int l4shmc_waitset_flush(struct file *file, fl_owner_t id)
{
	struct l4shmc_waitset *set = file->private_data;

	spin_lock_irq(&set->wq.lock);
	if (!list_empty(&set->ready))
		l4shmc_waitset_wake(set, false);
	spin_unlock_irq(&set->wq.lock);
	return 0;
}

static int l4shmc_waitset_release(struct inode *inode, struct file *file)
{
	struct l4shmc_waitset *set = file->private_data;
	struct l4shmc_binding *binding;

	if (!set)
		return 0;
	/* Nobody else adds or removes any more; the signals may still ring. */
	while (!RB_EMPTY_ROOT(&set->bindings)) {
		binding = to_binding(set->bindings.rb_node);
		l4shmc_lock_both(binding->sig, set);
		l4shmc_binding_remove(binding);
		l4shmc_unlock_both(binding->sig, set);
		l4shmc_binding_free(binding);
		cond_resched();
	}
	kfree(set);
	return 0;
}

static const struct file_operations l4shmc_waitset_fops = {
	.owner = THIS_MODULE,
	.flush = l4shmc_waitset_flush,
	.release = l4shmc_waitset_release,
	.poll = l4shmc_waitset_poll,
	.unlocked_ioctl = l4shmc_waitset_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

long l4shmc_waitset(struct file *file, void *argp)
{
	struct l4shmc_ioc_waitset *arg = argp;
	struct l4shmc_waitset *set;
	struct l4shmc_fd new;
	int err;

	if (arg->flags)
		return -EINVAL;
	err = l4shmc_fd_prepare(&new, "[l4shmc-waitset]", &l4shmc_waitset_fops, O_RDWR);
	if (err)
		return err;
	set = kzalloc(sizeof(*set), GFP_KERNEL_ACCOUNT);
	if (!set) {
		l4shmc_fd_abort(&new);
		return -ENOMEM;
	}
	l4shmc_waitqueue_init(&set->wq);
	INIT_LIST_HEAD(&set->ready);
	return l4shmc_fd_install(&new, set);
}
