// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits per user: who is charged for what, that nobody can use up what is
 * another's, and that everything comes back however its end was.
 */
#include "common.h"

#include <linux/capability.h>
#include <sys/uio.h>

FIXTURE(limit)
{
	/* What they were before */
	struct limits saved;
	int dev;
	/* To a child process: [0] is the test's, [1] the child's */
	int socks[2];
};

FIXTURE_SETUP(limit)
{
	struct timeval timeout = { .tv_sec = HANG_NS / NS_PER_S };

	self->dev = device_open(O_RDWR);
	if (self->dev == -ENOENT)
		SKIP(return, "no " DEVICE ": load the module");
	if (geteuid() != 0)
		SKIP(return, "only root can set limits and become others");
	ASSERT_GE(self->dev, 0);
	ASSERT_TRUE(save_limits(&self->saved));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, self->socks));
	for (unsigned int i = 0; i < ARRAY_SIZE(self->socks); i++)
		ASSERT_EQ(0, setsockopt(self->socks[i], SOL_SOCKET, SO_RCVTIMEO, &timeout,
					sizeof(timeout)));
}

FIXTURE_TEARDOWN(limit)
{
	restore_limits(&self->saved);
}

static int numbered_area(int dev, unsigned int number, __u64 size, __u32 mode)
{
	char name[L4SHMC_NAME_SIZE];

	snprintf(name, sizeof(name), "limit.%d.%u", getpid(), number);
	return area_create(dev, name, size, mode, 0);
}

static int numbered_chunk(int fd, unsigned int number)
{
	char name[L4SHMC_NAME_SIZE];

	snprintf(name, sizeof(name), "%u.%u", getuid(), number);
	return chunk_add(fd, name, 64);
}

TEST_F(limit, attack_58_defaults)
{
	struct stat file;
	char *end;

	for (enum limit which = MAX_AREAS; which < NR_LIMITS; which++) {
		ASSERT_EQ(0, stat(limit_file(which), &file));
		EXPECT_EQ(0644, file.st_mode & 0777);
	}
	EXPECT_STREQ("1024\n", self->saved.text[MAX_AREAS]);
	EXPECT_STREQ("65536\n", self->saved.text[MAX_RECORDS]);
	/* Half of what the kernel calls the memory */
	EXPECT_EQ((unsigned long)sysconf(_SC_PHYS_PAGES) * page_size() / 2,
		  strtoul(self->saved.text[MAX_BYTES], &end, 10));
	EXPECT_STREQ("\n", end);
}

/* Makes one area too many; at the end there is none. */
static int make_areas_to_the_limit(void *arg)
{
	unsigned int max = *(unsigned int *)arg;
	int dev, handles[16], next;

	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	for (unsigned int i = 0; i < max; i++) {
		handles[i] = numbered_area(dev, i, 1, 0600);
		CHECK(handles[i] >= 0);
	}
	next = next_fd();
	CHECK(numbered_area(dev, max, 1, 0600) == -EDQUOT);
	/* What is refused has left nothing. */
	CHECK(numbered_area(dev, max, 1, 0600) == -EDQUOT);
	CHECK(next_fd() == next);
	CHECK(area_attach(handles[0], "", 0) >= 0);
	/* One goes, one can come. */
	close(handles[max - 1]);
	handles[max - 1] = numbered_area(dev, max, 1, 0600);
	CHECK(handles[max - 1] >= 0);
	CHECK(numbered_area(dev, max + 1, 1, 0600) == -EDQUOT);
	return 0;
}

static int make_areas_of_another(void *arg)
{
	int dev;

	(void)arg;
	CHECK(become(USER_B, USER_B) == 0);
	dev = device_open(O_RDWR);
	for (unsigned int i = 0; i < 3; i++)
		CHECK(numbered_area(dev, i, 1, 0600) >= 0);
	CHECK(numbered_area(dev, 3, 1, 0600) == -EDQUOT);
	return 0;
}

static int make_areas_beside_each_other(void *arg)
{
	FIXTURE_DATA(limit) * self = arg;
	int dev;

	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	for (unsigned int i = 0; i < 3; i++)
		CHECK(numbered_area(dev, i, 1, 0600) >= 0);
	CHECK(numbered_area(dev, 3, 1, 0600) == -EDQUOT);
	CHECK(send(self->socks[1], "", 1, 0) == 1);
	pause();
	return 0;
}

TEST_F(limit, attack_58_areas)
{
	unsigned int max = 5;
	char byte;
	pid_t pid;

	ASSERT_TRUE(set_limit(MAX_AREAS, max));
	EXPECT_EQ(0, run_child(make_areas_to_the_limit, &max));
	/* Everything has been given back. */
	max = 3;
	ASSERT_TRUE(set_limit(MAX_AREAS, max));
	EXPECT_EQ(0, run_child(make_areas_to_the_limit, &max));
	/* One user's areas are not another's. */
	pid = spawn(make_areas_beside_each_other, self);
	EXPECT_EQ(1, recv(self->socks[0], &byte, 1, 0));
	EXPECT_EQ(0, run_child(make_areas_of_another, NULL));
	kill_child(pid);
}

