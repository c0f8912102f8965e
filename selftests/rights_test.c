// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rights: who may create, attach, observe and unlink; descriptors that were
 * passed on; and that no detour adds a right.
 */
#include "common.h"

#include <sys/fsuid.h>

#define OWNER USER_A
#define OTHER USER_B
#define GROUP 2000

/* The area of the fixture belongs to OWNER and GROUP. */
FIXTURE(rights)
{
	int dev, handle;
	char name[L4SHMC_NAME_SIZE];
	char made[L4SHMC_NAME_SIZE];
};

/* What a process with this identity gets */
struct identity {
	uid_t uid;
	gid_t gid;
	/* A supplementary group, or 0 */
	gid_t group;
};

FIXTURE_VARIANT(rights)
{
	unsigned int mode;
	struct identity who;
	int attach, observe, unlink;
};

#define ALLOWED 0
#define DENIED (-EPERM)

FIXTURE_VARIANT_ADD(rights, owner_of_0600)
{
	.mode = 0600, .who = { OWNER, OWNER, 0 },
	.attach = ALLOWED, .observe = ALLOWED, .unlink = ALLOWED,
};

FIXTURE_VARIANT_ADD(rights, owner_of_0400)
{
	.mode = 0400, .who = { OWNER, OWNER, 0 },
	.attach = DENIED, .observe = ALLOWED, .unlink = ALLOWED,
};

FIXTURE_VARIANT_ADD(rights, owner_of_0200)
{
	.mode = 0200, .who = { OWNER, OWNER, 0 },
	.attach = DENIED, .observe = DENIED, .unlink = ALLOWED,
};

FIXTURE_VARIANT_ADD(rights, owner_of_0066)
{
	.mode = 0066, .who = { OWNER, GROUP, GROUP },
	.attach = DENIED, .observe = DENIED, .unlink = ALLOWED,
};

FIXTURE_VARIANT_ADD(rights, owner_of_0000)
{
	.mode = 0000, .who = { OWNER, OWNER, 0 },
	.attach = DENIED, .observe = DENIED, .unlink = ALLOWED,
};

FIXTURE_VARIANT_ADD(rights, group_of_0600)
{
	.mode = 0600, .who = { OTHER, GROUP, 0 },
	.attach = DENIED, .observe = DENIED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, group_of_0660)
{
	.mode = 0660, .who = { OTHER, GROUP, 0 },
	.attach = ALLOWED, .observe = ALLOWED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, group_of_0640)
{
	.mode = 0640, .who = { OTHER, GROUP, 0 },
	.attach = DENIED, .observe = ALLOWED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, group_of_0620)
{
	.mode = 0620, .who = { OTHER, GROUP, 0 },
	.attach = DENIED, .observe = DENIED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, group_of_0606)
{
	.mode = 0606, .who = { OTHER, GROUP, 0 },
	.attach = DENIED, .observe = DENIED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, second_group_of_0660)
{
	.mode = 0660, .who = { OTHER, OTHER, GROUP },
	.attach = ALLOWED, .observe = ALLOWED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, second_group_of_0640)
{
	.mode = 0640, .who = { OTHER, OTHER, GROUP },
	.attach = DENIED, .observe = ALLOWED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, others_of_0600)
{
	.mode = 0600, .who = { OTHER, OTHER, 0 },
	.attach = DENIED, .observe = DENIED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, others_of_0660)
{
	.mode = 0660, .who = { OTHER, OTHER, 0 },
	.attach = DENIED, .observe = DENIED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, others_of_0604)
{
	.mode = 0604, .who = { OTHER, OTHER, 0 },
	.attach = DENIED, .observe = ALLOWED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, others_of_0606)
{
	.mode = 0606, .who = { OTHER, OTHER, 0 },
	.attach = ALLOWED, .observe = ALLOWED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, others_of_0666)
{
	.mode = 0666, .who = { OTHER, OTHER, 0 },
	.attach = ALLOWED, .observe = ALLOWED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, others_of_0602)
{
	.mode = 0602, .who = { OTHER, OTHER, 0 },
	.attach = DENIED, .observe = DENIED, .unlink = DENIED,
};

