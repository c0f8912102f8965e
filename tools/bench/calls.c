// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts the system calls of a run, after it has been measured: the process
 * stops itself, and its parent follows it from one call to the next.
 */
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "bench.h"

/* Nobody else calls this: it begins and ends what is counted. */
#define MARK SYS_getsid

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