#define SOME_RECORDS 6

/* As many as the limit, and one that is too many */
static void add_all_chunks(int fd)
{
	for (unsigned int i = 0; i < SOME_RECORDS; i++)
		CHECK(numbered_chunk(fd, i) >= 0);
	CHECK(numbered_chunk(fd, SOME_RECORDS) == -EDQUOT);
}

static int add_records_to_the_limit(void *arg)
{
	char name[L4SHMC_NAME_SIZE];
	int dev, handle, fd;

	(void)arg;
	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	handle = numbered_area(dev, 0, DEFAULT_AREA_SIZE, 0600);
	fd = area_attach(handle, "", 0);
	for (unsigned int i = 0; i < SOME_RECORDS / 2; i++) {
		snprintf(name, sizeof(name), "s%u", i);
		CHECK(numbered_chunk(fd, i) >= 0);
		CHECK(signal_open(fd, name, 0) >= 0);
	}
	CHECK(numbered_chunk(fd, SOME_RECORDS) == -EDQUOT);
	CHECK(signal_open(fd, "s", 0) == -EDQUOT);
	CHECK(signal_open(fd, L4SHMC_SIGNAL_CLIENTS, 0) == -EDQUOT);
	CHECK(signal_open(area_attach(handle, "", L4SHMC_ATTACH_OBSERVER), L4SHMC_SIGNAL_CLIENTS,
			  0) == -EDQUOT);
	/* What is there needs no new record. */
	CHECK(signal_open(fd, "s0", 0) >= 0);
	CHECK(chunk_add(fd, "too large", DEFAULT_AREA_SIZE) == -ENOMEM);
	CHECK(numbered_chunk(fd, 0) == -EEXIST);
	/* In another area it is the same user. */
	handle = numbered_area(dev, 1, DEFAULT_AREA_SIZE, 0600);
	CHECK(numbered_chunk(area_attach(handle, "", 0), 0) == -EDQUOT);
	return 0;
}

TEST_F(limit, attack_58_records)
{
	ASSERT_TRUE(set_limit(MAX_RECORDS, SOME_RECORDS));
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(0, run_child(add_records_to_the_limit, NULL));
}

/* Bindings count as records do. */
static int bind_to_the_limit(void *arg)
{
	int dev, fd, signal, sets[SOME_RECORDS];

	(void)arg;
	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	fd = area_attach(numbered_area(dev, 0, DEFAULT_AREA_SIZE, 0600), "", 0);
	signal = signal_open(fd, "s", 0);
	for (unsigned int i = 0; i < SOME_RECORDS; i++)
		sets[i] = waitset_make(dev);
	for (unsigned int i = 1; i < SOME_RECORDS; i++) {
		CHECK(waitset_bind(sets[i], signal, i) == 0);
		CHECK(waitset_bind(sets[i], signal, i) == -EEXIST);
	}
	CHECK(waitset_bind(sets[0], signal, 0) == -EDQUOT);
	CHECK(numbered_chunk(fd, 0) == -EDQUOT);
	CHECK(waitset_unbind(sets[1], signal) == 0);
	CHECK(waitset_bind(sets[0], signal, 0) == 0);
	close(sets[2]);
	CHECK(numbered_chunk(fd, 0) >= 0);
	CHECK(waitset_bind(sets[1], signal, 0) == -EDQUOT);
	return 0;
}

TEST_F(limit, attack_58_bindings)
{
	ASSERT_TRUE(set_limit(MAX_RECORDS, SOME_RECORDS));
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(0, run_child(bind_to_the_limit, NULL));
}

/* The driver's own signals are records, which go with their client. */
static int open_driver_signals(void *arg)
{
	int dev, handle, fds[SOME_RECORDS], fd;

	(void)arg;
	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	handle = numbered_area(dev, 0, DEFAULT_AREA_SIZE, 0600);
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < SOME_RECORDS; i++) {
			__u32 flags = i % 2 ? L4SHMC_ATTACH_OBSERVER : 0;

			fd = area_attach(handle, "", flags);
			fds[i] = signal_open(fd, L4SHMC_SIGNAL_CLIENTS, 0);
			CHECK(fds[i] >= 0);
			close(fd);
		}
		fd = area_attach(handle, "", 0);
		CHECK(signal_open(fd, L4SHMC_SIGNAL_CLIENTS, 0) == -EDQUOT);
		close(fd);
		for (unsigned int i = 0; i < SOME_RECORDS; i++)
			close(fds[i]);
	}
	return 0;
}

