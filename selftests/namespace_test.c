// SPDX-License-Identifier: GPL-2.0-only
/*
 * Namespaces: the names of areas, and what sysfs shows, belong to the network
 * namespace in which the device was opened; ids are those of the reader's user
 * namespace, and to be root in one is to be nobody outside.
 */
#include "common.h"

#include <sys/mount.h>
#include <sys/sysmacros.h>

FIXTURE(net)
{
	struct area area;
	/* To a child process: [0] is the test's, [1] the child's */
	int socks[2];
	long users;
};

FIXTURE_SETUP(net)
{
	struct timeval timeout = { .tv_sec = HANG_NS / NS_PER_S };

	if (geteuid() != 0)
		SKIP(return, "only root can make a network namespace");
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, self->socks));
	for (unsigned int i = 0; i < ARRAY_SIZE(self->socks); i++)
		ASSERT_EQ(0, setsockopt(self->socks[i], SOL_SOCKET, SO_RCVTIMEO, &timeout,
					sizeof(timeout)));
	if (!make_area(_metadata, &self->area, DEFAULT_AREA_SIZE))
		return;
	self->users = module_refs();
}

FIXTURE_TEARDOWN(net)
{
	drop_area(&self->area);
}

/* A network namespace of one's own, and what sysfs shows of it on /sys */
static void enter_network(void)
{
	CHECK(unshare(CLONE_NEWNET | CLONE_NEWNS) == 0);
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(mount("sysfs", "/sys", "sysfs", 0, NULL) == 0);
}

static void tell(int sock)
{
	CHECK(send(sock, "", 1, MSG_NOSIGNAL) == 1);
}

static void await(int sock)
{
	char byte;

	CHECK(recv(sock, &byte, 1, 0) == 1);
}

/* The same name, another area */
static int have_the_same_name(void *arg)
{
	FIXTURE_DATA(net) * self = arg;
	size_t size = 2 * page_size();
	unsigned char *data;
	int dev, handle, fd;

	enter_network();
	dev = device_open(O_RDWR);
	CHECK(area_attach(dev, self->area.name, 0) == -ENOENT);
	CHECK(area_unlink(dev, self->area.name) == -ENOENT);
	CHECK(!sysfs_has(self->area.name));
	handle = area_create(dev, self->area.name, size, 0600, 0);
	CHECK(handle >= 0);
	CHECK(area_create(dev, self->area.name, size, 0600, 0) == -EEXIST);
	CHECK(sysfs_number(self->area.name, "size") == (long)size);
	fd = area_attach(dev, self->area.name, 0);
	CHECK(chunk_add(fd, "theirs", 64) >= 0);
	CHECK(chunk_find(fd, "ours", 0) == -ENOENT);
	data = map_data(fd, size, PROT_READ | PROT_WRITE);
	CHECK(data != MAP_FAILED);
	CHECK(data[0] == 0);
	data[0] = 'B';
	CHECK(send_fd(self->socks[1], handle) == 0);
	await(self->socks[1]);
	CHECK(data[0] == 'B');
	CHECK(area_unlink(dev, self->area.name) == 0);
	CHECK(!sysfs_has(self->area.name));
	return 0;
}

TEST_F(net, attack_13_same_name_in_two_namespaces)
{
	unsigned char *data = map_data(self->area.fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE);
	struct l4shmc_ioc_area_info ours, theirs;
	pid_t pid;
	int fd;

	ASSERT_NE(MAP_FAILED, data);
	data[0] = 'A';
	ASSERT_GE(chunk_add(self->area.fd, "ours", 64), 0);
	pid = spawn(have_the_same_name, self);
	fd = recv_fd(self->socks[0]);
	ASSERT_GE(fd, 0);
	/* Both are there now. */
	ASSERT_EQ(0, area_info(fd, &theirs));
	ASSERT_EQ(0, area_info(self->area.fd, &ours));
	EXPECT_STREQ(ours.name, theirs.name);
	EXPECT_NE(ours.id, theirs.id);
	EXPECT_EQ(DEFAULT_AREA_SIZE, sysfs_number(self->area.name, "size"));
	EXPECT_ERR(ENOENT, chunk_find(self->area.fd, "theirs", 0));
	EXPECT_EQ('A', data[0]);
	tell(self->socks[0]);
	EXPECT_EQ(0, reap(pid));
	EXPECT_TRUE(area_named(&self->area));
	EXPECT_TRUE(sysfs_has(self->area.name));
}

