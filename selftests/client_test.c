// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients: numbers, who is initialized, and the driver's own signal that tells
 * each client about the others.
 */
#include "common.h"

FIXTURE(client)
{
	struct area area;
};

FIXTURE_SETUP(client)
{
	make_area(_metadata, &self->area, DEFAULT_AREA_SIZE);
}

FIXTURE_TEARDOWN(client)
{
	drop_area(&self->area);
}

static int attach(FIXTURE_DATA(client) * self, __u32 flags)
{
	return area_attach(self->area.dev, self->area.name, flags);
}

static __u32 client_number(int fd)
{
	struct l4shmc_ioc_area_info info;

	return area_info(fd, &info) ? L4SHMC_CLIENT_NONE - 1 : info.client;
}

static __u32 clients(int fd)
{
	struct l4shmc_ioc_area_info info;

	return area_info(fd, &info) ? ~0U : info.clients;
}

static __u64 initialized(int fd)
{
	struct l4shmc_ioc_area_info info;

	return area_info(fd, &info) ? ~0ULL : info.initialized;
}

TEST_F(client, attack_49_gets_the_lowest_free_number)
{
	int fds[8];

	for (__u32 i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = attach(self, 0);
		ASSERT_GE(fds[i], 0);
		EXPECT_EQ(i + 1, client_number(fds[i]));
	}
	close(fds[4]);
	close(fds[2]);
	EXPECT_EQ(3, client_number(attach(self, 0)));
	EXPECT_EQ(5, client_number(attach(self, 0)));
	EXPECT_EQ(9, client_number(attach(self, 0)));
	EXPECT_EQ(10, clients(self->area.fd));
	close(self->area.fd);
	EXPECT_EQ(0, client_number(attach(self, 0)));
}

TEST_F(client, observer_has_no_number_and_does_not_count)
{
	int observer = attach(self, L4SHMC_ATTACH_OBSERVER);

	ASSERT_GE(observer, 0);
	EXPECT_EQ(L4SHMC_CLIENT_NONE, client_number(observer));
	EXPECT_EQ(1, clients(observer));
	EXPECT_EQ(1, client_number(attach(self, 0)));
	EXPECT_ERR(EBADF, client_init(observer));
	EXPECT_EQ(0, initialized(observer));
}

TEST_F(client, tells_that_it_is_initialized)
{
	int second = attach(self, 0);

	EXPECT_EQ(0, client_init(second));
	EXPECT_EQ(2, initialized(self->area.fd));
	/* Twice is the same as once. */
	EXPECT_EQ(0, client_init(second));
	EXPECT_EQ(0, client_init(self->area.fd));
	EXPECT_EQ(3, initialized(second));
	EXPECT_EQ(3, initialized(self->area.handle));
	close(second);
	EXPECT_EQ(1, initialized(self->area.fd));
	/* The number is used again, the bit is not. */
	second = attach(self, 0);
	EXPECT_EQ(1, client_number(second));
	EXPECT_EQ(1, initialized(second));
}

TEST_F(client, number_64_cannot_be_told)
{
	int fds[66];

	for (__u32 i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = attach(self, 0);
		ASSERT_GE(fds[i], 0);
		ASSERT_EQ(i + 1, client_number(fds[i]));
	}
	EXPECT_EQ(0, client_init(fds[62]));
	EXPECT_EQ(1ULL << 63, initialized(self->area.fd));
	EXPECT_ERR(EINVAL, client_init(fds[63]));
	EXPECT_ERR(EINVAL, client_init(fds[65]));
	EXPECT_EQ(1ULL << 63, initialized(self->area.fd));
	/* Going, they take no bit along. */
	close(fds[63]);
	close(fds[65]);
	EXPECT_EQ(1ULL << 63, initialized(self->area.fd));
	EXPECT_EQ(65, clients(self->area.fd));
}

TEST_F(client, stays_while_a_dup_is_there)
{
	int second = attach(self, 0), copy = dup(second);

	close(second);
	EXPECT_EQ(2, clients(self->area.fd));
	close(copy);
	EXPECT_EQ(1, clients(self->area.fd));
}

TEST_F(client, stays_while_the_records_are_mapped)
{
	int second = attach(self, 0);
	union l4shmc_record *control = map_control(second, PROT_READ);

	ASSERT_NE(MAP_FAILED, control);
	ASSERT_EQ(0, client_init(second));
	close(second);
	EXPECT_EQ(2, clients(self->area.fd));
	EXPECT_EQ(2, initialized(self->area.fd));
	/* All but one page */
	munmap(control, L4SHMC_CONTROL_SIZE - page_size());
	EXPECT_EQ(2, clients(self->area.fd));
	munmap((char *)control + L4SHMC_CONTROL_SIZE - page_size(), page_size());
	EXPECT_EQ(1, clients(self->area.fd));
	EXPECT_EQ(0, initialized(self->area.fd));
}

