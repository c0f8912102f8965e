// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals: the kernel's half of the protocol that the uapi header describes.
 *
 * A trigger counts up @triggered and then looks at @armed; a sleeper arms the
 * signal and then looks at @triggered. A full barrier on either side sees to
 * it that one of the two notices the other.
 *
 * T1, S2 and the like are steps of the model, Documentation/model/signal.pml.
 */
#include <linux/bitops.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "run.h"

/* How often an event that others snatch away is tried for in a row. */
#define L4SHMC_TAKE_TRIES 16

/* Within this time no third task has had its turn. */
#define L4SHMC_SOON_NS (200 * NSEC_PER_USEC)
#define L4SHMC_MOST_REST 32768U
#define L4SHMC_JUDGED_TURNS 16

static const struct file_operations l4shmc_signal_fops;

/**
 * struct l4shmc_sleeper - a task that waits for a signal
 * @wait: in the signal's wait queue
 * @sig: the signal
 * @calls: the wait is part of a call
 * @next: another one that calls, which this one's trigger has woken, with a
 *	reference
 * @asleep: has to be woken; by sig->wq.lock. If not, the task has only given way
 *	to @next.
 */
struct l4shmc_sleeper {
	struct wait_queue_entry wait;
	struct l4shmc_signal *sig;
	bool calls;
	struct task_struct *next;
	bool asleep;
};

/* K1-K3: take what is pending, unless it would die with the caller. */
bool l4shmc_signal_take(struct l4shmc_signal *sig)
{
	struct l4shmc_signal_record *record = l4shmc_record(sig);
	int tries;

	if (fatal_signal_pending(current))
		return false;
	for (tries = 0; tries < L4SHMC_TAKE_TRIES; tries++) {
		/* First: a @triggered older than this would set @consumed back. */
		u32 consumed = smp_load_acquire(&record->consumed);
		u32 next = READ_ONCE(record->triggered);

		if (next == consumed)
			return false;
		if (sig->flags & L4SHMC_SIGNAL_COUNTING)
			next = consumed + 1;
		if (cmpxchg(&record->consumed, consumed, next) == consumed)
			return true;
	}
	return false;
}

/*
 * R1-R3: wake a sleeper for each of @events, all bindings, and all pollers. Only the
 * function for one of them takes a key, by which epoll knows what to do; without one
 * it looks for itself.
 */
static void l4shmc_signal_ring(struct l4shmc_signal *sig, u32 events)
{
	spin_lock_irq(&sig->wq.lock);
	if (events == 1)
		__wake_up_locked_key(&sig->wq, TASK_NORMAL, poll_to_key(L4SHMC_POLL_EVENT));
	else
		__wake_up_locked(&sig->wq, TASK_NORMAL, min_t(u32, events, INT_MAX));
	l4shmc_signal_publish(sig);
	spin_unlock_irq(&sig->wq.lock);
}

/* T1, T2: user space adds to it as well; a full barrier, as there. */
static void l4shmc_signal_add(struct l4shmc_signal *sig)
{
	atomic_inc_return((atomic_t *)&l4shmc_record(sig)->triggered);
}

/* Add an event and wake. */
void l4shmc_signal_trigger(struct l4shmc_signal *sig)
{
	l4shmc_signal_add(sig);
	l4shmc_signal_ring(sig, 1);
}

/*
 * Wake for a caller who is about to wait.
 *
 * Return: with a reference, the task that has been woken, if it calls too.
 */
static struct task_struct *l4shmc_signal_ring_sync(struct l4shmc_signal *sig)
{
	struct task_struct *next;

	spin_lock_irq(&sig->wq.lock);
	sig->next = NULL;
	__wake_up_locked_sync_key(&sig->wq, TASK_NORMAL, poll_to_key(L4SHMC_POLL_EVENT));
	next = sig->next;
	l4shmc_signal_publish(sig);
	spin_unlock_irq(&sig->wq.lock);
	return next;
}

/* D1-D3: ring for who is gone, perhaps between the trigger and the ringing. */
static void l4shmc_signal_recheck(struct l4shmc_signal *sig)
{
	u32 events = l4shmc_signal_pending(sig);

	if (events && wq_has_sleeper(&sig->wq))
		l4shmc_signal_ring(sig, sig->flags & L4SHMC_SIGNAL_COUNTING ? events : 1);
}

/*
 * A client is gone. No lock is needed: what has the mark stays as long as the area.
 */