FIXTURE_VARIANT_ADD(rights, root_of_0000)
{
	.mode = 0000, .who = { 0, 0, 0 },
	.attach = ALLOWED, .observe = ALLOWED, .unlink = ALLOWED,
};

static bool need_root(struct __test_metadata *_metadata, int *dev)
{
	*dev = device_open(O_RDWR);
	if (*dev == -ENOENT)
		SKIP(return false, "no " DEVICE ": load the module");
	if (geteuid() != 0)
		SKIP(return false, "only root can become others");
	return *dev >= 0;
}

FIXTURE_SETUP(rights)
{
	if (!need_root(_metadata, &self->dev))
		return;
	unique_name(self->name, "rights");
	unique_name(self->made, "made");
	self->handle = area_create_as(self->dev, self->name, DEFAULT_AREA_SIZE, variant->mode, 0,
				      OWNER, GROUP);
	ASSERT_GE(self->handle, 0);
}

FIXTURE_TEARDOWN(rights)
{
	area_unlink(self->dev, self->made);
	area_unlink(self->dev, self->name);
	close(self->handle);
}

static int become_identity(const struct identity *who)
{
	gid_t groups[] = { who->group };

	if (who->uid == 0)
		return 0;
	if (setgroups(who->group ? 1 : 0, groups) || setresgid(who->gid, who->gid, who->gid) ||
	    setresuid(who->uid, who->uid, who->uid))
		return -errno;
	prctl(PR_SET_DUMPABLE, 1);
	return 0;
}

static int result_of(int result)
{
	if (result > 0)
		close(result);
	return result < 0 ? result : 0;
}

struct attempt {
	const FIXTURE_VARIANT(rights) * variant;
	FIXTURE_DATA(rights) * self;
	/* Opened before, by root */
	bool old_device;
};

static int try_all(void *arg)
{
	struct attempt *attempt = arg;
	int expected = attempt->variant->unlink, handle = attempt->self->handle;
	const char *name = attempt->self->name;
	int dev = attempt->self->dev;

	CHECK(become_identity(&attempt->variant->who) == 0);
	if (!attempt->old_device)
		dev = device_open(O_RDWR);
	CHECK(dev >= 0);
	CHECK(result_of(area_attach(dev, name, 0)) == attempt->variant->attach);
	CHECK(result_of(area_attach(dev, name, L4SHMC_ATTACH_OBSERVER)) ==
	      attempt->variant->observe);
	/* Taken is taken, whoever has it. */
	CHECK(area_create(dev, name, 1, 0666, 0) == -EEXIST);
	/* A handle is a right to attach, not to unlink. */
	CHECK(result_of(area_attach(handle, "", 0)) == 0);
	CHECK(expected == 0 || area_unlink(handle, "") == expected);
	CHECK(area_unlink(dev, name) == expected);
	return 0;
}

TEST_F(rights, attack_13_follow_owner_and_mode)
{
	struct attempt attempt = { .variant = variant, .self = self };

	EXPECT_EQ(0, run_child(try_all, &attempt));
}

/* It is the caller who is asked, not the one who opened the device. */
TEST_F(rights, attack_54_are_the_callers)
{
	struct attempt attempt = { .variant = variant, .self = self, .old_device = true };

	EXPECT_EQ(0, run_child(try_all, &attempt));
}

FIXTURE(create)
{
	int dev;
	char name[L4SHMC_NAME_SIZE];
};

FIXTURE_VARIANT(create)
{
	struct identity who;
	__u32 uid, gid;
	int result;
};

FIXTURE_VARIANT_ADD(create, for_oneself)
{
	.who = { OWNER, OWNER, 0 }, .uid = OWNER, .gid = OWNER, .result = ALLOWED,
};

FIXTURE_VARIANT_ADD(create, for_a_group_of_ones_own)
{
	.who = { OWNER, OWNER, GROUP }, .uid = OWNER, .gid = GROUP, .result = ALLOWED,
};

