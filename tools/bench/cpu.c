// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the two sides of a run are
 */
#include <errno.h>
#include <sched.h>

#include "bench.h"

static int cpus[2];
static unsigned int nr_cpus;

/* Which core a CPU is part of, as far as the system tells */
static int core_of(int cpu)
{
	char path[96];
	int core = cpu;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/core_id", cpu);
	f = fopen(path, "re");
	if (!f)
		return cpu;
	if (fscanf(f, "%d", &core) != 1)
		core = cpu;
	fclose(f);
	return core;
}

/**
 * cpu_find() - choose the CPUs of the two sides
 *
 * Two threads of a core share its caches; another core is preferred.
 *
 * Return: how many there are, 1 or 2.
 */
unsigned int cpu_find(void)
{
	cpu_set_t set;
	int cpu;

	if (sched_getaffinity(0, sizeof(set), &set))
		fail_errno("CPUs");
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &set))
			continue;
		if (nr_cpus < 2)
			cpus[nr_cpus++] = cpu;
		else if (core_of(cpus[0]) == core_of(cpus[1]))
			cpus[1] = cpu;
	}
	return nr_cpus;
}

/**
 * cpu_pin() - put the calling process where a side belongs
 * @placement: where the sides run
 * @peer: which side this is
 */
void cpu_pin(enum placement placement, bool peer)
{
	cpu_set_t set;

	if (placement == UNPINNED)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpus[placement == CROSS_CPU && peer], &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail_errno("CPU");
}
