/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a command gets its struct. In a header, so that for the commands of
 * every wait the compiler knows all that is constant.
 */
#ifndef _L4SHMC_RUN_H
#define _L4SHMC_RUN_H

#include <linux/fault-inject-usercopy.h>
#include <linux/uaccess.h>

#include "l4shmc.h"

/* Room for the struct of any command: of any size that &l4shmc_cmd.size can tell. */
union l4shmc_arg {
	__u32 size;
	u64 words[32];
};

/* No struct will ever be larger. */
#define L4SHMC_MAX_ARG 4096

/* All structs are made of words. */
static __always_inline int l4shmc_copy_in(union l4shmc_arg *arg, const void __user *uarg,
					  size_t size)
{
	const u64 __user *from = uarg;
	u64 *to = arg->words;
	size_t i;

	if (should_fail_usercopy() || !user_read_access_begin(from, size))
		return -EFAULT;
	for (i = 0; i < size / sizeof(u64); i++)
		unsafe_get_user(to[i], &from[i], fault);
	user_read_access_end();
	return 0;

fault:
	user_read_access_end();
	return -EFAULT;
}

/* main.c */
int l4shmc_copy_in_other(union l4shmc_arg *arg, const struct l4shmc_cmd *cmd,
			 const void __user *uarg, u32 size);

/* Do the command @cmd, whose struct is at @user. */
static __always_inline long l4shmc_run(struct file *file, const struct l4shmc_cmd *cmd,
				       unsigned long user)
{
	/* As much of it as is used is filled in. */
	union l4shmc_arg arg __uninitialized;
	void __user *uarg = (void __user *)user;
	const u32 first = _IOC_SIZE(cmd->cmd);
	bool copy;
	u32 size;
	long ret;

	if (!cmd->size)
		return cmd->run(file, NULL);
	if (l4shmc_copy_in(&arg, uarg, first))
		return -EFAULT;
	size = arg.size;
	if (unlikely(size != first || first != cmd->size)) {
		ret = l4shmc_copy_in_other(&arg, cmd, uarg, size);
		if (ret)
			return ret;
	}

	ret = cmd->run(file, &arg);

	copy = (cmd->out == L4SHMC_OUT_RESULT && ret >= 0) ||
	       (cmd->out == L4SHMC_OUT_REST && ret == -ERESTARTSYS);
	if (unlikely(copy) && copy_to_user(uarg, &arg, min_t(u32, size, cmd->size)))
		return -EFAULT;
	return ret;
}

#endif /* _L4SHMC_RUN_H */