static int attach_and_tell_size(void *arg)
{
	const char *name = arg;
	struct l4shmc_ioc_area_info info;
	int fd = area_attach_to(device_open(O_RDWR), name, 0, L4SHMC_TIMEOUT_NEVER);

	CHECK(fd >= 0);
	CHECK(area_info(fd, &info) == 0);
	return (int)(info.area_size / page_size());
}

static int wait_for_a_name(void *arg)
{
	FIXTURE_DATA(net) * self = arg;
	char name[L4SHMC_NAME_SIZE] = "\xf8";
	pid_t waiter;

	enter_network();
	waiter = spawn(attach_and_tell_size, name);
	CHECK(WAIT_UNTIL(task_state(waiter) == 'S'));
	tell(self->socks[1]);
	await(self->socks[1]);
	CHECK(area_create(device_open(O_RDWR), name, 3 * page_size(), 0600, 0) >= 0);
	CHECK(reap(waiter) == 3);
	return 0;
}

TEST_F(net, attack_13_waiter_gets_the_name_of_its_own)
{
	pid_t pid = spawn(wait_for_a_name, self);
	int handle;

	await(self->socks[0]);
	handle = area_create(self->area.dev, "\xf8", 5 * page_size(), 0600, 0);
	EXPECT_GE(handle, 0);
	tell(self->socks[0]);
	EXPECT_EQ(0, reap(pid));
	close(handle);
}

static int change_namespaces(void *arg)
{
	FIXTURE_DATA(net) * self = arg;
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), away;

	CHECK(home >= 0);
	enter_network();
	away = device_open(O_RDWR);
	/* What is open stays where it was opened. */
	CHECK(area_attach(self->area.dev, self->area.name, 0) >= 0);
	CHECK(area_attach(away, self->area.name, 0) == -ENOENT);
	CHECK(setns(home, CLONE_NEWNET) == 0);
	CHECK(area_create(away, "only there", page_size(), 0600, 0) >= 0);
	CHECK(area_attach(away, "only there", 0) >= 0);
	CHECK(area_attach(self->area.dev, "only there", 0) == -ENOENT);
	CHECK(area_attach(device_open(O_RDWR), "only there", 0) == -ENOENT);
	CHECK(area_attach(device_open(O_RDWR), self->area.name, 0) >= 0);
	/* sysfs shows the namespace in which it was mounted. */
	CHECK(sysfs_has("only there"));
	CHECK(!sysfs_has(self->area.name));
	CHECK(umount("/sys") == 0);
	CHECK(!sysfs_has("only there"));
	CHECK(sysfs_has(self->area.name));
	return 0;
}

TEST_F(net, attack_13_open_device_decides)
{
	EXPECT_EQ(0, run_child(change_namespaces, self));
	EXPECT_TRUE(WAIT_UNTIL(module_refs() == self->users));
}

static int announce_there(void *arg)
{
	FIXTURE_DATA(net) * self = arg;
	int events, handle;

	enter_network();
	events = open_uevents();
	CHECK(events >= 0);
	handle = area_create(device_open(O_RDWR), "there", 1, 0600, 0);
	CHECK(handle >= 0);
	CHECK(await_uevent(events, "add", "there", "here"));
	close(handle);
	tell(self->socks[1]);
	await(self->socks[1]);
	CHECK(await_uevent(events, "remove", "there", "here"));
	handle = area_create(device_open(O_RDWR), "mark", 1, 0600, 0);
	CHECK(await_uevent(events, "add", "mark", "here"));
	return 0;
}

TEST_F(net, attack_13_announced_in_its_own_namespace_only)
{
	int events = open_uevents(), handle;
	pid_t pid = spawn(announce_there, self);

	ASSERT_GE(events, 0);
	await(self->socks[0]);
	handle = area_create(self->area.dev, "here", 1, 0600, 0);
	ASSERT_GE(handle, 0);
	/* What was announced there would have come before this. */
	EXPECT_TRUE(await_uevent(events, "add", "here", "there"));
	close(handle);
	EXPECT_TRUE(await_uevent(events, "remove", "here", "there"));
	tell(self->socks[0]);
	EXPECT_EQ(0, reap(pid));
}