FIXTURE_VARIANT_ADD(create, for_a_foreign_group)
{
	.who = { OWNER, OWNER, 0 }, .uid = OWNER, .gid = GROUP, .result = DENIED,
};

FIXTURE_VARIANT_ADD(create, for_another_user)
{
	.who = { OWNER, OWNER, 0 }, .uid = OTHER, .gid = OWNER, .result = DENIED,
};

FIXTURE_VARIANT_ADD(create, for_root)
{
	.who = { OWNER, OWNER, 0 }, .uid = 0, .gid = 0, .result = DENIED,
};

FIXTURE_VARIANT_ADD(create, by_root_for_another)
{
	.who = { 0, 0, 0 }, .uid = OTHER, .gid = GROUP, .result = ALLOWED,
};

FIXTURE_SETUP(create)
{
	if (!need_root(_metadata, &self->dev))
		return;
	unique_name(self->name, "create");
}

FIXTURE_TEARDOWN(create)
{
	area_unlink(self->dev, self->name);
}

struct creation {
	const FIXTURE_VARIANT(create) * variant;
	FIXTURE_DATA(create) * self;
};

static int try_create(void *arg)
{
	struct creation *creation = arg;
	__u32 uid = creation->variant->uid, gid = creation->variant->gid;
	struct l4shmc_ioc_area_info info;
	int dev, handle;

	CHECK(become_identity(&creation->variant->who) == 0);
	dev = device_open(O_RDWR);
	handle = area_create_as(dev, creation->self->name, 1, 0600, 0, uid, gid);
	if (creation->variant->result) {
		CHECK(handle == creation->variant->result);
		CHECK(area_attach(dev, creation->self->name, 0) == -ENOENT);
		return 0;
	}
	CHECK(handle >= 0);
	CHECK(area_info(handle, &info) == 0);
	CHECK(info.uid == uid && info.gid == gid);
	return 0;
}

TEST_F(create, with_owner_and_group)
{
	struct creation creation = { .variant = variant, .self = self };

	EXPECT_EQ(0, run_child(try_create, &creation));
}

static int create_by_default(void *arg)
{
	FIXTURE_DATA(create) * self = arg;
	struct l4shmc_ioc_area_info info;
	int handle;

	CHECK(become(OTHER, GROUP) == 0);
	handle = area_create(device_open(O_RDWR), self->name, 1, 0600, 0);
	CHECK(area_info(handle, &info) == 0);
	CHECK(info.uid == OTHER && info.gid == GROUP);
	return 0;
}

/* Descriptors: one area of root's that nobody else may use */

FIXTURE(passed)
{
	struct area area;
	int observer, signal;
	unsigned char *data;
};

FIXTURE_SETUP(passed)
{
	int dev;

	if (!need_root(_metadata, &dev))
		return;
	close(dev);
	if (!make_area(_metadata, &self->area, DEFAULT_AREA_SIZE))
		return;
	self->observer = area_attach(self->area.handle, "", L4SHMC_ATTACH_OBSERVER);
	ASSERT_GE(self->observer, 0);
	self->signal = signal_open(self->area.fd, "s", 0);
	ASSERT_GE(self->signal, 0);
	self->data = map_data(self->area.fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, self->data);
}

FIXTURE_TEARDOWN(passed)
{
	drop_area(&self->area);
}

TEST_F(passed, create_defaults_to_the_caller)
{
	FIXTURE_DATA(create) create;

	unique_name(create.name, "default");
	EXPECT_EQ(0, run_child(create_by_default, &create));
}

/* What counts is the id for files, as it does for these, and not the real one. */

struct ids {
	uid_t real, effective, file;
	int result;
};

