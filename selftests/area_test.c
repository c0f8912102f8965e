// SPDX-License-Identifier: GPL-2.0-only
/*
 * Areas: sizes, names, modes, who keeps one alive, and what is left when the
 * last user has gone.
 */
#include "common.h"

#include <sys/sysinfo.h>

FIXTURE(area)
{
	struct area area;
	char other[L4SHMC_NAME_SIZE];
	__u64 start;
};

FIXTURE_SETUP(area)
{
	unique_name(self->other, "other");
	make_area(_metadata, &self->area, DEFAULT_AREA_SIZE);
}

FIXTURE_TEARDOWN(area)
{
	area_unlink(self->area.dev, self->other);
	drop_area(&self->area);
}

TEST_F(area, info_tells_what_was_asked_for)
{
	struct l4shmc_ioc_area_info info;

	ASSERT_EQ(0, area_info(self->area.fd, &info));
	EXPECT_EQ(0, info.flags);
	EXPECT_EQ(DEFAULT_AREA_SIZE, info.area_size);
	EXPECT_EQ(DEFAULT_AREA_SIZE, info.area_free);
	EXPECT_EQ(0, info.initialized);
	EXPECT_EQ(1, info.clients);
	EXPECT_EQ(0, info.client);
	EXPECT_EQ(0600, info.mode);
	EXPECT_EQ(geteuid(), info.uid);
	EXPECT_EQ(getegid(), info.gid);
	EXPECT_EQ(0, info.reserved);
	EXPECT_STREQ(self->area.name, info.name);

	ASSERT_EQ(0, area_info(self->area.handle, &info));
	EXPECT_EQ(L4SHMC_CLIENT_NONE, info.client);
	EXPECT_EQ(1, info.clients);
}

TEST_F(area, info_of_an_observer)
{
	struct l4shmc_ioc_area_info info;
	int fd = area_attach(self->area.dev, self->area.name, L4SHMC_ATTACH_OBSERVER);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, area_info(fd, &info));
	EXPECT_EQ(L4SHMC_AREA_OBSERVER, info.flags);
	EXPECT_EQ(L4SHMC_CLIENT_NONE, info.client);
	EXPECT_EQ(1, info.clients);
	EXPECT_EQ(O_RDONLY, fcntl(fd, F_GETFL) & O_ACCMODE);
	close(fd);
}

TEST_F(area, flags_follow_its_life)
{
	struct l4shmc_ioc_area_info info;
	int handle = area_create(self->area.dev, self->other, 1, 0600, L4SHMC_CREATE_PERSISTENT);

	ASSERT_GE(handle, 0);
	ASSERT_EQ(0, area_info(handle, &info));
	EXPECT_EQ(L4SHMC_AREA_PERSISTENT, info.flags);
	ASSERT_EQ(0, area_unlink(self->area.dev, self->other));
	ASSERT_EQ(0, area_info(handle, &info));
	EXPECT_TRUE(info.flags & L4SHMC_AREA_UNLINKED);
	EXPECT_STREQ(self->other, info.name);
	close(handle);
}

TEST_F(area, name_is_taken)
{
	EXPECT_ERR(EEXIST, area_create(self->area.dev, self->area.name, 1, 0600, 0));
	EXPECT_TRUE(area_named(&self->area));
}

static int create_at_once(void *arg)
{
	FIXTURE_DATA(area) * self = arg;
	int fd;

	while (now_ns() < self->start)
		sched_yield();
	fd = area_create(self->area.dev, self->other, 1, 0600, 0);
	/* The winner stays until all others have tried. */
	if (fd < 0)
		return fd == -EEXIST ? 0 : 1;
	pause();
	return 1;
}

