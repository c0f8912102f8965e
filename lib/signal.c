// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Signals: triggering and waiting in shared memory as long as nobody has to be
 * woken and nobody has to sleep, and with the driver then.
 *
 * K1, T1 and the like are steps of the model, Documentation/model/signal.pml.
 */
#include "private.h"

#include <stdlib.h>
#include <string.h>

/* A peer may write anything at any time; no reason to go on for ever. */
#define TAKE_TRIES 16

/* The table of events */

/* FNV-1a */
static unsigned hash_name(char const *name)
{
	unsigned hash = 2166136261U;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	return hash;
}

static struct l4shmc_event *find_event(struct l4shmc_attachment const *at, char const *name)
{
	struct l4shmc_event *event;

	if (!at->nr_buckets)
		return NULL;
	event = at->buckets[hash_name(name) & (at->nr_buckets - 1)];
	while (event && strcmp(event->name, name) != 0)
		event = event->next;
	return event;
}

static void insert_event(struct l4shmc_attachment *at, struct l4shmc_event *event)
{
	struct l4shmc_event **bucket;

	bucket = &at->buckets[hash_name(event->name) & (at->nr_buckets - 1)];
	event->next = *bucket;
	*bucket = event;
	at->nr_events++;
}

/* Makes the table large enough for one more. */
static long grow_table(struct l4shmc_attachment *at)
{
	struct l4shmc_event **old = at->buckets, *event, *next;
	unsigned i, nr_old = at->nr_buckets;

	if (at->nr_events < nr_old)
		return 0;
	at->buckets = calloc(nr_old ? 2 * nr_old : 16, sizeof(*at->buckets));
	if (!at->buckets) {
		at->buckets = old;
		return -L4_ENOMEM;
	}
	at->nr_buckets = nr_old ? 2 * nr_old : 16;
	at->nr_events = 0;
	for (i = 0; i < nr_old; i++) {
		for (event = old[i]; event; event = next) {
			next = event->next;
			insert_event(at, event);
		}
	}
	free(old);
	return 0;
}

void l4shmc__free_events(struct l4shmc_attachment *at)
{
	struct l4shmc_event *event, *next;
	unsigned i;

	for (i = 0; i < at->nr_buckets; i++) {
		for (event = at->buckets[i]; event; event = next) {
			next = event->next;
			l4shmc__unbind(at, event);
			l4shmc__close(event->fd);
			free(event);
		}
	}
	free(at->buckets);
	at->buckets = NULL;
	at->nr_buckets = 0;
	at->nr_events = 0;
}

/* Opens the signal @event->name and finds its record. */
static long open_event(struct l4shmc_attachment *at, struct l4shmc_event *event, __u32 flags)
{
	struct l4shmc_ioc_signal_open req = { .size = sizeof(req), .flags = flags };
	struct l4shmc_ioc_signal_info info = { .size = sizeof(info) };
	long fd, ret;

	memcpy(req.name, event->name, sizeof(req.name));
	fd = l4shmc__ioctl(at->fd, L4SHMC_IOC_SIGNAL_OPEN, &req);
	if (fd < 0)
		return fd;
	ret = l4shmc__command((int)fd, L4SHMC_IOC_SIGNAL_INFO, &info);
	if (!ret && info.index >= L4SHMC_MAX_RECORDS)
		ret = -L4_EIO;
	if (ret) {
		l4shmc__close((int)fd);
		return ret;
	}
	event->fd = (int)fd;
	event->index = info.index;
	event->record = &at->records[info.index].signal;
	event->counting = info.flags & L4SHMC_SIGNAL_COUNTING;
	event->readonly = at->observer;
	return 0;
}

/* Adds the event of that name to the table.  The lock is held. */
static long add_event(struct l4shmc_attachment *at, char const *name, __u32 flags,
		      struct l4shmc_event **out)
{
	struct l4shmc_event *event;
	long ret = grow_table(at);

	if (ret)
		return ret;
	event = calloc(1, sizeof(*event));
	if (!event)
		return -L4_ENOMEM;
	memcpy(event->name, name, sizeof(event->name));
	ret = open_event(at, event, flags);
	if (ret) {
		free(event);
		return ret;
	}
	insert_event(at, event);
	*out = event;
	return 0;
}

