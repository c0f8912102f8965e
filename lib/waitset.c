// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Wait sets of threads: each thread that a signal is attached to has one. It
 * is made when it is first needed, by whichever thread that is, and ends with
 * its thread.
 */
#include "private.h"

#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/**
 * struct waitset - the wait set of a thread
 * @next: in the list of all
 * @tid: the thread
 * @start: when the thread started, since its number may be used again
 * @adopted: the thread knows of it and frees it at its end
 * @fd: the driver's wait set
 * @bindings: what is bound to it
 * @nr_bindings: how many
 */
struct waitset {
	struct waitset *next;
	pid_t tid;
	unsigned long long start;
	bool adopted;
	int fd;
	struct binding *bindings;
	unsigned nr_bindings;
};

/**
 * struct binding - a signal that is bound to a thread
 * @area_id: the area, and
 * @index: the record in it, are what it is found by
 * @event: through which it was made
 * @set: what it is bound to
 * @next: in the list of @set
 * @link: what points to it there
 */
struct binding {
	__u64 area_id;
	__u32 index;
	struct l4shmc_event const *event;
	struct waitset *set;
	struct binding *next;
	struct binding **link;
};

/* Guards everything here but what is @own. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct waitset *sets;
/* Of tsearch(). */
static void *bindings;

/* Where the dynamic linker finds room for it even if it loads the library late */
static __thread struct waitset *own __attribute__((tls_model("initial-exec")));
static pthread_key_t own_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool key_made;

static int compare_bindings(void const *a, void const *b)
{
	struct binding const *x = a, *y = b;

	if (x->area_id != y->area_id)
		return x->area_id < y->area_id ? -1 : 1;
	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return 0;
}

/* Takes a binding out of its set, and there only.  The lock is held. */
static void unlink_binding(struct binding *binding)
{
	*binding->link = binding->next;
	if (binding->next)
		binding->next->link = binding->link;
	__atomic_store_n(&binding->set->nr_bindings, binding->set->nr_bindings - 1,
			 __ATOMIC_RELAXED);
}

static void link_binding(struct binding *binding, struct waitset *set)
{
	binding->set = set;
	binding->next = set->bindings;
	binding->link = &set->bindings;
	if (binding->next)
		binding->next->link = &binding->next;
	set->bindings = binding;
	__atomic_store_n(&set->nr_bindings, set->nr_bindings + 1, __ATOMIC_RELAXED);
}

/* The driver ends the bindings when the descriptor is closed.  The lock is held. */
static void free_set(struct waitset *set)
{
	struct waitset **link = &sets;
	struct binding *binding, *next;

	while (*link != set)
		link = &(*link)->next;
	*link = set->next;
	for (binding = set->bindings; binding; binding = next) {
		next = binding->next;
		tdelete(binding, &bindings, compare_bindings);
		free(binding);
	}
	l4shmc__close(set->fd);
	free(set);
}

static void thread_ends(void *set)
{
	pthread_mutex_lock(&lock);
	free_set(set);
	pthread_mutex_unlock(&lock);
	own = NULL;
}

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork_in_parent(void)
{
	pthread_mutex_unlock(&lock);
}

/* The threads that had wait sets are the parent's, and so are their events. */
static void after_fork_in_child(void)
{
	while (sets)
		free_set(sets);
	own = NULL;
	if (key_made)
		pthread_setspecific(own_key, NULL);
	pthread_mutex_unlock(&lock);
}