TEST_F(area, of_racing_creates_one_wins)
{
	pid_t pids[8];
	unsigned int losers = 0, winner = 0;

	self->start = now_ns() + 30 * NS_PER_MS;
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(create_at_once, self);
	while (losers < ARRAY_SIZE(pids) - 1) {
		int status;

		ASSERT_GT(waitpid(-1, &status, 0), 0);
		ASSERT_EQ(0, status);
		losers++;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		if (kill(pids[i], 0) == 0 && ++winner)
			kill_child(pids[i]);
	EXPECT_EQ(1, winner);
	EXPECT_ERR(ENOENT, area_attach(self->area.dev, self->other, 0));
}

TEST_F(area, attack_06_modes_are_read_and_write_bits)
{
	struct l4shmc_ioc_area_info info;

	for (unsigned int bit = 0; bit < 32; bit++) {
		int handle = area_create(self->area.dev, self->other, 1, 1U << bit, 0);

		if (!(1U << bit & 0666)) {
			EXPECT_ERR(EINVAL, handle);
			continue;
		}
		ASSERT_GE(handle, 0);
		ASSERT_EQ(0, area_info(handle, &info));
		EXPECT_EQ(1U << bit, info.mode);
		close(handle);
	}
}

TEST_F(area, mode_of_nothing_is_the_owners_business)
{
	int handle = area_create(self->area.dev, self->other, 1, 0, 0);

	ASSERT_GE(handle, 0);
	EXPECT_GE(area_attach(handle, "", 0), 0);
}

TEST_F(area, mode_is_not_masked)
{
	struct l4shmc_ioc_area_info info;
	int handle;

	umask(0777);
	handle = area_create(self->area.dev, self->other, 1, 0666, 0);
	ASSERT_GE(handle, 0);
	ASSERT_EQ(0, area_info(handle, &info));
	EXPECT_EQ(0666, info.mode);
}

FIXTURE(size)
{
	struct area area;
	char name[L4SHMC_NAME_SIZE];
	__u64 max;
};

/* @size of 0 stands for one byte more than the driver allows. */
FIXTURE_VARIANT(size)
{
	__u64 size;
	int error;
	unsigned int pages;
};

FIXTURE_VARIANT_ADD(size, one) { .size = 1, .pages = 1 };
FIXTURE_VARIANT_ADD(size, page_less_1) { .size = 4095, .pages = 1 };
FIXTURE_VARIANT_ADD(size, page) { .size = 4096, .pages = 1 };
FIXTURE_VARIANT_ADD(size, page_and_1) { .size = 4097, .pages = 2 };
FIXTURE_VARIANT_ADD(size, mega) { .size = 1 << 20, .pages = 256 };
FIXTURE_VARIANT_ADD(size, above_max) { .error = ENOMEM };
FIXTURE_VARIANT_ADD(size, s47) { .size = 1ULL << 47, .error = ENOMEM };
FIXTURE_VARIANT_ADD(size, s64_max) { .size = 0x7fffffffffffffff, .error = ENOMEM };
FIXTURE_VARIANT_ADD(size, s64_min) { .size = 0x8000000000000000, .error = ENOMEM };
FIXTURE_VARIANT_ADD(size, last_page) { .size = 0xfffffffffffff000, .error = ENOMEM };
FIXTURE_VARIANT_ADD(size, u64_max) { .size = 0xffffffffffffffff, .error = ENOMEM };

FIXTURE_SETUP(size)
{
	struct l4shmc_ioc_info info;

	if (!make_area(_metadata, &self->area, 1))
		return;
	unique_name(self->name, "sized");
	ASSERT_EQ(0, device_info(self->area.dev, &info));
	self->max = info.max_area_size;
}

FIXTURE_TEARDOWN(size)
{
	drop_area(&self->area);
}

TEST_F(size, attack_15_create)
{
	struct l4shmc_ioc_area_info info;
	__u64 size = variant->size ? variant->size : self->max + 1;
	int handle = area_create(self->area.dev, self->name, size, 0600, 0);

	if (variant->error) {
		EXPECT_ERR(variant->error, handle);
		EXPECT_ERR(ENOENT, area_attach(self->area.dev, self->name, 0));
		return;
	}
	ASSERT_GE(handle, 0);
	ASSERT_EQ(0, area_info(handle, &info));
	/* 4096 divides the page size of every machine. */
	EXPECT_EQ((size + page_size() - 1) / page_size() * page_size(), info.area_size);
	EXPECT_EQ(info.area_size, info.area_free);
	if (page_size() == 4096)
		EXPECT_EQ(variant->pages * 4096, info.area_size);
}

TEST_F(area, attack_15_of_no_size_is_einval)
{
	EXPECT_ERR(EINVAL, area_create(self->area.dev, self->other, 0, 0600, 0));
}

/* All sizes that become 0 when they are rounded up to a page */
TEST_F(area, attack_17_rounding_that_overflows)
{
	for (__u64 size = ~0ULL; size > ~0ULL - page_size() + 1; size -= 61) {
		EXPECT_ERR(ENOMEM, area_create(self->area.dev, self->other, size, 0600, 0)) {
			TH_LOG("size 0x%llx", size);
		}
	}
	EXPECT_ERR(ENOMEM, area_create(self->area.dev, self->other, -(__u64)page_size() + 1, 0600,
				       0));
	EXPECT_ERR(ENOENT, area_attach(self->area.dev, self->other, 0));
}

/* More than there is: 4 GiB are where a 32-bit sum would wrap. */
TEST_F(area, attack_15_larger_than_the_memory)
{
	struct sysinfo system;
	__u64 memory;

	ASSERT_EQ(0, sysinfo(&system));
	memory = ((__u64)system.totalram + system.totalswap) * system.mem_unit;
	for (__u64 size = 1ULL << 31; size <= 1ULL << 40; size <<= 1) {
		/* What could fit is not tried: it would take all memory for a while. */
		if (size <= memory)
			continue;
		EXPECT_ERR(ENOMEM, area_create(self->area.dev, self->other, size, 0600, 0));
		EXPECT_ERR(ENOMEM, area_create(self->area.dev, self->other, size + 1, 0600, 0));
	}
	EXPECT_GE(area_create(self->area.dev, self->other, 1, 0600, 0), 0);
}

/* Names: one list of bad ones, tried with every command that takes one */

FIXTURE(name)
{
	struct area area;
};

FIXTURE_VARIANT(name)
{
	unsigned int cmd;
};

FIXTURE_VARIANT_ADD(name, create) { .cmd = L4SHMC_IOC_CREATE };
FIXTURE_VARIANT_ADD(name, attach) { .cmd = L4SHMC_IOC_ATTACH };
FIXTURE_VARIANT_ADD(name, unlink) { .cmd = L4SHMC_IOC_UNLINK };
FIXTURE_VARIANT_ADD(name, chunk_add) { .cmd = L4SHMC_IOC_CHUNK_ADD };
FIXTURE_VARIANT_ADD(name, chunk_find) { .cmd = L4SHMC_IOC_CHUNK_FIND };
FIXTURE_VARIANT_ADD(name, signal_open) { .cmd = L4SHMC_IOC_SIGNAL_OPEN };

FIXTURE_SETUP(name)
{
	make_area(_metadata, &self->area, DEFAULT_AREA_SIZE);
}

FIXTURE_TEARDOWN(name)
{
	drop_area(&self->area);
}

union named {
	__u32 size;
	struct l4shmc_ioc_create create;
	struct l4shmc_ioc_attach attach;
	struct l4shmc_ioc_unlink unlink;
	struct l4shmc_ioc_chunk_add chunk_add;
	struct l4shmc_ioc_chunk_find chunk_find;
	struct l4shmc_ioc_signal_open signal_open;
	char bytes[sizeof(struct l4shmc_ioc_create)];
};

/* All but the name */
static void prepare_named(union named *arg, unsigned int cmd)
{
	memset(arg, 0, sizeof(*arg));
	arg->size = _IOC_SIZE(cmd);
	if (cmd == L4SHMC_IOC_CREATE) {
		arg->create.area_size = 1;
		arg->create.mode = 0600;
		arg->create.uid = ~0U;
		arg->create.gid = ~0U;
	}
	if (cmd == L4SHMC_IOC_CHUNK_ADD)
		arg->chunk_add.capacity = 1;
}

/* All of these structs end with the name. */
static char *name_of(union named *arg, unsigned int cmd)
{
	return arg->bytes + _IOC_SIZE(cmd) - L4SHMC_NAME_SIZE;
}

static int named_fd(FIXTURE_DATA(name) * self, unsigned int cmd)
{
	bool device = cmd == L4SHMC_IOC_CREATE || cmd == L4SHMC_IOC_ATTACH ||
		      cmd == L4SHMC_IOC_UNLINK;

	return device ? self->area.dev : self->area.fd;
}

/* What the command says to L4SHMC_NAME_SIZE bytes of @name */
static int name_result(FIXTURE_DATA(name) * self, unsigned int cmd, const char *name)
{
	union named arg;

	prepare_named(&arg, cmd);
	memcpy(name_of(&arg, cmd), name, L4SHMC_NAME_SIZE);
	return command(named_fd(self, cmd), cmd, &arg);
}

static const struct {
	const char *name;
	int error;
} bad_names[] = {
	{ "", EINVAL },	       { ".", EINVAL },	      { "..", EINVAL },	     { ".x", EINVAL },
	{ "/", EINVAL },       { "a/b", EINVAL },     { "/a", EINVAL },	     { "a/", EINVAL },
	{ "../../x", EINVAL }, { "@", EINVAL },	      { "@x", EINVAL },	     { "@client", EINVAL },
	{ "a\nb", EINVAL },    { "\n", EINVAL },      { "a\033[2J", EINVAL }, { "a\x7f", EINVAL },
	{ "a\x01", EINVAL },   { "\x1f", EINVAL },    { "a\tb", EINVAL },    { "a\r", EINVAL },
	{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", ENAMETOOLONG },
};

TEST_F(name, attack_10_bad_ones_are_refused)
{
	char name[L4SHMC_NAME_SIZE];

	for (unsigned int i = 0; i < ARRAY_SIZE(bad_names); i++) {
		set_name(name, bad_names[i].name);
		EXPECT_ERR(bad_names[i].error, name_result(self, variant->cmd, name)) {
			TH_LOG("name %u", i);
		}
	}
}

TEST_F(name, attack_10_control_characters_are_refused_anywhere)
{
	char name[L4SHMC_NAME_SIZE];

	for (int c = 1; c <= 127; c += c == 31 ? 96 : 1) {
		memset(name, 'x', sizeof(name));
		name[L4SHMC_NAME_SIZE - 1] = '\0';
		name[L4SHMC_NAME_SIZE - 2] = (char)c;
		EXPECT_ERR(EINVAL, name_result(self, variant->cmd, name));
	}
}

TEST_F(name, attack_10_nothing_may_follow_the_nul)
{
	char name[L4SHMC_NAME_SIZE];

	for (unsigned int at = 2; at < L4SHMC_NAME_SIZE; at++) {
		set_name(name, "a");
		name[at] = 'b';
		EXPECT_ERR(EINVAL, name_result(self, variant->cmd, name));
	}
}

static const char *const good_names[] = {
	"a", " ", "a b", "a.", "a@b", "~", "-", "--help", "%s%n", "\\", "!", "*", "\xff",
	"\x80\xfe",
	"caf\xc3\xa9", "$(x)", "`x`", "a:b", "power", "uevent", "size", "chunks",
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
};

/* Commands that look for a name find none; those that make one do, once. */
TEST_F(name, attack_10_all_others_are_good)
{
	bool makes = variant->cmd != L4SHMC_IOC_ATTACH && variant->cmd != L4SHMC_IOC_UNLINK &&
		     variant->cmd != L4SHMC_IOC_CHUNK_FIND;
	char name[L4SHMC_NAME_SIZE];
	int result;

	for (unsigned int i = 0; i < ARRAY_SIZE(good_names); i++) {
		set_name(name, good_names[i]);
		result = name_result(self, variant->cmd, name);
		if (!makes) {
			EXPECT_ERR(ENOENT, result);
			continue;
		}
		EXPECT_GE(result, 0) {
			TH_LOG("name %u", i);
		}
		if (variant->cmd == L4SHMC_IOC_CREATE)
			close(result);
	}
}

TEST_F(area, attack_10_longest_names_differ_in_the_last_byte)
{
	char name[L4SHMC_NAME_SIZE];

	memset(name, 'x', sizeof(name));
	name[L4SHMC_NAME_SIZE - 1] = '\0';
	ASSERT_GE(chunk_add(self->area.fd, name, 1), 0);
	EXPECT_ERR(EEXIST, chunk_add(self->area.fd, name, 1));
	name[L4SHMC_NAME_SIZE - 2] = 'y';
	EXPECT_ERR(ENOENT, chunk_find(self->area.fd, name, 0));
	EXPECT_GE(chunk_add(self->area.fd, name, 1), 0);
}

struct flipper {
	char *name;
	bool stop;
};

static void *flip_name(void *arg)
{
	struct flipper *flipper = arg;

	while (!__atomic_load_n(&flipper->stop, __ATOMIC_RELAXED)) {
		memset(flipper->name, 'y', L4SHMC_NAME_SIZE - 1);
		memset(flipper->name, '/', L4SHMC_NAME_SIZE - 1);
		memset(flipper->name, 'z', L4SHMC_NAME_SIZE);
		memset(flipper->name, 0, L4SHMC_NAME_SIZE);
	}
	return NULL;
}

/* What came through is a name that the rules allow. */
static bool good_name(const char *name)
{
	size_t len = strnlen(name, L4SHMC_NAME_SIZE);

	return len > 0 && len < L4SHMC_NAME_SIZE && strspn(name, "yz") == len;
}

/* Looks at what the command made, and closes it. */
static bool made_good_name(unsigned int cmd, int fd)
{
	struct l4shmc_ioc_signal_info signal;
	struct l4shmc_ioc_area_info area;
	bool good = true;

	if (cmd == L4SHMC_IOC_CREATE)
		good = area_info(fd, &area) == 0 && good_name(area.name);
	if (cmd == L4SHMC_IOC_SIGNAL_OPEN)
		good = signal_info(fd, &signal) == 0 && good_name(signal.name);
	if (cmd == L4SHMC_IOC_CREATE || cmd == L4SHMC_IOC_SIGNAL_OPEN)
		close(fd);
	return good;
}

/* Whatever the driver made of it, it kept one copy and checked that. */
TEST_F(name, attack_11_name_that_changes_during_the_call)
{
	union named arg;
	struct flipper flipper = { .name = name_of(&arg, variant->cmd) };
	struct l4shmc_ioc_chunk_next next;
	pthread_t thread;
	int index;

	prepare_named(&arg, variant->cmd);
	ASSERT_EQ(0, pthread_create(&thread, NULL, flip_name, &flipper));
	for (unsigned int i = rounds(300); i > 0; i--) {
		int result = command(named_fd(self, variant->cmd), variant->cmd, &arg);

		EXPECT_TRUE(result >= 0 || result == -EINVAL || result == -EEXIST ||
			    result == -ENOENT || result == -ENAMETOOLONG || result == -ENOMEM) {
			TH_LOG("result %d", result);
		}
		EXPECT_TRUE(result < 0 || made_good_name(variant->cmd, result));
	}
	__atomic_store_n(&flipper.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	for (index = 0; (index = chunk_next(self->area.fd, (__u32)index, &next)) >= 0; index++) {
		EXPECT_TRUE(good_name(next.name));
		EXPECT_EQ(index, chunk_find(self->area.fd, next.name, 0));
	}
	EXPECT_ERR(ENOENT, index);
}

/* Attach */

TEST_F(area, no_such_name)
{
	EXPECT_ERR(ENOENT, area_attach(self->area.dev, self->other, 0));
	EXPECT_ERR(ENOENT, area_unlink(self->area.dev, self->other));
}

TEST_F(area, attach_ends_with_enoent_after_its_time)
{
	__u64 start = now_ns();

	EXPECT_ERR(ENOENT, area_attach_to(self->area.dev, self->other, 0, 20 * NS_PER_MS));
	EXPECT_GE(now_ns() - start, 20 * NS_PER_MS);
}

static int attach_later(void *arg)
{
	FIXTURE_DATA(area) * self = arg;
	struct l4shmc_ioc_area_info info;
	int fd = area_attach_to(self->area.dev, self->other, 0, L4SHMC_TIMEOUT_NEVER);

	CHECK(fd >= 0);
	CHECK(area_info(fd, &info) == 0);
	CHECK(strcmp(info.name, self->other) == 0);
	return 0;
}

TEST_F(area, attach_waits_for_the_name)
{
	pid_t pids[3];
	int handle, between;

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(attach_later, self);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_TRUE(WAIT_UNTIL(task_state(pids[i]) == 'S'));
	/* Not this one */
	between = area_create(self->area.dev, "\xf8", 1, 0600, 0);
	EXPECT_GE(between, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(0, waitpid(pids[i], NULL, WNOHANG));
	handle = area_create(self->area.dev, self->other, 1, 0600, 0);
	ASSERT_GE(handle, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(0, reap(pids[i]));
}

/* The rest of the time comes back, so that the wait can be gone on with. */
TEST_F(area, attach_is_interrupted)
{
	struct l4shmc_ioc_attach arg = { .size = sizeof(arg), .timeout_ns = 200 * NS_PER_MS };
	__u64 start = now_ns();
	int result;

	set_name(arg.name, self->other);
	EXPECT_GT(interrupted_command(self->area.dev, L4SHMC_IOC_ATTACH, &arg, &arg.timeout_ns,
				      &result), 0);
	EXPECT_ERR(ENOENT, result);
	EXPECT_GE(now_ns() - start, 200 * NS_PER_MS);
	EXPECT_LE(now_ns() - start, HANG_NS);
}

TEST_F(area, endless_attach_stays_endless_when_interrupted)
{
	struct l4shmc_ioc_attach arg = { .size = sizeof(arg), .timeout_ns = L4SHMC_TIMEOUT_NEVER };

	set_name(arg.name, self->other);
	interrupt_every(10000);
	EXPECT_ERR(EINTR, command(self->area.dev, L4SHMC_IOC_ATTACH, &arg));
	interrupt_every(0);
	EXPECT_EQ(L4SHMC_TIMEOUT_NEVER, arg.timeout_ns);
}

/* The rest cannot be written: an error, and no attachment */
TEST_F(area, attack_03_interrupted_attach_with_a_read_only_struct)
{
	struct l4shmc_ioc_attach arg = {
		.size = sizeof(arg), .timeout_ns = L4SHMC_TIMEOUT_NEVER - 1,
	};
	struct l4shmc_ioc_area_info info;
	unsigned int fds = open_fds();
	void *copy;

	set_name(arg.name, self->other);
	copy = read_only_copy(&arg, sizeof(arg));
	ASSERT_NE(NULL, copy);
	interrupt_every(5000);
	EXPECT_ERR(EFAULT, command(self->area.dev, L4SHMC_IOC_ATTACH, copy));
	interrupt_every(0);
	EXPECT_EQ(fds, open_fds());
	/* What need not be interrupted has nothing to write back. */
	set_name(arg.name, self->area.name);
	copy = read_only_copy(&arg, sizeof(arg));
	ASSERT_NE(NULL, copy);
	EXPECT_GE(command(self->area.dev, L4SHMC_IOC_ATTACH, copy), 0);
	EXPECT_EQ(fds + 1, open_fds());
	ASSERT_EQ(0, area_info(self->area.fd, &info));
	EXPECT_EQ(2, info.clients);
}

static unsigned int interruptions;

static void count_interruption(int number)
{
	(void)number;
	__atomic_fetch_add(&interruptions, 1, __ATOMIC_RELAXED);
}

/* What is not a wait is not interrupted: each command is made once, and works. */
TEST_F(area, attack_09_commands_under_a_storm_of_handlers)
{
	struct sigaction action = { .sa_handler = count_interruption };
	struct l4shmc_ioc_area_info info;
	unsigned int fds = open_fds(), count = 0;
	char name[L4SHMC_NAME_SIZE];
	int handle, fd, set, signal;

	interrupt_every(1000);
	sigaction(SIGALRM, &action, NULL);
	while (interruptions < rounds(300)) {
		/* Long enough to be interrupted */
		handle = area_create(self->area.dev, self->other, 1 << 20, 0600, 0);
		ASSERT_GE(handle, 0);
		fd = area_attach(self->area.dev, self->other, 0);
		ASSERT_GE(fd, 0);
		snprintf(name, sizeof(name), "%u", count++);
		ASSERT_GE(chunk_add(fd, name, 64), 0);
		signal = signal_open(fd, name, L4SHMC_SIGNAL_COUNTING);
		ASSERT_GE(signal, 0);
		ASSERT_EQ(0, client_init(fd));
		ASSERT_EQ(0, signal_trigger(signal));
		ASSERT_EQ(0, signal_call(signal, signal, L4SHMC_TIMEOUT_NEVER));
		ASSERT_EQ(0, signal_wait(signal, L4SHMC_TIMEOUT_NEVER));
		ASSERT_ERR(ETIMEDOUT, signal_wait(signal, 0));
		set = waitset_make(self->area.dev);
		ASSERT_EQ(0, waitset_bind(set, signal, 1));
		ASSERT_ERR(EEXIST, waitset_bind(set, signal, 1));
		ASSERT_EQ(0, waitset_unbind(set, signal));
		ASSERT_EQ(0, area_info(fd, &info));
		ASSERT_EQ(1, info.clients);
		ASSERT_EQ((1 << 20) - 64, info.area_free);
		ASSERT_EQ(0, area_unlink(self->area.dev, self->other));
		close(set);
		close(signal);
		close(fd);
		close(handle);
		ASSERT_EQ(fds, open_fds());
	}
	interrupt_every(0);
	EXPECT_FALSE(sysfs_has(self->other));
}

/* Life: one thing at a time is all that is left of the area. */

enum keeper { NOTHING, HANDLE, ATTACHMENT, OBSERVER, SIGNAL, CLIENTS, DATA, CONTROL, PERSISTENCE };

FIXTURE(keeper)
{
	struct area area;
	int signal, clients, observer;
	void *data, *control;
};

FIXTURE_VARIANT(keeper)
{
	enum keeper keeper;
	/* Whether the client goes on living, too */
	unsigned int clients;
};

FIXTURE_VARIANT_ADD(keeper, nothing) { .keeper = NOTHING };
FIXTURE_VARIANT_ADD(keeper, handle) { .keeper = HANDLE };
FIXTURE_VARIANT_ADD(keeper, attachment) { .keeper = ATTACHMENT, .clients = 1 };
FIXTURE_VARIANT_ADD(keeper, observer) { .keeper = OBSERVER };
FIXTURE_VARIANT_ADD(keeper, signal) { .keeper = SIGNAL };
FIXTURE_VARIANT_ADD(keeper, clients_signal) { .keeper = CLIENTS, .clients = 1 };
FIXTURE_VARIANT_ADD(keeper, data_mapping) { .keeper = DATA };
FIXTURE_VARIANT_ADD(keeper, control_mapping) { .keeper = CONTROL, .clients = 1 };
FIXTURE_VARIANT_ADD(keeper, persistence) { .keeper = PERSISTENCE };

FIXTURE_SETUP(keeper)
{
	struct area *area = &self->area;

	area->dev = device_open(O_RDWR);
	if (area->dev == -ENOENT)
		SKIP(return, "no " DEVICE ": load the module");
	unique_name(area->name, "kept");
	area->handle = area_create(area->dev, area->name, DEFAULT_AREA_SIZE, 0600,
				   variant->keeper == PERSISTENCE ? L4SHMC_CREATE_PERSISTENT : 0);
	ASSERT_GE(area->handle, 0);
	area->fd = area_attach(area->dev, area->name, 0);
	ASSERT_GE(area->fd, 0);
	self->observer = area_attach(area->dev, area->name, L4SHMC_ATTACH_OBSERVER);
	ASSERT_GE(self->observer, 0);
	self->signal = signal_open(area->fd, "s", 0);
	ASSERT_GE(self->signal, 0);
	self->clients = signal_open(area->fd, L4SHMC_SIGNAL_CLIENTS, 0);
	ASSERT_GE(self->clients, 0);
	self->data = map_data(area->fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, self->data);
	self->control = map_control(area->fd, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, self->control);
}

FIXTURE_TEARDOWN(keeper)
{
	area_unlink(self->area.dev, self->area.name);
}

/* Gives back all but what is to keep the area. */
static void leave(FIXTURE_DATA(keeper) * self, enum keeper keeper)
{
	if (keeper != HANDLE)
		close(self->area.handle);
	if (keeper != ATTACHMENT)
		close(self->area.fd);
	if (keeper != OBSERVER)
		close(self->observer);
	if (keeper != SIGNAL)
		close(self->signal);
	if (keeper != CLIENTS)
		close(self->clients);
	if (keeper != DATA)
		munmap(self->data, DEFAULT_AREA_SIZE);
	if (keeper != CONTROL)
		munmap(self->control, L4SHMC_CONTROL_SIZE);
}

TEST_F(keeper, keeps_the_area)
{
	struct l4shmc_ioc_area_info info;
	int fd;

	memset(self->data, 0x5a, DEFAULT_AREA_SIZE);
	leave(self, variant->keeper);
	fd = area_attach(self->area.dev, self->area.name, L4SHMC_ATTACH_OBSERVER);
	if (variant->keeper == NOTHING) {
		EXPECT_ERR(ENOENT, fd);
		EXPECT_TRUE(WAIT_UNTIL(!sysfs_has(self->area.name)));
		return;
	}
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, area_info(fd, &info));
	EXPECT_EQ(variant->clients, info.clients);
	self->data = map_data(fd, DEFAULT_AREA_SIZE, PROT_READ);
	ASSERT_NE(MAP_FAILED, self->data);
	EXPECT_EQ(0x5a, *((unsigned char *)self->data + DEFAULT_AREA_SIZE - 1));
}

TEST_F(keeper, is_the_last)
{
	leave(self, variant->keeper);
	switch (variant->keeper) {
	case PERSISTENCE:
		ASSERT_TRUE(area_named(&self->area));
		ASSERT_EQ(0, area_unlink(self->area.dev, self->area.name));
		break;
	case DATA:
		munmap(self->data, DEFAULT_AREA_SIZE);
		break;
	case CONTROL:
		munmap(self->control, L4SHMC_CONTROL_SIZE);
		break;
	default:
		leave(self, NOTHING);
	}
	EXPECT_FALSE(area_named(&self->area));
	EXPECT_TRUE(WAIT_UNTIL(!sysfs_has(self->area.name)));
	EXPECT_GE(area_create(self->area.dev, self->area.name, 1, 0600, 0), 0);
}

TEST_F(keeper, keeps_it_after_unlink)
{
	leave(self, variant->keeper);
	ASSERT_EQ(variant->keeper == NOTHING ? -ENOENT : 0,
		  area_unlink(self->area.dev, self->area.name));
	EXPECT_FALSE(area_named(&self->area));
	EXPECT_TRUE(WAIT_UNTIL(!sysfs_has(self->area.name)));
	switch (variant->keeper) {
	case HANDLE:
		EXPECT_GE(area_attach(self->area.handle, "", 0), 0);
		break;
	case ATTACHMENT:
		EXPECT_GE(chunk_add(self->area.fd, "c", 64), 0);
		break;
	case SIGNAL:
		EXPECT_EQ(0, signal_trigger(self->signal));
		EXPECT_EQ(0, signal_wait(self->signal, 0));
		break;
	case DATA:
		memset(self->data, 1, DEFAULT_AREA_SIZE);
		break;
	default:
		break;
	}
}

/* A dup, a child: the last of them counts. */
static int hold(void *arg)
{
	(void)arg;
	pause();
	return 1;
}

TEST_F(keeper, attack_25_child_keeps_it_too)
{
	pid_t child = spawn(hold, NULL);

	leave(self, NOTHING);
	EXPECT_TRUE(area_named(&self->area));
	kill_child(child);
	EXPECT_EQ(variant->keeper == PERSISTENCE, area_named(&self->area));
}

TEST_F(area, unlink_frees_the_name_at_once)
{
	struct l4shmc_ioc_area_info info;
	int second, fd;

	ASSERT_EQ(0, area_unlink(self->area.dev, self->area.name));
	EXPECT_ERR(ENOENT, area_unlink(self->area.dev, self->area.name));
	second = area_create(self->area.dev, self->area.name, 3 * page_size(), 0600, 0);
	ASSERT_GE(second, 0);
	fd = area_attach(self->area.dev, self->area.name, 0);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, area_info(fd, &info));
	EXPECT_EQ(3 * page_size(), info.area_size);
	ASSERT_EQ(0, area_info(self->area.fd, &info));
	EXPECT_EQ(DEFAULT_AREA_SIZE, info.area_size);
	/* The name is the second area's: closing the first must not take it away. */
	close(self->area.fd);
	close(self->area.handle);
	EXPECT_TRUE(area_named(&self->area));
}

TEST_F(area, unlink_by_handle)
{
	EXPECT_EQ(0, area_unlink(self->area.handle, ""));
	EXPECT_FALSE(area_named(&self->area));
	/* The name is no longer this area's, whoever has it now. */
	EXPECT_GE(area_create(self->area.dev, self->area.name, 1, 0600, 0), 0);
	EXPECT_ERR(ENOENT, area_unlink(self->area.handle, ""));
	EXPECT_TRUE(area_named(&self->area));
}

TEST_F(area, handle_attaches_after_unlink)
{
	struct l4shmc_ioc_area_info info;
	int fd;

	ASSERT_EQ(0, area_unlink(self->area.handle, ""));
	fd = area_attach(self->area.handle, "", 0);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, area_info(fd, &info));
	EXPECT_EQ(L4SHMC_AREA_UNLINKED, info.flags);
	EXPECT_EQ(2, info.clients);
	EXPECT_EQ(1, info.client);
}

TEST_F(area, persistent_one_keeps_what_is_in_it)
{
	struct l4shmc_ioc_area_info info;
	int handle = area_create(self->area.dev, self->other, page_size(), 0600,
				 L4SHMC_CREATE_PERSISTENT);
	int fd = area_attach(handle, "", 0), signal;
	struct l4shmc_signal_record *record;
	char *data;

	ASSERT_GE(fd, 0);
	data = map_data(fd, page_size(), PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, data);
	data[100] = 42;
	ASSERT_GE(chunk_add(fd, "c", 640), 0);
	signal = signal_open(fd, "s", 0);
	ASSERT_EQ(0, signal_trigger(signal));
	munmap(data, page_size());
	close(signal);
	close(fd);
	close(handle);

	fd = area_attach(self->area.dev, self->other, 0);
	ASSERT_GE(fd, 0);
	data = map_data(fd, page_size(), PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, data);
	EXPECT_EQ(42, data[100]);
	EXPECT_GE(chunk_find(fd, "c", 0), 0);
	ASSERT_EQ(0, area_info(fd, &info));
	EXPECT_EQ(page_size() - 640, info.area_free);
	EXPECT_EQ(0, info.client);
	record = signal_record(map_control(fd, PROT_READ), signal_open(fd, "s", 0));
	EXPECT_EQ(1, record->triggered);
}

/* Memory that others have used */

static bool all_zero(const void *at, size_t size)
{
	const unsigned char *bytes = at;

	return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

static int dirty_area(void *arg)
{
	FIXTURE_DATA(area) * self = arg;
	const size_t size = 1 << 20;
	int handle = area_create(self->area.dev, self->other, size, 0600, 0);
	int fd = area_attach(handle, "", 0);
	union l4shmc_record *control = map_control(fd, PROT_READ | PROT_WRITE);
	void *data = map_data(fd, size, PROT_READ | PROT_WRITE);

	CHECK(fd >= 0 && data != MAP_FAILED && control != MAP_FAILED);
	memset(data, 0xa5, size);
	memset(control, 0xa5, 16 * page_size());
	return 0;
}

static void expect_clean_area(struct __test_metadata *_metadata, FIXTURE_DATA(area) * self)
{
	const size_t size = 1 << 20;
	int handle = area_create(self->area.dev, self->other, size, 0600, 0);
	int fd = area_attach(handle, "", 0);
	void *data, *control;

	ASSERT_GE(fd, 0);
	data = map_data(fd, size, PROT_READ);
	control = map_control(fd, PROT_READ);
	ASSERT_NE(MAP_FAILED, data);
	ASSERT_NE(MAP_FAILED, control);
	EXPECT_TRUE(all_zero(data, size));
	EXPECT_TRUE(all_zero(control, 16 * page_size()));
	munmap(data, size);
	munmap(control, L4SHMC_CONTROL_SIZE);
	close(fd);
	close(handle);
}

/* Does the kernel itself clear every page that it hands out? */
static bool kernel_clears_pages(void)
{
	char line[4096] = "";
	FILE *file = fopen("/proc/cmdline", "r");

	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		fclose(file);
	}
	return !strstr(line, "init_on_alloc=0");
}

static void expect_clean_areas(struct __test_metadata *_metadata, FIXTURE_DATA(area) * self)
{
	for (unsigned int i = 0; i < 4; i++) {
		ASSERT_EQ(0, run_child(dirty_area, self));
		expect_clean_area(_metadata, self);
	}
}

TEST_F(area, fresh_memory_is_zero)
{
	expect_clean_areas(_metadata, self);
}

/* The same, and it is not the kernel's merit. */
TEST_F(area, attack_32_fresh_memory_where_the_kernel_clears_none)
{
	if (kernel_clears_pages())
		SKIP(return, "the kernel was started without init_on_alloc=0");
	expect_clean_areas(_metadata, self);
}

static int dirty_area_of_a_user(void *arg)
{
	CHECK(become(USER_A, USER_A) == 0);
	return dirty_area(arg);
}

static int look_for_dirt(void *arg)
{
	FIXTURE_DATA(area) * self = arg;
	int handle, fd;

	CHECK(become(USER_B, USER_B) == 0);
	handle = area_create(self->area.dev, self->other, 1 << 20, 0600, 0);
	fd = area_attach(handle, "", 0);
	CHECK(fd >= 0);
	CHECK(all_zero(map_data(fd, 1 << 20, PROT_READ), 1 << 20));
	CHECK(all_zero(map_control(fd, PROT_READ), 16 * page_size()));
	return 0;
}

/* The next to use the pages is somebody else. */
TEST_F(area, attack_33_memory_of_another_user)
{
	if (geteuid() != 0)
		SKIP(return, "only root can be two other users");
	for (unsigned int i = 0; i < 4; i++) {
		ASSERT_EQ(0, run_child(dirty_area_of_a_user, self));
		ASSERT_EQ(0, run_child(look_for_dirt, self));
	}
}

/* Kilobytes that the system has in shared memory */
static long shared_memory(void)
{
	char line[128];
	long value = -1;
	FILE *file = fopen("/proc/meminfo", "r");

	if (!file)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), file))
		sscanf(line, "Shmem: %ld", &value);
	fclose(file);
	return value;
}