static int use_ids(void *arg)
{
	struct ids *ids = arg;
	int dev = device_open(O_RDWR), fd, handle;
	struct l4shmc_ioc_area_info info;
	char name[L4SHMC_NAME_SIZE];

	unique_name(name, "ids");
	handle = area_create_as(dev, name, 1, 0600, 0, OWNER, GROUP);
	CHECK(handle >= 0);
	CHECK(setgroups(0, NULL) == 0 && setresgid(OTHER, OTHER, OTHER) == 0);
	CHECK(setresuid(ids->real, ids->effective, ids->file) == 0);
	setfsuid(ids->file);
	fd = area_attach(dev, name, 0);
	CHECK((fd < 0 ? fd : 0) == ids->result);
	CHECK(area_unlink(dev, name) == ids->result);
	unique_name(name, "ids'");
	handle = area_create(dev, name, 1, 0600, 0);
	CHECK(area_info(handle, &info) == 0);
	CHECK(info.uid == ids->file);
	return 0;
}

TEST_F(passed, ids_are_those_for_files)
{
	static const struct ids ids[] = {
		{ OWNER, OWNER, OWNER, ALLOWED },
		{ OWNER, OTHER, OTHER, DENIED },
		{ OTHER, OWNER, OWNER, ALLOWED },
		{ OWNER, OWNER, OTHER, DENIED },
		{ OTHER, OTHER, OWNER, ALLOWED },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		struct ids child = ids[i];

		EXPECT_EQ(0, run_child(use_ids, &child)) {
			TH_LOG("ids %u", i);
		}
	}
}

/*
 * Another user's process, which has the descriptors of the fixture closed and
 * gets one of them, or nothing, through a socket.
 */
static int stranger(FIXTURE_DATA(passed) * self, int fd, int (*run)(void *))
{
	int socks[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks))
		return -errno;
	pid = fork();
	if (pid == 0) {
		munmap(self->data, DEFAULT_AREA_SIZE);
		close(self->area.fd);
		close(self->area.handle);
		close(self->area.dev);
		close(self->observer);
		close(self->signal);
		if (become(OTHER, OTHER))
			_exit(1);
		fd = recv_fd(socks[1]);
		_exit(fd < 0 ? 1 : run(&fd));
	}
	if (send_fd(socks[0], fd))
		kill(pid, SIGKILL);
	close(socks[0]);
	close(socks[1]);
	return reap(pid);
}

static int use_handle(void *arg)
{
	int handle = *(int *)arg, fd = area_attach(handle, "", 0);
	struct l4shmc_ioc_area_info info;

	CHECK(fd >= 0);
	CHECK(area_info(fd, &info) == 0);
	CHECK(info.client == 1);
	CHECK(map_data(fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE) != MAP_FAILED);
	CHECK(chunk_add(fd, "stranger", 64) >= 0);
	/* By name it is as much a stranger as before. */
	CHECK(area_attach(device_open(O_RDWR), info.name, 0) == -EPERM);
	CHECK(area_attach(device_open(O_RDWR), info.name, L4SHMC_ATTACH_OBSERVER) == -EPERM);
	CHECK(area_unlink(handle, "") == -EPERM);
	CHECK(area_unlink(device_open(O_RDWR), info.name) == -EPERM);
	return 0;
}

TEST_F(passed, attack_52_handle_is_the_right_to_attach)
{
	EXPECT_EQ(0, stranger(self, self->area.handle, use_handle));
	EXPECT_GE(chunk_find(self->area.fd, "stranger", 0), 0);
	EXPECT_TRUE(area_named(&self->area));
}

static int use_attachment(void *arg)
{
	int fd = *(int *)arg, again;
	struct l4shmc_ioc_area_info info;
	unsigned char *data = map_data(fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);

	CHECK(data != MAP_FAILED);
	data[0] = 42;
	CHECK(area_info(fd, &info) == 0);
	CHECK(info.client == 0);
	CHECK(signal_trigger(signal_open(fd, "s", 0)) == 0);
	/* It is the right to attach again, too. */
	again = area_attach(fd, "", 0);
	CHECK(area_info(again, &info) == 0);
	CHECK(info.client == 1);
	CHECK(area_attach(device_open(O_RDWR), info.name, 0) == -EPERM);
	CHECK(area_unlink(fd, "") == -ENOTTY);
	return 0;
}

