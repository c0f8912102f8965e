// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What l4shmc send and l4shmc recv share: see transfer.h
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <l4/sys/err.h>
#include <l4/sys/ipc.h>

#include "transfer.h"

#define ERR_TIMEOUT (-(L4_EIPC_LO + L4_IPC_RETIMEOUT))

static const struct {
	const char *person;
	const char *chunk;
	const char *wake;
} roles[] = {
	[ROLE_SENDER] = { "sender", "transfer.sender", "transfer.free" },
	[ROLE_RECEIVER] = { "receiver", "transfer.receiver", "transfer.ready" },
};

static enum role other(enum role role)
{
	return role == ROLE_SENDER ? ROLE_RECEIVER : ROLE_SENDER;
}

/**
 * transfer_option() - handle an option that send and recv share
 * @option: what getopt_long() has returned
 * @command: the command, for its help
 * @options: filled in
 *
 * Return: exit status, or -1 to go on.
 */
int transfer_option(int option, const struct command *command, struct transfer_options *options)
{
	switch (option) {
	case 'w':
		options->wait = true;
		return -1;
	case 't':
		if (!parse_seconds(optarg, &options->timeout_ns))
			return usage_error("bad timeout '%s'", optarg);
		return -1;
	case 'q':
		options->quiet = true;
		return -1;
	case 'h':
		return command_help(command);
	default:
		return usage_hint();
	}
}

/**
 * transfer_arguments() - read NAME and FILE
 * @argc: number of arguments
 * @argv: arguments, of which getopt_long() has read the options
 * @options: filled in
 *
 * Return: exit status, or -1 to go on.
 */
int transfer_arguments(int argc, char **argv, struct transfer_options *options)
{
	if (argc - optind < 1 || argc - optind > 2)
		return usage_error("a NAME is needed, and at most one FILE");
	options->name = argv[optind];
	if (argc - optind == 2 && strcmp(argv[optind + 1], "-"))
		options->file = argv[optind + 1];
	return -1;
}

/**
 * transfer_fail() - tell about an error code
 * @transfer: the transfer
 * @chunk: the chunk that it is about, or NULL
 * @err: negative L4 error code
 *
 * Return: OUTCOME_FAILED.
 */
enum outcome transfer_fail(const struct transfer *transfer, const char *chunk, long err)
{
	const char *name = transfer->options->name;

	if (!chunk)
		fail_area(name, err);
	else if (err == -L4_ENOMEM)
		fail_area_text(name, "no room for chunk '%s': %ld bytes are free", chunk,
			       l4shmc_area_size_free(&transfer->area));
	else if (err == -L4_EMSGTOOSHORT)
		fail_area_text(name, "chunk '%s' is there already and too small", chunk);
	else
		fail_area_text(name, "chunk '%s': %s", chunk, l4sys_errtostr(err));
	return OUTCOME_FAILED;
}

/**
 * transfer_gone() - tell that the peer left before the end
 * @transfer: the transfer
 *
 * Return: OUTCOME_GONE.
 */
enum outcome transfer_gone(const struct transfer *transfer)
{
	fail_area_text(transfer->options->name, "peer gone: the %s left before the end",
		       roles[other(transfer->role)].person);
	return OUTCOME_GONE;
}

/**
 * transfer_peer_gone() - has the peer left, or turned to something else
 * @transfer: the transfer, which has begun
 *
 * Return: whether it has.
 */
bool transfer_peer_gone(const struct transfer *transfer)
{
	return l4shmc_is_chunk_clear(&transfer->peer) ||
	       load_shared(&transfer->theirs->id) != transfer->id;
}

/* Waits for @signal, which may be told more often than needed. */
static enum outcome wait_signal(struct transfer *transfer, l4shmc_signal_t *signal)
{
	uint64_t now, us;
	long err;

