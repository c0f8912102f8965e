// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc send: a stream into an area
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <l4/sys/err.h>

#include "../lib/parse.h"
#include "transfer.h"

#define DEFAULT_AREA_SIZE (1024 * 1024)
#define DEFAULT_CHUNKS 16
#define DEFAULT_MAX_DATA (256 * 1024)
/* Nothing smaller is made of its own accord, as long as there is a chunk. */
#define DEFAULT_MIN_CAPACITY 4096

/**
 * struct send - what there is to be sent, and how
 * @transfer: the transfer
 * @options: the shared options
 * @create_size: size of the area to make, or 0
 * @chunks: number of chunks, or 0 for the default
 * @chunk_size: most bytes of data in a message, or 0 for the default
 * @fd: where the data come from
 * @can_block: read() may sleep for as long as it likes
 */
struct send {
	struct transfer transfer;
	struct transfer_options options;
	uint64_t create_size;
	unsigned int chunks;
	uint64_t chunk_size;
	int fd;
	bool can_block;
};

/* Reads the options; returns a status, or -1 to go on. */
static int send_options(int argc, char **argv, struct send *send)
{
	static const struct option options[] = {
		{ "create", optional_argument, NULL, 'c' },
		{ "chunks", required_argument, NULL, 'n' },
		{ "chunk-size", required_argument, NULL, 's' },
		TRANSFER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	static const char letters[] = "c::n:s:" TRANSFER_SHORT_OPTIONS;
	int option, status;

	while ((option = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		switch (option) {
		case 'c':
			send->create_size = DEFAULT_AREA_SIZE;
			if (optarg && (!l4shmc__parse_size(optarg, &send->create_size) ||
				       send->create_size > LONG_MAX))
				return usage_error("bad size '%s'", optarg);
			break;
		case 'n':
			if (!parse_count(optarg, TRANSFER_MAX_CHUNKS, &send->chunks))
				return usage_error("bad number of chunks '%s'", optarg);
			break;
		case 's':
			if (!l4shmc__parse_size(optarg, &send->chunk_size) ||
			    send->chunk_size > LONG_MAX - sizeof(struct message))
				return usage_error("bad chunk size '%s'", optarg);
			break;
		default:
			status = transfer_option(option, &command_send, &send->options);
			if (status >= 0)
				return status;
		}
	}
	return transfer_arguments(argc, argv, &send->options);
}

static enum outcome input_failed(const struct send *send)
{
	fail("%s: %s", send->options.file ? send->options.file : "standard input",
	     strerror(errno));
	return OUTCOME_FAILED;
}

static enum outcome open_input(struct send *send)
{
	struct stat st;

	send->fd = STDIN_FILENO;
	if (send->options.file)
		send->fd = open(send->options.file, O_RDONLY | O_CLOEXEC);
	if (send->fd < 0 || fstat(send->fd, &st))
		return input_failed(send);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return input_failed(send);
	}
	send->can_block = !S_ISREG(st.st_mode);
	return OUTCOME_OK;
}

/* How much is going to come, as far as that can be told. */
static uint64_t input_length(const struct send *send)
{
	struct stat st;
	off_t offset;

	if (send->can_block || fstat(send->fd, &st))
		return LENGTH_UNKNOWN;
	offset = lseek(send->fd, 0, SEEK_CUR);
	if (offset < 0 || offset > st.st_size)
		return LENGTH_UNKNOWN;
	return (uint64_t)(st.st_size - offset);
}

/*
 * Capacity for the next of @missing chunks when there are @have, or 0 if those
 * have to do.
 */
static uint64_t new_capacity(const struct send *send, unsigned int have, unsigned int missing)
{
	uint64_t room = (uint64_t)l4shmc_area_size_free(&send->transfer.area);
	uint64_t overhead = (uint64_t)l4shmc_chunk_overhead();
	uint64_t capacity = room / missing;

	if (send->chunk_size)
		return sizeof(struct message) + send->chunk_size;
	if (!send->chunks && capacity < DEFAULT_MIN_CAPACITY) {
		if (have && room < DEFAULT_MIN_CAPACITY)
			return 0;
		capacity = room < DEFAULT_MIN_CAPACITY ? room : DEFAULT_MIN_CAPACITY;
	}
	if (capacity > sizeof(struct message) + DEFAULT_MAX_DATA)
		capacity = sizeof(struct message) + DEFAULT_MAX_DATA;
	capacity -= overhead < capacity ? overhead : capacity;
	capacity -= capacity % L4SHMC_CHUNK_ALIGN;
	/* If not even some data fit, adding the chunk will fail and say so. */
	return capacity > sizeof(struct message) ? capacity : 2 * sizeof(struct message);
}

/* Bytes of data that fit into a chunk. */
static size_t chunk_room(const l4shmc_chunk_t *chunk)
{
	size_t capacity = (size_t)l4shmc_chunk_capacity(chunk);

	return capacity > sizeof(struct message) ? capacity - sizeof(struct message) : 0;
}

/* Finds or adds a chunk; OUTCOME_OK without one more if the rest has to do. */
static enum outcome open_chunk(struct send *send, unsigned int wanted)
{
	struct transfer *transfer = &send->transfer;
	l4shmc_chunk_t *chunk = &transfer->chunks[transfer->count];
	char name[L4SHMC_NAME_SIZE];
	uint64_t capacity;
	long err;

	transfer_chunk_name(name, transfer->count);
	err = l4shmc_get_chunk_to(&transfer->area, name, 0, chunk);
	if (err == -L4_ENOENT) {
		capacity = new_capacity(send, transfer->count, wanted - transfer->count);
		if (!capacity)
			return OUTCOME_OK;
		err = l4shmc_add_chunk(&transfer->area, name, capacity, chunk);
	}
	/* Whatever an earlier transfer may have left in it. */
	if (!err)
		err = l4shmc_chunk_consumed(chunk);
	/* It has to take what was asked for, and something at least. */
	if (!err && chunk_room(chunk) < (send->chunk_size ? send->chunk_size : 1))
		err = -L4_EMSGTOOSHORT;
	if (err)
		return transfer_fail(transfer, name, err);
	transfer->count++;
	return OUTCOME_OK;
}

static enum outcome open_chunks(struct send *send)
{
	unsigned int wanted = send->chunks ? send->chunks : DEFAULT_CHUNKS;
	struct transfer *transfer = &send->transfer;
	enum outcome outcome = OUTCOME_OK;
	unsigned int before;

	transfer->chunks = xcalloc(wanted, sizeof(*transfer->chunks));
	do {
		before = transfer->count;
		outcome = open_chunk(send, wanted);
	} while (!outcome && transfer->count > before && transfer->count < wanted);
	return outcome;
}

static bool receiver_found(struct transfer *transfer)
{
	return !transfer_peer_gone(transfer);
}

/* Offers a transfer and begins it when a receiver has taken the offer. */
static enum outcome begin(struct send *send)
{
	struct transfer *transfer = &send->transfer;
	struct side *mine = transfer->mine;
	enum outcome outcome;

	transfer->id = load_shared(&mine->id) + 1;
	/* 0 means none. */
	if (!transfer->id)
		transfer->id = 1;
	store_shared(&mine->version, TRANSFER_VERSION);
	store_shared(&mine->chunks, 0);
	store_shared(&mine->id, transfer->id);
	store_shared(&mine->leaving, 0);
	transfer_tell(transfer);

	outcome = transfer_meet(transfer, receiver_found);
	if (outcome)
		return outcome;
	transfer->deadline_ns = NO_TIMEOUT;
	outcome = open_chunks(send);
	if (outcome)
		return outcome;

	progress_start(&transfer->progress, "sent", input_length(send), send->options.quiet);
	mine->length = transfer->progress.expected;
	store_shared(&mine->chunks, transfer->count);
	transfer_tell(transfer);
	return OUTCOME_OK;
}

/* Waits until read() has something to tell, or the receiver is gone. */
static enum outcome wait_input(struct send *send)
{
	struct transfer *transfer = &send->transfer;
	struct pollfd fds[] = {
		{ .fd = send->fd, .events = POLLIN },
		{ .fd = transfer->wake_fd, .events = POLLIN },
	};
	eventfd_t count;

	transfer_tell(transfer);
	while (!fds[0].revents) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return input_failed(send);
		if (fds[1].revents && !eventfd_read(transfer->wake_fd, &count) &&
		    transfer_peer_gone(transfer))
			return transfer_gone(transfer);
	}
	return OUTCOME_OK;
}