TEST_F(limit, attack_58_signals_of_the_driver)
{
	ASSERT_TRUE(set_limit(MAX_RECORDS, SOME_RECORDS));
	EXPECT_EQ(0, run_child(open_driver_signals, NULL));
}

/* The first records of an area */
#define RECORD_PAGE page_size()

static int make_bytes_to_the_limit(void *arg)
{
	size_t page = page_size();
	int dev, handle;

	(void)arg;
	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	CHECK(numbered_area(dev, 0, 16 * page + 1, 0600) == -EDQUOT);
	handle = numbered_area(dev, 0, 16 * page, 0600);
	CHECK(handle >= 0);
	CHECK(numbered_area(dev, 1, 1, 0600) == -EDQUOT);
	close(handle);
	handle = numbered_area(dev, 0, 15 * page, 0600);
	CHECK(handle >= 0);
	/* What counts is whole pages. */
	CHECK(numbered_area(dev, 1, page + 1, 0600) == -EDQUOT);
	CHECK(numbered_area(dev, 1, 1, 0600) >= 0);
	CHECK(numbered_area(dev, 2, 1, 0600) == -EDQUOT);
	/* No sum overflows. */
	CHECK(numbered_area(dev, 2, L4SHMC_CONTROL_OFFSET, 0600) == -EDQUOT);
	CHECK(numbered_area(dev, 2, ~(__u64)0, 0600) == -ENOMEM);
	return 0;
}

TEST_F(limit, attack_58_bytes)
{
	ASSERT_TRUE(set_limit(MAX_BYTES, 16 * page_size()));
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(0, run_child(make_bytes_to_the_limit, NULL));
}

/* Pages for records stay as long as the area: an observer, who changes nothing, makes none. */
static int look_at_records(void *arg)
{
	FIXTURE_DATA(limit) * self = arg;
	unsigned int pages = L4SHMC_CONTROL_SIZE / page_size(), there = 0;
	int fd = recv_fd(self->socks[1]);
	char *control;

	CHECK(fd >= 0 && become(USER_B, USER_B) == 0);
	control = (char *)map_control(fd, PROT_READ);
	CHECK(control != MAP_FAILED);
	for (unsigned int i = 0; i < pages; i++)
		there += madvise(control + i * page_size(), page_size(), MADV_POPULATE_READ) == 0;
	return (int)there;
}

static int let_a_stranger_look(void *arg)
{
	FIXTURE_DATA(limit) * self = arg;
	int dev, handle, fd;
	char byte;

	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	handle = numbered_area(dev, 0, page_size(), 0600);
	fd = area_attach(handle, "", 0);
	CHECK(numbered_chunk(fd, 0) >= 0);
	CHECK(send_fd(self->socks[0], area_attach(handle, "", L4SHMC_ATTACH_OBSERVER)) == 0);
	CHECK(recv(self->socks[0], &byte, 1, 0) == 1);
	/* The stranger has used up nothing. */
	CHECK(numbered_area(dev, 1, 14 * page_size(), 0600) >= 0);
	CHECK(numbered_area(dev, 2, 1, 0600) == -EDQUOT);
	return 0;
}

TEST_F(limit, attack_58_pages_of_records)
{
	pid_t owner, stranger;

	ASSERT_TRUE(set_limit(MAX_BYTES, 16 * page_size()));
	for (unsigned int i = 0; i < 3; i++) {
		owner = spawn(let_a_stranger_look, self);
		stranger = spawn(look_at_records, self);
		/* What is there already */
		EXPECT_EQ(1, reap(stranger));
		EXPECT_EQ(1, send(self->socks[1], "", 1, 0));
		EXPECT_EQ(0, reap(owner));
	}
}

static int lend_records(void *arg)
{
	FIXTURE_DATA(limit) * self = arg;
	union l4shmc_record *control;
	int fd;
	char byte;

	CHECK(become(USER_A, USER_A) == 0);
	fd = area_attach(numbered_area(device_open(O_RDWR), 0, page_size(), 0600), "", 0);
	control = map_control(fd, PROT_READ | PROT_WRITE);
	CHECK(control != MAP_FAILED);
	CHECK(send(self->socks[0], &control, sizeof(control), 0) == sizeof(control));
	CHECK(recv(self->socks[0], &byte, 1, 0) == 1);
	return 0;
}

/* By root, who has no limit: they are charged to who has made the client. */
TEST_F(limit, attack_58_pages_touched_with_the_rights_of_others)
{
	unsigned int there = 0;
	char *control, byte;
	pid_t owner;

	ASSERT_TRUE(set_limit(MAX_BYTES, 16 * page_size()));
	owner = spawn(lend_records, self);
	ASSERT_EQ(sizeof(control), recv(self->socks[1], &control, sizeof(control), 0));
	for (size_t at = 0; at < L4SHMC_CONTROL_SIZE; at += page_size()) {
		struct iovec to = { &byte, 1 }, from = { control + at, 1 };

		there += process_vm_readv(owner, &to, 1, &from, 1, 0) == 1;
	}
	/* One is the area's. */
	EXPECT_EQ(16 - 1, there);
	EXPECT_EQ(1, send(self->socks[1], "", 1, 0));
	EXPECT_EQ(0, reap(owner));
}

