// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Areas: attaching, detaching, and what can be asked of them.
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* All attachments that there ever were, and those that can be used again. */
static struct l4shmc_attachment *pool, *pool_free;
static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;

static struct l4shmc_attachment *get_attachment(void)
{
	struct l4shmc_attachment *at;

	/* Found out now: later the process may have forbidden itself system calls. */
	l4shmc__spin_limit();

	pthread_mutex_lock(&pool_lock);
	at = pool_free;
	if (at) {
		pool_free = at->next_free;
	} else {
		at = calloc(1, sizeof(*at));
		if (at) {
			pthread_mutex_init(&at->lock, NULL);
			at->next = pool;
			pool = at;
		}
	}
	pthread_mutex_unlock(&pool_lock);
	return at;
}

static void before_fork(void)
{
	struct l4shmc_attachment *at;

	pthread_mutex_lock(&pool_lock);
	for (at = pool; at; at = at->next)
		pthread_mutex_lock(&at->lock);
}

static void after_fork(void)
{
	struct l4shmc_attachment *at;

	for (at = pool; at; at = at->next)
		pthread_mutex_unlock(&at->lock);
	pthread_mutex_unlock(&pool_lock);
}

static __attribute__((constructor)) void mind_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork);
}

static void put_attachment(struct l4shmc_attachment *at)
{
	pthread_mutex_lock(&pool_lock);
	at->next_free = pool_free;
	pool_free = at;
	pthread_mutex_unlock(&pool_lock);
}

static void *map_region(struct l4shmc_attachment const *at, __u64 offset, size_t size)
{
	int prot = at->observer ? PROT_READ : PROT_READ | PROT_WRITE;

	return mmap(NULL, size, prot, MAP_SHARED, at->fd, (off_t)offset);
}

static long map_regions(struct l4shmc_attachment *at)
{
	int saved = errno;
	void *data, *records;
	int err = 0;

	data = map_region(at, 0, at->size);
	if (data == MAP_FAILED) {
		err = errno;
		goto out;
	}
	records = map_region(at, L4SHMC_CONTROL_OFFSET, L4SHMC_CONTROL_SIZE);
	if (records == MAP_FAILED) {
		err = errno;
		munmap(data, at->size);
		goto out;
	}
	at->data = data;
	at->records = records;
out:
	errno = saved;
	return err ? l4shmc__error(err) : 0;
}

static long area_info(struct l4shmc_attachment const *at, struct l4shmc_ioc_area_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return l4shmc__command(at->fd, L4SHMC_IOC_AREA_INFO, info);
}

/* Makes @area stand for the attachment @fd, which is closed on failure. */
static long setup_area(int fd, l4shmc_area_t *area)
{
	struct l4shmc_attachment *at = get_attachment();
	struct l4shmc_ioc_area_info info;
	long ret = -L4_ENOMEM;

	if (!at)
		goto err_close;
	at->fd = fd;
	ret = area_info(at, &info);
	if (ret)
		goto err_put;
	/* Sizes are returned as long. */
	if (info.area_size > LONG_MAX) {
		ret = -L4_ENOMEM;
		goto err_put;
	}
	at->size = (size_t)info.area_size;
	at->client = info.client;
	at->area_id = info.id;
	at->observer = info.flags & L4SHMC_AREA_OBSERVER;
	ret = map_regions(at);
	if (ret)
		goto err_put;

	*area = (l4shmc_area_t){
		._magic = L4SHMC__AREA_MAGIC,
		._attachment = at,
		._generation = at->generation,
	};
	return 0;

err_put:
	put_attachment(at);
err_close:
	l4shmc__close(fd);
	return ret;
}

static long attach_ioctl(int fd, unsigned flags, __u64 timeout_ns, char const *name)
{
	struct l4shmc_ioc_attach req = {
		.size = sizeof(req),
		.flags = flags & L4SHMC_OBSERVER ? L4SHMC_ATTACH_OBSERVER : 0,
		.timeout_ns = timeout_ns,
	};
	long ret;

	if (flags & ~L4SHMC_OBSERVER)
		return -L4_EINVAL;
	/* A descriptor of the area needs no name. */
	ret = name ? l4shmc__name(req.name, name) : 0;
	return ret ? ret : l4shmc__ioctl(fd, L4SHMC_IOC_ATTACH, &req);
}

long l4shmc_attach_flags(char const *name, l4_umword_t timeout_ms, unsigned flags,
			 l4shmc_area_t *area)
{
	char checked[L4SHMC_NAME_SIZE];
	long ret;
	int dev;

	if (!area)
		return -L4_EINVAL;
	ret = l4shmc__name(checked, name);
	if (ret)
		return ret;
	dev = l4shmc__open_device(flags & L4SHMC_OBSERVER ? O_RDONLY : O_RDWR);
	if (dev < 0)
		return dev;
	ret = attach_ioctl(dev, flags, l4shmc__ms_to_ns(timeout_ms), checked);
	l4shmc__close(dev);
	return ret < 0 ? ret : setup_area((int)ret, area);
}

long l4shmc_attach(char const *name, l4shmc_area_t *area)
{
	return l4shmc_attach_flags(name, 0, 0, area);
}

long l4shmc_attach_to(char const *name, l4_umword_t timeout_ms, l4shmc_area_t *area)
{
	return l4shmc_attach_flags(name, timeout_ms, 0, area);
}