static __attribute__((constructor)) void mind_forks(void)
{
	pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

static pid_t current_tid(void)
{
	return (pid_t)syscall(SYS_gettid);
}

static void init_once(void)
{
	key_made = pthread_key_create(&own_key, thread_ends) == 0;
}

/*
 * When a thread of this process started, or 0 if there is no telling, for want of
 * a descriptor or of /proc.
 */
static unsigned long long thread_start(pid_t tid)
{
	unsigned long long start = 0;
	char path[64], line[1024];
	char *end = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	/* The name of the thread, in parentheses, may have any contents. */
	if (fgets(line, sizeof(line), f))
		end = strrchr(line, ')');
	if (end && sscanf(end + 1,
			  " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d"
			  " %*d %*d %llu",
			  &start) != 1)
		start = 0;
	fclose(f);
	return start;
}

/* Has the thread of a wait set ended?  Its number may be that of another one now. */
static bool is_stale(struct waitset const *set)
{
	unsigned long long start;

	if (set->adopted)
		return false;
	if (!l4shmc__is_thread(set->tid))
		return true;
	start = thread_start(set->tid);
	return start && set->start && start != set->start;
}

/* Frees wait sets of threads that have ended without ever looking.  The lock is held. */
static void free_stale_sets(void)
{
	struct waitset *set, *next;

	for (set = sets; set; set = next) {
		next = set->next;
		if (is_stale(set))
			free_set(set);
	}
}

/* The lock is held. */
static long make_set(pid_t tid, struct waitset **out)
{
	struct l4shmc_ioc_waitset req = { .size = sizeof(req) };
	struct waitset *set;
	long fd;
	int dev;

	free_stale_sets();
	dev = l4shmc__open_device(O_RDONLY);
	if (dev < 0)
		return dev;
	fd = l4shmc__ioctl(dev, L4SHMC_IOC_WAITSET, &req);
	l4shmc__close(dev);
	if (fd < 0)
		return fd;
	set = calloc(1, sizeof(*set));
	if (!set) {
		l4shmc__close((int)fd);
		return -L4_ENOMEM;
	}
	set->fd = (int)fd;
	set->tid = tid;
	set->start = thread_start(tid);
	set->next = sets;
	sets = set;
	*out = set;
	return 0;
}

/* The wait set of the calling thread; made if there is none, if @make.  The lock is held. */
static long adopt_set(pid_t tid, bool make, struct waitset **out)
{
	struct waitset *set = own;
	long ret = 0;

	if (!set)
		for (set = sets; set && (set->tid != tid || is_stale(set)); set = set->next)
			;
	if (!set && make)
		ret = make_set(tid, &set);
	if (set && !own) {
		/* Without a key it is freed as stale when the thread has ended. */
		set->adopted = key_made && pthread_setspecific(own_key, set) == 0;
		own = set;
	}
	*out = set;
	return ret;
}

/* The wait set of any thread, made if there is none.  The lock is held. */
static long get_set(pid_t tid, struct waitset **out)
{
	struct waitset *set;

	if (tid == current_tid())
		return adopt_set(tid, true, out);
	for (set = sets; set; set = set->next) {
		if (set->tid == tid && !is_stale(set)) {
			*out = set;
			return 0;
		}
	}
	return make_set(tid, out);
}

static long get_own_set(bool make, struct waitset **out)
{
	long ret;

	*out = own;
	if (own)
		return 0;
	pthread_once(&once, init_once);
	pthread_mutex_lock(&lock);
	ret = adopt_set(current_tid(), make, out);
	pthread_mutex_unlock(&lock);
	return ret;
}

static long bind_signal(struct waitset *set, int fd, l4shmc_signal_t *signal)
{
	struct l4shmc_ioc_bind req = {
		.size = sizeof(req),
		.label = (uintptr_t)signal,
		.signal = fd,
	};

	return l4shmc__command(set->fd, L4SHMC_IOC_BIND, &req);
}

static void unbind_signal(struct waitset *set, int fd)
{
	struct l4shmc_ioc_unbind req = {
		.size = sizeof(req),
		.signal = fd,
	};

	l4shmc__command(set->fd, L4SHMC_IOC_UNBIND, &req);
}

/* Ends a binding.  The lock is held. */
static void free_binding(struct binding *binding)
{
	unbind_signal(binding->set, binding->event->fd);
	unlink_binding(binding);
	tdelete(binding, &bindings, compare_bindings);
	free(binding);
}

/* The lock is held. */
static struct binding *find_binding(struct l4shmc_attachment const *at,
				    struct l4shmc_event const *event)
{
	struct binding key = { .area_id = at->area_id, .index = event->index };
	void *found = tfind(&key, &bindings, compare_bindings);

	return found ? *(struct binding **)found : NULL;
}

/* Binds @signal, which is not bound to any thread.  The lock is held. */
static long add_binding(struct waitset *set, l4shmc_signal_t *signal)
{
	struct binding *binding = calloc(1, sizeof(*binding));
	long ret;

	if (!binding)
		return -L4_ENOMEM;
	binding->area_id = signal->_attachment->area_id;
	binding->index = signal->_event->index;
	binding->event = signal->_event;
	if (!tsearch(binding, &bindings, compare_bindings)) {
		free(binding);
		return -L4_ENOMEM;
	}
	ret = bind_signal(set, binding->event->fd, signal);
	if (ret) {
		tdelete(binding, &bindings, compare_bindings);
		free(binding);
		return ret;
	}
	link_binding(binding, set);
	return 0;
}

/*
 * Has @binding lead to @set and @signal.  The driver keeps what is pending with the
 * signal.  The lock is held.
 */
static long move_binding(struct binding *binding, struct waitset *set, l4shmc_signal_t *signal)
{
	bool same = binding->set == set;
	long ret;

	/* It is bound to a wait set at most once; to another one the new way comes first. */
	if (same)
		unbind_signal(set, binding->event->fd);
	ret = bind_signal(set, signal->_event->fd, signal);
	if (ret) {
		if (same)
			free_binding(binding);
		return ret;
	}
	if (!same) {
		unbind_signal(binding->set, binding->event->fd);
		unlink_binding(binding);
		link_binding(binding, set);
	}
	binding->event = signal->_event;
	return 0;
}

void l4shmc__unbind(struct l4shmc_attachment const *at, struct l4shmc_event const *event)
{
	struct binding *binding;

	pthread_mutex_lock(&lock);
	binding = find_binding(at, event);
	/* Another attachment of this process may have taken it over. */
	if (binding && binding->event == event)
		free_binding(binding);
	pthread_mutex_unlock(&lock);
}

long l4shmc_attach_signal(l4shmc_area_t *area, char const *name, l4_cap_idx_t thread,
			  l4shmc_signal_t *signal)
{
	pid_t tid = l4shmc__cap_to_tid(thread);
	struct binding *binding;
	struct waitset *set;
	long ret;

	if (tid < 0)
		return -L4_EINVAL;
	ret = l4shmc_add_signal(area, name, signal);
	if (ret)
		return ret;
	pthread_once(&once, init_once);
	pthread_mutex_lock(&lock);
	ret = get_set(tid, &set);
	binding = find_binding(signal->_attachment, signal->_event);
	if (!ret)
		ret = binding ? move_binding(binding, set, signal) : add_binding(set, signal);
	pthread_mutex_unlock(&lock);
	return ret;
}

long l4shmc_attach_signal_to(l4shmc_area_t *area, char const *name, l4_cap_idx_t thread,
			     l4_umword_t timeout_ms, l4shmc_signal_t *signal)
{
	(void)timeout_ms;
	return l4shmc_attach_signal(area, name, thread, signal);
}

static long wait_until(struct waitset const *set, __u64 timeout_ns, __u64 *label)
{
	struct l4shmc_ioc_waitset_wait req = {
		.size = sizeof(req),
		.timeout_ns = timeout_ns,
		.labels = (uintptr_t)label,
		.nr_labels = 1,
	};

	return l4shmc__ioctl(set->fd, L4SHMC_IOC_WAITSET_WAIT, &req);
}

static long wait_for_label(struct waitset const *set, __u64 timeout_ns, l4shmc_signal_t **signal)
{
	/* Programs that watch the memory do not see the driver write it. */
	__u64 label = 0;
	long ret;

	if (timeout_ns == L4SHMC_TIMEOUT_NEVER)
		ret = l4shmc__ioctl(set->fd, L4SHMC_IOC_WAITSET_NEXT, &label);
	else
		ret = wait_until(set, timeout_ns, &label);
	if (L4_UNLIKELY(ret != 1))
		return ret < 0 ? ret : -L4_EIO;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): to the driver it is a number. */
	*signal = (l4shmc_signal_t *)(uintptr_t)label;
	return 0;
}

