// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The device: areas are made and lose their names here, and errors of system
 * calls become L4's.
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parse.h"
#include "provision.h"

/* Areas that live because this process has made them. */
struct kept_handle {
	struct kept_handle *next;
	int fd;
	char name[L4SHMC_NAME_SIZE];
};

static struct kept_handle *kept;
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;

static void before_fork(void)
{
	pthread_mutex_lock(&kept_lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&kept_lock);
}

static __attribute__((constructor)) void mind_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork);
}

long l4shmc__error(int err)
{
	switch (err) {
	case EPERM:
	case EACCES:
	case EBADF:
		return -L4_EPERM;
	case ENOMEM:
	case EDQUOT:
	case EMFILE:
	case ENFILE:
		return -L4_ENOMEM;
	case EINVAL:
	/* A descriptor of something else. */
	case ENOTTY:
		return -L4_EINVAL;
	case ETIMEDOUT:
		return L4SHMC__ERR_TIMEOUT;
	case ENOENT:
		return -L4_ENOENT;
	case E2BIG:
		return -L4_E2BIG;
	case EFAULT:
		return -L4_EFAULT;
	case EBUSY:
		return -L4_EBUSY;
	case EEXIST:
		return -L4_EEXIST;
	case ENODEV:
		return -L4_ENODEV;
	case ENOSPC:
		return -L4_ENOSPC;
	case ENAMETOOLONG:
		return -L4_ENAMETOOLONG;
	default:
		return -L4_EIO;
	}
}

long l4shmc__name(char dst[L4SHMC_NAME_SIZE], char const *name)
{
	long ret = name ? l4shmc__check_name(name) : -L4_EINVAL;

	if (ret)
		return ret;
	memset(dst, 0, L4SHMC_NAME_SIZE);
	strcpy(dst, name);
	return 0;
}

