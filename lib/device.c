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

#include <l4/util/util.h>

#include "parse.h"
#include "provision.h"

/* How often to look whether a name is an area's, which comes and goes. */
#define FIND_TRIES 1000

/**
 * struct kept_area - an area that lives because this process wanted it to be there
 * @next: in the list of all
 * @fd: a handle or, if @found, an observer's attachment
 * @found: somebody else has made it
 * @name: name of the area
 */
struct kept_area {
	struct kept_area *next;
	int fd;
	bool found;
	char name[L4SHMC_NAME_SIZE];
};

static struct kept_area *kept;
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
	/* As mmap() says it of what would have to be locked. */
	case EAGAIN:
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
static struct kept_area **find_kept(char const *name)
{
	struct kept_area **link = &kept;

	while (*link && strcmp((*link)->name, name) != 0)
		link = &(*link)->next;
	return link;
}

static long kept_info(int fd, struct l4shmc_ioc_area_info *info)
{
	*info = (struct l4shmc_ioc_area_info){ .size = sizeof(*info) };
	return l4shmc__command(fd, L4SHMC_IOC_AREA_INFO, info);
}

static bool is_same_area(int a, int b)
{
	struct l4shmc_ioc_area_info x, y;

	return !kept_info(a, &x) && !kept_info(b, &y) && x.id == y.id;
}

/*
 * Keeps the area @name by @fd, in place of one that has lost the name; what is
 * kept already is left.  Takes @fd over.
 */
static long keep_area(char const *name, int fd, bool found)
{
	struct kept_area *entry = malloc(sizeof(*entry));
	struct kept_area **link, *old;

	if (!entry) {
		l4shmc__close(fd);
		return -L4_ENOMEM;
	}
	*entry = (struct kept_area){ .fd = fd, .found = found };
	strcpy(entry->name, name);

	pthread_mutex_lock(&kept_lock);
	link = find_kept(name);
	old = *link;
	if (old && is_same_area(old->fd, fd)) {
		old = entry;
	} else {
		entry->next = old ? old->next : NULL;
		*link = entry;
	}
	pthread_mutex_unlock(&kept_lock);
	if (old) {
		l4shmc__close(old->fd);
		free(old);
	}
	return 0;
}

/*
 * Sets @fd to an observer's attachment to the area of that name, or to why there is
 * none.  Fails if the device cannot be opened, which says nothing of the area.
 */
static int observe(char const *name, int *fd)
{
	struct l4shmc_ioc_attach req = { .size = sizeof(req), .flags = L4SHMC_ATTACH_OBSERVER };
	int dev = l4shmc__open_device(O_RDONLY);

	if (dev < 0)
		return dev;
	strcpy(req.name, name);
	*fd = (int)l4shmc__ioctl(dev, L4SHMC_IOC_ATTACH, &req);
	l4shmc__close(dev);
	return 0;
}

/*
 * Somebody else has made the area: keeps it as if it had been made here, if that is
 * allowed.  -L4_ENOENT if it is gone again.
 */
static long keep_found(char const *name)
{
	struct l4shmc_ioc_area_info info;
	int fd, ret = observe(name, &fd);

	if (ret)
		return ret;
	if (fd < 0)
		return fd == -L4_EPERM ? 0 : fd;
	if (!kept_info(fd, &info) && info.flags & L4SHMC_AREA_PERSISTENT) {
		l4shmc__close(fd);
		return 0;
	}
	return keep_area(name, fd, true);
}

/* What @make returns, or 0 if the area is there: then that is kept. */
static long make_or_find(long (*make)(struct l4shmc_ioc_create *req),
			 struct l4shmc_ioc_create *req)
{
	long ret = -L4_ENOENT;
	int i;