/* Makes @signal stand for the signal of that name. */
static long setup_signal(l4shmc_area_t *area, char const name[L4SHMC_NAME_SIZE], __u32 flags,
			 l4shmc_signal_t *signal)
{
	struct l4shmc_attachment *at = area->_attachment;
	struct l4shmc_event *event;
	long ret = 0;

	pthread_mutex_lock(&at->lock);
	event = find_event(at, name);
	if (!event)
		ret = add_event(at, name, flags, &event);
	else if ((flags & L4SHMC_SIGNAL_COUNTING) && !event->counting)
		ret = -L4_EEXIST;
	pthread_mutex_unlock(&at->lock);
	if (ret)
		return ret;

	*signal = (l4shmc_signal_t){
		._magic = L4SHMC__SIGNAL_MAGIC,
		._attachment = at,
		._generation = area->_generation,
		/* Only the driver may trigger its own signals. */
		._record = name[0] == '@' ? NULL : event->record,
		._event = event,
	};
	return 0;
}

static long get_signal(l4shmc_area_t *area, char const *name, __u32 flags, l4shmc_signal_t *signal)
{
	static char const events[L4SHMC_NAME_SIZE] = L4SHMC_SIGNAL_CLIENTS;
	char checked[L4SHMC_NAME_SIZE];
	long ret;

	if (!l4shmc__area_ok(area) || !signal)
		return -L4_EINVAL;
	if (name && !strcmp(name, events))
		return setup_signal(area, events, flags, signal);
	ret = l4shmc__name(checked, name);
	return ret ? ret : setup_signal(area, checked, flags, signal);
}

long l4shmc_add_signal(l4shmc_area_t *area, char const *name, l4shmc_signal_t *signal)
{
	return get_signal(area, name, 0, signal);
}

long l4shmc_get_signal(l4shmc_area_t *area, char const *name, l4shmc_signal_t *signal)
{
	return get_signal(area, name, 0, signal);
}

long l4shmc_get_signal_to(l4shmc_area_t *area, char const *name, l4_umword_t timeout_ms,
			  l4shmc_signal_t *signal)
{
	(void)timeout_ms;
	return get_signal(area, name, 0, signal);
}

long l4shmc_add_counting_signal(l4shmc_area_t *area, char const *name, l4shmc_signal_t *signal)
{
	return get_signal(area, name, L4SHMC_SIGNAL_COUNTING, signal);
}

long l4shmc_get_clients_signal(l4shmc_area_t *area, l4shmc_signal_t *signal)
{
	return get_signal(area, L4SHMC_SIGNAL_CLIENTS, 0, signal);
}

int l4shmc_signal_fd(l4shmc_signal_t const *signal)
{
	return l4shmc__signal_ok(signal) ? signal->_event->fd : -L4_EINVAL;
}

/*
 * Told from a thread's by one of the low bits, which has no meaning here.
 */
#define SIGNAL_CAP_SHIFT 12
#define SIGNAL_CAP_BIT (1UL << 8)

l4_cap_idx_t l4shmc_signal_cap(l4shmc_signal_t const *signal)
{
	if (!l4shmc__signal_ok(signal))
		return L4_INVALID_CAP;
	return (l4_cap_idx_t)signal->_event->fd << SIGNAL_CAP_SHIFT | SIGNAL_CAP_BIT;
}

/* Waiting */

static long wait_ioctl(struct l4shmc_event *event, __u64 timeout_ns)
{
	struct l4shmc_ioc_wait req = { .size = sizeof(req), .timeout_ns = timeout_ns };

	return l4shmc__command(event->fd, L4SHMC_IOC_WAIT, &req);
}

