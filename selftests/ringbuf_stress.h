/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Strains a ring: a sender and a receiver in processes of their own, which are
 * killed at random and started again, and a third process that writes over the
 * head of the ring.  Where the ring is, is for the including program.
 */
#ifndef L4SHMC_SELFTESTS_RINGBUF_STRESS_H
#define L4SHMC_SELFTESTS_RINGBUF_STRESS_H

#include "../lib/ring.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Nothing has to wait this long, however slow the machine is. */
#define STRESS_HANG_S 60

/*
 * What outlives the processes.
 * @sender: number of the packet that is being sent, in the upper half, and the
 *	sender's index before it: so it can be told whether it was sent
 * @done: all packets were sent
 * @received: number of the packet that is to come next
 * @unsure: receivers that were killed since then; each may have taken a packet
 *	that it could not write down any more
 * @lost: packets that this has happened to
 * @gone: how often a side was told that the other one has gone
 * @errors: how often a side was told that there is nonsense in the ring
 */
struct stress_log {
	__u64 sender;
	__u32 done;
	__u32 received;
	__u32 unsure;
	__u32 lost;
	__u32 gone[L4SHMC__RING_ROLES];
	__u32 errors[L4SHMC__RING_ROLES];
};

/*
 * @open: be a side of the ring; 0 or an error
 * @died: a process that was a side of the ring has been killed; may be NULL
 * @close: after l4shmc_rb_deinit_buffer(); may be NULL
 * @private: of the three
 * @block: let the functions sleep
 * @count: packets to send
 * @kill_us: most microseconds between two kills, 0 for none
 * @seed: of all that is random; not 0
 */
struct stress {
	long (*open)(struct stress *stress, l4shmc_ringbuf_t *buf, enum l4shmc__ring_role role);
	void (*died)(struct stress *stress, enum l4shmc__ring_role role);
	void (*close)(struct stress *stress, enum l4shmc__ring_role role);
	void *private;
	bool block;
	__u32 count;
	unsigned int kill_us;
	__u64 seed;
	struct stress_log *log;
	unsigned int kills[L4SHMC__RING_ROLES];
};

static inline int stress_failed(int printed)
{
	(void)printed;
	fputc('\n', stderr);
	return 1;
}

/* Says what is wrong; always 1. */
#define stress_fail(...) stress_failed(fprintf(stderr, "# " __VA_ARGS__))