TEST_F(area, memory_is_taken_at_once_and_given_back)
{
	long before = shared_memory(), with;
	int handle;

	ASSERT_GE(before, 0);
	for (unsigned int i = 0; i < 4; i++) {
		handle = area_create(self->area.dev, self->other, 16 << 20, 0600, 0);
		ASSERT_GE(handle, 0);
		with = shared_memory();
		EXPECT_GE(with, before + 12 * 1024);
		close(handle);
	}
	/* The counters of the CPUs are summed up now and then. */
	EXPECT_TRUE(WAIT_UNTIL(shared_memory() < before + 12 * 1024));
}

/* A descriptor is made before what it is for: one that is not needed is no number less. */
TEST_F(area, attack_48_failures_take_no_number)
{
	int signal = signal_open(self->area.fd, "s", 0), next = next_fd();

	EXPECT_GE(signal, 0);
	EXPECT_ERR(EEXIST, area_create(self->area.dev, self->area.name, 1, 0600, 0));
	EXPECT_ERR(ENOENT, area_attach(self->area.dev, self->other, 0));
	EXPECT_ERR(EEXIST, signal_open(self->area.fd, "s", L4SHMC_SIGNAL_COUNTING));
	EXPECT_EQ(next, next_fd());
}

/* Control groups */