void l4shmc_signals_recheck(struct l4shmc_area *area)
{
	struct l4shmc_slot *slot;
	unsigned long index;

	xa_for_each_marked(&area->slots, index, slot, L4SHMC_MARK_SIGNAL) {
		cond_resched();
		l4shmc_signal_recheck(to_signal(slot));
	}
}

static int l4shmc_sleeper_wake(struct wait_queue_entry *wait, unsigned int mode, int sync,
			       void *key)
{
	struct l4shmc_sleeper *sleeper = container_of(wait, struct l4shmc_sleeper, wait);
	/* The sleeper is gone as soon as it is off the queue. */
	struct task_struct *next = sync && sleeper->calls ? get_task_struct(wait->private) : NULL;
	struct l4shmc_signal *sig = sleeper->sig;
	int woken = 1;

	if (sleeper->asleep)
		woken = autoremove_wake_function(wait, mode, sync, key);
	else
		list_del_init_careful(&wait->entry);
	if (woken) {
		sig->sleepers--;
		sig->next = next;
	} else if (next) {
		put_task_struct(next);
	}
	return woken;
}

/* Be on the queue and arm the signal. Caller holds sig->wq.lock. */
static void l4shmc_sleeper_queue(struct l4shmc_sleeper *sleeper)
{
	struct l4shmc_signal *sig = sleeper->sig;

	if (!list_empty(&sleeper->wait.entry))
		return;
	__add_wait_queue_entry_tail(&sig->wq, &sleeper->wait);
	sig->sleepers++;
	l4shmc_signal_publish(sig);
}

/* S1: be on the queue and ready to sleep. */
static void l4shmc_sleeper_prepare(struct l4shmc_sleeper *sleeper)
{
	struct l4shmc_signal *sig = sleeper->sig;

	spin_lock_irq(&sig->wq.lock);
	sleeper->asleep = true;
	l4shmc_sleeper_queue(sleeper);
	/* S2: a full barrier between @armed and the look at @triggered. */
	set_current_state(TASK_INTERRUPTIBLE);
	spin_unlock_irq(&sig->wq.lock);
}

/*
 * Was it good to give way? If it took long, others may have had the CPU: to the scheduler,
 * who yields gives up its turn. Then calls sleep for a while, the longer the more often
 * that happens.
 */
static void l4shmc_signal_judge(struct l4shmc_signal *sig, bool good)
{
	u32 interval = READ_ONCE(sig->interval);

	if (good) {
		interval -= DIV_ROUND_UP(interval, 16);
	} else {
		interval = min(4 * interval + 64, L4SHMC_MOST_REST);
		WRITE_ONCE(sig->rest, interval);
	}
	WRITE_ONCE(sig->interval, interval);
}

/* It is mostly good, and to ask the clock takes time: each now and then is enough. */
static bool l4shmc_signal_judged(struct l4shmc_signal *sig)
{
	u32 turns = READ_ONCE(sig->turns);

	WRITE_ONCE(sig->turns, turns + 1);
	return READ_ONCE(sig->interval) || turns % L4SHMC_JUDGED_TURNS == 0;
}

/*
 * G1, G2: give the CPU to who has just been woken there. If that one answers at once,
 * and by a call, then neither of the two has to go to sleep and be woken.
 *
 * Return: whether there is an answer.
 */
static bool l4shmc_sleeper_give_way(struct l4shmc_sleeper *sleeper)
{
	struct l4shmc_signal *sig = sleeper->sig;
	u32 rest = READ_ONCE(sig->rest);
	u64 start;

	if (!sleeper->next || task_cpu(sleeper->next) != raw_smp_processor_id())
		return false;
	if (rest) {
		WRITE_ONCE(sig->rest, rest - 1);
		return false;
	}
	start = l4shmc_signal_judged(sig) ? local_clock() : 0;
	spin_lock_irq(&sig->wq.lock);
	l4shmc_sleeper_queue(sleeper);
	spin_unlock_irq(&sig->wq.lock);
	yield_to(sleeper->next, false);
	if (start)
		l4shmc_signal_judge(sig, local_clock() - start < L4SHMC_SOON_NS);
	return l4shmc_signal_take(sig);
}

/* S1-S4. Return: 0 if an event has been taken, -ETIMEDOUT, -ERESTARTSYS. */
static int l4shmc_sleeper_sleep(struct l4shmc_sleeper *sleeper, struct l4shmc_timeout *timeout)
{
	struct l4shmc_signal *sig = sleeper->sig;
	int err;

	do {
		l4shmc_sleeper_prepare(sleeper);
		if (l4shmc_signal_take(sig))
			return 0;
		/* Others were faster each time, and there is more: only yield. */
		if (l4shmc_signal_pending(sig))
			__set_current_state(TASK_RUNNING);
		err = l4shmc_timeout_sleep(timeout);
	} while (!err);
	return err;
}

