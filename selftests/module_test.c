// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: whatever is in use of it keeps it, and what is not does not.
 * Unloads it, so that nobody else may be using it.
 */
#include "common.h"
#include "module.h"

#include <sys/epoll.h>

FIXTURE(module)
{
	char path[256];
	char name[L4SHMC_NAME_SIZE];
	/* What a variant holds on to; the rest has been given back */
	int fd, epoll;
	void *mapping;
	size_t size;
	pid_t sleeper;
	int socks[2];
	bool persistent;
};

enum user {
	NOBODY, DEVICE_FD, HANDLE_FD, UNLINKED_HANDLE, ATTACHMENT, OBSERVER, SIGNAL, CLIENTS, DATA,
	CONTROL, SLEEPER, EPOLL, WAIT_SET, BOUND_SET, PASSED, PERSISTENCE,
};

FIXTURE_VARIANT(module)
{
	enum user user;
};

FIXTURE_VARIANT_ADD(module, nobody) { .user = NOBODY };
FIXTURE_VARIANT_ADD(module, device) { .user = DEVICE_FD };
FIXTURE_VARIANT_ADD(module, handle) { .user = HANDLE_FD };
FIXTURE_VARIANT_ADD(module, unlinked_handle) { .user = UNLINKED_HANDLE };
FIXTURE_VARIANT_ADD(module, attachment) { .user = ATTACHMENT };
FIXTURE_VARIANT_ADD(module, observer) { .user = OBSERVER };
FIXTURE_VARIANT_ADD(module, signal) { .user = SIGNAL };
FIXTURE_VARIANT_ADD(module, clients_signal) { .user = CLIENTS };
FIXTURE_VARIANT_ADD(module, data_mapping) { .user = DATA };
FIXTURE_VARIANT_ADD(module, control_mapping) { .user = CONTROL };
FIXTURE_VARIANT_ADD(module, sleeper) { .user = SLEEPER };
FIXTURE_VARIANT_ADD(module, epoll) { .user = EPOLL };
FIXTURE_VARIANT_ADD(module, wait_set) { .user = WAIT_SET };
FIXTURE_VARIANT_ADD(module, wait_set_with_binding) { .user = BOUND_SET };
FIXTURE_VARIANT_ADD(module, descriptor_in_flight) { .user = PASSED };
FIXTURE_VARIANT_ADD(module, persistent_area) { .user = PERSISTENCE };

FIXTURE_SETUP(module)
{
	int dev = device_open(O_RDWR);

	if (dev == -ENOENT)
		SKIP(return, "no " DEVICE ": load the module");
	ASSERT_GE(dev, 0);
	close(dev);
	if (geteuid() != 0)
		SKIP(return, "only root can unload the module");
	if (!find_module(self->path, sizeof(self->path)))
		SKIP(return, "no " MODULE ".ko to load again: set L4SHMC_MODULE");
	unique_name(self->name, "module");
	self->fd = -1;
	self->epoll = -1;
}

FIXTURE_TEARDOWN(module)
{
	/* Whatever has happened, those who come next need it. */
	load_module(self->path);
}

static int sleep_on(void *arg)
{
	FIXTURE_DATA(module) * self = arg;

	return signal_wait(self->fd, L4SHMC_TIMEOUT_NEVER) != 0;
}

/* Uses the module by @user and by nothing else; false if that cannot be. */
static bool use_module(FIXTURE_DATA(module) * self, enum user user)
{
	int dev = open_device();
	int handle = area_create(dev, self->name, DEFAULT_AREA_SIZE, 0600,
				 user == PERSISTENCE ? L4SHMC_CREATE_PERSISTENT : 0);
	int fd = area_attach(handle, "", 0), signal = signal_open(fd, "s", 0);
	int observer = area_attach(handle, "", L4SHMC_ATTACH_OBSERVER);
	int clients = signal_open(fd, L4SHMC_SIGNAL_CLIENTS, 0);
	int set = waitset_make(dev);
	const int kept[] = {
		[DEVICE_FD] = dev, [HANDLE_FD] = handle, [UNLINKED_HANDLE] = handle,
		[ATTACHMENT] = fd, [OBSERVER] = observer, [SIGNAL] = signal, [CLIENTS] = clients,
		[SLEEPER] = signal, [EPOLL] = signal, [WAIT_SET] = set, [BOUND_SET] = set,
		[PASSED] = handle,
	};
	bool ok = dev >= 0 && handle >= 0 && fd >= 0 && signal >= 0 && observer >= 0 &&
		  clients >= 0 && set >= 0 && chunk_add(fd, "c", 64) >= 0;

	if (user < ARRAY_SIZE(kept) && kept[user] > 0)
		self->fd = dup(kept[user]);
	if (user == BOUND_SET)
		ok = ok && waitset_bind(set, signal, 1) == 0;
	if (user == UNLINKED_HANDLE)
		ok = ok && area_unlink(handle, "") == 0;
	if (user == DATA || user == CONTROL) {
		self->size = user == DATA ? DEFAULT_AREA_SIZE : L4SHMC_CONTROL_SIZE;
		self->mapping = user == DATA ? map_data(fd, self->size, PROT_READ) :
					       map_control(fd, PROT_READ);
		ok = ok && self->mapping != MAP_FAILED;
	}
	close(dev);
	close(handle);
	close(fd);
	close(signal);
	close(observer);
	close(clients);
	close(set);
	return ok;
}

