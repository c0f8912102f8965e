/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzzer's calls work on: descriptors by kind, mappings, names, and
 * random values with a taste for the edges.
 */
#ifndef L4SHMC_SELFTESTS_FUZZ_H
#define L4SHMC_SELFTESTS_FUZZ_H

#include "common.h"

#include <setjmp.h>
#include <sys/epoll.h>
#include <sys/uio.h>

#define SLOTS 6
#define MAPPINGS 6
#define AREAS 6
#define NAMES 5

enum fd_kind { DEVICES, HANDLES, ATTACHMENTS, OBSERVERS, SIGNALS, SETS, EPOLLS, NR_KINDS };

/* One call of a sequence; the rest is what its function makes of it. */
struct call {
	__u8 nr;
	__u8 a, b, c;
	__u32 v;
};

/* What has become of the calls of one kind */
struct tally {
	__u64 calls;
	__u64 succeeded;
	/* What they took, also when others had the CPU */
	__u64 ns;
	/* The most frequent errors, by errno */
	__u32 errors[128];
};

struct mapping {
	char *at;
	size_t size;
	bool control, writable;
};

struct worker {
	unsigned int id, nr_workers;
	__u64 random;
	int fds[NR_KINDS][SLOTS];
	unsigned int next[NR_KINDS];
	struct mapping maps[MAPPINGS];
	unsigned int next_map;
	/* Descriptors go round from each worker to the next. */
	int send, receive;
	/* Where a touch of memory that is not there comes back to */
	sigjmp_buf fault;
	volatile sig_atomic_t touching;
	/* Shared with the parent */
	struct tally *tallies;
	__u64 *calls;
};

struct call_type {
	const char *name;
	/* How often it is drawn, against the others */
	unsigned int weight;
	/* Returns the result, -errno, or NOT_MADE */
	int (*run)(struct worker *w, const struct call *call);
	/* If not 0: takes as long as many others, so one of this many stays in a sequence */
	unsigned int dear;
};

extern const struct call_type call_types[];
extern const unsigned int nr_call_types;

/* Of a call that made no system call, as there was nothing to make it on */
#define NOT_MADE INT_MIN

/* splitmix64 */
static inline __u64 draw(__u64 *state)
{
	__u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* Errors that are an answer, not a refusal: there was nothing, or it is taken. */
static inline bool is_success(int result)
{
	return result >= 0 || result == -ETIMEDOUT;
}

static inline int or_errno(long result)
{
	return result < 0 ? -errno : (int)(result & INT_MAX);
}

/* The name of an area, chunk or signal: one of a few, and now and then a bad one */
static inline const char *name_of(__u8 which, const char *kind)
{
	static const char *const bad[] = {
		"", ".", "..", "a/b", "@clients", "@", "new\nline", "\033[2J", "\177",
		"012345678901234567890123456789012345678901234567890123456789012",
		"0123456789012345678901234567890123456789012345678901234567890123",
		"\377\376",
	};
	static char name[L4SHMC_NAME_SIZE];

	if (which >= 256 - ARRAY_SIZE(bad))
		return bad[which - (256 - ARRAY_SIZE(bad))];
	snprintf(name, sizeof(name), "fuzz.%s%u", kind,
		 which % (*kind == 'a' ? AREAS : NAMES));
	return name;
}

static inline const char *area_name(__u8 which)
{
	return name_of(which, "area");
}

/* Mostly nothing, at most a tenth of a millisecond */
static inline __u64 timeout_of(__u32 v)
{
	static const __u64 timeouts[] = { 1, 1000, 10000, 100000 };

	return v % 8 ? 0 : timeouts[v / 8 % ARRAY_SIZE(timeouts)];
}

static inline __u64 size_of(__u32 v)
{
	static const __u64 edges[] = {
		0, 1, 63, 64, 65, 4095, 4097, 1ULL << 31, 1ULL << 32, L4SHMC_CONTROL_OFFSET,
		L4SHMC_CONTROL_OFFSET + 1, 1ULL << 63, ~0ULL, ~0ULL - 62, ~0ULL - 4095,
	};

	if (v % 16 == 0)
		return edges[v / 16 % ARRAY_SIZE(edges)];
	return (v % 4 + 1) * 4096;
}

/* Descriptors */

static inline void keep_fd(struct worker *w, enum fd_kind kind, int fd)
{
	int *slot = &w->fds[kind][w->next[kind]++ % SLOTS];

	if (*slot >= 0)
		close(*slot);
	*slot = fd;
}

/* Keeps what a call has made, and passes its result on. */
static inline int kept(struct worker *w, enum fd_kind kind, int result)
{
	if (result >= 0)
		keep_fd(w, kind, result);
	return result;
}

static inline int some_fd(const struct worker *w, enum fd_kind kind, __u8 which)
{
	for (unsigned int i = 0; i < SLOTS; i++) {
		int fd = w->fds[kind][(which + i) % SLOTS];

		if (fd >= 0)
			return fd;
	}
	return -1;
}

/*
 * A descriptor for a call that wants @kind: one of that kind, if need be a new
 * one; and one time in fifty any other.
 */
int fd_for(struct worker *w, enum fd_kind kind, __u8 which);

#endif /* L4SHMC_SELFTESTS_FUZZ_H */
