// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The little of L4Re's environment that programs of the API use: threads as
 * capabilities, CPUs, sleeping, the debugger.
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/*
 * The capability of a thread is its number in the system.  That has up to 22
 * bits, for which there must be room in 32 beside L4_INVALID_CAP_BIT and the
 * low bits, which are rights in L4Re and zero here.
 */
#define CAP_HIGH_SHIFT 12
#define CAP_LOW_SHIFT 9
#define CAP_LOW_BITS 2
#define CAP_LOW_MASK ((1UL << CAP_LOW_BITS) - 1)

static l4_cap_idx_t tid_to_cap(pid_t tid)
{
	l4_cap_idx_t n = (l4_cap_idx_t)tid;

	return n >> CAP_LOW_BITS << CAP_HIGH_SHIFT | (n & CAP_LOW_MASK) << CAP_LOW_SHIFT;
}

bool l4shmc__is_thread(pid_t tid)
{
	int saved = errno;
	long ret = syscall(SYS_tgkill, getpid(), tid, 0);

	errno = saved;
	return !ret;
}

pid_t l4shmc__cap_to_tid(l4_cap_idx_t cap)
{
	l4_cap_idx_t n;

	n = cap >> CAP_HIGH_SHIFT << CAP_LOW_BITS | (cap >> CAP_LOW_SHIFT & CAP_LOW_MASK);
	if (n == 0 || n > INT_MAX || tid_to_cap((pid_t)n) != cap)
		return -1;
	return l4shmc__is_thread((pid_t)n) ? (pid_t)n : -1;
}

l4_cap_idx_t pthread_l4_cap(pthread_t thread)
{
	clockid_t clock;
	pid_t tid;

	if (pthread_equal(thread, pthread_self()))
		return tid_to_cap((pid_t)syscall(SYS_gettid));
	/* The clock of a thread has its number in it, inverted. */
	if (pthread_getcpuclockid(thread, &clock))
		return L4_INVALID_CAP;
	tid = ~(clock >> 3);
	return tid > 0 ? tid_to_cap(tid) : L4_INVALID_CAP;
}

l4_cap_idx_t pthread_getl4cap(pthread_t thread)
{
	return pthread_l4_cap(thread);
}

l4re_env_t *l4re_env(void)
{
	static l4re_env_t env;

	/* Another one after fork(). */
	__atomic_store_n(&env.main_thread, tid_to_cap(getpid()), __ATOMIC_RELAXED);
	return &env;
}

l4_kernel_info_t *l4re_kip(void)
{
	/* Nobody looks into it. */
	static char kip;

	return (l4_kernel_info_t *)&kip;
}

/* CPUs */

/* The CPUs in a list like "0-3,8", as sysfs prints it. */
static void parse_cpu_list(char const *s, cpu_set_t *cpus)
{
	unsigned long first, last;
	char *end;

	CPU_ZERO(cpus);
	for (; *s >= '0' && *s <= '9'; s = *end == ',' ? end + 1 : end) {
		first = last = strtoul(s, &end, 10);
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (; first <= last && first < CPU_SETSIZE; first++)
			CPU_SET(first, cpus);
	}
}

/*
 * The CPUs that are online.  The affinity of the caller would not do: it may
 * have been narrowed by l4_scheduler_run_thread().
 */
static void online_cpus(cpu_set_t *cpus)
{
	char list[4096] = "0";
	FILE *f = fopen("/sys/devices/system/cpu/online", "re");

	if (f) {
		if (!fgets(list, sizeof(list), f))
			strcpy(list, "0");
		fclose(f);
	}
	parse_cpu_list(list, cpus);
}

/* First CPU of bit @bit of @set, and how many it stands for. */
static l4_umword_t cpus_of_bit(l4_sched_cpu_set_t const *set, unsigned bit, l4_umword_t *nr)
{
	l4_umword_t offset = set->gran_offset & 0xffffff;
	unsigned gran = set->gran_offset >> 24 & 255;

	/* So many are all that there can be. */
	if (gran > 24)
		gran = 24;
	*nr = 1UL << gran;
	if (bit > (unsigned)CPU_SETSIZE >> gran)
		return CPU_SETSIZE;
	return offset + ((l4_umword_t)bit << gran);
}

static bool any_cpu(cpu_set_t const *cpus, l4_umword_t first, l4_umword_t nr)
{
	l4_umword_t i;

	for (i = first; i < CPU_SETSIZE && i - first < nr; i++)
		if (CPU_ISSET(i, cpus))
			return true;
	return false;
}

