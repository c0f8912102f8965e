/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _L4SHMC_RELAX_H
#define _L4SHMC_RELAX_H

/* Between two looks at memory that another CPU is going to change */
static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
	__asm__ volatile("yield" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

#endif /* _L4SHMC_RELAX_H */