struct member {
	FIXTURE_DATA(area) * self;
	struct cgroup group;
};

static int create_in_cgroup(void *arg)
{
	struct member *member = arg;
	const char *name = member->self->other;
	int dev = member->self->area.dev, handle;

	CHECK(cgroup_join(&member->group));
	/* Refused, and nobody has been killed for it. */
	for (unsigned int i = 0; i < 3; i++)
		CHECK(area_create(dev, name, 32 << 20, 0600, 0) == -ENOMEM);
	CHECK(area_attach(dev, name, 0) == -ENOENT);
	handle = area_create(dev, name, 4 << 20, 0600, 0);
	CHECK(handle >= 0);
	/* What is left is too little for as much again. */
	CHECK(area_create(dev, "\xf8", 8 << 20, 0600, 0) == -ENOMEM);
	close(handle);
	CHECK(area_create(dev, "\xf8", 4 << 20, 0600, 0) >= 0);
	return 0;
}

TEST_F(area, attack_57_memory_is_charged_to_the_creators_cgroup)
{
	struct member member = { .self = self };

	if (!cgroup_make(&member.group, "8M"))
		SKIP(return, "no memory controller in " CGROUP);
	EXPECT_EQ(0, run_child(create_in_cgroup, &member));
	/* The group can go: nothing is charged to it that somebody still uses. */
	EXPECT_TRUE(WAIT_UNTIL(cgroup_remove(&member.group)));
	/* Others are not affected. */
	EXPECT_GE(area_create(self->area.dev, self->other, 16 << 20, 0600, 0), 0);
}