static bool has_bindings(struct waitset const *set)
{
	return set && __atomic_load_n(&set->nr_bindings, __ATOMIC_RELAXED);
}

/* One that is just being moved is not missed. */
static bool has_none(struct waitset const *set)
{
	bool none;

	pthread_mutex_lock(&lock);
	none = !has_bindings(set);
	pthread_mutex_unlock(&lock);
	return none;
}

static long wait_any(__u64 timeout_ns, l4shmc_signal_t **signal)
{
	struct waitset *set = own;
	long ret;

	if (!signal)
		return -L4_EINVAL;
	if (L4_LIKELY(has_bindings(set)))
		return wait_for_label(set, timeout_ns, signal);
	/* For a while something may be bound by other threads. */
	ret = get_own_set(timeout_ns && timeout_ns != L4SHMC_TIMEOUT_NEVER, &set);
	if (ret)
		return ret;
	if (has_none(set)) {
		if (timeout_ns == L4SHMC_TIMEOUT_NEVER)
			return -L4_EINVAL;
		if (!timeout_ns)
			return L4SHMC__ERR_TIMEOUT;
	}
	return wait_for_label(set, timeout_ns, signal);
}

long l4shmc_wait_any(l4shmc_signal_t **signal)
{
	return wait_any(L4SHMC_TIMEOUT_NEVER, signal);
}

long l4shmc_wait_any_to(l4_timeout_t timeout, l4shmc_signal_t **signal)
{
	return wait_any(l4shmc__timeout_ns(timeout), signal);
}

long l4shmc_wait_any_try(l4shmc_signal_t **signal)
{
	return wait_any(0, signal);
}

int l4shmc_wait_any_fd(void)
{
	struct waitset *set;
	long ret = get_own_set(true, &set);

	return ret ? (int)ret : set->fd;
}
