/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How l4shmc send and l4shmc recv talk through an area
 *
 * Each side has a chunk, "transfer.sender" and "transfer.receiver".  It takes
 * it for writing and keeps it as long as it works, so that there is one of a
 * kind at a time; the driver gives it back when its owner dies, which is how
 * the other side learns of that.  The payload of these chunks is a struct side
 * that its owner writes and the other one reads.
 *
 *   sender                               receiver
 *   a new id                        ->
 *                                   <-   id = the sender's
 *   length; chunks = how many       ->
 *   DATA messages, in order         ->   writes them out, gives chunks back
 *   leaving = 1; an END message     ->
 *                                   <-   leaving = 1; done = id
 *
 * Messages go through the chunks "transfer.0", "transfer.1" and so on, in
 * turn.  They stay in the area and serve the next transfer; the sender empties
 * them when a receiver has taken its offer, because only then nobody works
 * with what an earlier transfer may have left.
 *
 * "transfer.ready" tells the receiver of anything new, "transfer.free" the
 * sender.
 */
#ifndef L4SHMC_TRANSFER_H
#define L4SHMC_TRANSFER_H

#include <pthread.h>

#include <l4/shmc/linux.h>

#include "tool.h"

#define TRANSFER_VERSION 1
#define TRANSFER_MAX_CHUNKS 1024

/**
 * struct side - what a side tells the other one, and the next one of its kind
 * @version: TRANSFER_VERSION
 * @leaving: all is done, the chunk will be free at once
 * @id: number of the transfer; a receiver's is 0 while it looks for one
 * @done: receiver: the last transfer that has been received completely
 * @chunks: sender: number of chunks in use, 0 until the transfer begins
 * @reserved: 0
 * @length: sender: bytes that will probably come, or LENGTH_UNKNOWN
 */
struct side {
	uint32_t version;
	uint32_t leaving;
	uint32_t id;
	uint32_t done;
	uint32_t chunks;
	uint32_t reserved;
	uint64_t length;
};

enum message_kind {
	MESSAGE_DATA = 1,
	MESSAGE_END = 2,
};

/**
 * struct message - start of each message; the data follow
 * @id: number of the transfer
 * @kind: &enum message_kind
 * @sequence: number of the message, from 0
 * @total: bytes of data sent before this message
 * @reserved: 0, and aligns the data
 */
struct message {
	uint32_t id;
	uint32_t kind;
	uint64_t sequence;
	uint64_t total;
	uint64_t reserved[5];
};

_Static_assert(sizeof(struct side) == 32, "layout is shared");
_Static_assert(sizeof(struct message) == L4SHMC_CHUNK_ALIGN, "data are aligned like chunks");

/**
 * enum outcome - what became of a step
 * @OUTCOME_OK: all is well
 * @OUTCOME_GONE: the peer left before the end, the user has been told
 * @OUTCOME_TIMEOUT: no peer came in time, the user has been told
 * @OUTCOME_FAILED: something else failed, the user has been told
 */
enum outcome {
	OUTCOME_OK,
	OUTCOME_GONE,
	OUTCOME_TIMEOUT,
	OUTCOME_FAILED,
};

enum role { ROLE_SENDER, ROLE_RECEIVER };

#define NO_TIMEOUT UINT64_MAX

/**
 * struct transfer_options - options that send and recv share
 * @name: the area
 * @file: the file, or NULL for a standard stream
 * @wait: wait for the area to appear
 * @quiet: no bar and no rate
 * @timeout_ns: how long to look for a peer, or NO_TIMEOUT
 */
struct transfer_options {
	const char *name;
	const char *file;
	bool wait;
	bool quiet;
	uint64_t timeout_ns;
};

/**
 * struct transfer - one side of a transfer
 * @options: what the user wants
 * @role: which side this is
 * @area: the area
 * @own: this side's chunk
 * @peer: the other side's chunk
 * @mine: payload of @own
 * @theirs: payload of @peer
 * @wake: the signal that this side waits for
 * @notify: the signal that the other side waits for
 * @clients: tells that a client came or went
 * @watcher: turns @clients into @wake and @wake_fd
 * @wake_fd: eventfd, readable when a client came or went
 * @stop_fd: eventfd that ends @watcher
 * @deadline_ns: when to stop looking for a peer, on the clock of clock_ns()
 * @id: number of the transfer
 * @chunks: the chunks for messages
 * @count: number of @chunks
 * @sequence: number of the next message
 * @untold: chunks passed on since the other side was last woken
 * @progress: how far it is
 */
struct transfer {
	const struct transfer_options *options;
	enum role role;
	l4shmc_area_t area;
	l4shmc_chunk_t own;
	l4shmc_chunk_t peer;
	struct side *mine;
	struct side *theirs;
	l4shmc_signal_t wake;
	l4shmc_signal_t notify;
	l4shmc_signal_t clients;
	pthread_t watcher;
	int wake_fd;
	int stop_fd;
	uint64_t deadline_ns;
	uint32_t id;
	l4shmc_chunk_t *chunks;
	unsigned int count;
	uint64_t sequence;
	unsigned int untold;
	struct progress progress;
};

/* What is shared is read and written once, in order. */
#define load_shared(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define store_shared(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

/**
 * TRANSFER_OPTIONS - entries of getopt_long()'s table for the shared options
 */
/* clang-format off */
#define TRANSFER_OPTIONS \
	{ "wait", no_argument, NULL, 'w' }, \
	{ "timeout", required_argument, NULL, 't' }, \
	{ "quiet", no_argument, NULL, 'q' }, \
	{ "help", no_argument, NULL, 'h' }
/* clang-format on */
#define TRANSFER_SHORT_OPTIONS "wt:qh"
#define TRANSFER_HELP \
	"  -w, --wait             wait for the area to appear\n" \
	"  -t, --timeout=SECONDS  wait that long for the area and the other side, in all,\n" \
	"                         instead of without limit\n" \
	"  -q, --quiet            no progress bar and no rate\n"

int transfer_option(int option, const struct command *command, struct transfer_options *options);
int transfer_arguments(int argc, char **argv, struct transfer_options *options);

enum outcome transfer_open(struct transfer *transfer, enum role role,
			   const struct transfer_options *options);
void transfer_close(struct transfer *transfer);
enum outcome transfer_fail(const struct transfer *transfer, const char *chunk, long err);
enum outcome transfer_gone(const struct transfer *transfer);
bool transfer_peer_gone(const struct transfer *transfer);
void transfer_chunk_name(char name[L4SHMC_NAME_SIZE], unsigned int index);
l4shmc_chunk_t *transfer_next_chunk(const struct transfer *transfer);
void transfer_passed(struct transfer *transfer);
void transfer_tell(struct transfer *transfer);
enum outcome transfer_meet(struct transfer *transfer, bool (*met)(struct transfer *transfer));
enum outcome transfer_wait(struct transfer *transfer, bool (*done)(struct transfer *transfer));

#endif /* L4SHMC_TRANSFER_H */