/* What fails for another reason is not charged. */
static int fail_often(void *arg)
{
	struct rlimit files = { 32, 32 };
	int dev, handle, fd, copy, last = -1;

	(void)arg;
	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	handle = numbered_area(dev, 0, page_size(), 0600);
	fd = area_attach(handle, "", 0);
	CHECK(numbered_chunk(fd, 0) >= 0);
	for (unsigned int i = 0; i < 20; i++) {
		CHECK(numbered_area(dev, 0, 1, 0600) == -EEXIST);
		CHECK(area_create(dev, "@", 1, 0600, 0) == -EINVAL);
		CHECK(area_create_as(dev, "for root", 1, 0600, 0, 0, 0) == -EPERM);
		CHECK(numbered_chunk(fd, 0) == -EEXIST);
		CHECK(chunk_add(fd, "too large", page_size() + 1) == -ENOMEM);
	}
	CHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
	while ((copy = dup(fd)) >= 0)
		last = copy;
	for (unsigned int i = 0; i < 20; i++) {
		CHECK(numbered_area(dev, 1, 1, 0600) == -EMFILE);
		CHECK(signal_open(fd, "s", 0) == -EMFILE);
	}
	close(last);
	CHECK(numbered_area(dev, 1, 1, 0600) >= 0);
	CHECK(numbered_chunk(fd, 1) >= 0);
	return 0;
}

TEST_F(limit, attack_58_failures_cost_nothing)
{
	ASSERT_TRUE(set_limit(MAX_AREAS, 2) && set_limit(MAX_RECORDS, 2) &&
		    set_limit(MAX_BYTES, 2 * page_size() + RECORD_PAGE));
	EXPECT_EQ(0, run_child(fail_often, NULL));
}

#define REFUSED 99

static int use_up_and_die(void *arg)
{
	FIXTURE_DATA(limit) * self = arg;
	int dev, handle, fd;

	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	handle = numbered_area(dev, 0, 4 * page_size(), 0666);
	if (handle == -EDQUOT)
		return REFUSED;
	fd = area_attach(handle, "", 0);
	CHECK(numbered_chunk(fd, 0) >= 0);
	CHECK(signal_open(fd, "s", 0) >= 0);
	CHECK(signal_open(fd, L4SHMC_SIGNAL_CLIENTS, 0) >= 0);
	CHECK(map_data(fd, page_size(), PROT_READ) != MAP_FAILED);
	CHECK(map_control(fd, PROT_READ) != MAP_FAILED);
	CHECK(numbered_area(dev, 1, 1, 0600) == -EDQUOT);
	if (self)
		CHECK(send_fd(self->socks[1], handle) == 0);
	kill(getpid(), SIGKILL);
	return 1;
}

TEST_F(limit, attack_58_given_back_after_a_kill)
{
	ASSERT_TRUE(set_limit(MAX_AREAS, 1) && set_limit(MAX_RECORDS, 3) &&
		    set_limit(MAX_BYTES, 4 * page_size() + RECORD_PAGE));
	for (unsigned int i = rounds(50); i > 0; i--)
		ASSERT_EQ(128 + SIGKILL, run_child(use_up_and_die, NULL));
}

/* As long as anybody uses the area its maker is charged. */
TEST_F(limit, attack_58_charged_until_the_last_use)
{
	int handle;

	ASSERT_TRUE(set_limit(MAX_AREAS, 1) && set_limit(MAX_RECORDS, 3) &&
		    set_limit(MAX_BYTES, 4 * page_size() + RECORD_PAGE));
	ASSERT_EQ(128 + SIGKILL, run_child(use_up_and_die, self));
	handle = recv_fd(self->socks[0]);
	ASSERT_GE(handle, 0);
	EXPECT_EQ(REFUSED, run_child(use_up_and_die, NULL));
	close(handle);
	EXPECT_EQ(128 + SIGKILL, run_child(use_up_and_die, NULL));
}

/* A stranger in somebody's area pays for himself. */

static int add_to_anothers(void *arg)
{
	int fd = area_attach(*(int *)arg, "", 0);

	CHECK(become(USER_B, USER_B) == 0);
	if (numbered_chunk(fd, 0) == -EDQUOT)
		return REFUSED;
	for (unsigned int i = 1; i < SOME_RECORDS; i++)
		CHECK(numbered_chunk(fd, i) >= 0);
	CHECK(numbered_chunk(fd, SOME_RECORDS) == -EDQUOT);
	return 0;
}

