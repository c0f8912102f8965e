/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of l4shmc-bench share.
 *
 * A case is something to be done: a round trip, a message, an attach.  A
 * subject is a means to do it: l4shmc, a futex, a pipe.  Subjects of a family
 * are in a file of its own, each with its benches: one for each case that makes
 * sense for it.  A run is a bench with a parameter and a placement.
 *
 * Every run has a process of its own, which starts from nothing and leaves
 * nothing behind, and a second one, the peer, if the case has two sides.
 */
#ifndef L4SHMC_BENCH_H
#define L4SHMC_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "../../lib/relax.h"

#define EXIT_USAGE 2
#define EXIT_SKIP 3

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define CACHE_LINE 64
#define NORETURN __attribute__((noreturn))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum bench_case {
	CASE_BLOCKED_ROUND_TRIP,
	CASE_TRIGGER_IDLE,
	CASE_WAIT_PENDING,
	CASE_STREAM,
	CASE_HAND_OVER,
	CASE_WAIT_ANY,
	CASE_ATTACH_BY_NAME,
	CASE_LIFECYCLE,
	CASE_FIRST_TOUCH,
	CASE_KERNEL_MEMORY,
	CASE_IDLE_WAITERS,
	CASES,
};

enum placement {
	SAME_CPU,
	CROSS_CPU,
	UNPINNED,
	PLACEMENTS,
};

struct bench;

/**
 * struct subject - a means of which the cost is measured
 * @name: as the user types it
 * @about: what it is, in a line
 * @benches: what can be done with it; the last one has no @batch and no @figure
 */
struct subject {
	const char *name;
	const char *about;
	const struct bench *benches;
};

/**
 * struct run - a measurement
 * @subject: of what
 * @bench: which one of its benches
 * @param: one of the parameters of the case; 0 if that has none
 * @placement: where the two sides run
 */
struct run {
	const struct subject *subject;
	const struct bench *bench;
	uint64_t param;
	enum placement placement;
};

/**
 * struct bench - how a subject does a case
 * @which: the case
 * @least: smallest parameter that makes sense, if not all do
 * @most: largest one
 * @fixed: operations of a sample, if the harness cannot choose
 * @setup: makes what both sides share; may be left out, like the next two
 * @start: makes what only the measured side has, when the peer is ready
 * @prepare: gets ready for so many operations; is not measured
 * @batch: does so many operations
 * @peer: the other side: does its part again and again, until it is killed,
 *	after it has called peer_ready()
 * @end: takes away what the end of the processes would leave behind
 * @figure: instead of @batch: a figure that is no time
 * @unit: of that figure
 * @join: what the peer has instead of @start, for messages_answer() and messages_take()
 * @send: sends a message to the other side, for all of messages.c, like the next one
 * @receive: gets one from there
 */
struct bench {
	enum bench_case which;
	uint64_t least;
	uint64_t most;
	uint64_t (*fixed)(const struct run *run);
	void (*setup)(struct run *run);
	void (*start)(struct run *run);
	void (*prepare)(struct run *run, uint64_t n);
	void (*batch)(struct run *run, uint64_t n);
	void (*peer)(struct run *run);
	void (*end)(struct run *run);
	double (*figure)(struct run *run);
	const char *unit;
	void (*join)(struct run *run);
	void (*send)(void);
	void (*receive)(void);
};

/**
 * struct case_info - what is known of a case
 * @name: as the user types it
 * @about: what an operation is, in a line
 * @param: what the parameter is; NULL if there is none
 * @params: its values, up to a 0; NULL if there is none
 */
struct case_info {
	const char *name;
	const char *about;
	const char *param;
	const uint64_t *params;
};

extern const struct case_info case_infos[CASES];
extern const char *const placement_names[PLACEMENTS];

/**
 * struct row - what a run has shown, in the unit of the run
 * @run: the run
 * @unit: "ns", "instructions" or "bytes"
 * @median: of an operation, as the next three
 * @p99: 99 of 100 samples are not above it
 * @p999: 999 of 1000 are not
 * @max: the largest sample
 * @calls: system calls that an operation takes on the side that is measured, or
 *	a negative value where that cannot be counted
 * @steady: two rounds have agreed
 * @count: number of @samples
 * @samples: in ascending order
 */
struct row {
	struct run run;
	const char *unit;
	double median;
	double p99;
	double p999;
	double max;
	double calls;
	bool steady;
	size_t count;
	double *samples;
};