TEST_F(passed, attack_52_attachment_is_the_right_to_use_it)
{
	EXPECT_EQ(0, stranger(self, self->area.fd, use_attachment));
	EXPECT_EQ(42, self->data[0]);
	EXPECT_EQ(0, signal_wait(self->signal, 0));
}

static int use_signal(void *arg)
{
	int fd = *(int *)arg;

	CHECK(signal_trigger(fd) == 0);
	CHECK(signal_wait(fd, 0) == 0);
	CHECK(signal_trigger(fd) == 0);
	CHECK(mmap(NULL, page_size(), PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	CHECK(area_attach(fd, "", L4SHMC_ATTACH_OBSERVER) == -ENOTTY);
	CHECK(signal_open(fd, "other", 0) == -ENOTTY);
	return 0;
}

TEST_F(passed, attack_52_signal_is_a_right_to_that_signal_only)
{
	EXPECT_EQ(0, stranger(self, self->signal, use_signal));
	EXPECT_EQ(0, signal_wait(self->signal, 0));
}

/* One that tells of the fixture's signal: only that, and only to wait */
static int use_wait_set(void *arg)
{
	int set = *(int *)arg;
	__u64 label;

	CHECK(waitset_wait(set, &label, 1, 0) == 1 && label == 7);
	CHECK(waitset_wait(set, &label, 1, 0) == -ETIMEDOUT);
	CHECK(signal_trigger(set) == -ENOTTY);
	CHECK(signal_open(set, "s", 0) == -ENOTTY);
	CHECK(area_attach(set, "", L4SHMC_ATTACH_OBSERVER) == -ENOTTY);
	CHECK(mmap(NULL, page_size(), PROT_READ, MAP_SHARED, set, 0) == MAP_FAILED);
	return 0;
}

TEST_F(passed, attack_52_wait_set_is_a_right_to_wait_only)
{
	int set = waitset_make(self->area.dev);

	ASSERT_EQ(0, waitset_bind(set, self->signal, 7));
	ASSERT_EQ(0, signal_trigger(self->signal));
	EXPECT_EQ(0, stranger(self, set, use_wait_set));
	EXPECT_ERR(ETIMEDOUT, signal_wait(self->signal, 0));
}

/* The device, as root has opened it */

static int use_device(void *arg)
{
	int dev = *(int *)arg, handle;
	struct l4shmc_ioc_area_info info;

	CHECK(area_create_as(dev, "for root", 1, 0600, 0, 0, 0) == -EPERM);
	handle = area_create(dev, "\xf8", 1, 0600, 0);
	CHECK(area_info(handle, &info) == 0);
	CHECK(info.uid == OTHER && info.gid == OTHER);
	return 0;
}

static int use_read_only_device(void *arg)
{
	int dev = *(int *)arg;
	char path[64];

	CHECK(area_create(dev, "\xf8", 1, 0600, 0) == -EBADF);
	CHECK(area_attach(dev, "\xf8", 0) == -EBADF);
	CHECK(area_unlink(dev, "\xf8") == -EBADF);
	CHECK(area_attach(dev, "\xf8", L4SHMC_ATTACH_OBSERVER) == -ENOENT);
	/* To open it again takes the right to open the device. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", dev);
	CHECK(open(path, O_RDWR | O_CLOEXEC) >= 0);
	return 0;
}

TEST_F(passed, attack_54_device_of_another_is_no_right)
{
	int dev = device_open(O_RDONLY);

	ASSERT_GE(dev, 0);
	EXPECT_EQ(0, stranger(self, self->area.dev, use_device));
	EXPECT_EQ(0, stranger(self, dev, use_read_only_device));
	/* Nor is it one for root. */
	EXPECT_EQ(0, use_read_only_device(&dev));
}

struct opener {
	int sock;
};

static int open_for_another(void *arg)
{
	struct opener *opener = arg;

	CHECK(become(OTHER, OTHER) == 0);
	CHECK(send_fd(opener->sock, device_open(O_RDWR)) == 0);
	return 0;
}

/* The reverse: opened by one without rights, used by root */
TEST_F(passed, attack_54_device_of_a_stranger_takes_no_right_away)
{
	int socks[2], dev, handle;
	struct l4shmc_ioc_area_info info;
	struct opener opener;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks));
	opener.sock = socks[1];
	ASSERT_EQ(0, run_child(open_for_another, &opener));
	dev = recv_fd(socks[0]);
	EXPECT_GE(area_attach(dev, self->area.name, 0), 0);
	handle = area_create(dev, "\xf8", 1, 0600, 0);
	ASSERT_EQ(0, area_info(handle, &info));
	EXPECT_EQ(0, info.uid);
	EXPECT_EQ(0, area_unlink(dev, self->area.name));
}