static int add_after_a_stranger(void *arg)
{
	FIXTURE_DATA(limit) * self = arg;
	int dev, handle, fd;
	char byte;

	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	handle = numbered_area(dev, 0, DEFAULT_AREA_SIZE, 0600);
	CHECK(send_fd(self->socks[1], handle) == 0);
	CHECK(recv(self->socks[1], &byte, 1, 0) == 1);
	fd = area_attach(handle, "", 0);
	add_all_chunks(fd);
	return 0;
}

TEST_F(limit, attack_58_stranger_pays_for_himself)
{
	pid_t pid;
	int handle, own;

	ASSERT_TRUE(set_limit(MAX_RECORDS, SOME_RECORDS));
	pid = spawn(add_after_a_stranger, self);
	handle = recv_fd(self->socks[0]);
	ASSERT_GE(handle, 0);
	EXPECT_EQ(0, run_child(add_to_anothers, &handle));
	/* He is gone, his chunks are not: nor is what they cost. */
	own = numbered_area(self->dev, 0, DEFAULT_AREA_SIZE, 0600);
	ASSERT_GE(own, 0);
	EXPECT_EQ(REFUSED, run_child(add_to_anothers, &own));
	EXPECT_EQ(1, send(self->socks[0], "", 1, 0));
	EXPECT_EQ(0, reap(pid));
	/* With the area they go. */
	close(handle);
	EXPECT_EQ(0, run_child(add_to_anothers, &own));
}

/* Who may exceed */

static int drop_capability(unsigned int number)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	data[CAP_TO_INDEX(number)].effective &= ~CAP_TO_MASK(number);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

static int exceed(void *arg)
{
	int dev = *(int *)arg, handle, fd;

	handle = numbered_area(dev, 0, 4 * page_size(), 0600);
	CHECK(handle >= 0);
	fd = area_attach(handle, "", 0);
	for (unsigned int i = 0; i < 3; i++)
		CHECK(numbered_chunk(fd, i) >= 0);
	/* It is charged, though: without the capability there is no more. */
	CHECK(drop_capability(CAP_SYS_RESOURCE) == 0);
	CHECK(numbered_area(dev, 1, 1, 0600) == -EDQUOT);
	CHECK(numbered_chunk(fd, 3) == -EDQUOT);
	return 0;
}

TEST_F(limit, attack_58_exceeded_with_cap_sys_resource)
{
	ASSERT_TRUE(set_limit(MAX_AREAS, 1) && set_limit(MAX_RECORDS, 1) && set_limit(MAX_BYTES, page_size()));
	EXPECT_EQ(0, run_child(exceed, &self->dev));
}

/* All ids that a user has in a name space of his own are he. */
static int be_many(void *arg)
{
	FIXTURE_DATA(limit) * self = arg;
	char byte;
	int dev;

	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	CHECK(numbered_area(dev, 0, 1, 0600) >= 0);
	if (unshare(CLONE_NEWUSER))
		return KSFT_SKIP;
	CHECK(send(self->socks[1], "", 1, 0) == 1);
	CHECK(recv(self->socks[1], &byte, 1, 0) == 1);
	/* With all capabilities, but not in the first namespace */
	CHECK(getuid() == 0);
	CHECK(numbered_area(dev, 1, 1, 0600) >= 0);
	CHECK(numbered_area(dev, 2, 1, 0600) == -EDQUOT);
	CHECK(setresuid(7, 7, 7) == 0);
	CHECK(numbered_area(dev, 3, 1, 0600) == -EDQUOT);
	/* And in one inside of it */
	CHECK(unshare(CLONE_NEWUSER) == 0);
	CHECK(numbered_area(dev, 4, 1, 0600) == -EDQUOT);
	return 0;
}

TEST_F(limit, attack_58_ids_of_a_user_namespace_are_one_user)
{
	char path[64], byte;
	pid_t pid;

	ASSERT_TRUE(set_limit(MAX_AREAS, 2));
	pid = spawn(be_many, self);
	if (recv(self->socks[0], &byte, 1, 0) != 1 && reap(pid) == KSFT_SKIP)
		SKIP(return, "no user namespaces");
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	EXPECT_TRUE(write_text(path, "0 1000 1\n1 100000 100\n"));
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	EXPECT_TRUE(write_text(path, "0 1000 1\n"));
	EXPECT_EQ(1, send(self->socks[0], "", 1, 0));
	EXPECT_EQ(0, reap(pid));
}

/* Names, as many as the limit says. */

static const char *persistent_name(unsigned int number)
{
	static char name[L4SHMC_NAME_SIZE];

	snprintf(name, sizeof(name), "limit.persistent.%u", number);
	return name;
}

