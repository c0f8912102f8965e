/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * DOC: l4/sys/compiler.h
 *
 * L4Re's names for what compilers offer.
 *
 * Unless its own comment says otherwise a function of <l4/sys/...>,
 * <l4/util/...>, <l4/re/...> and <pthread-l4.h> may be called from any thread.
 */
#ifndef _L4_SYS_COMPILER_H
#define _L4_SYS_COMPILER_H

/* Calling convention of the API: the usual one. */
#define L4_CV

#define L4_INLINE static __inline__

/* Stands behind the declarator, of declarations only. */
#if !defined(__cplusplus)
#define L4_NOTHROW __attribute__((__nothrow__))
#elif __cplusplus >= 201103L
#define L4_NOTHROW noexcept
#else
#define L4_NOTHROW throw()
#endif

#define L4_LIKELY(x) __builtin_expect(!!(x), 1)
#define L4_UNLIKELY(x) __builtin_expect(!!(x), 0)

#endif /* _L4_SYS_COMPILER_H */