/* Areas that outlive the namespace of their names */
static int leave_areas(void *arg)
{
	FIXTURE_DATA(net) * self = arg;
	int dev, handle, fd;

	enter_network();
	dev = device_open(O_RDWR);
	handle = area_create(dev, self->area.name, DEFAULT_AREA_SIZE, 0600,
			     L4SHMC_CREATE_PERSISTENT);
	fd = area_attach(handle, "", 0);
	CHECK(chunk_add(fd, "left", 64) >= 0);
	CHECK(area_create(dev, "alone", DEFAULT_AREA_SIZE, 0600, L4SHMC_CREATE_PERSISTENT) >= 0);
	CHECK(send_fd(self->socks[1], handle) == 0);
	return 0;
}

TEST_F(net, attack_13_end_of_the_namespace_takes_names_and_persistence)
{
	struct l4shmc_ioc_area_info info;
	int handle, fd;

	ASSERT_EQ(0, run_child(leave_areas, self));
	handle = recv_fd(self->socks[0]);
	ASSERT_GE(handle, 0);
	/* No area keeps the namespace, which goes in its own time. */
	EXPECT_TRUE(WAIT_UNTIL(area_info(handle, &info) == 0 &&
			       info.flags == (L4SHMC_AREA_PERSISTENT | L4SHMC_AREA_UNLINKED)));
	EXPECT_TRUE(WAIT_UNTIL(module_refs() == self->users + 2));
	/* Who has a descriptor goes on. */
	fd = area_attach(handle, "", 0);
	ASSERT_GE(fd, 0);
	EXPECT_GE(chunk_find(fd, "left", 0), 0);
	EXPECT_GE(chunk_add(fd, "more", 64), 0);
	EXPECT_GE(signal_open(fd, "s", 0), 0);
	EXPECT_NE(MAP_FAILED, map_data(fd, DEFAULT_AREA_SIZE, PROT_READ | PROT_WRITE));
	EXPECT_ERR(ENOENT, area_unlink(handle, ""));
	EXPECT_TRUE(area_named(&self->area));
}

TEST_F(net, attack_13_nothing_is_left_of_a_namespace)
{
	int handle;

	ASSERT_EQ(0, run_child(leave_areas, self));
	handle = recv_fd(self->socks[0]);
	ASSERT_GE(handle, 0);
	close(handle);
	EXPECT_TRUE(WAIT_UNTIL(module_refs() == self->users));
}

static int leave_the_device(void *arg)
{
	FIXTURE_DATA(net) * self = arg;

	enter_network();
	CHECK(send_fd(self->socks[1], device_open(O_RDWR)) == 0);
	return 0;
}

TEST_F(net, attack_13_open_device_keeps_the_namespace)
{
	int dev, handle;

	ASSERT_EQ(0, run_child(leave_the_device, self));
	dev = recv_fd(self->socks[0]);
	ASSERT_GE(dev, 0);
	EXPECT_ERR(ENOENT, area_attach(dev, self->area.name, 0));
	handle = area_create(dev, "kept", 1, 0600, L4SHMC_CREATE_PERSISTENT);
	ASSERT_GE(handle, 0);
	close(handle);
	handle = area_attach(dev, "kept", 0);
	EXPECT_GE(handle, 0);
	close(handle);
	EXPECT_ERR(ENOENT, area_attach(self->area.dev, "kept", 0));
	EXPECT_FALSE(sysfs_has("kept"));
	/* With the last descriptor of the device the namespace goes, and the area. */
	close(dev);
	EXPECT_TRUE(WAIT_UNTIL(module_refs() == self->users));
}

#define LEFT 8

static int leave_many(void *arg)
{
	FIXTURE_DATA(net) * self = arg;
	char name[L4SHMC_NAME_SIZE];
	int dev;

	CHECK(unshare(CLONE_NEWNET) == 0);
	dev = device_open(O_RDWR);
	for (unsigned int i = 0; i < LEFT; i++) {
		int handle, fd;

		snprintf(name, sizeof(name), "left.%u", i);
		handle = area_create(dev, name, 1, 0600, i % 2 ? L4SHMC_CREATE_PERSISTENT : 0);
		fd = area_attach(handle, "", 0);
		for (unsigned int j = 0; j < LEFT; j++) {
			snprintf(name, sizeof(name), "c%u", j);
			CHECK(chunk_add(fd, name, 64) >= 0);
		}
		CHECK(send_fd(self->socks[1], handle) == 0);
	}
	return 0;
}