/* A name that a stranger has taken before the service that it is of */

static int squat(void *arg)
{
	struct opener *opener = arg;

	CHECK(become(OTHER, OTHER) == 0);
	CHECK(send_fd(opener->sock, area_create(device_open(O_RDWR), "service", 1, 0666,
						L4SHMC_CREATE_PERSISTENT)) == 0);
	return 0;
}

static int look_and_leave(void *arg)
{
	struct l4shmc_ioc_area_info info;
	char mode[16];
	int dev, fd;

	(void)arg;
	CHECK(become(OWNER, OWNER) == 0);
	dev = device_open(O_RDWR);
	/* Before attaching */
	CHECK(sysfs_number("service", "uid") == OTHER);
	CHECK(sysfs_number("service", "gid") == OTHER);
	CHECK(sysfs_read(mode, sizeof(mode), "service", "mode") && !strcmp(mode, "0666"));
	/* To make it is to learn that it is there. */
	CHECK(area_create(dev, "service", 1, 0600, 0) == -EEXIST);
	CHECK(area_unlink(dev, "service") == -EPERM);
	/* Attached, one knows whose it is that one has got, for good. */
	fd = area_attach(dev, "service", L4SHMC_ATTACH_OBSERVER);
	CHECK(area_info(fd, &info) == 0);
	CHECK(info.uid == OTHER && info.gid == OTHER && info.mode == 0666);
	return 0;
}

TEST_F(passed, attack_14_squatter_can_be_seen)
{
	struct l4shmc_ioc_area_info before, after;
	struct opener opener;
	int socks[2], handle;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks));
	opener.sock = socks[1];
	ASSERT_EQ(0, run_child(squat, &opener));
	ASSERT_EQ(0, run_child(look_and_leave, NULL));
	/* Root takes the name back; who has the squatter's area still knows that it is his. */
	handle = recv_fd(socks[0]);
	ASSERT_EQ(0, area_info(handle, &before));
	EXPECT_EQ(0, area_unlink(self->area.dev, "service"));
	EXPECT_GE(area_create(self->area.dev, "service", 1, 0600, 0), 0);
	EXPECT_EQ(0, sysfs_number("service", "uid"));
	ASSERT_EQ(0, area_info(handle, &after));
	EXPECT_EQ(before.id, after.id);
	EXPECT_EQ(OTHER, after.uid);
	EXPECT_EQ(L4SHMC_AREA_UNLINKED | L4SHMC_AREA_PERSISTENT, after.flags);
}

