/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ioctl() without errno.  The C library's would have it saved and restored
 * around every call, and its address be asked for: a quarter of what a trigger
 * that wakes somebody costs in user space.
 */
#ifndef _L4SHMC_SYSCALL_H
#define _L4SHMC_SYSCALL_H

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

/* The result, or -errno; errno itself stays as it is. */
static inline long l4shmc__sys_ioctl(int fd, unsigned long cmd, void *arg)
{
#if defined(__x86_64__) && !defined(__ILP32__)
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"((long)SYS_ioctl), "D"((long)fd), "S"(cmd), "d"(arg)
			 : "rcx", "r11", "memory");
	return ret;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = SYS_ioctl;
	register long x0 __asm__("x0") = fd;
	register unsigned long x1 __asm__("x1") = cmd;
	register void *x2 __asm__("x2") = arg;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
#else
	int saved = errno;
	long ret = ioctl(fd, cmd, arg);

	if (ret < 0)
		ret = -errno;
	errno = saved;
	return ret;
#endif
}

#endif