/* S5. Return: whether a ring has taken the sleeper off the queue. */
static bool l4shmc_sleeper_dequeue(struct l4shmc_sleeper *sleeper)
{
	struct l4shmc_signal *sig = sleeper->sig;
	bool rung = true;

	__set_current_state(TASK_RUNNING);
	if (list_empty_careful(&sleeper->wait.entry))
		return true;
	spin_lock_irq(&sig->wq.lock);
	if (!list_empty(&sleeper->wait.entry)) {
		rung = false;
		list_del_init(&sleeper->wait.entry);
		sig->sleepers--;
		l4shmc_signal_publish(sig);
	}
	spin_unlock_irq(&sig->wq.lock);
	return rung;
}

static int l4shmc_signal_sleep(struct l4shmc_sleeper *sleeper, struct l4shmc_timeout *timeout)
{
	struct l4shmc_signal *sig = sleeper->sig;
	int err = 0;
	bool rung;

	init_waitqueue_func_entry(&sleeper->wait, l4shmc_sleeper_wake);
	sleeper->wait.flags = WQ_FLAG_EXCLUSIVE;
	sleeper->wait.private = current;
	INIT_LIST_HEAD(&sleeper->wait.entry);
	if (!l4shmc_sleeper_give_way(sleeper))
		err = l4shmc_sleeper_sleep(sleeper, timeout);
	rung = l4shmc_sleeper_dequeue(sleeper);
	/* S6: an event outranks the end of the wait. */
	if (err && l4shmc_signal_take(sig))
		err = 0;
	/* S7: a ring that ended here may have been for another event: pass it on. */
	if ((err || rung) && l4shmc_signal_pending(sig))
		l4shmc_signal_ring(sig, 1);
	return err;
}

/* @timeout_ns is left as the rest of the time if the wait was interrupted. */
static long l4shmc_signal_wait(struct l4shmc_sleeper *sleeper, __u64 *timeout_ns)
{
	struct l4shmc_timeout timeout;
	int err;

	if (l4shmc_signal_take(sleeper->sig))
		return 0;
	if (!*timeout_ns)
		return -ETIMEDOUT;
	l4shmc_timeout_start(&timeout, *timeout_ns);
	err = l4shmc_signal_sleep(sleeper, &timeout);
	if (err)
		*timeout_ns = l4shmc_timeout_rest(&timeout);
	return err;
}

/* Is it one of those that the driver alone triggers? */
static bool l4shmc_signal_is_events(const struct l4shmc_signal *sig)
{
	return sig->pin != sig->slot.area->data;
}

static long l4shmc_signal_ioctl_trigger(struct file *file, void *unused)
{
	struct l4shmc_signal *sig = file->private_data;

	if (l4shmc_signal_is_events(sig))
		return -EPERM;
	l4shmc_signal_trigger(sig);
	return 0;
}

static long l4shmc_signal_ioctl_ring(struct file *file, void *unused)
{
	struct l4shmc_signal *sig = file->private_data;

	if (l4shmc_signal_is_events(sig))
		return -EPERM;
	l4shmc_signal_ring(sig, 1);
	return 0;
}

static long l4shmc_signal_ioctl_wait(struct file *file, void *argp)
{
	struct l4shmc_sleeper sleeper = { .sig = file->private_data };
	struct l4shmc_ioc_wait *arg = argp;

	if (arg->flags)
		return -EINVAL;
	return l4shmc_signal_wait(&sleeper, &arg->timeout_ns);
}

static struct l4shmc_signal *l4shmc_signal_of(struct fd f)
{
	if (!fd_file(f))
		return ERR_PTR(-EBADF);
	if (fd_file(f)->f_op != &l4shmc_signal_fops)
		return ERR_PTR(-EINVAL);
	return fd_file(f)->private_data;
}

/* The signal of a descriptor. The caller puts sig->pin. */
struct l4shmc_signal *l4shmc_signal_get(int fd)
{
	struct fd f = fdget(fd);
	struct l4shmc_signal *sig = l4shmc_signal_of(f);

	if (!IS_ERR(sig))
		get_file(sig->pin);
	fdput(f);
	return sig;
}