static int take_names(void *arg)
{
	unsigned int max = *(unsigned int *)arg;
	int dev, handle, fd;

	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	for (unsigned int i = 0; i < max; i++) {
		handle = area_create(dev, persistent_name(i), 1, 0600, L4SHMC_CREATE_PERSISTENT);
		CHECK(handle >= 0);
		close(handle);
	}
	CHECK(area_create(dev, persistent_name(max), 1, 0600, 0) == -EDQUOT);
	for (unsigned int i = 0; i < max; i += 64) {
		struct l4shmc_ioc_area_info info;

		fd = area_attach(dev, persistent_name(i), 0);
		CHECK(area_info(fd, &info) == 0);
		CHECK(strcmp(info.name, persistent_name(i)) == 0);
		CHECK(sysfs_number(persistent_name(i), "clients") == 1);
		close(fd);
	}
	return 0;
}

static int make_one_area(void *arg)
{
	int handle;

	(void)arg;
	CHECK(become(USER_A, USER_A) == 0);
	handle = numbered_area(device_open(O_RDWR), 0, 1, 0600);
	CHECK(handle >= 0 || handle == -EDQUOT);
	return handle < 0 ? REFUSED : 0;
}

TEST_F(limit, attack_12_names_up_to_the_limit)
{
	unsigned int max = rounds(1024);

	ASSERT_TRUE(set_limit(MAX_AREAS, max));
	EXPECT_EQ(0, run_child(take_names, &max));
	/* They outlive who has made them, and so does the charge. */
	EXPECT_EQ(REFUSED, run_child(make_one_area, NULL));
	/* Others have their own. */
	ASSERT_TRUE(set_limit(MAX_AREAS, 3));
	EXPECT_EQ(0, run_child(make_areas_of_another, NULL));
	for (unsigned int i = 0; i < max; i++)
		ASSERT_EQ(0, area_unlink(self->dev, persistent_name(i)));
	EXPECT_ERR(ENOENT, area_unlink(self->dev, persistent_name(0)));
	EXPECT_EQ(0, run_child(make_one_area, NULL));
}

#define NAMES_PER_AREA 32768

static int add_names(void *arg)
{
	unsigned int max = *(unsigned int *)arg;
	struct l4shmc_ioc_chunk_next next;
	char name[L4SHMC_NAME_SIZE];
	int fds[64], *fd = fds;
	int dev;

	CHECK(become(USER_A, USER_A) == 0 && max <= ARRAY_SIZE(fds) * NAMES_PER_AREA);
	dev = device_open(O_RDWR);
	for (unsigned int i = 0; i < max; i++) {
		fd = &fds[i / NAMES_PER_AREA];
		if (i % NAMES_PER_AREA == 0)
			*fd = area_attach(numbered_area(dev, i, (NAMES_PER_AREA + 1) * 64, 0600),
					  "", 0);
		CHECK(numbered_chunk(*fd, i) >= 0);
	}
	CHECK(numbered_chunk(*fd, max) == -EDQUOT);
	for (unsigned int i = 0; i < max; i += 64) {
		fd = &fds[i / NAMES_PER_AREA];
		snprintf(name, sizeof(name), "%u.%u", getuid(), i);
		CHECK(chunk_next(*fd, (__u32)chunk_find(*fd, name, 0), &next) >= 0);
		CHECK(strcmp(next.name, name) == 0);
	}
	return 0;
}

/* A million, where loops are long enough */
TEST_F_TIMEOUT(limit, attack_12_records_up_to_the_limit, 3600)
{
	unsigned int max = rounds(8192);

	ASSERT_TRUE(set_limit(MAX_RECORDS, max));
	EXPECT_EQ(0, run_child(add_names, &max));
}

/* Whose limits count when the ids of a process are not one */

struct acting {
	FIXTURE_DATA(limit) *self;
	uid_t real, effective;
	bool stays;
	int result;
};

static int make_area_acting(void *arg)
{
	struct acting *acting = arg;
	char byte;
	int ret;

	CHECK(setgroups(0, NULL) == 0);
	CHECK(setresuid(acting->real, acting->effective, acting->real) == 0);
	CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
	ret = numbered_area(acting->self->dev, 0, 1, 0600);
	CHECK((ret < 0 ? ret : 0) == acting->result);
	if (acting->stays) {
		CHECK(send(acting->self->socks[1], "", 1, 0) == 1);
		CHECK(recv(acting->self->socks[1], &byte, 1, 0) == 1);
	}
	return 0;
}