TEST_F(client, does_not_stay_for_its_payload_or_signals)
{
	int second = attach(self, 0), signal = signal_open(second, "s", 0);
	void *data = map_data(second, DEFAULT_AREA_SIZE, PROT_READ);

	ASSERT_NE(MAP_FAILED, data);
	ASSERT_GE(signal, 0);
	close(second);
	EXPECT_EQ(1, clients(self->area.fd));
	EXPECT_EQ(1, client_number(attach(self, 0)));
}

struct holder {
	int fd, ready[2];
	void *control;
};

static int hold_client(void *arg)
{
	struct holder *holder = arg;

	CHECK(write(holder->ready[1], "", 1) == 1);
	pause();
	return 1;
}

TEST_F(client, stays_while_a_child_has_it)
{
	struct holder holder = { .fd = attach(self, 0) };
	pid_t child;
	char byte;

	ASSERT_EQ(0, pipe(holder.ready));
	child = spawn(hold_client, &holder);
	ASSERT_EQ(1, read(holder.ready[0], &byte, 1));
	close(holder.fd);
	EXPECT_EQ(2, clients(self->area.fd));
	kill_child(child);
	EXPECT_EQ(1, clients(self->area.fd));
}

TEST_F(client, stays_while_a_child_has_its_mapping)
{
	struct holder holder = { .fd = attach(self, 0) };
	pid_t child;
	char byte;

	ASSERT_EQ(0, pipe(holder.ready));
	holder.control = map_control(holder.fd, PROT_READ);
	ASSERT_NE(MAP_FAILED, holder.control);
	close(holder.fd);
	child = spawn(hold_client, &holder);
	ASSERT_EQ(1, read(holder.ready[0], &byte, 1));
	munmap(holder.control, L4SHMC_CONTROL_SIZE);
	EXPECT_EQ(2, clients(self->area.fd));
	kill_child(child);
	EXPECT_EQ(1, clients(self->area.fd));
}