/**
 * struct rows - all that has been measured
 * @count: number of @rows
 * @rows: the rows
 */
struct rows {
	size_t count;
	struct row *rows;
};

/**
 * struct runs - all that has to be measured
 * @count: number of @runs
 * @runs: the runs
 */
struct runs {
	size_t count;
	struct run *runs;
};

/**
 * struct selection - what the user wants to be measured
 * @subjects: names with commas between them, or NULL for all
 * @placements: likewise
 * @nr_cpus: that there are, 1 or 2
 */
struct selection {
	const char *subjects;
	const char *placements;
	unsigned int nr_cpus;
};

/* select.c */
extern const struct subject *const subjects[];

const char *select_ok(const struct selection *selection);
bool select_case(struct runs *runs, const struct selection *selection, const char *text);

/* clock.c */
uint64_t now_ns(void);
uint64_t clock_cost(void);
bool clock_counts_instructions(void);

/* cpu.c */
unsigned int cpu_find(void);
void cpu_pin(enum placement placement, bool peer);

/* message.c */
void message_to(char *text, size_t size);
PRINTF(1, 2) NORETURN void fail(const char *fmt, ...);
PRINTF(1, 2) NORETURN void fail_errno(const char *fmt, ...);
PRINTF(1, 2) NORETURN void skip(const char *fmt, ...);

/* peer.c */
pid_t peer_fork(struct run *run);
void peer_ready(void);
void peer_expect(uint64_t more);
void peer_confirmed(void);
void peer_confirm(void);
void *shared_memory(size_t size);
void need_descriptors(uint64_t count);
size_t stream_room(const struct run *run);
uint64_t stream_sample(const struct run *run);
void *stream_buffer(const struct run *run);

extern uint64_t peer_messages;
extern const uint64_t *peer_target;

/**
 * peer_received() - a message has been received
 *
 * To be called by the peer, for each.  Small, since it is measured too.
 */
static inline void peer_received(void)
{
	if (++peer_messages == __atomic_load_n(peer_target, __ATOMIC_ACQUIRE))
		peer_confirm();
}

/* messages.c */
void messages_round_trips(struct run *run, uint64_t n);
void messages_answer(struct run *run);
void messages_stream(struct run *run, uint64_t n);
void messages_take(struct run *run);

/* run.c */
int run_measure(const struct run *run, bool instructions, struct row *row, char *why, size_t size);

/* cases.c */
bool param_fits(const struct bench *bench, uint64_t param);

/* calls.c */
double calls_counted(struct run *run, uint64_t operations);
void calls_begin(void);
void calls_end(void);
double calls_count(pid_t pid, int *status);

/* table.c */
void table_head(FILE *out);
void table_row(FILE *out, const struct rows *rows, const struct row *row);

/* json.c */
void json_print(FILE *out, const struct rows *rows);

/* plot.c */
int plot_begin(const char *dir);
int plot(const char *dir, const struct rows *rows);

/* The subjects */
extern const struct subject subject_area;
extern const struct subject subject_binding;
extern const struct subject subject_boost_mq;
extern const struct subject subject_boost_spsc;
extern const struct subject subject_cache_line;
extern const struct subject subject_chunk;
extern const struct subject subject_ck;
extern const struct subject subject_client;
extern const struct subject subject_epoll_item;
extern const struct subject subject_eventfd;
extern const struct subject subject_eventfd_epoll;
extern const struct subject subject_eventfd_object;
extern const struct subject subject_eventfd_poll;
extern const struct subject subject_futex;
extern const struct subject subject_l4shmc;
extern const struct subject subject_l4shmc_call;
extern const struct subject subject_l4shmc_plain;
extern const struct subject subject_l4shmc_sleeping;
extern const struct subject subject_libqb;
extern const struct subject subject_memcpy;
extern const struct subject subject_memfd;
extern const struct subject subject_mqueue;
extern const struct subject subject_nng;
extern const struct subject subject_ntsync;
extern const struct subject subject_pipe;
extern const struct subject subject_pipe_object;
extern const struct subject subject_posix_sem;
extern const struct subject subject_posix_shm;
extern const struct subject subject_pthread_cond;
extern const struct subject subject_sched_yield;
extern const struct subject subject_signal;
extern const struct subject subject_syscall;
extern const struct subject subject_unix_dgram;
extern const struct subject subject_unix_pair;
extern const struct subject subject_unix_seqpacket;
extern const struct subject subject_zmq;

#endif /* L4SHMC_BENCH_H */