TEST_F(limit, attack_58_real_id_is_charged)
{
	struct acting first = { self, USER_A, USER_B, true, 0 };
	struct acting again = { self, USER_A, USER_B, false, -EDQUOT };
	struct acting same = { self, USER_A, USER_A, false, -EDQUOT };
	struct acting other = { self, USER_B, USER_A, false, 0 };
	pid_t pid;
	char byte;

	ASSERT_TRUE(set_limit(MAX_AREAS, 1));
	pid = spawn(make_area_acting, &first);
	ASSERT_EQ(1, recv(self->socks[0], &byte, 1, 0));
	EXPECT_EQ(0, run_child(make_area_acting, &again));
	EXPECT_EQ(0, run_child(make_area_acting, &same));
	EXPECT_EQ(0, run_child(make_area_acting, &other));
	EXPECT_EQ(1, send(self->socks[0], "", 1, 0));
	EXPECT_EQ(0, reap(pid));
}

/* What an area needs and does not get, in a control group of little memory */
static int fail_for_want_of_memory(void *arg)
{
	int dev;

	CHECK(cgroup_join(arg));
	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	for (unsigned int i = 0; i < 5; i++)
		CHECK(numbered_area(dev, i, 32 << 20, 0600) == -ENOMEM);
	CHECK(numbered_area(dev, 0, 1, 0600) >= 0);
	CHECK(numbered_area(dev, 1, 1, 0600) >= 0);
	CHECK(numbered_area(dev, 2, 1, 0600) == -EDQUOT);
	return 0;
}

TEST_F(limit, attack_58_area_without_memory_costs_nothing)
{
	struct cgroup group;

	if (!cgroup_make(&group, "8M"))
		SKIP(return, "no memory controller in " CGROUP);
	ASSERT_TRUE(set_limit(MAX_AREAS, 2));
	EXPECT_EQ(0, run_child(fail_for_want_of_memory, &group));
	EXPECT_TRUE(WAIT_UNTIL(cgroup_remove(&group)));
}

/* What a record needs and does not get: the record is not charged either. */
static int fail_for_want_of_a_page(void *arg)
{
	FIXTURE_DATA(limit) * self = arg;
	int fd;
	char byte;

	CHECK(become(USER_A, USER_A) == 0);
	fd = area_attach(numbered_area(self->dev, 0, page_size(), 0600), "", 0);
	for (unsigned int i = 0; i < 20; i++) {
		CHECK(numbered_chunk(fd, i) == -EDQUOT);
		CHECK(signal_open(fd, "s", 0) == -EDQUOT);
	}
	CHECK(send(self->socks[1], "", 1, 0) == 1);
	CHECK(recv(self->socks[1], &byte, 1, 0) == 1);
	add_all_chunks(fd);
	return 0;
}

TEST_F(limit, attack_58_record_without_a_page_costs_nothing)
{
	pid_t pid;
	char byte;

	ASSERT_TRUE(set_limit(MAX_BYTES, page_size()) && set_limit(MAX_RECORDS, SOME_RECORDS));
	pid = spawn(fail_for_want_of_a_page, self);
	EXPECT_EQ(1, recv(self->socks[0], &byte, 1, 0));
	EXPECT_TRUE(set_limit(MAX_BYTES, page_size() + RECORD_PAGE));
	EXPECT_EQ(1, send(self->socks[0], "", 1, 0));
	EXPECT_EQ(0, reap(pid));
}

/* Two want the same page of records for the first time: one is made, and charged. */

struct toucher {
	unsigned char *control;
	__u32 *arrived;
};

static void *touch_pages(void *arg)
{
	struct toucher *toucher = arg;
	unsigned int pages = L4SHMC_CONTROL_SIZE / page_size();

	for (__u32 i = 0; i < pages; i++) {
		__atomic_fetch_add(toucher->arrived, 1, __ATOMIC_SEQ_CST);
		for (unsigned int looks = 1; load32(toucher->arrived) < 2 * (i + 1); looks++)
			if (looks % 65536 == 0)
				sched_yield();
		*(volatile unsigned char *)(toucher->control + i * page_size()) = 1;
	}
	return NULL;
}

static int touch_pages_together(void *arg)
{
	__u32 arrived = 0;
	struct toucher toucher = { .arrived = &arrived };
	pthread_t other;
	int fd;

	(void)arg;
	CHECK(become(USER_A, USER_A) == 0);
	fd = area_attach(numbered_area(device_open(O_RDWR), 0, page_size(), 0600), "", 0);
	toucher.control = (unsigned char *)map_control(fd, PROT_READ | PROT_WRITE);
	CHECK(toucher.control != MAP_FAILED);
	CHECK(pthread_create(&other, NULL, touch_pages, &toucher) == 0);
	touch_pages(&toucher);
	CHECK(pthread_join(other, NULL) == 0);
	return 0;
}

TEST_F(limit, attack_58_pages_that_two_make_at_once)
{
	/* One more, as long as both try */
	ASSERT_TRUE(set_limit(MAX_BYTES, 2 * page_size() + L4SHMC_CONTROL_SIZE));
	for (unsigned int i = rounds(5); i > 0; i--)
		EXPECT_EQ(0, run_child(touch_pages_together, NULL));
}