TEST_F(client, attack_51_goes_with_exec)
{
	int second = attach(self, 0), out[2];
	void *control = map_control(second, PROT_READ);
	pid_t child;
	char byte;

	ASSERT_EQ(0, pipe(out));
	ASSERT_NE(MAP_FAILED, control);
	child = fork();
	if (child == 0) {
		dup2(out[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", "echo; exec sleep 1000", NULL);
		_exit(1);
	}
	ASSERT_EQ(1, read(out[0], &byte, 1));
	munmap(control, L4SHMC_CONTROL_SIZE);
	close(second);
	EXPECT_EQ(1, clients(self->area.fd));
	EXPECT_EQ(0, waitpid(child, NULL, WNOHANG));
	kill_child(child);
}

TEST_F(client, of_killed_process_is_gone)
{
	for (unsigned int i = 0; i < 8; i++) {
		struct holder holder = { .fd = -1 };
		pid_t child;
		char byte;

		ASSERT_EQ(0, pipe(holder.ready));
		child = fork();
		if (child == 0) {
			int fd = attach(self, 0);

			if (map_control(fd, PROT_READ) == MAP_FAILED || client_init(fd))
				_exit(1);
			hold_client(&holder);
			_exit(1);
		}
		ASSERT_EQ(1, read(holder.ready[0], &byte, 1));
		EXPECT_EQ(2, clients(self->area.fd));
		EXPECT_EQ(2, initialized(self->area.fd));
		kill_child(child);
		EXPECT_EQ(1, clients(self->area.fd));
		EXPECT_EQ(0, initialized(self->area.fd));
		close(holder.ready[0]);
		close(holder.ready[1]);
	}
}

static int attach_and_go(void *arg)
{
	FIXTURE_DATA(client) * self = arg;

	for (unsigned int i = rounds(200); i > 0; i--) {
		int fd = attach(self, 0);

		CHECK(fd >= 0);
		CHECK(client_number(fd) >= 1 && client_number(fd) <= 4);
		CHECK(client_init(fd) == 0);
		close(fd);
	}
	return 0;
}

TEST_F(client, numbers_survive_a_race)
{
	pid_t pids[4];

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(attach_and_go, self);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(0, reap(pids[i]));
	EXPECT_EQ(1, clients(self->area.fd));
	EXPECT_EQ(0, initialized(self->area.fd));
}

/* Numbers end at L4SHMC_MAX_CLIENTS: the table is filled, and emptied again. */
TEST_F_TIMEOUT(client, table_is_full, 600)
{
	struct rlimit limit = { L4SHMC_MAX_CLIENTS + 64, L4SHMC_MAX_CLIENTS + 64 };
	int first, next, fd = 0;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		SKIP(return, "needs %u file descriptors", L4SHMC_MAX_CLIENTS + 64);
	first = attach(self, 0);
	ASSERT_GE(first, 0);
	for (unsigned int i = 2; i < L4SHMC_MAX_CLIENTS; i++) {
		fd = attach(self, 0);
		ASSERT_GE(fd, 0);
	}
	EXPECT_EQ(L4SHMC_MAX_CLIENTS - 1, client_number(fd));
	next = next_fd();
	EXPECT_ERR(ENOSPC, attach(self, 0));
	EXPECT_ERR(ENOSPC, area_attach(self->area.handle, "", 0));
	EXPECT_EQ(next, next_fd());
	/* Observers have no number to run out of. */
	EXPECT_GE(attach(self, L4SHMC_ATTACH_OBSERVER), 0);
	close(first);
	EXPECT_EQ(1, client_number(attach(self, 0)));
	EXPECT_ERR(ENOSPC, attach(self, 0));
}

/* The driver's signal */

FIXTURE(clients)
{
	struct area area;
	int mine, other, others;
};

FIXTURE_SETUP(clients)
{
	if (!make_area(_metadata, &self->area, DEFAULT_AREA_SIZE))
		return;
	self->other = area_attach(self->area.handle, "", 0);
	ASSERT_GE(self->other, 0);
	self->mine = signal_open(self->area.fd, L4SHMC_SIGNAL_CLIENTS, 0);
	ASSERT_GE(self->mine, 0);
	self->others = signal_open(self->other, L4SHMC_SIGNAL_CLIENTS, 0);
	ASSERT_GE(self->others, 0);
	/* Whatever has come so far */
	signal_wait(self->mine, 0);
	signal_wait(self->others, 0);
}

FIXTURE_TEARDOWN(clients)
{
	drop_area(&self->area);
}

#define EXPECT_FIRED(expected)                                                    \
	do {                                                                      \
		int __result = (expected) ? 0 : -ETIMEDOUT;                       \
		EXPECT_EQ(__result, signal_wait(self->mine, 0));                  \
		EXPECT_EQ(__result, signal_wait(self->others, 0));                \
	} while (0)

TEST_F(clients, are_told_once_of_each_change)
{
	int fd;

	EXPECT_FIRED(false);
	fd = area_attach(self->area.handle, "", 0);
	ASSERT_GE(fd, 0);
	EXPECT_FIRED(true);
	EXPECT_FIRED(false);
	EXPECT_EQ(0, client_init(fd));
	EXPECT_FIRED(true);
	EXPECT_FIRED(false);
	close(fd);
	EXPECT_FIRED(true);
	EXPECT_FIRED(false);
}

TEST_F(clients, are_told_each_on_its_own)
{
	ASSERT_EQ(0, client_init(self->other));
	EXPECT_EQ(0, signal_wait(self->mine, 0));
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->mine, 0));
	/* The other's event is still there. */
	EXPECT_EQ(0, signal_wait(self->others, 0));
}

TEST_F(clients, are_not_told_of_observers_and_failures)
{
	int observer = area_attach(self->area.handle, "", L4SHMC_ATTACH_OBSERVER);

	ASSERT_GE(observer, 0);
	close(observer);
	EXPECT_ERR(EINVAL, area_attach(self->area.handle, "", 2));
	EXPECT_FIRED(false);
}

TEST_F(clients, events_add_up_to_one)
{
	for (unsigned int i = 0; i < 16; i++)
		close(area_attach(self->area.handle, "", 0));
	EXPECT_FIRED(true);
	EXPECT_FIRED(false);
}

TEST_F(clients, cannot_be_triggered_by_users)
{
	int user = signal_open(self->area.fd, "user", 0);

	EXPECT_ERR(EPERM, signal_trigger(self->mine));
	EXPECT_ERR(EPERM, signal_ring(self->mine));
	EXPECT_ERR(EPERM, signal_call(user, self->mine, 0));
	EXPECT_FIRED(false);
	/* To call another signal and wait on this one is a wait like any other. */
	EXPECT_ERR(ETIMEDOUT, signal_call(self->mine, user, 0));
	EXPECT_EQ(0, signal_wait(user, 0));
}

