// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the library has no call for, asked of the driver itself
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <l4/sys/err.h>

#include "tool.h"

/* Returns a file descriptor or a negative L4 error code. */
static long device_open(int flags)
{
	int fd = open(DEVICE_PATH, flags | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return -L4_ENODEV;
	case EACCES:
		return -L4_EPERM;
	default:
		return -L4_EIO;
	}
}

/* Returns what the command returns; errno and L4 codes have the same numbers. */
static long device_ioctl(int flags, unsigned long command, void *arg)
{
	long fd = device_open(flags);
	long ret;

	if (fd < 0)
		return fd;
	ret = ioctl((int)fd, command, arg);
	if (ret < 0)
		ret = -errno;
	close((int)fd);
	return ret;
}

/**
 * device_create_persistent() - make an area that stays
 * @spec: the area
 *
 * Return: 0 or a negative L4 error code.
 */
long device_create_persistent(const struct area_spec *spec)
{
	struct l4shmc_ioc_create create = {
		.size = sizeof(create),
		.flags = L4SHMC_CREATE_PERSISTENT,
		.area_size = spec->size,
		.mode = spec->mode,
		.uid = spec->uid,
		.gid = spec->gid,
	};
	long handle;

	if (strlen(spec->name) >= sizeof(create.name))
		return -L4_ENAMETOOLONG;
	memcpy(create.name, spec->name, strlen(spec->name));
	handle = device_ioctl(O_WRONLY, L4SHMC_IOC_CREATE, &create);
	if (handle < 0)
		return handle;
	close((int)handle);
	return 0;
}

/**
 * device_info() - ask the driver what it can do
 * @info: filled in
 *
 * Return: 0 or a negative L4 error code.
 */
long device_info(struct l4shmc_ioc_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return device_ioctl(O_RDONLY, L4SHMC_IOC_INFO, info);
}