l4_msgtag_t l4_scheduler_info(l4_cap_idx_t scheduler, l4_umword_t *cpu_max,
			      l4_sched_cpu_set_t *cpus)
{
	long max = sysconf(_SC_NPROCESSORS_CONF);
	l4_umword_t first, nr, map = 0;
	cpu_set_t online;
	unsigned i;

	(void)scheduler;
	if (!cpus)
		return l4_msgtag(-L4_EINVAL, 0, 0, 0);
	if (max < 1)
		max = 1;
	if ((cpus->gran_offset & 0xffffff) >= (l4_umword_t)max)
		return l4_msgtag(-L4_ERANGE, 0, 0, 0);
	online_cpus(&online);
	for (i = 0; i < L4_MWORD_BITS; i++) {
		first = cpus_of_bit(cpus, i, &nr);
		if (any_cpu(&online, first, nr))
			map |= 1UL << i;
	}
	cpus->map = map;
	if (cpu_max)
		*cpu_max = (l4_umword_t)max;
	return l4_msgtag(0, 0, 0, 0);
}

int l4_scheduler_is_online(l4_cap_idx_t scheduler, l4_umword_t cpu)
{
	cpu_set_t online;

	(void)scheduler;
	if (cpu >= CPU_SETSIZE)
		return 0;
	online_cpus(&online);
	return CPU_ISSET(cpu, &online) ? 1 : 0;
}

l4_msgtag_t l4_scheduler_run_thread(l4_cap_idx_t scheduler, l4_cap_idx_t thread,
				    l4_sched_param_t const *sp)
{
	pid_t tid = l4shmc__cap_to_tid(thread);
	l4_umword_t first, nr, cpu;
	int saved = errno;
	cpu_set_t cpus;
	long ret = 0;
	unsigned i;

	(void)scheduler;
	if (tid < 0 || !sp)
		return l4_msgtag(-L4_EINVAL, 0, 0, 0);
	CPU_ZERO(&cpus);
	for (i = 0; i < L4_MWORD_BITS; i++) {
		if (!(sp->affinity.map >> i & 1))
			continue;
		first = cpus_of_bit(&sp->affinity, i, &nr);
		for (cpu = first; cpu < CPU_SETSIZE && cpu - first < nr; cpu++)
			CPU_SET(cpu, &cpus);
	}
	if (sched_setaffinity(tid, sizeof(cpus), &cpus))
		ret = errno == EPERM ? -L4_EPERM : -L4_EINVAL;
	errno = saved;
	return l4_msgtag(ret, 0, 0, 0);
}

/* Debugging */

l4_msgtag_t l4_debugger_set_object_name(l4_cap_idx_t cap, char const *name)
{
	pid_t tid = l4shmc__cap_to_tid(cap);
	int saved = errno;
	char path[64];
	ssize_t len;
	int fd;

	if (tid < 0 || !name)
		return l4_msgtag(-L4_EINVAL, 0, 0, 0);
	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", (int)tid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		len = -1;
	} else {
		len = write(fd, name, strlen(name));
		close(fd);
	}
	errno = saved;
	return l4_msgtag(len < 0 ? -L4_EINVAL : 0, 0, 0, 0);
}

unsigned long l4_debugger_global_id(l4_cap_idx_t cap)
{
	pid_t tid = l4shmc__cap_to_tid(cap);

	return tid < 0 ? ~0UL : (unsigned long)tid;
}

static bool is_traced(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	int tracer = 0;

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	fclose(f);
	return tracer != 0;
}

void enter_kdebug(char const *text)
{
	int saved = errno;

	fprintf(stderr, "enter_kdebug: %s\n", text ? text : "");
	if (is_traced())
		raise(SIGTRAP);
	errno = saved;
}

/* Sleeping */

static void sleep_ns(__u64 ns)
{
	__u64 end = l4shmc__now_ns() + ns;
	struct timespec ts = {
		.tv_sec = (time_t)(end / 1000000000),
		.tv_nsec = (long)(end % 1000000000),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

void l4_sleep(int ms)
{
	if (ms < 0)
		l4_sleep_forever();
	sleep_ns((__u64)ms * 1000000);
}

void l4_usleep(int us)
{
	if (us < 0)
		l4_sleep_forever();
	sleep_ns((__u64)us * 1000);
}

void l4_sleep_forever(void)
{
	for (;;)
		pause();
}