/* UNLINK, the last close and the end of the namespace, all of the same names */
TEST_F(net, attack_13_end_of_the_namespace_is_raced)
{
	int handles[LEFT];

	for (unsigned int i = rounds(40); i > 0; i--) {
		ASSERT_EQ(0, run_child(leave_many, self));
		for (unsigned int j = 0; j < LEFT; j++)
			handles[j] = recv_fd(self->socks[0]);
		nap_us(i % 8 * 3000);
		for (unsigned int j = 0; j < LEFT; j++) {
			if (j % 4 < 2) {
				int result = area_unlink(handles[j], "");

				EXPECT_TRUE(result == 0 || result == -ENOENT);
			}
			ASSERT_EQ(0, close(handles[j]));
		}
	}
	EXPECT_TRUE(WAIT_UNTIL(module_refs() == self->users));
	EXPECT_TRUE(area_named(&self->area));
}

/* Containers: root over a range of ids that are others' outside */

#define BASE 100000
#define INNER_USER 33

/* Areas that the host makes in the container's network namespace */
struct foreign {
	const char *name;
	uid_t uid;
	gid_t gid;
};

static const struct foreign foreign[] = {
	{ "of root", 0, 0 },
	{ "of another user", USER_A, USER_A },
	{ "of a group outside", BASE + INNER_USER, USER_A },
	{ "of a user outside", USER_A, BASE + INNER_USER },
};

static void enter_container(FIXTURE_DATA(net) * self)
{
	enter_network();
	CHECK(send_fd(self->socks[1], device_open(O_RDWR)) == 0);
	CHECK(unshare(CLONE_NEWUSER) == 0);
	tell(self->socks[1]);
	/* The ids are there now. */
	await(self->socks[1]);
	CHECK(setgroups(0, NULL) == 0);
	CHECK(setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0);
	CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
}

static int try_foreign_areas(void *arg)
{
	FIXTURE_DATA(net) * self = arg;
	int dev;

	enter_container(self);
	dev = device_open(O_RDWR);
	for (unsigned int i = 0; i < ARRAY_SIZE(foreign); i++) {
		const char *name = foreign[i].name;

		CHECK(area_attach(dev, name, 0) == -EPERM);
		CHECK(area_attach(dev, name, L4SHMC_ATTACH_OBSERVER) == -EPERM);
		CHECK(area_unlink(dev, name) == -EPERM);
		CHECK(area_create(dev, name, 1, 0666, 0) == -EEXIST);
		/* Ids that have no name here are the overflow ids. */
		CHECK(sysfs_number(name, "uid") == (foreign[i].uid < BASE ? 65534 : INNER_USER));
		CHECK(sysfs_number(name, "gid") == (foreign[i].gid < BASE ? 65534 : INNER_USER));
	}
	/* Nor can it make one for somebody outside. */
	CHECK(area_create_as(dev, "for nobody", 1, 0600, 0, 70000, ~0U) == -EINVAL);
	CHECK(area_create_as(dev, "for nobody", 1, 0600, 0, ~0U, 70000) == -EINVAL);
	/* The rest of the world is not even there. */
	CHECK(area_attach(dev, self->area.name, 0) == -ENOENT);
	return 0;
}

static int make_own_area(void *name)
{
	int handle;

	CHECK(setresgid(INNER_USER, INNER_USER, INNER_USER) == 0);
	CHECK(setresuid(INNER_USER, INNER_USER, INNER_USER) == 0);
	handle = area_create(device_open(O_RDWR), name, 1, 0600, L4SHMC_CREATE_PERSISTENT);
	CHECK(handle >= 0);
	return 0;
}

static int rule_the_container(void *arg)
{
	struct l4shmc_ioc_area_info info;
	char name[] = "of a user inside";
	int dev, handle;

	enter_container(arg);
	dev = device_open(O_RDWR);
	CHECK(run_child(make_own_area, name) == 0);
	CHECK(sysfs_number(name, "uid") == INNER_USER);
	CHECK(area_attach(dev, name, 0) >= 0);
	CHECK(area_unlink(dev, name) == 0);
	handle = area_create_as(dev, "for a user inside", 1, 0600, 0, INNER_USER, INNER_USER);
	CHECK(area_info(handle, &info) == 0);
	CHECK(info.uid == INNER_USER && info.gid == INNER_USER);
	/* What the reader is called by the host is of no concern here. */
	CHECK(send_fd(((FIXTURE_DATA(net) *)arg)->socks[1], handle) == 0);
	return 0;
}

