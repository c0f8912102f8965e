/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CPUs, and which of them a thread runs on. */
#ifndef _L4_SYS_SCHEDULER_H
#define _L4_SYS_SCHEDULER_H

#include <l4/sys/ipc.h>
#include <l4/sys/linkage.h>

#ifdef __cplusplus
#define __L4_DEFAULT_PARAM(value) = value
#else
#define __L4_DEFAULT_PARAM(value)
#endif

/**
 * struct l4_sched_cpu_set_t - some CPUs
 * @gran_offset: bits 0 to 23: number of the first CPU; from bit 24 on the
 *	granularity, log2 of how many CPUs a bit of @map stands for
 * @map: bit i is set: the CPUs from the first one plus i * 2^granularity on
 */
typedef struct l4_sched_cpu_set_t {
	l4_umword_t gran_offset;
	l4_umword_t map;
} l4_sched_cpu_set_t;

/**
 * struct l4_sched_param_t - how a thread is to run
 * @affinity: the CPUs it may run on
 * @prio: not used
 * @quantum: not used
 */
typedef struct l4_sched_param_t {
	l4_sched_cpu_set_t affinity;
	l4_umword_t prio;
	l4_umword_t quantum;
} l4_sched_param_t;

/* A set of CPUs from its parts. */
L4_INLINE l4_sched_cpu_set_t l4_sched_cpu_set(l4_umword_t offset, unsigned char granularity,
					      l4_umword_t map __L4_DEFAULT_PARAM(1))
{
	l4_sched_cpu_set_t set;

	set.gran_offset = (l4_umword_t)granularity << 24 | (offset & 0xffffff);
	set.map = map;
	return set;
}

/* Parameters for all CPUs. */
L4_INLINE l4_sched_param_t l4_sched_param(unsigned prio, l4_umword_t quantum __L4_DEFAULT_PARAM(0))
{
	l4_sched_param_t param;

	param.affinity = l4_sched_cpu_set(0, 255, 1);
	param.prio = prio;
	param.quantum = quantum;
	return param;
}

L4_BEGIN_DECLS

/**
 * l4_scheduler_info() - which CPUs there are
 * @scheduler: not used
 * @cpu_max: filled in: number of CPUs that the system can have; may be null
 * @cpus: the first CPU and the granularity; its map is filled in: bit i is
 *	set if one of the CPUs that it stands for is online
 *
 * Return: for l4_error(): 0; -L4_EINVAL if @cpus is null; -L4_ERANGE if its
 * first CPU is beyond what the system can have.
 */
L4_CV l4_msgtag_t l4_scheduler_info(l4_cap_idx_t scheduler, l4_umword_t *cpu_max,
				    l4_sched_cpu_set_t *cpus) L4_NOTHROW;

/**
 * l4_scheduler_is_online() - can this CPU run threads
 * @scheduler: not used
 * @cpu: number of the CPU
 *
 * Return: 1 or 0.
 */
L4_CV int l4_scheduler_is_online(l4_cap_idx_t scheduler, l4_umword_t cpu) L4_NOTHROW;

/**
 * l4_scheduler_run_thread() - choose the CPUs of a thread
 * @scheduler: not used
 * @thread: a thread of this process
 * @sp: affinity counts
 *
 * Return: for l4_error(): 0; -L4_EINVAL if @thread is not a thread or @sp has
 * no CPU that is online.
 */
L4_CV l4_msgtag_t l4_scheduler_run_thread(l4_cap_idx_t scheduler, l4_cap_idx_t thread,
					  l4_sched_param_t const *sp) L4_NOTHROW;

L4_END_DECLS

#endif /* _L4_SYS_SCHEDULER_H */