static inline __u64 stress_mix(__u64 x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static inline __u64 stress_random(__u64 *state)
{
	return stress_mix(*state += 0x9e3779b97f4a7c15ULL);
}

/*
 * Contents of packet @number, and its size, up to half of the ring: so much
 * needs no more than the space of one packet, which is what makes the index
 * tell if a packet was sent.
 */
static inline unsigned int stress_packet(struct stress *s, __u32 number, unsigned int most,
					 char *data)
{
	__u64 state = s->seed + ((__u64)number << 20), word;
	unsigned int size = 1 + (unsigned int)(stress_random(&state) % most), i;

	for (i = 0; i < size; i += sizeof(word)) {
		word = stress_random(&state);
		memcpy(data + i, &word, size - i < sizeof(word) ? size - i : sizeof(word));
	}
	/* The first byte alone tells one packet from the next. */
	data[0] = (char)number;
	return size;
}

static inline unsigned int stress_most(l4shmc_ringbuf_t *buf)
{
	return (unsigned int)L4SHMC_RINGBUF_DATA_SIZE(buf) / 2 - L4SHMC__RING_ALIGN;
}

static inline __u32 stress_load(__u32 *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

static inline void stress_store(__u32 *to, __u32 value)
{
	__atomic_store_n(to, value, __ATOMIC_RELEASE);
}

/* For what is no error as long as both sides may be killed. */
static inline bool stress_again(struct stress *s, enum l4shmc__ring_role role, long ret)
{
	if (ret == -L4_ENOREPLY)
		s->log->gone[role]++;
	else if (ret == -L4_ENOMEM || ret == -L4_EAGAIN)
		sched_yield();
	else
		return false;
	return true;
}

static inline int stress_send(struct stress *s, l4shmc_ringbuf_t *buf, char *data)
{
	__u32 *index = &buf->_head._ring->sides[L4SHMC__SENDER].index;
	__u64 mark = __atomic_load_n(&s->log->sender, __ATOMIC_ACQUIRE);
	__u32 number = (__u32)(mark >> 32);
	unsigned int size;
	int ret;

	if (*index != (__u32)mark)
		number++;
	for (; number < s->count; number++) {
		size = stress_packet(s, number, stress_most(buf), data);
		mark = (__u64)number << 32 | *index;
		__atomic_store_n(&s->log->sender, mark, __ATOMIC_RELEASE);
		do
			ret = l4shmc_rb_sender_next_copy_in(buf, data, size, s->block);
		while (ret && stress_again(s, L4SHMC__SENDER, ret));
		if (ret)
			return stress_fail("packet %u was not sent: %d", number, ret);
	}
	stress_store(&s->log->done, 1);
	return 0;
}

/* Takes the next packet out; a buffer that is too small must do no harm. */
static inline int stress_take(l4shmc_ringbuf_t *buf, char *data, unsigned int *size)
{
	l4shmc_ringbuf_head_t *head = L4SHMC_RINGBUF_HEAD(buf);
	unsigned int less;
	int next = l4shmc_rb_receiver_read_next_size(head), ret;

	if (next < 0)
		return stress_fail("no size: %d", next);
	less = (unsigned int)next - 1;
	ret = l4shmc_rb_receiver_copy_out(head, data, &less);
	if (ret != -L4_EMSGTOOLONG || less != (unsigned int)next)
		return stress_fail("packet of %d in less: %d, %u", next, ret, less);
	*size = (unsigned int)next;
	ret = l4shmc_rb_receiver_copy_out(head, data, size);
	if (ret || *size != (unsigned int)next)
		return stress_fail("packet of %d not copied: %d, %u", next, ret, *size);
	return 0;
}

/* Notes that all packets before @number are accounted for. */
static inline void stress_account(struct stress *s, __u32 number, __u32 lost)
{
	s->log->lost += lost;
	s->log->unsure = 0;
	stress_store(&s->log->received, number);
}

static inline int stress_check(struct stress *s, l4shmc_ringbuf_t *buf, char const *data,
			       unsigned int size, char *wanted)
{
	__u32 number = s->log->received, lost;

	for (lost = 0; lost <= s->log->unsure; lost++, number++) {
		if (number == s->count ||
		    stress_packet(s, number, stress_most(buf), wanted) != size ||
		    memcmp(wanted, data, size))
			continue;
		stress_account(s, number + 1, lost);
		return 0;
	}
	return stress_fail("not packet %u, but %u bytes of another", s->log->received, size);
}

static inline int stress_receive(struct stress *s, l4shmc_ringbuf_t *buf, char *data, char *wanted)
{
	unsigned int size;
	__u32 done;
	int ret;

	while (s->log->received < s->count) {
		done = stress_load(&s->log->done);
		ret = l4shmc_rb_receiver_wait_for_data(buf, s->block && !done);
		if (ret == -L4_EAGAIN && done) {
			if (s->count - s->log->received > s->log->unsure)
				return stress_fail("packet %u never came", s->log->received);
			stress_account(s, s->count, s->count - s->log->received);
			break;
		}
		if (ret && stress_again(s, L4SHMC__RECEIVER, ret))
			continue;
		if (ret)
			return stress_fail("no packet: %d", ret);
		if (stress_take(buf, data, &size) || stress_check(s, buf, data, size, wanted))
			return 1;
		l4shmc_rb_receiver_notify_done(buf);
	}
	return 0;
}

/* Opens the ring as soon as the last one in this role is really gone. */
static inline long stress_open(struct stress *s, l4shmc_ringbuf_t *buf,
			       enum l4shmc__ring_role role)
{
	time_t end = time(NULL) + STRESS_HANG_S;
	long ret;

	do {
		ret = s->open(s, buf, role);
		if (ret == -L4_EBUSY || ret == -L4_ENOENT)
			sched_yield();
	} while ((ret == -L4_EBUSY || ret == -L4_ENOENT) && time(NULL) < end);
	return ret;
}

static inline void stress_close(struct stress *s, l4shmc_ringbuf_t *buf,
				enum l4shmc__ring_role role)
{
	l4shmc_rb_deinit_buffer(buf);
	if (s->close)
		s->close(s, role);
}

static inline int stress_side(struct stress *s, enum l4shmc__ring_role role)
{
	l4shmc_ringbuf_t buf;
	char *data, *wanted;
	long ret = stress_open(s, &buf, role);

	if (ret)
		return stress_fail("side %d cannot open: %ld", role, ret);
	/* As large as the largest packet, so that ASan finds one byte more. */
	data = malloc(stress_most(&buf));
	wanted = malloc(stress_most(&buf));
	if (!data || !wanted)
		return stress_fail("no memory");
	if (role == L4SHMC__SENDER)
		ret = stress_send(s, &buf, data);
	else
		ret = stress_receive(s, &buf, data, wanted);
	stress_close(s, &buf, role);
	free(data);
	free(wanted);
	return (int)ret;
}

static inline pid_t stress_spawn(struct stress *s, int (*run)(struct stress *s,
							      enum l4shmc__ring_role role),
				 enum l4shmc__ring_role role)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	_exit(run(s, role));
}

static inline void stress_kill(pid_t *pid)
{
	if (*pid <= 0)
		return;
	kill(*pid, SIGKILL);
	waitpid(*pid, NULL, 0);
	*pid = 0;
}

static inline struct stress_log *stress_make_log(void)
{
	void *log = mmap(NULL, sizeof(struct stress_log), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return log == MAP_FAILED ? NULL : log;
}

/* Sleeps a random while; up to a millisecond if nobody is to be killed. */
static inline void stress_nap(struct stress *s, __u64 *state)
{
	long us = (long)(stress_random(state) % (s->kill_us ? s->kill_us : 1000));
	struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

/* Looks if a side has ended by itself: 1 if it has, -1 if it should not have. */
static inline int stress_ended(pid_t *pid)
{
	int status;

	if (!*pid)
		return 1;
	if (waitpid(*pid, &status, WNOHANG) != *pid)
		return 0;
	*pid = 0;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 1;
	stress_fail("a side ended with status %#x", status);
	return -1;
}

/* Kills one side, if it has not ended, and starts it again. */
static inline void stress_restart(struct stress *s, pid_t *pid, enum l4shmc__ring_role role)
{
	int status;

	kill(*pid, SIGKILL);
	waitpid(*pid, &status, 0);
	*pid = 0;
	/* It may have ended in time; an error is found again by the next one. */
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return;
	s->kills[role]++;
	if (role == L4SHMC__RECEIVER)
		s->log->unsure++;
	if (s->died)
		s->died(s, role);
	*pid = stress_spawn(s, stress_side, role);
}

static inline int stress_wait(struct stress *s, pid_t pids[L4SHMC__RING_ROLES])
{
	time_t end = time(NULL) + STRESS_HANG_S;
	__u64 state = s->seed;
	__u32 progress = 0, role;
	int ended[2];

	for (;;) {
		stress_nap(s, &state);
		ended[0] = stress_ended(&pids[0]);
		ended[1] = stress_ended(&pids[1]);
		if (ended[0] < 0 || ended[1] < 0)
			return 1;
		if (ended[0] && ended[1])
			return 0;
		if (stress_load(&s->log->received) != progress) {
			progress = stress_load(&s->log->received);
			end = time(NULL) + STRESS_HANG_S;
		}
		if (time(NULL) > end)
			return stress_fail("hangs at packet %u", progress);
		role = stress_random(&state) & 1;
		if (s->kill_us && !ended[role])
			stress_restart(s, &pids[role], role);
	}
}

/* Sends all packets through the ring; not 0 if anything was not as it should be. */
static inline int stress_run(struct stress *s)
{
	pid_t pids[L4SHMC__RING_ROLES];
	unsigned int lost;
	int ret;

	s->log = stress_make_log();
	if (!s->log)
		return stress_fail("no memory");
	memset(s->kills, 0, sizeof(s->kills));
	pids[0] = stress_spawn(s, stress_side, L4SHMC__SENDER);
	pids[1] = stress_spawn(s, stress_side, L4SHMC__RECEIVER);
	ret = stress_wait(s, pids);
	stress_kill(&pids[0]);
	stress_kill(&pids[1]);
	lost = s->log->lost;
	printf("# %u packets, %u of them died with their receiver\n", s->log->received, lost);
	printf("# sender: killed %u times, told that the receiver has gone %u times\n",
	       s->kills[0], s->log->gone[0]);
	printf("# receiver: killed %u times, told that the sender has gone %u times\n",
	       s->kills[1], s->log->gone[1]);
	if (!ret && lost > s->kills[1])
		ret = stress_fail("more packets lost than receivers killed");
	munmap(s->log, sizeof(*s->log));
	s->log = NULL;
	return ret;
}

/* The other half: a third party writes into the head. */

/* One use of the ring, whatever is in there. */
static inline long stress_use(l4shmc_ringbuf_t *buf, enum l4shmc__ring_role role, char *data,
			      unsigned int most, __u64 *state)
{
	l4shmc_ringbuf_head_t *head = L4SHMC_RINGBUF_HEAD(buf);
	unsigned int size = (unsigned int)(stress_random(state) % (most + 1));
	long ret;

	if (role == L4SHMC__SENDER)
		return l4shmc_rb_sender_next_copy_in(buf, data, size, 0);
	ret = l4shmc_rb_receiver_wait_for_data(buf, 0);
	if (!ret)
		ret = l4shmc_rb_receiver_copy_out(head, data, &size);
	if (ret == -L4_EMSGTOOLONG && size <= most)
		ret = l4shmc_rb_receiver_copy_out(head, data, &size);
	l4shmc_rb_receiver_notify_done(buf);
	return ret;
}

/* Opens the ring as soon as there is no nonsense in it. */
static inline long stress_open_spoilt(struct stress *s, l4shmc_ringbuf_t *buf,
				      enum l4shmc__ring_role role)
{
	long ret;

	while ((ret = stress_open(s, buf, role)) == -L4_EIO) {
		s->log->errors[role]++;
		sched_yield();
	}
	return ret;
}

/* Goes on until it was told of @count errors. */
static inline int stress_bear(struct stress *s, enum l4shmc__ring_role role)
{
	__u64 state = s->seed + role;
	l4shmc_ringbuf_t buf;
	unsigned int most;
	char *data;
	long ret = stress_open_spoilt(s, &buf, role);

	if (ret)
		return stress_fail("side %d cannot open: %ld", role, ret);
	most = (unsigned int)L4SHMC_RINGBUF_DATA_SIZE(&buf) - L4SHMC__RING_ALIGN;
	data = calloc(1, most);
	if (!data)
		return stress_fail("no memory");
	while (!ret && s->log->errors[role] < s->count) {
		ret = stress_use(&buf, role, data, most, &state);
		if (ret == -L4_EIO) {
			s->log->errors[role]++;
			stress_close(s, &buf, role);
			ret = stress_open_spoilt(s, &buf, role);
		} else if (ret && stress_again(s, role, ret)) {
			ret = 0;
		}
	}
	free(data);
	if (ret)
		return stress_fail("side %d got %ld", role, ret);
	stress_close(s, &buf, role);
	return 0;
}

/*
 * Random bytes, now and then something that could be true, and now and then
 * what makes the ring work again for a while.
 */
static inline void stress_scribble(struct l4shmc_ring *ring, unsigned int size, __u64 *state)
{
	__u64 random = stress_random(state);

	if (random % 4) {
		__atomic_store_n((char *)ring + (random >> 8) % sizeof(*ring),
				 (char)(random >> 32), __ATOMIC_RELAXED);
		return;
	}
	random >>= 8;
	if (random % 8) {
		stress_store(&ring->sides[random >> 8 & 1].index,
			     (__u32)(random >> 16) % (2 * size) / L4SHMC__RING_ALIGN *
				     L4SHMC__RING_ALIGN);
		return;
	}
	stress_store(&ring->sides[L4SHMC__SENDER].index, 0);
	stress_store(&ring->sides[L4SHMC__RECEIVER].index, 0);
}

/*
 * Both sides, while this process writes into @ring, which has @size bytes of
 * data; not 0 unless both live to see @count errors.
 */
static inline int stress_run_scribbled(struct stress *s, struct l4shmc_ring *ring,
				       unsigned int size)
{
	time_t end = time(NULL) + STRESS_HANG_S;
	pid_t pids[L4SHMC__RING_ROLES];
	__u64 state = ~s->seed;
	int ended[2];

	s->log = stress_make_log();
	if (!s->log)
		return stress_fail("no memory");
	pids[0] = stress_spawn(s, stress_bear, L4SHMC__SENDER);
	pids[1] = stress_spawn(s, stress_bear, L4SHMC__RECEIVER);
	do {
		stress_scribble(ring, size, &state);
		sched_yield();
		ended[0] = stress_ended(&pids[0]);
		ended[1] = stress_ended(&pids[1]);
	} while (ended[0] >= 0 && ended[1] >= 0 && !(ended[0] && ended[1]) && time(NULL) < end);
	stress_kill(&pids[0]);
	stress_kill(&pids[1]);
	printf("# told of nonsense: sender %u times, receiver %u times\n", s->log->errors[0],
	       s->log->errors[1]);
	munmap(s->log, sizeof(*s->log));
	s->log = NULL;
	return ended[0] == 1 && ended[1] == 1 ? 0 : stress_fail("a side did not bear it");
}

#endif /* L4SHMC_SELFTESTS_RINGBUF_STRESS_H */