/* Reads what there is, up to @size bytes; *@length is 0 at the end. */
static enum outcome read_input(struct send *send, void *buffer, size_t size, size_t *length)
{
	enum outcome outcome;
	ssize_t n;

	do {
		outcome = send->can_block ? wait_input(send) : OUTCOME_OK;
		if (outcome)
			return outcome;
		n = read(send->fd, buffer, size);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0)
		return input_failed(send);
	*length = (size_t)n;
	return OUTCOME_OK;
}

static bool take_free(struct transfer *transfer)
{
	return !l4shmc_chunk_try_to_take(transfer_next_chunk(transfer));
}

/* Gives the next chunk, with @length bytes of data, to the receiver. */
static enum outcome pass_on(struct transfer *transfer, enum message_kind kind, size_t length)
{
	struct message message = {
		.id = transfer->id,
		.kind = kind,
		.sequence = transfer->sequence,
		.total = transfer->progress.bytes,
	};
	l4shmc_chunk_t *chunk = transfer_next_chunk(transfer);
	long err;

	/* The data have been read to where they belong. */
	memcpy(l4shmc_chunk_ptr(chunk), &message, sizeof(message));
	err = l4shmc_chunk_ready(chunk, sizeof(message) + length);
	if (err)
		return transfer_fail(transfer, NULL, err);
	transfer_passed(transfer);
	progress_add(&transfer->progress, length);
	return OUTCOME_OK;
}