int l4shmc__open_device(int flags)
{
	int saved = errno;
	int fd, err;

	do {
		fd = open("/dev/l4shmc", flags | O_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	err = errno;
	errno = saved;
	if (fd >= 0)
		return fd;
	if (err == ENOENT || err == ENOTDIR || err == ENXIO)
		return -L4_ENODEV;
	return (int)l4shmc__error(err);
}

void l4shmc__close(int fd)
{
	int saved = errno;

	/* Linux closes it whatever the result. */
	close(fd);
	errno = saved;
}

/* Entry of that name in the list, or its end.  kept_lock is held. */
static struct kept_handle **find_kept(char const *name)
{
	struct kept_handle **link = &kept;

	while (*link && strcmp((*link)->name, name) != 0)
		link = &(*link)->next;
	return link;
}

/* Keeps @entry in place of one whose area has lost the name. */
static void keep_handle(struct kept_handle *entry)
{
	struct kept_handle **link, *old;

	pthread_mutex_lock(&kept_lock);
	link = find_kept(entry->name);
	old = *link;
	entry->next = old ? old->next : NULL;
	*link = entry;
	pthread_mutex_unlock(&kept_lock);
	if (old) {
		l4shmc__close(old->fd);
		free(old);
	}
}

/* Returns a handle of the new area. */
static int make_handle(struct l4shmc_ioc_create *req)
{
	int dev = l4shmc__open_device(O_RDWR);
	int ret;

	if (dev < 0)
		return dev;
	ret = (int)l4shmc__ioctl(dev, L4SHMC_IOC_CREATE, req);
	l4shmc__close(dev);
	return ret;
}

static long init_request(struct l4shmc_ioc_create *req, char const *name, l4_umword_t size,
			 unsigned mode, unsigned flags)
{
	req->size = sizeof(*req);
	req->flags = flags & L4SHMC_PERSISTENT ? L4SHMC_CREATE_PERSISTENT : 0;
	req->area_size = size;
	req->mode = mode;
	req->uid = L4SHMC_ID_NONE;
	req->gid = L4SHMC_ID_NONE;
	req->reserved = 0;
	return l4shmc__name(req->name, name);
}

int l4shmc_create_handle(char const *name, l4_umword_t size, unsigned mode, unsigned flags)
{
	struct l4shmc_ioc_create req;
	long ret;

	if (flags & ~L4SHMC_PERSISTENT)
		return -L4_EINVAL;
	ret = init_request(&req, name, size, mode, flags);
	return ret ? (int)ret : make_handle(&req);
}

/* Makes an area that lives as long as the process, or is persistent. */
static long make_area(struct l4shmc_ioc_create *req)
{
	struct kept_handle *entry = malloc(sizeof(*entry));
	int fd;

	if (!entry)
		return -L4_ENOMEM;
	fd = make_handle(req);
	if (fd < 0) {
		free(entry);
		return fd;
	}
	if (req->flags & L4SHMC_CREATE_PERSISTENT) {
		l4shmc__close(fd);
		free(entry);
		return 0;
	}
	entry->fd = fd;
	strcpy(entry->name, req->name);
	keep_handle(entry);
	return 0;
}

long l4shmc_create_area(char const *name, l4_umword_t size, unsigned mode, unsigned flags)
{
	struct l4shmc_ioc_create req;
	long ret;

	if (flags & ~(L4SHMC_PERSISTENT | L4SHMC_EXCLUSIVE))
		return -L4_EINVAL;
	ret = init_request(&req, name, size, mode, flags);
	if (ret)
		return ret;
	ret = make_area(&req);
	return ret == -L4_EEXIST && !(flags & L4SHMC_EXCLUSIVE) ? 0 : ret;
}

static bool area_exists(char const *name)
{
	l4shmc_area_t area;
	long ret = l4shmc_attach_flags(name, 0, L4SHMC_OBSERVER, &area);

	if (!ret)
		l4shmc_detach(&area);
	return !ret || ret == -L4_EPERM;
}

/*
 * Makes an area as the configuration tells, but of another size if @size is
 * not NULL.  -L4_EEXIST if it is there.
 */
static long make_configured(char const *name, l4_umword_t const *size)
{
	struct l4shmc_area_line line;
	struct l4shmc_ioc_create req;
	long ret;

	ret = init_request(&req, name, 0, 0, 0);
	if (!ret)
		ret = l4shmc__provision_look_up(name, &line);
	if (ret)
		return ret;
	req.flags = line.persistent ? L4SHMC_CREATE_PERSISTENT : 0;
	req.area_size = size ? *size : line.size;
	req.mode = line.mode;
	req.uid = line.uid;
	req.gid = line.gid;
	ret = make_area(&req);
	/* The driver looks at the owner first.  To be there is enough all the same. */
	if (ret == -L4_EPERM && area_exists(name))
		return -L4_EEXIST;
	return ret;
}

long l4shmc_create(char const *name)
{
	long ret = make_configured(name, NULL);

	return ret == -L4_EEXIST ? 0 : ret;
}

long l4shmc_create_sized(char const *name, l4_umword_t size)
{
	return make_configured(name, &size);
}

/*
 * Through the handle, so that an area that somebody else has made under the
 * same name since then is not meant.  kept_lock is held.
 */
static long destroy_kept(struct kept_handle **link)
{
	struct l4shmc_ioc_unlink req = { .size = sizeof(req) };
	struct kept_handle *entry = *link;
	long ret;

	ret = l4shmc__command(entry->fd, L4SHMC_IOC_UNLINK, &req);
	/* Somebody was faster: the area has no name, which is what is wanted. */
	if (ret && ret != -L4_ENOENT)
		return ret;
	*link = entry->next;
	l4shmc__close(entry->fd);
	free(entry);
	return 0;
}

long l4shmc_destroy(char const *name)
{
	struct l4shmc_ioc_unlink req = { .size = sizeof(req) };
	struct kept_handle **link;
	long ret;
	int dev;

	ret = l4shmc__name(req.name, name);
	if (ret)
		return ret;

	pthread_mutex_lock(&kept_lock);
	link = find_kept(name);
	if (*link) {
		ret = destroy_kept(link);
		pthread_mutex_unlock(&kept_lock);
		return ret;
	}
	pthread_mutex_unlock(&kept_lock);

	dev = l4shmc__open_device(O_RDWR);
	if (dev < 0)
		return dev;
	ret = l4shmc__command(dev, L4SHMC_IOC_UNLINK, &req);
	l4shmc__close(dev);
	return ret;
}

char const *l4shmc_version(void)
{
	return PACKAGE_VERSION;
}
