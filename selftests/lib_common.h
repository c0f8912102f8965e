/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the library share: an area with a client, and a process
 * that must not make a system call.
 */
#ifndef L4SHMC_SELFTESTS_LIB_COMMON_H
#define L4SHMC_SELFTESTS_LIB_COMMON_H

#include "common.h"

#include <l4/shmc/linux.h>
#include <l4/shmc/shmc.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#define TIMED_OUT (-2003L)

/* A user of an attached area, and names for others */
struct lib_area {
	char name[L4SHMC_NAME_SIZE];
	char other[L4SHMC_NAME_SIZE];
	l4shmc_area_t area;
};

static inline bool make_lib_area(struct __test_metadata *_metadata, struct lib_area *lib,
				 l4_umword_t size)
{
	long ret;

	unique_name(lib->name, "lib");
	unique_name(lib->other, "other");
	ret = l4shmc_create_area(lib->name, size, 0600, L4SHMC_EXCLUSIVE);
	if (ret == -L4_ENODEV)
		SKIP(return false, "no " DEVICE ": load the module");
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, l4shmc_attach(lib->name, &lib->area));
	return true;
}

static inline void drop_lib_area(struct lib_area *lib)
{
	l4shmc_destroy(lib->other);
	l4shmc_destroy(lib->name);
	l4shmc_detach(&lib->area);
}

static inline int install_filter(struct sock_filter *filter, unsigned short len)
{
	struct sock_fprog program = { .len = len, .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) ? -errno : 0;
}

/* From now on any system call but exit_group() kills the process with SIGSYS. */
static inline int forbid_system_calls(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};

	return install_filter(filter, ARRAY_SIZE(filter));
}

#endif /* L4SHMC_SELFTESTS_LIB_COMMON_H */