	for (i = 0; i < FIND_TRIES && ret == -L4_ENOENT; i++) {
		if (i)
			l4_usleep(1000);
		ret = make(req);
		if (ret != -L4_EEXIST)
			return ret;
		ret = keep_found(req->name);
	}
	return ret == -L4_ENOENT ? -L4_EAGAIN : ret;
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
	int fd = make_handle(req);

	if (fd < 0)
		return fd;
	if (req->flags & L4SHMC_CREATE_PERSISTENT) {
		l4shmc__close(fd);
		return 0;
	}
	return keep_area(req->name, fd, false);
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
	return flags & L4SHMC_EXCLUSIVE ? make_area(&req) : make_or_find(make_area, &req);
}

static bool area_exists(char const *name)
{
	int fd;

	if (observe(name, &fd))
		return false;
	if (fd >= 0)
		l4shmc__close(fd);
	return fd >= 0 || fd == -L4_EPERM;
}

/* The area as the configuration tells. */
static long configured_request(struct l4shmc_ioc_create *req, char const *name)
{
	struct l4shmc_area_line line;
	long ret;

	ret = init_request(req, name, 0, 0, 0);
	if (!ret)
		ret = l4shmc__provision_look_up(name, &line);
	if (ret)
		return ret;
	req->flags = line.persistent ? L4SHMC_CREATE_PERSISTENT : 0;
	req->area_size = line.size;
	req->mode = line.mode;
	req->uid = line.uid;
	req->gid = line.gid;
	return 0;
}

/*
 * -L4_EEXIST if the area is there, although the driver looks first at whom it is to
 * belong to, and at the memory of which another one just now has what is left.
 */
static long make_configured(struct l4shmc_ioc_create *req)
{
	long ret = make_area(req);

	if ((ret == -L4_EPERM || ret == -L4_ENOMEM) && area_exists(req->name))
		return -L4_EEXIST;
	return ret;
}

long l4shmc_create(char const *name)
{
	struct l4shmc_ioc_create req;
	long ret = configured_request(&req, name);

	return ret ? ret : make_or_find(make_configured, &req);
}

long l4shmc_create_sized(char const *name, l4_umword_t size)
{
	struct l4shmc_ioc_create req;
	long ret = configured_request(&req, name);

	req.area_size = size;
	return ret ? ret : make_configured(&req);
}

/* kept_lock is held. */
static void drop_kept(struct kept_area **link)
{
	struct kept_area *entry = *link;

	*link = entry->next;
	l4shmc__close(entry->fd);
	free(entry);
}

/*
 * Through the handle, so that an area that somebody else has made under the
 * same name since then is not meant.  kept_lock is held.
 */
static long destroy_kept(struct kept_area **link)
{
	struct l4shmc_ioc_unlink req = { .size = sizeof(req) };
	long ret;

	ret = l4shmc__command((*link)->fd, L4SHMC_IOC_UNLINK, &req);
	/* Somebody was faster: the area has no name, which is what is wanted. */
	if (ret && ret != -L4_ENOENT)
		return ret;
	drop_kept(link);
	return 0;
}

static long destroy_named(struct l4shmc_ioc_unlink *req)
{
	int dev = l4shmc__open_device(O_RDWR);
	long ret;

	if (dev < 0)
		return dev;
	ret = l4shmc__command(dev, L4SHMC_IOC_UNLINK, req);
	l4shmc__close(dev);
	return ret;
}

long l4shmc_destroy(char const *name)
{
	struct l4shmc_ioc_unlink req = { .size = sizeof(req) };
	struct kept_area **link;
	long ret;

	ret = l4shmc__name(req.name, name);
	if (ret)
		return ret;

	pthread_mutex_lock(&kept_lock);
	link = find_kept(name);
	if (*link && !(*link)->found) {
		ret = destroy_kept(link);
	} else {
		ret = destroy_named(&req);
		if (!ret && *link)
			drop_kept(link);
	}
	pthread_mutex_unlock(&kept_lock);
	return ret;
}

char const *l4shmc_version(void)
{
	return PACKAGE_VERSION;
}
