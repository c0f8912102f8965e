// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 32-bit program as the peer: the same layouts, every command, waits both
 * ways, messages both ways, and its death.
 */
#include "compat.h"

FIXTURE(compat)
{
	struct area area;
	char peer[PATH_MAX];
	union l4shmc_record *control;
	unsigned char *data, *payload;
	struct l4shmc_chunk_record *chunk;
	struct l4shmc_signal_record *record, *reply_record;
	int signal, reply;
};

static pid_t start_peer(FIXTURE_DATA(compat) * self, const char *what)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl(self->peer, self->peer, what, self->area.name, NULL);
		_exit(errno == ENOEXEC ? KSFT_SKIP : 1);
	}
	return pid;
}

FIXTURE_SETUP(compat)
{
	struct l4shmc_ioc_chunk_next next;
	int index;

	if (!find_beside(self->peer, sizeof(self->peer), "compat_peer"))
		SKIP(return, "built without a 32-bit compiler");
	if (!make_area(_metadata, &self->area, DEFAULT_AREA_SIZE))
		return;
	if (reap(start_peer(self, "nothing")) == KSFT_SKIP)
		SKIP(return, "the kernel runs no 32-bit programs");
	self->control = map_control(self->area.fd, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, self->control);
	self->data = map_data(self->area.fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, self->data);
	/* The layout goes to the start of the payload. */
	ASSERT_GE(chunk_add(self->area.fd, "layout", 4096), 0);
	index = chunk_add(self->area.fd, "c", COMPAT_MESSAGE);
	ASSERT_EQ(index, chunk_next(self->area.fd, (__u32)index, &next));
	self->payload = self->data + next.offset;
	self->chunk = &self->control[index].chunk;
	self->signal = signal_open(self->area.fd, "s", 0);
	self->reply = signal_open(self->area.fd, "reply", 0);
	ASSERT_GE(self->reply, 0);
	self->record = signal_record(self->control, self->signal);
	self->reply_record = signal_record(self->control, self->reply);
	ASSERT_NE(NULL, self->reply_record);
}

FIXTURE_TEARDOWN(compat)
{
	drop_area(&self->area);
}

static long waiters(FIXTURE_DATA(compat) * self, const char *signal)
{
	return signal_waiters(self->area.name, signal);
}

TEST_F(compat, attack_60_layouts_are_the_same)
{
	const struct compat_layout *theirs = (const struct compat_layout *)self->data;

	EXPECT_EQ(0, reap(start_peer(self, "layout")));
	for (unsigned int i = 0; i < ARRAY_SIZE(compat_layout); i++) {
		EXPECT_EQ(compat_layout[i].cmd, theirs[i].cmd);
		EXPECT_EQ(compat_layout[i].size, theirs[i].size);
		EXPECT_EQ(compat_layout[i].align, theirs[i].align);
		EXPECT_EQ(compat_layout[i].last, theirs[i].last);
	}
}

TEST_F(compat, attack_59_commands_work)
{
	EXPECT_EQ(0, reap(start_peer(self, "commands")));
}

TEST_F(compat, attack_59_waitset_works)
{
	EXPECT_EQ(0, reap(start_peer(self, "waitset")));
}

TEST_F(compat, attack_59_rest_of_the_time_comes_back)
{
	EXPECT_EQ(0, reap(start_peer(self, "interrupt")));
	EXPECT_EQ(1, self->reply_record->triggered);
}

TEST_F(compat, attack_59_sleeper_is_woken_by_a_trigger)
{
	pid_t pid = start_peer(self, "wait");

	ASSERT_TRUE(WAIT_UNTIL(waiters(self, "s") == 1));
	EXPECT_EQ(0, signal_trigger(self->signal));
	EXPECT_EQ(0, reap(pid));
}

TEST_F(compat, attack_59_sleeper_is_woken_from_user_space)
{
	pid_t pid = start_peer(self, "wait");

	ASSERT_TRUE(WAIT_UNTIL(waiters(self, "s") == 1));
	EXPECT_EQ(0, record_trigger(self->record, self->signal));
	EXPECT_EQ(0, reap(pid));
}

TEST_F(compat, attack_59_sleeper_in_a_waitset_is_woken)
{
	pid_t pid = start_peer(self, "waitany");

	ASSERT_TRUE(WAIT_UNTIL(signal_bindings(self->area.name, "s") == 1 &&
			       task_state(pid) == 'S'));
	EXPECT_EQ(0, record_trigger(self->record, self->signal));
	EXPECT_EQ(0, reap(pid));
}

TEST_F(compat, attack_59_call_is_answered)
{
	static const char *const calls[] = { "call", "callring" };

	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++) {
		pid_t pid = start_peer(self, calls[i]);

		EXPECT_EQ(0, signal_wait(self->reply, L4SHMC_TIMEOUT_NEVER));
		EXPECT_EQ(0, signal_trigger(self->signal));
		EXPECT_EQ(0, reap(pid));
		EXPECT_EQ(i + 1, load32(&self->reply_record->triggered));
	}
}

TEST_F(compat, attack_59_messages_go_to_and_fro)
{
	pid_t pid = start_peer(self, "echo");

	for (unsigned int number = 0; number < 2 * COMPAT_ROUNDS; number += 2) {
		ASSERT_TRUE(swap32(&self->chunk->state, L4SHMC_CHUNK_CLEAR,
				   chunk_state(L4SHMC_CHUNK_BUSY_WRITING, 0)));
		for (unsigned int i = 0; i < COMPAT_MESSAGE; i++)
			self->payload[i] = compat_byte(number, i);
		self->chunk->message_size = COMPAT_MESSAGE;
		store32(&self->chunk->state, L4SHMC_CHUNK_READY);
		ASSERT_EQ(0, record_trigger(self->record, self->signal));
		ASSERT_EQ(0, record_wait(self->reply_record, self->reply, false));
		ASSERT_EQ(L4SHMC_CHUNK_CLEAR, load32(&self->chunk->state));
		for (unsigned int i = 0; i < COMPAT_MESSAGE; i++)
			ASSERT_EQ(compat_byte(number + 1, i), self->payload[i]);
	}
	EXPECT_EQ(0, reap(pid));
}

TEST_F(compat, attack_59_dead_peer_leaves_nothing)
{
	struct l4shmc_ioc_area_info info;
	pid_t pid = start_peer(self, "write");

	EXPECT_EQ(0, signal_wait(self->reply, L4SHMC_TIMEOUT_NEVER));
	EXPECT_EQ(chunk_state(L4SHMC_CHUNK_BUSY_WRITING, 1), self->chunk->state);
	kill_child(pid);
	EXPECT_EQ(0, self->chunk->state);
	EXPECT_EQ(1, self->chunk->recovered);
	ASSERT_EQ(0, area_info(self->area.fd, &info));
	EXPECT_EQ(1, info.clients);
}

TEST_F(compat, attack_59_killed_sleeper_leaves_nothing)
{
	pid_t pid = start_peer(self, "wait");

	ASSERT_TRUE(WAIT_UNTIL(waiters(self, "s") == 1));
	kill_child(pid);
	EXPECT_EQ(0, waiters(self, "s"));
	EXPECT_EQ(0, self->record->armed);
}

TEST_HARNESS_MAIN