static long l4shmc_call_trigger(int fd, bool add, struct task_struct **next)
{
	struct fd f = fdget(fd);
	struct l4shmc_signal *sig = l4shmc_signal_of(f);
	long ret = PTR_ERR_OR_ZERO(sig);

	if (!ret && l4shmc_signal_is_events(sig))
		ret = -EPERM;
	if (!ret && add)
		l4shmc_signal_add(sig);
	if (!ret)
		*next = l4shmc_signal_ring_sync(sig);
	fdput(f);
	return ret;
}

static long l4shmc_signal_ioctl_call(struct file *file, void *argp)
{
	struct l4shmc_sleeper sleeper = { .sig = file->private_data, .calls = true };
	struct l4shmc_ioc_call *arg = argp;
	long ret;

	if (arg->flags & ~(L4SHMC_CALL_TRIGGERED | L4SHMC_CALL_RING) || arg->reserved)
		return -EINVAL;
	if (!(arg->flags & L4SHMC_CALL_TRIGGERED)) {
		ret = l4shmc_call_trigger(arg->trigger, !(arg->flags & L4SHMC_CALL_RING),
					  &sleeper.next);
		if (ret)
			return ret;
		/* Copied out if the wait is interrupted: it is not done twice. */
		arg->flags |= L4SHMC_CALL_TRIGGERED;
	}
	ret = l4shmc_signal_wait(&sleeper, &arg->timeout_ns);
	if (sleeper.next)
		put_task_struct(sleeper.next);
	return ret;
}

static long l4shmc_signal_ioctl_info(struct file *file, void *argp)
{
	struct l4shmc_signal *sig = file->private_data;
	struct l4shmc_ioc_signal_info *arg = argp;

	if (arg->reserved)
		return -EINVAL;
	arg->flags = sig->flags;
	arg->index = sig->slot.index;
	strscpy_pad(arg->name, sig->slot.name.text, sizeof(arg->name));
	return 0;
}

static const struct l4shmc_cmd l4shmc_signal_cmds[] = {
	L4SHMC_CMD_PLAIN(L4SHMC_IOC_RING, l4shmc_signal_ioctl_ring),
	L4SHMC_CMD(L4SHMC_IOC_WAIT, l4shmc_ioc_wait, L4SHMC_OUT_REST, l4shmc_signal_ioctl_wait),
	L4SHMC_CMD(L4SHMC_IOC_CALL, l4shmc_ioc_call, L4SHMC_OUT_REST, l4shmc_signal_ioctl_call),
	L4SHMC_CMD_PLAIN(L4SHMC_IOC_TRIGGER, l4shmc_signal_ioctl_trigger),
	L4SHMC_CMD(L4SHMC_IOC_SIGNAL_INFO, l4shmc_ioc_signal_info, L4SHMC_OUT_RESULT,
		   l4shmc_signal_ioctl_info),
};

static long l4shmc_signal_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	/* What matters for speed first. */
	if (cmd == L4SHMC_IOC_RING)
		return l4shmc_run(file, &l4shmc_signal_cmds[0], arg);
	if (cmd == L4SHMC_IOC_WAIT)
		return l4shmc_run(file, &l4shmc_signal_cmds[1], arg);
	if (cmd == L4SHMC_IOC_CALL)
		return l4shmc_run(file, &l4shmc_signal_cmds[2], arg);
	return l4shmc_ioctl(file, cmd, arg, l4shmc_signal_cmds, ARRAY_SIZE(l4shmc_signal_cmds));
}

static __poll_t l4shmc_signal_poll(struct file *file, struct poll_table_struct *pt)
{
	struct l4shmc_signal *sig = file->private_data;

	/* P1 */
	poll_wait(file, &sig->wq, pt);
	/* P2: there is no telling when a poller has left: armed for ever. */
	spin_lock_irq(&sig->wq.lock);
	if (!sig->polled) {
		sig->polled = true;
		l4shmc_signal_publish(sig);
	}
	spin_unlock_irq(&sig->wq.lock);
	/* P3: between @armed and the look at @triggered. */
	smp_mb();
	/* P4 */
	return l4shmc_signal_pending(sig) ? L4SHMC_POLL_EVENT : 0;
}

/*
 * A process closes a descriptor of the signal, perhaps because it dies: after a
 * trigger for which it has not rung, or with the ring of an event that it, or its
 * epoll, had alone. Who has no descriptor cannot ring.
 */
static int l4shmc_signal_flush(struct file *file, fl_owner_t id)
{
	l4shmc_signal_recheck(file->private_data);
	return 0;
}