	if (transfer->deadline_ns == NO_TIMEOUT) {
		err = l4shmc_wait_signal(signal);
		return err ? transfer_fail(transfer, NULL, err) : OUTCOME_OK;
	}
	now = clock_ns();
	if (now >= transfer->deadline_ns) {
		fail_area_text(transfer->options->name, "no %s in time",
			       roles[other(transfer->role)].person);
		return OUTCOME_TIMEOUT;
	}
	us = (transfer->deadline_ns - now) / 1000 + 1;
	err = l4shmc_wait_signal_to(signal,
				    l4_timeout(L4_IPC_TIMEOUT_NEVER, l4_timeout_from_us(us)));
	return err && err != ERR_TIMEOUT ? transfer_fail(transfer, NULL, err) : OUTCOME_OK;
}

/**
 * transfer_meet() - wait for the peer to do a step before the transfer begins
 * @transfer: the transfer
 * @met: looks whether it has done it
 *
 * Return: OUTCOME_OK, OUTCOME_TIMEOUT or OUTCOME_FAILED.
 */
enum outcome transfer_meet(struct transfer *transfer, bool (*met)(struct transfer *transfer))
{
	enum outcome outcome = OUTCOME_OK;

	while (!outcome && !met(transfer))
		outcome = wait_signal(transfer, &transfer->wake);
	return outcome;
}

/**
 * transfer_wait() - wait for the peer to do a step of the transfer
 * @transfer: the transfer, which has begun
 * @done: looks whether it has done it
 *
 * Makes no system call if it has.
 *
 * Return: OUTCOME_OK, OUTCOME_GONE or OUTCOME_FAILED.
 */
enum outcome transfer_wait(struct transfer *transfer, bool (*done)(struct transfer *transfer))
{
	enum outcome outcome = OUTCOME_OK;
	bool gone = false;

	while (!outcome && !done(transfer)) {
		/* What it did before it left counts, so look once more. */
		if (gone)
			return transfer_gone(transfer);
		gone = transfer_peer_gone(transfer);
		if (gone)
			continue;
		transfer_tell(transfer);
		outcome = wait_signal(transfer, &transfer->wake);
	}
	return outcome;
}

/**
 * transfer_chunk_name() - name of a chunk for messages
 * @name: filled in
 * @index: its number, from 0
 */
void transfer_chunk_name(char name[L4SHMC_NAME_SIZE], unsigned int index)
{
	snprintf(name, L4SHMC_NAME_SIZE, "transfer.%u", index);
}

/**
 * transfer_next_chunk() - the chunk of the next message
 * @transfer: the transfer
 *
 * Return: the chunk.
 */
l4shmc_chunk_t *transfer_next_chunk(const struct transfer *transfer)
{
	return &transfer->chunks[transfer->sequence % transfer->count];
}

/**
 * transfer_tell() - wake the other side
 * @transfer: the transfer
 *
 * To be called before this side may sleep, whatever it waits for.
 */
void transfer_tell(struct transfer *transfer)
{
	transfer->untold = 0;
	l4shmc_trigger(&transfer->notify);
}

/**
 * transfer_passed() - the next chunk has been passed on to the other side
 * @transfer: the transfer
 *
 * One that sleeps is woken when half of the chunks are its own: if both share
 * a CPU they take turns less often.
 */
void transfer_passed(struct transfer *transfer)
{
	transfer->sequence++;
	if (++transfer->untold > transfer->count / 2)
		transfer_tell(transfer);
}

/* Wakes this side whenever a client has come or gone, to look after its peer. */
static void *watch(void *arg)
{
	struct transfer *transfer = arg;
	struct pollfd fds[] = {
		{ .fd = l4shmc_signal_fd(&transfer->clients), .events = POLLIN },
		{ .fd = transfer->stop_fd, .events = POLLIN },
	};

	while (poll(fds, ARRAY_SIZE(fds), -1) >= 0 || errno == EINTR) {
		if (fds[1].revents)
			break;
		if (l4shmc_wait_signal_try(&transfer->clients))
			continue;
		eventfd_write(transfer->wake_fd, 1);
		l4shmc_trigger(&transfer->wake);
	}
	return NULL;
}

static enum outcome attach(struct transfer *transfer)
{
	const struct transfer_options *options = transfer->options;
	l4_umword_t timeout_ms = 0;
	long err;