#define SOME_AREAS 200

/* With records, the pages of which no slab and no leak detector knows */
static int create_and_destroy(void *arg)
{
	struct member *member = arg;
	int dev = member->self->area.dev, handle, fd;

	CHECK(cgroup_join(&member->group));
	for (unsigned int i = 0; i < SOME_AREAS; i++) {
		handle = area_create(dev, member->self->other, page_size(), 0600, 0);
		fd = area_attach(handle, "", 0);
		CHECK(chunk_add(fd, "c", 64) >= 0);
		close(fd);
		close(handle);
	}
	return 0;
}

TEST_F(area, attack_57_what_the_kernel_has_for_areas_comes_back)
{
	struct member member = { .self = self };
	long most = SOME_AREAS / 4 * (long)page_size();

	if (!cgroup_make(&member.group, "max"))
		SKIP(return, "no memory controller in " CGROUP);
	EXPECT_EQ(0, run_child(create_and_destroy, &member));
	EXPECT_TRUE(WAIT_UNTIL(cgroup_kernel_memory(&member.group) < most));
	EXPECT_TRUE(WAIT_UNTIL(cgroup_remove(&member.group)));
}

#define SOME_SIGNALS 2000

/* What the kernel has for the group: it sums up what CPUs know every two seconds. */
static long settled_memory(const struct cgroup *group)
{
	nap_us(2500000);
	return cgroup_kernel_memory(group);
}