/* Limits that change */

static int make_areas_as_limits_change(void *arg)
{
	FIXTURE_DATA(limit) * self = arg;
	int handles[4];
	char byte;
	int dev, fd;

	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	for (unsigned int i = 0; i < ARRAY_SIZE(handles); i++)
		handles[i] = numbered_area(dev, i, 1, 0600);
	CHECK(handles[ARRAY_SIZE(handles) - 1] >= 0);
	CHECK(send(self->socks[1], "", 1, 0) == 1);
	CHECK(recv(self->socks[1], &byte, 1, 0) == 1);
	/* It is 2 now: what is there stays, and more than one has to go. */
	fd = area_attach(handles[0], "", 0);
	CHECK(fd >= 0);
	/* What is limited otherwise is not meant. */
	CHECK(numbered_chunk(fd, 0) >= 0);
	CHECK(numbered_area(dev, 8, 1, 0600) == -EDQUOT);
	close(handles[3]);
	CHECK(numbered_area(dev, 8, 1, 0600) == -EDQUOT);
	close(handles[2]);
	CHECK(numbered_area(dev, 8, 1, 0600) == -EDQUOT);
	close(handles[1]);
	CHECK(numbered_area(dev, 8, 1, 0600) >= 0);
	CHECK(numbered_area(dev, 9, 1, 0600) == -EDQUOT);
	CHECK(send(self->socks[1], "", 1, 0) == 1);
	CHECK(recv(self->socks[1], &byte, 1, 0) == 1);
	/* There is none now. */
	for (unsigned int i = 10; i < 50; i++)
		CHECK(numbered_area(dev, i, 1, 0600) >= 0);
	return 0;
}

TEST_F(limit, attack_58_limits_change_at_any_time)
{
	char byte;
	pid_t pid;

	ASSERT_TRUE(set_limit(MAX_AREAS, 4));
	pid = spawn(make_areas_as_limits_change, self);
	EXPECT_EQ(1, recv(self->socks[0], &byte, 1, 0));
	EXPECT_TRUE(set_limit(MAX_AREAS, 2));
	EXPECT_EQ(1, send(self->socks[0], "", 1, 0));
	EXPECT_EQ(1, recv(self->socks[0], &byte, 1, 0));
	EXPECT_TRUE(set_limit(MAX_AREAS, 0));
	EXPECT_EQ(1, send(self->socks[0], "", 1, 0));
	EXPECT_EQ(0, reap(pid));
}

/* Many processes of one user at once: the sum is what counts. */

#define RACERS 4

static int race_for_areas(void *arg)
{
	FIXTURE_DATA(limit) * self = arg;
	int handles[64], dev, n = 0;
	char byte;

	CHECK(become(USER_A, USER_A) == 0);
	dev = device_open(O_RDWR);
	for (unsigned int i = 0; i < ARRAY_SIZE(handles); i++) {
		char name[L4SHMC_NAME_SIZE];

		unique_name(name, "race");
		snprintf(name + strlen(name), 16, ".%u", i);
		handles[i] = area_create(dev, name, 1, 0600, 0);
		CHECK(handles[i] >= 0 || handles[i] == -EDQUOT);
		n += handles[i] >= 0;
		/* Not all of them all the time */
		if (i % 4 == 3 && handles[i] >= 0) {
			close(handles[i]);
			n--;
		}
	}
	byte = (char)n;
	CHECK(send(self->socks[1], &byte, 1, 0) == 1);
	CHECK(recv(self->socks[1], &byte, 1, 0) == 1);
	return 0;
}

TEST_F(limit, attack_58_processes_of_a_user_add_up)
{
	unsigned int max = 10, sum = 0;
	pid_t pids[RACERS];
	char byte;

	ASSERT_TRUE(set_limit(MAX_AREAS, max));
	for (unsigned int round = rounds(5); round > 0; round--) {
		sum = 0;
		for (unsigned int i = 0; i < RACERS; i++)
			pids[i] = spawn(race_for_areas, self);
		for (unsigned int i = 0; i < RACERS; i++) {
			ASSERT_EQ(1, recv(self->socks[0], &byte, 1, 0));
			sum += (unsigned int)byte;
		}
		/* Those who tried last found them all taken, or one just given back. */
		EXPECT_LE(sum, max);
		EXPECT_GE(sum, max - RACERS);
		for (unsigned int i = 0; i < RACERS; i++)
			EXPECT_EQ(1, send(self->socks[0], "", 1, 0));
		for (unsigned int i = 0; i < RACERS; i++)
			EXPECT_EQ(0, reap(pids[i]));
	}
	EXPECT_EQ(0, run_child(make_areas_to_the_limit, &max));
}

TEST_HARNESS_MAIN