	transfer->deadline_ns = NO_TIMEOUT;
	if (options->timeout_ns != NO_TIMEOUT)
		transfer->deadline_ns = clock_ns() + options->timeout_ns;
	if (options->wait && options->timeout_ns == NO_TIMEOUT)
		timeout_ms = L4SHMC_FOREVER;
	else if (options->wait)
		timeout_ms = (l4_umword_t)(options->timeout_ns / 1000000);
	err = l4shmc_attach_flags(options->name, timeout_ms, 0, &transfer->area);
	return err ? transfer_fail(transfer, NULL, err) : OUTCOME_OK;
}

/* Finds or makes the chunk of a side. */
static enum outcome open_side(struct transfer *transfer, enum role role, l4shmc_chunk_t *chunk,
			      struct side **side)
{
	const char *name = roles[role].chunk;
	long err;

	err = l4shmc_add_chunk(&transfer->area, name, sizeof(**side), chunk);
	if (err == -L4_EEXIST)
		err = l4shmc_get_chunk_to(&transfer->area, name, 0, chunk);
	if (!err && l4shmc_chunk_capacity(chunk) < (long)sizeof(**side))
		err = -L4_EMSGTOOSHORT;
	if (err)
		return transfer_fail(transfer, name, err);
	*side = l4shmc_chunk_ptr(chunk);
	return OUTCOME_OK;
}

static enum outcome open_objects(struct transfer *transfer)
{
	enum role mine = transfer->role, theirs = other(mine);
	enum outcome outcome;
	long err;

	outcome = open_side(transfer, mine, &transfer->own, &transfer->mine);
	if (outcome)
		return outcome;
	outcome = open_side(transfer, theirs, &transfer->peer, &transfer->theirs);
	if (outcome)
		return outcome;
	err = l4shmc_add_signal(&transfer->area, roles[mine].wake, &transfer->wake);
	if (!err)
		err = l4shmc_add_signal(&transfer->area, roles[theirs].wake, &transfer->notify);
	if (!err)
		err = l4shmc_get_clients_signal(&transfer->area, &transfer->clients);
	return err ? transfer_fail(transfer, NULL, err) : OUTCOME_OK;
}

/* Becomes the only one in this role. */
static enum outcome take_role(struct transfer *transfer)
{
	enum outcome outcome;

	while (l4shmc_chunk_try_to_take(&transfer->own)) {
		if (!load_shared(&transfer->mine->leaving)) {
			fail_area_text(transfer->options->name, "busy: another %s is at work",
				       roles[transfer->role].person);
			return OUTCOME_FAILED;
		}
		outcome = wait_signal(transfer, &transfer->clients);
		if (outcome)
			return outcome;
	}
	return OUTCOME_OK;
}

static enum outcome start_watcher(struct transfer *transfer)
{
	int err;

	transfer->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	transfer->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (transfer->wake_fd < 0 || transfer->stop_fd < 0) {
		fail("eventfd: %s", strerror(errno));
		return OUTCOME_FAILED;
	}
	err = pthread_create(&transfer->watcher, NULL, watch, transfer);
	if (err) {
		fail("thread: %s", strerror(err));
		return OUTCOME_FAILED;
	}
	return OUTCOME_OK;
}

/**
 * transfer_open() - become the sender or the receiver of an area
 * @transfer: filled in
 * @role: which of the two
 * @options: what the user wants
 *
 * After a failure the process has to end.
 *
 * Return: outcome.
 */
enum outcome transfer_open(struct transfer *transfer, enum role role,
			   const struct transfer_options *options)
{
	enum outcome outcome;

	*transfer = (struct transfer){ .options = options, .role = role };
	outcome = attach(transfer);
	if (!outcome)
		outcome = open_objects(transfer);
	if (!outcome)
		outcome = take_role(transfer);
	if (!outcome)
		outcome = start_watcher(transfer);
	return outcome;
}

/**
 * transfer_close() - leave the area
 * @transfer: a transfer that was opened
 */
void transfer_close(struct transfer *transfer)
{
	store_shared(&transfer->mine->leaving, 1);
	l4shmc_chunk_consumed(&transfer->own);
	transfer_tell(transfer);

	eventfd_write(transfer->stop_fd, 1);
	pthread_join(transfer->watcher, NULL);
	close(transfer->stop_fd);
	close(transfer->wake_fd);
	l4shmc_detach(&transfer->area);
	free(transfer->chunks);
}