/* All that an observer must not get out of its descriptor, by any way */
static int use_observer(void *arg)
{
	int fd = *(int *)arg, again;
	char link[64];
	struct l4shmc_ioc_area_info info;
	unsigned char *data = map_data(fd, DEFAULT_AREA_SIZE, PROT_READ);

	CHECK(data != MAP_FAILED);
	CHECK(map_data(fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE) == MAP_FAILED);
	CHECK(errno == EACCES);
	CHECK(map_control(fd, PROT_READ | PROT_WRITE) == MAP_FAILED && errno == EACCES);
	CHECK(mprotect(data, page_size(), PROT_READ | PROT_WRITE) && errno == EACCES);
	CHECK(chunk_add(fd, "c", 64) == -EBADF);
	CHECK(signal_open(fd, "s", 0) == -EBADF);
	CHECK(client_init(fd) == -EBADF);
	CHECK(area_attach(fd, "", 0) == -EBADF);
	again = area_attach(fd, "", L4SHMC_ATTACH_OBSERVER);
	CHECK(area_info(again, &info) == 0);
	CHECK(info.flags == L4SHMC_AREA_OBSERVER && info.client == L4SHMC_CLIENT_NONE);
	CHECK(map_data(again, DEFAULT_AREA_SIZE, PROT_WRITE) == MAP_FAILED);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	CHECK(open(link, O_RDWR) < 0);
	CHECK(open(link, O_RDONLY) < 0);
	CHECK(fcntl(fd, F_SETFL, O_RDWR) || (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
	CHECK(map_data(dup(fd), DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE) == MAP_FAILED);
	return 0;
}

TEST_F(passed, attack_52_observer_stays_one)
{
	EXPECT_EQ(0, stranger(self, self->observer, use_observer));
	EXPECT_EQ(0, run_child(use_observer, &self->observer));
}

/* The mapping's own file, as /proc shows it: never more than the area's mode allows. */
static int open_map_file(void *arg)
{
	int fd = *(int *)arg;
	void *data = map_data(fd, DEFAULT_AREA_SIZE, PROT_READ);
	char link[128];

	CHECK(data != MAP_FAILED);
	snprintf(link, sizeof(link), "/proc/self/map_files/%lx-%lx", (unsigned long)data,
		 (unsigned long)data + DEFAULT_AREA_SIZE);
	CHECK(open(link, O_RDWR) < 0);
	CHECK(open(link, O_WRONLY) < 0);
	CHECK(open(link, O_RDONLY) < 0);
	return 0;
}

TEST_F(passed, attack_56_mapping_is_no_way_to_a_file)
{
	EXPECT_EQ(0, stranger(self, self->observer, open_map_file));
	EXPECT_EQ(0, stranger(self, self->area.fd, open_map_file));
}

/* Who may open it at all meets these rights. */
TEST_F(passed, attack_56_file_of_a_mapping_has_the_rights_of_the_area)
{
	char name[L4SHMC_NAME_SIZE], link[128];
	struct stat file;
	int handle;
	void *data;

	unique_name(name, "file");
	handle = area_create_as(self->area.dev, name, 1, 0640, 0, OTHER, GROUP);
	data = map_data(area_attach(handle, "", 0), page_size(), PROT_READ);
	ASSERT_NE(MAP_FAILED, data);
	snprintf(link, sizeof(link), "/proc/self/map_files/%lx-%lx", (unsigned long)data,
		 (unsigned long)data + page_size());
	ASSERT_EQ(0, stat(link, &file));
	EXPECT_EQ(S_IFREG | 0640, file.st_mode);
	EXPECT_EQ(OTHER, file.st_uid);
	EXPECT_EQ(GROUP, file.st_gid);
}

TEST_F(passed, attack_56_descriptors_cannot_be_opened_again)
{
	const int fds[] = { self->area.handle, self->area.fd, self->observer, self->signal };
	char link[64];

	for (unsigned int i = 0; i < ARRAY_SIZE(fds); i++) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fds[i]);
		EXPECT_EQ(-1, open(link, O_RDWR));
		EXPECT_EQ(-1, open(link, O_RDONLY));
		EXPECT_EQ(ENXIO, errno);
	}
}

struct thief {
	pid_t victim;
	int fd;
};

static int steal(void *arg)
{
	struct thief *thief = arg;
	int pidfd, fd;

	CHECK(become(OTHER, OTHER) == 0);
	pidfd = (int)syscall(SYS_pidfd_open, thief->victim, 0);
	CHECK(pidfd >= 0);
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, thief->fd, 0);
	CHECK(fd < 0 && errno == EPERM);
	return 0;
}

TEST_F(passed, attack_56_pidfd_getfd_is_for_those_who_may_trace)
{
	struct thief thief = { .victim = getpid(), .fd = self->area.handle };
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0), fd;

	ASSERT_GE(pidfd, 0);
	EXPECT_EQ(0, run_child(steal, &thief));
	/* And then it is the same descriptor, with the same rights. */
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, self->observer, 0);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(0, run_child(use_observer, &fd));
}

