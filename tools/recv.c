// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l4shmc recv: a stream out of an area
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <l4/sys/err.h>

#include "transfer.h"

/**
 * struct recv - what is to be received, and how
 * @transfer: the transfer
 * @options: the shared options
 * @follow: go on with the next sender
 * @fd: where the data go
 */
struct recv {
	struct transfer transfer;
	struct transfer_options options;
	bool follow;
	int fd;
};

/* Reads the options; returns a status, or -1 to go on. */
static int recv_options(int argc, char **argv, struct recv *recv)
{
	static const struct option options[] = {
		{ "follow", no_argument, NULL, 'f' },
		TRANSFER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	static const char letters[] = "f" TRANSFER_SHORT_OPTIONS;
	int option, status;

	while ((option = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (option == 'f') {
			recv->follow = true;
			continue;
		}
		status = transfer_option(option, &command_recv, &recv->options);
		if (status >= 0)
			return status;
	}
	return transfer_arguments(argc, argv, &recv->options);
}

static enum outcome output_failed(const struct recv *recv)
{
	fail("%s: %s", recv->options.file ? recv->options.file : "standard output",
	     strerror(errno));
	return OUTCOME_FAILED;
}

static enum outcome open_output(struct recv *recv)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;

	recv->fd = STDOUT_FILENO;
	if (recv->options.file)
		recv->fd = open(recv->options.file, flags, 0666);
	return recv->fd < 0 ? output_failed(recv) : OUTCOME_OK;
}

/* Some file systems tell about errors only now. */
static enum outcome close_output(struct recv *recv)
{
	if (recv->options.file && close(recv->fd))
		return output_failed(recv);
	return OUTCOME_OK;
}

static enum outcome write_output(struct recv *recv, const char *data, size_t length)
{
	struct pollfd fds = { .fd = recv->fd, .events = POLLOUT };
	ssize_t n;

	while (length) {
		n = write(recv->fd, data, length);
		if (n >= 0) {
			data += n;
			length -= (size_t)n;
		} else if (errno == EAGAIN) {
			poll(&fds, 1, -1);
		} else if (errno != EINTR) {
			return output_failed(recv);
		}
	}
	return OUTCOME_OK;
}

static enum outcome damaged(const struct transfer *transfer)
{
	fail_area_text(transfer->options->name, "what is in the area is not from 'l4shmc send'");
	return OUTCOME_FAILED;
}

/*
 * Takes the offer of a sender, or of a later one as long as none has begun.
 * Tells whether one has begun whose offer was taken; another receiver's
 * transfer, which may have been killed, is not for this one.
 */
static bool transfer_begun(struct transfer *transfer)
{
	const struct side *theirs = transfer->theirs;
	uint32_t id = load_shared(&theirs->id);
	bool begun = load_shared(&theirs->chunks);

	if (id == transfer->id)
		return id && begun;
	if (begun || load_shared(&theirs->leaving) || l4shmc_is_chunk_clear(&transfer->peer))
		return false;
	transfer->id = id;
	store_shared(&transfer->mine->id, id);
	transfer_tell(transfer);
	return false;
}

static enum outcome open_chunks(struct transfer *transfer)
{
	unsigned int count = load_shared(&transfer->theirs->chunks);
	char name[L4SHMC_NAME_SIZE];
	long err;

	if (load_shared(&transfer->theirs->version) != TRANSFER_VERSION || !count ||
	    count > TRANSFER_MAX_CHUNKS)
		return damaged(transfer);
	free(transfer->chunks);
	transfer->chunks = xcalloc(count, sizeof(*transfer->chunks));
	for (transfer->count = 0; transfer->count < count; transfer->count++) {
		transfer_chunk_name(name, transfer->count);
		err = l4shmc_get_chunk_to(&transfer->area, name, 0,
					  &transfer->chunks[transfer->count]);
		if (err)
			return transfer_fail(transfer, name, err);
	}
	return OUTCOME_OK;
}

/* Looks for a sender and begins a transfer with it. */
static enum outcome begin(struct recv *recv)
{
	struct transfer *transfer = &recv->transfer;
	struct side *mine = transfer->mine;
	enum outcome outcome;

	transfer->id = 0;
	transfer->sequence = 0;
	store_shared(&mine->version, TRANSFER_VERSION);
	store_shared(&mine->id, 0);
	store_shared(&mine->leaving, 0);
	/* A sender that took this receiver for its dead predecessor has to know. */
	transfer_tell(transfer);

	outcome = transfer_meet(transfer, transfer_begun);
	if (outcome)
		return outcome;
	outcome = open_chunks(transfer);
	if (outcome)
		return outcome;
	transfer->deadline_ns = NO_TIMEOUT;
	progress_start(&transfer->progress, "received", transfer->theirs->length,
		       recv->options.quiet);
	return OUTCOME_OK;
}

static bool take_ready(struct transfer *transfer)
{
	return !l4shmc_chunk_try_to_take_for_reading(transfer_next_chunk(transfer));
}

/* Gives the chunk of the message that has been dealt with back to the sender. */
static void give_back(struct transfer *transfer)
{
	l4shmc_chunk_consumed(transfer_next_chunk(transfer));
	transfer_passed(transfer);
}

/* Receives one message; *@end is set if it was the last one. */
static enum outcome recv_message(struct recv *recv, bool *end)
{
	struct transfer *transfer = &recv->transfer;
	struct message message;
	enum outcome outcome;
	l4shmc_chunk_t *chunk;
	long size;

	outcome = transfer_wait(transfer, take_ready);
	if (outcome)
		return outcome;
	chunk = transfer_next_chunk(transfer);
	size = l4shmc_chunk_size(chunk);
	if (size < (long)sizeof(message))
		return damaged(transfer);
	/* The sender could still change it. */
	memcpy(&message, l4shmc_chunk_ptr(chunk), sizeof(message));
	size -= (long)sizeof(message);
	if (message.id != transfer->id || message.sequence != transfer->sequence ||
	    message.total != transfer->progress.bytes ||
	    message.kind != (size ? MESSAGE_DATA : MESSAGE_END))
		return damaged(transfer);
	*end = !size;
	if (*end)
		return OUTCOME_OK;
	outcome = write_output(recv, (const char *)l4shmc_chunk_ptr(chunk) + sizeof(message),
			       (size_t)size);
	if (outcome)
		return outcome;
	give_back(transfer);
	progress_add(&transfer->progress, (uint64_t)size);
	return OUTCOME_OK;
}

/* Tells the sender that everything has been written. */
static void acknowledge(struct recv *recv)
{
	struct transfer *transfer = &recv->transfer;
	struct side *mine = transfer->mine;

	give_back(transfer);
	/* The sender may be gone, and the next receiver here, before we go on. */
	store_shared(&mine->leaving, recv->follow ? 0 : 1);
	store_shared(&mine->done, transfer->id);
	transfer_tell(transfer);
}

static enum outcome recv_stream(struct recv *recv)
{
	enum outcome outcome = begin(recv);
	bool end = false;

	if (outcome)
		return outcome;
	while (!outcome && !end)
		outcome = recv_message(recv, &end);
	if (!outcome && !recv->follow)
		outcome = close_output(recv);
	if (!outcome)
		acknowledge(recv);
	progress_end(&recv->transfer.progress, !outcome);
	return outcome;
}

/* Receives one stream after the other; returns a status. */
static int recv_streams(struct recv *recv)
{
	enum outcome outcome = OUTCOME_OK;
	int status = EXIT_SUCCESS;
	bool some = false;

	while (outcome == OUTCOME_OK || outcome == OUTCOME_GONE) {
		outcome = recv_stream(recv);
		if (!recv->follow)
			return outcome ? EXIT_FAILURE : EXIT_SUCCESS;
		/* That no further sender comes is how this is meant to end. */
		if (outcome && !(outcome == OUTCOME_TIMEOUT && some))
			status = EXIT_FAILURE;
		some = true;
		if (recv->options.timeout_ns != NO_TIMEOUT)
			recv->transfer.deadline_ns = clock_ns() + recv->options.timeout_ns;
	}
	return close_output(recv) ? EXIT_FAILURE : status;
}

static int run_recv(int argc, char **argv)
{
	struct recv recv = { .options.timeout_ns = NO_TIMEOUT };
	int status;

	status = recv_options(argc, argv, &recv);
	if (status >= 0)
		return status;
	if (transfer_open(&recv.transfer, ROLE_RECEIVER, &recv.options))
		return EXIT_FAILURE;
	/* Only now is it sure that there is a reason to overwrite the file. */
	status = EXIT_FAILURE;
	if (!open_output(&recv))
		status = recv_streams(&recv);
	transfer_close(&recv.transfer);
	return status;
}

#define RECV_HELP \
	"Waits for a sender.  Ends well only if all that was sent has been written.\n\n" \
	"  -f, --follow           go on with the next sender, also if one was killed, and\n" \
	"                         append what it sends; ends at the --timeout\n"

const struct command command_recv = {
	.name = "recv",
	.args = "[OPTION]... NAME [FILE]",
	.summary = "receive a file, or to standard output, from 'l4shmc send'",
	.help = RECV_HELP TRANSFER_HELP,
	.run = run_recv,
};