static int l4shmc_signal_release(struct inode *inode, struct file *file)
{
	struct l4shmc_signal *sig = file->private_data;

	if (!sig)
		return 0;
	/* Not every descriptor is closed by a process: one may be on its way to another. */
	l4shmc_signal_recheck(sig);
	fput(sig->pin);
	return 0;
}

static const struct file_operations l4shmc_signal_fops = {
	.owner = THIS_MODULE,
	.flush = l4shmc_signal_flush,
	.release = l4shmc_signal_release,
	.poll = l4shmc_signal_poll,
	.unlocked_ioctl = l4shmc_signal_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* Caller holds area->lock. */
static struct l4shmc_signal *l4shmc_signal_make(struct l4shmc_area *area, const char *name,
						u32 flags, struct file *pin, u32 first)
{
	struct l4shmc_signal *sig = kzalloc(sizeof(*sig), GFP_KERNEL_ACCOUNT);
	int err;

	if (!sig)
		return ERR_PTR(-ENOMEM);
	l4shmc_waitqueue_init(&sig->wq);
	sig->flags = flags;
	sig->pin = pin;
	err = l4shmc_slot_init(&sig->slot, area, name, &l4shmc_signal_ktype, first);
	if (!err && pin == area->data)
		err = l4shmc_slot_publish(&sig->slot, &area->signals, area->signals_dir,
					  L4SHMC_MARK_SIGNAL);
	if (err) {
		l4shmc_slot_fini(&sig->slot);
		return ERR_PTR(err);
	}
	return sig;
}

/* The client's own L4SHMC_SIGNAL_CLIENTS. Caller holds area->lock. */
static struct l4shmc_signal *l4shmc_signal_events(struct l4shmc_client *client)
{
	struct l4shmc_signal *sig = client->events;
	u32 first = 0;

	if (sig)
		return sig;
	/* However many observers there are, the clients have the other half. */
	if (client->number == L4SHMC_CLIENT_NONE)
		first = L4SHMC_MAX_RECORDS / 2;
	sig = l4shmc_signal_make(client->area, L4SHMC_SIGNAL_CLIENTS, 0, client->file, first);
	if (IS_ERR(sig))
		return sig;
	client->events = sig;
	list_add_tail(&client->node, &client->area->listeners);
	return sig;
}

/* The client is at its end, and with it all descriptors. Caller holds area->lock. */
void l4shmc_signal_free_events(struct l4shmc_client *client)
{
	list_del(&client->node);
	l4shmc_slot_fini(&client->events->slot);
	client->events = NULL;
}

/* Caller holds area->lock. */
static struct l4shmc_signal *l4shmc_signal_named(struct l4shmc_area *area,
						 const struct l4shmc_ioc_signal_open *arg)
{
	struct l4shmc_slot *slot = l4shmc_slot_find(&area->signals, arg->name);

	if (!slot)
		return l4shmc_signal_make(area, arg->name, arg->flags, area->data, 0);
	if (arg->flags & ~to_signal(slot)->flags)
		return ERR_PTR(-EEXIST);
	return to_signal(slot);
}

long l4shmc_signal_open(struct file *file, void *argp)
{
	static const char events[L4SHMC_NAME_SIZE] = L4SHMC_SIGNAL_CLIENTS;
	struct l4shmc_client *client = file->private_data;
	struct l4shmc_ioc_signal_open *arg = argp;
	bool is_events = !memcmp(arg->name, events, sizeof(events));
	struct l4shmc_signal *sig;
	struct l4shmc_fd new;
	int err;

	if (arg->flags & ~L4SHMC_SIGNAL_COUNTING)
		return -EINVAL;
	if (is_events) {
		err = arg->flags ? -EEXIST : 0;
	} else {
		err = l4shmc_name_check(arg->name);
		if (!err && client->number == L4SHMC_CLIENT_NONE)
			err = -EBADF;
	}
	if (err)
		return err;
	err = l4shmc_fd_prepare(&new, "[l4shmc-signal]", &l4shmc_signal_fops, O_RDWR);
	if (err)
		return err;

	mutex_lock(&client->area->lock);
	sig = is_events ? l4shmc_signal_events(client) :
			  l4shmc_signal_named(client->area, arg);
	mutex_unlock(&client->area->lock);
	if (IS_ERR(sig)) {
		l4shmc_fd_abort(&new);
		return PTR_ERR(sig);
	}
	get_file(sig->pin);
	return l4shmc_fd_install(&new, sig);
}
