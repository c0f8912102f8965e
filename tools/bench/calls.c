// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts the system calls of a run, after it has been measured
 *
 * The kernel counts them, without a difference to who runs when.  Where it does not
 * let us have that the process stops itself, and its parent follows it from one call
 * to the next; the other side has more time then than it had before.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/perf_event.h>
#include <linux/ptrace.h>

#include "bench.h"

/* Nobody else calls this: it begins and ends what is counted. */
#define MARK SYS_getsid

/* What is counted is done for so long, or so often. */
#define COUNT_NS 50000000
#define MOST_BATCHES 64

/* A counter for each CPU that the calling thread may be on */
static int counters[CPU_SETSIZE];
static unsigned int nr_counters;

/* The number that the kernel has for "a system call is entered", or -1 */
static long long tracepoint(void)
{
	static const char *const paths[] = {
		"/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
		"/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id",
	};
	long long id = -1;
	FILE *f = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths) && !f; i++)
		f = fopen(paths[i], "re");
	if (!f)
		return -1;
	if (fscanf(f, "%lld", &id) != 1)
		id = -1;
	fclose(f);
	return id;
}

/*
 * Of a CPU, not of the thread: with one of a thread every switch to another one is
 * dearer, for a while after it has been closed, too.
 */
static int open_counter(long long id, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = (uint64_t)id,
	};
	char filter[48];
	int fd;

	fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -1;
	snprintf(filter, sizeof(filter), "common_pid == %d", (int)gettid());
	if (ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void close_counters(void)
{
	while (nr_counters)
		close(counters[--nr_counters]);
}

static bool open_counters(void)
{
	long long id = tracepoint();
	cpu_set_t set;
	int cpu, fd;

	if (id < 0 || sched_getaffinity(0, sizeof(set), &set))
		return false;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &set))
			continue;
		fd = open_counter(id, cpu);
		if (fd < 0) {
			close_counters();
			return false;
		}
		counters[nr_counters++] = fd;
	}
	return true;
}

static uint64_t calls_so_far(void)
{
	uint64_t calls, sum = 0;
	unsigned int i;

	for (i = 0; i < nr_counters; i++) {
		if (read(counters[i], &calls, sizeof(calls)) != sizeof(calls))
			fail_errno("counter of system calls");
		sum += calls;
	}
	return sum;
}

/**
 * calls_counted() - do it a few times more, and count
 * @run: the run
 * @operations: of a sample
 *
 * Return: system calls of an operation, or -1 where the kernel does not count.
 */
double calls_counted(struct run *run, uint64_t operations)
{
	uint64_t start, before, calls = 0;
	unsigned int batches = 0;

	if (!open_counters())
		return -1;
	start = now_ns();
	do {
		if (run->bench->prepare)
			run->bench->prepare(run, operations);
		before = calls_so_far();
		run->bench->batch(run, operations);
		/* As many as there are counters come from reading them. */
		calls += calls_so_far() - before - nr_counters;
		batches++;
	} while (batches < MOST_BATCHES && now_ns() - start < COUNT_NS);
	close_counters();
	return (double)calls / batches / (double)operations;
}

static void mark(void)
{
	syscall(MARK, 0);
}

/**
 * calls_begin() - what follows is counted
 *
 * Does nothing where processes may not be traced.
 */
void calls_begin(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		return;
	raise(SIGSTOP);
	mark();
}

/**
 * calls_end() - what follows is not
 */
void calls_end(void)
{
	mark();
}

/* Number of the system call that @pid enters, or -1 if it does not */
static long long entered(pid_t pid)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return -1;
	return (long long)info.entry.nr;
}

static pid_t wait_for(pid_t pid, int *status)
{
	pid_t ret;

	do {
		ret = waitpid(pid, status, 0);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		fail_errno("wait");
	return ret;
}

/**
 * calls_count() - wait for a process, and count
 * @pid: the process
 * @status: filled in, as by waitpid()
 *
 * Return: number of system calls between calls_begin() and calls_end(), or -1
 * if it did not come to that.
 */
double calls_count(pid_t pid, int *status)
{
	const unsigned long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
	unsigned int marks = 0;
	long long nr, calls = 0;
	long signal;

	wait_for(pid, status);
	if (WIFSTOPPED(*status))
		ptrace(PTRACE_SETOPTIONS, pid, NULL, options);
	while (WIFSTOPPED(*status)) {
		signal = WSTOPSIG(*status);
		if (signal == (SIGTRAP | 0x80)) {
			nr = entered(pid);
			if (nr == MARK)
				marks++;
			else if (nr >= 0 && marks == 1)
				calls++;
			signal = 0;
		} else if (signal == SIGSTOP) {
			signal = 0;
		}
		ptrace(marks < 2 ? PTRACE_SYSCALL : PTRACE_DETACH, pid, NULL, signal);
		wait_for(pid, status);
	}
	return marks == 2 ? (double)calls : -1;
}