/* K1-K3: takes what is pending, if anything is. */
static inline bool take(struct l4shmc_event *event)
{
	struct l4shmc_signal_record *rec = event->record;
	__u32 consumed, triggered, next;
	int i;

	for (i = 0; i < TAKE_TRIES; i++) {
		/* In this order: the other one could move consumed back. */
		consumed = __atomic_load_n(&rec->consumed, __ATOMIC_ACQUIRE);
		triggered = __atomic_load_n(&rec->triggered, __ATOMIC_ACQUIRE);
		if (consumed == triggered)
			return false;
		if (L4_UNLIKELY(event->readonly))
			return wait_ioctl(event, 0) == 0;
		next = event->counting ? consumed + 1 : triggered;
		if (__atomic_compare_exchange_n(&rec->consumed, &consumed, next, false,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

static bool take_again(void *event)
{
	return take(event);
}

/* Nothing was pending a moment ago. */
static long wait_slow(struct l4shmc_event *event, __u64 timeout_ns)
{
	if (!timeout_ns)
		return L4SHMC__ERR_TIMEOUT;
	if (l4shmc__spin(&event->spin, l4shmc__spin_limit(), take_again, event))
		return 0;
	return wait_ioctl(event, timeout_ns);
}

long l4shmc_wait_signal(l4shmc_signal_t *signal)
{
	if (!l4shmc__signal_ok(signal))
		return -L4_EINVAL;
	if (L4_LIKELY(take(signal->_event)))
		return 0;
	return wait_slow(signal->_event, L4SHMC_TIMEOUT_NEVER);
}

long l4shmc_wait_signal_to(l4shmc_signal_t *signal, l4_timeout_t timeout)
{
	if (!l4shmc__signal_ok(signal))
		return -L4_EINVAL;
	if (L4_LIKELY(take(signal->_event)))
		return 0;
	return wait_slow(signal->_event, l4shmc__timeout_ns(timeout));
}

long l4shmc_wait_signal_try(l4shmc_signal_t *signal)
{
	if (!l4shmc__signal_ok(signal))
		return -L4_EINVAL;
	return take(signal->_event) ? 0 : L4SHMC__ERR_TIMEOUT;
}

/* Triggering */

/* T1-T3: true if somebody has to be woken for it. */
static inline bool add_trigger(struct l4shmc_signal_record *rec)
{
	__atomic_fetch_add(&rec->triggered, 1, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&rec->armed, __ATOMIC_SEQ_CST) != 0;
}

static inline long check_trigger(l4shmc_signal_t const *signal)
{
	if (!l4shmc__signal_ok(signal))
		return -L4_EINVAL;
	return L4_LIKELY(signal->_record) ? 0 : -L4_EPERM;
}

long l4shmc_trigger(l4shmc_signal_t *signal)
{
	long ret = check_trigger(signal);

	if (ret)
		return ret;
	/* T1-T4 */
	if (add_trigger(signal->_record))
		return l4shmc__command(signal->_event->fd, L4SHMC_IOC_RING, NULL);
	return 0;
}

long l4shmc_enable_signal(l4shmc_signal_t *signal)
{
	return l4shmc__signal_ok(signal) ? 0 : -L4_EINVAL;
}

long l4shmc_call_to(l4shmc_signal_t *trigger, l4shmc_signal_t *wait, l4_timeout_t timeout)
{
	struct l4shmc_ioc_call req = { .size = sizeof(req) };
	long ret = check_trigger(trigger);

	if (ret)
		return ret;
	if (!l4shmc__signal_ok(wait))
		return -L4_EINVAL;
	/* What is pending was so before anybody could answer. */
	if (take(wait->_event))
		return l4shmc_trigger(trigger);
	req.timeout_ns = l4shmc__timeout_ns(timeout);
	/* T1-T3, and T4 in the driver */
	if (add_trigger(trigger->_record)) {
		req.flags = L4SHMC_CALL_RING;
		req.trigger = trigger->_event->fd;
		return l4shmc__command(wait->_event->fd, L4SHMC_IOC_CALL, &req);
	}
	return take(wait->_event) ? 0 : wait_slow(wait->_event, req.timeout_ns);
}

long l4shmc_call(l4shmc_signal_t *trigger, l4shmc_signal_t *wait)
{
	return l4shmc_call_to(trigger, wait, L4_IPC_NEVER);
}
