// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The device: areas are made and lose their names here, and all system calls
 * on the driver's file descriptors go through one function.
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What l4shmc_create() makes until told otherwise. */
#define DEFAULT_SIZE (1UL << 20)
#define DEFAULT_MODE 0600

/* Areas that live because this process has made them. */
struct kept_handle {
	struct kept_handle *next;
	int fd;
	char name[L4SHMC_NAME_SIZE];
};

static struct kept_handle *kept;
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;

long l4shmc__error(int err)
{
	switch (err) {
	case EPERM:
	case EACCES:
	case EBADF:
		return -L4_EPERM;
	case ENOMEM:
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

long l4shmc__ioctl(int fd, unsigned long cmd, void *arg)
{
	int saved = errno;
	long ret;

	do {
		ret = ioctl(fd, cmd, arg);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		ret = l4shmc__error(errno);
	errno = saved;
	return ret;
}

long l4shmc__command(int fd, unsigned long cmd, void *arg)
{
	long ret = l4shmc__ioctl(fd, cmd, arg);

	return ret > 0 ? -L4_EIO : ret;
}

long l4shmc__name(char dst[L4SHMC_NAME_SIZE], char const *name)
{
	size_t len;

	/* The driver's own signals have a function, and areas no empty name. */
	if (!name || !*name || *name == '@')
		return -L4_EINVAL;
	len = strnlen(name, L4SHMC_NAME_SIZE);
	if (len == L4SHMC_NAME_SIZE)
		return -L4_ENAMETOOLONG;
	memset(dst, 0, L4SHMC_NAME_SIZE);
	memcpy(dst, name, len);
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

int l4shmc_create_handle(char const *name, l4_umword_t size, unsigned mode, unsigned flags)
{
	struct l4shmc_ioc_create req = {
		.size = sizeof(req),
		.flags = flags & L4SHMC_PERSISTENT ? L4SHMC_CREATE_PERSISTENT : 0,
		.area_size = size,
		.mode = mode,
		.uid = ~(__u32)0,
		.gid = ~(__u32)0,
	};
	long ret;
	int dev;

	if (flags & ~L4SHMC_PERSISTENT)
		return -L4_EINVAL;
	ret = l4shmc__name(req.name, name);
	if (ret)
		return (int)ret;
	dev = l4shmc__open_device(O_RDWR);
	if (dev < 0)
		return dev;
	ret = l4shmc__ioctl(dev, L4SHMC_IOC_CREATE, &req);
	l4shmc__close(dev);
	return (int)ret;
}

long l4shmc_create_area(char const *name, l4_umword_t size, unsigned mode, unsigned flags)
{
	struct kept_handle *entry;
	int fd;

	if (flags & ~(L4SHMC_PERSISTENT | L4SHMC_EXCLUSIVE))
		return -L4_EINVAL;
	entry = malloc(sizeof(*entry));
	if (!entry)
		return -L4_ENOMEM;
	fd = l4shmc_create_handle(name, size, mode, flags & L4SHMC_PERSISTENT);
	if (fd < 0) {
		free(entry);
		return fd == -L4_EEXIST && !(flags & L4SHMC_EXCLUSIVE) ? 0 : fd;
	}
	if (flags & L4SHMC_PERSISTENT) {
		l4shmc__close(fd);
		free(entry);
		return 0;
	}
	entry->fd = fd;
	strcpy(entry->name, name);
	keep_handle(entry);
	return 0;
}

long l4shmc_create(char const *name)
{
	return l4shmc_create_area(name, DEFAULT_SIZE, DEFAULT_MODE, 0);
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