/* Some users are made of the descriptor that was kept for them. */
static bool hand_over(FIXTURE_DATA(module) * self, enum user user)
{
	struct epoll_event event = { .events = EPOLLIN };

	switch (user) {
	case SLEEPER:
		self->sleeper = spawn(sleep_on, self);
		if (!WAIT_UNTIL(signal_waiters(self->name, "s") == 1))
			return false;
		break;
	case EPOLL:
		/* The item needs its file: another process has it open. */
		self->epoll = epoll_create1(EPOLL_CLOEXEC);
		return epoll_ctl(self->epoll, EPOLL_CTL_ADD, self->fd, &event) == 0;
	case PASSED:
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, self->socks) ||
		    send_fd(self->socks[0], self->fd))
			return false;
		break;
	default:
		return true;
	}
	close(self->fd);
	self->fd = -1;
	return true;
}

static void let_go(FIXTURE_DATA(module) * self, enum user user)
{
	int dev;

	if (self->fd >= 0)
		close(self->fd);
	if (self->epoll >= 0)
		close(self->epoll);
	if (self->mapping)
		munmap(self->mapping, self->size);
	if (self->sleeper)
		kill_child(self->sleeper);
	if (user == PASSED) {
		close(self->socks[0]);
		close(self->socks[1]);
	}
	if (user == PERSISTENCE) {
		dev = device_open(O_RDWR);
		area_unlink(dev, self->name);
		close(dev);
	}
}

/* Does it keep the area, and has that its name? */
static bool keeps_the_name(enum user user)
{
	return user != DEVICE_FD && user != UNLINKED_HANDLE && user != WAIT_SET;
}

TEST_F(module, attack_29_stays_while_it_is_used)
{
	ASSERT_TRUE(use_module(self, variant->user));
	ASSERT_TRUE(hand_over(self, variant->user));
	if (variant->user != NOBODY) {
		for (unsigned int i = 0; i < 3; i++)
			EXPECT_ERR(EWOULDBLOCK, unload_module());
		/* Trying has done no harm. */
		EXPECT_EQ(0, access(DEVICE, F_OK));
		EXPECT_EQ(keeps_the_name(variant->user), sysfs_has(self->name));
	}
	let_go(self, variant->user);
	EXPECT_FALSE(sysfs_has(self->name));
	ASSERT_EQ(0, unload_module());
	EXPECT_NE(0, access(DEVICE, F_OK));
	EXPECT_NE(0, access(SYSFS, F_OK));
	ASSERT_EQ(0, load_module(self->path));
	ASSERT_TRUE(use_module(self, NOBODY));
}

FIXTURE(cycle)
{
	FIXTURE_DATA(module) module;
};

FIXTURE_SETUP(cycle)
{
	module_setup(_metadata, &self->module, NULL);
}

FIXTURE_TEARDOWN(cycle)
{
	load_module(self->module.path);
}

TEST_F_TIMEOUT(cycle, attack_64_load_use_unload, 36000)
{
	for (unsigned int i = rounds(20); i > 0; i--) {
		ASSERT_TRUE(use_module(&self->module, NOBODY));
		ASSERT_EQ(0, unload_module());
		ASSERT_ERR(ENOENT, unload_module());
		ASSERT_EQ(0, load_module(self->module.path));
		ASSERT_ERR(EEXIST, load_module(self->module.path));
	}
}

/* An open file below /sys does not keep it, and tells nothing afterwards. */
TEST_F(cycle, with_an_attribute_open)
{
	FIXTURE_DATA(module) * module = &self->module;
	char path[512], byte;
	int dev = open_device(), fd;
	int handle = area_create(dev, module->name, 1, 0600, 0);

	ASSERT_GE(handle, 0);
	snprintf(path, sizeof(path), SYSFS "/%s/size", module->name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	close(handle);
	close(dev);
	ASSERT_EQ(0, unload_module());
	EXPECT_EQ(-1, read(fd, &byte, 1));
	ASSERT_EQ(0, load_module(module->path));
	EXPECT_EQ(-1, read(fd, &byte, 1));
	close(fd);
}

/* Killed in the middle of everything, a process keeps nothing. */
TEST_F(cycle, after_a_kill)
{
	FIXTURE_DATA(module) * module = &self->module;

	for (unsigned int i = rounds(10); i > 0; i--) {
		pid_t pid = fork();

		if (pid == 0) {
			while (1)
				use_module(module, i % 2 ? CONTROL : DATA);
		}
		ASSERT_TRUE(WAIT_UNTIL(sysfs_has(module->name)));
		kill_child(pid);
		ASSERT_EQ(0, unload_module());
		ASSERT_EQ(0, load_module(module->path));
	}
}

TEST_HARNESS_MAIN
