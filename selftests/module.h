/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests that load and unload the module. */
#ifndef L4SHMC_SELFTESTS_MODULE_H
#define L4SHMC_SELFTESTS_MODULE_H

#include "common.h"

#include <sys/utsname.h>

#define MODULE "l4shmc"

/* Where the module may be, beside what L4SHMC_MODULE says */
static const char *const module_paths[] = {
	"/vm/" MODULE ".ko",
	"/lib/modules/%s/updates/dkms/" MODULE ".ko",
	"/lib/modules/%s/updates/" MODULE ".ko",
	"/lib/modules/%s/extra/" MODULE ".ko",
};

static inline bool find_module(char *path, size_t size)
{
	const char *told = getenv("L4SHMC_MODULE");
	struct utsname uts;

	uname(&uts);
	if (told) {
		snprintf(path, size, "%s", told);
		return access(path, R_OK) == 0;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(module_paths); i++) {
		snprintf(path, size, module_paths[i], uts.release);
		if (access(path, R_OK) == 0)
			return true;
	}
	return false;
}

static inline int load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return err;
}

static inline int unload_module(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? -errno : 0;
}

/* The node comes a little later than the module. */
static inline int open_device(void)
{
	int fd = -ENOENT;

	WAIT_UNTIL((fd = device_open(O_RDWR)) >= 0);
	return fd;
}

#endif /* L4SHMC_SELFTESTS_MODULE_H */