static bool has_grown(struct member *member, long *before, long bytes)
{
	bool grown = WAIT_UNTIL(cgroup_kernel_memory(&member->group) >= *before + bytes);

	*before = settled_memory(&member->group);
	return grown;
}

/* Pages of records, signals, bindings: each is charged, as far as that can be told. */
static int use_kernel_memory(void *arg)
{
	struct member *member = arg;
	int dev = member->self->area.dev, fd, signal, set = waitset_make(dev);
	char name[L4SHMC_NAME_SIZE];
	long before;
	void *control;

	CHECK(cgroup_join(&member->group));
	before = settled_memory(&member->group);
	fd = area_attach(area_create(dev, member->self->other, 1, 0600, 0), "", 0);
	control = map_control(fd, PROT_READ | PROT_WRITE);
	CHECK(madvise(control, L4SHMC_CONTROL_SIZE, MADV_POPULATE_WRITE) == 0);
	CHECK(has_grown(member, &before, L4SHMC_CONTROL_SIZE / 10 * 9));
	for (unsigned int i = 0; i < SOME_SIGNALS; i++) {
		snprintf(name, sizeof(name), "%u", i);
		signal = signal_open(fd, name, 0);
		CHECK(signal >= 0);
		close(signal);
	}
	CHECK(has_grown(member, &before, SOME_SIGNALS * 300L));
	for (unsigned int i = 0; i < SOME_SIGNALS; i++) {
		snprintf(name, sizeof(name), "%u", i);
		signal = signal_open(fd, name, 0);
		CHECK(waitset_bind(set, signal, i) == 0);
		close(signal);
	}
	CHECK(has_grown(member, &before, SOME_SIGNALS * 80L));
	return 0;
}