/* Sends one message; *@end is set if it was the last one. */
static enum outcome send_message(struct send *send, bool *end)
{
	struct transfer *transfer = &send->transfer;
	enum outcome outcome;
	l4shmc_chunk_t *chunk;
	size_t size, length = 0;

	outcome = transfer_wait(transfer, take_free);
	if (outcome)
		return outcome;
	chunk = transfer_next_chunk(transfer);
	size = chunk_room(chunk);
	if (send->chunk_size && size > send->chunk_size)
		size = send->chunk_size;
	outcome = read_input(send, (char *)l4shmc_chunk_ptr(chunk) + sizeof(struct message), size,
			     &length);
	if (outcome)
		return outcome;
	*end = !length;
	/* The receiver may be done, and the next sender here, before we are awake. */
	if (*end)
		store_shared(&transfer->mine->leaving, 1);
	return pass_on(transfer, *end ? MESSAGE_END : MESSAGE_DATA, length);
}

static bool received(struct transfer *transfer)
{
	return load_shared(&transfer->theirs->done) == transfer->id;
}

static enum outcome send_stream(struct send *send)
{
	enum outcome outcome = begin(send);
	bool end = false;

	if (outcome)
		return outcome;
	while (!outcome && !end)
		outcome = send_message(send, &end);
	if (!outcome)
		outcome = transfer_wait(&send->transfer, received);
	progress_end(&send->transfer.progress, !outcome);
	return outcome;
}

static int run_send(int argc, char **argv)
{
	struct send send = { .options.timeout_ns = NO_TIMEOUT };
	enum outcome outcome;
	int status;
	long err;

	status = send_options(argc, argv, &send);
	if (status >= 0)
		return status;
	if (open_input(&send))
		return EXIT_FAILURE;
	if (send.create_size) {
		err = l4shmc_create_area(send.options.name, send.create_size, 0600, 0);
		if (err)
			return fail_area(send.options.name, err);
	}
	if (transfer_open(&send.transfer, ROLE_SENDER, &send.options))
		return EXIT_FAILURE;
	outcome = send_stream(&send);
	transfer_close(&send.transfer);
	return outcome ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define SEND_HELP \
	"The area NAME has to be there, and stays usable for further transfers.  Ends well\n" \
	"only if the receiver has written everything.\n\n" \
	"  -c, --create[=SIZE]    make the area if there is none (1M); it goes when both\n" \
	"                         sides have left\n" \
	"  -n, --chunks=NUMBER    use so many chunks (16, or those that are there)\n" \
	"  -s, --chunk-size=SIZE  put at most that much into a chunk (what fits)\n"

const struct command command_send = {
	.name = "send",
	.args = "[OPTION]... NAME [FILE]",
	.summary = "send a file, or standard input, to 'l4shmc recv'",
	.help = SEND_HELP TRANSFER_HELP,
	.run = run_send,
};