/* Runs @inside as root of a container; returns its process. */
static pid_t start_container(FIXTURE_DATA(net) * self, int (*inside)(void *))
{
	pid_t pid = spawn(inside, self);
	char path[64];
	int dev = recv_fd(self->socks[0]);

	for (unsigned int i = 0; i < ARRAY_SIZE(foreign); i++)
		close(area_create_as(dev, foreign[i].name, 1, 0600, L4SHMC_CREATE_PERSISTENT,
				     foreign[i].uid, foreign[i].gid));
	close(dev);
	await(self->socks[0]);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	if (!write_text(path, "0 100000 65536"))
		return -errno;
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	if (!write_text(path, "0 100000 65536"))
		return -errno;
	tell(self->socks[0]);
	return pid;
}

TEST_F(net, attack_55_root_of_a_container_is_nobody_outside)
{
	pid_t pid = start_container(self, try_foreign_areas);

	ASSERT_GT(pid, 0);
	EXPECT_EQ(0, reap(pid));
	EXPECT_TRUE(WAIT_UNTIL(module_refs() == self->users));
}

TEST_F(net, attack_55_root_of_a_container_is_root_inside)
{
	pid_t pid = start_container(self, rule_the_container);
	struct l4shmc_ioc_area_info info;
	int handle;

	ASSERT_GT(pid, 0);
	handle = recv_fd(self->socks[0]);
	ASSERT_GE(handle, 0);
	EXPECT_EQ(0, reap(pid));
	ASSERT_EQ(0, area_info(handle, &info));
	EXPECT_EQ(BASE + INNER_USER, info.uid);
	EXPECT_EQ(BASE + INNER_USER, info.gid);
}

/* A node of one's own for the device */

static int make_node(const char *path)
{
	struct stat stat_device;

	CHECK(stat(DEVICE, &stat_device) == 0);
	if (mknod(path, S_IFCHR | 0666, stat_device.st_rdev))
		return -errno;
	return chmod(path, 0666) ? -errno : 0;
}

static int make_node_in_user_namespace(void *arg)
{
	enter_container(arg);
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0);
	CHECK(make_node("/tmp/node") == -EPERM);
	return 0;
}

static int open_own_node(void *arg)
{
	FIXTURE_DATA(net) * self = arg;
	int dev;

	enter_network();
	CHECK(mount("tmpfs", "/tmp", "tmpfs", MS_NODEV, NULL) == 0);
	CHECK(make_node("/tmp/node") == 0);
	CHECK(open("/tmp/node", O_RDWR | O_CLOEXEC) < 0 && errno == EACCES);
	CHECK(mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0);
	CHECK(make_node("/tmp/node") == 0);
	dev = open("/tmp/node", O_RDWR | O_CLOEXEC);
	CHECK(dev >= 0);
	/* It is the same device, and the opener's namespace. */
	CHECK(area_attach(dev, self->area.name, 0) == -ENOENT);
	CHECK(area_create(dev, self->area.name, 1, 0600, 0) >= 0);
	CHECK(area_attach(device_open(O_RDWR), self->area.name, 0) >= 0);
	CHECK(area_attach(self->area.dev, self->area.name, 0) >= 0);
	/* Without a capability it is worth what any node is. */
	CHECK(become(USER_A, USER_A) == 0);
	dev = open("/tmp/node", O_RDWR | O_CLOEXEC);
	CHECK(area_attach(dev, self->area.name, 0) == -EPERM);
	CHECK(make_node("/tmp/other") == -EPERM);
	return 0;
}

TEST_F(net, attack_55_mknod_is_not_for_a_user_namespace)
{
	pid_t pid = start_container(self, make_node_in_user_namespace);

	ASSERT_GT(pid, 0);
	EXPECT_EQ(0, reap(pid));
}

TEST_F(net, attack_55_mknod_makes_no_other_device)
{
	EXPECT_EQ(0, run_child(open_own_node, self));
}

TEST_HARNESS_MAIN