TEST_F(area, attack_57_memory_of_the_kernel_is_charged)
{
	struct member member = { .self = self };

	if (!cgroup_make(&member.group, "max"))
		SKIP(return, "no memory controller in " CGROUP);
	EXPECT_EQ(0, run_child(use_kernel_memory, &member));
	EXPECT_TRUE(WAIT_UNTIL(cgroup_remove(&member.group)));
}

static const char *numbered(unsigned int number)
{
	static char name[L4SHMC_NAME_SIZE];

	snprintf(name, sizeof(name), "fill.%u", number);
	return name;
}

/* Areas that outlive their maker, until there is no memory */
static int fill_cgroup(void *arg)
{
	struct member *member = arg;
	struct area *area = &member->self->area;
	int fd = area_attach(area->handle, "", 0), signal = signal_open(fd, "s", 0), result;
	unsigned char *data = map_data(fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);

	CHECK(data != MAP_FAILED);
	CHECK(cgroup_join(&member->group));
	for (unsigned int i = 0; ; i++) {
		result = area_create(area->dev, numbered(i), 65536, 0600,
				     L4SHMC_CREATE_PERSISTENT);
		if (result < 0)
			break;
		close(result);
	}
	CHECK(result == -ENOMEM);
	/* What others have paid for is still of use. */
	memset(data, 1, DEFAULT_AREA_SIZE);
	CHECK(signal_trigger(signal) == 0 && signal_wait(signal, 0) == 0);
	return 0;
}

