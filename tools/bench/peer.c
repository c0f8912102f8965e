// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The other side of a run
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "futex.h"

/* As much as anybody may have a pipe hold, so that going to sleep is seldom */
#define STREAM_ROOM 1048576

/**
 * struct meeting - what the two sides tell each other beside what is measured
 * @ready: not 0 when the peer is
 * @target: number of the message that the peer is to confirm
 * @confirmed: not 0 when it has done so
 */
struct meeting {
	uint32_t ready;
	uint32_t confirmed;
	_Alignas(CACHE_LINE) uint64_t target;
};

static struct meeting *meeting;
/* Each side's own: of messages; and where the peer finds which one to confirm */
uint64_t peer_messages;
const uint64_t *peer_target;

/**
 * shared_memory() - memory that both sides see
 * @size: bytes
 *
 * To be called in &bench.setup.
 *
 * Return: address of the memory, which is there and zero.
 */
void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		fail_errno("%zu bytes", size);
	return memory;
}

/**
 * need_descriptors() - raise the limit of open files
 * @count: how many a run is going to open
 */
void need_descriptors(uint64_t count)
{
	struct rlimit limit;

	/* A few are open already. */
	count += 64;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		fail_errno("limit of open files");
	if (limit.rlim_cur >= count)
		return;
	limit.rlim_cur = count;
	if (limit.rlim_max < count)
		limit.rlim_max = count;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		skip("no right to open %llu files", (unsigned long long)count);
}

static void peer_died(int signal)
{
	(void)signal;
	/* The message is the peer's, if it had time for one. */
	_exit(EXIT_FAILURE);
}

/* Sleeps, so as to leave the CPU to the peer. */
static void wait_for_peer(pid_t pid)
{
	struct timespec pause = { .tv_nsec = 100000 };
	int status;

	while (!__atomic_load_n(&meeting->ready, __ATOMIC_ACQUIRE)) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
		nanosleep(&pause, NULL);
	}
}

/**
 * peer_fork() - start the other side and wait until it is ready
 * @run: the run
 *
 * Return: the peer, which ends with the calling process.
 */
pid_t peer_fork(struct run *run)
{
	pid_t parent = getpid(), pid;

	meeting = shared_memory(sizeof(*meeting));
	peer_target = &meeting->target;
	pid = fork();
	if (pid < 0)
		fail_errno("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
		cpu_pin(run->placement, true);
		run->bench->peer(run);
		fail("the peer has ended");
	}
	wait_for_peer(pid);
	if (signal(SIGCHLD, peer_died) == SIG_ERR)
		fail_errno("SIGCHLD");
	return pid;
}

/**
 * peer_ready() - have the other side begin
 *
 * To be called by the peer when it has all that it needs.
 */
void peer_ready(void)
{
	__atomic_store_n(&meeting->ready, 1, __ATOMIC_RELEASE);
}

/**
 * peer_expect() - say how many messages are to come
 * @more: number of messages
 */
void peer_expect(uint64_t more)
{
	peer_messages += more;
	__atomic_store_n(&meeting->target, peer_messages, __ATOMIC_RELEASE);
}

/**
 * peer_confirmed() - wait until the peer has got all the messages
 *
 * What is measured is the way of messages from the one side to the other, not
 * the time until the last ones are in some buffer.
 */
void peer_confirmed(void)
{
	while (!__atomic_load_n(&meeting->confirmed, __ATOMIC_ACQUIRE))
		futex_wait(&meeting->confirmed, 0);
	__atomic_store_n(&meeting->confirmed, 0, __ATOMIC_RELEASE);
}

/**
 * peer_confirm() - all messages have been received
 *
 * Called by peer_received().
 */
void peer_confirm(void)
{
	__atomic_store_n(&meeting->confirmed, 1, __ATOMIC_RELEASE);
	futex_wake(&meeting->confirmed);
}

/**
 * stream_room() - how much a queue of messages is to hold
 * @run: a run of CASE_STREAM
 *
 * The same for all where one can choose.
 *
 * Return: bytes.
 */
size_t stream_room(const struct run *run)
{
	return run->param <= STREAM_ROOM / 4 ? STREAM_ROOM : 4 * run->param;
}

/**
 * stream_sample() - how many messages are a sample
 * @run: a run of CASE_STREAM
 *
 * Return: so many that a queue is filled and emptied twice.
 */
uint64_t stream_sample(const struct run *run)
{
	return 2 * stream_room(run) / run->param;
}

/**
 * stream_buffer() - memory for a message
 * @run: a run with a size as its parameter
 *
 * Return: so many bytes, that are there.
 */
void *stream_buffer(const struct run *run)
{
	void *buffer = malloc(run->param);

	if (!buffer)
		fail("out of memory");
	memset(buffer, 1, run->param);
	return buffer;
}
