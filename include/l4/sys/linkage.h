/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* C linkage for declarations, in the spellings that are in use. */
#ifndef _L4_SYS_LINKAGE_H
#define _L4_SYS_LINKAGE_H

#ifdef __cplusplus
#define L4_BEGIN_DECLS extern "C" {
#define L4_END_DECLS }
#else
#define L4_BEGIN_DECLS
#define L4_END_DECLS
#endif

#define EXTERN_C_BEGIN L4_BEGIN_DECLS
#define EXTERN_C_END L4_END_DECLS

/* The C library may have these two; the expansion is the same. */
#ifndef __BEGIN_DECLS
#ifdef __cplusplus
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS }
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif
#endif

#endif /* _L4_SYS_LINKAGE_H */