/* Handles in flight in a socket that nobody can reach any more */
TEST_F(passed, attack_53_cycles_of_sockets_are_collected)
{
	int socks[2], more[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks));
	ASSERT_EQ(0, send_fd(socks[0], self->area.handle));
	ASSERT_EQ(0, send_fd(socks[0], self->area.fd));
	ASSERT_EQ(0, send_fd(socks[0], socks[0]));
	ASSERT_EQ(0, send_fd(socks[0], socks[1]));
	close(self->observer);
	close(self->signal);
	munmap(self->data, DEFAULT_AREA_SIZE);
	close(self->area.handle);
	close(self->area.fd);
	EXPECT_TRUE(area_named(&self->area));
	close(socks[0]);
	close(socks[1]);
	/* The collector runs when another socket is closed. */
	EXPECT_TRUE(WAIT_UNTIL(socketpair(AF_UNIX, SOCK_STREAM, 0, more) == 0 &&
			       send_fd(more[0], more[1]) == 0 && close(more[0]) == 0 &&
			       close(more[1]) == 0 && !area_named(&self->area)));
}

/* Root in a user namespace of its own is nobody outside of it. */
static int in_user_namespace(void *arg)
{
	FIXTURE_DATA(passed) * self = arg;
	struct l4shmc_ioc_area_info info;
	char name[L4SHMC_NAME_SIZE];
	int dev, handle;

	close(self->area.fd);
	CHECK(become(OTHER, OTHER) == 0);
	if (unshare(CLONE_NEWUSER))
		return errno == EPERM || errno == ENOSPC ? KSFT_SKIP : 1;
	CHECK(write_text("/proc/self/setgroups", "deny"));
	CHECK(write_text("/proc/self/uid_map", "0 1001 1"));
	CHECK(write_text("/proc/self/gid_map", "0 1001 1"));
	CHECK(getuid() == 0);
	dev = device_open(O_RDWR);
	CHECK(dev >= 0);
	CHECK(area_attach(dev, self->area.name, 0) == -EPERM);
	CHECK(area_attach(dev, self->area.name, L4SHMC_ATTACH_OBSERVER) == -EPERM);
	CHECK(area_unlink(dev, self->area.name) == -EPERM);
	unique_name(name, "namespace");
	/* A user that is not in the map */
	CHECK(area_create_as(dev, name, 1, 0600, 0, 5, ~0U) == -EINVAL);
	handle = area_create_as(dev, name, 1, 0600, 0, 0, 0);
	CHECK(area_info(handle, &info) == 0);
	CHECK(info.uid == 0);
	CHECK(area_info(self->area.handle, &info) == 0);
	/* Seen from here the outer root has the overflow id. */
	CHECK(info.uid == 65534);
	return 0;
}

TEST_F(passed, attack_55_user_namespace_adds_no_right)
{
	int result = run_child(in_user_namespace, self);

	if (result == KSFT_SKIP)
		SKIP(return, "no user namespaces");
	EXPECT_EQ(0, result);
}

/* An area of another user, from its creation to the death of its creator */
static int create_and_die(void *arg)
{
	FIXTURE_DATA(passed) * self = arg;
	int handle;

	CHECK(become(OWNER, OWNER) == 0);
	handle = area_create(device_open(O_RDWR), "\xf8", DEFAULT_AREA_SIZE, 0600, 0);
	CHECK(handle >= 0);
	CHECK(area_attach(device_open(O_RDWR), self->area.name, 0) == -EPERM);
	kill(getpid(), SIGKILL);
	return 1;
}

TEST_F(passed, attack_13_name_of_a_dead_user_is_free_for_others)
{
	EXPECT_EQ(128 + SIGKILL, run_child(create_and_die, self));
	EXPECT_ERR(ENOENT, area_attach(self->area.dev, "\xf8", 0));
	EXPECT_GE(area_create(self->area.dev, "\xf8", 1, 0600, 0), 0);
}

TEST_HARNESS_MAIN