TEST_F(area, attack_57_only_the_group_at_its_limit_suffers)
{
	struct member member = { .self = self };
	unsigned int count = 0;
	int result;

	if (!cgroup_make(&member.group, "8M"))
		SKIP(return, "no memory controller in " CGROUP);
	result = run_child(fill_cgroup, &member);
	/* It is told, or, if what lacks memory cannot be, killed. */
	EXPECT_TRUE(result == 0 || result == 128 + SIGKILL);
	/* What it has left behind is still its own, */
	EXPECT_GE(cgroup_memory(&member.group), 4 << 20);
	/* and nobody else's. */
	EXPECT_GE(area_create(self->area.dev, self->other, 16 << 20, 0600, 0), 0);
	EXPECT_GE(chunk_add(self->area.fd, "c", 64), 0);
	EXPECT_GE(signal_open(self->area.fd, "t", 0), 0);
	while (area_unlink(self->area.dev, numbered(count)) == 0)
		count++;
	EXPECT_GE(count, 32);
	EXPECT_TRUE(WAIT_UNTIL(cgroup_remove(&member.group)));
}

/* Everything at once */

static unsigned int next_random(unsigned int *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

static void do_anything(int dev, unsigned int *seed)
{
	static const char *const names[] = { "\xf8", "\xf9", "\xfa" };
	const char *name = names[next_random(seed) % 3];
	int handle = area_create(dev, name, 1, 0600, next_random(seed) % 2);
	int fd = handle >= 0 && next_random(seed) % 2 ? area_attach(handle, "", 0) :
							area_attach(dev, name, 0);
	int signal = signal_open(fd, names[next_random(seed) % 3], next_random(seed) % 2);
	int clients = signal_open(fd, L4SHMC_SIGNAL_CLIENTS, 0);
	struct l4shmc_ioc_chunk_next next;

	chunk_add(fd, names[next_random(seed) % 3], 1 + next_random(seed) % 5000);
	chunk_find(fd, name, next_random(seed) % 2 * 1000);
	chunk_next(fd, next_random(seed) % 4, &next);
	client_init(fd);
	signal_trigger(signal);
	if (next_random(seed) % 2)
		signal_call(clients, signal, next_random(seed));
	signal_wait(signal, next_random(seed));
	if (next_random(seed) % 4 == 0)
		area_unlink(dev, name);
	close(clients);
	close(handle);
	close(signal);
	close(fd);
}

static int do_anything_often(void *arg)
{
	FIXTURE_DATA(area) * self = arg;
	unsigned int seed = (unsigned int)getpid();

	for (unsigned int i = rounds(300); i > 0; i--)
		do_anything(self->area.dev, &seed);
	return 0;
}

TEST_F(area, everything_at_once)
{
	unsigned int fds = open_fds();
	pid_t pids[4];

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(do_anything_often, self);
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(0, reap(pids[i]));
	for (char name[] = "\xf8"; name[0] != '\xfb'; name[0]++) {
		area_unlink(self->area.dev, name);
		EXPECT_ERR(ENOENT, area_attach(self->area.dev, name, 0));
		EXPECT_FALSE(sysfs_has(name));
	}
	EXPECT_EQ(fds, open_fds());
	EXPECT_TRUE(area_named(&self->area));
}

TEST_F(area, many_at_a_time)
{
	char name[L4SHMC_NAME_SIZE];
	int handles[200];
	unsigned int count = rounds(ARRAY_SIZE(handles));

	count = count < ARRAY_SIZE(handles) ? count : ARRAY_SIZE(handles);
	for (unsigned int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "many.%d.%u", getpid(), i);
		handles[i] = area_create(self->area.dev, name, 1, 0600, 0);
		ASSERT_GE(handles[i], 0);
	}
	for (unsigned int i = 0; i < count; i++) {
		struct l4shmc_ioc_area_info info;
		int fd;

		snprintf(name, sizeof(name), "many.%d.%u", getpid(), i);
		fd = area_attach(self->area.dev, name, 0);
		ASSERT_GE(fd, 0);
		ASSERT_EQ(0, area_info(fd, &info));
		EXPECT_STREQ(name, info.name);
		close(fd);
		close(handles[i]);
		EXPECT_ERR(ENOENT, area_attach(self->area.dev, name, 0));
	}
}

TEST_HARNESS_MAIN