TEST_F(clients, signal_has_its_name)
{
	struct l4shmc_ioc_signal_info mine, others;

	ASSERT_EQ(0, signal_info(self->mine, &mine));
	ASSERT_EQ(0, signal_info(self->others, &others));
	EXPECT_STREQ(L4SHMC_SIGNAL_CLIENTS, mine.name);
	EXPECT_EQ(0, mine.flags);
	EXPECT_NE(mine.index, others.index);
}

TEST_F(clients, signal_is_the_same_for_one_client)
{
	struct l4shmc_ioc_signal_info info[2];
	int again = signal_open(self->area.fd, L4SHMC_SIGNAL_CLIENTS, 0);

	ASSERT_GE(again, 0);
	ASSERT_EQ(0, signal_info(self->mine, &info[0]));
	ASSERT_EQ(0, signal_info(again, &info[1]));
	EXPECT_EQ(info[0].index, info[1].index);
	ASSERT_EQ(0, client_init(self->other));
	EXPECT_EQ(0, signal_wait(again, 0));
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->mine, 0));
}

TEST_F(clients, signal_is_taken_in_user_space_too)
{
	union l4shmc_record *control = map_control(self->area.fd, PROT_READ | PROT_WRITE);
	struct l4shmc_signal_record *record;

	ASSERT_NE(MAP_FAILED, control);
	record = signal_record(control, self->mine);
	ASSERT_NE(NULL, record);
	EXPECT_FALSE(record_pending(record));
	ASSERT_EQ(0, client_init(self->other));
	EXPECT_TRUE(record_take(record, false));
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->mine, 0));
}

TEST_F(clients, observer_is_told)
{
	int observer = area_attach(self->area.handle, "", L4SHMC_ATTACH_OBSERVER);
	int signal = signal_open(observer, L4SHMC_SIGNAL_CLIENTS, 0);
	struct pollfd poller = { .fd = signal, .events = POLLIN };

	ASSERT_GE(signal, 0);
	signal_wait(signal, 0);
	EXPECT_EQ(0, poll(&poller, 1, 0));
	ASSERT_EQ(0, client_init(self->other));
	EXPECT_EQ(1, poll(&poller, 1, 0));
	EXPECT_EQ(0, signal_wait(signal, 0));
	EXPECT_ERR(ETIMEDOUT, signal_wait(signal, 0));
	/* It may not trigger, and opens no other. */
	EXPECT_ERR(EPERM, signal_trigger(signal));
	EXPECT_ERR(EPERM, signal_ring(signal));
	EXPECT_ERR(EBADF, signal_open(observer, "s", 0));
	EXPECT_EQ(0, poll(&poller, 1, 0));
}

TEST_F(clients, sleeper_wakes_when_a_peer_is_killed)
{
	struct holder holder;
	pid_t child;
	char byte;

	ASSERT_EQ(0, pipe(holder.ready));
	child = fork();
	if (child == 0) {
		if (area_attach(self->area.handle, "", 0) < 0)
			_exit(1);
		hold_client(&holder);
		_exit(1);
	}
	ASSERT_EQ(1, read(holder.ready[0], &byte, 1));
	EXPECT_FIRED(true);
	kill(child, SIGKILL);
	EXPECT_EQ(0, signal_wait(self->mine, L4SHMC_TIMEOUT_NEVER));
	EXPECT_EQ(0, signal_wait(self->others, L4SHMC_TIMEOUT_NEVER));
	reap(child);
	EXPECT_EQ(2, clients(self->area.fd));
}

TEST_F(clients, descriptor_keeps_its_client)
{
	/* The signal is one of the attachment's own descriptors. */
	close(self->other);
	EXPECT_EQ(2, clients(self->area.fd));
	EXPECT_FIRED(false);
	close(self->others);
	EXPECT_EQ(1, clients(self->area.fd));
	EXPECT_EQ(0, signal_wait(self->mine, 0));
}

TEST_F(clients, record_is_free_again)
{
	struct l4shmc_ioc_signal_info before, after;

	ASSERT_EQ(0, signal_info(self->others, &before));
	close(self->others);
	close(self->other);
	self->other = area_attach(self->area.handle, "", 0);
	self->others = signal_open(self->other, L4SHMC_SIGNAL_CLIENTS, 0);
	ASSERT_GE(self->others, 0);
	ASSERT_EQ(0, signal_info(self->others, &after));
	EXPECT_EQ(before.index, after.index);
	/* What its predecessor had not taken is not its own. */
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->others, 0));
}

TEST_HARNESS_MAIN