long l4shmc_attach_handle(int handle, unsigned flags, l4shmc_area_t *area)
{
	int saved = errno;
	int open;
	long ret;

	if (!area)
		return -L4_EINVAL;
	open = fcntl(handle, F_GETFD);
	errno = saved;
	if (open < 0)
		return -L4_EINVAL;
	ret = attach_ioctl(handle, flags, 0, NULL);
	return ret < 0 ? ret : setup_area((int)ret, area);
}

static void free_names(struct l4shmc_attachment *at)
{
	unsigned i;

	for (i = 0; i < at->nr_names; i++)
		free(at->names[i]);
	free(at->names);
	at->names = NULL;
	at->nr_names = 0;
}

long l4shmc_detach(l4shmc_area_t *area)
{
	struct l4shmc_attachment *at;
	l4_umword_t generation;

	if (!l4shmc__area_ok(area))
		return -L4_EINVAL;
	at = area->_attachment;
	generation = area->_generation;
	/* Of several copies of the descriptor only one can end the attachment. */
	if (!__atomic_compare_exchange_n(&at->generation, &generation, generation + 1, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return -L4_EINVAL;
	memset(area, 0, sizeof(*area));

	l4shmc__free_events(at);
	free_names(at);
	munmap(at->records, L4SHMC_CONTROL_SIZE);
	munmap(at->data, at->size);
	l4shmc__close(at->fd);
	put_attachment(at);
	return 0;
}

int l4shmc_area_fd(l4shmc_area_t const *area)
{
	return l4shmc__area_ok(area) ? area->_attachment->fd : -L4_EINVAL;
}

void *l4shmc_area_ptr(l4shmc_area_t const *area)
{
	return l4shmc__area_ok(area) ? area->_attachment->data : NULL;
}

long l4shmc_area_size(l4shmc_area_t const *area)
{
	return l4shmc__area_ok(area) ? (long)area->_attachment->size : -L4_EINVAL;
}

long l4shmc_area_size_free(l4shmc_area_t const *area)
{
	struct l4shmc_ioc_area_info info;
	long ret;

	if (!l4shmc__area_ok(area))
		return -L4_EINVAL;
	ret = area_info(area->_attachment, &info);
	if (ret)
		return ret;
	if (info.area_free > area->_attachment->size)
		return -L4_EIO;
	return (long)info.area_free + l4shmc_chunk_overhead();
}

/* Names, states and the like are not in the data region. */
long l4shmc_area_overhead(void)
{
	return 0;
}

long l4shmc_chunk_overhead(void)
{
	return 0;
}

/* Clients */

long l4shmc_get_client_nr(l4shmc_area_t const *area)
{
	if (!l4shmc__area_ok(area) || area->_attachment->observer)
		return -L4_EINVAL;
	return (long)area->_attachment->client;
}

long l4shmc_mark_client_initialized(l4shmc_area_t *area)
{
	if (!l4shmc__area_ok(area))
		return -L4_EINVAL;
	return l4shmc__command(area->_attachment->fd, L4SHMC_IOC_CLIENT_INIT, NULL);
}

long l4shmc_get_initialized_clients(l4shmc_area_t *area, l4_umword_t *mask)
{
	struct l4shmc_ioc_area_info info;
	long ret;

	if (!l4shmc__area_ok(area) || !mask)
		return -L4_EINVAL;
	ret = area_info(area->_attachment, &info);
	if (!ret)
		*mask = (l4_umword_t)info.initialized;
	return ret;
}

/* Waits on an observer's signal, and looks at the mask after each event. */
static long wait_mask(l4shmc_area_t *area, l4shmc_signal_t *signal, l4_umword_t mask,
		      __u64 timeout_ns)
{
	__u64 end;
	struct l4shmc_ioc_wait req = { .size = sizeof(req) };
	l4_umword_t now_set;
	__u64 now;
	long ret;

	if (__builtin_add_overflow(l4shmc__now_ns(), timeout_ns, &end))
		timeout_ns = L4SHMC_TIMEOUT_NEVER;
	for (;;) {
		ret = l4shmc_get_initialized_clients(area, &now_set);
		if (ret || (now_set & mask) == mask)
			return ret;
		now = l4shmc__now_ns();
		req.timeout_ns = L4SHMC_TIMEOUT_NEVER;
		if (timeout_ns != L4SHMC_TIMEOUT_NEVER)
			req.timeout_ns = end > now ? end - now : 0;
		ret = l4shmc__command(l4shmc_signal_fd(signal), L4SHMC_IOC_WAIT, &req);
		if (ret)
			return ret;
	}
}

long l4shmc_wait_clients(l4shmc_area_t *area, l4_umword_t mask, l4_umword_t timeout_ms)
{
	l4shmc_signal_t signal;
	l4shmc_area_t observer;
	l4_umword_t now_set;
	long ret;

	ret = l4shmc_get_initialized_clients(area, &now_set);
	if (ret || (now_set & mask) == mask)
		return ret;
	if (!timeout_ms)
		return L4SHMC__ERR_TIMEOUT;

	/* A signal of one's own, so as not to take the events of others. */
	ret = l4shmc_attach_handle(area->_attachment->fd, L4SHMC_OBSERVER, &observer);
	if (ret)
		return ret;
	ret = l4shmc_get_clients_signal(&observer, &signal);
	if (!ret)
		ret = wait_mask(area, &signal, mask, l4shmc__ms_to_ns(timeout_ms));
	l4shmc_detach(&observer);
	return ret;
}
